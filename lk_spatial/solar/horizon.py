"""Horizon around pixels of a surface model, and the far horizon of a terrain model behind it.

Each pixel looks along rays of constant azimuth. A ray meets the grid lines through the pixel centres,
columns as well as rows; at every meeting the height is interpolated linearly between the two centres of
the line (there the bilinear surface is exact), and the steepest line of sight is kept. So is the slope of the bilinear
surface at the observer himself: in his own cell, which may be a saddle, it can be steeper than all that comes. Between
two later meetings the surface may bulge above both; that is not sampled.
"""

import math
from typing import NamedTuple

import numpy as np
from affine import Affine
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.errors import InputError
from lk_spatial.solar.horizon_rays import Look, Rays, make_rays
from lk_spatial.solar.horizon_relief import FRAME, NOTHING, Relief, make_relief
from lk_spatial.solar.horizon_search import search


class Scene(NamedTuple):
    """A surface model prepared for many observers."""

    relief: Relief
    rays: Rays


def horizon(
    dsm: ArrayLike,
    transform: Affine,
    rows: ArrayLike,
    cols: ArrayLike,
    *,
    n_azimuth: int = 32,
    convergence: float = 0.0,
    max_distance: float | None = None,
    earth_curvature: bool = False,
) -> NDArray[np.float32]:
    """Horizon angles (n, n_azimuth) [deg] seen from pixels of a surface model, never below 0.

    ``dsm`` (rows, cols) [m] holds heights at pixel centres, row 0 in the north; the surface between them is
    bilinear and sampled where a ray leaves and wherever it crosses a grid line. ``rows``, ``cols`` (n,) are the
    observers' pixels; they stand on the surface, without lift. Column k looks to ``k * 360 / n_azimuth`` degrees
    clockwise from true north; ``convergence`` [deg] is the grid bearing of true north (grid azimuth = true azimuth +
    convergence, +7.35° in Liberec for EPSG:5514). Rays end at the edge of the model or at ``max_distance`` [m].
    ``earth_curvature`` lowers far heights by distance² (1 - 0.13) / 2R. The result does not depend on where the model
    begins and ends beyond ``max_distance``, nor on the other observers: bit for bit.

    NaN cells of the model are transparent; an observer on NaN gives a row of NaN. Depressed horizons (seen from
    a hill) count as 0. Raises InputError where the raster is rotated, a pixel lies outside of it, or the number
    of azimuths is not positive.

    >>> import numpy as np
    >>> from affine import Affine
    >>> heights = np.zeros((21, 21)); heights[:, 15] = 5.0     # a wall 5 m east of the observer, as high as far
    >>> horizon(heights, Affine(1, 0, 0, 0, -1, 21), [10], [10], n_azimuth=4).round(1).tolist()
    [[0.0, 45.0, 0.0, 0.0]]
    """
    surface = _surface(dsm)
    row, col = _observers(surface.shape, rows, cols)
    farthest = math.inf if max_distance is None else float(max_distance)
    look = Look(n_azimuth, convergence, 0.0, farthest, earth_curvature)
    return look_around(prepare(surface, transform, look), row, col)


def coarse_horizon(
    terrain: ArrayLike,
    transform: Affine,
    x: ArrayLike,
    y: ArrayLike,
    z: ArrayLike,
    *,
    n_azimuth: int = 32,
    convergence: float = 0.0,
    min_distance: float = 0.0,
    max_distance: float = 20_000.0,
) -> NDArray[np.float32]:
    """Horizon angles (n, n_azimuth) [deg] of a coarse terrain model between two distances, on the curved earth.

    Observers (n,) at ``x``, ``y`` [m, the raster's CRS] and height ``z`` [m] look from the nearest pixel centre of
    ``terrain`` (rows, cols) [m]; at ``min_distance`` that turns a line of sight by half a pixel at most. The larger of
    this and the ``horizon`` of a surface model that reaches as far as ``min_distance`` is the whole horizon.
    Otherwise as ``horizon``; NaN ``z`` gives NaN.
    """
    surface = _surface(terrain)
    row, col = _observers(surface.shape, *_pixels(transform, x, y))
    look = Look(n_azimuth, convergence, min_distance, max_distance, earth_curvature=True)
    return look_around(prepare(surface, transform, look), row, col, np.asarray(z, np.float32))


def prepare(dsm: ArrayLike, transform: Affine, look: Look) -> Scene:
    """A surface model (rows, cols) [m] made ready for ``look_around``; errors as ``horizon``."""
    relief = make_relief(_surface(dsm))
    return Scene(relief, make_rays(transform, relief.shape, relief.surface.shape[1], len(relief.starts), look))


def look_around(scene: Scene, rows: ArrayLike, cols: ArrayLike, height: ArrayLike | None = None) -> NDArray[np.float32]:
    """Horizon angles (n, n_azimuth) [deg] from pixels (n,) of a prepared scene.

    Observers stand on the surface, or at ``height`` (n,) [m], in the heights of the model. The more neighbours come
    in one call, the faster; the order does not matter. Runs without the interpreter lock. Errors as ``horizon``.
    """
    row, col = _observers(scene.relief.shape, rows, cols)
    if height is None:
        height = _own_height(scene.relief, row, col)
    return search(scene.relief, scene.rays, row, col, np.broadcast_to(height, row.shape).astype(np.float32))


def _surface(dsm: ArrayLike) -> NDArray[np.float32]:
    """The model as float32."""
    surface = np.asarray(dsm, dtype=np.float32)
    if surface.ndim != 2 or min(surface.shape) < 2:
        raise InputError("dsm_too_small", shape=surface.shape)
    return surface


def _observers(shape: tuple[int, int], rows: ArrayLike, cols: ArrayLike) -> tuple[NDArray, NDArray]:
    """Pixels as integer arrays, all inside the model."""
    row, col = np.broadcast_arrays(np.atleast_1d(rows), np.atleast_1d(cols))
    row, col = row.astype(np.int64), col.astype(np.int64)
    height, width = shape
    outside = (row < 0) | (row >= height) | (col < 0) | (col >= width)
    if outside.any():
        first = int(np.argmax(outside))
        raise InputError(
            "pixel_outside", count=int(outside.sum()), row=int(row[first]), col=int(col[first]), shape=shape
        )
    return np.ascontiguousarray(row), np.ascontiguousarray(col)


def _pixels(transform: Affine, x: ArrayLike, y: ArrayLike) -> tuple[NDArray, NDArray]:
    """Rows and columns of the pixels that points lie in."""
    col = (np.asarray(x, float) - transform.c) / transform.a
    row = (np.asarray(y, float) - transform.f) / transform.e
    return np.floor(row), np.floor(col)


def _own_height(relief: Relief, row: NDArray, col: NDArray) -> NDArray[np.float32]:
    """Heights of the surface under observers; NaN where it is unknown."""
    own = relief.surface[row + FRAME, col + FRAME]
    return np.where(own == NOTHING, np.float32(np.nan), own)
