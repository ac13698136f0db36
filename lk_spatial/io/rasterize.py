"""Footprints onto the cells of a raster, the same cells in every window of it."""

from collections.abc import Sequence

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel


def cell_edges(transform: Affine, shape: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Western edges of the columns and northern edges of the rows and one more [m], rounded to a micrometre.

    So a cell has the same place, bit for bit, in each window of a raster, though ``corner + column * cell`` may round
    otherwise.
    """
    rows, cols = shape
    x, y = transform.c + np.arange(cols + 1) * transform.a, transform.f + np.arange(rows + 1) * transform.e
    return np.round(x, 6), np.round(y, 6)


def cell_centres(transform: Affine, shape: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres of the columns and of the rows [m]; the same, bit for bit, in each window of a raster."""
    x, y = cell_edges(transform, shape)
    return x[:-1] + 0.5 * transform.a, y[:-1] + 0.5 * transform.e


def rasterize_ids(
    polygons: Sequence[shapely.Geometry] | NDArray[np.object_], transform: Affine, shape: tuple[int, int]
) -> NDArray[np.int32]:
    """Number of the polygon (row + 1) that holds each cell's centre, 0 = none; (rows, cols).

    Where polygons overlap, the later one stands. A centre on a polygon's western or southern edge is outside it:
    polygons with a common edge share none. Empty and missing polygons are passed over.

    >>> rasterize_ids([shapely.box(0, 0, 2, 1)], Affine(1, 0, 0, 0, -1, 2), (2, 3)).tolist()
    [[0, 0, 0], [1, 1, 0]]
    """
    out = np.zeros(shape, np.int32)
    parts, part_of = shapely.get_parts(np.asarray(polygons, object), return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    if len(xy) == 0 or out.size == 0:
        return out
    edge = np.flatnonzero(ring[1:] == ring[:-1])
    polygon = part_of[ring_of[ring[edge]]]
    first = np.searchsorted(polygon, np.arange(len(polygons) + 1))
    x, y = cell_centres(transform, shape)
    _fill(out, x, y, xy, edge, first, np.searchsorted(-y, -xy[:, 1]))
    return out


@kernel
def _fill(out: NDArray, x: NDArray, y: NDArray, xy: NDArray, edge: NDArray, first: NDArray, row: NDArray) -> None:
    """Cells whose centres an odd number of a polygon's edges lies to the west of.

    edge: first point of each edge; first: each polygon's first edge; row: first row not to the north of each point.
    """
    for k in range(first.size - 1):
        mine = edge[first[k] : first[k + 1]]
        if mine.size == 0:
            continue
        top, bottom = row[mine].min(), row[mine].max()
        west, east = np.searchsorted(x, xy[mine, 0].min()), np.searchsorted(x, xy[mine, 0].max(), side="right")
        odd = np.zeros((bottom - top, east - west + 1), np.bool_)
        for p in mine:
            low, high = (p, p + 1) if xy[p, 1] < xy[p + 1, 1] else (p + 1, p)
            slope = (xy[high, 0] - xy[low, 0]) / (xy[high, 1] - xy[low, 1]) if row[low] > row[high] else 0.0
            for i in range(row[high], row[low]):
                crossing = xy[low, 0] + (y[i] - xy[low, 1]) * slope
                j = min(max(np.searchsorted(x, crossing, side="right"), west), east)
                odd[i - top, j - west] = not odd[i - top, j - west]
        for i in range(odd.shape[0]):
            inside = False
            for j in range(east - west):
                inside ^= odd[i, j]
                if inside:
                    out[top + i, west + j] = k + 1
