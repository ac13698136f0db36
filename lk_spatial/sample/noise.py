"""Random numbers that are the same on every machine and with every numpy.

numpy promises the raw bits of PCG64 for ever, but not the streams of its distributions: these are made here.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def uniform(size: int, seed: int) -> Array:
    """``size`` numbers, evenly spread over [0, 1).

    >>> uniform(2, seed=1).round(6).tolist()
    [0.511822, 0.950464]
    """
    bits = np.atleast_1d(np.random.PCG64(seed).random_raw(size))
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normal(size: int, seed: int) -> Array:
    """``size`` numbers of mean 0 and standard deviation 1, nearly Gaussian: the sum of twelve 16-bit uniforms [-]."""
    bits = np.atleast_1d(np.random.PCG64(seed).random_raw(3 * size)).astype("<u8")
    sixteenths = bits.view("<u2").reshape(size, 12).astype(np.float64)
    return (sixteenths.sum(axis=1) + 6.0) / 65536.0 - 6.0


def persistent(size: int, seed: int, memory: float) -> Array:
    """A series of mean 0 and deviation 1 in which each value keeps the share ``memory`` of the one before (AR(1))."""
    steps = normal(size, seed)
    series = np.empty(size)
    series[0] = steps[0]
    fresh = np.sqrt(1.0 - memory * memory)
    for i in range(1, size):
        series[i] = memory * series[i - 1] + fresh * steps[i]
    return series
