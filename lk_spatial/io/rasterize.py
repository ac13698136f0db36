"""Footprints onto the cells of a raster."""

from collections.abc import Sequence

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize


def rasterize_ids(
    polygons: Sequence[shapely.Geometry] | NDArray[np.object_], transform: Affine, shape: tuple[int, int]
) -> NDArray[np.int32]:
    """Number of the polygon (row + 1) that holds each cell's centre, 0 = none; (rows, cols).

    Where polygons overlap, the later one stands. Empty and missing polygons are passed over.

    >>> rasterize_ids([shapely.box(0, 0, 2, 1)], Affine(1, 0, 0, 0, -1, 2), (2, 3)).tolist()
    [[0, 0, 0], [1, 1, 0]]
    """
    shapes = [(each, row + 1) for row, each in enumerate(polygons) if each is not None and not each.is_empty]
    if not shapes:
        return np.zeros(shape, np.int32)
    return rasterize(shapes, out_shape=shape, transform=transform, fill=0, dtype="int32")
