"""The hours of many modules, each under its own horizon, from the sky to AC energy in one pass.

The chain is that of ``energy_yield`` (Perez's parts of the sky, Fresnel glass, Marion's diffuse light, Faiman's cells,
PVWatts' modules and inverter). What depends on time alone is made once for a place, what depends on the orientation
once for neighbouring modules of the same orientation; so a module costs little more than its view of the suns.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.core.errors import DataError
from lk_spatial.solar.energy_yield import Plant, diffuse_modifiers
from lk_spatial.solar.irradiance import over_horizon
from lk_spatial.solar.sun import SkyHours, sun_path

Floats = NDArray[np.float64]
STAGES = ("unshaded", "horizon", "reflection", "temperature", "inverter")
QUICK: dict[str, Any] = {"error_model": "numpy", "fastmath": {"contract", "reassoc", "nsz", "arcp"}}
FINE = 8  # parts of the circle between two azimuths of a horizon; most suns are clear of all horizons in their part
GLASS, ABSORBED = 1.526, 0.008  # refractive index, extinction times thickness: pvlib.iam.physical's defaults


class LitHours(NamedTuple):
    """Intervals with any light, arrays (n, …), and the sun's places within them (m, …)."""

    row: NDArray[np.int64]  # place among all intervals
    month: NDArray[np.int64]  # 0-11
    direction: Floats  # (3, n) to the sun of the interval's middle
    light: Floats  # (5, n): beam, circumsolar, isotropic, band, reflected by what is not sky [kW/m2]
    air: Floats  # (2, n): temperature [deg C], wind [m/s]
    first: NDArray[np.int64]  # (n + 1,) each interval's first sun
    suns: NDArray[np.float32]  # (m, 3) as by over_horizon
    share: Floats  # (m,) of the interval's light
    bounds: NDArray[np.float32]  # (n, 2) lowest and highest sun [deg]


class Views(NamedTuple):
    """What each of ``n`` modules sees.

    ``horizon`` (k, n_azimuth) [deg] of places on the modules, ``first`` (n + 1,) each module's first place;
    ``sky_view``, ``band`` (n,) [-], means over the places; ``tilt``, ``azimuth`` (n,) [deg]. Fast where neighbours have
    the same orientation.
    """

    horizon: NDArray[np.float32]
    first: NDArray[np.int64]
    sky_view: Floats
    band: Floats
    tilt: Floats
    azimuth: Floats


class ModuleYears(NamedTuple):
    """For 1 kWp of each module over all intervals [kWh]: AC energy ``monthly`` (n, 12), energy after the STAGES (n, 5),
    and ``hourly`` (n, lit intervals) if wanted.

    Energies at the stages are at rated efficiency before "temperature", and before itemised losses up to it;
    "inverter" is the AC energy without the inverter's upper limit.
    """

    monthly: Floats
    stages: Floats
    hourly: Floats | None


def lit_hours(sky: SkyHours, temp_air: ArrayLike, wind_speed: ArrayLike, n_azimuth: int) -> LitHours:
    """The lit intervals of a sky with its weather [deg C, m/s], for horizons of so many azimuths.

    Raises DataError for missing values.
    """
    light = np.stack([sky.beam, sky.circumsolar, sky.isotropic, sky.band, sky.ghi * sky.albedo]) / 1000.0
    row = np.flatnonzero((light != 0.0).any(axis=0))
    path = sun_path(sky)
    first = np.searchsorted(path.hour, np.append(row, len(sky.index)))
    bounds = np.zeros((len(row), 2), np.float32)
    some = first[1:] > first[:-1]
    for column, ends in enumerate((np.minimum, np.maximum)):
        if some.any():
            bounds[some, column] = ends.reduceat(path.height, first[:-1][some])
    air = np.stack([_complete("temp_air", temp_air)[row], _complete("wind_speed", wind_speed)[row]])
    suns = over_horizon(path.azimuth, path.height, n_azimuth)
    month = sky.index.month.to_numpy(dtype=np.int64)[row] - 1
    direction = np.ascontiguousarray(sky.direction[row].T)
    return LitHours(row, month, direction, light[:, row], air, first, suns, path.share, bounds)


def _complete(name: str, values: ArrayLike) -> Floats:
    """Values without a gap."""
    found = np.asarray(values, dtype=float)
    if not np.isfinite(found).all():
        raise DataError("weather_values_missing", column=name, count=int((~np.isfinite(found)).sum()))
    return found


