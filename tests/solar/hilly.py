"""Hills of 6 × 6 km seen three ways: by the near field alone, with the coarse terrain behind it, and whole."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from scipy import ndimage

from lk_spatial.io.coarse import read_coarse
from lk_spatial.solar.far import FAR_CELL_M, NEAR_M, far_horizon
from lk_spatial.solar.horizon import look_around, prepare
from lk_spatial.solar.horizon_rays import Look
from lk_spatial.solar.irradiance import plane_light
from lk_spatial.solar.sun import SkyHours

ORIENTATIONS = ((0.0, 180.0), (35.0, 180.0), (35.0, 90.0), (45.0, 0.0))
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


def seen_from_roofs(folder: Path) -> Seen:
    """Horizons of 400 roofs; the surface model is written to ``folder``."""
    surface = hills(5)
    rows, cols = np.random.default_rng(6).integers(700, SIZE - 700, (2, 400))
    surface[rows, cols] += 8.0
    looks = Look(32, CONVERGENCE, 0.0, NEAR_M), Look(32, CONVERGENCE, 0.0, np.inf, earth_curvature=True)
    near, whole = (look_around(prepare(surface, GRID, look), rows, cols) for look in looks)
    terrain = read_coarse(written(folder / "dsm.tif", surface), EVERYWHERE, cell=FAR_CELL_M)
    assert terrain is not None
    x, y = GRID.c + (cols + 0.5) * CELL, GRID.f - (rows + 0.5) * CELL
    far = far_horizon(terrain, x, y, surface[rows, cols], convergence=CONVERGENCE)
    return Seen(near, np.maximum(near, far), whole)


def off_the_whole(seen: Seen, sky: SkyHours, tilt: float, azimuth: float) -> tuple[NDArray, NDArray]:
    """Yearly light by the near field alone, and by both fields, less that by the whole model [% of unshaded]."""
    free = float(plane_light(sky, tilt, azimuth, monthly=False).annual)
    near, both, whole = (
        100.0 * plane_light(sky, tilt, azimuth, horizon=each, monthly=False).annual / free for each in seen
    )
    return near - whole, both - whole
