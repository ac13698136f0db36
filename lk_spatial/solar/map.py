"""The solar map from files: tiles of the surface model, each worked out alone, into one Cloud Optimized GeoTIFF."""

import math
import pickle
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray

from lk_spatial import __version__
from lk_spatial.core.errors import DataError, InputError
from lk_spatial.core.files import scratch
from lk_spatial.core.notices import Notice, notice
from lk_spatial.core.parallel import default_workers, map_items, open_executor
from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.core.text import Text
from lk_spatial.io.buildings import read_buildings
from lk_spatial.io.coarse import read_coarse
from lk_spatial.io.cog import Band, cog_writer, write_plain
from lk_spatial.io.crs import BLOCK_M, Bounds, block_convergence, check_crs, extent_text, parse_assume_crs
from lk_spatial.io.lidar import is_point_cloud, read_surface
from lk_spatial.io.raster import raster_info
from lk_spatial.io.raster_file import RasterInfo
from lk_spatial.roofs.inputs import READING_BUILDINGS, READING_DSM, Guard
from lk_spatial.solar.far import FAR_M, NEAR_M
from lk_spatial.solar.map_tile import Bands, Job, Tile, map_tile, tile_bounds
from lk_spatial.solar.site import read_site
from lk_spatial.solar.sun import sky_hours

TILE_PX = 2048  # side of a tile at most
AHEAD_ON_CLUSTER = 8  # tiles that wait at most: with months, one may take 200 MB
UNIT = "kWh/m2"
READING_TERRAIN = Text("reading the terrain far away", "čtení vzdáleného terénu")
OVERVIEWS = Text("writing overviews", "zápis přehledů")
TILES = Text("tile {done} of {all}", "dlaždice {done} z {all}")
YEAR = Text("year", "rok")
# fmt: off
MONTHS = (
    Text("January", "leden"), Text("February", "únor"), Text("March", "březen"), Text("April", "duben"),
    Text("May", "květen"), Text("June", "červen"), Text("July", "červenec"), Text("August", "srpen"),
    Text("September", "září"), Text("October", "říjen"), Text("November", "listopad"), Text("December", "prosinec"),
)
# fmt: on
TITLE = Text("Solar irradiation of the surface", "Sluneční ozáření povrchu")


class MapOptions(NamedTuple):
    """What a user chooses for the map."""

    monthly: bool = False
    roofs_only: bool | None = None
    albedo: float = 0.2
    sky_model: str = "perez"


class _Area(NamedTuple):
    """What is mapped: the surface model, rows and columns of it (half open), footprints if they were given."""

    info: RasterInfo
    rows: tuple[int, int]
    cols: tuple[int, int]
    roofs: NDArray[np.object_] | None


def solar_map(
    dsm: str,
    weather: str,
    out: str,
    options: MapOptions,
    guard: Guard,
    *,
    buildings: str | None = None,
    terrain: str | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress = silent,
) -> None:
    """Write the irradiation [kWh/m²] of each pixel's own slope to the Cloud Optimized GeoTIFF ``out``."""
    roofs_only = buildings is not None if options.roofs_only is None else options.roofs_only
    if roofs_only and buildings is None:
        raise InputError("roofs_only_without_buildings")
    progress(0.0, READING_BUILDINGS.local)
    footprints = None if buildings is None else _footprints(buildings, guard)
    with ExitStack() as stack:
        if is_point_cloud(dsm):
            path = stack.enter_context(scratch(Path(out)))
            _lay_out(dsm, path, footprints, guard, part(progress, 0.0, 0.1, READING_DSM))
            dsm, guard = str(path), guard._replace(assume_crs=())
        area = _area(dsm, footprints, guard)
        coarse = stack.enter_context(scratch(Path(out)))
        seen = _make_coarse(terrain, dsm, area, coarse, guard, part(progress, 0.1, 0.2, READING_TERRAIN))
        job = _job(dsm, weather, area, options, guard, str(coarse) if seen else None)
        job = job._replace(threads=default_workers() if workers <= 1 and not scheduler else 1)
        executor = stack.enter_context(open_executor(workers, scheduler))
        tiles = list(_tiles(area, roofs_only))
        ahead = AHEAD_ON_CLUSTER if scheduler else workers + 1
        made = map_items(partial(map_tile, job), tiles, executor, ahead=ahead)
        _write(Path(out), area, job, options, zip(tiles, made, strict=True), len(tiles), part(progress, 0.2, 1.0))


