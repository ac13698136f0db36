"""Energy of the modules: the hours of each roof plane, shared out to its modules by the light they get."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lk_spatial.core.parallel import default_workers, map_items
from lk_spatial.core.progress import Progress, silent
from lk_spatial.core.text import Text
from lk_spatial.solar.chain import Chain
from lk_spatial.solar.energy_yield import (
    POA_PARTS,
    add_waterfalls,
    diffuse_modifiers,
    effective_irradiance,
    loss_waterfall,
    pv_yield,
)
from lk_spatial.solar.irradiance import beam_visibility, plane_components, plane_light
from lk_spatial.solar.shading import Facing, PixelLight, PlanePixels
from lk_spatial.solar.summary import MONTHS
from lk_spatial.solar.sun import SkyHours


class Produced(NamedTuple):
    """Modules with their energy a year and month [kWh], and each plane's loss waterfall for all its modules."""

    modules: gpd.GeoDataFrame
    waterfalls: dict[int, pd.DataFrame]
    chain: Chain

    def waterfall(self, kept: gpd.GeoDataFrame) -> list[tuple[Text, float]]:
        """Start, signed losses and result [kWh a year] of the ``kept`` modules, a share of all, plane by plane."""
        whole = self.modules.groupby("plane")["energy_kwh_a"].sum()
        left = kept.groupby("plane")["energy_kwh_a"].sum()
        shared = [
            table.assign(energy_kwh=table["energy_kwh"] * left.get(plane, 0.0) / whole[plane])
            for plane, table in self.waterfalls.items()
            if whole[plane] > 0
        ]
        steps = add_waterfalls(shared)
        if steps.empty:
            return []
        start, result = steps["energy_kwh"].iloc[0], steps["energy_kwh"].iloc[-1]
        losses = [(self.chain.step_title(row.step), -float(row.loss_kwh)) for row in steps.iloc[1:].itertuples()]
        return [
            (self.chain.step_title("unshaded"), float(start)),
            *losses,
            (Text("AC energy", "Výroba (AC)"), float(result)),
        ]


class _PlaneYear(NamedTuple):
    """A plane's modules in a year, for 1 kWp: energy by month [kWh], waterfall [kWh]."""

    monthly: NDArray[np.float64]
    waterfall: pd.DataFrame


def produce(
    sky: SkyHours,
    weather: pd.DataFrame,
    chain: Chain,
    modules: gpd.GeoDataFrame,
    below: NDArray[np.int32],
    pixels: PlanePixels,
    light: PixelLight,
    orientation: Facing,
    *,
    progress: Progress = silent,
) -> Produced:
    """Energy of every module; ``below``: pixels under each module, ``light``: of all pixels in their roof plane,
    ``orientation``: of the modules of each plane.
    """
    planes = modules["plane"].to_numpy()
    some_light = (sky.zenith < 90.0) | (sky.ghi > 0.0) | (sky.dhi > 0.0)
    lit, air = _only(sky, some_light), weather.loc[some_light, ["temp_air", "wind_speed"]]

    def year(plane: int) -> tuple[NDArray[np.float64], _PlaneYear]:
        own = below[planes == plane]
        array = _array(lit, pixels, light, orientation, own, plane)
        return _shares(array, own), _plane_year(lit, air, chain, array)

    energy = np.zeros((len(modules), 12))
    waterfalls: dict[int, pd.DataFrame] = {}
    wanted = [int(plane) for plane in np.unique(planes)]
    diffuse_modifiers(0.0)  # its table once, and not in each thread
    with ThreadPoolExecutor(default_workers()) as threads:
        for count, (plane, (share, found)) in enumerate(zip(wanted, map_items(year, wanted, threads), strict=True)):
            energy[planes == plane] = np.outer(share, found.monthly * chain.module_kwp)
            power = chain.module_kwp * len(share)
            waterfalls[plane] = found.waterfall.assign(energy_kwh=found.waterfall["energy_kwh"] * power)
            progress((count + 1) / len(wanted), "")
    by_month = dict(zip(MONTHS, energy.T, strict=True))
    return Produced(modules.assign(energy_kwh_a=energy.sum(axis=1), **by_month), waterfalls, chain)


