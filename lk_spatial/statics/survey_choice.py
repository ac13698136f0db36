"""Which roof parts of a screening may be surveyed, which of them are, in what order, and why the others are not."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import notice
from lk_spatial.core.text import Text
from lk_spatial.statics.draws import part_keys
from lk_spatial.statics.interval import Floats
from lk_spatial.statics.survey import Ints, Plan, audit_sample, places, plan_surveys, survey_value

REACH_M = 250.0
PROPOSED = 5  # audits that a report proposes where none were asked for; the facts say 5 to 8

KEYS = {
    "value": Text("value of the survey in CZK", "hodnota posudku v Kč"),
    "benefit": Text("chance to change the decision × benefit of PV", "pravděpodobnost změny rozhodnutí × přínos FVE"),
    "energy": Text("chance to change the decision × energy a year", "pravděpodobnost změny rozhodnutí × roční výroba"),
    "chance": Text("chance to change the decision", "pravděpodobnost změny rozhodnutí"),
}
LEFT = {
    "surveyed": Text("a finished survey is at hand", "hotový posudek je k dispozici"),
    "stopped": Text("class S: stopped by a gate", "třída S: vyloučeno podmínkou"),
    "datum": Text("class N: a datum is needed first", "třída N: nejdřív je třeba doplnit údaj"),
    "papers": Text("class A: the papers come first", "třída A: nejdřív posouzení z podkladů"),
    "likely": Text("class B: a short statement after a visit will do", "třída B: stačí krátké vyjádření po prohlídce"),
    "hopeless": Text(
        "class D: no survey unless the roof is being rebuilt", "třída D: posudek jen při přestavbě střechy"
    ),
    "no_class": Text("the class is not known", "třída není známa"),
    "no_chance": Text("the chance of falling short is not known", "pravděpodobnost nevyhovění není známa"),
    "no_benefit": Text("the benefit or energy of PV is not known", "přínos nebo výroba FVE nejsou známy"),
    "no_worth": Text("a survey costs more than it is worth", "posudek stojí víc, než přinese"),
    "limit": Text("beyond the number, the budget or the cost of the visit", "nad počet, rozpočet nebo cenu výjezdu"),
}
BY_CLASS = {"A": "papers", "B": "likely", "D": "hopeless", "N": "datum", "S": "stopped"}
MISSING = {
    "survey_czk": Text("price of a survey", "cena posudku"),
    "false_go_czk": Text("cost of a false go", "škoda z chybného souhlasu"),
    "benefit": Text("benefit of PV", "přínos FVE"),
}


class SurveyOptions(NamedTuple):
    """What the owner wants and what it costs [CZK]; None where not given. ``reach_m``: of a place, by steps."""

    number: int | None = None
    budget_czk: float | None = None
    survey_czk: float | None = None
    false_go_czk: float | None = None
    benefit_czk: float | None = None
    visit_czk: float | None = None
    reach_m: float = REACH_M
    audits: int = 0
    include_d: bool = False
    seed: int = 0


class Worth(NamedTuple):
    """What a survey of each part (n,) is worth: [CZK], chance to change the decision, the number that orders."""

    voi_czk: Floats
    p_change: Floats
    worth: Floats
    key: str
    missing: list[Text]


class Choice(NamedTuple):
    """Rows of the parts to survey in their order, the visit of each, whether it is an audit; audits to propose; and of
    every part why it is left (key of LEFT, None where it is in the plan).
    """

    rows: Ints
    visit: Ints
    audit: np.ndarray
    proposed: Ints
    left: list[str | None]


def check_options(options: SurveyOptions) -> None:
    """Raises InputError: neither number nor budget; a budget or the cost of a visit without the price of a survey."""
    if options.number is None and options.budget_czk is None:
        raise InputError("survey_limit_missing")
    for name in ("budget_czk", "visit_czk"):
        if getattr(options, name) is not None and options.survey_czk is None:
            raise InputError("survey_price_missing", needs=name)


def survey_worth(parts: pd.DataFrame, options: SurveyOptions) -> Worth:
    """Value and order of surveys of ``parts`` by p_exceed, benefit_czk and energy_kwh_a.

    In CZK where price, cost of a false go and any benefit are given; else by the chance to change the decision times
    benefit, else energy, else alone, with a notice.
    """
    p, benefit, energy = (parts[name].to_numpy(float) for name in ("p_exceed", "benefit_czk", "energy_kwh_a"))
    found = survey_value(p, options.survey_czk, options.false_go_czk, benefit)
    given = {
        "survey_czk": options.survey_czk is not None,
        "false_go_czk": options.false_go_czk is not None,
        "benefit": bool((~np.isnan(benefit)).any()),
    }
    priced = given["survey_czk"] and given["false_go_czk"]
    voi = found.voi_czk if priced else np.full(len(p), np.nan)
    missing = [MISSING[name] for name, there in given.items() if not there]
    if not missing:
        return Worth(voi, found.p_change, voi, "value", [])
    key = "benefit" if given["benefit"] else "energy" if (~np.isnan(energy)).any() else "chance"
    factor = {"benefit": benefit, "energy": energy, "chance": np.ones(len(p))}[key]
    notice("survey_without_value", missing=missing, key=KEYS[key])
    return Worth(voi, found.p_change, found.p_change * factor, key, missing)


def choose(parts: pd.DataFrame, worth: Worth, surveyed: np.ndarray, options: SurveyOptions) -> Choice:
    """The plan within number and budget; audits are drawn first and count in both.

    Candidates: class C; D where asked for; B only where finished surveys have raised its chance of falling short and
    the survey pays in CZK: never parts with a finished survey.
    """
    classes = parts["static_class"].to_numpy(object)
    raised = parts["p_exceed"].to_numpy(float) > parts["p_exceed_1"].to_numpy(float)
    in_money = worth.key == "value"
    again = (classes == "B") & raised & in_money & (worth.worth > 0.0)
    candidates = ((classes == "C") | again | ((classes == "D") & options.include_d)) & ~surveyed
    pool = np.where(surveyed | again, "S", classes).astype(object)
    drawn = audit_sample(
        pool, part_keys(parts["building_id"], parts["part_id"], options.seed), max(options.audits, PROPOSED)
    )
    place = _places(parts, candidates, drawn[: options.audits], options.reach_m)
    audits = _affordable(drawn[: options.audits], place, options)
    if len(audits) < options.audits:
        notice("survey_audits_cut", wanted=options.audits, found=len(audits))
    plan = _decided(np.where(candidates, worth.worth, np.nan), place, audits, options, in_money)
    rows, visit, audit = _together(plan, audits, place)
    left: list[str | None] = [
        _why(classes[i], bool(surveyed[i]), bool(candidates[i]), parts["p_exceed"].iloc[i], worth.worth[i])
        for i in range(len(parts))
    ]
    for i in rows:
        left[i] = None
    return Choice(rows, visit, audit, drawn[:PROPOSED] if not options.audits else audits, left)


def _places(parts: pd.DataFrame, candidates: np.ndarray, drawn: Ints, reach: float) -> Ints:
    """Place (n,) of the parts that may be visited, -1 elsewhere; parts of a building are at one place."""
    rows = np.union1d(np.flatnonzero(candidates), drawn)
    centre = parts.iloc[rows][["building_id", "x", "y"]].groupby("building_id")[["x", "y"]].transform("mean")
    found = np.full(len(parts), -1, np.int64)
    found[rows] = places(centre["x"], centre["y"], reach)
    return found


def _affordable(drawn: Ints, place: Ints, options: SurveyOptions) -> Ints:
    """The first of the drawn audits that number and budget allow."""
    most = len(drawn) if options.number is None else min(len(drawn), options.number)
    if options.budget_czk is None:
        return drawn[:most]
    count = next((k for k in range(most) if _cost(place[drawn[: k + 1]], options) > options.budget_czk), most)
    return drawn[:count]


def _cost(at: Ints, options: SurveyOptions) -> float:
    """What surveys at these places cost [CZK], visits included."""
    return len(at) * (options.survey_czk or 0.0) + len(np.unique(at)) * (options.visit_czk or 0.0)


def _decided(worth: Floats, place: Ints, audits: Ints, options: SurveyOptions, in_money: bool) -> Plan:
    """Surveys that may change a decision, within what the audits leave; places of audits are visited anyway."""
    free = np.isin(place, place[audits])
    return plan_surveys(
        worth,
        place,
        number=None if options.number is None else options.number - len(audits),
        budget=None if options.budget_czk is None else options.budget_czk - _cost(place[audits], options),
        cost=options.survey_czk or 1.0,
        visit_cost=np.where(free, 0.0, options.visit_czk or 0.0),
        in_money=in_money,
    )


def _together(plan: Plan, audits: Ints, place: Ints) -> tuple[Ints, Ints, np.ndarray]:
    """Rows, visits and which are audits: an audit joins the visit of its place, else comes in a visit after all."""
    visit_of = {int(place[row]): int(visit) for row, visit in zip(plan.rows, plan.visit, strict=True)}
    for row in audits:
        visit_of.setdefault(int(place[row]), len(visit_of) + 1)
    rows = np.append(plan.rows, audits)
    visit = np.array([visit_of[int(place[row])] for row in rows], np.int64)
    audit = np.arange(len(rows)) >= len(plan.rows)
    order = np.argsort(visit, kind="stable")
    return rows[order], visit[order], audit[order]


def _why(static_class: object, surveyed: bool, candidate: bool, p: float, worth: float) -> str:
    """Why a part is left out (key of LEFT), if it is."""
    if surveyed:
        return "surveyed"
    if not candidate:
        return BY_CLASS.get(str(static_class), "no_class")
    if np.isnan(p):
        return "no_chance"
    if np.isnan(worth):
        return "no_benefit"
    return "limit" if worth > 0.0 else "no_worth"
