"""Tables of finished surveys and of benefits as people write them: read, or named, never guessed."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lk_spatial.core.errors import DataError, InputError
from lk_spatial.core.notices import collect_notices
from lk_spatial.io.benefits import read_benefits
from lk_spatial.io.reports import GRAVITY, Report, Reports, load_kn_m2, read_reports, verdict_of
from lk_spatial.io.sheet import read_sheet, split_unit

Told = dict[str, dict[str, Any]]


def read(path: Path) -> tuple[Reports, Told]:
    with collect_notices() as notices:
        found = read_reports(path)
    return found, {each.code: each.values for each in notices}


def table(folder: Path, text: str, encoding: str = "utf-8", name: str = "reports.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding)
    return path


def same(one: Report, other: Sequence[Any]) -> bool:
    return all(a == b or (pd.isna(a) and pd.isna(b)) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    "text,verdict",
    [
        ("vyhovuje", "sufficient"),
        ("VYHOVUJE", "sufficient"),
        ("Konstrukce vyhovuje bez výhrad", "sufficient"),
        ("OK", "sufficient"),
        ("ano", "sufficient"),
        ("A", "sufficient"),
        ("lze instalovat", "sufficient"),
        ("sufficient", "sufficient"),
        ("complies", "sufficient"),
        ("no objections", "sufficient"),
        ("nevyhovuje", "insufficient"),
        ("Nevyhovující", "insufficient"),
        ("ne", "insufficient"),
        ("NE!", "insufficient"),
        ("není vyhovující", "insufficient"),
        ("nelze", "insufficient"),
        ("střecha FVE neunese", "insufficient"),
        ("not sufficient", "insufficient"),
        ("insufficient", "insufficient"),
        ("nevyhovuje bez zesílení", "insufficient"),
        ("podmíněně", "conditional"),
        ("vyhovuje podmíněně", "conditional"),
        ("vyhovuje po zesílení", "conditional"),
        ("vyhovuje s výhradami", "conditional"),
        ("vyhovuje pouze pro lepené panely", "conditional"),
        ("sufficient after strengthening", "conditional"),
        ("vyhovuje / nevyhovuje", None),
        ("viz příloha", None),
        ("C", None),
        ("", None),
    ],
)
def test_verdicts_in_both_languages(text: str, verdict: str | None) -> None:
    assert verdict_of(text) == verdict


@pytest.mark.parametrize(
    "raw,unit,value,code",
    [
        ("0,35", "", 0.35, None),
        (0.35, "kn/m2", 0.35, None),
        ("-0.1", "", -0.1, None),
        ("–0,1", "kn/m2", -0.1, None),
        ("\u22120,1 kN/m2", "", -0.1, None),
        ("1-2", "", np.nan, "reports_reserve_unreadable"),
        ("0", "kg/m2", 0.0, "reports_kg_converted"),
        ("35", "kg/m2", 35 * GRAVITY, "reports_kg_converted"),
        ("35 kg/m²", "", 35 * GRAVITY, "reports_kg_converted"),
        ("35 kg/m2", "kn/m2", 35 * GRAVITY, "reports_kg_converted"),
        ("3,5 kN/m²", "", 3.5, None),
        ("35", "", np.nan, "reports_unit_unknown"),
        ("2,5", "", np.nan, "reports_unit_unknown"),
        ("35", "kn/m2", np.nan, "reports_unit_doubtful"),
        ("0,35", "kg/m2", np.nan, "reports_unit_doubtful"),
        ("35000", "kg/m2", np.nan, "reports_unit_doubtful"),
        ("5000 kg", "", np.nan, "reports_reserve_unreadable"),
        ("0,3 kN/m", "", np.nan, "reports_reserve_unreadable"),
        ("asi 0,3", "", np.nan, "reports_reserve_unreadable"),
        ("inf", "", np.nan, "reports_reserve_unreadable"),
        (True, "", np.nan, "reports_reserve_unreadable"),
        ("", "", np.nan, None),
        ("neznámo", "", np.nan, None),
        (None, "kn/m2", np.nan, None),
    ],
)
def test_reserves_are_in_kn_or_unknown(raw: Any, unit: str, value: float, code: str | None) -> None:
    assert load_kn_m2(raw, unit) == (pytest.approx(value, nan_ok=True), code)


@given(st.text(max_size=30))
def test_any_text_is_read_or_unknown(text: str) -> None:
    value, _ = load_kn_m2(text, "")
    assert np.isnan(value) or abs(value) < 10.0
    assert verdict_of(text) in ("sufficient", "insufficient", "conditional", None)
    assert split_unit(text)[1] in ("", "kn", "kg", "%", "kc", "czk", "kwh") or "/" in split_unit(text)[1]


CZECH = """Posudky střech;;;;;
;;;;;
Budova;Část střechy;Závěr posudku;Rezerva únosnosti (kN/m2);Rok posudku;Poznámka
ZŠ Vodní;1;Vyhovuje;0,35;2022;
ZŠ Vodní;2;nevyhovuje;-0,05;12. 5. 2022;
Dílny;;podmíněně vyhovuje;;2023;
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250"])
def test_a_czech_table_with_titles_above(tmp_path: Path, encoding: str) -> None:
    found, told = read(table(tmp_path, CZECH, encoding))
    assert same(found.usable[0], (4, "ZŠ Vodní", "1", "sufficient", 0.35, 2022, np.nan))
    assert same(found.usable[1], (5, "ZŠ Vodní", "2", "insufficient", -0.05, 2022, np.nan))
    assert same(found.usable[2], (6, "Dílny", None, "conditional", np.nan, 2023, np.nan))
    assert not told and not found.unused


