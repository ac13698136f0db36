"""Gates, classes, missing data, systems, reasons: the rules of the facts and the region's own cases."""

import numpy as np
import pandas as pd
import pytest

from lk_spatial.core.errors import InputError
from lk_spatial.core.tables import load_table
from lk_spatial.core.text import Text
from lk_spatial.statics.decision import (
    Systems,
    Thresholds,
    carried,
    classify,
    missing_data,
    narrowing,
    preferred,
    thresholds,
    with_reports,
)
from lk_spatial.statics.draws import part_keys
from lk_spatial.statics.gates import GateLimits, Gates, find_gates, report_valid
from lk_spatial.statics.interval import Triple, known, triple
from lk_spatial.statics.reasons import Case, fill, reasons, shares
from lk_spatial.statics.reliability import exceedance
from lk_spatial.statics.reserve import INPUTS, Roofs, reserve
from tests.statics.made_parts import csn_part, inside, random_parts

GO = ("distress", "heritage", "asbestos", "roof_life", "drift")
OPEN = {"condition": "good", "heritage": "none", "covering": "pvc_membrane", "roof_life_a": 30.0, "ownership": "clear"}
COSTS = thresholds(40e3, 10e6, 1.5e6)
NO_COSTS = thresholds(None, None, None)
INPUT_ROWS = load_table("statics/screening_inputs_2026").rows.set_index("id")
RANGES = {name: tuple(INPUT_ROWS.loc[name, ["low", "value", "high"]].astype(float)) for name in INPUTS}
GATE_ROWS = load_table("statics/gates_2026").rows
GATE_TITLES, DATA_TITLES = (
    {row.id: Text(row.en, row.cs) for row in table.itertuples()} for table in (GATE_ROWS, INPUT_ROWS.reset_index())
)
DATA_TITLES |= GATE_TITLES
SYSTEMS = Systems(
    ("ballasted_south", "ballasted_east_west", "glued_flat"),
    triple([0.147, 0.118, 0.029], [0.245, 0.157, 0.049], [0.343, 0.196, 0.078]),
)


def open_gates(n: int, **columns: object) -> Gates:
    return find_gates(pd.DataFrame([OPEN | columns] * n))


def judged(parts: Roofs, limits: Thresholds, gates: Gates | None = None, papers: str | None = None) -> list[str]:
    n = len(parts.g.mean)
    chance = exceedance(parts, part_keys(range(n), ["1"] * n), draws=2000)
    found = classify(
        reserve(parts),
        chance,
        limits,
        documents=np.array([papers] * n, object),
        gates=gates or open_gates(n),
        clear_for_go=GO,
    )
    return list(found)


STRONG, MIDDLE, WEAK = (csn_part(s0, 1.5, 0.35, 0.15, u0=0.85) for s0 in (3.0, 1.0, 0.5))


def test_thresholds_of_the_facts() -> None:
    assert [float(each) for each in COSTS] == pytest.approx([0.004, 0.9733], abs=5e-5)


def test_thresholds_where_no_survey_pays_meet() -> None:
    low, high = thresholds(40e3, 1e6, 41e3)
    assert low == high == pytest.approx(41e3 / 1.041e6)


@pytest.mark.parametrize("costs", [(0.0, 1e6, 1e6), (4e4, -1.0, 1e6), (4e4, 1e6, [1e6, 0.0])])
def test_costs_that_are_none_are_refused(costs: tuple) -> None:
    with pytest.raises(InputError):
        thresholds(*costs)


def test_classes_by_action() -> None:
    assert judged(STRONG, COSTS, papers="D2") == ["A"]
    assert judged(STRONG, COSTS, papers="D1") == ["B"]
    assert judged(STRONG, COSTS) == ["B"]
    assert judged(MIDDLE, COSTS) == ["C"]
    assert judged(WEAK, COSTS, papers="D3") == ["D"]


