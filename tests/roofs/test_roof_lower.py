"""What lies below a plane is no part of it: other slopes, ground beside the wall, shafts, collapsed corners."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from lk_spatial.io.rasterize import rasterize_ids
from lk_spatial.roofs.lower import drop_labels, low_pixels, on_the_ground, shafts
from lk_spatial.roofs.obstacles import misfit
from lk_spatial.roofs.pipeline import RoofPlanes, find_roof_planes
from tests.roofs.scores import scene_raster
from tests.scenes import Scene, make_scene, one_roof


def planes_of(scene: Scene, **options: float) -> RoofPlanes:
    return find_roof_planes(scene_raster(scene), scene.buildings, **options)  # type: ignore[arg-type]


def grown(scene: Scene, by: float) -> Scene:
    """The same heights below a footprint that is larger than the roof by so much [m] on each side."""
    larger = scene.buildings.geometry.buffer(by, join_style="mitre")
    return scene._replace(buildings=gpd.GeoDataFrame(scene.buildings.drop(columns="geometry"), geometry=larger))


def off_plane(scene: Scene, found: RoofPlanes, plane: NDArray) -> tuple[NDArray, NDArray]:
    """Heights [m] above their planes of the cells where plane > 0, and the row of each one's plane."""
    rows, cols = np.nonzero(plane)
    of = plane[rows, cols] - 1
    a, b, c, x0, y0 = (found.planes[name].to_numpy()[of] for name in ("_a", "_b", "_c", "_x0", "_y0"))
    grid = scene.transform
    x, y = grid.c + (cols + 0.5) * grid.a, grid.f + (rows + 0.5) * grid.e
    return scene.dsm[rows, cols] - (a * (x - x0) + b * (y - y0) + c), of


def outlines(scene: Scene, found: RoofPlanes) -> NDArray:
    return rasterize_ids(found.planes.geometry.to_numpy(), scene.transform, scene.dsm.shape)


# --- a slope that was not found at first is no obstacle ----------------------------------------------------------


@pytest.mark.parametrize(
    ("tilt", "azimuth", "length", "width", "seed"),
    [(47, 36.0, 4.2, 3.5, 8), (47, 36.0, 4.2, 3.5, 9)]
    + [(t, 55.0 * k, 4.0, 3.7, 30 + k) for k, t in enumerate((40, 44, 48, 52, 55, 50))],
)
def test_both_slopes_of_a_small_steep_gable(
    tilt: float, azimuth: float, length: float, width: float, seed: int
) -> None:
    scene = one_roof("gable", tilt, azimuth, length=length, width=width, cell=0.5, noise=0.1, seed=seed)
    found = planes_of(scene, min_area_m2=5.0)
    whole = length * width
    assert found.planes["plan_area_m2"].tolist() == pytest.approx([whole / 2, whole / 2], rel=0.12)
    assert found.planes["plan_area_m2"].sum() == pytest.approx(whole, rel=0.02)
    assert found.planes["tilt_deg"].tolist() == pytest.approx([tilt, tilt], abs=5)
    assert np.abs(np.diff(found.planes["azimuth_deg"]))[0] == pytest.approx(180, abs=10)
    assert len(found.obstacles) == 0
    assert (found.labels > 0).sum() * 0.25 > 0.85 * whole


# --- a footprint larger than its roof ----------------------------------------------------------------------------


@pytest.mark.parametrize("cell", [0.5, 1.0])
@pytest.mark.parametrize("by", [1.0, 3.0])
@pytest.mark.parametrize(("shape", "tilt", "planes"), [("flat", 1.0, 1), ("gable", 35.0, 2), ("hip", 35.0, 4)])
def test_ground_beside_the_wall_is_cut_off(cell: float, by: float, shape: str, tilt: float, planes: int) -> None:
    scene = one_roof(shape, tilt, 70.0, length=20.0, width=12.0, cell=cell, noise=0.1, seed=4)
    found = planes_of(grown(scene, by))
    assert len(found.planes) == planes
    assert found.planes["plan_area_m2"].sum() == pytest.approx(240, rel=0.04)
    assert found.planes["height_agl_m"].min() > 4
    ground = (outlines(scene, found) > 0) & (scene.plane == 0)
    assert ground.sum() * cell**2 < 0.03 * 240


