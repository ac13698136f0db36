"""The report of the main job: rooftop PV potential as one HTML file."""

import datetime
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from geopandas import GeoDataFrame
from matplotlib.figure import Figure

from lk_spatial.core.fields import FIELDS
from lk_spatial.core.text import Text
from lk_spatial.report import map_furniture, maps, plots, pv_facts, run_facts
from lk_spatial.report.html import Picture, picture, render
from lk_spatial.report.numbers import format_number, format_rounded
from lk_spatial.report.text import (
    CONFIDENCE,
    MONTHS,
    NOT_COVERED,
    QUALITY,
    SNOW_NOT_COVERED,
    SNOW_ROUGH,
    TIME_LABELS,
    WORDS,
)

FAR_KM = 50.0  # weather from farther away is another place's climate (CONTRACT.md)
_BEST = 20


class PvReport(NamedTuple):
    """All that the report shows. Tables have the columns of CONTRACT.md; any value may be unknown."""

    title: Text
    lang: str
    buildings: GeoDataFrame
    roof_planes: GeoDataFrame
    modules: GeoDataFrame
    waterfall: Sequence[tuple[Text, float]]  # start value, signed changes, result
    hillshade: maps.Hillshade | None  # surface model [m] and (xmin, xmax, ymin, ymax)
    convergence_deg: float
    weather: Mapping[str, Any]  # source, latitude, longitude, ghi_kwh_m2, distance_km, label
    notices: Sequence[str]
    tables: Sequence[Mapping[str, Any]]  # id and card
    parameters: Sequence[Mapping[str, Any]]  # name, label, value, unit, is_default
    inputs: Sequence[Mapping[str, Any]]  # name, file, sha256
    version: str
    record: str | None
    values: Sequence[Mapping[str, str]] = ()  # label, value, source, confidence of what decides
    site: str = ""
    waterfall_unit: str = "kWh/kWp"
    use_names: Mapping[str, str] = {}  # code of use -> word in the language
    created: datetime.date | None = None  # today


def render_pv_report(report: PvReport) -> str:
    """One self-contained HTML page in ``report.lang`` ("cs" or "en"): no script, no address, pictures inside."""
    lang, buildings = report.lang, report.buildings
    totals = pv_facts.totals(buildings, report.roof_planes)
    months = pv_facts.months_mwh(buildings)
    notices = [*(run_facts.without_folders(text, report.inputs) for text in report.notices), *_open_waterfall(report)]
    return render(
        "pv.html.j2",
        lang,
        report=report,
        created=report.created or datetime.date.today(),
        site=_site(report),
        totals=totals,
        notices=notices,
        map=_map(report),
        map_caption=_map_caption(report),
        best=pv_facts.best(buildings, lang, report.use_names, _BEST),
        ranked=_ranked(report),
        waterfall=_waterfall(report),
        monthly=_monthly(months, lang),
        months=list(zip(MONTHS[lang], months, strict=True)),
        winter=pv_facts.winter_share(months),
        quality=pv_facts.quality_counts(buildings),
        reasons=pv_facts.quality_reasons(buildings, lang),
        quality_words={key: text.get(lang) for key, text in QUALITY.items()},
        gaps=pv_facts.gaps(buildings, report.roof_planes, lang),
        not_covered=_not_covered(totals, lang),
        weather=_weather(report),
        far_km=FAR_KM,
        tables=[run_facts.card(table, lang) for table in report.tables],
        dim=pv_facts.dim_planes(report.roof_planes),
        best_total=len(pv_facts.by_energy(buildings)),
        confidence_words={key: text.get(lang) for key, text in CONFIDENCE.items()},
        inputs=run_facts.named_files(report.inputs),
        fields=FIELDS,
    )


def _weather(report: PvReport) -> dict[str, Any]:
    """Facts of the weather with all keys there, the time label in the report's language."""
    known = ("source", "latitude", "longitude", "ghi_kwh_m2", "distance_km", "label")
    facts = dict.fromkeys(known) | dict(report.weather)
    first, space, rest = str(facts["label"] or "").partition(" ")
    label = TIME_LABELS[first].get(report.lang) if first in TIME_LABELS else first
    rest = re.sub(r"(\.\d*?)0+\b", r"\1", rest).replace(". ", " ")  # +0.5000 h is +0.5 h
    synthetic = "synthetic" in str(facts["source"] or "").lower()
    return facts | {
        "label": label + space + (rest.replace(".", ",") if report.lang == "cs" else rest),
        "synthetic": synthetic,
    }


def _not_covered(totals: pv_facts.Totals, lang: str) -> list[str]:
    snow = SNOW_ROUGH if math.isfinite(totals.energy_snow_mwh) else SNOW_NOT_COVERED
    return [text.get(lang) for text in (*NOT_COVERED[:1], snow, *NOT_COVERED[1:])]


def _site(report: PvReport) -> str:
    """Where the buildings lie, in words; rounded to 10 m."""
    if report.site:
        return report.site
    bounds = np.asarray(report.buildings.total_bounds, dtype=float)
    if not np.isfinite(bounds).all():
        return WORDS["unknown"].get(report.lang)
    x, y = np.round((bounds[:2] + bounds[2:]) / 2, -1)
    w, h = (_length(side, report.lang) for side in bounds[2:] - bounds[:2])
    place = {"x": format_number(x, report.lang), "y": format_number(y, report.lang), "w": w, "h": h}
    return WORDS["pv_site_text"].get(report.lang).format(**place)


def _length(metres: float, lang: str) -> str:
    return f"{format_number(metres / 1000, lang, 1)} km" if metres >= 1000 else f"{format_number(metres, lang)} m"


