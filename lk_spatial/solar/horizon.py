"""Horizon around pixels of a surface model.

Each pixel looks along rays of constant azimuth. A ray meets the grid lines through the pixel centres,
columns as well as rows; at every meeting the height is interpolated linearly between the two centres of
the line (there the bilinear surface is exact), and the steepest line of sight is kept. Between two meetings
the bilinear surface may bulge above both where its four corners are a saddle; that is not sampled. Blocks of the
model that cannot rise above the horizon found so far are jumped over; the result is the same as without jumps.
"""

import math
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.core.errors import InputError

EARTH_RADIUS = 6_371_000.0  # [m]
REFRACTION = 0.13  # usual coefficient of terrestrial refraction [-]
BLOCK = 16  # [pixels] side of the blocks that a ray may jump over
SNAP = 1e-6  # [pixels] a crossing this close to a pixel centre takes the centre's height


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
    bilinear and sampled wherever a ray crosses a grid line. ``rows``, ``cols`` (n,) are the observers' pixels;
    they stand on the surface, without lift. Column k looks to ``k * 360 / n_azimuth`` degrees clockwise from
    true north; ``convergence`` [deg] is the grid bearing of true north (grid azimuth = true azimuth +
    convergence, +7.35° in Liberec for EPSG:5514). Rays end at the edge of the model or at ``max_distance`` [m].
    ``earth_curvature`` lowers far heights by distance² (1 - 0.13) / 2R.

    NaN cells of the model are transparent; an observer on NaN gives a row of NaN. Depressed horizons (seen from
    a hill) count as 0. Raises InputError where the raster is rotated, a pixel lies outside of it, or the number
    of azimuths is not positive.

    >>> import numpy as np
    >>> from affine import Affine
    >>> heights = np.zeros((21, 21)); heights[:, 15] = 5.0     # a wall 5 m east of the observer, as high as far
    >>> horizon(heights, Affine(1, 0, 0, 0, -1, 21), [10], [10], n_azimuth=4).round(1).tolist()
    [[0.0, 45.0, 0.0, 0.0]]
    """
    surface = np.ascontiguousarray(dsm, dtype=np.float32)
    row, col = _observers(surface, rows, cols)
    if n_azimuth < 1:
        raise InputError("azimuth_count_wrong", got=n_azimuth)
    rays = _rays(transform, n_azimuth, convergence)
    reach = math.inf if max_distance is None else float(max_distance)
    drop = (1.0 - REFRACTION) / (2.0 * EARTH_RADIUS) if earth_curvature else 0.0
    return _horizons(surface, surface.T, *_block_maxima(surface), row, col, rays, reach, drop)


def _observers(surface: NDArray, rows: ArrayLike, cols: ArrayLike) -> tuple[NDArray, NDArray]:
    """Pixels as integer arrays, all inside the model."""
    if surface.ndim != 2 or min(surface.shape) < 2:
        raise InputError("dsm_too_small", shape=surface.shape)
    row, col = np.broadcast_arrays(np.atleast_1d(rows), np.atleast_1d(cols))
    row, col = row.astype(np.int64), col.astype(np.int64)
    height, width = surface.shape
    outside = (row < 0) | (row >= height) | (col < 0) | (col >= width)
    if outside.any():
        first = int(np.argmax(outside))
        raise InputError(
            "pixel_outside", count=int(outside.sum()), row=int(row[first]), col=int(col[first]), shape=surface.shape
        )
    return np.ascontiguousarray(row), np.ascontiguousarray(col)


def _rays(transform: Affine, n_azimuth: int, convergence: float) -> NDArray[np.float64]:
    """Columns and rows travelled per metre along each azimuth (n_azimuth, 2) [pixels/m]."""
    if transform.b or transform.d:
        raise InputError("transform_turned", got=tuple(transform)[:6])
    grid_azimuth = np.radians(np.arange(n_azimuth) * 360.0 / n_azimuth + convergence)
    rays = np.column_stack([np.sin(grid_azimuth) / transform.a, np.cos(grid_azimuth) / transform.e])
    rays[np.abs(rays) < 1e-9 * np.abs(rays).max()] = 0.0  # sin(180°) is not quite 0
    return rays


def _block_maxima(surface: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Highest surface within BLOCK pixels of each block, and its transpose; -inf where all is NaN."""
    height, width = surface.shape
    padded = np.full((-(-height // BLOCK) * BLOCK, -(-width // BLOCK) * BLOCK), -np.inf, dtype=np.float32)
    padded[:height, :width] = np.where(np.isnan(surface), -np.inf, surface)
    blocks = padded.reshape(padded.shape[0] // BLOCK, BLOCK, padded.shape[1] // BLOCK, BLOCK).max(axis=(1, 3))
    framed = np.pad(blocks, 1, constant_values=-np.inf)
    n, m = blocks.shape
    near = np.max([framed[i : i + n, j : j + m] for i in range(3) for j in range(3)], axis=0)
    return near, np.ascontiguousarray(near.T)


@kernel
def _horizons(
    surface: Any, turned: Any, near: Any, near_turned: Any, row: Any, col: Any, rays: Any, reach: float, drop: float
) -> Any:
    """Horizon angles [deg] of all observers; ``turned`` is the transposed surface."""
    n, n_azimuth = row.size, rays.shape[0]
    angles = np.empty((n, n_azimuth), np.float32)
    highest = near.max()
    for p in range(n):
        z0 = float(surface[row[p], col[p]])
        if math.isnan(z0):
            angles[p, :] = np.nan
            continue
        for k in range(n_azimuth):
            dx, dy = rays[k, 0], rays[k, 1]
            best = 0.0
            if abs(dx) >= abs(dy):  # first the axis with more crossings
                best = _steepest(turned, near_turned, highest, col[p], row[p], z0, dx, dy, reach, drop, best)
                best = _steepest(surface, near, highest, row[p], col[p], z0, dy, dx, reach, drop, best)
            else:
                best = _steepest(surface, near, highest, row[p], col[p], z0, dy, dx, reach, drop, best)
                best = _steepest(turned, near_turned, highest, col[p], row[p], z0, dx, dy, reach, drop, best)
            angles[p, k] = math.degrees(math.atan(best))
    return angles


@kernel
def _steepest(
    lines: Any, near: Any, highest: float, i0: int, j0: int, z0: float, di: float, dj: float,
    reach: float, drop: float, best: float,
) -> float:  # fmt: skip
    """Largest tangent over the crossings of a ray with the grid lines of one axis, at least ``best``.

    ``lines[i]`` is a grid line, the ray leaves (i0, j0) and moves (di, dj) pixels a metre.
    """
    if di == 0.0:
        return best
    step = 1.0 / abs(di)  # metres from line to line
    sign = 1 if di > 0 else -1
    slope = dj * step
    count = _crossings(lines.shape[0], lines.shape[1], i0, j0, sign, slope, reach / step)
    jump = max(1, int(BLOCK / max(1.0, abs(slope))))
    last = lines.shape[1] - 2
    k = 1
    while k <= count:
        run = best * k * step
        if highest - z0 <= run:
            break
        stop = min(k + jump, count + 1)
        if jump > 1:
            block = near[(i0 + sign * k) // BLOCK, min(max(int(j0 + k * slope), 0), last + 1) // BLOCK]
            if block - z0 <= run:
                k = stop
                continue
        while k < stop:
            across = j0 + k * slope
            j = min(max(int(across), 0), last)
            part = across - j
            i = i0 + sign * k
            if part < SNAP:
                z = float(lines[i, j])
            elif part > 1.0 - SNAP:
                z = float(lines[i, j + 1])
            else:
                z = lines[i, j] * (1.0 - part) + lines[i, j + 1] * part
            distance = k * step
            rise = z - z0 - drop * distance * distance
            if rise > best * distance:  # False for NaN
                best = rise / distance
            k += 1
    return best


@kernel
def _crossings(n_lines: int, n_across: int, i0: int, j0: int, sign: int, slope: float, reach: float) -> int:
    """Number of grid lines crossed before the ray leaves the model or its reach."""
    count = float(n_lines - 1 - i0 if sign > 0 else i0)
    if slope > 0.0:
        count = min(count, (n_across - 1 - j0 + SNAP) / slope)
    elif slope < 0.0:
        count = min(count, (j0 + SNAP) / -slope)
    return int(min(count, reach + SNAP))
