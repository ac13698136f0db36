"""Columns ready to be written: plain types, no NUL characters, one null."""

from typing import Any

import numpy as np
import pandas as pd

from lk_spatial.core.fields import FIELDS
from lk_spatial.core.text import Text

_SOURCE = Text("source", "zdroj")
_CONFIDENCE = Text("confidence", "spolehlivost")


def plain_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """The attribute columns of ``frame`` with a fresh row index; text without NUL characters, dates as ISO text."""
    geometry = getattr(frame, "_geometry_column_name", None)
    columns = {str(name): _plain(frame[name]) for name in frame.columns if name != geometry}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(frame)))


def _plain(column: pd.Series) -> pd.Series:
    column = column.reset_index(drop=True)
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    if is_text(column):
        values = [None if _missing(value) else str(value).replace("\0", "") for value in column]
        return pd.Series(values, dtype=object)
    return column


def is_text(column: pd.Series) -> bool:
    """Whether a column is written as text."""
    return not (
        pd.api.types.is_numeric_dtype(column)
        or pd.api.types.is_bool_dtype(column)
        or pd.api.types.is_datetime64_any_dtype(column)
    )


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
