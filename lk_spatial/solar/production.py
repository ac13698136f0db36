"""Energy of the modules: the hours of each roof plane, shared out to its modules by the light they get."""

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lk_spatial.core.progress import Progress, silent
from lk_spatial.core.text import Text
from lk_spatial.solar.chain import Chain
from lk_spatial.solar.energy_yield import add_waterfalls, effective_irradiance, loss_waterfall, pv_yield
from lk_spatial.solar.irradiance import beam_visibility, plane_components, poa_irradiation
from lk_spatial.solar.shading import Facing, PlanePixels
from lk_spatial.solar.sky_view import horizon_band_visibility, sky_view_factor
from lk_spatial.solar.summary import MONTHS
from lk_spatial.solar.sun import SkyHours

POA = ["poa_direct", "poa_circumsolar", "poa_isotropic", "poa_horizon", "poa_ground"]


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
            (Text("Light in the plane", "Světlo v rovině"), float(start)),
            *losses,
            (Text("Energy to the building", "Energie do budovy"), float(result)),
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
    orientation: Facing,
    *,
    progress: Progress = silent,
) -> Produced:
    """Energy of every module; ``below``: pixels under each module, ``orientation``: of the modules of each plane."""
    made = modules.assign(energy_kwh_a=0.0, **dict.fromkeys(MONTHS, 0.0))
    waterfalls: dict[int, pd.DataFrame] = {}
    sun_up = (sky.zenith < 90.0) | (sky.ghi > 0.0)
    lit, air = _only(sky, sun_up), weather.loc[sun_up, ["temp_air", "wind_speed"]]
    planes = modules["plane"].to_numpy()
    for count, plane in enumerate(np.unique(planes)):
        own = np.flatnonzero(planes == plane)
        found = below[own][below[own] >= 0]
        seen = found if found.size else pixels.of_plane(plane)
        tilt, azimuth = float(orientation.tilt[plane]), float(orientation.azimuth[plane])
        year = _plane_year(lit, air, chain, tilt, azimuth, pixels.horizon[seen], bool(orientation.on_racks[plane]))
        share = _shares(sky, pixels, below[own], tilt, azimuth)
        energy = np.outer(share, year.monthly * chain.module_kwp)
        made.loc[made.index[own], MONTHS] = energy
        made.loc[made.index[own], "energy_kwh_a"] = energy.sum(axis=1)
        power = chain.module_kwp * len(own)
        waterfalls[int(plane)] = year.waterfall.assign(energy_kwh=year.waterfall["energy_kwh"] * power)
        progress((count + 1) / len(np.unique(planes)), "")
    return Produced(made, waterfalls, chain)


def _only(sky: SkyHours, wanted: NDArray[np.bool_]) -> SkyHours:
    """The sky of some of its intervals."""
    arrays = {name: value[wanted] for name, value in sky._asdict().items() if np.ndim(value) == 1}
    return sky._replace(**arrays)


def _plane_year(
    sky: SkyHours,
    air: pd.DataFrame,
    chain: Chain,
    tilt: float,
    azimuth: float,
    horizon: NDArray[np.float32],
    on_racks: bool,
) -> _PlaneYear:
    """The year of modules that together see the sky above ``horizon`` (pixels, n_azimuth)."""
    shaded = plane_components(
        sky,
        tilt,
        azimuth,
        beam_visible=beam_visibility(sky, horizon),
        sky_view=float(np.mean(sky_view_factor(horizon, tilt, azimuth))),
        horizon_band=float(np.mean(horizon_band_visibility(horizon, tilt, azimuth))),
    )
    free = plane_components(sky, tilt, azimuth)[POA].sum(axis=1).to_numpy()
    light = shaded[POA].sum(axis=1).to_numpy()
    through = effective_irradiance(shaded, tilt)
    temperature, wind = air["temp_air"].to_numpy(), air["wind_speed"].to_numpy()
    settings: dict[str, Any] = {"losses": chain.losses, "interval_h": sky.step_h, **chain.settings(on_racks)}
    hourly = pv_yield(through, temperature, wind, 1.0, poa_global=light, **settings)
    table = loss_waterfall(free, light, through, temperature, wind, 1.0, **settings)
    monthly = np.bincount(sky.index.month - 1, hourly, minlength=12)
    return _PlaneYear(monthly / sky.years, table.assign(energy_kwh=table["energy_kwh"] / sky.years))


def _shares(
    sky: SkyHours, pixels: PlanePixels, below: NDArray[np.int32], tilt: float, azimuth: float
) -> NDArray[np.float64]:
    """Light of each module over the mean of the plane's modules; 1 where no pixel is known."""
    known = np.unique(below[below >= 0])
    if known.size == 0:
        return np.ones(len(below))
    light = np.full(len(pixels.plane) + 1, np.nan)  # the last one is what index −1 finds
    light[known] = poa_irradiation(sky, np.full(known.size, tilt), azimuth, horizon=pixels.horizon[known]).annual
    each = np.array([np.nan if np.isnan(row).all() else np.nanmean(row) for row in light[below]])
    mean = np.nanmean(each)
    return np.where(np.isnan(each), 1.0, each / mean) if mean > 0 else np.ones(len(below))
