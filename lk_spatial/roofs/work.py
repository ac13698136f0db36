"""What one worker does: the planes of a chunk of buildings. Arrays in, arrays and polygons out; no file is opened."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.roofs.polygons import Polygons, clipped_unions, heal
from lk_spatial.roofs.window import Roof, Rules, roof_of_window

PLANE_COLUMNS = ["_row", "_a", "_b", "_c", "_x0", "_y0", "_ground", "rmse_m", "geometry"]
LEAST_KNOWN = 0.5  # share of a footprint's cells that must have a height


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


class Patch(NamedTuple):
    """Labels of one building on the raster."""

    top: int
    left: int
    labels: NDArray[np.int32]
    rows: NDArray[np.int64]  # of the chunk's planes: label k is rows[k]; -1 = none


class Found(NamedTuple):
    """What a chunk of buildings has."""

    plane: pd.DataFrame  # PLANE_COLUMNS
    obstacles: Polygons
    obstacle_on: NDArray[np.int64]  # row of plane
    patches: list[Patch]

    @staticmethod
    def empty() -> Found:
        """Nothing found."""
        return Found(pd.DataFrame(columns=PLANE_COLUMNS), np.zeros(0, object), np.zeros(0, np.int64), [])

    def draw(self, labels: NDArray[np.int32], place: NDArray[np.int64]) -> None:
        """Put the labels of the chunk onto the raster; place: row of each plane in the table handed out."""
        number = np.append(place[: len(self.plane)] + 1, 0)  # -1 is the last
        for patch in self.patches:
            _draw(labels, patch.labels, patch.top, patch.left, number[patch.rows])


@kernel
def _draw(labels: NDArray, patch: NDArray, top: int, left: int, number: NDArray) -> None:
    for i in range(patch.shape[0]):
        for j in range(patch.shape[1]):
            if patch[i, j] > 0 and number[patch[i, j]] > 0:
                labels[top + i, left + j] = number[patch[i, j]]


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


def planes_of_chunk(chunk: Chunk) -> Found:
    """Planes, obstacles and labels of a chunk of buildings; planes that are too small are left out."""
    windows = chunk.windows
    if not windows:
        return Found.empty()
    roofs = [_solve(window, chunk.rules) for window in windows]
    count = np.array([len(roof.planes) - 1 for roof in roofs])
    first = np.cumsum(count) - count  # row of each building's first plane
    table = _table(windows, roofs, count)
    geometry = _outlines(windows, roofs, count, first)
    kept = shapely.area(geometry) * np.hypot(1.0, np.hypot(table["_a"], table["_b"])) >= chunk.rules.min_area
    kept = kept.to_numpy()
    new = np.where(kept, np.cumsum(kept) - 1, -1)
    boxes, on = _obstacles(windows, roofs, first)
    stays = kept[on]
    rows = np.split(new, first[1:])
    patches = [
        Patch(window.top, window.left, roof.labels, np.append(-1, mine))
        for window, roof, mine in zip(windows, roofs, rows, strict=True)
    ]
    return Found(_centred(table[kept].assign(geometry=geometry[kept])), boxes[stays], new[on[stays]], patches)


def _solve(window: Window, rules: Rules) -> Roof:
    # copies: an array that came from another process may be read-only, for which numba would compile anew
    roof: Roof = roof_of_window(np.array(window.z), np.array(window.owner), window.near, window.main, rules)
    return roof


def _table(windows: list[Window], roofs: list[Roof], count: NDArray) -> pd.DataFrame:
    """Planes of all buildings, without their outlines; z = _a (x - _x0) + _b (y - _y0) + _c."""
    planes = np.concatenate([roof.planes[1:] for roof in roofs])
    sites = np.array([(window.x, window.y, roof.ground) for window, roof in zip(windows, roofs, strict=True)])
    x, y, ground = np.repeat(sites, count, axis=0).T
    columns = (np.repeat([window.row for window in windows], count), *planes[:, :3].T, x, y, ground, planes[:, 4])
    return pd.DataFrame(dict(zip(PLANE_COLUMNS, columns, strict=False)))


def _placed(windows: list[Window], points: list[NDArray]) -> NDArray:
    """Points of each window's own coordinates, all in one, in those of the buildings [m]."""
    origin = np.array([(window.x, window.y) for window in windows])
    return np.concatenate(points) + np.repeat(origin, [len(each) for each in points], axis=0)


def _footprints(windows: list[Window], count: NDArray) -> Polygons:
    return np.repeat(np.array([window.footprint for window in windows], object), count)


def _outlines(windows: list[Window], roofs: list[Roof], count: NDArray, first: NDArray) -> Polygons:
    """Polygon of each plane, empty where the plane has no cell."""
    size = np.concatenate([roof.size for roof in roofs])
    plane = np.concatenate([roof.plane + k - 1 for roof, k in zip(roofs, first, strict=True)])
    out = np.full(count.sum(), shapely.Polygon(), object)
    if len(size) == 0:
        return out
    present, group = np.unique(plane, return_inverse=True)
    points = _placed(windows, [roof.points for roof in roofs])
    out[present] = clipped_unions(points, size, group, _footprints(windows, count)[present])
    return heal(out, np.repeat(np.arange(len(windows)), count))


def _obstacles(windows: list[Window], roofs: list[Roof], first: NDArray) -> tuple[Polygons, NDArray[np.int64]]:
    """Outlines of what stands on the planes, and the plane below each."""
    count = np.array([len(roof.on) for roof in roofs])
    if count.sum() == 0:
        return np.zeros(0, object), np.zeros(0, np.int64)
    on = np.concatenate([roof.on + k - 1 for roof, k in zip(roofs, first, strict=True)])
    before = np.cumsum(count) - count
    group = np.concatenate([roof.obstacle + k for roof, k in zip(roofs, before, strict=True)])
    corners = _placed(windows, [roof.corners.reshape(-1, 2) for roof in roofs])
    polygons = clipped_unions(corners, np.full(len(group), 4), group, _footprints(windows, count))
    kept = ~shapely.is_empty(polygons)
    return polygons[kept], on[kept]


def _centred(table: pd.DataFrame) -> pd.DataFrame:
    """Coefficients relative to the centroid of each plane's polygon, so that _c is its mean height."""
    centre = shapely.centroid(table["geometry"].to_numpy(object))
    x, y = shapely.get_x(centre), shapely.get_y(centre)
    level = table["_c"] + table["_a"] * (x - table["_x0"]) + table["_b"] * (y - table["_y0"])
    return table.assign(_c=level, _x0=x, _y0=y)
