"""A synthetic weather year for Liberec, written as PVGIS writes a typical year. It is made, not measured.

Clear-sky irradiance (Ineichen, Linke turbidity of Liberec) times a random clearness that persists from hour to hour
and from day to day; its level is set month by month so that the monthly sums meet the targets below. Erbs gives the
direct irradiance, closure the diffuse. Temperature, humidity, wind and pressure are random series with a yearly course.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pvlib

from lk_spatial.sample.noise import Array, persistent

LATITUDE, LONGITUDE, ELEVATION = 50.765, 15.060, 400.0
YEAR = 2023  # only a label: the year is invented
OFFSET_H = 0.5  # PVGIS's "Irradiance Time Offset": irradiance stands for this time after the time stamp [h]
SEED = 1025
# Linke turbidity at Liberec, month by month [-] (SoDa climatology as shipped with pvlib)
LINKE = (2.84, 3.25, 4.00, 3.95, 4.10, 4.34, 4.25, 4.39, 4.22, 3.85, 2.93, 2.50)
# monthly global horizontal irradiation to meet [kWh/m2]: chosen by us as plausible, together 1026
GHI_TARGET = (24.0, 42.0, 80.0, 119.0, 146.0, 152.0, 152.0, 130.0, 87.0, 51.0, 25.0, 18.0)
TEMPERATURE_MEAN = (-2.0, -0.8, 2.8, 7.8, 12.6, 15.8, 17.4, 17.0, 12.8, 8.2, 3.2, -0.6)  # chosen by us [°C]


class Sky(NamedTuple):
    """What the hours of the year have in common: stamps, sun, clear sky."""

    stamps: pd.DatetimeIndex
    zenith: Array
    clear: Array


def clear_year() -> Sky:
    """Hours of the year with the sun's zenith [deg] and the clear-sky global irradiance [W/m2] at mid-hour."""
    stamps = pd.date_range(f"{YEAR}-01-01", periods=8760, freq="h", tz="UTC")
    middle = stamps + pd.Timedelta(hours=OFFSET_H)
    sun = pvlib.solarposition.get_solarposition(middle, LATITUDE, LONGITUDE, altitude=ELEVATION)
    pressure = pvlib.atmosphere.alt2pres(ELEVATION)
    air_mass = pvlib.atmosphere.get_relative_airmass(sun["apparent_zenith"])
    turbidity = np.array(LINKE)[stamps.month - 1]
    clear = pvlib.clearsky.ineichen(
        sun["apparent_zenith"],
        pvlib.atmosphere.get_absolute_airmass(air_mass, pressure),
        turbidity,
        altitude=ELEVATION,
        dni_extra=pvlib.irradiance.get_extra_radiation(middle.day_of_year),
    )
    return Sky(stamps, sun["zenith"].to_numpy(), clear["ghi"].fillna(0.0).to_numpy())


def cloudiness() -> Array:
    """The random course of the clearness, mean 0: days hang together, hours within a day too [-]."""
    days, hours = persistent(365, SEED, 0.55), persistent(8760, SEED + 1, 0.8)
    at = np.arange(8760) / 24.0 - 0.5
    return 2.6 * np.interp(at, np.arange(365), days) + 1.7 * hours


def clearness(level: float, course: Array) -> Array:
    """Share of the clear-sky irradiance that arrives, 0.04–1.03 [-]."""
    return 0.04 + 0.99 / (1.0 + np.exp(-(level + course)))


def global_irradiance(sky: Sky) -> Array:
    """Global horizontal irradiance [W/m2] whose monthly sums meet the targets."""
    course, month = cloudiness(), sky.stamps.month.to_numpy()
    ghi = np.zeros(8760)
    for number, target in enumerate(GHI_TARGET, start=1):
        hours = month == number
        low, high = -8.0, 8.0
        for _ in range(60):
            level = (low + high) / 2
            total = float((sky.clear[hours] * clearness(level, course[hours])).sum()) / 1000
            low, high = (level, high) if total < target else (low, level)
        ghi[hours] = sky.clear[hours] * clearness(level, course[hours])
    return np.round(ghi, 1)


