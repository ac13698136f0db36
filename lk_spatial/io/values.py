"""What people write in a table becomes a value of the attribute's type; what cannot be understood becomes unknown."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pandas as pd

from lk_spatial.core.fields import FIELDS
from lk_spatial.core.notices import notice
from lk_spatial.io.codes import code_of, coded_attributes, possible_codes

EMPTY = frozenset(("", "-", "–", "?", "null", "none", "nan", "n/a", "neznámo", "neznámé", "nezjištěno", "unknown"))
TRUE = frozenset(("1", "true", "t", "yes", "y", "ano", "a"))
FALSE = frozenset(("0", "false", "f", "no", "n", "ne"))
EXACT = 2**53  # [-] larger whole numbers lose digits as floats
DAY_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y")
RANGES: dict[str, tuple[float, float]] = {
    "persons": (0, 100_000),
    "year_built": (1001, 2100),
    "covering_year": (1700, 2100),
    "refurbishment_year": (1700, 2100),
    "storeys": (1, 60),
    "height_agl_m": (0, 300),
    "eaves_height_m": (0, 300),
    "pitch_deg": (0, 90),
    "span_m": (0.5, 300),
    "sk_kn_m2": (0.1, 20),
    "green_roof_cm": (0, 300),
    "design_year": (1001, 2100),
    "report_year": (1950, 2100),
    "roof_life_a": (0, 100),
    "parapet_m": (0, 10),
    "altitude_m": (100, 1700),
    "g_kn_m2": (0.05, 20),
    "g_added_kn_m2": (-1000, 1000),  # so wide that weight in kg/m² still counts against a roof; see statics.doubts
    "green_roof_load_kn_m2": (0, 1000),
    "build_load_kn_m2": (0.1, 40),
    "report_reserve_kn_m2": (-1000, 20),
    "benefit_czk": (-1e12, 1e12),
    "p_exceed_1": (0, 1),
}
OTHER_MAP = {"snow_zone_old": "snow_zone"}  # zones that only the other map has
_DTYPES = {"text": object, "date": object, "integer": "Int64", "number": "float64", "boolean": "boolean"}
_SHOWN = 5


def converted(attribute: str, column: pd.Series) -> pd.Series:
    """``column`` as the type of ``attribute``; values not understood or out of range become unknown, with a notice."""
    kind = FIELDS[attribute].type if attribute in FIELDS else "text"
    read = _reader(attribute, kind)
    strange: dict[str, Counter[str]] = {}
    low, high = RANGES.get(attribute, (0.0, float("inf")))
    values: list[Any] = []
    for raw in column.tolist():
        value = None
        if not _is_empty(raw, attribute):
            value = read(raw)
            outside = kind in ("integer", "number") and value is not None and not low <= value <= high
            if value is None or outside:
                code, told = _strange(attribute, raw, value, high)
                strange.setdefault(code, Counter())[told] += 1
                value = None
        values.append(value)
    for code, counted in strange.items():
        _tell(code, attribute, counted, low=low, high=high)
    return pd.Series(values, index=column.index, dtype=_DTYPES[kind])


def _strange(attribute: str, raw: Any, value: Any, high: float) -> tuple[str, str]:
    """Which notice tells why a value is none of the attribute's, and the value as told there."""
    text = str(raw)
    if attribute in coded_attributes():
        may = possible_codes(attribute, text)
        if may:
            return "attribute_ambiguous", f"{text}: {' / '.join(may)}"
        if attribute in OTHER_MAP and code_of(OTHER_MAP[attribute], text):
            return "attribute_other_map", text
    above = value is not None and value > high
    if attribute == "pitch_deg" and (above or "%" in text):
        return "attribute_in_percent", text
    if attribute.endswith("_kn_m2") and (above or "kg" in text.casefold()):
        return "attribute_in_kg", text
    return "attribute_not_understood" if value is None else "attribute_out_of_range", text


def _tell(code: str, attribute: str, counted: Counter[str], **limits: float) -> None:
    shown = [f"{text} ({count}×)" for text, count in counted.most_common(_SHOWN)]
    if len(counted) > _SHOWN:
        shown.append("…")
    more = limits if code == "attribute_out_of_range" else {}
    notice(code, attribute=attribute, title=FIELDS[attribute].title, values=shown, count=counted.total(), **more)


def _is_empty(raw: Any, attribute: str) -> bool:
    if isinstance(raw, str):
        text = raw.strip().casefold()
        return text in EMPTY and not (attribute in coded_attributes() and code_of(attribute, text))
    return bool(pd.isna(raw)) if pd.api.types.is_scalar(raw) else raw is None


def _reader(attribute: str, kind: str) -> Callable[[Any], Any]:
    if attribute in coded_attributes():
        return lambda raw: code_of(attribute, as_text(raw) or "")
    return {"integer": _integer, "number": _number, "boolean": _boolean, "date": _day}.get(kind, as_text)


def as_text(raw: Any) -> str | None:
    """Text of a value; whole floats without their point; None where a float has lost digits.

    >>> as_text(12.0), as_text(" a "), as_text(8.59e17)
    ('12', 'a', None)
    """
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw)) if abs(raw) < EXACT else None
    return str(raw).replace("\0", "").strip()


def _number(raw: Any) -> float | None:
    """A number; text may have a decimal comma and blanks between thousands.

    >>> _number("1 234,5"), _number("1.234,5"), _number("12 m")
    (1234.5, 1234.5, None)
    """
    if isinstance(raw, bool):
        return None
    text = re.sub(r"[\s\u00a0\u202f]", "", str(raw))
    if "," in text and "." in text:
        thousands = "," if text.rfind(".") > text.rfind(",") else "."
        text = text.replace(thousands, "")
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def _integer(raw: Any) -> int | None:
    value = _number(raw)
    return int(value) if value is not None and value.is_integer() else None


def _boolean(raw: Any) -> bool | None:
    text = (as_text(raw) or "").casefold()
    return True if text in TRUE else False if text in FALSE else None


def _day(raw: Any) -> date | None:
    if isinstance(raw, date):
        return raw.date() if isinstance(raw, datetime) else raw
    text = str(raw).replace(" ", "")
    for form in DAY_FORMATS:
        try:
            return datetime.strptime(text[:10], form).date()
        except ValueError:
            continue
    return None
