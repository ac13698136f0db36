"""What every report tells about its run: cards of tables, notices and inputs without folders."""

from collections.abc import Mapping, Sequence
from typing import Any

from lk_spatial.report.pv_facts import file_name
from lk_spatial.report.text import CONFIDENCE


def card(table: Mapping[str, Any], lang: str) -> dict[str, str]:
    """A table's card in one language, flat; what does not say how sure it is counts as unverified."""
    every = {**table, **table.get("card", {})}

    def first(*names: str) -> str:
        return next((str(every[name]) for name in names if every.get(name) not in (None, "")), "")

    confidence = first("confidence")
    source = [first("standard"), first(f"source_{lang}", "source"), first("edition"), first("clause")]
    return {
        "id": str(table["id"]),
        "title": first(f"title_{lang}", "title_en", "title") or str(table["id"]),
        "source": ", ".join(dict.fromkeys(part for part in source if part)),
        "page": first("page"),
        "retrieved": first("retrieved"),
        "confidence": confidence if confidence in CONFIDENCE else "unverified",
        "note": first(f"note_{lang}", "note"),
        "licence": first("licence"),
    }


def without_folders(text: str, inputs: Sequence[Mapping[str, Any]]) -> str:
    """A notice with the inputs' files by their names alone: folders are nobody's business."""
    for row in inputs:
        for reference in {str(row.get("path") or ""), str(row["file"])} - {""}:
            text = text.replace(reference, file_name(reference))
    return text


def named_files(inputs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Inputs whose files are named without folders."""
    return [dict(row, file=file_name(row["file"])) for row in inputs]
