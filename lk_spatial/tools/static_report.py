"""The report of the static screening, put together from its result and the record of its run."""

from typing import Any

import numpy as np

from lk_spatial.core.tables import load_table
from lk_spatial.core.text import Text
from lk_spatial.core.tool import TOOLS
from lk_spatial.io.codes import codes
from lk_spatial.report.statics import (
    Changed,
    Fact,
    Gate,
    Range,
    RoofPage,
    StaticReport,
    System,
    render_static_report,
)
from lk_spatial.statics.checks import text_column
from lk_spatial.statics.constants import GATES, SCREENING, rows
from lk_spatial.statics.evidence import Origin
from lk_spatial.statics.facts import Told, facts, ranged
from lk_spatial.statics.interval import Triple
from lk_spatial.statics.layer import missing_titles
from lk_spatial.statics.notes import notes
from lk_spatial.statics.reasons import fill
from lk_spatial.statics.screening import Screening
from lk_spatial.statics.stated import assumption
from lk_spatial.statics.what_if import changes
from lk_spatial.tools.write import record_name, run_facts

MOST_PAGES = 500
FIRST_CLASSES = "DCBASN"  # whose roofs have pages where there are more roofs than pages
CUT = Text(
    "The report shows {shown} of {count} roof parts, classes D, C, B and A first; all of them are in the layer.",
    "Zpráva ukazuje {shown} z {count} částí střech, nejprve třídy D, C, B a A; všechny jsou ve vrstvě.",
)
TITLE = Text("Static screening of roofs for PV", "Statické třídění střech pro FVE")


def static_report(found: Screening, lang: str, out: str) -> str:
    """The HTML page of a screening."""
    uses = {each.code: each.title for each in codes("use")}
    options, run = found.options, run_facts(TOOLS["static_screening"], lang)
    count = len(found.classes)
    rows_shown = sorted(sorted(range(count), key=lambda i: FIRST_CLASSES.index(str(found.classes[i])))[:MOST_PAGES])
    if len(rows_shown) < count:
        run["notices"] = [fill(CUT, shown=len(rows_shown), count=count).get(lang), *run["notices"]]
    told, hints = changes(found, np.array(rows_shown, int)), notes(found)
    return render_static_report(
        StaticReport(
            title=TITLE,
            lang=lang,
            pages=[_page(found, i, uses, told[i], hints[i]) for i in rows_shown],
            costs={name: getattr(options, name) for name in ("survey_czk", "false_go_czk", "benefit_czk")},
            assumptions=[_assumption(row["id"], Text(row["en"], row["cs"]), row["unit"]) for row in rows(SCREENING)],
            record=record_name(out),
            **run,
        )
    )


def _page(found: Screening, i: int, uses: dict[str, Text], told: list[Any], hints: list[Text]) -> RoofPage:
    """All that the page of part ``i`` shows."""
    row = found.parts.iloc[i]
    use, name = text_column(found.parts, "use")[i], text_column(found.parts, "name")[i]
    limits = [float(each.flat[0]) if each.size == 1 else float(each[i]) for each in found.limits]
    return RoofPage(
        building_id=str(row["building_id"]),
        part_id=str(row["part_id"]),
        name=name,
        use=uses.get(use) if use else None,
        static_class=str(found.classes[i]),
        u0=_range(found.reserve.u0, i),
        u1=_range(found.reserve.u1, i),
        added=_range(found.reserve.added, i),
        q_max=_range(found.reserve.q_max, i),
        pv=_range(found.inputs.roofs.pv, i),
        p0=float(found.chance.p0[i]),
        p1=float(found.chance.p1[i]),
        p_low=limits[0],
        p_high=limits[1],
        legacy=bool(found.reserve.u0.low[i] > 1.0),
        reasons=[each.text for each in found.reasons[i]],
        gaps=missing_titles(found, i),
        gates=_gates(found, i),
        systems=_systems(found, i),
        facts=[_fact(each) for each in facts(found, i)],
        changes=[Changed(each.input, each.value, each.static_class, Range(*each.u1)) for each in told],
        notes=hints,
    )


def _range(values: Triple, i: int) -> Range:
    return Range(*(float(each[i]) for each in values))


def _gates(found: Screening, i: int) -> list[Gate]:
    states = {
        gate: "stops" if found.gates.stops[gate][i] else "unknown" if found.gates.unknown[gate][i] else "clear"
        for gate in found.gates.stops
    }
    return [Gate(Text(row["topic_en"], row["topic_cs"]), states[row["id"]]) for row in rows(GATES)]


def _systems(found: Screening, i: int) -> list[System]:
    """Systems of the roof's kind with their load on plan."""
    choice = found.mountings["flat" if found.inputs.flat[i] == 1.0 else "pitched"]
    verdicts = found.verdicts[i]
    return [
        System(title, verdicts.get(name), _range(choice.systems.load, k))
        for k, (name, title) in enumerate(zip(choice.systems.ids, choice.titles, strict=True))
    ]


def _fact(told: Told) -> Fact:
    return Fact(told.label, told.value, told.origin.source, told.origin.confidence, _reference(told.origin))


def _reference(origin: Origin) -> Text:
    """Clause, table and row that the value comes from; nothing where the building says it."""
    if not origin.table:
        return Text("", "")
    clause = str(load_table(origin.table).card.get("clause", ""))
    row = ": ".join(filter(None, (origin.table.rsplit("/", 1)[-1], origin.row)))
    told = "; ".join(filter(None, (clause, row)))
    return Text(told, told)


def _assumption(name: str, title: Text, unit: str) -> Fact:
    """A row of the screening's assumptions."""
    ends, origin = assumption(name)
    return _fact(Told(title, ranged(_triple(ends), 0, "" if unit == "1" else unit), origin))


def _triple(ends: tuple[float, float, float]) -> Triple:
    return Triple(*(np.array([each]) for each in ends))
