"""Module layout: everything fits, nothing overlaps, and as many as there can be."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from lk_spatial.core.errors import Problems
from lk_spatial.solar.bands import LATTICE
from lk_spatial.solar.layout import ModuleSize, lay_sloped, layout_modules, one_roof, usable_area
from lk_spatial.solar.packing import lattice_step

W, H, GAP = 1.134, 1.762, 0.02
MODULE = {"width": W, "height": H, "gap": GAP}
TOLERANCE = 1e-6


def assert_valid(modules, polygon, *, setback, obstacles=(), gap=GAP, size=W * H):
    """Every module inside the polygon less setback and obstacles, all apart by the gap, none deformed."""
    shapes = modules.to_numpy()
    inner = shapely.buffer(polygon, -setback, join_style="mitre") if setback else polygon
    assert shapely.covers(shapely.buffer(inner, TOLERANCE), shapes).all()
    assert all(shapely.area(shapely.intersection(shapes, hole)).sum() < TOLERANCE for hole in obstacles)
    np.testing.assert_allclose(shapely.area(shapes), size, rtol=1e-6)
    tree = shapely.STRtree(shapes)
    near = tree.query(shapes, predicate="dwithin", distance=max(gap - TOLERANCE, 0.0))
    assert (near[0] == near[1]).all()


@st.composite
def roofs(draw):
    """Rectangles, L shapes, hips, triangles and random convex outlines, turned and moved, some with a hole."""
    a, b = draw(st.floats(2.5, 25)), draw(st.floats(2.5, 14))
    kind = draw(st.sampled_from(["rectangle", "l", "hip", "triangle", "hull"]))
    if kind == "rectangle":
        roof = shapely.box(0, 0, a, b)
    elif kind == "l":
        roof = shapely.union(shapely.box(0, 0, a, b), shapely.box(0, 0, a * 0.4, b * 1.8))
    elif kind == "hip":
        roof = shapely.Polygon([(0, 0), (a, 0), (a * 0.8, b), (a * 0.3, b)])
    elif kind == "triangle":
        roof = shapely.Polygon([(0, 0), (a, 0), (a * draw(st.floats(0.1, 0.9)), b)])
    else:
        points = draw(st.lists(st.tuples(st.floats(0, a), st.floats(0, b)), min_size=4, max_size=9))
        roof = shapely.MultiPoint(points).convex_hull
        roof = roof if roof.geom_type == "Polygon" else shapely.box(0, 0, a, b)
    if draw(st.booleans()):
        centre = roof.representative_point()
        pierced = roof.difference(centre.buffer(draw(st.floats(0.3, 1.0)), quad_segs=2))
        roof = roof if pierced.is_empty else pierced
    roof = affinity.rotate(roof, draw(st.floats(0, 360)), origin=(0, 0))
    return affinity.translate(roof, *draw(st.sampled_from([(0, 0), (-688_000, -974_000), (3.25, -7.5)])))


@settings(max_examples=120, deadline=None)
@given(roofs(), st.sampled_from([0.0, 0.3, 0.5, 1.0]), st.lists(st.floats(-4, 4), max_size=6), st.floats(0, 90))
def test_every_module_fits_and_none_overlap(roof, setback, offsets, turn):
    x, y = roof.centroid.coords[0]
    obstacles = [
        affinity.rotate(shapely.box(x + dx, y + dy, x + dx + 0.8, y + dy + 0.6), turn)
        for dx, dy in zip(offsets[::2], offsets[1::2], strict=False)
    ]
    modules = layout_modules(roof, setback=setback, obstacles=obstacles, **MODULE)
    assert len(modules) * W * H <= usable_area(roof, setback, obstacles).area + TOLERANCE
    assert_valid(modules, roof, setback=setback, obstacles=obstacles)


@settings(max_examples=60, deadline=None)
@given(roofs(), st.floats(0, 360), st.floats(-50, 50))
def test_turning_and_moving_the_roof_changes_the_count_by_little(roof, turn, shift):
    moved = affinity.translate(affinity.rotate(roof, turn, origin="centroid"), shift, -2 * shift)
    before = len(layout_modules(roof, setback=0.3, **MODULE))
    after = len(layout_modules(moved, setback=0.3, **MODULE))
    assert abs(after - before) <= max(1, 0.02 * before)


@settings(max_examples=60, deadline=None)
@given(roofs(), st.floats(0, 1.5))
def test_a_wider_setback_gives_no_more_modules(roof, setback):
    assert len(layout_modules(roof, setback=setback, **MODULE)) >= len(
        layout_modules(roof, setback=setback + 0.25, **MODULE)
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.floats(0, 360), st.sampled_from([0.0, 0.5]))
def test_a_rectangle_made_for_a_grid_is_filled(columns, rows, turn, setback):
    a, b = columns * (W + GAP) - GAP, rows * (H + GAP) - GAP
    roof = shapely.box(-setback, -setback, a + setback, b + setback)
    roof = affinity.translate(affinity.rotate(roof, turn, origin=(0, 0)), -688_123.4, -974_321.9)
    assert len(layout_modules(roof, setback=setback, **MODULE)) >= columns * rows


def regular_grid(area, width, height, gap, step):
    """Most modules of one regular grid inside ``area``, over all offsets of ``step`` [m], portrait or landscape."""
    x0, y0, x1, y1 = area.bounds
    shapely.prepare(area)
    best = 0
    for w, h in ((width, height), (height, width)):
        for dx in np.arange(0, w + gap, step):
            for dy in np.arange(0, h + gap, step):
                x, y = np.meshgrid(np.arange(x0 + dx, x1 - w, w + gap), np.arange(y0 + dy, y1 - h, h + gap))
                best = max(best, int(shapely.covers(area, shapely.box(x, y, x + w, y + h)).sum()))
    return best


@pytest.mark.parametrize(
    "roof",
    [
        pytest.param(shapely.box(0, 0, 11.3, 7.9), id="rectangle"),
        pytest.param(shapely.union(shapely.box(0, 0, 12, 6), shapely.box(0, 0, 5, 11)), id="l-shape"),
        pytest.param(shapely.Polygon([(0, 0), (14, 0), (10, 6), (4, 6)]), id="hip"),
        pytest.param(shapely.box(0, 0, 12, 9) - shapely.box(4.1, 3.2, 6.0, 4.9), id="chimney"),
    ],
)
def test_no_regular_grid_holds_more(roof):
    assert len(layout_modules(roof, setback=0.0, **MODULE)) >= regular_grid(roof, W, H, GAP, 0.15)


def test_mixed_rows_beat_rows_of_one_kind():
    roof = shapely.box(0, 0, 7 * (H + GAP) - GAP, H + GAP + W)
    assert len(layout_modules(roof, setback=0.0, **MODULE)) == 7 + int((roof.bounds[2] + GAP) / (W + GAP))


def test_the_gap_across_a_hole_is_no_place():
    roof = shapely.box(0, 0, 10, H) - shapely.box(4.0, 0.8, 6.0, 0.9)
    assert len(layout_modules(roof, setback=0.0, **MODULE)) == 2 * int((4.0 + GAP) / (W + GAP))


def test_modules_keep_their_gap_across_a_sliver():
    """Found by hypothesis: a hole's tip that reached 7 mm into a row parted two modules by 7 mm only."""
    roof = shapely.box(0, 0, 2 * W + GAP, H + 1e-3) - shapely.box(W + 0.002, 0.5, W + 0.008, 0.6)
    assert len(layout_modules(roof, setback=0.0, **MODULE)) == 1 + 1  # the sliver lies inside the gap
    roof = shapely.box(0, 0, 2 * W + 0.008, H) - shapely.box(W, 0.5, W + 0.008, 0.6)
    assert len(layout_modules(roof, setback=0.0, **MODULE)) == 1


