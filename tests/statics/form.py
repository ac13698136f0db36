"""First-order reliability (Hasofer–Lind, Rackwitz–Fiessler) of a roof's year under snow, written apart."""

import numpy as np
from scipy import stats

V_G, V_R, V_MODEL, V_C, V_S, MU = 0.10, 0.10, 0.05, 0.2, 0.6, 0.8


def _lognormal(mean: float, v: float) -> stats.rv_continuous:
    width = np.sqrt(np.log1p(v * v))
    return stats.lognorm(width, scale=mean * np.exp(-0.5 * width**2))


def form_beta(design_resistance: float, g: float, snow_p98: float, pv: float) -> float:
    """Index of the limit state R - theta (G + PV + mu C S), S the annual maximum of Gumbel type."""
    unit = stats.gumbel_r(loc=1.0 - 0.5772156649015329 * V_S * np.sqrt(6) / np.pi, scale=V_S * np.sqrt(6) / np.pi)
    mean = snow_p98 / unit.ppf(0.98)
    each = [
        _lognormal(1.2 * design_resistance, V_R),
        _lognormal(1.0, V_MODEL),
        stats.norm(g, V_G * g),
        _lognormal(1.0, V_C),
        stats.gumbel_r(loc=mean * unit.kwds["loc"], scale=mean * unit.kwds["scale"]),
    ]

    def state(u: np.ndarray) -> float:
        r, theta, dead, c, snow = (d.isf(stats.norm.sf(z)) for d, z in zip(each, u, strict=True))
        return float(r - theta * (dead + pv + MU * c * snow))

    u = np.zeros(5)
    for _ in range(200):
        slope = np.array([(state(u + 1e-5 * e) - state(u - 1e-5 * e)) / 2e-5 for e in np.eye(5)])
        new = slope * (slope @ u - state(u)) / (slope @ slope)
        if np.abs(new - u).max() < 1e-8:
            break
        u = 0.5 * (u + new)
    return float(np.linalg.norm(u))
