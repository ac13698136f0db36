"""What PV would bring on each roof part: the table or layer that another job or the owner gives."""

from pathlib import Path
from typing import Any

import pandas as pd

from lk_spatial.core.errors import DataError, InputError
from lk_spatial.io.geometry import shown
from lk_spatial.io.sheet import read_sheet
from lk_spatial.io.values import as_text, converted

HEADINGS = {
    "building_id": ("building_id", "building", "id_budovy", "kód budovy", "budova", "objekt", "id"),
    "part_id": ("part_id", "part", "část", "část budovy"),
    "benefit_czk": ("benefit_czk", "npv_czk", "benefit", "npv", "přínos", "čistá současná hodnota", "čsh"),
    "energy_kwh_a": ("energy_kwh_a", "energy", "výroba", "roční výroba"),
}
LAYERS = ("portfolio", "buildings")


def read_benefits(ref: str | Path, *, input_name: str = "benefits") -> pd.DataFrame:
    """building_id, part_id (None where not told), benefit_czk [CZK] and energy_kwh_a [kWh/a], NaN where not known.

    ``ref``: what `read_sheet` takes; of several layers `portfolio`, else `buildings`. Raises InputError and DataError:
    neither benefit nor energy in it, a building without a name, a part that stands twice.
    """
    sheet = read_sheet(ref, input_name=input_name, headings=HEADINGS, required=("building_id",), layers=LAYERS)
    told: dict[str, Any] = {"input": input_name, "path": sheet.path}
    if not {"benefit_czk", "energy_kwh_a"} & set(sheet.columns):
        raise DataError("benefits_without_value", **told)
    cells = {name: pd.Series([sheet.cell(row, name) for row in sheet.rows], dtype=object) for name in HEADINGS}
    keys = {name: _texts(cells[name]) for name in ("building_id", "part_id")}
    if keys["building_id"].isna().any():
        lost = [row.number for row, key in zip(sheet.rows, keys["building_id"], strict=True) if key is None]
        raise InputError("building_id_empty", count=len(lost), ids=shown(lost), **told)
    table = pd.DataFrame(keys | {name: converted(name, cells[name]) for name in ("benefit_czk", "energy_kwh_a")})
    twins = table[table.duplicated(["building_id", "part_id"])].drop_duplicates(["building_id", "part_id"])
    if len(twins):
        names = [f"{each.building_id}/{each.part_id or '1'}" for each in twins.itertuples()]
        raise InputError("building_twice", count=len(names), keys=shown(names), **told)
    return table


def _texts(column: pd.Series) -> pd.Series:
    return pd.Series([None if raw is None else as_text(raw) or None for raw in column], dtype=object)
