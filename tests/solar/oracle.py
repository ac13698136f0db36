"""Slow and plain second opinions on horizon, sky view and irradiation, and a made weather year."""

import math
from functools import cache

import numpy as np
import pandas as pd
import pvlib
from numpy.typing import NDArray

from lk_spatial.solar.sun import SkyHours

TILTS_AZIMUTHS = [(0, 180), (10, 90), (10, 270), (15, 180), (20, 135), (30, 225),
                  (35, 0), (35, 180), (45, 90), (60, 300), (90, 180), (90, 45)]  # fmt: skip


def brute_horizon(dsm: NDArray, cell: tuple[float, float], row: int, col: int, grid_azimuth: float) -> float:
    """Horizon angle [deg] of one ray: its slope where it leaves the observer, and all its crossings of grid lines.

    cell = (width, height) [m], row 0 north.
    """
    dx = math.sin(math.radians(grid_azimuth)) / cell[0]
    dy = -math.cos(math.radians(grid_azimuth)) / cell[1]
    height, width = dsm.shape
    far = (height + width) * max(cell) * 2
    distances = [np.arange(1, int(far * abs(d)) + 1) / abs(d) for d in (dx, dy) if abs(d) > 1e-9]
    t = np.sort(np.concatenate(distances))
    x, y = col + dx * t, row + dy * t
    inside = (x > -1e-6) & (y > -1e-6) & (x < width - 1 + 1e-6) & (y < height - 1 + 1e-6)
    t, x, y = t[inside], np.round(x[inside], 6), np.round(y[inside], 6)
    j, i = np.floor(x).astype(int), np.floor(y).astype(int)
    f, g = x - j, y - i
    corners = [
        (dsm[np.minimum(i + a, height - 1), np.minimum(j + b, width - 1)], (g if a else 1 - g) * (f if b else 1 - f))
        for a in (0, 1)
        for b in (0, 1)
    ]
    z = sum(np.where(weight > 0, value * np.where(weight > 0, weight, 1), 0.0) for value, weight in corners)
    tangent = (z - dsm[row, col]) / t
    steepest = np.nanmax(tangent, initial=_leaving(dsm, row, col, dx, dy))
    return math.degrees(math.atan(steepest))


def _leaving(dsm: NDArray, row: int, col: int, dx: float, dy: float) -> float:
    """Tangent of the bilinear surface at the observer himself, at least 0; 0 where he looks along an axis."""
    i, j = row + int(np.sign(dy)), col + int(np.sign(dx))
    if min(abs(dx), abs(dy)) < 1e-9 or not (0 <= i < dsm.shape[0] and 0 <= j < dsm.shape[1]):
        return 0.0
    slope = (dsm[row, j] - dsm[row, col]) * abs(dx) + (dsm[i, col] - dsm[row, col]) * abs(dy)
    return max(0.0, float(np.nan_to_num(slope)))


def brute_sky_view(horizon: NDArray, tilt: float, azimuth: float) -> float:
    """Sky view by a fine sum over directions of the sky, horizon linear between its azimuths."""
    directions = np.arange(0, 360, 0.5)
    altitudes = np.arange(0.125, 90, 0.25)
    a, h = np.meshgrid(np.radians(directions), np.radians(altitudes), indexing="ij")
    b = math.radians(tilt)
    incidence = np.cos(b) * np.sin(h) + np.sin(b) * np.cos(h) * np.cos(a - math.radians(azimuth))
    free = np.degrees(h) > between(horizon, directions)[:, None]
    weight = np.maximum(incidence, 0) * np.cos(h) * free
    return float(weight.sum() * math.radians(0.5) * math.radians(0.25) / math.pi)


def brute_band(horizon: NDArray, azimuth: float, band_deg: float = 6.5) -> float:
    """Visible share of the horizon band by a fine sum."""
    directions = np.arange(0, 360, 0.25)
    weight = np.maximum(np.cos(np.radians(directions - azimuth)), 0)
    return float(np.average(1 - np.clip(between(horizon, directions) / band_deg, 0, 1), weights=weight))


def between(horizon: NDArray, azimuth: NDArray) -> NDArray:
    """Horizon at any azimuth, linear on the circle."""
    return np.interp(azimuth, np.arange(horizon.size) * 360 / horizon.size, horizon, period=360)


def pvlib_hours(sky: SkyHours, tilt: float, azimuth: float, model: str = "perez") -> NDArray:
    """Global irradiance of a free plane [W/m2] as pvlib itself gives it, for the same sun."""
    total = pvlib.irradiance.get_total_irradiance(
        tilt, azimuth, sky.zenith, sky.azimuth, sky.dni, sky.ghi, sky.dhi,
        dni_extra=sky.dni_extra, albedo=sky.albedo, model=model,
    )  # fmt: skip
    return np.nan_to_num(np.asarray(total["poa_global"]))


def suns_above(sky: SkyHours, horizon: NDArray, step_min: float = 10) -> NDArray:
    """Share of the suns within each interval, so many minutes apart, that stand above a horizon, of those that are up.

    0 where the interval's middle is at night.
    """
    suns = _suns(sky, max(1, round(sky.step_h * 60 / step_min)))
    up = np.sum([height > 0 for height, _ in suns], axis=0)
    seen = np.sum([(height > 0) & (height > between(horizon, azimuth)) for height, azimuth in suns], axis=0)
    return np.where(sky.zenith < 90, seen / np.maximum(up, 1), 0.0)


