"""Roofs made by hand, each a rectangle of one plane over flat ground, and their yield by plain pvlib."""

import math
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pvlib
import shapely
from affine import Affine
from numpy.typing import NDArray

from lk_spatial.core.tables import load_table
from lk_spatial.solar.sun import SkyHours
from tests.solar.oracle import between, brute_band, brute_sky_view

TRANSFORM = Affine(0.5, 0, -690_000.0, 0, -0.5, -972_000.0)
SIZE = 90
GROUND_M, EAVES_M = 400.0, 410.0


class Place(NamedTuple):
    """A surface model with planes as roofs.pipeline hands them out."""

    surface: NDArray[np.float32]
    labels: NDArray[np.int32]
    planes: gpd.GeoDataFrame


class Slope(NamedTuple):
    """A roof: its pixels (rows, cols), tilt and GRID azimuth [deg]; flat where the azimuth is None."""

    rows: tuple[int, int]
    cols: tuple[int, int]
    tilt: float
    grid_azimuth: float | None


def centre(row: float, col: float) -> tuple[float, float]:
    """Coordinates of a pixel's centre."""
    return TRANSFORM.c + (col + 0.5) * TRANSFORM.a, TRANSFORM.f + (row + 0.5) * TRANSFORM.e


def make_place(*slopes: Slope, convergence: float = 0.0) -> Place:
    """Flat ground with the given roofs; the lowest corner of each is EAVES_M high."""
    surface = np.full((SIZE, SIZE), GROUND_M, np.float32)
    labels = np.zeros((SIZE, SIZE), np.int32)
    rows = []
    for number, slope in enumerate(slopes, start=1):
        (top, bottom), (left, right) = slope.rows, slope.cols
        grid = math.radians(180.0 if slope.grid_azimuth is None else slope.grid_azimuth)
        steep = 0.0 if slope.grid_azimuth is None else math.tan(math.radians(slope.tilt))
        a, b = -steep * math.sin(grid), -steep * math.cos(grid)
        x0, y0 = centre((top + bottom - 1) / 2, (left + right - 1) / 2)
        r, c = np.mgrid[top:bottom, left:right]
        x, y = TRANSFORM.c + (c + 0.5) * TRANSFORM.a, TRANSFORM.f + (r + 0.5) * TRANSFORM.e
        height = a * (x - x0) + b * (y - y0)
        middle = EAVES_M - float(height.min())
        surface[top:bottom, left:right] = height + middle
        labels[top:bottom, left:right] = number
        (west, north), (east, south) = centre(top - 0.5, left - 0.5), centre(bottom - 0.5, right - 0.5)
        rows.append(
            {
                "building_id": f"b{number}",
                "part_id": "1",
                "plane_id": "1",
                "kind": "flat" if slope.grid_azimuth is None else "pitched",
                "tilt_deg": slope.tilt,
                "azimuth_deg": np.nan if slope.grid_azimuth is None else (slope.grid_azimuth - convergence) % 360,
                "_a": a,
                "_b": b,
                "_c": middle,
                "_x0": x0,
                "_y0": y0,
                "geometry": shapely.box(west, south, east, north),
            }
        )
    return Place(surface, labels, gpd.GeoDataFrame(rows, crs=5514))


def plain_parts(sky: SkyHours, tilt: float, azimuth: float, horizons: NDArray | None = None) -> pd.DataFrame:
    """Light in a plane by pvlib's Perez, shaded by fine sums under each of ``horizons`` (n, 32), their mean [W/m2]."""
    airmass = pvlib.atmosphere.get_relative_airmass(sky.zenith)
    parts = pvlib.irradiance.perez(
        tilt, azimuth, sky.dhi, sky.dni, sky.dni_extra, sky.zenith, sky.azimuth, airmass, return_components=True
    )
    aoi = np.asarray(pvlib.irradiance.aoi(tilt, azimuth, sky.zenith, sky.azimuth))
    beam = sky.dni * np.maximum(np.cos(np.radians(aoi)), 0.0) * (sky.zenith < 90)
    free = (1 + math.cos(math.radians(tilt))) / 2
    under = np.zeros((1, 32)) if horizons is None else horizons
    seen = np.mean([90 - sky.zenith > between(one, sky.azimuth) for one in under], axis=0)
    view = free if horizons is None else np.mean([brute_sky_view(one, tilt, azimuth) for one in under])
    band = 1.0 if horizons is None else np.mean([brute_band(one, azimuth) for one in under])
    return pd.DataFrame(
        {
            "poa_direct": beam * seen,
            "poa_circumsolar": np.nan_to_num(parts["poa_circumsolar"]) * seen,
            "poa_isotropic": np.nan_to_num(parts["poa_isotropic"]) * view / free,
            "poa_horizon": np.nan_to_num(parts["poa_horizon"]) * band,
            "poa_ground": sky.ghi * sky.albedo * (1 - view),
            "aoi": aoi,
        }
    )


def plain_energy(parts: pd.DataFrame, weather: pd.DataFrame, tilt: float, *, u0: float) -> NDArray:
    """AC energy of 1 kWp at each hour [kWh], by pvlib's functions one after the other."""
    diffuse = pvlib.iam.marion_diffuse("physical", tilt)
    through = (parts["poa_direct"] + parts["poa_circumsolar"]) * pvlib.iam.physical(parts["aoi"])
    through += parts["poa_isotropic"] * diffuse["sky"] + parts["poa_horizon"] * diffuse["horizon"]
    through += parts["poa_ground"] * diffuse["ground"]
    heat = parts.drop(columns="aoi").sum(axis=1)
    cell = pvlib.temperature.faiman(heat, weather["temp_air"].to_numpy(), weather["wind_speed"].to_numpy(), u0, 6.84)
    losses = load_table("pv/losses_roof_2026").rows["loss_pct"].to_numpy()
    dc = pvlib.pvsystem.pvwatts_dc(through, cell, 1.0, -0.0029) * np.prod(1 - losses / 100)
    return np.asarray(pvlib.inverter.pvwatts(dc, 1.0 / 1.2 / 0.96, 0.96))