@pytest.mark.parametrize("shift", [0.5, 1.5])
def test_shifted_footprints_take_little_ground(shift: float) -> None:
    scene = make_scene(21, size=270.0, cell=0.5, shift=shift, trees_per_km2=0.0)
    found = planes_of(scene)
    above, _ = off_plane(scene, found, outlines(scene, found))
    assert np.mean(above < -1.0) < 0.02
    roof = (scene.plane > 0) | scene.obstacle
    mine = rasterize_ids(scene.buildings.geometry.to_numpy(), scene.transform, scene.dsm.shape) > 0
    assert np.mean(outlines(scene, found)[roof & mine] == 0) < 0.01


def annex(height: float) -> Callable[[NDArray], None]:
    def paint(z: NDArray) -> None:
        z[54:66, 76:84] = 350.9 + height

    return paint


@pytest.mark.parametrize(("height", "planes"), [(2.3, 2), (0.1, 1)])
def test_low_annex_is_a_roof_and_a_terrace_is_none(height: float, planes: int) -> None:
    scene = one_roof("flat", 0.0, 82.6, cell=0.5, noise=0.05, paint=annex(height))
    x, y = scene.transform.c, scene.transform.f
    both = shapely.union(scene.buildings.geometry.iloc[0], shapely.box(x + 37, y - 33, x + 42, y - 27))
    found = planes_of(scene._replace(buildings=scene.buildings.set_geometry([both])))
    assert len(found.planes) == planes
    assert found.planes["height_agl_m"].min() == pytest.approx(2.3 if planes == 2 else 5.0, abs=0.6)


def test_only_plane_of_a_building_stays_though_on_the_ground() -> None:
    scene = one_roof("flat", 0, 0, noise=0.05)
    x, y = scene.transform.c, scene.transform.f
    meadow = scene.buildings.set_geometry([shapely.box(x + 5, y - 15, x + 15, y - 5)])
    planes = planes_of(scene._replace(buildings=meadow)).planes
    assert planes["height_agl_m"].tolist() == pytest.approx([0], abs=0.5)


# --- low places of a roof ----------------------------------------------------------------------------------------


def light_well(z: NDArray) -> None:
    z[58:62, 58:62] -= 3.0


def courtyard(z: NDArray) -> None:
    z[54:66, 52:66] = 350.9 + np.random.default_rng(0).uniform(0, 2, (12, 14))


def collapsed(z: NDArray) -> None:
    z[44:58, 60:80] = 352.0 + np.random.default_rng(0).uniform(0, 2, (14, 20))


def test_shaft_is_an_obstacle_in_its_plane() -> None:
    found = planes_of(one_roof("flat", 0, 0, cell=0.5, noise=0.05, paint=light_well))
    assert found.planes["plan_area_m2"].tolist() == pytest.approx([160], abs=0.5)
    assert found.obstacles.area.tolist() == pytest.approx([4.0], rel=0.3)
    assert found.obstacles["plane_id"].tolist() == ["1"]


@pytest.mark.parametrize("paint", [courtyard, collapsed])
def test_wide_low_place_is_left_out_of_the_outline(paint: Callable[[NDArray], None]) -> None:
    scene = one_roof("flat", 0, 0, cell=0.5, noise=0.05, paint=paint)
    found = planes_of(scene)
    assert len(found.planes) == 1 and len(found.obstacles) == 0
    above, _ = off_plane(scene, found, outlines(scene, found))
    low = (scene.dsm < 354.5) & (scene.plane > 0)
    assert found.planes["plan_area_m2"].sum() == pytest.approx(160 - 0.25 * low.sum(), abs=4)
    assert np.mean(above < -1.0) < 0.02


# --- labels and rmse_m -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", [0.5, 1.0])
def test_rmse_is_that_of_the_labelled_cells(cell: float) -> None:
    scene = make_scene(5, size=270.0, cell=cell, dormers=True, shift=0.5)
    found = planes_of(scene)
    above, of = off_plane(scene, found, found.labels)
    counted = np.sqrt(np.bincount(of, above**2) / np.bincount(of))
    np.testing.assert_allclose(found.planes["rmse_m"], counted, rtol=1e-3)


