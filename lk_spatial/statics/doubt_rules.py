"""The rules of ``doubts``: each looks at some columns of roof parts and tells which rows do not fit together.

Every rule names its slip: a default instead of a year, per cent instead of degrees, kg/m² instead of kN/m², the old
map's value under the new map's name, a survey that no longer belongs to its roof.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lk_spatial.statics.checks import number_column, text_column
from lk_spatial.statics.constants import ASSEMBLY, COVERING_PITCH, DOUBTS, constant, numbers, rows
from lk_spatial.statics.gates import report_outdated
from lk_spatial.statics.ground import ground_snow, plausible_ground_snow
from lk_spatial.statics.interval import Floats
from lk_spatial.statics.permanent import roof_self_weight

Flags = NDArray[np.bool_]
TRUSTED = ("measured", "documented")
ZONES = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")
PV_LOADS = ("pv_load_lo_kn_m2", "pv_load_kn_m2", "pv_load_hi_kn_m2")


class Found(NamedTuple):
    """Parts (n,) with a doubt: its code, what becomes unknown there, further values of its sentence."""

    code: str
    rows: Flags
    unknown: tuple[str, ...] = ()
    values: dict[str, Any] | None = None


limit = partial(constant, DOUBTS)


def trusted(parts: pd.DataFrame, name: str) -> Flags:
    """Parts where somebody measured the attribute or has a document of it."""
    return np.isin(text_column(parts, f"{name}_confidence").astype(str), TRUSTED)


def _year_defaults(parts: pd.DataFrame, now: int) -> Iterator[Found]:
    for name in ("year_built", "design_year"):
        years = number_column(parts, name)
        placeholder = (years == limit("placeholder_year")) & ~trusted(parts, name)
        yield Found("doubt_year_placeholder", placeholder, (name,), {"attribute": name})
        often = _defaults(years, years % limit("round_year") == 0) & ~placeholder & ~trusted(parts, name)
        yield Found("doubt_default", often, (name,), {"attribute": name})


def _defaults(values: Floats, may: Flags) -> Flags:
    """Where a value that may be a default stands suspiciously often."""
    given = values[~np.isnan(values)]
    found = np.zeros(len(values), bool)
    for value in np.unique(values[may & ~np.isnan(values)]):
        count = int((given == value).sum())
        if count >= limit("repeated") and count > limit("repeated_share") * len(given):
            found |= values == value
    return found


def _year_order(parts: pd.DataFrame, now: int) -> Iterator[Found]:
    built, design = number_column(parts, "year_built"), number_column(parts, "design_year")
    covering, refurbished = number_column(parts, "covering_year"), number_column(parts, "refurbishment_year")
    known = trusted(parts, "year_built")
    yield Found("doubt_year_covering", (covering < built) & ~known, ("year_built",))
    yield Found("doubt_year_refurbished", (refurbished == built) & ~known, ("year_built",))
    explained = np.fmax(covering, refurbished) >= design
    after = (design > built) & ~explained & ~trusted(parts, "design_year")
    yield Found("doubt_design_after", after, ("design_year", "year_built"))
    for name in ("year_built", "design_year", "covering_year", "refurbishment_year"):
        yield Found("doubt_year_future", number_column(parts, name) > now, (name,), {"attribute": name, "year": now})


def _pitch(parts: pd.DataFrame, now: int) -> Iterator[Found]:
    pitch, covering = number_column(parts, "pitch_deg"), text_column(parts, "covering")
    bounds = (numbers(COVERING_PITCH, "covering", column) for column in ("least_deg", "most_deg"))
    least, most = (np.array([bound.get(code, np.nan) for code in covering]) for bound in bounds)
    yield Found("doubt_pitch_covering", (pitch < least) | (pitch > most), ("pitch_deg",))
    bare = np.array([code is None for code in covering], bool)
    yield Found("doubt_default", _defaults(pitch, pitch == 0.0) & bare, ("pitch_deg",), {"attribute": "pitch_deg"})
    seen = np.where(
        text_column(parts, "measured_pitch_from") == "planes", number_column(parts, "measured_pitch"), np.nan
    )
    percent = abs(np.degrees(np.arctan(pitch / 100.0)) - seen) < limit("pitch_differs") / 2.0
    differs = abs(pitch - seen) > limit("pitch_differs")
    yield Found("doubt_pitch_percent", differs & percent & (pitch > 0.0), ("pitch_deg",))
    yield Found("doubt_pitch_measured", differs & ~(percent & (pitch > 0.0)), ("pitch_deg",))


def _ground_snow(parts: pd.DataFrame, now: int) -> Iterator[Found]:
    sk, zone = number_column(parts, "sk_kn_m2"), text_column(parts, "snow_zone")
    said, old = ground_snow(zone), ground_snow([code if code in ZONES[:5] else None for code in zone], edition="1988")
    below = ground_snow([ZONES[ZONES.index(code) - 1] if code in ZONES[1:] else None for code in zone]).value
    is_old = np.isclose(sk, old.value)
    yield Found("doubt_sk_old", is_old, ("sk_kn_m2",))
    yield Found("doubt_sk_zone", ~is_old & (sk <= below), ("sk_kn_m2",))
    yield Found("doubt_sk_above_zone", sk > said.value * 1.001)
    low, high = plausible_ground_snow(number_column(parts, "altitude_m"))
    value = np.where(np.isnan(sk), said.value, sk)
    yield Found("doubt_sk_altitude", (value < low) | (value > high))


def _old_zone(parts: pd.DataFrame, now: int) -> Iterator[Found]:
    new, old = (_rank(text_column(parts, name)) for name in ("snow_zone", "snow_zone_old"))
    yield Found("doubt_zone_old", (old > new) & ~trusted(parts, "snow_zone_old"), ("snow_zone_old",))
    yield Found("doubt_zone_jump", new - old >= 2)


def _rank(zones: NDArray[np.object_]) -> Floats:
    return np.array([ZONES.index(zone) if zone in ZONES else np.nan for zone in zones], float)


def _permanent(parts: pd.DataFrame, now: int) -> Iterator[Found]:
    g, most = number_column(parts, "g_kn_m2"), limit("g_most")
    pitch = number_column(parts, "pitch_deg")
    built_up = roof_self_weight(
        text_column(parts, "roof_structure"), text_column(parts, "covering"), np.where(pitch < 80.0, pitch, 0.0)
    )
    times = limit("g_times")
    light = g * times < built_up.low
    heavy = (g > most) | (g > times * np.where(np.isnan(built_up.high), most, built_up.high))
    yield Found("doubt_g_heavy", heavy, ("g_kn_m2",))
    yield Found("doubt_g_light", light & ~heavy, ("g_kn_m2",))
    yield Found(
        "doubt_build_load", number_column(parts, "build_load_kn_m2") > limit("build_most"), ("build_load_kn_m2",)
    )


def _added(parts: pd.DataFrame, now: int) -> Iterator[Found]:
    most, added = limit("added_most"), number_column(parts, "g_added_kn_m2")
    for name in ("g_added_kn_m2", "green_roof_load_kn_m2"):
        yield Found("doubt_added_kg", number_column(parts, name) > most, (), {"attribute": name})
    removed = (added < -most) | (-added >= number_column(parts, "g_kn_m2"))
    yield Found("doubt_removed", removed, ("g_added_kn_m2",))
    gravel = (text_column(parts, "covering") == "bitumen_gravel") & (added < 0.0) & ~removed
    yield Found("doubt_gravel", gravel, ("g_added_kn_m2",))
    changed = np.fmax(number_column(parts, "refurbishment_year"), number_column(parts, "covering_year"))
    yield Found("doubt_added_unrecorded", np.isnan(added) & (changed > number_column(parts, "year_built")))


def _pv(parts: pd.DataFrame, now: int) -> Iterator[Found]:
    load = number_column(parts, "pv_load_kn_m2")
    yield Found("doubt_pv_heavy", load > limit("pv_most"))
    yield Found("doubt_pv_light", (load > 0.0) & (load < limit("pv_least")), PV_LOADS)


def _report(parts: pd.DataFrame, now: int) -> Iterator[Found]:
    reserve, year = number_column(parts, "report_reserve_kn_m2"), number_column(parts, "report_year")
    papers = text_column(parts, "documents") == "D3"
    yield Found("doubt_reserve_kg", reserve > limit("reserve_most"), ("report_reserve_kn_m2", "documents"))
    yield Found("doubt_reserve_negative", reserve < -limit("reserve_most"))
    future = year > now
    yield Found("doubt_report_future", future & ~(reserve < 0.0), ("report_year", "report_reserve_kn_m2", "documents"))
    yield Found("doubt_report_future", future & (reserve < 0.0), ("report_year",))
    outdated = report_outdated(parts)
    yield Found("doubt_report_outdated", outdated & ~future & (papers | ~np.isnan(reserve)), ("documents",))
    changed = np.fmax(number_column(parts, "covering_year"), number_column(parts, "refurbishment_year"))
    yield Found("doubt_report_undated", ~np.isnan(reserve) & np.isnan(year) & ~np.isnan(changed))
    yield Found("doubt_report_without_reserve", papers & np.isnan(reserve) & ~outdated & ~future)


def _use(parts: pd.DataFrame, now: int) -> Iterator[Found]:
    crowd = {row["use"] for row in rows(ASSEMBLY) if row["assembly"] == "yes"}
    crowded = np.array([use in crowd for use in text_column(parts, "use")], bool)
    low = text_column(parts, "consequence_class") == "CC1"
    yield Found("doubt_consequence", crowded & low, ("consequence_class",))


def _site(parts: pd.DataFrame, now: int) -> Iterator[Found]:
    off = abs(number_column(parts, "altitude_m") - number_column(parts, "measured_ground_m")) > limit(
        "altitude_differs"
    )
    yield Found("doubt_altitude", off, ("altitude_m",))
    yield Found("doubt_wings", number_column(parts, "measured_levels") > 1.0)


RULES: tuple[Callable[[pd.DataFrame, int], Iterator[Found]], ...] = (
    _year_defaults,
    _year_order,
    _pitch,
    _ground_snow,
    _old_zone,
    _permanent,
    _added,
    _pv,
    _report,
    _use,
    _site,
)
