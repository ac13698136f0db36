"""Years of a daily record: which are full, the last thirty of them, the dry and the wet one."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from lk_spatial.core.errors import DataError

GAP_LIMIT = 0.05  # share of a month's days that a full year's months may lack
NORMAL_YEARS = 30
ENOUGH_YEARS = 20  # fewer leave the efficiency of a tank uncertain by more than 0.02


class Window(NamedTuple):
    """Consecutive or chosen full years and their days."""

    years: tuple[int, ...]
    daily: pd.Series


def years_of(daily: pd.Series) -> pd.DataFrame:
    """Rain of each calendar year of a daily series [mm, days as index].

    Index ``year``; columns ``rain_mm`` (sum of the known days), ``missing`` (days), ``full``: no month lacks more
    than 5 % of its days, those before and after the record counted as missing.
    """
    index = pd.DatetimeIndex(daily.index)
    if not len(index):
        return pd.DataFrame({"rain_mm": [], "missing": [], "full": []}, index=pd.Index([], name="year"))
    whole = pd.date_range(f"{index[0].year}-01-01", f"{index[-1].year}-12-31", name="day")
    complete = daily.reindex(whole)
    absent = complete.isna()
    share = absent.groupby([whole.year, whole.month]).mean()
    worst = share.groupby(level=0).max()
    table = pd.DataFrame(
        {
            "rain_mm": complete.groupby(whole.year).sum(),
            "missing": absent.groupby(whole.year).sum().astype(int),
            "full": worst <= GAP_LIMIT,
        }
    )
    return table.rename_axis("year")


def last_years(daily: pd.Series, count: int = NORMAL_YEARS) -> Window:
    """The last ``count`` full years of a record, all of them where there are fewer. Raises DataError without any.

    Days that are missing within a full year stay NaN. Years between that are not full are left out.
    """
    table = years_of(daily)
    full = [int(year) for year in table.index[table["full"]]]
    if not full:
        raise DataError("rain_no_full_year", days=len(daily))
    years = tuple(full[-count:])
    return window(daily, years)


def window(daily: pd.Series, years: tuple[int, ...]) -> Window:
    """The days of these years, each from 1 January to 31 December, NaN where missing."""
    index = pd.DatetimeIndex(np.concatenate([pd.date_range(f"{year}-01-01", f"{year}-12-31") for year in years]))
    return Window(years, daily.reindex(index.rename("day")))


def dry_year(daily: pd.Series) -> int:
    """The full year with least rain; the first of several. Raises DataError without a full year."""
    return int(_full(daily)["rain_mm"].idxmin())


def wet_year(daily: pd.Series) -> int:
    """The full year with most rain; the first of several. Raises DataError without a full year."""
    return int(_full(daily)["rain_mm"].idxmax())


def mean_annual(daily: pd.Series) -> float:
    """Mean rain of the full years [mm/a]; days missing within them are given the mean of their own year."""
    table = _full(daily)
    days = np.array([366 if pd.Timestamp(f"{year}-01-01").is_leap_year else 365 for year in table.index])
    return float((table["rain_mm"].to_numpy() * days / (days - table["missing"].to_numpy())).mean())


def _full(daily: pd.Series) -> pd.DataFrame:
    table = years_of(daily)
    table = table[table["full"].astype(bool)]
    if table.empty:
        raise DataError("rain_no_full_year", days=len(daily))
    return table
