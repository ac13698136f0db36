"""One tile of the solar map: reads the surface around it and gives the irradiation of its pixels."""

import json
import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray

from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import Notice, collect_notices
from lk_spatial.core.parallel import map_items
from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.core.resume import Piece
from lk_spatial.core.text import Text
from lk_spatial.io.crs import Bounds, parse_assume_crs
from lk_spatial.io.pieces import array_bytes
from lk_spatial.io.raster import read_raster
from lk_spatial.solar.far import FAR_M, NEAR_M, far_horizon
from lk_spatial.solar.far_field import FarField, far_field, raise_horizon
from lk_spatial.solar.horizon import look_around, prepare
from lk_spatial.solar.horizon_rays import Look
from lk_spatial.solar.irradiance import plane_light
from lk_spatial.solar.sky_table import sky_table
from lk_spatial.solar.slope import slope_aspect
from lk_spatial.solar.sun import SkyHours

N_AZIMUTH = 32
AT_ONCE = 100_000  # pixels, so that their horizons take little room
BANDS, TOLD = "bands.npy.zst", "notices.json"  # files of a finished tile; the first only where there is any light
SUNLIGHT = Text("sunlight", "sluneční záření")
HALO_PX = 3  # beyond the near field: the last grid line crossed, and the pixel behind it


class Job(NamedTuple):
    """What all tiles of a map share; the sky is packed once, so that each process unpacks it once."""

    dsm: str
    grid: Affine  # of the whole surface model
    assume_crs: tuple[str, ...]
    anywhere: bool
    beside_buildings: bool
    terrain: str | None
    sky: bytes
    monthly: bool
    threads: int


class Tile(NamedTuple):
    """Rows and columns of the surface model (half open), bearing of true north, and the roofs; None = everything."""

    rows: tuple[int, int]
    cols: tuple[int, int]
    convergence: float
    roofs: NDArray[np.object_] | None

    @property
    def name(self) -> str:
        """By its first row and column."""
        return f"r{self.rows[0]}_c{self.cols[0]}"


class Bands(NamedTuple):
    """What a tile gives: irradiation (bands, rows, cols) [kWh/m²], the year before the months, None where there is
    none at all; and the notices on the way.
    """

    values: NDArray[np.float32] | None
    notices: list[Notice]


class _Around(NamedTuple):
    """The surface around a tile, and the row and column of the whole at which it begins."""

    heights: NDArray[np.float32]
    transform: Affine
    top: int
    left: int


class _Pixels(NamedTuple):
    """Pixels to compute: place in the surface that was read, tilt and azimuth [deg] of each; arrays (n,)."""

    rows: NDArray[np.int32]
    cols: NDArray[np.int32]
    tilt: NDArray[np.float32]
    azimuth: NDArray[np.float32]


@lru_cache(maxsize=1)
def _unpacked(sky: bytes) -> SkyHours:
    return pickle.loads(sky)


def tile_piece(work: tuple[Job, Tile], progress: Progress, **_: Any) -> Piece:
    """The files of a finished tile: its values, and what there was to say on the way."""
    bands = map_tile(*work, part(progress, 0.0, 1.0, SUNLIGHT))
    told = json.dumps([[each.code, each.values] for each in bands.notices], default=str).encode()
    return {TOLD: told} if bands.values is None else {TOLD: told, BANDS: array_bytes(bands.values)}


def map_tile(job: Job, tile: Tile, progress: Progress = silent) -> Bands:
    """Irradiation of a tile's pixels, each on the slope of the surface at it and under its own horizon.

    The horizon: the surface model up to 1 km, the coarse terrain behind it. Bit for bit the same however the surface
    is cut into tiles, if those of one 4 km square have its convergence.
    """
    with collect_notices() as told:
        wanted = _wanted(job, tile)
        if not wanted.any():
            return Bands(None, told)
        around = _read(job, tile)
        pixels = _pixels(job, tile, wanted, around)
        if not len(pixels.rows):
            return Bands(None, told)
        values = np.full((13 if job.monthly else 1, *wanted.shape), np.nan, np.float32)
        down, right = tile.rows[0] - around.top, tile.cols[0] - around.left
        for some, light in _lit(job, tile, around, pixels):
            values[:, pixels.rows[some] - down, pixels.cols[some] - right] = light
            progress(some.stop / len(pixels.rows))
    return Bands(values, told)


def tile_bounds(grid: Affine, tile: Tile, margin: float = 0.0) -> Bounds:
    """West, south, east, north [m] of a tile with a margin."""
    (top, bottom), (left, right) = tile.rows, tile.cols
    west, south = grid.c + left * grid.a, grid.f + bottom * grid.e
    east, north = grid.c + right * grid.a, grid.f + top * grid.e
    return west - margin, south - margin, east + margin, north + margin


