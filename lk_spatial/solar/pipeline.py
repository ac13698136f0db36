"""PV potential from files, tile by tile: a region of any size in little memory, and an interrupted run goes on."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from lk_spatial.core.notices import notice
from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.core.resume import key_of
from lk_spatial.core.tables import load_table
from lk_spatial.core.text import Text
from lk_spatial.io.coarse import read_coarse
from lk_spatial.io.crs import block_convergence, parse_assume_crs
from lk_spatial.io.pieces import Pieces
from lk_spatial.io.profiles import open_profiles
from lk_spatial.io.raster import Raster
from lk_spatial.io.snowfall import read_snowfall
from lk_spatial.io.vector import read_vector
from lk_spatial.roofs.inputs import READING_BUILDINGS, Guard, check_surface, read_footprints
from lk_spatial.roofs.region import code_key, finished_tiles, table_key, tell
from lk_spatial.roofs.tiling import Tile, building_tiles, tile_side
from lk_spatial.solar.ageing import life_factor
from lk_spatial.solar.chain import Chain
from lk_spatial.solar.energy_yield import p90_factor
from lk_spatial.solar.far import FAR_CELL_M, FAR_M, NEAR_M
from lk_spatial.solar.mounting import existing_area
from lk_spatial.solar.options import PvOptions, chain_of, module_size
from lk_spatial.solar.production import loss_steps
from lk_spatial.solar.profiles import RULE
from lk_spatial.solar.site import Site, read_site
from lk_spatial.solar.snow import check_humidity, tell_altitudes, with_snow_step
from lk_spatial.solar.tile import NEEDED, PvSetup, PvTile, potential_of_tile

GIVEN = (
    "building_id",
    "part_id",
    "pv_installed_kwp",
    "existing_pv_m2",
    "snow_guards",
)  # what a tile hands back as it was
TEXTS = {
    "weather": Text("reading the weather", "čtení meteorologických dat"),
    "terrain": Text("far terrain", "vzdálený terén"),
}


class PvFiles(NamedTuple):
    """The files of a run."""

    buildings: str
    dsm: str
    weather: str
    terrain: str | None = None
    existing_pv: str | None = None
    snow: str | None = None


class PvPotential(NamedTuple):
    """Layers of the main job, the loss waterfall [kWh a year], and what the report tells about the place."""

    buildings: gpd.GeoDataFrame
    roof_planes: Pieces
    modules: Pieces
    waterfall: list[tuple[Text, float]]
    site: Site
    profiles: list[Path]  # files of the tiles, where profiles are wanted
    profile_facts: dict[str, str]

    def write_profiles(self, path: Path) -> None:
        """Write the hourly profiles of all tiles into one file."""
        with open_profiles(path) as file:
            file.describe(self.profile_facts)
            for piece in self.profiles:
                file.append_file(piece)


class Inputs(NamedTuple):
    """What was read in one piece."""

    footprints: gpd.GeoDataFrame
    existing: gpd.GeoDataFrame | None
    terrain: Raster | None
    snow: pd.DataFrame | None


@contextmanager
def pv_potential(
    files: PvFiles,
    options: PvOptions,
    guard: Guard,
    *,
    out: str,
    workers: int = 1,
    scheduler: str | None = None,
    fresh: bool = False,
    progress: Progress = silent,
) -> Iterator[PvPotential]:
    """Roof planes, modules and their energy for all buildings of a layer; the tables last as long as the block.

    Finished tiles lie in ``<out>.work`` until the block ends well; ``fresh`` makes all anew.
    """
    inputs, setup, tiles = _prepare(files, options, guard, progress)
    with finished_tiles(
        potential_of_tile,
        lambda tile: _job(tile, setup, inputs),
        tiles,
        out=out,
        key=setup.key,
        workers=workers,
        scheduler=scheduler,
        fresh=fresh,
        progress=part(progress, 0.1, 0.9),
    ) as pieces:
        facts = tell(pieces, files.dsm, files.buildings, len(inputs.footprints))
        if inputs.snow is not None and files.snow is not None:
            tell_altitudes(inputs.snow, [height for each in facts for height in each["elevation_m"]], files.snow)
        yield PvPotential(
            _joined(inputs.footprints, tiles, pieces),
            Pieces([each / "roof_planes.parquet" for each in pieces]),
            Pieces([each / "modules.parquet" for each in pieces]),
            _waterfall(facts, setup.chain),
            setup.site,
            [] if options.profile_year is None else [each / "profiles.parquet" for each in pieces],
            _profile_facts(setup.site, options.profile_year),
        )


def _prepare(
    files: PvFiles, options: PvOptions, guard: Guard, progress: Progress
) -> tuple[Inputs, PvSetup, list[Tile]]:
    """All that the tiles share, and the tiles."""
    chain = chain_of(options)
    module_size(chain, options)  # what cannot be laid is told before hours of work
    progress(0.0, READING_BUILDINGS.local)
    footprints, existing = _with_existing(read_footprints(files.buildings, guard), files.existing_pv, guard)
    surface = check_surface(files.dsm, guard, files.buildings, footprints.bounds)
    progress(0.03, TEXTS["weather"].local)
    site = read_site(files.weather, footprints)
    snowfall = None if files.snow is None else read_snowfall(files.snow)
    if snowfall is not None and files.snow is not None:
        check_humidity(site.weather, snowfall, files.snow)
    progress(0.04, TEXTS["terrain"].local)
    far = _terrain(files, footprints, guard)
    p90 = p90_factor(load_table("pv/uncertainty_2026").rows)
    inputs = Inputs(footprints, existing, far, snowfall)
    key = _key(inputs, site, options, guard, surface, chain, p90)
    tiles = building_tiles(footprints.bounds, tile_side(surface.cell, NEAR_M), NEAR_M)
    return (
        inputs,
        PvSetup(key, files.dsm, guard, site, options, chain, p90, life_factor(options.ageing), snowfall),
        tiles,
    )


def _with_existing(
    footprints: gpd.GeoDataFrame, existing_pv: str | None, guard: Guard
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None]:
    """Buildings with the area of their existing modules (null where none were given), and those modules."""
    if existing_pv is None:
        return footprints.assign(existing_pv_m2=np.nan), None
    assumed = parse_assume_crs(guard.assume_crs)
    areas = read_vector(
        existing_pv, input_name="existing_pv", geometry="polygon", assume_crs=assumed, anywhere=guard.anywhere
    )
    found = existing_area(footprints, areas)
    if not found.any():
        notice("existing_pv_nowhere", path=existing_pv)
    else:
        notice("existing_pv_cut", path=existing_pv, area=f"{found.sum():.0f}", count=int((found > 0).sum()))
    return footprints.assign(existing_pv_m2=found), areas


def _terrain(files: PvFiles, footprints: gpd.GeoDataFrame, guard: Guard) -> Raster | None:
    """Coarse heights as far as mountains are looked for, from the terrain model, else from the surface model."""
    west, south, east, north = footprints.total_bounds
    around = (west - FAR_M, south - FAR_M, east + FAR_M, north + FAR_M)
    name = "terrain" if files.terrain else "dsm"
    found = read_coarse(files.terrain or files.dsm, around, cell=FAR_CELL_M, input_name=name, **guard.of_heights())
    if files.terrain:
        _tell_beyond(files.terrain, found, footprints)
    return found


def _tell_beyond(path: str, terrain: Raster | None, footprints: gpd.GeoDataFrame) -> None:
    """Warn where the terrain is not below the buildings: from there no mountains are looked for."""
    if terrain is None:
        notice("terrain_nowhere", path=path, km=f"{FAR_M / 1000:g}")
        return
    bounds, grid = footprints.bounds, terrain.transform
    col = ((bounds.minx + bounds.maxx).to_numpy() / 2 - grid.c) / grid.a
    row = ((bounds.miny + bounds.maxy).to_numpy() / 2 - grid.f) / grid.e
    rows, cols = terrain.values.shape
    outside = int(((row < 0) | (row >= rows) | (col < 0) | (col >= cols)).sum())
    if outside:
        notice("terrain_partly", path=path, count=outside, all=len(footprints))


def _key(inputs: Inputs, site: Site, *others: Any) -> str:
    """A name for all that decides the result of a tile."""
    far = inputs.terrain
    heights = (b"", None) if far is None else (far.values.tobytes(), far.transform)
    existing = None if inputs.existing is None else inputs.existing[["geometry"]]
    tables = map(table_key, (_needed(inputs.footprints), existing, site.weather, inputs.snow))
    return key_of(code_key(), *tables, *heights, site.weather.attrs.get("elevation"), site[1:], *others)


def _needed(footprints: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The columns that decide the result."""
    return footprints[[name for name in NEEDED if name in footprints]]


