"""What users give becomes arrays, or one readable error; rows of the tables in ``data/water``."""

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.errors import InputError
from lk_spatial.core.tables import record_use, table_rows

Floats = NDArray[np.float64]
Codes = NDArray[np.object_]
Flags = NDArray[np.bool_]


def amount(name: str, value: ArrayLike, low: float = 0.0, high: float = np.inf) -> Floats:
    """``value`` as floats between ``low`` and ``high``; NaN (and None) stay unknown. Raises InputError for all else."""
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise InputError("water_not_a_number", name=name, got=str(value)) from None
    wrong = (found < low) | (found > high) | np.isinf(found)
    if wrong.any():
        got = float(found[wrong].ravel()[0]) if found.ndim else float(found)
        raise InputError("water_value_wrong", name=name, got=f"{got:g}", low=f"{low:g}", high=f"{high:g}")
    return found


def texts(name: str, value: Any, expected: Iterable[str]) -> Codes:
    """Codes as an array of texts, None where one is unknown (None, NaN, blanks). Raises InputError for other texts."""
    found = np.array([_text(each) for each in np.asarray(value, dtype=object).ravel()], dtype=object)
    names = list(expected)
    strange = next((each for each in found if each is not None and each not in names), None)
    if strange is not None:
        raise InputError("water_code_unknown", name=name, got=strange, expected=names)
    return found.reshape(np.shape(np.asarray(value, dtype=object)))


def truths(value: Any) -> Floats:
    """Yes and no as 1 and 0; NaN where that is unknown (None, NaN, pandas' NA).

    >>> truths([True, None, False])
    array([ 1., nan,  0.])
    """
    given = np.asarray(value, dtype=object)
    flat = [np.nan if _text(each) is None else float(bool(each)) for each in given.ravel()]
    return np.array(flat, float).reshape(given.shape)


def by_code(codes: Codes, values: Mapping[str, float]) -> Floats:
    """The value of each code, in the shape of ``codes``; NaN for unknown codes and those without a value."""
    return np.array([values.get(each, np.nan) for each in codes.ravel()], float).reshape(codes.shape)


def _text(value: Any) -> str | None:
    if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value:
        return None
    return str(value).strip() or None


def code_names(attribute: str) -> tuple[str, ...]:
    """Codes of an attribute of buildings."""
    return tuple(row["code"] for row in table_rows(f"codes/{attribute}"))


def rows(table_id: str) -> tuple[Mapping[str, str], ...]:
    """Rows of a table as texts, read once; a run's record names the table."""
    record_use(table_id)
    return _rows(table_id)


def numbers(table_id: str, key: str, column: str) -> dict[str, float]:
    """A column's numbers by the texts of ``key``; NaN where the cell is empty."""
    record_use(table_id)
    return {row[key]: float(row[column] or "nan") for row in _rows(table_id)}


@cache
def _rows(table_id: str) -> tuple[Mapping[str, str], ...]:
    return tuple(MappingProxyType(row) for row in table_rows(table_id))
