"""Buildings in: keys, names of columns, texts and numbers as people write them; unknown stays unknown."""

import csv
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lk_spatial.core.errors import InputError, Problems
from lk_spatial.core.fields import FIELDS
from lk_spatial.core.notices import Notice, collect_notices
from lk_spatial.io import codes as coded
from lk_spatial.io.buildings import ATTRIBUTES, KEY, read_buildings, template_buildings
from lk_spatial.io.qml import value_map_qml
from lk_spatial.io.values import converted
from lk_spatial.io.vector import write_layers

ROOT = Path(__file__).resolve().parents[2]


def save(path: Path, **columns: object) -> Path:
    count = len(next(iter(columns.values())))
    x = -688_000.0 + np.arange(count) * 20.0
    frame = gpd.GeoDataFrame(columns, geometry=shapely.box(x, -974_010, x + 10, -974_000), crs="EPSG:5514")
    pyogrio.write_dataframe(frame, path, layer="buildings")
    return path


def read(path: Path, *fields: str) -> tuple[gpd.GeoDataFrame, dict[str, Notice]]:
    with collect_notices() as notices:
        frame = read_buildings(path, fields=fields)
    return frame, {each.code: each for each in notices}


def refusal(path: Path, *fields: str) -> InputError:
    with pytest.raises(InputError) as error:
        read(path, *fields)
    for lang in ("en", "cs"):
        assert "{" not in error.value.sentence(lang)
    return error.value


# --- keys --------------------------------------------------------------------------------------------------------


def test_keys_are_text_and_parts_default_to_1(tmp_path: Path) -> None:
    frame, notices = read(save(tmp_path / "a.gpkg", building_id=[7, 8], note=["x", "y"]))
    assert frame["building_id"].tolist() == ["7", "8"] and frame["part_id"].tolist() == ["1", "1"]
    assert list(frame.columns) == ["building_id", "part_id", "geometry"] and not notices
    assert frame.index.tolist() == [0, 1]
    frame, _ = read(save(tmp_path / "b.gpkg", building_id=["A", "A"], part_id=["east", None]))
    assert frame["part_id"].tolist() == ["east", "1"]
    frame, _ = read(save(tmp_path / "c.gpkg", building_id=[7.0, 8.0]))
    assert frame["building_id"].tolist() == ["7", "8"]


def test_key_from_another_column_or_from_feature_numbers(tmp_path: Path) -> None:
    frame, notices = read(save(tmp_path / "a.gpkg", ID=["x1", "x2"]))
    assert frame["building_id"].tolist() == ["x1", "x2"] and notices["building_id_from_column"].values["column"] == "ID"
    frame, notices = read(save(tmp_path / "b.gpkg", id=["same", "same"]))
    assert frame["building_id"].tolist() == ["1", "2"] and "building_id_generated" in notices
    frame, notices = read(save(tmp_path / "c.gpkg", INV=["i1", "i2"]), "building_id=INV")
    assert frame["building_id"].tolist() == ["i1", "i2"] and not notices


def test_empty_and_double_keys_are_refused_by_name(tmp_path: Path) -> None:
    error = refusal(save(tmp_path / "a.gpkg", building_id=["A", None, " "]))
    assert error.code == "building_id_empty" and error.values["count"] == 2 and error.values["ids"] == "2, 3"
    error = refusal(save(tmp_path / "b.gpkg", building_id=["A", "B", "A", "C", "C"]))
    assert error.code == "building_twice" and error.values["keys"] == "A/1, C/1"


# --- columns -----------------------------------------------------------------------------------------------------


def test_columns_under_other_names_and_cases(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a.gpkg", building_id=["A"], Podlazi=["3"], USE=["MŠ"], use_source=["pasport"], zdroj=["tip"]
    )
    frame, _ = read(path, "storeys = Podlazi", "storeys_source=zdroj")
    row = frame.iloc[0]
    assert row["storeys"] == 3 and row["use"] == "kindergarten"
    assert row["use_source"] == "pasport" and row["storeys_source"] == "tip"


def test_wrong_mappings_are_told_all_at_once(tmp_path: Path) -> None:
    path = save(tmp_path / "a.gpkg", building_id=["A"], x=[1])
    error = refusal(path, "storeys", "height=x", "persons=lidé", "=x", "use_source=x")
    assert isinstance(error, Problems)
    assert [each.code for each in error.problems] == ["fields_entry", "fields_name", "fields_column", "fields_entry"]


