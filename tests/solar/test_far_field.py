"""Far horizons between nodes: near those looked at from each pixel, and the same whatever is asked for with them."""

import numpy as np
import pytest
from affine import Affine

from lk_spatial.io.raster import Raster
from lk_spatial.solar.far import far_horizon
from lk_spatial.solar.far_field import far_field, raise_horizon

GRID = Affine(25.0, 0.0, -700_000.0, 0.0, -25.0, -960_000.0)
BOX = (-695_180.0, -964_820.0, -694_790.0, -964_430.0)


@pytest.fixture(scope="module")
def mountains() -> Raster:
    """Hills of 300 m and a ridge 3 km to the south, 10 km across."""
    y, x = np.mgrid[:400, :400] * 25.0
    z = 500 + 150 * np.sin(x / 900.0) * np.cos(y / 1100.0) + 400 * np.exp(-(((y - 7_700) / 400.0) ** 2))
    return Raster(z.astype(np.float32), GRID, "EPSG:5514", "")


def look(mountains: Raster, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    return far_horizon(mountains, x, y, z, convergence=7.35, nearest=1000.0, n_azimuth=32)


def raised(mountains: Raster, bounds: tuple[float, float, float, float], points: tuple[np.ndarray, ...]) -> np.ndarray:
    field = far_field(mountains.values, GRID, bounds, lambda x, y, z: look(mountains, x, y, z))
    seen = np.zeros((len(points[0]), 32), np.float32)
    raise_horizon(seen, field, *points)
    return seen


@pytest.fixture(scope="module")
def points(mountains: Raster) -> tuple[np.ndarray, ...]:
    """Middles of cells in the box, from the ground up to 25 m above it."""
    rng = np.random.default_rng(3)
    col = np.floor(rng.uniform((BOX[0] - GRID.c) / 25, (BOX[2] - GRID.c) / 25, 300)).astype(int)
    row = np.floor(rng.uniform((GRID.f - BOX[3]) / 25, (GRID.f - BOX[1]) / 25, 300)).astype(int)
    x, y = GRID.c + (col + 0.5) * 25, GRID.f - (row + 0.5) * 25
    return x, y, mountains.values[row, col] + rng.uniform(0, 25, 300)


def test_near_the_exact_far_horizon(mountains: Raster, points: tuple[np.ndarray, ...]) -> None:
    exact = look(mountains, *points)
    found = raised(mountains, BOX, points)
    assert exact.max() > 6.0
    assert np.abs(found - exact).mean() < 0.1 and np.percentile(np.abs(found - exact), 99) < 0.6


def test_height_counts(mountains: Raster, points: tuple[np.ndarray, ...]) -> None:
    x, y, z = points
    low, high = raised(mountains, BOX, (x, y, z)), raised(mountains, BOX, (x, y, z + 50.0))
    assert (high <= low).all() and (low - high).max() > 1.0


def test_the_box_does_not_matter(mountains: Raster, points: tuple[np.ndarray, ...]) -> None:
    whole = raised(mountains, BOX, points)
    wider = (BOX[0] - 330.0, BOX[1] - 80.0, BOX[2] + 510.0, BOX[3] + 10.0)
    assert raised(mountains, wider, points).tobytes() == whole.tobytes()


def test_never_below_the_near_horizon(mountains: Raster, points: tuple[np.ndarray, ...]) -> None:
    field = far_field(mountains.values, GRID, BOX, lambda x, y, z: look(mountains, x, y, z))
    seen = np.full((300, 32), 4.0, np.float32)
    raise_horizon(seen, field, *points)
    np.testing.assert_array_equal(seen, np.maximum(raised(mountains, BOX, points), 4.0))


def test_nothing_known_shades_nothing(mountains: Raster, points: tuple[np.ndarray, ...]) -> None:
    nowhere = mountains._replace(values=np.full_like(mountains.values, np.nan))
    assert (raised(nowhere, BOX, points) == 0).all()
