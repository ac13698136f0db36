"""Full years of a record, the last thirty, the dry and the wet one."""

import numpy as np
import pandas as pd
import pytest

from lk_spatial.core.errors import DataError
from lk_spatial.water.years import dry_year, last_years, mean_annual, wet_year, years_of


@pytest.fixture(scope="module")
def liberec(shared_data) -> pd.Series:
    table = pd.read_csv(shared_data / "rain" / "liberec_daily_1961_2017.csv", parse_dates=["date"])
    return table.set_index("date")["sra_mm"]


def steady(first: str, last: str, mm: float = 2.0) -> pd.Series:
    return pd.Series(mm, index=pd.date_range(first, last))


def test_liberec_last_thirty_years_1988_2017_mean_855_mm_dry_2003_547_mm_wet_2010_1354_mm(liberec) -> None:
    thirty = last_years(liberec)
    assert thirty.years == tuple(range(1988, 2018)) and len(thirty.daily) == 10_958
    assert round(mean_annual(thirty.daily)) == 855
    table = years_of(thirty.daily)
    assert dry_year(thirty.daily) == 2003 and round(table.loc[2003, "rain_mm"]) == 547
    assert wet_year(thirty.daily) == 2010 and round(table.loc[2010, "rain_mm"]) == 1354
    assert table["full"].all() and table["missing"].sum() == 0


def test_years_that_begin_late_or_end_early_are_not_full() -> None:
    table = years_of(steady("2019-01-03", "2021-12-31"))
    assert table["full"].tolist() == [False, True, True] and table["missing"].tolist() == [2, 0, 0]
    assert years_of(steady("2019-01-02", "2021-12-30"))["full"].all()  # a day of a month is within 5 %


def test_gaps_count_by_month() -> None:
    daily = steady("2019-01-01", "2020-12-31")
    daily[daily.index.day == 7] = np.nan  # twelve days a year, one a month
    assert years_of(daily)["full"].all() and mean_annual(daily) == pytest.approx(2 * 365.5)
    daily["2020-02-08"] = np.nan  # the second of 29
    assert years_of(daily)["full"].tolist() == [True, False]


def test_years_between_that_are_not_full_are_left_out() -> None:
    daily = steady("2010-01-01", "2014-12-31")
    daily["2012-03"] = np.nan
    assert last_years(daily, 3).years == (2011, 2013, 2014)
    assert len(last_years(daily, 3).daily) == 3 * 365 and last_years(daily, 3).daily.notna().all()


def test_without_a_full_year_it_is_said() -> None:
    short = steady("2019-02-01", "2019-12-31")
    for ask in (last_years, dry_year, wet_year, mean_annual):
        with pytest.raises(DataError, match="rain_no_full_year"):
            ask(short)
    assert years_of(short.iloc[:0]).empty
