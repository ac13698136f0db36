"""Cost of horizons beside GRASS r.horizon: ``python -m tests.bench.bench_horizon [--peers] [--large]`` prints JSON.

A made tile of 4 Mpx with 7.6 % roof pixels, 32 azimuths, no limit of distance; CPU seconds of one core (user and
system), input and output included. r.horizon knows no mask and gives all pixels, so the ratio is of raster-equivalent
pixels: the time for the whole tile. It runs in one direction and is scaled to 32: its cost is linear in them. Input is
a GeoTIFF for both. Output: its own raster for r.horizon; angles of the roof pixels as a NumPy file here.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray

from lk_spatial.solar.horizon import look_around, prepare
from lk_spatial.solar.horizon_rays import Look
from tests.scenes import make_scene

N_AZIMUTH = 32
BAR_RATIO, BAR_LARGE = 100.0, 1.2
PEER_DIRECTION = 56.25  # degrees counterclockwise from the east, as GRASS counts
REACH = 1000  # [m] of rays in the comparison of sizes; beyond it a terrain model takes over
AREA = 50  # [pixels] side of the areas that the sample of the large tile is made of


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and give 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", action="store_true", help="also run GRASS r.horizon (apt-get install grass-core)")
    parser.add_argument("--large", action="store_true", help="also measure 100 Mpx on a sample of its roof pixels")
    given = parser.parse_args(arguments)
    scene = make_scene(7, size=2000.0, noise=0.05)
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), scene.dsm, scene.transform, scene.plane > 0, scene.convergence, given.peers)
    if given.large:
        found |= large(scene.dsm, scene.plane > 0, scene.transform, scene.convergence)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    missed = found.get("ratio_r_horizon", BAR_RATIO) < BAR_RATIO or found.get("large_over_small", 0.0) > BAR_LARGE
    return int(missed)


def measure(
    folder: Path, dsm: NDArray, transform: Affine, roof: NDArray, convergence: float, peers: bool
) -> dict[str, Any]:
    """One tile by both."""
    raster = folder / "dsm.tif"
    shape = {"height": dsm.shape[0], "width": dsm.shape[1], "count": 1, "dtype": "float32"}
    with rasterio.open(raster, "w", driver="GTiff", crs="EPSG:5514", transform=transform, **shape) as file:
        file.write(dsm, 1)
    rows, cols = np.nonzero(roof)
    look = Look(N_AZIMUTH, convergence)
    look_around(prepare(dsm[:50, :50], transform, look), [5], [5])  # compile
    start, wall = time.process_time(), time.perf_counter()
    with rasterio.open(raster) as file:
        scene = prepare(file.read(1), file.transform, look)
    np.save(folder / "horizon.npy", look_around(scene, rows, cols))
    seconds, wall = time.process_time() - start, time.perf_counter() - wall
    found = {
        "megapixels": dsm.size / 1e6,
        "roof_share": float(roof.mean()),
        "azimuths": N_AZIMUTH,
        "cpu_s": seconds,
        "wall_s": wall,
        "million_pixel_directions_a_cpu_s": dsm.size * N_AZIMUTH / seconds / 1e6,
        "ns_a_roof_ray": seconds / (len(rows) * N_AZIMUTH) * 1e9,
        "peak_mib": peak_mib(),
    }
    if peers:
        one = r_horizon(folder, raster)
        found |= {
            "r_horizon_cpu_s_one_direction": one,
            "r_horizon_cpu_s_scaled": one * N_AZIMUTH,
            "ratio_r_horizon": one * N_AZIMUTH / seconds,
        }
    return found


def r_horizon(folder: Path, raster: Path) -> float:
    """CPU seconds of GRASS for one direction: reading the raster, r.horizon, and writing its raster."""
    subprocess.run(["grass", "-c", str(raster), "-e", str(folder / "peer")], check=True, capture_output=True)
    job = folder / "job.sh"
    job.write_text(
        f"set -e\nr.in.gdal -o --q input={raster} output=dsm\ng.region raster=dsm\n"
        f"r.horizon --q elevation=dsm direction={PEER_DIRECTION} output=horizon\n"
    )
    before = os.times()
    subprocess.run(
        ["grass", str(folder / "peer" / "PERMANENT"), "--exec", "sh", str(job)], check=True, capture_output=True
    )
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def peak_mib() -> float:
    """Largest memory of this process so far [MiB]."""
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def large(dsm: NDArray, roof: NDArray, transform: Affine, convergence: float) -> dict[str, Any]:
    """Cost per pixel of 100 Mpx in one piece (the tile mirrored in both axes) over that of a tile of 4 Mpx with a halo.

    Rays reach REACH; the halo's cost counts. The search is timed on the roof pixels of every 25th area, the preparation
    on all. For information also without limit, where rays over 100 Mpx are five times as long.
    """
    look = Look(N_AZIMUTH, convergence, farthest=REACH)
    small = cost(dsm, roof, transform, look, (REACH, REACH))
    big = cost(dsm, roof, transform, look, (0, 4 * len(dsm)))
    unlimited = Look(N_AZIMUTH, convergence)
    far = [cost(dsm, roof, transform, unlimited, (0, after)) for after in (0, 4 * len(dsm))]
    return {
        "reach_m": REACH,
        "small_ns_a_pixel": small,
        "large_ns_a_pixel": big,
        "large_over_small": big / small,
        "large_over_small_unlimited": far[1] / far[0],
        "large_peak_mib": peak_mib(),
    }


def cost(dsm: NDArray, roof: NDArray, transform: Affine, look: Look, around: tuple[int, int]) -> float:
    """CPU time per pixel [ns] of the tile mirrored into its surroundings, before and after it; no observers before."""
    before, after = around
    heights = np.pad(dsm, around, mode="symmetric")
    roofs = np.pad(roof, (0, after - before), mode="symmetric")
    start = time.process_time()
    scene = prepare(heights, transform, look)
    fixed = (time.process_time() - start) / roofs.size
    rows, cols = np.nonzero(roofs)
    some = (rows // AREA * 7 + cols // AREA * 3) % 25 == 0
    spent = []
    for _ in range(3):
        start = time.process_time()
        look_around(scene, rows[some] + before, cols[some] + before)
        spent.append(time.process_time() - start)
    return (fixed + min(spent) / some.sum() * roofs.mean()) * 1e9


if __name__ == "__main__":
    sys.exit(main())
