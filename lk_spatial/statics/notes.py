"""What else a reader of a screening should know of a roof part: hints that change no class."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from lk_spatial.core.text import Text
from lk_spatial.statics.checks import number_column
from lk_spatial.statics.constants import COMBINATION, constant
from lk_spatial.statics.gates import report_valid
from lk_spatial.statics.ground import mass_of_load
from lk_spatial.statics.permanent import imposed_governs
from lk_spatial.statics.reasons import fill
from lk_spatial.statics.reserve import reserve
from lk_spatial.statics.screening import Screening
from lk_spatial.statics.snow import raised_rows_snow, shape_coefficient
from lk_spatial.statics.stated import assumed

SURVEY_FITS = Text(
    "The static survey allows {allowed} kN/m², the planned array weighs up to {load} kN/m²: {verdict}.",
    "Statický posudek připouští {allowed} kN/m², navržená FVE váží až {load} kN/m²: {verdict}.",
)
FITS, TOO_HEAVY = Text("it fits", "vyhovuje"), Text("it is too heavy", "je příliš těžká")
DRIFT = Text(
    "Snow drifts up to μ = {mu} over {length} m beside a taller neighbour or a parapet: keep modules out of this strip"
    " or have it checked.",
    "U vyšší sousední stavby nebo atiky vzniká návěj až μ = {mu} v délce {length} m: panely mimo tento pruh, nebo jej"
    " nechat posoudit.",
)
GUARDS = Text(
    "Where snow guards are added with the modules, the utilisation with PV becomes {low} to {high}.",
    "Přidají-li se s panely sněhové zachytávače, bude využití s FVE {low} až {high}.",
)
ROWS = Text(
    "Informative, German annex DIN EN 1991-1-3/NA:2019-04: rows {height} m high raise the snow between them to"
    " μ = {mu} (from {flat}).",
    "Informativně, německá příloha DIN EN 1991-1-3/NA:2019-04: řady vysoké {height} m zvyšují sníh mezi nimi na"
    " μ = {mu} (z {flat}).",
)
IMPOSED = Text(
    "The imposed load of category H ({load} kN/m²) exceeds the snow here; it is not combined with snow.",
    "Užitné zatížení kategorie H ({load} kN/m²) zde přesahuje sníh; se sněhem se nekombinuje.",
)
UPLIFT = Text(
    "Wind may lift this light roof: net suction {load} kN/m² (internal pressure not included): check its anchorage.",
    "Vítr může tuto lehkou střechu nadzvednout: výsledné sání {load} kN/m² (bez vnitřního tlaku): prověřte kotvení.",
)
BALLAST = Text(
    "Wind asks for ballast of {aero} to {edge} kg/m² of modules beside their own mass, typically {typical}; rows at the"
    " edge need most. A design takes the maker's calculation.",
    "Vítr vyžaduje přitížení {aero} až {edge} kg/m² panelů mimo jejich hmotnost, obvykle {typical}; nejvíc okrajové"
    " řady. Projekt vychází z výpočtu výrobce.",
)
HEAVIER = Text(
    "Edge rows would so weigh more than was reckoned with ({load} kg/m² in all).",
    "Okrajové řady by tak vážily víc, než se počítalo (celkem {load} kg/m²).",
)
INSTALLED = Text(
    "PV of {power} kWp already stands on the building; its load is not in these numbers.",
    "Na budově již stojí FVE o výkonu {power} kWp; její zatížení v těchto číslech není.",
)
PARAPET = Text(
    "The parapet was measured in a surface model, which smears thin walls: it may be higher.",
    "Výška atiky je odečtena z povrchového modelu, který tenké zdi rozmazává: může být vyšší.",
)


def notes(found: Screening) -> list[list[Text]]:
    """Hints for each roof part, (n) lists."""
    told = [list(each) for each in found.doubts] or [[] for _ in found.classes]
    for rule in (_survey, _drift, _guards, _rows, _imposed, _uplift, _ballast, _installed):
        for i, text in rule(found):
            told[i].append(text)
    return told


Hints = Iterator[tuple[np.integer[Any], Text]]


def _survey(found: Screening) -> Hints:
    """Whether a finished survey allows the planned array."""
    allowed, load = number_column(found.parts, "report_reserve_kn_m2"), found.inputs.roofs.pv.high
    for i in np.flatnonzero(report_valid(found.parts) & ~np.isnan(load)):
        verdict = FITS if load[i] <= allowed[i] else TOO_HEAVY
        yield i, fill(SURVEY_FITS, allowed=f"{allowed[i]:.2f}", load=f"{load[i]:.2f}", verdict=verdict)


def _drift(found: Screening) -> Hints:
    snow = found.inputs.snow
    for i in np.flatnonzero(~np.isnan(snow.drift_mu)):
        yield i, fill(DRIFT, mu=f"{snow.drift_mu[i]:.2f}", length=f"{snow.drift_m[i]:.1f}")
    for i in np.flatnonzero((found.surroundings["parapet_from"] == "dsm").to_numpy()):
        yield i, PARAPET


def _guards(found: Screening) -> Hints:
    """U1 with guards, where the roof is steep enough for snow to slide off now."""
    inputs = found.inputs
    u1 = reserve(inputs.roofs._replace(snow=inputs.snow.guarded)).u1
    for i in np.flatnonzero((inputs.snow.guarded.mean > inputs.roofs.snow.mean) & ~np.isnan(u1.mean)):
        yield i, fill(GUARDS, low=f"{u1.low[i]:.2f}", high=f"{u1.high[i]:.2f}")


def _rows(found: Screening) -> Hints:
    """The German rule for raised rows where it asks for more snow."""
    inputs, height = found.inputs, assumed("row_height_m")
    flat = np.where(inputs.flat == 1.0, 0.0, np.nan)
    mu = np.asarray(raised_rows_snow(inputs.snow.ground.value.mean, flat, height).mu, float)
    even = shape_coefficient(0.0)
    for i in np.flatnonzero(mu > even):
        yield i, fill(ROWS, height=f"{height:.1f}", mu=f"{mu[i]:.2f}", flat=f"{float(even):.2f}")


def _imposed(found: Screening) -> Hints:
    governs = np.asarray(imposed_governs(found.inputs.roofs.snow.mean), float)
    for i in np.flatnonzero(governs == 1.0):
        yield i, fill(IMPOSED, load=f"{constant(COMBINATION, 'roof_imposed'):.2f}")


def _uplift(found: Screening) -> Hints:
    for i in np.flatnonzero(found.wind.uplift > 0.0):
        yield i, fill(UPLIFT, load=f"{found.wind.uplift[i]:.2f}")


def _ballast(found: Screening) -> Hints:
    """Ballast in three scenarios, and whether it exceeds what the system was reckoned with."""
    aero, typical, edge = (found.wind.ballast[name] for name in ("aero", "typical", "edge_heavy"))
    for i in np.flatnonzero(~np.isnan(typical)):
        told = {"aero": f"{aero[i]:.0f}", "typical": f"{typical[i]:.0f}", "edge": f"{edge[i]:.0f}"}
        yield i, fill(BALLAST, **told)
        load = float(mass_of_load(found.inputs.roofs.pv.high[i]))
        if edge[i] + assumed("own_mass_kg_m2") > load:
            yield i, fill(HEAVIER, load=f"{load:.0f}")


def _installed(found: Screening) -> Hints:
    power = number_column(found.parts, "pv_installed_kwp")
    for i in np.flatnonzero(power > 0.0):
        yield i, fill(INSTALLED, power=f"{power[i]:g}")
