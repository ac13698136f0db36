"""PV potential of the buildings of one tile, from its piece of the surface model to the tables of its layers."""

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lk_spatial.core.notices import collect_notices
from lk_spatial.core.progress import Progress, part
from lk_spatial.core.resume import Piece
from lk_spatial.core.text import Text
from lk_spatial.io.crs import Bounds
from lk_spatial.io.pieces import frame_bytes
from lk_spatial.io.profiles import profile_bytes
from lk_spatial.io.raster import Raster
from lk_spatial.roofs.inputs import READING_DSM, Guard, read_window
from lk_spatial.roofs.pipeline import RoofPlanes, find_roof_planes, own_roofs
from lk_spatial.roofs.region import FACTS, facts_of
from lk_spatial.solar.arrays import lay_modules, pixels_below
from lk_spatial.solar.chain import Chain
from lk_spatial.solar.far import NEAR_M, far_horizon
from lk_spatial.solar.horizon_rays import Look
from lk_spatial.solar.mounting import existing_on_planes, module_masses, with_loads, without_drawn
from lk_spatial.solar.options import PvOptions, module_size
from lk_spatial.solar.production import PlaneHours, hours_of_kept, produce
from lk_spatial.solar.profiles import profile_tables
from lk_spatial.solar.shading import (
    PixelLight,
    PlanePixels,
    facing,
    light_on_pixels,
    plane_pixels,
    press_flat,
    sun_on_planes,
)
from lk_spatial.solar.site import Site
from lk_spatial.solar.snow import energy_after_snow, nothing_holds
from lk_spatial.solar.summary import (
    KEY,
    PLANE_KEY,
    building_totals,
    grade,
    remove_installed,
    sum_up,
    sums_by,
    with_quality,
    with_ratios,
)
from lk_spatial.solar.sun import SkyHours, sky_hours

STEPS = {
    "horizons": Text("horizons", "obzory"),
    "sunlight": Text("sunlight", "sluneční záření"),
    "modules": Text("laying modules", "rozmisťování panelů"),
    "energy": Text("energy", "výroba"),
}
NEEDED = [*KEY, "height_agl_m", "pv_installed_kwp", "existing_pv_m2", "snow_guards", "geometry"]


class PvSetup(NamedTuple):
    """What holds for all tiles of a run; ``key`` names it."""

    key: str
    dsm: str
    guard: Guard
    site: Site
    options: PvOptions
    chain: Chain
    p90: float
    life: float = 1.0  # mean yearly energy of the life over that of the first year
    snow: pd.DataFrame | None = None


class PvTile(NamedTuple):
    """A tile's work: all buildings in reach and which of them are its own, heights to be read, what lies around."""

    setup: PvSetup
    buildings: gpd.GeoDataFrame
    own: NDArray[np.bool_]
    bounds: Bounds
    convergence: float
    existing: gpd.GeoDataFrame | None
    terrain: Raster | None


def potential_of_tile(tile: PvTile, progress: Progress, **options: Any) -> Piece:
    """The layers of a tile's own buildings as GeoParquet, and what it has to say; ``options``: an executor."""
    with collect_notices() as notices:
        sky = _sky(tile.setup)
        lit = _lit(tile, sky, part(progress, 0.0, 0.8), **options)
        found = _potential(tile, lit, sky, part(progress, 0.8, 1.0))
    files = {f"{name}.parquet": frame_bytes(table) for name, table in found.tables.items()}
    if found.profiles is not None:
        files["profiles.parquet"] = found.profiles
    heights = lit.planes["elevation_m"].agg(["min", "max"]).dropna().tolist()
    more = {"energy": found.energy, "elevation_m": heights}
    return {**files, FACTS: facts_of(len(lit.planes), lit.why, lit.has_heights, notices, **more)}


class _Lit(NamedTuple):
    """The own roofs in their light: planes with its means, obstacles and reasons of ``RoofPlanes``, pixels."""

    planes: gpd.GeoDataFrame
    obstacles: gpd.GeoDataFrame
    why: pd.DataFrame
    pixels: PlanePixels
    light: PixelLight
    has_heights: bool  # whether the surface model has any there


