"""Speed of finding roof planes, buildings a second of processor time: ``python -m tests.bench.bench_planes``.

A made quarter of 1 km2 at 1 m with chimneys, plant rooms, dormers and trees; planes, outlines and obstacles.
"""

from typing import Any

from lk_spatial.io.raster import Raster
from lk_spatial.roofs.pipeline import find_roof_planes
from tests.bench.shape import Bar, best, print_json, told
from tests.scenes import make_scene

TIMES = 3
BARS = {
    "buildings_s": Bar(">=", 1500.0, "Roof planes, buildings of a made quarter, 1 m", "one core", " /s"),
    "planes_s": told("Roof planes, planes of a made quarter, 1 m", "one core", " /s"),
}


def measure(peers: bool = False, small: bool = False) -> dict[str, float]:
    """Buildings and planes a second on one core."""
    made = make_scene(11, size=120.0 if small else 1000.0, noise=0.1, dormers=True)
    dsm = Raster(made.dsm, made.transform, "EPSG:5514", "made")

    def once() -> Any:
        return find_roof_planes(dsm, made.buildings)

    seconds, planes = best(once, 1 if small else TIMES), len(once().planes)
    return {
        "buildings": len(made.buildings),
        "planes": planes,
        "buildings_s": len(made.buildings) / seconds,
        "planes_s": planes / seconds,
    }


if __name__ == "__main__":
    print_json(measure)
