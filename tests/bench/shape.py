"""The common shape of benches.

A bench is a module ``tests/bench/bench_NAME.py`` with ``measure(peers, small=False)``, which gives numbers by name
(``peers``: also run other programs; ``small``: sizes of a test, the numbers mean nothing), and ``BARS``, which says
what of them is told and what it must fulfil. ``python -m tests.bench.bench_NAME [--peers]`` prints all as JSON.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

MET, MISSED, REPORTED, NOT_RUN, FAILED = "met", "NOT MET", "reported", "not run", "failed"


class Bar(NamedTuple):
    """What a number must fulfil: ``sense`` ">=", "<=", or "" where it is only told."""

    sense: str
    limit: float
    what: str
    beside: str = ""  # the peer or the rule it is compared with
    unit: str = ""
    program: str = ""  # that must be installed; measured with ``peers`` only

    def verdict(self, value: float | None) -> str:
        """On the unrounded value; what is no number misses its bar."""
        if value is None:
            return NOT_RUN
        good = {">=": value >= self.limit, "<=": value <= self.limit, "": True}[self.sense]
        return REPORTED if not self.sense else MET if good else MISSED


def told(what: str, beside: str = "", unit: str = "", program: str = "") -> Bar:
    """A number without a bar."""
    return Bar("", 0.0, what, beside, unit, program)


def best(func: Callable[[], Any], times: int = 5) -> float:
    """Shortest processor time of some runs [s]; the first run, which compiles, does not count."""
    func()
    spans = []
    for _ in range(times):
        start = time.process_time()
        func()
        spans.append(time.process_time() - start)
    return max(min(spans), 1e-6)  # the clock's step


def peak_mib() -> float:
    """Largest memory of this process so far [MiB]; NaN on Windows."""
    try:
        import resource
    except ImportError:
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def print_json(measure: Callable[..., Mapping[str, float]]) -> None:
    """The command of a bench."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", action="store_true", help="also run other programs, which must be installed")
    parser.add_argument("--small", action="store_true", help="sizes of a test: the numbers mean nothing")
    given = parser.parse_args()
    print(json.dumps(dict(measure(given.peers, given.small)), indent=1))
