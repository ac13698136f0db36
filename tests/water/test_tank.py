"""One tank: pinned numbers of the facts, a linear program as oracle, what must hold of any tank."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import lk_spatial as lk
from lk_spatial.core.errors import InputError
from lk_spatial.water.tank import YIELD_RULES, TankBalance
from tests.water.liberec import AREA, plain_tank, read_days, school_days

WATER = st.lists(st.one_of(st.just(0.0), st.floats(0.0, 50.0)), min_size=1, max_size=40)


def most_yield(inflow: np.ndarray, demand: np.ndarray, volume: float, rule: str) -> float:
    """The most that any use of a tank can yield: a linear program in yields, spills and storages."""
    n, ident = len(inflow), np.eye(len(inflow))
    before = np.eye(n, k=-1)  # storage at the end of the step before
    balance = np.hstack([ident, ident, ident - before])  # Y + spill + V' - V = Q
    if rule == "yas":
        limits, most = [[ident, 0 * ident, -before], [ident, 0 * ident, ident]], [np.zeros(n), np.full(n, volume)]
    else:
        limits, most = [[ident, 0 * ident, -before]], [inflow]
    bounds = [(0, d) for d in demand] + [(0, None)] * n + [(0, volume)] * n
    cost = np.concatenate([-np.ones(n), np.zeros(2 * n)])
    found = linprog(cost, np.block(limits), np.concatenate(most), balance, inflow, bounds, method="highs")
    assert found.success
    return -found.fun


@pytest.mark.parametrize(
    "volume,yas,ybs",
    [(5_000, 242_816.0, 364_529.6), (20_000, 441_696.0, 464_195.2), (60_000, 471_225.6, 472_435.2)],
    ids=["facts-5-10-S5", "facts-5-10-S20", "facts-5-10-S60"],
)
def test_linear_program_of_the_facts(shared_data: Path, volume: float, yas: float, ybs: float) -> None:
    """2003, 864 m2, 4 800 l each weekday, in litres."""
    days = read_days(shared_data, "2003", "2003")
    inflow, demand = AREA * days["sra_mm"].to_numpy(), 4800.0 * (days.index.day_of_week < 5)
    assert lk.tank_balance(inflow, demand, volume, rule="yas").yield_m3.sum() == pytest.approx(yas, rel=1e-6)
    assert lk.tank_balance(inflow, demand, volume, rule="ybs").yield_m3.sum() == pytest.approx(ybs, rel=1e-6)


@pytest.mark.parametrize("rule", YIELD_RULES)
@pytest.mark.parametrize("volume", [0.0, 3.0, 12.0, 60.0])
def test_no_use_of_a_tank_yields_more(shared_data: Path, volume: float, rule: str) -> None:
    """HiGHS on the summer and autumn of 2003."""
    days = read_days(shared_data, "2003-06", "2003-11")
    inflow, demand = 1e-3 * AREA * days["sra_mm"].to_numpy(), 4.8 * (days.index.day_of_week < 5)
    best = most_yield(inflow, demand, volume, rule)
    assert lk.tank_balance(inflow, demand, volume, rule=rule).yield_m3.sum() == pytest.approx(best, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    "use,rule,pinned",
    [
        ("school", "yas", (0.800, 0.456, 0.748)),
        ("school", "ybs", (0.827, 0.438, 0.784)),
        ("care_home", "yas", (0.657, 0.221, 0.587)),
    ],
    ids=["facts-5-11-school-yas", "facts-5-11-school-ybs", "facts-5-11-care-home-yas"],
)
def test_pinned_liberec(shared_data: Path, use: str, rule: str, pinned: tuple[float, float, float]) -> None:
    """1988–2017, 2 400 l a school day or each day, 20 m3: efficiency, overflow ratio, time reliability."""
    days = read_days(shared_data, "1988", "2017")
    pattern = school_days(days.index) if use == "school" else np.ones(len(days))
    inflow = 1e-3 * AREA * days["sra_mm"].to_numpy()
    tank = lk.tank_balance(inflow, 2.4 * pattern, 20.0, rule=rule)
    found = tank.efficiency, tank.spill_m3.sum() / inflow.sum(), tank.time_reliability
    assert [f"{each:.3f}" for each in found] == [f"{each:.3f}" for each in pinned]


@pytest.mark.parametrize(
    "volume,yas,ybs",
    [
        (2, 0.249, 0.482),
        (5, 0.479, 0.608),
        (10, 0.660, 0.721),
        (20, 0.800, 0.827),
        (40, 0.903, 0.913),
        (80, 0.980, 0.983),
    ],
    ids=lambda value: f"facts-2-{value}",
)
def test_bracket_of_the_facts(shared_data: Path, volume: float, yas: float, ybs: float) -> None:
    days = read_days(shared_data, "1988", "2017")
    inflow, demand = 1e-3 * AREA * days["sra_mm"], 2.4 * school_days(days.index)
    found = [lk.tank_balance(inflow, demand, volume, rule=rule).efficiency for rule in YIELD_RULES]
    assert [f"{each:.3f}" for each in found] == [f"{yas:.3f}", f"{ybs:.3f}"]


def test_rules_of_thumb_of_the_pinned_school(shared_data: Path) -> None:
    """facts-5-11: demand 501.2 and yield 739.0 m3 a year; 6 % 30.1, 5 % 25.1, 21 days 28.8 m3."""
    days = read_days(shared_data, "1988", "2017")
    demand, rain = 2.4 * school_days(days.index).sum() / 30, 1e-3 * AREA * days["sra_mm"].sum() / 30
    assert (f"{demand:.1f}", f"{rain:.1f}") == ("501.2", "739.0")
    assert [f"{each:.1f}" for each in lk.tank_volume_rules(rain, demand)] == ["25.1", "30.1", "28.8"]


def test_worked_examples_of_the_rules() -> None:
    """facts-5-3 (21 days of 361 350 l: 20 790 l) and facts-5-4 (6 % of 68 700 l, shown 4 100)."""
    assert lk.tank_volume_rules(82 * 13.5 * 0.6 * 0.8, 361.350).v_21d_m3 == pytest.approx(20.790, abs=1e-9)
    assert lk.tank_volume_rules(94.080, 43.8 + 21.9 + 3.0).v_6pct_m3 == pytest.approx(4.122, abs=1e-9)
    np.testing.assert_array_equal(lk.tank_volume_rules([0.0, np.nan], 5.0).v_5pct_m3, [0.0, np.nan])


def check_balance(tank: TankBalance, inflow: np.ndarray, demand: np.ndarray, volume: float, initial: float) -> None:
    """No water is made or lost, and none is where it cannot be."""
    before = np.concatenate([[initial], tank.stored_m3[:-1]])
    np.testing.assert_allclose(before + inflow, tank.yield_m3 + tank.spill_m3 + tank.stored_m3, rtol=0, atol=1e-9)
    assert (tank.yield_m3 >= 0).all() and (tank.yield_m3 <= demand + 1e-12).all()
    assert (tank.spill_m3 >= 0).all() and (tank.stored_m3 >= 0).all() and (tank.stored_m3 <= volume + 1e-12).all()


@settings(deadline=None)
@given(inflow=WATER, demand=WATER, volume=st.floats(0, 80), full=st.floats(0, 1), rule=st.sampled_from(YIELD_RULES))
def test_any_tank(inflow: list[float], demand: list[float], volume: float, full: float, rule: str) -> None:
    """Mass balance to 1e-9, and the contract's formulas to the last digits."""
    n = min(len(inflow), len(demand))
    q, d, initial = np.array(inflow[:n]), np.array(demand[:n]), full * volume
    tank = lk.tank_balance(q, d, volume, rule=rule, initial_m3=initial)
    check_balance(tank, q, d, volume, initial)
    for found, plain in zip(tank[:3], plain_tank(q, d, volume, rule, initial), strict=True):
        np.testing.assert_allclose(found, plain, rtol=0, atol=1e-12)
    if d.sum() > 0:
        assert tank.efficiency == pytest.approx(tank.yield_m3.sum() / d.sum(), abs=1e-12)
        assert 0 <= tank.time_reliability <= 1


