"""Buildings in: keys and attributes under the contract's names, from any layer or RÚIAN VFR."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from lk_spatial.core.errors import InputError, LkError, Problems
from lk_spatial.core.notices import notice
from lk_spatial.core.text import Text
from lk_spatial.io.crs import Assumed, Bounds
from lk_spatial.io.geometry import shown
from lk_spatial.io.pg_connect import is_database
from lk_spatial.io.ruian import looks_like_vfr, read_vfr
from lk_spatial.io.values import as_text, converted
from lk_spatial.io.vector import check_output, parse_ref, read_vector, usable_features, write_layers

KEY = ("building_id", "part_id")
# fmt: off
ATTRIBUTES = (
    "name", "use", "persons", "year_built", "storeys", "height_agl_m", "eaves_height_m", "roof_structure",
    "covering", "covering_year", "pitch_deg", "span_m", "snow_guards", "sk_kn_m2", "snow_zone", "snow_zone_old",
    "wind_zone", "terrain", "terrain_reason", "consequence_class", "documents", "condition", "heritage",
    "owner", "report_reserve_kn_m2", "pv_installed_kwp", "green_roof_cm", "green_roof_load_kn_m2",
    "electricity_kwh_a", "ean", "voltage", "reserved_kw", "water_m3_a", "water_price_czk_m3",
    "sewer_price_czk_m3", "price_date", "sewer", "refurbishment_year", "grey_stacks", "plant_room", "decision",
    "decision_reason", "design_year", "report_year", "roof_life_a", "ownership", "parapet_m", "altitude_m", "g_kn_m2",
    "g_added_kn_m2", "build_load_kn_m2",
)
# fmt: on
SUFFIXES = ("_source", "_confidence")
OTHER_KEYS = ("kod", "id", "objectid", "fid")
LAYER = "buildings"
TITLE = Text("Buildings", "Budovy")


def read_buildings(
    ref: str | Path,
    *,
    fields: Sequence[str] = (),
    assume_crs: Assumed = None,
    anywhere: bool = False,
    bbox: Bounds | None = None,
    input_name: str = "buildings",
) -> gpd.GeoDataFrame:
    """Footprints in EPSG:5514 with building_id, part_id (text) and those of `ATTRIBUTES` that the source has.

    ``ref``: what `read_vector` takes, or RÚIAN VFR. ``fields``: ``name=Column`` for columns under other names. Coded
    texts become codes (``data/codes``), numbers may have a decimal comma; what is not understood becomes unknown with
    a notice. Any attribute X may bring X_source and X_confidence. Raises InputError: see `read_vector`; a key that
    is empty or stands twice; a wrong ``fields``.
    """
    options: dict[str, Any] = {"input_name": input_name, "assume_crs": assume_crs, "anywhere": anywhere, "bbox": bbox}
    vfr = None
    if not is_database(ref) and looks_like_vfr(parse_ref(ref).path):
        vfr = read_vfr(Path(parse_ref(ref).path), input_name=input_name)
    if vfr is not None:
        frame = usable_features(*vfr, path=str(ref), geometry="polygon", **options)
    else:
        frame = read_vector(ref, geometry="polygon", **options)
    columns = _columns(frame, fields)
    told = {"input": input_name, "path": str(ref)}
    table = {"building_id": _building_ids(frame, columns, told), "part_id": _part_ids(frame, columns)}
    _refuse_twins(table["building_id"], table["part_id"], told)
    for name in _attribute_names():
        if name in columns:
            table[name] = converted(name, frame[columns[name]])
    result = gpd.GeoDataFrame(table, geometry=frame.geometry, crs="EPSG:5514")
    return result.reset_index(drop=True)


def _attribute_names() -> tuple[str, ...]:
    """Attributes, each followed by its source and confidence."""
    return tuple(f"{name}{suffix}" for name in ATTRIBUTES for suffix in ("", *SUFFIXES))


def _columns(frame: gpd.GeoDataFrame, fields: Iterable[str]) -> dict[str, str]:
    """Which column holds which of our names: same name (whatever the case), else as ``fields`` say."""
    geometry = frame.geometry.name
    present = [str(column) for column in frame.columns if column != geometry]
    folded = {column.casefold(): column for column in reversed(present)}
    names = (*KEY, *_attribute_names())
    found = {name: name if name in present else folded[name] for name in names if name in folded}
    problems: list[LkError] = []
    for entry in fields:
        name, sign, column = (part.strip() for part in entry.partition("="))
        if not sign or not name or not column:
            problems.append(InputError("fields_entry", entry=entry))
        elif name not in names:
            problems.append(InputError("fields_name", name=name, names=[*KEY, *ATTRIBUTES]))
        elif column not in present:
            problems.append(InputError("fields_column", name=name, column=column, columns=present))
        else:
            found[name] = column
    if problems:
        raise Problems(problems)
    return found


def _building_ids(frame: gpd.GeoDataFrame, columns: Mapping[str, str], told: dict[str, str]) -> pd.Series:
    """Keys as text: the given column, else a column that can be one, else feature numbers."""
    if "building_id" in columns:
        ids = _texts(frame[columns["building_id"]])
        if ids.isna().any():
            lost = frame.index[ids.isna()]
            raise InputError("building_id_empty", count=len(lost), ids=shown(lost), **told)
        return ids
    for column in frame.columns:
        if str(column).casefold() in OTHER_KEYS:
            ids = _texts(frame[column])
            if ids.notna().all() and ids.is_unique:
                notice("building_id_from_column", column=str(column), **told)
                return ids
    notice("building_id_generated", **told)
    return pd.Series(frame.index.astype(str), index=frame.index, dtype=object)


def _part_ids(frame: gpd.GeoDataFrame, columns: Mapping[str, str]) -> pd.Series:
    if "part_id" not in columns:
        return pd.Series("1", index=frame.index, dtype=object)
    return _texts(frame[columns["part_id"]]).fillna("1")


def _texts(column: pd.Series) -> pd.Series:
    texts = [None if pd.isna(raw) else as_text(raw) or None for raw in column.tolist()]
    return pd.Series(texts, index=column.index, dtype=object)


def _refuse_twins(building: pd.Series, part: pd.Series, told: dict[str, str]) -> None:
    twins = pd.DataFrame({"building": building, "part": part})
    twins = twins[twins.duplicated(keep=False)].drop_duplicates()
    if len(twins):
        keys = [f"{row.building}/{row.part}" for row in twins.itertuples()]
        raise InputError("building_twice", count=len(keys), keys=shown(keys), **told)


def template_buildings(out: str | Path) -> None:
    """Write an empty layer ``buildings`` with all attributes, their aliases and value lists. Raises InputError.

    An existing layer of that name is refused, for it may already be filled in.
    """
    check_output(out)
    if not is_database(out) and Path(out).exists() and LAYER in {str(name) for name, _ in pyogrio.list_layers(out)}:
        raise InputError("template_exists", path=str(out), layer=LAYER)
    empty = pd.Series([], dtype=object)
    table = {name: converted(name, empty) for name in (*KEY, *ATTRIBUTES)}
    layer = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([], crs="EPSG:5514"), crs="EPSG:5514")
    write_layers(out, {LAYER: layer}, titles={LAYER: TITLE})
