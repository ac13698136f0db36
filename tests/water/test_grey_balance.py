"""Grey water, rain and mains day by day: conservation, an independent loop, ages, published shares."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lk_spatial.core.errors import DataError, InputError
from lk_spatial.water.grey_balance import Days, Plant, Water, daily_balance, water_balance

RULES = ("yas", "ybs")


def case(seed: int, n: int = 20, days: int = 400) -> tuple[Plant, Days]:
    """Invented buildings and weather."""
    rng = np.random.default_rng(seed)
    use = (rng.random((3, days)) < 0.7).astype(float)
    rain = rng.exponential(6.0, (2, days)) * (rng.random((2, days)) < 0.4)
    grey, demand = rng.uniform(0, 5, n), rng.uniform(0, 5, n)
    plant = Plant(
        grey, demand, rng.uniform(0, 4, n), rng.uniform(0, 4, n), rng.uniform(0, 900, n), rng.uniform(0, 30, n)
    )
    return plant, Days(use, rain, rng.integers(0, 3, n), rng.integers(0, 2, n))


def of_one(plant: Plant, days: Days, i: int) -> tuple[Plant, Days]:
    return Plant(*(np.asarray(each)[i] for each in plant)), Days(*days[:2], days.use_row[i], days.rain_row[i])


def plain_loop(plant: Plant, days: Days, rule: str) -> list[float]:
    """The same rules written again: parcels of treated water with their day, a tank by the contract's formulas."""
    grey, demand, capacity, store, area, volume = (float(each) for each in plant)
    parcels: list[tuple[int, float]] = []
    tank, sums = 0.0, [0.0] * 5
    series = zip(np.asarray(days.use)[days.use_row], np.asarray(days.rain_mm)[days.rain_row], strict=True)
    for day, (share, mm) in enumerate(series):
        came, need, inflow = grey * share, demand * share, area * mm / 1000.0
        parcels.append((day, min(came, capacity)))
        sums[3] += came - min(came, capacity)
        kept = []
        for born, amount in sorted(parcels):
            taken = min(need, amount)
            need, amount = need - taken, amount - taken
            sums[0] += taken
            stays = min(amount, store) if born == day else 0.0
            sums[3] += amount - stays
            kept.append((born, stays))
        parcels = [each for each in kept if each[0] == day]
        drawn = min(need, tank) if rule == "yas" else min(need, tank + inflow)
        left = min(tank + inflow - drawn, volume - drawn if rule == "yas" else volume)
        sums[4] += tank + inflow - drawn - left
        sums[1], sums[2], tank = sums[1] + drawn, sums[2] + need - drawn, left
    return [*sums, sum(amount for _, amount in parcels), tank]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(3))
def test_equals_a_loop_written_anew(seed: int, rule: str) -> None:
    plant, days = case(seed)
    sums = np.stack(water_balance(plant, days, rule=rule), axis=1)
    for i in range(len(sums)):
        assert sums[i] == pytest.approx(plain_loop(*of_one(plant, days, i), rule), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(3))
def test_no_water_is_lost(seed: int, rule: str) -> None:
    plant, days = case(seed)
    use, rain = np.asarray(days.use)[days.use_row].sum(axis=1), np.asarray(days.rain_mm)[days.rain_row].sum(axis=1)
    water = water_balance(plant, days, rule=rule)
    assert water.grey + water.grey_lost + water.grey_left == pytest.approx(plant.grey_m3 * use, rel=1e-9)
    assert water.rain + water.rain_lost + water.rain_left == pytest.approx(plant.catchment_m2 * rain / 1e3, rel=1e-9)
    assert water.grey + water.rain + water.mains == pytest.approx(plant.demand_m3 * use, rel=1e-9)
    assert all((each >= -1e-12).all() for each in water)


def test_days_add_up_to_the_record() -> None:
    plant, days = case(5)
    whole = water_balance(plant, days)
    one = daily_balance(*of_one(plant, days, 7))
    for name in Water._fields:
        sums = getattr(one, name)[-1] if name.endswith("left") else getattr(one, name).sum()
        assert sums == pytest.approx(getattr(whole, name)[7], rel=1e-12)
    assert one.grey_left.max() <= plant.store_m3[7] and one.rain_left.max() <= plant.tank_m3[7]


def test_grey_water_gets_no_older_than_a_day() -> None:
    """Made on day 0 alone, asked for on days 1 and 2: what is left after day 1 has run off."""
    made = daily_balance(Plant(10.0, 0.0, 10.0, 10.0), Days([1, 0, 0], [0, 0, 0]))
    assert made.grey_left.tolist() == [10.0, 0.0, 0.0] and made.grey_lost.tolist() == [0.0, 10.0, 0.0]


