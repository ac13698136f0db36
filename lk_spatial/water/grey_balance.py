"""Grey water, rain and mains water together, day by day.

Each day people leave grey water, of which the unit treats what it can; toilets first take what was treated the day
before, then today's, then rain from the tank, then mains water. Treated water that is a day old runs off unused, so
grey water never stays longer; what neither unit nor tanks take runs off too, grey water and rain each on its own.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.core.errors import DataError, InputError
from lk_spatial.water.given import Floats, amount

RULES = {"yas": 0.0, "ybs": 1.0}
USED_GREY, USED_RAIN, MAINS, LOST_GREY, LOST_RAIN, LEFT_GREY, LEFT_RAIN = range(7)


class Plant(NamedTuple):
    """What n buildings have; arrays (n,) or one number for all.

    ``grey_m3`` and ``demand_m3`` on a day of use [m3/d], ``capacity_m3`` of the treatment [m3/d], ``store_m3`` of
    treated water [m3]; ``catchment_m2`` effective (plan area times runoff coefficient and filter) and ``tank_m3`` of
    the rain tank.
    """

    grey_m3: ArrayLike
    demand_m3: ArrayLike
    capacity_m3: ArrayLike
    store_m3: ArrayLike
    catchment_m2: ArrayLike = 0.0
    tank_m3: ArrayLike = 0.0


class Days(NamedTuple):
    """Days of a record: ``use`` (k, days) 1 on a day of use, 0 on others, or a share [-]; ``rain_mm`` (s, days) [mm];
    ``use_row`` and ``rain_row`` (n,): which of these rows holds for a building (or one number for all).
    """

    use: ArrayLike
    rain_mm: ArrayLike
    use_row: ArrayLike = 0
    rain_row: ArrayLike = 0


class Water(NamedTuple):
    """Water of n buildings over the whole record (n,), or of one building on each day (days,) [m3].

    Grey in = grey + grey_lost + grey_left; rain in = rain + rain_lost + rain_left; demand = grey + rain + mains. Of
    single days ``…_left`` is what the tanks hold at their end. NaN where an input is unknown.
    """

    grey: Floats
    rain: Floats
    mains: Floats
    grey_lost: Floats
    rain_lost: Floats
    grey_left: Floats
    rain_left: Floats


def water_balance(plant: Plant, days: Days, *, rule: str = "yas") -> Water:
    """Sums over the record for n buildings [m3]; the rain tank serves after (``yas``) or before (``ybs``) it spills.

    Tanks start empty. Raises InputError for negative values, lengths that differ, other rules; DataError for gaps.
    """
    parts, use, rain, rows = _checked(plant, days)
    sums = np.zeros((len(parts), 7))
    _run(parts, use, rain, rows, _theta(rule), sums, np.zeros((0, 7)))
    sums[np.isnan(parts).any(axis=1)] = np.nan
    return Water(*sums.T)


def daily_balance(plant: Plant, days: Days, *, rule: str = "yas") -> Water:
    """The days of one building [m3]; arguments and errors as ``water_balance``."""
    parts, use, rain, rows = _checked(plant, days)
    if len(parts) != 1:
        raise InputError("grey_lengths_differ", name="plant", got=len(parts), expected=1)
    each = np.zeros((use.shape[1], 7))
    _run(parts, use, rain, rows, _theta(rule), np.zeros((1, 7)), each)
    if np.isnan(parts).any():
        each[:] = np.nan
    return Water(*each.T)


def _theta(rule: str) -> float:
    if rule not in RULES:
        raise InputError("water_code_unknown", name="rule", got=str(rule), expected=list(RULES))
    return RULES[rule]


def _checked(plant: Plant, days: Days) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
    """Parts (n, 6), use (k, days), rain (s, days), and the rows of use and rain (n, 2)."""
    fields = [np.atleast_1d(amount(name, value)) for name, value in plant._asdict().items()]
    rows = [np.atleast_1d(np.asarray(each, np.int64)) for each in (days.use_row, days.rain_row)]
    use = np.atleast_2d(amount("use", days.use, 0.0, 1000.0))
    rain = np.atleast_2d(amount("rain_mm", days.rain_mm))
    for name, series in (("use", use), ("rain_mm", rain)):
        if np.isnan(series).any():
            raise DataError("grey_series_gaps", name=name, count=int(np.isnan(series).sum()), days=series.shape[1])
    if use.shape[1] != rain.shape[1] or not use.shape[1]:
        raise InputError("grey_lengths_differ", name="rain_mm", got=rain.shape[1], expected=use.shape[1])
    for name, row, series in (("use_row", rows[0], use), ("rain_row", rows[1], rain)):
        if ((row < 0) | (row >= len(series))).any():
            raise InputError("grey_lengths_differ", name=name, got=row.tolist(), expected=len(series))
    *fields, use_row, rain_row = np.broadcast_arrays(*fields, *rows)
    both = np.column_stack([use_row, rain_row]).astype(np.int64)
    return np.column_stack(fields).astype(float), np.ascontiguousarray(use), np.ascontiguousarray(rain), both


@kernel
def _run(
    parts: Floats,
    use: Floats,
    rain_mm: Floats,
    rows: NDArray[np.int64],
    theta: float,
    sums: Floats,
    each: Floats,
) -> None:
    """Fill ``sums`` (n, 7), and ``each`` (days, 7) where it has rows."""
    for i in range(parts.shape[0]):
        grey_m3, demand_m3, capacity, store, catchment, volume = parts[i]
        days, rain = use[rows[i, 0]], rain_mm[rows[i, 1]]
        old = stored = 0.0
        for day in range(days.size):
            left, inflow = demand_m3 * days[day], 1e-3 * catchment * rain[day]
            came = grey_m3 * days[day]
            treated = min(came, capacity)
            of_old = min(left, old)
            fresh = min(left - of_old, treated)
            kept = min(treated - fresh, store)
            grey_lost = (came - treated) + (old - of_old) + (treated - fresh - kept)
            left -= of_old + fresh
            from_tank = min(left, stored + theta * inflow)
            after = min(stored + inflow - from_tank, volume - (1.0 - theta) * from_tank)
            rain_lost = stored + inflow - from_tank - after
            old, stored = kept, after
            sums[i, USED_GREY] += of_old + fresh
            sums[i, USED_RAIN] += from_tank
            sums[i, MAINS] += left - from_tank
            sums[i, LOST_GREY] += grey_lost
            sums[i, LOST_RAIN] += rain_lost
            if each.shape[0]:
                each[day, USED_GREY], each[day, USED_RAIN] = of_old + fresh, from_tank
                each[day, MAINS] = left - from_tank
                each[day, LOST_GREY], each[day, LOST_RAIN] = grey_lost, rain_lost
                each[day, LEFT_GREY], each[day, LEFT_RAIN] = old, stored
        sums[i, LEFT_GREY], sums[i, LEFT_RAIN] = old, stored
