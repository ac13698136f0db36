"""Every number behind a roof part's class, with who says so and which row of which table it is."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from lk_spatial.core.text import Text
from lk_spatial.statics.checks import text_column
from lk_spatial.statics.constants import BALLAST, ROOF_CPE, SNOW_RULES, SNOW_ZONES_OLD, TERRAIN, WIND_ZONES
from lk_spatial.statics.evidence import Origin
from lk_spatial.statics.interval import Floats, Triple
from lk_spatial.statics.reasons import fill
from lk_spatial.statics.screening import Screening
from lk_spatial.statics.stated import Input

LOAD, PLAIN, ANGLE = "kN/m²", "", "°"
OWNER = Text("owner's data", "údaje vlastníka")
INFERRED = Text("inferred from the present zone", "odvozeno z dnešní oblasti")
OPEN = Text("not stated: open country taken, the careful side", "neuvedeno: vzata otevřená krajina, opatrnější volba")
NAMES = {
    "sk": Text("Snow on the ground s_k", "Sníh na zemi s_k"),
    "pitch": Text("Pitch", "Sklon"),
    "snow": Text("Snow on the roof today", "Sníh na střeše dnes"),
    "drift": Text("Drift: coefficient at its foot", "Návěj: součinitel v patě"),
    "g": Text("Permanent load when built", "Stálé zatížení při výstavbě"),
    "g_added": Text("Load added since", "Zatížení přidané později"),
    "codes": Text("Design codes that are possible", "Možné návrhové normy"),
    "old_zone": Text("Snow zone at that time", "Tehdejší sněhová oblast"),
    "s0": Text("Snow on the ground at that time s_0", "Tehdejší sníh na zemi s_0"),
    "snow_build": Text("Design load when built", "Návrhové zatížení při výstavbě"),
    "u0": Text("Utilisation when designed", "Využití při návrhu"),
    "rho_r": Text("Design strength today over the former one", "Dnešní ku tehdejší návrhové pevnosti"),
    "condition": Text("Strength left", "Zbylá únosnost"),
    "k_fi": Text("Factor of the consequence class K_FI", "Součinitel třídy následků K_FI"),
    "psi0": Text("Combination factor of snow ψ_0", "Součinitel kombinace sněhu ψ_0"),
    "pv": Text("Load of the PV array on plan", "Zatížení FVE na půdorys"),
    "vb": Text("Basic wind velocity", "Základní rychlost větru"),
    "terrain": Text("Terrain category", "Kategorie terénu"),
    "height": Text("Height above ground", "Výška nad terénem"),
    "qp": Text("Peak velocity pressure", "Maximální dynamický tlak"),
    "ballast": Text("Ballast asked for by wind", "Přitížení vyžadované větrem"),
    "uplift": Text("Net suction on zone H", "Výsledné sání v oblasti H"),
}
UNITS = {"u0": PLAIN, "rho_r": PLAIN, "condition": PLAIN, "k_fi": PLAIN}


class Told(NamedTuple):
    """A number as shown, and where it comes from."""

    label: Text
    value: Text
    origin: Origin


def facts(found: Screening, i: int) -> list[Told]:
    """All numbers of part ``i`` that are known, in the order of the reckoning."""
    return [*_snow(found, i), *_inputs(found, i), *_wind(found, i)]


def _snow(found: Screening, i: int) -> Iterator[Told]:
    snow, build = found.inputs.snow, found.inputs.build
    yield from _ranged("sk", snow.ground, i, LOAD)
    yield from _ranged("pitch", snow.pitch, i, ANGLE)
    if not np.isnan(snow.drift_mu[i]):
        yield Told(NAMES["drift"], number(snow.drift_mu[i]), _row(SNOW_RULES, "drift_mu_high"))
    for title in _joined(build.codes[i]):
        yield Told(NAMES["codes"], title, found.inputs.inputs["snow_build"].origin[i] or _row(SNOW_RULES, ""))
    if build.old_zone[i] is not None:
        zone = str(build.old_zone[i])
        stated = bool(build.old_zone_stated[i])
        said = Origin(OWNER if stated else INFERRED, "given" if stated else "inferred")
        yield Told(NAMES["old_zone"], Text(zone, zone), said)
        if not np.isnan(build.s0.mean[i]):
            yield Told(NAMES["s0"], ranged(build.s0, i, LOAD), _row(SNOW_ZONES_OLD, zone, "confirmed"))


def _joined(titles: list[Text]) -> Iterator[Text]:
    if titles:
        yield Text("; ".join(each.en for each in titles), "; ".join(each.cs for each in titles))


def _inputs(found: Screening, i: int) -> Iterator[Told]:
    """Inputs of the reserve."""
    for name, each in found.inputs.inputs.items():
        if name in NAMES:
            yield from _ranged(name, each, i, UNITS.get(name, LOAD))
    yield from _ranged("psi0", found.inputs.psi0, i, PLAIN)


def _wind(found: Screening, i: int) -> Iterator[Told]:
    wind, zone = found.wind, text_column(found.parts, "wind_zone")[i]
    if np.isnan(wind.qp[i]):
        return
    yield Told(NAMES["vb"], number(wind.vb[i], "m/s"), _row(WIND_ZONES, str(zone)))
    terrain = str(wind.terrain[i])
    said = _row(TERRAIN, terrain, "given") if wind.terrain_stated[i] else Origin(OPEN, "assumed", TERRAIN, terrain)
    yield Told(NAMES["terrain"], Text(terrain, terrain), said)
    yield Told(NAMES["height"], number(wind.height[i], "m"), _height(found, i))
    yield Told(NAMES["qp"], number(wind.qp[i], LOAD), _row(TERRAIN, terrain))
    told = [each[i] for each in wind.ballast.values()]
    if not np.isnan(told[0]):
        shown = " / ".join(f"{each:.0f}" for each in told)
        yield Told(NAMES["ballast"], Text(f"{shown} kg/m²", f"{shown} kg/m²"), _row(BALLAST, "", "assumption"))
    if not np.isnan(wind.uplift[i]):
        yield Told(NAMES["uplift"], number(wind.uplift[i], LOAD), _row(ROOF_CPE, "flat H"))


def _height(found: Screening, i: int) -> Origin:
    measured = {"planes": "roof planes", "dsm": "surface model"}
    source = found.surroundings["roof_height_from"].iloc[i]
    words = {"roof planes": "střešní roviny", "surface model": "model povrchu"}
    if source in measured:
        return Origin(Text(measured[source], words[measured[source]]), "measured")
    return Origin(OWNER, "given")


def _row(table: str, row: str, confidence: str = "unverified") -> Origin:
    return Origin(Text("table", "tabulka"), confidence, table, row)


def _ranged(name: str, each: Input, i: int, unit: str) -> Iterator[Told]:
    origin: Any = each.origin[i]
    if origin is not None and not np.isnan(each.value.mean[i]):
        yield Told(NAMES[name], ranged(each.value, i, unit), origin)


def number(value: float, unit: str = "", digits: int = 2) -> Text:
    """A number with its unit in both languages."""
    return fill(Text("{0}", "{0}"), f"{value:.{digits}f} {unit}".strip())


def ranged(values: Triple, i: int, unit: str) -> Text:
    """Low, typical and high value with the unit; one number where all are the same."""
    ends: list[Floats] = [part[i] for part in values]
    shown = [f"{each:.2f}" for each in ends]
    return fill(Text("{0}", "{0}"), f"{' / '.join(dict.fromkeys(shown))} {unit}".strip())
