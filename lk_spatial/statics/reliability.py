"""How likely a roof part's utilisation exceeds 1, without and with photovoltaics, by seeded Monte Carlo.

Not a probability of failure: the chance that a survey, which finds the true loads and documents, would give U > 1.
Utilisations without and with PV are of the same draws, so the difference is that of PV alone. Drawn are: all inputs
from their triples (half of the weight on each side of the mean); u0 from a normal distribution of which low and high
are the 5 % and 95 % fractiles; the old snow zone from its neighbours; the conversion of ground to roof snow, lognormal
with mean 1; the bias of the resistance common to like roofs, lognormal. Sources: ``data/statics/screening_2026``.
"""

import math
from concurrent.futures import Executor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from lk_spatial.core.compiled import kernel
from lk_spatial.core.parallel import map_items
from lk_spatial.statics.draws import between, normal, one_of, uniform
from lk_spatial.statics.interval import Floats
from lk_spatial.statics.reserve import INPUTS, Roofs

DRAWS = 10_000
CHUNK = 256  # roof parts of a call; no number depends on it
FRACTILE = 1.6448536269514722  # of the normal distribution, 95 %
G, ADDED, SNOW, THEN, KAPPA, U0, RHO, CONDITION, K_FI, PV = range(len(INPUTS))
NUMBERS = np.uint64(16)  # of a draw
LEAST_SIDE = 1e-9  # [kN/m2] loads that were drawn below nothing
LEAST_U0 = 0.05  # a normal distribution reaches below zero


class Spread(NamedTuple):
    """What the triples do not say: arrays (n,) or single values.

    ``zone_doubt``: weight of each neighbour of the old snow zone, in which ``snow_build`` has its low and high [-];
    NaN where ``snow_build`` is a range like others. ``conversion_v``: coefficient of variation of ground to roof snow.
    ``bias``, ``bias_v``: median and coefficient of variation of the resistance over what documents of its time give.
    """

    zone_doubt: ArrayLike = np.nan
    conversion_v: ArrayLike = 0.2
    bias: ArrayLike = 1.0
    bias_v: ArrayLike = 0.1


class Exceedance(NamedTuple):
    """Probabilities (n,) of U > 1 without (``p0``) and with PV (``p1``); NaN where an input has no value.

    ``p1_low``, ``p1_high``: with PV and with all data that are absent at their favourable and unfavourable end.
    ``log_sd``: standard deviation of the logarithm of U with PV [-].
    """

    p0: Floats
    p1: Floats
    p1_low: Floats
    p1_high: Floats
    log_sd: Floats


def exceedance(
    roofs: Roofs,
    keys: NDArray[np.uint64],
    spread: Spread | None = None,
    *,
    absent: NDArray[np.bool_] | None = None,
    draws: int = DRAWS,
    executor: Executor | None = None,
) -> Exceedance:
    """Probabilities of U > 1 of n roof parts; ``keys`` as ``part_keys`` gives them, with the seed in them.

    ``absent`` (n, inputs): the triple stands for a missing value (a range of all that is possible). Standard error:
    ``sqrt(p (1 - p) / draws)``. Same keys, same numbers: whatever executor, order of the rows or other rows.
    """
    n = len(keys)
    values = np.stack([np.stack(each, axis=-1) for each in roofs[:10]], axis=1)
    pairs = [np.broadcast_to(np.asarray(each, float), n) for pair in roofs[10:] for each in pair]
    loose = [np.broadcast_to(np.asarray(each, float), n) for each in (spread or Spread())]
    unknown = np.zeros((n, len(INPUTS)), bool) if absent is None else np.asarray(absent, bool)
    arrays = (values, np.stack(pairs, axis=1), np.stack(loose, axis=1), unknown, np.asarray(keys, np.uint64))
    items = ((tuple(np.ascontiguousarray(each[i : i + CHUNK]) for each in arrays), draws) for i in range(0, n, CHUNK))
    counts = [np.empty((0, 5)), *map_items(_chunk, items, executor)]
    return Exceedance(*np.concatenate(counts).T)


def _chunk(item: tuple[tuple[Any, ...], int]) -> Floats:
    """What ``Exceedance`` holds (parts, 5) of some roof parts."""
    arrays, draws = item
    return _probabilities(*arrays, draws)


@kernel
def _probabilities(
    values: Floats, factors: Floats, spread: Floats, absent: NDArray[np.bool_], keys: NDArray[np.uint64], draws: int
) -> Floats:
    """Shares of draws with U > 1 (n, 5): without PV, with PV, with PV at both ends; and the scatter of ln U."""
    found = np.full((len(keys), 5), np.nan)
    for i in range(len(keys)):
        if np.isnan(values[i]).any() or np.isnan(factors[i]).any():
            continue
        found[i] = _shares(values[i], factors[i], spread[i], absent[i], absent[i].any(), keys[i], draws)
    return found


