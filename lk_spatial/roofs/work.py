"""What one worker does: the planes of a chunk of buildings. Arrays in, arrays and polygons out; no file is opened."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.roofs.lower import add_lower_planes, drop_labels, low_pixels, on_the_ground, rougher, shafts
from lk_spatial.roofs.obstacles import ground_height, misfit, rectangles, settle, votes_of
from lk_spatial.roofs.partition import partition
from lk_spatial.roofs.polygons import clipped_unions, heal
from lk_spatial.roofs.segments import segment

PLANE_COLUMNS = ["_row", "_a", "_b", "_c", "_x0", "_y0", "_ground", "rmse_m", "geometry"]
LEAST_KNOWN = 0.5  # share of a footprint's cells that must have a height


class Rules(NamedTuple):
    """What holds for all buildings; lengths [m]."""

    cell: float
    tolerance: float  # NaN = from the noise
    least: int  # pixels of a plane that is looked for
    least_steep: int  # the same where a steep one is expected
    largest_obstacle: int  # pixels
    min_area: float  # [m2] of a plane that is kept, on the slope


class Window(NamedTuple):
    """A building and the heights around it."""

    row: int  # of the buildings
    top: int  # of the raster: row and column of the first cell in which planes are looked for
    left: int
    x: float  # its centre [m]
    y: float
    z: NDArray[np.float32]
    owner: NDArray[np.uint8]  # 1 = this building, 2 = another, 0 = open
    near: tuple[int, int, int, int]  # of z: rows from, to, columns from, to, in which planes are looked for
    footprint: shapely.Geometry
    main: float  # [rad]


class Chunk(NamedTuple):
    """Buildings for one worker."""

    rules: Rules
    windows: list[Window]


class Found(NamedTuple):
    """Planes of a chunk; labels are rows of ``plane`` + 1."""

    plane: pd.DataFrame
    obstacles: NDArray[np.object_]
    obstacle_on: NDArray[np.int64]  # row of plane
    patches: list[tuple[int, int, NDArray[np.int32]]]  # top, left, labels

    @staticmethod
    def empty() -> Found:
        """Nothing found."""
        return Found(pd.DataFrame(columns=PLANE_COLUMNS), np.zeros(0, object), np.zeros(0, np.int64), [])

    def draw(self, labels: NDArray[np.int32], place: NDArray[np.int64]) -> None:
        """Put the labels of the chunk onto the raster; place: row of each plane in the table handed out."""
        for top, left, patch in self.patches:
            rows, cols = np.nonzero(patch)
            labels[top + rows, left + cols] = place[patch[rows, cols] - 1] + 1


class Roof(NamedTuple):
    """What was found in one window; lengths [m] from the centre of the first cell where planes are looked for."""

    planes: NDArray  # (n + 1, 5): a, b, c, pixels, rms; row 0 unused
    labels: NDArray  # (rows, cols)
    points: NDArray  # of the rings, (n, 2)
    ring: NDArray  # ring of each point
    ring_label: NDArray  # plane of each ring, 0 = no roof
    corners: NDArray  # of the obstacles' rectangles, (n, 4, 2)
    obstacle: NDArray  # obstacle of each rectangle
    on: NDArray  # plane below each rectangle
    ground: float  # height [m]


class _Site(NamedTuple):
    """One building's window, and the smaller one just around its cells in which its planes are looked for."""

    z: NDArray  # (rows, cols) heights [m], NaN = unknown
    owner: NDArray
    ground: float  # [m]
    near: tuple[slice, slice]  # the smaller window
    own: NDArray  # of the smaller window: cells of the building
    heights: NDArray  # of the smaller window: z less their mean, 0 where unknown
    main: float  # [rad]
    rules: Rules

    def grounded(self, labels: NDArray, count: int) -> NDArray:
        """Which of so many labels are no roof but the ground."""
        top, left = self.near[0].start, self.near[1].start
        return on_the_ground(self.z, self.owner, labels, top, left, count, self.ground, self.rules.cell)

    def cut(self, votes: NDArray, none: NDArray, planes: NDArray) -> tuple[NDArray, NDArray, NDArray, NDArray]:
        """Cells of the partition by votes, in which is noted where there is no roof."""
        votes[none] = 0
        points, ring, label, zone = partition(votes, planes, self.rules.cell, self.main)
        return points, ring, label, zone


class _Parted(NamedTuple):
    """Planes of a window, and the cells into which they part it."""

    labels: NDArray  # (rows, cols)
    planes: NDArray  # (n + 1, 5): a, b, c, pixels, rms; row 0 unused
    sigmas: NDArray  # (n + 1,) noise allowed on each plane [m]
    cells: tuple[NDArray, NDArray, NDArray, NDArray]  # of ``partition``
    shaft: NDArray  # (rows, cols) pixels that gape in their plane


