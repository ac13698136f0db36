"""Mounting systems as loads, in the order in which they are preferred: ballasted or on rails first, glued last."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from lk_spatial.core.text import Text
from lk_spatial.statics.constants import MOUNTING, rows
from lk_spatial.statics.decision import Systems
from lk_spatial.statics.evidence import Origin
from lk_spatial.statics.ground import GRAVITY
from lk_spatial.statics.interval import triple

GLUED = "light"  # modules that come in place of the usual ones


class Mountings(NamedTuple):
    """Systems for one kind of roof with their titles and origins; loads on the area of the modules [kN/m2]."""

    systems: Systems
    titles: tuple[Text, ...]
    origins: tuple[Origin, ...]


def mountings(roof: str, planned: str, glued_mass_kg_m2: float | None = None) -> Mountings:
    """Systems for a ``roof`` "flat" or "pitched", the planned one first; loads from ``pv/mounting_systems_2026``.

    ``glued_mass_kg_m2`` [kg/m2]: mass of glued modules by their data sheet, in place of the assumed range.
    """
    listed = [row for row in rows(MOUNTING) if row["roof"] == roof]
    listed.sort(key=lambda row: row["id"] != planned)
    mass = np.array([_mass(row, glued_mass_kg_m2) for row in listed])
    loads = triple(*(mass.T * GRAVITY / 1000.0))
    origins = tuple(
        Origin(Text(row["source"], row["source_cs"]), row["confidence"], MOUNTING, row["id"]) for row in listed
    )
    titles = tuple(Text(row["en"], row["cs"]) for row in listed)
    return Mountings(Systems(tuple(row["id"] for row in listed), loads), titles, origins)


def _mass(row: Mapping[str, str], glued: float | None) -> tuple[float, ...]:
    if row["includes"] == GLUED and glued is not None:
        return (glued,) * 3
    return tuple(float(row[name]) for name in ("kg_m2_low", "kg_m2", "kg_m2_high"))
