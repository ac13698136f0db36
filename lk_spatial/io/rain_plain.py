"""Rain in a plain table: a day (or an hour) and millimetres, as people and programs write it.

UTF-8 or cp1250; semicolons, tabs or commas between the cells, decimal comma or point. Headings in Czech or English, or
none at all (a day, then millimetres). Lines before the heading that begin with # may name the station: "# station:
U2LIBC01", "# name: …", "# latitude: 50.77", "# longitude: 15.02", "# elevation: 398". Hours become days that begin at
06 UTC; a day that lacks a step is missing.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from lk_spatial.core.errors import DataError
from lk_spatial.io.rain_series import AS_GIVEN, STARTS_06, RainFinding, RainStation, RawRain, finding, span
from lk_spatial.io.rain_text import Cells, cells_of, day, number
from lk_spatial.io.rain_wide import is_wide, plain, wide_days

DAY_NAMES = ("date", "datum", "day", "den", "dt", "time", "cas", "datetime", "timestamp", "date_utc", "start_utc")
CLOCK_NAMES = ("cas", "time", "hodina", "hour", "cas od")
PART_NAMES = (("rok", "year"), ("mesic", "month"), ("den", "day"))
RAIN_NAMES = (
    *("sra_mm", "sra", "rain_mm", "rain", "rainfall", "rainfall_mm", "precip", "precipitation", "precipitation_mm"),
    *(
        "prcp",
        "mm",
        "srazky",
        "srazka",
        "srazky_mm",
        "uhrn",
        "uhrn srazek",
        "denni uhrn",
        "uhrn_mm",
        "hodnota",
        "value",
    ),
)
WARM_NAMES = ("t_mean_c", "t_mean", "tavg", "t_avg", "t", "teplota", "temperature", "temp", "temp_air")
STATION_NAMES = ("station", "stanice", "wsi", "station_id", "gh_id", "stanice id")
_HEAD = {"station": "id", "stanice": "id", "name": "name", "jmeno": "name", "latitude": "latitude"} | {
    "longitude": "longitude",
    "elevation": "elevation_m",
}
_TIME = re.compile(r"[T ](\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$")
_TENTHS = re.compile(r"0[.,]1\s*mm|tenths|desetin", re.IGNORECASE)
_OTHER_UNIT = re.compile(r"[\[(_ ](cm|in|inch|inches|palce|m|kg/m2/s)[\])]?$", re.IGNORECASE)
DAY_BEGINS = 6  # [h UTC]


class _Columns(NamedTuple):
    """Places of the wanted cells in a row."""

    when: tuple[int, ...]  # a day; a day and a time; or year, month and day
    rain: int
    warm: int | None = None
    station: int | None = None
    tenths: bool = False

    def time(self, row: Sequence[str]) -> str:
        """The text of a row's day or time."""
        cells = [row[at] for at in self.when]
        if len(cells) == 3:
            return "-".join(cells)
        if len(cells) == 2 and cells[1].isdigit():
            return f"{cells[0]} {cells[1]}:00"
        return " ".join(cells)


def parse_plain(text: str, name: str, station: str | None, utc_offset_h: float, hour_label: str) -> RawRain:
    """The rain of a plain table; ``utc_offset_h`` and ``hour_label`` ("start", "end") hold for hours without a zone."""
    numbered = [(n, line) for n, line in enumerate(text.splitlines(), start=1) if line.strip(" \t;,\ufeff")]
    place = _head([line for _, line in numbered if line.startswith("#")])
    numbered = [(n, line) for n, line in numbered if not line.startswith("#")]
    if len(numbered) < 2:
        raise DataError("rain_empty", path=name)
    mark = next((each for each in (";", "\t") if each in numbered[0][1]), ",")
    rows = [cells_of(line, mark, name) for _, line in numbered]
    cells = Cells(name)
    if is_wide(rows[0]):
        days, mm, found = wide_days(rows, cells)
        return RawRain(days, mm, "table by months", AS_GIVEN, place, None, None, (*cells.findings(), *found))
    columns, first = _columns(rows[0], name)
    lines = [n for n, _ in numbered][first:]
    width = len(rows[0])
    body = [_fitting(row, width, line, name) for row, line in zip(rows[first:], lines, strict=True)]
    if columns.station is not None:
        body, lines, place = _of_station(body, lines, columns.station, place, name, station)
    mm = np.array([cells.amount(row[columns.rain], line) for row, line in zip(body, lines, strict=True)])
    raw = _timed(body, lines, columns, mm, name, utc_offset_h, hour_label)._replace(station=place)
    return _in_millimetres(raw._replace(findings=(*cells.findings(), *raw.findings)), columns.tenths, name)


