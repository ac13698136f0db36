"""One input changed: how class and utilisation with PV move with the array's load, the snow zone, the year."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lk_spatial.core.text import Text
from lk_spatial.statics.ground import mass_of_load
from lk_spatial.statics.inputs import LOADS
from lk_spatial.statics.reasons import fill
from lk_spatial.statics.screening import Screening, judge

ZONES = ("I", "II", "III", "IV", "V", "VI", "VII")
YEARS = (1965, 1982, 1998, 2008, 2015)  # one for each code
LOAD, ZONE = Text("Load of PV", "Zatížení FVE"), Text("Snow zone", "Sněhová oblast")
YEAR = Text("Designed in", "Projekt z roku")
GUARDS = Text("Snow guards", "Sněhové zachytávače")
WITH = Text("with", "s nimi")
DRAWS = 2000  # enough for a class; the same draws for each change


class Change(NamedTuple):
    """One input at another value: what becomes of class and utilisation (low, typical, high) with PV."""

    input: Text
    value: Text
    static_class: str
    u1: tuple[float, float, float]


def changes(found: Screening, wanted: NDArray[np.int_] | None = None) -> list[list[Change]]:
    """For each roof part its class and U1 with one input at another value, all else as it is; of others than the
    ``wanted`` rows nothing.
    """
    told: list[list[Change]] = [[] for _ in found.classes]
    options = found.options._replace(draws=min(found.options.draws, DRAWS))
    asked = np.ones(len(told), bool) if wanted is None else np.isin(np.arange(len(told)), wanted)
    for name, shown, rows, parts in _changed(found):
        at = np.flatnonzero(rows & asked)
        if not len(at):
            continue
        classes, u1 = judge(parts.iloc[at], found.surroundings.iloc[at], options)
        for k, i in enumerate(at):
            if not np.isnan(u1.mean[k]):
                told[i].append(Change(name, shown[i], str(classes[k]), (u1.low[k], u1.mean[k], u1.high[k])))
    return told


Changed = tuple[Text, list[Text], np.ndarray, pd.DataFrame]


def _changed(found: Screening) -> Iterator[Changed]:
    """Each change: its input, the value as shown for each part, which parts it concerns, the parts with it."""
    parts, n = found.parts, len(found.classes)
    yield from _systems(found)
    zones, build = found.inputs.snow.zone, found.inputs.build
    sure = [None if stated else "inferred" for stated in build.old_zone_stated]
    then = {"snow_zone_old": build.old_zone, "snow_zone_old_confidence": sure}  # the code of the time stays
    for step in (-1, 0, 1):
        moved = np.array([_neighbour(zone, step) for zone in zones], object)
        has = np.array([each is not None for each in moved], bool)
        fresh = parts.assign(snow_zone=moved, sk_kn_m2=np.nan, **then)
        yield ZONE, [Text(str(each), str(each)) for each in moved], has, fresh
    for year in YEARS:
        fresh = parts.assign(design_year=year, build_load_kn_m2=np.nan)
        yield YEAR, [Text(str(year), str(year))] * n, np.ones(n, bool), fresh
    free = found.inputs.snow.guarded.mean > found.inputs.roofs.snow.mean
    yield GUARDS, [WITH] * n, free, parts.assign(snow_guards=True)


def _systems(found: Screening) -> Iterator[Changed]:
    """The array with each of the mounting systems of its kind of roof."""
    n = len(found.classes)
    for kind, wanted in (("flat", found.inputs.flat == 1.0), ("pitched", found.inputs.flat == 0.0)):
        choice = found.mountings[kind]
        for k, title in enumerate(choice.titles):
            ends = [end[k] for end in choice.systems.load]
            mass = fill(Text("{0}, {1} kg/m²", "{0}, {1} kg/m²"), title, f"{float(mass_of_load(ends[1])):.0f}")
            yield LOAD, [mass] * n, wanted, found.parts.assign(**dict(zip(LOADS, ends, strict=True)))


def _neighbour(zone: object, step: int) -> str | None:
    if zone not in ZONES:
        return None
    at = ZONES.index(str(zone)) + step
    return ZONES[at] if 0 <= at < len(ZONES) else None
