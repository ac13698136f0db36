"""Curves, intervals and the knee, with the record length, sensitivity and bracket of the facts."""

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lk_spatial.core.errors import InputError
from lk_spatial.water.curves import Record, record, tank_years
from lk_spatial.water.demand import demand_pattern
from lk_spatial.water.sizing import (
    SIZES_M3,
    TankCurve,
    driest_and_wettest,
    efficiency_bounds,
    knee_volume,
    least_yield,
    needs_hours,
    tank_curve,
    year_efficiency,
)
from lk_spatial.water.spread import drawn_years, efficiency_interval
from tests.water.liberec import AREA, read_days


@pytest.fixture(scope="module")
def days(shared_data: Path) -> pd.DataFrame:
    return read_days(shared_data, "1988", "2017")


def school(days: pd.DataFrame) -> Record:
    return record(days["sra_mm"], demand_pattern(days.index, "school"), days.index.year)


@pytest.fixture(scope="module")
def curve(days: pd.DataFrame) -> TankCurve:
    """864 m2; 2.4 and 4.8 m3 a school day, and no demand."""
    return tank_curve(school(days), AREA, [2.4, 4.8, 0.0], [2.0, 5.0, 20.0, 80.0])


def test_rain_of_ten_per_cent(curve: TankCurve) -> None:
    """facts-2: base .4865, .454 and .515 with 10 % less and more rain."""
    found = curve.less_rain[1, 2], curve.yas.efficiency[1, 2], curve.more_rain[1, 2]
    assert [f"{each:.3f}" for each in found] == ["0.454", "0.486", "0.515"]


def test_dry_and_wet_year(days: pd.DataFrame, curve: TankCurve) -> None:
    """facts-2: 2003 with 547 mm, 2010 with 1354 mm."""
    of = school(days)
    dry, wet = driest_and_wettest(of)
    assert (of.years[dry], of.years[wet]) == (2003, 2010)
    yearly = days["sra_mm"].groupby(days.index.year).sum()
    assert (round(yearly[2003]), round(yearly[2010])) == (547, 1354)
    assert (curve.dry[:2] < curve.yas.efficiency[:2]).all() and (curve.wet[1, 2:] > curve.yas.efficiency[1, 2:]).all()
    assert np.isnan(curve.dry[2]).all()


def test_record_length_of_the_facts(shared_data: Path) -> None:
    """facts-2, 1961–2017, 20 m3, 4.8 m3 a school day: mean .479, sd .055, .368 to .592; windows of n years."""
    days = read_days(shared_data, "1961", "2017")
    found = tank_years(school(days), AREA, 4.8, 20.0)
    yearly = np.array([year_efficiency(found, year)[0, 0] for year in range(57)])
    assert [f"{each:.3f}" for each in (yearly.mean(), yearly.std(ddof=1), yearly.min(), yearly.max())] == [
        "0.479",
        "0.055",
        "0.368",
        "0.592",
    ]


def test_interval_of_the_facts(curve: TankCurve) -> None:
    """facts-2: the bootstrap of 30 years gives .467 to .507, to the noise of its draws."""
    found = efficiency_interval(curve.yas, draws=4000)
    assert found.low[1, 2] == pytest.approx(0.467, abs=0.0015) and found.high[1, 2] == pytest.approx(0.507, abs=0.0015)
    narrow = efficiency_interval(curve.yas, confidence=0.5)
    assert (narrow.low[:2] > found.low[:2]).all() and (narrow.high[:2] < found.high[:2]).all()
    assert np.isnan(found.low[2]).all() and np.isnan(found.high[2]).all()


def test_interval_is_that_of_numpy(curve: TankCurve) -> None:
    counts = drawn_years(30, 200, 7)
    assert (counts.sum(axis=0) == 30).all()
    used = np.einsum("yd,ynm->dnm", counts, curve.yas.yield_m3[:, :2])
    asked = np.einsum("yd,yn->dn", counts, curve.yas.demand_m3[:, :2])
    plain = np.quantile(used / asked[:, :, None], [0.025, 0.975], axis=0)
    np.testing.assert_allclose(np.stack(efficiency_interval(curve.yas, draws=200, seed=7))[:, :2], plain, rtol=1e-12)


