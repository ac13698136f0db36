"""From the screening, benefits and finished surveys to the plan of further surveys."""

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import notice
from lk_spatial.core.progress import Progress, silent
from lk_spatial.core.text import Text
from lk_spatial.io.benefits import read_benefits
from lk_spatial.io.crs import Assumed, parse_assume_crs
from lk_spatial.io.geometry import shown
from lk_spatial.io.reports import Reports, read_reports
from lk_spatial.io.values import as_text, converted
from lk_spatial.io.vector import read_vector, with_layer
from lk_spatial.statics.reasons import fill
from lk_spatial.statics.survey_choice import (
    KEYS,
    LEFT,
    Choice,
    SurveyOptions,
    Worth,
    check_options,
    choose,
    survey_worth,
)
from lk_spatial.statics.survey_evidence import Evidence, by_survey, weigh

KEY = ["building_id", "part_id"]
LAYER = "screening"
REQUIRED = ("building_id", "static_class", "p_exceed_1", "u0", "u1")
NUMBERS = (
    "p_exceed_0", "u1_log_sd", "u0_lo", "u0", "u0_hi", "u1_lo", "u1", "u1_hi", "q_max_lo_kn_m2", "q_max_kn_m2",
    "q_max_hi_kn_m2", "pv_load_kn_m2", "report_reserve_kn_m2", "report_year",
)  # fmt: skip
TEXTS = (
    "name", "use", "roof_structure", "static_class", "gate", "missing", "missing_cs", "missing_en", "system",
    "reasons_cs", "reasons_en",
)  # fmt: skip
OUT = (
    *KEY, "name", "use", "order", "visit", "survey_kind", "voi_czk", "voi_why_cs", "voi_why_en", "p_change",
    "p_exceed", "p_exceed_1", "benefit_czk", "energy_kwh_a", "static_class", "u0_lo", "u0", "u0_hi", "u1_lo", "u1",
    "u1_hi", "q_max_lo_kn_m2", "q_max_kn_m2", "q_max_hi_kn_m2", "pv_load_kn_m2", "roof_structure", "system",
    "missing", "missing_cs", "missing_en", "reasons_cs", "reasons_en", "geometry",
)  # fmt: skip
WITHOUT = Text("not given: {missing}", "není zadáno: {missing}")
COUNT = Text("{count} × {why}", "{count}× {why}")


class SurveyFiles(NamedTuple):
    """Inputs: the layer of the screening, benefits of PV, finished surveys."""

    screening: str
    benefits: str | None = None
    reports: str | None = None


class Left(NamedTuple):
    """Roof parts that are not in the plan for one reason (``why``); ``id`` as in LEFT."""

    id: str
    why: Text
    keys: list[str]


class Datum(NamedTuple):
    """What is to be found out first of roof parts that cannot be assessed."""

    datum: Text
    keys: list[str]


class SurveyPlan(NamedTuple):
    """The plan and all that a report tells of it.

    ``layer``: the roof parts to survey; ``parts``: all of the screening with p_exceed, p_change, voi_czk; ``key``: by
    what the order goes; ``cost_czk``: of surveys and visits, NaN without their price; ``evidence``: of the finished
    surveys; ``reports``: as they were read, None where none were given; ``proposed``: audits, drawn at random.
    """

    layer: gpd.GeoDataFrame
    parts: gpd.GeoDataFrame
    key: Text
    missing_costs: list[Text]
    cost_czk: float
    left: list[Left]
    first_data: list[Datum]
    reports: Reports | None
    evidence: Evidence
    proposed: list[str]
    options: SurveyOptions