@pytest.mark.parametrize("tolerance", [0.2, 0.6])
def test_labelled_cells_lie_within_the_tolerance(tolerance: float) -> None:
    scene = make_scene(5, size=160.0, dormers=True)
    found = planes_of(scene, tolerance_m=tolerance)
    above, _ = off_plane(scene, found, found.labels)
    assert np.abs(above).max() <= tolerance + 1e-4  # float32 heights


def test_obstacles_stand_above_their_planes() -> None:
    scene = make_scene(6, size=270.0, cell=0.5, dormers=True, shift=1.0)
    found = planes_of(scene)
    on = found.planes.reset_index().merge(found.obstacles.drop(columns="geometry"), on=["building_id", "plane_id"])
    row = on.set_index(["building_id", "obstacle_id"])["index"]
    ids = rasterize_ids(found.obstacles.geometry.to_numpy(), scene.transform, scene.dsm.shape)
    plane = [row[key] + 1 for key in zip(found.obstacles["building_id"], found.obstacles["obstacle_id"], strict=True)]
    above, _ = off_plane(scene, found, np.concatenate([[0], plane])[ids])
    which = ids[ids > 0]
    medians = np.array([np.median(above[which == k]) for k in np.unique(which)])
    assert len(medians) > 20 and (medians > 0.2).all()


# --- parts, each alone -------------------------------------------------------------------------------------------

FLAT = np.array([[np.nan] * 5, [0.0, 0.0, 0.0, 9.0, 0.0]])
SIGMAS = np.array([0.1, 0.1])


def test_few_low_pixels_are_a_blemish() -> None:
    z, use = np.zeros((8, 8)), np.ones((8, 8), bool)
    z[1, 1:4], z[5, 1:5], z[3, 7] = -2.0, -2.0, -0.4
    low = low_pixels(z, use, np.zeros((8, 8), np.int32), np.ones((8, 8), np.int32), FLAT, SIGMAS, 1.0)
    assert np.argwhere(low).tolist() == [[5, 1], [5, 2], [5, 3], [5, 4]]


def test_shaft_is_within_one_plane_and_small() -> None:
    low, own, zone = np.zeros((12, 12), bool), np.ones((12, 12), bool), np.ones((12, 12), np.int32)
    low[0:2, 5:8] = low[4:6, 4:6] = low[8:10, 8:10] = True
    zone[10:] = 2
    assert np.argwhere(shafts(low, own, zone, 4)).tolist() == [[4, 4], [4, 5], [5, 4], [5, 5]]
    assert not shafts(low, own, zone, 3).any()


def test_dropped_labels_close_the_gaps() -> None:
    labels = np.array([[1, 2, 3], [-3, -2, 0]], np.int32)
    planes = np.arange(20.0).reshape(4, 5)
    kept, sigmas, gone = drop_labels(labels, planes, np.arange(4.0), np.array([False, False, True, False]))
    assert labels.tolist() == [[1, 0, 2], [-2, 0, 0]]
    assert kept[:, 0].tolist() == [0, 5, 15] and sigmas.tolist() == [0, 1, 3]
    assert np.argwhere(gone).tolist() == [[0, 1]]


@pytest.mark.parametrize(("ground", "others", "low"), [(0.0, 8.0, True), (-5.0, 8.0, False), (0.0, 1.0, False)])
def test_ground_is_low_beside_it_and_around(ground: float, others: float, low: bool) -> None:
    z, owner = np.zeros((20, 20)), np.zeros((20, 20), np.uint8)
    owner[6:14, 6:14], z[6:14, 6:10] = 1, others
    labels = np.ones((8, 8), np.int32)
    labels[:, 4:] = 2
    assert on_the_ground(z, owner, labels, 6, 6, 2, ground, 1.0).tolist() == [False, False, low]
    z[6:14, 10:14] = 1.8  # a low roof: near the ground around, but above what is just beside it
    assert not on_the_ground(z, owner, labels, 6, 6, 2, ground, 1.0).any()


def test_misfit_counts_exactly_the_labelled() -> None:
    z = np.array([[3.0, 4.0, 100.0]])
    rms = misfit(z, np.array([[1, 1, 0]], np.int32), FLAT, 1.0)
    assert rms[1] == pytest.approx(np.sqrt(12.5)) and np.isnan(rms[0])