def test_interval_is_the_same_on_threads_and_by_seed(curve: TankCurve, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = efficiency_interval(curve.yas, draws=100)
    monkeypatch.setattr("lk_spatial.water.spread.ROWS", 1)
    with ThreadPoolExecutor(2) as threads:
        beside = efficiency_interval(curve.yas, draws=100, executor=threads)
    np.testing.assert_array_equal(np.stack(alone), np.stack(beside))
    other = efficiency_interval(curve.yas, draws=100, seed=1)
    assert (other.low[:2] != alone.low[:2]).all()


def test_bounds_hold_the_bracket(curve: TankCurve) -> None:
    low, high = efficiency_bounds(curve, draws=300)
    order = np.stack([low, curve.yas.efficiency, curve.ybs.efficiency, high])[:, :2]
    assert (np.diff(order, axis=0) >= 0).all()


def test_one_year_has_no_interval() -> None:
    found = tank_years(record([5.0, 0.0], [1.0, 1.0], [2001, 2001]), 10.0, 0.1, 1.0)
    assert np.isnan(np.stack(efficiency_interval(found))).all() and found.efficiency[0, 0] > 0


def test_curve_rises_ever_less(days: pd.DataFrame) -> None:
    """Of a school that asks for less than it rains: monotone and concave, to all that is asked for."""
    found = tank_curve(school(days), AREA, 2.4)
    assert len(SIZES_M3) == 40 and (np.diff(SIZES_M3) > 0).all()
    for efficiency in (found.yas.efficiency[0], found.ybs.efficiency[0]):
        slopes = np.diff(efficiency) / np.diff(SIZES_M3)
        assert (slopes >= 0).all() and (np.diff(slopes) <= 1e-12).all()
        assert efficiency[-1] == pytest.approx(1.0, abs=0.01)
    assert (np.diff(found.yas.spill_m3_a[0]) <= 1e-9).all() and (np.diff(found.yas.time_reliability[0]) >= 0).all()


def test_knee() -> None:
    volumes, yearly = [1, 2, 4, 8], [[10, 18, 24, 28], [10, 20, 40, 80], [0, 0, 0, 0], [1, np.nan, 2, 3]]
    np.testing.assert_array_equal(knee_volume(volumes, yearly, 2.0), [4.0, np.nan, 1.0, np.nan])
    np.testing.assert_array_equal(knee_volume(volumes, yearly[:2], [5.0, 10.5]), [2.0, 1.0])
    for wrong in ([1, 1, 2, 3], [3, 2, 1, 0]):
        with pytest.raises(InputError, match="tank_volumes_unsorted"):
            knee_volume(wrong, yearly, 2.0)


def test_knee_by_price_is_the_best_volume(days: pd.DataFrame) -> None:
    """The volume with the most money left of all listed ones."""
    volumes, cost, price = np.arange(1.0, 80.0), 9_000.0, 110.0
    yearly = tank_curve(school(days), AREA, 2.4, volumes).yas.yield_m3.mean(axis=0)
    least = least_yield(cost, price, years=30, rate=0.03)
    worth = sum(1.03**-year for year in range(1, 31))
    best = volumes[(price * worth * yearly[0] - cost * volumes).argmax()]
    assert knee_volume(volumes, yearly, least)[0] == best
    assert 1 < best < 79


@given(st.floats(1, 1e5), st.floats(1, 500), st.integers(1, 60), st.floats(0.001, 0.2))
def test_least_yield_pays_just_back(cost: float, price: float, years: int, rate: float) -> None:
    worth = sum((1 + rate) ** -year for year in range(1, years + 1))
    assert least_yield(cost, price, years=years, rate=rate) * price * worth == pytest.approx(cost, rel=1e-9)


def test_prices_that_are_not_there() -> None:
    np.testing.assert_array_equal(
        least_yield([1.0, np.nan, 1.0], [0.0, 1.0, np.nan], years=1), [math.inf, np.nan, np.nan]
    )
    with pytest.raises(InputError):
        least_yield(1.0, 1.0, years=0)


def test_small_tanks_need_hours() -> None:
    """facts-2: below a hundredth of the year's water."""
    assert needs_hours([7.0, 8.0], 739.0).tolist() == [True, False]
