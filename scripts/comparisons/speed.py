"""Speed as ``./lk bench --peers --docs`` measured it last: rows are read from docs/bench.json, nothing is run."""

import json
import math
from typing import Any

from scripts.comparisons.rows import ROOT, Bar, Comparison, Subject, at_least, at_most, reported

RESULT = ROOT / "docs" / "bench.json"


def subject(result: dict[str, Any]) -> Subject:
    """The rows of a written result."""
    rows = result["rows"]
    return Subject(
        "Speed", note(result), True, [Comparison(row["what"], row["beside"], bar(row), said(row)) for row in rows]
    )


def note(result: dict[str, Any]) -> str:
    """When and on what it was measured."""
    machine = result["machine"]
    place = f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']:g} GiB"
    return (
        f"Measured on {result['date']} by `./lk bench --peers` on {place}; quoted from docs/bench.json. Processor time"
        " of one core, except for the memory's bandwidth. Ratios are of one run on the same data."
    )


def bar(row: dict[str, Any]) -> Bar:
    """The bar of a row, with digits after the size of what it is written for."""
    size = abs(row["value"] or row["limit"])
    digits = 0 if size >= 100 else 1 if size >= 10 else 2
    if not row["sense"]:
        return reported(row["unit"], digits)
    return {">=": at_least, "<=": at_most}[row["sense"]](row["limit"], row["unit"], digits)


def said(row: dict[str, Any]) -> Any:
    """What gives the measured number; NaN where there is none."""
    return lambda _: math.nan if row["value"] is None else row["value"]


SPEED = subject(json.loads(RESULT.read_text("utf-8")))
