"""Slope and aspect of a surface model at its pixels."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.compiled import kernel

WALL = 2.0  # [-] rise over run, 63°: steeper than roofs are; a step of one pixel that is steeper is taken for a wall


def slope_aspect(
    dsm: ArrayLike, cell: float, *, convergence: float = 0.0
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Tilt (rows, cols) and true azimuth of the fall line (rows, cols) [deg] of a surface model at its pixels.

    ``dsm`` (rows, cols) [m] with row 0 in the north, ``cell`` [m], ``convergence`` [deg] as in ``horizon``. Along each
    axis the slope is the central difference, the mean slope of the bilinear surface on both sides. At the edge of
    what is known, and beside a wall (a step of one pixel steeper than 63° where the other side is less steep), it is
    the one-sided difference of the other side: the rim of a roof slopes like the roof. Flat pixels face 180°. NaN where
    the height is unknown, or along one axis the heights on both sides.

    >>> import numpy as np
    >>> tilt, azimuth = slope_aspect(np.array([[3.0, 3, 3], [2, 2, 2], [1, 1, 1]]), 1.0)
    >>> float(tilt[1, 1]), float(azimuth[1, 1])
    (45.0, 180.0)
    """
    return _slope_aspect(np.asarray(dsm, np.float32), float(cell), float(convergence))


@kernel
def _slope_aspect(dsm: Any, cell: float, convergence: float) -> Any:
    rows, cols = dsm.shape
    tilt, azimuth = np.full((rows, cols), np.nan, np.float32), np.full((rows, cols), np.nan, np.float32)
    for i in range(rows):
        for j in range(cols):
            z = np.float64(dsm[i, j])
            west = z - dsm[i, j - 1] if j > 0 else np.nan
            east = dsm[i, j + 1] - z if j + 1 < cols else np.nan
            south = z - dsm[i + 1, j] if i + 1 < rows else np.nan
            north = dsm[i - 1, j] - z if i > 0 else np.nan
            x, y = _rise(west / cell, east / cell), _rise(south / cell, north / cell)
            if np.isnan(x + y):
                continue
            tilt[i, j] = np.degrees(np.arctan(np.hypot(x, y)))
            fall = 180.0 + np.degrees(np.arctan2(x, y)) - convergence if x != 0.0 or y != 0.0 else 180.0
            azimuth[i, j] = fall % 360.0
    return tilt, azimuth


@kernel
def _rise(before: float, after: float) -> float:
    """Slope between the slopes on both sides."""
    if np.isnan(before):
        return after
    if np.isnan(after):
        return before
    if abs(before) > WALL and abs(after) <= WALL:
        return after
    if abs(after) > WALL and abs(before) <= WALL:
        return before
    return 0.5 * (before + after)
