"""PostGIS out: layers as tables ``S.P_<layer>``, one transaction, a row in ``S.lk_run`` (facts/storage 7–10)."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from psycopg import Connection, conninfo, sql
from psycopg.types.json import Jsonb

from lk_spatial.core.errors import InputError
from lk_spatial.core.run import current_record
from lk_spatial.core.text import Text, environment_language
from lk_spatial.io.columns import alias, is_text, plain_columns
from lk_spatial.io.geometry import ready_to_write
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


class _Column(NamedTuple):
    """A column of a table: name, type in SQL, type in COPY, values with None for unknown."""

    name: str
    declared: sql.Composable
    copied: str
    values: list[Any]


def write_tables(url: str, layers: Mapping[str, pd.DataFrame], *, titles: Mapping[str, Text]) -> None:
    """Write ``layers`` to ``postgresql://host/db?schema=S&prefix=P``: all or none, other tables stay.

    New tables are filled beside the old ones and take their names (and grants) last. Raises InputError with one
    sentence: locked, view depends on a table, schema or PostGIS missing, rights missing.
    """
    address = parse_address(url)
    tables = {layer: _table_name(address, layer) for layer in layers}
    with session(address) as connection:
        extension = postgis_schema(connection, address)
        _require_schema(connection, address)
        _require_free(connection, address, list(tables.values()))
        connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(f"{LOCK_SECONDS}s")))
        connection.execute(
            "SELECT pg_advisory_xact_lock(hashtext('lk_spatial'), hashtext(%s))", [f"{address.schema}.{address.prefix}"]
        )
        for layer, frame in layers.items():
            new = sql.Identifier(address.schema, tables[layer] + _NEW)
            _fill(connection, new, frame, extension)
            _describe(connection, new, frame, titles.get(layer))
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


def _fill(connection: Connection[Any], table: sql.Identifier, frame: pd.DataFrame, extension: str) -> None:
    """Create a table, copy all rows into it, then make its indexes."""
    columns = [_column(str(name), series) for name, series in plain_columns(frame).items()]
    if isinstance(frame, gpd.GeoDataFrame):
        columns.append(_geometry_column(frame, extension))
    columns.insert(0, _Column("fid", sql.SQL("bigint PRIMARY KEY"), "int8", list(range(1, len(frame) + 1))))
    declared = [sql.SQL("{} {}").format(sql.Identifier(each.name), each.declared) for each in columns]
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(table, sql.SQL(", ").join(declared)))
    names = sql.SQL(", ").join(sql.Identifier(each.name) for each in columns)
    copying = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(table, names)
    with connection.cursor() as cursor, cursor.copy(copying) as copy:
        copy.set_types([each.copied for each in columns])
        for row in zip(*(each.values for each in columns), strict=True):
            copy.write_row(row)
    if isinstance(frame, gpd.GeoDataFrame):
        connection.execute(sql.SQL("CREATE INDEX ON {} USING gist (geom)").format(table))
    keys = [sql.Identifier(name) for name in KEY_COLUMNS if name in frame.columns]
    if keys:
        connection.execute(sql.SQL("CREATE INDEX ON {} ({})").format(table, sql.SQL(", ").join(keys)))
    connection.execute(sql.SQL("ANALYZE {}").format(table))


def _column(name: str, series: pd.Series) -> _Column:
    declared, copied, convert = _type(series)
    missing = series.isna()
    values = [None if gone else convert(value) for value, gone in zip(series, missing, strict=True)]
    return _Column(name, sql.SQL(declared), copied, values)


def _type(series: pd.Series) -> tuple[Any, str, Callable[[Any], Any]]:
    """SQL type, COPY type and the way to a plain Python value."""
    kinds = pd.api.types
    if is_text(series):
        return "text", "text", str
    if kinds.is_bool_dtype(series):
        return "boolean", "bool", bool
    if kinds.is_integer_dtype(series):
        return "bigint", "int8", int
    if kinds.is_datetime64_any_dtype(series):
        zone = getattr(series.dt, "tz", None) is not None
        return ("timestamptz", "timestamptz", _moment) if zone else ("timestamp", "timestamp", _moment)
    return "double precision", "float8", float


def _moment(value: pd.Timestamp) -> Any:
    return value.floor("us").to_pydatetime()


def _geometry_column(frame: gpd.GeoDataFrame, extension: str) -> _Column:
    geometry = ready_to_write(frame)
    srid = (frame.crs.to_epsg() if frame.crs else None) or 5514
    declared = sql.SQL("{}.geometry({}, {})").format(
        sql.Identifier(extension), sql.SQL(geometry.type_name.replace(" ", "")), sql.Literal(srid)
    )
    shapes = shapely.to_wkb(shapely.set_srid(geometry.values, srid), include_srid=True)
    return _Column("geom", declared, "bytea", np.asarray(shapes, dtype=object).tolist())


def _describe(connection: Connection[Any], table: sql.Identifier, frame: pd.DataFrame, title: Text | None) -> None:
    lang = environment_language()
    if title:
        comment = sql.Literal(f"{title.cs} / {title.en}")
        connection.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(table, comment))
    for name in map(str, frame.columns):
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
