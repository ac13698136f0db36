"""Permanent load of a roof by its construction, and the imposed load of category H."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lk_spatial.core.errors import InputError
from lk_spatial.core.tables import record_use, table_rows
from lk_spatial.statics.checks import by_code, known, number
from lk_spatial.statics.constants import (
    BUILD_UPS,
    COMBINATION,
    LIGHT_ROOFS,
    SELF_WEIGHT,
    constant,
    rows,
)
from lk_spatial.statics.interval import Floats, Triple

COLUMNS = ("low_kn_m2", "typ_kn_m2", "high_kn_m2")


def roof_self_weight(roof_structure: Any, covering: Any, pitch: ArrayLike = 0.0) -> Triple:
    """Self-weight of roofs by the codes of structure and covering, low, typical and high [kN/m2 of plan].

    Texts or arrays of them, ``pitch`` [deg]; they broadcast. Alternatives widen the range: an unknown covering stands
    for all listed with its structure, and the typical value is the mean of the alternatives'. NaN for an unknown
    structure, for a pair that is not listed (``roof_build_ups``), for an unknown pitch of layers that lie in the slope.
    Main trusses and girders are not included. Raises InputError for unknown codes and a pitch outside 0–90.

    >>> [round(float(value), 2) for value in roof_self_weight("timber_rafters", "concrete_tile", 60)]
    [1.12, 1.36, 1.7]
    """
    angle = number("pitch", pitch, 0.0, 90.0)
    texts = (np.asarray(each, dtype=object) for each in (roof_structure, covering))
    structure, cover, angle = np.broadcast_arrays(*texts, angle)
    rise = np.where(angle < 90.0, 1.0 / np.cos(np.radians(np.minimum(angle, 89.9))), np.nan)
    for table in (SELF_WEIGHT, BUILD_UPS):
        record_use(table)
    found = np.full((3, *angle.shape), np.nan)
    for at in np.ndindex(angle.shape):
        layers = _alternatives(_code("roof_structure", structure[at]), _code("covering", cover[at]))
        if len(layers):
            plan, slope = layers[:, 0], layers[:, 1]
            low, typ, high = (plan + np.where(slope == 0.0, 0.0, slope * rise[at])).T
            found[(slice(None), *at)] = low.min(), typ.mean(), high.max()
    return Triple(*(each[()] for each in found))


def is_light(roof_structure: Any) -> Floats:
    """1 for a light roof in the sense of ČSN 73 0035, 0 for a heavy one, NaN where that is unknown; our assignment.

    Raises InputError for a text that is no code of ``roof_structure``.
    """
    values = {row["roof_structure"]: {"yes": 1.0, "no": 0.0}.get(row["light"], np.nan) for row in rows(LIGHT_ROOFS)}
    return by_code("roof_structure", roof_structure, values)


def imposed_governs(roof_snow: ArrayLike) -> Floats:
    """1 where the imposed load of category H exceeds the snow on the roof [kN/m2], else 0; NaN in, NaN out.

    The two are not combined; the screening shows where this happens (zone I). EN 1991-1-1, 6.3.4.
    """
    snow = number("roof_snow", roof_snow, 0.0, 200.0)
    governs = snow < constant(COMBINATION, "roof_imposed")
    return np.where(np.isnan(snow), np.nan, governs.astype(float))[()]


@cache
def _alternatives(structure: str | None, covering: str | None) -> Floats:
    """Weights of all layers that fit: (alternatives, plan and slope, low typical high) [kN/m2]; none if not listed."""
    pairs = [row for row in rows(BUILD_UPS) if row["roof_structure"] == structure]
    fit = [row for row in pairs if covering is None or covering in row["covering"].split("|")]
    return np.array([[_sum(row["components"].split("|"), area) for area in ("plan", "slope")] for row in fit])


def _sum(components: list[str], area: str) -> Floats:
    """Low, typical and high weight of the components on this area, (3,) [kN/m2]."""
    weights = {row["id"]: [float(row[each]) for each in COLUMNS] for row in rows(SELF_WEIGHT) if row["area"] == area}
    return np.sum([weights.get(each, [0.0] * 3) for each in components], axis=0)


def _code(attribute: str, text: Any) -> str | None:
    """A code of the attribute, None where it is unknown."""
    if not known(text):
        return None
    code = str(text).strip()
    if code not in _codes(attribute):
        raise InputError("statics_code_unknown", name=attribute, got=code, expected=list(_codes(attribute)))
    return code


@cache
def _codes(attribute: str) -> tuple[str, ...]:
    return tuple(row["code"] for row in table_rows(f"codes/{attribute}"))
