"""A region tile by tile: finished tiles are kept beside the output, what they have to say is told once."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

from lk_spatial import __version__
from lk_spatial.core.errors import DataError, InputError
from lk_spatial.core.notices import Notice, collect_notices, notice, summed
from lk_spatial.core.parallel import open_executor
from lk_spatial.core.progress import Progress, part, silent, timed
from lk_spatial.core.resume import Piece, finish, key_of, work_folder
from lk_spatial.core.run import libraries
from lk_spatial.core.text import Text
from lk_spatial.io.crs import Bounds
from lk_spatial.io.pieces import Pieces, frame_bytes
from lk_spatial.roofs.inputs import READING_BUILDINGS, READING_DSM, Guard, check_surface, read_footprints, read_window
from lk_spatial.roofs.pipeline import PRIVATE, find_roof_planes, own_roofs
from lk_spatial.roofs.tiling import Tile, building_tiles, tile_side


class Named(Protocol):
    """A tile of any kind; its name is that of its folder."""

    @property
    def name(self) -> str:
        """Unlike that of all other tiles of the run."""


T = TypeVar("T")
N = TypeVar("N", bound=Named)
TILES = Text("tiles: {count}", "dlaždice: {count}")
FACTS = "facts.json"


class RoofTile(NamedTuple):
    """A tile's work for ``roof_planes``: all buildings that are needed, and which of them are its own."""

    dsm: str
    guard: Guard
    buildings: gpd.GeoDataFrame
    own: Any
    bounds: Bounds
    min_area_m2: float


def code_key() -> str:
    """A name for the code, the tables and the libraries that decide a result."""
    package = Path(__file__).parents[1]
    decide = [*(f"{room}/*.py" for room in ("core", "io", "roofs", "solar")), "data/*/*.csv"]
    contents = (each.read_bytes() for pattern in decide for each in sorted(package.glob(pattern)))
    return key_of(__version__, libraries(), *contents)


def table_key(table: pd.DataFrame | None) -> bytes:
    """All that stands in a table."""
    if table is None:
        return b""
    plain = table.to_wkb() if isinstance(table, gpd.GeoDataFrame) else table
    return plain.to_csv().encode()


@contextmanager
def finished_tiles(
    func: Callable[..., Piece],
    job: Callable[[N], T],
    tiles: Sequence[N],
    *,
    out: str,
    key: str,
    workers: int,
    scheduler: str | None,
    fresh: bool,
    ahead: int = 16,
    progress: Progress,
) -> Iterator[list[Path]]:
    """Folders with the files that ``func(job(tile), progress)`` gives for each tile, as long as the block lasts.

    At most ``ahead`` tiles wait to be written. One tile alone gets the workers as ``executor=`` for its steps, and is
    not worth keeping.
    """
    by_name = {each.name: each for each in tiles}
    one = len(tiles) == 1
    about = None if one else Text(*(text.format(count=len(tiles)) for text in TILES))
    with (
        work_folder(out, key, fresh=fresh, keep=not one) as folder,
        open_executor(workers, scheduler) as executor,
    ):
        pieces = finish(
            folder,
            list(by_name),
            lambda name: job(by_name[name]),
            partial(func, executor=executor) if one else func,
            executor=None if one else executor,
            ahead=ahead,
            progress=part(timed(progress), 0.0, 1.0, about),
        )
        yield list(pieces.values())


def facts_of(planes: int, why: pd.DataFrame, has_heights: bool, notices: Sequence[Notice], **more: Any) -> bytes:
    """What a tile has to say of itself, for ``tell``."""
    facts = {
        "planes": planes,
        "reasons": sorted({str(each) for each in why["reason"]}),
        "has_heights": has_heights,
        "notices": [[each.code, each.values] for each in notices],
    }
    return json.dumps(facts | more, default=str).encode()


def tell(pieces: Sequence[Path], dsm: str, buildings: str, count: int) -> list[dict[str, Any]]:
    """Pass on the notices of the tiles, each once, and refuse heights that are of another place; gives the facts."""
    facts: list[dict[str, Any]] = [json.loads((each / FACTS).read_text("utf-8")) for each in pieces]
    for each in summed(Notice(code, values) for one in facts for code, values in one["notices"]):
        notice(each.code, **each.values)
    has_planes = any(each["planes"] for each in facts)
    if not has_planes and all(each["reasons"] == ["outside"] for each in facts):
        raise InputError("dsm_misses_buildings", path=dsm, buildings=buildings)
    if not any(each["has_heights"] for each in facts):
        raise DataError("raster_empty", input="dsm", path=dsm)
    if not has_planes:
        notice("no_roof_planes", path=buildings, count=count)
    return facts


@contextmanager
def roof_planes_of_region(
    buildings: str,
    dsm: str,
    guard: Guard,
    *,
    out: str,
    min_area_m2: float,
    workers: int = 1,
    scheduler: str | None = None,
    fresh: bool = False,
    progress: Progress = silent,
) -> Iterator[Pieces]:
    """Roof planes of all buildings of a layer, tile by tile, as long as the block lasts."""
    progress(0.0, READING_BUILDINGS.local)
    footprints = read_footprints(buildings, guard)
    surface = check_surface(dsm, guard, buildings, footprints.bounds)
    tiles = building_tiles(footprints.bounds, tile_side(surface.cell, 0.0), 0.0)
    needed = footprints[["building_id", "part_id", "geometry"]]
    key = key_of(code_key(), table_key(needed), surface, guard, min_area_m2)

    def job(tile: Tile) -> RoofTile:
        near = needed.iloc[tile.near].reset_index(drop=True)
        return RoofTile(dsm, guard, near, np.isin(tile.near, tile.own), tile.bounds, min_area_m2)

    with finished_tiles(
        planes_of_tile,
        job,
        tiles,
        out=out,
        key=key,
        workers=workers,
        scheduler=scheduler,
        fresh=fresh,
        progress=part(progress, 0.1, 0.9),
    ) as pieces:
        tell(pieces, dsm, buildings, len(footprints))
        yield Pieces([each / "roof_planes.parquet" for each in pieces])


def planes_of_tile(tile: RoofTile, progress: Progress, **options: Any) -> Piece:
    """The planes of a tile's own buildings as GeoParquet; ``options``: an executor for its steps."""
    with collect_notices() as notices:
        surface = read_window(tile.dsm, tile.guard, tile.bounds, part(progress, 0.0, 0.2, READING_DSM))
        found = find_roof_planes(
            surface, tile.buildings, min_area_m2=tile.min_area_m2, progress=part(progress, 0.2, 1.0), **options
        )
        roofs = own_roofs(found, tile.buildings[tile.own])
    facts = facts_of(len(roofs.planes), roofs.why, surface.has_heights, notices)
    return {"roof_planes.parquet": frame_bytes(roofs.planes.drop(columns=PRIVATE)), FACTS: facts}
