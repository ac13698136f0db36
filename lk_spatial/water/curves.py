"""Many tanks of one rain record and one pattern of demand, at once.

A tank's efficiency depends on demand and volume per catchment area alone: scaling area, demand and volume alike leaves
it as it is. So areas are scaled to 1, tanks that are then equal run once, and runs go side by side in lanes.
"""

from collections.abc import Iterator
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.core.errors import InputError
from lk_spatial.core.parallel import map_items
from lk_spatial.water.quantity import Floats, chosen, quantity
from lk_spatial.water.tank import MET, YIELD_RULES

LANES = 256  # that stay in the processor's nearest memory; no number depends on it
CHUNK = 4096  # lanes of a call; no number depends on it
STRIDE = 4  # steps that ``_four_steps`` takes
WHOLE = 365 / 366  # of a year's steps
DIGITS = 12  # to which tanks scaled to 1 m2 are told apart


class Record(NamedTuple):
    """Rain and the pattern of demand at equal steps, and where its years begin.

    ``rain_mm`` (steps,) that runs off [mm]; ``pattern`` (steps,) of demand, which a tank's demand scale multiplies [-];
    ``starts`` (years + 1,): first step of each year, and the number of steps; ``years`` (years,) their names.
    """

    rain_mm: Floats
    pattern: Floats
    starts: NDArray[np.int64]
    years: NDArray[np.int64]


Item = tuple[Floats, Floats, NDArray[np.int64], Floats, Floats, bool]


class TankYears(NamedTuple):
    """What n tanks with m volumes each delivered; NaN where an input has no value.

    ``yield_m3`` (years, n, m) used in each year; ``demand_m3`` (years, n); ``inflow_m3`` (years, n); ``spill_m3_a``
    (n, m) run over in the mean year [m3/a]; ``efficiency`` (n, m) share of the demand met [-], NaN where there is none;
    ``time_reliability`` (n, m) share of the steps with demand in which all of it was met [-], NaN where there is none.
    """

    yield_m3: Floats
    demand_m3: Floats
    inflow_m3: Floats
    spill_m3_a: Floats
    efficiency: Floats
    time_reliability: Floats


def record(rain_mm: ArrayLike, pattern: ArrayLike, year: ArrayLike) -> Record:
    """A record of rain [mm] and pattern [-], each (steps,), and the calendar year of each step.

    Days or hours: the pattern says what is asked for in a step. Raises InputError for gaps (fill them first), negative
    values, other lengths, years that do not follow each other, and a year with fewer steps than the others have.
    """
    rain, share = quantity("rain_mm", rain_mm), quantity("pattern", pattern)
    named = np.asarray(year)
    for name, each in (("pattern", share), ("year", named)):
        if each.shape != rain.shape or rain.ndim != 1:
            raise InputError("tank_lengths_differ", name=name, got=each.shape, expected=rain.shape)
    gaps = int(np.isnan(rain).sum() + np.isnan(share).sum())
    if gaps or not len(rain):
        raise InputError("tank_record_gaps", count=gaps, steps=len(rain))
    firsts = np.flatnonzero(np.diff(named, prepend=named[0] - 1))
    years = named[firsts].astype(np.int64)
    if (np.diff(years) != 1).any():
        raise InputError("tank_record_years", got=years.tolist())
    starts = np.append(firsts, len(rain)).astype(np.int64)
    steps = np.diff(starts)
    if steps.min() < WHOLE * steps.max():
        raise InputError("tank_record_partial", year=int(years[steps.argmin()]), steps=int(steps.min()))
    return Record(np.ascontiguousarray(rain), np.ascontiguousarray(share), starts, years)


def tank_years(
    of: Record,
    area_m2: ArrayLike,
    demand_m3: ArrayLike,
    volume_m3: ArrayLike,
    *,
    rule: str = "yas",
    executor: Executor | None = None,
) -> TankYears:
    """What tanks delivered year by year: n catchments, m volumes each; tanks are empty at first.

    ``area_m2`` (n,) effective: plan area times runoff coefficient, filter efficiency and share collected [m2];
    ``demand_m3`` (n,) where the record's pattern is 1 [m3 per step]; ``volume_m3`` (m,) or (n, m). ``rule`` as in
    ``tank_balance``. Same numbers whatever executor, order or other rows. NaN in, NaN out. Raises InputError.
    """
    chosen("rule", rule, YIELD_RULES)
    area, demand = np.broadcast_arrays(
        np.atleast_1d(quantity("area_m2", area_m2)), np.atleast_1d(quantity("demand_m3", demand_m3))
    )
    volume = np.atleast_1d(quantity("volume_m3", volume_m3))
    volume = np.broadcast_to(volume, (len(area), volume.shape[-1]))
    unit = np.where(area > 0.0, area, np.inf)[:, None]  # without a roof: no demand and no tank that it could serve
    lanes, which = _unlike(_rounded(np.concatenate([demand[:, None], volume], axis=1) / unit))
    used, met, left = _run(of, lanes, rule == "ybs", executor)
    if len(lanes) < len(area):
        used, met, left = used[:, which], met[which], left[which]
    known = np.where(np.isnan(area[:, None] + demand[:, None] + volume), np.nan, area[:, None])
    used *= known
    return _summed(of, area, demand, used, met, left * known)


