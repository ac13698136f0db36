"""The main job where there is little or nothing to find: valid layers with all columns, and a report that says so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from affine import Affine

import lk_spatial as lk

WEST, NORTH = -688_000.0, -974_000.0
LAYERS = ("buildings", "roof_planes", "modules")
Result = tuple[dict[str, gpd.GeoDataFrame], str, dict[str, dict[str, str]]]
Run = Callable[..., Result]


def ground() -> np.ndarray:
    return np.full((160, 200), 400.0)


def with_roofs() -> np.ndarray:
    heights = ground()
    for column in (40, 120):
        heights[56:80, column : column + 24] = 406.0
    return heights


def shrubs() -> np.ndarray:
    return ground() + np.random.default_rng(0).normal(0, 2, (160, 200))


def house(x: float, side: float = 12.0) -> shapely.Polygon:
    return shapely.box(WEST + x, NORTH - 28 - side, WEST + x + side, NORTH - 28)


@pytest.fixture
def run(tmp_path: Path, sample_data: Path) -> Run:
    def run_job(
        heights: np.ndarray, houses: list[shapely.Geometry], columns: dict[str, Any] | None = None, **options: Any
    ) -> Result:
        with rasterio.open(
            tmp_path / "dsm.tif", "w", driver="GTiff", height=160, width=200, count=1, dtype="float32",
            crs="EPSG:5514", transform=Affine(0.5, 0, WEST, 0, -0.5, NORTH), nodata=-9999,
        ) as target:  # fmt: skip
            target.write(heights.astype(np.float32), 1)
        names = {"building_id": [f"b{number}" for number in range(len(houses))], **(columns or {})}
        frame = gpd.GeoDataFrame(names, geometry=houses, crs=5514)
        frame.to_file(tmp_path / "buildings.gpkg", layer="buildings", driver="GPKG", VERSION="1.3")
        lk.pv_potential(
            buildings=tmp_path / "buildings.gpkg",
            dsm=tmp_path / "dsm.tif",
            weather=sample_data / "weather_liberec_synthetic.csv",
            out=tmp_path / "out.gpkg",
            report=tmp_path / "out.html",
            xlsx=tmp_path / "out.xlsx",
            report_lang="en",
            **options,
        )
        layers = {name: gpd.read_file(tmp_path / "out.gpkg", layer=name) for name in LAYERS}
        return layers, (tmp_path / "out.html").read_text("utf-8"), types(tmp_path / "out.gpkg")

    return run_job


def types(path: Path) -> dict[str, dict[str, str]]:
    found = {}
    for name in LAYERS:
        info = pyogrio.read_info(path, layer=name)
        found[name] = {field: str(kind) for field, kind in zip(info["fields"], info["dtypes"], strict=True)}
        found[name]["geometry"] = info["geometry_type"]
    return found


def test_columns_do_not_depend_on_what_is_found(run: Run) -> None:
    """No plane, no module, some buildings without a plane: the layers have the same columns of the same types."""
    _, _, full = run(with_roofs(), [house(20), house(60)])
    none, report, empty = run(shrubs(), [house(20), house(60)])
    assert empty == full
    assert [len(none[name]) for name in LAYERS] == [2, 0, 0]
    assert set(none["buildings"]["quality_why_en"]) == {"no roof plane found"}
    assert "No module fits on any of the buildings" in report and "no roof plane found" in report
    hole = with_roofs()
    hole[40:100, 30:80] = -9999
    some, report, mixed = run(hole, [house(20), house(60)])
    assert mixed == full and mixed["buildings"]["n_modules"].startswith("int")
    assert some["buildings"]["quality"].tolist() == ["none", "good"]
    assert some["buildings"]["n_modules"].isna().tolist() == [True, False]
    assert "no surface model on this roof" in report


def test_too_little_sun_for_any_module(run: Run) -> None:
    layers, report, _ = run(with_roofs(), [house(20)], min_poa_kwh_m2=2000)
    assert len(layers["modules"]) == 0 and len(layers["roof_planes"]) == 1
    assert layers["buildings"][["n_modules", "power_kwp", "energy_kwh_a"]].iloc[0].tolist() == [0, 0, 0]
    assert layers["buildings"]["specific_yield_kwh_kwp"].isna().all()
    assert "No module fits on any of the buildings" in report


def test_bare_ground_below_a_footprint_is_no_good_roof(run: Run) -> None:
    layers, report, _ = run(ground(), [house(20)])
    assert layers["buildings"]["quality"].isin(["poor", "none"]).all()
    assert "less than 2 m above the ground" in report or "no roof plane found" in report


def test_many_parts_outside_and_installed(run: Run) -> None:
    both = shapely.MultiPolygon([house(20), house(60)])
    layers, _, _ = run(
        with_roofs(),
        [both, house(400), house(94)],
        {"pv_installed_kwp": [1.35, 9.0, None], "height_agl_m": [None, 3.0, None]},
    )
    found = layers["buildings"].set_index("building_id")
    assert found.loc["b0", "n_modules"] == len(layers["modules"].query("building_id == 'b0'"))
    free = run(with_roofs(), [both])[0]["buildings"]["n_modules"].iloc[0]
    assert found.loc["b0", "n_modules"] == free - 3
    assert found.loc["b1", "quality_why_en"] == "outside the surface model" and found.loc["b1", "height_agl_m"] == 3.0
    assert found.loc["b2", "quality"] != "good"  # half of it lies beyond the model
    assert found.loc["b0", "height_agl_m"] == pytest.approx(6.0, abs=0.05)
