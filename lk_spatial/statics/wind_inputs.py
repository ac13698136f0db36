"""Wind on roof parts: peak pressure, ballast in three scenarios, whether the load of a light roof reverses."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from lk_spatial.core.notices import notice
from lk_spatial.statics.ballast import ballast_scenarios, foot_friction
from lk_spatial.statics.checks import number_column, text_column
from lk_spatial.statics.gates import Flags
from lk_spatial.statics.inputs import Assembled
from lk_spatial.statics.interval import Floats
from lk_spatial.statics.options import ScreeningOptions
from lk_spatial.statics.stated import Objects, assumed
from lk_spatial.statics.wind import basic_velocity, net_uplift, peak_velocity_pressure, roof_suction

OPEN_TERRAIN = "II"  # the careful side where nothing is known: more wind than between buildings
REFUSED = "IV"


class WindInputs(NamedTuple):
    """Wind on n roof parts; NaN where zone or height are unknown, ballast and uplift also on pitched roofs.

    ``vb`` [m/s], ``height`` [m], ``qp`` [kN/m2], ``ballast`` by scenario [kg/m2 of module area], ``uplift`` [kN/m2] on
    the inner zone H of a flat roof, without internal pressure; ``terrain`` as used, ``terrain_stated`` whether the
    owner gave it.
    """

    vb: Floats
    terrain: Objects
    terrain_stated: Flags
    height: Floats
    qp: Floats
    ballast: dict[str, Floats]
    uplift: Floats


def wind_inputs(
    parts: pd.DataFrame, surroundings: pd.DataFrame, inputs: Assembled, options: ScreeningOptions
) -> WindInputs:
    """Wind on roof parts; terrain IV without a reason is refused with a notice, unknown terrain counts as open."""
    terrain, stated = _terrain(parts)
    vb = np.asarray(basic_velocity(text_column(parts, "wind_zone")), float)
    height = surroundings["roof_height_m"].to_numpy(float)
    for name in ("height_agl_m", "eaves_height_m"):
        height = np.where(np.isnan(height), number_column(parts, name), height)
    qp = np.asarray(peak_velocity_pressure(vb, terrain, height), float)
    flat = inputs.flat == 1.0
    level = np.where(flat, qp, np.nan)
    ballast = ballast_scenarios(level, foot_friction(options.foot), assumed("own_mass_kg_m2"))
    uplift = net_uplift(inputs.roofs.g.low, level, roof_suction("flat", "H"))
    return WindInputs(vb, terrain, stated, height, qp, ballast, np.asarray(uplift, float))


def _terrain(parts: pd.DataFrame) -> tuple[Objects, Flags]:
    """Terrain category as used, and where it is the owner's."""
    found, why = text_column(parts, "terrain").copy(), text_column(parts, "terrain_reason")
    refused = np.array([code == REFUSED and not reason for code, reason in zip(found, why, strict=True)], bool)
    if refused.any():
        ids = [str(each) for each in parts["building_id"].to_numpy()[refused][:5]]
        notice("terrain_without_reason", count=int(refused.sum()), ids=ids)
    stated = np.array([code is not None for code in found], bool) & ~refused
    for i in np.flatnonzero(~stated):
        found[i] = OPEN_TERRAIN
    return found, stated
