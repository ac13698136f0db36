"""Light from all parts of the sky, summed over the year in advance: one look-up an azimuth for each pixel.

The light that comes from a place in the sky is a vector (its strength times its direction), and what a plane gets of
it is the product with the plane's normal. So the vectors of all suns of a month may be added up before any plane is
known: in sectors of azimuth, from the zenith down to each altitude. A plane under a horizon gets the sum, over the
sectors, of the vector above its horizon or above its own cut of the sky, whichever is higher. Its view of the
isotropic sky is found in the same way.

Within an hour the sun stands in six places. A vector points halfway between the sun's place and the mean one:
planes before which the sun stands all hour then get exactly what pvlib gives for the middle of the hour, and those
that the sun leaves within the hour get the same on average (the full way they would get more, without it less).
"""

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.solar.sky_view import BAND_DEG, SECTORS
from lk_spatial.solar.sun import SkyHours, SunPath, sun_path

STEPS = 180  # altitudes of the table, half a degree apart
FEWEST = 128  # sectors of azimuth at least; a horizon of 32 azimuths has 4 to each
MONTHS = 12
QUICK: dict[str, Any] = {"fastmath": {"contract", "reassoc", "nsz"}}
SPREAD = 0.5  # how far the vectors of an interval point from their mean to the sun's own places


class SkyTable(NamedTuple):
    """Sums over the intervals of each period, a month or the year, in float32.

    ``vectors`` (sectors, STEPS + 2, 3 * periods + 3): light [W/m2] above each altitude, east, north and up, and after
    them the isotropic sky of strength 1; ``even`` (periods, 3): isotropic light, band and ground.
    """

    vectors: NDArray[np.float32]
    even: NDArray[np.float64]
    east: NDArray[np.float32]
    north: NDArray[np.float32]


@lru_cache(maxsize=16)
def sky_table(sky: SkyHours, n_azimuth: int, monthly: bool) -> SkyTable:
    """The table for horizons of so many azimuths, by months or for the whole year."""
    inside = max(SECTORS, math.ceil(FEWEST / n_azimuth))
    sectors = n_azimuth * inside
    periods = MONTHS if monthly else 1
    period = (sky.index.month.to_numpy(dtype=np.int64) - 1) * (periods > 1)
    sums = _light(sky, sun_path(sky), period, sectors, periods)
    order = np.arange(sectors).reshape(n_azimuth, inside).T.ravel()
    middle = 2.0 * np.pi * order / sectors
    east, north = np.sin(middle), np.cos(middle)
    vectors = np.zeros((sectors, STEPS + 2, 3 * periods + 3), np.float32)
    vectors[:, : STEPS + 1, : 3 * periods] = sums[order].reshape(sectors, STEPS + 1, 3 * periods)
    vectors[:, : STEPS + 1, 3 * periods :] = _isotropic(east, north)
    even = [np.bincount(period, each, periods) for each in (sky.isotropic, sky.band, sky.ghi * sky.albedo)]
    return SkyTable(vectors, np.column_stack(even), east.astype(np.float32), north.astype(np.float32))


def _light(sky: SkyHours, path: SunPath, period: NDArray[np.int64], sectors: int, periods: int) -> NDArray[np.float64]:
    """Vectors of beam and circumsolar light above each altitude (sectors, STEPS + 1, 3, periods)."""
    strength = (sky.beam + sky.circumsolar)[path.hour] * path.share
    sector = np.round(path.azimuth * sectors / 360.0).astype(np.int64) % sectors
    step = np.minimum((path.height * STEPS / 90.0).astype(np.int64), STEPS - 1)
    shape = (sectors, STEPS + 1, periods)
    cell = np.ravel_multi_index((sector, step, period[path.hour]), shape)
    vectors = strength[:, None] * _pointing(sky, path)
    sums = np.stack([np.bincount(cell, each, math.prod(shape)).reshape(shape) for each in vectors.T], axis=2)
    return np.asarray(np.cumsum(sums[:, ::-1], axis=1)[:, ::-1], dtype=float)


def _pointing(sky: SkyHours, path: SunPath) -> NDArray[np.float64]:
    """Directions of the vectors (m, 3)."""
    zenith, azimuth = np.radians(90.0 - path.height), np.radians(path.azimuth)
    own = np.column_stack([np.sin(zenith) * np.sin(azimuth), np.sin(zenith) * np.cos(azimuth), np.cos(zenith)])
    mean = np.column_stack([np.bincount(path.hour, each * path.share, len(sky.index)) for each in own.T])
    return np.asarray(sky.direction[path.hour] + SPREAD * (own - mean[path.hour]))


def _isotropic(east: NDArray[np.float64], north: NDArray[np.float64]) -> NDArray[np.float64]:
    """Vectors of a sky of strength 1 above each altitude (sectors, STEPS + 1, 3)."""
    altitude = np.linspace(0.0, np.pi / 2.0, STEPS + 1)
    steep = (np.pi / 2.0 - altitude - np.sin(altitude) * np.cos(altitude)) / len(east)
    up = np.cos(altitude) ** 2 / len(east)
    return np.stack([np.outer(east, steep), np.outer(north, steep), np.tile(up, (len(east), 1))], axis=2)


