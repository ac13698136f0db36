"""What the reserve of roof parts depends on, from their attributes and surroundings, each input with its origin.

A value that is stated counts; what is not stated comes from a table where one gives a range, and is marked absent where
that range stands for a datum that somebody could know; else there is no value, and the screening asks for the datum.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lk_spatial.core.text import Text
from lk_spatial.statics.checks import number_column, text_column
from lk_spatial.statics.combination import consequence_factor, snow_psi0
from lk_spatial.statics.constants import BUILD_UPS, COMBINATION, CONSEQUENCE
from lk_spatial.statics.design import BuildSide, build_inputs, first_design_year
from lk_spatial.statics.evidence import Origin
from lk_spatial.statics.interval import Floats, Triple, known, triple
from lk_spatial.statics.options import ScreeningOptions
from lk_spatial.statics.permanent import roof_self_weight
from lk_spatial.statics.reliability import Spread
from lk_spatial.statics.reserve import INPUTS, Roofs, eurocode, roof_parts
from lk_spatial.statics.snow_inputs import SnowInputs, snow_inputs
from lk_spatial.statics.stated import Input, assumed, assumption, chosen, every, origins, sure, where
from lk_spatial.statics.systems import mountings

STEEL = ("steel_truss", "light_steel")
STEEL_CHANGE = 2010  # year from which steel roofs were designed by today's strength
BELOW_1000 = Text("assumed: below 1,000 m", "předpoklad: do 1000 m n. m.")
POTENTIAL = Text("PV potential of this building", "potenciál FVE této budovy")
LOADS = ("pv_load_lo_kn_m2", "pv_load_kn_m2", "pv_load_hi_kn_m2")


class Assembled(NamedTuple):
    """Inputs of n roof parts ready for ``reserve`` and ``exceedance``, and where each comes from.

    ``absent`` (n, inputs) as ``exceedance`` takes it; ``inputs`` by the names of ``reserve.INPUTS``; ``snow`` and
    ``build`` hold what the loads of today and of the time of building were made of; ``flat`` NaN where unknown.
    """

    roofs: Roofs
    absent: NDArray[np.bool_]
    spread: Spread
    inputs: dict[str, Input]
    snow: SnowInputs
    build: BuildSide
    psi0: Input
    flat: Floats


def assemble(parts: pd.DataFrame, surroundings: pd.DataFrame, options: ScreeningOptions) -> Assembled:
    """Inputs of roof parts by their attributes (columns of CONTRACT.md, all optional), rows as in ``surroundings``.

    ``parts`` may bring pv_load_lo_kn_m2 … of the planned array [kN/m2 of module area].
    """
    n = len(parts)
    psi0 = _psi0(parts, surroundings)
    snow = snow_inputs(parts, surroundings)
    g = _permanent(parts, snow.pitch)
    build = build_inputs(parts, snow, g, psi0.value.mean)
    flat = surroundings["flat"].map({True: 1.0, False: 0.0}).to_numpy(float)
    flat = np.where(np.isnan(flat), np.where(snow.pitch.value.mean <= 5.0, 1.0, flat), flat)
    one = Input(known(np.ones(n)), np.zeros(n, bool), every(n, None), every(n, None))
    inputs = {
        "g": g,
        "g_added": _added(parts),
        "snow": snow.roof,
        "snow_build": build.load,
        "kappa": one,
        "u0": _single(n, "u0_design"),
        "rho_r": _strength(parts, options),
        "condition": _condition(parts),
        "k_fi": _consequence(parts),
        "pv": _array(parts, flat, snow.pitch, options),
    }
    roofs = roof_parts(
        **{name: each.value for name, each in inputs.items()} | {"snow_build": build.side},
        today=eurocode(psi0.value.mean),
        build=build.factors,
    )
    absent = np.column_stack([inputs[name].absent for name in INPUTS])
    spread = Spread(build.zone_doubt, assumed("conversion_v"), assumed("bias"), assumed("bias_v"))
    return Assembled(roofs, absent, spread, inputs, snow, build, psi0, flat)


def _single(n: int, row: str) -> Input:
    """The same row of the assumptions for all parts."""
    ends, origin = assumption(row)
    value = triple(*(np.full(n, each) for each in ends))
    return Input(value, np.zeros(n, bool), every(n, origin), every(n, None))


def _psi0(parts: pd.DataFrame, surroundings: pd.DataFrame) -> Input:
    """ψ0 of snow by the altitude; unknown altitudes are taken below 1,000 m, as all but a summit of the region."""
    stated, measured = number_column(parts, "altitude_m"), surroundings["ground_m"].to_numpy(float)
    altitude = np.where(np.isnan(stated), measured, stated)
    unknown = np.isnan(altitude)
    value = np.where(unknown, float(snow_psi0(0.0)), snow_psi0(altitude))
    by_table = Origin(Text("by altitude", "podle nadmořské výšky"), "unverified", COMBINATION, "psi0_snow_low")
    guess = by_table._replace(source=BELOW_1000, confidence="assumed")
    n = len(parts)
    return Input(known(value), unknown, where(unknown, every(n, guess), every(n, by_table)), every(n, "altitude_m"))


def _permanent(parts: pd.DataFrame, pitch: Input) -> Input:
    """Permanent load when built [kN/m2 of plan]: as stated, else by structure and covering."""
    n = len(parts)
    stated, said = number_column(parts, "g_kn_m2"), origins(parts, "g_kn_m2")
    structure, covering = text_column(parts, "roof_structure"), text_column(parts, "covering")
    slopes = pitch.value
    low, mean, high = (roof_self_weight(structure, covering, each) for each in slopes)
    by_table = triple(low.low, mean.mean, high.high)
    share = np.where(sure(said), 0.0, assumed("given_share"))
    own = ~np.isnan(stated)
    source = Origin(Text("by structure and covering", "podle konstrukce a krytiny"), "unverified", BUILD_UPS)
    listed = ~np.isnan(by_table.mean)
    datum = np.array(
        [_lacking_weight(s, c, p) for s, c, p in zip(structure, covering, slopes.mean, strict=True)], object
    )
    return Input(
        chosen(own, _around_each(stated, share), by_table),
        ~own & listed & np.array([each is None for each in covering], bool),
        where(own, said, where(listed, every(n, source), every(n, None))),
        datum,
    )


def _lacking_weight(structure: str | None, covering: str | None, pitch: float) -> str:
    """Which attribute would tell the permanent load."""
    if structure is None:
        return "roof_structure"
    if covering is None:
        return "covering"
    return "pitch_deg" if np.isnan(pitch) else "g_kn_m2"


def _around_each(value: Floats, share: Floats) -> Triple:
    return triple(value * (1.0 - share), value, value * (1.0 + share))


def _added(parts: pd.DataFrame) -> Input:
    """Load that was added since: as stated, else the range of what is usually not recorded; a green roof besides."""
    n = len(parts)
    stated, said = number_column(parts, "g_added_kn_m2"), origins(parts, "g_added_kn_m2")
    unrecorded = _single(n, "g_added_unknown")
    own = ~np.isnan(stated)
    value = chosen(own, known(stated), unrecorded.value)
    planted = np.nan_to_num(number_column(parts, "green_roof_load_kn_m2"))
    planted = np.where(text_column(parts, "covering") == "green_roof", 0.0, planted)
    more = triple(*(each + planted for each in value))
    return Input(more, ~own, where(own, said, unrecorded.origin), every(n, "g_added_kn_m2"))


def _strength(parts: pd.DataFrame, options: ScreeningOptions) -> Input:
    """Design strength today over the former one: credited for old steel alone."""
    n = len(parts)
    steel = np.isin(text_column(parts, "roof_structure").astype(str), STEEL)
    old = steel & (first_design_year(parts)[1] < STEEL_CHANGE) & options.credit_steel
    yes, no = _single(n, "rho_r_steel_old"), _single(n, "rho_r_other")
    return Input(chosen(old, yes.value, no.value), np.zeros(n, bool), where(old, yes.origin, no.origin), every(n, None))


def _condition(parts: pd.DataFrame) -> Input:
    """Strength left by the recorded condition; distress counts as poor (a gate stops it anyway)."""
    n = len(parts)
    codes, said = text_column(parts, "condition"), origins(parts, "condition")
    found = _single(n, "condition_unknown")
    value, origin = found.value, found.origin
    for code, row in (("good", "good"), ("fair", "fair"), ("poor", "poor"), ("distress", "poor")):
        here, each = codes == code, _single(n, f"condition_{row}")
        value, origin = chosen(here, each.value, value), where(here, each.origin, origin)
    unknown = np.array([each is None for each in said], bool)
    return Input(value, unknown, origin, every(n, "condition"))


def _consequence(parts: pd.DataFrame) -> Input:
    n = len(parts)
    stated = text_column(parts, "consequence_class")
    found = consequence_factor(stated, text_column(parts, "use"))
    unknown = np.array([each is None for each in stated], bool)
    origin = Origin(Text("by consequence class and use", "podle třídy následků a užití"), "unverified", CONSEQUENCE)
    return Input(triple(*found), unknown, every(n, origin), every(n, "consequence_class"))


def _array(parts: pd.DataFrame, flat: Floats, pitch: Input, options: ScreeningOptions) -> Input:
    """Load of the planned array on plan [kN/m2]: of the PV potential where it is given, else of the chosen system."""
    n = len(parts)
    kinds = [
        mountings(roof, planned, options.glued_mass_kg_m2)
        for roof, planned in (("flat", options.system_flat), ("pitched", options.system_pitched))
    ]
    level = flat == 1.0
    table = chosen(level, *(triple(*(np.full(n, end[0]) for end in each.systems.load)) for each in kinds))
    by_table = where(level, every(n, kinds[0].origins[0]), every(n, kinds[1].origins[0]))
    given = triple(*(number_column(parts, name) for name in LOADS))
    own = ~np.isnan(given.mean)
    load = chosen(own, given, table)
    slope = pitch.value
    rise = [np.where(level, 1.0, 1.0 / np.cos(np.radians(np.minimum(each, 85.0)))) for each in slope]
    value = triple(*(each * up for each, up in zip(load, rise, strict=True)))
    origin = where(own, every(n, Origin(POTENTIAL, "assumption")), by_table)
    return Input(value, np.zeros(n, bool), where(np.isnan(value.mean), every(n, None), origin), every(n, "pitch_deg"))
