"""Which station's rain holds for a building, and by how much it is scaled.

Inside the Liberec Region yearly rain differs by a factor of two, mostly with altitude. So a station is taken by
distance within a band of altitude, and its daily series is scaled by the ratio of the normals at the building and at
the station. The normal at the building is a line of normals over altitude, passed through its own station: what the
station has more or less than the line, the building has in the same proportion.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.errors import InputError

EARTH_KM = 6371.0
BAND_M = 150.0  # [m] difference of altitude within which the nearest station is taken; assumption
FAR_M = 200.0  # [m] beyond the altitudes of the fit its line is held; assumption
FEWEST = 3  # stations for a line

Floats = NDArray[np.float64]


class AltitudeFit(NamedTuple):
    """Yearly rain over altitude, ``intercept_mm + slope_mm_m * elevation`` [mm]; NaN where it cannot be told."""

    intercept_mm: float
    slope_mm_m: float
    r2: float  # share of the variance that the line tells [-]; NaN below FEWEST stations
    residual_mm: float  # standard deviation about the line [mm]; NaN with no more stations than FEWEST - 1
    lowest_m: float
    highest_m: float
    stations: int

    def normal(self, elevation_m: ArrayLike) -> Floats:
        """Yearly rain [mm] at an altitude [m]; held constant FAR_M beyond the lowest and highest station."""
        within = np.clip(np.asarray(elevation_m, dtype=np.float64), self.lowest_m - FAR_M, self.highest_m + FAR_M)
        return self.intercept_mm + self.slope_mm_m * within


class Assignment(NamedTuple):
    """For each building: the station and the factor of its daily series. All arrays (n,)."""

    station: NDArray[np.int64]  # row of the station
    distance_km: Floats
    dz_m: Floats  # building less station [m]; NaN where the building's altitude is unknown
    in_band: NDArray[np.bool_]  # whether the station lies within the band of altitude
    scaled: NDArray[np.bool_]  # whether the factor comes from normals; else it is 1
    factor: Floats  # daily rain at the building = factor * daily rain at the station [-]
    normal_mm: Floats  # yearly rain at the building [mm]; NaN where the station's normal is unknown


def distance_km(latitude: ArrayLike, longitude: ArrayLike, latitudes: ArrayLike, longitudes: ArrayLike) -> Floats:
    """Distances [km] between n places and m stations on a sphere, (n, m); degrees in, NaN in gives NaN out."""
    north = np.radians(np.atleast_1d(np.asarray(latitude, dtype=np.float64)))[:, None]
    east = np.radians(np.atleast_1d(np.asarray(longitude, dtype=np.float64)))[:, None]
    norths = np.radians(np.atleast_1d(np.asarray(latitudes, dtype=np.float64)))[None, :]
    easts = np.radians(np.atleast_1d(np.asarray(longitudes, dtype=np.float64)))[None, :]
    chord = np.sin((norths - north) / 2.0) ** 2 + np.cos(north) * np.cos(norths) * np.sin((easts - east) / 2.0) ** 2
    return np.asarray(2.0 * EARTH_KM * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0))))


def altitude_fit(elevation_m: ArrayLike, normal_mm: ArrayLike) -> AltitudeFit:
    """Least-squares line of yearly rain [mm] over altitude [m] of stations; those with NaN are left out.

    Below FEWEST stations, all at one altitude, or where the line would give no rain, intercept and slope are NaN.
    """
    height, rain = np.broadcast_arrays(
        np.asarray(elevation_m, dtype=np.float64), np.asarray(normal_mm, dtype=np.float64)
    )
    known = np.isfinite(height) & np.isfinite(rain)
    height, rain = height[known], rain[known]
    count = len(height)
    nan = float("nan")
    if count < FEWEST or np.ptp(height) < 1.0:
        return AltitudeFit(nan, nan, nan, nan, nan, nan, count)
    centre = height.mean()
    slope = float(((height - centre) * rain).sum() / ((height - centre) ** 2).sum())
    intercept = float(rain.mean() - slope * centre)
    rest = rain - intercept - slope * height
    spread = float(((rain - rain.mean()) ** 2).sum())
    r2 = 1.0 - float((rest**2).sum()) / spread if spread > 0.0 else nan
    sigma = float(np.sqrt((rest**2).sum() / (count - 2)))
    fit = AltitudeFit(intercept, slope, r2, sigma, float(height.min()), float(height.max()), count)
    lowest = float(fit.normal([fit.lowest_m - FAR_M, fit.highest_m + FAR_M]).min())
    return fit if lowest > 0.0 else fit._replace(intercept_mm=nan, slope_mm_m=nan)


def assign_stations(
    latitude: ArrayLike,
    longitude: ArrayLike,
    elevation_m: ArrayLike,
    station_latitude: ArrayLike,
    station_longitude: ArrayLike,
    station_elevation_m: ArrayLike,
    station_normal_mm: ArrayLike,
    *,
    fit: AltitudeFit | None = None,
    normal_mm: ArrayLike = np.nan,
    band_m: float = BAND_M,
) -> Assignment:
    """The station of each of n buildings and the factor for its rain.

    Of m stations the nearest within ``band_m`` [m] of the building's altitude; where none is, or the altitude is
    unknown, the nearest of all (``in_band`` False). Ties go to the first. The factor is the building's own normal
    ``normal_mm`` [mm] over the station's where both are known; else the ratio of ``fit`` at both altitudes; else 1
    with ``scaled`` False. Degrees, metres, mm. Raises InputError where no station has coordinates.
    """
    apart = distance_km(latitude, longitude, station_latitude, station_longitude)
    height = np.broadcast_to(np.asarray(elevation_m, dtype=np.float64), apart.shape[:1])
    heights = np.broadcast_to(np.asarray(station_elevation_m, dtype=np.float64), apart.shape[1:])
    normals = np.broadcast_to(np.asarray(station_normal_mm, dtype=np.float64), apart.shape[1:])
    if apart.shape[1] == 0 or not np.isfinite(apart).any(axis=1).all():
        raise InputError("rain_no_station")
    rise = height[:, None] - heights[None, :]
    fits = np.abs(rise) <= band_m
    far = np.where(np.isfinite(apart), apart, np.inf)
    in_band = np.asarray((fits & np.isfinite(far)).any(axis=1))
    chosen = np.where(in_band, np.argmin(np.where(fits, far, np.inf), axis=1), np.argmin(far, axis=1))
    rows = np.arange(len(chosen))
    own = np.broadcast_to(np.asarray(normal_mm, dtype=np.float64), apart.shape[:1])
    factor = _factor(height, heights[chosen], own, normals[chosen], fit)
    scaled = np.isfinite(factor)
    factor = np.where(scaled, factor, 1.0)
    normal = np.where(np.isfinite(own), own, normals[chosen] * factor)
    return Assignment(chosen, apart[rows, chosen], rise[rows, chosen], in_band, scaled, factor, normal)


def _factor(height: Floats, station_height: Floats, own: Floats, normal: Floats, fit: AltitudeFit | None) -> Floats:
    """Ratio of the normals at building and station; NaN where neither way can tell it."""
    good = np.isfinite(own) & (own > 0.0) & np.isfinite(normal) & (normal > 0.0)
    stated = np.divide(own, normal, out=np.full(own.shape, np.nan), where=good)
    if fit is None:
        return stated
    return np.where(np.isfinite(stated), stated, fit.normal(height) / fit.normal(station_height))
