"""Layers in pieces: what all frames of a layer have in common, then one piece after another, ready to be written."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.io.columns import Kind, as_kind, decided_kind, kind_of
from lk_spatial.io.geometry import Shape, ready_to_write, shape_of, type_name

PIECE = 50_000  # rows that are turned into a file's form at a time, however long a frame is


class Frames(Protocol):
    """The rows of a layer as frames that are made or read one at a time; a list of frames is one too.

    It is gone through more than once and must give the same each time; ``len`` counts frames, at least one. All
    have the columns of the first, in any order, and its CRS. Frames may have no rows, columns of a frame no values.
    """

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Each frame in turn; may raise, and nothing is written then."""

    def __len__(self) -> int:
        """Number of frames."""


Rows: TypeAlias = pd.DataFrame | Frames


class Schema(NamedTuple):
    """What all frames of a layer have in common: kinds of columns, type of geometry (None: no geometry), CRS."""

    columns: dict[str, Kind]
    geometry: str | None
    crs: Any


class Piece(NamedTuple):
    """Some rows of a layer ready to be written: columns by the schema, geometries of its one type."""

    columns: dict[str, pd.Series]
    geometry: np.ndarray | None
    rows: int


def frames_of(rows: Rows) -> Frames:
    """The frames of a layer; a single frame is one."""
    return [rows] if isinstance(rows, pd.DataFrame) else rows


def in_turn(layers: Mapping[str, Rows], progress: Progress) -> Iterator[tuple[str, Rows, Progress]]:
    """Name and rows of each layer with its share of ``progress``, by the number of frames."""
    total = sum(len(frames_of(rows)) for rows in layers.values())
    done = 0
    for name, rows in layers.items():
        count = len(frames_of(rows))
        yield name, rows, part(progress, done / total, (done + count) / total)
        done += count


class _Look(NamedTuple):
    """What one frame shows: kinds of the columns that have values, and of those that have none."""

    names: list[str]
    of_values: dict[str, Kind]
    of_types: dict[str, Kind]
    shape: Shape | None
    default: str
    crs: Any


def survey(rows: Rows, progress: Progress = silent) -> Schema:
    """Go through all frames of a layer once; raises ValueError where they do not fit together."""
    looks = [_look(frame) for frame in each_frame(rows, progress)]
    if not looks:
        raise ValueError("a layer needs at least one frame, which tells its columns")
    first = looks[0]
    for number, look in enumerate(looks, start=1):
        if sorted(look.names) != sorted(first.names) or (look.shape is None) != (first.shape is None):
            raise ValueError(f"frame {number} has the columns {look.names}, the first one {first.names}")
    return Schema({name: _decided(name, looks) for name in first.names}, _geometry(looks), _crs(looks))


def each_frame(rows: Rows, progress: Progress) -> Iterator[pd.DataFrame]:
    """The frames of a layer; ``progress`` is told after each."""
    frames = frames_of(rows)
    for number, frame in enumerate(frames, start=1):
        yield frame
        progress(number / len(frames))


def pieces(rows: Rows, schema: Schema, progress: Progress = silent) -> Iterator[Piece]:
    """All rows of a surveyed layer in turn, at most PIECE at a time."""
    for frame in each_frame(rows, progress):
        for start in range(0, len(frame), PIECE):
            yield _piece(frame.iloc[start : start + PIECE], schema)


def _piece(frame: pd.DataFrame, schema: Schema) -> Piece:
    columns = {name: as_kind(frame[name], kind) for name, kind in schema.columns.items()}
    geometry = ready_to_write(frame.geometry.array, schema.geometry) if schema.geometry else None
    return Piece(columns, geometry, len(frame))


def _look(frame: pd.DataFrame) -> _Look:
    geometry = getattr(frame, "_geometry_column_name", None)
    names = [str(name) for name in frame.columns if name != geometry]
    kinds = {name: kind for name in names if (kind := kind_of(frame[name]))}
    valued = {name: kind for name, kind in kinds.items() if frame[name].notna().any()}
    spatial = isinstance(frame, gpd.GeoDataFrame)
    return _Look(
        names,
        valued,
        {name: kind for name, kind in kinds.items() if name not in valued},
        shape_of(np.asarray(frame.geometry.array)) if spatial else None,
        frame.attrs.get("geometry_type", "polygon"),
        frame.crs if spatial else None,
    )


def _decided(name: str, looks: list[_Look]) -> Kind:
    of_values = {look.of_values[name] for look in looks if name in look.of_values}
    return decided_kind(name, of_values, {look.of_types[name] for look in looks if name in look.of_types})


def _geometry(looks: list[_Look]) -> str | None:
    shapes = [look.shape for look in looks if look.shape is not None]
    if not shapes:
        return None
    types = frozenset[int]().union(*(shape.types for shape in shapes))
    return type_name(Shape(types, any(shape.high for shape in shapes)), looks[0].default)


def _crs(looks: list[_Look]) -> Any:
    """The CRS of the frames; EPSG:5514 where they name none."""
    named = [look.crs for look in looks if look.crs]
    if any(crs != named[0] for crs in named):
        raise ValueError(f"frames of one layer are in different CRS: {sorted({str(crs) for crs in named})}")
    return named[0] if named else CRS("EPSG:5514")
