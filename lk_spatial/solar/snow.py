"""Energy lost to snow on the modules: the monthly model of Townsend and Powers 2011 (doi:10.1109/PVSC.2011.6186627).

pvlib's ``loss_townsend`` for many planes at once, with snowfall by altitude and the geometry of the mounting.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pvlib
import shapely
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import notice
from lk_spatial.core.tables import load_table
from lk_spatial.core.text import Text
from lk_spatial.solar.irradiance import plane_light
from lk_spatial.solar.shading import Facing, PlanePixels, facing
from lk_spatial.solar.summary import KEY, MONTHS, SNOW
from lk_spatial.solar.sun import SkyHours

Floats = NDArray[np.float64]
MOUNTING = "pv/snow_mounting_2026"
HUMIDITY = "relative_humidity"
OUTSIDE_M = 150.0  # roofs farther above or below the table's altitudes are told
RESULT = Text("AC energy with snow", "Výroba (AC) se sněhem")
LEAST_WH_M2 = 1.0  # a month without any sun loses all it has


class Snow(NamedTuple):
    """Snow of the twelve months at ``n`` places, arrays (n, 12): fresh snow [cm], events, relative humidity [%]."""

    snowfall_cm: Floats
    events: Floats
    humidity: Floats | None


class Resting(NamedTuple):
    """Geometry of ``n`` arrays: tilt [deg], length up the slope and height of the lower edge [m], string factor [-]."""

    tilt: ArrayLike
    slant_m: ArrayLike
    lower_edge_m: ArrayLike
    string_factor: ArrayLike = 1.0


def snow_at(table: pd.DataFrame, altitude_m: ArrayLike) -> Snow:
    """Snow at altitudes (n,) [m] by a table as of ``read_snowfall``: linear between altitudes, beyond the nearest."""
    altitude = np.atleast_1d(np.asarray(altitude_m, dtype=float))

    def by_month(column: str) -> Floats:
        wide = table.pivot(index="altitude_m", columns="month", values=column)
        known = wide.index.to_numpy(float)
        return np.column_stack([np.interp(altitude, known, wide[month].to_numpy(float)) for month in range(1, 13)])

    humidity = by_month("relative_humidity_pct") if "relative_humidity_pct" in table else None
    return Snow(by_month("snowfall_cm"), by_month("snow_events"), humidity)


def tell_altitudes(table: pd.DataFrame, roofs_m: Sequence[float], path: str) -> None:
    """Warn where roofs lie more than OUTSIDE_M [m] outside the altitudes of the snowfall table ``path``."""
    low, high = float(table["altitude_m"].min()), float(table["altitude_m"].max())
    lowest, highest = min(roofs_m, default=low), max(roofs_m, default=high)
    if lowest < low - OUTSIDE_M or highest > high + OUTSIDE_M:
        told = {"lowest": lowest, "highest": highest, "low": low, "high": high, "limit": OUTSIDE_M}
        notice("snow_altitude_outside", path=path, **{name: f"{value:.0f}" for name, value in told.items()})


def check_humidity(weather: pd.DataFrame, table: pd.DataFrame, path: str) -> None:
    """Raise InputError where neither the weather nor the snowfall table ``path`` states relative humidity."""
    if HUMIDITY not in weather and "relative_humidity_pct" not in table:
        raise InputError("snow_humidity_missing", path=path, source=weather.attrs.get("source", ""))


def snow_loss(snow: Snow, resting: Resting, poa_kwh_m2: ArrayLike, humidity: ArrayLike, temp_air: ArrayLike) -> Floats:
    """Share of each month's energy that snow takes, (n, 12) from 0 to 1.

    ``poa_kwh_m2`` irradiation of the modules' plane, mean ``humidity`` [%] and ``temp_air`` [deg C] of each month,
    (12,) or (n, 12). The snow of the month before counts by a third, for January that of December. NaN in, NaN out.
    """

    # pvlib rolls the months of all planes as one row, so each year here begins with its own December
    def from_december(values: ArrayLike) -> Floats:
        months = np.broadcast_to(np.asarray(values, dtype=float), snow.snowfall_cm.shape)
        return np.column_stack([months[:, -1], months])

    tilt, slant, lower, factor = (np.reshape(np.asarray(each, dtype=float), (-1, 1)) for each in resting)
    poa = np.maximum(from_december(poa_kwh_m2) * 1000.0, LEAST_WH_M2)
    snowfall, events = from_december(snow.snowfall_cm), from_december(snow.events)
    loss: Any = pvlib.snow.loss_townsend(
        snowfall, events, tilt, from_december(humidity), from_december(temp_air), poa, slant, lower, factor
    )
    return np.asarray(loss[:, 1:], dtype=float)


def snow_on_planes(
    table: pd.DataFrame,
    planes: gpd.GeoDataFrame,
    modules: gpd.GeoDataFrame,
    free: NDArray[np.bool_],
    sky: SkyHours,
    weather: pd.DataFrame,
    pixels: PlanePixels,
    *,
    convergence: float,
    flat_layout: str,
    module_m: float,
) -> Floats:
    """Share of each month's energy that snow takes on each plane, (planes, 12).

    ``free``: planes of roofs on which nothing holds the snow; ``convergence`` grid bearing of true north [deg];
    ``flat_layout`` as in the mounting systems; ``module_m`` short side of a module. Monthly irradiation is that of the
    modules' orientation under the mean horizon of the plane's pixels; humidity the weather's, else the table's.
    """
    snow = snow_at(table, planes["elevation_m"].to_numpy(float))
    flat = (planes["kind"] == "flat").to_numpy()
    on_flat = "flat_flush" if flat_layout == "flush" else "flat_racks"
    kind = np.where(flat, on_flat, np.where(free, "pitched_free", "pitched"))
    rows = load_table(MOUNTING).rows.set_index("id").loc[kind]
    orientation = _orientation(planes, modules)
    slant = np.where(rows["slant"] == "module", module_m, _extents(modules, orientation, convergence))
    light = _monthly_light(modules, sky, _mean_horizons(pixels, len(planes)))
    months = weather.index.month
    air = weather.groupby(months)["temp_air"].mean().to_numpy()
    humidity = weather.groupby(months)[HUMIDITY].mean().to_numpy() if HUMIDITY in weather else snow.humidity
    edge, factor = rows["lower_edge_m"].to_numpy(float), rows["string_factor"].to_numpy(float)
    resting = Resting(orientation.tilt, slant, edge, factor)
    return snow_loss(snow, resting, light, humidity, air)  # type: ignore[arg-type]


def nothing_holds(planes: pd.DataFrame, buildings: pd.DataFrame) -> NDArray[np.bool_]:
    """Planes of buildings that are known to have no snow guards (column ``snow_guards``)."""
    if "snow_guards" not in buildings:
        return np.zeros(len(planes), bool)
    guards = buildings.set_index(KEY)["snow_guards"].astype("boolean")
    return (~guards.fillna(True)).reindex(pd.MultiIndex.from_frame(planes[KEY])).fillna(False).to_numpy(bool)


def with_snow(planes: gpd.GeoDataFrame, loss: Floats) -> gpd.GeoDataFrame:
    """Planes with the energy that snow leaves of their months, ``energy_snow_kwh_a``."""
    kept = planes[MONTHS].to_numpy(float) * (1.0 - loss)
    return planes.assign(**{SNOW: kept.sum(axis=1)})


def with_snow_step(steps: list[tuple[Text, float]], energy_snow_kwh: float, title: Text) -> list[tuple[Text, float]]:
    """The loss waterfall with one more step, from the AC energy to what snow leaves of it."""
    if not steps:
        return steps
    return [*steps[:-1], (title, energy_snow_kwh - steps[-1][1]), (RESULT, energy_snow_kwh)]


def _orientation(planes: pd.DataFrame, modules: pd.DataFrame) -> Facing:
    """Orientation of the first module of each plane, else of the plane itself."""
    own = facing(planes)
    first = modules.drop_duplicates("plane")
    plane = first["plane"].to_numpy(dtype=np.intp)
    own.tilt[plane], own.azimuth[plane] = first["tilt_deg"], first["azimuth_deg"]
    return own


def _monthly_light(modules: pd.DataFrame, sky: SkyHours, horizon: NDArray[np.float32]) -> Floats:
    """Irradiation (planes, 12) [kWh/m2] of the modules of each plane, the mean of their orientations; 0 without any."""
    faces = modules.groupby(["plane", "tilt_deg", "azimuth_deg"]).size().reset_index(name="count")
    plane, count = faces["plane"].to_numpy(dtype=np.intp), faces["count"].to_numpy(float)
    light = plane_light(sky, faces["tilt_deg"].to_numpy(), faces["azimuth_deg"].to_numpy(), horizon=horizon[plane])
    sums, whole = np.zeros((len(horizon), 12)), np.zeros(len(horizon))
    np.add.at(sums, plane, np.asarray(light.monthly) * count[:, None])
    np.add.at(whole, plane, count)
    return np.asarray(sums / np.maximum(whole, 1.0)[:, None])


def _extents(modules: gpd.GeoDataFrame, orientation: Facing, convergence: float) -> Floats:
    """Length of the modules' array up the slope of each plane [m]; 0 without modules."""
    points, module = shapely.get_coordinates(modules.geometry.array, return_index=True)
    plane = modules["plane"].to_numpy(dtype=np.intp)[module]
    low, high = np.full(len(orientation.tilt), np.inf), np.full(len(orientation.tilt), -np.inf)
    azimuth = np.radians(orientation.azimuth + convergence)[plane]
    along = points[:, 0] * np.sin(azimuth) + points[:, 1] * np.cos(azimuth)
    np.minimum.at(low, plane, along)
    np.maximum.at(high, plane, along)
    extent = np.maximum(high - low, 0.0)
    return np.asarray(extent / np.cos(np.radians(orientation.tilt)))


def _mean_horizons(pixels: PlanePixels, n_planes: int) -> NDArray[np.float32]:
    """Mean horizon of each plane's known pixels (planes, n_azimuth) [deg]; flat where none is known."""
    known = ~np.isnan(pixels.horizon).any(axis=1)
    plane, horizon = pixels.plane[known], pixels.horizon[known]
    count = np.maximum(np.bincount(plane, minlength=n_planes), 1)
    sums = [np.bincount(plane, column, n_planes) for column in horizon.T]
    return (np.stack(sums, axis=1) / count[:, None]).astype(np.float32)
