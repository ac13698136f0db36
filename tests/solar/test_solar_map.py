"""The solar map: planes as pvlib has them, shade, and the same map however it is cut into tiles."""

import math
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray

from lk_spatial.core.errors import Cancelled, DataError, InputError
from lk_spatial.core.notices import collect_notices
from lk_spatial.io.cog import write_plain
from lk_spatial.io.crs import block_convergence, to_wgs84
from lk_spatial.io.raster import Raster
from lk_spatial.io.weather import read_weather
from lk_spatial.roofs.inputs import Guard
from lk_spatial.solar import map as solar_map_module
from lk_spatial.solar import map_tile
from lk_spatial.solar.irradiance import poa_irradiation
from lk_spatial.solar.map import MapOptions, solar_map
from lk_spatial.solar.sun import sky_hours
from tests.solar.oracle import pvlib_hours
from tests.solar.shapes import rough

CORNER = (-688_000.0, -972_000.0)  # where four squares of 4 km meet

Make = Callable[..., NDArray[np.float32]]


@pytest.fixture
def weather(sample_data: Path) -> str:
    return str(sample_data / "weather_liberec_synthetic.csv")


@pytest.fixture
def mapped(tmp_path: Path, weather: str) -> Make:
    """Map heights whose upper left corner lies at ``corner``; the bands."""

    def make(
        heights: NDArray,
        options: MapOptions = MapOptions(),  # noqa: B008 - a constant
        *,
        corner: tuple[float, float] = CORNER,
        cell: float = 1.0,
        roofs: list[shapely.Polygon] | None = None,
        **more,
    ) -> NDArray[np.float32]:
        grid = Affine(cell, 0, corner[0], 0, -cell, corner[1])
        write_plain(tmp_path / "dsm.tif", Raster(heights.astype(np.float32), grid, "EPSG:5514", ""))
        if roofs is not None:
            table = {"building_id": [str(number) for number in range(len(roofs))]}
            gpd.GeoDataFrame(table, geometry=roofs, crs=5514).to_file(tmp_path / "roofs.gpkg")
            more["buildings"] = str(tmp_path / "roofs.gpkg")
        solar_map(str(tmp_path / "dsm.tif"), weather, str(tmp_path / "map.tif"), options, Guard(), **more)
        with rasterio.open(tmp_path / "map.tif") as found:
            return found.read()

    return make


def of_plane(weather: str, tilt: float, grid_azimuth: float) -> NDArray:
    """Irradiation of a free plane at the corner, the year and its months [kWh/m²], by pvlib."""
    lon, lat = to_wgs84(*CORNER)
    sky = sky_hours(read_weather(weather), latitude=lat, longitude=lon)
    azimuth = grid_azimuth - block_convergence(CORNER[0] + 1, CORNER[1] - 1)
    hours = pvlib_hours(sky, tilt, azimuth) * sky.step_h / 1000.0
    months = np.bincount(sky.index.month - 1, hours, 12)
    return np.array([hours.sum(), *months])


def test_flat_and_free_as_pvlib(mapped: Make, weather: str) -> None:
    found = mapped(np.full((40, 50), 400.0), MapOptions(monthly=True))
    assert found.shape == (13, 40, 50)
    expected = of_plane(weather, 0.0, 180.0)
    assert expected[0] > 900
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-3)
    np.testing.assert_allclose(found[1:], expected[1:, None, None] * np.ones((40, 50)), rtol=2e-3)
    np.testing.assert_allclose(found[0], found[1:].sum(axis=0), rtol=1e-6)


@pytest.mark.parametrize(("azimuth", "turns"), [(180.0, 0), (90.0, 1), (0.0, 2), (270.0, 3)])
def test_a_pitched_roof_as_pvlib(mapped: Make, weather: str, azimuth: float, turns: int) -> None:
    """A gable of 35° on walls of 6 m: each side, rim included, as a free plane of that tilt and azimuth."""
    heights = np.full((40, 40), 400.0)
    side = np.arange(8) + 0.5  # half of the roof is 8 m deep
    heights[12:20, 10:30] = 406.0 + math.tan(math.radians(35.0)) * side[:, None]
    heights[20:28, 10:30] = heights[12:20, 10:30][::-1]
    found = np.rot90(mapped(np.rot90(heights, turns)), -turns, axes=(1, 2))[0]
    np.testing.assert_allclose(found[21:28, 10:30], of_plane(weather, 35.0, azimuth)[0], rtol=1e-3)
    np.testing.assert_allclose(found[12:19, 10:30], of_plane(weather, 35.0, (azimuth + 180) % 360)[0], rtol=1e-3)


