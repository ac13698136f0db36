"""The table that a screening gives: the columns of CONTRACT.md and what explains them."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from lk_spatial.core.fields import FIELDS
from lk_spatial.core.text import LANGUAGES, Text
from lk_spatial.statics.decision import CANDIDATE, NO, YES
from lk_spatial.statics.interval import Floats, Triple
from lk_spatial.statics.reasons import LAST, fill
from lk_spatial.statics.screening import Screening

KEPT = (
    "building_id",
    "part_id",
    "name",
    "use",
    "year_built",
    "roof_structure",
    "covering",
    "documents",
    "condition",
    "heritage",
    "report_reserve_kn_m2",
    "report_year",
)
VERDICTS = {
    YES: Text("yes", "ano"),
    CANDIDATE: Text("candidate for a survey", "kandidát k posouzení"),
    NO: Text("no", "ne"),
    None: Text("not known", "není známo"),
}
MOST_REASONS = 6


def screening_layer(found: Screening) -> gpd.GeoDataFrame:
    """One row per roof part, in the order of the parts."""
    table: dict[str, Any] = {name: found.parts[name] for name in KEPT if name in found.parts}
    table["static_class"] = found.classes
    for name, each in (("u0", found.reserve.u0), ("u1", found.reserve.u1), ("u_pv", found.reserve.added)):
        table |= _ends(each, f"{name}_lo", name, f"{name}_hi")
    table |= _ends(found.reserve.q_max, "q_max_lo_kn_m2", "q_max_kn_m2", "q_max_hi_kn_m2")
    table |= {"p_exceed_0": found.chance.p0, "p_exceed_1": found.chance.p1, "u1_log_sd": found.chance.log_sd}
    table["gate"] = found.gates.first()
    table |= _both("reasons", reason_texts(found))
    table["missing"] = [";".join(each) or None for each in found.missing]
    table |= _both("missing", missing_texts(found))
    table["system"] = found.system
    table["system_verdict"] = [
        row.get(name) if name else None for row, name in zip(found.verdicts, found.system, strict=True)
    ]
    table |= _both("systems", system_texts(found))
    table |= _loads(found)
    layer = gpd.GeoDataFrame(pd.DataFrame(table, index=found.parts.index), geometry=found.parts.geometry)
    return layer.reset_index(drop=True)


def _ends(values: Triple, low: str, mean: str, high: str) -> dict[str, Floats]:
    return {low: values.low, mean: values.mean, high: values.high}


def _loads(found: Screening) -> dict[str, Any]:
    """The loads behind the result, and what wind asks for."""
    roofs, snow, wind = found.inputs.roofs, found.inputs.snow, found.wind
    loads = {
        "g_kn_m2": roofs.g.mean,
        "g_added_kn_m2": roofs.g_added.mean,
        "sk_kn_m2": snow.ground.value.mean,
        "roof_snow_kn_m2": roofs.snow.mean,
        "build_load_kn_m2": found.inputs.build.load.value.mean,
        "drift_mu": snow.drift_mu,
        "drift_length_m": snow.drift_m,
        "parapet_m": found.surroundings["parapet_m"].to_numpy(float),
        "qp_kn_m2": wind.qp,
        "uplift_kn_m2": wind.uplift,
    }
    names = {"aero": "aero", "typical": "typical", "edge_heavy": "edge"}
    ballast = {f"ballast_{names[scenario]}_kg_m2": value for scenario, value in wind.ballast.items()}
    pv = _ends(roofs.pv, "pv_load_lo_kn_m2", "pv_load_kn_m2", "pv_load_hi_kn_m2")
    return loads | ballast | pv


def _both(name: str, told: list[Text | None]) -> dict[str, list[str | None]]:
    """A column in each language."""
    return {f"{name}_{lang}": [None if each is None else each.get(lang) for each in told] for lang in LANGUAGES}


def reason_texts(found: Screening) -> list[Text | None]:
    """The weightiest reasons of each part in one text."""
    return [joined([each.text for each in row if each.weight > LAST][:MOST_REASONS], " ") for row in found.reasons]


def missing_texts(found: Screening) -> list[Text | None]:
    """The missing data of each part in words."""
    return [joined(missing_titles(found, i), "; ") for i in range(len(found.missing))]


def missing_titles(found: Screening, i: int) -> list[Text]:
    """The missing data of part ``i`` in words."""
    return [FIELDS[each].title for each in found.missing[i]]


def system_texts(found: Screening) -> list[Text | None]:
    """Every mounting system with its verdict."""
    told: list[Text | None] = []
    for kind, row in zip(np.where(found.inputs.flat == 1.0, "flat", "pitched"), found.verdicts, strict=True):
        choice = found.mountings[str(kind)]
        titles = dict(zip(choice.systems.ids, choice.titles, strict=True))
        told.append(joined([fill(PAIR, titles[name], VERDICTS[verdict]) for name, verdict in row.items()], "; "))
    return told


PAIR = Text("{0}: {1}", "{0}: {1}")


def joined(told: list[Text], mark: str) -> Text | None:
    """Texts one after another; None without any."""
    return Text(*(mark.join(each.get(lang) for each in told) for lang in ("en", "cs"))) if told else None
