"""Screening of roof parts: gates, reserve, chances, class, missing data, mounting system, reasons."""

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
import pandas as pd

from lk_spatial.core.fields import FIELDS
from lk_spatial.core.text import Text
from lk_spatial.statics.checks import text_column
from lk_spatial.statics.constants import GATES, SCREENING_INPUTS, rows
from lk_spatial.statics.decision import (
    Names,
    Thresholds,
    carried,
    classify,
    missing_data,
    narrowing,
    preferred,
    thresholds,
    with_reports,
)
from lk_spatial.statics.draws import part_keys
from lk_spatial.statics.gates import GateLimits, Gates, find_gates, report_valid
from lk_spatial.statics.inputs import Assembled, assemble
from lk_spatial.statics.interval import Triple
from lk_spatial.statics.options import ScreeningOptions
from lk_spatial.statics.reasons import Case, Reason, reasons
from lk_spatial.statics.reliability import Exceedance, exceedance
from lk_spatial.statics.reserve import INPUTS, Reserve, reserve
from lk_spatial.statics.stated import assumed
from lk_spatial.statics.systems import Mountings, mountings
from lk_spatial.statics.wind_inputs import WindInputs, wind_inputs

GATE_DATA = {
    "report": "report_reserve_kn_m2",
    "distress": "condition",
    "heritage": "heritage",
    "asbestos": "covering",
    "roof_life": "roof_life_a",
    "ownership": "ownership",
    "drift": "parapet_m",
}


class Screening(NamedTuple):
    """All that is known and found of n roof parts, rows in the order of ``parts``.

    ``missing``: attributes that are not known, that which narrows most first. ``verdicts``: of each system of
    ``flat`` or ``pitched`` mountings, by the kind of the roof. ``reasons``: the weightiest first.
    """

    parts: pd.DataFrame
    surroundings: pd.DataFrame
    options: ScreeningOptions
    inputs: Assembled
    wind: WindInputs
    reserve: Reserve
    chance: Exceedance
    limits: Thresholds
    gates: Gates
    classes: Names
    missing: list[list[str]]
    mountings: dict[str, Mountings]
    verdicts: list[dict[str, str | None]]
    system: list[str | None]
    reasons: list[list[Reason]]
    doubts: Sequence[list[Text]] = ()  # of each part's data, where somebody looked for them


def screen(
    parts: pd.DataFrame,
    surroundings: pd.DataFrame,
    options: ScreeningOptions | None = None,
    *,
    executor: Executor | None = None,
) -> Screening:
    """Screen roof parts by their attributes (CONTRACT.md) and ``surroundings``; same seed, same answer."""
    options = options or ScreeningOptions()
    inputs = assemble(parts, surroundings, options)
    keys = part_keys(parts["building_id"], parts["part_id"], options.seed)
    chance = exceedance(inputs.roofs, keys, inputs.spread, absent=inputs.absent, draws=options.draws, executor=executor)
    found = reserve(inputs.roofs)
    gates = find_gates(_with_drift(parts, surroundings, inputs), _limits(options))
    limits = thresholds(options.survey_czk, options.false_go_czk, options.benefit_czk)
    classes = _classes(parts, found, chance, limits, gates, options)
    valid = report_valid(parts)
    missing = _missing(inputs, gates, classes)
    shown = with_reports(found, parts, valid)
    by_kind = {
        roof: mountings(roof, planned, options.glued_mass_kg_m2)
        for roof, planned in (("flat", options.system_flat), ("pitched", options.system_pitched))
    }
    verdicts, system = _systems(inputs, shown.q_max, by_kind)
    gate_titles = {row["id"]: Text(row["en"], row["cs"]) for row in rows(GATES)}
    data_titles = {name: field.title for name, field in FIELDS.items()}
    case = Case(inputs.roofs, found, chance, limits, gates, classes, missing, gate_titles, data_titles)
    return Screening(
        parts,
        surroundings,
        options,
        inputs,
        wind_inputs(parts, surroundings, inputs, options),
        shown,
        chance,
        limits,
        gates,
        classes,
        missing,
        by_kind,
        verdicts,
        system,
        reasons(case),
    )


