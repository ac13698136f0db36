"""Where rays of given azimuths cross the grid lines of a raster, relative to the pixel they leave.

The crossings depend neither on the observer nor on where the raster begins: tiles of one grid share them bit for bit.
"""

import math
from typing import NamedTuple

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from lk_spatial.core.errors import InputError
from lk_spatial.solar.horizon_relief import STEPS

EARTH_RADIUS = 6_371_000.0  # [m]
REFRACTION = 0.13  # usual coefficient of terrestrial refraction [-]
SNAP = 1e-6  # [pixels] a crossing this close to a pixel centre takes the centre's height
SLOTS = 2 * STEPS  # crossings of both axes in one leaf, at most


class Rays(NamedTuple):
    """Rays cut into leaves of STEPS grid lines of the axis that they cross more often.

    Crossings: ``places`` (n_azimuth, leaves, 2, SLOTS) of the nearer and the farther pixel centre beside each [offset
    in the framed surface]; ``weights`` (n_azimuth, leaves, 3, SLOTS): part of the way between the two, inverse distance
    [1/m], drop by the earth's curvature [m]. Unused slots have inverse 0. Beginnings of leaves, some more than there
    are leaves: ``corner`` (n_azimuth, more, 2), row and column [pixels from the observer, rounded down];
    ``away`` (n_azimuth, more, 2), inverse distance [1/m] and drop [m]. ``top`` (leaves,) is the level of the
    search's largest step from a leaf. ``step`` (n_azimuth, 2): rows and columns from line to line.
    """

    places: NDArray[np.int32]
    weights: NDArray[np.float32]
    corner: NDArray[np.int32]
    away: NDArray[np.float32]
    top: NDArray[np.int32]
    step: NDArray[np.float64]


class Look(NamedTuple):
    """Which way to look: azimuths, grid bearing of true north [deg], nearest and farthest [m], earth's curvature."""

    n_azimuth: int = 32
    convergence: float = 0.0
    nearest: float = 0.0
    farthest: float = math.inf
    earth_curvature: bool = False


