"""Snow on roofs, EN 1991-1-3, 5.3: pitch, guards, duopitch and multispan cases; raised rows of modules.

Modules parallel to a pitched roof take nothing off: glass may shed snow, rails and hooks hold it. Where guards are
added with them, ``guards=True`` gives the load that comes.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.tables import record_use
from lk_spatial.statics.checks import number
from lk_spatial.statics.constants import SNOW_RULES, SNOW_SHAPES, constant, rows
from lk_spatial.statics.ground import MOST_SK
from lk_spatial.statics.interval import Floats


class RaisedRows(NamedTuple):
    """Snow at raised rows of modules: coefficient [-], load [kN/m2] and the length that it covers [m]."""

    mu: Floats
    load: Floats
    length: Floats


def shape_coefficient(pitch: ArrayLike, shape: str = "mu1") -> Floats:
    """Shape coefficient of roof snow by pitch [deg], [-]; ``shape`` mu1, mu2 (valleys) or csn_73_0035.

    NaN in, NaN out; NaN beyond the table's last pitch (mu2 above 60°). Raises InputError for a pitch outside 0–90.

    >>> [round(float(shape_coefficient(pitch)), 3) for pitch in (30, 35, 45, 60)]
    [0.8, 0.667, 0.4, 0.0]
    """
    angle = number("pitch", pitch, 0.0, 90.0)
    record_use(SNOW_SHAPES)
    known, mu = _shape(shape)
    return np.asarray(np.interp(angle, known, mu, right=np.nan))[()]


def roof_snow_load(
    sk: ArrayLike, pitch: ArrayLike, *, ce: ArrayLike = 1.0, ct: ArrayLike = 1.0, guards: ArrayLike = False
) -> Floats:
    """Snow on a roof [kN/m2] by snow on the ground ``sk`` [kN/m2] and ``pitch`` [deg]: μ1 ce ct sk.

    ``ce`` exposure, ``ct`` thermal coefficient [-]; ``guards``: snow cannot slide off (guards, parapets), the
    coefficient is at least 0.8. Arrays broadcast; NaN in, NaN out. Raises InputError for a negative load, a pitch
    outside 0–90 and the like. EN 1991-1-3, 5.2 and figure 5.1.

    >>> float(roof_snow_load(2.0, 10)), round(float(roof_snow_load(2.0, 45, guards=True)), 3)
    (1.6, 1.6)
    """
    return (np.maximum(shape_coefficient(pitch), _held(guards)) * _ground(sk, ce, ct))[()]


def duopitch_snow_load(
    sk: ArrayLike,
    pitch: ArrayLike,
    other_pitch: ArrayLike | None = None,
    *,
    ce: ArrayLike = 1.0,
    ct: ArrayLike = 1.0,
    guards: ArrayLike = False,
) -> Floats:
    """The three cases of a duopitch roof, (3, 2, …) [kN/m2]: even, less on the first side, less on the other.

    The second axis is the two sides, ``other_pitch`` [deg] by default as ``pitch``; else as ``roof_snow_load``.
    EN 1991-1-3, 5.3.3.
    """
    half = constant(SNOW_RULES, "half")
    first = roof_snow_load(sk, pitch, ce=ce, ct=ct, guards=guards)
    second = first if other_pitch is None else roof_snow_load(sk, other_pitch, ce=ce, ct=ct, guards=guards)
    first, second = np.broadcast_arrays(first, second)
    return np.array([[first, second], [half * first, second], [first, half * second]])


def valley_snow_load(
    sk: ArrayLike, pitch: ArrayLike, other_pitch: ArrayLike | None = None, *, ce: ArrayLike = 1.0, ct: ArrayLike = 1.0
) -> Floats:
    """Drifted snow in the valley between two pitches [deg] of a multispan roof [kN/m2]: μ2 of their mean.

    At the ridges it is ``roof_snow_load``. NaN in, NaN out, NaN above 60°. EN 1991-1-3, 5.3.4.
    """
    first = number("pitch", pitch, 0.0, 90.0)
    second = first if other_pitch is None else number("other_pitch", other_pitch, 0.0, 90.0)
    return (shape_coefficient((first + second) / 2.0, "mu2") * _ground(sk, ce, ct))[()]


def raised_rows_snow(
    sk: ArrayLike, pitch: ArrayLike, height_m: ArrayLike, field_m: ArrayLike = np.nan, *, guards: ArrayLike = False
) -> RaisedRows:
    """Snow at rows of modules raised by ``height_m`` [m] on a roof up to 10°: μ5 of DIN EN 1991-1-3/NA:2019-04.

    German and informative only. min(1, 2 h / sk), never below μ1, a tenth more above 0.5 m, over the length of the
    field of modules ``field_m`` [m] and twice the height. Steeper roofs and unknowns give NaN. Raises InputError as
    ``roof_snow_load``.

    >>> round(float(raised_rows_snow(0.7, 0, 0.3).mu), 3)
    0.857
    """
    ground, height = number("sk", sk, 0.0, MOST_SK), number("height_m", height_m, 0.0, 10.0)
    rule = {name: constant(SNOW_RULES, f"din_{name}") for name in ("mu_high", "snow_weight", "tall", "tall_factor")}
    least = np.maximum(shape_coefficient(pitch), _held(guards))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        filled = np.where(ground > 0.0, rule["snow_weight"] * height / ground, np.where(ground == 0.0, 0.0, np.nan))
    mu = np.maximum(np.minimum(rule["mu_high"], filled), least)
    mu = np.where(height > rule["tall"], rule["tall_factor"] * mu, mu)
    mu = np.where(number("pitch", pitch, 0.0, 90.0) <= constant(SNOW_RULES, "din_pitch"), mu, np.nan)
    length = number("field_m", field_m, 0.0, 1e4) + 2.0 * height
    return RaisedRows(mu[()], (mu * ground)[()], np.asarray(length)[()])


def old_roof_snow_load(s0: ArrayLike, pitch: ArrayLike, *, kappa: ArrayLike = 1.0) -> Floats:
    """Snow on a roof by ČSN 73 0035 [kN/m2]: s0 μs κ, ``kappa`` 1.2 for light roofs [-]. NaN in, NaN out."""
    ground = number("s0", s0, 0.0, MOST_SK)
    return (ground * shape_coefficient(pitch, "csn_73_0035") * number("kappa", kappa, 1.0, 2.0))[()]


def _held(guards: ArrayLike) -> Floats:
    """Coefficient below which guards do not let it fall [-]; NaN where they are unknown."""
    return number("guards", guards, 0.0, 1.0) * constant(SNOW_RULES, "guard_mu")


def _ground(sk: ArrayLike, ce: ArrayLike, ct: ArrayLike) -> Floats:
    exposure, thermal = (number(name, value, 0.0, 2.0, above=True) for name, value in (("ce", ce), ("ct", ct)))
    return number("sk", sk, 0.0, MOST_SK) * exposure * thermal


@cache
def _shape(shape: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    points = [(float(row["pitch_deg"]), float(row["mu"])) for row in rows(SNOW_SHAPES) if row["shape"] == shape]
    pitch, mu = np.array(points).T
    return pitch, mu
