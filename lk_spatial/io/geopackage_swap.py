"""Replace layers of a GeoPackage by those of a staged one in one SQLite transaction (facts/storage 1–5).

A transaction and not copy + rename: a left-over write-ahead log would be replayed into the new file.
A journal beside the file belongs to SQLite: the next opener rolls it back, nobody deletes it.
"""

import sqlite3
import struct
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from lk_spatial.core.errors import InputError

TABLE_ROWS = ("gpkg_contents", "gpkg_geometry_columns", "gpkg_extensions", "gpkg_ogr_contents", "gpkg_data_columns")
FIRST_CUSTOM_SRS = 100_000
OUR_STYLE = "lk_spatial"


class NotGeoPackage(sqlite3.DatabaseError):
    """An SQLite file without the tables of a GeoPackage."""


def connect(path: Path, seconds: float) -> sqlite3.Connection:
    """An existing file in autocommit mode; waits ``seconds`` for a lock."""
    address = f"{path.resolve().as_uri()}?mode=rw"
    return sqlite3.connect(address, uri=True, timeout=seconds, isolation_level=None)


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def taken_names(database: sqlite3.Connection, layers: Sequence[str]) -> list[str]:
    """Those of ``layers`` that stand in the file for something else than a vector layer or table of attributes."""
    _require_geopackage(database)
    found = database.execute("SELECT lower(name), type FROM main.sqlite_master WHERE type IN ('table', 'view')")
    kinds = dict(found.fetchall())
    listed = database.execute("SELECT lower(table_name), data_type FROM main.gpkg_contents").fetchall()
    ours = {name for name, kind in listed if kind in ("features", "attributes")}
    return [
        name
        for name in layers
        if kinds.get(name.lower()) == "view" or (name.lower() in kinds and name.lower() not in ours)
    ]


def swap_layers(stage: Path, target: Path, layers: Sequence[str], seconds: float) -> None:
    """Put ``layers`` of ``stage`` into ``target`` in place of layers of the same names.

    Raises sqlite3.Error, and InputError where a name belongs to something else.
    """
    with closing(connect(target, seconds)) as database:
        database.execute("ATTACH ? AS stage", (f"{stage.resolve().as_uri()}?mode=ro",))
        database.execute("BEGIN IMMEDIATE")
        try:
            taken = taken_names(database, layers)
            if taken:
                raise InputError("output_name_taken", path=str(target), names=taken)
            _add_system_tables(database)
            for name in layers:
                _drop_layer(database, name)
            for name in layers:
                _copy_layer(database, name)
            _copy_value_lists(database)
            database.execute("COMMIT")
        finally:
            if database.in_transaction:
                database.execute("ROLLBACK")


def _require_geopackage(database: sqlite3.Connection) -> None:
    needed = {"gpkg_contents", "gpkg_spatial_ref_sys"}
    if needed - _tables(database, "main"):
        raise NotGeoPackage("gpkg_contents is missing")


