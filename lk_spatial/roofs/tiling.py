"""Buildings by tiles of a fixed grid, so that a region is worked on piece by piece with the same result.

A building belongs to the tile in which the middle of its bounding box lies. Each tile comes with all buildings in
reach, since their roofs are seen from its own.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lk_spatial.core.errors import DataError
from lk_spatial.io.crs import BLOCK_M, Bounds
from lk_spatial.roofs.obstacles import RING_M

MARGIN_M = 2.0 * RING_M[1]  # around a building its planes are found with; more than a reach may end late by, a cell
LEAST_SIDE_M = 500.0
MOST_CELLS = 8_000  # a side of a window; 64 million cells take a gigabyte with all that is computed on them
LARGEST_M = 3_000.0  # no building is longer


class Tile(NamedTuple):
    """A tile: its name, middle [m, EPSG:5514], rows of its own buildings and of all in reach, heights to be read."""

    name: str
    middle: tuple[float, float]
    own: NDArray[np.intp]
    near: NDArray[np.intp]
    bounds: Bounds


def tile_side(cell: float, reach: float) -> float:
    """Side of the tiles [m] for a surface model of ``cell`` [m]: 4 km, for fine cells 2 km, 1 km or 500 m.

    >>> tile_side(1.0, 1000.0), tile_side(0.5, 1000.0)
    (4000.0, 2000.0)
    """
    side = BLOCK_M
    while side > LEAST_SIDE_M and (side + 2.0 * reach) / cell > MOST_CELLS:
        side /= 2.0
    return side


def building_tiles(bounds: pd.DataFrame, side: float, reach: float) -> list[Tile]:
    """Tiles of ``side`` [m] that hold buildings of these ``bounds`` (minx, miny, maxx, maxy), from north-west on.

    ``reach`` [m]: how far a building sees. The heights so far around are read, and the buildings there are given too,
    each with its neighbours. Raises DataError for a building over 3 km long, which is a broken geometry.
    """
    box = bounds[["minx", "miny", "maxx", "maxy"]].to_numpy(float)
    _check_sizes(box, bounds.index)
    column = np.floor((box[:, 0] + box[:, 2]) / 2.0 / side).astype(int)
    row = np.floor((box[:, 1] + box[:, 3]) / 2.0 / side).astype(int)
    found = []
    for r, c in sorted({*zip(row.tolist(), column.tolist(), strict=True)}, key=lambda at: (-at[0], at[1])):
        own = np.flatnonzero((row == r) & (column == c))
        seen = _around(box[own], reach + MARGIN_M)
        beside = _around(box[_meeting(box, seen)], MARGIN_M)
        read = (*np.minimum(seen, beside)[:2].tolist(), *np.maximum(seen, beside)[2:].tolist())
        name = f"x{c * side:.0f}_y{r * side:.0f}"
        found.append(Tile(name, ((c + 0.5) * side, (r + 0.5) * side), own, _meeting(box, read), read))
    return found


def _around(box: NDArray[np.float64], margin: float) -> Bounds:
    """The bounds of all boxes, widened by ``margin`` [m]."""
    west, south = box[:, :2].min(axis=0) - margin
    east, north = box[:, 2:].max(axis=0) + margin
    return float(west), float(south), float(east), float(north)


def _meeting(box: NDArray[np.float64], bounds: Bounds) -> NDArray[np.intp]:
    """Boxes that meet ``bounds``."""
    west, south, east, north = bounds
    return np.flatnonzero((box[:, 0] <= east) & (box[:, 2] >= west) & (box[:, 1] <= north) & (box[:, 3] >= south))


def _check_sizes(box: NDArray[np.float64], ids: Sequence[object] | pd.Index) -> None:
    length = np.maximum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1])
    large = np.flatnonzero(length > LARGEST_M)
    if len(large):
        names = [str(ids[each]) for each in large[:5]]
        raise DataError("building_too_large", ids=names, length=f"{length.max() / 1000:.1f}", limit=LARGEST_M / 1000)
