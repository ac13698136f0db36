"""Static screening as a user runs it: files in, layer, report and table out."""

import json
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import lk_spatial as lk
from lk_spatial.core.errors import Cancelled, LkError
from lk_spatial.core.fields import unregistered
from lk_spatial.core.tables import load_table
from lk_spatial.core.tool import TOOLS
from tests.statics.made_buildings import buildings

COSTS = {"survey_czk": 40e3, "false_go_czk": 10e6, "benefit_czk": 1.5e6}
CASES = [
    {},
    {"year_built": None},
    {"condition": "poor", "name": "<script>alert(1)</script>"},
    {"build_load_kn_m2": 9.0, "build_load_kn_m2_confidence": "documented", "documents": "D2"},
    {"build_load_kn_m2": 1.0, "build_load_kn_m2_confidence": "documented"},
]


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("statics") / "buildings.gpkg"
    buildings(*CASES).to_file(path, layer="buildings")
    return path


@pytest.fixture(scope="module")
def done(layer: Path) -> dict[str, Path]:
    folder = layer.parent
    files = {"out": folder / "s.gpkg", "report": folder / "s.html", "xlsx": folder / "s.xlsx"}
    lk.static_screening(buildings=layer, draws=1000, **COSTS, **files)
    return files


def test_layer_report_and_table(done: dict[str, Path]) -> None:
    found = gpd.read_file(done["out"], layer="screening")
    assert list(found["static_class"]) == ["C", "N", "S", "A", "D"]
    assert unregistered(found.columns) == [] and str(found.crs.to_epsg()) == "5514"
    assert found.loc[1, "missing"].startswith("year_built") and found.loc[1, "u1":"u1_hi"].isna().all()
    page = done["report"].read_text("utf-8")
    assert "<script" not in page and "ČKAIT" in page and "http://" not in page and "https://" not in page
    sheet = pd.read_excel(done["xlsx"])
    assert len(sheet) == 5


def test_the_record_names_tables_and_reruns_to_the_same(done: dict[str, Path], tmp_path: Path) -> None:
    record = json.loads(done["out"].with_name("s.gpkg.run.json").read_text("utf-8"))
    named = {each["id"] for each in record["tables"]}
    assert {"statics/screening_2026", "statics/snow_zones_2006", "statics/design_eras_2026"} <= named
    before = gpd.read_file(done["out"], layer="screening")
    ended = subprocess.run(
        [sys.executable, "-m", "lk_spatial", "rerun", str(done["out"].with_name("s.gpkg.run.json"))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    pd.testing.assert_frame_equal(before, gpd.read_file(done["out"], layer="screening"))


def test_without_costs_no_b_and_the_report_says_so(layer: Path, tmp_path: Path) -> None:
    strong = tmp_path / "b.gpkg"
    buildings(CASES[3] | {"documents": "D1"}).to_file(strong, layer="buildings")
    told = {}
    for name, costs in (("with", COSTS), ("without", {})):
        lk.static_screening(buildings=strong, out=tmp_path / f"{name}.gpkg", report=tmp_path / f"{name}.html", **costs)
        told[name] = gpd.read_file(tmp_path / f"{name}.gpkg", layer="screening")["static_class"][0]
    assert told == {"with": "B", "without": "C"}
    assert "třída B se neuděluje" in (tmp_path / "without.html").read_text("utf-8")


def test_workers_change_nothing(layer: Path, tmp_path: Path, done: dict[str, Path]) -> None:
    lk.static_screening(buildings=layer, out=tmp_path / "two.gpkg", draws=1000, workers=2, **COSTS)
    one, two = (gpd.read_file(path, layer="screening") for path in (done["out"], tmp_path / "two.gpkg"))
    pd.testing.assert_frame_equal(one, two)


def test_potential_and_roof_planes_are_used(sample_data: Path, tmp_path: Path) -> None:
    inputs = {"buildings": sample_data / "buildings.gpkg", "dsm": sample_data / "dsm.tif"}
    lk.pv_potential(**inputs, weather=sample_data / "weather_liberec_synthetic.csv", out=tmp_path / "pv.gpkg")
    lk.static_screening(**inputs, potential=tmp_path / "pv.gpkg", out=tmp_path / "s.gpkg", draws=200)
    planned = gpd.read_file(tmp_path / "pv.gpkg", layer="buildings").set_index(["building_id", "part_id"])
    found = gpd.read_file(tmp_path / "s.gpkg", layer="screening").set_index(["building_id", "part_id"])
    rise = (found["pv_load_kn_m2"] / planned["pv_load_kn_m2"]).dropna()
    assert len(rise) > 20 and rise.between(1.0, 2.0).all() and (rise > 1.1).any()


def test_results_of_other_buildings_are_refused(layer: Path, sample_data: Path, tmp_path: Path) -> None:
    lk.roof_planes(buildings=sample_data / "buildings.gpkg", dsm=sample_data / "dsm.tif", out=tmp_path / "r.gpkg")
    with pytest.raises(LkError) as error:
        lk.static_screening(buildings=layer, roof_planes=tmp_path / "r.gpkg", out=tmp_path / "s.gpkg")
    assert error.value.code == "result_of_other_buildings" and not (tmp_path / "s.gpkg").exists()
    with pytest.raises(LkError) as error:
        lk.static_screening(buildings=layer, potential=layer, out=tmp_path / "s.gpkg")
    assert error.value.code == "result_columns_missing"


def test_cancelled_leaves_nothing(layer: Path, tmp_path: Path) -> None:
    def stop(done: float, text: str = "") -> None:
        if done > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled):
        lk.static_screening(buildings=layer, out=tmp_path / "s.gpkg", progress=stop)
    assert not list(tmp_path.iterdir())


def test_defaults_are_those_of_the_tables() -> None:
    table = load_table("statics/screening_2026").rows.set_index("id")["value"]
    shown = {each.name: each.default for each in TOOLS["static_screening"].parameters}
    assert (shown["u0_limit"], shown["roof_life_a"]) == (table["u0_limit"], table["roof_life_a"])
    assert shown["survey_czk"] is shown["false_go_czk"] is shown["benefit_czk"] is None


def test_of_many_roofs_the_report_shows_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lk_spatial.tools import static_report

    monkeypatch.setattr(static_report, "MOST_PAGES", 2)
    buildings(*CASES).to_file(tmp_path / "b.gpkg", layer="buildings")
    lk.static_screening(buildings=tmp_path / "b.gpkg", out=tmp_path / "s.gpkg", report=tmp_path / "s.html", draws=100)
    page = (tmp_path / "s.html").read_text("utf-8")
    assert page.count('<section class="part') == 2 and "ukazuje 2 z 5" in page
    assert len(gpd.read_file(tmp_path / "s.gpkg", layer="screening")) == 5
