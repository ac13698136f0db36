"""Modules on flat roofs: rows to the south and pairs to the east and west, along the roof's edges where they may."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import affinity

from lk_spatial.core.errors import Problems
from lk_spatial.solar.layout import Laid, ModuleSize, lay_racks, one_roof

W, H, GAP = 1.134, 1.762, 0.02
SOUTH = ModuleSize(W, H, GAP, setback=0.5)
PAIRS = SOUTH._replace(flat_layout="east_west", pair_aisle=0.4)
ROOF = shapely.box(0, 0, 20, 15)
TOLERANCE = 1e-6


def lay(roof: shapely.Geometry, size: ModuleSize, azimuth: float = 180.0, obstacles: object = ()) -> Laid:
    return lay_racks(one_roof(roof, obstacles, 0.7, azimuth), size)


def assert_fits(laid: Laid, roof: shapely.Geometry, size: ModuleSize) -> None:
    """Inside, apart by the gap, each as large as a tilted module in plan."""
    inner = shapely.buffer(roof, -size.setback, join_style="mitre")
    assert shapely.covers(shapely.buffer(inner, TOLERANCE), laid.outlines).all()
    depth = W * math.cos(math.radians(size.flat_tilt))
    np.testing.assert_allclose(shapely.area(laid.outlines), depth * H, rtol=1e-6)
    near = shapely.STRtree(laid.outlines).query(laid.outlines, predicate="dwithin", distance=GAP - TOLERANCE)
    assert (near[0] == near[1]).all()


def ahead(laid: Laid) -> NDArray[np.float64]:
    """Where the short side of each outline points, in the half turn in which its module says that it faces [deg]."""
    corners = shapely.get_coordinates(laid.outlines).reshape(-1, 5, 2)
    down = corners[:, 0] - corners[:, 3]
    bearing = np.degrees(np.arctan2(down[:, 0], down[:, 1]))
    return bearing + 180.0 * np.round((laid.grid_azimuth - bearing) / 180.0)


def test_rows_to_the_south_do_not_shade_each_other() -> None:
    size = SOUTH._replace(flat_tilt=15.0, shade_angle=17.0, setback=1.0)
    laid = lay(ROOF, size)
    south = np.unique(shapely.bounds(laid.outlines)[:, 1].round(6))
    depth, rise = W * math.cos(math.radians(15.0)), W * math.sin(math.radians(15.0))
    assert len(south) > 3
    assert np.diff(south).min() >= depth + rise / math.tan(math.radians(17.0)) - TOLERANCE
    assert (laid.tilt == 15.0).all() and laid.grid_azimuth == pytest.approx(180.0)
    assert_fits(laid, ROOF, size)


@pytest.mark.parametrize(
    ("turn", "faces"), [(0, 180), (12, 168), (-29, 209), (31, 180), (45, 180), (-60, 180), (78, 192)]
)
@pytest.mark.parametrize("size", [SOUTH, PAIRS], ids=["south", "pairs"])
def test_racks_follow_an_edge_within_30_degrees(turn: float, faces: float, size: ModuleSize) -> None:
    laid = lay(affinity.rotate(ROOF, turn), size)
    ways = {faces} if size is SOUTH else {faces - 90, faces + 90}
    assert set(laid.grid_azimuth.round(6)) == ways
    assert ahead(laid) == pytest.approx(laid.grid_azimuth)
    assert_fits(laid, affinity.rotate(ROOF, turn), size)


def test_racks_away_from_the_edges_turn_with_the_grid_bearing_of_south() -> None:
    laid = lay(affinity.rotate(ROOF, 45.0), SOUTH, 187.35)
    assert laid.grid_azimuth == pytest.approx(187.35) and ahead(laid) == pytest.approx(187.35)


def test_a_pair_stands_ridge_to_ridge() -> None:
    """By hand: 20 × 15 m less 0.5 m all round; pairs of 2 × 1.134 cos 10° + 0.02 m, 0.4 m apart, modules 1.762 m."""
    laid = lay(ROOF, PAIRS)
    depth = W * math.cos(math.radians(10.0))
    pair = 2 * depth + GAP
    across, along = int((19.0 + 0.4) / (pair + 0.4)), int((14.0 + GAP) / (H + GAP))
    assert len(laid.outlines) == 2 * across * along == 98
    bounds = shapely.bounds(laid.outlines)
    east, west = np.isclose(laid.grid_azimuth, 90.0), np.isclose(laid.grid_azimuth, 270.0)
    assert east.sum() == west.sum() == len(bounds) / 2 and (laid.tilt == 10.0).all()
    columns = [np.unique(bounds[way][:, [0, 2]].round(6), axis=0) for way in (west, east)]
    ridge, valley = columns[1][:, 0] - columns[0][:, 1], columns[0][1:, 0] - columns[1][:-1, 1]
    assert ridge == pytest.approx(GAP), "the module to the west stands west of the ridge"
    assert (valley >= 0.4 - TOLERANCE).all() and len(valley) == across - 1
    assert_fits(laid, ROOF, PAIRS)


def test_no_module_stands_alone_and_aisles_count() -> None:
    narrow = shapely.box(0, 0, 20, 3.2)
    assert len(lay(affinity.rotate(narrow, 90), PAIRS).outlines) == 0, "2.2 m hold no pair"
    counts = [len(lay(ROOF, PAIRS._replace(pair_aisle=aisle)).outlines) for aisle in (0.0, 0.3, 1.0, 2.0)]
    assert counts == sorted(counts, reverse=True) and counts[0] > counts[-1] > 0


@st.composite
def flat_roofs(draw: st.DrawFn) -> tuple[shapely.Geometry, list[shapely.Geometry]]:
    a, b = draw(st.floats(5, 30)), draw(st.floats(4, 20))
    roof = shapely.box(0, 0, a, b)
    if draw(st.booleans()):
        roof = shapely.union(roof, shapely.box(0, 0, a * 0.45, b * 1.6))
    spots = draw(st.lists(st.tuples(st.floats(0, a), st.floats(0, b)), max_size=3))
    turn, shift = draw(st.floats(0, 360)), draw(st.sampled_from([(0, 0), (-688_000, -974_000)]))
    every = [roof, *(shapely.box(x, y, x + 1.2, y + 0.8) for x, y in spots)]
    moved = [affinity.translate(affinity.rotate(each, turn, origin=(0, 0)), *shift) for each in every]
    return moved[0], moved[1:]


@settings(max_examples=80, deadline=None)
@given(flat_roofs(), st.sampled_from([SOUTH, PAIRS]), st.floats(0, 30))
def test_racks_lie_inside_apart_and_off_obstacles(
    made: tuple[shapely.Geometry, list[shapely.Geometry]], size: ModuleSize, tilt: float
) -> None:
    roof, obstacles = made
    size = size._replace(flat_tilt=tilt)
    laid = lay(roof, size, 187.35, obstacles)
    assert_fits(laid, roof, size)
    assert all(shapely.area(shapely.intersection(laid.outlines, each)).sum() < TOLERANCE for each in obstacles)
    wider = lay(roof, size._replace(setback=0.8), 187.35, obstacles)
    assert len(wider.outlines) <= len(laid.outlines)
    if size.flat_layout == "east_west":
        assert len(set(np.unique(laid.grid_azimuth.round(6), return_counts=True)[1])) <= 1, "as many to each side"


@settings(max_examples=60, deadline=None)
@given(flat_roofs(), st.sampled_from([SOUTH, PAIRS]), st.floats(0, 360))
def test_turning_the_roof_with_its_racks_changes_the_count_by_little(
    made: tuple[shapely.Geometry, list[shapely.Geometry]], size: ModuleSize, turn: float
) -> None:
    """Grid azimuths run clockwise, shapely turns counter-clockwise."""
    roof, obstacles = made
    both = shapely.MultiPolygon([roof]) if not obstacles else shapely.GeometryCollection([roof, *obstacles])
    parts = [affinity.rotate(each, turn, origin=both.centroid) for each in (roof, *obstacles)]
    before = len(lay(roof, size, 180.0, obstacles).outlines)
    after = len(lay(parts[0], size, (180.0 - turn) % 360.0, parts[1:]).outlines)
    assert abs(after - before) <= max(2, 0.02 * before)


@pytest.mark.parametrize(
    "change", [{"flat_tilt": -1.0}, {"flat_tilt": 70.0}, {"shade_angle": 0.0}, {"pair_aisle": -0.1}]
)
def test_impossible_racks_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(Problems, match=next(iter(change))):
        lay(ROOF, PAIRS._replace(**change))
