"""Values that are stated of roof parts or taken from a row of a table, each with its origin."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lk_spatial.core.text import Text
from lk_spatial.statics.checks import text_column
from lk_spatial.statics.constants import SCREENING, rows
from lk_spatial.statics.evidence import Origin
from lk_spatial.statics.gates import Flags
from lk_spatial.statics.interval import Triple, triple

Objects = NDArray[np.object_]
OWNER = Text("owner's data", "údaje vlastníka")
SURE = ("measured", "documented")
UNSURE = ("inferred", "assumed")
GIVEN = "given"  # nobody says how sure it is


class Input(NamedTuple):
    """An input of n roof parts: its range, where it stands for an absent datum, who says so, and what would tell it.

    ``origin`` holds an ``Origin`` or None, ``datum`` the name of the attribute that would give or narrow the input.
    """

    value: Triple
    absent: Flags
    origin: Objects
    datum: Objects


def origins(parts: pd.DataFrame, name: str) -> Objects:
    """Who states the column's values (n,): its source and confidence where they are told; None where nothing stands."""
    told = text_column(parts, name)
    source, sure = text_column(parts, f"{name}_source"), text_column(parts, f"{name}_confidence")
    found = np.full(len(parts), None, object)
    for i in np.flatnonzero([each is not None for each in told]):
        said = Text(str(source[i]), str(source[i])) if source[i] else OWNER
        found[i] = Origin(said, confidence(sure[i]))
    return found


def confidence(text: object) -> str:
    """How sure a value is, by what people write; "given" where they do not say.

    >>> confidence("Measured"), confidence("odhad"), confidence(None)
    ('measured', 'assumed', 'given')
    """
    return CONFIDENCES.get(str(text or "").strip().casefold(), GIVEN)


CONFIDENCES = {
    "measured": "measured",
    "změřeno": "measured",
    "měřeno": "measured",
    "documented": "documented",
    "doloženo": "documented",
    "dokumentace": "documented",
    "confirmed": "documented",
    "ověřeno": "documented",
    "inferred": "inferred",
    "odvozeno": "inferred",
    "assumed": "assumed",
    "assumption": "assumed",
    "předpoklad": "assumed",
    "odhad": "assumed",
    "odhadnuto": "assumed",
    "unverified": "assumed",
    "neověřeno": "assumed",
}


def sure(origin: Objects) -> Flags:
    """Which values are measured or documented."""
    return np.array([each is not None and each.confidence in SURE for each in origin], bool)


def unsure(origin: Objects) -> Flags:
    """Which values are inferred or assumed by who states them."""
    return np.array([each is not None and each.confidence in UNSURE for each in origin], bool)


def assumption(name: str) -> tuple[tuple[float, float, float], Origin]:
    """Low, typical and high value of a row of ``screening_2026``, with its origin; a single value is all three."""
    row = next(each for each in rows(SCREENING) if each["id"] == name)
    value = float(row["value"])
    low, high = (float(row[end]) if row[end] else value for end in ("low", "high"))
    return (low, value, high), Origin(Text(row["source"], row["source_cs"]), row["confidence"], SCREENING, name)


def assumed(name: str) -> float:
    """The typical value of a row of ``screening_2026``."""
    return assumption(name)[0][1]


def chosen(where: Flags, yes: Triple, no: Triple) -> Triple:
    """The values of one triple where the condition holds, else of the other."""
    return triple(*(np.where(where, a, b) for a, b in zip(yes, no, strict=True)))


def every(n: int, value: object) -> Objects:
    """The same object n times."""
    found = np.full(n, None, object)
    for i in range(n):
        found[i] = value
    return found


def where(condition: Flags, yes: Objects, no: Objects) -> Objects:
    """Objects of one array where the condition holds, else of the other (tuples stay whole)."""
    found = no.copy()
    for i in np.flatnonzero(condition):
        found[i] = yes[i]
    return found
