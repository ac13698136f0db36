"""Near field of a surface model and far field of coarse terrain together, against the whole fine model at once."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import rasterio
from affine import Affine
from numpy.typing import NDArray
from scipy import ndimage

from lk_spatial.io.coarse import read_coarse
from lk_spatial.io.weather import read_weather
from lk_spatial.solar.far import FAR_CELL_M, NEAR_M, far_horizon
from lk_spatial.solar.horizon import look_around, prepare
from lk_spatial.solar.horizon_rays import Look
from lk_spatial.solar.irradiance import plane_light
from lk_spatial.solar.sun import sky_hours

CELL, SIZE = 2.0, 3_000  # 6 × 6 km
GRID = Affine(CELL, 0, -690_000.0, 0, -CELL, -972_000.0)
CONVERGENCE = 7.35
EVERYWHERE = (-np.inf, -np.inf, np.inf, np.inf)


def hills(seed: int) -> NDArray[np.float32]:
    """Hills and valleys of some 300 m, a wood of 15 to 25 m on a third of them, roofs of 8 m."""
    rng = np.random.default_rng(seed)
    ground = np.zeros((SIZE, SIZE), np.float32)
    for wave, height in ((750, 150.0), (300, 50.0), (100, 12.0), (30, 2.0)):  # pixels, metres
        knots = rng.normal(0, 1, (SIZE // wave + 4, SIZE // wave + 4)).astype(np.float32)
        grown = ndimage.zoom(knots, wave, order=3)
        ground += height * grown[wave : wave + SIZE, wave : wave + SIZE]
    wooded = ndimage.zoom(rng.random((SIZE // 50, SIZE // 50), dtype=np.float32), 50, order=1) > 0.6
    tops = rng.uniform(15, 25, (SIZE, SIZE)).astype(np.float32)
    surface = 600.0 + ground + np.where(wooded, tops, 0.0)
    for row, col in rng.integers(0, SIZE - 6, (4_000, 2)):
        surface[row : row + 6, col : col + 6] = 608.0 + ground[row + 3, col + 3]
    return surface.astype(np.float32)


def written(path: Path, surface: NDArray[np.float32]) -> Path:
    profile = {"driver": "GTiff", "height": SIZE, "width": SIZE, "count": 1, "dtype": "float32"}
    with rasterio.open(path, "w", crs="EPSG:5514", transform=GRID, **profile) as target:
        target.write(surface, 1)
    return path


class Seen(NamedTuple):
    """Horizons [deg] of roofs: of the near field alone, of both fields, of the whole model."""

    near: NDArray[np.float32]
    both: NDArray[np.float32]
    whole: NDArray[np.float32]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    surface = hills(5)
    rows, cols = np.random.default_rng(6).integers(700, SIZE - 700, (2, 400))
    surface[rows, cols] += 8.0
    looks = Look(32, CONVERGENCE, 0.0, NEAR_M), Look(32, CONVERGENCE, 0.0, np.inf, earth_curvature=True)
    near, whole = (look_around(prepare(surface, GRID, look), rows, cols) for look in looks)
    terrain = read_coarse(written(tmp_path_factory.mktemp("hills") / "dsm.tif", surface), EVERYWHERE, cell=FAR_CELL_M)
    assert terrain is not None
    x, y = GRID.c + (cols + 0.5) * CELL, GRID.f - (rows + 0.5) * CELL
    far = far_horizon(terrain, x, y, surface[rows, cols], convergence=CONVERGENCE)
    return Seen(near, np.maximum(near, far), whole)


def test_far_field_mends_what_the_near_one_misses(seen: Seen) -> None:
    missed, off = seen.whole - seen.near, seen.both - seen.whole
    assert missed.mean() > 0.5 and np.percentile(missed, 95) > 3.0
    assert abs(off.mean()) < 0.08 and np.percentile(np.abs(off), 95) < 0.4 and np.abs(off).max() < 1.5


@pytest.mark.parametrize("tilt, azimuth", [(0.0, 180.0), (35.0, 180.0), (35.0, 90.0), (45.0, 0.0)])
def test_the_sun_of_a_year_is_that_of_the_whole_model(
    seen: Seen, tilt: float, azimuth: float, sample_data: Path
) -> None:
    sky = sky_hours(read_weather(sample_data / "weather_liberec_synthetic.csv"), latitude=50.77, longitude=15.05)
    free = float(plane_light(sky, tilt, azimuth, monthly=False).annual)
    near, both, whole = (
        100.0 * plane_light(sky, tilt, azimuth, horizon=each, monthly=False).annual / free for each in seen
    )
    off = both - whole
    assert np.percentile(np.abs(off), 95) <= 0.15 and abs(off.mean()) <= 0.05
    assert np.percentile(near - whole, 95) > 5 * np.percentile(np.abs(off), 95)  # there was something to mend