# --- values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attribute", "given", "expected"),
    [
        ("use", ["Základní škola", "zakladni skola", "SCHOOL", " škola ", "ZŠ", "school"], ["school"] * 6),
        ("terrain", ["III", "iii", "3", 3, 3.0, "0", 0], ["III"] * 5 + ["0"] * 2),
        ("heritage", ["none", "ne", "NKP", "Památková zóna"], ["none", "none", "national_monument", "zone"]),
        ("consequence_class", ["CC2", "2", "cc 2", None], ["CC2", "CC2", None, None]),
        ("covering", ["plech", "trapézový plech", "Eternit"], [None, "trapezoidal_sheet", "fibre_cement"]),
        ("roof_structure", ["sbíjené vazníky", "nail plate truss"], ["nailed_truss", "timber_truss_nailed"]),
        ("sewer", ["jednotná", "none", "žumpa", "-"], ["combined", "none", "none", None]),
        (
            "water_m3_a",
            ["12,5", "1 234,5", "1\u00a0000", "12 m", "", None, 3, "1.234,5"],
            [12.5, 1234.5, 1000, None, None, None, 3, 1234.5],
        ),
        ("storeys", ["3", "3,0", "3,5", 2.0, True, 0], [3, 3, None, 2, None, None]),
        ("year_built", [1974, "1974", 0, 1000, "kolem 1900", 2500], [1974, 1974, None, None, None, None]),
        ("pitch_deg", [0, 45, 120, -5], [0, 45, None, None]),
        ("persons", [-1, "1 200"], [None, 1200]),
        ("snow_guards", ["ano", "NE", 1, 0.0, True, "snad", None], [True, False, True, False, True, None, None]),
        ("price_date", ["2026-01-31", "31. 1. 2026", "2026-01-31T00:00:00", "loni"], ["2026-01-31"] * 3 + [None]),
        ("ean", ["859182400100000001", 859182400100000001, 8.59e17, " 85 "], ["859182400100000001"] * 2 + [None, "85"]),
        ("name", ["Dům\0", 5, "?", "unknown"], ["Dům", "5", None, None]),
        ("use_source", ["pasport", None], ["pasport", None]),
    ],
)
def test_values_as_people_write_them(attribute: str, given: list, expected: list) -> None:
    with collect_notices():
        values = converted(attribute, pd.Series(given, dtype=object))
    found = [None if pd.isna(value) else str(value) if attribute == "price_date" else value for value in values]
    assert found == expected


def test_unknown_texts_are_counted_in_one_notice(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a.gpkg",
        building_id=list("ABCD"),
        use=["hvězdárna", "hvězdárna", "škola", "akvárium"],
        storeys=["2", "99", "3", "4"],
    )
    frame, notices = read(path)
    assert frame["use"].tolist() == [None, None, "school", None]
    told = notices["attribute_not_understood"]
    assert told.values["count"] == 3 and told.values["values"] == ["hvězdárna (2×)", "akvárium (1×)"]
    assert "Užití" in told.sentence("cs") and "hvězdárna (2×), akvárium (1×)" in told.sentence("cs")
    assert notices["attribute_out_of_range"].values["values"] == ["99 (1×)"]


@given(
    st.lists(st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans()), max_size=6),
    st.sampled_from(ATTRIBUTES),
)
def test_no_cell_can_break_the_reader(cells: list, attribute: str) -> None:
    with collect_notices() as notices:
        values = converted(attribute, pd.Series(cells, dtype=object))
    assert len(values) == len(cells)
    for each in notices:
        assert each.sentence("cs") and each.sentence("en")
    if attribute in coded.coded_attributes():
        assert set(values.dropna()) <= {each.code for each in coded.codes(attribute)}


@given(st.floats(0, 1e9, allow_nan=False).map(lambda number: round(number, 3)))
def test_numbers_survive_czech_writing(number: float) -> None:
    text = f"{number:,.3f}".replace(",", "\u00a0").replace(".", ",")
    assert converted("water_m3_a", pd.Series([text], dtype=object)).tolist() == [pytest.approx(number)]


# --- lists of codes and fields -----------------------------------------------------------------------------------


