"""Design rain as a table that people fill in: the input ``design_rain``."""

import csv
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from lk_spatial.core.errors import DataError, InputError, LkError, Problems
from lk_spatial.core.notices import notice

DURATIONS = {"duration_min": 1.0, "duration_h": 60.0}  # to minutes
AMOUNTS = ("depth_mm", "intensity_l_s_ha", "intensity_mm_h")
PERIODS = ("return_period_a", "frequency_1_a")
L_S_HA = 6e-3  # [mm/min] of 1 l/s·ha
SHORTEST_MIN, LONGEST_MIN = 5.0, 4320.0  # durations that the standards ask for
MOST_MM_MIN, MOST_MM = 15.0, 1000.0  # no rain of the country comes near: another unit
LEAST_LONGEST_MM = 10.0  # less in a day or more: centimetres
TOLD = 5  # faults that are told at once


class _Line(NamedTuple):
    number: int
    cells: dict[str, str]


def read_design_rain(path: str | Path) -> pd.DataFrame:
    """Design rain with columns ``return_period_a`` [a], ``duration_min`` [min], ``depth_mm`` [mm], ordered by these.

    A text table with a heading (UTF-8 or cp1250; semicolons, tabs or commas between the values, decimal comma or point,
    lines that begin with # left out). Headings tell the units: duration_min or duration_h; depth_mm, intensity_l_s_ha
    or intensity_mm_h (turned into depths); return_period_a or frequency_1_a. Float64 without NaN. Raises InputError and
    DataError (codes ``design_rain_…``) for missing or doubled units, values that are none, two rows of one rain, depths
    that fall as a rain lasts longer or becomes rarer; notices tell durations that are missing or look like centimetres.
    """
    name = str(path)
    lines = _lines(Path(path), name)
    duration, depth, period = (_column(lines[0], each, name) for each in (tuple(DURATIONS), AMOUNTS, PERIODS))
    found, faults = [], list[LkError]()
    for line in lines:
        values = {column: _number(line.cells[column]) for column in (duration, depth, period)}
        wrong = [column for column, value in values.items() if value is None]
        faults += [_value_fault(name, line, column) for column in wrong]
        if not wrong:
            found.append((line.number, *_row(values, duration, depth, period)))
    if faults:
        raise Problems(faults[:TOLD])
    table = pd.DataFrame(found, columns=["line", "return_period_a", "duration_min", "depth_mm"])
    _check_units(table, name)
    table = table.sort_values(["return_period_a", "duration_min"], ignore_index=True)
    _check_order(table, name)
    _tell(table, name)
    return table.drop(columns="line").astype(float)


def design_rain_of(table: pd.DataFrame, return_period_a: float) -> pd.DataFrame:
    """The rows of one return period [a]; raises InputError with those at hand where there is none."""
    at_hand = sorted(table["return_period_a"].unique())
    rows = table[(table["return_period_a"] - return_period_a).abs() < 1e-6]
    if rows.empty:
        raise InputError("design_rain_period", got=f"{return_period_a:g}", found=[f"{each:g}" for each in at_hand])
    return rows.reset_index(drop=True)


def _lines(path: Path, name: str) -> list[_Line]:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise InputError("file_missing", input="design_rain", path=name) from None
    except OSError as error:
        raise InputError("input_unreadable", path=name, reason=error.strerror or str(error)) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1250", errors="replace")
    numbered = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip(" \t;,") and line[0] != "#"
    ]
    if b"\0" in raw or len(numbered) < 2:
        raise DataError("design_rain_empty", path=name)
    mark = next((each for each in (";", "\t") if each in numbered[0][1]), ",")
    heading, *rows = csv.reader((line for _, line in numbered), delimiter=mark)
    columns = [column.strip().casefold() for column in heading]
    padded = (row + [""] * len(columns) for row in rows)
    return [
        _Line(number, dict(zip(columns, row, strict=False)))
        for (number, _), row in zip(numbered[1:], padded, strict=True)
    ]


def _column(line: _Line, names: tuple[str, ...], path: str) -> str:
    """The one heading among ``names``: it tells the unit."""
    there = [name for name in names if name in line.cells]
    if len(there) != 1:
        raise DataError("design_rain_columns", path=path, expected=list(names), found=list(line.cells))
    return there[0]


def _number(text: str) -> float | None:
    """A positive number; None where the text is none."""
    try:
        value = float("".join(text.split()).replace(",", "."))
    except ValueError:
        return None
    return value if 0.0 < value < 1e9 else None


def _row(values: dict[str, float | None], duration: str, depth: str, period: str) -> tuple[float, float, float]:
    """Return period [a], duration [min] and depth [mm] of a line."""
    minutes = (values[duration] or 0.0) * DURATIONS[duration]
    amount, rarity = values[depth] or 0.0, values[period] or 1.0
    rate = {"intensity_l_s_ha": L_S_HA * minutes, "intensity_mm_h": minutes / 60.0}.get(depth, 1.0)
    return rarity if period == "return_period_a" else 1.0 / rarity, minutes, amount * rate


def _check_units(table: pd.DataFrame, name: str) -> None:
    wrong = table[(table["depth_mm"] > MOST_MM_MIN * table["duration_min"]) | (table["depth_mm"] > MOST_MM)]
    if len(wrong):
        raise _fault("design_rain_unit", name, wrong.iloc[0])


def _check_order(table: pd.DataFrame, name: str) -> None:
    """No rain twice; longer and rarer rains are not smaller."""
    twice = table[table.duplicated(["return_period_a", "duration_min"])]
    faults: list[LkError] = [_fault("design_rain_twice", name, row) for _, row in twice.iterrows()]
    for fixed, by in (("return_period_a", "duration_min"), ("duration_min", "return_period_a")):
        ordered = table.sort_values([fixed, by])
        falls = ordered[ordered.groupby(fixed)["depth_mm"].diff() < 0.0]
        faults += [_fault("design_rain_falls", name, row) for _, row in falls.iterrows()]
    if faults:
        raise Problems(faults[:TOLD])


def _value_fault(name: str, line: _Line, column: str) -> DataError:
    return DataError("design_rain_value", path=name, line=line.number, column=column, got=line.cells[column])


def _fault(code: str, name: str, row: pd.Series) -> DataError:
    values = {"duration": row["duration_min"], "depth": row["depth_mm"], "period": row["return_period_a"]}
    return DataError(code, path=name, line=int(row["line"]), **{key: f"{value:g}" for key, value in values.items()})


def _tell(table: pd.DataFrame, name: str) -> None:
    for period, rows in table.groupby("return_period_a"):
        shortest, longest = rows["duration_min"].min(), rows["duration_min"].max()
        told = {"path": name, "period": f"{period:g}", "shortest": f"{shortest:g}", "longest": f"{longest:g}"}
        if shortest > SHORTEST_MIN or longest < LONGEST_MIN:
            notice("design_rain_short", **told)
        if longest >= 1440.0 and rows["depth_mm"].max() < LEAST_LONGEST_MM:
            notice("design_rain_light", **told, depth=f"{rows['depth_mm'].max():g}")
