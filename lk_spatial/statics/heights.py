"""Levels of roofs, ground and parapets from a surface model, tile by tile, where no roof planes are at hand."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lk_spatial.core.parallel import map_items
from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.core.text import Text
from lk_spatial.io.crs import Bounds
from lk_spatial.io.raster import Raster
from lk_spatial.io.rasterize import cell_edges, rasterize_ids
from lk_spatial.io.surface import surface_info
from lk_spatial.roofs.inputs import Guard, read_window
from lk_spatial.roofs.obstacles import RING_M, ground_height
from lk_spatial.roofs.tiling import building_tiles, tile_side
from lk_spatial.statics.roof_levels import outlines_of

MEASURING = Text("measuring heights of roofs", "měření výšek střech")
COLUMNS = ["roof_m", "eaves_m", "ground_m", "parapet_m"]
EDGE_M = 1.0  # within the outline heights are smeared with the ground and the neighbours
FEWEST = 6  # cells; fewer say nothing of a roof
LEAST_KNOWN = 0.5  # share of the cells with heights; where fewer are known, what is there need not be the roof
EAVES, ROOF = 20.0, 50.0  # percentiles of the heights within: trees above a roof and pits in it move neither
EVEN_M = 0.5  # between the EAVES and 80 percent: a roof within is flat enough for a parapet to show
RIM_M = (0.25, 0.5, 0.75)  # [m] inside the outline, where a parapet stands
RIM_STEP_M = 1.0
RIM_PERCENTILE = 25.0  # of the heights along the rim: neighbours' walls and trees on some sides do not raise it
LEAST_PARAPET_M = 0.2  # a lower one is noise


class _Tile(NamedTuple):
    """A tile's work: outlines of all buildings in reach, and which are its own."""

    dsm: str
    guard: Guard
    outlines: NDArray[np.object_]
    own: NDArray[np.bool_]
    bounds: Bounds


