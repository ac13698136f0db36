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
from lk_spatial.solar.energy_yield import Plant, modifiers_by_tilt
from lk_spatial.solar.irradiance import over_horizon
from lk_spatial.solar.sun import SkyHours, sun_path

Floats = NDArray[np.float64]
STAGES = ("unshaded", "horizon", "reflection", "temperature", "inverter")
QUICK: dict[str, Any] = {"error_model": "numpy", "fastmath": {"contract", "reassoc", "nsz", "arcp"}}
FINE = 8  # parts of the circle between two azimuths of a horizon; most suns are clear of all horizons in their part
DOUBT = np.float32(0.001)  # [deg] more than the rounding of a horizon between its azimuths
GLASS, ABSORBED = 1.526, 0.008  # refractive index, extinction times thickness: pvlib.iam.physical's defaults


class LitHours(NamedTuple):
    """Intervals with any light, arrays (n, …), and the suns of all of them (m,), of each part of the circle the lower
    ones first.
    """

    row: NDArray[np.int64]  # place among all intervals
    months: NDArray[np.uint64]  # (runs + 1,) where intervals of one month after another begin
    month: NDArray[np.int64]  # (runs,) 0-11
    direction: Floats  # (3, n) to the sun of the interval's middle
    light: Floats  # (5, n): beam, circumsolar, isotropic, band, reflected by what is not sky [kW/m2]
    air: Floats  # (2, n): temperature [deg C], wind [m/s]
    share: Floats  # (n,) of each of the interval's suns in its light
    first: NDArray[np.int64]  # (n_azimuth * FINE + 1,) each part's first sun
    interval: NDArray[np.int32]  # (m,) the sun's place among the lit intervals
    beyond: NDArray[np.float32]  # (m,) its way from one azimuth of the horizon to the next [-]
    height: NDArray[np.float32]  # (m,) [deg]


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
    month = sky.index.month.to_numpy(dtype=np.int64)[row] - 1
    begins = np.flatnonzero(np.diff(month, prepend=-1))
    months = np.append(begins, len(row)).astype(np.uint64)  # unsigned: only such places let loops run in vectors
    air = np.stack([_complete("temp_air", temp_air)[row], _complete("wind_speed", wind_speed)[row]])
    direction, light = np.ascontiguousarray(sky.direction[row].T), np.ascontiguousarray(light[:, row])
    return LitHours(row, months, month[begins], direction, light, air, *_suns(sky, row, n_azimuth))


def _suns(sky: SkyHours, row: NDArray[np.int64], n_azimuth: int) -> tuple[NDArray[Any], ...]:
    """The last five fields of LitHours."""
    path = sun_path(sky)
    column, beyond, height = over_horizon(path.azimuth, path.height, n_azimuth).T
    part = column.astype(np.int64) * FINE + np.minimum((beyond * FINE).astype(np.int64), FINE - 1)
    order = np.lexsort((height, part))
    first = np.searchsorted(part[order], np.arange(n_azimuth * FINE + 1))
    interval = np.searchsorted(row, path.hour).astype(np.int32)
    share = 1.0 / np.maximum(np.bincount(interval, minlength=len(row)), 1)
    return share, first.astype(np.int64), interval[order], beyond[order], height[order]


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
    glass = modifiers_by_tilt(views.tilt)
    power = np.empty((n if hourly else 0, len(hours.row)))
    monthly, stages = np.zeros((n, 12)), np.zeros((n, len(STAGES)))
    constants = (float(kept), float(gamma_pdc), float(plant.limit_kw), float(plant.efficiency))
    most, warmth = int(np.diff(views.first).max(initial=0)), np.full(n, u0, dtype=float)
    _years(*hours[1:], *views, glass, most, warmth, float(u1), constants, monthly, stages, power)
    return ModuleYears(
        monthly * plant.interval_h, stages * plant.interval_h, power * plant.interval_h if hourly else None
    )