# ---------------------------------------------------------------- pictures


def _map(report: PvReport) -> Picture | None:
    buildings, lang = report.buildings, report.lang
    if not len(buildings):
        return None
    view = maps.map_view(buildings, report.modules)
    frame = report.buildings if view.overview else report.roof_planes
    column = "specific_yield_kwh_kwp" if view.overview else "poa_kwh_m2_a"
    values = pv_facts.number_column(frame, column).to_numpy()
    scale = maps.value_scale(values)
    figure, ax, legend = _map_figure(view)
    if view.overview:
        energy = pv_facts.number_column(buildings, "energy_kwh_a").to_numpy()
        maps.overview_map(ax, buildings, energy, view=view, scale=scale, values=values, hillshade=report.hillshade)
    else:
        maps.roof_map(
            ax,
            buildings,
            report.roof_planes,
            report.modules,
            view=view,
            scale=scale,
            plane_values=values,
            hillshade=report.hillshade,
        )
    points = shapely.get_coordinates(buildings.geometry.centroid.to_numpy())
    arrow = map_furniture.north_arrow(ax, report.convergence_deg, lang, points=points)
    bar = map_furniture.scale_bar(ax, lang, points=points, taken=[arrow])
    first = list(pv_facts.by_energy(buildings).head(_BEST).geometry)
    map_furniture.rank_labels(ax, first, [arrow, bar], clear_pt=4.0 if view.overview else 0.0)
    shown = {"module": view.modules, "building": view.outlines, "no_value": bool(np.isnan(values).any())}
    entries = [name for name, here in shown.items() if here]
    title = WORDS["map_scale_yield" if view.overview else "map_scale"].get(lang)
    map_furniture.map_legend(legend, scale, title=title, entries=entries, lang=lang)
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if len(finite) else (math.nan, math.nan)
    alt = WORDS["map_alt"].get(lang)
    return picture(
        figure,
        alt.format(n=format_number(len(buildings), lang), lo=format_number(low, lang), hi=format_number(high, lang)),
    )


def _map_figure(view: maps.MapView) -> tuple[Figure, Any, Any]:
    """A figure whose axes have exactly the proportions of the view, and a strip for the legend below."""
    strip, edge = 0.62, 0.02
    width = maps.WIDTH_IN
    height = width * (view.box[3] - view.box[2]) / (view.box[1] - view.box[0])
    whole = height + strip + edge
    figure = Figure(figsize=(width + 2 * edge, whole))
    ax = figure.add_axes((edge / (width + 2 * edge), strip / whole, width / (width + 2 * edge), height / whole))
    legend = figure.add_axes(
        (edge / (width + 2 * edge), 0.02 / whole, width / (width + 2 * edge), (strip - 0.12) / whole)
    )
    return figure, ax, legend


def _map_caption(report: PvReport) -> str:
    lang = report.lang
    view = maps.map_view(report.buildings, report.modules)
    angle = f"{format_number(abs(report.convergence_deg), lang, 1)}°"
    parts = [
        WORDS["map_overview" if view.overview else "map_planes"].get(lang),
        WORDS["map_caption"].get(lang).format(c=angle),
    ]
    if not view.modules and not view.overview and len(report.modules):
        parts.append(WORDS["map_no_modules"].get(lang))
    return " ".join(parts)


def _ranked(report: PvReport) -> tuple[Picture, str] | None:
    """Curve of the ranked buildings and its caption; None for fewer than three buildings."""
    energy = pv_facts.number_column(report.buildings, "energy_kwh_a").to_numpy()
    share = plots.cumulated_share(energy)
    if len(share) < 3:
        return None
    figure = Figure(figsize=(5.8, 1.5))
    plots.ranked_buildings(figure.add_axes((0.085, 0.27, 0.895, 0.68)), energy, lang=report.lang)
    counts = {
        "n": format_number(plots.buildings_for(share, 50), report.lang),
        "m": format_number(plots.buildings_for(share, 80), report.lang),
    }
    drawn = picture(figure, WORDS["ranked_alt"].get(report.lang).format(**counts))
    return drawn, WORDS["ranked_caption"].get(report.lang).format(**counts)


def _waterfall(report: PvReport) -> Picture | None:
    steps = list(report.waterfall)
    if not math.isfinite(pv_facts.waterfall_gap(steps)):
        return None
    figure = Figure(figsize=(3.5, max(1.6, 0.24 * len(steps) + 0.3)))
    plots.loss_waterfall(figure.add_axes((0.38, 0.02, 0.615, 0.96)), steps, lang=report.lang)
    words = "; ".join(f"{name.get(report.lang)} {format_rounded(value, report.lang)}" for name, value in steps)
    return picture(figure, WORDS["waterfall_alt"].get(report.lang).format(steps=words))


def _open_waterfall(report: PvReport) -> list[str]:
    gap = pv_facts.waterfall_gap(report.waterfall)
    if not gap > 0.1:
        return []
    return [WORDS["waterfall_open"].get(report.lang).format(d=format_number(gap, report.lang, 1))]


def _monthly(months: Sequence[float], lang: str) -> Picture | None:
    if not np.isfinite(months).any():
        return None
    figure = Figure(figsize=(3.5, 2.5))
    plots.monthly_energy(figure.add_axes((0.125, 0.1, 0.865, 0.87)), months, lang=lang)
    values = ", ".join(
        f"{name} {format_rounded(value, lang)}" for name, value in zip(MONTHS[lang], months, strict=True)
    )
    return picture(figure, WORDS["monthly_alt"].get(lang).format(values=values))
