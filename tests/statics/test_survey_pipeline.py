"""The plan of surveys from made screenings: who is in it, in what order, what finished surveys change."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import collect_notices
from lk_spatial.statics.survey import Bias, survey_value, updated_bias
from lk_spatial.statics.survey_choice import LEFT, SurveyOptions
from lk_spatial.statics.survey_pipeline import OUT, SurveyFiles, SurveyPlan, survey_plan
from tests.statics.made_screening import X, Y, screening, written

PRIOR = Bias(1.0, 0.10)
COSTS = {"survey_czk": 40e3, "false_go_czk": 10e6, "benefit_czk": 1.5e6}
Told = dict[str, dict[str, Any]]


def plan(
    folder: Path, layer: Any, options: SurveyOptions, benefits: str | None = None, reports: str | None = None
) -> tuple[SurveyPlan, Told]:
    """The plan of a made layer; ``benefits`` and ``reports`` are texts of tables."""
    files = {"screening": written(folder / "screening.gpkg", layer)}
    for name, text in (("benefits", benefits), ("reports", reports)):
        if text is not None:
            (folder / f"{name}.csv").write_text(text, "utf-8")
            files[name] = str(folder / f"{name}.csv")
    with collect_notices() as notices:
        found = survey_plan(SurveyFiles(**files), options)
    return found, {each.code: each.values for each in notices}


def ids(found: SurveyPlan) -> list[str]:
    return found.layer["building_id"].tolist()


def left(found: SurveyPlan) -> dict[str, list[str]]:
    return {each.id: [key.split("/")[0] for key in each.keys] for each in found.left}


def test_each_class_by_its_rule(tmp_path: Path) -> None:
    layer = screening("ABCCDNSS", [0.001, 0.002, 0.4, 0.6, 0.99, np.nan, 0.3, 0.3])
    layer.loc[7, ["gate", "report_reserve_kn_m2"]] = ["report", 0.2]
    found, told = plan(tmp_path, layer, SurveyOptions(number=10, **COSTS))
    assert ids(found) == ["b02", "b03"]
    assert left(found) == {
        "surveyed": ["b07"],
        "stopped": ["b06"],
        "datum": ["b05"],
        "papers": ["b00"],
        "likely": ["b01"],
        "hopeless": ["b04"],
    }
    assert {key for each in found.left for key in each.keys} | {"b02/1", "b03/1"} == {f"b{i:02d}/1" for i in range(8)}
    assert found.first_data[0].datum == ("old snow zone", "stará sněhová oblast") and found.first_data[0].keys == [
        "b05/1"
    ]
    assert found.layer.columns.tolist() == list(OUT)
    assert "1 × " + LEFT["papers"].en in [each.en for each in told["survey_left_out"]["left"]]
    with_d, _ = plan(tmp_path, layer, SurveyOptions(number=10, include_d=True, **COSTS))
    assert left(with_d)["no_worth"] == ["b04"]  # 0.01 · 1.5 million is less than the survey costs
    cheap, _ = plan(tmp_path, layer, SurveyOptions(number=10, include_d=True, **COSTS | {"survey_czk": 1e3}))
    assert ids(cheap) == ["b02", "b03", "b04"]


def test_values_are_those_of_the_numeric_function(tmp_path: Path) -> None:
    p = [0.05, 0.1, 0.3, 0.6, 0.9, 0.98]
    found, told = plan(tmp_path, screening("C" * 6, p), SurveyOptions(number=6, **COSTS))
    direct = survey_value(p, 40e3, 10e6, 1.5e6)
    order = [i for i in np.argsort(-direct.voi_czk) if direct.voi_czk[i] > 0]
    assert ids(found) == [f"b{i:02d}" for i in order] and left(found) == {"no_worth": ["b05"]}
    assert found.layer["voi_czk"].to_numpy() == pytest.approx(direct.voi_czk[order])
    assert found.layer["p_change"].to_numpy() == pytest.approx(direct.p_change[order])
    assert found.layer["order"].tolist() == [1, 2, 3, 4, 5] and found.layer["voi_why_cs"].isna().all()
    assert found.key.en.startswith("value") and "survey_without_value" not in told
    assert (found.layer["p_exceed"] == found.layer["p_exceed_1"]).all()


def test_neither_number_nor_budget(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        plan(tmp_path, screening("C", [0.5]), SurveyOptions(**COSTS))
    assert caught.value.code == "survey_limit_missing"
    for given in ({"budget_czk": 1e5}, {"number": 3, "visit_czk": 1e3}):
        with pytest.raises(InputError) as priceless:
            plan(tmp_path, screening("C", [0.5]), SurveyOptions(**given))  # type: ignore[arg-type]
        assert priceless.value.code == "survey_price_missing" and list(given)[-1] in priceless.value.sentence("cs")


@pytest.mark.parametrize(
    "costs,benefits,key,order,missing",
    [
        ({}, None, "chance to change the decision", ["b00", "b01", "b02"], 3),
        ({}, "building;energy_kwh_a\nb00;1000\nb01;9000\nb02;2500\n", "energy", ["b01", "b02", "b00"], 3),
        ({}, "building;npv_czk\nb00;1\nb01;1,1\nb02;9\n", "benefit", ["b02", "b00", "b01"], 2),
        ({"survey_czk": 40e3}, "building;npv_czk\nb00;1e5\nb01;1e5\nb02;9e5\n", "benefit", ["b02", "b00", "b01"], 1),
        (
            {"survey_czk": 40e3, "false_go_czk": 10e6},
            "building;energy_kwh_a\nb00;1000\nb01;9000\nb02;2500\n",
            "energy",
            ["b01", "b02", "b00"],
            1,
        ),
    ],
)
def test_without_costs_no_value_but_an_order(
    tmp_path: Path, costs: dict[str, float], benefits: str | None, key: str, order: list[str], missing: int
) -> None:
    layer = screening("CCC", [0.2, 0.4, 0.6])
    found, told = plan(tmp_path, layer, SurveyOptions(number=3, **costs), benefits)  # type: ignore[arg-type]
    assert ids(found) == order and key in found.key.en
    assert found.layer["voi_czk"].isna().all() and len(found.missing_costs) == missing
    assert found.layer["voi_why_en"].str.startswith("not given: ").all()
    assert found.layer["voi_why_cs"].str.startswith("není zadáno: ").all()
    assert told["survey_without_value"]["key"] == found.key
    assert np.isnan(found.cost_czk) == ("survey_czk" not in costs)


def test_benefits_of_some_roofs_only(tmp_path: Path) -> None:
    options = SurveyOptions(number=5, **COSTS | {"benefit_czk": None})  # type: ignore[arg-type]
    text = "building;npv_czk\nb00;1500000\nb01;-20000\nb09;5\n"
    found, told = plan(tmp_path, screening("CCC", [0.4, 0.4, 0.4]), options, text)
    assert ids(found) == ["b00"] and left(found) == {"no_benefit": ["b02"], "no_worth": ["b01"]}
    assert told["benefits_unknown_building"]["buildings"] == "b09"
    other, _ = plan(tmp_path, screening("CCC", [0.4, 0.4, 0.4]), SurveyOptions(number=5, **COSTS), text)
    assert ids(other) == ["b00", "b02"] and other.layer["benefit_czk"].tolist() == [1.5e6, 1.5e6]


def test_a_buildings_benefit_is_shared_by_area(tmp_path: Path) -> None:
    layer = screening("CCC", [0.4, 0.4, 0.4], {"building_id": ["b0", "b0", "b1"], "part_id": ["1", "2", "1"]})
    layer.loc[1, "geometry"] = shapely.box(X + 20, Y, X + 80, Y + 20)
    found, told = plan(tmp_path, layer, SurveyOptions(number=5), "building;energy_kwh_a\nb0;4000\nb1;500\n")
    energy = found.parts.set_index(["building_id", "part_id"])["energy_kwh_a"]
    assert energy["b0", "1"] == pytest.approx(1000) and energy["b0", "2"] == pytest.approx(3000)
    assert told["benefits_shared"]["buildings"] == "b0"
    own = "building;part;energy_kwh_a\nb0;1;7\nb0;2;8\nb1;3;9\n"
    exact, told = plan(tmp_path, layer, SurveyOptions(number=5), own)
    assert exact.parts["energy_kwh_a"].fillna(-1).tolist() == [7, 8, -1]
    assert told["benefits_unknown_building"]["buildings"] == "b1/3"


def test_visits_are_of_one_place(tmp_path: Path) -> None:
    """Two parts of one building, a neighbour 100 m off, others far away."""
    layer = screening("CCCC", [0.4, 0.3, 0.35, 0.5], {"building_id": ["b0", "b0", "b1", "b2"], "part_id": list("1211")})
    layer["geometry"] = [shapely.box(x, Y, x + 20, Y + 20) for x in (X, X + 400, X + 300, X + 5000)]
    found, _ = plan(tmp_path, layer, SurveyOptions(number=9, **COSTS))
    visits = {(row.building_id, row.part_id): row.visit for row in found.layer.itertuples()}
    assert visits["b0", "1"] == visits["b0", "2"] == visits["b1", "1"] != visits["b2", "1"]
    assert found.layer["visit"].is_monotonic_increasing and found.layer["order"].tolist() == [1, 2, 3, 4]
    apart, _ = plan(tmp_path, layer, SurveyOptions(number=9, reach_m=0.0, **COSTS))
    assert len(set(apart.layer["visit"])) == 3  # parts of a building stay together


@pytest.mark.parametrize("budget,count", [(0.0, 0), (39e3, 0), (45e3, 1), (89e3, 1), (90e3, 2), (1e6, 4)])
def test_a_budget_is_kept(tmp_path: Path, budget: float, count: int) -> None:
    layer = screening("CCCC", [0.2, 0.3, 0.4, 0.5])
    found, _ = plan(tmp_path, layer, SurveyOptions(budget_czk=budget, visit_czk=5e3, **COSTS))
    assert len(found.layer) == count and found.cost_czk == count * 45e3
    assert len(left(found).get("limit", [])) == 4 - count
    assert len(found.layer.columns) == len(OUT)


def test_a_visit_not_worth_its_cost_is_left(tmp_path: Path) -> None:
    layer = screening("CC", [0.2, 0.97])  # the second is worth 5000
    found, _ = plan(tmp_path, layer, SurveyOptions(number=2, visit_czk=6e3, **COSTS))
    assert ids(found) == ["b00"] and left(found) == {"limit": ["b01"]}


def test_order_of_rows_and_seed(tmp_path: Path) -> None:
    n = 40
    rng = np.random.default_rng(1)
    layer = screening("ABCC" * 10, rng.choice([0.2, 0.3, 0.5], n))
    options = SurveyOptions(number=12, audits=4, seed=3, **COSTS)
    first, _ = plan(tmp_path, layer, options)
    other, _ = plan(tmp_path, layer.sample(frac=1.0, random_state=5), options)
    assert first.layer.drop(columns="geometry").equals(other.layer.drop(columns="geometry"))
    assert first.proposed == other.proposed and len(first.proposed) == 4
    assert [plan(tmp_path, layer, options._replace(seed=s))[0].proposed for s in (3, 4)][1] != first.proposed


def test_audits_count_in_number_and_budget(tmp_path: Path) -> None:
    layer = screening("AABBCCCC", [0.001] * 4 + [0.4] * 4)
    found, _ = plan(tmp_path, layer, SurveyOptions(number=5, audits=2, **COSTS))
    kinds = found.layer["survey_kind"].tolist()
    assert kinds.count("audit") == 2 and kinds.count("decide") == 3
    assert set(found.layer[found.layer["survey_kind"] == "audit"]["static_class"]) <= {"A", "B"}
    assert sorted(found.proposed) == sorted(
        f"{row.building_id}/1" for row in found.layer.itertuples() if row.survey_kind == "audit"
    )
    money, told = plan(tmp_path, layer, SurveyOptions(budget_czk=100e3, visit_czk=5e3, audits=3, **COSTS))
    assert money.cost_czk == 90e3 and told["survey_audits_cut"] == {"wanted": 3, "found": 2}
    _, told = plan(tmp_path, layer, SurveyOptions(number=9, audits=6, **COSTS))
    assert told["survey_audits_cut"] == {"wanted": 6, "found": 4}
    proposal, _ = plan(tmp_path, layer, SurveyOptions(number=1, **COSTS))
    assert len(proposal.proposed) == 4 and proposal.layer["survey_kind"].tolist() == ["decide"]


def test_an_audit_shares_the_visit_of_its_place(tmp_path: Path) -> None:
    layer = screening("AC", [0.001, 0.4])
    layer.loc[0, "geometry"] = shapely.box(X + 1050, Y, X + 1070, Y + 20)
    found, _ = plan(tmp_path, layer, SurveyOptions(budget_czk=85e3, visit_czk=5e3, audits=1, **COSTS))
    assert found.layer["visit"].tolist() == [1, 1] and found.cost_czk == 85e3
    assert ids(found) == ["b01", "b00"]


REPORTS = "building;part;verdict;reserve_kn_m2;year\n"


def test_reserves_move_like_roofs_and_no_others(tmp_path: Path) -> None:
    kinds = ["steel_truss", "steel_truss", "rc_slab", None]
    layer = screening("CCCC", [0.5] * 4, {"roof_structure": kinds})
    found, _ = plan(tmp_path, layer, SurveyOptions(number=9, **COSTS), reports=REPORTS + "b00;1;;0,45;2024\n")
    after = found.parts.set_index("building_id")["p_exceed"]
    # U with 0.45 kN/m2 is 0.9 + 0.1 · 3 = 1.2: the roof has the bias 1.2
    bias = updated_bias(PRIOR, [1.2], [1.2])
    assert found.evidence.lessons == [("steel_truss", 1, PRIOR, bias)]
    assert after["b01"] < 0.4 and after["b02"] == after["b03"] == 0.5
    assert left(found) == {"surveyed": ["b00"]}
    low, _ = plan(tmp_path, layer, SurveyOptions(number=9, **COSTS), reports=REPORTS + "b00;1;;0,0;2024\n")
    assert low.parts.set_index("building_id")["p_exceed"]["b01"] > 0.5
    told = found.evidence.told.iloc[0]
    assert told["sufficient"] == 1.0 and told["p_prior"] == told["p_without"] == 0.5


def test_a_survey_that_the_screening_knew_teaches_too(tmp_path: Path) -> None:
    layer = screening("SC", [0.5, 0.5])
    layer.loc[0, ["gate", "report_reserve_kn_m2", "q_max_kn_m2"]] = ["report", 0.45, 0.45]
    found, _ = plan(tmp_path, layer, SurveyOptions(number=9, **COSTS))
    assert found.evidence.lessons[0].after == updated_bias(PRIOR, [1.2], [1.2])
    assert any("class S because of their survey" in each.en for each in found.evidence.statements)


def test_a_survey_of_another_layout(tmp_path: Path) -> None:
    """Sufficient for a lighter array says nothing of the planned one, but something of the bias."""
    rows = ("b00;vyhovuje;0,05", "b01;vyhovuje;0,30", "b02;nevyhovuje;0,30", "b03;nevyhovuje;0,15", "")
    text = "\n".join(["building;verdict;pv_load_kn_m2", *rows])
    found, told = plan(tmp_path, screening("CCCCC", [0.5] * 5), SurveyOptions(number=9, **COSTS), reports=text)
    assert told["reports_other_layout"]["buildings"] == "b00/1, b01/1, b02/1"
    assert found.evidence.told["sufficient"].fillna(-1).tolist() == [-1, 1, -1, 0]
    assert found.evidence.told["low"].to_numpy() == pytest.approx([0.9 + 0.1 / 3, 1.1, 0, 0])
    assert found.evidence.told["high"].to_numpy() == pytest.approx([np.inf, np.inf, 1.1, 1.0])


def test_surveys_that_contradict_themselves_or_tell_nothing(tmp_path: Path) -> None:
    layer = screening("CCCC", [0.5, 0.5, np.nan, 0.5], {"u0": [0.9, 0.9, np.nan, 0.9], "u1": [1.0, 1.0, np.nan, 1.0]})
    text = (
        REPORTS + "b00;1;vyhovuje;0,10;\nb01;1;podmíněně;;\nb02;1;vyhovuje;;\nb07;1;vyhovuje;0,2;\nb03;x;vyhovuje;;\n"
    )
    found, told = plan(tmp_path, layer, SurveyOptions(number=9, **COSTS), reports=text)
    assert told["reports_odd_verdict"]["buildings"] == "b00/1" and found.evidence.told["sufficient"].iloc[0] == 0.0
    assert told["reports_unused_numbers"]["buildings"] == "b02/1"
    assert told["reports_unknown_building"]["buildings"] == "b07/1, b03/x"
    assert left(found)["surveyed"] == ["b00", "b01", "b02"] and ids(found) == ["b03"]


def test_a_survey_without_its_part(tmp_path: Path) -> None:
    layer = screening("CCC", [0.5] * 3, {"building_id": ["b0", "b0", "b1"], "part_id": ["1", "2", "7"]})
    text = "building;verdict\nb0;vyhovuje\nb1;vyhovuje\n"
    found, told = plan(tmp_path, layer, SurveyOptions(number=9, **COSTS), reports=text)
    assert told["reports_part_unclear"]["buildings"] == "b0"
    assert found.evidence.told["part_id"].tolist() == ["7"] and ids(found) == ["b0", "b0"]


@pytest.mark.parametrize("agree,low", [(11, "71,5 %"), (10, "58,7 %"), (9, "48,2 %")])
def test_what_eleven_surveys_prove(tmp_path: Path, agree: int, low: str) -> None:
    """STAT-01 of the facts, through the whole pipeline; unsafe errors are told first."""
    rows = "".join(f"b{i:02d};1;{'vyhovuje' if i < agree else 'nevyhovuje'};;\n" for i in range(11))
    found, _ = plan(
        tmp_path, screening("B" * 11, [0.002] * 11), SurveyOptions(number=1, **COSTS), reports=REPORTS + rows
    )
    first, second = found.evidence.statements[:2]
    assert first.cs.startswith(f"Nebezpečné chyby (třída A nebo B, ale posudek zní nevyhovuje): {11 - agree} z 11")
    assert low in second.cs and f"{agree} z 11" in second.cs and "vylosovány" in second.cs
    assert len(found.evidence.check.unsafe) == 11 - agree


def test_without_surveys_nothing_is_proven(tmp_path: Path) -> None:
    found, _ = plan(tmp_path, screening("CA", [0.5, 0.01]), SurveyOptions(number=1, **COSTS))
    assert len(found.evidence.statements) == 1 and "nic není doloženo" in found.evidence.statements[0].cs
    assert found.reports is None and found.evidence.told.empty


def test_b_is_surveyed_only_where_surveys_have_shaken_it(tmp_path: Path) -> None:
    rows = "".join(f"b{i:02d};1;nevyhovuje;-0,3;\n" for i in range(6))
    layer = screening(
        "C" * 6 + "BBA", [0.5] * 6 + [0.003, 0.003, 0.003], {"roof_structure": ["glulam"] * 7 + ["rc_slab"] * 2}
    )
    found, _ = plan(tmp_path, layer, SurveyOptions(number=9, **COSTS), reports=REPORTS + rows)
    assert ids(found) == ["b06"] and found.layer["p_exceed"].iloc[0] > 0.01
    assert left(found) == {"surveyed": [f"b{i:02d}" for i in range(6)], "likely": ["b07"], "papers": ["b08"]}


def test_without_scatter_surveys_change_nothing(tmp_path: Path) -> None:
    layer = screening("CCC", [0.5, 0.5, np.nan]).drop(columns="u1_log_sd")
    found, told = plan(tmp_path, layer, SurveyOptions(number=9, **COSTS), reports=REPORTS + "b00;1;;0,45;\n")
    assert found.parts["p_exceed"].iloc[1] == 0.5 and told["screening_without_spread"]["count"] == 2
    assert left(found)["no_chance"] == ["b02"]


def test_nothing_to_survey(tmp_path: Path) -> None:
    found, told = plan(tmp_path, screening("AAN", [0.01, 0.01, np.nan]), SurveyOptions(number=3, **COSTS))
    assert len(found.layer) == 0 and found.layer.columns.tolist() == list(OUT) and found.cost_czk == 0
    assert len(told["survey_plan_empty"]["left"]) == 2


def test_layers_of_no_use_are_refused(tmp_path: Path) -> None:
    layer = screening("CC", [0.5, 0.5])
    with pytest.raises(InputError) as caught:
        plan(tmp_path, layer.drop(columns=["u1", "static_class"]), SurveyOptions(number=1))
    assert caught.value.code == "screening_no_result" and "static_class, u1" in caught.value.sentence("en")
    with pytest.raises(InputError) as twice:
        plan(tmp_path, layer.assign(building_id="b0"), SurveyOptions(number=1))
    assert twice.value.code == "building_twice"
    with pytest.raises(InputError) as empty:
        plan(tmp_path, layer.assign(building_id=["b0", ""]), SurveyOptions(number=1))
    assert empty.value.code == "building_id_empty"


def test_a_chance_out_of_range_is_unknown(tmp_path: Path) -> None:
    found, told = plan(tmp_path, screening("CCX", [40.0, 0.5, 0.5]), SurveyOptions(number=3))
    assert ids(found) == ["b01"] and left(found) == {"no_chance": ["b00"], "no_class": ["b02"]}
    assert told["attribute_out_of_range"]["attribute"] == "p_exceed_1"
