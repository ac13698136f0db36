"""Screening of roof parts by their attributes: the region's own cases, absence, order, seed."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lk_spatial.core.fields import unregistered
from lk_spatial.core.notices import collect_notices
from lk_spatial.statics.facts import facts
from lk_spatial.statics.layer import screening_layer
from lk_spatial.statics.notes import notes
from lk_spatial.statics.options import ScreeningOptions
from lk_spatial.statics.screening import Screening, screen
from lk_spatial.statics.surroundings import surroundings
from lk_spatial.statics.what_if import changes
from tests.statics.made_buildings import COSTS, GYM, NO_COSTS, buildings, screened


def classes(*given: dict[str, Any], options: ScreeningOptions = COSTS) -> list[str]:
    return list(screened(*given, options=options).classes)


def reasons_cs(found: Screening, i: int = 0) -> str:
    return " ".join(each.text.cs for each in found.reasons[i])


def test_low_reserve_no_ballast_but_glued_and_a_survey() -> None:
    """The Česká Lípa case of facts/data.md §4: ballasted PV not all right, light glued panels a candidate."""
    found = screened({"roof_structure": "rc_panel", "condition": "fair", "g_added_kn_m2": 0.1})
    q = found.reserve.q_max.mean[0]
    assert 0.05 < q < 0.15, q
    assert found.classes[0] == "C"
    assert found.verdicts[0] == {"ballasted_south": "no", "ballasted_east_west": "no", "glued_flat": "candidate"}
    assert found.system[0] == "glued_flat"


def test_deteriorated_covering_is_stopped_by_a_gate() -> None:
    """The Jablonecká case of facts/data.md §4: the covering fails, the tender is cancelled."""
    found = screened({"condition": "poor"}, {"roof_life_a": 3.0})
    assert list(found.classes) == ["S", "S"] and found.gates.first() == ["roof_life", "roof_life"]
    assert "krytinu" in reasons_cs(found)


def test_a_paper_check_needs_documents() -> None:
    strong = {"build_load_kn_m2": 9.0, "build_load_kn_m2_confidence": "documented", "year_built": 2015}
    assert classes(strong | {"documents": "D2"}, strong | {"documents": "D1"}, strong | {"documents": None}) == [
        "A",
        "B",
        "B",
    ]
    assert classes(strong | {"documents": "D2"}, strong, options=NO_COSTS) == ["A", "C"]


def test_far_too_weak_is_d_with_a_safety_notice() -> None:
    found = screened({"build_load_kn_m2": 1.0, "build_load_kn_m2_confidence": "documented"})
    assert found.classes[0] == "D" and found.reserve.u0.low[0] > 1.15
    assert "Bezpečnostní upozornění" in reasons_cs(found)


@pytest.mark.parametrize(
    "lack,datum",
    [
        ({"snow_zone": None}, "sk_kn_m2"),
        ({"snow_zone": "VIII"}, "sk_kn_m2"),
        ({"year_built": None}, "year_built"),
        ({"year_built": 1930}, "build_load_kn_m2"),
        ({"roof_structure": None}, "roof_structure"),
        ({"roof_structure": "vault"}, "g_kn_m2"),
        ({"snow_zone": "VI", "snow_zone_old": None}, "snow_zone_old"),
        ({"pitch_deg": None, "covering": "metal_sheet", "roof_structure": "timber_rafters"}, "pitch_deg"),
    ],
    ids=lambda each: str(each),
)
def test_no_number_and_the_datum_is_named(lack: dict[str, Any], datum: str) -> None:
    found = screened(lack)
    assert found.classes[0] == "N"
    assert np.isnan([found.reserve.u1.low[0], found.reserve.q_max.mean[0], found.chance.p1[0]]).all()
    assert found.missing[0][0] == datum
    assert screening_layer(found)["missing_en"][0]


ABSENCE = [name for name in GYM if name not in ("name", "terrain", "wind_zone", "year_built")]
RANK = {"A": 0, "B": 1, "C": 2, "D": 2, "N": 2, "S": 2}
STRONG = {"build_load_kn_m2": 7.0, "build_load_kn_m2_confidence": "documented", "documents": "D2", "year_built": 2015}


@given(st.sets(st.sampled_from(ABSENCE), max_size=5), st.sampled_from([{}, STRONG]), st.sampled_from([COSTS, NO_COSTS]))
@settings(max_examples=60, deadline=None)
def test_absence_never_improves(lost: set[str], base: dict[str, Any], options: ScreeningOptions) -> None:
    less = base | dict.fromkeys(lost) | ({"build_load_kn_m2": None} if "documents" in lost and base else {})
    full, bare = classes(base, less, options=options._replace(draws=500))
    assert RANK[bare] >= RANK[full]
    if full != "D":
        assert bare != "D"  # nor does it damn


@given(
    st.sampled_from(["D0", "D1"]),
    st.sampled_from([None, "good", "fair"]),
    st.sampled_from([1955, 1970, 1984, 1999, 2008, 2018]),
    st.sampled_from(["I", "II", "III", "IV"]),
    st.sampled_from([None, "CC1", "CC2", "CC3"]),
)
@settings(max_examples=40, deadline=None)
def test_what_is_learnt_lies_within_what_was_not_known(
    papers: str, condition: str | None, year: int, zone: str, consequence: str | None
) -> None:
    known = {"documents": papers, "condition": condition, "year_built": year, "snow_zone": zone}
    known |= {"consequence_class": consequence, "snow_zone_old": zone, "use": None}
    unknown = known | dict.fromkeys(["consequence_class", "snow_zone_old", "condition", "g_added_kn_m2"])
    found = screened(unknown, known | {"g_added_kn_m2": 0.1}, options=COSTS._replace(draws=100))
    for each in (found.reserve.u0, found.reserve.u1):
        assert each.low[0] <= each.low[1] + 1e-9 and each.high[1] <= each.high[0] + 1e-9


def test_a_roof_of_panels_under_bitumen_is_flat() -> None:
    """So is one below membranes; of metal sheets on rafters nobody can tell the pitch."""
    bare = {"pitch_deg": None, "covering": "bitumen", "roof_structure": "rc_panel"}
    found = screened(bare, {"pitch_deg": None}, {"pitch_deg": None, "covering": "metal_sheet"})
    assert list(found.inputs.flat[:2]) == [1.0, 1.0] and list(found.inputs.snow.pitch.absent) == [True, True, False]
    assert list(found.classes) == ["C", "C", "N"]


def test_more_snow_more_use() -> None:
    found = screened(*({"snow_zone": zone} for zone in ("I", "II", "III", "IV", "V", "VI", "VII")))
    assert (np.diff(found.reserve.u1.mean) > 0).all() and (np.diff(found.reserve.q_max.mean) < 0).all()


def test_modules_on_a_slope_weigh_more_on_plan() -> None:
    tiles = {"roof_structure": "timber_rafters", "covering": "concrete_tile", "parapet_m": None}
    found = screened(tiles | {"pitch_deg": 20.0}, tiles | {"pitch_deg": 60.0})
    load = found.inputs.roofs.pv.mean
    assert load[1] / load[0] == pytest.approx(np.cos(np.radians(20.0)) / np.cos(np.radians(60.0)))
    assert found.system[0] in ("flush", "glued_pitched", "none")


def test_a_survey_decides_unless_it_is_outdated() -> None:
    survey = {"report_reserve_kn_m2": 0.4, "report_year": 2020}
    found = screened(survey, survey | {"report_year": 2010})
    assert list(found.classes) == ["S", "C"] and found.gates.first()[0] == "report"
    assert found.reserve.q_max.low[0] == found.reserve.q_max.high[0] == 0.4
    assert found.system[0] == "ballasted_south"
    assert "vyhovuje" in " ".join(each.cs for each in notes(found)[0])


def test_unknown_drift_heights_stand_in_the_way_of_go() -> None:
    strong = {"build_load_kn_m2": 9.0, "build_load_kn_m2_confidence": "documented", "documents": "D2"}
    found = screened(strong, strong | {"parapet_m": None})
    assert list(found.classes) == ["A", "N"] and found.missing[1][0] == "parapet_m"


def test_terrain_iv_only_with_a_reason() -> None:
    with collect_notices() as told:
        found = screened({"terrain": "IV"}, {"terrain": "IV", "terrain_reason": "posudek"}, {"terrain": "II"})
    assert [each.code for each in told] == ["terrain_without_reason"]
    assert found.wind.qp[0] == found.wind.qp[2] > found.wind.qp[1]


def test_parapets_by_62_never_above_two() -> None:
    found = screened({"parapet_m": 5.0, "snow_zone": "I"}, {"parapet_m": 0.0, "snow_zone": "I"})
    assert found.inputs.snow.drift_mu[0] == 2.0 and np.isnan(found.inputs.snow.drift_mu[1])


def test_same_seed_same_answer_one_worker_or_many_whatever_the_order() -> None:
    parts = buildings(*({"year_built": year} for year in range(1950, 2020, 2)))
    around = surroundings(parts)
    one = screening_layer(screen(parts, around, COSTS))
    with ThreadPoolExecutor(3) as threads:
        many = screening_layer(screen(parts, around, COSTS, executor=threads))
    turned = parts.iloc[::-1].reset_index(drop=True)
    back = screening_layer(screen(turned, surroundings(turned), COSTS)).iloc[::-1].reset_index(drop=True)
    assert one.equals(many)
    assert one.drop(columns="geometry").equals(back.drop(columns="geometry"))
    other = screening_layer(screen(parts, around, COSTS._replace(seed=1)))
    assert not one["p_exceed_1"].equals(other["p_exceed_1"])
    assert one["u1"].equals(other["u1"])


def test_every_column_is_registered_and_told_in_both_languages() -> None:
    layer = screening_layer(screened({}, {"year_built": None}, {"condition": "poor"}))
    assert unregistered(layer.columns) == []
    assert layer[["reasons_cs", "reasons_en", "systems_cs", "systems_en"]].notna().all(axis=None)


def test_one_changed_input_moves_the_utilisation() -> None:
    told = changes(screened({}))[0]
    loads = [each.u1[1] for each in told if each.input.en == "Load of PV"]
    zones = {each.value.en: each.u1[1] for each in told if each.input.en == "Snow zone"}
    assert loads[0] > loads[1] > loads[2]
    assert zones["III"] < zones["IV"] < zones["V"]
    assert {each.value.en for each in told if each.input.en == "Designed in"} == {
        "1965",
        "1982",
        "1998",
        "2008",
        "2015",
    }


def test_every_number_has_an_origin() -> None:
    found = screened({})
    told = facts(found, 0)
    assert {
        "Snow on the ground s_k",
        "Design load when built",
        "Utilisation when designed",
        "Ballast asked for by wind",
    } <= {each.label.en for each in told}
    for each in told:
        assert each.origin.source.cs and each.origin.confidence, each.label
    assert any(each.origin.confidence == "assumption" for each in told)


def test_no_parts_no_rows() -> None:
    parts = buildings({}).iloc[:0]
    assert len(screening_layer(screen(parts, surroundings(parts), COSTS))) == 0