def measured_heights(
    dsm: str,
    guard: Guard,
    parts: gpd.GeoDataFrame,
    *,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Heights of roof parts from a surface model [m Bpv]; index of ``parts`` (EPSG:5514), NaN where nothing is known.

    ``roof_m``: median within the outline less 1 m at its edge, ``eaves_m``: the height above which four fifths lie,
    ``ground_m``: low percentile of the open ground 3 to 10 m around, ``parapet_m`` [m]: how far the rim of a flat roof
    rises above it on at least three quarters of its length. Cells smear a parapet that is thinner than they are: what
    is measured is a lower bound, and none measured is NaN, not 0. Trees that cover most of a roof are taken for it.
    Raises InputError as the readers of surface models do.
    """
    outlines = outlines_of(parts)
    known = np.flatnonzero(~shapely.is_empty(outlines))
    out = np.full((len(parts), len(COLUMNS)), np.nan)
    if len(known):
        cell = surface_info(dsm, input_name="dsm", **guard.of_heights()).cell or guard.dsm_cell_m
        bounds = pd.DataFrame(shapely.bounds(outlines[known]), known, ["minx", "miny", "maxx", "maxy"])
        tiles = building_tiles(bounds, tile_side(cell, 0.0), 0.0)
        told = part(progress, 0.0, 1.0, MEASURING)

        def jobs() -> Iterator[_Tile]:
            for tile in tiles:
                yield _Tile(dsm, guard, outlines[known[tile.near]], np.isin(tile.near, tile.own), tile.bounds)

        for done, (tile, found) in enumerate(zip(tiles, map_items(_heights_of_tile, jobs(), executor), strict=True), 1):
            out[known[tile.own]] = found
            told(done / len(tiles))
    return pd.DataFrame(out, index=parts.index, columns=COLUMNS)


def _heights_of_tile(tile: _Tile) -> NDArray[np.float64]:
    """Heights of a tile's own buildings, (n, 4)."""
    return heights_on(read_window(tile.dsm, tile.guard, tile.bounds), tile.outlines)[tile.own]


def heights_on(dsm: Raster, outlines: NDArray[np.object_]) -> NDArray[np.float64]:
    """Roof, eaves, ground and parapet of each outline on a surface model in memory, (n, 4) [m]; NaN unknown."""
    shape, cell = dsm.values.shape, dsm.transform.a
    ids = rasterize_ids(outlines, dsm.transform, shape)
    inner = rasterize_ids(_shrunk(outlines, cell), dsm.transform, shape)
    x, y = cell_edges(dsm.transform, shape)
    box = shapely.bounds(outlines)
    out = np.full((len(outlines), len(COLUMNS)), np.nan)
    margin = int(np.ceil(RING_M[1] / cell)) + 1
    for k in np.flatnonzero(np.isfinite(box[:, 0])):
        rows = _span(-y, -box[k, 3], -box[k, 1], margin)
        cols = _span(x, box[k, 0], box[k, 2], margin)
        z = dsm.values[rows, cols]
        if z.size == 0:
            continue
        mine = ids[rows, cols]
        owner = np.where(mine == k + 1, 1, np.where(mine > 0, 2, 0)).astype(np.uint8)
        out[k, 2] = ground_height(z, owner, cell) if (owner == 1).any() else np.nan
        out[k, [1, 0, 3]] = _roof_heights(z[inner[rows, cols] == k + 1])
    rims = np.flatnonzero(np.isfinite(out[:, 3]))
    out[rims, 3] = _rims(dsm, outlines[rims], out[rims, 0])
    return out


def _roof_heights(z: NDArray[np.float32]) -> tuple[float, float, float]:
    """Eaves and level of a roof from the heights on it [m]; then 0 where it is even, NaN where no parapet can show."""
    known = z[np.isfinite(z)]
    if len(known) < max(FEWEST, LEAST_KNOWN * len(z)):
        return np.nan, np.nan, np.nan
    eaves, roof, high = np.percentile(known, [EAVES, ROOF, 100.0 - EAVES])
    return float(eaves), float(roof), 0.0 if high - eaves <= EVEN_M else np.nan


def _rims(dsm: Raster, outlines: NDArray[np.object_], roof: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the rim of each outline rises above the level of its ``roof`` [m]; NaN where not clearly."""
    top = np.full((len(outlines),), np.nan)
    for k, outline in enumerate(outlines):
        line = shapely.get_exterior_ring(max(shapely.get_parts(outline), key=shapely.area))
        at = np.arange(0.0, shapely.length(line), RIM_STEP_M)
        inside = shapely.is_ccw(line)
        first, second = (shapely.get_coordinates(shapely.line_interpolate_point(line, at + d)) for d in (0.0, 0.01))
        along = (second - first) / np.maximum(np.hypot(*(second - first).T), 1e-9)[:, None]
        left = np.column_stack([-along[:, 1], along[:, 0]]) * (1.0 if inside else -1.0)
        levels = np.stack([_sampled(dsm, first + away * left) for away in RIM_M])
        best = np.fmax.reduce(levels)
        if np.isfinite(best).mean() >= LEAST_KNOWN:
            top[k] = np.percentile(best[np.isfinite(best)], RIM_PERCENTILE)
    rise = top - roof
    return np.where(rise >= LEAST_PARAPET_M, rise, np.nan)


def _sampled(dsm: Raster, xy: NDArray[np.float64]) -> NDArray[np.float32]:
    """Heights of the cells at points; NaN outside."""
    col = np.floor((xy[:, 0] - dsm.transform.c) / dsm.transform.a).astype(int)
    row = np.floor((xy[:, 1] - dsm.transform.f) / dsm.transform.e).astype(int)
    rows, cols = dsm.values.shape
    inside = (row >= 0) & (row < rows) & (col >= 0) & (col < cols)
    return np.where(inside, dsm.values[np.clip(row, 0, rows - 1), np.clip(col, 0, cols - 1)], np.float32(np.nan))


def _shrunk(outlines: NDArray[np.object_], cell: float) -> NDArray[np.object_]:
    """Outlines less their edge; narrow ones less half a cell, or whole."""
    out = shapely.buffer(outlines, -EDGE_M, join_style="mitre")
    for less in (0.5 * cell, 0.0):
        narrow = shapely.area(out) < FEWEST * cell**2
        out[narrow] = shapely.buffer(outlines[narrow], -less, join_style="mitre")
    return out


def _span(edges: NDArray[np.float64], low: float, high: float, margin: int) -> slice:
    """Rows or columns of cells between ``edges`` that meet low to high, and ``margin`` more."""
    first, last = np.searchsorted(edges, low, side="right") - 1 - margin, np.searchsorted(edges, high) + margin
    return slice(max(int(first), 0), max(int(last), 0))
