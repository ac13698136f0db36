"""Vector layers in: every kind of file and geometry is read right, repaired with a notice, or refused in a sentence."""

import json
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lk_spatial.core.errors import LkError
from lk_spatial.core.notices import Notice, collect_notices
from lk_spatial.io.geometry import clean_geometry
from lk_spatial.io.vector import read_vector, write_layers

X, Y = -688_000.0, -974_000.0


def at(wkt: str) -> shapely.Geometry:
    """A geometry near Liberec from small numbers."""
    return shapely.transform(
        shapely.from_wkt(wkt), lambda points: points + [X, Y, 0][: points.shape[1]], include_z="Z" in wkt
    )


def box(n: int = 0) -> shapely.Polygon:
    return shapely.box(X + 20 * n, Y, X + 20 * n + 10, Y + 10)


def save(path: Path, shapes: list, crs: object = "EPSG:5514", layer: str = "buildings", **options: object) -> Path:
    names = [f"n{k}" for k in range(len(shapes))]
    frame = gpd.GeoDataFrame({"name": names}, geometry=gpd.GeoSeries(shapes, crs=crs), crs=crs)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.write_dataframe(frame, path, layer=layer, **options)
    return path


def read(ref: object, geometry: str = "polygon", **options: object) -> tuple[gpd.GeoDataFrame, list[Notice]]:
    with collect_notices() as notices:
        return read_vector(ref, input_name="buildings", geometry=geometry, **options), notices


def refusal(ref: object, geometry: str = "polygon", **options: object) -> str:
    with pytest.raises(LkError) as error:
        read(ref, geometry, **options)
    for lang in ("en", "cs"):
        assert "\n" not in error.value.sentence(lang) and "{" not in error.value.sentence(lang)
    return error.value.code


# --- files and layers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.geojson", "a.fgb", "a.gml", "a.sqlite"])
def test_any_file_that_ogr_reads(tmp_path: Path, name: str) -> None:
    path = save(tmp_path / name, [box(0), box(1)], layer="a")
    frame, _ = read(path)
    assert sorted(frame["name"]) == ["n0", "n1"] and frame.crs.to_epsg() == 5514
    assert np.allclose(frame.total_bounds, [X, Y, X + 30, Y + 10])


def test_real_footprints(shared_data: Path) -> None:
    frame, notices = read(shared_data / "roofs" / "liberec_real_roofs_buildings.gpkg")
    assert len(frame) == 21 and notices == [] and frame.crs.to_epsg() == 5514


def test_footprints_of_another_system_are_reprojected_or_refused(shared_data: Path) -> None:
    assert refusal(shared_data / "roofs" / "delft_bgt_pand.sqlite") in ("crs_outside", "vector_layer_ambiguous")


def test_reprojected_layer_lands_where_it_belongs(tmp_path: Path) -> None:
    there = gpd.GeoSeries([box()], crs=5514).to_crs(25833)
    frame, notices = read(save(tmp_path / "a.gpkg", list(there), crs=25833))
    assert [each.code for each in notices] == ["vector_reprojected"]
    assert np.allclose(frame.total_bounds, box().bounds, atol=1.0) and frame.crs.to_epsg() == 5514