def _roofs(tile: PvTile, progress: Progress, **options: Any) -> tuple[Raster, RoofPlanes]:
    """The surface with all roofs pressed onto their planes, and the own ones."""
    surface = read_window(tile.setup.dsm, tile.setup.guard, tile.bounds, part(progress, 0.0, 0.2, READING_DSM))
    min_area = tile.setup.options.min_area_m2
    roofs = find_roof_planes(
        surface, tile.buildings, min_area_m2=min_area, progress=part(progress, 0.2, 1.0), **options
    )
    press_flat(surface.values, surface.transform, roofs.labels, roofs.planes)
    return surface, own_roofs(roofs, tile.buildings[tile.own])


class _Found(NamedTuple):
    """Tables of the layers, energy left after each stage [kWh], and a file of profiles where it is wanted."""

    tables: dict[str, gpd.GeoDataFrame]
    energy: dict[str, float]
    profiles: bytes | None


def _potential(tile: PvTile, lit: _Lit, sky: SkyHours, progress: Progress) -> _Found:
    """From the own buildings' planes to the tables of the layers."""
    setup, options, chain = tile.setup, tile.setup.options, tile.setup.chain
    planes, blocked, pixels = lit.planes, lit.obstacles, lit.pixels
    if tile.existing is not None:
        blocked = gpd.GeoDataFrame(pd.concat([blocked, existing_on_planes(planes, tile.existing, options.gap_m)]))
    modules = _laid(planes, blocked, tile.convergence, chain, options, part(progress, 0.0, 0.3, STEPS["modules"]))
    rest = (pixels_below(modules, pixels), pixels, lit.light)
    wanted = options.profile_year is not None
    step = part(progress, 0.3, 1.0, STEPS["energy"])
    made = produce(sky, setup.site.weather, chain, modules, *rest, hourly=wanted, progress=step)
    buildings = tile.buildings[tile.own]
    kept = remove_installed(made.modules, without_drawn(buildings), chain.module_kwp)
    hours = hours_of_kept(made, kept, sky, setup.site.weather, chain, *rest) if wanted else None
    planes, energy = _with_modules(planes, kept, chain), made.stages(kept)
    if setup.snow is not None:
        planes = planes.assign(energy_snow_kwh_a=_after_snow(tile, planes, kept, sky, pixels))
        energy["snow"] = float(planes["energy_snow_kwh_a"].sum())
    planes = with_ratios(planes, setup.p90, setup.life)
    totals = building_totals(buildings, planes, setup.p90, setup.life)
    graded = with_quality(totals, grade(totals, planes, lit.why, setup.site.is_far))
    tables = {
        "buildings": graded,
        "roof_planes": _public(planes),
        "modules": _numbered(kept),
    }
    return _Found(tables, energy, _profiles(planes, hours, sky, options.profile_year))


def _after_snow(
    tile: PvTile, planes: gpd.GeoDataFrame, modules: gpd.GeoDataFrame, sky: SkyHours, pixels: PlanePixels
) -> NDArray[np.float64]:
    """Energy that snow leaves on each plane [kWh a year]."""
    setup = tile.setup
    assert setup.snow is not None
    return energy_after_snow(
        setup.snow,
        planes,
        modules,
        nothing_holds(planes, tile.buildings),
        sky,
        setup.site.weather,
        pixels,
        convergence=tile.convergence,
        flat_layout=setup.chain.flat.layout,
        module_m=setup.chain.module_width_m,
    )


def _profiles(planes: gpd.GeoDataFrame, hours: PlaneHours | None, sky: SkyHours, year: int | None) -> bytes | None:
    """The planes' hours as a file of profiles."""
    return None if hours is None or year is None else profile_bytes(profile_tables(planes, hours, sky, year))


_skies: dict[str, SkyHours] = {}  # of the last run


def _sky(setup: PvSetup) -> SkyHours:
    """The sky of a run, computed once in each process; threads of several runs may ask at once."""
    sky = _skies.get(setup.key)
    if sky is None:
        sky = sky_hours(
            setup.site.weather,
            albedo=setup.options.albedo,
            model=setup.options.sky_model,  # type: ignore[arg-type]
            latitude=setup.site.latitude,
            longitude=setup.site.longitude,
        )
        _skies.clear()
        _skies[setup.key] = sky
    return sky