def _only(sky: SkyHours, wanted: NDArray[np.bool_]) -> SkyHours:
    """The sky of some of its intervals."""
    arrays = {name: value[wanted] for name, value in sky._asdict().items() if np.ndim(value) == 1}
    return sky._replace(**arrays)


class _Array(NamedTuple):
    """The modules of a plane: orientation, the pixels below them, the weight of each, their horizons and light."""

    tilt: float
    azimuth: float
    on_racks: bool
    pixel: NDArray[np.intp]
    weight: NDArray[np.float64]
    horizon: NDArray[np.float32]
    light: PixelLight


def _array(
    sky: SkyHours,
    pixels: PlanePixels,
    light: PixelLight,
    orientation: Facing,
    below: NDArray[np.int32],
    plane: int,
) -> _Array:
    """The array on a plane; where no pixel lies below its modules, all pixels of the plane stand for them."""
    pixel, weight = _weighted(below)
    if pixel.size == 0:
        pixel = np.arange(pixels.first[plane], pixels.first[plane + 1])
        weight = np.ones(len(pixel))
    horizon = pixels.horizon[pixel]
    tilt, azimuth = float(orientation.tilt[plane]), float(orientation.azimuth[plane])
    on_racks = bool(orientation.on_racks[plane])
    own = light.of(pixel)
    if on_racks:  # not the orientation of the roof
        found = plane_light(sky, tilt, azimuth, horizon=horizon)
        own = PixelLight(found.monthly.sum(axis=1), found.sky_view, found.band)
    return _Array(tilt, azimuth, on_racks, pixel, weight, horizon, own)


def _weighted(below: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Pixels below modules, and their weights: each module has the same, shared by the pixels it was found on."""
    known = below >= 0
    share = known / np.maximum(known.sum(axis=1, keepdims=True), 1)
    pixel, at = np.unique(below[known], return_inverse=True)
    return pixel.astype(np.intp), np.bincount(at, share[known], minlength=len(pixel)).astype(float)


def _plane_year(sky: SkyHours, air: pd.DataFrame, chain: Chain, array: _Array) -> _PlaneYear:
    """The year of modules that together see what their pixels see."""
    shaded = plane_components(
        sky,
        array.tilt,
        array.azimuth,
        beam_visible=beam_visibility(sky, array.horizon, array.weight),
        sky_view=_mean(array.light.sky_view, array.weight),
        horizon_band=_mean(array.light.band, array.weight),
    )
    free, light = _light(plane_components(sky, array.tilt, array.azimuth)), _light(shaded)
    through = effective_irradiance(shaded, array.tilt)
    temperature, wind = air["temp_air"].to_numpy(), air["wind_speed"].to_numpy()
    settings: dict[str, Any] = {
        "losses": chain.losses,
        "interval_h": sky.step_h,
        **chain.settings(array.on_racks),
    }
    hourly = pv_yield(through, temperature, wind, 1.0, poa_global=light, **settings)
    table = loss_waterfall(free, light, through, temperature, wind, 1.0, **settings)
    monthly = np.bincount(sky.index.month - 1, hourly, minlength=12)
    return _PlaneYear(monthly / sky.years, table.assign(energy_kwh=table["energy_kwh"] / sky.years))


def _mean(values: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    """Mean of the known values; NaN where none is."""
    known = np.isfinite(values)
    return float(np.average(values[known], weights=weight[known])) if known.any() else float("nan")


def _light(components: pd.DataFrame) -> NDArray[np.float64]:
    """Irradiance in a plane at each interval (n,) [W/m²]."""
    return np.asarray(sum(components[part].to_numpy() for part in POA_PARTS))


def _shares(array: _Array, below: NDArray[np.int32]) -> NDArray[np.float64]:
    """Light of each module over the mean of the plane's modules; 1 where no pixel is known."""
    light = np.append(array.light.poa, np.nan)  # the last one is what no pixel finds
    at = np.where(below >= 0, np.searchsorted(array.pixel, below), len(array.pixel))
    known = np.isfinite(light[at])
    count = known.sum(axis=1)
    with np.errstate(invalid="ignore"):
        each = np.where(known, light[at], 0.0).sum(axis=1) / count
    if not np.nansum(each) > 0:
        return np.ones(len(below))
    return np.where(np.isnan(each), 1.0, each / np.nanmean(each))