def split(sky: Sky, ghi: Array) -> tuple[Array, Array]:
    """Direct normal and diffuse horizontal irradiance [W/m2]; ghi = dhi + dni · cos(zenith) but for the rounding."""
    erbs = pvlib.irradiance.erbs(ghi, sky.zenith, sky.stamps.day_of_year.to_numpy())
    low_sun = sky.zenith > 86.0
    dni = np.where(low_sun, 0.0, np.nan_to_num(np.asarray(erbs["dni"])))
    dni = np.round(np.minimum(dni, 990.0), 1).astype(np.float64)
    dhi = np.round(ghi - dni * np.maximum(np.cos(np.radians(sky.zenith)), 0.0), 1)
    return dni, dhi


def air(sky: Sky, ghi: Array) -> dict[str, Array]:
    """Temperature [°C], humidity [%], wind [m/s, deg], pressure [Pa], long-wave irradiance [W/m2]."""
    hours = np.arange(8760)
    season = np.interp(hours, (np.arange(12) + 0.5) * 730.0, TEMPERATURE_MEAN, period=8760)
    weather = np.interp(hours, np.arange(0, 8760, 24), persistent(365, SEED + 2, 0.75))
    bright = np.convolve(ghi, np.ones(5) / 5, mode="full")[:8760] / 1000
    cloudy = 1.0 - np.clip(np.divide(ghi, sky.clear, out=np.full(8760, 0.5), where=sky.clear > 20), 0, 1)
    daily_bright = np.repeat(ghi.reshape(365, 24).mean(axis=1), 24) / 1000
    temperature = season + 3.6 * weather + 9.0 * (bright - daily_bright)
    humidity = np.clip(82.0 + 6.0 * persistent(8760, SEED + 3, 0.95) - 38.0 * bright, 25, 100)
    wind = 2.9 * np.exp(0.5 * persistent(8760, SEED + 4, 0.93) - 0.125) * (1 + 0.35 * bright)
    direction = (250.0 + 70.0 * persistent(8760, SEED + 5, 0.97)) % 360
    pressure = 96_600.0 + 900.0 * persistent(8760, SEED + 6, 0.99)
    longwave = (0.72 + 0.2 * cloudy) * 5.67e-8 * (temperature + 273.15) ** 4
    return {
        "T2m": temperature,
        "RH": humidity,
        "IR(h)": longwave,
        "WS10m": wind,
        "WD10m": np.floor(direction),
        "SP": np.round(pressure, -1),
    }


def weather_year() -> pd.DataFrame:
    """The year in PVGIS's columns, rounded as PVGIS rounds; index = PVGIS's time stamp (UTC, start of the hour)."""
    sky = clear_year()
    ghi = global_irradiance(sky)
    dni, dhi = split(sky, ghi)
    rest = air(sky, ghi)
    columns = {
        "T2m": np.round(rest["T2m"], 2),
        "RH": np.round(rest["RH"], 1),
        "G(h)": ghi,
        "Gb(n)": dni,
        "Gd(h)": dhi,
        "IR(h)": np.round(rest["IR(h)"], 1),
        "WS10m": np.round(rest["WS10m"], 2),
        "WD10m": rest["WD10m"],
        "SP": rest["SP"],
    }
    return pd.DataFrame(columns, index=sky.stamps)


def pvgis_text(year: pd.DataFrame) -> str:
    """The year as a PVGIS TMY file (CSV with its header and footer)."""
    head = [
        f"Latitude (decimal degrees): {LATITUDE:.3f}",
        f"Longitude (decimal degrees): {LONGITUDE:.3f}",
        f"Elevation (m): {ELEVATION:.1f}",
        f"Irradiance Time Offset (h): {OFFSET_H}",
        "month,year",
        *(f"{month},{YEAR}" for month in range(1, 13)),
        "time(UTC)," + ",".join(year.columns),
    ]
    stamps = pd.DatetimeIndex(year.index).strftime("%Y%m%d:%H%M")
    values = zip(stamps, *(year[name].tolist() for name in year.columns), strict=True)
    lines = [",".join(map(str, row)) for row in values]
    foot = ["", "SYNTHETIC YEAR made by lk_spatial.sample (see SOURCES.md): no measurement, not from PVGIS"]
    return "\n".join([*head, *lines, *foot]) + "\n"