def test_beside_a_wall_less(mapped: Make, weather: str) -> None:
    """North of a wall of 10 m: dark at its foot, lighter farther away, free before it."""
    heights = np.full((80, 80), 400.0)
    heights[50:52] = 410.0
    north, south = mapped(heights)[0, [49, 40, 20], 40], mapped(heights)[0, 78, 40]
    free = of_plane(weather, 0.0, 180.0)[0]
    assert north[0] < 0.5 * free < north[1] < north[2] < 0.99 * free
    assert 0.95 * free < south < free


def test_a_mountain_far_away_takes_the_sun(mapped: Make, tmp_path: Path, weather: str) -> None:
    """A long wall of 1500 m, 3 km to grid south: tan h = 0.5 cos φ on the ground, less 200 m above it."""
    y = CORNER[1] + 5_000 - (np.arange(200) + 0.5) * 50
    ridge = np.where(y < CORNER[1] - 3_000, 1_900.0, 400.0)
    grid = Affine(50.0, 0, CORNER[0] - 20_000, 0, -50.0, CORNER[1] + 5_000)
    hills = Raster(np.tile(ridge[:, None], (1, 800)).astype(np.float32), grid, "EPSG:5514", "")
    write_plain(tmp_path / "hills.tif", hills)
    convergence = block_convergence(CORNER[0] + 1, CORNER[1] - 1)
    for height in (400.0, 600.0):
        slope = (1_900.0 - height) / 3_015.0 * np.cos(np.radians(np.arange(32) * 11.25 + convergence - 180.0))
        horizon = np.degrees(np.arctan(np.maximum(slope, 0.0)))
        lon, lat = to_wgs84(*CORNER)
        sky = sky_hours(read_weather(weather), latitude=lat, longitude=lon)
        expected = poa_irradiation(sky, 0.0, 180.0, horizon=horizon).annual
        found = mapped(np.full((30, 30), height), terrain=str(tmp_path / "hills.tif"))[0]
        assert expected < 0.97 * of_plane(weather, 0.0, 180.0)[0]
        np.testing.assert_allclose(found, expected, rtol=2e-3)


@pytest.mark.parametrize(("gap", "told"), [(21_005.0, []), (21_100.0, ["terrain_nowhere"])])
def test_a_terrain_too_far_away_shades_nothing(mapped: Make, tmp_path: Path, gap: float, told: list[str]) -> None:
    """Two tiles; the nearer terrain is seen from the western one only, and the other does not fail for it."""
    grid = Affine(50.0, 0, CORNER[0] - gap - 1_000, 0, -50.0, CORNER[1])
    write_plain(tmp_path / "hills.tif", Raster(np.full((20, 20), 900.0, np.float32), grid, "EPSG:5514", ""))
    west = (CORNER[0] - 10, CORNER[1])
    with collect_notices() as notices:
        found = mapped(np.full((30, 30), 400.0), corner=west, terrain=str(tmp_path / "hills.tif"))
    assert [each.code for each in notices if each.code.startswith("terrain")] == told
    np.testing.assert_array_equal(found, mapped(np.full((30, 30), 400.0), corner=west))


def holed(seed: int, shape: tuple[int, int] = (250, 230)) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    heights = 500.0 + np.tile(rough(seed), (5, 4))[: shape[0], : shape[1]]
    heights[rng.random(shape) < 0.01] = np.nan
    return heights.astype(np.float32)


@pytest.mark.parametrize("cell", [1.0, 0.3])
@pytest.mark.parametrize("roofed", [False, True])
def test_tiles_do_not_show(
    mapped: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell: float, roofed: bool
) -> None:
    """Bit for bit, over the border of four squares with four convergences, near and far."""
    corner = (CORNER[0] - 100.3 * cell, CORNER[1] + 130.2 * cell)
    for module in (map_tile, solar_map_module):
        monkeypatch.setattr(module, "NEAR_M", 40.0 * cell)
    y, x = np.mgrid[:40, :40]
    hills = (500.0 + 40 * np.sin(x / 3.0) * np.cos(y / 4.0)).astype(np.float32)
    grid = Affine(60.0, 0, CORNER[0] - 1_200, 0, -60.0, CORNER[1] + 1_200)
    write_plain(tmp_path / "hills.tif", Raster(hills, grid, "EPSG:5514", ""))
    middle = [shapely.Point(corner[0] + 60 * k * cell, corner[1] - 70 * k * cell) for k in (1, 2, 3)]
    more = {
        "terrain": str(tmp_path / "hills.tif"),
        "roofs": [each.buffer(23 * cell, quad_segs=2) for each in middle] if roofed else None,
    }
    maps = []
    for size in (2048, 50):
        monkeypatch.setattr(solar_map_module, "TILE_PX", size)
        maps.append(mapped(holed(1), corner=corner, cell=cell, **more))
    assert np.isfinite(maps[0]).sum() > (2_000 if roofed else 40_000)
    assert maps[0].tobytes() == maps[1].tobytes()


