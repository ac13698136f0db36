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
from lk_spatial.solar.ageing import Ageing
from lk_spatial.solar.arrays import ModuleSize, lay_modules, pixels_below
from lk_spatial.solar.chain import Chain
from lk_spatial.solar.far import NEAR_M, far_horizon
from lk_spatial.solar.horizon_rays import Look
from lk_spatial.solar.mounting import existing_on_planes, module_masses, with_loads, without_drawn
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
from lk_spatial.solar.snow import nothing_holds, snow_on_planes, with_snow
from lk_spatial.solar.summary import (
    KEY,
    PLANE_KEY,
    building_totals,
    grade,
    remove_installed,
    sum_up,
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


class PvOptions(NamedTuple):
    """What a user chooses for the PV potential; units as in the names."""

    module: str
    setback_m: float
    gap_m: float
    flat_tilt_deg: float
    shade_angle_deg: float
    min_area_m2: float
    min_poa_kwh_m2: float
    albedo: float
    sky_model: str
    system_pitched: str = "flush"
    system_flat: str = "ballasted_south"
    glued_mass_kg_m2: float | None = None
    pair_aisle_m: float = 0.3
    directions: int = 32
    ageing: Ageing = Ageing()
    profile_year: int | None = None  # of the hourly profiles, where they are wanted


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
        surface = read_window(tile.setup.dsm, tile.setup.guard, tile.bounds, part(progress, 0.0, 0.05, READING_DSM))
        roofs = find_roof_planes(
            surface,
            tile.buildings,
            min_area_m2=tile.setup.options.min_area_m2,
            progress=part(progress, 0.05, 0.3),
            **options,
        )
        own = own_roofs(roofs, tile.buildings[tile.own])
        found = _potential(tile, pressed(surface, roofs), own, part(progress, 0.3, 1.0))
    files = {f"{name}.parquet": frame_bytes(table) for name, table in found.tables.items()}
    if found.profiles is not None:
        files["profiles.parquet"] = found.profiles
    heights = own.planes["elevation_m"].agg(["min", "max"]).dropna().tolist()
    return {**files, FACTS: facts_of(surface, own, notices, energy=found.energy, elevation_m=heights)}


def pressed(surface: Raster, roofs: RoofPlanes) -> Raster:
    """The surface with all roofs pressed onto their planes."""
    return surface._replace(values=press_flat(surface.values, surface.transform, roofs.labels, roofs.planes))


class _Found(NamedTuple):
    """Tables of the layers, energy left after each stage [kWh], and a file of profiles where it is wanted."""

    tables: dict[str, gpd.GeoDataFrame]
    energy: dict[str, float]
    profiles: bytes | None


def _potential(tile: PvTile, surface: Raster, roofs: RoofPlanes, progress: Progress) -> _Found:
    """From the own buildings' planes to the tables of the layers."""
    setup, options, chain = tile.setup, tile.setup.options, tile.setup.chain
    sky = _sky(setup)
    pixels, light, planes = _sunlit(tile, surface, roofs, sky, part(progress, 0.0, 0.7))
    blocked = roofs.obstacles
    if tile.existing is not None:
        blocked = gpd.GeoDataFrame(pd.concat([blocked, existing_on_planes(planes, tile.existing, options.gap_m)]))
    modules = _laid(planes, blocked, tile.convergence, chain, options, part(progress, 0.7, 0.8, STEPS["modules"]))
    rest = (pixels_below(modules, pixels), pixels, light)
    wanted = options.profile_year is not None
    step = part(progress, 0.8, 1.0, STEPS["energy"])
    made = produce(sky, setup.site.weather, chain, modules, *rest, hourly=wanted, progress=step)
    buildings = tile.buildings[tile.own]
    kept = remove_installed(made.modules, without_drawn(buildings), chain.module_kwp)
    hours = hours_of_kept(made, kept, sky, setup.site.weather, chain, *rest) if wanted else None
    planes, energy = _with_modules(planes, kept, chain), made.stages(kept)
    if setup.snow is not None:
        planes = with_snow(planes, _snow_loss(tile, planes, modules, sky, pixels))
        energy["snow"] = float(planes["energy_snow_kwh_a"].sum())
    planes = with_ratios(planes, setup.p90, setup.life)
    totals = building_totals(buildings, planes, setup.p90, setup.life)
    graded = with_quality(totals, grade(totals, planes, roofs.why, setup.site.is_far))
    tables = {
        "buildings": graded,
        "roof_planes": _public(planes),
        "modules": _numbered(kept),
    }
    return _Found(tables, energy, _profiles(planes, hours, sky, options.profile_year))


def _snow_loss(
    tile: PvTile, planes: gpd.GeoDataFrame, modules: gpd.GeoDataFrame, sky: SkyHours, pixels: PlanePixels
) -> NDArray[np.float64]:
    """Share of each month's energy that snow takes on each plane (planes, 12)."""
    setup = tile.setup
    assert setup.snow is not None
    return snow_on_planes(
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


_skies: dict[str, SkyHours] = {}


def _sky(setup: PvSetup) -> SkyHours:
    """The sky of a run, computed once in each process."""
    if setup.key not in _skies:
        _skies.clear()
        _skies[setup.key] = sky_hours(
            setup.site.weather,
            albedo=setup.options.albedo,
            model=setup.options.sky_model,  # type: ignore[arg-type]
            latitude=setup.site.latitude,
            longitude=setup.site.longitude,
        )
    return _skies[setup.key]


def _sunlit(
    tile: PvTile, surface: Raster, roofs: RoofPlanes, sky: SkyHours, progress: Progress
) -> tuple[PlanePixels, PixelLight, gpd.GeoDataFrame]:
    """Pixels of the planes with their horizons, their light, and the planes with the means of it."""
    n_azimuth = tile.setup.options.directions
    pixels = plane_pixels(
        surface.values,
        surface.transform,
        roofs.labels,
        len(roofs.planes),
        Look(n_azimuth, tile.convergence, farthest=NEAR_M),
        far=_far(tile, roofs.planes, n_azimuth),
        progress=part(progress, 0.0, 0.6, STEPS["horizons"]),
    )
    flush = facing(roofs.planes)
    light = light_on_pixels(
        sky,
        pixels.horizon,
        flush.tilt[pixels.plane],
        flush.azimuth[pixels.plane],
        part(progress, 0.6, 1.0, STEPS["sunlight"]),
    )
    sun = sun_on_planes(sky, pixels, light, flush)
    planes = roofs.planes.assign(
        svf=sun.svf,
        poa_kwh_m2_a=sun.poa,
        shading_loss_pct=100.0 * (1.0 - sun.poa / sun.unshaded),
        _unshaded=sun.unshaded,
        _explained_m2=np.diff(pixels.first) * abs(surface.transform.a * surface.transform.e) + _obstructed(roofs),
    )
    return pixels, light, planes


def _far(tile: PvTile, planes: pd.DataFrame, n_azimuth: int) -> NDArray[np.float32] | None:
    """Horizons (planes, n_azimuth) [deg] beyond the near field, seen from the middle of each plane."""
    if tile.terrain is None:
        return None
    x, y, z = (planes[name].to_numpy(float) for name in ("_x0", "_y0", "elevation_m"))
    return far_horizon(tile.terrain, x, y, z, convergence=tile.convergence, nearest=NEAR_M, n_azimuth=n_azimuth)


def _obstructed(roofs: RoofPlanes) -> NDArray[np.float64]:
    """Plan area of the obstacles on each plane [m2]."""
    area = roofs.obstacles.assign(area=roofs.obstacles.area).groupby(PLANE_KEY)["area"].sum()
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
    size = ModuleSize(
        chain.module_width_m,
        chain.module_height_m,
        options.gap_m,
        options.setback_m,
        options.flat_tilt_deg,
        options.shade_angle_deg,
        chain.flat.layout,
        options.pair_aisle_m,
    )
    return lay_modules(
        planes,
        obstacles,
        size,
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