def test_czech_layer_name_and_the_only_suitable_layer(tmp_path: Path) -> None:
    path = save(tmp_path / "a.gpkg", [box()], layer="Budovy města")
    save(path, [shapely.Point(X, Y)], layer="adresy")
    write_layers(path, {"tabulka": pd.DataFrame({"x": [1]})}, titles={})
    assert len(read(path)[0]) == len(read(f"{path}|layername=Budovy města")[0]) == 1
    assert refusal(f"{path}|layername=adresy") == "vector_no_such_geometry"
    assert refusal(f"{path}|layername=tabulka") == "vector_no_such_geometry"
    assert refusal(f"{path}|layername=budovy") == "vector_layer_missing"
    assert refusal(f"{path}|subset=name='x'") == "vector_reference"
    assert refusal(path, "any") == "vector_layer_ambiguous"
    save(path, [box()], layer="druhá")
    assert refusal(path) == "vector_layer_ambiguous"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.gpkg", b""),
        ("a.gpkg", b"\x8f\x12\xa0" * 4000),
        ("a.gpkg", b"SQLite format 3\0" + b"\0" * 4000),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [{"type": '),
        ("a.tif", b"II*\0" + b"\0" * 100),
        ("a.shp", b"\0\0\x27\x0a" + b"\0" * 96),
        ("a.zip", b"PK\x03\x04 broken"),
        ("a.xyz", b"1 2 3\n"),
    ],
    ids=["empty", "encrypted", "damaged", "cut", "raster", "shp alone", "broken zip", "text"],
)
def test_what_is_no_vector_file(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert refusal(tmp_path / name) in ("vector_unreadable", "vector_no_such_geometry")


def test_missing_file_and_empty_layer(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.gpkg") == "vector_missing"
    assert refusal(save(tmp_path / "a.gpkg", [], geometry_type="Polygon")) == "vector_empty"


# --- geometry ----------------------------------------------------------------------------------------------------


def test_null_and_empty_geometries_are_counted_and_named(tmp_path: Path) -> None:
    path = save(tmp_path / "a.gpkg", [box(), None, shapely.Polygon(), box(3)], geometry_type="Polygon")
    frame, notices = read(path)
    assert frame["name"].tolist() == ["n0", "n3"] and frame.index.tolist() == [1, 4]
    assert [(each.code, each.values["count"], each.values["ids"]) for each in notices] == [
        ("geometry_empty", 2, "2, 3")
    ]
    assert refusal(save(tmp_path / "b.gpkg", [None, None], geometry_type="Polygon")) == "vector_without_geometry"


@pytest.mark.parametrize(
    ("wkt", "area"),
    [
        ("POLYGON ((0 0, 10 10, 10 0, 0 10, 0 0))", 50.0),
        ("POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (2 2, 20 2, 20 4, 2 4, 2 2))", 84.0),
        ("MULTIPOLYGON (((0 0, 10 0, 10 10, 0 10, 0 0)), ((5 0, 15 0, 15 10, 5 10, 5 0)))", 150.0),
        ("POLYGON ((0 0, 10 0, 10 10, 5 10, 5 15, 5 10, 0 10, 0 0))", 100.0),
    ],
    ids=["bow-tie", "hole out of shell", "overlapping parts", "spike"],
)
def test_invalid_polygons_are_repaired_with_a_notice(tmp_path: Path, wkt: str, area: float) -> None:
    frame, notices = read(save(tmp_path / "a.gpkg", [box(5), at(wkt)], geometry_type="Unknown"))
    assert [(each.code, each.values["ids"]) for each in notices] == [("geometry_repaired", "2")]
    assert frame.is_valid.all() and frame.area.iloc[1] == pytest.approx(area)
    assert set(frame.geom_type) <= {"Polygon", "MultiPolygon"}


def test_unrepairable_geometry_is_named_and_left_out(tmp_path: Path) -> None:
    frame, notices = read(save(tmp_path / "a.gpkg", [box(), at("POLYGON ((0 0, 5 5, 9 9, 0 0))")]))
    assert len(frame) == 1
    assert [(each.code, each.values["ids"]) for each in notices] == [("geometry_unrepairable", "2")]
    with np.errstate(invalid="ignore"):
        strange = [shapely.Polygon([(X, Y), (bad, Y), (X, Y + 5), (X, Y)]) for bad in (np.nan, np.inf)]
    shapes = [strange[0], box(), strange[1]]
    with collect_notices() as notices:
        kept = clean_geometry(gpd.GeoDataFrame(geometry=shapes), "polygon", input_name="i", path="p")
    assert kept.index.tolist() == [1] and notices[0].code == "geometry_unrepairable"


def test_unclosed_ring_is_closed(tmp_path: Path) -> None:
    ring = [[X, Y], [X + 10, Y], [X + 10, Y + 10], [X, Y + 10]]
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5514"}}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}))
    assert read(path)[0].area.tolist() == [100.0]


def test_curves_become_lines_and_heights_go(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    curve = f"CURVEPOLYGON (CIRCULARSTRING ({X} {Y}, {X + 10} {Y + 10}, {X + 20} {Y}, {X + 10} {Y - 10}, {X} {Y}))"
    high = at("POLYGON Z ((0 0 1, 10 0 2, 10 10 3, 0 0 1))").wkt
    measured = high.replace("POLYGON Z", "POLYGON M")
    path.write_text("WKT,name\n" + "".join(f'"{each}",x\n' for each in (curve, high, measured)))
    frame, _ = read(path, assume_crs="EPSG:5514")
    assert frame.area.iloc[0] == pytest.approx(np.pi * 100, rel=1e-2)
    assert not frame.has_z.any() and frame.area.iloc[1:].tolist() == [50.0, 50.0]


def test_collection_gives_its_polygons_and_other_kinds_are_refused(tmp_path: Path) -> None:
    mixed = at("GEOMETRYCOLLECTION (POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0)), POINT (3 3), LINESTRING (0 0, 9 9))")
    path = save(tmp_path / "a.gpkg", [box(5), mixed], geometry_type="Unknown")
    frame, _ = read(path)
    assert frame.area.tolist() == [100.0, 100.0]
    assert len(read(path, "any")[0]) == 2
    assert (
        refusal(save(tmp_path / "b.gpkg", [box(), shapely.Point(X, Y)], geometry_type="Unknown"))
        == "vector_wrong_geometry"
    )
    assert refusal(save(tmp_path / "c.gpkg", [shapely.Point(X, Y)])) == "vector_no_such_geometry"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=9), min_size=1, max_size=4)
)
def test_any_ring_becomes_valid_or_is_named(rings: list[list[tuple[int, int]]]) -> None:
    shapes = [shapely.Polygon(ring) for ring in rings]
    frame = gpd.GeoDataFrame(
        {"k": range(len(shapes))},
        geometry=[
            *shapes,
        ],
        crs=None,
    )
    frame.loc[len(shapes), ["k", "geometry"]] = [-1, shapely.box(0, 0, 1, 1)]
    with collect_notices() as notices:
        clean = clean_geometry(frame, "polygon", input_name="i", path="p")
    lost = sum(each.values["count"] for each in notices if each.code in ("geometry_unrepairable", "geometry_empty"))
    assert len(clean) + lost == len(frame)
    assert clean.is_valid.all() and (clean.area > 0).all() and set(clean.geom_type) <= {"Polygon", "MultiPolygon"}
    hull = shapely.convex_hull(frame.geometry.loc[clean.index].array)
    assert (clean.area <= shapely.area(hull) + 1e-9).all()


