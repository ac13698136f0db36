"""The main job from end to end, on the sample and on real roofs."""

import json
import shutil
import sqlite3
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

import lk_spatial as lk
from lk_spatial.core.errors import Cancelled, Problems
from lk_spatial.core.fields import unregistered
from lk_spatial.core.run import read_record

MONTHS = [f"energy_{month:02d}_kwh" for month in range(1, 13)]
Layers = dict[str, gpd.GeoDataFrame]
LAYERS = ["buildings", "roof_planes", "modules"]
CONTRACT = {
    "roof_planes": "building_id part_id plane_id kind tilt_deg azimuth_deg area_m2 plan_area_m2 height_agl_m "
    "elevation_m rmse_m svf poa_kwh_m2_a shading_loss_pct n_modules power_kwp energy_kwh_a energy_p90_kwh_a"
    " specific_yield_kwh_kwp snow_loss_pct energy_snow_kwh_a pv_mass_kg pv_load_lo_kn_m2 pv_load_kn_m2"
    " pv_load_hi_kn_m2",
    "buildings": "building_id part_id quality quality_why_cs quality_why_en poa_kwh_m2_a shading_loss_pct n_modules"
    " power_kwp energy_kwh_a energy_p90_kwh_a specific_yield_kwh_kwp pv_mass_kg pv_load_lo_kn_m2 pv_load_kn_m2"
    " pv_load_hi_kn_m2",
    "modules": "building_id part_id module_id plane_id tilt_deg azimuth_deg energy_kwh_a",
}


def read(out: Path) -> Layers:
    return {name: gpd.read_file(out, layer=name) for name in LAYERS}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, sample_data: Path) -> Path:
    out = tmp_path_factory.mktemp("pv") / "pv.gpkg"
    lk.pv_potential(
        buildings=sample_data / "buildings.gpkg",
        dsm=sample_data / "dsm.tif",
        weather=sample_data / "weather_liberec_synthetic.csv",
        out=out,
        report=out.with_suffix(".html"),
        xlsx=out.with_suffix(".xlsx"),
    )
    return out


@pytest.fixture(scope="module")
def layers(run: Path) -> Layers:
    return read(run)


@pytest.mark.parametrize("layer", LAYERS)
def test_columns_of_the_contract_and_no_unregistered_one(layers: Layers, layer: str) -> None:
    columns = list(layers[layer].columns)
    assert set(CONTRACT[layer].split()) <= set(columns)
    assert unregistered(columns) == []
    assert layers[layer].crs.to_epsg() == 5514
    assert layers[layer].geometry.is_valid.all()


def test_totals_agree_between_layers(layers: Layers) -> None:
    buildings, planes, modules = (layers[name] for name in LAYERS)
    for name in ("n_modules", "power_kwp", "energy_kwh_a", *MONTHS):
        assert planes[name].sum() == pytest.approx(buildings[name].sum())
    assert modules["energy_kwh_a"].sum() == pytest.approx(buildings["energy_kwh_a"].sum())
    assert len(modules) == buildings["n_modules"].sum()
    assert planes[MONTHS].sum(axis=1).to_numpy() == pytest.approx(planes["energy_kwh_a"].to_numpy())


def test_yields_are_plausible_for_liberec(layers: Layers) -> None:
    """facts: 800-1100 kWh/kWp in Czechia; a few shaded or north planes lie below."""
    buildings, planes = layers["buildings"], layers["roof_planes"]
    assert 800 < buildings["energy_kwh_a"].sum() / buildings["power_kwp"].sum() < 1100
    assert planes["shading_loss_pct"].between(-0.5, 100).all()
    assert planes["svf"].between(0, 1).all()
    assert (planes["area_m2"] >= planes["plan_area_m2"] - 1e-6).all()
    assert planes.loc[planes["kind"] == "flat", "azimuth_deg"].isna().all()
    assert planes.loc[planes["kind"] == "pitched", "azimuth_deg"].between(0, 360).all()