def roof_of_window(z: NDArray, owner: NDArray, around: tuple[int, int, int, int], main: float, rules: Rules) -> Roof:
    """Planes and obstacles of the building whose cells are 1 in ``owner``; z heights [m], float64, NaN = unknown."""
    near = np.s_[around[0] : around[1], around[2] : around[3]]
    own = np.ascontiguousarray(owner[near] == 1)
    use = own & np.isfinite(z[near])
    level = z[near][use].mean()
    heights = np.where(use, z[near] - level, 0.0)
    ground = ground_height(z, owner, rules.cell)
    site = _Site(z, owner, ground, near, own, heights, main, rules)
    labels, planes, sigmas, cells, shaft = _parted(site, use)
    host = settle(heights, use, labels, cells[3], shaft, planes, sigmas, rules.cell)
    planes[:, 4] = misfit(heights, labels, planes, rules.cell)
    corners, obstacle, on = rectangles(host, rules.cell, main)
    planes[:, 2] += level
    return Roof(planes, labels, cells[0], cells[1], cells[2], corners, obstacle, on, ground)


def _above_ground(site: _Site, use: NDArray) -> tuple[NDArray, NDArray, float, NDArray]:
    """Labels, planes, noise, and pixels that were found to be ground: without them the search starts anew."""
    rules, ground = site.rules, np.zeros(use.shape, np.bool_)
    while True:
        labels, planes, sigma = segment(
            site.heights, use & ~ground, rules.cell, rules.tolerance, rules.least, rules.largest_obstacle
        )
        drop = site.grounded(labels, len(planes) - 1)
        if not drop.any():
            return labels, planes, sigma, ground
        ground |= drop[np.maximum(labels, 0)]  # what seemed to stand on the ground is a roof


def _low_and_shafts(
    site: _Site, use: NDArray, labels: NDArray, zone: NDArray, planes: NDArray, sigmas: NDArray
) -> tuple[NDArray, NDArray]:
    """Pixels that lie clearly below their zone's plane: those at its side, and those that gape in it."""
    low = low_pixels(site.heights, use, labels, zone, planes, sigmas, site.rules.cell)
    if not low.any():
        return low, low
    shaft = shafts(low, site.own, zone, site.rules.largest_obstacle)
    return low & ~shaft, shaft


def _parted(site: _Site, use: NDArray) -> _Parted:
    """Cut the window along its planes; look for planes in what lies below them, and leave out the rest of it."""
    rules, z = site.rules, site.heights
    labels, planes, sigma, none = _above_ground(site, use)
    sigmas = np.full(len(planes), sigma)
    votes = votes_of(labels, site.own, rules.cell)
    cells = site.cut(votes, none, planes)
    low, shaft = _low_and_shafts(site, use & ~none, labels, cells[3], planes, sigmas)
    if low.any():
        allowed = rougher(sigma) if np.isnan(rules.tolerance) else sigma
        before = len(planes)
        planes, sigmas = add_lower_planes(z, low, labels, planes, sigmas, allowed, rules.cell, rules.least_steep)
        if len(planes) > before:
            planes, sigmas, ground = drop_labels(labels, planes, sigmas, site.grounded(labels, len(planes) - 1))
            none |= ground
            votes = votes_of(labels, site.own, rules.cell)
            cells = site.cut(votes, none, planes)
            low, shaft = _low_and_shafts(site, use & ~none, labels, cells[3], planes, sigmas)
    if low.any():
        cells = site.cut(votes, low, planes)
    return _Parted(labels, planes, sigmas, cells, shaft)


def planes_of_chunk(chunk: Chunk) -> Found:
    """Planes, obstacles and label patches of a chunk of buildings."""
    collected = _Collected(chunk.rules.min_area)
    for window in chunk.windows:
        collected.add(window, _solve(window, chunk.rules))
    return collected.found()


def _solve(window: Window, rules: Rules) -> Roof:
    # copies: an array that came from another process may be read-only, for which numba would compile anew
    return roof_of_window(window.z.astype(np.float64), np.array(window.owner), window.near, window.main, rules)


@kernel
def census(ids: NDArray, z: NDArray, n: int) -> NDArray:
    """Cells of each building 1..n in ``ids``: rows from, to, columns from, to, number, number with a height; (n, 6)."""
    out = np.zeros((n, 6), np.int64)
    for i in range(ids.shape[0]):
        for j in range(ids.shape[1]):
            if ids[i, j] > 0:
                own = out[ids[i, j] - 1]
                if own[4] == 0:
                    own[0], own[2] = i, j
                own[1], own[2], own[3] = i + 1, min(own[2], j), max(own[3], j + 1)
                own[4] += 1
                own[5] += np.isfinite(z[i, j])
    return out


