"""Bytes and cells of rain files: encodings, marks of missing values, trace."""

import csv
import math
import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from lk_spatial.core.errors import DataError, InputError
from lk_spatial.io.rain_series import RainFinding, finding

MAX_MB = 300  # a whole ČHMÚ record of all elements has some tens; all of a file is held in memory
FIRST_YEAR, LAST_YEAR = 1750, 2199
MISSING = frozenset((-99.0, -99.9, -999.0, -999.9, -9999.0, -99999.0, 999.9, 9999.0, 9999.9, 99999.0, -32768.0))
EMPTY = frozenset(("", "null", "none", "nan", "na", "n/a", "-", "–", "*", "m", "x", "."))
TRACE = frozenset(("t", "tr", "tr.", "trace", "stopa", "stopy", "nem", "neměř.", "neměřitelné"))
_DAYS = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
    re.compile(r"(?P<d>\d{1,2})\.\s*(?P<m>\d{1,2})\.\s*(?P<y>\d{4})"),
    re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})"),  # day first, as in Europe
)


def read_bytes(path: Path, name: str, max_mb: float = MAX_MB) -> bytes:
    """The file's bytes; refuses what is missing, unreadable or far larger than any record of rain."""
    try:
        size = path.stat().st_size / 1e6
        if size > max_mb:
            raise DataError("rain_too_large", path=name, size=f"{size:.0f}", limit=f"{max_mb:g}")
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError("file_missing", input="rain", path=name) from None
    except OSError as error:
        raise InputError("input_unreadable", path=name, reason=error.strerror or str(error)) from None


def decode(raw: bytes, name: str) -> str:
    """Text in UTF-8 (with or without BOM), UTF-16 with BOM, or cp1250."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    if b"\0" in raw[:65536]:
        raise DataError("rain_format_unknown", path=name)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1250", errors="replace")


def number(text: Any) -> float | None:
    """A number with decimal point or comma, also ",4"; None where it is none.

    >>> number(",4"), number("1 234,5"), number("5 mm"), number(True)
    (0.4, 1234.5, None, None)
    """
    if isinstance(text, bool) or text is None:
        return None
    plain = text if isinstance(text, int | float) else "".join(str(text).split()).strip("\"'").replace(",", ".")
    try:
        value = float(plain)
    except (OverflowError, ValueError):
        return None
    return value if math.isfinite(value) else None


def day(text: str) -> date | None:
    """The day of a text: 2020-05-31, 2020-05-31T06:00Z, 20200531, 31.5.2020 or 31/5/2020; else None.

    >>> day("31. 5. 2020 06:00"), day("2020-02-30")
    (datetime.date(2020, 5, 31), None)
    """
    text = text.strip().strip("\"'")
    for form in _DAYS:
        found = form.match(text)
        if found and not text[found.end() : found.end() + 1].isdigit():
            return date_of(found["y"], found["m"], found["d"])
    return None


def date_of(year: Any, month: Any, day: Any) -> date | None:
    """The day of three numbers within the time of rain gauges; else None."""
    try:
        found = date(int(year), int(month), int(day))
    except (OverflowError, TypeError, ValueError):
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def cells_of(line: str, mark: str, name: str) -> list[str]:
    """The cells of one line, without blanks around them; quotes never reach into the next line."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=mark), [])]
    except csv.Error as error:
        raise DataError("rain_broken", path=name, reason=str(error)) from None


class Cells:
    """Turns cells into amounts [mm] and counts what it met: marks of missing values, traces, texts."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.marks: Counter[str] = Counter()
        self.traces = 0

    def amount(self, cell: Any, line: int) -> float:
        """The amount of a cell: NaN where it says missing, 0 for a trace. Raises DataError for other texts."""
        value = number(cell)
        if value is not None:
            if value in MISSING:
                self.marks[f"{value:g}"] += 1
                return math.nan
            return value
        text = str("" if cell is None else cell).strip().strip("\"'").casefold()
        if text in TRACE:
            self.traces += 1
            return 0.0
        if text in EMPTY:
            return math.nan
        raise DataError("rain_value_wrong", path=self.name, line=line, got=text[:40])

    def amounts(self, cells: Iterable[Any], first_line: int = 1) -> np.ndarray:
        """Amounts [mm] of many cells, numbered from ``first_line``."""
        return np.array([self.amount(cell, line) for line, cell in enumerate(cells, first_line)], dtype=np.float64)

    def findings(self) -> list[RainFinding]:
        """What was met."""
        found = []
        if self.marks:
            shown = ", ".join(f"{mark} ({count}×)" for mark, count in self.marks.most_common(5))
            found.append(finding("rain_missing_marks", self.marks.total(), shown, path=self.name))
        if self.traces:
            found.append(finding("rain_trace", self.traces, path=self.name))
        return found
