"""Vector layers in and out: any file that OGR reads or a PostGIS table in; GeoPackage or PostGIS out."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from lk_spatial.core.errors import DataError, InputError
from lk_spatial.core.notices import notice
from lk_spatial.core.progress import Progress, silent
from lk_spatial.core.text import Text
from lk_spatial.io.crs import MARGIN, REGION_BOX_5514, Assumed, Bounds, check_crs, reproject_vector
from lk_spatial.io.frames import Rows
from lk_spatial.io.geometry import KIND_NAMES, Kind, clean_geometry, shown
from lk_spatial.io.geopackage import check_geopackage, gdal_reason, write_geopackage
from lk_spatial.io.pg_connect import is_database, mask_url
from lk_spatial.io.shapefile import shapefile_encoding

SYSTEM_LAYERS = ("layer_styles", "qgis_projects")
_KIND_OF_NAME = {"polygon": "polygon", "surface": "polygon", "line": "line", "curve": "line", "point": "point"}
_OPEN_PROBLEMS = (DataSourceError, DataLayerError, OSError, UnicodeDecodeError, shapely.errors.ShapelyError)


class VectorRef(NamedTuple):
    """A file and the layer in it that is wanted (None: the only suitable one)."""

    path: str
    layer: str | None

    def __str__(self) -> str:
        return f"{self.path}|layername={self.layer}" if self.layer else self.path


def read_vector(
    ref: str | Path,
    *,
    input_name: str,
    geometry: Kind,
    assume_crs: Assumed = None,
    anywhere: bool = False,
    bbox: Bounds | None = None,
) -> gpd.GeoDataFrame:
    """Features of a layer in EPSG:5514 with valid 2D geometry; the index holds feature ids.

    ``ref``: ``path``, ``path|layername=L`` or ``postgresql://host/db?table=schema.table``. ``bbox`` (EPSG:5514) reads
    only what meets it and may give an empty frame; null geometries are then not counted. Null, empty and invalid
    geometries: see `clean_geometry`. Raises InputError where the file, layer, geometry or CRS cannot be used.
    """
    if is_database(ref):
        from lk_spatial.io import postgis  # psycopg only where a database is asked for

        raw, stated, bounds = postgis.read_table(str(ref), input_name=input_name, bbox=bbox)
        path = mask_url(str(ref))
    else:
        source = parse_ref(ref)
        raw, stated, bounds = _read_file(source, geometry, input_name, bbox)
        path = str(source)
    return usable_features(
        raw,
        stated,
        bounds,
        path=path,
        input_name=input_name,
        geometry=geometry,
        assume_crs=assume_crs,
        anywhere=anywhere,
        bbox=bbox,
    )


def usable_features(
    raw: gpd.GeoDataFrame,
    stated: str | None,
    bounds: Bounds | None,
    *,
    path: str,
    input_name: str,
    geometry: Kind,
    assume_crs: Assumed,
    anywhere: bool,
    bbox: Bounds | None,
) -> gpd.GeoDataFrame:
    """What a reader found, after the guard of CRS and the repair of geometry, in EPSG:5514 and within ``bbox``."""
    decision = check_crs(
        stated, bounds, input_name=input_name, path=path, kind="vector", assume=assume_crs, anywhere=anywhere
    )
    frame = raw.set_crs(decision.source_crs, allow_override=True)
    if bbox is not None and frame.empty:
        return frame.set_crs("EPSG:5514", allow_override=True)
    frame = clean_geometry(frame, geometry, input_name=input_name, path=path)
    if decision.action == "reproject":
        frame = reproject_vector(frame, decision.source_crs)
    if not anywhere:
        frame = _in_region(frame, input_name=input_name, path=path)
    return frame if bbox is None else frame[frame.intersects(shapely.box(*bbox))]


def _in_region(frame: gpd.GeoDataFrame, *, input_name: str, path: str) -> gpd.GeoDataFrame:
    """Features that meet the region; strays, often at 0, 0, are left out with a notice unless they are all."""
    west, south, east, north = frame.bounds.to_numpy().T
    box = REGION_BOX_5514
    meets = (west <= box[2] + MARGIN) & (east >= box[0] - MARGIN) & (south <= box[3] + MARGIN)
    meets &= north >= box[1] - MARGIN
    if meets.all() or not meets.any():
        return frame
    lost = frame.index[~meets]
    notice("geometry_outside", input=input_name, path=path, count=len(lost), ids=shown(lost))
    return frame[meets]


def parse_ref(ref: str | Path) -> VectorRef:
    """File and layer of ``path`` or ``path|layername=L``; raises InputError for another suffix.

    >>> parse_ref("roofs.gpkg|layername=Budovy města")
    VectorRef(path='roofs.gpkg', layer='Budovy města')
    """
    path, *options = str(ref).split("|")
    layer = None
    for option in options:
        key, _, value = option.partition("=")
        if key.strip().lower() != "layername" or not value:
            raise InputError("vector_reference", reference=str(ref), option=option)
        layer = value
    return VectorRef(path, layer)


def with_layer(ref: str, layer: str) -> str:
    """The reference with ``layer`` where it names none and the file has one of that name."""
    if is_database(ref) or parse_ref(ref).layer is not None or not Path(ref).exists():
        return ref
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(ref)]
    except _OPEN_PROBLEMS:
        return ref  # the reader tells what is wrong
    return f"{ref}|layername={layer}" if layer in names else ref


def _read_file(
    source: VectorRef, geometry: Kind, input_name: str, bbox: Bounds | None
) -> tuple[gpd.GeoDataFrame, str | None, Bounds | None]:
    """Features as they stand in the file, what it states as CRS, and its extent."""
    told = {"input": input_name, "path": str(source)}
    if not source.path.startswith("/vsi") and not Path(source.path).exists():
        raise InputError("vector_missing", **told)
    try:
        layer = _layer(source, geometry, input_name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            about = pyogrio.read_info(source.path, layer=layer, force_total_bounds=True)
        if about["features"] == 0:
            raise InputError("vector_empty", **told)
        frame = _features(source.path, layer, bbox if about["crs"] == "EPSG:5514" else None)
    except _OPEN_PROBLEMS as error:
        if "database is locked" in str(error):
            raise InputError("vector_locked", **told) from error
        raise DataError("vector_unreadable", reason=gdal_reason(error), **told) from error
    return frame, about["crs"], about["total_bounds"]


def _features(path: str, layer: str, bbox: Bounds | None) -> gpd.GeoDataFrame:
    """All features; unclosed rings are closed, curves become lines, measures are left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = pyogrio.read_dataframe(
            path,
            layer=layer,
            bbox=bbox,
            fid_as_index=True,
            on_invalid="fix",
            encoding=shapefile_encoding(Path(path), layer),
        )
    return frame.set_crs(None, allow_override=True)


