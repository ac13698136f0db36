"""What every job on roofs reads: footprints, and the surface model around them."""

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
from affine import Affine

from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import notice
from lk_spatial.core.progress import Progress, silent
from lk_spatial.core.text import Text
from lk_spatial.io.buildings import read_buildings
from lk_spatial.io.coarse import read_coarse
from lk_spatial.io.crs import WORK_CRS, Bounds, parse_assume_crs
from lk_spatial.io.lidar import CELL_M
from lk_spatial.io.mosaic import read_surface, surface_info
from lk_spatial.io.raster import Raster

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


def read_footprints(buildings: str, guard: Guard) -> gpd.GeoDataFrame:
    """Buildings with their attributes, numbered from 0, in EPSG:5514."""
    assumed = parse_assume_crs(guard.assume_crs)
    found = read_buildings(buildings, fields=guard.fields, assume_crs=assumed, anywhere=guard.anywhere)
    return found.reset_index(drop=True)


def surface_cell(dsm: str, guard: Guard) -> float:
    """Side of the cells of the surface model [m]; warns where they are too coarse for roofs."""
    cell = surface_info(dsm).cell or guard.dsm_cell_m
    if cell > COARSE_M:
        notice("dsm_coarse", path=dsm, cell=f"{cell:g}", limit=f"{COARSE_M:g}")
    return cell


def read_window(dsm: str, guard: Guard, bounds: Bounds, progress: Progress = silent) -> Raster:
    """The heights within ``bounds``; where the surface model has nothing there, four unknown cells beside them."""
    try:
        return read_surface(
            dsm,
            cell=guard.dsm_cell_m,
            progress=progress,
            input_name="dsm",
            window_bounds=bounds,
            assume_crs=parse_assume_crs(guard.assume_crs),
            anywhere=guard.anywhere,
            footprints_5514=True,
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
    cell = surface_info(dsm).cell or guard.dsm_cell_m
    if side / cell <= MOST_SHOWN:
        return read_window(dsm, guard, bounds)
    assumed = parse_assume_crs(guard.assume_crs)
    return read_coarse(
        dsm,
        bounds,
        cell=np.ceil(side / MOST_SHOWN),
        input_name="dsm",
        assume_crs=assumed,
        anywhere=guard.anywhere,
        footprints_5514=True,
    )