@kernel
def look_up(vectors: Any, even: Any, east: Any, north: Any, horizon: Any, tilt: Any, azimuth: Any) -> Any:
    """Light of planes (n, periods) [W/m2], sky view (n,) and visible share of the band (n,)."""
    n, periods, sectors = tilt.size, len(even), east.size
    light, views, bands = np.empty((n, periods)), np.empty(n), np.empty(n)
    own, weight = np.empty(sectors, np.float32), np.empty(sectors, np.float32)
    cut, around = np.empty(sectors, np.float32), np.empty(horizon.shape[1] + 1, np.float32)
    total = np.empty(3 * periods + 3, np.float32)
    x, y, z, known = 0.0, 0.0, 1.0, False
    for p in range(n):
        if p == 0 or tilt[p] != tilt[p - 1] or azimuth[p] != azimuth[p - 1]:
            b, a = math.radians(tilt[p]), math.radians(azimuth[p])
            x, y, z = math.sin(b) * math.sin(a), math.sin(b) * math.cos(a), math.cos(b)
            known = not math.isnan(x + y)
            if known:
                _own_horizon(east, north, math.sin(a), math.cos(a), math.sin(b), z, own, weight)
        if not known or math.isnan(horizon[p].sum()):
            light[p], views[p], bands[p] = math.nan, math.nan, math.nan
            continue
        bands[p] = _cut_sky(horizon[p], own, weight, around, cut)
        if periods == 1:
            _add_up_one(vectors, cut, total)
        else:
            _add_up(vectors, cut, total)
        k = 3 * periods
        views[p] = x * total[k] + y * total[k + 1] + z * total[k + 2]
        for m in range(periods):
            direct = x * total[m] + y * total[periods + m] + z * total[2 * periods + m]
            sky = even[m, 0] * views[p] + even[m, 1] * math.sin(math.radians(tilt[p])) * bands[p]
            light[p, m] = direct + sky + even[m, 2] * (1.0 - views[p])
    return light, views, bands


@kernel(**QUICK)
def _own_horizon(
    east: Any, north: Any, sin_a: float, cos_a: float, slope: float, up: float, own: Any, weight: Any
) -> None:
    """Fill ``own`` with the plane's cut of the sky in steps of the table, and the ``weight`` of the band's parts."""
    scale = np.float32(STEPS / math.pi * 2.0)
    quarter, flat = np.float32(STEPS), np.float32(max(up, 0.0))
    s, c, steep = np.float32(sin_a), np.float32(cos_a), np.float32(slope)
    for k in range(own.size):
        ahead = east[k] * s + north[k] * c
        weight[k] = max(ahead, np.float32(0.0))
        rise = max(-ahead * steep, np.float32(0.0))
        low, high = min(rise, flat), max(max(rise, flat), np.float32(1e-12))
        r = low / high
        q = r * r  # Abramowitz and Stegun 4.4.47: atan within 0.001°
        poly = np.float32(-0.0851330) + q * np.float32(0.0208351)
        poly = np.float32(0.9998660) + q * (np.float32(-0.3302995) + q * (np.float32(0.1801410) + q * poly))
        angle = scale * r * poly
        own[k] = quarter - angle if rise > flat else angle


@kernel(**QUICK)
def _cut_sky(horizon: Any, own: Any, weight: Any, around: Any, cut: Any) -> float:
    """Fill ``cut`` with the altitude, in steps of the table, above which a sector is seen; gives the band's share."""
    n, inside = horizon.size, own.size // horizon.size
    scale, top = np.float32(STEPS / 90.0), np.float32(STEPS)
    band, seen, whole = np.float32(1.0 / (BAND_DEG * STEPS / 90.0)), np.float32(0.0), np.float32(0.0)
    one, zero = np.float32(1.0), np.float32(0.0)
    for column in range(n):
        around[column] = horizon[column] * scale
    around[n] = around[0]
    for j in range(inside):
        part = np.float32(j / inside)
        some = slice(j * n, (j + 1) * n)
        own_j, weight_j, cut_j = own[some], weight[some], cut[some]
        for column in range(n):
            edge = around[column] + part * (around[column + 1] - around[column])
            seen += weight_j[column] * (one - min(max(edge * band, zero), one))
            whole += weight_j[column]
            cut_j[column] = min(max(edge, own_j[column]), top)
    return float(seen / whole)


@kernel(**QUICK)
def _add_up(vectors: Any, cut: Any, total: Any) -> None:
    """Sum of the vectors above ``cut``, linear between the altitudes of the table."""
    total[:] = np.float32(0.0)
    for k in range(cut.size):
        i = int(cut[k])
        part = cut[k] - np.float32(i)
        low, high = vectors[k, i], vectors[k, i + 1]
        for m in range(total.size):
            total[m] += low[m] + part * (high[m] - low[m])


@kernel(**QUICK)
def _add_up_one(vectors: Any, cut: Any, total: Any) -> None:
    """The same for the one period of a year, its six sums in registers."""
    a, b, c = np.float32(0.0), np.float32(0.0), np.float32(0.0)
    d, e, f = np.float32(0.0), np.float32(0.0), np.float32(0.0)
    for k in range(cut.size):
        i = np.uint32(cut[k])
        above = cut[k] - np.float32(i)
        j = np.uint32(i + np.uint32(1))
        below = np.float32(1.0) - above
        a += below * vectors[k, i, 0] + above * vectors[k, j, 0]
        b += below * vectors[k, i, 1] + above * vectors[k, j, 1]
        c += below * vectors[k, i, 2] + above * vectors[k, j, 2]
        d += below * vectors[k, i, 3] + above * vectors[k, j, 3]
        e += below * vectors[k, i, 4] + above * vectors[k, j, 4]
        f += below * vectors[k, i, 5] + above * vectors[k, j, 5]
    total[0], total[1], total[2], total[3], total[4], total[5] = a, b, c, d, e, f
