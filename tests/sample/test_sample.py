"""The committed sample is what the script makes, and it is what SOURCES.md says."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pvlib
import pyproj
import pytest
import rasterio
import shapely
from pandas.testing import assert_frame_equal
from rasterio.features import geometry_mask

from lk_spatial.core.errors import Cancelled
from lk_spatial.core.notices import collect_notices
from lk_spatial.io.codes import code_of
from lk_spatial.io.snowfall import read_snowfall
from lk_spatial.sample import make_sample
from lk_spatial.sample.make import read_truth
from lk_spatial.sample.noise import normal, persistent, uniform
from lk_spatial.sample.scene import CONVERGENCE, ORIGIN, SIZE

TEXTS = (
    "SOURCES.md",
    "dsm.tfw",
    "roof_planes_truth.csv",
    "snow_invented.csv",
    "surveys_invented.csv",
    "weather_liberec_synthetic.csv",
)


@pytest.fixture(scope="session")
def fresh_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    make_sample(folder)
    return folder


@pytest.fixture(scope="session")
def weather(sample_data: Path) -> pd.DataFrame:
    return pvlib.iotools.read_pvgis_tmy(sample_data / "weather_liberec_synthetic.csv")[0]


def read_dsm(folder: Path) -> np.ndarray:
    with rasterio.open(folder / "dsm.tif") as raster:
        return raster.read(1)


@pytest.mark.parametrize("name", TEXTS)
def test_text_files_have_not_drifted(name: str, sample_data: Path, fresh_sample: Path) -> None:
    assert (sample_data / name).read_bytes() == (fresh_sample / name).read_bytes()


def test_surface_model_has_not_drifted(sample_data: Path, fresh_sample: Path) -> None:
    np.testing.assert_array_equal(read_dsm(sample_data), read_dsm(fresh_sample))


def test_buildings_have_not_drifted(sample_data: Path, fresh_sample: Path) -> None:
    committed, fresh = (gpd.read_file(folder / "buildings.gpkg") for folder in (sample_data, fresh_sample))
    assert_frame_equal(committed.drop(columns="geometry"), fresh.drop(columns="geometry"))
    pairs = zip(committed.geometry.normalize(), fresh.geometry.normalize(), strict=True)
    assert all(shapely.equals_exact(one, other, tolerance=0.001) for one, other in pairs)
    assert committed.crs.to_epsg() == 5514


def test_the_sample_is_small_and_has_nothing_else(sample_data: Path, fresh_sample: Path) -> None:
    files = [each for each in sample_data.iterdir() if each.is_file()]
    assert sum(each.stat().st_size for each in files) < 5_000_000
    assert (sample_data / "weather_liberec_synthetic.csv").stat().st_size <= 700_000
    assert {each.name for each in fresh_sample.iterdir()} == {*TEXTS, "dsm.tif", "buildings.gpkg"}


def test_surface_model_comes_as_the_survey_office_delivers_it(sample_data: Path) -> None:
    with rasterio.open(sample_data / "dsm.tif") as raster:
        assert raster.crs is None
        assert raster.nodata == -9999
        assert raster.res == (0.5, 0.5)
        assert raster.bounds == (ORIGIN[0], ORIGIN[1], ORIGIN[0] + SIZE[0], ORIGIN[1] + SIZE[1])
        heights = raster.read(1, masked=True)
    assert heights.mask[-10:].all()
    assert 380 < heights.min() < heights.max() < 440


def test_eleven_public_buildings_among_forty(sample_data: Path) -> None:
    table = gpd.read_file(sample_data / "buildings.gpkg")
    assert table["building_id"].nunique() == 40
    assert not table.duplicated(["building_id", "part_id"]).any()
    assert table.is_valid.all()
    public = table[table["owner"].isin(["region", "municipality"]) & (table["part_id"] == "1")]
    assert len(public) == 11
    asked = ["name", "use", "persons", "year_built", "storeys", "roof_structure", "covering", "documents", "heritage"]
    assert public[[*asked, "water_m3_a", "electricity_kwh_a", "sewer", "condition"]].notna().all().all()


def test_walls_of_different_buildings_do_not_overlap(sample_data: Path) -> None:
    table = gpd.read_file(sample_data / "buildings.gpkg")
    pairs = table[["building_id", "geometry"]].overlay(table[["building_id", "geometry"]], keep_geom_type=True)
    pairs = pairs[pairs["building_id_1"] != pairs["building_id_2"]]
    assert pairs.area.sum() < 0.2


def test_convergence_is_that_of_the_projection() -> None:
    krovak = pyproj.Proj("EPSG:5514")
    lon, lat = krovak(ORIGIN[0] + SIZE[0] / 2, ORIGIN[1] + SIZE[1] / 2, inverse=True)
    assert -krovak.get_factors(lon, lat).meridian_convergence == pytest.approx(CONVERGENCE, abs=0.001)


@pytest.mark.parametrize("building", ["S17", "S12", "P08", "S23"])
def test_truth_is_in_the_surface_model(building: str, sample_data: Path) -> None:
    """A plane fitted to the cells around the truth's own orientation has the tilt and azimuth of the truth."""
    table = gpd.read_file(sample_data / "buildings.gpkg").set_index("building_id")
    truth = read_truth(sample_data).query("building_id == @building and kind == 'pitched'")
    with rasterio.open(sample_data / "dsm.tif") as raster:
        walls = shapely.buffer(table.geometry[building], -1.0)
        mask = geometry_mask([walls], raster.shape, raster.transform, invert=True)
        z = raster.read(1).astype(float)
    cols, rows = np.meshgrid(np.arange(z.shape[1]), np.arange(z.shape[0]))
    x, y = 0.5 * cols, -0.5 * rows
    rise_north, rise_east = np.gradient(z, -0.5, 0.5)
    for plane in truth.itertuples():
        grid = np.radians(plane.azimuth_deg + CONVERGENCE)
        slope = np.tan(np.radians(plane.tilt_deg))
        like = np.hypot(rise_east + slope * np.sin(grid), rise_north + slope * np.cos(grid)) < 0.35
        cells = mask & like
        design = np.column_stack([x[cells] - x[cells].mean(), y[cells] - y[cells].mean(), np.ones(cells.sum())])
        east, north, _ = np.linalg.lstsq(design, z[cells], rcond=None)[0]
        azimuth = (np.degrees(np.arctan2(-east, -north)) - CONVERGENCE) % 360
        assert np.degrees(np.arctan(np.hypot(east, north))) == pytest.approx(plane.tilt_deg, abs=1.0)
        assert (azimuth - plane.azimuth_deg + 180) % 360 - 180 == pytest.approx(0.0, abs=2.0)


