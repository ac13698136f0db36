"""The report of the static screening: the portfolio, then one A4 page for each roof part."""

import datetime
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from markupsafe import Markup

from lk_spatial.core.text import Text
from lk_spatial.report import run_facts
from lk_spatial.report import statics_plots as plots
from lk_spatial.report.html import render
from lk_spatial.report.numbers import format_number
from lk_spatial.report.statics_text import CLASSES, CONFIDENCES, GATE_STATES, UNSURE, VERDICTS, WORDS, statics_words
from lk_spatial.report.text import CONFIDENCE


class Range(NamedTuple):
    """Low end, typical value, high end; NaN where not known."""

    low: float
    mean: float
    high: float


class Fact(NamedTuple):
    """A number as shown (with its unit), who says so, how sure it is, and the clause or table row behind it.

    ``confidence``: measured, documented, inferred, assumed of the building; confirmed, unverified, assumption of a
    table.
    """

    label: Text
    value: Text
    source: Text
    confidence: str
    reference: Text


class System(NamedTuple):
    """A mounting system, its load on plan [kN/m2] and whether the roof could bear it ("yes", "candidate", "no")."""

    title: Text
    verdict: str | None
    load: Range


class Gate(NamedTuple):
    """A condition that may stop a roof before its strength is asked for: "stops", "clear" or "unknown"."""

    title: Text
    state: str


class Changed(NamedTuple):
    """What becomes of class and utilisation where one input has another value."""

    input: Text
    value: Text
    static_class: str
    u1: Range


class RoofPage(NamedTuple):
    """All that the page of one roof part shows; loads in kN/m2 of plan, chances 0…1, NaN where not known."""

    building_id: str
    part_id: str
    name: str | None
    use: Text | None
    static_class: str
    u0: Range
    u1: Range
    added: Range
    q_max: Range
    pv: Range
    p0: float
    p1: float
    p_low: float
    p_high: float
    legacy: bool
    reasons: Sequence[Text]
    gaps: Sequence[Text]
    gates: Sequence[Gate]
    systems: Sequence[System]
    facts: Sequence[Fact]
    changes: Sequence[Changed]
    notes: Sequence[Text]


class StaticReport(NamedTuple):
    """All that the report of the screening shows."""

    title: Text
    lang: str
    pages: Sequence[RoofPage]
    costs: Mapping[str, float | None]  # survey_czk, false_go_czk, benefit_czk
    assumptions: Sequence[Fact]
    record: str | None
    notices: Sequence[str]
    tables: Sequence[Mapping[str, Any]]
    parameters: Sequence[Mapping[str, Any]]
    inputs: Sequence[Mapping[str, Any]]
    version: str
    created: datetime.date | None = None  # today


def render_static_report(report: StaticReport) -> str:
    """One self-contained HTML page in ``report.lang`` ("cs" or "en"): no script, no address, pictures inside.

    Roof parts stand by class (A B C D N S), within a class by typical utilisation with PV; printed on A4, each has a
    page of its own.
    """
    lang, pages = report.lang, sorted(report.pages, key=_order)
    common = plots.utilisation_scale(each for page in pages for each in (page.u0, page.u1))
    return render(
        "statics.html.j2",
        lang,
        report=report,
        created=report.created or datetime.date.today(),
        buildings=len({page.building_id for page in pages}),
        notices=[run_facts.without_folders(text, report.inputs) for text in report.notices],
        counts=class_counts(page.static_class for page in pages),
        overview=_overview(pages, lang),
        ticks=plots.ticks(common, lang, 3),
        costs=cost_words(report.costs, lang),
        rows=[_row(number, page, common, lang) for number, page in enumerate(pages, start=1)],
        parts=(_part(number, page, lang) for number, page in enumerate(pages, start=1)),
        assumptions=report.assumptions,
        unsure=sum(fact.confidence in UNSURE for fact in report.assumptions),
        **common_context(report.tables, report.inputs, lang),
    )


def common_context(
    tables: Sequence[Mapping[str, Any]], inputs: Sequence[Mapping[str, Any]], lang: str
) -> dict[str, Any]:
    """What both reports on statics need: words, classes, tables, inputs."""
    return {
        "s": statics_words(lang),
        "classes": {key: (words.name.get(lang), words.action.get(lang)) for key, words in CLASSES.items()},
        "confidence_words": {key: text.get(lang) for key, text in (CONFIDENCE | CONFIDENCES).items()},
        "tables": [run_facts.card(table, lang) for table in tables],
        "inputs": run_facts.named_files(inputs),
    }


def class_counts(classes: Any) -> list[tuple[str, int]]:
    """(class, number of parts), the classes in their order, those without parts too."""
    counts = Counter(classes)
    return [(name, counts[name]) for name in CLASSES]


def cost_words(costs: Mapping[str, float | None], lang: str) -> dict[str, str] | None:
    """The owner's costs as texts; None where one of them is not given."""
    values = {name: costs.get(name) for name in ("survey_czk", "false_go_czk", "benefit_czk")}
    if any(value is None or not math.isfinite(value) for value in values.values()):
        return None
    return {name: money(value, lang) for name, value in values.items()}