# --- text, CRS, size ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "cpg", "told"),
    [("CP1250", False, True), ("CP1250", True, False), ("UTF-8", False, False), ("UTF-8", True, False)],
)
def test_letters_of_shapefiles(tmp_path: Path, encoding: str, cpg: bool, told: bool) -> None:
    path = tmp_path / "a.shp"
    frame = gpd.GeoDataFrame({"name": ["Žižkův dům š"] * 3}, geometry=[box(n) for n in range(3)], crs=5514)
    pyogrio.write_dataframe(frame, path, encoding=encoding)
    dbf = path.with_suffix(".dbf")
    raw = bytearray(dbf.read_bytes())
    raw[29] = 0x57
    dbf.write_bytes(raw)
    if not cpg:
        path.with_suffix(".cpg").unlink(missing_ok=True)
    found, notices = read(path)
    assert set(found["name"]) == {"Žižkův dům š"}
    assert ("shapefile_encoding_assumed" in [each.code for each in notices]) == told


def test_strays_outside_the_region_are_named_and_left_out(tmp_path: Path) -> None:
    """One feature at 0, 0 would move the middle of the site by hundreds of kilometres."""
    path = save(tmp_path / "x.gpkg", [box(), shapely.box(0, 0, 9, 9), box(1)])
    frame, notices = read(path)
    assert list(frame["name"]) == ["n0", "n2"]
    assert [each.code for each in notices] == ["geometry_outside"] and notices[0].values["ids"] == "2"
    assert len(read(path, anywhere=True)[0]) == 3


