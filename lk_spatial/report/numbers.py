"""Numbers and dates as the two languages write them."""

import datetime
import math
import re
from typing import Any

UNKNOWN = "–"
MINUS = "\u2212"
_NARROW_SPACE = "\u202f"
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def format_number(value: Any, lang: str, decimals: int = 0, *, sign: bool = False) -> str:
    """``value`` with ``decimals``, as the language groups and points; NaN or None: a dash.

    >>> format_number(1234.5, "en", 1)
    '1,234.5'
    >>> format_number(1234.5, "cs", 1) == "1\\u202f234,5"
    True
    """
    if value is None or not math.isfinite(float(value)):
        return UNKNOWN
    text = f"{abs(float(value)):,.{decimals}f}"
    if lang == "cs":
        text = text.replace(",", _NARROW_SPACE).replace(".", ",")
    if not any(digit in text for digit in "123456789"):
        return text
    if float(value) < 0:
        return MINUS + text
    return "+" + text if sign else text


def format_rounded(value: Any, lang: str) -> str:
    """``value`` with at least three significant digits and never more than two decimals; for totals."""
    if value is None or not math.isfinite(float(value)):
        return UNKNOWN
    size = abs(float(value))
    return format_number(value, lang, 0 if size >= 100 else 1 if size >= 10 else 2)


def format_value(value: Any, lang: str) -> str:
    """A parameter's value as a person writes it: numbers without needless zeros, yes/no, lists with commas."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return UNKNOWN
    if isinstance(value, bool):
        return {"cs": ("ne", "ano"), "en": ("no", "yes")}[lang][value]
    if isinstance(value, int):
        return format_number(value, lang)
    if isinstance(value, float):
        decimals = len(f"{value:.6f}".rstrip("0").partition(".")[2])
        return format_number(value, lang, decimals)
    if isinstance(value, list | tuple):
        return ", ".join(format_value(item, lang) for item in value) or UNKNOWN
    return str(value) or UNKNOWN


def format_unit(unit: str, lang: str) -> str:
    """``unit`` with the year as the language writes it.

    >>> format_unit("kWh/m²·a", "cs"), format_unit("MWh/a", "en")
    ('kWh/m²·rok', 'MWh/a')
    """
    if unit == "a":
        return "let" if lang == "cs" else "years"
    return re.sub(r"([/·])a\b", r"\1rok", unit) if lang == "cs" else unit


def format_date(day: datetime.date, lang: str) -> str:
    """``23. 11. 2026`` or ``23 November 2026``.

    >>> format_date(datetime.date(2026, 11, 3), "en")
    '3 November 2026'
    """
    if lang == "cs":
        return f"{day.day}.\u00a0{day.month}.\u00a0{day.year}"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
