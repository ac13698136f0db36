"""The values that decide a PV potential, each with its source and how sure it is, for the report."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from lk_spatial.core.tables import load_table, row_titles
from lk_spatial.report.numbers import format_unit, format_value
from lk_spatial.report.text import WORDS
from lk_spatial.solar.ageing import AGEING
from lk_spatial.solar.chain import LOSSES, MODULES, MOUNTING, STEPS, SYSTEM
from lk_spatial.solar.snow import MOUNTING as SNOW_MOUNTING

UNCERTAINTY = "pv/uncertainty_2026"
OPTIONS = {  # row of the table of defaults → parameter that replaces it
    "gap": "gap_m",
    "setback": "setback_m",
    "flat_tilt": "flat_tilt_deg",
    "shade_angle": "shade_angle_deg",
    "pair_aisle": "pair_aisle_m",
    "fire_strip": "fire_strip_m",
    "max_field": "max_field_m",
    "min_poa": "min_poa_kwh_m2",
    "albedo": "albedo",
    "degradation_first": "degradation_first_pct",
    "degradation": "degradation_pct_a",
    "life": "life_a",
}


def deciding_values(parameters: Mapping[str, Any], lang: str, *, snow: bool = False) -> list[dict[str, str]]:
    """Rows of label, value with unit, source and confidence ("given" where the user chose) in one language."""
    rows = [_module(parameters["module"], lang)]
    rows += [_mounting(parameters[name], parameters, lang) for name in ("system_pitched", "system_flat")]
    rows += [_system(row, parameters, lang) for _, row in load_table(SYSTEM).rows.iterrows()]
    rows += [_system(row, parameters, lang) for _, row in load_table(AGEING).rows.iterrows()]
    if snow:
        rows += [_snow(row, lang) for _, row in load_table(SNOW_MOUNTING).rows.iterrows()]
    titles = row_titles(STEPS, "step")
    for _, row in load_table(LOSSES).rows.iterrows():
        label = WORDS["value_loss"].get(lang).format(cause=titles[row["cause"]].get(lang).lower())
        rows.append(_row(label, f"{format_value(float(row['loss_pct']), lang)} %", _source(row, lang), row))
    for _, row in load_table(UNCERTAINTY).rows.iterrows():
        label = WORDS["value_sd"].get(lang).format(cause=row[lang].lower())
        rows.append(_row(label, f"{format_value(float(row['sd_pct']), lang)} %", "", row))
    return rows


def _module(module: str, lang: str) -> dict[str, str]:
    row = load_table(MODULES).rows.set_index("id").loc[module]
    number = {name: format_value(float(row[name]), lang) for name in row.index if name[-2:] in ("wp", "_m", "kg", "_k")}
    value = "{power_wp} Wp, {short_m} × {long_m} m, {mass_kg} kg, {gamma_pdc_pct_k} %/K".format(**number)
    source = "; ".join(text for text in (_source(row, lang), _said(row, "note", lang)) if text)
    return _row(str(row[lang]), value, source, row)


def _mounting(system: str, parameters: Mapping[str, Any], lang: str) -> dict[str, str]:
    row = load_table(MOUNTING).rows.set_index("id").loc[system]
    given = parameters.get("glued_mass_kg_m2")
    if row["includes"] == "light" and given is not None:
        said = WORDS["value_given"].get(lang)
        return _row(str(row[lang]), f"{format_value(float(given), lang)} kg/m²", said, {"confidence": "given"})
    low, typical, high = (format_value(float(row[name]), lang) for name in ("kg_m2_low", "kg_m2", "kg_m2_high"))
    source = "; ".join(text for text in (_source(row, lang), _said(row, "note", lang)) if text)
    return _row(str(row[lang]), f"{low} – {typical} – {high} kg/m²", source, row)


def _system(row: pd.Series, parameters: Mapping[str, Any], lang: str) -> dict[str, str]:
    default, unit = float(row["value"]), str(row["unit"])
    given = parameters.get(OPTIONS.get(row["name"], ""))
    value = default if given is None else float(given)
    shown = format_value(value, lang) + {"1": "", "deg": "°"}.get(unit, f" {format_unit(unit, lang)}")
    if value != default:
        return _row(str(row[lang]), shown, WORDS["value_given"].get(lang), {"confidence": "given"})
    return _row(str(row[lang]), shown, _source(row, lang), row)


def _snow(row: pd.Series, lang: str) -> dict[str, str]:
    """Where the snow of one kind of roof comes to rest."""
    edge, factor = (format_value(float(row[name]), lang) for name in ("lower_edge_m", "string_factor"))
    return _row(str(row[lang]), f"{edge} m, × {factor}", _source(row, lang), row)


def _row(label: str, value: str, source: str, of: Any) -> dict[str, str]:
    return {"label": label, "value": value, "source": source, "confidence": str(of["confidence"])}


def _source(row: pd.Series, lang: str) -> str:
    return _said(row, "source", lang)


def _said(row: pd.Series, name: str, lang: str) -> str:
    """Text of a column in the language where the table has it so."""
    text = row.get(f"{name}_cs" if lang == "cs" else name, row.get(name))
    return "" if pd.isna(text) else str(text)
