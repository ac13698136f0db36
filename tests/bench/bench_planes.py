"""Speed of finding roof planes, buildings a second: ``python -m tests.bench.bench_planes`` prints JSON.

A made tile of 2 × 2 km at 1 m with some 1,400 buildings of five kinds, noise 0.05 m. One core: processor time of
the whole of find_roof_planes. Two workers: wall clock with a pool of two processes that stands already.
"""

import time

from lk_spatial.core.parallel import open_executor
from lk_spatial.roofs.pipeline import find_roof_planes
from tests.bench.shape import Bar, best, print_json, told
from tests.roofs.scores import scene_raster
from tests.scenes import make_scene

TIMES = 5
BARS = {
    "buildings_s_two_workers": Bar(">=", 1500.0, "Roof planes, buildings of a made tile, 1 m", "two workers", " /s"),
    "buildings_s": told("Roof planes, buildings of a made tile, 1 m", "one core", " /s"),
    "planes_s": told("Roof planes, planes of a made tile, 1 m", "one core", " /s"),
}


def measure(peers: bool = False, small: bool = False) -> dict[str, float]:
    """Buildings and planes a second on one core, and with two workers."""
    scene = make_scene(7, size=300.0 if small else 2000.0, noise=0.05)
    dsm, buildings, times = scene_raster(scene), scene.buildings, 1 if small else TIMES
    seconds = best(lambda: find_roof_planes(dsm, buildings), times)
    planes = len(find_roof_planes(dsm, buildings).planes)
    spent = []
    with open_executor(2) as executor:
        find_roof_planes(dsm, buildings, executor=executor)  # both have started and loaded what they need
        for _ in range(times):
            start = time.perf_counter()
            find_roof_planes(dsm, buildings, executor=executor)
            spent.append(time.perf_counter() - start)
    return {
        "buildings": len(buildings),
        "planes": planes,
        "buildings_s": len(buildings) / seconds,
        "planes_s": planes / seconds,
        "buildings_s_two_workers": len(buildings) / min(spent),
    }


if __name__ == "__main__":
    print_json(measure)
