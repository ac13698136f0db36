"""The survey plan as a user runs it: files and databases in, layer, report and table out, all of them or none."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import psycopg
import pytest

import lk_spatial as lk
from lk_spatial.core.errors import Cancelled, LkError
from lk_spatial.core.fields import unregistered
from lk_spatial.io.vector import write_layers
from tests.postgres import Server
from tests.statics.made_buildings import buildings
from tests.statics.made_screening import screening, written

COSTS = {"survey_czk": 40e3, "false_go_czk": 10e6, "benefit_czk": 1.5e6}
REPORTS = """Budova;Závěr posudku;Rezerva (kN/m2);Rok;Poznámka
b00;nevyhovuje;0,05;2023;
b03;vyhovuje;0,45;2024;
b04;vyhovuje;0,30;2024;koncept
b99;vyhovuje;0,30;2024;
"""
CLASSES, CHANCES = "BBACCCDN", [0.002, 0.002, 0.001, 0.4, 0.5, 0.6, 0.99, np.nan]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("survey")
    written(folder / "s.gpkg", screening(CLASSES, CHANCES))
    (folder / "reports.csv").write_text(REPORTS, "cp1250")
    return {"screening": folder / "s.gpkg", "reports": folder / "reports.csv"}


def digests(files: dict[str, Path]) -> list[str]:
    return [hashlib.sha256(each.read_bytes()).hexdigest() for each in files.values()]


@pytest.fixture(scope="module")
def done(inputs: dict[str, Path]) -> dict[str, Any]:
    folder = inputs["screening"].parent
    files = {"out": folder / "p.gpkg", "report": folder / "p.html", "xlsx": folder / "p.xlsx"}
    before = digests(inputs)
    run = lk.survey_plan(**inputs, **files, number=4, audits=1, **COSTS)
    assert digests(inputs) == before
    return {**files, "codes": {each.code for each in run.notices}}


def test_layer_and_table(done: dict[str, Any]) -> None:
    found = gpd.read_file(done["out"], layer="survey_plan")
    assert found["building_id"].tolist()[:2] == ["b04", "b05"] and len(found) == 3
    assert found["survey_kind"].tolist() == ["decide", "decide", "audit"]
    assert unregistered(found.columns) == [] and found.crs.to_epsg() == 5514
    assert found["order"].tolist() == [1, 2, 3] and found["voi_czk"].notna().all()
    sheet = openpyxl.load_workbook(done["xlsx"]).worksheets[0]
    assert sheet.max_row == 4 and "Pořadí" in [cell.value for cell in sheet[1]]
    assert {"reports_draft", "reports_unknown_building", "survey_left_out"} <= done["codes"]


def test_the_report_tells_unsafe_errors_and_all_who_are_left(done: dict[str, Any]) -> None:
    page = done["report"].read_text("utf-8")
    assert "Nebezpečné chyby" in page and "b00/1" in page and "nejdřív je třeba doplnit údaj" in page
    assert "stará sněhová oblast" in page and "95 %" in page and "losován" in page
    assert "<script" not in page and "https://" not in page and str(done["out"].parent) not in page


def test_the_record_names_the_table_and_reruns_to_the_same(done: dict[str, Any]) -> None:
    record = Path(f"{done['out']}.run.json")
    told = json.loads(record.read_text("utf-8"))
    assert "statics/screening_2026" in {each["id"] for each in told["tables"]}
    before = gpd.read_file(done["out"], layer="survey_plan")
    command = [sys.executable, "-m", "lk_spatial", "rerun", str(record)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    pd.testing.assert_frame_equal(before, gpd.read_file(done["out"], layer="survey_plan"))


def test_an_english_report_without_costs(inputs: dict[str, Path], tmp_path: Path) -> None:
    files = {"out": tmp_path / "p.gpkg", "report": tmp_path / "p.html"}
    lk.survey_plan(**inputs, **files, number=3, report_lang="en")
    page = files["report"].read_text("utf-8")
    assert "price of a survey" in page and "cost of a false go" in page and "Unsafe errors" in page
    assert gpd.read_file(files["out"], layer="survey_plan")["voi_czk"].isna().all()


@pytest.mark.parametrize("lang,words", [("cs", "rozpočet v Kč (budget_czk)"), ("en", "a budget in CZK (budget_czk)")])
def test_neither_number_nor_budget(inputs: dict[str, Path], tmp_path: Path, lang: str, words: str) -> None:
    command = [sys.executable, "-m", "lk_spatial", "survey-plan", "--screening", str(inputs["screening"])]
    ended = subprocess.run(
        [*command, "--out", str(tmp_path / "p.gpkg")],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        env=os.environ | {"LK_LANG": lang, "PYTHONIOENCODING": "utf-8"},
    )
    assert ended.returncode == 1 and words in ended.stderr and "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_all_outputs_or_none(inputs: dict[str, Path], tmp_path: Path) -> None:
    """A run that fails or is stopped leaves what was there."""
    files = {"out": tmp_path / "p.gpkg", "report": tmp_path / "p.html", "xlsx": tmp_path / "p.xlsx"}
    lk.survey_plan(screening=inputs["screening"], number=1, **files)
    before = digests(files)
    bad = tmp_path / "bad.csv"
    bad.write_text("building,reserve\nb00,0,35\n", "utf-8")
    with pytest.raises(LkError) as caught:
        lk.survey_plan(screening=inputs["screening"], reports=bad, number=3, **files)
    assert caught.value.code == "sheet_cells"

    def stop(done: float, text: str = "") -> None:
        if done > 0.85:
            raise Cancelled

    with pytest.raises(Cancelled):
        lk.survey_plan(screening=inputs["screening"], number=3, progress=stop, **files)
    assert digests(files) == before
    assert sorted(each.suffix for each in tmp_path.iterdir()) == [".csv", ".gpkg", ".html", ".json", ".xlsx"]


def test_the_output_is_no_input(inputs: dict[str, Path]) -> None:
    with pytest.raises(LkError):
        lk.survey_plan(screening=inputs["screening"], out=inputs["screening"], number=1)
    assert len(gpd.read_file(inputs["screening"], layer="screening")) == len(CLASSES)


def test_texts_that_are_no_codes_and_markup(tmp_path: Path) -> None:
    """A screening that someone has edited: an unknown structure is reported as it stands, and nothing is executed."""
    layer = screening("CC", [0.4, 0.5], {"roof_structure": ["kovová"] * 2, "name": ["<script>alert(1)</script>"] * 2})
    (tmp_path / "r.csv").write_text("building;reserve\nb00;0,2\n", "utf-8")
    files = {"out": tmp_path / "p.gpkg", "report": tmp_path / "p.html"}
    lk.survey_plan(screening=written(tmp_path / "s.gpkg", layer), reports=tmp_path / "r.csv", number=3, **files)
    page = files["report"].read_text("utf-8")
    assert "kovová" in page and "<script" not in page


def test_an_empty_plan(tmp_path: Path) -> None:
    files = {"out": tmp_path / "p.gpkg", "report": tmp_path / "p.html", "xlsx": tmp_path / "p.xlsx"}
    layer = screening("AN", [0.001, np.nan])
    run = lk.survey_plan(screening=written(tmp_path / "s.gpkg", layer), number=3, **files)
    assert [each.code for each in run.notices if each.code == "survey_plan_empty"]
    found = gpd.read_file(files["out"], layer="survey_plan")
    assert len(found) == 0 and "voi_czk" in found and "není naplánován" in files["report"].read_text("utf-8")


def test_what_the_screening_writes_is_what_the_plan_reads(tmp_path: Path) -> None:
    """The chain: buildings, screening, plan, with energy of the main job and a reserve that the screening knew."""
    cases: list[dict[str, Any]] = [{}, {}, {"report_reserve_kn_m2": 0.6}, {"year_built": None}]
    buildings(*cases).to_file(tmp_path / "b.gpkg", layer="buildings")
    lk.static_screening(buildings=tmp_path / "b.gpkg", out=tmp_path / "s.gpkg", draws=2000, **COSTS)
    made = gpd.read_file(tmp_path / "s.gpkg", layer="screening").set_index("building_id")
    ids = made.index.tolist()
    assert made["static_class"].tolist() == ["C", "C", "S", "N"]
    energy = gpd.GeoDataFrame(
        {"building_id": ids, "part_id": "1", "energy_kwh_a": [1e3, 9e3, 5e3, 5e3]}, geometry=made.geometry.array
    )
    energy.set_crs(5514).to_file(tmp_path / "pv.gpkg", layer="buildings")
    given = {"screening": tmp_path / "s.gpkg", "benefits": tmp_path / "pv.gpkg"}
    lk.survey_plan(**given, out=tmp_path / "p.gpkg", report=tmp_path / "p.html", number=5)
    found = gpd.read_file(tmp_path / "p.gpkg", layer="survey_plan")
    assert found["building_id"].tolist() == [ids[1], ids[0]] and found["energy_kwh_a"].tolist() == [9e3, 1e3]
    learnt = found["p_exceed"].to_numpy() - found["p_exceed_1"].to_numpy()
    assert (np.sign(learnt) == np.sign(learnt[0])).all() and (np.abs(learnt) > 0.01).all()


def test_from_postgis_into_postgis(postgis: Server, tmp_path: Path) -> None:
    """Screening, benefits and surveys (a table without geometry) from a database equal those of files."""
    layer = screening(CLASSES, CHANCES)
    energy = layer[["building_id", "part_id", "geometry"]].assign(energy_kwh_a=np.arange(1.0, 9.0))
    told = pd.DataFrame({"building_id": ["b00", "b03"], "verdict": ["nevyhovuje", "OK"], "reserve_kn_m2": [0.05, 0.45]})
    with psycopg.connect(postgis.url) as database:
        database.execute("create schema plan")
    write_layers(f"{postgis.url}?schema=plan", {"s": layer, "e": energy, "r": told}, titles={})
    names = {"screening": "s", "benefits": "e", "reports": "r"}
    source = {name: f"{postgis.url}?table=plan.{table}" for name, table in names.items()}
    lk.survey_plan(**source, out=f"{postgis.url}?schema=plan&prefix=x", number=4, audits=1)
    written(tmp_path / "s.gpkg", layer)
    energy.drop(columns="geometry").to_csv(tmp_path / "e.csv", index=False)
    told.to_excel(tmp_path / "r.xlsx", index=False)
    files = {"screening": tmp_path / "s.gpkg", "benefits": tmp_path / "e.csv", "reports": tmp_path / "r.xlsx"}
    lk.survey_plan(**files, out=tmp_path / "p.gpkg", number=4, audits=1)
    kept = ["building_id", "order", "visit", "survey_kind", "p_change", "p_exceed", "energy_kwh_a"]
    with psycopg.connect(postgis.url) as database:
        rows = database.execute('select {} from plan.x_survey_plan order by "order"'.format(
            ", ".join(f'"{name}"' for name in kept)
        )).fetchall()  # fmt: skip
    expected = gpd.read_file(tmp_path / "p.gpkg", layer="survey_plan")[kept]
    pd.testing.assert_frame_equal(pd.DataFrame(rows, columns=kept), pd.DataFrame(expected), check_dtype=False)