@kernel
def _shares(
    t: Floats, f: Floats, spread: Floats, absent: NDArray[np.bool_], ends: bool, key: np.uint64, draws: int
) -> Floats:
    """The four shares and the scatter of one roof part with the triples ``t`` (inputs, 3)."""
    width = math.sqrt(math.log(1.0 + spread[1] ** 2))
    bias_width = math.sqrt(math.log(1.0 + spread[3] ** 2))
    x, y, counts = np.empty(len(INPUTS)), _ends(t, absent), np.zeros(5)
    total, squares = 0.0, 0.0
    for draw in range(draws):
        first = np.uint64(draw) * NUMBERS
        _draw_inputs(x, t, spread[0], key, first)
        if t[U0, 0] < t[U0, 2]:
            free = normal(uniform(key, first + np.uint64(U0)))
            x[U0] = max(t[U0, 1] + free * (t[U0, 2] - t[U0, 0]) / (2.0 * FRACTILE), LEAST_U0)
        conversion = math.exp(width * normal(uniform(key, first + np.uint64(10))) - 0.5 * width * width)
        bias = spread[2] * math.exp(bias_width * normal(uniform(key, first + np.uint64(11))))
        counts[0] += _above(x, x[G], 0.0, conversion, bias, f)
        effect, strength = _sides(x, x[G], x[PV], conversion, bias, f)
        counts[1] += effect > strength
        ln_u1 = math.log(max(effect, LEAST_SIDE) / max(strength, LEAST_SIDE))
        total, squares = total + ln_u1, squares + ln_u1 * ln_u1
        if ends:
            for end in range(2):
                for j in range(len(INPUTS)):
                    if not absent[j]:
                        y[end, j] = x[j]
                low = _above(y[end], y[end, G], y[end, PV], conversion, bias, f)
                high = _above(y[end], t[G, 2], y[end, PV], conversion, bias, f) if absent[G] else low
                counts[2 + end] += low and high if end == 0 else low or high
    if not ends:
        counts[2], counts[3] = counts[1], counts[1]
    counts /= draws
    counts[4] = math.sqrt(max(squares / draws - (total / draws) ** 2, 0.0))
    return counts


@kernel(inline="always")
def _draw_inputs(x: Floats, t: Floats, doubt: float, key: np.uint64, first: np.uint64) -> None:
    """Fill ``x`` with a draw of every input; each has its own number, so what is known shifts no other."""
    for j in range(len(INPUTS)):
        if t[j, 0] == t[j, 2]:
            x[j] = t[j, 1]
        elif j == THEN and doubt >= 0.0:
            x[j] = one_of(t[j, 0], t[j, 1], t[j, 2], doubt, uniform(key, first + np.uint64(j)))
        elif j != U0:
            x[j] = between(t[j, 0], t[j, 1], t[j, 2], uniform(key, first + np.uint64(j)))


@kernel(inline="always")
def _above(x: Floats, g: float, pv: float, conversion: float, bias: float, f: Floats) -> bool:
    """Whether U > 1."""
    effect, strength = _sides(x, g, pv, conversion, bias, f)
    return effect > strength


@kernel(inline="always")
def _sides(x: Floats, g: float, pv: float, conversion: float, bias: float, f: Floats) -> tuple[float, float]:
    """Both sides of U, as in ``reserve``, with the factors ``f`` of today's and the former two combinations."""
    now, snow, then = g + x[ADDED] + pv, x[SNOW] * conversion, x[THEN] * x[KAPPA]
    effect = max(f[0] * now + f[1] * snow, f[2] * now + f[3] * snow)
    built = max(f[4] * g + f[5] * then, f[6] * g + f[7] * then)
    return effect * x[K_FI] * x[U0], built * x[RHO] * x[CONDITION] * bias


@kernel
def _ends(t: Floats, absent: NDArray[np.bool_]) -> Floats:
    """Inputs (2, inputs) of which those that are absent lie where they lower, and where they raise U.

    The permanent load may do either; it is put at its low end, and the high one looked at beside it.
    """
    y = np.empty((2, len(INPUTS)))
    for j in range(len(INPUTS)):
        falls = j in (THEN, KAPPA, RHO, CONDITION)
        y[0, j], y[1, j] = (t[j, 2], t[j, 0]) if falls else (t[j, 0], t[j, 2])
    y[:, G] = t[G, 0]
    return y


class Annual(NamedTuple):
    """Model of a year's reliability of a roof under snow: means and coefficients of variation; REL-01 of the facts.

    Resistance lognormal, ``resistance`` times the design resistance in the mean; error of the model of load effects
    lognormal; permanent load normal; ground snow's annual maximum Gumbel; conversion to roof snow lognormal about
    ``mu``. Limit state: resistance - error (permanent + PV + conversion · snow).
    """

    resistance: float = 1.2
    resistance_v: float = 0.10
    model_v: float = 0.05
    g_v: float = 0.10
    snow_v: float = 0.6
    conversion_v: float = 0.2
    mu: float = 0.8


def annual_beta(
    design_resistance: float,
    g: float,
    snow_p98: float,
    pv: float = 0.0,
    *,
    model: Annual | None = None,
    draws: int = 200_000,
    seed: int = 0,
) -> float:
    """Reliability index of one year [-]; loads [kN/m2], ``snow_p98`` exceeded in 2 % of years.

    Monte Carlo over all but the snow, whose exceedance is exact in each draw. For comparisons only: the true strength
    of a roof is not known. Source: facts of screening, after Holický (lognormal R, normal G, Gumbel S).
    """
    m, rng = model or Annual(), np.random.default_rng(seed)
    z = rng.standard_normal((4, draws))
    strength = m.resistance * design_resistance * _lognormal(z[0], m.resistance_v) / _lognormal(z[1], m.model_v)
    left = strength - g * (1.0 + m.g_v * z[2]) - pv
    year = left / (m.mu * _lognormal(z[3], m.conversion_v))
    euler = 0.5772156649015329
    mean = snow_p98 / (1.0 - m.snow_v * math.sqrt(6.0) / math.pi * (euler + math.log(-math.log(0.98))))
    scale = mean * m.snow_v * math.sqrt(6.0) / math.pi
    worn = -np.expm1(-np.exp(-(year - (mean - euler * scale)) / scale))
    return float(-ndtri(np.where(left <= 0.0, 1.0, worn).mean()))


def _lognormal(z: Floats, v: float) -> Floats:
    """Lognormal numbers of mean 1 and coefficient of variation ``v`` from standard normal ones."""
    width = math.sqrt(math.log(1.0 + v * v))
    return np.exp(width * z - 0.5 * width * width)