def _unlike(tanks: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """The rows that differ, in their order, and which of them each row is."""
    seen: dict[bytes, int] = {}
    which = np.array([seen.setdefault(row.tobytes(), len(seen)) for row in tanks], np.intp)
    first = np.zeros(len(seen), np.intp)
    first[which[::-1]] = np.arange(len(tanks))[::-1]
    return tanks[first], which


def _rounded(values: Floats) -> Floats:
    """Numbers to ``DIGITS`` digits, so that equal tanks of other sizes are found equal."""
    scale = 10.0 ** (DIGITS - 1 - np.floor(np.log10(np.where(values > 0.0, values, 1.0))))
    return np.round(values * scale) / scale


def _summed(of: Record, area: Floats, demand: Floats, used: Floats, met: Floats, left: Floats) -> TankYears:
    """The results of all tanks; what was neither used nor is left has run over."""
    inflow = np.add.reduceat(of.rain_mm, of.starts[:-1])[:, None] * (1e-3 * area)
    asked = np.add.reduceat(of.pattern, of.starts[:-1])[:, None] * demand
    steps, total = max(int(np.count_nonzero(of.pattern)), 1), asked.sum(axis=0)[:, None]
    served = np.where(total > 0.0, total, np.nan)  # NaN where nothing is asked for
    total_used = used.sum(axis=0)
    spill = inflow.sum(axis=0)[:, None] - total_used - left
    some = np.where(area > 0.0, 1.0, 0.0)[:, None] + 0.0 * (served + left)
    return TankYears(used, asked, inflow, spill / len(of.years), total_used / served, some * met / steps)


def _run(of: Record, tanks: Floats, ybs: bool, executor: Executor | None) -> tuple[Floats, Floats, Floats]:
    """Yields (years, n, m), steps met and water left (n, m) of tanks (n, 1 + m) on 1 m2: demand, volumes [m3]."""
    rain, pattern, starts = _joined(1e-3 * of.rain_mm, of.pattern, of.starts)
    idle = np.count_nonzero(pattern == 0.0)  # steps that ask for nothing, which every tank meets
    n, m = len(tanks), tanks.shape[1] - 1
    rows = max(CHUNK // max(m, 1), 1)
    used, met, left = np.empty((len(of.years), n, m)), np.empty((n, m)), np.empty((n, m))

    def items() -> Iterator[Item]:
        for i in range(0, n, rows):
            part = tanks[i : i + rows]
            yield rain, pattern, starts, np.repeat(part[:, 0], m), part[:, 1:].ravel(), ybs

    for i, found in zip(range(0, n, rows), map_items(_chunk, items(), executor), strict=True):
        part = slice(i, min(i + rows, n))
        used[:, part], met[part], left[part] = (each.reshape(*each.shape[:-1], -1, m) for each in found)
    return used, met - idle, left


def _joined(rain: Floats, pattern: Floats, starts: NDArray[np.int64]) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """The record with each run of steps without demand as one step, in years of whole ``STRIDE`` steps.

    Without demand a tank that runs over stays full: the run's water at once fills it the same. Added steps are dry.
    """
    begins = pattern > 0.0
    begins[1:] |= pattern[:-1] > 0.0
    begins[starts[:-1]] = True
    firsts = np.flatnonzero(begins)
    inside = np.searchsorted(firsts, starts)  # of each year, among what is left
    length = -(-np.diff(inside) // STRIDE) * STRIDE
    new = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    place = np.arange(len(firsts)) + np.repeat(new[:-1] - inside[:-1], np.diff(inside))
    out = np.zeros((2, new[-1]))
    out[:, place] = np.add.reduceat(rain, firsts), pattern[firsts]
    return out[0], out[1], new


def _chunk(item: Item) -> tuple[Floats, Floats, Floats]:
    """What the tanks of some lanes delivered."""
    return _lanes(*item, MET, LANES)


@kernel
def _lanes(
    rain: Floats,
    pattern: Floats,
    starts: NDArray[np.int64],
    demand: Floats,
    volume: Floats,
    ybs: bool,
    enough: float,
    lanes: int,
) -> tuple[Floats, Floats, Floats]:
    """Yields (years, n), steps met (n) and water left (n) of n tanks.

    ``STRIDE`` steps are taken at once, so that what a tank holds is fetched and put back less often.
    """
    n = len(demand)
    used, met, left = np.zeros((len(starts) - 1, n)), np.zeros(n), np.zeros(n)
    for first in range(0, n, lanes):
        part = slice(first, min(first + lanes, n))
        asked, size, store, served = demand[part], volume[part], left[part], met[part]
        for year in range(len(starts) - 1):
            taken = used[year, part]
            for t in range(starts[year], starts[year + 1], STRIDE):
                q0, q1, q2, q3 = rain[t], rain[t + 1], rain[t + 2], rain[t + 3]
                p0, p1, p2, p3 = pattern[t], pattern[t + 1], pattern[t + 2], pattern[t + 3]
                for i in range(len(store)):
                    d, s = asked[i], size[i]
                    v, y0, m0 = _step(store[i], s, q0, p0 * d, ybs, enough)
                    v, y1, m1 = _step(v, s, q1, p1 * d, ybs, enough)
                    v, y2, m2 = _step(v, s, q2, p2 * d, ybs, enough)
                    store[i], y3, m3 = _step(v, s, q3, p3 * d, ybs, enough)
                    taken[i] += y0 + y1 + y2 + y3
                    served[i] += m0 + m1 + m2 + m3
    return used, met, left


@kernel(inline="always")
def _step(v: float, s: float, q: float, d: float, ybs: bool, enough: float) -> tuple[float, float, float]:
    """Water left after a step, its yield, and 1 where the demand was met; without a branch that lanes could part at."""
    full = v + q
    at_hand = full if ybs else v
    y = d if d < at_hand else at_hand
    if ybs:
        stays = full - y
        v = stays if stays < s else s
    else:
        v = (full if full < s else s) - y
    return v, y, 1.0 if at_hand >= d * enough else 0.0
