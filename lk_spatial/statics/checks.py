"""What users give becomes arrays of floats, or one readable error."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.errors import InputError
from lk_spatial.statics.interval import Floats


def number(name: str, value: ArrayLike, low: float, high: float, *, above: bool = False) -> Floats:
    """``value`` as floats; NaN (and None) stay unknown.

    Raises InputError for what is no number or lies outside ``low`` to ``high``; ``above``: ``low`` itself is outside.
    """
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise InputError("statics_not_a_number", name=name, got=str(value)) from None
    wrong = (found <= low if above else found < low) | (found > high)
    if wrong.any():
        got = float(found[wrong].ravel()[0]) if found.ndim else float(found)
        raise InputError("statics_value_wrong", name=name, got=f"{got:g}", low=f"{low:g}", high=f"{high:g}")
    return found


def known(value: Any) -> bool:
    """False for what stands for an unknown text: None, NaN, pandas' NA, blanks.

    >>> known("III"), known(None), known(float("nan")), known(" ")
    (True, False, False, False)
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return False
    return bool(value == value) and str(value).strip() != ""


def by_code(name: str, codes: Any, values: dict[str, float]) -> Floats:
    """The value of each code, in the shape of ``codes``; NaN for unknown ones. Raises InputError for other texts."""
    given: NDArray[np.object_] = np.asarray(codes, dtype=object)
    found = np.full(given.shape, np.nan)
    for at, code in np.ndenumerate(given):
        if not known(code):
            continue
        if str(code).strip() not in values:
            raise InputError("statics_code_unknown", name=name, got=str(code), expected=list(values))
        found[at] = values[str(code).strip()]
    return found[()]


def text_column(parts: pd.DataFrame, name: str) -> NDArray[np.object_]:
    """Texts (n,) of a column, None where empty or where there is no such column."""
    column = parts[name] if name in parts else pd.Series(None, parts.index, dtype=object)
    return column.astype(object).where(column.notna(), None).to_numpy()


def number_column(parts: pd.DataFrame, name: str) -> Floats:
    """Numbers (n,) of a column, NaN where empty or where there is no such column."""
    if name not in parts:
        return np.full(len(parts), np.nan)
    return pd.to_numeric(parts[name]).to_numpy(float, na_value=np.nan)
