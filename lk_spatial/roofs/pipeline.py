"""Roof planes of all buildings of a layer: windows of the surface model out, a table of planes and labels back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lk_spatial.core.parallel import map_items
from lk_spatial.core.progress import Progress, silent
from lk_spatial.core.text import Text
from lk_spatial.io.crs import convergence
from lk_spatial.io.raster import Raster
from lk_spatial.io.rasterize import cell_centres, cell_edges, rasterize_ids
from lk_spatial.roofs.obstacles import RING_M
from lk_spatial.roofs.polygons import clean, main_directions, within, without_overlaps
from lk_spatial.roofs.window import Rules
from lk_spatial.roofs.work import Chunk, Found, Window, census, planes_of_chunk, why_not

FINDING = Text("finding roof planes", "hledání střešních rovin")
FLAT_TILT_DEG = 5.0  # below, a roof is flat: ČSN 73 1901-1 (not checked against the text)
MIN_AREA_M2 = 5.0  # half a garage; smaller planes take no two modules
LEAST_PIXELS = 8  # fewer say nothing of a slope
CHUNK = 128  # buildings a worker gets at a time
KEY = ["building_id", "part_id"]
PRIVATE = ["_a", "_b", "_c", "_x0", "_y0"]
COLUMNS = ["kind", "tilt_deg", "azimuth_deg", "area_m2", "plan_area_m2", "height_agl_m", "elevation_m", "rmse_m"]


class RoofPlanes(NamedTuple):
    """Planes, the pixels they were found on, what stands on them, and the buildings without any."""

    planes: gpd.GeoDataFrame  # KEY, plane_id, COLUMNS, PRIVATE (z = _a (x - _x0) + _b (y - _y0) + _c), geometry
    labels: NDArray[np.int32]  # (rows, cols) of the surface model: 0 = none, k = row k - 1 of planes
    obstacles: gpd.GeoDataFrame  # KEY, plane_id, obstacle_id, geometry
    why: pd.DataFrame  # KEY, reason (no_data | outside | too_small | no_plane) of each building without planes


def find_roof_planes(
    dsm: Raster,
    buildings: gpd.GeoDataFrame,
    *,
    min_area_m2: float = MIN_AREA_M2,
    tolerance_m: float | None = None,
    flat_tilt_deg: float = FLAT_TILT_DEG,
    max_obstacle_m2: float = 25.0,
    progress: Progress = silent,
    executor: Executor | None = None,
) -> RoofPlanes:
    """Planes of each roof in EPSG:5514, found on the cells whose centres lie in the footprint.

    buildings: building_id, part_id, polygons; where two overlap, the smaller one has the common area.
    min_area_m2: smaller planes (on the slope) are left out. tolerance_m [m]: how far a height may lie from its plane;
    None = 2.5 sigma of the noise found on each building. flat_tilt_deg: below, kind is flat and azimuth_deg null.
    max_obstacle_m2: superstructures up to that size are obstacles on the roof below, larger ones planes of their own;
    plan_area_m2 and area_m2 count the area below obstacles too. What lies clearly below a plane is a plane of its own
    (found with 1.7 times the noise, if tolerance_m is None), a shaft that the plane surrounds (an obstacle), or in no
    outline at all, as is the ground in a footprint larger than its roof. Cells carry a plane's label only within the
    tolerance; rmse_m [m] is the root mean square vertical distance of exactly the labelled cells from their plane.
    Planes are numbered by size within their building part. NaN heights belong to no plane.

    What is found of a building depends, bit for bit, on nothing but its own footprint, the heights within RING_M[1] and
    two cells of it, and the footprints that overlap it or reach there, in their order: not on where ``dsm`` begins, on
    the rest of the table or on the executor. Who gives a part of a region gives these, and all rows of a building part.
    """
    cell = dsm.transform.a
    rules = Rules(
        cell,
        np.nan if tolerance_m is None else float(tolerance_m),
        max(LEAST_PIXELS, round(min(min_area_m2, MIN_AREA_M2) / cell**2)),
        max(LEAST_PIXELS, round(0.5 * min(min_area_m2, MIN_AREA_M2) / cell**2)),  # in plan, of a slope of 60 deg
        round(max_obstacle_m2 / cell**2),
        float(min_area_m2),
    )
    chunks = _Chunks(dsm, buildings, rules)
    found: list[Found] = []
    for done, each in enumerate(map_items(planes_of_chunk, chunks.items(), executor), 1):
        found.append(each)
        progress(min(1.0, done * CHUNK / max(len(buildings), 1)), FINDING.local)
    planes = _plane_table(found, buildings, flat_tilt_deg)
    labels = np.zeros(dsm.values.shape, np.int32)
    order = _numbered(planes)
    for each, first in zip(found, np.cumsum([0, *(len(each.plane) for each in found)]), strict=False):
        each.draw(labels, order[first:])
    return RoofPlanes(
        planes.iloc[np.argsort(order)].reset_index(drop=True).drop(columns="_row"),
        labels,
        _obstacle_table(found, planes, buildings),
        _why(found, chunks, buildings),
    )


def own_roofs(roofs: RoofPlanes, buildings: pd.DataFrame) -> RoofPlanes:
    """The roofs of some ``buildings`` alone."""
    keys = pd.MultiIndex.from_frame(buildings[KEY])

    def among(table: pd.DataFrame) -> NDArray[np.bool_]:
        return np.asarray(pd.MultiIndex.from_frame(table[KEY]).isin(keys))

    kept = among(roofs.planes)
    number = np.concatenate([[0], np.where(kept, np.cumsum(kept), 0)]).astype(np.int32)
    return RoofPlanes(
        roofs.planes[kept].reset_index(drop=True),
        number[roofs.labels],
        roofs.obstacles[among(roofs.obstacles)].reset_index(drop=True),
        roofs.why[among(roofs.why)].reset_index(drop=True),
    )


class _Chunks:
    """The buildings laid on the raster once, and cut into windows for the workers."""

    def __init__(self, dsm: Raster, buildings: gpd.GeoDataFrame, rules: Rules) -> None:
        self.dsm, self.rules = dsm, rules
        footprints = without_overlaps(clean(np.asarray(buildings.geometry.array, object)))
        x, y = cell_edges(dsm.transform, dsm.values.shape)
        self.footprints = within(footprints, shapely.box(x[0], y[-1], x[-1], y[0]))
        self.ids = rasterize_ids(self.footprints, dsm.transform, dsm.values.shape)
        self.cells = census(self.ids, dsm.values, len(footprints))
        self.main = main_directions(self.footprints)
        self.x, self.y = cell_centres(dsm.transform, dsm.values.shape)
        outside = shapely.is_empty(self.footprints) & ~shapely.is_empty(footprints)
        self.reason = np.where(outside, "outside", why_not(self.cells, rules.least)).astype(object)

    def items(self) -> Iterator[Chunk]:
        """Chunks of neighbouring windows."""
        present = np.flatnonzero(self.reason == "")
        for start in range(0, len(present), CHUNK):
            yield Chunk(self.rules, [self._window(int(row)) for row in present[start : start + CHUNK]])

    def _window(self, row: int) -> Window:
        h, w = self.dsm.values.shape
        top, bottom, left, right = (int(each) for each in self.cells[row, :4])
        top, bottom, left, right = max(top - 1, 0), min(bottom + 1, h), max(left - 1, 0), min(right + 1, w)
        margin = int(np.ceil(RING_M[1] / self.rules.cell)) + 1
        rows, cols = slice(max(top - margin, 0), bottom + margin), slice(max(left - margin, 0), right + margin)
        ids = self.ids[rows, cols]
        owner = np.where(ids == row + 1, 1, np.where(ids > 0, 2, 0)).astype(np.uint8)
        near = (top - rows.start, bottom - rows.start, left - cols.start, right - cols.start)
        return Window(
            row,
            top,
            left,
            float(self.x[left]),
            float(self.y[top]),
            self.dsm.values[rows, cols],
            owner,
            near,
            self.footprints[row],
            float(self.main[row]),
        )


def _plane_table(found: list[Found], buildings: gpd.GeoDataFrame, flat_tilt_deg: float) -> gpd.GeoDataFrame:
    """All planes in the order of the chunks, with every public column but plane_id settled by size."""
    tables = [each.plane for each in found if len(each.plane)]
    table = pd.concat(tables, ignore_index=True) if tables else Found.empty().plane
    a, b = table["_a"].to_numpy(float), table["_b"].to_numpy(float)
    tilt = np.degrees(np.arctan(np.hypot(a, b)))
    north = convergence(table["_x0"].to_numpy(float), table["_y0"].to_numpy(float)) if len(table) else 0.0
    azimuth = (np.degrees(np.arctan2(-a, -b)) - north) % 360.0
    flat = tilt < flat_tilt_deg
    geometry = table.pop("geometry").to_numpy(object)
    plan = shapely.area(geometry) if len(table) else np.zeros(0)
    out = table.assign(
        kind=np.where(flat, "flat", "pitched"),
        tilt_deg=tilt,
        azimuth_deg=np.where(flat, np.nan, azimuth),
        area_m2=plan * np.sqrt(1.0 + a * a + b * b),
        plan_area_m2=plan,
        elevation_m=table["_c"],
        height_agl_m=table["_c"] - table["_ground"],
    )
    for name in KEY:
        out[name] = buildings[name].to_numpy()[table["_row"].to_numpy(int)]
    size = out.assign(_area=-plan, _at=np.arange(len(out))).sort_values(["_area", "_at"], kind="stable")
    out["plane_id"] = ""
    number = (size.groupby(KEY, sort=False).cumcount() + 1).astype(str)
    out.loc[size["_at"].to_numpy(), "plane_id"] = number.to_numpy()
    kept = out[[*KEY, "plane_id", *COLUMNS, *PRIVATE, "_row"]]
    numbers = dict.fromkeys((*COLUMNS[1:], *PRIVATE), float)  # also where no plane was found
    return gpd.GeoDataFrame(kept.astype(numbers), geometry=geometry, crs=buildings.crs or "EPSG:5514")


def _numbered(planes: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Place of each plane in the table that is handed out: by building, then by number."""
    number = planes["plane_id"].astype(int).to_numpy() if len(planes) else np.zeros(0, int)
    order = np.lexsort((number, planes["_row"].to_numpy(int)))
    place = np.empty(len(planes), np.int64)
    place[order] = np.arange(len(planes))
    return place


def _obstacle_table(found: list[Found], planes: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Obstacles with the plane they stand on, numbered within their building part."""
    first = np.cumsum([0, *(len(each.plane) for each in found)])
    on = np.concatenate([each.obstacle_on + k for each, k in zip(found, first, strict=False)] or [np.zeros(0, int)])
    geometry = np.concatenate([each.obstacles for each in found] or [np.zeros(0, object)])
    rows: Any = planes.iloc[on.astype(int)][[*KEY, "plane_id"]].reset_index(drop=True)
    rows["obstacle_id"] = (rows.groupby(KEY).cumcount() + 1).astype(str)
    return gpd.GeoDataFrame(rows, geometry=geometry, crs=planes.crs)


def _why(found: list[Found], chunks: _Chunks, buildings: gpd.GeoDataFrame) -> pd.DataFrame:
    """The reason of each building without planes."""
    reason = np.where(chunks.reason == "", "no_plane", chunks.reason).astype(object)
    for each in found:
        reason[each.plane["_row"].to_numpy(int)] = ""
    out = buildings[KEY].assign(reason=reason)
    return pd.DataFrame(out[reason != ""]).reset_index(drop=True)