def _lit(tile: PvTile, sky: SkyHours, progress: Progress, **options: Any) -> _Lit:
    """The own roofs in their light. The surface model, which takes most of the memory, is not handed on."""
    surface, roofs = _roofs(tile, part(progress, 0.0, 0.4), **options)
    n_azimuth = tile.setup.options.directions
    pixels = plane_pixels(
        surface.values,
        surface.transform,
        roofs.labels,
        len(roofs.planes),
        Look(n_azimuth, tile.convergence, farthest=NEAR_M),
        far=_far(tile, roofs.planes, n_azimuth),
        progress=part(progress, 0.4, 0.8, STEPS["horizons"]),
    )
    flush = facing(roofs.planes)
    light = light_on_pixels(
        sky,
        pixels.horizon,
        flush.tilt[pixels.plane],
        flush.azimuth[pixels.plane],
        part(progress, 0.8, 1.0, STEPS["sunlight"]),
    )
    sun = sun_on_planes(sky, pixels, light, flush)
    planes = roofs.planes.assign(
        svf=sun.svf,
        poa_kwh_m2_a=sun.poa,
        shading_loss_pct=100.0 * (1.0 - sun.poa / sun.unshaded),
        _unshaded=sun.unshaded,
        _explained_m2=np.diff(pixels.first) * abs(surface.transform.a * surface.transform.e) + _obstructed(roofs),
    )
    return _Lit(planes, roofs.obstacles, roofs.why, pixels, light, surface.has_heights)


def _far(tile: PvTile, planes: pd.DataFrame, n_azimuth: int) -> NDArray[np.float32] | None:
    """Horizons (planes, n_azimuth) [deg] beyond the near field, seen from the middle of each plane."""
    if tile.terrain is None:
        return None
    x, y, z = (planes[name].to_numpy(float) for name in ("_x0", "_y0", "elevation_m"))
    return far_horizon(tile.terrain, x, y, z, convergence=tile.convergence, nearest=NEAR_M, n_azimuth=n_azimuth)


def _obstructed(roofs: RoofPlanes) -> NDArray[np.float64]:
    """Plan area of the obstacles on each plane [m2]."""
    area = sums_by(roofs.obstacles.assign(area=roofs.obstacles.area), PLANE_KEY, ["area"])["area"]
    return area.reindex(pd.MultiIndex.from_frame(roofs.planes[PLANE_KEY])).fillna(0.0).to_numpy()


def _laid(
    planes: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame,
    convergence: float,
    chain: Chain,
    options: PvOptions,
    progress: Progress,
) -> gpd.GeoDataFrame:
    """Modules on the planes that get enough light, clear of obstacles."""
    return lay_modules(
        planes,
        obstacles,
        module_size(chain, options),
        wanted=(planes["poa_kwh_m2_a"] >= options.min_poa_kwh_m2).to_numpy(),
        convergence=convergence,
        progress=progress,
    )


def _with_modules(planes: gpd.GeoDataFrame, modules: gpd.GeoDataFrame, chain: Chain) -> gpd.GeoDataFrame:
    """Planes with the number, power, mass, load and energy of their modules; zero where none fit."""
    mass = module_masses(planes, chain)[modules["plane"].to_numpy()]
    counted = modules.assign(n_modules=1, power_kwp=chain.module_kwp, pv_mass_kg=mass)
    totals = sum_up(counted, PLANE_KEY).reindex(pd.MultiIndex.from_frame(planes[PLANE_KEY])).fillna(0.0)
    out = planes.copy()
    for name in totals:
        out[name] = totals[name].to_numpy()
    out["n_modules"] = out["n_modules"].astype(int)
    return with_loads(out, chain)


def _public(planes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Planes without the columns that only the computation needs."""
    return planes.drop(columns=[name for name in planes if name.startswith("_")])


def _numbered(modules: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Modules with their number within the building part and without what only the computation needs."""
    number = modules.groupby(KEY).cumcount() + 1
    kept = [*PLANE_KEY, "tilt_deg", "azimuth_deg", "energy_kwh_a", "geometry"]
    facing = modules["azimuth_deg"].where(modules["tilt_deg"] > 0.0)
    return modules[kept].assign(azimuth_deg=facing, module_id=np.asarray(number).astype(str))
