import math

import geopandas
import numpy as np
import pandas as pd
import pytest

from lk_spatial.core.text import Text
from lk_spatial.report import pv_facts


def frame(**columns):
    return pd.DataFrame(columns)


def test_parts_of_a_building_count_as_one_building():
    buildings = frame(building_id=["A", "A", "B"], part_id=["1", "2", "1"], n_modules=[3, 0, np.nan])
    planes = frame(building_id=["A"], part_id=["2"])
    totals = pv_facts.totals(buildings, planes)
    assert (totals.buildings, totals.with_planes, totals.with_modules, totals.modules) == (2, 1, 1, 3)


def test_totals_leave_out_what_is_unknown():
    buildings = frame(building_id=["A", "B"], power_kwp=[10.0, 5.0], energy_kwh_a=[9000.0, np.nan])
    totals = pv_facts.totals(buildings, frame())
    assert totals.specific_yield == 900.0
    assert totals.energy_mwh == 9.0
    assert math.isnan(totals.energy_p90_mwh) and math.isnan(totals.installed_kwp)


def test_most_energy_comes_first_and_ties_follow_the_key():
    buildings = frame(building_id=["C", "B", "A", "D"], n_modules=[1, 1, 1, 0], energy_kwh_a=[5.0, 7.0, 5.0, 0.0])
    assert [row.label for row in pv_facts.best(buildings, "en", {})] == ["B", "A", "C"]


def test_named_building_keeps_its_key_and_code_becomes_word():
    buildings = frame(
        building_id=["7"], part_id=["2"], name=["School"], use=["school"], n_modules=[4],
        power_kwp=[2.0], energy_kwh_a=[1800.0],
    )  # fmt: skip
    row = pv_facts.best(buildings, "cs", {"school": "škola"})[0]
    assert (row.label, row.key, row.use, row.specific_yield, row.quality) == ("School", "7/2", "škola", 900.0, "")


def test_gaps_are_grouped_by_reason_the_commonest_first():
    count = 20
    buildings = frame(
        building_id=[f"B{k:02d}" for k in range(count)],
        n_modules=[0] * (count - 1) + [3],
        quality_why_en=["rare"] + ["no height"] * 15 + [None] * 4,
    )
    found = pv_facts.gaps(buildings, frame(building_id=["B18", "B19"]), "en")
    assert [(gap.kind, gap.why, gap.rows) for gap in found] == [
        ("gap_planes", "no height", 15),
        ("gap_planes", "", 2),
        ("gap_planes", "rare", 1),
        ("gap_modules", "", 1),
    ]
    found = pv_facts.gaps(buildings.assign(pv_installed_kwp=5.0), frame(building_id=["B18", "B19"]), "en")
    assert [gap.kind for gap in found][-1] == "gap_installed"
    assert found[0].more == 3 and found[0].ids.startswith("B01, B02")


def test_quality_counts_keep_their_order_and_unknown_words_are_not_stated():
    counts = pv_facts.quality_counts(frame(quality=["poor", "good", "excellent", "poor"]))
    assert counts == [("good", 1, 0.25), ("poor", 2, 0.5), ("", 1, 0.25)]


def test_reasons_are_counted():
    table = frame(quality=["poor", "poor", "good"], quality_why_cs=["stín", "stín", ""])
    assert pv_facts.quality_reasons(table, "cs") == ([("poor", "stín", 2)], 0)


def test_winter_half():
    assert pv_facts.winter_share([1.0] * 12) == 50.0
    assert math.isnan(pv_facts.winter_share([math.nan] * 12))
    assert math.isnan(pv_facts.winter_share([0.0] * 12))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([100, -10, 90], 0.0),
        ([100, -10, 5, 90], 5.0),
        ([100], math.nan),
        ([100, math.nan, 90], math.nan),
        ([], math.nan),
    ],
)
def test_waterfall_steps_must_add_up(values, expected):
    steps = [(Text("a", "a"), value) for value in values]
    assert pv_facts.waterfall_gap(steps) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("/home/me/x/roofs.gpkg|layername=a/b", "roofs.gpkg|layername=a/b"),
        ("D:\\maps\\dmp.tif", "dmp.tif"),
        ("postgresql://me:pw@host/db?table=s.t&password=pw", "postgresql://host/db?table=s.t&password=***"),
    ],
)
def test_names_of_files_show_neither_folders_nor_passwords(reference, expected):
    assert pv_facts.file_name(reference) == expected


def test_tables_without_any_column_are_no_error():
    nothing = geopandas.GeoDataFrame(geometry=[], crs="EPSG:5514")
    assert pv_facts.totals(nothing, nothing).buildings == 0
    assert pv_facts.best(nothing, "cs", {}) == []
    assert pv_facts.gaps(nothing, nothing, "cs") == []
    assert pv_facts.quality_counts(nothing) == []
    assert np.isnan(pv_facts.months_mwh(nothing)).all()


def test_modules_on_planes_with_little_light_are_told_apart():
    planes = frame(
        poa_kwh_m2_a=[1200.0, 700.0, 600.0], power_kwp=[90.0, 10.0, 0.0], energy_kwh_a=[90_000.0, 5_500.0, 0.0]
    )
    assert pv_facts.dim_planes(planes) == (800.0, 10.0, 550.0)
    assert pv_facts.dim_planes(planes.iloc[:1]) is None
