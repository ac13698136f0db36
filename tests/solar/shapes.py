"""Surfaces whose horizon is known on paper."""

import math

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from lk_spatial.solar.horizon import horizon

# looking off the fall line of a 45° face: azimuths of the horizon, angle [deg], truth [deg], source
PYRAMID = [
    (8, 45.0, 35.2644, "GRASS-4112-45deg"),
    (16, 22.5, 42.7342, "facts-solar-5-22.5deg"),
    (36, 20.0, 43.2192, "facts-solar-5-20deg"),
]
FACES = (0, 90, 180, 270)


def grid(cell: float = 1.0) -> Affine:
    return Affine(cell, 0, -690_000, 0, -cell, -972_000)


def rough(seed: int, shape: tuple[int, int] = (60, 70)) -> NDArray[np.float32]:
    """Slopes, walls, towers: a surface with edges at all angles."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    z = 5 * np.sin(x / 9.0) + 4 * np.cos(y / 7.0) + 0.1 * rng.normal(size=shape)
    for _ in range(12):
        r, c = rng.integers(0, shape[0] - 6), rng.integers(0, shape[1] - 6)
        z[r : r + rng.integers(1, 6), c : c + rng.integers(1, 6)] += rng.uniform(2, 20)
    return z.astype(np.float32)


def wall(height: float, distance: int, side: str = "east", size: int = 401) -> NDArray[np.float32]:
    """Flat ground with a plateau that reaches full height ``distance`` cells from the middle."""
    z = np.zeros((size, size), np.float32)
    z[:, size // 2 + distance :] = height
    return np.ascontiguousarray(np.rot90(z, {"east": 0, "north": 1, "west": 2, "south": 3}[side]))


def pyramid_angles(n_azimuth: int, off_fall_line: float, face: int) -> tuple[float, float]:
    """Horizon [deg] seen from a 45° face of a pyramid, to the left and to the right of its fall line."""
    y, x = np.mgrid[-60:61, -60:61].astype(float)
    dsm = -np.maximum(np.abs(x), np.abs(y))
    row, col = 60 - round(40 * math.cos(math.radians(face))), 60 + round(40 * math.sin(math.radians(face)))
    angles = horizon(dsm, grid(), [row], [col], n_azimuth=n_azimuth)[0]
    left, right = (
        float(angles[round((face + 180 + turn) % 360 * n_azimuth / 360)]) for turn in (-off_fall_line, off_fall_line)
    )
    return left, right


def oblique_wall(off_normal: int) -> tuple[float, float]:
    """Horizon [deg] found and true, tan h = (H / d) cos phi, of a wall 8 m high, 6 m away."""
    angles = horizon(wall(8.0, 6, size=601), grid(), [300], [300], n_azimuth=72)[0]
    return float(angles[(90 + off_normal) // 5]), math.degrees(
        math.atan(8.0 / 6.0 * math.cos(math.radians(off_normal)))
    )


def before_wall(angle: float) -> NDArray[np.float32]:
    """Horizon (1, 32) [deg] of a receiver before an endless wall of this angle [deg]."""
    distance = 4
    dsm = wall(distance * math.tan(math.radians(angle)), distance, size=1201)
    return horizon(dsm, grid(), [600], [600])
