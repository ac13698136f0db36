"""Daily rain of GHCN-Daily (NOAA): station files .dly in fixed columns, and files of a year as CSV.

PRCP stands in tenths of a millimetre, temperatures in tenths of °C, -9999 is missing. A measurement flag T marks a
trace, any quality flag a value that failed a check. The day is that of the observation as the country reported it.
Files of a year hold all stations of the world, so they are read line by line for the one that is asked for.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from lk_spatial.core.errors import DataError
from lk_spatial.io.rain_series import OBSERVED, RainFinding, RainStation, RawRain, finding
from lk_spatial.io.rain_text import date_of

RAIN = "PRCP"
TENTHS = 10.0
ABSENT = -9999
_DLY = re.compile(r"^[A-Z]{2}[A-Z0-9_-]{9}\d{4}(0[1-9]|1[0-2])[A-Z0-9]{4}[ \d-]{5}")
_YEAR = re.compile(r"^[A-Z]{2}[A-Z0-9_-]{9},\d{8},[A-Z0-9]{4},-?\d+,")
_SHORTEST = 21 + 30 * 8 + 5  # characters of a line whose last flags are cut off as blanks
_WARMTH = ("TAVG", "TMAX", "TMIN")


class _Day(NamedTuple):
    """A value of a day, in tenths, with its measurement flag and its quality flag."""

    day: date
    element: str
    value: int
    flag: str
    quality: str


def is_dly(text: str) -> bool:
    """Whether a text is a GHCN-Daily station file."""
    return bool(_DLY.match(text))


def is_year(text: str) -> bool:
    """Whether a text is a GHCN-Daily file of a year."""
    return bool(_YEAR.match(text))


def parse_dly(lines: Iterable[str], name: str, station: str | None) -> RawRain:
    """The daily rain of a station file (or several of them joined)."""
    rows: list[_Day] = []
    ids: dict[str, None] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if not _DLY.match(line) or len(line.rstrip("\r\n")) < _SHORTEST:
            raise DataError("rain_broken", path=name, reason=f"line {number}: {line[:30]}")
        ids[line[:11]] = None
        if line[17:21] in (RAIN, *_WARMTH) and station in (None, line[:11]):
            rows += _month(line.rstrip("\r\n"), number, name)
    return _record(rows, list(ids), name, station, "GHCN-Daily station file")


def _month(line: str, number: int, name: str) -> list[_Day]:
    """The days of one line."""
    year, month, element = int(line[11:15]), int(line[15:17]), line[17:21]
    line = line.ljust(21 + 31 * 8)
    found = []
    for at in range(31):
        cell = line[21 + 8 * at : 29 + 8 * at]
        text = cell[:5].strip()
        if not text or text == str(ABSENT):
            continue
        try:
            found.append(_Day(_date(year, month, at + 1), element, int(text), cell[5], cell[6]))
        except ValueError:
            raise DataError("rain_value_wrong", path=name, line=number, got=cell.strip()) from None
    return found


def parse_year(lines: Iterable[str], name: str, station: str | None) -> RawRain:
    """The daily rain of one station in a file of a year (or several years joined), read line by line."""
    rows: list[_Day] = []
    ids: dict[str, None] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if station is None or line.startswith(station):
            cells = line.rstrip("\r\n").split(",")
            ids[cells[0]] = None
            if station is None and len(ids) > 1:
                break
            rows += _year_row(cells, number, name)
        elif len(ids) < 10:
            ids[line[:11]] = None
    return _record(rows, list(ids), name, station, "GHCN-Daily file of a year")


def _year_row(cells: list[str], number: int, name: str) -> list[_Day]:
    if len(cells) < 6:
        raise DataError("rain_broken", path=name, reason=f"line {number}: {','.join(cells)[:30]}")
    if cells[2] not in (RAIN, *_WARMTH) or cells[3] == str(ABSENT):
        return []
    try:
        when = _date(cells[1][:4], cells[1][4:6], cells[1][6:8])
        return [_Day(when, cells[2], int(cells[3]), cells[4], cells[5])]
    except ValueError:
        raise DataError("rain_value_wrong", path=name, line=number, got=",".join(cells)[:40]) from None


def _date(year: int | str, month: int | str, day: int | str) -> date:
    found = date_of(year, month, day)
    if found is None:
        raise ValueError(day)
    return found


def _record(rows: list[_Day], ids: list[str], name: str, station: str | None, source: str) -> RawRain:
    if station is None and len(ids) > 1:
        raise DataError("rain_stations_several", path=name, count=len(ids), found=ids[:10])
    if station is not None and station not in ids:
        raise DataError("rain_station_missing", path=name, station=station, found=ids[:10])
    rain = [row for row in rows if row.element == RAIN]
    if not rain:
        raise DataError("rain_element_missing", path=name, found=sorted({row.element for row in rows}))
    failed = np.array([row.quality.strip() != "" for row in rain])
    trace = np.array([row.flag == "T" for row in rain])
    days = np.array([row.day for row in rain], dtype="datetime64[D]")
    mm = np.array([row.value / TENTHS for row in rain])
    mm = np.where(failed, np.nan, np.where(trace, 0.0, mm))
    found: list[RainFinding] = [finding("rain_from_tenths", len(rain), path=name)]
    if trace.any():
        found.append(finding("rain_trace", int(trace.sum()), path=name))
    if failed.any():
        found.append(finding("rain_quality_failed", int(failed.sum()), str(days[failed][0]), path=name))
    place = RainStation(station or ids[0])
    return RawRain(days, mm, source, OBSERVED, place, _temperature(rows), None, tuple(found))


def _temperature(rows: list[_Day]) -> pd.Series | None:
    """The mean temperature [°C]: TAVG, else half the sum of the day's extremes."""
    good = [row for row in rows if not row.quality.strip()]
    values = {
        element: pd.Series(
            {pd.Timestamp(row.day): row.value / TENTHS for row in good if row.element == element}, dtype=float
        )
        for element in _WARMTH
    }
    middle = (values["TMAX"] + values["TMIN"]) / 2.0
    mean = values["TAVG"].combine_first(middle) if len(values["TAVG"]) else middle
    return mean.sort_index() if mean.notna().any() else None