def test_every_attribute_of_the_contract_is_a_field() -> None:
    assert len(set(ATTRIBUTES)) == len(ATTRIBUTES) == 51
    for name in (*KEY, *ATTRIBUTES):
        assert FIELDS[name].title.cs and FIELDS[name].meaning.en, name
    assert set(coded.coded_attributes()) <= set(FIELDS)


@pytest.mark.parametrize("attribute", coded.coded_attributes())
def test_each_text_means_one_code(attribute: str) -> None:
    seen: dict[str, str] = {}
    for each in coded.codes(attribute):
        assert each.title.en and each.title.cs and FIELDS[attribute].type == "text"
        for text in (each.code, each.title.cs, each.title.en, *each.aliases):
            assert seen.setdefault(coded._folded(text), each.code) == each.code, text
            assert coded.code_of(attribute, text) == each.code


def test_every_use_of_ruian_has_a_code(shared_data: Path) -> None:
    import json

    lists = json.loads((shared_data / "ruian" / "code_lists.json").read_text("utf-8"))
    for number, text in lists["ZpusobVyuzitiKod"].items():
        assert coded.code_of("use", f"ruian {number}"), text


def test_sample_attributes_are_understood() -> None:
    with (ROOT / "lk_spatial/data/sample/attributes.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    with collect_notices() as notices:
        for attribute in ATTRIBUTES:
            if attribute in rows[0]:
                converted(attribute, pd.Series([row[attribute] for row in rows], dtype=object))
    assert notices == []


# --- the empty layer to fill in ----------------------------------------------------------------------------------


def test_template_has_every_attribute_with_its_type(tmp_path: Path) -> None:
    out = tmp_path / "buildings.gpkg"
    template_buildings(out)
    about = pyogrio.read_info(out, layer="buildings")
    assert about["fields"].tolist() == [*KEY, *ATTRIBUTES] and about["features"] == 0
    kinds = dict(zip(about["fields"], zip(about["ogr_types"], about["ogr_subtypes"], strict=True), strict=True))
    assert kinds["persons"][0] == "OFTInteger64" and kinds["span_m"][0] == "OFTReal"
    assert kinds["snow_guards"][1] == "OFSTBoolean" and kinds["use"][0] == "OFTString"
    before = out.read_bytes()
    with pytest.raises(InputError) as error:
        template_buildings(out)
    assert error.value.code == "template_exists" and out.read_bytes() == before


def test_filled_template_is_read_back(tmp_path: Path) -> None:
    out = tmp_path / "buildings.gpkg"
    template_buildings(out)
    row = gpd.GeoDataFrame(
        {"building_id": ["B1"], "part_id": ["1"], "use": ["school"], "snow_guards": [True], "span_m": [12.5]},
        geometry=[shapely.MultiPolygon([shapely.box(-688_000, -974_010, -687_990, -974_000)])],
        crs="EPSG:5514",
    )
    pyogrio.write_dataframe(row, out, layer="buildings", append=True)
    frame, notices = read(out)
    assert not notices and frame.iloc[0][["use", "snow_guards", "span_m"]].tolist() == ["school", True, 12.5]
    assert frame["persons"].isna().all()


def test_what_was_read_can_be_written_and_read_again(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a.gpkg",
        building_id=["A", "B"],
        use=["škola", None],
        persons=["3", None],
        price_date=["1. 2. 2026", None],
        snow_guards=["ano", None],
    )
    first, _ = read(path)
    write_layers(tmp_path / "b.gpkg", {"buildings": first}, titles={})
    second, notices = read(tmp_path / "b.gpkg")
    assert not notices
    pd.testing.assert_frame_equal(
        pd.DataFrame(first.drop(columns="geometry")), pd.DataFrame(second.drop(columns="geometry"))
    )


def test_value_map_is_a_style_of_its_own_or_joins_one() -> None:
    alone = value_map_qml(["building_id", "use"], "cs")
    assert 'name="základní škola"' in alone and 'name="Užití"' in alone and "ValueMap" in alone
    joined = value_map_qml(
        ["use"], "en", "<qgis version='3.22'><aliases><alias field='use' name='mine'/></aliases></qgis>"
    )
    assert 'name="mine"' in joined and 'name="Use"' not in joined and 'value="school"' in joined
