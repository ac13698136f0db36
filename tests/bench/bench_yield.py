"""Speed of modules' hourly years against pvlib on arrays, in one run: ``python -m tests.bench.bench_yield``."""

import numpy as np
import pvlib
from numpy.typing import NDArray

from lk_spatial.solar.energy_yield import diffuse_modifiers, plant_of
from lk_spatial.solar.irradiance import plane_light
from lk_spatial.solar.module_year import Views, lit_hours, module_years
from lk_spatial.solar.sun import SkyHours, sky_hours
from tests.bench.shape import Bar, best, print_json, told
from tests.solar.oracle import horizons, made_weather

MODULES, PLACES, TIMES = 48, 6, 20
PVLIB = "pvlib on arrays, free module"
BARS = {
    "shaded_one_orientation_times_pvlib": Bar(">=", 20.0, "Hourly yield, shaded modules of one plane", PVLIB, " ×"),
    "shaded_each_its_own_orientation_times_pvlib": Bar(
        ">=", 20.0, "Hourly yield, shaded modules, each its own plane", PVLIB, " ×"
    ),
    "free_one_orientation_times_pvlib": told("Hourly yield, free modules of one plane", PVLIB, " ×"),
    "free_each_its_own_orientation_times_pvlib": told("Hourly yield, free modules, each its own plane", PVLIB, " ×"),
    "shaded_modules_s": told("Years of shaded modules of one plane", "one core", " /s"),
}


def pvlib_year(sky: SkyHours, tilt: float, azimuth: float) -> NDArray[np.float64]:
    """AC energy of a free module in pvlib's functions on arrays [kWh]; what depends on the sun alone is given."""
    aoi = pvlib.irradiance.aoi(tilt, azimuth, sky.zenith, sky.azimuth)
    airmass = pvlib.atmosphere.get_relative_airmass(sky.zenith)
    parts = pvlib.irradiance.perez(
        tilt, azimuth, sky.dhi, sky.dni, sky.dni_extra, sky.zenith, sky.azimuth, airmass, return_components=True
    )
    direct = sky.dni * np.maximum(np.cos(np.radians(aoi)), 0.0)
    ground = pvlib.irradiance.get_ground_diffuse(tilt, sky.ghi, sky.albedo)
    clear, band, below = diffuse_modifiers(tilt)
    poa = direct + parts["poa_sky_diffuse"] + ground
    through = (direct + parts["poa_circumsolar"]) * pvlib.iam.physical(aoi)
    through = through + parts["poa_isotropic"] * clear + parts["poa_horizon"] * band + ground * below
    cell = pvlib.temperature.faiman(poa, 10.0, 2.0, 20.0, 6.84)
    dc = pvlib.pvsystem.pvwatts_dc(np.nan_to_num(through), np.nan_to_num(cell), 1.0, -0.0029) * 0.89
    return np.asarray(pvlib.inverter.pvwatts(dc, 1 / 1.2 / 0.96, 0.96))


def measure(peers: bool = False, small: bool = False) -> dict[str, float]:
    """Rows (hours of modules) a second on one core, and how many times those of pvlib."""
    modules, times = (2, 1) if small else (MODULES, TIMES)
    weather, rng = made_weather(), np.random.default_rng(0)
    sky = sky_hours(weather)
    hours = lit_hours(sky, weather["temp_air"], weather["wind_speed"], 32)
    near = np.repeat(horizons(modules), PLACES, axis=0) + rng.uniform(0, 2, (modules * PLACES, 32))
    mixed = rng.uniform(0, 60, modules), rng.uniform(0, 360, modules)
    one = np.full(modules, 35.0), np.full(modules, 170.0)
    cases = {"free_each_its_own_orientation": (mixed, 0 * near), "free_one_orientation": (one, 0 * near)}
    cases |= {"shaded_each_its_own_orientation": (mixed, near), "shaded_one_orientation": (one, near)}
    plant = plant_of(1.0, 1.2, 0.96, 1.0)
    spans, found = {}, {"pvlib_rows_s": len(weather) / best(lambda: pvlib_year(sky, 35.0, 170.0), times)}
    for name, ((tilt, azimuth), horizon) in cases.items():
        seen = plane_light(sky, np.repeat(tilt, PLACES), np.repeat(azimuth, PLACES), horizon=horizon, monthly=False)
        means = (each.reshape(-1, PLACES).mean(axis=1) for each in (seen.sky_view, seen.band))
        views = Views(horizon.astype(np.float32), PLACES * np.arange(modules + 1), *means, tilt, azimuth)
        spans[name] = best(lambda v=views: module_years(hours, v, 20.0, 6.84, 0.89, -0.0029, plant), times)
        found[f"{name}_rows_s"] = modules * len(weather) / spans[name]
        found[f"{name}_times_pvlib"] = found[f"{name}_rows_s"] / found["pvlib_rows_s"]
    found["shaded_modules_s"] = modules / spans["shaded_one_orientation"]
    return found


if __name__ == "__main__":
    print_json(measure)
