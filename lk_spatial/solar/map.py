"""The solar map from files: tiles of the surface model, each worked out alone, into one Cloud Optimized GeoTIFF."""

import json
import math
import pickle
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray

from lk_spatial import __version__
from lk_spatial.core.errors import DataError, InputError
from lk_spatial.core.files import scratch
from lk_spatial.core.notices import notice
from lk_spatial.core.parallel import default_workers
from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.core.resume import key_of
from lk_spatial.core.text import Text
from lk_spatial.io.buildings import read_buildings
from lk_spatial.io.coarse import read_coarse
from lk_spatial.io.cog import Band, cog_writer, write_plain
from lk_spatial.io.crs import BLOCK_M, Bounds, block_convergence, check_crs, extent_text, parse_assume_crs
from lk_spatial.io.lidar import is_point_cloud, read_surface
from lk_spatial.io.pieces import read_array
from lk_spatial.io.raster import raster_info
from lk_spatial.io.raster_file import RasterInfo
from lk_spatial.io.surface import surface_files
from lk_spatial.roofs.inputs import READING_BUILDINGS, READING_DSM, Guard
from lk_spatial.roofs.region import code_key, finished_tiles, table_key
from lk_spatial.solar.far import FAR_M, NEAR_M
from lk_spatial.solar.map_tile import BANDS, TOLD, Job, Tile, tile_bounds, tile_piece
from lk_spatial.solar.site import Site, read_site
from lk_spatial.solar.sun import sky_hours

TILE_PX = 2048  # side of a tile at most
AHEAD_ON_CLUSTER = 8  # tiles that wait at most: with months, one may take 200 MB
UNIT = "kWh/m2"
READING_TERRAIN = Text("reading the terrain far away", "čtení vzdáleného terénu")
WRITING = Text("writing the map", "zápis mapy")
OVERVIEWS = Text("writing overviews", "zápis přehledů")
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
    fresh: bool = False,
    progress: Progress = silent,
) -> None:
    """Write the irradiation [kWh/m²] of each pixel's own slope to the Cloud Optimized GeoTIFF ``out``.

    Finished tiles lie in ``<out>.work`` until that is whole; ``fresh`` makes all anew.
    """
    roofs_only = buildings is not None if options.roofs_only is None else options.roofs_only
    if roofs_only and buildings is None:
        raise InputError("roofs_only_without_buildings")
    progress(0.0, READING_BUILDINGS.local)
    footprints = None if buildings is None else _footprints(buildings, guard)
    given = [code_key(), options, roofs_only, guard, surface_files(dsm), _outlines(footprints)]
    with ExitStack() as stack:
        if is_point_cloud(dsm):
            path = stack.enter_context(scratch(Path(out)))
            _lay_out(dsm, path, footprints, guard, part(progress, 0.0, 0.1, READING_DSM))
            dsm, guard = str(path), guard._replace(assume_crs=())
        area = _area(dsm, footprints, guard)
        coarse = stack.enter_context(scratch(Path(out)))
        far = _make_coarse(terrain, dsm, area, coarse, guard, part(progress, 0.1, 0.2, READING_TERRAIN))
        site = _site(weather, area)
        tiles = list(_tiles(area, roofs_only))
        alone = len(tiles) == 1 or (workers <= 1 and not scheduler)
        job = _job(dsm, site, area, options, guard, str(coarse) if far else None, default_workers() if alone else 1)
        made = finished_tiles(
            tile_piece,
            lambda tile: (job, tile),
            tiles,
            out=out,
            key=key_of(*given, far, site.weather.to_csv(), site[1:], [tile[:3] for tile in tiles]),
            workers=workers,
            scheduler=scheduler,
            fresh=fresh,
            ahead=AHEAD_ON_CLUSTER if scheduler else workers + 1,
            progress=part(progress, 0.2, 0.9),
        )
        pieces = stack.enter_context(made)
        _write(Path(out), area, job, options, list(zip(tiles, pieces, strict=True)), part(progress, 0.9, 1.0))


# --- what is read -----------------------------------------------------------------------------------------------


def _footprints(buildings: str, guard: Guard) -> gpd.GeoDataFrame:
    assumed = parse_assume_crs(guard.assume_crs)
    return read_buildings(buildings, fields=guard.fields, assume_crs=assumed, anywhere=guard.anywhere)


def _outlines(footprints: gpd.GeoDataFrame | None) -> bytes:
    return table_key(None if footprints is None else footprints[["geometry"]])


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


def _make_coarse(terrain: str | None, dsm: str, area: _Area, path: Path, guard: Guard, progress: Progress) -> str:
    """Write the coarse terrain around the area to ``path``, of the surface model where no terrain is given; its key.

    Empty where there is none.
    """
    coarse = read_coarse(
        terrain or dsm,
        _bounds(area, FAR_M + NEAR_M),
        input_name="terrain" if terrain else "dsm",
        assume_crs=parse_assume_crs(guard.assume_crs),
        anywhere=guard.anywhere,
        footprints_5514=area.roofs is not None,
        progress=progress,
    )
    if coarse is None:
        if terrain:
            notice("terrain_nowhere", path=terrain, km=f"{(FAR_M + NEAR_M) / 1000:g}")
        return ""
    write_plain(path, coarse)
    return key_of(coarse.values.tobytes(), coarse.transform)


def _site(weather: str, area: _Area) -> Site:
    """The weather, and the sun of the middle of the area."""
    return read_site(weather, gpd.GeoDataFrame(geometry=[shapely.box(*_bounds(area))], crs="EPSG:5514"))


def _job(
    dsm: str, site: Site, area: _Area, options: MapOptions, guard: Guard, terrain: str | None, threads: int
) -> Job:
    """What the tiles share."""
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
    return Job(dsm, area.info.transform, assumed, guard.anywhere, beside, terrain, packed, options.monthly, threads)


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
    made: Sequence[tuple[Tile, Path]],
    progress: Progress,
) -> None:
    """Write the finished tiles; raises DataError where none of them has any light to tell of."""
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
    shown = part(progress, 0.0, 0.3, WRITING)
    shape = (bottom - top, right - left)
    finish = part(progress, 0.3, 1.0, OVERVIEWS)
    _tell([piece for _, piece in made])
    known = False
    with cog_writer(out, shape, corner, _bands(job.monthly), tags=tags, progress=finish) as put:
        for done, (tile, piece) in enumerate(made, 1):
            if (piece / BANDS).exists():
                put(tile.rows[0] - top, tile.cols[0] - left, read_array(piece / BANDS))
                known = True
            shown(done / len(made))
        if not known:
            raise DataError("solar_map_empty", path=job.dsm)


def _tell(pieces: Sequence[Path]) -> None:
    """Pass on the notices of the tiles: each code once, though every tile may say it with numbers of its own."""
    told: dict[str, dict[str, Any]] = {}
    for piece in pieces:
        for code, values in json.loads((piece / TOLD).read_text("utf-8")):
            told.setdefault(code, values)
    for code, values in told.items():
        notice(code, **values)