def _head(lines: list[str]) -> RainStation:
    """What remarks at the top tell of the station."""
    told: dict[str, object] = {}
    for line in lines:
        key, _, value = line.lstrip("# ").partition(":")
        field = _HEAD.get(plain(key))
        if field in ("id", "name"):
            told[field] = value.strip()
        elif field and (amount := number(value)) is not None:
            told[field] = amount
    return RainStation(**told)  # type: ignore[arg-type]


def _columns(heading: Sequence[str], name: str) -> tuple[_Columns, int]:
    """Where the wanted columns stand, and at which row the data begin."""
    if day(heading[0]) is not None:
        if len(heading) < 2:
            raise DataError("rain_columns_missing", path=name, missing=["mm"], found=", ".join(heading))
        return _Columns((0,), 1), 0
    names = [plain(cell) for cell in heading]

    def place(wanted: Sequence[str]) -> int | None:
        return next((names.index(each) for each in wanted if each in names), None)

    when, rain = _when(names), place(RAIN_NAMES)
    if rain is None:  # "Srážky celkem [mm]", "rain_0.1mm"
        rain = next((n for n, each in enumerate(names) if each.startswith(("sra", "rain", "precip", "uhrn"))), None)
    missing = [each for each, at in (("date", when or None), ("rain_mm", rain)) if at is None]
    if not when or rain is None:
        raise DataError("rain_columns_missing", path=name, missing=missing, found=", ".join(heading)[:200])
    if _OTHER_UNIT.search(heading[rain]):
        raise DataError("rain_unit_unknown", path=name, column=heading[rain])
    warm, station = place(WARM_NAMES), place(STATION_NAMES)
    return _Columns(when, rain, warm, station, bool(_TENTHS.search(heading[rain]))), 1


def _when(names: list[str]) -> tuple[int, ...]:
    """Where the day stands, with the time beside it, or year, month and day; nothing where none is known."""
    parts = [next((names.index(each) for each in wanted if each in names), None) for wanted in PART_NAMES]
    if None not in parts:
        return tuple(at for at in parts if at is not None)
    found = [names.index(each) for each in DAY_NAMES if each in names]
    clock = [names.index(each) for each in CLOCK_NAMES if each in names]
    return (found[0], *[at for at in clock if at != found[0]][:1]) if found else ()


def _fitting(row: list[str], width: int, line: int, name: str) -> list[str]:
    """A row with as many cells as the heading; refuses more, for decimal commas between commas shift the columns."""
    if any(row[width:]):
        raise DataError("rain_cells", path=name, line=line, got=len(row), expected=width)
    return row[:width] + [""] * (width - len(row))


def _of_station(
    body: list[list[str]], lines: list[int], at: int, place: RainStation, name: str, station: str | None
) -> tuple[list[list[str]], list[int], RainStation]:
    """The rows of the one station that is asked for."""
    found = list(dict.fromkeys(row[at] for row in body))
    if station is None and len(found) > 1:
        raise DataError("rain_stations_several", path=name, count=len(found), found=found[:10])
    if station is not None and station not in found:
        raise DataError("rain_station_missing", path=name, station=station, found=found[:10])
    wanted = station or found[0]
    kept = [(row, line) for row, line in zip(body, lines, strict=True) if row[at] == wanted]
    return [row for row, _ in kept], [line for _, line in kept], place._replace(id=wanted)


