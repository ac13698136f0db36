"""What a GeoPackage says about its layers: titles, aliases, value lists, default styles."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from lk_spatial.core.text import Text, environment_language
from lk_spatial.io.codes import coded_attributes, codes
from lk_spatial.io.columns import alias, meaning
from lk_spatial.io.geopackage_swap import OUR_STYLE, connect
from lk_spatial.io.qml import is_sld, value_map_qml

_TABLES = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
 definition TEXT NOT NULL, scope TEXT NOT NULL,
 CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE IF NOT EXISTS gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT,
 title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT,
 CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL,
 value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
 CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE IF NOT EXISTS layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
 f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
 styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
 update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
"""
_SCHEMA_EXTENSION = ("gpkg_schema", "http://www.geopackage.org/spec121/#extension_schema", "read-write")


def describe_layers(
    stage: Path, layers: Mapping[str, list[str]], titles: Mapping[str, Text], styles: Mapping[str, str]
) -> None:
    """Write titles, aliases, value lists and default styles of all ``layers`` (their columns) into a staged file."""
    lang = environment_language()
    with closing(connect(stage, 0)) as database:
        database.executescript(_TABLES)
        database.execute("BEGIN")
        _register(database)
        for name, columns in layers.items():
            _title(database, name, titles.get(name), lang)
            _describe_columns(database, name, columns, lang)
            _add_style(database, name, columns, titles.get(name), styles.get(name), lang)
        database.execute("COMMIT")


def _register(database: sqlite3.Connection) -> None:
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles', 0)"
    )
    for table in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        database.execute("INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, ?)", (table, *_SCHEMA_EXTENSION))


def _title(database: sqlite3.Connection, layer: str, title: Text | None, lang: str) -> None:
    if title:
        database.execute(
            "UPDATE gpkg_contents SET identifier = ?, description = ? WHERE table_name = ?",
            (title.get(lang), f"{title.cs} / {title.en}", layer),
        )


def _describe_columns(database: sqlite3.Connection, layer: str, columns: Iterable[str], lang: str) -> None:
    for column in columns:
        coded = column in coded_attributes()
        if coded:
            _add_value_list(database, column, lang)
        title = alias(column, lang)
        if title or coded:
            database.execute(
                "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description, constraint_name)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (layer, column, column, title, meaning(column, lang), f"lk_{column}" if coded else None),
            )


def _add_value_list(database: sqlite3.Connection, attribute: str, lang: str) -> None:
    database.executemany(
        "INSERT OR IGNORE INTO gpkg_data_column_constraints (constraint_name, constraint_type, value, description)"
        " VALUES (?, 'enum', ?, ?)",
        [(f"lk_{attribute}", each.code, each.title.get(lang)) for each in codes(attribute)],
    )


def _add_style(
    database: sqlite3.Connection, layer: str, columns: list[str], title: Text | None, style: str | None, lang: str
) -> None:
    """The layer's default style; without one a style that holds only aliases and value lists."""
    geometry = database.execute(
        "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (layer,)
    ).fetchone()
    sld = style if style and is_sld(style) else None
    database.execute(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
        " styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, ?, ?, ?, ?, 1, ?, '')",
        (
            layer,
            geometry[0] if geometry else "",
            title.get(lang)[:30] if title else layer[:30],
            None if sld else value_map_qml(columns, lang, style, layer),
            sld,
            OUR_STYLE,
        ),
    )
