"""What a tilted plane sees of the sky above a horizon."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.core.errors import InputError

SECTORS = 4  # horizons are interpolated to this many sub-azimuths, facts: 32 x 4 is within 0.1 % of a dense horizon
BAND_DEG = 6.5  # [deg] height of the bright band at the horizon, Perez et al. 1987 doi:10.1016/S0038-092X(87)80031-2


def sky_view_factor(
    horizon: ArrayLike, surface_tilt: ArrayLike = 0.0, surface_azimuth: ArrayLike = 180.0
) -> NDArray[np.float64]:
    """Isotropic diffuse light on a plane under a horizon, relative to a free horizontal plane [-].

    That is 1/pi times the integral of cos(incidence) over the part of the sky that lies above the horizon and in
    front of the plane. A free plane tilted by b gets (1 + cos b) / 2, free flat ground 1, a horizontal receiver
    before an endless wall of angle g (1 + cos g) / 2.

    ``horizon`` (n_azimuth,) or (n, n_azimuth) [deg], column k at k * 360 / n_azimuth clockwise from true north,
    linear between columns; ``surface_tilt``, ``surface_azimuth`` scalars or (n,) [deg], azimuth clockwise from true
    north (any value, also NaN, where the tilt is 0). Gives (n,), or a scalar where all inputs are of one
    plane. NaN in, NaN out. The integral over altitude is exact; the sum over azimuths is scaled so that the
    free plane is exact.

    >>> float(sky_view_factor([0.0] * 32, 30).round(4)), float(sky_view_factor([60.0] * 32).round(4))
    (0.933, 0.25)
    """
    return _over_planes(_sky_views, horizon, surface_tilt, surface_azimuth)


def horizon_band_visibility(
    horizon: ArrayLike, surface_tilt: ArrayLike = 0.0, surface_azimuth: ArrayLike = 180.0
) -> NDArray[np.float64]:
    """Share of Perez's horizon band before a tilted plane that stays visible above a horizon [-].

    Perez (1990) puts the band at altitude 0, where noise of a few decimetres would hide it. Here it is 6.5° high, as
    in Perez's first model (1987), and evenly bright: a horizon of 2° hides 2 / 6.5 of it in that
    direction. Directions count by the cosine between them and the plane's azimuth, those behind the plane
    not at all. Shapes as in ``sky_view_factor``; 1 under a free horizon.
    """
    return _over_planes(_band_views, horizon, surface_tilt, surface_azimuth)


def match_planes(
    horizon: ArrayLike, surface_tilt: ArrayLike, surface_azimuth: ArrayLike
) -> tuple[tuple[int, ...], NDArray[Any], NDArray[np.float64], NDArray[np.float64]]:
    """Common shape of planes, and horizon (n, n_azimuth) of the type it has, tilt (n,), azimuth (n,) repeated to it."""
    angles = np.asarray(horizon)
    tilt, azimuth = np.asarray(surface_tilt, dtype=float), np.asarray(surface_azimuth, dtype=float)
    try:
        shape = np.broadcast_shapes(angles.shape[:-1], tilt.shape, azimuth.shape)
    except ValueError:
        raise InputError("planes_unlike", tilt=tilt.shape, azimuth=azimuth.shape, horizon=angles.shape) from None
    n = math.prod(shape)
    angles = np.broadcast_to(angles, (*shape, angles.shape[-1])).reshape(n, angles.shape[-1])
    tilt, azimuth = (np.broadcast_to(values, shape).reshape(n) for values in (tilt, azimuth))
    return shape, angles, tilt, np.where(tilt == 0.0, 180.0, azimuth)  # a flat plane has no azimuth


def _over_planes(kernel: Any, horizon: ArrayLike, surface_tilt: ArrayLike, surface_azimuth: ArrayLike) -> Any:
    """Apply ``kernel(horizon, tilt, azimuth)`` to planes; a scalar comes back as one."""
    shape, angles, tilt, azimuth = match_planes(horizon, surface_tilt, surface_azimuth)
    result = kernel(np.ascontiguousarray(angles, float), np.ascontiguousarray(tilt), np.ascontiguousarray(azimuth))
    return result.reshape(shape)[()]


@kernel(inline="always")
def _between(horizon: Any, k: int) -> float:
    """Horizon [deg] at sub-azimuth ``k``, linear between the columns."""
    column, part = k // SECTORS, (k % SECTORS) / SECTORS
    return float(horizon[column] * (1.0 - part) + horizon[(column + 1) % horizon.size] * part)


@kernel(inline="always")
def _altitude_integral(lowest: float, steep: float, flat: float) -> float:
    """Integral of (flat sin h + steep cos h) cos h from altitude ``lowest`` [rad] to the zenith."""
    cos, sin = math.cos(lowest), math.sin(lowest)
    return 0.5 * (flat * cos * cos + steep * (math.pi / 2.0 - lowest - sin * cos))


@kernel
def _sky_views(horizon: Any, tilt: Any, azimuth: Any) -> Any:
    """Sky view of planes (n,) under horizons (n, n_azimuth)."""
    n = horizon.shape[1] * SECTORS
    views = np.empty(tilt.size)
    steep, own = np.empty(n), np.empty(n)
    flat, free = 1.0, 1.0
    for p in range(tilt.size):
        if p == 0 or tilt[p] != tilt[p - 1] or azimuth[p] != azimuth[p - 1]:
            flat, free = math.cos(math.radians(tilt[p])), 0.0
            for k in range(n):
                steep[k] = math.sin(math.radians(tilt[p])) * math.cos(math.radians(k * 360.0 / n - azimuth[p]))
                own[k] = max(math.atan2(-steep[k], flat), 0.0)  # where the plane itself cuts the sky
                free += _altitude_integral(own[k], steep[k], flat)
        seen = 0.0
        for k in range(n):
            angle = math.radians(_between(horizon[p], k))
            lowest = angle if not angle < own[k] else own[k]  # keeps NaN
            seen += _altitude_integral(lowest, steep[k], flat)
        views[p] = (1.0 + flat) / 2.0 * seen / free
    return views


@kernel
def _band_views(horizon: Any, tilt: Any, azimuth: Any) -> Any:
    """Visible share of the horizon band of planes (n,) under horizons (n, n_azimuth)."""
    n = horizon.shape[1] * SECTORS
    views = np.empty(tilt.size)
    for p in range(tilt.size):
        seen, whole = 0.0, 0.0
        for k in range(n):
            weight = max(math.cos(math.radians(k * 360.0 / n - azimuth[p])), 0.0)
            hidden = min(max(_between(horizon[p], k) / BAND_DEG, 0.0), 1.0)
            seen += weight * (1.0 - hidden)
            whole += weight
        views[p] = seen / whole + 0.0 * tilt[p]
    return views
