"""Roof planes of single roofs, odd footprints and odd surface models."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from lk_spatial.io.raster import Raster
from lk_spatial.roofs.pipeline import MIN_AREA_M2, RoofPlanes, _Chunks, find_roof_planes
from lk_spatial.roofs.window import Rules
from lk_spatial.roofs.work import planes_of_chunk
from tests.roofs.scores import scene_raster, turned
from tests.scenes import ORIGIN, Scene, make_scene, one_roof


def planes_of(scene: Scene, geometry: list | None = None, **options: object) -> RoofPlanes:
    buildings = scene.buildings
    if geometry is not None:
        names = [f"B{k + 1}" for k in range(len(geometry))]
        buildings = gpd.GeoDataFrame({"building_id": names, "part_id": "1"}, geometry=geometry, crs=5514)
    return find_roof_planes(scene_raster(scene), buildings, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def quarter() -> tuple[Scene, RoofPlanes]:
    scene = make_scene(5, size=270.0, dormers=True, shift=0.5)
    return scene, planes_of(scene)


@settings(max_examples=15, deadline=None)
@given(
    shape=st.sampled_from(["shed", "gable", "hip"]),
    tilt=st.floats(8, 55),
    azimuth=st.floats(0, 359),
    cell=st.sampled_from([0.5, 1.0]),
)
def test_exact_roof_gives_exact_planes(shape: str, tilt: float, azimuth: float, cell: float) -> None:
    scene = one_roof(shape, tilt, azimuth, cell=cell)
    planes = planes_of(scene).planes
    assert len(planes) == {"shed": 1, "gable": 2, "hip": 4}[shape]
    np.testing.assert_allclose(planes["tilt_deg"], tilt, atol=0.1)
    truth = scene.planes["azimuth_deg"].to_numpy()
    off = np.abs(turned(planes["azimuth_deg"].to_numpy()[:, None] - truth[None, :]))
    assert off.min(axis=1).max() < 0.4
    assert np.abs(turned(truth[0] - azimuth)) < 0.01
    np.testing.assert_allclose(planes["area_m2"], planes["plan_area_m2"] / np.cos(np.radians(planes["tilt_deg"])))
    assert planes["plan_area_m2"].sum() == pytest.approx(160.0, abs=0.1)


def test_azimuth_is_true_and_not_grid() -> None:
    plane = planes_of(one_roof("shed", 30, 180.0)).planes.iloc[0]
    grid = np.degrees(np.arctan2(-plane["_a"], -plane["_b"])) % 360
    assert plane["azimuth_deg"] == pytest.approx(180.0, abs=0.05)
    assert grid == pytest.approx(187.37, abs=0.06)  # facts: data.md section 2, +7.37 deg at the scene


@pytest.mark.parametrize(("tilt", "kind"), [(0.0, "flat"), (4.5, "flat"), (5.5, "pitched")])
def test_flat_below_five_degrees(tilt: float, kind: str) -> None:
    planes = planes_of(one_roof("shed", tilt, 90.0)).planes
    assert planes["kind"].tolist() == [kind]
    assert planes["azimuth_deg"].isna().tolist() == [kind == "flat"]


def test_threshold_of_flat_is_a_parameter() -> None:
    assert planes_of(one_roof("shed", 8, 90.0), flat_tilt_deg=10.0).planes["kind"].tolist() == ["flat"]


def test_heights() -> None:
    plane = planes_of(one_roof("flat", 0, 0)).planes.iloc[0]
    ground = 350.0 + 0.03 * 30  # slope of the made ground, at the building
    assert plane["elevation_m"] == pytest.approx(ground + 5.0, abs=0.01)
    assert plane["height_agl_m"] == pytest.approx(5.0, abs=0.5)  # the low tenth of a sloping ring
    assert plane["rmse_m"] < 1e-3


def test_ridge_is_one_straight_line() -> None:
    planes = planes_of(one_roof("gable", 35, 30.0, noise=0.1, seed=3)).planes
    assert shapely.get_num_coordinates(planes.geometry.array).tolist() == [5, 5]
    ridge = shapely.intersection(*planes.geometry)
    assert shapely.length(shapely.intersection(planes.geometry.iloc[0], planes.geometry.iloc[1].buffer(0.01))) > 15
    assert ridge.length == pytest.approx(16.0, abs=0.3)


def test_polygons_are_valid_disjoint_and_inside(quarter: tuple[Scene, RoofPlanes]) -> None:
    scene, found = quarter
    assert found.planes.is_valid.all() and found.obstacles.is_valid.all()
    footprint = scene.buildings.set_index("building_id").geometry
    for name, mine in found.planes.groupby("building_id"):
        union = shapely.union_all(mine.geometry.array)
        assert mine.area.sum() - union.area < 0.05
        assert shapely.difference(union, footprint[name].buffer(0.01)).area < 1e-6
    assert 0.9 < found.planes.area.sum() / scene.buildings.area.sum() <= 1.0001


def test_polygons_are_no_staircases(quarter: tuple[Scene, RoofPlanes]) -> None:
    _, found = quarter
    assert shapely.get_num_coordinates(found.planes.geometry.array).mean() < 7
    assert shapely.get_num_coordinates(found.planes.geometry.array).max() < 20


def test_labels_lie_in_their_polygons(quarter: tuple[Scene, RoofPlanes]) -> None:
    scene, found = quarter
    rows, cols = np.nonzero(found.labels)
    assert set(np.unique(found.labels)) == set(range(len(found.planes) + 1))
    x, y = scene.transform.c + (cols + 0.5), scene.transform.f - (rows + 0.5)
    polygons = found.planes.geometry.to_numpy()[found.labels[rows, cols] - 1]
    away = shapely.distance(polygons, shapely.points(x, y))
    assert (away == 0).mean() > 0.95 and away.max() < 4


def test_coefficients_give_the_heights(quarter: tuple[Scene, RoofPlanes]) -> None:
    scene, found = quarter
    rows, cols = np.nonzero(found.labels)
    x, y = scene.transform.c + (cols + 0.5), scene.transform.f - (rows + 0.5)
    a, b, c, x0, y0 = (
        found.planes[n].to_numpy()[found.labels[rows, cols] - 1] for n in ("_a", "_b", "_c", "_x0", "_y0")
    )
    off = scene.dsm[rows, cols] - (a * (x - x0) + b * (y - y0) + c)
    assert np.sqrt(np.mean(off**2)) < 0.13
    np.testing.assert_allclose(found.planes["elevation_m"], found.planes["_c"])


def test_plane_numbers_go_by_size(quarter: tuple[Scene, RoofPlanes]) -> None:
    _, found = quarter
    for _, mine in found.planes.groupby(["building_id", "part_id"]):
        assert mine["plane_id"].tolist() == [str(k + 1) for k in range(len(mine))]
        assert mine["plan_area_m2"].is_monotonic_decreasing


def test_one_worker_equals_many_and_chunks_travel(quarter: tuple[Scene, RoofPlanes]) -> None:
    scene, found = quarter
    with ThreadPoolExecutor(3) as pool:
        again = planes_of(scene, executor=pool)
    assert again.planes.equals(found.planes) and (again.labels == found.labels).all()
    rules = Rules(1.0, float("nan"), 8, 8, 25, MIN_AREA_M2)
    (chunk,) = _Chunks(scene_raster(scene), scene.buildings, rules).items()
    for window in chunk.windows:
        window.owner.flags.writeable = False
    there = pickle.loads(pickle.dumps(planes_of_chunk(pickle.loads(pickle.dumps(chunk)))))
    assert len(there.plane) == len(found.planes)


def test_order_of_buildings_does_not_matter(quarter: tuple[Scene, RoofPlanes]) -> None:
    scene, found = quarter
    turned_round = planes_of(scene._replace(buildings=scene.buildings.iloc[::-1]))
    key = ["building_id", "plane_id"]
    one, other = (each.planes.sort_values(key).reset_index(drop=True) for each in (found, turned_round))
    assert one.equals(other)


def chimney(z: np.ndarray) -> None:
    z[28:30, 33:35] += 1.5


def test_chimney_is_an_obstacle_on_its_plane() -> None:
    scene = one_roof("flat", 0, 0, noise=0.05, paint=chimney)
    found = planes_of(scene)
    assert len(found.planes) == 1
    assert found.obstacles["plane_id"].tolist() == ["1"]
    assert found.obstacles.area.iloc[0] == pytest.approx(4.0, rel=0.5)
    assert (found.labels[28:30, 33:35] == 0).all()
    centre = shapely.Point(ORIGIN[0] + 34, ORIGIN[1] - 29)
    assert found.obstacles.geometry.iloc[0].contains(centre)


def plant_room(z: np.ndarray) -> None:
    z[28:32, 32:36] += 2.5


@pytest.mark.parametrize(("largest", "planes", "obstacles"), [(25.0, 1, 1), (10.0, 2, 0)])
def test_plant_room_is_obstacle_or_plane_by_size(largest: float, planes: int, obstacles: int) -> None:
    found = planes_of(one_roof("flat", 0, 0, noise=0.05, paint=plant_room), max_obstacle_m2=largest)
    assert (len(found.planes), len(found.obstacles)) == (planes, obstacles)


def test_small_planes_are_left_out() -> None:
    scene = one_roof("hip", 35, 0)
    assert len(planes_of(scene, min_area_m2=40.0).planes) == 2
    assert len(planes_of(scene, min_area_m2=5.0).planes) == 4


def holes(z: np.ndarray) -> None:
    z[25:36:3, 22:38:4] = np.nan


def test_scattered_nan_do_no_harm() -> None:
    found = planes_of(one_roof("gable", 35, 180, noise=0.05, paint=holes))
    assert len(found.planes) == 2
    assert found.planes["plan_area_m2"].sum() == pytest.approx(160, abs=1)
    assert found.planes["rmse_m"].max() < 0.08


def test_reasons_where_there_is_no_plane() -> None:
    def paint(z: np.ndarray) -> None:
        z[5:15, 5:15] = np.nan
        z[45:56, 45:56] = 350 + 8 * np.random.default_rng(0).random((11, 11))

    scene = one_roof("gable", 35, 180, paint=paint)
    x, y = ORIGIN
    boxes = [
        shapely.box(x + 6, y - 14, x + 14, y - 6),  # no heights
        shapely.box(x + 45, y - 56, x + 56, y - 45),  # only crowns of trees
        shapely.box(x + 40, y - 12, x + 42, y - 10),  # four cells
        shapely.box(x - 90, y - 12, x - 80, y - 2),  # elsewhere
        scene.buildings.geometry.iloc[0],
    ]
    found = planes_of(scene, boxes)
    assert found.why.set_index("building_id")["reason"].to_dict() == {
        "B1": "no_data", "B2": "no_plane", "B3": "too_small", "B4": "outside",
    }  # fmt: skip
    assert set(found.planes["building_id"]) == {"B5"}


def test_footprint_across_the_edge_of_the_surface_model() -> None:
    scene = one_roof("flat", 0, 0)
    cut = Raster(scene.dsm[:, :30], scene.transform, "EPSG:5514", "x")
    found = find_roof_planes(cut, scene.buildings)
    assert len(found.planes) == 1
    assert found.planes.total_bounds[2] <= ORIGIN[0] + 30.001
    assert found.labels.shape == (60, 30)


def test_overlapping_footprints_share_nothing() -> None:
    scene = one_roof("flat", 0, 0)
    whole = scene.buildings.geometry.iloc[0]
    x, y = whole.centroid.coords[0]
    part = shapely.box(x - 2.5, y - 2.5, x + 2.5, y + 2.5)
    found = planes_of(scene, [whole, part, whole])
    assert found.why.set_index("building_id")["reason"].to_dict() == {"B3": "too_small"}
    one, other = found.planes.set_index("building_id").geometry
    assert shapely.intersection(one, other).area < 0.01
    assert one.area + other.area == pytest.approx(160, abs=0.1)


def test_courtyard_and_multipolygon() -> None:
    scene = one_roof("flat", 0, 0)
    whole = scene.buildings.geometry.iloc[0]
    court = whole.difference(whole.centroid.buffer(2))
    half = whole.difference(whole.centroid.buffer(2).envelope)
    x, y = ORIGIN
    assert planes_of(scene, [court]).planes["plan_area_m2"].sum() == pytest.approx(court.area, abs=0.05)
    assert planes_of(scene, [half]).planes["plan_area_m2"].sum() == pytest.approx(half.area, abs=0.05)
    two = shapely.MultiPolygon(
        [shapely.box(x + 26, y - 33, x + 29, y - 27), shapely.box(x + 31, y - 33, x + 34, y - 27)]
    )
    found = planes_of(scene, [two])
    assert found.planes["plan_area_m2"].tolist() == pytest.approx([18, 18], abs=0.05)
    assert found.planes["plane_id"].tolist() == ["1", "2"]


def test_odd_geometries_are_survived() -> None:
    scene = one_roof("flat", 0, 0)
    x, y = scene.buildings.geometry.iloc[0].centroid.coords[0]
    bow_tie = shapely.Polygon([(x - 5, y - 3), (x + 5, y + 3), (x + 5, y - 3), (x - 5, y + 3)])
    raised = shapely.force_3d(scene.buildings.geometry.iloc[0])
    assert planes_of(scene, [bow_tie]).planes.is_valid.all()
    assert not planes_of(scene, [raised]).planes.has_z.any()
    missing = planes_of(scene, [None, shapely.Polygon(), scene.buildings.geometry.iloc[0]])
    assert missing.why["building_id"].tolist() == ["B1", "B2"]


def test_repeated_keys_get_their_own_numbers() -> None:
    scene = one_roof("flat", 0, 0)
    x, y = scene.buildings.geometry.iloc[0].centroid.coords[0]
    halves = [shapely.box(x - 4, y - 3, x, y + 3), shapely.box(x, y - 3, x + 4, y + 3)]
    buildings = gpd.GeoDataFrame({"building_id": ["B", "B"], "part_id": "1"}, geometry=halves, crs=5514)
    planes = find_roof_planes(scene_raster(scene), buildings).planes
    assert sorted(planes["plane_id"]) == ["1", "2"]


def test_no_buildings_give_empty_tables() -> None:
    scene = one_roof("flat", 0, 0)
    found = find_roof_planes(scene_raster(scene), scene.buildings.iloc[:0])
    assert len(found.planes) == len(found.obstacles) == len(found.why) == 0
    assert {"plane_id", "kind", "tilt_deg", "_a"} <= set(found.planes)
    assert not found.labels.any()


def test_tolerance_can_be_given() -> None:
    scene = one_roof("gable", 3, 0, noise=0.02)
    assert len(planes_of(scene, tolerance_m=0.8).planes) == 1


def test_progress_reaches_the_end() -> None:
    seen: list[float] = []
    planes_of(one_roof("flat", 0, 0), progress=lambda done, text="": seen.append(done))
    assert seen[-1] == 1.0
