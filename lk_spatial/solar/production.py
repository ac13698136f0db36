"""Energy of the modules: each has its own year, under the horizons of the pixels below it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lk_spatial.core.parallel import default_workers, map_items
from lk_spatial.core.progress import Progress, silent
from lk_spatial.core.text import Text
from lk_spatial.solar.chain import Chain
from lk_spatial.solar.energy_yield import plant_of, total_loss, waterfall
from lk_spatial.solar.irradiance import plane_light
from lk_spatial.solar.module_year import STAGES, LitHours, ModuleYears, Views, lit_hours, module_years
from lk_spatial.solar.shading import PixelLight, PlanePixels
from lk_spatial.solar.summary import MONTHS
from lk_spatial.solar.sun import SkyHours

MODULES_AT_ONCE = 500
STAND_INS = 60  # pixels of its plane that stand for a module below which no pixel lies
COLUMNS = [f"_{stage}" for stage in STAGES]


class Produced(NamedTuple):
    """Modules with their energy a year and month, and after each stage of the chain (columns _…) [kWh]."""

    modules: gpd.GeoDataFrame
    chain: Chain

    def waterfall(self, kept: gpd.GeoDataFrame) -> list[tuple[Text, float]]:
        """Start, signed losses and result [kWh a year] of the ``kept`` modules, a share of all."""
        if kept.empty:
            return []
        sums = kept[COLUMNS].sum().to_numpy()
        steps = waterfall(dict(zip(STAGES, sums, strict=True)), self.chain.losses, float(kept["energy_kwh_a"].sum()))
        losses = [(self.chain.step_title(row.step), -float(row.loss_kwh)) for row in steps.iloc[1:].itertuples()]
        return [
            (self.chain.step_title("unshaded"), float(steps["energy_kwh"].iloc[0])),
            *losses,
            (Text("AC energy", "Výroba (AC)"), float(steps["energy_kwh"].iloc[-1])),
        ]


def produce(
    sky: SkyHours,
    weather: pd.DataFrame,
    chain: Chain,
    modules: gpd.GeoDataFrame,
    below: NDArray[np.int32],
    pixels: PlanePixels,
    light: PixelLight,
    *,
    progress: Progress = silent,
) -> Produced:
    """Energy of every module, as it is oriented: columns tilt_deg, azimuth_deg, on_flat of ``lay_modules``.

    ``below``: pixels under each module, ``light``: of all pixels in their roof plane.
    """
    plane = modules["plane"].to_numpy(dtype=np.intp)
    hours = lit_hours(sky, weather["temp_air"], weather["wind_speed"], pixels.horizon.shape[1])
    monthly, stages = np.empty((len(plane), 12)), np.empty((len(plane), len(STAGES)))
    for some, found in _years(sky, hours, chain, modules, below, pixels, light):
        monthly[some], stages[some] = found.monthly, found.stages
        progress(min(some.stop / len(plane), 1.0), "")
    monthly, stages = (values * chain.module_kwp / sky.years for values in (monthly, stages))
    columns = dict(zip([*MONTHS, *COLUMNS], np.column_stack([monthly, stages]).T, strict=True))
    return Produced(modules.assign(energy_kwh_a=monthly.sum(axis=1), **columns), chain)


def profiles(
    sky: SkyHours,
    weather: pd.DataFrame,
    chain: Chain,
    modules: gpd.GeoDataFrame,
    below: NDArray[np.int32],
    pixels: PlanePixels,
    light: PixelLight,
) -> pd.DataFrame:
    """Energy of the planes with modules in every interval [kWh per kWp]: the mean of their modules.

    Arguments as in ``produce``. Rows are the weather's intervals (index: their START, UTC), columns the planes.
    """
    plane = modules["plane"].to_numpy(dtype=np.intp)
    column, at, count = np.unique(plane, return_inverse=True, return_counts=True)
    hours = lit_hours(sky, weather["temp_air"], weather["wind_speed"], pixels.horizon.shape[1])
    sums = np.zeros((len(column), len(sky.index)))
    for some, found in _years(sky, hours, chain, modules, below, pixels, light, hourly=True):
        for module, power in zip(at[some], np.asarray(found.hourly), strict=True):
            sums[module, hours.row] += power
    start = sky.index - pd.Timedelta(hours=sky.step_h / 2.0)
    return pd.DataFrame((sums / count[:, None]).T, index=start, columns=column)


def _years(
    sky: SkyHours,
    hours: LitHours,
    chain: Chain,
    modules: gpd.GeoDataFrame,
    below: NDArray[np.int32],
    pixels: PlanePixels,
    light: PixelLight,
    *,
    hourly: bool = False,
) -> Iterator[tuple[slice, ModuleYears]]:
    """Years of the modules by parts, on all processors."""
    places = _places(below, modules["plane"].to_numpy(dtype=np.intp), pixels, light)
    facing = _Facing(*(modules[name].to_numpy() for name in ("tilt_deg", "azimuth_deg", "on_flat")))
    parts = [slice(start, start + MODULES_AT_ONCE) for start in range(0, len(modules), MODULES_AT_ONCE)]

    def year(some: slice) -> ModuleYears:
        return _year(sky, hours, chain, places.of(some), facing.of(some), pixels, light, hourly)

    with ThreadPoolExecutor(default_workers()) as threads:
        yield from zip(parts, map_items(year, parts, threads), strict=True)


class _Facing(NamedTuple):
    """Tilt and true azimuth [deg] of modules, and whether they have the mounting system of flat roofs."""

    tilt: NDArray[np.float64]
    azimuth: NDArray[np.float64]
    on_flat: NDArray[np.bool_]

    def of(self, some: slice) -> "_Facing":
        """That of some modules."""
        return _Facing(self.tilt[some], self.azimuth[some], self.on_flat[some])


class _Places(NamedTuple):
    """Pixels that stand for modules, one after another, and (n + 1,) where each module's begin."""

    pixel: NDArray[np.intp]
    first: NDArray[np.int64]

    def of(self, some: slice) -> "_Places":
        """The places of some modules."""
        first = self.first[some.start : some.stop + 1]
        return _Places(self.pixel[first[0] : first[-1]], first - first[0])


