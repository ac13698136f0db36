"""Speed of rain tanks over 30 years of days on two cores: ``python -m tests.bench.bench_tank [--peers]``."""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lk_spatial.water.curves import Record, record, tank_years
from lk_spatial.water.demand import demand_pattern
from lk_spatial.water.sizing import SIZES_M3
from lk_spatial.water.tank import tank_balance
from tests.bench.shape import Bar, best, print_json, told

TANKS, YEARS, CORES, TIMES, BLOCK = 10_000, 30, 2, 3, 500
AREA, DEMAND, VOLUME = 864.0, 4.0, 20.0  # of the one tank: m2, m3 a day, m3
SWMM = "EPA SWMM by pyswmm, steps of an hour"
BARS = {  # 10,000 catchments of 40 tanks of 30 years in 3 s
    "tank_years_s": Bar(">=", 4e6, "Rain tanks, years of tanks, demand each day", "two threads, elapsed time", " /s"),
    "school_tank_years_s": Bar(
        ">=", 4e6, "Rain tanks, years of tanks, school days", "two threads, elapsed time", " /s"
    ),
    "core_tank_years_s": told("Rain tanks, years of tanks, demand each day", "one core", " /s"),
    "times_numpy": told(
        "Rain tanks, years of tanks, demand each day", "a loop over days in numpy, blocks of 500", " ×"
    ),
    "balances_s": told("Rain tank, balances of one tank over 30 years", "one core", " /s"),
    "times_swmm": told("Rain tank, balance of one tank over 30 years", SWMM, " ×", "pyswmm"),
    "swmm_difference": told(
        "Rain tank, largest difference of the efficiency of 5, 20, 60 m³, made rain", SWMM, "", "pyswmm"
    ),
}


def made_days(years: int) -> pd.Series:
    """Rain of days [mm], about as much and as often as in Liberec."""
    days = pd.date_range("1988-01-01", f"{1987 + years}-12-31")
    rng = np.random.default_rng(0)
    return pd.Series(np.where(rng.random(len(days)) < 0.52, rng.gamma(0.6, 7.5, len(days)), 0.0), days)


def made_record(days: pd.Series, calendar: str) -> Record:
    """The days' rain with a calendar's demand."""
    return record(days, demand_pattern(pd.DatetimeIndex(days.index), calendar), days.index.year)


def numpy_loop(of: Record, area: NDArray, demand: NDArray, volume: NDArray) -> NDArray:
    """YAS of tanks (n, m) side by side, a day at a time; yields (years, n, m)."""
    used = np.zeros((len(of.years), len(area), len(volume)))
    stored = np.zeros(used.shape[1:])
    for year in range(len(of.years)):
        for t in range(of.starts[year], of.starts[year + 1]):
            taken = np.minimum((demand * of.pattern[t])[:, None], stored)
            stored = np.minimum(stored + (1e-3 * of.rain_mm[t] * area)[:, None] - taken, volume - taken)
            used[year] += taken
    return used


def measure(peers: bool = False, small: bool = False) -> dict[str, float]:
    """Years of tanks a second on two threads (elapsed) and one core (processor time); ratios to others."""
    n, years, times = (3, 2, 1) if small else (TANKS, YEARS, TIMES)
    rng, volume, days = np.random.default_rng(1), np.array(SIZES_M3), made_days(years)
    area, demand = rng.uniform(100, 3000, n), rng.uniform(0.2, 10, n)
    each_day, found = made_record(days, "every_day"), {}
    with ThreadPoolExecutor(CORES) as threads:
        for name, of in (("tank_years_s", each_day), ("school_tank_years_s", made_record(days, "school"))):
            tank_years(of, area[:1], demand[:1], volume)
            start = time.perf_counter()
            tank_years(of, area, demand, volume, executor=threads)
            found[name] = n * len(volume) * years / (time.perf_counter() - start)
    some, some_demand = area[: 2 * BLOCK], demand[: 2 * BLOCK]
    of_some = len(some) * len(volume) * years
    found["core_tank_years_s"] = of_some / best(lambda: tank_years(each_day, some, some_demand, volume), times)
    block, block_demand = area[:BLOCK], demand[:BLOCK]
    loop = len(block) * len(volume) * years / best(lambda: numpy_loop(each_day, block, block_demand, volume), 1)
    found["times_numpy"] = found["core_tank_years_s"] / loop
    inflow = 1e-3 * AREA * days.to_numpy()
    one = best(lambda: [tank_balance(inflow, DEMAND, VOLUME, rule="ybs") for _ in range(100)], times) / 100
    found["balances_s"] = 1.0 / one
    return found | (beside_swmm(days, inflow, one) if peers else {})


def beside_swmm(days: pd.Series, inflow: NDArray, one: float) -> dict[str, float]:
    """How many times SWMM's processor time for one tank, and how far its efficiencies are from YBS."""
    from tests.bench.swmm import run_swmm

    seconds, apart = [], []
    for volume in (5.0, VOLUME, 60.0):
        with tempfile.TemporaryDirectory() as folder:
            peer = run_swmm(Path(folder), pd.DatetimeIndex(days.index), inflow, DEMAND, volume)
        seconds.append(peer.seconds)
        apart.append(abs(peer.efficiency - tank_balance(inflow, DEMAND, volume, rule="ybs").efficiency))
    return {"times_swmm": min(seconds) / one, "swmm_difference": max(apart)}


if __name__ == "__main__":
    print_json(measure)
