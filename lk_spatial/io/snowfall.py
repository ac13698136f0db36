"""Mean monthly snowfall by altitude, as a table that people fill in: the input ``snow``."""

import csv
import math
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from lk_spatial.core.errors import DataError, InputError, LkError, Problems
from lk_spatial.core.notices import notice

COLUMNS = ("altitude_m", "month", "snowfall_cm", "snow_events")
HUMIDITY = "relative_humidity_pct"
LIMITS = {
    "altitude_m": (-50.0, 3000.0),
    "month": (1.0, 12.0),
    "snowfall_cm": (0.0, 600.0),
    "snow_events": (0.0, 31.0),
    HUMIDITY: (1.0, 100.0),
}
INCH_CM = 2.54  # a day with more fresh snow is an event (Townsend 2013)
HEAVY_CM = 30.0  # fresh snow of a mean event; more says that millimetres were given
TOLD = 5  # faults that are told at once


class _Line(NamedTuple):
    """A line of the table: its number in the file and the texts by column."""

    number: int
    cells: dict[str, str]


def read_snowfall(path: str | Path) -> pd.DataFrame:
    """Mean snowfall of the twelve months at one or more altitudes.

    A text table with a heading (UTF-8 or cp1250; semicolons, commas or tabs between the values, decimal comma or
    point, lines that begin with # left out): ``altitude_m`` [m], ``month`` (1-12), ``snowfall_cm`` fresh snow [cm],
    ``snow_events`` days with more than 2.54 cm of it, and perhaps ``relative_humidity_pct`` [%]; other columns are
    left out. The result has these columns as float64 without NaN, ordered by altitude and month, twelve rows for each
    altitude. Raises InputError and DataError (codes ``snow_…``), the first faults together.
    """
    name = str(path)
    lines = _lines(_text(Path(path), name), name)
    rows, faults = [], list[LkError]()
    for line in lines:
        values = {column: _number(line.cells[column], column) for column in line.cells}
        faults += [_fault(name, line, column) for column, value in values.items() if value is None]
        rows.append(values)
    if faults:
        raise Problems(faults[:TOLD])
    table = pd.DataFrame(rows).astype(float)
    _check_months(table, [line.number for line in lines], name)
    table = table.sort_values(["altitude_m", "month"], ignore_index=True)
    _check_amounts(table, name)
    return table


def _text(path: Path, name: str) -> str:
    """The file's text."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise InputError("file_missing", input="snow", path=name) from None
    except OSError as error:
        raise InputError("input_unreadable", path=name, reason=error.strerror or str(error)) from None
    if b"\0" in raw:
        raise DataError("snow_no_text", path=name)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1250", errors="replace")


def _lines(text: str, name: str) -> list[_Line]:
    """The rows of the table with their wanted cells."""
    numbered = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip(" \t;,") and line[0] != "#"
    ]
    if len(numbered) < 2:
        raise DataError("snow_empty", path=name)
    mark = next((each for each in (";", "\t") if each in numbered[0][1]), ",")
    heading, *rows = ([cell.strip() for cell in next(csv.reader([line], delimiter=mark))] for _, line in numbered)
    columns = [column.casefold() for column in heading]
    missing = [column for column in COLUMNS if column not in columns]
    if missing:
        raise DataError("snow_columns_missing", path=name, missing=missing, found=numbered[0][1].strip())
    wanted = [column for column in (*COLUMNS, HUMIDITY) if column in columns]
    found = []
    for (number, _), row in zip(numbered[1:], rows, strict=True):
        if any(row[len(columns) :]):
            raise DataError("snow_cells", path=name, line=number, got=len(row), expected=len(columns))
        cells = dict(zip(columns, row + [""] * len(columns), strict=False))
        found.append(_Line(number, {column: cells[column] for column in wanted}))
    return found


def _number(text: str, column: str) -> float | None:
    """The number within the limits of its column; None where the text is none."""
    try:
        value = float("".join(text.split()).replace(",", "."))
    except ValueError:
        return None
    low, high = LIMITS[column]
    fine = math.isfinite(value) and low <= value <= high and (column != "month" or value.is_integer())
    return value if fine else None


def _fault(name: str, line: _Line, column: str) -> DataError:
    low, high = LIMITS[column]
    values = {"column": column, "got": line.cells[column], "low": f"{low:g}", "high": f"{high:g}"}
    return DataError("snow_value_wrong", path=name, line=line.number, **values)


def _check_months(table: pd.DataFrame, numbers: list[int], name: str) -> None:
    """Each month once at each altitude."""
    faults: list[LkError] = []
    for row in table.index[table.duplicated(["altitude_m", "month"])]:
        altitude, month = table.loc[row, ["altitude_m", "month"]]
        faults.append(
            DataError("snow_twice", path=name, line=numbers[row], altitude=f"{altitude:g}", month=f"{month:g}")
        )
    for altitude, rows in table.groupby("altitude_m"):
        absent = [month for month in range(1, 13) if month not in set(rows["month"])]
        if absent:
            faults.append(DataError("snow_months_missing", path=name, altitude=f"{altitude:g}", months=absent))
    if faults:
        raise Problems(faults[:TOLD])


def _check_amounts(table: pd.DataFrame, name: str) -> None:
    """Fresh snow of a mean event tells whether the unit can be true."""
    for altitude, year in table.groupby("altitude_m")[["snowfall_cm", "snow_events"]].sum().iterrows():
        snowfall, events = float(year["snowfall_cm"]), float(year["snow_events"])
        told = {"altitude": f"{altitude:g}", "snowfall": f"{snowfall:g}", "events": f"{events:g}"}
        if snowfall > max(HEAVY_CM * events, INCH_CM):
            raise DataError("snow_not_cm", path=name, **told, limit=f"{HEAVY_CM:g}")
        if snowfall < INCH_CM * events:
            notice("snow_events_light", path=name, **told)
