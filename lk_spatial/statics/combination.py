"""Combination of loads by EN 1990, consequence classes, and the load of modules that a resistance permits."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lk_spatial.statics.checks import by_code, number
from lk_spatial.statics.constants import ASSEMBLY, COMBINATION, CONSEQUENCE, constant, numbers, rows
from lk_spatial.statics.interval import Floats, Triple

MOST_G = 100.0  # [kN/m2] four metres of concrete
MOST_S = 200.0  # [kN/m2] the greatest snow on the ground with the greatest drift


class DesignLoad(NamedTuple):
    """Design load by EN 1990 6.10a and 6.10b and the greater of both [kN/m2]."""

    by_a: Floats
    by_b: Floats
    load: Floats


def snow_psi0(altitude_m: ArrayLike) -> Floats:
    """ψ0 of snow by altitude [m], [-]: 0.5 up to 1000 m, 0.7 above; EN 1990, table A1.1. NaN in, NaN out.

    >>> [float(snow_psi0(altitude)) for altitude in (374, 1000, 1012)]
    [0.5, 0.5, 0.7]
    """
    altitude = number("altitude_m", altitude_m, -100.0, 3000.0)
    low, high = constant(COMBINATION, "psi0_snow_low"), constant(COMBINATION, "psi0_snow_high")
    found = np.where(altitude <= constant(COMBINATION, "psi0_altitude"), low, high)
    return np.where(np.isnan(altitude), np.nan, found)[()]


def consequence_factor(consequence_class: Any, use: Any = None) -> Triple:
    """Factor of actions K_FI by consequence class CC1–CC3 [-], low, typical and high; texts or arrays.

    Unknown class: 1.0–1.1 for uses with many people, 0.9–1.0 for others, 0.9–1.1 where that is unknown, typically 1.0.
    Raises InputError for unknown codes. EN 1990, B3.3.

    >>> [float(value) for value in consequence_factor(None, "school")]
    [1.0, 1.0, 1.1]
    """
    factors = numbers(CONSEQUENCE, "consequence_class", "k_fi")
    stated = by_code("consequence_class", consequence_class, factors)
    crowd = {row["use"]: {"yes": 1.0, "no": 0.0}.get(row["assembly"], np.nan) for row in rows(ASSEMBLY)}
    stated, crowded = np.broadcast_arrays(stated, by_code("use", use, crowd))
    low = np.where(crowded == 1.0, factors["CC2"], factors["CC1"])
    high = np.where(crowded == 0.0, factors["CC2"], factors["CC3"])
    unknown = np.isnan(stated)
    return Triple(*(np.where(unknown, guess, stated)[()] for guess in (low, factors["CC2"], high)))


def design_load(gk: ArrayLike, roof_snow: ArrayLike, *, psi0: ArrayLike = 0.5, k_fi: ArrayLike = 1.0) -> DesignLoad:
    """Design load of permanent load ``gk`` and snow on the roof [kN/m2]; EN 1990 6.10a and 6.10b, the greater.

    ``psi0`` of snow, ``k_fi`` factor of the consequence class [-]. 6.10a governs heavy roofs with little snow. Arrays
    broadcast; NaN in, NaN out. Raises InputError for negative loads.

    >>> [round(float(value), 4) for value in design_load(0.35, 1.6)]
    [1.6725, 2.8016, 2.8016]
    """
    dead, snow = number("gk", gk, 0.0, MOST_G), number("roof_snow", roof_snow, 0.0, MOST_S)
    psi, factor = number("psi0", psi0, 0.0, 1.0), number("k_fi", k_fi, 0.5, 2.0)
    gamma_g, gamma_q, xi = (constant(COMBINATION, name) for name in ("gamma_g", "gamma_q", "xi"))
    by_a = factor * (gamma_g * dead + gamma_q * psi * snow)
    by_b = factor * (gamma_g * xi * dead + gamma_q * snow)
    return DesignLoad(by_a[()], by_b[()], np.maximum(by_a, by_b)[()])


def permissible_load(
    resistance: ArrayLike,
    gk: ArrayLike,
    sk_roof: ArrayLike,
    *,
    psi0: ArrayLike = 0.5,
    k_fi: ArrayLike = 1.0,
) -> Floats:
    """Characteristic permanent load that may be added [kN/m2], the smaller of EN 1990 6.10a and 6.10b.

    ``resistance`` design load that the roof can carry, ``gk`` its permanent load, ``sk_roof`` snow on the roof [kN/m2],
    ``psi0`` of snow and ``k_fi`` factor of the consequence class [-]. Negative where the roof lacks this much even
    without modules. Arrays broadcast; NaN in, NaN out. Raises InputError for negative loads.

    >>> round(float(permissible_load(4.0, 0.5, 1.6)), 4)
    0.8943
    """
    carried = number("resistance", resistance, 0.0, 1e4) / number("k_fi", k_fi, 0.5, 2.0)
    load = design_load(gk, sk_roof, psi0=psi0)
    gamma_g, xi = constant(COMBINATION, "gamma_g"), constant(COMBINATION, "xi")
    return np.minimum((carried - load.by_a) / gamma_g, (carried - load.by_b) / (gamma_g * xi))[()]
