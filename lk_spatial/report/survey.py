"""The report of the survey plan: what finished surveys prove, what to commission first, what was learnt."""

import datetime
import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from lk_spatial.core.text import Text
from lk_spatial.report import run_facts
from lk_spatial.report.html import render
from lk_spatial.report.numbers import format_number
from lk_spatial.report.statics import common_context, cost_words, money, number, share
from lk_spatial.report.statics_text import CLASSES, PURPOSES, WORDS


class SurveyRow(NamedTuple):
    """A survey of the plan; chances 0…1 and value [CZK] NaN where not known; ``purpose``: "decide" or "audit"."""

    order: int
    visit: int
    building_id: str
    part_id: str
    name: str | None
    static_class: str
    p_exceed: float
    p_change: float
    voi_czk: float
    purpose: str


class Learnt(NamedTuple):
    """The resistance of one kind of roof over what its time's documents give: median and coefficient of variation."""

    kind: Text
    surveys: int
    prior_median: float
    prior_v: float
    median: float
    v: float


class Named(NamedTuple):
    """Roof parts (keys) that a sentence is about."""

    text: Text
    keys: Sequence[str]


class SurveyReport(NamedTuple):
    """All that the report of the survey plan shows.

    ``key``: by what the order goes; ``no_value``: why the value of surveys is null, None where it is not;
    ``statements``: what the finished surveys prove, unsafe errors first; ``unsafe``: keys of roofs of class A or B
    whose survey says insufficient; ``confusion``: class → finished surveys (sufficient, insufficient, neither);
    ``proposed``: keys of roofs proposed as audit; ``left``: roofs that are not planned, by reason; ``first_data``: what
    to find out first of roofs that cannot be assessed.
    """

    title: Text
    lang: str
    rows: Sequence[SurveyRow]
    key: Text
    no_value: Text | None
    cost_czk: float
    costs: Mapping[str, float | None]  # survey_czk, false_go_czk, benefit_czk
    statements: Sequence[Text]
    unsafe: Sequence[str]
    confusion: Mapping[str, tuple[int, int, int]]
    learnt: Sequence[Learnt]
    proposed: Sequence[str]
    left: Sequence[Named]
    first_data: Sequence[Named]
    record: str | None
    notices: Sequence[str]
    tables: Sequence[Mapping[str, Any]]
    parameters: Sequence[Mapping[str, Any]]
    inputs: Sequence[Mapping[str, Any]]
    version: str
    created: datetime.date | None = None  # today


def render_survey_report(report: SurveyReport) -> str:
    """One self-contained HTML page in ``report.lang`` ("cs" or "en"): no script, no address."""
    lang = report.lang
    rows = sorted(report.rows, key=lambda row: row.order)
    return render(
        "survey.html.j2",
        lang,
        report=report,
        created=report.created or datetime.date.today(),
        notices=[run_facts.without_folders(text, report.inputs) for text in report.notices],
        visits=[
            (visit, [_row(row, lang) for row in members]) for visit, members in groupby(rows, lambda row: row.visit)
        ],
        planned=len(rows),
        audits=sum(row.purpose == "audit" for row in rows),
        value=_value(report),
        cost=None if math.isnan(report.cost_czk) else money(report.cost_czk, lang),
        confusion=[(name, report.confusion[name]) for name in CLASSES if name in report.confusion],
        learnt=[_learnt(each, lang) for each in report.learnt],
        **common_context(report.tables, report.inputs, lang),
    )


def _row(row: SurveyRow, lang: str) -> dict[str, Any]:
    key = f"{row.building_id}/{row.part_id}"
    return {
        "order": row.order,
        "name": row.name or key,
        "key": key if row.name else "",
        "letter": row.static_class,
        "p_exceed": share(row.p_exceed, lang),
        "p_change": share(row.p_change, lang),
        "voi": money(row.voi_czk, lang),
        "audit": row.purpose == "audit",
        "purpose": PURPOSES[row.purpose].get(lang),
    }


def _value(report: SurveyReport) -> str:
    """What the value of a survey is, or why there is none."""
    lang = report.lang
    if report.no_value is not None:
        return f"{WORDS['voi_none'].get(lang)} {report.no_value.get(lang)}"
    costs = cost_words(report.costs, lang)
    return WORDS["voi_known" if costs else "voi_own"].get(lang).format(**(costs or {}))


def _learnt(each: Learnt, lang: str) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "surveys": format_number(each.surveys, lang),
        "numbers": [number(value, lang) for value in (each.prior_median, each.prior_v, each.median, each.v)],
    }
