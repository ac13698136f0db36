"""The main job on a made region (see region.py): ``python -m tests.bench.bench_job [--size PX] [--workers N]``.

Processor time of all its processes, and the largest memory of one. A small region is run before and taken off: the
start of the program and, the first time, compiling. What the whole region, 3,163 Mpx and 200,000 buildings, would
take is reckoned by pixels and by buildings; the made one has larger roofs than a real one.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.bench.region import write_region
from tests.bench.shape import Bar, told

SIZE, START, TEST, WORKERS = 10_000, 400, 300, 2  # [px] sides of regions, processes
PIXELS, BUILDINGS = 3163e6, 200_000  # the Liberec Region at 1 m
FILES = {"buildings": "gpkg", "dsm": "vrt", "terrain": "tif", "weather": "csv", "out": "gpkg"}
MADE = "of a made region, 100 Mpx and 15,000 buildings"
BARS = {
    "peak_gib": Bar("<=", 2.0, f"Main job, memory {MADE}", "largest of its processes", " GiB"),
    "buildings_s": told(f"Main job, buildings {MADE}", "one core, without the start", " /s"),
    "whole_hours_by_pixels": told("Main job, the whole region, by its pixels", "two processes, reckoned", " h"),
    "whole_hours_by_buildings": told("Main job, the whole region, by its buildings", "two processes, reckoned", " h"),
}


class Spent(NamedTuple):
    """What a run cost [s] [s] [GiB]."""

    cpu: float
    wall: float
    peak: float


def measure(peers: bool = False, small: bool = False, size: int = SIZE, workers: int = WORKERS) -> dict[str, float]:
    """Cost of the job, without its start, and what it comes to for the whole region."""
    size = TEST if small else size
    with tempfile.TemporaryDirectory() as folder:
        start, few = (Spent(0.0, 0.0, 0.0), 0) if small else job(Path(folder) / "start", START, 1, times=2)
        spent, many = job(Path(folder) / "region", size, workers)
    cpu, wall, more = spent.cpu - start.cpu, spent.wall - start.wall, many - few
    share = size**2 / PIXELS, more / BUILDINGS
    return {
        "pixels": size**2,
        "buildings": many,
        "workers": workers,
        "cpu_s": spent.cpu,
        "wall_s": spent.wall,
        "start_cpu_s": start.cpu,
        "buildings_s": more / cpu,
        "peak_gib": spent.peak,
        "whole_hours_by_pixels": wall / share[0] / 3600,
        "whole_hours_by_buildings": wall / share[1] / 3600,
    }


def job(folder: Path, size: int, workers: int, times: int = 1) -> tuple[Spent, int]:
    """Write a region and run the job on it; the cheapest of some runs, and the number of buildings."""
    buildings = write_region(folder, size)
    inputs = {name: f"{name}.{kind}" for name, kind in FILES.items()}
    named = [each for name, file in inputs.items() for each in (f"--{name}", str(folder / file))]
    command = [sys.executable, "-m", "lk_spatial", "pv-potential", *named, "--workers", str(workers)]
    return min((run(command) for _ in range(times)), key=lambda spent: spent.cpu), buildings


def run(command: list[str]) -> Spent:
    """The cost of a command that must end well."""
    before, wall = os.times(), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    after, wall = os.times(), time.perf_counter() - wall
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Spent(cpu, wall, peak_of_children())


def peak_of_children() -> float:
    """Largest memory of one of the processes run so far [GiB]; NaN on Windows."""
    try:
        import resource
    except ImportError:
        return float("nan")
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", action="store_true", help="nothing more here")
    parser.add_argument("--small", action="store_true", help="the size of a test: the numbers mean nothing")
    parser.add_argument("--size", type=int, default=SIZE, help="side of the region [px of 1 m]")
    parser.add_argument("--workers", type=int, default=WORKERS)
    given = parser.parse_args()
    print(json.dumps(measure(given.peers, given.small, given.size, given.workers), indent=1))


if __name__ == "__main__":
    main()
