"""Cost of horizons beside GRASS r.horizon: ``python -m tests.bench.bench_horizon [--peers]`` prints JSON.

A made tile of 4 Mpx with 7.6 % roof pixels, 32 azimuths, no limit of distance; CPU seconds of one core (user and
system), input and output included. r.horizon knows no mask and gives all pixels, so the ratio is of raster-equivalent
pixels: the time for the whole tile. It runs in one direction and is scaled to 32: its cost is linear in them. Input is
a GeoTIFF for both. Output: its own raster for r.horizon; angles of the roof pixels as a NumPy file here.
"""

import tempfile
from pathlib import Path

import numpy as np
import rasterio

from lk_spatial.solar.horizon import look_around, prepare
from lk_spatial.solar.horizon_rays import Look
from tests.bench import bench_memory
from tests.bench.grass import run_grass, write_dsm
from tests.bench.shape import Bar, best, peak_mib, print_json, told
from tests.scenes import Scene, make_scene

N_AZIMUTH = 32
TIMES = 3
PEER_DIRECTION = 56.25  # degrees counterclockwise from the east, as GRASS counts
BYTES = 8  # a height read and an angle written, the least that a pixel and direction costs
BARS = {
    "ratio_r_horizon": Bar(
        ">=",
        100.0,
        "Horizons, 4 Mpx with 7.6 % roofs, 32 azimuths, raster-equivalent",
        "GRASS r.horizon, one core",
        " ×",
        "grass",
    ),
    "million_pixel_directions_s": told("Horizons, pixels × directions", "one core, input and output", " M/s"),
    "million_roof_rays_s": told("Horizons, rays of roof pixels", "one core, input and output", " M/s"),
    "floor_million_pixel_directions_s": told(
        "Floor: 4 B read, 4 B written a pixel and direction", "the memory's copy, one thread", " M/s"
    ),
    "share_of_floor_pct": told("Horizons, share of that floor", "raster-equivalent pixels", " %"),
}


def measure(peers: bool = False, small: bool = False) -> dict[str, float]:
    """One tile by both."""
    scene = make_scene(7, size=200.0 if small else 2000.0, noise=0.05)
    pixels, rays = scene.dsm.size * N_AZIMUTH, (scene.plane > 0).sum() * N_AZIMUTH
    with tempfile.TemporaryDirectory() as folder:
        seconds = ours(Path(folder), scene)
        found = {
            "megapixels": scene.dsm.size / 1e6,
            "roof_share": float((scene.plane > 0).mean()),
            "cpu_s": seconds,
            "million_pixel_directions_s": pixels / seconds / 1e6,
            "million_roof_rays_s": rays / seconds / 1e6,
            "peak_mib": peak_mib(),
        }
        if peers:
            one = min(r_horizon(Path(folder), scene) for _ in range(2))
            found |= {"r_horizon_cpu_s_one_direction": one, "ratio_r_horizon": one * N_AZIMUTH / seconds}
    floor = bench_memory.rate("copy", 1, small) * 1e3 / BYTES
    found["floor_million_pixel_directions_s"] = floor
    found["share_of_floor_pct"] = 100 * found["million_pixel_directions_s"] / floor
    return found


def ours(folder: Path, made: Scene) -> float:
    """CPU seconds from the file of heights to the file of angles."""
    raster, look = write_dsm(folder, made), Look(N_AZIMUTH, made.convergence)
    rows, cols = np.nonzero(made.plane > 0)
    look_around(prepare(made.dsm[:50, :50], made.transform, look), [5], [5])  # compile

    def once() -> None:
        with rasterio.open(raster) as file:
            scene = prepare(file.read(1), file.transform, look)
        np.save(folder / "horizon.npy", look_around(scene, rows, cols))

    return best(once, TIMES)


def r_horizon(folder: Path, made: Scene) -> float:
    """CPU seconds of GRASS for one direction: reading the raster, r.horizon, and writing its raster."""
    return run_grass(folder, made, f"r.horizon --q elevation=dsm direction={PEER_DIRECTION} output=horizon --overwrite")


if __name__ == "__main__":
    print_json(measure)
