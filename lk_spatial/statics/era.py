"""The load that a roof was designed for, by the year of its design: ČSN 73 0035 and its successors."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.errors import InputError
from lk_spatial.core.tables import record_use
from lk_spatial.core.text import Text
from lk_spatial.statics.checks import number
from lk_spatial.statics.combination import MOST_G
from lk_spatial.statics.constants import ERAS, rows
from lk_spatial.statics.interval import Floats
from lk_spatial.statics.snow import old_roof_snow_load, roof_snow_load

LIGHT_PITCH = 30.0  # [deg] the factor of light roofs is printed up to here
FIRST_YEAR, LAST_YEAR = 1000.0, 2200.0


class Era(NamedTuple):
    """A code and the years in which roofs were designed by it; ``main`` False: optional beside a main one.

    ``zones``: old or new map of snow, empty where no design load can be recovered. Factors [-]; ``spread``: share of
    the load by which it may be lower or higher.
    """

    id: str
    first: float
    last: float
    title: Text
    main: bool
    zones: str
    shape: str
    gamma_dead: float
    gamma_snow: float
    kappa_light: float
    xi: float
    spread: float


class BuildLoad(NamedTuple):
    """Design load at the time of building, low, typical and high [kN/m2].

    ``complete`` False: the year may lie in a time whose design load nobody knows, the range does not cover it.
    ``gamma_dead``: least factor of the permanent load among the possible codes [-], by which the loads move with it.
    """

    low: Floats
    typ: Floats
    high: Floats
    complete: NDArray[np.bool_]
    gamma_dead: Floats


def eras() -> tuple[Era, ...]:
    """All codes in the order of time, from ``design_eras``."""
    record_use(ERAS)
    return _eras()


def possible_eras(first_year: ArrayLike, last_year: ArrayLike | None = None) -> NDArray[np.bool_]:
    """Which of ``eras`` a design from ``first_year`` to ``last_year`` may follow, (eras, …); an unknown year: all.

    ``last_year`` by default the same year. Raises InputError for years outside 1000–2200 and a last before the first.

    >>> [era.id for era, may in zip(eras(), possible_eras(1988), strict=True) if may]
    ['E2', 'E3']
    """
    first = number("first_year", first_year, FIRST_YEAR, LAST_YEAR, above=True)
    last = first if last_year is None else number("last_year", last_year, FIRST_YEAR, LAST_YEAR, above=True)
    if (first > last).any():
        raise InputError("statics_years_reversed", first=str(first_year), last=str(last_year))
    first, last = np.broadcast_arrays(np.where(np.isnan(first), -np.inf, first), np.where(np.isnan(last), np.inf, last))
    return np.array([(era.first <= last) & (era.last >= first) for era in eras()])


def era_load(
    era: Era,
    gk: ArrayLike,
    s0: ArrayLike,
    sk: ArrayLike,
    pitch: ArrayLike = 0.0,
    *,
    light: ArrayLike = np.nan,
    psi0: ArrayLike = 0.5,
) -> tuple[Floats, Floats]:
    """Least and greatest design load by one code [kN/m2]; the snow that it does not use may be NaN.

    ``gk`` permanent load, ``s0`` old and ``sk`` new snow on the ground [kN/m2], ``pitch`` [deg], ``light`` 1, 0 or NaN:
    unknown, and pitches above 30°, count with and without the factor of light roofs. Arrays broadcast; NaN in, NaN out.
    Raises InputError for negative loads and a code without load.
    """
    if not era.zones:
        raise InputError("statics_era_without_load", era=era.title)
    dead, psi = number("gk", gk, 0.0, MOST_G), number("psi0", psi0, 0.0, 1.0)
    angle, is_light = number("pitch", pitch, 0.0, 90.0), number("light", light, 0.0, 1.0)
    if era.shape == "mu1":
        snow = np.asarray(roof_snow_load(s0 if era.zones == "old" else sk, angle))
    else:
        snow = np.asarray(old_roof_snow_load(s0, angle))
    surely, maybe = (is_light == 1.0) & (angle <= LIGHT_PITCH), is_light != 0.0
    found = []
    for kappa, spread in ((np.where(surely, era.kappa_light, 1.0), -1), (np.where(maybe, era.kappa_light, 1.0), 1)):
        variable = era.gamma_snow * kappa * snow
        load = np.maximum(era.gamma_dead * dead + psi * variable, era.xi * era.gamma_dead * dead + variable)
        found.append(np.asarray(load * (1.0 + spread * era.spread))[()])
    return found[0], found[1]


def build_load(
    gk: ArrayLike,
    s0: ArrayLike,
    sk: ArrayLike,
    pitch: ArrayLike = 0.0,
    *,
    first_year: ArrayLike,
    last_year: ArrayLike | None = None,
    light: ArrayLike = np.nan,
    psi0: ArrayLike = 0.5,
) -> BuildLoad:
    """Design load at the time of building by the year of design [kN/m2]; an unknown year gives the envelope.

    Loads, ``pitch`` and ``light`` as in ``era_load``; years as in ``possible_eras``: the range from ``first_year`` to
    ``last_year`` covers what a year of completion hides. Typical: mean over the main codes that are possible. NaN where
    every possible code is without load (before 1950) and where a possible one lacks its snow: unknown stays unknown.

    >>> load = build_load(0.35, 1.0, 1.5, first_year=1980, light=1)
    >>> round(float(load.low), 3), bool(load.complete)
    (1.785, True)
    """
    may = possible_eras(first_year, last_year)
    shape = np.broadcast_shapes(may.shape[1:], *(np.shape(each) for each in (gk, s0, sk, pitch, light, psi0)))
    low, high = np.full(shape, np.inf), np.full(shape, -np.inf)
    total, count, complete = np.zeros(shape), np.zeros(shape), np.ones(shape, dtype=bool)
    gamma = np.full(shape, np.inf)
    for era, mask in zip(eras(), may, strict=True):
        if not era.zones:
            complete &= ~mask
            continue
        least, most = era_load(era, gk, s0, sk, pitch, light=light, psi0=psi0)
        low = np.where(mask, np.minimum(low, least), low)
        high = np.where(mask, np.maximum(high, most), high)
        gamma = np.where(mask, np.minimum(gamma, era.xi * era.gamma_dead), gamma)
        if era.main:
            total, count = total + np.where(mask, (least + most) / 2.0, 0.0), count + mask
    none = count == 0.0
    typ = total / np.where(none, np.nan, count)
    low, high, gamma = (np.where(none, np.nan, each) for each in (low, high, gamma))
    return BuildLoad(low[()], typ[()], high[()], complete[()], gamma[()])


@cache
def _eras() -> tuple[Era, ...]:
    return tuple(_read())


def _read() -> Iterator[Era]:
    for row in rows(ERAS):
        years = float(row["from"][:4] or "-inf"), float(row["to"][:4] or "inf")
        names = ("gamma_dead", "gamma_snow", "kappa_light", "xi", "spread")
        factors = [float(row[name] or "nan") for name in names]
        title = Text(row["en"], row["cs"])
        yield Era(row["era"], *years, title, row["main"] == "yes", row["map"], row["shape"], *factors)
