"""How far a tank's efficiency would be another in other years: bootstrap over the years of the record.

Whole years are drawn with return, so that dry spells and seasons stay as they were. The draws depend on the seed and
the number of years alone (counter generator Philox): the same years for every tank, whatever stands beside it.
"""

from concurrent.futures import Executor
from typing import Any, NamedTuple

import numpy as np

from lk_spatial.core.compiled import kernel
from lk_spatial.core.parallel import map_items
from lk_spatial.water.curves import TankYears
from lk_spatial.water.quantity import Floats, quantity

DRAWS = 1000
ROWS = 256  # catchments of a call; no number depends on it


class Interval(NamedTuple):
    """Low and high end (n, m) of the efficiency [-]; NaN where it is NaN."""

    low: Floats
    high: Floats


def efficiency_interval(
    of: TankYears,
    *,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
    executor: Executor | None = None,
) -> Interval:
    """Interval of the efficiency over as many years as the record has, drawn with return ``draws`` times.

    ``confidence``: share of the draws within it [-]. One year gives no interval: both ends are NaN then.
    """
    share = float(quantity("confidence", confidence, 0.0, 1.0))
    if len(of.yield_m3) < 2:
        return Interval(np.full(of.efficiency.shape, np.nan), np.full(of.efficiency.shape, np.nan))
    counts = drawn_years(len(of.yield_m3), draws, seed)
    ends = np.array([0.5 - 0.5 * share, 0.5 + 0.5 * share])

    arrays = of.yield_m3, of.demand_m3
    items = (
        (*(np.ascontiguousarray(each[:, i : i + ROWS]) for each in arrays), counts, ends)
        for i in range(0, len(of.efficiency), ROWS)
    )
    parts = [np.empty((2, 0, of.efficiency.shape[1])), *map_items(_chunk, items, executor)]
    low, high = np.concatenate(parts, axis=1)
    return Interval(low, high)


def drawn_years(years: int, draws: int, seed: int) -> Floats:
    """How often each year was drawn (years, draws)."""
    picked = np.random.Generator(np.random.Philox(key=seed)).integers(years, size=(years, draws))
    return np.stack([(picked == year).sum(axis=0) for year in range(years)]).astype(float)


def _chunk(item: tuple[Any, ...]) -> Floats:
    """Fractiles of some catchments."""
    return _ends(*item)


@kernel
def _ends(used: Floats, asked: Floats, counts: Floats, ends: Floats) -> Floats:
    """Fractiles (ends, n, m) of the efficiency over all draws."""
    _, n, m = used.shape
    draws, found = counts.shape[1], np.full((len(ends), n, m), np.nan)
    top, total = np.empty(draws), np.empty(draws)
    for i in range(n):
        _sums(total, asked[:, i], counts)
        if not total.min() > 0.0:  # nothing asked for in some draw, or unknown
            continue
        for j in range(m):
            _sums(top, used[:, i, j], counts)
            if not np.isnan(top[0]):
                ordered = np.sort(top / total)
                for e in range(len(ends)):
                    place = ends[e] * (draws - 1)
                    at = min(int(place), draws - 2)
                    found[e, i, j] = ordered[at] + (place - at) * (ordered[at + 1] - ordered[at])
    return found


@kernel
def _sums(out: Floats, yearly: Floats, counts: Floats) -> None:
    """Sum of the drawn years for each draw."""
    out[:] = 0.0
    for year in range(len(yearly)):
        for draw in range(len(out)):
            out[draw] += counts[year, draw] * yearly[year]
