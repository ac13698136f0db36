"""What stops grey water in a building before it is reckoned; what is unknown does not pass."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from lk_spatial.core.text import Text
from lk_spatial.water.given import Codes, Flags, Floats, amount, by_code, code_names, rows, texts, truths

GATES = "water/grey_gates_2026"
HYGIENE = "water/grey_hygiene_2026"


class GreyGates(NamedTuple):
    """For each gate by its id, in the order of weight: buildings (n,) that it stops and those where it is unknown;
    ``rebuilt``: those without known separate stacks that a planned refurbishment can give them.
    """

    stops: dict[str, Flags]
    unknown: dict[str, Flags]
    rebuilt: Flags


def grey_gates(buildings: pd.DataFrame, year: int) -> GreyGates:
    """Gates of buildings by the columns that they have, of: use, plant_room, grey_stacks, refurbishment_year,
    hygienist_consent; ``year`` is the present one, and a refurbishment in it or later is planned.

    Without a plant room nothing goes; without separate stacks a planned refurbishment is needed; hospitals and the
    like (``grey_hygiene``) need the hygienist's consent. Raises InputError for codes and years that cannot be.
    """
    room, stacks, consent = (truths(column(buildings, name)) for name in ("plant_room", "grey_stacks", CONSENT))
    planned = _planned(buildings, year)
    needed = _needs_hygienist(texts("use", column(buildings, "use"), code_names("use")))
    stops = {
        "plant_room": room == 0.0,
        "stacks": (stacks == 0.0) & (planned == 0.0),
        "hygiene": (needed != 0.0) & (consent == 0.0),
    }
    unknown = {
        "plant_room": np.isnan(room),
        "stacks": (stacks != 1.0) & (planned != 1.0) & ~stops["stacks"],
        "hygiene": (needed != 0.0) & np.isnan(consent),
    }
    return GreyGates(stops, unknown, (stacks != 1.0) & (planned == 1.0))


CONSENT = "hygienist_consent"


def column(buildings: pd.DataFrame, name: str) -> Codes:
    """A column as objects; None in every row where it is missing."""
    if name not in buildings:
        return np.full(len(buildings), None, dtype=object)
    return buildings[name].astype(object).where(buildings[name].notna(), None).to_numpy(dtype=object)


def figures(buildings: pd.DataFrame, name: str, low: float = 0.0, high: float = np.inf) -> Floats:
    """A column of numbers; NaN where it is missing. Raises InputError outside ``low`` to ``high``."""
    return amount(name, column(buildings, name), low, high)


def gate_texts(key: str = "") -> dict[str, Text]:
    """Sentences of the gates by their ids; with ``key`` "datum_" what must be known to pass."""
    return {row["id"]: Text(row[f"{key}en"], row[f"{key}cs"]) for row in rows(GATES)}


def _planned(buildings: pd.DataFrame, year: int) -> Floats:
    """1 where a refurbishment is planned, 0 where the last one is past, NaN where no year is known."""
    known = figures(buildings, "refurbishment_year", 1700.0, 2100.0)
    return np.where(np.isnan(known), np.nan, (known >= year).astype(float))


def _needs_hygienist(use: Codes) -> Floats:
    """1 for uses where a hygienist must agree, 0 for others, NaN where the table does not tell."""
    return by_code(use, {row["use"]: {"yes": 1.0, "no": 0.0}.get(row["hygienist"], np.nan) for row in rows(HYGIENE)})
