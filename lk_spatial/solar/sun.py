"""Sun and sky of each weather interval, in a form that is linear in what a plane can see.

All transposition models here (Perez 1990, Hay and Davies 1980, isotropic) split the light into parts whose
strength depends on time alone: beam and circumsolar light come from the sun's place, the rest of the diffuse
light evenly from the sky dome, Perez's third part from the horizon. What a plane receives is each part times
what the plane sees of it. So the model is evaluated once an interval, not once an interval and plane.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import pvlib
from numpy.typing import NDArray

from lk_spatial.core.errors import DataError, InputError

Model = Literal["perez", "haydavies", "isotropic"]
MODELS = ("perez", "haydavies", "isotropic")
YEAR_H = 8760.0
SUN_STEP_H = 1.0 / 6.0  # [h] the sun moves on within longer intervals; facts: hourly suns behind a horizon err by 0.8 %

# Perez et al. 1990 (doi:10.1016/0038-092X(90)90055-H), table 6, all sites composite; pvlib: allsitescomposite1990
# a row for each bin of sky clearness: F11 F12 F13 F21 F22 F23
PEREZ_CLEARNESS = (1.065, 1.23, 1.5, 1.95, 2.8, 4.5, 6.2)
PEREZ_COEFFICIENTS = np.array(
    [
        [-0.008, 0.588, -0.062, -0.060, 0.072, -0.022],
        [0.130, 0.683, -0.151, -0.019, 0.066, -0.029],
        [0.330, 0.487, -0.221, 0.055, -0.064, -0.026],
        [0.568, 0.187, -0.295, 0.109, -0.152, -0.014],
        [0.873, -0.392, -0.362, 0.226, -0.462, 0.001],
        [1.132, -1.237, -0.412, 0.288, -0.823, 0.056],
        [1.060, -1.600, -0.359, 0.264, -1.127, 0.131],
        [0.678, -0.327, -0.250, 0.156, -1.377, 0.251],
    ]
)


@dataclass(frozen=True, eq=False)
class SkyHours:
    """Sun and sky of every weather interval; arrays (n,), angles [deg], irradiance [W/m2].

    ``beam`` and ``circumsolar`` are multiplied by max(cos aoi, 0) of the plane, ``isotropic`` by its sky view,
    ``band`` by sin(tilt) and the visible share of the horizon band, ``ghi * albedo`` by 1 - sky view.
    """

    index: pd.DatetimeIndex  # middle of the interval, UTC
    step_h: float  # [h]
    zenith: NDArray[np.float64]  # apparent
    azimuth: NDArray[np.float64]  # clockwise from true north
    ghi: NDArray[np.float64]
    dni: NDArray[np.float64]
    dhi: NDArray[np.float64]
    dni_extra: NDArray[np.float64]
    beam: NDArray[np.float64]  # dni, 0 where the sun is down
    circumsolar: NDArray[np.float64]
    isotropic: NDArray[np.float64]
    band: NDArray[np.float64]
    albedo: float  # [-]
    years: int  # number of years in the data
    place: tuple[float, float, float]  # latitude, longitude [deg], altitude [m]

    @property
    def direction(self) -> NDArray[np.float64]:
        """Unit vectors to the sun (n, 3): east, north, up."""
        return _directions(self.zenith, self.azimuth)


class SunPath(NamedTuple):
    """Where the sun stands within the intervals, every ten minutes: arrays (m,), ordered by interval.

    Only suns above the flat horizon, of intervals whose middle has the sun up and any light from its direction; the
    suns of an interval share its light evenly.
    """

    hour: NDArray[np.int64]  # row of the interval
    azimuth: NDArray[np.float64]  # [deg] clockwise from true north
    height: NDArray[np.float64]  # [deg] apparent
    share: NDArray[np.float64]  # [-] of the interval; they add up to 1


@lru_cache(maxsize=8)
def sun_path(sky: SkyHours) -> SunPath:
    """The sun every ten minutes of the lit intervals; once an interval where they are not longer."""
    lit = np.flatnonzero((sky.zenith < 90.0) & ((sky.beam > 0.0) | (sky.circumsolar > 0.0)))
    n = max(1, round(sky.step_h / SUN_STEP_H))
    if n == 1:
        return SunPath(lit, sky.azimuth[lit], 90.0 - sky.zenith[lit], np.ones(len(lit)))
    hour = np.repeat(lit, n)
    within = ((np.arange(n) + 0.5) / n - 0.5) * sky.step_h
    zenith, azimuth = _sun(sky.index[hour] + pd.to_timedelta(np.tile(within, len(lit)), unit="h"), *sky.place)
    up = zenith < 90.0
    count = np.bincount(hour[up], minlength=len(sky.index))
    return SunPath(hour[up], azimuth[up], 90.0 - zenith[up], 1.0 / count[hour[up]])


def _directions(zenith: NDArray[np.float64], azimuth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit vectors (n, 3): east, north, up."""
    z, a = np.radians(zenith), np.radians(azimuth)
    flat = np.sin(z)
    return np.column_stack([flat * np.sin(a), flat * np.cos(a), np.cos(z)])


