"""Many tanks at once: equal to the plain loop, to themselves scaled, on any executor."""

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lk_spatial.core.errors import InputError
from lk_spatial.water import curves
from lk_spatial.water.curves import Record, record, tank_years
from lk_spatial.water.tank import YIELD_RULES, tank_balance
from tests.water.liberec import AREA, plain_tank, read_days, school_days


@pytest.fixture(scope="module")
def school(shared_data: Path) -> Record:
    days = read_days(shared_data, "1988", "2017")
    return record(days["sra_mm"], school_days(days.index), days.index.year)


@pytest.mark.parametrize("rule", YIELD_RULES)
@pytest.mark.parametrize("hours", [1, 24], ids=["daily", "hourly"])
def test_equal_to_the_plain_loop(rule: str, hours: int) -> None:
    """Made rain of two years, demand of weekdays; yields of each year to 1e-9."""
    steps = pd.date_range("2003-01-01", "2005-01-01", inclusive="left", freq=f"{24 // hours}h")
    rng = np.random.default_rng(hours)
    rain = np.where(rng.random(len(steps)) < 0.4, rng.exponential(6.0 / hours, len(steps)), 0.0)
    pattern = (steps.day_of_week < 5) * rng.choice([0.5, 1.0], len(steps)) / hours
    of = record(rain, pattern, steps.year)
    area, demand, volume = rng.uniform(50, 900, 7), rng.uniform(0.1, 5.0, 7), np.geomspace(0.3, 90, 9)
    found = tank_years(of, area, demand, volume, rule=rule)
    for i, j in np.ndindex(7, 9):
        inflow, asked = 1e-3 * area[i] * rain, demand[i] * pattern
        used, spill, _ = plain_tank(inflow, asked, volume[j], rule)
        years = pd.Series(used).groupby(steps.year).sum()
        np.testing.assert_allclose(found.yield_m3[:, i, j], years, rtol=1e-9, atol=1e-9)
        assert 2 * found.spill_m3_a[i, j] == pytest.approx(spill.sum(), rel=1e-9, abs=1e-9)
        one = tank_balance(inflow, asked, volume[j], rule=rule)
        assert found.efficiency[i, j] == pytest.approx(one.efficiency, rel=1e-9)
        assert found.time_reliability[i, j] == one.time_reliability
    np.testing.assert_allclose(found.inflow_m3.sum(axis=0), 1e-3 * area * rain.sum(), rtol=1e-12)
    np.testing.assert_allclose(found.demand_m3.sum(axis=0), demand * pattern.sum(), rtol=1e-12)


def test_pinned_school_is_one_of_many(school: Record) -> None:
    """facts-5-11."""
    found = tank_years(school, [100.0, AREA], [1.0, 2.4], [5.0, 20.0])
    assert f"{found.efficiency[1, 1]:.3f}" == "0.800" and f"{found.time_reliability[1, 1]:.3f}" == "0.748"
    assert f"{found.spill_m3_a[1, 1] / found.inflow_m3.mean(axis=0)[1]:.3f}" == "0.456"


@pytest.mark.parametrize("rule", YIELD_RULES)
def test_scaled_tanks_are_one_tank(school: Record, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Area, demand and volume times the same: the same efficiency to rounding, and one run for all."""
    run, ran = curves._run, []
    monkeypatch.setattr(curves, "_run", lambda of, lanes, *rest: ran.append(len(lanes)) or run(of, lanes, *rest))
    scale = np.geomspace(0.01, 100, 37)
    volumes = scale[:, None] * np.array([2.0, 20.0])
    found = tank_years(school, AREA * scale, 2.4 * scale, volumes, rule=rule)
    assert ran == [1]
    np.testing.assert_allclose(found.efficiency, found.efficiency[:1].repeat(37, axis=0), rtol=1e-13)
    assert (found.time_reliability == found.time_reliability[0]).all()
    np.testing.assert_allclose(found.yield_m3, found.yield_m3[:, :1] * (scale / scale[0])[:, None], rtol=1e-9)


def test_same_on_any_executor_and_beside_any_other(school: Record) -> None:
    rng = np.random.default_rng(3)
    area, demand, volume = rng.uniform(10, 900, 230), rng.uniform(0, 5, 230), np.geomspace(1, 200, 40)
    alone = tank_years(school, area, demand, volume)
    with ThreadPoolExecutor(3) as threads:
        beside = tank_years(school, area[::-1], demand[::-1], volume, executor=threads)
    np.testing.assert_array_equal(alone.yield_m3, beside.yield_m3[:, ::-1])
    np.testing.assert_array_equal(alone.spill_m3_a, beside.spill_m3_a[::-1])
    few = tank_years(school, area[5:8], demand[5:8], volume[3:4])
    np.testing.assert_array_equal(few.yield_m3, alone.yield_m3[:, 5:8, 3:4])


def test_what_has_no_number(school: Record) -> None:
    area, demand = np.array([0.0, 10.0, np.nan, 10.0]), np.array([1.0, 0.0, 1.0, np.nan])
    found = tank_years(school, area, demand, [5.0, np.nan])
    np.testing.assert_array_equal(found.efficiency, [[0, np.nan], [np.nan] * 2, [np.nan] * 2, [np.nan] * 2])
    np.testing.assert_array_equal(np.isnan(found.time_reliability), np.isnan(found.efficiency))
    assert found.time_reliability[0, 0] == 0.0 and found.spill_m3_a[0, 0] == 0.0
    assert (found.yield_m3[:, 1, 0] == 0).all() and np.isnan(found.yield_m3[:, 2:]).all()
    assert found.spill_m3_a[1, 0] == pytest.approx((1e-2 * school.rain_mm.sum() - 5.0) / 30)
    assert tank_years(school, [], [], [1.0]).yield_m3.shape == (30, 0, 1)


@pytest.mark.parametrize(
    "rain,pattern,year,code",
    [
        ([1.0, math.nan], [1.0, 1.0], [2001, 2001], "tank_record_gaps"),
        ([], [], [], "tank_record_gaps"),
        ([1.0, 2.0], [1.0], [2001, 2001], "tank_lengths_differ"),
        ([1.0, 2.0], [1.0, 1.0], [2001, 2003], "tank_record_years"),
        ([1.0, 2.0], [1.0, 1.0], [2002, 2001], "tank_record_years"),
        ([1.0, 2.0, 3.0], [1.0] * 3, [2001, 2001, 2002], "tank_record_partial"),
        ([1.0, -9999.0], [1.0, 1.0], [2001, 2001], "tank_value_wrong"),
    ],
)
def test_bad_records(rain: list[float], pattern: list[float], year: list[int], code: str) -> None:
    with pytest.raises(InputError, match=code):
        record(rain, pattern, np.array(year, int))
