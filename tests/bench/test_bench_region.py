"""The made region: one land, however it is cut into files."""

from pathlib import Path

import numpy as np
import rasterio

import lk_spatial as lk
from lk_spatial.io.buildings import read_buildings
from lk_spatial.io.crs import REGION_BOX_5514
from lk_spatial.io.raster import Raster, read_raster
from lk_spatial.io.rasterize import rasterize_ids
from tests.bench.region import NORTH, QUARTER, WEST, Window, surface, write_region

SIZE, FILE = 1700, 1000  # neither falls on the edges of quarters


def read(folder: Path, name: str) -> Raster:
    return read_raster(folder / name, input_name="dsm" if name == "dsm.vrt" else "terrain")


def test_region_is_one_land_in_several_files(tmp_path: Path) -> None:
    count = write_region(tmp_path, SIZE, file=FILE)
    dsm, terrain = read(tmp_path, "dsm.vrt"), read(tmp_path, "terrain.tif")
    buildings = read_buildings(str(tmp_path / "buildings.gpkg"))
    west, south, east, north = buildings.total_bounds
    assert dsm.values.shape == (SIZE, SIZE) and np.isfinite(dsm.values).all() and dsm.crs == "EPSG:5514"
    assert len(buildings) == count > 250 and buildings["building_id"].is_unique
    assert west > WEST and north < NORTH and east < WEST + SIZE and south > NORTH - SIZE
    assert np.array_equal(dsm.values, surface(Window(0, 0, SIZE, SIZE)))
    assert lk.read_weather(tmp_path / "weather.csv")["ghi"].max() > 500
    with rasterio.open(tmp_path / "terrain.tif") as file:
        box = file.bounds
    assert box.left > REGION_BOX_5514[0] and box.top < REGION_BOX_5514[3]
    roof = rasterize_ids(buildings.geometry.to_numpy(), dsm.transform, dsm.values.shape) > 0
    steps, corner = np.arange(SIZE) + 0.5, terrain.transform
    rows = np.floor((corner.f - NORTH + steps) / corner.a).astype(int)
    cols = np.floor((WEST - corner.c + steps) / corner.a).astype(int)
    over = dsm.values - terrain.values[np.ix_(rows, cols)]
    assert np.median(over[roof]) > 5.0 and abs(np.median(over[~roof])) < 0.2
    assert np.quantile(over[roof], 0.01) > 1.0  # houses are where their outlines are


def test_ground_goes_on_over_the_edge_of_quarters() -> None:
    """The step over a quarter's edge is no larger than steps beside it (noise, hills, a tree now and then)."""
    half = QUARTER // 2
    steps = np.abs(np.diff(surface(Window(half - 5, half + 50, 10, 900)), axis=0))
    assert np.median(steps[4]) < 1.3 * np.median(steps)
    steps = np.abs(np.diff(surface(Window(half + 50, half - 5, 900, 10)), axis=1))
    assert np.median(steps[:, 4]) < 1.3 * np.median(steps)


def test_buildings_lie_across_whole_kilometres(tmp_path: Path) -> None:
    write_region(tmp_path, 2000, file=2000)
    west, south, east, north = read_buildings(str(tmp_path / "buildings.gpkg")).bounds.to_numpy().T
    assert ((west < WEST + 1000) & (east > WEST + 1000)).any() and (
        (south < NORTH - 1000) & (north > NORTH - 1000)
    ).any()
