"""Finished static surveys as a table that people fill in: building, verdict, reserve; what is not sure is named."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from lk_spatial.core.notices import notice
from lk_spatial.io.geometry import shown
from lk_spatial.io.sheet import Row, Sheet, folded, read_sheet, split_unit
from lk_spatial.io.values import EMPTY, as_text

Verdict = Literal["sufficient", "insufficient", "conditional"]

HEADINGS = {
    "building_id": (
        "building_id", "building", "id_budovy", "kód budovy", "budova", "objekt", "inventární číslo", "inv. č.", "id",
    ),
    "part_id": ("part_id", "part", "roof part", "část", "část budovy", "část střechy"),
    "verdict": ("verdict", "result", "conclusion", "závěr", "závěr posudku", "výsledek", "verdikt", "hodnocení"),
    "reserve": (
        "reserve", "report_reserve", "permissible load", "allowable load", "rezerva", "rezerva únosnosti",
        "rezerva posudku", "přípustné zatížení", "přípustné přitížení", "přitížení",
    ),
    "year": ("year", "report_year", "date", "rok", "rok posudku", "datum", "datum posudku"),
    "pv_load": (
        "pv_load", "considered load", "surveyed load", "zatížení FVE", "uvažované zatížení FVE", "uvažované zatížení",
        "posuzované zatížení",
    ),
    "status": ("status", "state", "stav", "stav posudku", "verze"),
    "note": ("note", "notes", "remark", "poznámka", "poznámky", "komentář"),
}  # fmt: skip
GRAVITY = 9.80665e-3  # kN of a kilogram
SURE_KN = 2.0  # [kN/m2] more without a unit might be kg/m2
MOST_KN, MOST_KG, LEAST_KG = 10.0, 1000.0, 2.0  # beyond them the unit told is in doubt
YEARS = (1950, 2100)

_SHORT: dict[str, Verdict] = {"a": "sufficient", "y": "sufficient", "n": "insufficient"}
_NO = re.compile(
    r"\bne\b|\bne(vyh|splnu|unes|post|dost|lze|dopor)\w*|\bneni \w+|\bno\b|\bnot \w+|\bnegativ\w*"
    r"|\bin(suffi|adequ)\w*|\bun(suit|satis|safe|accept)\w*|\bfail\w*"
)
_IF = re.compile(
    r"\bpodm|\bs vyhrad|\bza predpokl|\bpo (zesil|oprav|uprav|odstran)|\bcastec|\bjen\b|\bpouze\b|\bcondition"
    r"|\bsubject to|\bprovided|\bafter\b|\bpartly|\bpartial|\bonly\b|\bwith (limit|reserv|restr)"
)
_YES = re.compile(
    r"\bvyhov|\bok\b|\bano\b|\byes\b|\bsplnu|\bunes|\blze\b|\bpostac|\bdostac|\bdostatec|\bkladn|\bpozitiv"
    r"|\bsuffic|\badequ|\bsuitab|\bsatisf|\bpass|\baccept|\bpositiv|\bcompl(y|ies)"
)
_WITHOUT = re.compile(
    r"\bbez (vyhrad|podmin\w*|omezen\w*)|\bwithout (reserv|condition|limit|restr|objection)\w*|\bno objections?"
)
_DRAFT = re.compile(r"\bkoncept|\bdraft|\bpredbez|\bprelim|\bpracovni\b|\brozprac|\bnedokonc|\bunfinished")
_PROPOSAL = re.compile(r"\bnavrh")
_AMOUNT = re.compile(r"[+\-–−]?\d+(?:[.,]\d+)?")


class Report(NamedTuple):
    """A finished survey of a roof part; loads in kN/m2, NaN where it gives none.

    ``part_id``: None where the table does not say. ``verdict``: of the load ``pv_load`` it considered, None where it
    gives none that is understood.
    """

    line: int
    building_id: str
    part_id: str | None
    verdict: Verdict | None
    reserve: float
    year: float
    pv_load: float

    @property
    def key(self) -> str:
        """Building and part for a sentence."""
        return self.building_id if self.part_id is None else f"{self.building_id}/{self.part_id}"


class Reports(NamedTuple):
    """Surveys that can be used, and lines that cannot by the code of their notice: drafts, neither reserve nor verdict,
    repeated, contradictory, without a building; each by its building, or by its line where it names none.
    """

    usable: list[Report]
    unused: dict[str, list[str]]


def read_reports(ref: str | Path, *, input_name: str = "reports") -> Reports:
    """Finished surveys from what `read_sheet` takes; headings and verdicts in Czech or English.

    A reserve without a unit counts as kN/m² up to SURE_KN; larger ones, and such as their unit makes impossible, are
    unknown. kg/m² is converted where the heading or the cell says so. Drafts, lines without verdict and reserve,
    repeated and contradictory ones are not used. A notice tells each kind. Raises InputError and DataError.
    """
    sheet = read_sheet(
        ref, input_name=input_name, headings=HEADINGS, required=("building_id",), layers=("reports", "posudky")
    )
    odd: dict[str, list[str]] = defaultdict(list)
    unused: dict[str, list[str]] = defaultdict(list)
    read = [_report(sheet, row, odd, unused) for row in sheet.rows]
    usable = _without_twins([each for each in read if each is not None], unused)
    for code, values in odd.items():
        notice(code, path=sheet.path, count=len(values), values=shown(values))
    for code, keys in unused.items():
        notice(code, path=sheet.path, count=len(keys), buildings=shown(keys, 20))
    if not sheet.rows:
        notice("reports_none", path=sheet.path)
    return Reports(usable, dict(unused))


def verdict_of(text: str) -> Verdict | None:
    """What a survey's conclusion says; None where it is not understood or says both.

    >>> [verdict_of(each) for each in ("Vyhovuje", "nevyhovuje", "OK", "vyhovuje podmíněně", "viz příloha")]
    ['sufficient', 'insufficient', 'sufficient', 'conditional', None]
    """
    plain = " ".join(re.sub(r"[^\w ]", " ", folded(text)).split())
    if plain in _SHORT:
        return _SHORT[plain]
    free, plain = bool(_WITHOUT.search(plain)), _WITHOUT.sub(" ", plain)
    no, yes = bool(_NO.search(plain)), bool(_YES.search(_NO.sub(" ", plain))) or free
    if _IF.search(plain):
        return "conditional"
    if no and yes:
        return None
    return "insufficient" if no else "sufficient" if yes else None


def load_kn_m2(raw: Any, heading_unit: str) -> tuple[float, str | None]:
    """A surface load [kN/m2] and what is odd about it (code of a notice): NaN where its unit is in doubt.

    >>> load_kn_m2("0,35", ""), load_kn_m2("35 kg/m²", "")[0], load_kn_m2("35", "")
    ((0.35, None), 0.34323275, (nan, 'reports_unit_unknown'))
    """
    if _empty(raw):
        return np.nan, None
    text, unit = ("", "") if isinstance(raw, bool) else split_unit(str(raw).replace("\u00a0", " "))
    unit = unit or heading_unit
    if not _AMOUNT.fullmatch(text) or unit not in ("", "kn/m2", "kg/m2"):
        return np.nan, "reports_reserve_unreadable"
    value = float(re.sub("[–−]", "-", text).replace(",", "."))
    if unit == "kg/m2":
        if abs(value) > MOST_KG or 0.0 < abs(value) < LEAST_KG:
            return np.nan, "reports_unit_doubtful"
        return value * GRAVITY, "reports_kg_converted"
    if abs(value) > (MOST_KN if unit else SURE_KN):
        return np.nan, "reports_unit_doubtful" if unit else "reports_unit_unknown"
    return value, None


def _empty(raw: Any) -> bool:
    return raw is None or (isinstance(raw, str) and folded(raw) in {folded(each) for each in EMPTY})


def _report(sheet: Sheet, row: Row, odd: dict[str, list[str]], unused: dict[str, list[str]]) -> Report | None:
    """The survey of a row; what is odd or of no use goes to the lists."""
    building = _text(sheet.cell(row, "building_id"))
    if not building:
        unused["reports_nameless"].append(str(row.number))
        return None
    part = _text(sheet.cell(row, "part_id"))
    if _is_draft(sheet, row):
        unused["reports_draft"].append(building)
        return None
    told = f"{building}: {{}}"
    loads = {name: _load(sheet, row, name, told, odd) for name in ("reserve", "pv_load")}
    verdict = _checked(sheet.cell(row, "verdict"), verdict_of, "reports_verdict_unknown", told, odd)
    year = _checked(sheet.cell(row, "year"), _year, "reports_year_unknown", told, odd)
    if verdict is None and np.isnan(loads["reserve"]):
        unused["reports_silent"].append(building)
        return None
    year = np.nan if year is None else float(year)
    return Report(row.number, building, part or None, verdict, loads["reserve"], year, loads["pv_load"])


def _text(raw: Any) -> str:
    return "" if raw is None else as_text(raw) or ""


def _load(sheet: Sheet, row: Row, name: str, told: str, odd: dict[str, list[str]]) -> float:
    raw = sheet.cell(row, name)
    value, code = load_kn_m2(raw, sheet.columns[name].unit if name in sheet.columns else "")
    if code:
        odd[code].append(told.format(raw))
    return value


def _checked(raw: Any, read: Callable[[Any], Any], code: str, told: str, odd: dict[str, list[str]]) -> Any:
    """What ``read`` makes of a cell; what it does not understand is named."""
    if _empty(raw):
        return None
    value = read(raw)
    if value is None:
        odd[code].append(told.format(raw))
    return value


def _is_draft(sheet: Sheet, row: Row) -> bool:
    """Whether status, verdict or note call the survey a draft; a proposal in a note may be one of strengthening."""
    texts = {name: folded(sheet.cell(row, name) or "") for name in ("status", "verdict", "note")}
    proposed = any(_PROPOSAL.match(texts[name]) for name in ("status", "verdict"))
    return proposed or any(_DRAFT.search(each) for each in texts.values()) or "navrh posudku" in texts["note"]


def _year(raw: Any) -> int | None:
    """The year of a number, a date or a text with one in it."""
    if isinstance(raw, date):
        return raw.year
    found = re.findall(r"(?<!\d)(\d{4})(?!\d)", as_text(raw) or "")
    return int(found[0]) if len(found) == 1 and YEARS[0] <= int(found[0]) <= YEARS[1] else None


def _without_twins(reports: Sequence[Report], unused: dict[str, list[str]]) -> list[Report]:
    """Of several surveys of a part the newest; where that is not clear and they differ, none."""
    groups: dict[tuple[str, str | None], list[Report]] = defaultdict(list)
    for each in reports:
        groups[each.building_id, each.part_id].append(each)
    kept = []
    for same in groups.values():
        years = [each.year for each in same]
        newest = [each for each in same if each.year == np.max(years)]  # none where a year is not known
        last = newest if newest and not np.isnan(years).any() else same
        if all(_content(each) == _content(last[0]) for each in last):
            kept.append(last[0])
            if len(same) > 1:
                unused["reports_repeated"] += [each.key for each in same[1:]]
        else:
            unused["reports_contradictory"].append(last[0].key)
    return kept


def _content(report: Report) -> tuple[Any, ...]:
    """What must be equal in repeated lines."""
    return report.verdict, *(None if pd.isna(each) else each for each in (report.reserve, report.pv_load))
