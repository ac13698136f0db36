"""Grey water of buildings: flows, gates, money, classes; what is not known never passes."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lk_spatial.core.errors import InputError
from lk_spatial.core.fields import unregistered
from lk_spatial.water.grey_gates import grey_gates
from lk_spatial.water.grey_uses import grey_flows
from lk_spatial.water.greywater import Calendar, RainTanks, assess_greywater, grey_sizes
from lk_spatial.water.payback import destovka_czk, payback

YEAR = 2026
DORMITORY = {
    "use": "dormitory", "persons": 100, "plant_room": True, "grey_stacks": True,
    "water_price_czk_m3": 60.0, "sewer_price_czk_m3": 50.0, "price_date": datetime.date(2026, 1, 1),
    "electricity_price_czk_kwh": 5.0, "grey_capex_lo_czk": 500e3, "grey_capex_czk": 600e3, "grey_capex_hi_czk": 800e3,
    "grey_opex_czk_a": 10e3,
}  # fmt: skip


def assess(*buildings: dict, days: int = 1461, tank: tuple[float, float] | None = None, **more) -> pd.DataFrame:
    """Changes of the dormitory, used on all days; ``tank``: catchment and volume."""
    table = pd.DataFrame([DORMITORY | each for each in buildings], dtype=object)
    zeros = np.zeros(len(table), np.int64)
    calendar = Calendar(np.ones((1, days)), zeros)
    if tank:
        rng = np.random.default_rng(1)
        rain = rng.exponential(5.0, (1, days)) * (rng.random((1, days)) < 0.4)
        more["tanks"] = RainTanks(rain, zeros, *(np.full(len(table), each) for each in tank))
    return assess_greywater(table, calendar, year=YEAR, **more)


def one(change: dict | None = None, **more) -> pd.Series:
    return assess(change or {}, **more).iloc[0]


def test_flows_of_uses_on_a_day() -> None:
    """Facts, section 6: a school 3–4 l basins, 6–8 l toilets; a care home 40–60 l and 25–30 l."""
    flows = grey_flows(["school", "care_home", "office", "library", None], [100, 10, 10, 10, 10])
    assert flows.grey_l_d[:, :3].tolist() == [[300, 400, 40], [350, 500, 50], [400, 600, 60]]
    assert flows.demand_l_d[:, :3].tolist() == [[600, 250, 100], [700, 275, 110], [800, 300, 120]]
    assert np.isnan(flows.grey_l_d[:, 3:]).all() and np.isnan(flows.demand_l_d[:, 3:]).all()
    own = grey_flows("library", 10, grey_l=2.0, demand_l=5.0)
    assert own.grey_l_d.tolist() == [[20.0]] * 3 and own.demand_l_d[1] == 50.0


def test_a_school_lacks_grey_water_and_a_dormitory_does_not() -> None:
    table = assess({"use": "school"}, {})
    assert (table["grey_yield_l_d"] / table["grey_demand_l_d"]).round(2).tolist() == [0.5, 1.82]
    assert "50 %" in table["reasons_en"][0] and "Šedá voda pokryje 50 %" in table["reasons_cs"][0]
    assert table["grey_treatment_l_d"].tolist() == [350.0, 2750.0], "the smaller of yield and demand"
    sizes = grey_sizes(grey_flows(["school", "dormitory"], 100))
    assert (sizes.treated_store_m3 == sizes.capacity_m3).all(), "one day"
    assert (sizes.raw_store_m3 <= sizes.capacity_m3).all()


def test_money_by_hand() -> None:
    """Demand 27.5 l of 100 persons is met on all days; MBR 1–3 kWh/m3."""
    row = one()
    water = 2.75 * 365.25
    assert row["saved_m3_a"] == pytest.approx(water)
    saved = water * (110 - 2 * 5) - 10e3
    assert row["saved_czk_a"] == pytest.approx(saved) and row["payback_a"] == pytest.approx(600e3 / saved)
    low, high = 2.5 * 365.25 * (110 - 15) - 10e3, water * (110 - 5) - 10e3
    assert (row["saved_lo_czk_a"], row["saved_hi_czk_a"]) == pytest.approx((low, high)), "the unit limits the high end"
    assert (row["payback_lo_a"], row["payback_hi_a"]) == pytest.approx((500e3 / high, 800e3 / low))
    assert (row["grey_energy_lo_kwh_a"], row["grey_energy_hi_kwh_a"]) == pytest.approx((water, 3 * water))


CLASSES = {
    "A": {},
    "B, no stacks yet": {"grey_stacks": False, "refurbishment_year": 2028},
    "B, stacks unknown": {"grey_stacks": None, "refurbishment_year": YEAR},
    "C, dear": {"grey_capex_czk": 3e6, "grey_capex_hi_czk": 4e6},
    "C, never": {"grey_opex_czk_a": 1e6},
    "S, no room": {"plant_room": False},
    "S, no stacks": {"grey_stacks": False, "refurbishment_year": 2015},
    "S, hygienist": {"use": "care_home", "hygienist_consent": False},
    "A, hygienist agrees": {"use": "care_home", "hygienist_consent": True},
}


@pytest.mark.parametrize("name", CLASSES)
def test_classes(name: str) -> None:
    row = one(CLASSES[name])
    assert row["grey_class"] == name[0] and row["reasons_cs"] and row["reasons_en"] and row["missing"] is None
    assert (row["gate"] is not None) == (name[0] == "S")


MISSING = {
    "use": ({"use": None}, "use|hygiene"),
    "use without figures": ({"use": "library"}, "grey_l_person_day|grey_demand_l_person_day"),
    "persons": ({"persons": None}, "persons"),
    "persons 0": ({"persons": 0}, "persons"),
    "plant room": ({"plant_room": None}, "plant_room"),
    "stacks": ({"grey_stacks": None}, "stacks"),
    "stacks, old refurbishment": ({"grey_stacks": None, "refurbishment_year": 2015}, "stacks"),
    "no stacks, refurbishment unknown": ({"grey_stacks": False}, "stacks"),
    "hygienist of a hospital": ({"use": "hospital", "grey_demand_l_person_day": 20.0}, "hygiene"),
    "date": ({"price_date": None}, "price_date"),
    "water price": ({"water_price_czk_m3": None}, "water_price_czk_m3"),
    "sewer price": ({"sewer_price_czk_m3": np.nan}, "sewer_price_czk_m3"),
    "electricity": ({"electricity_price_czk_kwh": None}, "electricity_price_czk_kwh"),
    "investment": ({"grey_capex_czk": None, "grey_capex_lo_czk": None, "grey_capex_hi_czk": None}, "grey_capex_czk"),
    "operation": ({"grey_opex_czk_a": None}, "grey_opex_czk_a"),
}


@pytest.mark.parametrize(("change", "missing"), MISSING.values(), ids=MISSING)
def test_unknown_never_passes(change: dict, missing: str) -> None:
    row = one(change)
    assert (row["grey_class"], row["missing"]) == ("N", missing)
    assert row["reasons_en"].startswith("Not assessable") and row["reasons_cs"].startswith("Nelze posoudit")


@pytest.mark.parametrize("name", ["price_date", "water_price_czk_m3", "grey_capex_czk", "grey_opex_czk_a"])
def test_without_prices_money_is_null_but_water_is_not(name: str) -> None:
    row = one({name: None, "grey_capex_lo_czk": None, "grey_capex_hi_czk": None})
    assert np.isnan(row["payback_a"]) and row["saved_m3_a"] > 0.0 and row["grey_energy_kwh_a"] > 0.0
    if name != "grey_capex_czk":
        assert np.isnan([row[f"saved{end}_czk_a"] for end in ("_lo", "", "_hi")]).all()


def test_of_no_persons_nothing_is_told() -> None:
    row = one({"persons": 0})
    assert np.isnan(row[["grey_yield_l_d", "saved_m3_a", "payback_a"]].astype(float)).all()
    assert "No persons" in row["reasons_en"]


def test_a_gate_that_stops_wins_over_missing_data() -> None:
    row = one({"plant_room": False, "persons": None, "price_date": None})
    assert (row["grey_class"], row["gate"]) == ("S", "plant_room")
    assert "date of the prices" in row["reasons_en"], "why money is null"


def test_more_than_annex_12_is_told() -> None:
    assert "annex 12" in one({"grey_demand_l_person_day": 200.0})["reasons_en"]
    assert "annex 12" not in one()["reasons_en"]


def test_a_payback_that_never_comes_is_null_with_a_reason() -> None:
    row = one({"grey_opex_czk_a": 1e6})
    assert np.isnan(row["payback_a"]) and "never" in row["reasons_en"] and "nikdy" in row["reasons_cs"]


def test_marginal_value_beside_rain() -> None:
    alone, beside = one(), one(tank=(600.0, 20.0))
    assert beside["grey_alone_m3_a"] == pytest.approx(alone["saved_m3_a"])
    assert beside["saved_m3_a"] == pytest.approx(beside["grey_rain_m3_a"] - beside["rain_alone_m3_a"])
    assert beside["rain_beside_grey_m3_a"] == pytest.approx(beside["grey_rain_m3_a"] - beside["grey_alone_m3_a"])
    assert 0.0 < beside["saved_m3_a"] < alone["saved_m3_a"] and beside["payback_a"] > alone["payback_a"]
    dry = alone[["rain_alone_m3_a", "rain_beside_grey_m3_a", "rain_used_m3_a", "rain_overflow_m3_a"]].astype(float)
    assert np.isnan(dry).all(), "no tank is known"


def test_a_care_home_leaves_rain_little_to_do_and_a_school_does_not() -> None:
    """Facts, section 2: grey yield of schools is far below what toilets take."""
    care, school = (one({"use": use, "persons": people, "hygienist_consent": True}, tank=(600.0, 20.0))
                    for use, people in (("care_home", 100), ("school", 400)))  # fmt: skip
    share = [each["rain_beside_grey_m3_a"] / each["rain_alone_m3_a"] for each in (care, school)]
    assert share[0] < 0.05 and share[1] > 0.6


def test_rows_do_not_touch_each_other_and_columns_are_registered() -> None:
    changes = [{}, {"persons": None}, {"use": "school"}, {"plant_room": False}, {"persons": 30}]
    whole = assess(*changes, tank=(500.0, 10.0))
    assert unregistered(whole.columns) == []
    for i, change in enumerate(changes):
        single = assess(change, tank=(500.0, 10.0))
        pd.testing.assert_series_equal(whole.iloc[i], single.iloc[0], check_names=False)


BAD = {
    "negative persons": {"persons": -1},
    "negative price": {"water_price_czk_m3": -60.0},
    "a use that is none": {"use": "škola"},
    "a year that is none": {"refurbishment_year": 28},
    "costs out of order": {"grey_capex_lo_czk": 700e3},
    "litres in cubic metres": {"grey_l_person_day": 5000.0},
    "a word": {"persons": "mnoho"},
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD)
def test_impossible_input_is_refused(change: dict) -> None:
    with pytest.raises(InputError) as error:
        one(change)
    assert error.value.sentence("cs")


def test_other_technologies() -> None:
    assert one(technology="wetland")["saved_czk_a"] > one(technology="mbr")["saved_czk_a"]
    with pytest.raises(InputError):
        one(technology="magic")


def test_columns_may_be_missing() -> None:
    gates = grey_gates(pd.DataFrame({"name": ["a", "b"]}), YEAR)
    assert not any(hit.any() for hit in gates.stops.values()) and all(hit.all() for hit in gates.unknown.values())


RANGES = st.tuples(st.floats(1, 1e6), st.floats(1, 1e6), st.floats(1, 1e6)).map(sorted)


@given(RANGES, RANGES)
def test_payback_is_in_order(capex, saving) -> None:
    low, typical, high = payback(np.array(capex), np.array(saving))
    assert low <= typical <= high


@settings(max_examples=25, deadline=None)
@given(st.floats(10, 200), st.floats(1.01, 2.0))
def test_dearer_water_pays_sooner(price: float, factor: float) -> None:
    cheap, dear = assess({"water_price_czk_m3": price}, {"water_price_czk_m3": price * factor}, days=30).itertuples()
    assert dear.saved_czk_a > cheap.saved_czk_a and dear.payback_hi_a <= cheap.payback_hi_a


def test_subsidy_of_the_published_example() -> None:
    """6 m3 for the garden: 41 000 CZK (chcidotaci.com); the formula only."""
    assert destovka_czk("garden", 6, 200_000, "family_house") == 41_000
    assert destovka_czk("garden", 6, 60_000, "apartments") == 30_000, "half of the cost"
    assert destovka_czk("garden", [1.9, 6], 200_000, ["family_house", "school"]).tolist() == [0.0, 0.0]
    assert np.isnan(destovka_czk("grey", 6, np.nan, "dwelling"))
    with pytest.raises(InputError):
        destovka_czk("pool", 6, 1e5, "dwelling")
