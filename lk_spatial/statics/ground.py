"""Snow on the ground: zones of both Czech codes, return periods, kilograms and water."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lk_spatial.core.errors import InputError
from lk_spatial.statics.checks import by_code, number
from lk_spatial.statics.constants import (
    SNOW_DENSITY,
    SNOW_RULES,
    SNOW_ZONES,
    SNOW_ZONES_OLD,
    constant,
    numbers,
)
from lk_spatial.statics.interval import Floats

GRAVITY = 9.80665  # [m/s2]
MOST_SK = 50.0  # [kN/m2] the least value of a zone in kg/m², 56, is more
EULER = 0.57722
ALIKE = {"I": "I", "II": "II", "III": "III", "IV": "IV", "V": "V", "VI": "V", "VII": "V", "VIII": "V"}


class GroundSnow(NamedTuple):
    """Characteristic snow on the ground [kN/m2], NaN where the zone gives no number, and what it exceeds [kN/m2]."""

    value: Floats
    above: Floats


def ground_snow(zone: Any, *, edition: str = "2006") -> GroundSnow:
    """Snow on the ground by zone (text or array of texts) [kN/m2].

    ``edition`` "2006": sk of ČSN EN 1991-1-3 (50 years), "1988": s0 of ČSN 73 0035 (10 years). Zone VIII, the old zone
    V and unknown zones (None, NaN) give NaN; ``above`` then is the bound that the map states, NaN where it states none.
    Raises InputError for another text, such as a zone of the other edition or "IV-V".

    >>> float(ground_snow("IV").value), float(ground_snow("V", edition="1988").above)
    (2.0, 1.5)
    """
    tables = {"2006": SNOW_ZONES, "1988": SNOW_ZONES_OLD}
    if edition not in tables:
        raise InputError("statics_code_unknown", name="edition", got=edition, expected=list(tables))
    name = "snow_zone" if edition == "2006" else "snow_zone_old"
    value, above = (by_code(name, zone, numbers(tables[edition], "zone", c)) for c in ("value_kn_m2", "above_kn_m2"))
    return GroundSnow(value, above)


def likely_old_zone(zone: Any) -> Any:
    """The zone of ČSN 73 0035 that most likely was there before: that of the same number, V for all above IV.

    An inference (10-year against 50-year values of like maps), to be told as such. None where the zone is unknown.
    Raises InputError as ``ground_snow``.
    """
    ground_snow(zone)
    found = np.vectorize(lambda code: ALIKE.get(str(code).strip()), otypes=[object])(np.asarray(zone, dtype=object))
    return found[()]


def return_period_factor(years: ArrayLike, *, v: float | None = None) -> Floats:
    """Snow with a return period over that of 50 years [-]; EN 1991-1-3, D.1 (Gumbel). NaN in, NaN out.

    ``v`` variation of yearly maxima [-], by default that of the table. Raises InputError below 5 years, where the
    formula does not hold.

    >>> round(float(return_period_factor(10)), 3)
    0.698
    """
    period = number("years", years, 5.0, 1e5)
    v = constant(SNOW_RULES, "gumbel_v") if v is None else float(number("v", v, 0.0, 2.0))
    reduced = np.log(-np.log1p(-1.0 / period)) + EULER
    at_50 = np.log(-np.log1p(-1.0 / 50.0)) + EULER
    scale = v * np.sqrt(6.0) / np.pi
    return np.asarray((1.0 - scale * reduced) / (1.0 - scale * at_50))[()]


def snow_load_of_mass(mass_kg_m2: ArrayLike) -> Floats:
    """Load of a mass on each square metre [kN/m2]; 1 mm of water equivalent is 1 kg/m². NaN in, NaN out.

    >>> round(float(snow_load_of_mass(102)), 3)
    1.0
    """
    return (number("mass_kg_m2", mass_kg_m2, 0.0, 1e5) * GRAVITY / 1000.0)[()]


def mass_of_load(load_kn_m2: ArrayLike) -> Floats:
    """Mass that weighs a load [kg/m2]. NaN in, NaN out."""
    return (number("load_kn_m2", load_kn_m2, 0.0, 1e3) * 1000.0 / GRAVITY)[()]


def snow_load_of_depth(depth_m: ArrayLike, state: str) -> tuple[Floats, Floats]:
    """Least and greatest load of snow of a depth [kN/m2]; EN 1991-1-3, table E.1. NaN in, NaN out.

    ``state``: fresh, settled, old or wet; raises InputError for others.
    """
    depth = number("depth_m", depth_m, 0.0, 20.0)
    low, high = (numbers(SNOW_DENSITY, "state", column) for column in ("low_kn_m3", "high_kn_m3"))
    if state not in low:
        raise InputError("statics_code_unknown", name="state", got=str(state), expected=list(low))
    return (depth * low[state])[()], (depth * high[state])[()]


def plausible_ground_snow(altitude_m: ArrayLike) -> tuple[Floats, Floats]:
    """A band of snow on the ground by altitude [kN/m2], only to catch slips of units; never a value to reckon with.

    EN 1991-1-3, annex C, Central East, Z = 1 and 3; Czechia uses zones or the digital map. NaN in, NaN out.
    """
    rise = 1.0 + (number("altitude_m", altitude_m, -100.0, 3000.0) / 256.0) ** 2
    return ((0.264 - 0.002) * rise)[()], ((3 * 0.264 - 0.002) * rise)[()]
