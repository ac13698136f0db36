"""Finished surveys beside the screening: whose they are, what they teach of like roofs, what they prove."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from lk_spatial.core.notices import notice
from lk_spatial.core.text import Text
from lk_spatial.io.geometry import shown
from lk_spatial.io.reports import Report
from lk_spatial.statics.constants import SCREENING, numbers
from lk_spatial.statics.interval import Floats
from lk_spatial.statics.lessons import exceedance_after, utilisation_at
from lk_spatial.statics.reasons import fill
from lk_spatial.statics.survey import (
    Bias,
    Check,
    Ints,
    check_reports,
    clopper_pearson,
    left_out,
    like_roofs,
    needed_bias,
)

SAME_LAYOUT = 0.05  # share by which loads of the survey and of the plan may differ
SAYS = {"sufficient": 1.0, "insufficient": 0.0}
SHOWN = 20

FORESEEN = Text(
    "Left out one by one, the other surveys and the screening foresee {right} of {total} results (chance of falling "
    "short below or above 50 %); at least {low} by proof (95 %).",
    "Při postupném vynechávání předvídají ostatní posudky a třídění {right} z {total} výsledků (pravděpodobnost "
    "nevyhovění pod, nebo nad 50 %); doloženo nejméně {low} (95 %).",
)
HIDDEN = Text(
    "{count} surveyed roof parts have class S because of their survey: their class cannot be compared; screen them "
    "once without report_reserve_kn_m2.",
    "Některé posouzené části střech mají kvůli posudku třídu S a jejich třídu nelze srovnat (počet: {count}): "
    "proveďte pro ně třídění jednou bez report_reserve_kn_m2.",
)
TOO_FEW = Text(
    "No finished survey can be compared: nothing is proven, and all chances are those of the screening.",
    "Žádný hotový posudek nelze srovnat: nic není doloženo a všechny pravděpodobnosti jsou z třídění.",
)


class Lesson(NamedTuple):
    """What surveys teach of the roofs of one structure (a code): how many, and the bias before and after."""

    roof_structure: str
    surveys: int
    prior: Bias
    after: Bias


class Evidence(NamedTuple):
    """What finished surveys say.

    ``told``: a row for each that is of a part of the screening: ``row`` of the part, building_id, part_id, year,
    verdict, reserve, considered (the load that was considered), ``sufficient`` for the planned PV (1, 0, NaN), low and
    high (of the bias), static_class, p_prior, p_without (by all others). ``p_exceed``: of every part after them.
    """

    told: pd.DataFrame
    p_exceed: Floats
    lessons: list[Lesson]
    check: Check
    statements: list[Text]


def weigh(parts: pd.DataFrame, reports: Sequence[Report]) -> Evidence:
    """What ``reports`` and the surveys known to the screening (gate "report") say of the ``parts`` of the screening.

    Surveys of parts that are not there, of an unclear part, of another PV load or against themselves are named in
    notices.
    """
    rows, matched = _matched(parts, reports)
    told = _table(parts, rows, matched)
    prior, roof_v = _prior()
    p = parts["p_exceed_1"].to_numpy(float)
    sd = parts["u1_log_sd"].to_numpy(float)
    kinds = parts["roof_structure"].tolist()
    told_kinds = _teaching(told, kinds)
    low, high = told["low"].to_numpy(float), told["high"].to_numpy(float)
    after = like_roofs(prior, kinds, told_kinds, low, high, roof_v)
    learnt = sorted({each for each in told_kinds if each is not None})
    lessons = [Lesson(kind, told_kinds.count(kind), prior, after[kinds.index(kind)]) for kind in learnt]
    changed = np.array([each is not prior for each in after], bool)
    _tell("screening_without_spread", _keys(parts, np.flatnonzero(changed & np.isnan(sd) & ~np.isnan(p))))
    median, v = (np.array([each[i] for each in after], float) for i in (0, 1))
    p_after = exceedance_after(p, sd, prior, median, v)
    told = told.assign(p_prior=p[rows], p_without=_p_without(prior, roof_v, told, told_kinds, p[rows], sd[rows]))
    check = _check(told)
    return Evidence(told, np.where(np.isnan(p_after), p, p_after), lessons, check, _statements(told, check))


def _prior() -> tuple[Bias, float]:
    """The bias of like roofs before any survey, and how single roofs scatter about it."""
    value = numbers(SCREENING, "id", "value")
    return Bias(value["bias"], value["bias_v"]), value["report_v"]


def _keys(parts: pd.DataFrame, rows: Sequence[int] | Ints) -> list[str]:
    return [f"{parts['building_id'].iloc[i]}/{parts['part_id'].iloc[i]}" for i in rows]


def _tell(code: str, keys: Sequence[str]) -> None:
    if len(keys):
        notice(code, count=len(keys), buildings=shown(keys, SHOWN))


def _matched(parts: pd.DataFrame, reports: Sequence[Report]) -> tuple[Ints, list[Report]]:
    """Rows of the parts that surveys are of, and the surveys; those of the screening itself come last."""
    by_building: dict[str, list[int]] = {}
    by_key: dict[tuple[str, str], int] = {}
    for i, key in enumerate(zip(parts["building_id"], parts["part_id"], strict=True)):
        by_building.setdefault(key[0], []).append(i)
        by_key[key] = i
    found: dict[int, Report] = {}
    unknown, unclear = [], []
    for each in reports:
        here = by_building.get(each.building_id, [])
        if each.part_id is not None:
            here = [by_key[each.building_id, each.part_id]] if (each.building_id, each.part_id) in by_key else []
        if not here:
            unknown.append(each.key)
        elif len(here) > 1 or here[0] in found:
            unclear.append(each.key)
        else:
            found[here[0]] = each
    _tell("reports_unknown_building", unknown)
    _tell("reports_part_unclear", unclear)
    found |= {i: each for i, each in _of_screening(parts).items() if i not in found}
    return np.array(list(found), np.int64), list(found.values())


def _of_screening(parts: pd.DataFrame) -> dict[int, Report]:
    """Valid surveys that the screening knew: their gate stops the part."""
    reserve, year = (parts[name].to_numpy(float) for name in ("report_reserve_kn_m2", "report_year"))
    return {
        int(i): Report(0, parts["building_id"].iloc[i], parts["part_id"].iloc[i], None, reserve[i], year[i], np.nan)
        for i in np.flatnonzero(by_survey(parts) & ~np.isnan(reserve))
    }


def by_survey(parts: pd.DataFrame) -> np.ndarray:
    """Parts (n,) that a survey known to the screening has decided."""
    first = parts["gate"].astype("string").str.split(r"[;,]").str[0].str.strip()
    return (first == "report").fillna(False).to_numpy(bool)


def _table(parts: pd.DataFrame, rows: Ints, reports: list[Report]) -> pd.DataFrame:
    """A row for each survey, with what it says of the planned PV and of the bias."""
    here = parts.iloc[rows]
    planned, u0, u1, room = (here[name].to_numpy(float) for name in ("pv_load_kn_m2", "u0", "u1", "q_max_kn_m2"))
    room = np.where(by_survey(here), np.nan, room)  # there it is the survey's own, no estimate
    reserve, considered, year = (
        np.array([getattr(each, name) for each in reports], float) for name in ("reserve", "pv_load", "year")
    )
    says = np.array([SAYS.get(each.verdict or "", np.nan) for each in reports], float)
    u_reserve = utilisation_at(reserve, u0, u1, planned, room)
    u_said = np.where(np.isnan(considered), u1, utilisation_at(considered, u0, u1, planned, room))
    says = np.where(np.isnan(u_said), np.nan, says)
    low, high = needed_bias(u_said, says, u_reserve)
    fits = _holds(says, considered, planned)
    by_load = np.where(np.isnan(reserve) | np.isnan(planned), np.nan, (reserve >= planned).astype(float))
    table = pd.DataFrame(
        {
            "row": rows,
            "building_id": here["building_id"].to_numpy(object),
            "part_id": here["part_id"].to_numpy(object),
            "year": year,
            "verdict": pd.Series([each.verdict for each in reports], dtype=object),
            "reserve": reserve,
            "considered": considered,
            "sufficient": np.where(np.isnan(by_load), fits, by_load),
            "low": low,
            "high": high,
            "static_class": here["static_class"].to_numpy(object),
        }
    )
    _tell_odd(table, planned, by_load, fits)
    return table


def _holds(says: Floats, considered: Floats, planned: Floats) -> Floats:
    """The verdicts as far as they hold for the planned load: enough for a heavier array, too little for a lighter."""
    lighter, heavier = considered < (1.0 - SAME_LAYOUT) * planned, considered > (1.0 + SAME_LAYOUT) * planned
    void = ((says == 1.0) & lighter) | ((says == 0.0) & heavier)
    return np.where(void, np.nan, says)


def _tell_odd(table: pd.DataFrame, planned: Floats, by_load: Floats, fits: Floats) -> None:
    """Notices of surveys of another layout, against themselves, or without what a comparison needs."""
    considered = table["considered"].to_numpy(float)
    other = np.abs(considered - planned) > SAME_LAYOUT * planned
    against = (by_load != fits) & ~np.isnan(by_load) & ~np.isnan(fits)
    open_ = (table["low"] == 0.0) & np.isinf(table["high"]) & (table["verdict"] != "conditional")
    for code, rows in (
        ("reports_other_layout", other),
        ("reports_odd_verdict", against),
        ("reports_unused_numbers", open_.to_numpy(bool)),
    ):
        _tell(code, _keys(table, np.flatnonzero(rows)))


def _teaching(told: pd.DataFrame, kinds: Sequence[str | None]) -> list[str | None]:
    """The structure of each surveyed part; None where the survey leaves the bias open or the structure is unknown."""
    closed = (told["low"] > 0.0) | np.isfinite(told["high"])
    return [kinds[row] if good else None for row, good in zip(told["row"], closed, strict=True)]


def _p_without(
    prior: Bias, roof_v: float, told: pd.DataFrame, kinds: Sequence[str | None], p: Floats, sd: Floats
) -> Floats:
    """The chance of each surveyed part by all other surveys of its structure: what its own is compared with."""
    after = [prior] * len(told)
    low, high = told["low"].to_numpy(float), told["high"].to_numpy(float)
    for kind in {each for each in kinds if each is not None}:
        rows = [i for i, each in enumerate(kinds) if each == kind]
        for i, bias in zip(rows, left_out(prior, low[rows], high[rows], roof_v=roof_v), strict=True):
            after[i] = bias if len(rows) > 1 else prior
    median, v = (np.array([each[i] for each in after], float) for i in (0, 1))
    return exceedance_after(p, sd, prior, median, v)


def _check(told: pd.DataFrame) -> Check:
    """Surveys that say whether the planned PV is borne, against the classes."""
    known = told[told["sufficient"].notna()]
    found = check_reports(known["static_class"].to_numpy(object), known["sufficient"].to_numpy(float) == 1.0)
    places = known.index.to_numpy(np.int64)
    return Check(
        unsafe=places[found.unsafe],
        cautious=places[found.cautious],
        agree=places[found.agree],
        open=places[found.open],
        statements=found.statements,
    )


def _statements(told: pd.DataFrame, check: Check) -> list[Text]:
    """What the surveys prove, unsafe errors first."""
    known = told["sufficient"].notna()
    if not known.any():
        return [TOO_FEW]
    statements = list(check.statements)
    both = told[known & told["p_without"].notna()]
    if len(both):
        right = int(((both["p_without"] < 0.5) == (both["sufficient"] == 1.0)).sum())
        low = f"{100.0 * clopper_pearson(right, len(both))[0]:.1f} %"
        statements.append(fill(FORESEEN, right=right, total=len(both), low=low))
    hidden = int((known & (told["static_class"] == "S")).sum())
    return statements + ([fill(HIDDEN, count=hidden)] if hidden else [])