def money(value: float | None, lang: str) -> str:
    """An amount in CZK."""
    return number(value, lang, 0, "Kč" if lang == "cs" else "CZK")


# ---------------------------------------------------------------- numbers


def number(value: float | None, lang: str, decimals: int = 2, unit: str = "") -> str:
    """A number with its unit, or the words "not known"."""
    if value is None or math.isnan(value):
        return _word("unknown", lang)
    written = ("−" if value < 0 else "") + "∞" if math.isinf(value) else format_number(value, lang, decimals)
    return f"{written}\N{NO-BREAK SPACE}{unit}" if unit else written


def share(value: float, lang: str) -> str:
    """A chance in percent; "< 0.1 %" where it would round to nothing."""
    if 0.0 < value < 0.0005:
        return "<\N{NO-BREAK SPACE}" + format_number(0.1, lang, 1) + "\N{NO-BREAK SPACE}%"
    return number(100.0 * value, lang, 1, "%")


def interval(values: Range, lang: str) -> str:
    """``1.03 (0.86–1.23)``; one number where there is no spread, "not known" where nothing is known."""
    low, mean, high = values
    if math.isnan(low) and math.isnan(high):
        return number(mean, lang)
    ends = ends_of(values, lang)
    if math.isnan(mean):
        return ends
    return number(mean, lang) if low == high else f"{number(mean, lang)} ({ends})"


def ends_of(values: Range, lang: str) -> str:
    """``0.86–1.23``, with words around the dash where an end is negative or not known."""
    low, high = number(values.low, lang), number(values.high, lang)
    if math.isnan(values.low) and math.isnan(values.high):
        return low
    plain = values.low >= 0 and not math.isnan(values.high)
    return f"{low}–{high}" if plain else f"{low} {_word('to', lang)} {high}"


def _word(key: str, lang: str) -> str:
    return WORDS[key].get(lang)


# ---------------------------------------------------------------- portfolio


def _order(page: RoofPage) -> tuple[int, float, str, str]:
    typical = math.inf if math.isnan(page.u1.mean) else page.u1.mean
    return list(CLASSES).index(page.static_class), typical, page.building_id, page.part_id


def _overview(pages: Sequence[RoofPage], lang: str) -> tuple[Markup, str] | None:
    """The picture of all intervals and its caption; None where there is no interval."""
    drawn = [page.u1 for page in pages if plots.known(page.u1)]
    if not drawn:
        return None
    above, below = sum(each.low > 1.0 for each in drawn), sum(each.high <= 1.0 for each in drawn)
    counts = {"n": len(drawn), "above": above, "below": below, "both": len(drawn) - above - below}
    words = {key: format_number(value, lang) for key, value in counts.items()}
    groups = [(page.static_class, page.u1) for page in pages]
    picture = plots.all_intervals(groups, lang, _word("limit", lang), _word("picture_alt", lang).format(**words))
    return picture, _word("picture_caption", lang).format(n=words["n"], total=format_number(len(pages), lang))


def _row(place: int, page: RoofPage, scale: plots.Scale, lang: str) -> dict[str, Any]:
    """A row of the table of all roof parts."""
    return _names(place, page) | {
        "letter": page.static_class,
        "legacy": page.legacy,
        "u0": number(page.u0.mean, lang),
        "u0_ends": _spread(page.u0, lang),
        "u1": number(page.u1.mean, lang),
        "u1_ends": _spread(page.u1, lang),
        "bar": plots.utilisation_bar(scale, page.u1),
        "q_max": number(page.q_max.mean, lang),
        "q_ends": _spread(page.q_max, lang),
        "system": _system(page.systems, lang),
        "reason": page.reasons[0].get(lang) if page.reasons else "",
        "u0_words": interval(page.u0, lang),
    }


def _names(place: int, page: RoofPage) -> dict[str, Any]:
    """What a part is called: its name, or its key; where it has a name, the key beside it."""
    key = page.building_id if page.part_id in ("", "1") else f"{page.building_id}/{page.part_id}"
    return {"place": place, "name": page.name or key, "key": key if page.name else ""}


def _spread(values: Range, lang: str) -> str:
    return "" if math.isnan(values.low) and math.isnan(values.high) else ends_of(values, lang)


def _system(systems: Sequence[System], lang: str) -> str:
    """The first system that the roof could bear, with its verdict; none; or not known."""
    for each in systems:
        if each.verdict in ("yes", "candidate"):
            verdict = "" if each.verdict == "yes" else f" ({VERDICTS['candidate'].get(lang)})"
            return each.title.get(lang) + verdict
    return _word("system_none" if any(each.verdict == "no" for each in systems) else "unknown", lang)


# ---------------------------------------------------------------- one roof part


