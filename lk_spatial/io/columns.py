"""Columns ready to be written: one kind over all frames of a layer, no NUL characters, one null."""

from collections.abc import Callable, Set
from typing import Any, Literal, cast

import numpy as np
import pandas as pd

from lk_spatial.core.fields import FIELDS
from lk_spatial.core.text import Text

Kind = Literal["boolean", "integer", "number", "text", "moment", "moment_utc"]

_KIND_OF_OBJECTS: dict[str, Kind] = {
    "boolean": "boolean",
    "integer": "integer",
    "floating": "number",
    "mixed-integer-float": "number",
}
_HELD: dict[Kind, Set[Kind]] = {
    "integer": {"boolean", "integer"},
    "number": {"boolean", "integer", "number"},
    "moment_utc": {"moment", "moment_utc"},
}
_SOURCE = Text("source", "zdroj")
_CONFIDENCE = Text("confidence", "spolehlivost")


def kind_of(column: pd.Series) -> Kind | None:
    """What a column holds, by its type and, among objects, by its values; None for objects that are all null.

    >>> kind_of(pd.Series([1, None], dtype=object)), kind_of(pd.Series([None, None], dtype=object))
    ('integer', None)
    """
    kinds = pd.api.types
    if kinds.is_bool_dtype(column.dtype):
        return "boolean"
    if kinds.is_integer_dtype(column.dtype):
        return "integer"
    if kinds.is_numeric_dtype(column.dtype):
        return "number"
    if kinds.is_datetime64_any_dtype(column.dtype):
        return "moment" if column.dt.tz is None else "moment_utc"
    if kinds.is_object_dtype(column.dtype) or isinstance(column.dtype, pd.CategoricalDtype):
        found = pd.api.types.infer_dtype(column, skipna=True)
        return None if found == "empty" else _KIND_OF_OBJECTS.get(found, "text")
    return "text"


def decided_kind(column: str, of_values: Set[Kind], of_types: Set[Kind]) -> Kind:
    """The kind in which a column of many frames is written: that of ``data/fields.csv``, else what its values tell.

    ``of_values``: kinds of the frames in which it has values; ``of_types``: of those in which it is all null.
    """
    registered = FIELDS[column].type if column in FIELDS else None
    if registered in ("boolean", "integer", "number", "text"):
        return cast(Kind, registered)
    found = of_values or of_types or {"text"}
    if len(found) == 1:
        return next(iter(found))
    return next((kind for kind, wider in _HELD.items() if found <= wider), "text")


def as_kind(column: pd.Series, kind: Kind) -> pd.Series:
    """A column as ``kind`` with a fresh row index: text without NUL characters, dates as ISO text, zones as UTC.

    Raises ValueError or TypeError with the column's name where a value is of no such kind.
    """
    column = column.reset_index(drop=True)
    try:
        return _CASTS[kind](column)
    except (TypeError, ValueError) as error:
        error.add_note(f"The column {column.name!r} is to be written as {kind}.")
        raise


def _text(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, pd.StringDtype):
        plain = column.str.replace("\0", "", regex=False).astype(object)
        return plain.where(plain.notna(), None)
    values = [None if _missing(value) else str(value).replace("\0", "") for value in column]
    return pd.Series(values, dtype=object)


def _number(column: pd.Series) -> pd.Series:
    if column.dtype == np.float64:
        return column
    return pd.Series(column.astype("Float64").to_numpy(np.float64, na_value=np.nan))


_CASTS: dict[Kind, Callable[[pd.Series], pd.Series]] = {
    "boolean": lambda column: column.astype("boolean"),
    "integer": lambda column: column.astype("Int64"),
    "number": _number,
    "text": _text,
    "moment": lambda column: pd.to_datetime(column).astype("datetime64[us]"),
    "moment_utc": lambda column: pd.to_datetime(column, utc=True).astype("datetime64[us, UTC]"),
}


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and bool(np.isnan(value)))


def alias(column: str, lang: str) -> str | None:
    """Heading of a column from ``data/fields.csv`` with its unit; None for a column that it does not list."""
    if column in FIELDS:
        return FIELDS[column].heading(lang)
    for suffix, word in (("_source", _SOURCE), ("_confidence", _CONFIDENCE)):
        base = column.removesuffix(suffix)
        if base != column and base in FIELDS:
            return f"{FIELDS[base].title.get(lang)} – {word.get(lang)}"
    return None


def meaning(column: str, lang: str) -> str | None:
    """What a column of ``data/fields.csv`` means."""
    return FIELDS[column].meaning.get(lang) if column in FIELDS else None