def make_rays(transform: Affine, shape: tuple[int, int], stride: int, levels: int, look: Look) -> Rays:
    """The rays of a raster with rows of ``stride`` pixels in memory, as far as its ``shape`` or the look reaches."""
    if transform.b or transform.d:
        raise InputError("transform_turned", got=tuple(transform)[:6])
    if look.n_azimuth < 1:
        raise InputError("azimuth_count_wrong", got=look.n_azimuth)
    step, metres = _steps(transform, look)
    lines = max(shape) - 1
    if math.isfinite(look.farthest):
        lines = min(lines, int(look.farthest / metres.min()) + 1)
    leaves = max(-(-lines // STEPS), 1)
    drop = (1.0 - REFRACTION) / (2.0 * EARTH_RADIUS) if look.earth_curvature else 0.0
    places = np.zeros((look.n_azimuth, leaves, 2, SLOTS), np.int32)
    weights = np.zeros((look.n_azimuth, leaves, 3, SLOTS), np.float32)
    for k in range(look.n_azimuth):
        _cross(places[k], weights[k], step[k], metres[k], stride, look, drop)
    begin = np.arange(2 * leaves + 2) * STEPS
    corner = np.floor(begin[:, None] * step[:, None, :]).astype(np.int32)
    distance = begin * metres[:, None]
    distance = np.maximum(distance * (1.0 - 1e-6), 1e-9)  # a little nearer than any crossing, rounded or not
    away = np.stack([1.0 / distance, drop * distance**2], axis=-1).astype(np.float32)
    return Rays(places, weights, corner, away, _tops(leaves, levels), step)


def _steps(transform: Affine, look: Look) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows and columns (n_azimuth, 2) and metres (n_azimuth,) from grid line to grid line of the busier axis.

    The bearing is taken within its quadrant, so that a turn by 90° changes no bit.
    """
    bearing = np.round(np.arange(look.n_azimuth) * 360.0 / look.n_azimuth + look.convergence, 9) % 360.0
    quadrant = (bearing // 90.0).astype(int)
    within = np.radians(np.round(bearing - 90.0 * quadrant, 9))
    along, across = np.cos(within), np.sin(within)
    north = np.choose(quadrant, [along, -across, -along, across])
    east = np.choose(quadrant, [across, along, -across, -along])
    pixels = np.column_stack([north / transform.e, east / transform.a])  # per metre
    pixels = np.where(pixels == 0.0, 0.0, pixels)  # no -0
    busier = np.abs(pixels).max(axis=1)
    return pixels / busier[:, None], 1.0 / busier


def _cross(
    places: NDArray, weights: NDArray, step: NDArray[np.float64], metres: float, stride: int, look: Look, drop: float
) -> None:
    """Fill in the crossings of one ray: places (leaves, 2, SLOTS), weights (leaves, 3, SLOTS)."""
    strides = np.array([stride, 1])
    busy = int(abs(step[1]) == 1.0)  # the axis crossed by every step
    for axis, first in ((busy, 0), (1 - busy, STEPS)):
        slope = abs(step[axis])
        if slope == 0.0:
            continue
        ends = np.floor(np.arange(len(places) + 1) * STEPS * slope).astype(int)
        n = np.arange(1, ends[-1] + 1)
        leaf = np.searchsorted(ends, n) - 1
        slot = first + n - ends[leaf] - 1
        line = n * int(np.sign(step[axis])) * strides[axis]
        near, far, part = _between(n * (step[1 - axis] / slope))
        places[leaf, 0, slot], places[leaf, 1, slot] = line + near * strides[1 - axis], line + far * strides[1 - axis]
        distance = n * (metres / slope)
        seen = (distance >= look.nearest * (1 - SNAP)) & (distance <= look.farthest + SNAP * metres)
        weights[leaf, 0, slot] = part
        weights[leaf, 1, slot] = np.where(seen, 1.0 / distance, 0.0)
        weights[leaf, 2, slot] = drop * distance**2
    if look.nearest == 0.0 and step.all():
        _leave(places[0], weights[0], step, metres, strides)


def _leave(places: NDArray, weights: NDArray, step: NDArray[np.float64], metres: float, strides: NDArray) -> None:
    """Fill in the slope of the bilinear surface at the observer himself, where he looks along neither axis.

    In his own cell it may be steeper than the line of sight to the first crossing. It is the rises to the next pixels
    in both axes, each by the share of the way: a crossing of the line between the two. Its slot is free, or, where
    the ray runs through the corners of the pixels, that of a crossing which is there already.
    """
    share = np.abs(step)
    sides = np.array(
        [1, 0] if step[0] * step[1] < 0.0 else [0, 1]
    )  # the pixel to the right of the ray, then to the left
    places[:, -1] = (np.sign(step).astype(int) * strides)[sides]
    weights[:, -1] = share[sides[1]] / share.sum(), share.sum() / metres, 0.0


def _between(across: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The nearer and the farther pixel centre beside a crossing, and the part of the way between, below 1."""
    near = np.trunc(across)
    part = np.abs(across - near)
    far = near + np.sign(across)
    near, part = np.where(part > 1.0 - SNAP, far, near), np.where((part > 1.0 - SNAP) | (part < SNAP), 0.0, part)
    return near.astype(np.int64), np.where(part == 0.0, near, far).astype(np.int64), part


def _tops(leaves: int, levels: int) -> NDArray[np.int32]:
    """Level of the largest step of the search from each leaf: it begins at multiples of its length, and is no longer
    than half the way behind it.
    """
    top = np.zeros(leaves, np.int32)
    for level in range(1, levels):
        leaf = np.arange(leaves)
        top[(leaf % (1 << level) == 0) & (leaf >= 2 << level)] = level
    return top
