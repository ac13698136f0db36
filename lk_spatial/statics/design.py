"""The load that roof parts were designed for: as stated, else by the code of the year and the zone of that time."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from lk_spatial.core.text import Text
from lk_spatial.statics.checks import number_column, text_column
from lk_spatial.statics.constants import ERAS
from lk_spatial.statics.era import FIRST_YEAR, LAST_YEAR, build_load, eras, possible_eras
from lk_spatial.statics.evidence import Origin
from lk_spatial.statics.gates import Flags
from lk_spatial.statics.ground import ground_snow, likely_old_zone
from lk_spatial.statics.interval import Floats, Triple, triple
from lk_spatial.statics.permanent import is_light
from lk_spatial.statics.reserve import Factors, build_side
from lk_spatial.statics.snow_inputs import SnowInputs
from lk_spatial.statics.stated import Input, Objects, assumed, chosen, every, origins, sure, unsure, where

OLD_ZONES = ("I", "II", "III", "IV", "V")


class BuildSide(NamedTuple):
    """Design load of the time [kN/m2], and what it is made of.

    ``side`` and ``factors`` as ``reserve.build_side`` gives them; ``zone_doubt`` as in ``Spread``; ``s0`` of the old
    map [kN/m2] and ``old_zone``; ``years``: first and last year of design, NaN where unknown; ``codes``: the possible.
    """

    load: Input
    side: Triple
    factors: Factors
    zone_doubt: Floats
    s0: Triple
    old_zone: Objects
    old_zone_stated: Flags
    years: tuple[Floats, Floats]
    codes: list[list[Text]]


def first_design_year(parts: pd.DataFrame) -> tuple[Floats, Floats]:
    """First and last year (n,) in which each part may have been designed; NaN where nothing is known.

    The year of design where it is stated; else the year built and some years before, wider where it is inferred.
    """
    designed, built = number_column(parts, "design_year"), number_column(parts, "year_built")
    doubt = np.where(unsure(origins(parts, "year_built")), assumed("year_doubt_a"), 0.0)
    first = np.where(np.isnan(designed), built - assumed("design_before_a") - doubt, designed)
    last = np.where(np.isnan(designed), built + doubt, designed)
    return np.clip(first, FIRST_YEAR + 1.0, None), np.clip(last, None, LAST_YEAR)


def build_inputs(parts: pd.DataFrame, snow: SnowInputs, g: Input, psi0: Floats) -> BuildSide:
    """Design load of the time of n roof parts; no number where the year is unknown or before any code."""
    n = len(parts)
    first, last = first_design_year(parts)
    stated_zone = text_column(parts, "snow_zone_old")
    has_zone = np.array([each is not None for each in stated_zone], bool)
    old_zone = where(has_zone, stated_zone, np.asarray(likely_old_zone(snow.zone), object).reshape(n))
    zone_known = has_zone & ~unsure(origins(parts, "snow_zone_old"))
    s0 = _old_snow(old_zone, zone_known)
    pitch, sk, light = snow.pitch.value.mean, snow.ground.value.mean, is_light(text_column(parts, "roof_structure"))
    years = {"first_year": first, "last_year": last}
    ends = [
        build_load(dead, ground, sk, pitch, light=light, psi0=psi0, **years)
        for dead, ground in zip(g.value, s0, strict=True)
    ]
    whole = np.asarray(ends[1].complete) & ~np.isnan(first)
    load = triple(*(np.where(whole, each, np.nan) for each in (ends[0].low, ends[1].typ, ends[2].high)))
    own, said = number_column(parts, "build_load_kn_m2"), origins(parts, "build_load_kn_m2")
    has_own = ~np.isnan(own)
    load = chosen(has_own, _around(own, sure(said)), load)
    least = min(era.xi * era.gamma_dead for era in eras() if era.zones)
    gamma = np.where(np.isnan(ends[1].gamma_dead), least, ends[1].gamma_dead)
    side, factors = build_side(load, g.value, gamma)
    by_old = _by_old_map(first, last)
    doubtful = by_old & ~zone_known & ~has_own
    absent = (doubtful | unsure(origins(parts, "year_built")) | np.isnan(np.asarray(light, float))) & ~has_own
    origin = where(has_own, said, where(np.isnan(load.mean), every(n, None), every(n, _by_code())))
    datum = _data(first, by_old & (doubtful | np.isnan(s0.mean)), np.isnan(sk), g)
    return BuildSide(
        Input(load, absent, origin, datum),
        side,
        factors,
        np.where(doubtful, assumed("zone_doubt"), np.nan),
        s0,
        old_zone,
        zone_known,
        (first, last),
        _codes(first, last),
    )


def _around(value: Floats, exact: Flags) -> Triple:
    share = np.where(exact, 0.0, assumed("given_share"))
    return triple(value * (1.0 - share), value, value * (1.0 + share))


def _by_code() -> Origin:
    return Origin(Text("by the code of the time", "podle normy z doby návrhu"), "unverified", ERAS)


def _old_snow(zones: Objects, stated: Flags) -> Triple:
    """s0 of the old zone; where it is inferred its neighbours are the ends (zone V gives no number: IV)."""
    mean = np.asarray(ground_snow(zones, edition="1988").value, float).reshape(len(zones))
    below, above = (_neighbours(zones, step) for step in (-1, 1))
    low, high = (np.where(stated, mean, each) for each in (below, above))
    return triple(np.fmin(low, mean), mean, np.fmax(high, mean))


def _neighbours(zones: Objects, step: int) -> Floats:
    names = [None if zone is None else OLD_ZONES[min(max(OLD_ZONES.index(zone) + step, 0), 3)] for zone in zones]
    return np.asarray(ground_snow(np.array(names, object), edition="1988").value, float).reshape(len(zones))


def _by_old_map(first: Floats, last: Floats) -> Flags:
    """Whether a possible code uses the old map."""
    may = possible_eras(first, last)
    return np.any([row for era, row in zip(eras(), may, strict=True) if era.zones == "old"], axis=0)


def _codes(first: Floats, last: Floats) -> list[list[Text]]:
    """Titles of the possible codes of each part; none where the year is unknown."""
    may = possible_eras(first, last)
    told = ~np.isnan(first)
    return [[era.title for era, row in zip(eras(), may, strict=True) if row[i] and told[i]] for i in range(len(first))]


def _data(first: Floats, zone: Flags, snow: Flags, g: Input) -> Objects:
    """Which attribute would tell the design load of each part."""
    coded = min(era.first for era in eras() if era.zones)
    rules = [
        (np.isnan(first), every(len(first), "year_built")),
        (first < coded, every(len(first), "build_load_kn_m2")),
        (np.isnan(g.value.mean), g.datum),
        (zone, every(len(first), "snow_zone_old")),
        (snow, every(len(first), "sk_kn_m2")),
    ]
    found = every(len(first), "build_load_kn_m2")
    for condition, datum in reversed(rules):
        found = where(condition, datum, found)
    return found
