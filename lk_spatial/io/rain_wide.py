"""Older ČHMÚ tables: workbooks with a sheet for each element, and zipped text files of one element.

A workbook has a row for each month: year, month, then the days 1 to 31, the heading some rows below the top. A text
file has the sections METADATA, PRVEK and DATA (year; month; day; value; flag). The amount is measured at 7 h and by
ČHMÚ's custom written to the day before, that on which the 24 hours begin; the files themselves do not say so.
"""

import io
import math
import re
import unicodedata
import zipfile
import zlib
from calendar import monthrange
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import load_workbook

from lk_spatial.core.errors import DataError
from lk_spatial.io.rain_chmi import DEGREE_KM
from lk_spatial.io.rain_series import STARTS_07, RainFinding, RainStation, RawRain, finding
from lk_spatial.io.rain_text import FIRST_YEAR, LAST_YEAR, MAX_MB, Cells, cells_of, date_of, number

_HEADING_ROWS = 20  # among which the heading of a sheet is looked for
_MOST_ROWS = 12 * (LAST_YEAR - FIRST_YEAR) + _HEADING_ROWS
_SUM_NAMES = ("suma", "sum", "uhrn", "celkem", "total")
_SUM_TOLERANCE = 0.15  # [mm] sums of 31 values with one decimal


def plain(text: Any) -> str:
    """Lower case without accents and units, for names of columns and sheets.

    >>> plain("Srážky [mm]"), plain("MĚSÍC"), plain("1.")
    ('srazky', 'mesic', '1')
    """
    bare = unicodedata.normalize("NFKD", str("" if text is None else text))
    bare = "".join(each for each in bare if not unicodedata.combining(each)).casefold()
    return re.sub(r"[\[(].*?[\])]", "", bare).strip(" .:\"'\ufeff\t")


# --- a row for each month ---------------------------------------------------------------------------------------


def is_wide(heading: Sequence[Any]) -> bool:
    """Whether a heading has year, month and the days of the month."""
    return _columns(heading) is not None


def _columns(heading: Sequence[Any]) -> tuple[int, int, dict[int, int], int | None] | None:
    """Places of year, month, days 1 to 31 and perhaps of the month's sum."""
    names = [plain(cell) for cell in heading]
    year = next((n for n, name in enumerate(names) if name in ("rok", "year")), None)
    month = next((n for n, name in enumerate(names) if name in ("mesic", "month", "mes")), None)
    days = {int(value): n for n, name in enumerate(names) if name.isdigit() and 1 <= (value := int(name)) <= 31}
    if year is None or month is None or len(days) != 31:
        return None
    total = next((n for n, name in enumerate(names) if name.startswith(_SUM_NAMES)), None)
    return year, month, days, total


def wide_days(rows: Iterable[Sequence[Any]], cells: Cells) -> tuple[np.ndarray, np.ndarray, list[RainFinding]]:
    """Days and amounts of a table with a row for each month, its heading first."""
    rows = iter(rows)
    places = _columns(next(rows))
    if places is None:
        raise DataError("rain_format_unknown", path=cells.name)
    year_at, month_at, day_at, sum_at = places
    days, mm, nowhere, differ = [], [], [], []
    for line, row in enumerate(rows, start=2):
        row = [*row, *[None] * (32 + len(day_at))]
        year, month = number(row[year_at]), number(row[month_at])
        if year is None and month is None:
            continue
        if year is None or month is None or not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
            raise DataError("rain_date_wrong", path=cells.name, line=line, got=f"{row[year_at]} {row[month_at]}")
        length = monthrange(int(year), int(month))[1]
        values = [cells.amount(row[day_at[each]], line) for each in range(1, 32)]
        days += [np.datetime64(f"{int(year):04d}-{int(month):02d}-{each:02d}") for each in range(1, length + 1)]
        mm += values[:length]
        if any(value > 0.0 for value in values[length:]):
            nowhere.append(f"{int(year)}-{int(month):02d}")
        stated = number(row[sum_at]) if sum_at is not None else None
        if stated is not None and abs(math.fsum(v for v in values[:length] if v == v) - stated) > _SUM_TOLERANCE:
            differ.append(f"{int(year)}-{int(month):02d}")
    found = []
    if nowhere:
        found.append(finding("rain_day_nonexistent", len(nowhere), ", ".join(nowhere[:5]), path=cells.name))
    if differ:
        found.append(finding("rain_month_sums_differ", len(differ), ", ".join(differ[:5]), path=cells.name))
    return np.array(days, dtype="datetime64[D]"), np.array(mm, dtype=np.float64), found


def parse_workbook(raw: bytes, name: str) -> RawRain:
    """The sheet of rain of a ČHMÚ workbook (.xlsx), with the mean temperature where a sheet has it."""
    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        sheets = {plain(title): title for title in book.sheetnames}
        rain = next((t for p, t in sheets.items() if p == "sra" or "sraz" in p), None)
        if rain is None:
            raise DataError("rain_element_missing", path=name, found=book.sheetnames[:12])
        cells = Cells(name)
        days, mm, found = wide_days(_below_heading(book[rain], name), cells)
        warm = next((t for p, t in sheets.items() if p in ("t", "t-avg") or ("teplota" in p and "prum" in p)), None)
        temperature = _warmth(_below_heading(book[warm], name), name) if warm else None
    except DataError:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise DataError("rain_broken", path=name, reason=str(error)[:120] or type(error).__name__) from None
    findings = (*cells.findings(), *found)
    return RawRain(days, mm, "ČHMÚ workbook", STARTS_07, RainStation(), temperature, None, findings)


