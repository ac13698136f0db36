"""From cells and rectangles to plan polygons: many buildings at a time, disjoint, inside their footprints."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

GRID = 0.001  # [m] vertices lie on multiples of this: neighbours share them exactly
SLIVER_M2 = 0.05  # pieces below are dropped
CRUMB_M2 = 2.0  # detached pieces below go to the neighbour with the longest common border

Polygons = NDArray[np.object_]


def main_directions(polygons: Polygons) -> NDArray[np.float64]:
    """Direction of each polygon's edges, weighted by length, modulo 90° [rad counter-clockwise from x]; 0 if empty."""
    parts, part_of = shapely.get_parts(polygons, return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    step = np.diff(xy, axis=0)[same]
    owner, length = part_of[ring_of[ring[1:][same]]], np.hypot(*step.T)
    east, north = step.T / np.sqrt(np.maximum(length, 1e-9))
    east, north = east**2 - north**2, 2 * east * north  # of twice the angle
    east, north = (east**2 - north**2) / np.maximum(length, 1e-9), 2 * east * north / np.maximum(length, 1e-9)
    n = len(polygons)
    return np.arctan2(np.bincount(owner, north, n), np.bincount(owner, east, n)) / 4


def clean(footprints: Polygons) -> Polygons:
    """Footprints in two dimensions, valid, polygons only; an empty polygon for a missing one."""
    footprints = shapely.force_2d(footprints)
    odd = ~shapely.is_valid(footprints) | ~np.isin(shapely.get_type_id(footprints), (3, 6))
    footprints[odd] = [only_polygons(shapely.make_valid(each)) for each in footprints[odd]]
    return footprints


def without_overlaps(footprints: Polygons) -> Polygons:
    """Footprints that share no area: of two that do, the smaller one lies on top (of equals the earlier).

    What becomes of one depends on nothing but those that it overlaps, and on their order.
    """
    one, other = shapely.STRtree(footprints).query(footprints, predicate="intersects")
    area = shapely.area(footprints)
    pairs = np.column_stack([one, other])[np.lexsort([other, one])]
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    shared = shapely.area(shapely.intersection(footprints[pairs[:, 0]], footprints[pairs[:, 1]]))
    out = footprints.copy()
    for i, j in pairs[shared > SLIVER_M2]:
        below, top = (i, j) if area[j] < area[i] else (j, i)
        out[below] = only_polygons(shapely.difference(out[below], footprints[top]))
    return out


def within(footprints: Polygons, box: shapely.Polygon) -> Polygons:
    """The part of each footprint in a rectangle; those wholly inside stay as they are, point for point."""
    west, south, east, north = box.bounds
    xmin, ymin, xmax, ymax = shapely.bounds(footprints).T
    across = ~shapely.is_empty(footprints) & ~((xmin >= west) & (ymin >= south) & (xmax <= east) & (ymax <= north))
    out = footprints.copy()
    out[across] = [only_polygons(each) for each in shapely.intersection(footprints[across], box)]
    return out


def only_polygons(geometry: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a geometry of any kind, slivers dropped; an empty polygon where there are none."""
    parts = shapely.get_parts(geometry)
    kept = parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > SLIVER_M2)]
    if len(kept) == 0:
        return shapely.Polygon()
    return kept[0] if len(kept) == 1 else shapely.multipolygons(kept)


def clipped_unions(points: NDArray, size: NDArray, group: NDArray, clip: Polygons) -> Polygons:
    """Union of the rings of each group within the group's clip polygon.

    points (n, 2); size: points of each ring; group: of each ring, ascending from 0; clip (groups,).
    """
    if len(group) == 0:
        return np.array([], object)
    cells = shapely.polygons(shapely.linearrings(points, indices=np.repeat(np.arange(len(size)), size)))
    alone = np.bincount(group)[group] == 1
    whole = np.empty(len(clip), object)
    whole[group[alone]] = cells[alone]
    numbers, part = np.unique(group[~alone], return_inverse=True)
    if len(numbers):
        many = shapely.multipolygons(cells[~alone], indices=part)
        whole[numbers] = shapely.union_all(many[:, None], axis=1, grid_size=GRID)
    # to round the corners is several times faster than GEOS's overlay on a grid, and but seldom spoils a polygon
    cut = shapely.set_precision(shapely.intersection(whole, clip), GRID, mode="pointwise")
    odd = ~shapely.is_valid(cut)
    cut[odd] = shapely.intersection(whole[odd], clip[odd], grid_size=GRID)
    cut = shapely.simplify(cut, GRID)
    odd = ~np.isin(shapely.get_type_id(cut), (3,)) | ~shapely.is_valid(cut)
    cut[odd] = [only_polygons(shapely.make_valid(each)) for each in cut[odd]]
    return cut


def heal(polygons: Polygons, owner: NDArray) -> Polygons:
    """Give small detached pieces of a plane to the plane of the same building that they touch most."""
    polygons = polygons.copy()
    for k in np.flatnonzero(shapely.get_type_id(polygons) == 6):
        parts = shapely.get_parts(polygons[k])
        area = shapely.area(parts)
        kept = list(parts[(area >= CRUMB_M2) | (area == area.max())])
        for crumb in parts[(area < CRUMB_M2) & (area < area.max())]:
            mates = np.flatnonzero((owner == owner[k]) & (np.arange(len(owner)) != k))
            common = shapely.length(shapely.intersection(polygons[mates], crumb.buffer(2 * GRID)))
            if len(mates) and common.max() > 0.1:
                mate = mates[common.argmax()]
                polygons[mate] = only_polygons(shapely.union(polygons[mate], crumb, grid_size=GRID))
            elif shapely.area(crumb) > CRUMB_M2 / 4:
                kept.append(crumb)
        polygons[k] = kept[0] if len(kept) == 1 else shapely.multipolygons(kept)
    return polygons
