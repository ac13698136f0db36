"""GeoPackage out: layers are staged beside the target, then take its place, whole or not at all (facts/storage 1–5)."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from lk_spatial.core.errors import InputError, LkError
from lk_spatial.core.files import part_name, sweep, unfinished
from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.core.text import Text
from lk_spatial.io import geopackage_swap
from lk_spatial.io.arrow_stream import GEOMETRY, ArrowStream
from lk_spatial.io.frames import Rows, Schema, in_turn, pieces, survey
from lk_spatial.io.geopackage_metadata import describe_layers
from lk_spatial.io.geopackage_swap import connect, quoted, swap_layers, taken_names

BUSY_SECONDS = 15.0
CHECK_SECONDS = 2.0
LEAST_FREE = 1 << 16  # [bytes] less room than a GeoPackage takes without layers


def write_geopackage(
    path: Path,
    layers: Mapping[str, Rows],
    *,
    titles: Mapping[str, Text],
    styles: Mapping[str, str],
    progress: Progress = silent,
) -> None:
    """Write ``layers`` into ``path``: all of them or none; other layers of an existing file stay.

    Column names of ``data/fields.csv`` get their aliases, coded columns their value lists, ``styles`` (QML or SLD)
    become default styles. Frames are written one after another (see `Frames`). Raises InputError with one sentence:
    locked, disk full, name taken, not a GeoPackage.
    """
    target = path.resolve()
    sweep(target, ".part.gpkg")
    schemas = {name: survey(rows, told) for name, rows, told in in_turn(layers, part(progress, 0.0, 0.2))}
    with _stage(target, list(layers)) as stage:
        _fill(stage, path, layers, schemas, part(progress, 0.2, 0.8))
        describe_layers(stage, {name: list(schema.columns) for name, schema in schemas.items()}, titles, styles)
        if not _publish(stage, target):
            try:
                swap_layers(stage, target, list(layers), BUSY_SECONDS)
            except sqlite3.Error as error:
                raise readable(error, path) from error
    progress(1.0)


def check_geopackage(path: Path, layers: Sequence[str] = ()) -> None:
    """Refuse early what ``write_geopackage`` would refuse: folder, rights, lock, another kind of file, name taken."""
    target = path.resolve()
    _check_folder(path, target.parent)
    if not target.exists():
        _refuse_leftovers(target)
        return
    if not target.is_file() or target.stat().st_size == 0:
        raise InputError("output_not_geopackage", path=str(path))
    if not os.access(target, os.W_OK):
        raise InputError("output_unwritable", path=str(path), reason=os.strerror(13))
    try:
        with closing(connect(target, CHECK_SECONDS)) as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                taken = taken_names(database, layers)
            finally:
                database.execute("ROLLBACK")
    except sqlite3.Error as error:
        raise readable(error, path) from error
    if taken:
        raise InputError("output_name_taken", path=str(path), names=taken)


def readable(error: sqlite3.Error, path: Path) -> LkError:
    """The sentence for what SQLite reports about the output ``path``."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return InputError("output_locked", path=str(path))
    if code == sqlite3.SQLITE_FULL:
        return InputError("disk_full", path=str(path))
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT) or isinstance(error, geopackage_swap.NotGeoPackage):
        return InputError("output_not_geopackage", path=str(path))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return InputError("output_unwritable", path=str(path), reason=str(error))
    return InputError("output_not_written", path=str(path), reason=str(error))


def _check_folder(path: Path, folder: Path) -> None:
    if not folder.is_dir():
        raise InputError("output_folder_missing", path=str(path), folder=str(folder))
    if not os.access(folder, os.W_OK):
        raise InputError("output_unwritable", path=str(path), reason=os.strerror(13))
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise InputError("output_unwritable", path=str(path), reason=error.strerror or str(error)) from error


def _refuse_leftovers(target: Path) -> None:
    """A journal without its file would be replayed into a new file of that name (facts/storage 3)."""
    for suffix in ("-journal", "-wal"):
        leftover = target.with_name(target.name + suffix)
        if leftover.exists():
            raise InputError("output_leftover", path=str(target), leftover=leftover.name)


@contextmanager
def _stage(target: Path, layers: Sequence[str] = ()) -> Iterator[Path]:
    """A file name beside ``target`` that tells who writes it; removed at the end, also when the run is abandoned."""
    stage = part_name(target, ".part.gpkg")
    indexes = [f".tmp_rtree_{layer}.db" for layer in layers]  # GDAL's, while it makes a spatial index
    files = {stage.with_name(stage.name + suffix) for suffix in ("", "-journal", "-wal", "-shm", *indexes)}
    unfinished.update(files)
    try:
        yield stage
    finally:
        for each in files:
            each.unlink(missing_ok=True)
        unfinished.difference_update(files)


def _fill(
    stage: Path, path: Path, layers: Mapping[str, Rows], schemas: Mapping[str, Schema], progress: Progress
) -> None:
    """Write the layers into the stage file and make sure that every row arrived."""
    for name, rows, told in in_turn(layers, progress):
        stream = ArrowStream(pieces(rows, schemas[name], told), schemas[name])
        try:
            _write_layer(stage, name, stream, schemas[name])
            with closing(connect(stage, BUSY_SECONDS)) as database:
                (arrived,) = database.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()
        except (DataSourceError, DataLayerError, RuntimeError, sqlite3.Error) as error:
            if stream.failure:
                raise stream.failure from None
            if "full" in str(error) or _is_full(stage.parent, stream.bytes):
                raise InputError("disk_full", path=str(path)) from error
            raise InputError("output_not_written", path=str(path), reason=gdal_reason(error)) from error
        if arrived != stream.rows:
            raise InputError("disk_full", path=str(path))


def _is_full(folder: Path, needed: int) -> bool:
    """Whether a folder has no room for ``needed`` bytes; GDAL does not always say so, and undoes what filled it."""
    try:
        return shutil.disk_usage(folder).free < max(needed, LEAST_FREE)
    except OSError:
        return False


def gdal_reason(error: Exception) -> str:
    """What GDAL found, without its SQL and its advice to programmers."""
    told = str(error).strip().split("\n")[0].split("; It might help")[0]
    return told.rpartition(" failed: ")[2].rstrip(".")


def _write_layer(stage: Path, name: str, stream: ArrowStream, schema: Schema) -> None:
    """Stream a layer into the stage file, which is opened once; GDAL makes the spatial index meanwhile."""
    options: dict[str, Any] = {} if stage.exists() else {"VERSION": "1.3"}
    if schema.geometry:
        epsg = schema.crs.to_epsg()
        options["geometry_name"] = GEOMETRY
        options["geometry_type"] = "Unknown" if schema.geometry.startswith("Geometry") else schema.geometry
        options["crs"] = f"EPSG:{epsg}" if epsg else schema.crs.to_wkt("WKT1_GDAL")
    pyogrio.write_arrow(stream.reader(), stage, layer=name, driver="GPKG", **options)


def _publish(stage: Path, target: Path) -> bool:
    """Give the stage file the name ``target`` where nothing has it yet; False where something has."""
    if target.exists():
        return False
    _refuse_leftovers(target)
    _sync(stage)
    try:
        os.link(stage, target)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        stage.replace(target)
    if os.name == "posix":
        _sync(target.parent)
    return True


def _sync(path: Path) -> None:
    """Bring a file or folder onto the disk."""
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