@settings(deadline=None)
@given(inflow=WATER, demand=st.floats(0.1, 20), scale=st.floats(1e-3, 1e3), rule=st.sampled_from(YIELD_RULES))
def test_volumes_and_scales(inflow: list[float], demand: float, scale: float, rule: str) -> None:
    """More volume yields more, ever less so; YAS stays below YBS; scaling all water changes no efficiency."""
    q, volumes = np.array(inflow), np.linspace(0, 60, 25)
    curve = np.array([lk.tank_balance(q, demand, volume, rule=rule).efficiency for volume in volumes])
    steps = np.diff(curve)
    assert (steps >= -1e-12).all() and (np.diff(steps) <= 1e-12).all()
    other = np.array([lk.tank_balance(q, demand, volume, rule="ybs").efficiency for volume in volumes])
    assert (curve <= other + 1e-12).all() and (other <= q.sum() / (demand * len(q)) + 1e-12).all()
    scaled = lk.tank_balance(scale * q, scale * demand, scale * volumes[7], rule=rule)
    assert scaled.efficiency == pytest.approx(curve[7], rel=1e-9, abs=1e-12)


def test_edges() -> None:
    rain = np.array([3.0, 0.0, 1.0])
    none = lk.tank_balance(rain, 1.0, 0.0, rule="yas")
    assert none.efficiency == 0.0 and none.time_reliability == 0.0 and none.spill_m3.sum() == rain.sum()
    assert lk.tank_balance(rain, 1.0, 0.0, rule="ybs").yield_m3.tolist() == [1.0, 0.0, 1.0]
    assert lk.tank_balance(np.zeros(3), 1.0, 5.0).efficiency == 0.0
    assert lk.tank_balance(rain, [0.0, 0.0, 0.5], math.inf).time_reliability == 1.0
    for idle in (lk.tank_balance(rain, 0.0, 5.0), lk.tank_balance([], [], 5.0)):
        assert math.isnan(idle.efficiency) and math.isnan(idle.time_reliability)
    assert lk.tank_balance([0.0], 2.0, 5.0, initial_m3=5.0).efficiency == 1.0