def test_the_number_of_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of 2048 pixels at most that cover all once and keep to the squares."""
    for cell in (0.1, 0.25, 0.5, 1.0, 2.0, 5.0):
        for origin, step in ((-688_123.4, cell), (-972_345.6, -cell)):
            cuts = solar_map_module._cuts(origin, step, (17, round(9_000 / cell)))
            ends = [cuts[0][0], *(stop for _, stop in cuts)]
            assert [start for start, _ in cuts] == ends[:-1] and (ends[0], ends[-1]) == (17, round(9_000 / cell))
            assert max(stop - start for start, stop in cuts) <= 2048
            for start, stop in cuts:
                first, last = (origin + (pixel + 0.5) * step for pixel in (start, stop - 1))
                assert math.floor(first / 4_000) == math.floor(last / 4_000)


def test_only_roofs(mapped: Make) -> None:
    """Pixels whose centre lies in a footprint, in the rectangle around them; all of it on request."""
    heights = np.tile(400.0 + np.arange(60.0), (60, 1))
    x, y = CORNER[0] + 10.2, CORNER[1] - 20.2
    roofs = [shapely.box(x, y - 10, x + 8, y), shapely.Point(x + 30, y - 5).buffer(6.0)]
    found = mapped(heights, roofs=roofs)[0]
    assert found.shape == (13, 37)  # west, south, east, north of both, to whole pixels
    col, row = np.meshgrid(CORNER[0] + 10.5 + np.arange(37), CORNER[1] - 19.5 - np.arange(13))
    inside = shapely.contains_xy(shapely.union_all(roofs), col, row)
    assert (np.isfinite(found) == inside).all()
    everything = mapped(heights, MapOptions(roofs_only=False), roofs=roofs)[0]
    assert everything.shape == found.shape and np.isfinite(everything).all()
    np.testing.assert_array_equal(everything[inside], found[inside])


def test_unknown_heights_stay_unknown(mapped: Make) -> None:
    heights = np.full((30, 30), 400.0)
    heights[5:8, 5:8], heights[20:, 20:] = np.nan, 0.0  # zero among heights of hundreds: a mark
    with collect_notices() as told:
        found = mapped(heights)[0]
    unknown = np.isnan(heights) | (heights == 0)
    assert (np.isnan(found) == unknown).all()
    assert {each.code for each in told} == {"raster_nodata_undeclared"}


def test_cancelled(mapped: Make, tmp_path: Path) -> None:
    def cancel(done: float, text: str = "") -> None:
        if done > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        mapped(np.full((30, 30), 400.0), progress=cancel)
    assert [each.name for each in tmp_path.iterdir()] == ["dsm.tif"]


def test_progress_tells_of_the_tiles(mapped: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[float, str]] = []
    monkeypatch.setenv("LK_LANG", "cs")
    mapped(np.full((30, 30), 400.0), corner=(CORNER[0] - 10, CORNER[1]), progress=lambda *told: seen.append(told))
    texts = list(dict.fromkeys(text for _, text in seen))
    assert texts[-4:] == ["dlaždice: 2", "sluneční záření", "zápis mapy", "zápis přehledů"]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


@pytest.mark.parametrize(
    ("error", "code", "given"),
    [
        (InputError, "roofs_only_without_buildings", {"options": MapOptions(roofs_only=True)}),
        (InputError, "raster_no_overlap", {"roofs": [shapely.box(-680_010, -970_010, -680_000, -970_000)]}),
        (DataError, "solar_map_empty", {"roofs": [shapely.box(-687_999, -972_009, -687_991, -972_001)]}),
    ],
)
def test_refused(mapped: Make, tmp_path: Path, error: type[Exception], code: str, given: dict) -> None:
    heights = np.full((30, 30), 400.0)
    heights[:10, :10] = np.nan
    with pytest.raises(error) as problem:
        mapped(heights, **given)
    assert problem.value.code == code
    assert "map.tif" not in [each.name for each in tmp_path.iterdir()]
