"""Irradiation of tilted planes under a horizon: yearly and monthly sums, and the hours of one plane."""

import math
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.solar.sky_view import horizon_band_visibility, match_planes, sky_view_factor
from lk_spatial.solar.sun import Model, SkyHours, sky_hours


class Irradiation(NamedTuple):
    """Irradiation in the plane [kWh/m2]: ``annual`` scalar or (n,), ``monthly`` (12,) or (n, 12)."""

    annual: Any
    monthly: NDArray[np.float64]


def poa_irradiation(
    weather: pd.DataFrame | SkyHours,
    surface_tilt: ArrayLike,
    surface_azimuth: ArrayLike,
    *,
    horizon: ArrayLike | None = None,
    albedo: float = 0.2,
    model: Model = "perez",
) -> Irradiation:
    """Yearly and monthly irradiation in tilted planes (annual, monthly) [kWh/m2], shaded by a horizon.

    ``weather`` is a table as from ``read_weather``, or its ``sky_hours`` (then ``albedo`` and ``model`` are those
    given there). ``surface_tilt``, ``surface_azimuth`` [deg], clockwise from true north, scalars or (n,);
    ``horizon`` (n_azimuth,) or (n, n_azimuth) [deg], None = free. Months are those of the interval's middle in UTC;
    data of several years give the mean year. Without horizon the sums are pvlib's (get_total_irradiance, Perez with
    allsitescomposite1990, Hay and Davies, or isotropic), save that the beam counts only while the sun is up.

    Under a horizon: beam and circumsolar light are hidden while the sun's apparent height is below the horizon, linear
    between its azimuths; the isotropic part is weighted with ``sky_view_factor``, Perez's band at the horizon with
    ``horizon_band_visibility``; what is not sky reflects albedo * ghi, so the reflected part is
    albedo * ghi * (1 - sky view). NaN in, NaN out. Errors as ``sky_hours``, and InputError for shapes that do
    not fit.
    """
    sky = weather if isinstance(weather, SkyHours) else sky_hours(weather, albedo=albedo, model=model)
    monthly = plane_light(sky, surface_tilt, surface_azimuth, horizon=horizon).monthly
    return Irradiation(monthly.sum(axis=-1)[()], monthly)


class PlaneLight(NamedTuple):
    """What planes get and see: ``monthly`` (…, 12) [kWh/m2], ``sky_view`` and ``band`` (…) [-]."""

    monthly: NDArray[np.float64]
    sky_view: NDArray[np.float64]
    band: NDArray[np.float64]


def plane_light(
    sky: SkyHours, surface_tilt: ArrayLike, surface_azimuth: ArrayLike, *, horizon: ArrayLike | None = None
) -> PlaneLight:
    """Monthly irradiation of planes with the sky view and the visible share of the horizon band behind it.

    Arguments, NaN behaviour and errors as in ``poa_irradiation``. Fast where planes of one orientation stand together.
    """
    free = horizon is None
    shape, angles, tilt, azimuth = match_planes(
        np.zeros(1) if horizon is None else horizon, surface_tilt, surface_azimuth
    )
    sky_view = (1.0 + np.cos(np.radians(tilt))) / 2.0 if free else np.asarray(sky_view_factor(angles, tilt, azimuth))
    sky_view = sky_view + 0.0 * azimuth  # an unknown azimuth makes the plane unknown
    band = np.ones(len(tilt)) if free else np.asarray(horizon_band_visibility(angles, tilt, azimuth))
    watts = _monthly_sums(
        *_by_interval(sky, angles.shape[1]), np.ascontiguousarray(tilt), np.ascontiguousarray(azimuth), sky_view, band,
        angles.astype(np.float32),
    )  # fmt: skip
    monthly = (watts * (sky.step_h / 1000.0 / sky.years)).reshape(*shape, 12)
    return PlaneLight(monthly, sky_view.reshape(shape), band.reshape(shape))


def beam_visibility(sky: SkyHours, horizon: ArrayLike, weights: ArrayLike | None = None) -> NDArray[np.float64]:
    """Share of pixels that see the sun at each interval (n_hours,) [-]; 0 while the sun is down.

    ``horizon`` (n_azimuth,) or (n, n_azimuth) [deg]; ``weights`` (n,), default equal. Pixels with NaN horizon are left
    out; all NaN gives NaN.
    """
    angles = np.atleast_2d(np.asarray(horizon, dtype=np.float32))
    weight = np.broadcast_to(np.asarray(1.0 if weights is None else weights, dtype=float), len(angles))
    known = ~np.isnan(angles).any(axis=1) & (weight > 0)
    if not known.any():
        return np.full(len(sky.index), np.nan)
    share = np.zeros(len(sky.index))
    up = sky.zenith < 90.0
    place = _over_horizon(sky.azimuth[up], sky.zenith[up], angles.shape[1])
    share[up] = _visible_share(*place, np.ascontiguousarray(angles[known]), np.array(weight[known]))
    return share


