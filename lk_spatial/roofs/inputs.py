"""What every job on roofs reads: footprints, and the surface model around them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from affine import Affine

from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import notice
from lk_spatial.core.progress import Progress, silent
from lk_spatial.core.text import Text
from lk_spatial.io.buildings import read_buildings
from lk_spatial.io.coarse import read_coarse
from lk_spatial.io.crs import WORK_CRS, Bounds, parse_assume_crs
from lk_spatial.io.lidar import CELL_M, read_surface
from lk_spatial.io.raster import Raster
from lk_spatial.io.surface import surface_info

READING_BUILDINGS = Text("reading buildings", "čtení budov")
READING_DSM = Text("reading the surface model", "čtení povrchového modelu")
COARSE_M = 1.0  # of cells beyond which small planes are lost
MOST_SHOWN = 3_000  # cells along a side of a map


class Guard(NamedTuple):
    """How inputs are to be read: column mapping, coordinate systems, cells [m] for a point cloud."""

    fields: Sequence[str] = ()
    assume_crs: Sequence[str] = ()
    anywhere: bool = False
    dsm_cell_m: float = CELL_M

    def of_heights(self) -> dict[str, Any]:
        """The options with which rasters and point clouds are read."""
        assumed = parse_assume_crs(self.assume_crs)
        return {"assume_crs": assumed, "anywhere": self.anywhere, "footprints_5514": True}


def read_footprints(buildings: str, guard: Guard) -> gpd.GeoDataFrame:
    """Buildings with their attributes, numbered from 0, in EPSG:5514."""
    assumed = parse_assume_crs(guard.assume_crs)
    found = read_buildings(buildings, fields=guard.fields, assume_crs=assumed, anywhere=guard.anywhere)
    return found.reset_index(drop=True)


class Surface(NamedTuple):
    """A surface model that is read window by window: its cells [m], and what it consists of."""

    path: str
    cell: float
    files: tuple[tuple[str, int, int], ...]


def check_surface(dsm: str, guard: Guard, buildings: str, bounds: pd.DataFrame) -> Surface:
    """The surface model below the ``bounds`` of buildings; warns where its cells are coarse for roofs.

    Raises InputError where it meets no building, or the guard refuses it.
    """
    head = surface_info(dsm, input_name="dsm", **guard.of_heights())
    west, south, east, north = head.bounds
    if not ((bounds.minx < east) & (bounds.maxx > west) & (bounds.miny < north) & (bounds.maxy > south)).any():
        raise InputError("dsm_misses_buildings", path=dsm, buildings=buildings)
    cell = head.cell or guard.dsm_cell_m
    if cell > COARSE_M:
        notice("dsm_coarse", path=dsm, cell=f"{cell:g}", limit=f"{COARSE_M:g}")
    return Surface(dsm, cell, head.files)


def read_window(dsm: str, guard: Guard, bounds: Bounds, progress: Progress = silent) -> Raster:
    """The heights within ``bounds``; where the surface model has nothing there, four unknown cells beside them."""
    try:
        return read_surface(
            dsm,
            cell=guard.dsm_cell_m,
            progress=progress,
            input_name="dsm",
            window_bounds=bounds,
            **guard.of_heights(),
            allow_empty=True,
        )
    except InputError as error:
        if error.code != "raster_no_overlap":
            raise
    nowhere = Affine(1.0, 0.0, bounds[0] - 10.0, 0.0, -1.0, bounds[3] + 10.0)
    return Raster(np.full((2, 2), np.nan, np.float32), nowhere, WORK_CRS, dsm)


def read_picture(dsm: str, guard: Guard, bounds: Bounds) -> Raster | None:
    """The heights within ``bounds`` for a map, in cells that no page can show finer; None where there are none."""
    west, south, east, north = bounds
    side = max(east - west, north - south)
    cell = surface_info(dsm, **guard.of_heights()).cell or guard.dsm_cell_m
    if side / cell <= MOST_SHOWN:
        return read_window(dsm, guard, bounds)
    return read_coarse(dsm, bounds, cell=np.ceil(side / MOST_SHOWN), input_name="dsm", **guard.of_heights())