def _layer(source: VectorRef, geometry: Kind, input_name: str) -> str:
    """The wanted layer, else the only one with fitting geometry."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kinds = {str(name): _kind(kind) for name, kind in pyogrio.list_layers(source.path)}
    told: dict[str, Any] = {"input": input_name, "path": source.path}
    layers = {name: kind for name, kind in kinds.items() if name not in SYSTEM_LAYERS and kind is not None}
    if source.layer is not None:
        if source.layer not in kinds:
            raise InputError("vector_layer_missing", layer=source.layer, layers=sorted(layers), **told)
        layers = {source.layer: kinds[source.layer] or "table"}
    wanted = (geometry, "any") if geometry != "any" else tuple(KIND_NAMES)
    fitting = [name for name, kind in layers.items() if kind in wanted]
    if len(fitting) > 1:
        raise InputError("vector_layer_ambiguous", layers=sorted(fitting), **told)
    if not fitting:
        found = sorted({_kind_title(kind) for kind in layers.values()}) or [Text("no geometry", "žádná geometrie")]
        raise InputError("vector_no_such_geometry", expected=KIND_NAMES[geometry], found=found, **told)
    return fitting[0]


def _kind(geometry_type: str | None) -> str | None:
    """What a layer's geometry type holds; "any" where it does not say."""
    if geometry_type is None:
        return None
    text = geometry_type.lower()
    return next((kind for word, kind in _KIND_OF_NAME.items() if word in text), "any")


def _kind_title(kind: str) -> Text:
    return KIND_NAMES[kind] if kind in KIND_NAMES else Text("no geometry", "žádná geometrie")


def write_layers(
    out: str | Path,
    layers: Mapping[str, Rows],
    *,
    titles: Mapping[str, Text],
    styles: Mapping[str, str] | None = None,
    progress: Progress = silent,
) -> None:
    """Write ``layers`` to ``out`` (``.gpkg`` or ``postgresql://…``): all of them or none; other layers there stay.

    The rows of a layer are one frame, or `Frames` that are read one at a time, twice; whatever they or ``progress``
    (told after each frame) raise leaves the old contents. Tables without geometry may be among the layers.
    ``titles`` and ``styles`` (QML or SLD text) go by layer name.
    Raises InputError where the output is locked, full, forbidden or something else.
    """
    if is_database(out):
        from lk_spatial.io import postgis

        postgis.write_tables(str(out), layers, titles=titles, progress=progress)
    else:
        _require_suffix(out)
        write_geopackage(Path(out), layers, titles=titles, styles=styles or {}, progress=progress)


def check_output(out: str | Path, inputs: Sequence[str | Path] = (), layers: Sequence[str] = ()) -> None:
    """Refuse an output before any work is done, where writing would fail or lose an input. Raises InputError.

    ``layers``: names that will be written; a raster or view that bears one of them is then found early.
    """
    if is_database(out):
        from lk_spatial.io import postgis

        postgis.check_target(str(out), [str(each) for each in inputs], layers)
        return
    _require_suffix(out)
    path = Path(out)
    for each in inputs:
        if not is_database(each) and _same_file(path, Path(str(each).split("|")[0])):
            raise InputError("output_equals_input", path=str(out))
    check_geopackage(path, layers)


def _require_suffix(out: str | Path) -> None:
    if Path(out).suffix.lower() != ".gpkg":
        raise InputError("output_suffix", path=str(out), suffixes=[".gpkg"])


def _same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, over links and other spellings too."""
    try:
        return one.samefile(other)
    except OSError:
        return one.resolve() == other.resolve()
