"""Energy of the modules: each has its own year, under the horizons of the pixels below it."""

from collections.abc import Iterator, Mapping
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


class PlaneHours(NamedTuple):
    """Energy of the planes with modules in the lit intervals of the weather, all their modules of 1 kWp together [kWh].

    ``plane`` (p,) rows of the planes, ascending, with ``n_modules`` (p,); ``row`` (h,) places of the intervals in
    the weather; ``energy`` (p, h) float32. Modules without a known year count with zero, as in the planes' totals.
    """

    plane: NDArray[np.intp]
    n_modules: NDArray[np.int64]
    row: NDArray[np.int64]
    energy: NDArray[np.float32]


class Produced(NamedTuple):
    """Modules with their energy a year and month, and after each stage of the chain (columns _…) [kWh].

    ``_module`` numbers them; ``hours`` of their planes if wanted.
    """

    modules: gpd.GeoDataFrame
    hours: PlaneHours | None = None

    def stages(self, kept: gpd.GeoDataFrame) -> dict[str, float]:
        """Energy of the ``kept`` modules, a share of all, after each stage and in the end ("ac") [kWh a year]."""
        sums = kept[COLUMNS].sum().to_numpy(float)
        return {**dict(zip(STAGES, sums.tolist(), strict=True)), "ac": float(kept["energy_kwh_a"].sum())}


def loss_steps(energy: Mapping[str, float], chain: Chain) -> list[tuple[Text, float]]:
    """Start, signed losses and result [kWh a year] of modules with this ``energy`` after each stage and in the end."""
    stages = {name: energy[name] for name in STAGES}
    if energy["ac"] == 0.0:
        return []
    steps = waterfall(stages, chain.losses, energy["ac"])
    losses = [(chain.step_title(row.step), -float(row.loss_kwh)) for row in steps.iloc[1:].itertuples()]
    return [
        (chain.step_title("unshaded"), float(steps["energy_kwh"].iloc[0])),
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
    hourly: bool = False,
    progress: Progress = silent,
) -> Produced:
    """Energy of every module, as it is oriented: columns tilt_deg, azimuth_deg, on_flat of ``lay_modules``.

    ``below``: pixels under each module, ``light``: of all pixels in their roof plane. ``hourly``: also the energy of
    the planes in every interval.
    """
    plane = modules["plane"].to_numpy(dtype=np.intp)
    lit = lit_hours(sky, weather["temp_air"], weather["wind_speed"], pixels.horizon.shape[1])
    monthly, stages = np.empty((len(plane), 12)), np.empty((len(plane), len(STAGES)))
    planes, count = np.unique(plane, return_counts=True)
    hours = PlaneHours(planes, count, lit.row, np.zeros((len(planes), len(lit.row)), np.float32)) if hourly else None
    for some, found in _years(sky, lit, chain, modules, below, pixels, light, hourly=hourly):
        monthly[some], stages[some] = found.monthly, found.stages
        if hours is not None and found.hourly is not None:
            hours.energy[np.searchsorted(planes, np.unique(plane[some]))] += found.hourly
        progress(min(some.stop / len(plane), 1.0), "")
    monthly, stages = (values * chain.module_kwp / sky.years for values in (monthly, stages))
    columns = dict(zip([*MONTHS, *COLUMNS], np.column_stack([monthly, stages]).T, strict=True))
    columns |= {"energy_kwh_a": monthly.sum(axis=1), "_module": np.arange(len(plane))}
    return Produced(modules.assign(**columns), hours)


def hours_of_kept(
    made: Produced,
    kept: gpd.GeoDataFrame,
    sky: SkyHours,
    weather: pd.DataFrame,
    chain: Chain,
    below: NDArray[np.int32],
    pixels: PlanePixels,
    light: PixelLight,
) -> PlaneHours:
    """Hours of the planes with their ``kept`` modules alone, a share of those ``made`` with ``hourly``.

    The further arguments are those with which ``made`` was produced. Only planes that lost modules are computed anew.
    """
    whole = made.hours
    if whole is None:
        raise ValueError("produce(…, hourly=True) is needed")
    left = np.bincount(kept["plane"].to_numpy(dtype=np.intp), minlength=len(pixels.first))[whole.plane]
    same, fewer = left == whole.n_modules, (left > 0) & (left < whole.n_modules)
    if same.all():
        return whole
    some = kept[kept["plane"].isin(whole.plane[fewer])]
    again = produce(sky, weather, chain, some, below[some["_module"].to_numpy()], pixels, light, hourly=True).hours
    assert again is not None
    plane = np.concatenate([whole.plane[same], again.plane])
    order = np.argsort(plane)
    count = np.concatenate([whole.n_modules[same], again.n_modules])
    energy = np.concatenate([whole.energy[same], again.energy])
    return PlaneHours(plane[order], count[order], whole.row, energy[order])


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
    """Years of the modules by parts, on all processors; ``hourly`` are sums over each plane of a part."""
    plane = modules["plane"].to_numpy(dtype=np.intp)
    places = _places(below, plane, pixels, light)
    facing = _Facing(*(modules[name].to_numpy() for name in ("tilt_deg", "azimuth_deg", "on_flat")))
    parts = [slice(start, start + MODULES_AT_ONCE) for start in range(0, len(plane), MODULES_AT_ONCE)]

    def year(some: slice) -> ModuleYears:
        found = _year(sky, hours, chain, places.of(some), facing.of(some), pixels, light, hourly)
        return found._replace(hourly=_sums_by(plane[some], found.hourly)) if found.hourly is not None else found

    with ThreadPoolExecutor(default_workers()) as threads:
        yield from zip(parts, map_items(year, parts, threads), strict=True)


def _sums_by(key: NDArray[np.intp], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of the rows of each key, ascending; NaN counts as nothing."""
    rows = np.nan_to_num(rows, copy=False)[np.argsort(key, kind="stable")]
    first = np.unique(np.sort(key), return_index=True)[1]
    return np.asarray(np.add.reduceat(rows, first, axis=0))


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