def test_without_costs_the_intervals_alone_and_no_b() -> None:
    assert judged(STRONG, NO_COSTS) == ["C"] and judged(STRONG, NO_COSTS, papers="D3") == ["A"]
    assert judged(WEAK, NO_COSTS) == ["D"]
    wide = Roofs(**(WEAK._asdict() | {"u0": triple([0.3], [0.85], [1.0])}))
    assert judged(wide, NO_COSTS) == ["C"]


@pytest.mark.parametrize("papers", [None, "D0", "D1", "D2", "D3"])
def test_no_snow_is_class_n(papers: str | None) -> None:
    void = STRONG._replace(snow=known([np.nan]))
    assert judged(void, COSTS, papers=papers) == ["N"]


def test_beyond_the_limit_without_pv_is_d_whatever_the_costs() -> None:
    part = csn_part(0.5, 1.5, 0.35, 0.15, u0=1.0)
    assert reserve(part).u0.low[0] > 1.15
    assert judged(part, thresholds(40e3, 10e6, 1e12)) == ["D"]


@pytest.mark.parametrize(
    "column,value,gate",
    [
        ("heritage", "monument", "heritage"),
        ("heritage", "national_monument", "heritage"),
        ("covering", "asbestos_cement", "asbestos"),
        ("roof_life_a", 14.0, "roof_life"),
        ("condition", "poor", "roof_life"),
        ("condition", "distress", "distress"),
        ("ownership", "lien", "ownership"),
        ("report_reserve_kn_m2", 0.0, "report"),
    ],
)
def test_each_gate_stops(column: str, value: object, gate: str) -> None:
    gates = open_gates(1, **{column: value})
    assert gates.first() == [gate] and gates.stopped.tolist() == [True]
    assert judged(STRONG, COSTS, gates, papers="D2") == ["S"]


@pytest.mark.parametrize("year,stopped,unknown", [(1980, True, False), (1997, False, False), (None, False, True)])
def test_fibre_cement_by_its_year(year: int | None, stopped: bool, unknown: bool) -> None:
    gates = open_gates(1, covering="fibre_cement", covering_year=year)
    assert gates.stops["asbestos"].tolist() == [stopped] and gates.unknown["asbestos"].tolist() == [unknown]


@pytest.mark.parametrize("value", ["zone", "buffer"])
def test_heritage_that_wants_consent_does_not_stop(value: str) -> None:
    assert open_gates(1, heritage=value).first() == [None]
    assert find_gates(pd.DataFrame([OPEN | {"heritage": value}]), GateLimits(protected=(value,))).first() == [
        "heritage"
    ]


@pytest.mark.parametrize(
    "changes,valid",
    [
        ({}, True),
        ({"report_year": 2020}, True),
        ({"report_year": 2020, "covering_year": 2018}, True),
        ({"report_year": 2020, "covering_year": 2022}, False),
        ({"report_year": 2020, "refurbishment_year": 2021}, False),
        ({"report_reserve_kn_m2": None}, False),
    ],
)
def test_a_survey_older_than_a_change_does_not_count(changes: dict, valid: bool) -> None:
    parts = pd.DataFrame([{"report_reserve_kn_m2": 0.2} | changes])
    assert report_valid(parts).tolist() == [valid]
    found = with_reports(reserve(MIDDLE), parts, report_valid(parts))
    assert bool(found.q_max.low[0] == found.q_max.high[0] == 0.2) is valid


def test_unknown_gates_keep_from_a_and_b() -> None:
    for column in ("heritage", "covering", "condition"):
        row = {name: value for name, value in OPEN.items() if name != column}
        gates = find_gates(pd.DataFrame([row]))
        assert judged(STRONG, COSTS, gates, papers="D2") == ["N"]
        assert judged(MIDDLE, COSTS, gates) == ["C"] and judged(WEAK, COSTS, gates) == ["D"]
    nobody = find_gates(pd.DataFrame([{**OPEN, "ownership": None}]))
    assert judged(STRONG, COSTS, nobody) == ["B"]
    assert judged(STRONG, COSTS, find_gates(pd.DataFrame(index=[0]))) == ["N"]


BETTER = {"A": 0, "B": 1, "C": 2, "N": 2, "D": 2, "S": 2}