def module_years(
    hours: LitHours, views: Views, u0: ArrayLike, u1: float, kept: float, gamma_pdc: float, plant: Plant,
    *, hourly: bool = False,
) -> ModuleYears:  # fmt: skip
    """Energy of modules of 1 kWp; ``kept``: share left by the itemised DC losses, the rest as in ``pv_yield``.

    ``u0`` (n,) [W/(m2 K)]. NaN where the sky view, the orientation or a horizon is unknown.
    """
    n = len(views.tilt)
    tilts, of = np.unique(views.tilt, return_inverse=True)
    glass = np.array([diffuse_modifiers(float(tilt)) for tilt in tilts]).reshape(-1, 3)[of]
    power = np.empty((n if hourly else 0, len(hours.row)))
    monthly, stages = np.zeros((n, 12)), np.zeros((n, len(STAGES)))
    constants = np.array([u1, kept, gamma_pdc, float(plant.limit_kw), plant.efficiency])
    warmth = np.broadcast_to(np.asarray(u0, dtype=float), n)
    _years(*hours[1:], *views, glass, warmth, constants, monthly, stages, power)
    return ModuleYears(
        monthly * plant.interval_h, stages * plant.interval_h, power * plant.interval_h if hourly else None
    )


@kernel(**QUICK)
def _years(
    month: Any, direction: Any, light: Any, air: Any, first_sun: Any, suns: Any, share: Any, bounds: Any, horizon: Any,
    first: Any, sky_view: Any, band: Any, tilt: Any, azimuth: Any, glass: Any, u0: Any, constants: Any, monthly: Any,
    stages: Any, power: Any,
) -> None:  # fmt: skip
    """Fill sums of power [kW] for each module: ``monthly``, ``stages`` and, where it has rows, the hours' ``power``."""
    n, unshaded = len(month), 0.0
    front, seen, ac, sums = np.empty((3, n)), np.empty(n), np.empty(n), np.empty(4)
    around = np.empty((2, horizon.shape[1] * FINE), np.float32)
    heat, view = np.empty(n), np.empty(3)
    for p in range(tilt.size):
        if p == 0 or tilt[p] != tilt[p - 1] or azimuth[p] != azimuth[p - 1]:
            unshaded = _orientation(direction, light, tilt[p], azimuth[p], front)
        if p == 0 or u0[p] != u0[p - 1]:
            heat[:] = 1000.0 / (u0[p] + constants[0] * air[1])
        own = horizon[first[p] : first[p + 1]]
        if not _around(own, around) or math.isnan(sky_view[p] + band[p] + tilt[p] + azimuth[p]):
            monthly[p], stages[p], power[p : p + 1] = math.nan, math.nan, math.nan
            continue
        _seen(suns, share, first_sun, bounds, own, around, front, seen)
        view[0], view[1], view[2] = sky_view[p], math.sin(math.radians(tilt[p])) * band[p], 1.0 - sky_view[p]
        _chain(light, air[0], heat, front, seen, view, glass[p], constants, ac, sums)
        for h in range(n):
            monthly[p, month[h]] += ac[h]
        stages[p, 0], stages[p, 1:] = unshaded, sums
        if len(power):
            power[p] = ac


@kernel(**QUICK)
def _orientation(direction: Any, light: Any, tilt: float, azimuth: float, front: Any) -> float:
    """Fill ``front`` (3, n) with beam and circumsolar light in the plane, what of it gets through the glass, and 1
    where the diffuse light counts; gives the sum of all light without horizon [kW/m2].
    """
    b, a = math.radians(tilt), math.radians(azimuth)
    east, north, up = math.sin(b) * math.sin(a), math.sin(b) * math.cos(a), math.cos(b)
    view, rim, total = (1.0 + up) / 2.0, math.sin(b), 0.0
    to_east, to_north, to_zenith = direction[0], direction[1], direction[2]
    beam, circumsolar, isotropic, band, ground = light[0], light[1], light[2], light[3], light[4]
    direct, through, lit = front[0], front[1], front[2]
    for h in range(len(beam)):
        cosine = to_east[h] * east + to_north[h] * north + to_zenith[h] * up
        cosine = cosine if cosine > 0.0 else 0.0
        cosine = cosine if cosine < 1.0 else 1.0
        around, diffuse = circumsolar[h] * cosine, isotropic[h] * view + band[h] * rim
        lit[h] = 1.0 if around + diffuse > 0.0 else 0.0  # where Perez's model turns negative, pvlib takes 0
        direct[h] = beam[h] * cosine + around * lit[h]
        through[h] = direct[h] * _glass(cosine)
        total += direct[h] + diffuse * lit[h] + ground[h] * (1.0 - view)
    return total


