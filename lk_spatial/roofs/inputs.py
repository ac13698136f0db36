"""What every job on roofs reads: footprints, and the surface model around them."""

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd

from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import notice
from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.core.text import Text
from lk_spatial.io.buildings import read_buildings
from lk_spatial.io.crs import parse_assume_crs
from lk_spatial.io.lidar import CELL_M, read_surface
from lk_spatial.io.raster import Raster

READING_BUILDINGS = Text("reading buildings", "čtení budov")
READING_DSM = Text("reading the surface model", "čtení povrchového modelu")
COARSE_M = 1.0  # of cells beyond which small planes are lost
SURROUNDINGS_M = 500.0  # of the surface model around the buildings that may shade them


class Guard(NamedTuple):
    """How inputs are to be read: column mapping, coordinate systems, cells [m] for a point cloud."""

    fields: Sequence[str] = ()
    assume_crs: Sequence[str] = ()
    anywhere: bool = False
    dsm_cell_m: float = CELL_M


def read_inputs(buildings: str, dsm: str, guard: Guard, progress: Progress = silent) -> tuple[gpd.GeoDataFrame, Raster]:
    """Footprints, and the part of the surface model that can shade them."""
    assumed = parse_assume_crs(guard.assume_crs)
    progress(0.0, READING_BUILDINGS.local)
    footprints = read_buildings(buildings, fields=guard.fields, assume_crs=assumed, anywhere=guard.anywhere)
    xmin, ymin, xmax, ymax = footprints.total_bounds
    around = (xmin - SURROUNDINGS_M, ymin - SURROUNDINGS_M, xmax + SURROUNDINGS_M, ymax + SURROUNDINGS_M)
    progress(0.5, READING_DSM.local)
    surface = read_surface(
        dsm,
        cell=guard.dsm_cell_m,
        progress=part(progress, 0.5, 1.0, READING_DSM),
        input_name="dsm",
        window_bounds=around,
        assume_crs=assumed,
        anywhere=guard.anywhere,
        footprints_5514=True,
    )
    if not _overlap(footprints, surface):
        raise InputError("dsm_misses_buildings", path=dsm, buildings=buildings)
    if surface.transform.a > COARSE_M:
        notice("dsm_coarse", path=dsm, cell=f"{surface.transform.a:g}", limit=f"{COARSE_M:g}")
    return footprints, surface


def _overlap(footprints: gpd.GeoDataFrame, surface: Raster) -> bool:
    rows, cols = surface.values.shape
    west, north = surface.transform.c, surface.transform.f
    east, south = west + cols * surface.transform.a, north + rows * surface.transform.e
    box = footprints.bounds
    return bool(((box.minx < east) & (box.maxx > west) & (box.miny < north) & (box.maxy > south)).any())
