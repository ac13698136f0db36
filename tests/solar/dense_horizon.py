"""Horizon by walking over the bilinear surface in small steps: slow and obvious, the reference for whole tiles."""

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=False)
def dense_horizon(dsm: Any, row: Any, col: Any, grid_azimuth: Any, step: float = 0.1) -> NDArray:
    """Horizon angles (n, azimuths) [deg] from pixels over square pixels of 1 m, sampled every ``step`` [m]."""
    angles = np.zeros((row.size, grid_azimuth.size))
    height, width = dsm.shape
    for p in range(row.size):
        z0 = float(dsm[row[p], col[p]])
        for k in range(grid_azimuth.size):
            east, south = math.sin(math.radians(grid_azimuth[k])), -math.cos(math.radians(grid_azimuth[k]))
            best, n = 0.0, 1
            while True:
                distance = n * step
                x, y = col[p] + distance * east, row[p] + distance * south
                if x < 0.0 or y < 0.0 or x > width - 1.0 or y > height - 1.0:
                    break
                j, i = min(int(x), width - 2), min(int(y), height - 2)
                f, g = x - j, y - i
                z = (dsm[i, j] * (1 - f) + dsm[i, j + 1] * f) * (1 - g)
                z += (dsm[i + 1, j] * (1 - f) + dsm[i + 1, j + 1] * f) * g
                best = max(best, (z - z0) / distance)
                n += 1
            angles[p, k] = math.degrees(math.atan(best))
    return angles
