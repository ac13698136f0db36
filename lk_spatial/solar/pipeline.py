"""PV potential from files: reads footprints, surface model and weather, and carries them through the job's steps."""

import math
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lk_spatial.core.notices import notice
from lk_spatial.core.parallel import open_executor
from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.core.tables import load_table
from lk_spatial.core.text import Text
from lk_spatial.io.crs import convergence, distance_km, parse_assume_crs, to_wgs84
from lk_spatial.io.raster import Raster
from lk_spatial.io.vector import read_vector
from lk_spatial.io.weather import read_weather
from lk_spatial.roofs.inputs import Guard, read_inputs
from lk_spatial.roofs.pipeline import RoofPlanes, find_roof_planes
from lk_spatial.solar.arrays import ModuleSize, lay_modules, pixels_below
from lk_spatial.solar.chain import Chain, read_chain
from lk_spatial.solar.energy_yield import p90_factor
from lk_spatial.solar.mounting import existing_area, existing_on_planes, module_masses, with_loads, without_drawn
from lk_spatial.solar.production import produce
from lk_spatial.solar.shading import (
    PixelLight,
    PlanePixels,
    facing,
    light_on_pixels,
    plane_pixels,
    sun_on_planes,
)
from lk_spatial.solar.summary import (
    PLANE_KEY,
    building_totals,
    grade,
    remove_installed,
    sum_up,
    with_quality,
    with_ratios,
)
from lk_spatial.solar.sun import SkyHours, sky_hours

FAR_KM = 50.0
STEPS = {
    "weather": Text("reading the weather", "čtení meteorologických dat"),
    "horizons": Text("horizons", "obzory"),
    "sunlight": Text("sunlight", "sluneční záření"),
    "modules": Text("laying modules", "rozmisťování panelů"),
    "energy": Text("energy", "výroba"),
}


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
    fire_strip_m: float = 0.0
    max_field_m: float | None = None


class Site(NamedTuple):
    """Weather and place: sun's coordinates [deg], distance of the weather [km], grid bearing of true north [deg]."""

    weather: pd.DataFrame
    latitude: float
    longitude: float
    distance_km: float
    convergence: float

    @property
    def is_far(self) -> bool:
        """Whether the weather is of another place."""
        return self.distance_km > FAR_KM


class PvPotential(NamedTuple):
    """Layers of the main job, the loss waterfall [kWh a year], and what the report tells about the place."""

    buildings: gpd.GeoDataFrame
    roof_planes: gpd.GeoDataFrame
    modules: gpd.GeoDataFrame
    waterfall: list[tuple[Text, float]]
    dsm: Raster
    site: Site


def chain_of(options: PvOptions) -> Chain:
    """Module, losses, inverter and mounting systems of the chosen options."""
    return read_chain(options.module, options.system_pitched, options.system_flat, options.glued_mass_kg_m2)


def read_site(weather: str, footprints: gpd.GeoDataFrame) -> Site:
    """The weather and where the sun is to be computed: at the site, or at the weather's own place when that is far."""
    table = read_weather(weather)
    middle = footprints.representative_point()
    x, y = float(middle.x.median()), float(middle.y.median())  # one stray footprint does not move the sun
    longitude, latitude = (float(value) for value in to_wgs84(x, y))
    own_latitude, own_longitude = table.attrs["latitude"], table.attrs["longitude"]
    distance = distance_km(longitude, latitude, own_longitude, own_latitude)
    if distance > FAR_KM:
        notice("weather_far", path=weather, distance=f"{distance:.0f}", latitude=own_latitude, longitude=own_longitude)
        latitude, longitude = own_latitude, own_longitude
    return Site(table, latitude, longitude, distance, float(convergence(x, y)))


def pv_potential(
    buildings: str,
    dsm: str,
    weather: str,
    options: PvOptions,
    guard: Guard,
    *,
    existing_pv: str | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress = silent,
) -> PvPotential:
    """Roof planes, modules and their energy for all buildings of a layer."""
    module_size(chain_of(options), options)  # what cannot be laid is told before hours of work
    footprints, surface = read_inputs(buildings, dsm, guard, part(progress, 0.0, 0.04))
    footprints, existing = _with_existing(footprints, existing_pv, guard)
    progress(0.04, STEPS["weather"].local)
    site = read_site(weather, footprints)
    with open_executor(workers, scheduler) as executor:
        roofs = find_roof_planes(
            surface,
            footprints,
            min_area_m2=options.min_area_m2,
            progress=part(progress, 0.05, 0.3),
            executor=executor,
        )
    if roofs.planes.empty:
        notice("no_roof_planes", path=buildings, count=len(footprints))
    return _potential(footprints, surface, site, roofs, existing, options, part(progress, 0.3, 0.95))


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


