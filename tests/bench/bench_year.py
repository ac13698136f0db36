"""A year of sun on the roofs of a made quarter beside GRASS r.sun: ``python -m tests.bench.bench_year [--peers]``.

Ours: horizons in 32 azimuths and the year's irradiation of the roof pixels, from the file of heights. r.sun gives all
pixels (the ratio is of raster-equivalent pixels), one day of clear sky in half hours with its own search for shadows;
whole years of it are out of reach, so its day at the equinox is scaled by 365.
"""

import tempfile
from pathlib import Path

import numpy as np
import rasterio

from lk_spatial.solar.horizon import look_around, prepare
from lk_spatial.solar.horizon_rays import Look
from lk_spatial.solar.irradiance import plane_light
from lk_spatial.solar.sun import sky_hours
from tests.bench.grass import run_grass, write_dsm
from tests.bench.shape import best, print_json, told
from tests.scenes import Scene, make_scene
from tests.solar.oracle import made_weather

DAYS, EQUINOX = 365, 80
BARS = {
    "ratio_r_sun_scaled": told(
        "A year of sun with shadows, raster-equivalent pixels",
        "GRASS r.sun, one day × 365 (scaled), 0.36 Mpx",
        " ×",
        "grass",
    ),
    "million_pixels_s": told("A year of sun with shadows, raster-equivalent pixels", "one core, from file", " M px/s"),
}


def measure(peers: bool = False, small: bool = False) -> dict[str, float]:
    """One quarter by both."""
    made = make_scene(7, size=120.0 if small else 600.0, noise=0.05)
    with tempfile.TemporaryDirectory() as folder:
        seconds = ours(Path(folder), made)
        found = {"cpu_s": seconds, "million_pixels_s": made.dsm.size / seconds / 1e6}
        if peers:
            slope = "r.slope.aspect --q elevation=dsm slope=slope aspect=aspect"
            sun = f"r.sun --q elevation=dsm slope=slope aspect=aspect day={EQUINOX} step=0.5 glob_rad=sun nprocs=1"
            one = run_grass(Path(folder), made, slope, sun)
            found |= {"r_sun_cpu_s_one_day": one, "ratio_r_sun_scaled": one * DAYS / seconds}
    return found


def ours(folder: Path, made: Scene) -> float:
    """CPU seconds from the file of heights to a file of the year's irradiation."""
    raster, look, sky = write_dsm(folder, made), Look(32, made.convergence), sky_hours(made_weather())
    rows, cols = np.nonzero(made.plane > 0)
    planes = made.planes.iloc[made.plane[rows, cols] - 1]
    tilt, azimuth = planes["tilt_deg"].to_numpy(), planes["azimuth_deg"].to_numpy()

    def once() -> None:
        with rasterio.open(raster) as file:
            angles = look_around(prepare(file.read(1), file.transform, look), rows, cols)
        np.save(folder / "year.npy", plane_light(sky, tilt, azimuth, horizon=angles, monthly=False).annual)

    return best(once, 3)


if __name__ == "__main__":
    print_json(measure)