def test_planes_are_those_of_the_invented_roofs(layers: Layers, sample_data: Path) -> None:
    """Tilt and TRUE azimuth of large planes against the script that made them."""
    truth = pd.read_csv(sample_data / "roof_planes_truth.csv", dtype={"building_id": str})
    found = layers["roof_planes"].query("kind == 'pitched' and area_m2 > 30")
    errors = []
    for plane in found.itertuples():
        same = truth[truth["building_id"] == plane.building_id]
        turn = (same["azimuth_deg"] - plane.azimuth_deg + 180) % 360 - 180
        near = same[turn.abs() < 30]
        if len(near):
            best = near.iloc[(near["tilt_deg"] - plane.tilt_deg).abs().argmin()]
            errors.append((best["tilt_deg"] - plane.tilt_deg, turn[best.name]))
    tilt, azimuth = np.array(errors).T
    assert len(errors) >= 0.9 * len(found)
    assert np.sqrt(np.mean(tilt**2)) < 1.0 and np.median(np.abs(azimuth)) < 1.0


def test_modules_lie_on_their_plane_and_apart(layers: Layers) -> None:
    planes = layers["roof_planes"].set_index(["building_id", "part_id", "plane_id"]).geometry
    modules = layers["modules"]
    own = planes.loc[list(zip(modules["building_id"], modules["part_id"], modules["plane_id"], strict=True))]
    assert gpd.GeoSeries(own.to_numpy(), crs=5514).buffer(1e-3).covers(modules.geometry.reset_index(drop=True)).all()
    pairs = modules.sindex.query(modules.geometry, predicate="overlaps")
    one, other = (modules.geometry.iloc[each].reset_index(drop=True) for each in pairs)
    areas = one.intersection(other).area
    assert areas.max() < 1e-3 if len(areas) else True


def test_installed_power_is_subtracted(run: Path, layers: Layers, sample_data: Path, tmp_path: Path) -> None:
    before = gpd.read_file(sample_data / "buildings.gpkg")
    installed = before.set_index("building_id")["pv_installed_kwp"].dropna()
    assert len(installed) >= 1
    other = tmp_path / "other.gpkg"
    before.assign(pv_installed_kwp=np.nan).to_file(other, layer="buildings", driver="GPKG", VERSION="1.3")
    weather = sample_data / "weather_liberec_synthetic.csv"
    lk.pv_potential(buildings=other, dsm=sample_data / "dsm.tif", weather=weather, out=tmp_path / "o.gpkg")
    whole = gpd.read_file(tmp_path / "o.gpkg", layer="buildings").set_index("building_id")["power_kwp"]
    left = layers["buildings"].set_index("building_id")["power_kwp"]
    taken = whole - left
    for building, power in installed.items():
        assert power - 1e-9 <= taken[building] < power + 0.45 or left[building] == 0
    assert (taken.drop(installed.index) == 0).all()


def test_report_is_one_file_and_the_record_tells_all(run: Path) -> None:
    html = run.with_suffix(".html").read_text("utf-8")
    assert "http://" not in html.replace("http://www.w3.org", "") and "<script" not in html
    record = json.loads(Path(f"{run}.run.json").read_text("utf-8"))
    assert {each["id"] for each in record["tables"]} >= {"pv/module_types_2026", "pv/losses_roof_2026"}
    assert len(record["inputs"]) == 3 and all(each["sha256"] for each in record["inputs"])


def test_workbook_has_a_sheet_for_each_layer(run: Path) -> None:
    sheets = pd.read_excel(run.with_suffix(".xlsx"), sheet_name=None)
    assert list(sheets) == ["Budovy", "Střešní roviny", "Panely"]
    assert "Roční výroba [kWh/a]" in sheets["Budovy"].columns


