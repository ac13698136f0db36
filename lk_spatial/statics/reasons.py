"""Why a roof part has its class, in the order of weight.

At typical values the utilisation is a product: loads of today's code over those of the code of the time, loads added
since, u0, K_FI, 1/rho_R, 1/condition, and PV. The weight of each is the size of its logarithm; they add up to U1.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from lk_spatial.core.text import Text, fill
from lk_spatial.statics.decision import Names, Thresholds
from lk_spatial.statics.gates import Gates
from lk_spatial.statics.interval import Floats
from lk_spatial.statics.reliability import Exceedance
from lk_spatial.statics.reserve import Reserve, Roofs, design_load

LEAST_WEIGHT = 0.01  # a reason that moves the utilisation by less is not told
FIRST, LAST = 1e3, 0.0

SHARES = {
    "loads": Text(
        "Snow and permanent load by today's code are {0} times those it was designed for.",
        "Zatížení sněhem a stálé zatížení podle dnešních norem je {0}násobkem návrhového zatížení z doby vzniku.",
    ),
    "g_added": Text(
        "What was added to or removed from the roof since changes the load to {0} of it.",
        "Co na střeše od té doby přibylo či ubylo, mění zatížení na {0}násobek.",
    ),
    "u0": Text(
        "It was probably used to {0} of its strength when designed.", "Při návrhu byla pravděpodobně využita na {0}."
    ),
    "rho_r": Text(
        "Today's rules credit the material with {0} of its former design strength.",
        "Dnešní pravidla přiznávají materiálu {0}násobek tehdejší návrhové pevnosti.",
    ),
    "condition": Text("Its condition leaves {0} of its strength.", "Stav konstrukce ponechává {0} její únosnosti."),
    "k_fi": Text(
        "The consequence class multiplies the loads by {0}.", "Třída následků násobí zatížení součinitelem {0}."
    ),
    "pv": Text("PV multiplies the load by {0}.", "Fotovoltaika násobí zatížení součinitelem {0}."),
}
CLASSES = {
    "A": Text(
        "Documents are at hand, and with PV the utilisation is at most {high}: an engineer can decide on paper.",
        "Podklady jsou k dispozici a využití s FVE je nejvýše {high}: statik může rozhodnout z podkladů.",
    ),
    "B": Text(
        "The chance that the strength does not suffice with PV is {p}, less than the {p_low} from which a survey pays.",
        "Pravděpodobnost, že únosnost s FVE nestačí, je {p}, méně než {p_low}, od nichž se posudek vyplatí.",
    ),
    "C": Text(
        "With PV the utilisation lies between {low} and {high}: only a static survey can tell.",
        "Využití s FVE leží mezi {low} a {high}: rozhodne až statický posudek.",
    ),
    "D": Text(
        "With PV the utilisation lies between {low} and {high}: expect strengthening, a lighter system, another roof.",
        "Využití s FVE leží mezi {low} a {high}: počítejte se zesílením, lehčím systémem nebo jinou střechou.",
    ),
    "N": Text("Not assessable before this is known: {datum}.", "Nelze posoudit, dokud není znám údaj: {datum}."),
    "S": Text("Stopped: {gate}.", "Vyloučeno: {gate}."),
}
LEGACY = Text(
    "Safety notice: by today's code the roof falls short without PV already (utilisation {low} to {high}).",
    "Bezpečnostní upozornění: podle dnešních norem střecha nevyhovuje už bez FVE (využití {low} až {high}).",
)
NO_COSTS = Text(
    "The owner's costs are not given: the class comes from the intervals alone, and B is not given.",
    "Náklady vlastníka nejsou zadány: třída vychází jen z intervalů a třída B se neuděluje.",
)
SHARE_RULE = Text(
    "PV adds {0} to permanent load and snow (foreign rules of thumb of 5 % and 15 % decide nothing here).",
    "FVE přidává {0} ke stálému zatížení a sněhu (zahraniční pravidla 5 % a 15 % zde o ničem nerozhodují).",
)


class Reason(NamedTuple):
    """A sentence and its weight: the size of what it does to ln U1, or more for what decides by itself."""

    weight: float
    text: Text


class Case(NamedTuple):
    """All that is known and found of n roof parts; words for gates and for missing data by their ids."""

    roofs: Roofs
    reserve: Reserve
    chance: Exceedance
    limits: Thresholds
    gates: Gates
    classes: Names
    missing: Sequence[Sequence[str]]
    gate_titles: Mapping[str, Text]
    data_titles: Mapping[str, Text]


def shares(roofs: Roofs) -> dict[str, Floats]:
    """Factors (n,) of which U1 at typical values is the product [-]."""
    m = {name: getattr(roofs, name).mean for name in roofs._fields[:10]}
    built = design_load(m["g"], m["snow_build"] * m["kappa"], roofs.build)
    now = design_load(m["g"], m["snow"], roofs.today)
    since = design_load(m["g"] + m["g_added"], m["snow"], roofs.today)
    with_pv = design_load(m["g"] + m["g_added"] + m["pv"], m["snow"], roofs.today)
    with np.errstate(divide="ignore", invalid="ignore"):
        loads = {"loads": now / built, "g_added": since / now, "pv": with_pv / since}
        return loads | {"u0": m["u0"], "k_fi": m["k_fi"], "rho_r": 1.0 / m["rho_r"], "condition": 1.0 / m["condition"]}


def reasons(case: Case) -> list[list[Reason]]:
    """Reasons of every part, the weightiest first."""
    parts = shares(case.roofs)
    pv_share = 100.0 * case.roofs.pv.mean / (case.roofs.g.mean + case.roofs.g_added.mean + case.roofs.snow.mean)
    found = []
    for i in range(len(case.classes)):
        told = _deciding(case, i)
        if not np.isnan(case.reserve.u1.mean[i]):
            told += _contributing(parts, i)
        if not np.isnan(pv_share[i]):
            told.append(Reason(LAST, fill(SHARE_RULE, f"{pv_share[i]:.0f} %")))
        found.append(sorted(told, key=lambda each: -each.weight))
    return found


def _deciding(case: Case, i: int) -> list[Reason]:
    """What makes the class: each gate that stops, else the rule; the legacy deficit, whatever the class."""
    u0, u1, name = case.reserve.u0, case.reserve.u1, case.classes[i]
    told = []
    if name == "S":
        stops = [gate for gate, hit in case.gates.stops.items() if hit[i]]
        told += [Reason(FIRST - k, fill(CLASSES["S"], gate=case.gate_titles[gate])) for k, gate in enumerate(stops)]
    elif name == "N":
        told.append(Reason(FIRST, fill(CLASSES["N"], datum=case.data_titles[case.missing[i][0]])))
    else:
        values = {"low": f"{u1.low[i]:.2f}", "high": f"{u1.high[i]:.2f}"}
        values |= {"p": _percent(case.chance.p1_high[i]), "p_low": _percent(_at(case.limits.p_low, i))}
        told.append(Reason(FIRST, fill(CLASSES[name], **values)))
    if u0.low[i] > 1.0:
        told.append(Reason(FIRST / 2, fill(LEGACY, low=f"{u0.low[i]:.2f}", high=f"{u0.high[i]:.2f}")))
    if name in ("C", "D") and np.isnan(_at(case.limits.p_low, i) + _at(case.limits.p_high, i)):
        told.append(Reason(LAST, NO_COSTS))
    return told


def _contributing(parts: Mapping[str, Floats], i: int) -> list[Reason]:
    """The factors of U1 that matter."""
    told = []
    for name, values in parts.items():
        weight = abs(float(np.log(values[i])))
        if LEAST_WEIGHT <= weight < np.inf:
            shown = 1.0 / values[i] if name in ("rho_r", "condition") else values[i]
            told.append(Reason(weight, fill(SHARES[name], f"{shown:.2f}")))
    return told


def _at(values: Floats, i: int) -> float:
    return float(np.broadcast_to(values, np.broadcast_shapes(values.shape, (i + 1,)))[i])


def _percent(p: float) -> str:
    return "< 0.1 %" if p < 0.001 else f"{100.0 * p:.1f} %"