def survey_plan(
    files: SurveyFiles,
    options: SurveyOptions,
    *,
    assume_crs: Sequence[str] = (),
    anywhere: bool = False,
    progress: Progress = silent,
) -> SurveyPlan:
    """Which roof parts to survey first. Raises InputError and DataError for limits, costs or inputs of no use.

    The answer depends on the content of the inputs and the seed, not on the order of rows.
    """
    check_options(options)
    parts = read_screening(files.screening, assume_crs=parse_assume_crs(assume_crs), anywhere=anywhere)
    progress(0.3)
    parts = parts.assign(**_benefits(parts, files.benefits, options.benefit_czk))
    reports = read_reports(files.reports) if files.reports else None
    progress(0.6)
    evidence = weigh(parts, reports.usable if reports else [])
    parts = parts.assign(p_exceed=evidence.p_exceed)
    worth = survey_worth(parts, options)
    parts = parts.assign(voi_czk=worth.voi_czk, p_change=worth.p_change)
    surveyed = by_survey(parts) | np.isin(np.arange(len(parts)), evidence.told["row"])
    choice = choose(parts, worth, surveyed, options)
    left = _left(parts, choice)
    _tell_left(left, len(choice.rows))
    progress(1.0)
    return SurveyPlan(
        layer=_layer(parts, choice, worth),
        parts=parts.drop(columns=["x", "y"]),
        key=KEYS[worth.key],
        missing_costs=worth.missing,
        cost_czk=_cost(choice, options),
        left=left,
        first_data=_first_data(parts, choice),
        reports=reports,
        evidence=evidence,
        proposed=_keys(parts, choice.proposed),
        options=options,
    )


def read_screening(ref: str, *, assume_crs: Assumed = None, anywhere: bool = False) -> gpd.GeoDataFrame:
    """The layer of the screening by key: texts (None unknown), numbers (NaN unknown), geometry, its centre x, y [m].

    Of several layers the one called screening. Raises InputError: columns missing, a key twice; see `read_vector`.
    """
    ref = with_layer(ref, LAYER)
    frame = read_vector(ref, input_name="screening", geometry="polygon", assume_crs=assume_crs, anywhere=anywhere)
    told = {"input": "screening", "path": str(ref)}
    missing = [name for name in REQUIRED if name not in frame]
    if missing:
        raise InputError("screening_no_result", missing=missing, **told)
    table = {"building_id": _texts(frame["building_id"])}
    table["part_id"] = _texts(frame["part_id"] if "part_id" in frame else pd.Series("1", frame.index)).fillna("1")
    if table["building_id"].isna().any():
        lost = frame.index[table["building_id"].isna()]
        raise InputError("building_id_empty", count=len(lost), ids=shown(lost), **told)
    for name in TEXTS:
        table[name] = _texts(frame[name]) if name in frame else pd.Series(None, frame.index, dtype=object)
    for name in NUMBERS:
        column = frame[name] if name in frame else pd.Series(np.nan, frame.index)
        table[name] = pd.to_numeric(column, errors="coerce").astype("float64")
    table["p_exceed_1"] = converted("p_exceed_1", frame["p_exceed_1"])
    centre = frame.geometry.centroid
    parts = gpd.GeoDataFrame(table | {"x": centre.x, "y": centre.y}, geometry=frame.geometry, crs=frame.crs)
    twins = parts[parts.duplicated(KEY)]
    if len(twins):
        raise InputError("building_twice", count=len(twins), keys=shown(_keys(twins, range(len(twins)))), **told)
    return parts.sort_values(KEY, ignore_index=True)


def _texts(column: pd.Series) -> pd.Series:
    texts = [None if pd.isna(raw) else as_text(raw) or None for raw in column.tolist()]
    return pd.Series(texts, index=column.index, dtype=object)


def _keys(parts: pd.DataFrame, rows: Sequence[int] | range | np.ndarray) -> list[str]:
    return [f"{parts['building_id'].iloc[i]}/{parts['part_id'].iloc[i]}" for i in rows]


def _benefits(parts: gpd.GeoDataFrame, ref: str | None, each_czk: float | None) -> dict[str, pd.Series]:
    """benefit_czk and energy_kwh_a of each part; what stands for a whole building is shared by plan area.

    ``each_czk`` counts where the table gives no benefit.
    """
    found = {name: pd.Series(np.nan, parts.index) for name in ("benefit_czk", "energy_kwh_a")}
    if ref is not None:
        given = read_benefits(ref)
        exact = given[given["part_id"].notna()].set_index(KEY)
        whole = given[given["part_id"].isna()].set_index("building_id")
        keys = pd.MultiIndex.from_frame(parts[KEY])
        area = parts.area
        share = area / area.groupby(parts["building_id"]).transform("sum")
        for name in found:
            own = pd.Series(exact[name].reindex(keys).to_numpy(float), parts.index)
            shared = parts["building_id"].map(whole[name]).astype(float) * share
            found[name] = own.where(own.notna(), shared)
        _tell_benefits(parts, exact, whole)
    if each_czk is not None:
        found["benefit_czk"] = found["benefit_czk"].fillna(each_czk)
    return found