def test_rerun_reproduces_the_tables(
    run: Path, layers: Layers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a report, what draws it is not even loaded."""
    monkeypatch.setitem(sys.modules, "lk_spatial.tools.pv_report", None)
    tool, parameters = read_record(Path(f"{run}.run.json"))
    again = tmp_path / "again.gpkg"
    tool(**parameters | {"out": str(again), "report": None, "xlsx": None, "workers": 2})
    for name, frame in read(again).items():
        pd.testing.assert_frame_equal(frame.drop(columns="geometry"), layers[name].drop(columns="geometry"))
        assert frame.geometry.geom_equals(layers[name].geometry).all()


def test_other_layers_of_the_file_stay(layers: Layers, sample_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "shared.gpkg"
    layers["modules"].head(3).to_file(out, layer="notes", driver="GPKG", VERSION="1.3")
    lk.roof_planes(buildings=sample_data / "buildings.gpkg", dsm=sample_data / "dsm.tif", out=out)
    lk.roof_planes(buildings=sample_data / "buildings.gpkg", dsm=sample_data / "dsm.tif", out=out)
    names = set(pyogrio.list_layers(out)[:, 0])
    assert {"notes", "roof_planes"} <= names
    assert len(gpd.read_file(out, layer="notes")) == 3
    with sqlite3.connect(out) as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)


def test_cancel_leaves_no_file(sample_data: Path, tmp_path: Path) -> None:
    def stop(done: float, text: str = "") -> None:
        if done > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        lk.pv_potential(
            buildings=sample_data / "buildings.gpkg",
            dsm=sample_data / "dsm.tif",
            weather=sample_data / "weather_liberec_synthetic.csv",
            out=tmp_path / "pv.gpkg",
            report=tmp_path / "pv.html",
            progress=stop,
        )
    assert {each.name for each in tmp_path.iterdir()} <= {"pv.gpkg.work"}, "finished tiles may stay, nothing else"


def test_real_roofs_with_far_weather(shared_data: Path, tmp_path: Path) -> None:
    """Delft's roofs set down in Liberec, with Italian weather: it works and says so."""
    roofs = shared_data / "roofs"
    result = lk.pv_potential(
        buildings=roofs / "liberec_real_roofs_buildings.gpkg",
        dsm=roofs / "liberec_real_roofs_dsm.tif",
        weather=shared_data / "weather" / "tmy_45.000_8.000_2005_2023.json",
        out=tmp_path / "out.gpkg",
        report=tmp_path / "report.html",
        report_lang="en",
    )
    assert {"weather_far", "raster_crs_assumed"} <= {each.code for each in result.notices}
    found = read(tmp_path / "out.gpkg")
    assert found["roof_planes"]["building_id"].nunique() >= 18
    assert found["buildings"]["energy_kwh_a"].sum() > 0
    known = found["buildings"].query("quality != 'none'")
    assert len(known) >= 18 and known["quality_why_en"].str.contains("50 km").all()
    assert "km" in (tmp_path / "report.html").read_text("utf-8")


def test_inputs_are_not_touched(run: Path, sample_data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "in"
    shutil.copytree(sample_data, copy)
    before = {each.name: each.read_bytes() for each in copy.iterdir()}
    lk.roof_planes(buildings=copy / "buildings.gpkg", dsm=copy / "dsm.tif", out=tmp_path / "planes.gpkg")
    assert {each.name: each.read_bytes() for each in copy.iterdir()} == before


LOADS = ["pv_load_lo_kn_m2", "pv_load_kn_m2", "pv_load_hi_kn_m2"]


def test_loads_follow_the_mounting_systems(layers: Layers) -> None:
    """Ballasted rows 15–25–35 kg/m², flush 12.01–13–15 kg/m² of module area (1.134 × 1.762 m, 24 kg)."""
    planes, buildings = layers["roof_planes"], layers["buildings"]
    some = planes["n_modules"] > 0
    assert planes.loc[~some, LOADS].isna().all(axis=None)
    flat = some & (planes["kind"] == "flat")
    assert flat.any() and (some & ~flat).any()
    assert planes.loc[flat, LOADS].to_numpy() == pytest.approx(np.tile([0.14715, 0.24525, 0.34335], (flat.sum(), 1)))
    assert planes.loc[some & ~flat, "pv_load_kn_m2"].to_numpy() == pytest.approx(0.12753)
    mass = planes["n_modules"] * 1.134 * 1.762 * planes["pv_load_kn_m2"].fillna(0.0) / 9.81e-3
    assert planes["pv_mass_kg"].to_numpy() == pytest.approx(mass.to_numpy())
    key = ["building_id", "part_id"]
    found = buildings.set_index(key)["pv_load_hi_kn_m2"]
    greatest = planes.groupby(key)["pv_load_hi_kn_m2"].max().reindex(found.index)
    pd.testing.assert_series_equal(found, greatest)
    assert (found.notna() == (buildings.set_index(key)["n_modules"].fillna(0) > 0)).all()


def test_existing_modules_are_cut_out_and_not_subtracted_twice(
    layers: Layers, sample_data: Path, tmp_path: Path
) -> None:
    """The house with installed power gets half of its largest plane drawn; another house is drawn without power."""
    buildings, planes = layers["buildings"], layers["roof_planes"].sort_values("area_m2", ascending=False)
    powered = buildings.loc[buildings["pv_installed_kwp"] > 0, "building_id"].iloc[0]
    other = buildings.loc[buildings["pv_installed_kwp"].isna() & (buildings["n_modules"] > 40), "building_id"].iloc[0]
    drawn = []
    for name in (powered, other):
        plane = planes[planes["building_id"] == name].geometry.iloc[0]
        west, south, east, north = plane.bounds
        drawn.append(plane.intersection(shapely.box(west, south, (west + east) / 2, north)))
    there = gpd.GeoDataFrame(geometry=drawn, crs=5514)
    there.to_file(tmp_path / "existing.gpkg", layer="existing", driver="GPKG", VERSION="1.3")
    result = lk.pv_potential(
        buildings=sample_data / "buildings.gpkg",
        dsm=sample_data / "dsm.tif",
        weather=sample_data / "weather_liberec_synthetic.csv",
        existing_pv=tmp_path / "existing.gpkg",
        system_flat="glued_flat",
        out=tmp_path / "out.gpkg",
        report=tmp_path / "report.html",
        report_lang="en",
    )
    assert "existing_pv_cut" in {each.code for each in result.notices}
    found = read(tmp_path / "out.gpkg")
    assert not found["modules"].intersects(there.union_all()).any()
    after = found["buildings"].set_index("building_id")
    assert after.loc[[powered, other], "existing_pv_m2"].sum() == pytest.approx(there.area.sum(), rel=1e-4)
    assert (after["existing_pv_m2"].drop([powered, other]) == 0).all()
    assert after.loc[powered, "pv_installed_kwp"] > 0 and "left out" in after.loc[powered, "quality_why_en"]
    left = found["roof_planes"].query("building_id == @powered")["n_modules"].sum()
    assert left > 0
    glued = found["roof_planes"].query("kind == 'flat' and n_modules > 0")
    assert glued["pv_load_kn_m2"].to_numpy() == pytest.approx(5 * 9.81e-3)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "Glued light modules" in page and "existing.gpkg" in page


def test_pairs_to_the_east_and_west_with_fire_strips(layers: Layers, sample_data: Path, tmp_path: Path) -> None:
    inputs = {"buildings": sample_data / "buildings.gpkg", "dsm": sample_data / "dsm.tif"}
    inputs["weather"] = sample_data / "weather_liberec_synthetic.csv"
    options = {"system_flat": "ballasted_east_west", "fire_strip_m": 1.0, "max_field_m": 8.0}
    lk.pv_potential(**inputs, **options, out=tmp_path / "out.gpkg")
    found = read(tmp_path / "out.gpkg")
    installed = set(found["buildings"].query("pv_installed_kwp > 0")["building_id"])  # the best modules taken off
    whole = "kind == 'flat' and n_modules > 0 and building_id not in @installed"
    flat = found["roof_planes"].query(whole, local_dict={"installed": installed})
    modules = found["modules"].merge(flat[["building_id", "part_id", "plane_id"]])
    assert len(modules) == flat["n_modules"].sum() > 100 and (modules["tilt_deg"] == 10.0).all()
    ways = modules.groupby(["building_id", "part_id", "plane_id"])["azimuth_deg"]
    turned = ways.agg(lambda azimuth: azimuth.max() - azimuth.min())
    assert turned.to_numpy() == pytest.approx(180.0)
    assert (ways.min() > 60.0).all() and (ways.min() < 120.0).all()
    assert flat["pv_load_kn_m2"].to_numpy() == pytest.approx(16 * 9.81e-3)
    south = layers["roof_planes"].query(whole, local_dict={"installed": installed})
    each, other = (rows["energy_kwh_a"].sum() / rows["n_modules"].sum() for rows in (flat, south))
    assert 0.88 * other < each < 0.99 * other
    pitched = [
        rows.query("kind == 'pitched'")["n_modules"].sum() for rows in (found["roof_planes"], layers["roof_planes"])
    ]
    assert 0 < pitched[0] < pitched[1]


def test_strips_without_fields_are_refused_before_any_work(sample_data: Path, tmp_path: Path) -> None:
    with pytest.raises(Problems, match="max_field_m"):
        lk.pv_potential(
            buildings=sample_data / "buildings.gpkg",
            dsm=sample_data / "dsm.tif",
            weather=sample_data / "SOURCES.md",  # would be refused later
            out=tmp_path / "out.gpkg",
            fire_strip_m=1.0,
        )