def why_not(cells: NDArray, least: int) -> NDArray[np.str_]:
    """Why nothing is looked for on a building, by its row of ``census``; empty where something is."""
    few = cells[:, 5] < np.maximum(least, LEAST_KNOWN * cells[:, 4])
    return np.where(cells[:, 4] < least, "too_small", np.where(few, "no_data", ""))


class _Collected:
    """Rings, planes and rectangles of many buildings, until shapely takes them all at once."""

    def __init__(self, min_area: float) -> None:
        self.min_area = min_area
        self.rows: list[tuple[float, ...]] = []
        self.points: list[NDArray] = []
        self.ring: list[NDArray] = []
        self.group: list[NDArray] = []
        self.clip: list[shapely.Geometry] = []
        self.boxes: list[NDArray] = []
        self.box_group: list[NDArray] = []
        self.box_on: list[int] = []
        self.box_clip: list[shapely.Geometry] = []
        self.patches: list[tuple[int, int, NDArray]] = []
        self.rings = 0

    def add(self, window: Window, roof: Roof) -> None:
        """Add one building."""
        first = len(self.rows)
        origin = np.array([window.x, window.y])
        for a, b, c, _, rms in roof.planes[1:]:
            self.rows.append((window.row, a, b, c, window.x, window.y, roof.ground, rms))
            self.clip.append(window.footprint)
        order = np.argsort(roof.ring_label, kind="stable")
        order = order[roof.ring_label[order] > 0]
        for k in order:
            mine = roof.points[roof.ring == k] + origin
            self.points.append(mine)
            self.ring.append(np.full(len(mine), self.rings))
            self.rings += 1
        self.group.append(first + roof.ring_label[order] - 1)
        for piece in np.unique(roof.obstacle):
            mine = roof.obstacle == piece
            self.boxes.append(roof.corners[mine] + origin)
            self.box_group.append(np.full(mine.sum(), len(self.box_on)))
            self.box_on.append(first - 1 + int(np.bincount(roof.on[mine]).argmax()))
            self.box_clip.append(window.footprint)
        patch = np.where(roof.labels > 0, roof.labels + first, 0).astype(np.int32)
        self.patches.append((window.top, window.left, patch))

    def found(self) -> Found:
        """Make the polygons; planes that kept no area are left out."""
        if not self.rows:
            return Found.empty()
        table = pd.DataFrame(self.rows, columns=PLANE_COLUMNS[:-1])
        group = np.concatenate(self.group)
        geometry = np.full(len(table), shapely.Polygon(), object)
        present, compact = np.unique(group, return_inverse=True)
        clip = np.array(self.clip, object)[present]
        geometry[present] = clipped_unions(np.concatenate(self.points), np.concatenate(self.ring), compact, clip)
        geometry = heal(geometry, table["_row"].to_numpy())
        slope = np.hypot(1.0, np.hypot(table["_a"], table["_b"]).to_numpy())
        kept = shapely.area(geometry) * slope >= self.min_area
        place = np.cumsum(kept) - 1
        table["geometry"] = geometry
        boxes, on = self._obstacles()
        on_kept = kept[on]
        new = np.concatenate([[0], np.where(kept, np.cumsum(kept), 0)]).astype(np.int32)
        patches = [(top, left, new[patch]) for top, left, patch in self.patches]
        return Found(_centred(table[kept]), boxes[on_kept], place[on[on_kept]], patches)

    def _obstacles(self) -> tuple[NDArray, NDArray]:
        if not self.boxes:
            return np.zeros(0, object), np.zeros(0, np.int64)
        corners = np.concatenate(self.boxes)
        ring = np.repeat(np.arange(len(corners)), 4)
        clip = np.array(self.box_clip, object)
        polygons = clipped_unions(corners.reshape(-1, 2), ring, np.concatenate(self.box_group), clip)
        kept = ~shapely.is_empty(polygons)
        return polygons[kept], np.array(self.box_on)[kept]


def _centred(table: pd.DataFrame) -> pd.DataFrame:
    """Coefficients relative to the centroid of each plane's polygon, so that _c is its mean height."""
    centre = shapely.centroid(table["geometry"].to_numpy(object))
    x, y = shapely.get_x(centre), shapely.get_y(centre)
    level = table["_c"] + table["_a"] * (x - table["_x0"]) + table["_b"] * (y - table["_y0"])
    return table.assign(_c=level, _x0=x, _y0=y)
