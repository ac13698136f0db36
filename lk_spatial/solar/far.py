"""What mountains take of the sun: the horizon of a coarse terrain model beyond the near field of the surface model.

The near field of a stated radius is looked at in the surface model, pixel by pixel; what lies behind it changes so
little from roof to roof that coarse cells and one point for a roof are enough. The larger of both is the horizon.
"""

import math
from typing import Protocol

import numpy as np
from affine import Affine
from numpy.typing import ArrayLike, NDArray

from lk_spatial.solar.horizon import coarse_horizon

NEAR_M = 1_000.0  # radius of the near field: so far the surface model itself is looked at
FAR_M = 20_000.0  # how far mountains are looked for
FAR_CELL_M = 25.0  # cells of the coarse terrain


class Terrain(Protocol):
    """Heights [m] (rows, cols) with NaN where there are none, and where they lie; what `read_coarse` gives."""

    @property
    def values(self) -> NDArray[np.float32]: ...  # noqa: D102
    @property
    def transform(self) -> Affine: ...  # noqa: D102


def far_horizon(
    coarse: Terrain,
    x: ArrayLike,
    y: ArrayLike,
    z: ArrayLike,
    *,
    convergence: float,
    nearest: float = NEAR_M,
    n_azimuth: int = 32,
    farthest: float = FAR_M,
) -> NDArray[np.float32]:
    """Horizon angles (n, n_azimuth) [deg] of a coarse terrain model from ``nearest`` to ``farthest`` [m].

    Points (n,) at ``x``, ``y`` [m, EPSG:5514] and height ``z`` [m] look from the middle of their coarse cell; the
    earth is curved, with refraction (k = 0.13). Azimuths and ``convergence`` [deg] as in `horizon`. The terrain begins
    half a diagonal of a cell before ``nearest``, so that no ring is left out. 0 where nothing is known: outside of the
    model, beyond its edges, for NaN. The result does not depend on where the model begins and ends, if it reaches
    ``farthest``: bit for bit.
    """
    x, y, z = (np.atleast_1d(np.asarray(each, np.float64)) for each in (x, y, z))
    angles = np.zeros((len(x), n_azimuth), np.float32)
    if min(coarse.values.shape) < 2:
        return angles
    grid = coarse.transform
    col, row = (x - grid.c) / grid.a, (y - grid.f) / grid.e
    rows, cols = coarse.values.shape
    inside = np.flatnonzero((row >= 0) & (row < rows) & (col >= 0) & (col < cols) & np.isfinite(z))
    if inside.size:
        part = _around(coarse, row[inside], col[inside], farthest)
        angles[inside] = coarse_horizon(
            *part,
            x[inside],
            y[inside],
            z[inside],
            n_azimuth=n_azimuth,
            convergence=convergence,
            min_distance=max(0.0, nearest - grid.a * math.sqrt(0.5)),
            max_distance=farthest,
        )
    return angles


def _around(
    coarse: Terrain, row: NDArray[np.float64], col: NDArray[np.float64], farthest: float
) -> tuple[NDArray[np.float32], Affine]:
    """The part of a model that can be seen from some pixels: a whole region's is not prepared for one village."""
    reach = math.ceil(farthest / coarse.transform.a) + 2
    top, left = (max(0, int(each.min()) - reach) for each in (row, col))
    bottom, right = (int(each.max()) + reach + 1 for each in (row, col))
    grid = coarse.transform
    corner = Affine(grid.a, 0.0, grid.c + left * grid.a, 0.0, grid.e, grid.f + top * grid.e)
    return coarse.values[top:bottom, left:right], corner
