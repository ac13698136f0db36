"""Directions in which rows of modules run: along the edges of a roof."""

import math

import numpy as np
import shapely
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

QUARTER = math.pi / 2
ONE = math.radians(1.0)  # directions within it count as one
COLLINEAR_M = 0.01


def strongest_directions(polygons: NDArray[np.object_], count: int) -> Floats:
    """The ``count`` directions, modulo a quarter turn, with most edge length [rad]: array (polygons, count).

    NaN where there are fewer; 0 where there is no edge at all.
    """
    return _strongest(*_edge_angles(polygons), count)


def directions_near(polygons: NDArray[np.object_], wanted: Floats, limit: float) -> Floats:
    """Directions (polygons, 1) [rad]: the ``wanted`` ones, turned to the longest edge within ``limit`` [rad] of them.

    Edges square to the wanted direction count as well as those along it.
    """
    angle, length, first = _edge_angles(polygons)
    return (wanted + _off(angle - np.repeat(wanted, np.diff(first)), length, first, limit))[:, None]


def _edge_angles(polygons: NDArray[np.object_]) -> tuple[Floats, Floats, Ints]:
    """Direction modulo a quarter turn [rad] and length [m] of the edges, collinear points removed, by polygon."""
    along, first = edge_ends(shapely.simplify(polygons, COLLINEAR_M))
    along = along[:, 2:] - along[:, :2]
    return np.arctan2(along[:, 1], along[:, 0]) % QUARTER, np.hypot(along[:, 0], along[:, 1]), first


def edge_ends(polygons: NDArray[np.object_]) -> tuple[Floats, Ints]:
    """Edges of all rings (m, 4), x1 y1 x2 y2, and where those of each polygon begin (polygons + 1,)."""
    parts, polygon = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    return _joined(*shapely.get_coordinates(rings, return_index=True), polygon[part], len(polygons))


@kernel
def _joined(points: Floats, ring: Ints, polygon: Ints, count: int) -> tuple[Floats, Ints]:
    """See ``edge_ends``: points (n, 2) of the rings, ``ring`` (n,) of each and ``polygon`` of each ring."""
    edges, first, n = np.empty((len(points), 4)), np.zeros(count + 1, np.int64), 0
    for i in range(len(points) - 1):
        if ring[i] == ring[i + 1]:
            for j in range(4):
                edges[n, j] = points[i + j // 2, j % 2]
            n += 1
            first[polygon[ring[i]] + 1] = n
    for i in range(count):
        first[i + 1] = max(first[i], first[i + 1])  # of polygons without edges
    return edges[:n], first


@kernel
def _strongest(angle: Floats, length: Floats, first: Ints, count: int) -> Floats:
    """See ``strongest_directions``; a direction is that of its longest edge."""
    found = np.full((len(first) - 1, count), math.nan)
    for polygon in range(len(found)):
        own, left = angle[first[polygon] : first[polygon + 1]], length[first[polygon] : first[polygon + 1]].copy()
        if len(own) == 0:
            found[polygon, 0] = 0.0
        for rank in range(count):
            best, most = -1, 0.0
            for i in range(len(own)):
                near = 0.0
                for j in range(len(own)):
                    near += left[j] if _apart(own[i], own[j]) < ONE else 0.0
                if near > most:
                    best, most = i, near
            if best < 0:
                break
            centre, longest = own[best], -1.0
            for j in range(len(own)):
                if _apart(centre, own[j]) < ONE:
                    if left[j] > longest:
                        found[polygon, rank], longest = own[j], left[j]
                    left[j] = 0.0
    return found


@kernel
def _apart(one: float, other: float) -> float:
    """Angle between two directions modulo a quarter turn [rad]."""
    return abs((one - other + QUARTER / 2) % QUARTER - QUARTER / 2)


@kernel
def _off(angle: Floats, length: Floats, first: Ints, limit: float) -> Floats:
    """Angle modulo a quarter turn of the longest edge of each polygon within ``limit`` of 0 [rad]; 0 where none is."""
    found = np.zeros(len(first) - 1)
    for polygon in range(len(found)):
        longest = 0.0
        for i in range(first[polygon], first[polygon + 1]):
            off = (angle[i] + QUARTER / 2) % QUARTER - QUARTER / 2
            if abs(off) < limit and length[i] > longest:
                found[polygon], longest = off, length[i]
    return found
