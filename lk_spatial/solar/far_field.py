"""The far horizon of many pixels, from that of a few nodes: what lies beyond a kilometre changes slowly.

Each node is looked from at two heights; a pixel takes, between the nodes around it, the angle at its own height, for
a roof sees over what hides the mountains from its yard. Nodes lie on multiples of their distance in EPSG:5514, so that
the result does not depend on where a tile begins.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel

NODE_M = 100.0
HIGHER_M = 20.0  # [m] between the two heights of a node

Look = Callable[[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]], NDArray[np.float32]]


class FarField(NamedTuple):
    """Far horizons at nodes: ``height`` (rows, cols) [m], NaN = nothing known; ``angle`` (rows, cols, n_azimuth) [deg]
    at that height and ``rise`` its change with height [deg/m]; node (0, 0) at ``west``, ``south``, rows to the north.
    """

    west: float
    south: float
    height: NDArray[np.float64]
    angle: NDArray[np.float32]
    rise: NDArray[np.float32]


def far_field(
    terrain: NDArray[np.float32], transform: Affine, bounds: tuple[float, float, float, float], look: Look
) -> FarField:
    """Far horizons around ``bounds``; ``look(x, y, z)`` gives (n, n_azimuth) [deg], heights are the terrain's [m]."""
    west, south = (math.floor(edge / NODE_M) * NODE_M for edge in bounds[:2])
    x = np.arange(west, bounds[2] + NODE_M, NODE_M)
    y = np.arange(south, bounds[3] + NODE_M, NODE_M)
    x, y = np.meshgrid(x, y)
    height = _heights(terrain, transform, x, y)
    low = look(x.ravel(), y.ravel(), height.ravel())
    high = look(x.ravel(), y.ravel(), height.ravel() + HIGHER_M)
    shape = (*x.shape, low.shape[1])
    return FarField(west, south, height, low.reshape(shape), ((high - low) / np.float32(HIGHER_M)).reshape(shape))


def _heights(terrain: NDArray[np.float32], transform: Affine, x: NDArray, y: NDArray) -> NDArray[np.float64]:
    """Heights of the cells that hold points; NaN outside."""
    col, row = np.floor((x - transform.c) / transform.a), np.floor((y - transform.f) / transform.e)
    inside = (col >= 0) & (col < terrain.shape[1]) & (row >= 0) & (row < terrain.shape[0])
    height = np.full(x.shape, np.nan)
    height[inside] = terrain[row[inside].astype(int), col[inside].astype(int)]
    return height


def raise_horizon(seen: NDArray[np.float32], field: FarField, x: NDArray, y: NDArray, z: NDArray) -> None:
    """Raise near horizons ``seen`` (n, n_azimuth) [deg], in place, to the far ones of points (n,) [m]."""
    _raise(seen, (x - field.west) / NODE_M, (y - field.south) / NODE_M, z, field.height, field.angle, field.rise)


@kernel
def _raise(seen: Any, col: Any, row: Any, z: Any, height: Any, angle: Any, rise: Any) -> None:
    n_azimuth = seen.shape[1]
    far = np.empty(n_azimuth)
    for p in range(len(seen)):
        i, j = int(row[p]), int(col[p])
        up, right = row[p] - i, col[p] - j
        far[:] = 0.0
        total = 0.0
        for a in range(2):
            for b in range(2):
                above = z[p] - height[i + a, j + b]
                weight = (up if a else 1.0 - up) * (right if b else 1.0 - right)
                if np.isnan(above) or weight == 0.0:
                    continue
                total += weight
                for k in range(n_azimuth):
                    far[k] += weight * (angle[i + a, j + b, k] + above * rise[i + a, j + b, k])
        if total > 0.0:
            for k in range(n_azimuth):
                seen[p, k] = max(seen[p, k], np.float32(far[k] / total))