# --- what is read -----------------------------------------------------------------------------------------------


def _footprints(buildings: str, guard: Guard) -> gpd.GeoDataFrame:
    assumed = parse_assume_crs(guard.assume_crs)
    return read_buildings(buildings, fields=guard.fields, assume_crs=assumed, anywhere=guard.anywhere)


def _lay_out(cloud: str, path: Path, footprints: gpd.GeoDataFrame | None, guard: Guard, progress: Progress) -> None:
    """Write a point cloud as a raster to ``path``; it is no large one, or memory would not hold it."""
    bounds = None
    if footprints is not None:
        west, south, east, north = footprints.total_bounds
        bounds = (west - NEAR_M, south - NEAR_M, east + NEAR_M, north + NEAR_M)
    surface = read_surface(
        cloud,
        cell=guard.dsm_cell_m,
        window_bounds=bounds,
        assume_crs=parse_assume_crs(guard.assume_crs),
        anywhere=guard.anywhere,
        footprints_5514=footprints is not None,
        progress=progress,
    )
    write_plain(path, surface)


def _area(dsm: str, footprints: gpd.GeoDataFrame | None, guard: Guard) -> _Area:
    """The surface model, its coordinate system checked, and its part around the footprints if there are any."""
    info = raster_info(dsm)
    check_crs(
        info.crs,
        info.bounds,
        input_name="dsm",
        path=dsm,
        kind="raster",
        assume=parse_assume_crs(guard.assume_crs),
        anywhere=guard.anywhere,
        partner_is_5514=footprints is not None,
    )
    if footprints is None:
        return _Area(info, (0, info.height), (0, info.width), None)
    west, south, east, north = footprints.total_bounds
    grid = info.transform
    rows = (max(0, math.floor((north - grid.f) / grid.e)), min(info.height, math.ceil((south - grid.f) / grid.e)))
    cols = (max(0, math.floor((west - grid.c) / grid.a)), min(info.width, math.ceil((east - grid.c) / grid.a)))
    if rows[0] >= rows[1] or cols[0] >= cols[1]:
        other = extent_text((west, south, east, north))
        raise InputError("raster_no_overlap", input="dsm", path=dsm, extent=extent_text(info.bounds), other=other)
    return _Area(info, rows, cols, footprints.geometry.to_numpy())


def _bounds(area: _Area, margin: float = 0.0) -> Bounds:
    return tile_bounds(area.info.transform, Tile(area.rows, area.cols, 0.0, None), margin)


def _make_coarse(terrain: str | None, dsm: str, area: _Area, path: Path, guard: Guard, progress: Progress) -> bool:
    """Write the coarse terrain around the area to ``path``, of the surface model where no terrain is given."""
    coarse = read_coarse(
        terrain or dsm,
        _bounds(area, FAR_M + NEAR_M),
        input_name="terrain" if terrain else "dsm",
        assume_crs=parse_assume_crs(guard.assume_crs),
        anywhere=guard.anywhere,
        footprints_5514=area.roofs is not None,
        progress=progress,
    )
    if coarse is not None:
        write_plain(path, coarse)
    elif terrain:
        notice("terrain_nowhere", path=terrain, km=f"{(FAR_M + NEAR_M) / 1000:g}")
    return coarse is not None