def test_limits_by_hand() -> None:
    """6 m3 left, 4 treated, 3 taken, 0.5 kept; rain 10 m3 in a tank of 5: YBS serves the rest first."""
    plant, days = Plant(6.0, 3.0, 4.0, 0.5, 1000.0, 5.0), Days([1, 1], [10.0, 0.0])
    water = daily_balance(plant, days, rule="ybs")
    assert water.grey.tolist() == [3.0, 3.0] and water.grey_lost.tolist() == [2.5, 3.0]
    assert water.grey_left.tolist() == [0.5, 0.5], "the older half of the second day is used first"
    assert water.rain.tolist() == [0.0, 0.0] and water.rain_lost.tolist() == [5.0, 0.0]
    dry = daily_balance(plant._replace(grey_m3=0.0), days, rule="yas")
    assert dry.rain.tolist() == [0.0, 3.0] and dry.mains.tolist() == [3.0, 0.0]
    wet = daily_balance(plant._replace(grey_m3=0.0), days, rule="ybs")
    assert wet.rain.tolist() == [3.0, 3.0] and wet.mains.tolist() == [0.0, 0.0] and wet.rain_lost.tolist() == [2.0, 0.0]


def test_published_share_of_botanica_k() -> None:
    """43 839 m3 used, 10 032 m3 of it treated grey water: 22.9 % (remspace.cz)."""
    water = water_balance(Plant(10_032 / 365, 43_839 / 365, 1e3, 1e3), Days(np.ones(365), np.zeros(365)))
    assert 100 * water.grey[0] / 43_839 == pytest.approx(22.9, abs=0.05)
    parts = 13_421 * 0.21 + 30_418 * 0.2367
    assert parts == pytest.approx(10_032, rel=2e-3), "its two parts, rounded"


FACTORS = st.floats(1.0, 3.0)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), FACTORS, st.sampled_from(("grey_m3", "capacity_m3", "store_m3")), st.sampled_from(RULES))
def test_more_grey_water_never_delivers_less(seed: int, factor: float, name: str, rule: str) -> None:
    plant, days = case(seed, n=5, days=120)
    more = plant._replace(**{name: getattr(plant, name) * factor})
    one, two = water_balance(plant, days, rule=rule), water_balance(more, days, rule=rule)
    assert (two.grey >= one.grey - 1e-9).all() and (two.rain <= one.rain + 1e-9).all()
    assert (two.mains <= one.mains + 1e-9).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), FACTORS)
def test_scaling_all_sizes_scales_the_water(seed: int, factor: float) -> None:
    plant, days = case(seed, n=5, days=120)
    one = water_balance(plant, days)
    scaled = water_balance(Plant(*(np.asarray(each) * factor for each in plant)), days)
    for a, b in zip(one, scaled, strict=True):
        assert b == pytest.approx(factor * a, rel=1e-9, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(RULES))
def test_each_system_adds_no_more_beside_the_other(seed: int, rule: str) -> None:
    plant, days = case(seed, n=5, days=120)
    both = water_balance(plant, days, rule=rule)
    grey = water_balance(plant._replace(catchment_m2=0.0, tank_m3=0.0), days, rule=rule).grey
    rain = water_balance(plant._replace(grey_m3=0.0), days, rule=rule).rain
    total = both.grey + both.rain
    assert (total >= np.maximum(grey, rain) - 1e-9).all() and (total <= grey + rain + 1e-9).all()
    assert both.grey == pytest.approx(grey, abs=1e-9)


def test_unknown_stays_unknown_in_its_own_row() -> None:
    water = water_balance(Plant([1.0, np.nan], 2.0, 1.0, 1.0), Days(np.ones(10), np.zeros(10)))
    assert water.grey[0] == 10.0 and all(np.isnan(each[1]) for each in water)
    assert np.isnan(daily_balance(Plant(np.nan, 2.0, 1.0, 1.0), Days(np.ones(10), np.zeros(10))).mains).all()


BAD = {
    "negative demand": (InputError, {"demand_m3": -1.0}, {}),
    "negative tank": (InputError, {"tank_m3": -5.0}, {}),
    "lengths": (InputError, {}, {"rain_mm": np.zeros(9)}),
    "no days": (InputError, {}, {"rain_mm": np.zeros(0), "use": np.zeros(0)}),
    "a row that is not there": (InputError, {}, {"rain_row": 3}),
    "rain of -999": (InputError, {}, {"rain_mm": np.full(10, -999.0)}),
    "gaps": (DataError, {}, {"rain_mm": np.full(10, np.nan)}),
}


@pytest.mark.parametrize(("kind", "plant", "days"), BAD.values(), ids=BAD)
def test_bad_input_is_refused(kind, plant, days) -> None:
    good = Plant(1.0, 2.0, 1.0, 1.0)._replace(**plant), Days(np.ones(10), np.zeros(10))._replace(**days)
    with pytest.raises(kind) as error:
        water_balance(*good)
    assert error.value.sentence("cs")


def test_other_rules_are_refused() -> None:
    with pytest.raises(InputError):
        water_balance(Plant(1.0, 1.0, 1.0, 1.0), Days(np.ones(2), np.zeros(2)), rule="yes")
