"""Calendars, public holidays, water of a person and its guard."""

import logging

import numpy as np
import pandas as pd
import pytest

from lk_spatial.core.errors import InputError
from lk_spatial.core.tables import table_rows
from lk_spatial.water.demand import (
    calendar_of_use,
    calendars,
    demand_m3,
    demand_pattern,
    easter_sunday,
    guide_demand,
    holidays,
    litres,
    within_guide,
)
from lk_spatial.water.tank_tables import CALENDARS, GUIDE_DEMAND, USES
from tests.water.liberec import school_days


def test_school_days_of_the_facts() -> None:
    """facts-8: 501.2 m3 a year of 2.4 m3 a school day; typed apart from the table."""
    days = pd.date_range("1988-01-01", "2017-12-31")
    pattern = demand_pattern(days, "school")
    np.testing.assert_array_equal(pattern, school_days(days))
    assert f"{2.4 * pattern.sum() / 30:.1f}" == "501.2"


def test_calendars_of_a_week_and_a_year() -> None:
    week = pd.date_range("2026-03-02", periods=7)
    assert demand_pattern(week, "every_day").tolist() == [1.0] * 7
    assert demand_pattern(week, "office").tolist() == demand_pattern(week, "weekdays").tolist() == [1.0] * 5 + [0.0] * 2
    year = pd.date_range("2026-01-01", "2026-12-31")
    assert demand_pattern(year, "office").sum() == 261 - 11  # holidays of 2026 on weekdays; two fall on weekends
    assert demand_pattern(year, "office", public_holidays=False).sum() == 261
    gone = demand_pattern(year, "school") - demand_pattern(year, "school_holidays")
    assert year[gone == 1].strftime("%m-%d").tolist() == ["04-03", "04-06", "05-01", "05-08", "09-28", "10-28", "11-17"]
    np.testing.assert_array_equal(
        demand_pattern(year, "school", public_holidays=True), demand_pattern(year, "school_holidays")
    )


def test_hours_of_a_day() -> None:
    """Local hours 7 to 17; the whole of a day is the day's demand, also where the clock changes."""
    hours = pd.date_range("2026-03-25 00:00", "2026-04-01 00:00", freq="h", tz="Europe/Prague", inclusive="left")
    pattern = pd.Series(demand_pattern(hours.tz_convert("UTC"), "weekdays"), hours)
    asked = pattern[pattern > 0]
    assert asked.index.hour.min() == 7 and asked.index.hour.max() == 16
    np.testing.assert_allclose(pattern.groupby(hours.date).sum(), [1, 1, 1, 0, 0, 1, 1])


@pytest.mark.parametrize(
    "year,day",
    [
        (1961, "04-02"),
        (1981, "04-19"),
        (2000, "04-23"),
        (2008, "03-23"),
        (2011, "04-24"),
        (2016, "03-27"),
        (2025, "04-20"),
    ],
)
def test_easter(year: int, day: str) -> None:
    """Published dates of Easter Sunday."""
    assert easter_sunday(year).isoformat() == f"{year}-{day}"


def test_public_holidays() -> None:
    found = holidays([2016]).strftime("%m-%d").tolist()
    assert len(found) == 13 and found[:3] == ["01-01", "03-25", "03-28"] and found[-3:] == ["12-24", "12-25", "12-26"]


@pytest.mark.parametrize(
    "times", [pd.date_range("2001", periods=4, freq="2D"), pd.DatetimeIndex(["2001-01-01", "2001-01-02", "2001-01-05"])]
)
def test_other_steps(times: pd.DatetimeIndex) -> None:
    with pytest.raises(InputError, match="tank_steps_uneven"):
        demand_pattern(times, "school")


def test_unknown_calendar() -> None:
    with pytest.raises(InputError, match="tank_code_unknown"):
        demand_pattern(pd.date_range("2001", periods=2), "holidays")


def test_tables_use_the_codes_of_buildings() -> None:
    codes = {row["code"] for row in table_rows("codes/use")}
    named = [use for row in table_rows(CALENDARS) for use in row["uses"].split("|") if use]
    assert set(named) <= codes and len(named) == len(set(named))
    assert {row["use"] for table in (USES, GUIDE_DEMAND) for row in table_rows(table)} <= codes
    assert calendar_of_use("secondary_school") == "school" and calendar_of_use("garage") is None
    assert {"every_day", "school", "office"} <= set(calendars())


def test_water_of_a_person() -> None:
    assert litres("school") == (6, 6, 8) and litres("office") == (10, 11, 12)
    assert litres("school", "grey") == (3, 3.5, 4)  # gym showers are counted by users
    assert litres("apartments", "grey") == (50, 57.5, 65)
    assert np.isnan(litres("hospital").value) and np.isnan(litres("hospital", "grey").high)
    assert np.isnan(litres("garage").low)
    np.testing.assert_allclose(demand_m3([400, 0, np.nan], 6.0), [2.4, 0.0, np.nan])
    with pytest.raises(InputError, match="tank_value_wrong"):
        demand_m3(-1, 6.0)


def test_guide_demand_by_vintage() -> None:
    """facts-1.3: a school's 5 m3 of 200 days are 25 l; flats 56, later 36 m3 a year."""
    assert guide_demand("school") == (3, 5, 25) and guide_demand("school", "1997_2011") == (3, 6, 30)
    assert guide_demand("apartments").high_m3_a == 36 and guide_demand("apartments", "1997_2011").high_m3_a == 56
    assert guide_demand("hotel").high_m3_a == 45 and np.isnan(guide_demand("garage").low_m3_a)
    with pytest.raises(InputError, match="tank_code_unknown"):
        guide_demand("school", "2026")


def test_the_part_is_not_more_than_the_whole(caplog: pytest.LogCaptureFixture) -> None:
    assert within_guide("school", 8 + 4) is True and within_guide("garage", 500.0) is None and not caplog.records
    with caplog.at_level(logging.WARNING):
        assert within_guide("school", 25.1) is False
    assert "25.1" in caplog.text and "25 l" in caplog.text


@pytest.mark.parametrize("use", sorted({row["use"] for row in table_rows(USES)}))
def test_our_own_uses_are_within_the_guide(use: str) -> None:
    parts = [litres(use, kind).value for kind in ("non_potable", "grey")]
    assert within_guide(use, sum(each for each in parts if each == each)) is not False