@kernel(**QUICK)
def _years(
    months: Any, month: Any, direction: Any, light: Any, air: Any, share: Any, first_sun: Any, interval: Any,
    beyond: Any, height: Any, horizon: Any, first: Any, sky_view: Any, band: Any, tilt: Any, azimuth: Any, glass: Any,
    most: int, u0: Any, u1: float, constants: Any, monthly: Any, stages: Any, power: Any,
) -> None:  # fmt: skip
    """Fill sums of power [kW] for each module: ``monthly``, ``stages`` and, where it has rows, the hours' ``power``."""
    n, unshaded = len(share), 0.0
    front, heat, hidden, seen = np.empty((3, n)), np.empty(n), np.empty(n, np.int32), np.empty(n)
    edge = np.empty((horizon.shape[1], 2, most), np.float32)
    parts = horizon.shape[1] * FINE + 1
    low, high = np.empty(parts, np.float32), np.empty(parts, np.float32)
    for p in range(tilt.size):
        if p == 0 or tilt[p] != tilt[p - 1] or azimuth[p] != azimuth[p - 1]:
            unshaded = _orientation(direction, light, tilt[p], azimuth[p], front)
        if p == 0 or u0[p] != u0[p - 1]:
            for h in range(n):
                heat[h] = 1000.0 / (u0[p] + u1 * air[1, h])
        places = first[p + 1] - first[p]
        known = not math.isnan(sky_view[p] + band[p] + tilt[p] + azimuth[p])
        if not known or not _around(horizon[first[p] : first[p + 1]], edge, low, high):
            monthly[p].fill(math.nan)
            stages[p].fill(math.nan)
            power[p : p + 1].fill(math.nan)
            continue
        _hide(first_sun, interval, beyond, height, places, edge, low, high, hidden)
        for h in range(n):
            seen[h] = 1.0 - hidden[h] * share[h] / places
        view = sky_view[p], math.sin(math.radians(tilt[p])) * band[p], 1.0 - sky_view[p]
        clear = glass[p, 0], glass[p, 1], glass[p, 2]
        stages[p, 0] = unshaded
        _add_up(months, month, light, air, heat, front, seen, view, clear, constants, monthly[p], stages[p])
        if len(power):
            _each_hour(light, air, heat, front, seen, view, clear, constants, power[p])


@kernel(**QUICK)
def _orientation(direction: Any, light: Any, tilt: float, azimuth: float, front: Any) -> float:
    """Fill ``front`` (3, n) with beam and circumsolar light in the plane, what of it gets through the glass, and 1
    where the diffuse light counts; gives the sum of all light without horizon [kW/m2].
    """
    b, a = math.radians(tilt), math.radians(azimuth)
    east, north, up = math.sin(b) * math.sin(a), math.sin(b) * math.cos(a), math.cos(b)
    view, rim, total = (1.0 + up) / 2.0, math.sin(b), 0.0
    for h in range(front.shape[1]):
        cosine = direction[0, h] * east + direction[1, h] * north + direction[2, h] * up
        cosine = min(max(cosine, 0.0), 1.0)
        around, diffuse = light[1, h] * cosine, light[2, h] * view + light[3, h] * rim
        lit = 1.0 if around + diffuse > 0.0 else 0.0  # where Perez's model turns negative, pvlib takes 0
        direct = light[0, h] * cosine + around * lit
        front[0, h], front[1, h], front[2, h] = direct, direct * _glass(cosine), lit
        total += direct + diffuse * lit + light[4, h] * (1.0 - view)
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
def _add_up(
    months: Any, month: Any, light: Any, air: Any, heat: Any, front: Any, seen: Any, view: Any, glass: Any,
    constants: Any, monthly: Any, stages: Any,
) -> None:  # fmt: skip
    """Add the AC power [kW] to the ``monthly`` sums (12,), and fill all ``stages`` (5,) but the first."""
    poa_sum, through_sum, warm_sum, open_sum = 0.0, 0.0, 0.0, 0.0
    for run in range(len(month)):
        ac_sum = 0.0
        for h in range(months[run], months[run + 1]):
            poa, effective, warm, endless, ac = _power(h, light, air, heat, front, seen, view, glass, constants)
            poa_sum, through_sum, warm_sum = poa_sum + poa, through_sum + effective, warm_sum + warm
            open_sum, ac_sum = open_sum + endless, ac_sum + ac
        monthly[month[run]] += ac_sum
    stages[1], stages[2], stages[3], stages[4] = poa_sum, through_sum, warm_sum, open_sum