WRITER = (
    "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute('BEGIN EXCLUSIVE'); print(1, flush=True); input()"
)


def test_layer_that_another_program_writes_is_locked_not_damaged(tmp_path: Path) -> None:
    path = save(tmp_path / "x.gpkg", [box()])
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], **pipes) as writer:
        assert writer.stdout.readline()
        pyogrio.set_gdal_config_options({"SQLITE_BUSY_TIMEOUT": "50"})
        try:
            assert refusal(path) == "vector_locked"
        finally:
            pyogrio.set_gdal_config_options({"SQLITE_BUSY_TIMEOUT": None})
            writer.communicate("\n")


def test_reason_of_a_damaged_file_is_no_sql(tmp_path: Path) -> None:
    path = save(tmp_path / "x.gpkg", [box()])
    path.write_bytes(path.read_bytes()[:50_000])
    with pytest.raises(LkError) as error:
        read(path)
    assert error.value.code == "vector_unreadable" and "SELECT" not in error.value.sentence("en")


def test_crs_guard_stands_at_the_door(tmp_path: Path) -> None:
    bare = save(tmp_path / "bare.gpkg", [box()], crs=None)
    assert refusal(bare) == "crs_missing"
    assert len(read(bare, assume_crs={"buildings": "EPSG:5514"})[0]) == 1
    positive = shapely.transform(box(), lambda points: -points)
    assert refusal(save(tmp_path / "plus.gpkg", [positive])) == "crs_wrong_sign"
    degrees = save(tmp_path / "deg.gpkg", [shapely.box(15.05, 50.76, 15.06, 50.77)], crs=4326)
    assert refusal(degrees) == "crs_geographic"
    far = save(tmp_path / "far.gpkg", [shapely.box(-600_000, -1_160_000, -599_990, -1_159_990)])
    assert refusal(far) == "crs_outside" and len(read(far, anywhere=True)[0]) == 1


def test_box_reads_only_what_it_meets(tmp_path: Path) -> None:
    path = save(tmp_path / "a.gpkg", [box(n) for n in range(9)])
    assert read(path, bbox=(X + 35, Y, X + 45, Y + 1))[0]["name"].tolist() == ["n2"]
    assert read(path, bbox=(X + 4000, Y, X + 4001, Y + 1))[0].empty
    other = save(
        tmp_path / "b.gpkg", list(gpd.GeoSeries([box(n) for n in range(9)], crs=5514).to_crs(25833)), crs=25833
    )
    assert read(other, bbox=(X + 35, Y, X + 45, Y + 5))[0]["name"].tolist() == ["n2"]


def test_packed_shapefile_and_folder(tmp_path: Path) -> None:
    folder = tmp_path / "shp"
    folder.mkdir()
    save(folder / "a.shp", [box()])
    packed = shutil.make_archive(str(tmp_path / "a"), "zip", folder)
    assert len(read(packed)[0]) == len(read(folder)[0]) == 1


def test_round_trip_of_many_polygons(tmp_path: Path) -> None:
    count = 20_000
    x = X + np.arange(count) % 1000 * 5.0
    y = Y + np.arange(count) // 1000 * 5.0
    frame = gpd.GeoDataFrame(
        {"building_id": np.arange(count).astype(str)}, geometry=shapely.box(x, y, x + 3, y + 3), crs=5514
    )
    write_layers(tmp_path / "a.gpkg", {"buildings": frame}, titles={})
    back, notices = read(tmp_path / "a.gpkg")
    assert notices == [] and back["building_id"].tolist() == frame["building_id"].tolist()
    assert shapely.equals(back.geometry.array, frame.geometry.array).all()
