"""A weather year laid on a calendar year: places, leap days, finer steps, and energies that stay what they are."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lk_spatial.solar.production import PlaneHours
from lk_spatial.solar.profiles import profile_tables
from lk_spatial.solar.sun import SkyHours

KEYS = pd.DataFrame({"building_id": ["a", "a", "b"], "part_id": ["1", "2", "1"], "plane_id": ["1", "1", "7"]})


def sky(index: pd.DatetimeIndex, step_h: float) -> SkyHours:
    """Only the times count here."""
    none = np.zeros(len(index))
    years = max(1, round(len(index) * step_h / 8760))
    return SkyHours(index, step_h, *[none] * 10, 0.2, years, (50.0, 15.0, 400.0))


def hours(energy: np.ndarray, planes: tuple = (0,), n_modules: tuple = (1,)) -> PlaneHours:
    return PlaneHours(np.array(planes), np.array(n_modules), np.arange(energy.shape[-1]), np.atleast_2d(energy))


def year_of(start: str, end: str, step: str, offset: str) -> pd.DatetimeIndex:
    return pd.date_range(start, end, freq=step, inclusive="left", tz="UTC") + pd.Timedelta(offset)


def laid(index: pd.DatetimeIndex, step_h: float, energy: np.ndarray, year: int) -> pd.Series:
    (found,) = profile_tables(KEYS, hours(energy), sky(index, step_h), year)
    return found.set_index("start_utc")["kwh_per_kwp"].astype(float)


@pytest.mark.parametrize(
    ("step", "step_h", "offset"), [("h", 1.0, "30min"), ("h", 1.0, "11min"), ("15min", 0.25, "450s")]
)
@pytest.mark.parametrize("year", [2025, 2024])
def test_every_hour_has_the_energy_of_its_month_day_and_hour(step: str, step_h: float, offset: str, year: int) -> None:
    index = year_of("2019-01-01", "2020-01-01", step, offset)
    energy = np.arange(len(index)) * 1e-4
    found = laid(index, step_h, energy, year)
    assert len(found) == (8784 if year == 2024 else 8760) and found.index.is_unique
    assert found.index[0] == pd.Timestamp(f"{year}-01-01", tz="UTC")
    by_hour = pd.Series(energy, index).groupby(index.floor("h")).sum()
    for day in ("01-01 00:00", "02-28 13:00", "03-01 07:00", "06-21 11:00", "12-31 23:00"):
        assert found[f"{year}-{day}"] == pytest.approx(by_hour[f"2019-{day}"], rel=1e-6)
    if year == 2024:
        assert found["2024-02-29"].tolist() == found["2024-02-28"].tolist()
        assert found.drop(found["2024-02-29"].index).sum() == pytest.approx(energy.sum(), rel=1e-6)
    else:
        assert found.sum() == pytest.approx(energy.sum(), rel=1e-6)


def test_a_typical_year_of_months_from_different_years() -> None:
    """PVGIS: June of 2007 beside July of 2019; and an EPW year begins on 31 December in UTC."""
    index = year_of("2019-01-01", "2020-01-01", "h", "30min")
    june = index.month == 6
    mixed = pd.DatetimeIndex(np.where(june, index - pd.DateOffset(years=12), index))
    energy = np.random.default_rng(3).random(len(index))
    expected = laid(index, 1.0, energy, 2025)
    assert laid(mixed, 1.0, energy, 2025).equals(expected)
    local = pd.DatetimeIndex([*index[-1:] - pd.Timedelta(days=365), *index[:-1]])
    assert laid(local, 1.0, np.r_[energy[-1], energy[:-1]], 2025).equals(expected)


def test_a_leap_day_of_the_weather_counts_where_the_calendar_has_one() -> None:
    index = year_of("2020-01-01", "2021-01-01", "h", "30min")
    energy = np.where((index.month == 2) & (index.day == 29), 5.0, 1.0)
    assert (laid(index, 1.0, energy, 2024)["2024-02-29"] == 5.0).all()
    assert laid(index, 1.0, energy, 2023).sum() == 8760.0


def test_several_years_give_their_mean() -> None:
    index = year_of("2019-01-01", "2021-01-01", "h", "30min")
    energy = np.where(index.year == 2019, 1.0, 3.0)
    found = laid(index, 1.0, energy, 2024)
    leap_day = found["2024-02-29"]
    assert (leap_day == 3.0).all() and (found.drop(leap_day.index) == 2.0).all()


def test_hours_without_weather_are_unknown_and_dark_ones_zero() -> None:
    index = year_of("2019-03-01", "2019-04-01", "h", "30min")
    lit = np.flatnonzero((index.hour > 6) & (index.hour < 18))
    found = PlaneHours(np.array([0]), np.array([1]), lit, np.ones((1, len(lit)), np.float32))
    (table,) = profile_tables(KEYS, found, sky(index, 1.0), 2025)
    values = table.set_index("start_utc")["kwh_per_kwp"]
    assert values["2025-02-28"].isna().all() and values["2025-04-01"].isna().all()
    assert values["2025-03-15"].sum() == 11 and values["2025-03-15"].notna().all()


def test_tables_are_bounded_and_keep_the_keys() -> None:
    index = year_of("2019-01-01", "2020-01-01", "h", "30min")
    energy = np.outer([1.0, 4.0, 9.0], np.ones(8760)).astype(np.float32)
    some = hours(energy, (0, 1, 2), (1, 2, 3))
    tables = list(profile_tables(KEYS, some, sky(index, 1.0), 2025, at_once=2))
    assert [len(each) for each in tables] == [2 * 8760, 8760]
    whole = pd.concat([each.astype(dict.fromkeys(KEYS, str)) for each in tables], ignore_index=True)
    means = whole.groupby(list(KEYS), sort=False)["kwh_per_kwp"].mean()
    assert means.tolist() == [1.0, 2.0, 3.0] and list(means.index) == list(KEYS.itertuples(index=False, name=None))
    assert tables[0]["kwh_per_kwp"].dtype == np.float32 and str(tables[0]["start_utc"].dt.tz) == "UTC"
    assert list(profile_tables(KEYS, hours(np.empty((0, 8760)), (), ()), sky(index, 1.0), 2025)) == []


@given(st.integers(0, 59), st.sampled_from([1.0, 0.5, 0.25, 1 / 6]), st.integers(1990, 2100))
@settings(max_examples=25, deadline=None)
def test_energy_is_kept(minute: int, step_h: float, year: int) -> None:
    """A common year's energy stands in every common year, whatever the step and the minute of the instants."""
    n = round(8760 / step_h)
    minutes = minute if step_h == 1.0 else 60 * step_h / 2
    index = pd.date_range("2019-01-01", periods=n, freq=pd.Timedelta(hours=step_h), tz="UTC") + pd.Timedelta(
        minutes=minutes
    )
    energy = np.random.default_rng(minute).random(n)
    found = laid(index, step_h, energy, year)
    extra = found[(found.index.month == 2) & (found.index.day == 29)].sum()
    assert found.sum() - extra == pytest.approx(energy.sum(), rel=1e-6)
