import math

import geopandas
import numpy as np
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from lk_spatial.report import map_furniture, maps


def new_ax():
    figure = Figure(figsize=(6, 6))
    FigureCanvasAgg(figure)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_xlim(0, 100)
    ax.set_ylim(0, 100)
    return ax


def houses(boxes):
    return geopandas.GeoDataFrame(geometry=[shapely.box(*each) for each in boxes], crs="EPSG:5514")


def test_flat_ground_has_the_same_shade_everywhere_and_no_data_stays_empty():
    heights = np.full((5, 6), 400.0)
    assert maps.shaded_relief(heights, 1, 1) == pytest.approx(np.full((5, 6), math.sin(math.radians(45))), abs=1e-6)
    heights[2, 2] = np.nan
    assert np.isnan(maps.shaded_relief(heights, 1, 1)[2, 2])


@pytest.mark.parametrize(("azimuth", "expected"), [(315, 1.0), (135, 0.0), (45, math.sqrt(0.5) * math.sqrt(0.5))])
def test_slope_of_45_degrees_is_lit_by_the_cosine_of_its_angle_to_the_light(azimuth, expected):
    y, x = np.mgrid[10:0:-1, 0:10].astype(float)
    towards = -(x * math.sin(math.radians(azimuth)) + y * math.cos(math.radians(azimuth)))
    assert maps.shaded_relief(towards, 1, 1)[5, 5] == pytest.approx(expected, abs=1e-5)


def test_thinning_takes_means_of_what_is_known():
    values = np.array([[1.0, 3.0, np.nan], [np.nan, 2.0, 9.0]])
    assert maps._thin(values, 2) == pytest.approx(np.array([[2.0]]))
    assert np.isnan(maps._thin(np.full((4, 4), np.nan), 2)).all()


def test_crop_keeps_cells_inside_and_their_place():
    values = np.arange(100.0).reshape(10, 10)
    cut, extent = maps._crop(values, (0, 100, 0, 100), (20, 50, 60, 90))
    assert extent == (20, 50, 60, 90)
    assert (cut == values[1:4, 2:5]).all()


def test_hillshade_far_from_the_view_draws_nothing():
    ax = new_ax()
    maps.draw_hillshade(ax, (np.ones((4, 4)), (900, 910, 900, 910)), (0, 100, 0, 100))
    assert not ax.images


def test_holes_stay_holes_in_the_path():
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(4, 4, 6, 6))
    path = maps.polygon_path(np.array([ring, shapely.box(20, 0, 30, 10)]))
    assert path.contains_point((1, 1)) and path.contains_point((25, 5))
    parts = path.to_polygons()
    areas = [0.5 * float(np.sum(p[:-1, 0] * p[1:, 1] - p[1:, 0] * p[:-1, 1])) for p in parts]
    assert len(parts) == 3 and sorted(np.sign(areas)) in ([-1, -1, 1], [-1, 1, 1])
    assert maps.polygon_path(np.array([])) is None


def test_classes_have_round_limits_that_hold_the_values():
    scale = maps.value_scale(np.array([655.0, 1180.0, np.nan, 900.0]))
    assert scale.norm.boundaries[0] <= 666 and scale.norm.boundaries[-1] >= 1169
    assert np.all(np.diff(scale.norm.boundaries) == 100)
    assert maps.value_scale(np.array([np.nan])).cmap.N >= 1
    assert maps.value_scale(np.array([1000.0, 1000.0])).cmap.N >= 1


def test_scattered_buildings_are_drawn_as_circles_and_near_ones_as_roofs():
    none = houses([])
    assert maps.map_view(houses([(0, 0, 12, 12), (30_000, 20_000, 30_012, 20_012)]), none).overview
    near = maps.map_view(houses([(0, 0, 12, 12), (40, 20, 52, 32)]), houses([(0, 0, 1.7, 1.1)]))
    assert not near.overview and near.modules and near.outlines
    assert near.box[0] < 0 and near.box[1] > 52


@pytest.mark.parametrize("convergence", [0.0, 7.35, -20.0])
def test_arrow_points_to_true_north_which_lies_convergence_clockwise_from_grid_north(convergence):
    ax = new_ax()
    map_furniture.north_arrow(ax, convergence, "en", points=np.empty((0, 2)))
    arrow = next(patch for patch in ax.patches if isinstance(patch, Polygon))
    tip, _, tail, _ = ax.transAxes.transform(arrow.get_xy()[:4])
    bearing = math.degrees(math.atan2(*(tip - tail)))
    assert bearing == pytest.approx(convergence, abs=1e-6)


def test_scale_bar_is_as_long_as_it_says():
    ax = new_ax()
    box = map_furniture.scale_bar(ax, "en", points=np.empty((0, 2)))
    halves = ax.patches[1:]
    assert sum(half.get_width() for half in halves) * 100 == pytest.approx(20.0)
    assert [text.get_text() for text in ax.texts] == ["20 m"]
    assert box.width > 0


def test_furniture_stands_where_no_building_is():
    ax = new_ax()
    points = np.array([[97.0, 97.0], [3.0, 3.0]])  # upper right, lower left
    arrow = map_furniture.north_arrow(ax, 0, "en", points=points)
    bar = map_furniture.scale_bar(ax, "en", points=points, taken=[arrow])
    pixels = ax.transData.transform(points)
    assert arrow.count_contains(pixels) == bar.count_contains(pixels) == 0
    assert not arrow.overlaps(bar)


def test_ranks_never_lie_on_each_other():
    ax = new_ax()
    random = np.random.default_rng(3)
    shapes = [shapely.box(x, y, x + 3, y + 3) for x, y in random.uniform(20, 40, (20, 2))]
    stand = map_furniture.rank_labels(ax, [*shapes, None, shapely.Polygon()], [])
    boxes = [patch.get_window_extent() for patch in ax.patches]
    assert stand == len(boxes) == len(ax.texts) and 8 <= stand <= 20
    assert not any(a.padded(-0.1).overlaps(b) for k, a in enumerate(boxes) for b in boxes[k + 1 :])