def sky_hours(
    weather: pd.DataFrame,
    *,
    albedo: float = 0.2,
    model: Model = "perez",
    latitude: float | None = None,
    longitude: float | None = None,
) -> SkyHours:
    """Sun position and split sky of every interval of a weather table.

    ``weather`` has the columns ghi, dni, dhi [W/m2] and a UTC index with the MIDDLE of each interval; its attrs
    give latitude, longitude [deg] and elevation [m] unless they are given here. The step is read from the index (the
    most frequent difference); a typical year, its months from different years, is fine. Whole years are averaged.

    Sun: NREL SPA with refraction (apparent zenith), relative airmass Kasten and Young 1989, extraterrestrial
    irradiance Spencer 1971: pvlib's defaults. The beam counts while the apparent sun is above the flat horizon.
    Near sunrise the sun's height under the circumsolar light is bounded as in pvlib: cos(zenith) at least cos 85°
    (Perez) or 0.01745 (Hay and Davies). ``albedo`` [-] is that of the surroundings.

    Raises InputError for an unknown model, a missing column or place, an index without time zone; DataError for
    missing values.
    """
    if model not in MODELS:
        raise InputError("sky_model_unknown", got=model, expected=MODELS)
    index = _utc_index(weather)
    ghi, dni, dhi = (_column(weather, name) for name in ("ghi", "dni", "dhi"))
    place = _place(weather.attrs, latitude, longitude)
    zenith, azimuth = _sun(index, *place)
    dni_extra = np.asarray(pvlib.irradiance.get_extra_radiation(index.day_of_year), dtype=float)
    up = zenith < 90.0
    cos_zenith = np.cos(np.radians(zenith))
    zero = np.zeros(len(index))
    if model == "perez":
        circumsolar, isotropic, band = _perez(dhi, dni, dni_extra, zenith)
    elif model == "haydavies":
        share = dni / dni_extra
        circumsolar = np.where(up, dhi * share / np.maximum(cos_zenith, 0.01745), 0.0)
        isotropic, band = np.maximum(dhi * (1.0 - share), 0.0), zero
    else:
        circumsolar, isotropic, band = zero, dhi, zero
    step_h = _step_h(index)
    years = max(1, round(len(index) * step_h / YEAR_H))
    beam = np.where(up, dni, 0.0)
    sun = (index, step_h, zenith, azimuth)
    light = (ghi, dni, dhi, dni_extra, beam, circumsolar, isotropic, band)
    return SkyHours(*sun, *light, albedo, years, place)


def _perez(
    dhi: NDArray[np.float64], dni: NDArray[np.float64], dni_extra: NDArray[np.float64], zenith: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Circumsolar, isotropic and horizon-band strength [W/m2] after Perez 1990; all 0 while the sun is down."""
    lit = (zenith < 90.0) & (dhi > 0)
    z = np.radians(np.where(lit, zenith, 0.0))
    diffuse = np.where(lit, dhi, 1.0)
    airmass = pvlib.atmosphere.get_relative_airmass(np.degrees(z))
    brightness = diffuse * airmass / dni_extra
    clearness = ((diffuse + dni) / diffuse + 1.041 * z**3) / (1.0 + 1.041 * z**3)
    f11, f12, f13, f21, f22, f23 = PEREZ_COEFFICIENTS[np.digitize(clearness, PEREZ_CLEARNESS)].T
    f1 = np.maximum(f11 + f12 * brightness + f13 * z, 0.0)
    f2 = f21 + f22 * brightness + f23 * z
    diffuse = np.where(lit, dhi, 0.0)
    height = np.maximum(np.cos(z), np.cos(np.radians(85.0)))
    return diffuse * f1 / height, diffuse * (1.0 - f1), diffuse * f2


def _place(attrs: Any, latitude: float | None, longitude: float | None) -> tuple[float, float, float]:
    """Latitude, longitude [deg] and altitude [m] for the sun."""
    latitude = attrs.get("latitude") if latitude is None else latitude
    longitude = attrs.get("longitude") if longitude is None else longitude
    if latitude is None or longitude is None:
        raise InputError("weather_without_place")
    return latitude, longitude, float(attrs.get("elevation") or 0.0)


def _sun(
    times: pd.DatetimeIndex, latitude: float, longitude: float, altitude: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Apparent zenith and azimuth [deg] of the sun."""
    sun = pvlib.solarposition.get_solarposition(times, latitude, longitude, altitude=altitude, method="nrel_numpy")
    return sun["apparent_zenith"].to_numpy(dtype=float), sun["azimuth"].to_numpy(dtype=float)


def _utc_index(weather: pd.DataFrame) -> pd.DatetimeIndex:
    """The index in UTC."""
    index = weather.index
    if not isinstance(index, pd.DatetimeIndex) or index.tz is None or len(index) < 2:
        raise InputError("weather_without_time_zone")
    return index.tz_convert("UTC")


def _column(weather: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """One column of irradiance, complete."""
    if name not in weather:
        raise InputError("weather_column_missing", column=name)
    values = weather[name].to_numpy(dtype=float)
    if not np.isfinite(values).all():
        raise DataError("weather_values_missing", column=name, count=int((~np.isfinite(values)).sum()))
    return np.asarray(np.maximum(values, 0.0))


def _step_h(index: pd.DatetimeIndex) -> float:
    """Length of an interval [h]: the most frequent difference, so that the joints of a typical year do not matter."""
    return float(index.to_series().diff().mode().iloc[0] / pd.Timedelta(hours=1))
