"""How much ballast modules on a flat roof need: three scenarios, never one number."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lk_spatial.core.errors import InputError
from lk_spatial.statics.checks import number
from lk_spatial.statics.constants import BALLAST, COMBINATION, FRICTION, constant, numbers, rows
from lk_spatial.statics.ground import GRAVITY
from lk_spatial.statics.interval import Floats


class Ballast(NamedTuple):
    """Ballast beside the modules' own mass [kg/m2 of module area]: against uplift, against sliding, and the greater."""

    uplift: Floats
    sliding: Floats
    needed: Floats


def foot_friction(surface: str) -> float:
    """Friction under the feet [-], by the id of a row of ``ballast_friction``; raises InputError for others.

    >>> foot_friction("fleece_plastic")
    0.2
    """
    listed = numbers(FRICTION, "id", "friction")
    if surface not in listed:
        raise InputError("statics_code_unknown", name="friction", got=str(surface), expected=list(listed))
    return listed[surface]


def ballast(
    qp: ArrayLike, c_lift: ArrayLike, c_drag: ArrayLike, friction: ArrayLike, module_kg_m2: ArrayLike
) -> Ballast:
    """Ballast that keeps modules in place [kg/m2]; EQU of EN 1990 (0.9 and 1.5).

    ``qp`` peak velocity pressure [kN/m2], ``c_lift`` and ``c_drag`` of the modules and ``friction`` [-],
    ``module_kg_m2`` mass of modules and frames on the module area. Arrays broadcast; NaN in, NaN out. Raises
    InputError for negative values and no friction.
    """
    wind = constant(COMBINATION, "equ_gamma_q") * number("qp", qp, 0.0, 20.0) * 1000.0
    lift, drag = wind * number("c_lift", c_lift, 0.0, 5.0), wind * number("c_drag", c_drag, 0.0, 5.0)
    held = constant(COMBINATION, "equ_gamma_g") * GRAVITY
    own = held * number("module_kg_m2", module_kg_m2, 0.0, 200.0)
    uplift = np.maximum((lift - own) / held, 0.0)
    sliding = np.maximum((drag / number("friction", friction, 0.0, 2.0, above=True) + lift - own) / held, 0.0)
    return Ballast(*(each[()] for each in np.broadcast_arrays(uplift, sliding, np.maximum(uplift, sliding))))


def ballast_scenarios(qp: ArrayLike, friction: ArrayLike, module_kg_m2: ArrayLike) -> dict[str, Floats]:
    """Ballast needed [kg/m2] in the scenarios aero, typical and edge_heavy of ``ballast_scenarios`` (assumptions).

    Arguments, NaN and errors as ``ballast``.

    >>> {name: round(float(kg)) for name, kg in ballast_scenarios(0.6119, 0.5, 13).items()}
    {'aero': 4, 'typical': 24, 'edge_heavy': 60}
    """
    return {
        row["scenario"]: ballast(qp, float(row["c_lift"]), float(row["c_drag"]), friction, module_kg_m2).needed
        for row in rows(BALLAST)
        if row["scenario"]
    }