@kernel(**QUICK)
def _each_hour(
    light: Any, air: Any, heat: Any, front: Any, seen: Any, view: Any, glass: Any, constants: Any, power: Any
) -> None:
    """Fill ``power`` (n,) with the AC power [kW]."""
    for h in range(len(power)):
        power[h] = _power(h, light, air, heat, front, seen, view, glass, constants)[4]


@kernel(**QUICK)
def _power(
    h: int, light: Any, air: Any, heat: Any, front: Any, seen: Any, view: Any, glass: Any, constants: Any
) -> tuple[float, float, float, float, float]:
    """Light in the plane [kW/m2], through the glass, with the cells' warmth; AC power without and with limit [kW].

    ``heat`` [K m2/kW] is how far light warms the cells above the air.
    """
    sky, edge, reflected = glass
    kept, gamma, limit, efficiency = constants
    even, rim = light[2, h] * view[0] * front[2, h], light[3, h] * view[1] * front[2, h]
    rest = light[4, h] * view[2]
    poa = front[0, h] * seen[h] + even + rim + rest
    effective = front[1, h] * seen[h] + even * sky + rim * edge + rest * reflected
    effective = effective if effective > 0.0 else 0.0
    warm = effective * (1.0 + gamma * (air[0, h] + heat[h] * poa - 25.0))
    dc = warm * kept
    power = efficiency / 0.9637 * (0.9858 * dc - 0.0162 / limit * dc * dc - 0.0059 * limit)
    power = power if power > 0.0 else 0.0
    return poa, effective, warm, power, min(power, efficiency * limit)


@kernel(**QUICK)
def _around(horizon: Any, edge: Any, low: Any, high: Any) -> bool:
    """Fill ``edge`` (n_azimuth, 2, places) with the horizons and how far each climbs to the next azimuth, ``low`` and
    ``high`` (n_azimuth * FINE + 1,) with the lowest and highest where parts of the circle meet.

    False where one is unknown or there is none.
    """
    n = horizon.shape[1]
    low.fill(np.inf)
    high.fill(-np.inf)
    for place in range(len(horizon)):
        for column in range(n):
            left = horizon[place, column]
            climb = horizon[place, column + 1 if column + 1 < n else 0] - left
            if math.isnan(left):
                return False
            edge[column, 0, place], edge[column, 1, place] = left, climb
            for j in range(FINE):
                k, here = column * FINE + j, left + climb * np.float32(j / FINE)
                low[k], high[k] = min(low[k], here), max(high[k], here)
    low[-1], high[-1] = low[0], high[0]
    return len(horizon) > 0


@kernel(**QUICK)
def _hide(
    first: Any, interval: Any, beyond: Any, height: Any, places: int, edge: Any, low: Any, high: Any, hidden: Any
) -> None:
    """Fill ``hidden`` (n,) with the number of each interval's suns behind the horizon, counted once for each place.

    Part by part of the circle, from its lowest sun up to the first that is clear of all horizons: below the lowest
    horizon a sun is hidden from all places, between them each place is asked.
    """
    hidden.fill(0)
    for k in range(len(first) - 1):
        lowest, highest = min(low[k], low[k + 1]) - DOUBT, max(high[k], high[k + 1]) + DOUBT
        s, stop = first[k], first[k + 1]
        while s < stop and height[s] <= lowest:
            hidden[interval[s]] += places
            s += 1
        while s < stop and height[s] <= highest:
            hidden[interval[s]] += _places_below(height[s], beyond[s], edge[k // FINE], places)
            s += 1


@kernel(**QUICK)
def _places_below(height: float, beyond: float, edge: Any, places: int) -> int:
    """Number of places below whose horizon, linear between azimuths, the sun stands."""
    left, climb, count = edge[0], edge[1], 0
    for p in range(places):
        count += 1 if height <= left[p] + beyond * climb[p] else 0
    return count
