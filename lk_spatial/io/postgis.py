"""PostGIS in: a table or view as a layer (facts/storage 6–8); out: see `write_tables` of `pg_write`."""

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from psycopg import Connection, sql

from lk_spatial.core.errors import InputError
from lk_spatial.io.pg_connect import Address, mask_url, parse_address, postgis_schema, session, text_name
from lk_spatial.io.pg_write import check_target, write_tables

__all__ = ["check_target", "mask_url", "read_attributes", "read_table", "write_tables"]


class _Relation(NamedTuple):
    """A table's schema, name and geometry column as the database knows them."""

    schema: str
    name: str
    geometry: str
    srid: int

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)


def read_table(
    url: str, *, input_name: str, bbox: tuple[float, float, float, float] | None = None
) -> tuple[gpd.GeoDataFrame, str | None, tuple[float, float, float, float] | None]:
    """Rows of ``postgresql://host/db?table=schema.table``, what the table states as CRS, and its extent.

    Curves become lines, Z and M are left out; the index counts rows. Raises InputError with one sentence.
    """
    address = parse_address(url)
    if not address.table:
        raise InputError("database_table_missing", input=input_name, address=address.shown)
    with session(address) as connection:
        extension = postgis_schema(connection, address)
        relation = _find(connection, address, input_name)
        stated = _crs(connection, relation, extension)
        bounds = _extent(connection, relation, extension)
        frame = _rows(connection, relation, extension, bbox if stated == "EPSG:5514" else None)
    if bounds is None and frame.empty:
        raise InputError("vector_empty", input=input_name, path=address.shown)
    return frame, stated, bounds


def read_attributes(url: str, *, input_name: str) -> tuple[pd.DataFrame, str]:
    """Rows of a table or view without its geometry, and its address to be shown; PostGIS is not needed.

    Raises InputError with one sentence.
    """
    address = parse_address(url)
    if not address.table:
        raise InputError("database_table_missing", input=input_name, address=address.shown)
    with session(address) as connection:
        schema, name = _existing(connection, address, input_name)
        described = _described(connection, schema, name)
        columns = sql.SQL(", ").join(_readable_column(*each) for each in described)
        query = sql.SQL("SELECT {} FROM {}").format(columns, sql.Identifier(schema, name))
        rows = connection.cursor(binary=True).execute(query).fetchall()
    return pd.DataFrame(rows, columns=[column for column, _ in described], dtype=object), address.shown


def _existing(connection: Connection[Any], address: Address, input_name: str) -> tuple[str, str]:
    """Schema and name of the table that an address names."""
    schema, dot, name = (address.table or "").partition(".")
    if not dot:
        schema, name = "public", schema
    if connection.execute("SELECT to_regclass(%s)", [text_name(schema, name)]).fetchone() == (None,):
        told = {"input": input_name, "address": address.shown, "table": f"{schema}.{name}"}
        raise InputError("database_no_table", **told)
    return schema, name


def _described(connection: Connection[Any], schema: str, name: str) -> list[Any]:
    """Plain columns of a table with their types."""
    return connection.execute(
        "SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
        " WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped"
        " AND t.typname NOT IN ('geometry', 'geography', 'raster', 'bytea') ORDER BY a.attnum",
        [text_name(schema, name)],
    ).fetchall()


def _find(connection: Connection[Any], address: Address, input_name: str) -> _Relation:
    schema, name = _existing(connection, address, input_name)
    told = {"input": input_name, "address": address.shown, "table": f"{schema}.{name}"}
    found = connection.execute(
        "SELECT a.attname, coalesce(nullif(regexp_replace(format_type(a.atttypid, a.atttypmod),"
        " '^.*,([0-9]+)\\)$|.*', '\\1'), ''), '0')::int"
        " FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
        " WHERE a.attrelid = to_regclass(%s) AND t.typname = 'geometry' AND NOT a.attisdropped ORDER BY a.attnum",
        [text_name(schema, name)],
    ).fetchall()
    if not found:
        raise InputError("database_no_geometry", **told)
    return _Relation(schema, name, *found[0])


def _crs(connection: Connection[Any], relation: _Relation, extension: str) -> str | None:
    """The table's CRS as code or WKT: by its type, else by its first geometry."""
    srid = relation.srid
    if not srid:
        query = sql.SQL("SELECT {}.ST_SRID({}) FROM {} WHERE {} IS NOT NULL LIMIT 1")
        geometry = sql.Identifier(relation.geometry)
        row = connection.execute(
            query.format(sql.Identifier(extension), geometry, relation.identifier, geometry)
        ).fetchone()
        srid = row[0] if row else 0
    query = sql.SQL("SELECT auth_name, auth_srid, srtext FROM {}.spatial_ref_sys WHERE srid = %s")
    row = connection.execute(query.format(sql.Identifier(extension)), [srid]).fetchone()
    if row is None:
        return None
    return f"{row[0]}:{row[1]}" if row[0] and row[1] else row[2]


def _extent(
    connection: Connection[Any], relation: _Relation, extension: str
) -> tuple[float, float, float, float] | None:
    query = sql.SQL(
        "SELECT {pg}.ST_XMin(e), {pg}.ST_YMin(e), {pg}.ST_XMax(e), {pg}.ST_YMax(e)"
        " FROM (SELECT {pg}.ST_Extent({geometry}) e FROM {table}) x"
    ).format(pg=sql.Identifier(extension), geometry=sql.Identifier(relation.geometry), table=relation.identifier)
    row = connection.execute(query).fetchone()
    return None if row is None or row[0] is None else (row[0], row[1], row[2], row[3])


def _rows(
    connection: Connection[Any], relation: _Relation, extension: str, bbox: tuple[float, ...] | None
) -> gpd.GeoDataFrame:
    """All plain columns and the geometry; what has no plain type (JSON, arrays …) is read as text."""
    described = _described(connection, relation.schema, relation.name)
    pg, geometry = sql.Identifier(extension), sql.Identifier(relation.geometry)
    shape = sql.SQL("{pg}.ST_AsBinary({pg}.ST_Force2D({pg}.ST_CurveToLine({geometry})))").format(
        pg=pg, geometry=geometry
    )
    query = sql.SQL("SELECT {} FROM {}").format(
        sql.SQL(", ").join([*(_readable_column(name, kind) for name, kind in described), shape]), relation.identifier
    )
    if bbox is not None:
        query += sql.SQL(" WHERE {geometry} OPERATOR({pg}.&&) {pg}.ST_MakeEnvelope({box}, 5514)").format(
            geometry=geometry, pg=pg, box=sql.SQL(", ").join(map(sql.Literal, bbox))
        )
    rows = connection.cursor(binary=True).execute(query).fetchall()
    columns = list(zip(*rows, strict=True)) if rows else [()] * (len(described) + 1)
    frame = pd.DataFrame({name: list(values) for (name, _), values in zip(described, columns[:-1], strict=True)})
    shapes = shapely.from_wkb(np.array(columns[-1], dtype=object), on_invalid="fix")
    index = pd.RangeIndex(1, len(rows) + 1, name="row")
    return gpd.GeoDataFrame(frame.set_axis(index), geometry=gpd.GeoSeries(shapes, index=index))


def _readable_column(name: str, kind: str) -> sql.Composable:
    column = sql.Identifier(name)
    if kind in ("bool", "int2", "int4", "int8", "float4", "float8", "date", "text", "varchar"):
        return column
    return sql.SQL("{}::{}").format(column, sql.SQL("float8" if kind == "numeric" else "text"))