@kernel(**QUICK)
def _glass(cosine: float) -> float:
    """Light through glass at an angle of incidence, over that at right angles [-]: pvlib.iam.physical."""
    g, c = GLASS, cosine
    i = math.sqrt(1.0 - (1.0 - c * c) / (g * g))  # cosine inside the glass
    a, b = (c + g * i) * (c + g * i), (i + g * c) * (i + g * c)
    over = 1.0 / (a * b * i)  # one division for three
    mirrored = ((c - g * i) * (c - g * i) * b + (i - g * c) * (i - g * c) * a) * i * over
    x = ABSORBED - ABSORBED * a * b * over  # above -0.003: four powers of exp(x) are exact to 1e-15
    kept = 1.0 + x * (1.0 + x * (1.0 / 2.0 + x * (1.0 / 6.0 + x / 24.0)))
    upright = (g - 1.0) / (g + 1.0)
    return (1.0 - mirrored / 2.0) * kept / (1.0 - upright * upright)


@kernel(**QUICK)
def _chain(
    light: Any, air: Any, heat: Any, front: Any, seen: Any, view: Any, glass: Any, constants: Any, ac: Any, sums: Any
) -> None:
    """Fill ``ac`` (n,) [kW] and the ``sums`` after horizon, reflection, temperature and inverter.

    ``heat`` [K m2/kW] is how far light warms the cells above the air.
    """
    _, kept, gamma, limit, efficiency = constants
    sky, edge, reflected = glass
    sky_view, band_view, ground_view = view
    isotropic, band, ground = light[2], light[3], light[4]
    direct, through, lit = front[0], front[1], front[2]
    poa_sum, through_sum, warm_sum, ac_sum = 0.0, 0.0, 0.0, 0.0
    ratio, most = efficiency / 0.9637, efficiency * limit
    square, standby = 0.0162 / limit, 0.0059 * limit
    for h in range(len(ac)):
        even, rim = isotropic[h] * sky_view * lit[h], band[h] * band_view * lit[h]
        rest = ground[h] * ground_view
        poa = direct[h] * seen[h] + even + rim + rest
        effective = through[h] * seen[h] + even * sky + rim * edge + rest * reflected
        effective = effective if effective > 0.0 else 0.0
        cell = air[h] + heat[h] * poa
        warm = effective * (1.0 + gamma * (cell - 25.0))
        dc = warm * kept
        power = ratio * (0.9858 * dc - square * dc * dc - standby)
        power = power if power > 0.0 else 0.0
        ac[h] = power if power < most else most
        poa_sum += poa
        through_sum += effective
        warm_sum += warm
        ac_sum += power
    sums[0], sums[1], sums[2], sums[3] = poa_sum, through_sum, warm_sum, ac_sum


@kernel(**QUICK)
def _around(horizon: Any, around: Any) -> bool:
    """Fill ``around`` (2, n_azimuth * FINE) with the lowest and highest of the horizons in each part of the circle.

    False where one is unknown or there is none.
    """
    n = horizon.shape[1]
    around[0], around[1] = np.inf, -np.inf
    for row in range(len(horizon)):
        for column in range(n):
            left, right = horizon[row, column], horizon[row, column + 1 if column + 1 < n else 0]
            if math.isnan(left):
                return False
            step = (right - left) / np.float32(FINE)
            for j in range(FINE):
                k, here = column * FINE + j, left + step * np.float32(j)
                around[0, k] = min(around[0, k], here, here + step)
                around[1, k] = max(around[1, k], here, here + step)
    return len(horizon) > 0


@kernel(**QUICK)
def _seen(suns: Any, share: Any, first: Any, bounds: Any, horizon: Any, around: Any, front: Any, seen: Any) -> None:
    """Fill ``seen`` (n,): share of each interval's suns, over all places, that stand above the horizon."""
    low, high = around[0].min(), around[1].max()
    for h in range(len(seen)):
        seen[h] = 0.0
        if front[0, h] <= 0.0 or bounds[h, 1] <= low:
            continue
        if bounds[h, 0] > high:
            seen[h] = 1.0
            continue
        for s in range(first[h], first[h + 1]):
            k, height = int((suns[s, 0] + suns[s, 1]) * FINE), suns[s, 2]
            if height > around[1, k]:
                seen[h] += share[s]
            elif height > around[0, k]:
                seen[h] += share[s] * _places_in_the_sun(suns[s], horizon) / len(horizon)


@kernel(**QUICK)
def _places_in_the_sun(sun: Any, horizon: Any) -> int:
    """Number of places above whose horizon, linear between azimuths, the sun stands."""
    left = int(sun[0])
    right, count = left + 1 if left + 1 < horizon.shape[1] else 0, 0
    for p in range(len(horizon)):
        edge = horizon[p, left] + sun[1] * (horizon[p, right] - horizon[p, left])
        count += 1 if sun[2] > edge else 0
    return count