def judge(parts: pd.DataFrame, surroundings: pd.DataFrame, options: ScreeningOptions) -> tuple[Names, Triple]:
    """Class and utilisation with PV of roof parts alone, for a look at one changed input."""
    inputs = assemble(parts, surroundings, options)
    keys = part_keys(parts["building_id"], parts["part_id"], options.seed)
    chance = exceedance(inputs.roofs, keys, inputs.spread, absent=inputs.absent, draws=options.draws)
    found = reserve(inputs.roofs)
    gates = find_gates(_with_drift(parts, surroundings, inputs), _limits(options))
    limits = thresholds(options.survey_czk, options.false_go_czk, options.benefit_czk)
    return _classes(parts, found, chance, limits, gates, options), found.u1


def _with_drift(parts: pd.DataFrame, surroundings: pd.DataFrame, inputs: Assembled) -> pd.DataFrame:
    """Parts with ``drift_known``: the neighbours' heights, and on flat roofs the parapet's, are known."""
    parapet = ~np.isnan(surroundings["parapet_m"].to_numpy(float)) | (inputs.flat == 0.0)
    return parts.assign(drift_known=surroundings["neighbours_known"].to_numpy(bool) & parapet)


def _limits(options: ScreeningOptions) -> GateLimits:
    return GateLimits(options.roof_life_a, assumed("asbestos_year"))


def _classes(
    parts: pd.DataFrame,
    found: Reserve,
    chance: Exceedance,
    limits: Thresholds,
    gates: Gates,
    options: ScreeningOptions,
) -> Names:
    return classify(
        found,
        chance,
        limits,
        documents=text_column(parts, "documents"),
        gates=gates,
        clear_for_go=_clear_for_go(),
        u0_limit=options.u0_limit,
    )


def _clear_for_go() -> tuple[str, ...]:
    return tuple(row["id"] for row in rows(GATES) if row["clear_for_go"] == "true")


def _missing(inputs: Assembled, gates: Gates, classes: Names) -> list[list[str]]:
    """Attributes that are not known, for each part, each once."""
    ranges = {row["id"]: (float(row["low"]), float(row["value"]), float(row["high"])) for row in rows(SCREENING_INPUTS)}
    gains = narrowing(inputs.roofs, inputs.absent, ranges)
    ids = missing_data(gains, gates, classes, _clear_for_go())
    return [list(dict.fromkeys(_attribute(inputs, each, i) for each in row)) for i, row in enumerate(ids)]


def _attribute(inputs: Assembled, name: str, i: int) -> str:
    """The attribute that would tell an input or a gate of part ``i``."""
    return str(inputs.inputs[name].datum[i]) if name in INPUTS else GATE_DATA[name]


def _systems(
    inputs: Assembled, q_max: Triple, by_kind: dict[str, Mountings]
) -> tuple[list[dict[str, str | None]], list[str | None]]:
    """Verdict on each system of the roof's kind, and the first that it could bear.

    The permissible load is on plan, a system's load on its modules: on a slope it counts for less plan.
    """
    n = len(inputs.flat)
    verdicts: list[dict[str, str | None]] = [{} for _ in range(n)]
    system: list[str | None] = [None] * n
    pitch = inputs.snow.pitch.value
    for kind, wanted in (("flat", inputs.flat == 1.0), ("pitched", inputs.flat == 0.0)):
        slope = 1.0 if kind == "flat" else np.cos(np.radians(np.minimum(pitch.mean, 85.0)))
        choice = by_kind[kind].systems
        fits = np.repeat(wanted[:, None], len(choice.ids), axis=1)
        table = carried(Triple(*(each * slope for each in q_max)), choice, fits)
        first = preferred(table, choice)
        for i in np.flatnonzero(wanted):
            verdicts[i] = dict(zip(choice.ids, table[i], strict=True))
            system[i] = first[i]
    return verdicts, system