def _below_heading(sheet: Any, name: str) -> list[tuple[Any, ...]]:
    """The rows of a sheet from its heading on."""
    rows = list(sheet.iter_rows(values_only=True, max_col=64, max_row=_MOST_ROWS))
    first = next((n for n, row in enumerate(rows[:_HEADING_ROWS]) if is_wide(row)), None)
    if first is None:
        raise DataError("rain_columns_missing", path=name, missing=["rok", "měsíc", "1 … 31"], found=sheet.title)
    return rows[first:]


def _warmth(rows: list[tuple[Any, ...]], name: str) -> pd.Series:
    days, values, _ = wide_days(rows, Cells(name))
    series = pd.Series(values, index=pd.DatetimeIndex(days))
    return series[~series.index.duplicated()].where(series.between(-60.0, 60.0))


# --- sections ---------------------------------------------------------------------------------------------------


def is_sections(text: str) -> bool:
    """Whether a text is a ČHMÚ file with sections."""
    head = text[:4000].splitlines()
    return any(line.strip(" ;") == "METADATA" for line in head) and any("Stanice ID" in line for line in head)


def parse_sections(text: str, name: str) -> RawRain:
    """The amounts of a ČHMÚ text file {GH_ID}_SRA_N.csv."""
    lines = text.splitlines()
    sections = {line.strip(" ;"): number for number, line in enumerate(lines) if line.strip(" ;").isupper()}
    if not {"METADATA", "PRVEK", "DATA"} <= set(sections):
        raise DataError("rain_broken", path=name, reason="METADATA, PRVEK, DATA")
    element = lines[sections["PRVEK"] + 1] if sections["PRVEK"] + 1 < len(lines) else ""
    if "SRA" not in element:
        raise DataError("rain_element_missing", path=name, found=[element[:80]])
    rows = [cells_of(line, ";", name) for line in lines[sections["DATA"] + 2 :]]
    cells = Cells(name)
    days, mm = [], []
    for line, row in enumerate(rows, start=sections["DATA"] + 3):
        if not any(row):
            continue
        found_day = date_of(*row[:3]) if len(row) > 3 else None
        if found_day is None:
            raise DataError("rain_date_wrong", path=name, line=line, got=";".join(row)[:40])
        days.append(found_day)
        mm.append(cells.amount(row[3], line))
    station, found = _section_station(lines[sections["METADATA"] + 1 :], name)
    findings = (*cells.findings(), *found)
    amounts = np.array(mm, dtype=np.float64)
    return RawRain(
        np.array(days, dtype="datetime64[D]"), amounts, "ČHMÚ text table", STARTS_07, station, None, None, findings
    )


def _section_station(lines: list[str], name: str) -> tuple[RainStation, list[RainFinding]]:
    """Station of the section METADATA at its last place, and whether it moved."""
    table = []
    for line in lines[1:]:
        if line.count(";") < 6:
            break
        table.append(line.split(";"))
    if not table:
        return RainStation(), []
    places = [tuple(number(cell) or math.nan for cell in row[4:7]) for row in table]  # longitude comes first
    longitude, latitude, elevation = places[-1]
    station = RainStation(table[-1][0].strip(), table[-1][1].strip(), latitude, longitude, elevation)
    if len(set(places)) < 2:
        return station, []
    rise = max(place[2] for place in places) - min(place[2] for place in places)
    east = (max(p[0] for p in places) - min(p[0] for p in places)) * DEGREE_KM * math.cos(math.radians(latitude))
    north = (max(p[1] for p in places) - min(p[1] for p in places)) * DEGREE_KM
    where = ", ".join(f"{row[2]} {row[6]} m" for row in table)[:200]
    told = {"path": name, "km": f"{math.hypot(north, east):.2f}", "rise": f"{rise:.0f}"}
    return station, [finding("rain_station_moved", len(set(places)), where, **told)]


def unzipped(raw: bytes, name: str) -> bytes | None:
    """The only table of a zip file; None where it is a workbook. Raises DataError."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            size = sum(each.file_size for each in archive.infolist()) / 1e6
            if size > MAX_MB:
                raise DataError("rain_too_large", path=name, size=f"{size:.0f}", limit=MAX_MB)
            names = archive.namelist()
            if "[Content_Types].xml" in names:
                return None
            tables = [each for each in names if each.lower().endswith((".csv", ".txt", ".dly", ".json"))]
            if len(tables) != 1:
                raise DataError("rain_zip_tables", path=name, count=len(tables), found=names[:8])
            return archive.read(tables[0])
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error) as error:
        if isinstance(error, DataError):
            raise
        raise DataError("rain_broken", path=name, reason=str(error)[:120]) from None
