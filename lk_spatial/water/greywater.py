"""Does grey water pay in a building: sizes, balance beside rain and mains water, money, class and reasons."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lk_spatial.core.errors import InputError
from lk_spatial.water.given import Floats, numbers, rows
from lk_spatial.water.grey_balance import Days, Plant, Water, water_balance
from lk_spatial.water.grey_class import Found, classify
from lk_spatial.water.grey_gates import column, figures, grey_gates
from lk_spatial.water.grey_uses import Flows, exceeds_annex_12, grey_flows
from lk_spatial.water.payback import Money, grey_money, prices_of

ENERGY = "water/grey_energy_2026"
RULES = "water/grey_rules_2026"
YEAR_DAYS = 365.25


class RainTanks(NamedTuple):
    """Rain tanks beside grey water: ``rain_mm`` (s, days), which of its rows each building has (n,), ``catchment_m2``
    effective and ``tank_m3`` (n,), NaN where there is none; ``rule`` yas or ybs.
    """

    rain_mm: Floats
    rain_row: NDArray[np.int64]
    catchment_m2: Floats
    tank_m3: Floats
    rule: str = "yas"


class Calendar(NamedTuple):
    """Days of use: ``use`` (k, days) 1 or 0, and which of its rows each building has (n,)."""

    use: Floats
    use_row: NDArray[np.int64]


class Sizes(NamedTuple):
    """Treatment [m3/d], store of raw and of treated water [m3], each (n,); NaN where yield or demand is not known."""

    capacity_m3: Floats
    raw_store_m3: Floats
    treated_store_m3: Floats


class Worth(NamedTuple):
    """Water a year [m3/a], low, typical and high (3, n): of grey water alone, rain alone, both, and what each adds
    beside the other; ``water`` is the balance of both at typical values in a mean year.
    """

    grey_alone: Floats
    rain_alone: Floats
    both: Floats
    grey_beside_rain: Floats
    rain_beside_grey: Floats
    water: Water


def grey_sizes(flows: Flows) -> Sizes:
    """Sizes by typical flows: what is left or asked for in a day, the smaller, is treated; raw water stays at most a
    day, treated water about one. EN 16941-2, unverified (``grey_rules``).
    """
    days = numbers(RULES, "name", "value")
    capacity = np.minimum(flows.grey_l_d[1], flows.demand_l_d[1]) / 1000.0
    raw = np.minimum(flows.grey_l_d[1] / 1000.0 * days["raw_store_d"], capacity)
    return Sizes(capacity, raw, capacity * days["treated_store_d"])


def grey_worth(flows: Flows, sizes: Sizes, calendar: Calendar, tanks: RainTanks | None = None) -> Worth:
    """What grey water and rain deliver alone and together; NaN where flows are not known, and of rain without a tank.

    The unit is the one of ``sizes`` at all three values of the flows.
    """
    dry = np.zeros((1, calendar.use.shape[1]))
    rain = tanks or RainTanks(dry, np.zeros(1, np.int64), np.full(1, np.nan), np.full(1, np.nan))
    area, volume = (np.where(np.isnan(rain.catchment_m2 + rain.tank_m3), 0.0, each) for each in rain[2:4])
    days = Days(calendar.use, rain.rain_mm, calendar.use_row, rain.rain_row)
    years = calendar.use.shape[1] / YEAR_DAYS

    def year(end: int, with_grey: float, with_rain: float) -> Water:
        grey, demand = flows.grey_l_d[end] / 1000.0 * with_grey, flows.demand_l_d[end] / 1000.0
        plant = Plant(grey, demand, sizes.capacity_m3, sizes.treated_store_m3, area * with_rain, volume * with_rain)
        return Water(*(each / years for each in water_balance(plant, days, rule=rain.rule)))

    ends = range(3)
    both = [year(end, 1.0, 1.0) for end in ends]
    grey_alone = _ordered([year(end, 1.0, 0.0).grey for end in ends])
    rain_alone = [year(end, 0.0, 1.0).rain for end in ends]
    total = [each.grey + each.rain for each in both]
    no_tank = np.where(np.isnan(rain.catchment_m2 + rain.tank_m3), np.nan, 0.0)
    beside_rain = _ordered([sum_ - alone for sum_, alone in zip(total, rain_alone, strict=True)])
    beside_grey = _ordered([each.rain for each in both]) + no_tank
    water = both[1]._replace(rain=both[1].rain + no_tank, rain_lost=both[1].rain_lost + no_tank)
    return Worth(grey_alone, _ordered(rain_alone) + no_tank, _ordered(total), beside_rain, beside_grey, water)


def assess_greywater(
    buildings: pd.DataFrame,
    calendar: Calendar,
    *,
    year: int,
    technology: str = "mbr",
    tanks: RainTanks | None = None,
    payback_max_a: float | None = None,
) -> pd.DataFrame:
    """A row for each building: flows, sizes, water, energy, money, grey_class, reasons and what is missing.

    ``buildings`` by the columns that they have, of: use, persons, plant_room, grey_stacks, refurbishment_year,
    hygienist_consent, grey_l_person_day, grey_demand_l_person_day, water_price_czk_m3, sewer_price_czk_m3, price_date,
    electricity_price_czk_kwh, grey_capex_lo_czk, grey_capex_czk, grey_capex_hi_czk (net of subsidies), grey_opex_czk_a.
    Empty is unknown and stays so; prices and costs have no default. ``technology`` of ``grey_energy``;
    ``payback_max_a`` up to which grey water pays off, else that of ``grey_rules``. Null payback: ``reasons`` tell
    whether nothing is saved or what is missing. Raises InputError for values that cannot be.
    """
    persons, use = figures(buildings, "persons"), column(buildings, "use")
    own = [figures(buildings, f"{name}_l_person_day") for name in ("grey", "grey_demand")]
    flows = grey_flows(use, persons, grey_l=own[0], demand_l=own[1])
    sizes = grey_sizes(flows)
    worth = grey_worth(flows, sizes, calendar, tanks)
    energy, prices = _energy(technology), prices_of(buildings)
    money = grey_money(worth.grey_beside_rain, energy, prices, *_costs(buildings))
    limit = numbers(RULES, "name", "value")["payback_max_a"] if payback_max_a is None else payback_max_a
    excess = exceeds_annex_12(use, persons, flows)
    found = Found(buildings, flows, money, prices, grey_gates(buildings, year), excess, worth.grey_beside_rain, limit)
    table = _water_columns(flows, sizes, worth) | _money_columns(worth, energy, money)
    return pd.DataFrame(table | classify(found), index=buildings.index)


def _costs(buildings: pd.DataFrame) -> tuple[Floats, Floats]:
    """Investment (3, n) and yearly operation (n,) [CZK]; without ends the investment is taken as known."""
    typical = figures(buildings, "grey_capex_czk")
    ends = [figures(buildings, f"grey_capex_{end}_czk") for end in ("lo", "hi")]
    low, high = (np.where(np.isnan(each), typical, each) for each in ends)
    wrong = (low > typical) | (typical > high)
    if wrong.any():
        i = int(np.flatnonzero(wrong)[0])
        raise InputError("grey_costs_order", row=i, got=[float(low[i]), float(typical[i]), float(high[i])])
    return np.stack([low, typical, high]), figures(buildings, "grey_opex_czk_a")


def _energy(technology: str) -> Floats:
    """Energy of a technology, low, typical and high (3, 1) [kWh/m3]."""
    listed = {row["technology"]: row for row in rows(ENERGY)}
    if technology not in listed:
        raise InputError("water_code_unknown", name="technology", got=str(technology), expected=list(listed))
    return np.array([[float(listed[technology][f"{end}_kwh_m3"])] for end in ("low", "typ", "high")])


def _ordered(ends: list[Floats]) -> Floats:
    """Low, typical and high (3, n) in order, though what adds to another system need not rise with flows."""
    stacked = np.stack(ends)
    return np.stack([stacked.min(axis=0), stacked[1], stacked.max(axis=0)])


def _water_columns(flows: Flows, sizes: Sizes, worth: Worth) -> dict[str, Floats]:
    """Litres of a day of use, sizes, and cubic metres of a mean year."""
    found: dict[str, Floats] = {}
    for name, values in (("grey_yield", flows.grey_l_d), ("grey_demand", flows.demand_l_d)):
        found |= {f"{name}_lo_l_d": values[0], f"{name}_l_d": values[1], f"{name}_hi_l_d": values[2]}
    found |= {"grey_treatment_l_d": 1000.0 * sizes.capacity_m3, "grey_raw_store_m3": sizes.raw_store_m3}
    found |= {"grey_treated_store_m3": sizes.treated_store_m3}
    saved = worth.grey_beside_rain
    found |= {"saved_lo_m3_a": saved[0], "saved_m3_a": saved[1], "saved_hi_m3_a": saved[2]}
    found |= {"grey_alone_m3_a": worth.grey_alone[1], "rain_alone_m3_a": worth.rain_alone[1]}
    found |= {"grey_rain_m3_a": worth.both[1], "rain_beside_grey_m3_a": worth.rain_beside_grey[1]}
    found |= {"grey_used_m3_a": worth.water.grey, "rain_used_m3_a": worth.water.rain, "mains_m3_a": worth.water.mains}
    return found | {"grey_overflow_m3_a": worth.water.grey_lost, "rain_overflow_m3_a": worth.water.rain_lost}


def _money_columns(worth: Worth, energy: Floats, money: Money) -> dict[str, Floats]:
    """Energy and money; a payback that never comes is null."""
    used = energy * worth.water.grey
    found = {"grey_energy_lo_kwh_a": used[0], "grey_energy_kwh_a": used[1], "grey_energy_hi_kwh_a": used[2]}
    saving = money.saving_czk_a
    found |= {"saved_lo_czk_a": saving[0], "saved_czk_a": saving[1], "saved_hi_czk_a": saving[2]}
    years = np.where(np.isinf(money.payback_a), np.nan, money.payback_a)
    return found | {"payback_lo_a": years[0], "payback_a": years[1], "payback_hi_a": years[2]}