def _places(below: NDArray[np.int32], plane: NDArray[np.intp], pixels: PlanePixels, light: PixelLight) -> _Places:
    """Known pixels below each module; where there is none, pixels all over its plane stand for them."""
    known = (below >= 0) & np.append(np.isfinite(light.sky_view), False)[below]
    found = [row[is_known] for row, is_known in zip(below, known, strict=True)]
    for module in np.flatnonzero(~known.any(axis=1)):
        own = np.arange(pixels.first[plane[module]], pixels.first[plane[module] + 1])
        own = own[np.isfinite(light.sky_view[own])]
        found[module] = own[:: max(1, len(own) // STAND_INS)]
    first = np.concatenate([[0], np.cumsum([len(each) for each in found])]).astype(np.int64)
    return _Places(np.concatenate([*found, np.empty(0, np.intp)]).astype(np.intp), first)


def _year(
    sky: SkyHours,
    hours: LitHours,
    chain: Chain,
    places: _Places,
    facing: _Facing,
    pixels: PlanePixels,
    light: PixelLight,
    hourly: bool,
) -> ModuleYears:
    """The year of some modules for 1 kWp each."""
    horizon, n = pixels.horizon[places.pixel], len(facing.tilt)
    count = np.diff(places.first)
    module = np.repeat(np.arange(n), count)
    view, band = light.sky_view[places.pixel], light.band[places.pixel]
    turned = facing.on_flat[module]
    if turned.any():  # not the orientation of the roof
        own = facing.tilt[module][turned], facing.azimuth[module][turned]
        seen = plane_light(sky, *own, horizon=horizon[turned], monthly=False)
        view[turned], band[turned] = seen.sky_view, seen.band
    with np.errstate(invalid="ignore"):
        view, band = (np.bincount(module, each, n) / count for each in (view, band))
    plant = plant_of(1.0, chain.plant["dc_ac_ratio"], chain.plant["inverter_efficiency"], sky.step_h)
    kept = 1.0 - total_loss(chain.losses) / 100.0
    u0 = np.where(facing.on_flat, chain.u0_rack, chain.u0_roof)
    views = Views(horizon, places.first, view, band, facing.tilt, facing.azimuth)
    return module_years(hours, views, u0, chain.plant["u1"], kept, chain.plant["gamma_pdc"], plant, hourly=hourly)