def _job(dsm: str, weather: str, area: _Area, options: MapOptions, guard: Guard, terrain: str | None) -> Job:
    """What the tiles share; the sun is that of the middle of the area."""
    site = read_site(weather, gpd.GeoDataFrame(geometry=[shapely.box(*_bounds(area))], crs="EPSG:5514"))
    sky = sky_hours(
        site.weather,
        albedo=options.albedo,
        model=options.sky_model,  # type: ignore[arg-type]
        latitude=site.latitude,
        longitude=site.longitude,
    )
    assumed = tuple(guard.assume_crs)
    beside = area.roofs is not None
    packed = pickle.dumps(sky)
    return Job(dsm, area.info.transform, assumed, guard.anywhere, beside, terrain, packed, options.monthly, 1)


# --- tiles ------------------------------------------------------------------------------------------------------


def _tiles(area: _Area, roofs_only: bool) -> Iterator[Tile]:
    """Tiles that cover the area once, each within one 4 km square; of roofs only those that hold any."""
    grid = area.info.transform
    roofs = area.roofs if roofs_only else None
    tree = None if roofs is None else shapely.STRtree(roofs)
    for rows in _cuts(grid.f, grid.e, area.rows):
        for cols in _cuts(grid.c, grid.a, area.cols):
            tile = Tile(rows, cols, 0.0, None)
            west, south, east, north = tile_bounds(grid, tile)
            tile = tile._replace(convergence=block_convergence((west + east) / 2, (south + north) / 2))
            if tree is None or roofs is None:
                yield tile
            elif len(inside := tree.query(shapely.box(west, south, east, north))):
                yield tile._replace(roofs=roofs[np.sort(inside)])


def _cuts(origin: float, step: float, between: tuple[int, int]) -> list[tuple[int, int]]:
    """Pixels ``between`` along an axis in pieces of TILE_PX at most, cut at the squares' borders and evenly in them."""
    parts = 1 << max(0, math.ceil(math.log2(BLOCK_M / abs(step) / TILE_PX)))
    ends = [origin + edge * step for edge in between]
    blocks = range(math.floor(min(ends) / BLOCK_M), math.ceil(max(ends) / BLOCK_M) + 1)
    borders = [block * BLOCK_M + k * BLOCK_M / parts for block in blocks for k in range(parts)]
    cuts = {math.ceil((border - origin) / step - 0.5) for border in borders}  # the first pixel beyond a border
    inside = sorted(cut for cut in cuts if between[0] < cut < between[1])
    return list(pairwise([between[0], *inside, between[1]]))


# --- what is written --------------------------------------------------------------------------------------------


def _bands(monthly: bool) -> list[Band]:
    names = (YEAR, *MONTHS) if monthly else (YEAR,)
    return [Band(name.local, UNIT) for name in names]


def _write(
    out: Path,
    area: _Area,
    job: Job,
    options: MapOptions,
    made: Iterator[tuple[Tile, Bands]],
    count: int,
    progress: Progress,
) -> None:
    """Write the tiles as they come; raises DataError where none of them has any light to tell of."""
    (top, bottom), (left, right) = area.rows, area.cols
    grid = area.info.transform
    corner = Affine(grid.a, 0.0, grid.c + left * grid.a, 0.0, grid.e, grid.f + top * grid.e)
    tags = {
        "title": TITLE.local,
        "software": f"lk_spatial {__version__}",
        "sky_model": options.sky_model,
        "albedo": f"{options.albedo:g}",
        "surface": "kWh per m2 of the sloping surface, not of its plan",
    }
    told: dict[str, Notice] = {}
    known = False
    shown = part(progress, 0.0, 0.95)
    shape = (bottom - top, right - left)
    finish = part(progress, 0.95, 1.0, OVERVIEWS)
    with cog_writer(out, shape, corner, _bands(job.monthly), tags=tags, progress=finish) as put:
        shown(0.0, TILES.local.format(done=0, all=count))
        for done, (tile, bands) in enumerate(made, 1):
            for each in bands.notices:
                if (
                    told.setdefault(each.code, each) is each
                ):  # once, though every tile may say it with numbers of its own
                    notice(each.code, **each.values)
            if bands.values is not None:
                put(tile.rows[0] - top, tile.cols[0] - left, bands.values)
                known = True
            shown(done / count, TILES.local.format(done=done, all=count))
        if not known:
            raise DataError("solar_map_empty", path=job.dsm)