def _waterfall(facts: Sequence[Mapping[str, Any]], chain: Chain) -> list[tuple[Text, float]]:
    """The loss waterfall of all tiles, with a step for the snow where that is known."""
    energy = pd.DataFrame([each["energy"] for each in facts]).sum().to_dict()
    steps = loss_steps(energy, chain)
    return with_snow_step(steps, energy["snow"], chain.step_title("snow_cover")) if "snow" in energy else steps


def _profile_facts(site: Site, year: int | None) -> dict[str, str]:
    """What a file of profiles tells about itself."""
    told = {"year": str(year), "typical_year_en": RULE.en, "typical_year_cs": RULE.cs}
    return told | {f"weather_{name}": str(site.weather.attrs[name]) for name in ("source", "label")}


def _job(tile: Tile, setup: PvSetup, inputs: Inputs) -> PvTile:
    """What a worker needs for a tile."""
    existing = inputs.existing
    if existing is not None:
        west, south, east, north = tile.bounds
        existing = existing.cx[west:east, south:north]
    return PvTile(
        setup,
        _needed(inputs.footprints.iloc[tile.near]).reset_index(drop=True),
        np.isin(tile.near, tile.own),
        tile.bounds,
        block_convergence(*tile.middle),
        existing,
        _around(inputs.terrain, tile),
    )


def _around(terrain: Raster | None, tile: Tile) -> Raster | None:
    """The heights that can be seen from a tile."""
    if terrain is None:
        return None
    west, south, east, north = tile.bounds
    cell = terrain.transform.a
    first_col, first_row = (west - FAR_M - terrain.transform.c) / cell, (terrain.transform.f - north - FAR_M) / cell
    last_col, last_row = (east + FAR_M - terrain.transform.c) / cell, (terrain.transform.f - south + FAR_M) / cell
    top, left = max(int(first_row) - 1, 0), max(int(first_col) - 1, 0)
    values = terrain.values[top : max(int(last_row) + 2, 0), left : max(int(last_col) + 2, 0)]
    return terrain._replace(values=values, transform=terrain.transform @ terrain.transform.translation(left, top))


def _joined(footprints: gpd.GeoDataFrame, tiles: Sequence[Tile], pieces: Sequence[Path]) -> gpd.GeoDataFrame:
    """All buildings in their order with the columns that the tiles found."""
    tables = [gpd.read_parquet(each / "buildings.parquet").drop(columns="geometry") for each in pieces]
    rows = np.concatenate([each.own for each in tiles])
    found = pd.concat(tables, ignore_index=True).set_index(rows).sort_index()
    return footprints.assign(**{name: found[name] for name in found if name not in GIVEN})
