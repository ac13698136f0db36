"""What a tilted plane sees of the sky above a horizon."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.errors import InputError

View = Callable[[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]

SECTORS = 4  # horizons are interpolated to this many sub-azimuths, facts: 32 x 4 is within 0.1 % of a dense horizon
BAND_DEG = 6.5  # [deg] height of the bright band at the horizon, Perez et al. 1987 doi:10.1016/S0038-092X(87)80031-2
CHUNK = 10_000  # rows at a time, bounds memory


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
    return _over_planes(_sky_view, horizon, surface_tilt, surface_azimuth)


def horizon_band_visibility(
    horizon: ArrayLike, surface_tilt: ArrayLike = 0.0, surface_azimuth: ArrayLike = 180.0
) -> NDArray[np.float64]:
    """Share of Perez's horizon band before a tilted plane that stays visible above a horizon [-].

    Perez (1990) puts the band at altitude 0, where noise of a few decimetres would hide it. Here it is 6.5° high, as
    in Perez's first model (1987), and evenly bright: a horizon of 2° hides 2 / 6.5 of it in that
    direction. Directions count by the cosine between them and the plane's azimuth, those behind the plane
    not at all. Shapes as in ``sky_view_factor``; 1 under a free horizon.
    """
    return _over_planes(_band_view, horizon, surface_tilt, surface_azimuth)


def match_planes(
    horizon: ArrayLike, surface_tilt: ArrayLike, surface_azimuth: ArrayLike
) -> tuple[tuple[int, ...], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Common shape of planes, and horizon (n, n_azimuth), tilt (n,), azimuth (n,) repeated to it."""
    angles = np.asarray(horizon, dtype=float)
    tilt, azimuth = np.asarray(surface_tilt, dtype=float), np.asarray(surface_azimuth, dtype=float)
    try:
        shape = np.broadcast_shapes(angles.shape[:-1], tilt.shape, azimuth.shape)
    except ValueError:
        raise InputError("planes_unlike", tilt=tilt.shape, azimuth=azimuth.shape, horizon=angles.shape) from None
    n = math.prod(shape)
    angles = np.broadcast_to(angles, (*shape, angles.shape[-1])).reshape(n, angles.shape[-1])
    tilt, azimuth = (np.broadcast_to(values, shape).reshape(n) for values in (tilt, azimuth))
    return shape, angles, tilt, np.where(tilt == 0.0, 180.0, azimuth)  # a flat plane has no azimuth


def _over_planes(
    view: View, horizon: ArrayLike, surface_tilt: ArrayLike, surface_azimuth: ArrayLike
) -> NDArray[np.float64]:
    """Apply ``view(horizon, tilt, azimuth)`` to chunks of planes; a scalar comes back as one."""
    shape, angles, tilt, azimuth = match_planes(horizon, surface_tilt, surface_azimuth)
    result = np.empty(len(tilt))
    for start in range(0, len(tilt), CHUNK):
        part = slice(start, start + CHUNK)
        result[part] = view(angles[part], tilt[part, None], azimuth[part, None])
    return result.reshape(shape)[()]


def _sectors(horizon: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Horizon (n, SECTORS * n_azimuth) [rad] between the columns too, and the azimuths [deg]."""
    n_azimuth = horizon.shape[1]
    shares = np.arange(SECTORS) / SECTORS
    between = horizon[:, :, None] * (1.0 - shares) + np.roll(horizon, -1, axis=1)[:, :, None] * shares
    azimuths = np.arange(n_azimuth * SECTORS) * 360.0 / (n_azimuth * SECTORS)
    return np.radians(between.reshape(len(horizon), -1)), azimuths


def _sky_view(
    horizon: NDArray[np.float64], tilt: NDArray[np.float64], azimuth: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sky view of planes (n, 1) under horizons (n, n_azimuth)."""
    angles, directions = _sectors(horizon)
    b, ahead = np.radians(tilt), np.cos(np.radians(directions - azimuth))
    steep, flat = np.sin(b) * ahead, np.cos(b) * np.ones_like(ahead)
    own = np.arctan2(-steep, flat)  # where the plane itself cuts the sky
    free = _altitude_integral(np.clip(own, 0.0, None), steep, flat).sum(axis=1)
    seen = _altitude_integral(np.clip(np.maximum(own, angles), 0.0, None), steep, flat).sum(axis=1)
    return np.asarray((1.0 + np.cos(b[:, 0])) / 2.0 * seen / free)


def _altitude_integral(
    lowest: NDArray[np.float64], steep: NDArray[np.float64], flat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Integral of (flat sin h + steep cos h) cos h from altitude ``lowest`` to the zenith."""
    cos, sin = np.cos(lowest), np.sin(lowest)
    return np.asarray(0.5 * (flat * cos**2 + steep * (np.pi / 2.0 - lowest - sin * cos)))


def _band_view(
    horizon: NDArray[np.float64], tilt: NDArray[np.float64], azimuth: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Visible share of the horizon band of planes (n, 1) under horizons (n, n_azimuth)."""
    angles, directions = _sectors(horizon)
    visible = 1.0 - np.clip(np.degrees(angles) / BAND_DEG, 0.0, 1.0)
    weight = np.maximum(np.cos(np.radians(directions - azimuth)), 0.0) + 0.0 * tilt
    return np.asarray((visible * weight).sum(axis=1) / weight.sum(axis=1))