def plane_components(
    sky: SkyHours,
    surface_tilt: float,
    surface_azimuth: float,
    *,
    beam_visible: ArrayLike = 1.0,
    sky_view: float | None = None,
    horizon_band: float = 1.0,
    albedo: float | None = None,
) -> pd.DataFrame:
    """Light in one plane at each interval: poa_direct, poa_circumsolar, poa_isotropic, poa_horizon, poa_ground, aoi.

    In W/m2, ``aoi`` in degrees; the index is the weather's (middle of the interval, UTC). ``beam_visible`` scalar or
    (n_hours,), ``sky_view`` (default: free plane) and ``horizon_band`` are what the plane sees, or their means
    over its pixels: all parts are linear in them, so the mean over pixels of equal tilt and azimuth is exact.
    ``albedo`` defaults to the sky's. The five parts add up to the plane's irradiance, and their sum over the year to
    ``poa_irradiation``.
    """
    tilt = math.radians(surface_tilt)
    free = (1.0 + math.cos(tilt)) / 2.0
    view = free if sky_view is None else float(sky_view)
    cos_aoi = np.clip(sky.direction @ _normal(surface_tilt, surface_azimuth), -1.0, 1.0)
    front = np.maximum(cos_aoi, 0.0)
    visible = np.asarray(beam_visible, dtype=float)
    whole = sky.circumsolar * front + sky.isotropic * free + sky.band * math.sin(tilt)
    lit = whole > 0.0  # where Perez's model turns negative, pvlib takes 0
    reflectance = sky.albedo if albedo is None else albedo
    parts = {
        "poa_direct": sky.beam * front * visible,
        "poa_circumsolar": sky.circumsolar * front * visible * lit,
        "poa_isotropic": sky.isotropic * view * lit,
        "poa_horizon": sky.band * math.sin(tilt) * horizon_band * lit,
        "poa_ground": sky.ghi * reflectance * (1.0 - view),
        "aoi": np.degrees(np.arccos(cos_aoi)),
    }
    return pd.DataFrame(parts, index=sky.index)


def _normal(tilt: float, azimuth: float) -> NDArray[np.float64]:
    """Unit normal of a plane: east, north, up."""
    b, a = math.radians(tilt), math.radians(180.0 if tilt == 0.0 else azimuth)
    return np.array([math.sin(b) * math.sin(a), math.sin(b) * math.cos(a), math.cos(b)])


def _by_interval(sky: SkyHours, n_azimuth: int) -> tuple[NDArray, NDArray, NDArray, NDArray, NDArray]:
    """Month 0-11, sun (n, 3: vector; and as _over_horizon), and light (n, 5) of intervals with any light."""
    light = np.column_stack([sky.beam, sky.circumsolar, sky.isotropic, sky.band, sky.ghi * sky.albedo])
    lit = (light != 0.0).any(axis=1)
    month = sky.index.month.to_numpy(dtype=np.int64) - 1
    return month[lit], sky.direction[lit], *_over_horizon(sky.azimuth[lit], sky.zenith[lit], n_azimuth), light[lit]


def _over_horizon(azimuth: NDArray, zenith: NDArray, n_azimuth: int) -> tuple[NDArray, NDArray]:
    """The sun over a horizon: its columns left and right (n, 2), and (n, 2) share of the right one, height [deg].

    Once for all pixels, because they share the sun.
    """
    place = azimuth * n_azimuth / 360.0
    left = place.astype(np.int64)
    column = np.column_stack([left % n_azimuth, (left + 1) % n_azimuth])
    return column, np.column_stack([place - left, 90.0 - zenith])


@kernel(inline="always")
def _sees(horizon: Any, column: Any, place: Any) -> bool:
    """Whether the sun stands above the horizon (n_azimuth,), linear between azimuths."""
    edge = horizon[column[0]] * (1.0 - place[0]) + horizon[column[1]] * place[0]
    return bool(place[1] > edge)


@kernel
def _orientation(month: Any, sun: Any, light: Any, tilt: float, azimuth: float, direct: Any, even: Any) -> Any:
    """Fill ``direct`` (n,) with beam and circumsolar light of a plane, ``even`` (12, 3) with sky, band and ground.

    Gives the intervals in which the sun is before the plane; same terms as plane_components [W/m2].
    """
    b, a = math.radians(tilt), math.radians(azimuth)
    east, north, up = math.sin(b) * math.sin(a), math.sin(b) * math.cos(a), math.cos(b)
    free, rim = (1.0 + up) / 2.0, math.sin(b)
    even[:] = 0.0
    before = np.empty(month.size, np.int64)
    count = 0
    for h in range(month.size):
        front = max(sun[h, 0] * east + sun[h, 1] * north + sun[h, 2] * up, 0.0)
        circumsolar, isotropic, edge = light[h, 1] * front, light[h, 2], light[h, 3] * rim
        even[month[h], 2] += light[h, 4]
        direct[h] = light[h, 0] * front
        if circumsolar + isotropic * free + edge > 0.0:
            even[month[h], 0] += isotropic
            even[month[h], 1] += edge
            direct[h] += circumsolar
        if direct[h] != 0.0:
            before[count] = h
            count += 1
    return before[:count]


@kernel
def _monthly_sums(
    month: Any, sun: Any, column: Any, place: Any, light: Any, tilt: Any, azimuth: Any, sky_view: Any, band: Any,
    horizon: Any,
) -> Any:  # fmt: skip
    """Sums of irradiance over the intervals of each month (n, 12) [W/m2]."""
    n = tilt.size
    sums = np.zeros((n, 12))
    direct, even = np.empty(month.size), np.empty((12, 3))
    before = np.empty(0, np.int64)
    for p in range(n):
        if p == 0 or tilt[p] != tilt[p - 1] or azimuth[p] != azimuth[p - 1]:
            before = _orientation(month, sun, light, tilt[p], azimuth[p], direct, even)
        for m in range(12):
            sums[p, m] = even[m, 0] * sky_view[p] + even[m, 1] * band[p] + even[m, 2] * (1.0 - sky_view[p])
        for h in before:
            if _sees(horizon[p], column[h], place[h]):
                sums[p, month[h]] += direct[h]
    return sums


@kernel
def _visible_share(column: Any, place: Any, horizon: Any, weight: Any) -> Any:
    """Weighted share of horizons (n, n_azimuth) above which the sun stands."""
    share = np.zeros(len(place))
    for p in range(weight.size):
        for h in range(len(place)):
            share[h] += weight[p] if _sees(horizon[p], column[h], place[h]) else 0.0
    return share / weight.sum()