def _potential(
    footprints: gpd.GeoDataFrame,
    surface: Raster,
    site: Site,
    roofs: RoofPlanes,
    existing: gpd.GeoDataFrame | None,
    options: PvOptions,
    progress: Progress,
) -> PvPotential:
    """From roof planes to the layers of the job."""
    chain = chain_of(options)
    factor = p90_factor(load_table("pv/uncertainty_2026").rows)
    sky = sky_hours(
        site.weather,
        albedo=options.albedo,
        model=options.sky_model,  # type: ignore[arg-type]
        latitude=site.latitude,
        longitude=site.longitude,
    )
    pixels, light, planes = _sunlit(surface, site, roofs, sky, part(progress, 0.0, 0.7))
    blocked = roofs.obstacles
    if existing is not None:
        blocked = gpd.GeoDataFrame(pd.concat([blocked, existing_on_planes(planes, existing, options.gap_m)]))
    modules = _laid(planes, blocked, site, chain, options, part(progress, 0.7, 0.8, STEPS["modules"]))
    made = produce(
        sky,
        site.weather,
        chain,
        modules,
        pixels_below(modules, pixels),
        pixels,
        light,
        progress=part(progress, 0.8, 1.0, STEPS["energy"]),
    )
    kept = remove_installed(made.modules, without_drawn(footprints), chain.module_kwp)
    planes = with_ratios(_with_modules(planes, kept, chain), factor)
    totals = building_totals(footprints, planes, factor)
    graded = with_quality(totals, grade(totals, planes, roofs.why, site.is_far))
    return PvPotential(graded, _public(planes), _numbered(kept), made.waterfall(kept), surface, site)


def _sunlit(
    surface: Raster, site: Site, roofs: RoofPlanes, sky: SkyHours, progress: Progress
) -> tuple[PlanePixels, PixelLight, gpd.GeoDataFrame]:
    """Pixels of the planes with their horizons, their light, and the planes with the means of it."""
    pixels = plane_pixels(
        surface.values,
        surface.transform,
        roofs.labels,
        roofs.planes,
        convergence=site.convergence,
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


def _obstructed(roofs: RoofPlanes) -> NDArray[np.float64]:
    """Plan area of the obstacles on each plane [m2]."""
    area = roofs.obstacles.assign(area=roofs.obstacles.area).groupby(PLANE_KEY)["area"].sum()
    return area.reindex(pd.MultiIndex.from_frame(roofs.planes[PLANE_KEY])).fillna(0.0).to_numpy()


def _laid(
    planes: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame,
    site: Site,
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
        convergence=site.convergence,
        progress=progress,
    )


def module_size(chain: Chain, options: PvOptions) -> ModuleSize:
    """Sides of the module and how it is laid; raises Problems where the options do not go together."""
    size = ModuleSize(
        chain.module_width_m,
        chain.module_height_m,
        options.gap_m,
        options.setback_m,
        options.flat_tilt_deg,
        options.shade_angle_deg,
        chain.flat.layout,
        options.pair_aisle_m,
        options.fire_strip_m,
        math.inf if options.max_field_m is None else options.max_field_m,
    )
    size.check()
    return size


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
    number = modules.groupby(["building_id", "part_id"]).cumcount() + 1
    kept = [*PLANE_KEY, "tilt_deg", "azimuth_deg", "energy_kwh_a", "geometry"]
    facing = modules["azimuth_deg"].where(modules["tilt_deg"] > 0.0)
    return modules[kept].assign(azimuth_deg=facing, module_id=np.asarray(number).astype(str))


def weather_facts(site: Site) -> dict[str, Any]:
    """What the report says about the weather."""
    facts: dict[str, Any] = dict(site.weather.attrs)
    step_h = 8760.0 / len(site.weather)
    return facts | {
        "ghi_kwh_m2": float(site.weather["ghi"].sum() * step_h / 1000.0),
        "distance_km": site.distance_km,
    }
