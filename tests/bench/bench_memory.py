"""Bandwidth of the machine's memory, after STREAM: ``python -m tests.bench.bench_memory``.

Copy (a = b) moves 8 bytes and triad (a = b + s c) 12 bytes an element of float32; arrays of four times the last cache.
All threads share one array. Wall time, as threads wait for the memory and not for the processor.
"""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel
from tests.bench.shape import print_json, told

Floats = NDArray[np.float32]
TIMES, MOST = 5, 384 << 20  # [elements] 4.5 GiB in three arrays
BARS = {
    f"{name}_{threads}_gb_s": told(f"Memory: {name}, {text}", "STREAM's count of bytes", " GB/s")
    for threads, text in (("one", "one thread"), ("all", "all threads"))
    for name in ("copy", "triad")
}


@kernel(fastmath=True)
def _copy(a: Floats, b: Floats, c: Floats) -> None:
    for i in range(a.size):
        a[i] = b[i]


@kernel(fastmath=True)
def _triad(a: Floats, b: Floats, c: Floats) -> None:
    for i in range(a.size):
        a[i] = b[i] + np.float32(3.0) * c[i]


KERNELS = {"copy": (_copy, 8), "triad": (_triad, 12)}  # and the bytes an element moves


def measure(peers: bool = False, small: bool = False) -> dict[str, float]:
    """Bytes moved a second [GB/s]."""
    found = {
        f"{name}_{text}_gb_s": rate(name, threads, small)
        for text, threads in (("one", 1), ("all", cores()))
        for name in KERNELS
    }
    return found | {"threads": cores(), "array_mib": elements() * 4 / 2**20}


def rate(name: str, threads: int, small: bool = False) -> float:
    """Bytes that a kernel moves a second [GB/s]."""
    function, moved = KERNELS[name]
    size = 100_000 if small else elements()
    arrays = [np.full(size, value, np.float32) for value in (0.0, 1.0, 2.0)]
    return moved * size / shortest(function, arrays, threads) / 1e9


def shortest(function: Callable[..., None], arrays: list[Floats], threads: int) -> float:
    """Wall time of the best of some runs [s], the arrays cut among the threads."""
    parts = list(zip(*(np.array_split(each, threads) for each in arrays), strict=True))
    spans = []
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(TIMES):
            start = time.perf_counter()
            list(pool.map(lambda part: function(*part), parts))
            spans.append(time.perf_counter() - start)
    return min(spans[1:])


def elements() -> int:
    """Length of an array of float32: four times the last cache, but three of them in at most half of the memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 4 << 30
    return min(last_cache(), memory // 24, MOST)


def last_cache() -> int:
    """Size of the processor's last cache [bytes]; 32 MiB where the system does not say."""
    sizes = [each.read_text().strip() for each in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size")]
    units = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
    return max((int(each[:-1]) * units[each[-1]] for each in sizes if each[-1:] in units), default=32 << 20)


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    print_json(measure)