def test_true_plan_areas_fill_the_footprints(sample_data: Path) -> None:
    table = gpd.read_file(sample_data / "buildings.gpkg")
    truth = read_truth(sample_data)["plan_area_with_objects_m2"].sum()
    assert truth == pytest.approx(table.area.sum(), rel=0.001)


def test_weather_year_is_plausible(weather: pd.DataFrame) -> None:
    assert len(weather) == 8760
    assert 1000 <= weather["ghi"].sum() / 1000 <= 1050
    assert 480 <= weather["dhi"].sum() / 1000 <= 600
    assert 7.5 <= weather["temp_air"].mean() <= 8.5
    assert weather["ghi"].between(0, 1000).all()
    assert weather["dni"].between(0, 1000).all()
    assert (weather["dhi"] <= weather["ghi"]).all()
    assert weather["wind_speed"].between(0, 20).all()


def test_weather_closes_at_mid_hour(weather: pd.DataFrame) -> None:
    sun = pvlib.solarposition.get_solarposition(weather.index + pd.Timedelta(minutes=30), 50.765, 15.060, altitude=400)
    closed = weather["dhi"] + weather["dni"] * np.cos(np.radians(sun["zenith"].to_numpy())).clip(min=0)
    np.testing.assert_allclose(closed, weather["ghi"], atol=0.06)


def test_random_numbers_are_as_told() -> None:
    assert uniform(50_000, 1).mean() == pytest.approx(0.5, abs=0.01)
    for series in (normal(50_000, 2), persistent(50_000, 3, 0.6)):
        assert series.mean() == pytest.approx(0.0, abs=0.03)
        assert series.std() == pytest.approx(1.0, abs=0.02)
    series = persistent(50_000, 3, 0.6)
    assert np.corrcoef(series[1:], series[:-1])[0, 1] == pytest.approx(0.6, abs=0.02)


def test_cancel_is_heard(tmp_path: Path) -> None:
    def stop(done: float, text: str = "") -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        make_sample(tmp_path / "new", progress=stop)


@pytest.mark.parametrize(
    "attribute", ["use", "roof_structure", "covering", "documents", "heritage", "sewer", "condition"]
)
def test_coded_values_are_codes_of_the_house(attribute: str, sample_data: Path) -> None:
    values = gpd.read_file(sample_data / "buildings.gpkg")[attribute].dropna().unique()
    assert len(values) > 1
    assert {code_of(attribute, value) for value in values} == set(values)


def test_snow_is_read_without_a_word_and_says_that_it_is_invented(sample_data: Path) -> None:
    with collect_notices() as notices:
        table = read_snowfall(sample_data / "snow_invented.csv")
    assert notices == [] and table["altitude_m"].unique().tolist() == [400, 800]
    assert "INVENTED" in (sample_data / "snow_invented.csv").read_text("utf-8").splitlines()[0]
