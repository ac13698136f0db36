"""Class of grey water in a building and the reasons for it.

A pay-off candidate, B with the planned refurbishment, C prepare the pipework only, N not assessable before a datum is
known, S stopped by a gate. Classes A to C need money, so without prices and costs a building is N.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from lk_spatial.core.text import Text, fill
from lk_spatial.water.given import Floats
from lk_spatial.water.grey_gates import GreyGates, column, figures, gate_texts
from lk_spatial.water.grey_uses import Flows
from lk_spatial.water.payback import MISSING, Money, Prices

CLASSES = {
    "A": Text(
        "Pay-off candidate: it pays for itself in {low} to {high} years, typically {years}.",
        "Vhodné k realizaci: návratnost je {low} až {high} let, obvykle {years}.",
    ),
    "B": Text(
        "With the planned refurbishment, which gives the separate pipework: payback {low} to {high} years, typically "
        "{years}.",
        "Spolu s plánovanou rekonstrukcí, která vytvoří oddělené rozvody: návratnost {low} až {high} let, obvykle "
        "{years}.",
    ),
    "C": Text(
        "Prepare the pipework only: it does not pay for itself within {limit} years (typically {years}).",
        "Jen připravit rozvody: do {limit} let se nevrátí (obvyklá návratnost: {years}).",
    ),
    "N": Text("Not assessable before this is known: {data}.", "Nelze posoudit, dokud není známo: {data}."),
    "S": Text("Stopped: {gate}.", "Vyloučeno: {gate}."),
}
DATA = {
    "use": Text("use of the building", "užití budovy"),
    "persons": Text("number of persons", "počet osob"),
    "grey_l_person_day": Text("grey water left by a person in a day", "produkce šedé vody na osobu a den"),
    "grey_demand_l_person_day": Text("water for toilets of a person in a day", "voda na splachování na osobu a den"),
}
NEVER = Text("never", "nikdy")
UP_TO = Text("Beyond {limit} years at the unfavourable end.", "Při nepříznivých hodnotách přes {limit} let.")
NO_MONEY = Text("No money is told without: {data}.", "Peněžní údaje nelze určit bez: {data}.")
NOTHING_SAVED = Text(
    "Energy and operation cost more than the water saved.", "Energie a provoz stojí více než ušetřená voda."
)
PRICES_OF = Text("Prices as of {date}.", "Ceny ke dni {date}.")
NO_PERSONS = Text(
    "No persons are given: an empty building, or the number is not known.",
    "Počet osob je nula: budova je prázdná, nebo počet není znám.",
)
ANNEX_12 = Text(
    "Toilets and basins would take more than annex 12 of decree 428/2001 gives: check persons and litres.",
    "WC a umyvadla by spotřebovaly více, než udává příloha 12 vyhlášky 428/2001: ověřte počet osob a litry.",
)
SHORTFALL = Text(
    "People leave {share} % of what toilets take: rain or mains water must add the rest.",
    "Šedá voda pokryje {share} % potřeby splachování: zbytek doplní srážky nebo vodovod.",
)


class Found(NamedTuple):
    """All that is known and found of n buildings; ``excess`` of annex 12, ``saved_m3_a`` (3, n) by grey water,
    ``limit_a`` up to which it pays off.
    """

    buildings: pd.DataFrame
    flows: Flows
    money: Money
    prices: Prices
    gates: GreyGates
    excess: Floats
    saved_m3_a: Floats
    limit_a: float


def classify(found: Found) -> dict[str, pd.Series]:
    """grey_class, gate, missing (None where there is none), reasons_cs and reasons_en of n buildings."""
    columns: dict[str, list[str | None]] = {
        name: [] for name in ("grey_class", "gate", "missing", "reasons_cs", "reasons_en")
    }
    missing = _missing(found)
    for i in range(len(found.buildings)):
        stops = [gate for gate, hit in found.gates.stops.items() if hit[i]]
        unknown, unpriced = missing[i]
        name = "S" if stops else "N" if unknown or unpriced else _paying(found, i)
        told = _reasons(found, i, name, stops, unknown, unpriced)
        columns["grey_class"].append(name)
        columns["gate"].append(stops[0] if stops else None)
        columns["missing"].append("|".join([*unknown, *unpriced]) or None)
        for lang in ("cs", "en"):
            columns[f"reasons_{lang}"].append(" ".join(each.get(lang) for each in told))
    return {name: pd.Series(values, found.buildings.index, dtype=object) for name, values in columns.items()}


def _paying(found: Found, i: int) -> str:
    """A, B or C by the typical payback."""
    if not found.money.payback_a[1, i] <= found.limit_a:
        return "C"
    return "B" if found.gates.rebuilt[i] else "A"


def _missing(found: Found) -> list[tuple[list[str], list[str]]]:
    """For each building the data and gates that are unknown, and the prices and costs."""
    use, persons = column(found.buildings, "use"), figures(found.buildings, "persons")
    costs = {name: np.isnan(figures(found.buildings, name)) for name in ("grey_capex_czk", "grey_opex_czk_a")}
    told = []
    for i in range(len(found.buildings)):
        data = ["use"] if use[i] is None else []
        if not persons[i] > 0.0:
            data.append("persons")
        elif use[i] is not None or not np.isnan(found.flows.grey_l_d[1, i] + found.flows.demand_l_d[1, i]):
            lacks = {"grey_l_person_day": found.flows.grey_l_d, "grey_demand_l_person_day": found.flows.demand_l_d}
            data += [name for name, values in lacks.items() if np.isnan(values[1, i])]
        data += [gate for gate, hit in found.gates.unknown.items() if hit[i]]
        told.append((data, found.prices.missing[i] + [name for name, hit in costs.items() if hit[i]]))
    return told


def _reasons(found: Found, i: int, name: str, stops: list[str], unknown: list[str], unpriced: list[str]) -> list[Text]:
    """What decides, then what else must be known."""
    titles = MISSING | DATA | gate_texts("datum_")
    years = [_years(found.money.payback_a[end, i]) for end in range(3)]
    values = {"low": years[0], "years": years[1], "high": years[2], "limit": f"{found.limit_a:g}"}
    if name == "S":
        told = [fill(CLASSES["S"], gate=gate_texts()[gate]) for gate in stops]
    elif name == "N":
        told = [fill(CLASSES["N"], data=_joined([titles[each] for each in (unknown or unpriced)]))]
    else:
        told = [fill(CLASSES[name], **values)]
    if name in ("A", "B") and found.money.payback_a[2, i] > found.limit_a:
        told.append(fill(UP_TO, limit=values["limit"]))
    if unpriced and (name == "S" or unknown):
        told.append(fill(NO_MONEY, data=_joined([titles[each] for each in unpriced])))
    return told + _notes(found, i)


def _notes(found: Found, i: int) -> list[Text]:
    """What a reader should know of the numbers."""
    told, flows = [], found.flows
    if figures(found.buildings, "persons")[i] == 0.0:
        told.append(NO_PERSONS)
    if found.excess[i] == 1.0:
        told.append(ANNEX_12)
    share = 100.0 * flows.grey_l_d[1, i] / flows.demand_l_d[1, i] if flows.demand_l_d[1, i] > 0.0 else np.nan
    if share < 100.0:
        told.append(fill(SHORTFALL, share=f"{share:.0f}"))
    if found.money.saving_czk_a[1, i] <= 0.0:
        told.append(NOTHING_SAVED)
    date = column(found.buildings, "price_date")[i]
    if not np.isnan(found.money.saving_czk_a[1, i]):
        told.append(fill(PRICES_OF, date=str(date)[:10]))
    return told


def _years(value: float) -> Text | str:
    return NEVER if np.isinf(value) else f"{value:.1f}"


def _joined(texts: list[Text]) -> Text:
    return Text(", ".join(each.en for each in texts), ", ".join(each.cs for each in texts))