def test_an_english_table_and_tabs(tmp_path: Path) -> None:
    text = "building_id\tpart\tverdict\treserve_kg_m2\tyear\tpv_load_kn_m2\nb1\t1\tsufficient\t35\t2020\t0.15\n"
    found, told = read(table(tmp_path, text, name="r.txt"))
    assert same(found.usable[0], (2, "b1", "1", "sufficient", pytest.approx(35 * GRAVITY), 2020, 0.15))
    assert told["reports_kg_converted"]["count"] == 1


def test_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Přehled"],
        ["Objekt", "Výsledek", "Rezerva [kN/m²]", "Datum"],
        [101, "OK", 0.4, date(2021, 3, 1)],
        [None, None, None, None],
        ["102", "ne", None, "2020"],
    ):
        sheet.append(row)
    book.create_sheet("jiný list")
    book.save(tmp_path / "r.xlsx")
    found, told = read(tmp_path / "r.xlsx")
    assert same(found.usable[0], (3, "101", None, "sufficient", 0.4, 2021, np.nan))
    assert same(found.usable[1], (5, "102", None, "insufficient", np.nan, 2020, np.nan)) and not told
    with pytest.raises(InputError) as caught:
        read_reports(f"{tmp_path / 'r.xlsx'}|layername=chybí")
    assert caught.value.code == "vector_layer_missing"


def test_a_layer_with_and_without_geometry(tmp_path: Path) -> None:
    rows = {"building_id": ["a", "b"], "verdict": ["OK", None], "reserve_kn_m2": [np.nan, 0.2]}
    points = gpd.GeoDataFrame(rows, geometry=[shapely.Point(-688000, -974000)] * 2, crs=5514)
    points.to_file(tmp_path / "r.gpkg", layer="reports", driver="GPKG")
    points.to_file(tmp_path / "r.gpkg", layer="other", driver="GPKG")
    found, _ = read(tmp_path / "r.gpkg")
    assert [each.building_id for each in found.usable] == ["a", "b"] and found.usable[1].reserve == 0.2


BAD = """budova;část;závěr;rezerva;rok;stav;poznámka
b1;1;vyhovuje;0,3;2020;;
b1;1;vyhovuje;0,3;2020;;
b2;;vyhovuje;0,3;2019;;
b2;;nevyhovuje;0,1;2022;;
b3;;vyhovuje;;;;
b3;;nevyhovuje;;;;
b4;;vyhovuje;0,3;2020;návrh;
b5;;koncept;0,3;2020;;
b6;;vyhovuje;0,3;2020;;návrh zesílení vaznic
b7;;;;2020;;sken bez rezervy
b8;;viz příloha;;2020;;
b9;;vyhovuje;35;předloni;;
;;vyhovuje;0,3;2020;;
"""


def test_what_cannot_be_used_is_counted_and_named(tmp_path: Path) -> None:
    found, told = read(table(tmp_path, BAD))
    kept = {each.building_id: each for each in found.usable}
    assert list(kept) == ["b1", "b2", "b6", "b9"]
    assert kept["b2"].verdict == "insufficient" and kept["b2"].year == 2022
    assert np.isnan(kept["b9"].reserve) and np.isnan(kept["b9"].year)
    assert found.unused == {
        "reports_draft": ["b4", "b5"],
        "reports_silent": ["b7", "b8"],
        "reports_repeated": ["b1/1", "b2"],
        "reports_contradictory": ["b3"],
        "reports_nameless": ["14"],
    }
    assert told["reports_unit_unknown"]["values"] == "b9: 35"
    assert told["reports_verdict_unknown"]["values"] == "b8: viz příloha"
    assert told["reports_year_unknown"]["count"] == 1 and told["reports_draft"]["buildings"] == "b4, b5"