def _centres(grid: Affine, cols: NDArray, rows: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """East of columns' and north of rows' centres [m], by the grid of the whole."""
    return grid.c + (cols + 0.5) * grid.a, grid.f + (rows + 0.5) * grid.e


def _wanted(job: Job, tile: Tile) -> NDArray[np.bool_]:
    """Pixels of the tile whose centre lies in a roof; all where everything is asked for."""
    shape = (tile.rows[1] - tile.rows[0], tile.cols[1] - tile.cols[0])
    if tile.roofs is None:
        return np.ones(shape, bool)
    wanted = np.zeros(shape, bool)
    x, y = _centres(job.grid, np.arange(*tile.cols), np.arange(*tile.rows))
    shapely.prepare(tile.roofs)
    for roof, (west, south, east, north) in zip(tile.roofs, shapely.bounds(tile.roofs), strict=True):
        col, row = slice(*np.searchsorted(x, (west, east))), slice(*np.searchsorted(-y, (-north, -south)))
        across, down = np.meshgrid(x[col], y[row])
        wanted[row, col] |= shapely.contains_xy(roof, across, down)  # exact on any grid, as rasterizing is not
    return wanted


def _read(job: Job, tile: Tile) -> _Around:
    """The surface around a tile as far as it is looked at."""
    surface = read_raster(
        job.dsm,
        window_bounds=tile_bounds(job.grid, tile, NEAR_M + HALO_PX * job.grid.a),
        assume_crs=parse_assume_crs(job.assume_crs),
        anywhere=job.anywhere,
        footprints_5514=job.beside_buildings,
        allow_empty=True,
    )
    if not job.anywhere:  # as `read_coarse`: a tile alone cannot tell a mark of no data from a height
        surface.values[surface.values == 0.0] = np.nan
    top = round((surface.transform.f - job.grid.f) / job.grid.e)
    left = round((surface.transform.c - job.grid.c) / job.grid.a)
    return _Around(surface.values, surface.transform, top, left)


def _pixels(job: Job, tile: Tile, wanted: NDArray[np.bool_], around: _Around) -> _Pixels:
    """The wanted pixels whose slope is known."""
    down, right = tile.rows[0] - around.top, tile.cols[0] - around.left
    top, left = max(down - 1, 0), max(right - 1, 0)  # with the neighbours that decide the slope at the tile's rim
    height, width = wanted.shape
    beside = around.heights[top : down + height + 1, left : right + width + 1]
    own = slice(down - top, down - top + height), slice(right - left, right - left + width)
    tilt, azimuth = (each[own] for each in slope_aspect(beside, job.grid.a, convergence=tile.convergence))
    inside = wanted & np.isfinite(tilt)
    row, col = (each.astype(np.int32) for each in np.nonzero(inside))
    return _Pixels(row + np.int32(down), col + np.int32(right), tilt[inside], azimuth[inside])


def _far(job: Job, tile: Tile) -> FarField | None:
    """The far horizons around a tile."""
    if job.terrain is None:
        return None
    bounds = tile_bounds(job.grid, tile)
    reach = FAR_M + NEAR_M
    around = (bounds[0] - reach, bounds[1] - reach, bounds[2] + reach, bounds[3] + reach)
    with collect_notices():  # what there is to say of the terrain has been said when it was made coarse
        try:
            coarse = read_raster(job.terrain, window_bounds=around, anywhere=True, allow_empty=True)
        except InputError as error:
            if error.code != "raster_no_overlap":
                raise
            return None  # the terrain ends before it can be seen from this tile
    look = partial(far_horizon, coarse, convergence=tile.convergence, nearest=NEAR_M, n_azimuth=N_AZIMUTH)
    return far_field(coarse.values, coarse.transform, bounds, look)


def _lit(job: Job, tile: Tile, around: _Around, pixels: _Pixels) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Irradiation (bands, n) of the pixels, part by part."""
    sky = _unpacked(job.sky)
    sky_table(sky, N_AZIMUTH, job.monthly)  # once, before the threads ask for it
    scene = prepare(around.heights, around.transform, Look(N_AZIMUTH, tile.convergence, farthest=NEAR_M))
    far = _far(job, tile)

    def lit(some: slice) -> NDArray[np.float64]:
        row, col = pixels.rows[some], pixels.cols[some]
        seen = look_around(scene, row, col)
        if far is not None:
            x, y = _centres(job.grid, col + around.left, row + around.top)
            raise_horizon(seen, far, x, y, around.heights[row, col])
        light = plane_light(sky, pixels.tilt[some], pixels.azimuth[some], horizon=seen, monthly=job.monthly)
        return light.annual[None] if light.monthly is None else np.vstack([light.annual, light.monthly.T])

    parts = [slice(start, start + AT_ONCE) for start in range(0, len(pixels.rows), AT_ONCE)]
    if job.threads == 1:
        yield from zip(parts, map(lit, parts), strict=True)
        return
    with ThreadPoolExecutor(job.threads) as threads:
        yield from zip(parts, map_items(lit, parts, threads), strict=True)
