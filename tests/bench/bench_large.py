"""Cost of horizons with the size of the raster: ``python -m tests.bench.bench_large``.

A made tile of 4 Mpx with a halo as wide as the rays reach, and 100 Mpx in one piece (the tile mirrored in both axes).
Rays reach 1 km; the halo's cost counts. The search is timed on the roof pixels of every 25th area, the preparation on
all. Without a limit rays over 100 Mpx are five times as long: only told.
"""

import time

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from lk_spatial.solar.horizon import Scene, look_around, prepare
from lk_spatial.solar.horizon_rays import Look
from tests.bench.shape import Bar, peak_mib, print_json, told
from tests.scenes import make_scene

N_AZIMUTH, REACH = 32, 1000  # [m] beyond it a terrain model takes over
AREA = 50  # [pixels] side of the areas that the sample is made of
LARGE, TIMES = 5, 2
BARS = {
    "large_over_small": Bar(
        "<=", 1.2, "Horizons, cost a pixel, 100 Mpx in one piece", "4 Mpx with a halo, to 1 km", " ×"
    ),
    "peak_gib": Bar("<=", 2.0, "Horizons, memory of 100 Mpx in one piece", "a twenty-fifth of the roofs", " GiB"),
    "large_over_small_unlimited": told(
        "Horizons, cost a pixel, 100 Mpx in one piece", "4 Mpx, no limit of distance", " ×"
    ),
}


def measure(peers: bool = False, small: bool = False) -> dict[str, float]:
    """Ratios of the cost per pixel."""
    made = make_scene(7, size=500.0 if small else 2000.0, noise=0.05)
    roof, reach = made.plane > 0, 50 if small else REACH
    after = (LARGE - 1) * len(made.dsm)
    near, far = Look(N_AZIMUTH, made.convergence, farthest=reach), Look(N_AZIMUTH, made.convergence)
    look_around(prepare(made.dsm[:50, :50], made.transform, near), [5], [5])  # compile
    around, peak = {"small": (reach, reach), "large": (0, after)}, 0.0
    spent: dict[str, list[float]] = {name: [] for name in around}
    for _ in range(TIMES):  # by turns: what else the machine does hits both
        for name, each in around.items():
            spent[name].append(cost(made.dsm, roof, made.transform, near, each))
        peak = peak or peak_mib() / 1024
    unlimited = [cost(made.dsm, roof, made.transform, far, (0, more)) for more in (0, after)]
    little, big = min(spent["small"]), min(spent["large"])
    return {
        "small_ns_a_pixel": little,
        "large_ns_a_pixel": big,
        "large_over_small": big / little,
        "large_over_small_unlimited": unlimited[1] / unlimited[0],
        "peak_gib": peak,
    }


def cost(dsm: NDArray, roof: NDArray, transform: Affine, look: Look, around: tuple[int, int]) -> float:
    """CPU time per pixel [ns] of the tile mirrored into its surroundings, before and after it; no observers before."""
    before, after = around
    heights = np.pad(dsm, around, mode="symmetric")
    roofs = np.pad(roof, (0, after - before), mode="symmetric")
    fixed, scene = prepared(heights, transform, look)
    rows, cols = np.nonzero(roofs)
    some = (rows // AREA * 7 + cols // AREA * 3) % 25 == 0
    spent = []
    for _ in range(TIMES):
        start = time.process_time()
        look_around(scene, rows[some] + before, cols[some] + before)
        spent.append(time.process_time() - start)
    return (fixed / roofs.size + min(spent) / some.sum() * roofs.mean()) * 1e9


def prepared(heights: NDArray, transform: Affine, look: Look) -> tuple[float, Scene]:
    """Shortest CPU time [s] of the preparation, and what it gives; one at a time in memory."""
    spent = []
    for _ in range(TIMES):
        scene = None
        start = time.process_time()
        scene = prepare(heights, transform, look)
        spent.append(time.process_time() - start)
    assert scene is not None
    return min(spent), scene


if __name__ == "__main__":
    print_json(measure)
