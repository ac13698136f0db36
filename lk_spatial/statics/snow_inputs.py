"""Snow of roof parts: on the ground by value or zone, on the roof by pitch, guards and drifts."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from lk_spatial.core.text import Text
from lk_spatial.statics.checks import number_column, text_column
from lk_spatial.statics.constants import SNOW_SHAPES, SNOW_ZONES
from lk_spatial.statics.evidence import Origin
from lk_spatial.statics.ground import ground_snow
from lk_spatial.statics.interval import Floats, Triple, triple
from lk_spatial.statics.snow import roof_snow_load, shape_coefficient
from lk_spatial.statics.stated import Input, Objects, assumed, chosen, every, origins, sure, where
from lk_spatial.statics.surroundings import drifted

LEVEL_COVERINGS = ("bitumen_gravel", "pvc_membrane", "tpo_epdm_membrane", "green_roof", "terrace")
FLAT_STRUCTURES = ("rc_panel", "hollow_core", "aerated_concrete_panel", "rc_slab", "rc_truss")  # under bitumen sheets
LEVEL = (0.0, 2.0, 10.0)  # [deg] such coverings hold on no steeper roof; up to 30° snow is the same
BY_COVERING = Text("a covering of flat roofs", "krytina plochých střech")
PLANES = Text("roof planes", "střešní roviny")
MAP = Text("zone of the snow map", "oblast mapy sněhových oblastí")


class SnowInputs(NamedTuple):
    """Snow on the ground, pitch [deg], snow on the roof [kN/m2 of plan]; ``zone`` as stated or that of sk.

    ``drift_mu`` [-] and ``drift_m`` [m]: the greatest drift, NaN where none is known; ``zone_stated``: the zone is the
    owner's, not inferred from sk.
    """

    ground: Input
    pitch: Input
    roof: Input
    zone: Objects
    drift_mu: Floats
    drift_m: Floats
    guarded: Triple


def snow_inputs(parts: pd.DataFrame, surroundings: pd.DataFrame) -> SnowInputs:
    """Snow of n roof parts; no number without sk and without a zone that gives one."""
    n = len(parts)
    ground, pitch = _ground(parts), _pitch(parts, surroundings)
    guards = _flags(parts, "snow_guards")
    low, mean, high = (shape_coefficient(each) for each in (pitch.value.high, pitch.value.mean, pitch.value.low))
    held = np.nan_to_num(guards) == 1.0
    slides = pitch.value.high > assumed("guard_pitch_deg")
    unknown = slides & np.isnan(guards)
    full = float(shape_coefficient(0.0))
    low, mean = (np.where(held, np.maximum(each, full), each) for each in (low, mean))
    high = np.where(held | unknown, np.maximum(high, full), high)
    mu = triple(low, mean, high)
    foot, length, spread = drifted(ground.value.mean, surroundings, mu.mean)
    worst, _, _ = drifted(ground.value.high, surroundings, mu.high)
    sk = ground.value
    value = triple(mu.low * sk.low, np.fmax(mu.mean, spread) * sk.mean, np.fmax(mu.high, worst) * sk.high)
    datum = where(np.isnan(sk.mean), ground.datum, where(unknown, every(n, "snow_guards"), every(n, "pitch_deg")))
    origin = every(n, Origin(Text("shape by pitch and drift", "tvar podle sklonu a návěje"), "unverified", SNOW_SHAPES))
    roof = Input(value, unknown | pitch.absent, where(np.isnan(value.mean), every(n, None), origin), datum)
    guarded = triple(*(np.asarray(roof_snow_load(each, slope, guards=True)) for each, slope in _pairs(sk, pitch.value)))
    none = ~(foot > mu.mean)
    drift_mu, drift_m = (np.where(none, np.nan, each) for each in (foot, length))
    return SnowInputs(ground, pitch, roof, _zones(parts, ground), drift_mu, drift_m, guarded)


def _pairs(sk: Triple, pitch: Triple) -> list[tuple[Floats, Floats]]:
    return list(zip(sk, (pitch.high, pitch.mean, pitch.low), strict=True))


def ground_values(parts: pd.DataFrame) -> Floats:
    """Sk of each part at its typical value [kN/m2], NaN where it is not known."""
    return _ground(parts).value.mean


def _ground(parts: pd.DataFrame) -> Input:
    """Sk as stated, else of the zone; both known to the share that maps are, exactly where documented."""
    n = len(parts)
    stated, said = number_column(parts, "sk_kn_m2"), origins(parts, "sk_kn_m2")
    zones, told = text_column(parts, "snow_zone"), origins(parts, "snow_zone")
    of_zone = np.asarray(ground_snow(zones).value, float)
    own = ~np.isnan(stated)
    value = np.where(own, stated, of_zone)
    exact = np.where(own, sure(said), sure(told))
    share = np.where(exact, 0.0, assumed("sk_map_share"))
    by_zone = np.full(n, None, object)
    for i in np.flatnonzero(~own & ~np.isnan(of_zone)):
        by_zone[i] = Origin(told[i].source, told[i].confidence, SNOW_ZONES, str(zones[i]))
    origin = where(own, said, by_zone)
    return Input(
        triple(value * (1.0 - share), value, value * (1.0 + share)), np.zeros(n, bool), origin, every(n, "sk_kn_m2")
    )


def _zones(parts: pd.DataFrame, ground: Input) -> Objects:
    """Snow zone of each part: as stated, else that whose value is nearest to sk; None where neither is known."""
    names = ["I", "II", "III", "IV", "V", "VI", "VII"]
    listed = np.asarray(ground_snow(names).value, float)
    found = text_column(parts, "snow_zone").copy()
    for i in range(len(found)):
        sk = ground.value.mean[i]
        if found[i] is None and not np.isnan(sk):
            found[i] = names[int(np.argmin(np.abs(listed - sk)))]
    return found


def _pitch(parts: pd.DataFrame, surroundings: pd.DataFrame) -> Input:
    """Pitch by the roof planes or as stated; that of a flat roof where the covering holds on no other."""
    n = len(parts)
    found = triple(*(surroundings[name].to_numpy(float) for name in ("pitch_lo", "pitch", "pitch_hi")))
    covering = text_column(parts, "covering").astype(str)
    panels = (covering == "bitumen") & np.isin(text_column(parts, "roof_structure").astype(str), FLAT_STRUCTURES)
    level = np.isnan(found.mean) & (np.isin(covering, LEVEL_COVERINGS) | panels)
    flat = triple(*(np.full(n, each) for each in LEVEL))
    origin = np.full(n, None, object)
    said = origins(parts, "pitch_deg")
    for i, source in enumerate(surroundings["pitch_from"]):
        if source == "planes":
            origin[i] = Origin(PLANES, "measured")
        elif source == "given":
            origin[i] = said[i]
        elif level[i]:
            origin[i] = Origin(BY_COVERING, "inferred")
    return Input(chosen(level, flat, found), level, origin, every(n, "pitch_deg"))


def _flags(parts: pd.DataFrame, name: str) -> Floats:
    """A yes-or-no column as 1, 0, NaN."""
    if name not in parts:
        return np.full(len(parts), np.nan)
    return parts[name].astype("boolean").astype("Float64").to_numpy(float, na_value=np.nan)