@pytest.mark.parametrize("papers", [None, "D2"])
@pytest.mark.parametrize("name", INPUTS)
def test_what_is_unknown_never_leads_ahead(name: str, papers: str | None) -> None:
    n, rng = 60, np.random.default_rng(1)
    whole = random_parts(n, 31, wide=0.6)
    whole = whole._replace(condition=Triple(*(2.0 * each for each in whole.condition)))  # enough A and B among them
    told = Roofs(**(whole._asdict() | {name: getattr(inside(whole, rng), name)}))
    void = Roofs(**(whole._asdict() | {name: known(np.full(n, np.nan))}))
    absent = np.zeros((n, len(INPUTS)), bool)
    absent[:, INPUTS.index(name)] = True
    keys, gates, documents = part_keys(range(n), ["1"] * n), open_gates(n), np.array([papers] * n, object)
    limits = thresholds(40e3, 4e5, 1.5e6)

    def classes(parts: Roofs, gone: np.ndarray | None = None) -> np.ndarray:
        chance = exceedance(parts, keys, absent=gone, draws=500)
        return classify(reserve(parts), chance, limits, documents=documents, gates=gates, clear_for_go=GO)

    known_classes, wide_classes = classes(told), classes(whole, absent)
    assert all(BETTER[wide] >= BETTER[one] for wide, one in zip(wide_classes, known_classes, strict=True))
    assert set(classes(void)) == {"N"}
    assert {"A", "B"} & set(known_classes)


def test_documents_only_improve() -> None:
    parts = random_parts(60, 8)
    before, after = judged(parts, COSTS, papers="D0"), judged(parts, COSTS, papers="D2")
    assert all(BETTER[b] <= BETTER[a] for a, b in zip(before, after, strict=True))


def test_n_names_the_datum_that_narrows_most() -> None:
    parts = csn_part(1.0, np.nan, 0.35, 0.15)
    wide = Roofs(**(parts._asdict() | {"rho_r": triple([1.0], [1.0], [1.12])}))
    absent = np.zeros((1, len(INPUTS)), bool)
    absent[0, INPUTS.index("rho_r")] = True
    gains = narrowing(wide, absent, RANGES)
    found = missing_data(gains, open_gates(1), np.array(["N"], object), GO)
    assert found == [["snow", "rho_r"]]
    assert np.isnan(gains[0, INPUTS.index("g")]) and 0.7 < gains[0, INPUTS.index("snow")] < 1.0


def test_a_gate_is_named_where_it_alone_keeps_from_going_ahead() -> None:
    gates = find_gates(pd.DataFrame([{**OPEN, "heritage": None, "ownership": None}]))
    gains = np.full((1, len(INPUTS)), np.nan)
    assert missing_data(gains, gates, np.array(["N"], object), GO) == [["heritage", "ownership"]]


def test_a_design_load_of_nothing_is_a_missing_one() -> None:
    case = case_of(csn_part(0.0, 1.5, 0.0, 0.15), COSTS, open_gates(1))
    assert list(case.classes) == ["N"] and case.missing == [["snow_build"]]
    assert "year of design" in reasons(case)[0][0].text.en


def case_of(parts: Roofs, limits: Thresholds, gates: Gates, papers: str | None = None) -> Case:
    n = len(parts.g.mean)
    chance = exceedance(parts, part_keys(range(n), ["1"] * n), draws=500)
    found = reserve(parts)
    documents = np.array([papers] * n, object)
    classes = classify(found, chance, limits, documents=documents, gates=gates, clear_for_go=GO)
    gains = narrowing(parts, np.zeros((n, len(INPUTS)), bool), RANGES)
    return Case(
        parts, found, chance, limits, gates, classes, missing_data(gains, gates, classes, GO), GATE_TITLES, DATA_TITLES
    )


