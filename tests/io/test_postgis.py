"""PostGIS in and out against a real throw-away server: all tables or none, one sentence for each refusal."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import pytest
import shapely

from lk_spatial.core import run
from lk_spatial.core.errors import Cancelled, LkError
from lk_spatial.core.notices import collect_notices
from lk_spatial.core.text import Text
from lk_spatial.io import pg_write
from lk_spatial.io.buildings import read_buildings
from lk_spatial.io.pg_connect import mask_url, parse_address
from lk_spatial.io.vector import check_output, read_vector, write_layers
from tests.postgres import Server

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = "Střechy 2026"
TITLES = {"buildings": Text("Buildings", "Budovy")}


def squares(count: int, mark: str = "a", **columns: object) -> gpd.GeoDataFrame:
    x = -688_000.0 + np.arange(count) * 20.0
    table = {"building_id": [f"{mark}{n}" for n in range(count)], **columns}
    return gpd.GeoDataFrame(table, geometry=shapely.box(x, -974_010, x + 10, -974_000), crs="EPSG:5514")


@pytest.fixture
def schema(postgis: Server) -> Iterator[str]:
    """A fresh schema with an unhandy name."""
    with psycopg.connect(postgis.url, autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{SCHEMA}"')
        yield SCHEMA
        connection.execute(f'DROP SCHEMA "{SCHEMA}" CASCADE')


@pytest.fixture
def out(postgis: Server, schema: str) -> str:
    return f"{postgis.url}?schema=Střechy%202026&prefix=pv"


def query(server: Server, sql: str, *values: object) -> list[tuple]:
    with psycopg.connect(server.url) as connection:
        connection.execute(f'SET search_path = "{SCHEMA}", public')
        return connection.execute(sql, values or None).fetchall()


def execute(server: Server, sql: str) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute(f'SET search_path = "{SCHEMA}", public')
        connection.execute(sql)


def refusal(action: object, *given: object, **options: object) -> str:
    with pytest.raises(LkError) as error:
        action(*given, **options)
    for lang in ("en", "cs"):
        text = error.value.sentence(lang)
        assert "\n" not in text and "{" not in text and "secret" not in text
    return error.value.code


def table(out: str, name: str = "buildings") -> str:
    return f"{out.split('?')[0]}?table=Střechy%202026.pv_{name}"


# --- out ---------------------------------------------------------------------------------------------------------


def test_layers_become_tables_with_types_indexes_and_comments(postgis: Server, out: str) -> None:
    frame = squares(
        3,
        name=["a\0b", None, "č"],
        persons=pd.array([1, None, 3], dtype="Int64"),
        span_m=[1.5, np.nan, np.inf],
        snow_guards=pd.array([True, None, False], dtype="boolean"),
        start_utc=pd.to_datetime(["2026-01-01", None, "2026-01-02"], utc=True),
    )
    frame.loc[2, "geometry"] = None
    write_layers(out, {"buildings": frame, "curves": pd.DataFrame({"name": ["x"]})}, titles=TITLES)
    rows = query(postgis, "SELECT fid, name, persons, span_m, snow_guards, start_utc FROM pv_buildings ORDER BY fid")
    assert rows[0][:5] == (1, "ab", 1, 1.5, True) and rows[1][1:] == (None,) * 5
    assert rows[2][:5] == (3, "č", 3, float("inf"), False) and rows[2][5].isoformat().startswith("2026-01-02")
    assert query(postgis, "SELECT type, srid FROM geometry_columns WHERE f_table_name = 'pv_buildings'") == [
        ("MULTIPOLYGON", 5514)
    ]
    assert query(postgis, "SELECT geom IS NULL FROM pv_buildings ORDER BY fid") == [(False,), (False,), (True,)]
    indexes = {name for (name,) in query(postgis, "SELECT indexname FROM pg_indexes WHERE tablename = 'pv_buildings'")}
    assert indexes == {"pv_buildings_pkey", "pv_buildings_geom_idx", "pv_buildings_building_id_idx"}
    comments = query(
        postgis, "SELECT obj_description('pv_buildings'::regclass), col_description('pv_buildings'::regclass, 3)"
    )
    assert comments[0][0] == "Budovy / Buildings"
    assert query(postgis, "SELECT name FROM pv_curves") == [("x",)]


@pytest.mark.parametrize(
    ("wkt", "expected"),
    [
        (["POLYGON Z ((0 0 1, 1 0 1, 1 1 1, 0 0 1))", "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))"], ("MULTIPOLYGON", 3)),
        (["LINESTRING (0 0, 1 1)"], ("MULTILINESTRING", 2)),
        (["POINT (0 0)"], ("POINT", 2)),
        (["POINT (0 0)", "LINESTRING (0 0, 1 1)"], ("GEOMETRY", 2)),
        ([], ("MULTIPOLYGON", 2)),
    ],
)
def test_typed_geometry(postgis: Server, out: str, wkt: list[str], expected: tuple) -> None:
    frame = gpd.GeoDataFrame({"name": ["x"] * len(wkt)}, geometry=gpd.GeoSeries.from_wkt(wkt), crs="EPSG:5514")
    write_layers(out, {"layer": frame}, titles={})
    found = query(postgis, "SELECT type, coord_dimension FROM geometry_columns WHERE f_table_name = 'pv_layer'")
    assert found == [expected]


def test_replacing_keeps_other_tables_grants_and_names(postgis: Server, out: str) -> None:
    write_layers(out, {"buildings": squares(3), "other": squares(1)}, titles={})
    execute(postgis, "GRANT SELECT ON pv_buildings TO PUBLIC")
    write_layers(out, {"buildings": squares(2, "new")}, titles={})
    assert query(postgis, "SELECT building_id FROM pv_buildings ORDER BY 1") == [("new0",), ("new1",)]
    assert query(postgis, "SELECT count(*) FROM pv_other") == [(1,)]
    assert query(postgis, "SELECT has_table_privilege('public', 'pv_buildings', 'SELECT')") == [(True,)]
    names = query(postgis, "SELECT relname FROM pg_class WHERE relname LIKE '%__new%'")
    assert names == []


def test_run_record_is_stored(postgis: Server, out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    record = {"tool": "pv_potential", "started": "2026-11-23T20:00:00+00:00", "parameters": {"path": Path("a")}}
    monkeypatch.setattr(pg_write, "current_record", lambda: record)
    for _ in range(2):
        write_layers(out, {"buildings": squares(1)}, titles={})
    rows = query(
        postgis, "SELECT id, tool, started::text LIKE '2026-11-23%', record -> 'parameters' ->> 'path' FROM lk_run"
    )
    assert rows == [(1, "pv_potential", True, "a"), (2, "pv_potential", True, "a")]
    assert run.current_record() is None


def test_failed_layer_leaves_everything_as_it_was(postgis: Server, out: str) -> None:
    write_layers(out, {"buildings": squares(3), "modules": squares(3)}, titles={})
    wrong = squares(1, fid=[1])
    assert refusal(write_layers, out, {"buildings": squares(1, "b"), "modules": wrong}, titles={}) == "database_refused"
    assert query(postgis, "SELECT count(*) FROM pv_buildings") == [(3,)]


def test_dependent_view_is_named(postgis: Server, out: str) -> None:
    write_layers(out, {"buildings": squares(3)}, titles={})
    execute(postgis, "CREATE VIEW my_view AS SELECT building_id FROM pv_buildings")
    with pytest.raises(LkError) as error:
        write_layers(out, {"buildings": squares(1)}, titles={})
    assert error.value.code == "database_dependent" and "my_view" in error.value.sentence("cs")
    assert query(postgis, "SELECT count(*) FROM my_view") == [(3,)]


def test_lock_of_another_session_is_told(postgis: Server, out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pg_write, "LOCK_SECONDS", 0.2)
    write_layers(out, {"buildings": squares(3)}, titles={})
    with psycopg.connect(postgis.url) as other:
        other.execute(f'LOCK TABLE "{SCHEMA}".pv_buildings IN ACCESS SHARE MODE')
        assert refusal(write_layers, out, {"buildings": squares(1)}, titles={}) == "database_locked"
    with psycopg.connect(postgis.url) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('lk_spatial'), hashtext('Střechy 2026.pv'))")
        assert refusal(write_layers, out, {"buildings": squares(1)}, titles={}) == "database_locked"
    assert query(postgis, "SELECT count(*) FROM pv_buildings") == [(3,)]


def test_killed_writers_leave_whole_tables(postgis: Server, out: str) -> None:
    """Ten writers killed at different moments; each leaves both tables of one version."""
    writer = (
        "import sys; sys.path.insert(0, sys.argv[1]); from tests.io import test_postgis as t\n"
        "for n in range(1000):\n    frames = {'buildings': [t.squares(3000 // 5, str(n)) for _ in range(5)],"
        " 'modules': t.squares(1000, str(n))}\n"
        "    t.write_layers(sys.argv[2], frames, titles={}); print(n, flush=True)"
    )
    write_layers(out, {"buildings": squares(3000, "x"), "modules": squares(1000, "x")}, titles={})
    for delay in np.linspace(0.01, 0.25, 10):
        command = [sys.executable, "-c", writer, str(ROOT), out]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None and process.stdout.readline() == "0\n"
            time.sleep(float(delay))
            process.send_signal(signal.SIGKILL)
        found = query(
            postgis,
            "SELECT (SELECT count(*) FROM pv_buildings), (SELECT count(*) FROM pv_modules),"
            " (SELECT count(DISTINCT left(building_id, 1)) FROM"
            " (SELECT min(building_id) building_id FROM pv_buildings"
            " UNION ALL SELECT min(building_id) FROM pv_modules) x)",
        )
        assert found == [(3000, 1000, 1)], f"after {delay} s"
    end = time.monotonic() + 10
    while query(postgis, "SELECT 1 FROM pg_class WHERE relname LIKE '%__new%'"):
        assert time.monotonic() < end, "tables of a killed writer stayed"


def test_frames_are_copied_one_after_another(postgis: Server, out: str) -> None:
    parts = [
        squares(2, "a", persons=[None, None], span_m=[np.nan, np.nan], own=[None, None]),
        squares(0, "none", persons=[], span_m=[], own=[]),
        squares(2, "b", persons=[7, 8], span_m=[1, 2], own=[True, None])[
            ["own", "persons", "geometry", "span_m", "building_id"]
        ],
    ]
    parts[2].loc[1, "geometry"] = shapely.force_3d(squares(1).geometry[0], 5.0)
    told: list[float] = []
    notes = [pd.DataFrame({"note": ["x"]}), pd.DataFrame({"note": ["y"]})]
    write_layers(out, {"buildings": parts, "notes": notes}, titles={}, progress=lambda done, text="": told.append(done))
    assert query(postgis, "SELECT fid, building_id, persons, span_m, own FROM pv_buildings ORDER BY fid") == [
        (1, "a0", None, None, None),
        (2, "a1", None, None, None),
        (3, "b0", 7, 1.0, True),
        (4, "b1", 8, 2.0, None),
    ]
    found = query(postgis, "SELECT type, coord_dimension FROM geometry_columns WHERE f_table_name = 'pv_buildings'")
    assert found == [("MULTIPOLYGON", 3)]
    assert query(postgis, "SELECT fid, note FROM pv_notes ORDER BY fid") == [(1, "x"), (2, "y")]
    assert told == sorted(told) and told[-1] == 1.0 and len(told) == 10


@pytest.mark.parametrize("at", [1, 2], ids=["survey", "writing"])
def test_frames_that_raise_leave_the_old_tables(postgis: Server, out: str, at: int) -> None:
    class Broken:
        rounds = 0

        def __len__(self) -> int:
            return 2

        def __iter__(self) -> Iterator[gpd.GeoDataFrame]:
            self.rounds += 1
            yield squares(1000, "new")
            if self.rounds == at:
                raise Cancelled
            yield squares(1)

    write_layers(out, {"buildings": squares(3), "modules": squares(3)}, titles={})
    with pytest.raises(Cancelled):
        write_layers(out, {"buildings": squares(1), "modules": Broken()}, titles={})
    assert query(postgis, "SELECT count(*) FROM pv_buildings") == query(postgis, "SELECT count(*) FROM pv_modules")
    assert query(postgis, "SELECT max(building_id) FROM pv_buildings") == [("a2",)]
    assert query(postgis, "SELECT 1 FROM pg_class WHERE relname LIKE '%__new%'") == []


# --- in ----------------------------------------------------------------------------------------------------------


def test_what_was_written_is_read_back(out: str) -> None:
    frame = squares(4, use=["school", None, "office", "shop"], persons=pd.array([1, None, 3, 4], dtype="Int64"))
    write_layers(out, {"buildings": frame}, titles={})
    with collect_notices() as notices:
        back = read_buildings(table(out))
    assert notices == [] and back["building_id"].tolist() == frame["building_id"].tolist()
    assert back["persons"].tolist()[0] == 1 and pd.isna(back["persons"][1]) and back["use"].tolist()[1] is None
    assert shapely.equals(back.geometry.array, frame.geometry.array).all()
    inside = read_vector(table(out), input_name="b", geometry="polygon", bbox=(-687_975, -974_005, -687_971, -974_000))
    assert inside["building_id"].tolist() == ["a1"]
    assert read_vector(table(out), input_name="b", geometry="polygon", bbox=(0, 0, 1, 1)).empty


def test_foreign_tables_views_and_odd_columns(postgis: Server, out: str) -> None:
    execute(
        postgis,
        "CREATE TABLE pv_odd (id serial, cena numeric(9, 2), info jsonb, dny date, raw bytea,"
        " druhá geometry(Point, 4326), geom geometry);"
        "INSERT INTO pv_odd (cena, info, dny, geom) VALUES (12.5, '{\"a\": 1}', '2026-01-02',"
        " ST_GeomFromText('CURVEPOLYGON Z (CIRCULARSTRING Z (-688000 -974000 1, -687990 -973990 1, -687980 -974000 1,"
        " -687990 -974010 1, -688000 -974000 1))', 5514)), (NULL, NULL, NULL, NULL);"
        "CREATE VIEW pv_seen AS SELECT id, geom FROM pv_odd",
    )
    execute(postgis, "ALTER TABLE pv_odd DROP COLUMN druhá")
    with collect_notices() as notices:
        frame = read_vector(table(out, "odd"), input_name="b", geometry="polygon")
    assert [each.code for each in notices] == ["geometry_empty"] and notices[0].values["ids"] == "2"
    row = frame.iloc[0]
    assert row["cena"] == 12.5 and row["info"] == '{"a": 1}' and str(row["dny"]) == "2026-01-02" and "raw" not in frame
    assert row.geometry.area == pytest.approx(np.pi * 100, rel=1e-2) and not row.geometry.has_z
    with collect_notices():
        assert len(read_vector(table(out, "seen"), input_name="b", geometry="polygon")) == 1


def test_coordinate_system_of_a_table_is_guarded(postgis: Server, out: str) -> None:
    shapes = "ST_MakeEnvelope(15.05, 50.76, 15.06, 50.77, 4326)"
    execute(postgis, f"CREATE TABLE pv_deg AS SELECT 1 id, {shapes}::geometry(Polygon, 4326) geom")
    execute(postgis, "CREATE TABLE pv_none AS SELECT 1 id, ST_MakeEnvelope(-688000, -974010, -687990, -974000) geom")
    execute(postgis, f"CREATE TABLE pv_utm AS SELECT 1 id, ST_Transform({shapes}, 25833) geom")
    options = {"input_name": "b", "geometry": "polygon"}
    assert refusal(read_vector, table(out, "deg"), **options) == "crs_geographic"
    assert refusal(read_vector, table(out, "none"), **options) == "crs_missing"
    with collect_notices() as notices:
        assert read_vector(table(out, "none"), assume_crs="EPSG:5514", **options).crs.to_epsg() == 5514
        frame = read_vector(table(out, "utm"), **options)
    assert "vector_reprojected" in {each.code for each in notices}
    assert -690_000 < frame.total_bounds[0] < -680_000


def test_missing_things_in_the_database_are_named(postgis: Server, out: str) -> None:
    options = {"input_name": "b", "geometry": "polygon"}
    execute(postgis, "CREATE TABLE pv_plain (id int); CREATE TABLE pv_empty (geom geometry(Polygon, 5514))")
    assert refusal(read_vector, table(out, "nowhere"), **options) == "database_no_table"
    assert refusal(read_vector, table(out, "plain"), **options) == "database_no_geometry"
    assert refusal(read_vector, table(out, "empty"), **options) == "vector_empty"
    assert refusal(read_vector, postgis.url, **options) == "database_table_missing"
    assert refusal(read_vector, postgis.database("bare") + "?table=public.x", **options) == "database_without_postgis"
    assert refusal(read_vector, postgis.database("nope") + "?table=public.x", **options) == "database_unreachable"


# --- addresses and refusals before any work ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://lk:secret@host/db",
        "postgresql://lk:sec@ret@host/db?table=a.b",
        "postgresql://host/db?user=lk&password=secret&table=a.b",
        "postgresql://host/db?PASSWORD=secret",
        "postgresql://lk:%73ecret@host/db",
        "postgresql://lk:sec/ret@host/db",
    ],
)
def test_passwords_are_refused_and_never_shown(url: str) -> None:
    assert "secret" not in mask_url(url) and "ret@" not in mask_url(url) and "***" in mask_url(url)
    assert refusal(parse_address, url) == "database_password_shown"
    assert refusal(check_output, url) == "database_password_shown"


def test_addresses() -> None:
    address = parse_address("postgresql://?service=lk&schema=pv%20x&prefix=a&sslmode=require")
    assert address[:4] == ("postgresql://?service=lk&sslmode=require", None, "pv x", "a")
    assert parse_address("postgresql:///db?host=/run/s%20p").libpq == "postgresql:///db?host=/run/s%20p"
    assert parse_address("postgresql://host/db").schema == "public"
    assert refusal(parse_address, "postgresql://host/db?table") == "database_address"
    assert refusal(parse_address, "postgresql://[host/db") == "database_address"


def test_service_file_is_used(postgis: Server, out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "services").write_text(f"[lk]\nhost=127.0.0.1\nport={postgis.port}\nuser=lk\ndbname=lk\n")
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    write_layers("postgresql://?service=lk&" + out.split("?")[1], {"buildings": squares(2)}, titles={})
    assert query(postgis, "SELECT count(*) FROM pv_buildings") == [(2,)]


def test_outputs_are_checked_before_any_work(postgis: Server, out: str) -> None:
    check_output(out, layers=["buildings"])
    assert refusal(check_output, f"{postgis.url}?schema=nowhere") == "database_no_schema"
    assert refusal(check_output, postgis.database("bare")) == "database_without_postgis"
    assert refusal(check_output, out, layers=["x" * 60]) == "database_name_long"
    assert refusal(check_output, out, [table(out)], ["buildings"]) == "output_equals_input"
    assert refusal(check_output, out, [table(out)]) == "output_equals_input"
    check_output(out, [table(out)], ["modules"])
    execute(postgis, "CREATE VIEW pv_buildings AS SELECT 1 a")
    assert refusal(check_output, out, layers=["buildings"]) == "output_name_taken"
    assert refusal(write_layers, out, {"buildings": squares(1)}, titles={}) == "output_name_taken"
    execute(postgis, "CREATE ROLE reader LOGIN")
    try:
        assert refusal(check_output, out.replace("lk@", "reader@")) == "database_no_right"
    finally:
        execute(postgis, "DROP ROLE reader")


def test_server_that_is_down() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        assert refusal(check_output, f"postgresql://lk@127.0.0.1:{port}/lk") == "database_unreachable"


def test_connection_that_breaks_in_the_middle(postgis: Server, out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_layers(out, {"buildings": squares(3)}, titles={})
    swap = pg_write._swap

    def broken(connection: psycopg.Connection, schema: str, name: str) -> None:
        with psycopg.connect(postgis.url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
        swap(connection, schema, name)

    monkeypatch.setattr(pg_write, "_swap", broken)
    assert refusal(write_layers, out, {"buildings": squares(1)}, titles={}) == "database_refused"
    assert query(postgis, "SELECT count(*) FROM pv_buildings") == [(3,)]
