"""PVWatts' published hours and the chain that PVWatts describes, computed from their weather."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from pvlib import atmosphere, irradiance, solarposition

from lk_spatial.core.tables import load_table
from lk_spatial.solar.energy_yield import POA_PARTS, cell_temperature, effective_irradiance, pv_yield
from lk_spatial.solar.irradiance import plane_components
from lk_spatial.solar.sun import sky_hours

PYSAM_KWH = 13_209.8  # PySAM 7.1.1 PVWatts v8, 45N 8E, tilt 35, south
LATITUDE, LONGITUDE, ELEVATION = 39.73, -105.18, 1819.6
TILT, AZIMUTH, POWER_KWP = 20.0, 180.0, 4.0
COLUMNS = ["month", "day", "hour", "dni", "dhi", "temp_air", "wind_speed", "poa", "temp_cell", "dc_w", "ac_w"]


class Result(NamedTuple):
    poa: np.ndarray
    temp_cell: np.ndarray
    ac_w: np.ndarray


def read_published(shared_data: Path) -> pd.DataFrame:
    """PVWatts' hours, Denver, 4 kW on a roof; the label is the START of the hour in local standard time."""
    table = pd.read_csv(shared_data / "energy" / "pvwatts_8760_roofmount.csv", skiprows=17).iloc[:8760]
    table = table.set_axis(COLUMNS, axis=1).astype(float)
    return table.set_index(pd.date_range("1990-01-01", periods=8760, freq="h", tz="Etc/GMT+7"))


def sun_of_hours(start: pd.DatetimeIndex) -> pd.DataFrame:
    """Sun in the middle of each hour; at sunrise and sunset in the middle of the hour's sunny part, as PVWatts."""
    ends = start.append(start[-1:] + pd.Timedelta(hours=1))
    sun = solarposition.get_solarposition(ends, LATITUDE, LONGITUDE, altitude=ELEVATION)
    height = sun["apparent_elevation"].to_numpy()
    before, after = height[:-1], height[1:]
    crossing = -before / (after - before)
    middle = np.where((before < 0) & (after > 0), (1 + crossing) / 2, 0.5)
    middle = np.where((before > 0) & (after < 0), crossing / 2, middle)
    times = start + pd.to_timedelta(middle, unit="h")
    return solarposition.get_solarposition(times, LATITUDE, LONGITUDE, altitude=ELEVATION)


def compute(published: pd.DataFrame) -> Result:
    """Perez, Fresnel glass on the beam only, Fuentes with INOCT 49, -0.47 %/K, published losses, 96 %, ratio 1.2."""
    sun = sun_of_hours(published.index)
    zenith, azimuth = sun["apparent_zenith"].to_numpy(), sun["azimuth"].to_numpy()
    dni, dhi = published["dni"].to_numpy(), published["dhi"].to_numpy()
    extra = irradiance.get_extra_radiation(published.index.day_of_year.to_numpy())
    airmass = atmosphere.get_relative_airmass(zenith)
    aoi = irradiance.aoi(TILT, AZIMUTH, zenith, azimuth)
    sky = irradiance.perez(TILT, AZIMUTH, dhi, dni, extra, zenith, azimuth, airmass, return_components=True)
    ghi = dni * np.maximum(np.cos(np.radians(zenith)), 0.0) + dhi
    parts = {
        "poa_direct": dni * np.maximum(np.cos(np.radians(aoi)), 0.0),
        "poa_circumsolar": np.nan_to_num(sky["poa_circumsolar"]),
        "poa_isotropic": np.nan_to_num(sky["poa_isotropic"]),
        "poa_horizon": np.nan_to_num(sky["poa_horizon"]),
        "poa_ground": irradiance.get_ground_diffuse(TILT, ghi, 0.2),
        "aoi": aoi,
    }
    poa = sum(part for name, part in parts.items() if name != "aoi")
    effective = effective_irradiance(parts, TILT, diffuse=False)
    air, wind = published["temp_air"], published["wind_speed"]
    temp_cell = cell_temperature(pd.Series(poa, published.index), air, wind, model="fuentes", noct_installed=49.0)
    losses = load_table("pv/losses_pvwatts_2014").rows
    energy = pv_yield(
        effective,
        air.to_numpy(),
        wind.to_numpy(),
        POWER_KWP,
        losses=dict(zip(losses["cause"], losses["loss_pct"], strict=True)),
        temp_cell=temp_cell.to_numpy(),
        gamma_pdc=-0.0047,
        dc_ac_ratio=1.2,
        inverter_efficiency=0.96,
    )
    return Result(poa, temp_cell.to_numpy(), 1000.0 * energy)


def nrmse(computed: np.ndarray, published: pd.Series) -> float:
    """Root mean square of the hours' differences over the mean of ALL hours, night too: the strictest reading [-]."""
    return float(np.sqrt(np.mean((computed - published.to_numpy()) ** 2)) / published.mean())


def recommended_chain(weather: pd.DataFrame) -> float:
    """Annual AC [kWh] of 10 kW on a roof, tilt 35, south, losses 14.0757 %, by the chain of the main job."""
    parts = plane_components(sky_hours(weather, albedo=0.2, model="perez"), 35.0, 180.0)
    energy = pv_yield(
        effective_irradiance(parts, 35.0),
        weather["temp_air"].to_numpy(),
        weather["wind_speed"].to_numpy(),
        10.0,
        losses=14.0757,
        poa_global=parts[list(POA_PARTS)].sum(axis=1).to_numpy(),
        gamma_pdc=-0.0037,
    )
    return float(energy.sum())
