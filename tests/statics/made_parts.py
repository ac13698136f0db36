"""Roof parts of the tests: those of the facts' table, and random ones."""

from typing import Any

import numpy as np

from lk_spatial.statics.interval import Triple, known, triple
from lk_spatial.statics.reserve import INPUTS, Roofs, eurocode, one_combination, roof_parts


def csn_part(
    s0: Any, sk: Any, g: Any = 0.35, pv: Any = 0.0, kappa: float = 1.2, rho_r: float = 1.0, u0: float = 1.0
) -> Roofs:
    """Parts designed by ČSN 73 0035, known exactly, as in the facts' table of total utilisations."""
    exact = {"g": known(g), "snow": known(0.8 * np.asarray(sk)), "snow_build": known(s0), "pv": known(pv)}
    return roof_parts(
        **exact,
        kappa=known(kappa),
        rho_r=known(rho_r),
        u0=known(u0),
        today=eurocode(),
        build=one_combination(1.1, 1.4),
    )


def random_parts(n: int = 40, seed: int = 0, wide: float = 1.0) -> Roofs:
    """Parts with every input in a range; half of them designed by the Eurocodes, some heavy."""
    rng = np.random.default_rng(seed)

    def some(low: float, high: float, spread: float) -> Triple:
        middle = rng.uniform(low, high, n)
        down, up = (wide * spread * rng.uniform(0, 1, n) for _ in range(2))
        return triple(middle - down, middle, middle + up)

    heavy = rng.random(n) < 0.4
    g = some(0.3, 0.6, 0.12)
    en = rng.random(n) < 0.5
    build = one_combination(1.1, 1.4)._replace(
        dead_a=np.where(en, 1.35, 1.1),
        snow_a=np.where(en, 0.75, 1.4),
        dead_b=np.where(en, 1.1475, 1.1),
        snow_b=np.where(en, 1.5, 1.4),
    )
    return roof_parts(
        g=Triple(*(np.where(heavy, 7.0 * each, each) for each in g)),
        g_added=some(0.0, 0.2, 0.15),
        snow=some(0.6, 2.0, 0.3),
        snow_build=some(0.6, 1.5, 0.3),
        kappa=some(1.0, 1.2, 0.1),
        u0=some(0.8, 0.95, 0.15),
        rho_r=some(1.0, 1.12, 0.1),
        condition=some(0.85, 1.0, 0.1),
        k_fi=some(0.95, 1.05, 0.05),
        pv=some(0.06, 0.25, 0.05),
        today=eurocode(rng.choice([0.5, 0.7], n)),
        build=build,
    )


def inside(parts: Roofs, rng: np.random.Generator) -> Roofs:
    """The parts with every input known: somewhere in its range, often at an end."""
    exact = {}
    for name in INPUTS:
        each = getattr(parts, name)
        share = np.clip(rng.uniform(-0.5, 1.5, each.mean.shape), 0.0, 1.0)
        exact[name] = known(each.low + share * (each.high - each.low))
    return Roofs(**(parts._asdict() | exact))
