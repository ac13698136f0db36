"""Hourly profiles of roof planes: the weather's year laid on a calendar year, in tables of bounded size.

Rule: each interval of the weather takes its place by month, day and hour of its middle in UTC, whatever the year its
month comes from; all that lies within an hour is added up. 29 February repeats 28 February where the weather has none
and is left out where the calendar has none.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from lk_spatial.core.text import Text
from lk_spatial.solar.production import PlaneHours
from lk_spatial.solar.summary import PLANE_KEY
from lk_spatial.solar.sun import SkyHours

PLANES_AT_ONCE = 64
HOURS = 366 * 24  # places in a year with 29 February
LEAP_DAY = np.arange(59 * 24, 60 * 24)
MONTH_STARTS = np.array([0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335])  # days before each month
RULE = Text(
    "the weather's intervals stand at the month, day and hour (UTC) of their middle, whatever the year of their month; "
    "29 February repeats 28 February where the weather has none",
    "intervaly meteorologického roku stojí na měsíci, dni a hodině (UTC) svého středu bez ohledu na rok, z něhož měsíc "
    "pochází; 29. únor opakuje 28. únor, pokud v datech chybí",
)


def profile_tables(
    planes: pd.DataFrame, hours: PlaneHours, sky: SkyHours, year: int, *, at_once: int = PLANES_AT_ONCE
) -> Iterator[pd.DataFrame]:
    """Profiles of the planes with modules, ``at_once`` planes in each table: all hours of a plane stand together.

    ``planes`` has PLANE_KEY, ``hours`` are those of its rows. Columns: PLANE_KEY (categorical), ``start_utc``,
    ``kwh_per_kwp`` (float32, mean of the plane's modules; NaN for hours that the weather does not cover).
    """
    start = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:00", freq="h").to_numpy("datetime64[us]")
    laid = _laid(sky, hours.row, len(start) == HOURS)
    for first in range(0, len(hours.plane), at_once):
        some = slice(first, first + at_once)
        energy = hours.energy[some] / hours.n_modules[some, None] @ laid.weights
        energy[:, laid.unknown] = np.nan
        key = planes.iloc[hours.plane[some]]
        ids = {name: _repeated(key[name], len(start)) for name in PLANE_KEY}
        times = pd.DatetimeIndex(np.tile(start, len(key))).tz_localize("UTC")
        yield pd.DataFrame(ids | {"start_utc": times, "kwh_per_kwp": energy.astype(np.float32).ravel()})


def _repeated(ids: pd.Series, times: int) -> pd.Categorical:
    """Each id so many times."""
    codes, categories = pd.factorize(ids.astype(str))
    return pd.Categorical.from_codes(np.repeat(codes, times), categories=categories)


class _Laid(NamedTuple):
    """How lit intervals fill the hours of a calendar year: (lit, hours), and the hours without weather (hours,)."""

    weights: sparse.csr_matrix
    unknown: NDArray[np.bool_]


def _laid(sky: SkyHours, row: NDArray[np.int64], leap: bool) -> _Laid:
    """Weights of the lit intervals ``row`` in each hour; several years of weather give their mean."""
    index = sky.index
    days = MONTH_STARTS[index.month.to_numpy() - 1] + index.day.to_numpy() - 1
    place = days * 24 + index.hour.to_numpy()
    years = np.bincount(place, minlength=HOURS) * sky.step_h
    hours = np.arange(HOURS)
    if not leap:
        hours = np.delete(hours, LEAP_DAY)
    elif not years[LEAP_DAY].any():
        hours[LEAP_DAY] -= 24
    shape = (len(row), HOURS)
    weights = sparse.csr_matrix((1.0 / years[place[row]], (np.arange(len(row)), place[row])), shape)
    return _Laid(weights[:, hours], years[hours] == 0.0)