def test_a_heading_alone(tmp_path: Path) -> None:
    found, told = read(table(tmp_path, "building;verdict\n"))
    assert found.usable == [] and "reports_none" in told


@pytest.mark.parametrize(
    "text,code",
    [
        ("", "sheet_columns_missing"),
        ("jméno;rezerva\nx;1\n", "sheet_columns_missing"),
        ("building,reserve\nb1,0,35\n", "sheet_cells"),
        ("a\0b", "sheet_no_text"),
    ],
)
def test_tables_of_no_use_are_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(DataError) as caught:
        read_reports(table(tmp_path, text))
    assert caught.value.code == code and "reports.csv" in caught.value.sentence("cs")


def test_files_of_no_use_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_reports(tmp_path / "none.csv")
    assert caught.value.code == "file_missing"
    for name in ("broken.xlsx", "broken.gpkg"):
        (tmp_path / name).write_bytes(b"not a table")
        with pytest.raises(DataError) as refused:
            read_reports(tmp_path / name)
        assert refused.value.code == "vector_unreadable"


def test_the_input_is_only_read(tmp_path: Path) -> None:
    path = table(tmp_path, CZECH)
    before = path.read_bytes()
    read(path)
    assert path.read_bytes() == before and [each.name for each in tmp_path.iterdir()] == ["reports.csv"]


def test_headings_with_units() -> None:
    assert split_unit("Rezerva [kg/m²]") == ("rezerva", "kg/m2")
    assert split_unit("npv_czk") == ("npv", "czk") and split_unit("Blok") == ("blok", "")
    assert split_unit("Roční výroba (kWh/rok)") == ("rocni vyroba", "kwh/rok")


def test_the_first_heading_that_fits_counts(tmp_path: Path) -> None:
    path = table(tmp_path, "id;building_id;budova\n1;b1;škola\n")
    wanted = {"building_id": ("building_id", "budova", "id"), "note": ("note",)}
    sheet = read_sheet(path, input_name="x", headings=wanted, required=("building_id",))
    assert sheet.cell(sheet.rows[0], "building_id") == "b1" and sheet.cell(sheet.rows[0], "note") is None


def test_benefits_of_the_owner(tmp_path: Path) -> None:
    text = "Budova;Část;Čistá současná hodnota [Kč];Roční výroba [kWh/rok]\nb1;1;1 500 000,5;12000\nb2;;-20000;\n"
    found = read_benefits(table(tmp_path, text, "cp1250"))
    assert found["building_id"].tolist() == ["b1", "b2"] and found["part_id"].tolist() == ["1", None]
    assert found["benefit_czk"].tolist() == [1_500_000.5, -20_000.0]
    assert found["energy_kwh_a"].iloc[0] == 12_000 and np.isnan(found["energy_kwh_a"].iloc[1])


def test_benefits_of_the_main_job(tmp_path: Path) -> None:
    here = shapely.box(-688000, -974000, -687990, -973990)
    rows = {"building_id": ["b1"], "part_id": ["1"], "energy_kwh_a": [9000.0]}
    for layer in ("buildings", "modules"):
        gpd.GeoDataFrame(rows, geometry=[here], crs=5514).to_file(tmp_path / "pv.gpkg", layer=layer, driver="GPKG")
    assert read_benefits(tmp_path / "pv.gpkg")["energy_kwh_a"].tolist() == [9000.0]


@pytest.mark.parametrize(
    "text,code",
    [
        ("building;price\nb1;3\n", "benefits_without_value"),
        ("building;npv\n;3\n", "building_id_empty"),
        ("building;npv\nb1;3\nb1;4\n", "building_twice"),
        ("npv\n3\n", "sheet_columns_missing"),
    ],
)
def test_benefits_of_no_use_are_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises((InputError, DataError)) as caught:
        read_benefits(table(tmp_path, text))
    assert caught.value.code == code


def test_benefits_not_understood_are_unknown(tmp_path: Path) -> None:
    with collect_notices() as notices:
        found = read_benefits(table(tmp_path, "building;npv_czk\nb1;asi milion\nb2;\n"))
    assert found["benefit_czk"].isna().all()
    assert [each.code for each in notices] == ["attribute_not_understood"]