def _tell_benefits(parts: pd.DataFrame, exact: pd.DataFrame, whole: pd.DataFrame) -> None:
    """Which values were shared among parts, and which belong to none."""
    several = parts["building_id"].value_counts()
    shared = sorted(each for each in whole.index if several.get(each, 0) > 1)
    if shared:
        notice("benefits_shared", count=len(shared), buildings=shown(shared))
    keys = set(zip(parts["building_id"], parts["part_id"], strict=True))
    lost = [f"{building}/{part}" for building, part in exact.index if (building, part) not in keys]
    lost += [str(building) for building in whole.index if building not in several.index]
    if lost:
        notice("benefits_unknown_building", count=len(lost), buildings=shown(sorted(lost)))


def _layer(parts: gpd.GeoDataFrame, choice: Choice, worth: Worth) -> gpd.GeoDataFrame:
    """The parts of the plan in their order, with the columns that people need."""
    found = parts.iloc[choice.rows].reset_index(drop=True)
    why = fill(WITHOUT, missing=_joined(worth.missing)) if worth.missing else None
    valueless = found["voi_czk"].isna()
    told = {
        f"voi_why_{lang}": pd.Series(why.get(lang) if why else None, found.index, dtype=object).where(valueless, None)
        for lang in ("cs", "en")
    }
    found = found.assign(
        order=pd.Series(np.arange(1, len(found) + 1), dtype="Int64"),
        visit=pd.Series(choice.visit, dtype="Int64"),
        survey_kind=pd.Series(np.where(choice.audit, "audit", "decide"), dtype=object),
        **told,
    )
    return found[list(OUT)]


def _joined(texts: Sequence[Text]) -> Text:
    return Text(", ".join(each.en for each in texts), ", ".join(each.cs for each in texts))


def _left(parts: pd.DataFrame, choice: Choice) -> list[Left]:
    """Parts that are not in the plan by why, in the order of LEFT."""
    rows: dict[str, list[int]] = {}
    for i, why in enumerate(choice.left):
        if why is not None:
            rows.setdefault(why, []).append(i)
    return [Left(why, text, _keys(parts, rows[why])) for why, text in LEFT.items() if why in rows]


def _tell_left(left: Sequence[Left], planned: int) -> None:
    told = [fill(COUNT, count=len(each.keys), why=each.why) for each in left]
    if told and planned:
        notice("survey_left_out", left=told)
    elif not planned:
        notice("survey_plan_empty", left=told)


def _first_data(parts: pd.DataFrame, choice: Choice) -> list[Datum]:
    """What is missing first of the parts of class N, the most frequent datum first."""
    rows: dict[Text, list[int]] = {}
    for i, why in enumerate(choice.left):
        if why == "datum":
            told = [
                str(parts[name].iloc[i] or parts["missing"].iloc[i] or "?") for name in ("missing_en", "missing_cs")
            ]
            rows.setdefault(Text(*(_first(each) for each in told)), []).append(i)
    found = [Datum(datum, _keys(parts, each)) for datum, each in rows.items()]
    return sorted(found, key=lambda each: -len(each.keys))


def _first(listed: str) -> str:
    """The first of several items."""
    return listed.split(";" if ";" in listed else ",")[0].strip()


def _cost(choice: Choice, options: SurveyOptions) -> float:
    """Price of all surveys and visits [CZK]; NaN without that of a survey."""
    visits = len(np.unique(choice.visit))
    if options.survey_czk is None:
        return float("nan")
    return len(choice.rows) * options.survey_czk + visits * (options.visit_czk or 0.0)
