"""PostGIS out: layers as tables ``S.P_<layer>``, one transaction, a row in ``S.lk_run`` (facts/storage 7–10)."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from psycopg import Connection, conninfo, sql
from psycopg.types.json import Jsonb

from lk_spatial.core.errors import InputError
from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.core.run import current_record
from lk_spatial.core.text import Text, environment_language
from lk_spatial.io.columns import Kind, alias
from lk_spatial.io.frames import Piece, Rows, Schema, in_turn, pieces, survey
from lk_spatial.io.pg_connect import (
    LONGEST_NAME,
    Address,
    is_database,
    parse_address,
    postgis_schema,
    session,
    text_name,
)

LOCK_SECONDS = 10
KEY_COLUMNS = ("building_id", "part_id", "plane_id")
RUN_TABLE = "lk_run"
_NEW = "__new"
_GEOMETRY = "geom"


class _Type(NamedTuple):
    """How a kind of column is declared in SQL and in COPY, and the way of a value to plain Python."""

    declared: Any
    copied: str
    convert: Callable[[Any], Any]


def _moment(value: pd.Timestamp) -> Any:
    return value.to_pydatetime()


_TYPES: dict[Kind, _Type] = {
    "boolean": _Type("boolean", "bool", bool),
    "integer": _Type("bigint", "int8", int),
    "number": _Type("double precision", "float8", float),
    "text": _Type("text", "text", str),
    "moment": _Type("timestamp", "timestamp", _moment),
    "moment_utc": _Type("timestamptz", "timestamptz", _moment),
}


def write_tables(
    url: str, layers: Mapping[str, Rows], *, titles: Mapping[str, Text], progress: Progress = silent
) -> None:
    """Write ``layers`` to ``postgresql://host/db?schema=S&prefix=P``: all or none, other tables stay.

    New tables are filled beside the old ones and take their names (and grants) last. Raises InputError with one
    sentence: locked, view depends on a table, schema or PostGIS missing, rights missing.
    """
    address = parse_address(url)
    tables = {layer: _table_name(address, layer) for layer in layers}
    schemas = {name: survey(rows, told) for name, rows, told in in_turn(layers, part(progress, 0.0, 0.2))}
    with session(address) as connection:
        extension = postgis_schema(connection, address)
        _require_schema(connection, address)
        _require_free(connection, address, list(tables.values()))
        connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(f"{LOCK_SECONDS}s")))
        connection.execute(
            "SELECT pg_advisory_xact_lock(hashtext('lk_spatial'), hashtext(%s))", [f"{address.schema}.{address.prefix}"]
        )
        for layer, rows, told in in_turn(layers, part(progress, 0.2, 1.0)):
            new = sql.Identifier(address.schema, tables[layer] + _NEW)
            _create(connection, new, schemas[layer], extension)
            _fill(connection, new, schemas[layer], pieces(rows, schemas[layer], told))
            _finish(connection, new, schemas[layer], titles.get(layer))
        for table in tables.values():
            _swap(connection, address.schema, table)
        _record_run(connection, address.schema)


def check_target(url: str, inputs: Sequence[str] = (), layers: Sequence[str] = ()) -> None:
    """Refuse a database output before any work: unreachable, no PostGIS, schema, right or free name, or an input."""
    address = parse_address(url)
    tables = [_table_name(address, layer) for layer in layers]
    for each in filter(is_database, inputs):
        if _is_target(parse_address(each), address, tables):
            raise InputError("output_equals_input", path=address.shown)
    with session(address) as connection:
        postgis_schema(connection, address)
        _require_schema(connection, address)
        _require_free(connection, address, tables)


def _table_name(address: Address, layer: str) -> str:
    name = f"{address.prefix}_{layer}" if address.prefix else layer
    if len((name + _NEW).encode()) > LONGEST_NAME:
        raise InputError("database_name_long", name=name, address=address.shown, limit=LONGEST_NAME - len(_NEW))
    return name


def _is_target(source: Address, target: Address, tables: Sequence[str]) -> bool:
    """Whether an input table will be replaced; without ``tables`` any table with our prefix counts."""
    schema, dot, name = (source.table or "").partition(".")
    if not dot:
        schema, name = "public", schema
    places = [conninfo.conninfo_to_dict(each.libpq) for each in (source, target)]
    same = [{key: place.get(key) for key in ("host", "port", "dbname", "service")} for place in places]
    ours = name in tables if tables else bool(target.prefix) and name.startswith(f"{target.prefix}_")
    return same[0] == same[1] and schema == target.schema and ours


def _require_schema(connection: Connection[Any], address: Address) -> None:
    row = connection.execute(
        "SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = %s", [address.schema]
    ).fetchone()
    if row is None:
        raise InputError("database_no_schema", schema=address.schema, address=address.shown)
    if not row[0]:
        raise InputError("database_no_right", schema=address.schema, address=address.shown)


def _require_free(connection: Connection[Any], address: Address, tables: Sequence[str]) -> None:
    """Refuse to replace what is no plain table."""
    found = connection.execute(
        "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE nspname = %s AND relname = ANY(%s) AND relkind <> 'r'",
        [address.schema, list(tables)],
    ).fetchall()
    if found:
        raise InputError("output_name_taken", path=address.shown, names=[name for (name,) in found])


def _create(connection: Connection[Any], table: sql.Identifier, schema: Schema, extension: str) -> None:
    columns: list[tuple[str, sql.Composable]] = [
        (name, sql.SQL(_TYPES[kind].declared)) for name, kind in schema.columns.items()
    ]
    if schema.geometry:
        kind = sql.SQL(schema.geometry.replace(" ", ""))
        columns.append(
            (_GEOMETRY, sql.SQL("{}.geometry({}, {})").format(sql.Identifier(extension), kind, _srid(schema)))
        )
    declared = [sql.SQL("{} {}").format(sql.Identifier(name), kind) for name, kind in columns]
    listed = sql.SQL(", ").join([sql.SQL("fid bigint PRIMARY KEY"), *declared])
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(table, listed))


def _fill(connection: Connection[Any], table: sql.Identifier, schema: Schema, source: Iterable[Piece]) -> None:
    """Copy all pieces into a table; rows are numbered from 1."""
    types = [_TYPES[kind] for kind in schema.columns.values()]
    names = ["fid", *schema.columns, *([_GEOMETRY] if schema.geometry else [])]
    listed = sql.SQL(", ").join(map(sql.Identifier, names))
    copying = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(table, listed)
    fid = 1
    with connection.cursor() as cursor, cursor.copy(copying) as copy:
        copy.set_types(["int8", *(each.copied for each in types), *(["bytea"] if schema.geometry else [])])
        for piece in source:
            columns = [
                _values(series, each.convert) for series, each in zip(piece.columns.values(), types, strict=True)
            ]
            if piece.geometry is not None:
                columns.append(_wkb(piece.geometry, _srid(schema)))
            for row in zip(range(fid, fid + piece.rows), *columns, strict=True):
                copy.write_row(row)
            fid += piece.rows


def _values(series: pd.Series, convert: Callable[[Any], Any]) -> list[Any]:
    return [None if gone else convert(value) for value, gone in zip(series, series.isna(), strict=True)]


def _wkb(geometry: np.ndarray, srid: int) -> list[bytes | None]:
    shapes = shapely.to_wkb(shapely.set_srid(geometry, srid), include_srid=True)
    return np.asarray(shapes, dtype=object).tolist()


def _srid(schema: Schema) -> int:
    return int(schema.crs.to_epsg() or 5514)


def _finish(connection: Connection[Any], table: sql.Identifier, schema: Schema, title: Text | None) -> None:
    """Indexes, statistics and comments of a filled table."""
    if schema.geometry:
        connection.execute(sql.SQL("CREATE INDEX ON {} USING gist ({})").format(table, sql.Identifier(_GEOMETRY)))
    keys = [sql.Identifier(name) for name in KEY_COLUMNS if name in schema.columns]
    if keys:
        connection.execute(sql.SQL("CREATE INDEX ON {} ({})").format(table, sql.SQL(", ").join(keys)))
    connection.execute(sql.SQL("ANALYZE {}").format(table))
    if title:
        comment = sql.Literal(f"{title.cs} / {title.en}")
        connection.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(table, comment))
    lang = environment_language()
    for name in schema.columns:
        heading = alias(name, lang)
        if heading:
            connection.execute(
                sql.SQL("COMMENT ON COLUMN {}.{} IS {}").format(table, sql.Identifier(name), sql.Literal(heading))
            )


def _swap(connection: Connection[Any], schema: str, table: str) -> None:
    """Give the new table the old one's name and grants, its indexes their proper names; the old table goes."""
    old, new = sql.Identifier(schema, table), sql.Identifier(schema, table + _NEW)
    grants = connection.execute(
        "SELECT CASE WHEN grantee = 0 THEN NULL ELSE pg_get_userbyid(grantee) END, privilege_type"
        " FROM pg_class c, aclexplode(c.relacl) WHERE c.oid = to_regclass(%s)",
        [text_name(schema, table)],
    ).fetchall()
    for grantee, privilege in grants:
        role = sql.SQL("PUBLIC") if grantee is None else sql.Identifier(grantee)
        connection.execute(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(privilege), new, role))
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(old))
    connection.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(new, sql.Identifier(table)))
    indexes = connection.execute(
        "SELECT indexname FROM pg_indexes WHERE schemaname = %s AND tablename = %s", [schema, table]
    ).fetchall()
    for (index,) in indexes:
        if _NEW in index:
            renamed = sql.Identifier(index.replace(_NEW, ""))
            connection.execute(sql.SQL("ALTER INDEX {} RENAME TO {}").format(sql.Identifier(schema, index), renamed))


def _record_run(connection: Connection[Any], schema: str) -> None:
    """One row about the running tool; nothing where the library is used without one."""
    record = current_record()
    if record is None:
        return
    table = sql.Identifier(schema, RUN_TABLE)
    connection.execute(
        sql.SQL(
            "CREATE TABLE IF NOT EXISTS {} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
            " started timestamptz, tool text, record jsonb)"
        ).format(table)
    )
    connection.execute(
        sql.SQL("INSERT INTO {} (started, tool, record) VALUES (%s, %s, %s)").format(table),
        [record["started"], record["tool"], Jsonb(record, dumps=partial(json.dumps, default=str))],
    )