def test_flat_roof_with_low_reserve_glued_modules_and_a_survey() -> None:
    """Gymnázium Česká Lípa: the survey refused ballast, light glued modules were built."""
    parts = csn_part(0.7, 1.0, 0.35, 0.157)
    wide = Roofs(**(parts._asdict() | {"u0": triple([0.80], [0.90], [0.98])}))
    case = case_of(wide, COSTS, open_gates(1))
    assert list(case.classes) == ["C"]
    verdicts = carried(case.reserve.q_max, SYSTEMS, np.ones((1, 3), bool))
    assert 0.049 < case.reserve.q_max.mean[0] < 0.157
    assert verdicts.tolist() == [["no", "no", "candidate"]] and preferred(verdicts, SYSTEMS) == ["glued_flat"]


def test_deteriorated_covering_is_stopped() -> None:
    """SOŠ Jablonecká, Liberec: the covering gave way, the tender was cancelled."""
    case = case_of(STRONG, COSTS, open_gates(1, condition="poor"), papers="D2")
    assert list(case.classes) == ["S"]
    first = reasons(case)[0][0].text
    assert "renewed" in first.en and "obnovit" in first.cs


def test_systems_by_all_their_verdicts() -> None:
    q_max = triple([0.4, -0.9, np.nan, 0.0], [0.5, -0.5, np.nan, 0.1], [0.6, -0.2, np.nan, 0.6])
    fits = np.array([[True, True, True]] * 3 + [[True, False, False]])
    verdicts = carried(q_max, SYSTEMS, fits)
    assert verdicts.tolist() == [["yes"] * 3, ["no"] * 3, [None] * 3, ["no", None, None]]
    assert preferred(verdicts, SYSTEMS) == ["ballasted_south", "none", None, "none"]


def test_shares_make_up_the_utilisation() -> None:
    parts = random_parts(50, 6)
    product = np.prod(list(shares(parts).values()), axis=0)
    np.testing.assert_allclose(product, reserve(parts).u1.mean, rtol=1e-12)


def test_reasons_come_by_weight_in_both_languages() -> None:
    case = case_of(csn_part([0.5, 1.0, 1.0], [1.5, 1.5, np.nan], 0.35, 0.15, u0=0.8), NO_COSTS, open_gates(3))
    told = reasons(case)
    assert all([each.weight for each in row] == sorted((each.weight for each in row), reverse=True) for row in told)
    assert [list(case.classes)[i] for i in range(3)] == ["D", "C", "N"]
    u0 = f"{case.reserve.u0.low[0]:.2f}"
    assert told[0][1].text.en.startswith("Safety notice") and u0 in told[0][1].text.en
    assert u0.replace(".", ",") in told[0][1].text.cs
    assert any("costs are not given" in each.text.en for each in told[0])
    assert "snow zone" in told[2][0].text.en and "sněhová oblast" in told[2][0].text.cs
    loads = next(each for each in told[1] if "today's code" in each.text.en and each.weight < 100)
    assert loads.weight == pytest.approx(abs(np.log(shares(case.roofs)["loads"][1])))


def test_no_gate_hides_another() -> None:
    case = case_of(STRONG, COSTS, open_gates(1, condition="distress", heritage="monument"))
    first, second = reasons(case)[0][:2]
    assert "distress" in first.text.en and "heritage" in second.text.en


def test_numbers_in_sentences_follow_the_language() -> None:
    assert fill(Text("{0} of {x}", "{0} z {x}"), "1.50", x=Text("it", "toho")) == Text("1.50 of it", "1,50 z toho")


def test_the_tables_hold_what_the_functions_take() -> None:
    table = load_table("statics/screening_2026").rows.set_index("id")
    assert table.loc["u0_limit", "value"] == 1.15
    limits = GateLimits()
    assert (limits.roof_life_a, limits.asbestos_year) == tuple(table.loc[["roof_life_a", "asbestos_year"], "value"])
    assert set(GATE_ROWS["id"]) == set(find_gates(pd.DataFrame(index=[0])).stops)
    assert tuple(GATE_ROWS.loc[GATE_ROWS["clear_for_go"], "id"]) == GO
    assert set(INPUT_ROWS.index) == set(INPUTS)
    low, value, high = table.loc["u0_design", ["low", "value", "high"]]
    assert ((high - low) / 2 / 1.6448536, value) == pytest.approx((0.10, 0.85), abs=1e-5)
