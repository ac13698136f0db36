"""Geometry made fit for work: what is null, empty, invalid or of another kind is repaired or named, never kept."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import notice
from lk_spatial.core.text import Text

Kind = Literal["polygon", "line", "point", "any"]

KIND_NAMES = {
    "polygon": Text("polygons", "polygony"),
    "line": Text("lines", "linie"),
    "point": Text("points", "body"),
    "any": Text("any geometry", "jakákoli geometrie"),
}
_KIND_OF_TYPE = {0: "point", 1: "line", 2: "line", 3: "polygon", 4: "point", 5: "line", 6: "polygon"}
_COLLECTION = 7
_MULTIPOINT = 4
_DIMENSION = {"point": 0, "line": 1, "polygon": 2}
_MULTI = {"polygon": "MultiPolygon", "line": "MultiLineString", "point": "MultiPoint"}
_SHOWN_IDS = 5


class Shape(NamedTuple):
    """What geometries have in common: shapely's numbers of their types, and whether any has Z."""

    types: frozenset[int]
    high: bool


def clean_geometry(frame: gpd.GeoDataFrame, kind: Kind, *, input_name: str, path: str) -> gpd.GeoDataFrame:
    """Rows of ``frame`` with a valid 2D geometry of ``kind``; the index (feature ids) stays.

    Null and empty geometries are dropped and invalid ones repaired, each with a notice that counts them and names
    the first feature ids. Raises InputError where the layer holds another kind of geometry or nothing usable.
    """
    told = {"input": input_name, "path": path}
    values = shapely.force_2d(np.asarray(frame.geometry.array, dtype=object))
    present = ~(shapely.is_missing(values) | shapely.is_empty(values))
    _tell("geometry_empty", frame.index[~present], told)
    frame, values = frame[present], values[present]
    if kind != "any":
        values = _parts_of_kind(values, kind)
        other = shapely.is_empty(values)
        if other.any():
            _refuse_other_kind(frame, other, kind, told)
    values, repaired, lost = _repaired(values)
    _tell("geometry_repaired", frame.index[repaired], told)
    _tell("geometry_unrepairable", frame.index[lost], told)
    frame = frame.set_geometry(gpd.GeoSeries(values, index=frame.index, crs=frame.crs))[~lost]
    if frame.empty:
        raise InputError("vector_without_geometry", **told)
    return frame


def _parts_of_kind(values: np.ndarray, kind: str) -> np.ndarray:
    """Collections reduced to their parts of ``kind``; other kinds become empty."""
    types = shapely.get_type_id(values)
    result = values.copy()
    for position in np.flatnonzero(types == _COLLECTION):
        result[position] = _of_dimension(values[position], _DIMENSION[kind])
    fits = np.array([_KIND_OF_TYPE.get(int(each)) == kind for each in types], dtype=bool)
    result[~fits & (types != _COLLECTION)] = shapely.Polygon()
    return result


def _refuse_other_kind(frame: gpd.GeoDataFrame, other: np.ndarray, kind: str, told: dict[str, str]) -> None:
    found = sorted(set(frame.geometry[other].geom_type))
    raise InputError("vector_wrong_geometry", expected=KIND_NAMES[kind], found=found, count=int(other.sum()), **told)


def _of_dimension(geometry: Any, dimension: int) -> Any:
    """The parts of a collection that have ``dimension`` (0 points, 1 lines, 2 areas), as one geometry."""
    parts = [part for part in _flat(geometry) if shapely.get_dimensions(part) == dimension]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _flat(geometry: Any) -> list[Any]:
    """Simple geometries of a geometry, nested collections included."""
    parts = list(getattr(geometry, "geoms", []))
    return [simple for part in parts for simple in _flat(part)] if parts else [geometry]


def _repaired(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Valid geometries, a mask of those that were repaired, a mask of those that cannot be."""
    lost = ~np.isfinite(shapely.bounds(values)).all(axis=1)
    invalid = ~lost & ~shapely.is_valid(values)
    result = values.copy()
    if invalid.any():
        result[invalid] = [_made_valid(each) for each in values[invalid]]
        lost |= invalid & shapely.is_empty(result)
    return result, invalid & ~lost, lost


def _made_valid(geometry: Any) -> Any:
    """The valid part of the same dimension; empty where there is none."""
    try:
        made = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    except shapely.errors.GEOSException:
        return shapely.Polygon()
    return _of_dimension(made, shapely.get_dimensions(geometry))


def _tell(code: str, ids: Sequence[Any], told: dict[str, str]) -> None:
    if len(ids):
        notice(code, count=len(ids), ids=shown(ids), **told)


def shown(items: Sequence[Any], limit: int = _SHOWN_IDS) -> str:
    """The first of ``items`` for a sentence.

    >>> shown(range(9), 3)
    '0, 1, 2, …'
    """
    return ", ".join([*(str(item) for item in items[:limit]), *(["…"] if len(items) > limit else [])])


def shape_of(values: np.ndarray) -> Shape:
    """Types and dimension of geometries; null and empty ones do not count."""
    present = values[~(shapely.is_missing(values) | shapely.is_empty(values))]
    return Shape(frozenset(map(int, np.unique(shapely.get_type_id(present)))), bool(shapely.has_z(present).any()))


def type_name(shape: Shape, default: str = "polygon") -> str:
    """The one type in which geometries of ``shape`` can all be written, such as "MultiPolygon Z"; "Geometry" if none.

    ``default``: what a layer without geometries holds ("polygon", "line" or "point").

    >>> type_name(Shape(frozenset({3, 6}), True))
    'MultiPolygon Z'
    """
    kinds = {_KIND_OF_TYPE.get(each, "any") for each in shape.types} or {default}
    kind = kinds.pop() if len(kinds) == 1 else "any"
    name = "Geometry" if kind == "any" else _MULTI[kind]
    if kind == "point" and _MULTIPOINT not in shape.types:
        name = "Point"
    return f"{name} Z" if shape.high else name


def ready_to_write(values: np.ndarray, name: str) -> np.ndarray:
    """Geometries as the type ``name`` (see `type_name`): multi and high where it says so; null and empty are None."""
    values = np.array(values, dtype=object)
    values[shapely.is_empty(values)] = None
    if name.endswith(" Z"):
        present = ~shapely.is_missing(values)
        values[present] = shapely.force_3d(values[present])
    for kind, multi in _MULTI.items():
        if name.startswith(multi):
            _to_multi(values, kind)
    return values


def _to_multi(values: np.ndarray, kind: str) -> None:
    """Wrap single geometries in place."""
    single_type, wrap = {
        "polygon": (3, shapely.multipolygons),
        "line": (1, shapely.multilinestrings),
        "point": (0, shapely.multipoints),
    }[kind]
    singles = np.flatnonzero(shapely.get_type_id(values) == single_type)
    if len(singles):
        values[singles] = wrap(values[singles], indices=np.arange(len(singles)))