def _timed(
    body: list[list[str]],
    lines: list[int],
    columns: _Columns,
    mm: np.ndarray,
    name: str,
    utc_offset_h: float,
    hour_label: str,
) -> RawRain:
    """The amounts at their days; where the clock runs within the days, summed from 06 to 06 UTC."""
    days, times = [], [columns.time(row) for row in body]
    for text, line in zip(times, lines, strict=True):
        found = day(text)
        if found is None:
            raise DataError("rain_date_wrong", path=name, line=line, got=text[:40])
        days.append(found)
    index = np.array(days, dtype="datetime64[D]")
    clocks = [_TIME.search(text) for text in times]
    if len({(clock[1], clock[2]) for clock in clocks if clock}) > 1:
        minutes = [_minutes(clock, utc_offset_h) for clock in clocks]
        return _from_hours(index, np.array(minutes), mm, name, hour_label)
    warm = None
    if columns.warm is not None:
        warm = pd.Series([number(row[columns.warm]) for row in body], index=pd.DatetimeIndex(index), dtype=float)
        warm = warm[~warm.index.duplicated()]
        warm = warm.where(warm.between(-60.0, 60.0))
    return RawRain(index, mm, "plain table", AS_GIVEN, RainStation(), warm)


def _minutes(clock: re.Match[str] | None, utc_offset_h: float) -> float:
    """Minutes from midnight UTC of the day that is written."""
    if clock is None:
        return -60.0 * utc_offset_h
    zone = clock[3]
    shift = 60.0 * utc_offset_h
    if zone in ("Z", "UTC"):
        shift = 0.0
    elif zone:
        shift = (60 * int(zone[1:3]) + int(zone[-2:])) * (-1.0 if zone[0] == "-" else 1.0)
    return 60.0 * int(clock[1]) + int(clock[2]) - shift


def _from_hours(days: np.ndarray, minutes: np.ndarray, mm: np.ndarray, name: str, hour_label: str) -> RawRain:
    """Daily sums from 06 to 06 UTC of a series with a shorter step; the hours too, where the step divides one."""
    times = pd.DatetimeIndex(days) + pd.to_timedelta(minutes, unit="min")
    series = pd.Series(mm, index=times.tz_localize("UTC")).sort_index()
    twice = series.index.duplicated()
    found: list[RainFinding] = []
    if twice.any():
        found.append(finding("rain_days_twice", int(twice.sum()), span(days[:1]), path=name))
        series = series[~twice]
    negative = series < 0.0
    if negative.any():
        told = {"value": f"{float(series[negative].iloc[0]):g}", "limit": "0"}
        days = series.index[negative].tz_localize(None).to_numpy()
        found.append(finding("rain_negative", int(negative.sum()), span(days), path=name, **told))
        series = series.mask(negative)
    step = pd.Series(series.index).diff().median()
    if not timedelta(minutes=1) <= step <= timedelta(hours=12) or timedelta(days=1) % step:
        raise DataError("rain_step_unknown", path=name, step=str(step))
    if hour_label == "end":
        series.index = series.index - step
    clock = (series.index - pd.Timedelta(hours=DAY_BEGINS)).floor("D")
    summed, known = series.groupby(clock).sum(), series.groupby(clock).count()
    whole = known >= timedelta(days=1) // step
    partial = whole.index[~whole & (whole.index > whole.index[0]) & (whole.index < whole.index[-1])]
    if len(partial):
        found.append(finding("rain_hours_missing", len(partial), span(partial.tz_localize(None)), path=name))
    hourly = None
    if step <= timedelta(hours=1) and timedelta(hours=1) % step == timedelta(0):
        bins = series.resample("h")
        hourly = bins.sum().where(bins.count() >= timedelta(hours=1) // step)
    daily = summed.where(whole)
    index = daily.index.tz_localize(None).to_numpy().astype("datetime64[D]")
    return RawRain(index, daily.to_numpy(), "plain table, hours", STARTS_06, RainStation(), None, hourly, tuple(found))


def _in_millimetres(raw: RawRain, tenths: bool, name: str) -> RawRain:
    """The record in millimetres, where its heading says that it is in tenths."""
    if not tenths:
        return raw
    told = finding("rain_from_tenths", len(raw.mm), path=name)
    hourly = None if raw.hourly is None else raw.hourly / 10.0
    return raw._replace(mm=raw.mm / 10.0, hourly=hourly, findings=(*raw.findings, told))
