"""Daily rain of a station, whatever file it comes in, cleaned and with a list of findings.

`read_rain` knows the format by the content: ČHMÚ open data (JSON of a station, CSV of an element, or a folder of them
as `fetch_chmi` makes it), older ČHMÚ tables (.xlsx with a sheet for each element, zipped text), GHCN-Daily (.dly, CSV
of a year), and plain tables of days or hours.
"""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from lk_spatial.core.errors import DataError, InputError
from lk_spatial.core.notices import notice
from lk_spatial.io import rain_chmi, rain_ghcn, rain_wide
from lk_spatial.io.rain_clean import cleaned, day_shift
from lk_spatial.io.rain_plain import parse_plain
from lk_spatial.io.rain_series import RainFinding, RainSeries, RainStation, RawRain
from lk_spatial.io.rain_text import MAX_MB, decode, read_bytes

HOUR_LABELS = ("start", "end")
STATION_LISTS = "meta1*.json"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_GZIP = b"\x1f\x8b"
_PEEK = 4096
_WEB_PAGE = re.compile(r"^\s*(<!doctype html|<html|<\?xml|<head|<body)", re.IGNORECASE)


def read_rain(
    path: str | Path,
    *,
    station: str | None = None,
    stations: str | Path | None = None,
    place: RainStation | None = None,
    compare_with: RainSeries | None = None,
    utc_offset_h: float = 0.0,
    hour_label: str = "start",
) -> RainSeries:
    """The daily rain [mm] of a station, one value for each day between the first and last known, NaN where missing.

    A day is the one on which its 24 hours BEGIN: ČHMÚ 06 UTC to 06 UTC; ``label`` of the result says what the format
    promises (GHCN-Daily names the day of the observation). ``station``: WSI, GH_ID or GHCN id, needed where a file
    holds several. ``stations``: ČHMÚ's list (meta1), for coordinates and moves; beside the file it is found by itself.
    ``place``: id, name and coordinates that replace what the file says. ``compare_with``: a near station, to find a
    shifted day. ``utc_offset_h`` [h], ``hour_label``: zone and label ("start", "end") of hours that state none.

    Every finding is in the result and told as a notice. Raises InputError and DataError (codes ``rain_…``).
    """
    if hour_label not in HOUR_LABELS:
        raise InputError("rain_hour_label", got=hour_label, expected=list(HOUR_LABELS))
    source, name = Path(path), str(path)
    raw = _folder(source, station) if source.is_dir() else _parsed(source, station, utc_offset_h, hour_label)
    series = cleaned(raw, name)
    series = _placed(series, source, stations, place, name)
    if compare_with is not None:
        series = series._replace(findings=(*series.findings, *day_shift(series, compare_with, name)))
    for each in series.findings:
        notice(each.code, **each.told)
    return series


def _parsed(path: Path, station: str | None, utc_offset_h: float, hour_label: str) -> RawRain:
    """The record of one file, its format known by its first bytes."""
    name = str(path)
    start = _start(path, name)
    if start.startswith(_OLD_OFFICE):
        raise DataError("rain_old_xls", path=name)
    if start.startswith(_GZIP) or rain_ghcn.is_year(start.decode("latin-1")):
        return _long(path, name, station)
    raw = read_bytes(path, name)
    if raw.startswith(b"PK"):
        table = rain_wide.unzipped(raw, name)
        if table is None:
            return rain_wide.parse_workbook(raw, name)
        raw = table
    return _from_text(decode(raw, name), name, station, utc_offset_h, hour_label)


def _from_text(text: str, name: str, station: str | None, utc_offset_h: float, hour_label: str) -> RawRain:
    head = text.lstrip()
    if not head:
        raise DataError("rain_empty", path=name)
    if _WEB_PAGE.match(head):
        raise DataError("rain_web_page", path=name)
    if head.startswith(("{", "[")):
        return rain_chmi.parse_chmi_json(head, name, station)
    if head.startswith(rain_chmi.CSV_HEAD):
        return rain_chmi.parse_chmi_csv(head, name, station)
    if rain_wide.is_sections(head):
        return rain_wide.parse_sections(head, name)
    if rain_ghcn.is_dly(head):
        return rain_ghcn.parse_dly(head.splitlines(), name, station)
    if rain_ghcn.is_year(head):
        return rain_ghcn.parse_year(head.splitlines(), name, station)
    return parse_plain(head, name, station, utc_offset_h, hour_label)


