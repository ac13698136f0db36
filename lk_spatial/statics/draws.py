"""Random numbers that depend on the seed, the roof part, the draw and the variable alone (a counter, no state).

The numbers of a part are the same in any order, on any number of workers, beside any other parts. Generator:
splitmix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195) of a key and a counter.
"""

import hashlib
import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel

STEP = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
A = (
    -3.969683028665376e1,
    2.209460984245205e2,
    -2.759285104469687e2,
    1.383577518672690e2,
    -3.066479806614716e1,
    2.506628277459239,
)
B = (-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1)
C = (
    -7.784894002430293e-3,
    -3.223964580411365e-1,
    -2.400758277161838,
    -2.549732539343734,
    4.374664141464968,
    2.938163982698783,
)
D = (7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416)
AUDIT = np.uint64(1 << 62)  # a counter that no draw reaches
S30, S27, S31, S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)


def part_keys(building_ids: Iterable[object], part_ids: Iterable[object], seed: int = 0) -> NDArray[np.uint64]:
    """A key (n,) of each roof part from its names and the seed; equal names give equal keys."""
    pairs = zip(building_ids, part_ids, strict=True)
    texts = (f"{seed}\x1f{building}\x1f{part}".encode() for building, part in pairs)
    return np.array([int.from_bytes(hashlib.sha256(each).digest()[:8], "little") for each in texts], np.uint64)


@kernel(inline="always")
def uniform(key: np.uint64, counter: np.uint64) -> float:
    """A number between 0 and 1, both excluded."""
    z = key + counter * STEP
    z = (z ^ (z >> S30)) * FIRST
    z = (z ^ (z >> S27)) * SECOND
    z = z ^ (z >> S31)
    return (np.float64(z >> S11) + 0.5) * 1.1102230246251565e-16


@kernel(inline="always")
def between(low: float, mean: float, high: float, u: float) -> float:
    """Half of the weight evenly from low to the mean (which so is the median), half from there to high."""
    side = 2.0 * u - 1.0
    size = abs(side)  # no branch, which no processor could foretell
    return mean + 0.5 * ((mean - low) * (side - size) + (high - mean) * (side + size))


@kernel(inline="always")
def one_of(low: float, mean: float, high: float, doubt: float, u: float) -> float:
    """Low and high with the weight ``doubt`` each, else the mean."""
    return low if u < doubt else high if u > 1.0 - doubt else mean


@kernel(inline="always")
def normal(u: float) -> float:
    """The standard normal number below which lies the share ``u``; to 1.2e-9 of itself (Acklam 2003)."""
    if 0.02425 <= u <= 0.97575:
        q = u - 0.5
        r = q * q
        top = ((((A[0] * r + A[1]) * r + A[2]) * r + A[3]) * r + A[4]) * r + A[5]
        return top * q / (((((B[0] * r + B[1]) * r + B[2]) * r + B[3]) * r + B[4]) * r + 1.0)
    q = math.sqrt(-2.0 * math.log(min(u, 1.0 - u)))
    top = ((((C[0] * q + C[1]) * q + C[2]) * q + C[3]) * q + C[4]) * q + C[5]
    tail = top / ((((D[0] * q + D[1]) * q + D[2]) * q + D[3]) * q + 1.0)
    return tail if u < 0.5 else -tail


@kernel
def scores(keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """A random number between 0 and 1 for each key (n,), apart from those of the draws."""
    found = np.empty(len(keys))
    for i in range(len(keys)):
        found[i] = uniform(keys[i], AUDIT)
    return found
