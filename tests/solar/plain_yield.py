"""A roof's yield by pvlib alone, from the weather file to the inverter: nothing of the library but its constants."""

from pathlib import Path

import numpy as np
import pandas as pd
import pvlib
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from lk_spatial.core.tables import load_table
from tests.solar.oracle import between, brute_band, brute_sky_view

MODULE, U1, RATIO, EFFICIENCY = "topcon_450", 6.84, 1.2, 0.96
PARTS = ["poa_direct", "poa_circumsolar", "poa_isotropic", "poa_horizon", "poa_ground"]


def read_plain(path: Path) -> pd.DataFrame:
    """A PVGIS typical year by pvlib's own reader, at the instants its head names."""
    hours, meta = pvlib.iotools.read_pvgis_tmy(path)
    head = meta["inputs"]
    offset = head["location"]["irradiance_time_offset"] if "location" in head else head["irradiance time offset"]
    return hours.set_index(hours.index + pd.Timedelta(hours=float(offset)))


def plain_light(
    hours: pd.DataFrame, latitude: float, longitude: float, altitude: float, tilt: float, azimuth: float
) -> pd.DataFrame:
    """Components of a free plane [W/m2], angle of incidence and the sun's place [deg]; sun and Perez by pvlib."""
    sun = pvlib.location.Location(latitude, longitude, altitude=altitude).get_solarposition(hours.index)
    zenith, bearing = sun["apparent_zenith"], sun["azimuth"]
    extra = pvlib.irradiance.get_extra_radiation(hours.index.day_of_year)
    airmass = pvlib.atmosphere.get_relative_airmass(zenith)
    parts = pvlib.irradiance.perez(
        tilt, azimuth, hours["dhi"], hours["dni"], extra, zenith, bearing, airmass, return_components=True
    )
    sky = pd.DataFrame(dict(parts)).drop(columns="poa_sky_diffuse").fillna(0.0)  # the sum of the others
    aoi = pvlib.irradiance.aoi(tilt, azimuth, zenith, bearing)
    direct = hours["dni"] * np.cos(np.radians(aoi)).clip(lower=0) * (zenith < 90)
    ground = pvlib.irradiance.get_ground_diffuse(tilt, hours["ghi"], 0.2)
    return sky.assign(poa_direct=direct, poa_ground=ground, aoi=aoi, zenith=zenith, bearing=bearing)


def shade(light: pd.DataFrame, tilt: float, azimuth: float, horizons: NDArray) -> pd.DataFrame:
    """Mean light of pixels under their horizons (n, n_azimuth) [deg], by fine sums over the sky."""
    height, bearing = 90 - light["zenith"], light["bearing"]
    seen = np.mean([height > between(one, bearing.to_numpy()) for one in horizons], axis=0)
    view = np.mean([brute_sky_view(one, tilt, azimuth) for one in horizons])
    band = np.mean([brute_band(one, azimuth) for one in horizons])
    free = (1 + np.cos(np.radians(tilt))) / 2
    return light.assign(
        poa_direct=light["poa_direct"] * seen,
        poa_circumsolar=light["poa_circumsolar"] * seen,
        poa_isotropic=light["poa_isotropic"] * view / free,
        poa_horizon=light["poa_horizon"] * band,
        poa_ground=light["poa_ground"] * (1 - view) / (1 - free),
    )


def plain_yield(
    weather: Path,
    point: shapely.Point,
    tilt: float,
    azimuth: float,
    *,
    u0: float = 20.0,
    horizons: NDArray | None = None,
) -> float:
    """Specific yield [kWh/kWp] at a point of EPSG:5514, free or under the horizons of some pixels.

    ``u0`` [W/(m2 K)] is 20 for modules flush with a roof, 25 for open racks.
    """
    hours = read_plain(weather)
    longitude, latitude = Transformer.from_crs(5514, 4326, always_xy=True).transform(point.x, point.y)
    part = plain_light(hours, latitude, longitude, 400.0, tilt, azimuth)
    if horizons is not None:
        part = shade(part, tilt, azimuth, horizons)
    glass = pvlib.iam.physical(part["aoi"])
    diffuse = pvlib.iam.marion_diffuse("physical", tilt)
    light = (part["poa_direct"] + part["poa_circumsolar"]) * glass + part["poa_isotropic"] * diffuse["sky"]
    light = light + part["poa_horizon"] * diffuse["horizon"] + part["poa_ground"] * diffuse["ground"]
    cell = pvlib.temperature.faiman(part[PARTS].sum(axis=1), hours["temp_air"], hours["wind_speed"], u0, U1)
    module = load_table("pv/module_types_2026").rows.set_index("id").loc[MODULE]
    losses = load_table("pv/losses_roof_2026").rows["loss_pct"].to_numpy()
    dc = pvlib.pvsystem.pvwatts_dc(light, cell, 1.0, module["gamma_pdc_pct_k"] / 100) * np.prod(1 - losses / 100)
    return float(pvlib.inverter.pvwatts(dc, 1.0 / RATIO / EFFICIENCY, EFFICIENCY).sum())