def test_unknown_water_is_unknown_from_then_on() -> None:
    tank = lk.tank_balance([1.0, math.nan, 1.0], 0.5, 3.0, rule="ybs")
    np.testing.assert_array_equal(tank.yield_m3, [0.5, np.nan, np.nan])
    np.testing.assert_array_equal(tank.stored_m3, [0.5, np.nan, np.nan])
    assert math.isnan(tank.efficiency) and math.isnan(tank.time_reliability)
    assert np.isnan(lk.tank_balance([1.0], 1.0, math.nan).spill_m3).all()


@pytest.mark.parametrize(
    "wrong,code",
    [
        ({"inflow_m3": [-999.0, 1.0]}, "tank_value_wrong"),
        ({"inflow_m3": [math.inf, 1.0]}, "tank_value_wrong"),
        ({"inflow_m3": ["1,5", 2]}, "tank_not_a_number"),
        ({"inflow_m3": [[1.0, 2.0]]}, "tank_lengths_differ"),
        ({"demand_m3": [1.0, 2.0, 3.0]}, "tank_lengths_differ"),
        ({"demand_m3": -1.0}, "tank_value_wrong"),
        ({"volume_m3": -1.0}, "tank_value_wrong"),
        ({"initial_m3": 9.0}, "tank_value_wrong"),
        ({"rule": "yields"}, "tank_code_unknown"),
    ],
)
def test_nonsense(wrong: dict[str, object], code: str) -> None:
    given_values = {"inflow_m3": [1.0, 2.0], "demand_m3": 1.0, "volume_m3": 5.0} | wrong
    with pytest.raises(InputError) as told:
        lk.tank_balance(**given_values)  # type: ignore[arg-type]
    assert told.value.code == code and told.value.sentence("cs") != told.value.sentence("en")
