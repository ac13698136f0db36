"""What one worker does: the planes of a chunk of buildings. Arrays in, arrays and polygons out; no file is opened."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from numba import njit
from numpy.typing import NDArray

from lk_spatial.roofs.obstacles import ground_height, rectangles, settle, votes_of
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
    largest_obstacle: int  # pixels
    min_area: float  # [m2] of a plane that is kept


class Window(NamedTuple):
    """A building and the heights around it; x, y [m]: centre of the first cell."""

    row: int  # of the buildings
    top: int
    left: int
    x: float
    y: float
    z: NDArray[np.float32]
    owner: NDArray[np.uint8]  # 1 = this building, 2 = another, 0 = open
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
    reasons: dict[int, str | None]  # building row -> why it has no plane; None where it has
    patches: list[tuple[int, int, NDArray[np.int32]]]  # top, left, labels

    @staticmethod
    def empty() -> Found:
        """Nothing found."""
        return Found(pd.DataFrame(columns=PLANE_COLUMNS), np.zeros(0, object), np.zeros(0, np.int64), {}, [])

    def draw(self, labels: NDArray[np.int32], place: NDArray[np.int64]) -> None:
        """Put the labels of the chunk onto the raster; place: row of each plane in the table handed out."""
        for top, left, patch in self.patches:
            rows, cols = np.nonzero(patch)
            labels[top + rows, left + cols] = place[patch[rows, cols] - 1] + 1


@njit(cache=True, nogil=True)
def _roof(
    z: NDArray, owner: NDArray, cell: float, tolerance: float, least: int, largest: int, main: float
) -> tuple[NDArray, NDArray, NDArray, NDArray, NDArray, NDArray, NDArray, NDArray, float, float]:
    """All that is computed on one window, in one call: see ``segment``, ``partition``, ``rectangles``, ``ground_height``."""
    own = owner == 1
    use = own & np.isfinite(z)
    level = 0.0
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            level += z[i, j] if use[i, j] else 0.0
    level /= use.sum()
    rows, cols = np.nonzero(own)
    r0, r1, c0, c1 = max(rows.min() - 1, 0), rows.max() + 2, max(cols.min() - 1, 0), cols.max() + 2
    near = np.where(use, z - level, 0.0)[r0:r1, c0:c1].copy()
    use, own = use[r0:r1, c0:c1].copy(), own[r0:r1, c0:c1].copy()
    labels, planes, sigma = segment(near, use, cell, tolerance, least, largest)
    points, ring, ring_label, zone = partition(votes_of(labels, own, cell), planes, cell, main)
    host = settle(near, use, labels, zone, planes, sigma, cell)
    corners, obstacle, on = rectangles(host, cell, main)
    ground = ground_height(z, owner, cell)
    shift = np.array([c0 * cell, -r0 * cell])
    planes[:, 2] += level - planes[:, 0] * shift[0] - planes[:, 1] * shift[1]
    whole = np.zeros(z.shape, np.int32)
    whole[r0 : r0 + labels.shape[0], c0 : c0 + labels.shape[1]] = labels
    return planes, whole, points + shift, ring, ring_label, corners + shift, obstacle, on, ground, sigma


def planes_of_chunk(chunk: Chunk) -> Found:
    """Planes, obstacles and label patches of a chunk of buildings."""
    rules = chunk.rules
    collected = _Collected(rules.min_area)
    reasons: dict[int, str | None] = {}
    for window in chunk.windows:
        reasons[window.row] = _why_not(window, rules)
        if reasons[window.row] is None:
            if not collected.add(window, _solve(window, rules)):
                reasons[window.row] = "no_plane"
    found = collected.found(reasons)
    have = set(found.plane["_row"])
    return found._replace(reasons={row: why if why or row in have else "no_plane" for row, why in reasons.items()})


def _solve(window: Window, rules: Rules) -> tuple:
    # copies: an array that came from another process may be read-only, for which numba would compile anew
    z, owner = window.z.astype(np.float64), np.array(window.owner)
    return _roof(z, owner, rules.cell, rules.tolerance, rules.least, rules.largest_obstacle, window.main)


def _why_not(window: Window, rules: Rules) -> str | None:
    cells = int((window.owner == 1).sum())
    known = int(((window.owner == 1) & np.isfinite(window.z)).sum())
    if cells < rules.least:
        return "too_small"
    if known < max(rules.least, LEAST_KNOWN * cells):
        return "no_data"
    return None


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

    def add(self, window: Window, parts: tuple) -> bool:
        """Add one building; False where it has no plane."""
        planes, labels, points, ring, ring_label, corners, obstacle, on, ground, _ = parts
        n = len(planes) - 1
        if n == 0:
            return False
        first = len(self.rows)
        origin = np.array([window.x, window.y])
        for a, b, c, _, rms in planes[1:]:
            self.rows.append((window.row, a, b, c, window.x, window.y, ground, rms))
            self.clip.append(window.footprint)
        order = np.argsort(ring_label, kind="stable")
        order = order[ring_label[order] > 0]
        for k in order:
            mine = points[ring == k] + origin
            self.points.append(mine)
            self.ring.append(np.full(len(mine), self.rings))
            self.rings += 1
        self.group.append(first + ring_label[order] - 1)
        self._add_obstacles(window, corners + origin, obstacle, on + first - 1)
        self.patches.append((window.top, window.left, np.where(labels > 0, labels + first, 0).astype(np.int32)))
        return True

    def _add_obstacles(self, window: Window, corners: NDArray, obstacle: NDArray, on: NDArray) -> None:
        for piece in np.unique(obstacle):
            mine = obstacle == piece
            self.boxes.append(corners[mine])
            self.box_group.append(np.full(mine.sum(), len(self.box_on)))
            self.box_on.append(int(np.bincount(on[mine]).argmax()))
            self.box_clip.append(window.footprint)

    def found(self, reasons: dict[int, str | None]) -> Found:
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
        kept = shapely.area(geometry) >= self.min_area
        place = np.cumsum(kept) - 1
        table["geometry"] = geometry
        boxes, on = self._obstacles()
        on_kept = kept[on]
        new = np.concatenate([[0], np.where(kept, np.cumsum(kept), 0)]).astype(np.int32)
        patches = [(top, left, new[patch]) for top, left, patch in self.patches]
        return Found(_centred(table[kept]), boxes[on_kept], place[on[on_kept]], reasons, patches)

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
