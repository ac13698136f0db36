"""What the owner's data say of a roof, weighed against each other: what is doubtful is told, and never helps a roof.

A doubted value becomes unknown; one that counts against the roof stays as it was written until somebody corrects it.
Nothing is converted. A value of confidence "measured" or "documented" is not taken for a placeholder.
"""

from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from lk_spatial.core.errors import sentence
from lk_spatial.core.notices import notice
from lk_spatial.core.text import Text
from lk_spatial.statics.doubt_rules import RULES, Flags, Found

SHOWN = 5  # parts named in one notice


class Doubt(NamedTuple):
    """Parts (n,) of which something is doubted: code of the sentence, its values, attributes that become unknown."""

    code: str
    rows: Flags
    unknown: tuple[str, ...]
    values: dict[str, Any]


def doubts(
    parts: pd.DataFrame, *, measured: pd.DataFrame | None = None, year: int | None = None
) -> tuple[pd.DataFrame, list[Doubt]]:
    """The parts with what is doubtful made unknown, and the doubts; one notice of each kind of doubt.

    Arguments as ``find_doubts``. Columns of other names, the index and the order stay; nothing is added.
    """
    found = find_doubts(parts, measured=measured, year=year)
    keys = _keys(parts)
    for each in found:
        named = [key for key, hit in zip(keys, each.rows, strict=True) if hit]
        shown = [*named[:SHOWN], *["…"] * (len(named) > SHOWN)]
        notice(each.code, parts=shown, count=len(named), **each.values)
    return without(parts, found), found


def find_doubts(parts: pd.DataFrame, *, measured: pd.DataFrame | None = None, year: int | None = None) -> list[Doubt]:
    """What is doubted of roof parts with the attributes of buildings, each by the columns that there are.

    ``measured``: rows as ``parts``, of pitch [deg] with pitch_from, ground_m [m] and levels, as ``surroundings`` gives
    them. ``year``: the present one. Empty values are unknown and never doubted.
    """
    beside = parts if measured is None else parts.assign(**{f"measured_{name}": measured[name] for name in measured})
    found = [each for rule in RULES for each in rule(beside, year or date.today().year)]
    return [_doubt(each) for each in found if each.rows.any()]


def without(parts: pd.DataFrame, found: list[Doubt]) -> pd.DataFrame:
    """The parts with the doubted attributes unknown."""
    result = parts.copy()
    for each in found:
        for name in each.unknown:
            if name in result:
                result[name] = result[name].mask(pd.Series(each.rows, result.index))
    return result


def doubts_of(found: list[Doubt], parts: pd.DataFrame) -> list[list[Text]]:
    """For each part the sentences of what is doubted of it, in both languages."""
    told: list[list[Text]] = [[] for _ in range(len(parts))]
    for i, key in enumerate(_keys(parts)):
        for each in found:
            if each.rows[i]:
                values = {**each.values, "parts": key, "count": 1}
                text = Text(*(_alone(sentence(each.code, values, lang)) for lang in ("en", "cs")))
                told[i] += [text] if text not in told[i] else []
    return told


def _alone(told: str) -> str:
    """The sentence without the list of parts with which it begins, for a part's own page."""
    rest = told.partition("): ")[2]
    return rest[:1].upper() + rest[1:]


def _doubt(found: Found) -> Doubt:
    return Doubt(found.code, found.rows, found.unknown, found.values or {})


def _keys(parts: pd.DataFrame) -> list[str]:
    if "building_id" not in parts:
        return [str(each) for each in parts.index]
    part = parts["part_id"] if "part_id" in parts else pd.Series("1", parts.index)
    return [f"{building}/{each}" for building, each in zip(parts["building_id"], part, strict=True)]