def _part(place: int, page: RoofPage, lang: str) -> dict[str, Any]:
    """What the page of one roof part shows, ready to be written."""
    pv = interval(page.pv, lang)
    asked = _word("ask_plain" if math.isnan(page.pv.mean) else "ask", lang).format(pv=pv)
    return _names(place, page) | {
        "page": page,
        "letter": page.static_class,
        "question": asked,
        "legacy": _word("legacy_text", lang).format(u0=ends_of(page.u0, lang)) if page.legacy else "",
        "bars": _utilisation(page, lang),
        "chances": _chances(page, lang),
        "loads": _loads(page, lang),
        "gates": [(gate.title, gate.state, GATE_STATES[gate.state].get(lang)) for gate in page.gates],
        "changes": _changes(page, lang),
        "facts": _halves(page.facts),
        "unsure": sum(fact.confidence in UNSURE for fact in page.facts),
        "dense": _density(page),
    }


def _utilisation(page: RoofPage, lang: str) -> dict[str, Any] | None:
    """Rows (name, picture, words) without PV, deficit, increment, with PV on one axis; None without any interval."""
    if not (plots.known(page.u0) or plots.known(page.u1)):
        return None
    scale = plots.utilisation_scale((page.u0, page.u1))
    deficit = Range(*(max(0.0, each - 1.0) if not math.isnan(each) else each for each in page.u0))
    rows = [
        ("u0", plots.utilisation_bar(scale, page.u0), interval(page.u0, lang)),
        ("u_legacy", plots.deficit_bar(scale, page.u0), _deficit(deficit, lang)),
        ("u_pv", plots.increment_bar(scale, page.u0.mean, page.u1.mean), interval(page.added, lang)),
        ("u1", plots.utilisation_bar(scale, page.u1), interval(page.u1, lang)),
    ]
    return {"rows": rows, "ticks": plots.ticks(scale, lang)}


def _deficit(deficit: Range, lang: str) -> str:
    return _word("none_above", lang) if deficit.high == 0.0 else interval(deficit, lang)


def _chances(page: RoofPage, lang: str) -> str:
    """Sentence about the chances and the thresholds; empty where none is known."""
    told = []
    if not (math.isnan(page.p0) and math.isnan(page.p1)):
        told.append(_word("chances", lang).format(p0=share(page.p0, lang), p1=share(page.p1, lang)))
    if not (math.isnan(page.p_low) or math.isnan(page.p_high)):
        told.append(_word("thresholds", lang).format(p_low=share(page.p_low, lang), p_high=share(page.p_high, lang)))
    return " ".join(told)


def _loads(page: RoofPage, lang: str) -> dict[str, Any]:
    """The permissible load, PV as planned and the mounting systems on one axis."""
    scale = plots.load_scale(page.q_max, [page.pv, *(system.load for system in page.systems)])
    systems = [
        (each.title.get(lang), plots.load_bar(scale, each.load, page.q_max), ends_of(each.load, lang), each.verdict)
        for each in page.systems
    ]
    return {
        "q_max": (plots.permissible_bar(scale, page.q_max), interval(page.q_max, lang)),
        "planned": (plots.load_bar(scale, page.pv, page.q_max), interval(page.pv, lang)),
        "systems": [(*row, VERDICTS[row[3]].get(lang)) for row in systems],
        "ticks": plots.ticks(scale, lang, 4),
    }


def _changes(page: RoofPage, lang: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """By changed input: its values with class and utilisation, all on one axis."""
    scale = plots.utilisation_scale([page.u1, *(change.u1 for change in page.changes)])
    return [
        (
            title,
            [
                {
                    "value": row.value.get(lang),
                    "letter": row.static_class,
                    "other": row.static_class != page.static_class,
                    "bar": plots.utilisation_bar(scale, row.u1),
                    "u1": ends_of(row.u1, lang),
                }
                for row in rows
            ],
        )
        for title, rows in groupby(page.changes, key=lambda change: change.input.get(lang))
    ]


def _halves(facts: Sequence[Fact]) -> list[Sequence[Fact]]:
    """Facts in two columns, read down the first."""
    middle = (len(facts) + 1) // 2
    return [half for half in (facts[:middle], facts[middle:]) if half]


def _density(page: RoofPage) -> str:
    """How tightly the page is set so that it fits on one sheet of A4, by the lines that it takes about."""
    notes = [max(map(len, (each.en, each.cs))) for each in (_note(fact) for fact in page.facts)]
    middle = (len(notes) + 1) // 2
    table = max(sum(1.3 + 0.9 * math.ceil(length / 62) for length in half) for half in (notes[:middle], notes[middle:]))
    said = sum(math.ceil(max(len(text.en), len(text.cs)) / 72) for text in (*page.reasons, *page.notes))
    beside = len(page.gaps) + len(page.gates) / 2 + 2
    rows = Counter(each.input for each in page.changes)
    changed = 3 + max(rows.values()) if rows else 0
    lines = table + max(said, beside) + len(page.systems) + changed
    return "" if lines <= 42 else "dense" if lines <= 53 else "densest"


def _note(fact: Fact) -> Text:
    """Source and reference of a fact as they stand below it."""
    return Text(*(f"{fact.source.get(lang)} · {fact.reference.get(lang)}" for lang in ("en", "cs")))