def _tables(database: sqlite3.Connection, schema: str) -> set[str]:
    return {name for (name,) in database.execute(f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table'")}


def _add_system_tables(database: sqlite3.Connection) -> None:
    """Tables that an older GeoPackage lacks."""
    present = _tables(database, "main")
    wanted = database.execute(
        "SELECT name, sql FROM stage.sqlite_master WHERE type = 'table' AND (name = 'layer_styles' OR name IN"
        " ('gpkg_geometry_columns', 'gpkg_extensions', 'gpkg_ogr_contents', 'gpkg_data_columns',"
        " 'gpkg_data_column_constraints'))"
    ).fetchall()
    for name, sql in wanted:
        if name not in present:
            database.execute(sql)
            for table in ("gpkg_contents", "gpkg_extensions"):
                _copy_rows(database, table, name)


def _drop_layer(database: sqlite3.Connection, name: str) -> None:
    """Remove a layer, its spatial index and what the system tables say about it; people's own styles stay."""
    key = name.lower()
    present = _tables(database, "main")
    indexes = [table for table in present if table.lower().startswith(f"rtree_{key}_")]
    for (column,) in database.execute(
        "SELECT column_name FROM main.gpkg_geometry_columns WHERE lower(table_name) = ?", (key,)
    ).fetchall():
        for index in indexes:
            if index.lower() == f"rtree_{key}_{column.lower()}":
                database.execute(f"DROP TABLE main.{quoted(index)}")
    database.execute(f"DROP TABLE IF EXISTS main.{quoted(name)}")
    for table in present & {"gpkg_metadata_reference", *TABLE_ROWS}:
        database.execute(f"DELETE FROM main.{table} WHERE lower(table_name) = ?", (key,))
    if "layer_styles" in present:
        ours = "DELETE FROM main.layer_styles WHERE lower(f_table_name) = ? AND description = ?"
        database.execute(ours, (key, OUR_STYLE))


def _copy_layer(database: sqlite3.Connection, name: str) -> None:
    objects = database.execute(
        "SELECT type, sql FROM stage.sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL", (name,)
    ).fetchall()
    for kind, sql in objects:
        if kind == "table":
            database.execute(sql)
    geometry = database.execute(
        "SELECT column_name, srs_id FROM stage.gpkg_geometry_columns WHERE table_name = ?", (name,)
    ).fetchone()
    srs = _matching_srs(database, geometry[1]) if geometry else None
    _copy_features(database, name, geometry, srs)
    if geometry:
        _copy_spatial_index(database, f"rtree_{name}_{geometry[0]}")
    for table in TABLE_ROWS:
        _copy_rows(database, table, name)
    if geometry and srs != geometry[1]:
        for table in ("gpkg_contents", "gpkg_geometry_columns"):
            database.execute(f"UPDATE main.{table} SET srs_id = ? WHERE table_name = ?", (srs, name))
    _copy_styles(database, name)
    for kind, sql in objects:  # triggers last: they would run for each row
        if kind != "table":
            database.execute(sql)


def _matching_srs(database: sqlite3.Connection, srs: int) -> int:
    """The id of a staged CRS in the target: that of the same CRS, else its own, else a free custom one."""
    organization, code, definition = database.execute(
        "SELECT organization, organization_coordsys_id, definition FROM stage.gpkg_spatial_ref_sys WHERE srs_id = ?",
        (srs,),
    ).fetchone()
    same = database.execute(
        "SELECT srs_id FROM main.gpkg_spatial_ref_sys WHERE definition = ? OR (upper(organization) <> 'NONE'"
        " AND upper(organization) = upper(?) AND organization_coordsys_id = ?) ORDER BY srs_id <> ?",
        (definition, organization, code, srs),
    ).fetchone()
    if same:
        return int(same[0])
    ids = {each for (each,) in database.execute("SELECT srs_id FROM main.gpkg_spatial_ref_sys")}
    free = srs if srs not in ids else max(FIRST_CUSTOM_SRS - 1, *ids) + 1
    database.execute(
        "INSERT INTO main.gpkg_spatial_ref_sys"
        " (srs_name, srs_id, organization, organization_coordsys_id, definition, description)"
        " SELECT srs_name, ?, organization, organization_coordsys_id, definition, description"
        " FROM stage.gpkg_spatial_ref_sys WHERE srs_id = ?",
        (free, srs),
    )
    return free


def _copy_features(database: sqlite3.Connection, name: str, geometry: tuple[str, int] | None, srs: int | None) -> None:
    """All rows; each geometry names its CRS, so a changed id is written into it."""
    columns = [quoted(column) for column in _columns(database, "stage", name)]
    values = list(columns)
    if geometry and srs is not None and srs != geometry[1]:
        database.create_function("with_srs", 2, _with_srs, deterministic=True)
        values[columns.index(quoted(geometry[0]))] = f"with_srs({quoted(geometry[0])}, {srs})"
    database.execute(
        f"INSERT INTO main.{quoted(name)} ({', '.join(columns)}) SELECT {', '.join(values)} FROM stage.{quoted(name)}"
    )


def _with_srs(geometry: bytes | None, srs: int) -> bytes | None:
    """A GeoPackage geometry with another CRS id in its header (bytes 4–8, byte order by the lowest flag)."""
    if geometry is None:
        return None
    return geometry[:4] + struct.pack("<i" if geometry[3] & 1 else ">i", srs) + geometry[8:]


def _copy_spatial_index(database: sqlite3.Connection, index: str) -> None:
    """The finished R-tree: its three tables as they are, unless another page size asks to build it anew."""
    database.execute(f"CREATE VIRTUAL TABLE main.{quoted(index)} USING rtree(id, minx, maxx, miny, maxy)")
    (here,), (there,) = (database.execute(f"PRAGMA {each}.page_size").fetchone() for each in ("main", "stage"))
    if here != there:
        database.execute(f"INSERT INTO main.{quoted(index)} SELECT * FROM stage.{quoted(index)}")
        return
    for part in ("rowid", "node", "parent"):
        table = quoted(f"{index}_{part}")
        database.execute(f"DELETE FROM main.{table}")
        database.execute(f"INSERT INTO main.{table} SELECT * FROM stage.{table}")


def _columns(database: sqlite3.Connection, schema: str, table: str) -> list[str]:
    return [row[1] for row in database.execute(f"PRAGMA {schema}.table_info({quoted(table)})")]


def _copy_rows(database: sqlite3.Connection, table: str, name: str) -> None:
    """What a system table says about a layer, by the columns that both files know.

    Identifiers are unique in a file: where another layer bears ours, our layer's name is added.
    """
    known = {column.lower() for column in _columns(database, "main", table)}
    columns = [column for column in _columns(database, "stage", table) if column.lower() in known]
    if not columns:
        return
    values = [
        "CASE WHEN identifier IN (SELECT identifier FROM main.gpkg_contents)"
        " THEN identifier || ' (' || table_name || ')' ELSE identifier END"
        if column == "identifier"
        else quoted(column)
        for column in columns
    ]
    database.execute(
        f"INSERT INTO main.{table} ({', '.join(map(quoted, columns))})"
        f" SELECT {', '.join(values)} FROM stage.{table} WHERE table_name = ?",
        (name,),
    )


def _copy_styles(database: sqlite3.Connection, name: str) -> None:
    """Our style becomes the default one, unless people have chosen theirs for this layer."""
    if "layer_styles" not in _tables(database, "stage"):
        return
    columns = [column for column in _columns(database, "stage", "layer_styles") if column not in ("id", "useAsDefault")]
    listed = ", ".join(quoted(column) for column in columns)
    database.execute(
        f"INSERT INTO main.layer_styles ({listed}, useAsDefault) SELECT {listed}, NOT EXISTS"
        " (SELECT 1 FROM main.layer_styles WHERE lower(f_table_name) = lower(?) AND useAsDefault)"
        " FROM stage.layer_styles WHERE f_table_name = ?",
        (name, name),
    )


def _copy_value_lists(database: sqlite3.Connection) -> None:
    table = "gpkg_data_column_constraints"
    if table not in _tables(database, "stage"):
        return
    columns = ", ".join(("constraint_name", "constraint_type", "value", "description"))
    database.execute(f"DELETE FROM main.{table} WHERE constraint_name IN (SELECT constraint_name FROM stage.{table})")
    database.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM stage.{table}")
