"""Values that are not known exactly: low, mean and high, and what monotone functions make of them.

The mean is the typical value; a function's mean is its value at the means, not the mean of its values. Low and high
of a result are reached at corners: each argument at the end that lowers, or raises, the function. An argument that
occurs twice, or that raises here and lowers there, does not go by corners (see ``extremes``).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.errors import InputError

Floats = NDArray[np.float64]


class Triple(NamedTuple):
    """Low, mean (typical) and high value of each element, arrays of one shape; no value is NaN in all three."""

    low: Floats
    mean: Floats
    high: Floats

    def take(self, rows: slice | NDArray[np.int_] | NDArray[np.bool_]) -> "Triple":
        """Some of the elements."""
        return Triple(self.low[rows], self.mean[rows], self.high[rows])


def triple(low: ArrayLike, mean: ArrayLike, high: ArrayLike) -> Triple:
    """Broadcast low, mean and high; where one of them is NaN all are.

    Raises InputError where they are not in ascending order.

    >>> triple([0.3, np.nan], 0.35, 0.4).high
    array([0.4, nan])
    """
    parts = np.broadcast_arrays(*(np.asarray(each, float) for each in (low, mean, high)))
    void = np.isnan(parts[0]) | np.isnan(parts[1]) | np.isnan(parts[2])
    wrong = ~void & ~((parts[0] <= parts[1]) & (parts[1] <= parts[2]))
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        values = [float(each.flat[first]) for each in parts]
        raise InputError("interval_order_wrong", count=int(wrong.sum()), row=first, got=values)
    return Triple(*(np.where(void, np.nan, each) for each in parts))


def known(value: ArrayLike) -> Triple:
    """Exactly known values; NaN stays no value."""
    return triple(value, value, value)


def around(value: ArrayLike, share: float) -> Triple:
    """Values known to ± ``share`` of themselves [-]; values are not negative."""
    exact = np.asarray(value, float)
    return triple(exact * (1.0 - share), exact, exact * (1.0 + share))


def monotone(func: Callable[..., Floats], rising: Sequence[Triple] = (), falling: Sequence[Triple] = ()) -> Triple:
    """A function of arguments that each only raise it (they come first) or only lower it, independent of each other.

    NaN where an argument has no value.

    >>> difference = monotone(np.subtract, [triple(1.0, 2.0, 3.0)], [triple(0.0, 0.5, 1.0)])
    >>> [float(each) for each in difference]
    [0.0, 1.5, 3.0]
    """
    low = func(*(each.low for each in rising), *(each.high for each in falling))
    mean = func(*(each.mean for each in rising), *(each.mean for each in falling))
    high = func(*(each.high for each in rising), *(each.low for each in falling))
    return triple(np.minimum(low, mean), mean, np.maximum(high, mean))  # equal but for the last bit: in order


def extremes(func: Callable[[Floats], Floats], over: Triple, bends: Sequence[ArrayLike]) -> tuple[Floats, Floats]:
    """Least and greatest value of a function of one argument within its range.

    ``bends``: where the function's rule changes (outside the range: no matter); between them it must be monotone.
    """
    inside = [np.clip(np.where(np.isfinite(each), each, over.low), over.low, over.high) for each in bends]
    values = np.stack(np.broadcast_arrays(*(func(each) for each in (over.low, over.high, *inside))))
    return values.min(axis=0), values.max(axis=0)


def hull(triples: Sequence[Triple]) -> Triple:
    """The range over all that may be the case; its mean is the mean of their means."""
    low = np.min(np.broadcast_arrays(*(each.low for each in triples)), axis=0)
    high = np.max(np.broadcast_arrays(*(each.high for each in triples)), axis=0)
    return triple(low, np.mean(np.broadcast_arrays(*(each.mean for each in triples)), axis=0), high)
