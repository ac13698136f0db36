"""What users give becomes arrays of floats, or one readable error."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.errors import InputError

Floats = NDArray[np.float64]


def quantity(name: str, value: ArrayLike, low: float = 0.0, high: float = np.finfo(float).max) -> Floats:
    """``value`` as floats between ``low`` and ``high``; NaN and None stay unknown. Raises InputError for all else."""
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise InputError("tank_not_a_number", name=name, got=str(value)) from None
    wrong = (found < low) | (found > high)
    if wrong.any():
        got = float(found[wrong].ravel()[0]) if found.ndim else float(found)
        raise InputError("tank_value_wrong", name=name, got=f"{got:g}", low=f"{low:g}", high=f"{high:g}")
    return found


def chosen(name: str, value: str, expected: object) -> str:
    """``value``, which must be one of the ``expected`` names; raises InputError."""
    names = [str(each) for each in expected]  # type: ignore[attr-defined]
    if value not in names:
        raise InputError("tank_code_unknown", name=name, got=str(value), expected=names)
    return value