def _start(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_PEEK)
    except FileNotFoundError:
        raise InputError("file_missing", input="rain", path=name) from None
    except OSError as error:
        raise InputError("input_unreadable", path=name, reason=error.strerror or str(error)) from None


def _long(path: Path, name: str, station: str | None) -> RawRain:
    """A file that is read line by line: GHCN-Daily of a year or a station, perhaps packed."""
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == _GZIP
            plain.seek(0)
            lines = _lines(gzip.GzipFile(fileobj=plain) if packed else plain, name)
            first = next(lines, "")
            if rain_ghcn.is_year(first):
                return rain_ghcn.parse_year(_chain(first, lines), name, station)
            if rain_ghcn.is_dly(first):
                return rain_ghcn.parse_dly(_chain(first, lines), name, station)
    except (EOFError, OSError, zlib.error) as error:
        raise DataError("rain_broken", path=name, reason=str(error)[:120]) from None
    raise DataError("rain_format_unknown", path=name)


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _lines(file: io.BufferedIOBase | gzip.GzipFile | io.BufferedReader, name: str) -> Iterator[str]:
    """Lines of a file that may be larger than memory; a line that never ends is no table."""
    while line := file.readline(_PEEK):
        if len(line) >= _PEEK:
            raise DataError("rain_format_unknown", path=name)
        yield line.decode("latin-1")


def _folder(folder: Path, station: str | None) -> RawRain:
    """The station files of a folder as one record: the long one first, then what months add to it."""
    name = str(folder)
    files = {file: file.stem.split("-")[1:] for file in sorted(folder.glob("dly-*.json"))}
    ids = {file: "-".join(parts[:4]) for file, parts in files.items()}
    mine = [file for file in files if station in (None, ids[file])]
    if not mine:
        raise InputError("rain_folder_empty", path=name, station=station or "")
    found = sorted({ids[file] for file in mine})
    if len(found) > 1:
        raise DataError("rain_stations_several", path=name, count=len(found), found=found[:10])
    size = sum(file.stat().st_size for file in mine) / 1e6
    if size > MAX_MB:
        raise DataError("rain_too_large", path=name, size=f"{size:.0f}", limit=MAX_MB)
    return _joined([part for file in sorted(mine, key=lambda file: len(files[file])) for part in _if_any(file)], name)


def _if_any(file: Path) -> list[RawRain]:
    """The record of a file; none where a month has no rain yet."""
    try:
        return [_parsed(file, None, 0.0, "start")]
    except DataError as error:
        if error.code in ("rain_element_missing", "rain_empty"):
            return []
        raise


def _joined(parts: list[RawRain], name: str) -> RawRain:
    """Several records of one station as one: what the first knows stands, later ones add to it."""
    if not parts:
        raise DataError("rain_empty", path=name)
    rain = pd.Series(parts[0].mm, index=pd.DatetimeIndex(parts[0].days))
    warm = parts[0].temperature
    findings: dict[str, RainFinding] = {}
    for part in parts[1:]:
        more = pd.Series(part.mm, index=pd.DatetimeIndex(part.days))
        rain = pd.concat(
            [rain[~rain.index.isin(more.index) | rain.notna()], more[~more.index.isin(rain.dropna().index)]]
        )
        if part.temperature is not None:
            warm = part.temperature if warm is None else warm.combine_first(part.temperature)
    for each in (told for part in parts for told in part.findings):
        before = findings.get(each.code, replace(each, count=0, values=dict(each.values) | {"path": name}))
        findings[each.code] = replace(before, count=before.count + each.count)
    days = rain.index.to_numpy().astype("datetime64[D]")
    return parts[0]._replace(days=days, mm=rain.to_numpy(), temperature=warm, findings=tuple(findings.values()))


def _placed(
    series: RainSeries, source: Path, stations: str | Path | None, place: RainStation | None, name: str
) -> RainSeries:
    """The series with what is known of its station: given, from a list of stations, or from its own file."""
    folder = source if source.is_dir() else source.parent
    listed = Path(stations) if stations is not None else next(iter(sorted(folder.glob(STATION_LISTS))), None)
    if listed is not None and series.station.id:
        table = rain_chmi.read_chmi_stations(listed)
        known = rain_chmi.station_of(table, series.station.id)
        first, last = (f"{series.daily.index[end]:%Y-%m-%d}" for end in (0, -1))
        found = rain_chmi.moves(table, series.station.id, first, last, name)
        series = series._replace(station=known or series.station, findings=(*series.findings, *found))
    return series if place is None else series._replace(station=place)
