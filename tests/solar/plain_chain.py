"""The chain from sky to inverter in pvlib's functions, an hour after the other: oracle of the compiled one."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pvlib
from numpy.typing import NDArray

from lk_spatial.solar.energy_yield import diffuse_modifiers
from lk_spatial.solar.module_year import Views
from lk_spatial.solar.sun import SkyHours
from tests.solar.oracle import suns_above

KEPT_PCT, GAMMA, U1, EFFICIENCY = 11.0, -0.0029, 6.84, 0.96  # losses [%] and the rest of the chain


class Plain(NamedTuple):
    """AC energy of 1 kWp in each hour [kWh], and the year's energy after the stages."""

    ac: NDArray[np.float64]
    stages: NDArray[np.float64]


def plane_parts(sky: SkyHours, tilt: float, azimuth: float) -> dict[str, NDArray[np.float64]]:
    """Parts of light in a free plane [W/m2] and the angle of incidence, by pvlib."""
    names = ("isotropic", "circumsolar", "horizon")
    free = (1 + np.cos(np.radians(tilt))) / 2
    if sky.band.any():
        airmass = pvlib.atmosphere.get_relative_airmass(sky.zenith)
        found = pvlib.irradiance.perez(
            tilt, azimuth, sky.dhi, sky.dni, sky.dni_extra, sky.zenith, sky.azimuth, airmass, return_components=True
        )
    elif sky.circumsolar.any():
        found = pvlib.irradiance.haydavies(
            tilt, azimuth, sky.dhi, sky.dni, sky.dni_extra, sky.zenith, sky.azimuth, return_components=True
        )
    else:
        found = {"poa_isotropic": sky.dhi * free}
    parts = {name: np.nan_to_num(np.asarray(found.get(f"poa_{name}", 0.0 * sky.dhi))) for name in names}
    up = sky.zenith < 90
    parts["circumsolar"] = np.where(up, parts["circumsolar"], 0.0)
    beam = pvlib.irradiance.beam_component(tilt, azimuth, sky.zenith, sky.azimuth, sky.dni)
    ground = pvlib.irradiance.get_ground_diffuse(tilt, sky.ghi, sky.albedo)
    aoi = pvlib.irradiance.aoi(tilt, azimuth, sky.zenith, sky.azimuth)
    return parts | {"direct": np.where(up, beam, 0.0), "ground": np.asarray(ground), "aoi": np.asarray(aoi)}


def plain_hours(sky: SkyHours, weather: pd.DataFrame, views: Views, module: int, ratio: float = 1.2) -> Plain:
    """One module's year under the horizons of its places."""
    tilt, azimuth = float(views.tilt[module]), float(views.azimuth[module])
    part = plane_parts(sky, tilt, azimuth)
    unshaded = sum(each for name, each in part.items() if name != "aoi")
    own = views.horizon[views.first[module] : views.first[module + 1]]
    sun = np.mean([suns_above(sky, row) for row in own], axis=0)
    free = (1 + np.cos(np.radians(tilt))) / 2
    view = views.sky_view[module]
    direct = (part["direct"] + part["circumsolar"]) * sun
    isotropic, band = part["isotropic"] * view / free, part["horizon"] * views.band[module]
    ground = sky.ghi * sky.albedo * (1 - view)
    sky_glass, band_glass, ground_glass = diffuse_modifiers(tilt)
    glass = np.where(part["aoi"] < 90, pvlib.iam.physical(part["aoi"]), 0.0)
    poa = direct + isotropic + band + ground
    through = direct * glass + isotropic * sky_glass + band * band_glass + ground * ground_glass
    cell = pvlib.temperature.faiman(poa, weather["temp_air"].to_numpy(), weather["wind_speed"].to_numpy(), 20.0, U1)
    warm = pvlib.pvsystem.pvwatts_dc(np.maximum(through, 0), cell, 1.0, GAMMA)
    limit = 1 / ratio / EFFICIENCY
    dc = warm * (1 - KEPT_PCT / 100)
    endless = np.maximum(EFFICIENCY / 0.9637 * (0.9858 * dc - 0.0162 * dc**2 / limit - 0.0059 * limit), 0)
    stages = [unshaded / 1000, poa / 1000, np.maximum(through, 0) / 1000, warm, endless]
    return Plain(
        np.asarray(pvlib.inverter.pvwatts(dc, limit, EFFICIENCY)), np.array([float(each.sum()) for each in stages])
    )
