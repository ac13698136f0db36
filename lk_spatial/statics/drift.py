"""Drifted snow: at taller neighbours (EN 1991-1-3, 5.3.6), at parapets (6.2), and annex B.

Annex B holds the exceptional cases. They are not used in Czech screening; they are here so that published cases that
use them can be recomputed.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lk_spatial.statics.checks import number
from lk_spatial.statics.constants import SNOW_RULES, constant
from lk_spatial.statics.ground import MOST_SK
from lk_spatial.statics.interval import Floats
from lk_spatial.statics.snow import shape_coefficient

MOST_M = 1e3  # widths and heights of buildings


class Drift(NamedTuple):
    """A drift: coefficients at its foot of what slid (``mu_slide``) and what blew (``mu_wind``) and of both [-].

    ``load`` there [kN/m2], ``length`` [m] over which it falls to the load of the roof, and ``mu_end`` [-] at the end
    of the lower roof, above μ1 where the roof is shorter than the drift.
    """

    mu_slide: Floats
    mu_wind: Floats
    mu: Floats
    load: Floats
    length: Floats
    mu_end: Floats


def neighbour_drift(
    sk: ArrayLike,
    step_m: ArrayLike,
    upper_m: ArrayLike,
    lower_m: ArrayLike,
    *,
    upper_pitch: ArrayLike = 0.0,
    slope_m: ArrayLike | None = None,
    pitch: ArrayLike = 0.0,
) -> Drift:
    """Snow on a roof at the foot of a taller one; EN 1991-1-3, 5.3.6 with the Czech Z2/2010.

    ``step_m`` height of the upper eaves above the roof [m], ``upper_m`` and ``lower_m`` widths of both buildings [m],
    ``upper_pitch`` [deg] of the slope that faces the roof, ``slope_m`` its width in plan [m] (by default the whole
    upper building, the careful side), ``pitch`` of the lower roof [deg]. Wind: (b1 + b2) / 2h, at most γ h / sk,
    within 0.8 to 4. Slid snow: 0.8 b1s / ls where the upper pitch is above 15°. Arrays broadcast; NaN in, NaN out.
    Raises InputError for negative sizes.

    >>> drift = neighbour_drift(0.65, 3.0, 10.0, 40.0)
    >>> round(float(drift.load), 2), float(drift.length)
    (2.6, 6.0)
    """
    ground, step = number("sk", sk, 0.0, MOST_SK), number("step_m", step_m, 0.0, MOST_M)
    upper, lower = number("upper_m", upper_m, 0.0, MOST_M), number("lower_m", lower_m, 0.0, MOST_M)
    slope = upper if slope_m is None else number("slope_m", slope_m, 0.0, MOST_M)
    steep = number("upper_pitch", upper_pitch, 0.0, 90.0)
    length = drift_length(step)
    blown = np.minimum(_over(upper + lower, 2.0 * step), _filled(ground, step))
    wind = np.clip(blown, constant(SNOW_RULES, "drift_mu_low"), constant(SNOW_RULES, "drift_mu_high"))
    slid = np.where(
        steep > constant(SNOW_RULES, "slide_pitch"), constant(SNOW_RULES, "slide_factor") * slope / length, 0.0 * steep
    )
    mu = wind + slid
    flat = shape_coefficient(pitch)
    part = np.minimum(_over(lower, length), 1.0)
    end = np.maximum(mu + (flat - mu) * part, flat)
    return Drift(*(each[()] for each in np.broadcast_arrays(slid, wind, mu, mu * ground, length, end)))


def parapet_drift(sk: ArrayLike, height_m: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Drift behind a parapet or obstruction: coefficient [-], load [kN/m2] and length [m]; EN 1991-1-3, 6.2.

    γ h / sk within 0.8 and 2.0, over twice the height, 5 to 15 m. Arrays broadcast; NaN in, NaN out. Raises
    InputError for negative values.

    >>> [round(float(each), 2) for each in parapet_drift(1.5, 0.9)]
    [1.2, 1.8, 5.0]
    """
    ground, height = number("sk", sk, 0.0, MOST_SK), number("height_m", height_m, 0.0, MOST_M)
    low, high = constant(SNOW_RULES, "parapet_mu_low"), constant(SNOW_RULES, "parapet_mu_high")
    mu = np.clip(_filled(ground, height), low, high)
    length = drift_length(height) + 0.0 * ground
    return mu[()], (mu * ground)[()], length[()]


def drift_length(height_m: ArrayLike) -> Floats:
    """Length of a drift at a step or parapet of this height [m]: twice as long, 5 to 15 m. NaN in, NaN out."""
    height = number("height_m", height_m, 0.0, MOST_M)
    low, high = constant(SNOW_RULES, "drift_length_low"), constant(SNOW_RULES, "drift_length_high")
    return np.clip(constant(SNOW_RULES, "drift_length_per_m") * height, low, high)[()]


def exceptional_ground_snow(sk: ArrayLike, factor: ArrayLike | None = None) -> Floats:
    """Exceptional snow on the ground [kN/m2]: ``factor`` (Cesl, 2.0) times sk. Not used in Czech screening."""
    factor = constant(SNOW_RULES, "exceptional_factor") if factor is None else number("factor", factor, 1.0, 10.0)
    return (number("sk", sk, 0.0, MOST_SK) * factor)[()]


def exceptional_parapet_drift(
    sk: ArrayLike, height_m: ArrayLike, b1_m: ArrayLike, b2_m: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Exceptional drift behind a parapet: coefficient [-], load [kN/m2], length [m]; annex B. Not used in screening.

    The least of 2 h / sk, 2 b2 / ls and 8, over the least of 5 h, ``b1_m`` and 15 m. Arrays broadcast; NaN in, NaN out.
    Raises InputError for negative values and for a width of 0.
    """
    ground, height = number("sk", sk, 0.0, MOST_SK), number("height_m", height_m, 0.0, MOST_M, above=True)
    first, second = (number(name, b, 0.0, MOST_M, above=True) for name, b in (("b1_m", b1_m), ("b2_m", b2_m)))
    most = constant(SNOW_RULES, "drift_length_high")
    length = np.minimum(np.minimum(constant(SNOW_RULES, "exceptional_length_per_m") * height, first), most)
    by_width = np.minimum(2.0 * second / length, constant(SNOW_RULES, "exceptional_mu_high"))
    mu = np.minimum(_filled(ground, height), by_width)
    return mu[()], (mu * ground)[()], (length + 0.0 * mu)[()]


def _filled(ground: Floats, height: Floats) -> Floats:
    """Coefficient of snow that fills the height: γ h / sk [-]."""
    return _over(constant(SNOW_RULES, "snow_weight") * height, ground)


def _over(above: Floats, below: Floats) -> Floats:
    """A quotient that is endless over 0 and 0 for 0 / 0."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = np.asarray(above / below)
    return np.where((above == 0.0) & (below == 0.0), 0.0, found)
