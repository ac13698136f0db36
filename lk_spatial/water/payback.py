"""What a retrofit saves and when it has paid for itself, as ranges; prices are the owner's, with their date."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lk_spatial.core.errors import InputError
from lk_spatial.core.text import Text
from lk_spatial.water.given import Flags, Floats, amount, rows
from lk_spatial.water.grey_gates import column, figures

DESTOVKA = "water/subsidy_destovka_2026"
TERMS = ("base_czk", "per_m3_czk", "max_share", "least_tank_m3")
DWELLINGS = ("apartments", "family_house", "dwelling")
MISSING = {
    "water_price_czk_m3": Text("price of drinking water", "cena vodného"),
    "sewer_price_czk_m3": Text("price of sewerage", "cena stočného"),
    "price_date": Text("date of the prices", "datum cen"),
    "electricity_price_czk_kwh": Text("price of electricity", "cena elektřiny"),
    "grey_capex_czk": Text("investment", "investiční náklady"),
    "grey_opex_czk_a": Text("yearly cost of operation", "roční provozní náklady"),
}


class Prices(NamedTuple):
    """Prices (n,) [CZK/m3, CZK/kWh]; all NaN where the date of water prices is not given; ``missing`` (n,) what is."""

    water: Floats
    sewer: Floats
    electricity: Floats
    missing: list[list[str]]


class Money(NamedTuple):
    """Low, typical and high (3, n): saving [CZK/a], which may be negative, and simple payback [a].

    Payback is inf where nothing is saved; all is NaN where a price or a cost is not known.
    """

    saving_czk_a: Floats
    payback_a: Floats


def prices_of(buildings: pd.DataFrame) -> Prices:
    """Prices of buildings by their columns water_price_czk_m3, sewer_price_czk_m3 (without VAT), price_date and
    electricity_price_czk_kwh; none has a default. Raises InputError for negative ones.
    """
    dated = np.array([each is not None for each in column(buildings, "price_date")], bool)
    names = ("water_price_czk_m3", "sewer_price_czk_m3", "electricity_price_czk_kwh")
    given = {name: figures(buildings, name) for name in names}
    known: dict[str, Flags] = {name: ~np.isnan(given[name]) for name in names} | {"price_date": dated}
    missing = [[name for name in MISSING if name in known and not known[name][i]] for i in range(len(buildings))]
    water, sewer = (np.where(dated, given[name], np.nan) for name in names[:2])
    return Prices(water, sewer, given[names[2]], missing)


def grey_money(
    used_m3_a: Floats, energy_kwh_m3: Floats, prices: Prices, capex_czk: Floats, opex_czk_a: Floats
) -> Money:
    """Money of grey water used (3, n) [m3/a]: water and sewerage saved, less energy and operation.

    ``energy_kwh_m3`` (3, n or 1), ``capex_czk`` (3, n) net of subsidies, ``opex_czk_a`` (n,). Low savings go with the
    least water and the most energy, long paybacks with low savings and high costs.
    """
    worth = prices.water + prices.sewer - energy_kwh_m3[::-1] * prices.electricity
    least, typical, most = (used_m3_a * worth[end] - opex_czk_a for end in range(3))
    corners = np.stack([least, most]).reshape(6, -1)
    saving = np.stack([corners.min(axis=0), typical[1], corners.max(axis=0)])
    return Money(saving, payback(capex_czk, saving))


def payback(capex_czk: Floats, saving_czk_a: Floats) -> Floats:
    """Simple payback [a], low, typical and high (3, …): the low cost by the high saving, and so on; inf where nothing
    is saved, NaN where something is unknown.

    >>> payback(np.array([200.0, 240.0, 300.0]), np.array([0.0, 20.0, 25.0]))
    array([ 8., 12., inf])
    """
    saved = saving_czk_a[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        years = np.where(saved > 0.0, capex_czk / saved, np.inf)
    return np.where(np.isnan(capex_czk + saved), np.nan, years)


def destovka_czk(kind: str, tank_m3: ArrayLike, eligible_cost_czk: ArrayLike, use: object) -> Floats:
    """Subsidy Dešťovka [CZK]: a base and a sum for each m3 of tank, at most half of the eligible cost.

    Houses and flats only, tanks of 2 m3 and more: 0 for others, public buildings among them. Nothing adds it by itself.
    NaN in, NaN out. Raises InputError for other kinds and negative values.
    """
    listed = {row["kind"]: row for row in rows(DESTOVKA)}
    if kind not in listed:
        raise InputError("water_code_unknown", name="kind", got=str(kind), expected=list(listed))
    tank, cost = amount("tank_m3", tank_m3), amount("eligible_cost_czk", eligible_cost_czk)
    base, per_m3, share, least = (float(listed[kind][name]) for name in TERMS)
    granted = np.minimum(base + per_m3 * tank, share * cost)
    dwelling = np.isin(np.asarray(use, dtype=object).astype(str), DWELLINGS)
    return np.where(dwelling & ~(tank < least), granted, 0.0)[()]
