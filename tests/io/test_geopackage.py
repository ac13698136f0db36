"""GeoPackage out: whole or not at all, other contents kept, one sentence for each refusal."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from lk_spatial.core.errors import InputError
from lk_spatial.core.files import abandon, part_prefix
from lk_spatial.core.text import Text
from lk_spatial.io import geopackage, geopackage_swap
from lk_spatial.io.vector import check_output, write_layers

ROOT = Path(__file__).resolve().parents[2]
TITLES = {"buildings": Text("Buildings", "Budovy")}


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LK_LANG", "en")


def squares(count: int, mark: str = "a", **columns: object) -> gpd.GeoDataFrame:
    x = -688_000.0 + np.arange(count) * 20.0
    table = {"building_id": [f"{mark}{n}" for n in range(count)], **columns}
    return gpd.GeoDataFrame(table, geometry=shapely.box(x, -974_010, x + 10, -974_000), crs="EPSG:5514")


def write(out: Path, count: int = 5, mark: str = "a", **more: object) -> None:
    write_layers(out, {"buildings": squares(count, mark)}, titles=TITLES, **more)


def ids(out: Path, layer: str = "buildings") -> list[str]:
    return pyogrio.read_dataframe(out, layer=layer)["building_id"].tolist()


def query(out: Path, sql: str, *values: object) -> list[tuple]:
    with closing(sqlite3.connect(out)) as database:
        return database.execute(sql, values).fetchall()


def sentence(error: pytest.ExceptionInfo[InputError]) -> str:
    """The message in both languages; it must be one line without unfilled places."""
    both = error.value.sentence("en") + error.value.sentence("cs")
    assert "\n" not in both and "{" not in both
    return error.value.code


def healthy(out: Path) -> bool:
    with closing(sqlite3.connect(out)) as database:
        indexes = [
            name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%USING rtree%'")
        ]
        good = all(database.execute("SELECT rtreecheck(?)", (name,)).fetchone() == ("ok",) for name in indexes)
        return good and database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# --- what is written ---------------------------------------------------------------------------------------------


def test_new_file_is_a_geopackage_1_3_with_all_types(tmp_path: Path) -> None:
    out = tmp_path / "new.gpkg"
    frame = squares(
        3,
        name=["a\0b", None, "č"],
        persons=pd.array([1, None, 3], dtype="Int64"),
        span_m=[1.5, np.nan, 2.0],
        snow_guards=pd.array([True, None, False], dtype="boolean"),
    )
    frame.loc[2, "geometry"] = None
    write_layers(out, {"buildings": frame, "curves": pd.DataFrame({"name": ["x"]})}, titles=TITLES)
    assert query(out, "PRAGMA user_version") == [(10300,)]
    assert query(out, "SELECT name, persons, span_m, snow_guards FROM buildings") == [
        ("ab", 1, 1.5, 1),
        (None, None, None, None),
        ("č", 3, 2.0, 0),
    ]
    assert query(out, "SELECT geometry_type_name, srs_id, z FROM gpkg_geometry_columns") == [("MULTIPOLYGON", 5514, 0)]
    assert query(out, "SELECT data_type FROM gpkg_contents WHERE table_name = 'curves'") == [("attributes",)]
    assert pyogrio.read_dataframe(out, layer="buildings").geometry.isna().tolist() == [False, False, True]
    assert [path.name for path in tmp_path.iterdir()] == ["new.gpkg"]


@pytest.mark.parametrize(
    ("wkt", "kind", "expected"),
    [
        (["POLYGON Z ((0 0 1, 1 0 1, 1 1 1, 0 0 1))", "POLYGON ((0 0, 1 0, 1 1, 0 0))"], None, ("MULTIPOLYGON", 1)),
        (["LINESTRING (0 0, 1 1)", "MULTILINESTRING ((0 0, 1 1))"], None, ("MULTILINESTRING", 0)),
        (["POINT (0 0)"], None, ("POINT", 0)),
        (["POINT (0 0)", "MULTIPOINT ((0 0), (1 1))"], None, ("MULTIPOINT", 0)),
        (["POINT (0 0)", "LINESTRING (0 0, 1 1)"], None, ("GEOMETRY", 0)),
        (["POLYGON EMPTY"], None, ("MULTIPOLYGON", 0)),
        ([], "line", ("MULTILINESTRING", 0)),
        ([], None, ("MULTIPOLYGON", 0)),
    ],
)
def test_one_geometry_type_and_dimension_for_each_layer(
    tmp_path: Path, wkt: list[str], kind: str | None, expected: tuple[str, int]
) -> None:
    frame = gpd.GeoDataFrame({"name": ["x"] * len(wkt)}, geometry=gpd.GeoSeries.from_wkt(wkt), crs="EPSG:5514")
    if kind:
        frame.attrs["geometry_type"] = kind
    write_layers(tmp_path / "o.gpkg", {"layer": frame}, titles={})
    found = query(tmp_path / "o.gpkg", "SELECT geometry_type_name, z FROM gpkg_geometry_columns")
    assert found == [expected]
    assert query(tmp_path / "o.gpkg", "SELECT count(*) FROM layer") == [(len(wkt),)]


@pytest.mark.parametrize(
    ("lang", "title", "heading", "value"),
    [("en", "Buildings", "Use", "school"), ("cs", "Budovy", "Užití", "základní škola")],
)
def test_titles_aliases_value_lists_and_style(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, title: str, heading: str, value: str
) -> None:
    monkeypatch.setenv("LK_LANG", lang)
    out = tmp_path / "o.gpkg"
    write_layers(out, {"buildings": squares(1, use=["school"], use_source=["x"])}, titles=TITLES)
    assert query(out, "SELECT identifier FROM gpkg_contents WHERE table_name = 'buildings'") == [(title,)]
    columns = "SELECT title, constraint_name FROM gpkg_data_columns WHERE column_name = ?"
    assert query(out, columns, "use") == [(heading, "lk_use")]
    assert query(out, columns, "use_source")[0][0].startswith(heading)
    listed = query(out, "SELECT description FROM gpkg_data_column_constraints WHERE value = 'school'")
    assert listed == [(value,)]
    ((style,),) = query(out, "SELECT styleQML FROM layer_styles WHERE useAsDefault")
    assert f'name="{heading}"' in style and 'value="school"' in style and value in style


def test_given_styles_are_kept_and_get_aliases(tmp_path: Path) -> None:
    out = tmp_path / "o.gpkg"
    qml = "<!DOCTYPE qgis><qgis version='3.22'><renderer-v2 type='singleSymbol'/></qgis>"
    sld = "<StyledLayerDescriptor version='1.0.0'/>"
    write_layers(out, {"a": squares(1), "b": squares(1)}, titles={}, styles={"a": qml, "b": sld})
    rows = {row[0]: row[1:] for row in query(out, "SELECT f_table_name, styleQML, styleSLD FROM layer_styles")}
    assert "renderer-v2" in rows["a"][0] and "<alias " in rows["a"][0]
    assert rows["b"] == (None, sld)


# --- what is replaced and what stays -----------------------------------------------------------------------------


def test_same_names_are_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    out = tmp_path / "o.gpkg"
    write_layers(out, {"Buildings": squares(9, "old"), "mine": squares(4, "m")}, titles={})
    write(out, 3, "new")
    assert ids(out) == ["new0", "new1", "new2"] and len(ids(out, "mine")) == 4
    names = {name for name, _ in pyogrio.list_layers(out)}
    assert names == {"buildings", "mine", "layer_styles"} and healthy(out)
    found = pyogrio.read_dataframe(out, layer="buildings", bbox=(-687_985, -974_010, -687_975, -974_000))
    assert found["building_id"].tolist() == ["new1"]


def test_replaced_layer_can_be_edited_afterwards(tmp_path: Path) -> None:
    out = tmp_path / "o.gpkg"
    write(out, 3)
    write(out, 2, "b")
    pyogrio.write_dataframe(squares(1, "more"), out, layer="buildings", append=True, promote_to_multi=True)
    assert ids(out) == ["b0", "b1", "more0"] and healthy(out)
    assert query(out, "SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = 'buildings'") == [(3,)]
    assert query(out, "SELECT count(*) FROM rtree_buildings_geom") == [(3,)]


def test_peoples_own_default_style_stays_default(tmp_path: Path) -> None:
    out = tmp_path / "o.gpkg"
    write(out)
    with closing(sqlite3.connect(out)) as database, database:
        database.execute("UPDATE layer_styles SET useAsDefault = 0")
        database.execute(
            "INSERT INTO layer_styles (f_table_name, f_geometry_column, styleName, styleQML, useAsDefault, description)"
            " VALUES ('buildings', 'geom', 'mine', '<qgis/>', 1, 'by hand')"
        )
    write(out, 2)
    assert query(out, "SELECT styleName, useAsDefault FROM layer_styles ORDER BY id") == [("mine", 1), ("Buildings", 0)]


def test_identifier_of_another_layer_is_left_to_it(tmp_path: Path) -> None:
    out = tmp_path / "o.gpkg"
    write_layers(out, {"other": squares(1)}, titles={"other": TITLES["buildings"]})
    write(out)
    found = dict(query(out, "SELECT table_name, identifier FROM gpkg_contents"))
    assert found["other"] == "Buildings" and found["buildings"] == "Buildings (buildings)"


@pytest.mark.parametrize("page_size", [512, 1024, 65536])
def test_other_page_size(tmp_path: Path, page_size: int) -> None:
    out = tmp_path / "o.gpkg"
    write(out, 500)
    with closing(sqlite3.connect(out, isolation_level=None)) as database:
        database.execute(f"PRAGMA page_size = {page_size}")
        database.execute("VACUUM")
    write(out, 700, "b")
    assert len(ids(out)) == 700 and healthy(out)
    assert query(out, "SELECT count(*) FROM rtree_buildings_geom") == [(700,)]


def test_file_of_another_program_without_our_tables(tmp_path: Path) -> None:
    out = tmp_path / "o.gpkg"
    write_layers(out, {"mine": squares(2)}, titles={})
    with closing(sqlite3.connect(out)) as database, database:
        for table in ("layer_styles", "gpkg_data_columns", "gpkg_data_column_constraints", "gpkg_ogr_contents"):
            database.execute(f"DROP TABLE {table}")
            database.execute("DELETE FROM gpkg_contents WHERE table_name = ?", (table,))
            database.execute("DELETE FROM gpkg_extensions WHERE table_name = ?", (table,))
    write_layers(out, {"buildings": squares(1, use=["school"])}, titles=TITLES)
    assert query(out, "SELECT count(*) FROM gpkg_data_column_constraints")[0][0] > 10
    registered = query(out, "SELECT table_name FROM gpkg_extensions WHERE extension_name = 'gpkg_schema'")
    assert sorted(registered) == [("gpkg_data_column_constraints",), ("gpkg_data_columns",)]
    assert len(ids(out, "mine")) == 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("UPDATE gpkg_spatial_ref_sys SET organization = 'epsg' WHERE srs_id = 5514", 5514),
        ("UPDATE gpkg_spatial_ref_sys SET srs_id = 100000 WHERE srs_id = 5514", 100_000),
        (
            "UPDATE gpkg_spatial_ref_sys SET organization = 'NONE', organization_coordsys_id = 1,"
            " definition = 'LOCAL_CS[\"x\"]' WHERE srs_id = 5514",
            100_000,
        ),
        ("DELETE FROM gpkg_spatial_ref_sys WHERE srs_id = 5514", 5514),
    ],
    ids=["other spelling", "other id", "id taken by another system", "absent"],
)
def test_coordinate_system_finds_its_id_in_the_target(tmp_path: Path, change: str, expected: int) -> None:
    out = tmp_path / "o.gpkg"
    write_layers(out, {"mine": squares(2)}, titles={})
    with closing(sqlite3.connect(out)) as database, database:
        database.execute(change)
    write(out)
    assert query(out, "SELECT srs_id FROM gpkg_contents WHERE table_name = 'buildings'") == [(expected,)]
    assert query(out, "SELECT srs_id FROM gpkg_geometry_columns WHERE table_name = 'buildings'") == [(expected,)]
    ((blob,),) = query(out, "SELECT geom FROM buildings LIMIT 1")
    assert int.from_bytes(blob[4:8], "little") == expected
    frame = pyogrio.read_dataframe(out, layer="buildings")
    assert frame.crs.to_epsg() == 5514 and frame.geometry.iloc[0].equals(squares(1).geometry.iloc[0])


# --- whole or not at all -----------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked writers")
def test_killed_writers_leave_whole_contents(tmp_path: Path) -> None:
    kills = 16
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("killed_writer.py")), str(tmp_path), str(kills), "7"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["other"] == [] and told["whole"] == kills and told["end"] == "whole"
    assert told["journals"] >= 3, "too few kills fell into the transaction to prove anything"
    assert told["leftovers"] == []


def test_locked_file_is_refused_and_untouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geopackage, "BUSY_SECONDS", 0.1)
    monkeypatch.setattr(geopackage, "CHECK_SECONDS", 0.1)
    out = tmp_path / "o.gpkg"
    write(out)
    with closing(sqlite3.connect(out, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for action in (lambda: check_output(out), lambda: write(out, 2)):
            with pytest.raises(InputError) as error:
                action()
            assert sentence(error) == "output_locked"
    assert len(ids(out)) == 5 and [path.name for path in tmp_path.iterdir()] == ["o.gpkg"]


def test_reader_that_never_ends_blocks_the_commit_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geopackage, "BUSY_SECONDS", 0.1)
    out = tmp_path / "o.gpkg"
    write(out)
    with closing(sqlite3.connect(out, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM buildings").fetchone()
        with pytest.raises(InputError) as error:
            write(out, 2)
        assert sentence(error) == "output_locked"
    assert len(ids(out)) == 5 and healthy(out)


def test_file_open_in_wal_mode_like_in_qgis(tmp_path: Path) -> None:
    out = tmp_path / "o.gpkg"
    write_layers(out, {"buildings": squares(3), "notes": pd.DataFrame({"text": ["first"]})}, titles={})
    with closing(sqlite3.connect(out, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("UPDATE notes SET text = 'in the log'")
        write(out, 2, "b")
        assert other.execute("SELECT building_id FROM buildings").fetchall() == [("b0",), ("b1",)]
    assert ids(out) == ["b0", "b1"] and healthy(out)
    assert query(out, "SELECT text FROM notes") == [("in the log",)]


def test_write_ahead_log_of_a_crashed_program_is_used_not_lost(tmp_path: Path) -> None:
    out = tmp_path / "o.gpkg"
    write_layers(out, {"buildings": squares(3), "notes": pd.DataFrame({"text": ["first"]})}, titles={})
    crash = (
        "import sqlite3, os, sys; d = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "d.execute('PRAGMA journal_mode = WAL'); d.execute(\"UPDATE notes SET text = 'logged'\"); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", crash, str(out)], check=False)
    assert Path(f"{out}-wal").stat().st_size > 0
    write(out, 2, "b")
    assert ids(out) == ["b0", "b1"] and healthy(out)
    assert query(out, "SELECT text FROM notes") == [("logged",)]


def test_journal_without_its_file_is_refused(tmp_path: Path) -> None:
    leftover = tmp_path / "o.gpkg-journal"
    leftover.write_bytes(b"hot")
    for action in (lambda: check_output(tmp_path / "o.gpkg"), lambda: write(tmp_path / "o.gpkg")):
        with pytest.raises(InputError) as error:
            action()
        assert sentence(error) == "output_leftover"
    assert leftover.read_bytes() == b"hot" and [path.name for path in tmp_path.iterdir()] == ["o.gpkg-journal"]


def test_stale_stage_files_are_swept_living_ones_not(tmp_path: Path) -> None:
    out = tmp_path / "o.gpkg"
    prefix = part_prefix(out)
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    stale = tmp_path / f"{prefix}.{dead.stdout.strip()}.0badcafe.part.gpkg"
    living = tmp_path / f"{prefix}.{os.getppid()}.0badcafe.part.gpkg"
    old = tmp_path / f"{prefix}.{os.getppid()}.00c0ffee.part.gpkg"
    foreign = tmp_path / ".o.otherhost.1.0badcafe.part.gpkg"
    fresh = tmp_path / f"{prefix}.{dead.stdout.strip()}.0feedbee.part.gpkg"
    for each in (stale, living, old, foreign, fresh, Path(f"{stale}-journal")):
        each.write_bytes(b"x")
        os.utime(each, (time.time() - 120,) * 2)
    os.utime(fresh)
    os.utime(old, (0, 0))
    write(out)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([living.name, foreign.name, fresh.name, "o.gpkg"])


def test_abandoned_run_takes_its_stage_file_along(tmp_path: Path) -> None:
    """What the engine does at Cancel: remove unfinished files and end at once."""
    with geopackage._stage(tmp_path / "o.gpkg") as stage:
        stage.touch()
        stage.with_name(stage.name + "-journal").touch()
        abandon()
        assert list(tmp_path.iterdir()) == []


def test_another_process_was_first_with_a_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "o.gpkg"
    write_layers(tmp_path / "theirs.gpkg", {"theirs": squares(3)}, titles={})
    publish = geopackage._publish

    def late(stage: Path, target: Path) -> bool:
        shutil.copy(tmp_path / "theirs.gpkg", target)
        return publish(stage, target)

    monkeypatch.setattr(geopackage, "_publish", late)
    write(out)
    assert len(ids(out)) == 5 and len(ids(out, "theirs")) == 3


# --- disk full ---------------------------------------------------------------------------------------------------


def test_full_database_keeps_the_old_contents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "o.gpkg"
    write(out)
    real = geopackage_swap.connect

    def small(path: Path, seconds: float) -> sqlite3.Connection:
        database = real(path, seconds)
        pages = database.execute("PRAGMA page_count").fetchone()[0]
        if path == out.resolve():
            database.execute(f"PRAGMA max_page_count = {pages + 2}")
        return database

    monkeypatch.setattr(geopackage_swap, "connect", small)
    with pytest.raises(InputError) as error:
        write(out, 5000, "b")
    assert sentence(error) == "disk_full"
    assert ids(out) == [f"a{n}" for n in range(5)] and healthy(out)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.parametrize("existing", [False, True], ids=["new file", "existing file"])
def test_limit_of_file_size_keeps_the_old_contents(tmp_path: Path, existing: bool) -> None:
    out = tmp_path / "o.gpkg"
    if existing:
        write(out)
    limited = (
        "import resource, sys; sys.path[:0] = sys.argv[2:];"
        "from pathlib import Path; import test_geopackage as t; from lk_spatial.core.errors import InputError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
        "try:\n    t.write(Path(sys.argv[1]), 5000, 'b')\nexcept InputError as error:\n    print(error.code)"
    )
    command = [sys.executable, "-c", limited, str(out), str(ROOT), str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() in ("disk_full", "output_not_written"), done.stderr
    assert [path.name for path in tmp_path.iterdir()] == (["o.gpkg"] if existing else [])
    if existing:
        assert len(ids(out)) == 5 and healthy(out)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount a small disk")
@pytest.mark.parametrize("rows", [2000, 60_000], ids=["full at the swap", "full at the stage"])
def test_really_full_disk_keeps_the_old_contents(tmp_path: Path, rows: int) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "none", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine does not let root mount a disk")
    try:
        out = disk / "o.gpkg"
        write(out, 1000)
        with pytest.raises(InputError) as error:
            write(out, rows, "b")
        assert sentence(error) == "disk_full"
        assert len(ids(out)) == 1000 and healthy(out)
        assert [path.name for path in disk.iterdir()] == ["o.gpkg"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


# --- refusals before any work ------------------------------------------------------------------------------------


def test_output_that_is_an_input_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "in.gpkg"
    write(out)
    before = out.read_bytes()
    (tmp_path / "soft.gpkg").symlink_to(out)
    (tmp_path / "hard.gpkg").hardlink_to(out)
    for name in ("in.gpkg", "soft.gpkg", "hard.gpkg", "../" + tmp_path.name + "/in.gpkg"):
        for given in (out, f"{out}|layername=buildings"):
            with pytest.raises(InputError) as error:
                check_output(tmp_path / name, [tmp_path / "dsm.tif", given])
            assert sentence(error) == "output_equals_input"
    assert out.read_bytes() == before
    check_output(tmp_path / "other.gpkg", [out])


@pytest.mark.parametrize("name", ["o.shp", "o", "o.gpkg.zip", "o.json"])
def test_wrong_suffix(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as error:
        check_output(tmp_path / name)
    assert sentence(error) == "output_suffix"


def test_missing_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in ("missing", "file"):
        with pytest.raises(InputError) as error:
            check_output(tmp_path / folder / "o.gpkg")
        assert sentence(error) == "output_folder_missing"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that even root cannot write")
def test_folder_that_nobody_can_write() -> None:
    with pytest.raises(InputError) as error:
        check_output("/proc/o.gpkg")
    assert sentence(error) == "output_unwritable"


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("what", ["folder", "file"])
def test_missing_rights(tmp_path: Path, what: str) -> None:
    """As an ordinary user: rights mean nothing to root, so root runs this as nobody."""
    place = Path(tempfile.gettempdir()) / f"lk_rights_{os.getpid()}_{what}"
    place.mkdir(mode=0o755)
    try:
        out = place / "o.gpkg"
        write(out)
        out.chmod(0o444 if what == "file" else 0o644)
        place.chmod(0o555 if what == "folder" else 0o777)
        if os.geteuid() != 0:
            with pytest.raises(InputError) as error:
                check_output(out)
            assert sentence(error) == "output_unwritable"
        else:
            child = os.fork()
            if child == 0:
                os._exit(_code_as_nobody(out))
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        place.chmod(0o755)
        shutil.rmtree(place)


def _code_as_nobody(out: Path) -> int:
    os.setgid(65534)
    os.setuid(65534)
    try:
        check_output(out)
    except InputError as error:
        return 0 if error.code == "output_unwritable" else 2
    return 1


@pytest.mark.parametrize(
    "content",
    [b"", b"II*\0 a tiff", b"SQLite format 3\0 but broken" * 50, None],
    ids=["empty", "tiff", "broken", "plain SQLite"],
)
def test_existing_file_that_is_something_else(tmp_path: Path, content: bytes | None) -> None:
    out = tmp_path / "o.gpkg"
    if content is None:
        with closing(sqlite3.connect(out)) as database:
            database.execute("CREATE TABLE diary (day TEXT)")
    else:
        out.write_bytes(content)
    before = out.read_bytes()
    for action in (lambda: check_output(out), lambda: write(out)):
        with pytest.raises(InputError) as error:
            action()
        assert sentence(error) == "output_not_geopackage"
    assert out.read_bytes() == before and [path.name for path in tmp_path.iterdir()] == ["o.gpkg"]


def test_folder_with_the_outputs_name(tmp_path: Path) -> None:
    (tmp_path / "o.gpkg").mkdir()
    with pytest.raises(InputError) as error:
        check_output(tmp_path / "o.gpkg")
    assert sentence(error) == "output_not_geopackage"


@pytest.mark.parametrize(
    "statements",
    [
        [
            "CREATE TABLE buildings (tile BLOB)",
            "INSERT INTO gpkg_contents (table_name, data_type) VALUES ('buildings', 'tiles')",
        ],
        ["CREATE TABLE Buildings (note TEXT)"],
        ["CREATE VIEW buildings AS SELECT * FROM mine"],
    ],
    ids=["raster", "foreign table", "view"],
)
def test_name_taken_by_something_else(tmp_path: Path, statements: list[str]) -> None:
    out = tmp_path / "o.gpkg"
    write_layers(out, {"mine": squares(2)}, titles={})
    with closing(sqlite3.connect(out)) as database, database:
        for statement in statements:
            database.execute(statement)
    before = out.read_bytes()
    for action in (lambda: check_output(out, layers=["buildings"]), lambda: write(out)):
        with pytest.raises(InputError) as error:
            action()
        assert sentence(error) == "output_name_taken"
    assert out.read_bytes() == before
