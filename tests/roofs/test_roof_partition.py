"""Parts of the way from heights to polygons, each alone."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from lk_spatial.io.rasterize import rasterize_ids
from lk_spatial.roofs.obstacles import ground_height, opened, rectangles
from lk_spatial.roofs.partition import OUTSIDE, partition
from lk_spatial.roofs.planes import (
    above,
    add_sums,
    best_slopes,
    field_of,
    laid_out,
    local_fits,
    noise,
    plane_of_sums,
    smallest,
    squares_about,
)
from lk_spatial.roofs.polygons import heal, main_directions, without_overlaps


def test_plane_of_sums_is_least_squares() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 20, (2, 50))
    z = 0.3 * x - 0.7 * y + 2 + rng.normal(0, 0.1, 50)
    sums = np.zeros(10)
    for point in zip(x, y, z, strict=True):
        add_sums(sums, *point)
    plane, residual, _, _ = np.linalg.lstsq(np.column_stack([x, y, np.ones(50)]), z, rcond=None)
    assert plane_of_sums(sums) == pytest.approx((*plane, residual[0]), abs=1e-9)
    assert squares_about(sums, 0.0, 0.0, 1.0) == pytest.approx(np.sum((z - 1.0) ** 2))


@pytest.mark.parametrize("points", [[(0, 0)], [(0, 0), (1, 1)], [(0, 0), (1, 1), (2, 2), (3, 3)]])
def test_no_plane_through_a_line(points: list[tuple[int, int]]) -> None:
    sums = np.zeros(10)
    for x, y in points:
        add_sums(sums, x, y, 1.0)
    assert np.isnan(plane_of_sums(sums)).all()


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.sampled_from([-2.0, 0.0, 0.5, 0.5, 3.0, 1e9]) | st.floats(-9, 9), min_size=1), k=st.integers(0)
)
def test_smallest_is_the_one_of_the_sorted(values: list[float], k: int) -> None:
    assert smallest(np.array(values), k % len(values)) == sorted(values)[k % len(values)]


@pytest.mark.parametrize("sigma", [0.06, 0.1, 0.2])
def test_noise_of_a_gable(sigma: float) -> None:
    rows, _ = np.mgrid[:24, :24]
    z = -0.6 * np.abs(rows - 11.5) + np.random.default_rng(2).normal(0, sigma, rows.shape)
    at, use = field_of(z, 1.0), laid_out(np.zeros(z.shape, np.int32), np.ones(z.shape, bool)) == 0
    slopes = best_slopes(local_fits(at, use, 2), local_fits(at, use, 1), at.line)
    assert noise(slopes, use) == pytest.approx(sigma, rel=0.15)


def test_above_uses_rows_downwards() -> None:
    z = np.zeros((3, 3))
    assert above(z, 2, 1, np.array([1.0, 10.0, 100.0]), 0.5) == pytest.approx(0 - (0.5 - 10.0 + 100.0))


def test_many_long_borders_are_all_followed() -> None:
    """25 strips of 12 x 200 pixels, a step between each two: no border is left out for short lines across others."""
    strip = np.repeat(np.arange(1, 26), 12)
    votes = np.full((302, 202), OUTSIDE, np.int64)
    votes[1:301, 1:201] = strip[:, None]
    planes = np.zeros((26, 5))
    planes[1:, 2] = np.arange(25) % 2 * 4.0
    *_, zone = partition(votes, planes, 0.5, 0.0)
    assert (zone[1:301, 1:201] == strip[:, None]).all()


def test_partition_follows_the_crease() -> None:
    votes = np.full((12, 12), OUTSIDE, np.int64)
    votes[1:11, 1:11] = 1
    votes[6:11, 1:11] = 2
    votes[6, 4] = 1  # a noisy border
    planes = np.full((3, 5), np.nan)
    planes[1, :3], planes[2, :3] = (0.0, -0.5, 0.0), (0.0, 0.5, 5.5)  # meet at y = -5.5
    points, ring, label, zone = partition(votes, planes, 1.0, 0.0)
    assert sorted(label) == [1, 2]
    assert set(np.unique(points[ring == 0][:, 1])) & {-5.5}
    assert (zone[:6] == 1).all() and (zone[6:] == 2).all()


def test_cells_tile_the_window() -> None:
    rng = np.random.default_rng(0)
    votes = rng.integers(1, 4, (4, 4)).repeat(4, axis=0).repeat(4, axis=1)
    planes = np.zeros((4, 5))
    points, ring, label, _ = partition(votes, planes, 1.0, 0.2)
    cells = shapely.polygons(shapely.linearrings(points, indices=ring))
    assert shapely.area(cells).sum() == pytest.approx(256)
    assert shapely.union_all(cells, grid_size=1e-6).area == pytest.approx(256)
    assert len(label) == len(cells)


def test_opened_keeps_squares_only() -> None:
    mask = np.zeros((8, 8), bool)
    mask[1:4, 1:4] = mask[5, :] = True
    assert opened(mask, 3).sum() == 9


def test_rectangles_split_an_angle() -> None:
    host = np.zeros((12, 12), np.int32)
    host[1:11, 1:3] = host[9:11, 1:11] = 4
    corners, obstacle, on = rectangles(host, 1.0, 0.0)
    assert set(obstacle) == {1} and set(on) == {4}
    union = shapely.union_all(shapely.polygons(corners))
    assert 36 <= union.area <= 50
    assert shapely.polygons(corners).size >= 2


def test_ground_is_looked_for_around_and_not_under_others() -> None:
    z = np.full((41, 41), 10.0)
    owner = np.zeros((41, 41), np.uint8)
    owner[18:23, 18:23], z[18:23, 18:23] = 1, 20.0
    owner[18:23, 26:32], z[18:23, 26:32] = 2, 3.0
    assert ground_height(z, owner, 1.0) == 10.0
    assert np.isnan(ground_height(np.full((41, 41), np.nan), owner, 1.0))


def test_main_direction_of_a_turned_house() -> None:
    house = shapely.affinity.rotate(shapely.box(0, 0, 20, 8), 25)
    turn = np.degrees(main_directions(np.array([house, shapely.Polygon()], object)))
    assert turn == pytest.approx([25, 0])


def test_smaller_footprint_lies_on_top() -> None:
    big, small = shapely.box(0, 0, 10, 10), shapely.box(4, 4, 6, 6)
    cut = without_overlaps(np.array([big, small], object))
    assert shapely.area(cut) == pytest.approx([96, 4])


def test_crumbs_go_to_the_neighbour() -> None:
    torn = shapely.MultiPolygon([shapely.box(0, 0, 5, 5), shapely.box(10, 0, 11, 1)])
    mate = shapely.box(5, 0, 10, 5)
    healed = heal(np.array([torn, mate], object), np.array([0, 0]))
    assert shapely.area(healed) == pytest.approx([25, 26])
    assert shapely.get_type_id(healed).tolist() == [3, 3]


def test_later_polygon_stands_in_the_raster() -> None:
    from affine import Affine

    ids = rasterize_ids([shapely.box(0, 0, 2, 2), None, shapely.box(1, 0, 2, 2)], Affine(1, 0, 0, 0, -1, 2), (2, 2))
    assert ids.tolist() == [[1, 3], [1, 3]]
    assert not rasterize_ids([], Affine(1, 0, 0, 0, -1, 2), (2, 2)).any()