@cache
def _suns(sky: SkyHours, n: int) -> list[tuple[NDArray, NDArray]]:
    """Apparent height and azimuth of the sun at ``n`` moments of every interval."""
    found = []
    for k in range(n):
        times = sky.index + pd.Timedelta(hours=((k + 0.5) / n - 0.5) * sky.step_h)
        latitude, longitude, altitude = sky.place
        sun = pvlib.solarposition.get_solarposition(times, latitude, longitude, altitude=altitude)
        found.append((90 - sun["apparent_zenith"].to_numpy(), sun["azimuth"].to_numpy()))
    return found


def brute_irradiation(sky: SkyHours, tilt: float, azimuth: float, horizon: NDArray) -> float:
    """Yearly irradiation [kWh/m2] under a horizon: pvlib's own components by the suns above it and the brute sky."""
    parts = pvlib.irradiance.perez(
        tilt, azimuth, sky.dhi, sky.dni, sky.dni_extra, sky.zenith, sky.azimuth,
        pvlib.atmosphere.get_relative_airmass(sky.zenith), return_components=True,
    )  # fmt: skip
    part = {key.removeprefix("poa_"): np.nan_to_num(np.asarray(value)) for key, value in parts.items()}
    beam = pvlib.irradiance.beam_component(tilt, azimuth, sky.zenith, sky.azimuth, sky.dni)
    view = brute_sky_view(horizon, tilt, azimuth)
    free = (1 + math.cos(math.radians(tilt))) / 2
    total = (beam + part["circumsolar"]) * suns_above(sky, horizon) + part["isotropic"] * view / free
    total = total + part["horizon"] * brute_band(horizon, azimuth) + sky.ghi * sky.albedo * (1 - view)
    return float(total.sum() * sky.step_h / 1000)


def own_cut(tilt: float, azimuth: float, n_azimuth: int = 32) -> NDArray:
    """Horizon [deg] that an endless plane makes itself."""
    ahead = np.cos(np.radians(np.arange(n_azimuth) * 360 / n_azimuth - azimuth))
    b = math.radians(tilt)
    return np.degrees(np.arctan2(np.maximum(-math.sin(b) * ahead, 0), math.cos(b)))


def blocks(n: int, seed: int = 0, n_azimuth: int = 32) -> NDArray:
    """Horizons (n, n_azimuth) [deg] with upright edges: some blocks of even height each."""
    rng, azimuth = np.random.default_rng(seed), np.arange(n_azimuth) * 360 / n_azimuth
    found = np.zeros((n, n_azimuth))
    for row in found:
        for _ in range(rng.integers(1, 6)):
            middle, half, height = rng.uniform(0, 360), rng.uniform(3, 60), rng.uniform(2, 50)
            row[:] = np.maximum(row, np.where(np.abs((azimuth - middle + 180) % 360 - 180) < half, height, 0))
    return found


def horizons(n: int, seed: int = 0) -> NDArray:
    """Smooth city horizons (n, 32) [deg]: some open, some deep."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(n, 32))
    smooth = sum(np.roll(noise, k, axis=1) for k in range(-2, 3))
    return np.clip(8 + 10 * smooth * rng.uniform(0, 1, (n, 1)), 0, 80)


def made_weather(step_min: int = 60, year: int = 2025) -> pd.DataFrame:
    """A made year at Liberec: pvlib's clear sky (Ineichen, Linke 3.5) under a fixed pattern of clouds."""
    start = pd.date_range(f"{year}-01-01", f"{year + 1}-01-01", freq=f"{step_min}min", tz="UTC", inclusive="left")
    index = start + pd.Timedelta(minutes=step_min / 2)
    sun = pvlib.solarposition.get_solarposition(index, 50.77, 15.06, altitude=400)
    airmass = pvlib.atmosphere.get_relative_airmass(sun["apparent_zenith"])
    pressure = pvlib.atmosphere.alt2pres(400)
    clear = pvlib.clearsky.ineichen(
        sun["apparent_zenith"], pvlib.atmosphere.get_absolute_airmass(airmass, pressure), 3.5, altitude=400,
        dni_extra=pvlib.irradiance.get_extra_radiation(index.day_of_year),
    )  # fmt: skip
    hour = index.day_of_year.to_numpy() * 24 + index.hour.to_numpy()
    cover = 0.5 + 0.35 * np.sin(hour / 17.0) + 0.15 * np.sin(hour / 3.1)
    ghi = (clear["ghi"] * (1 - 0.75 * cover**2)).fillna(0)
    split = pvlib.irradiance.erbs(ghi, sun["zenith"], index.day_of_year)
    weather = pd.DataFrame({"ghi": ghi, "dni": split["dni"], "dhi": split["dhi"]}, index=index)
    weather.attrs.update(latitude=50.77, longitude=15.06, elevation=400.0)
    return weather.assign(temp_air=10.0, wind_speed=2.0)