def test_overlapping_obstacles_do_not_cancel_out():
    roof, one, two = shapely.box(0, 0, 10, 4), shapely.box(2, -1, 6, 5), shapely.box(4, -1, 8, 5)
    modules = layout_modules(roof, setback=0.0, obstacles=[one, two], **MODULE)
    assert_valid(modules, roof, setback=0.0, obstacles=[one, two])
    assert len(modules) == len(layout_modules(roof - one - two, setback=0.0, **MODULE)) > 0


def test_parts_of_a_multipolygon_are_all_used():
    one = shapely.box(0, 0, 5, 4)
    both = shapely.MultiPolygon([one, affinity.translate(one, 10, 0)])
    assert len(layout_modules(both, setback=0.2, **MODULE)) == 2 * len(layout_modules(one, setback=0.2, **MODULE)) > 0


@pytest.mark.parametrize(
    "roof",
    [
        None,
        shapely.Polygon(),
        shapely.box(0, 0, 1.0, 1.0),
        shapely.box(0, 0, 30, 1.1),
        shapely.box(0, 0, 1.9, 1.9),
        shapely.LineString([(0, 0), (9, 9)]),
    ],
)
def test_a_roof_too_small_holds_nothing(roof):
    modules = layout_modules(roof, setback=0.5, **MODULE)
    assert len(modules) == 0 and modules.geom_type.empty


def test_a_roof_that_crosses_itself_is_repaired():
    bow = shapely.Polygon([(0, 0), (12, 9), (12, 0), (0, 9)])
    modules = layout_modules(bow, setback=0.0, **MODULE)
    assert len(modules) > 0
    assert_valid(modules, shapely.make_valid(bow), setback=0.0)


@pytest.mark.parametrize(
    ("name", "value"), [("width", 0.0), ("height", -1.0), ("gap", -0.1), ("setback", math.nan), ("width", math.inf)]
)
def test_impossible_sizes_are_refused(name, value):
    with pytest.raises(Problems, match=name):
        layout_modules(shapely.box(0, 0, 9, 9), **{**MODULE, "setback": 0.5, name: value})


@pytest.mark.parametrize("advances", [(H + GAP, W + GAP), (1.82, 1.154), (2.4,), (1.0, 1.0)])
def test_the_lattice_step_divides_every_row(advances):
    step = lattice_step(*advances)
    assert step <= LATTICE
    for advance in advances:
        pieces = advance / step
        assert pieces <= math.ceil(pieces - 1e-9) <= pieces * 1.005


@pytest.mark.parametrize("azimuth", [0.0, 37.0, 180.0, 262.35])
@pytest.mark.parametrize("tilt", [5.0, 35.0, 50.0])
def test_a_slope_holds_what_its_true_size_holds(azimuth, tilt):
    true_size = shapely.box(0, 0, 12, 6)
    expected = len(layout_modules(true_size, setback=0.4, **MODULE))
    plan = affinity.scale(true_size, 1.0, math.cos(math.radians(tilt)), origin=(0, 0))
    plan = affinity.rotate(plan, 180 - azimuth, origin=(0, 0))  # v, up the slope, points away from the azimuth
    laid = lay_sloped(one_roof(plan, (), tilt, azimuth), ModuleSize(setback=0.4, **MODULE))
    assert len(laid.outlines) == expected > 0
    assert (laid.tilt == tilt).all() and (laid.grid_azimuth == azimuth).all() and (laid.roof == 0).all()
    assert shapely.covers(shapely.buffer(plan, TOLERANCE), laid.outlines).all()
    np.testing.assert_allclose(shapely.area(laid.outlines), W * H * math.cos(math.radians(tilt)), rtol=1e-6)


def test_rows_on_a_slope_follow_the_contour_not_the_hip():
    plan = shapely.Polygon([(0, 0), (6, 0), (3, 9)])  # south-facing triangle, its hips are the longest edges
    laid = lay_sloped(one_roof(plan, (), 30.0, 180.0), ModuleSize(setback=0.3, **MODULE))
    assert len(laid.outlines) > 0
    for module in laid.outlines:
        assert shapely.box(*module.bounds).area == pytest.approx(module.area)


@pytest.mark.parametrize(("name", "tilt", "azimuth"), [("surface_tilt", 95.0, 0.0), ("grid_azimuth", 30.0, math.nan)])
def test_impossible_slopes_are_refused(name, tilt, azimuth):
    with pytest.raises(Problems, match=name):
        lay_sloped(one_roof(shapely.box(0, 0, 9, 9), (), tilt, azimuth), ModuleSize(setback=0.5, **MODULE))
