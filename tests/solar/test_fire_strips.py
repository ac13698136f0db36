"""Fire strips: fields of modules are never larger than asked and always so far apart."""

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely import affinity

from lk_spatial.core.errors import Problems
from lk_spatial.solar.layout import ModuleSize, lay_level, lay_racks, lay_sloped, one_roof

SIZE = ModuleSize(1.134, 1.762, 0.02, setback=0.5)
LAYOUTS = ["flush", "south", "east_west"]
TOLERANCE = 1e-6
H, V = 1.762 + 0.02, 1.134 + 0.02


def lay(roof: shapely.Geometry, size: ModuleSize, obstacles: object = ()) -> NDArray[np.object_]:
    """Outlines on a flat roof."""
    one = one_roof(roof, obstacles, 0.0, 180.0)
    return (lay_level if size.flat_layout == "flush" else lay_racks)(one, size).outlines


def sides_of_fields(outlines: NDArray[np.object_], strip: float) -> NDArray[np.float64]:
    """Sides of the groups of modules that are less than ``strip`` apart, along the modules' own sides."""
    n = len(outlines)
    one, other = shapely.STRtree(outlines).query(outlines, predicate="dwithin", distance=strip - TOLERANCE)
    group = connected_components(coo_array((np.ones(len(one)), (one, other)), (n, n)))[1]
    corner = shapely.get_coordinates(outlines[:1])
    turn = -math.degrees(math.atan2(*(corner[1] - corner[0])[::-1]))
    fields = [shapely.union_all(outlines[group == number]) for number in range(group.max() + 1)]
    bounds = np.array([affinity.rotate(field, turn, origin=(0, 0)).bounds for field in fields])
    return bounds[:, 2:] - bounds[:, :2]


@st.composite
def roofs(draw: st.DrawFn) -> tuple[shapely.Geometry, list[shapely.Geometry]]:
    a, b = draw(st.floats(8, 30)), draw(st.floats(6, 24))
    shape = draw(st.sampled_from(["box", "l", "hip"]))
    roof = shapely.box(0, 0, a, b)
    if shape == "l":
        roof = shapely.union(roof, shapely.box(0, 0, a * 0.45, b * 1.6))
    if shape == "hip":
        roof = shapely.Polygon([(0, 0), (a, 0), (a * 0.8, b), (a * 0.3, b)])
    spots = draw(st.lists(st.tuples(st.floats(0, a), st.floats(0, b)), max_size=3))
    turn, shift = draw(st.floats(0, 360)), draw(st.sampled_from([(0, 0), (-688_000, -974_000)]))
    every = [roof, *(shapely.box(x, y, x + 1.2, y + 0.8) for x, y in spots)]
    moved = [affinity.translate(affinity.rotate(each, turn, origin=(0, 0)), *shift) for each in every]
    return moved[0], moved[1:]


@settings(max_examples=60, deadline=None)
@given(roofs(), st.sampled_from(LAYOUTS), st.floats(0.05, 4.0), st.floats(1.0, 15.0))
def test_no_field_is_larger_and_none_nearer(
    made: tuple[shapely.Geometry, list[shapely.Geometry]], layout: str, strip: float, field: float
) -> None:
    roof, obstacles = made
    outlines = lay(roof, SIZE._replace(flat_layout=layout, fire_strip=strip, max_field=field), obstacles)
    inner = shapely.buffer(shapely.buffer(roof, -0.5, join_style="mitre"), TOLERANCE)
    assert shapely.covers(inner, outlines).all()
    assert all(shapely.area(shapely.intersection(outlines, each)).sum() < TOLERANCE for each in obstacles)
    if len(outlines):
        assert sides_of_fields(outlines, max(strip, 0.02 + 2 * TOLERANCE)).max() <= field + TOLERANCE


@settings(max_examples=25, deadline=None)
@given(st.floats(8, 30), st.floats(6, 24), st.sampled_from(LAYOUTS), st.floats(0.1, 3.0), st.floats(2.0, 12.0))
def test_wider_strips_and_smaller_fields_hold_hardly_more(
    a: float, b: float, layout: str, strip: float, field: float
) -> None:
    """Along a row a few patterns of fields are tried, not all: so hardly more, and never more than without strips."""

    def count(strip: float, field: float) -> int:
        return len(lay(shapely.box(0, 0, a, b), SIZE._replace(flat_layout=layout, fire_strip=strip, max_field=field)))

    free = len(lay(shapely.box(0, 0, a, b), SIZE._replace(flat_layout=layout)))
    wider = [free, *(count(strip + more, field) for more in (0.0, 0.3, 1.0))]
    smaller = [free, *(count(strip, field - less) for less in (0.0, 0.4, 1.0))]
    for row in (wider, smaller):
        assert max(row) == free and all(other <= one + max(1, 0.05 * one) for one, other in pairwise(row)), row


@settings(max_examples=40, deadline=None)
@given(roofs(), st.sampled_from(LAYOUTS), st.floats(0.1, 2.0), st.floats(4.0, 12.0))
def test_on_any_roof_wider_strips_hold_hardly_more(
    made: tuple[shapely.Geometry, list[shapely.Geometry]], layout: str, strip: float, field: float
) -> None:
    """A strip may happen to swallow an obstacle, so a little more can fit."""
    size = SIZE._replace(flat_layout=layout, fire_strip=strip, max_field=field)
    one, other = (
        len(lay(*each))
        for each in ((made[0], size, made[1]), (made[0], size._replace(fire_strip=strip + 0.5), made[1]))
    )
    assert other <= one + max(2, 0.05 * one)
    assert one <= len(lay(made[0], SIZE._replace(flat_layout=layout), made[1]))


def test_fields_by_hand() -> None:
    """25 × 12 m net, fields up to 9 m, strips of 1 m: 7 + 7 + 5 portrait modules beside each other, 5 + 1 rows."""
    roof = shapely.box(-0.5, -0.5, 25.5, 12.5)
    outlines = lay(roof, SIZE._replace(flat_layout="flush", fire_strip=1.0, max_field=9.0))
    sides = sides_of_fields(outlines, 1.0)
    assert len(sides) == 6
    across, up = int((9.0 + 0.02) / V), [int((9.0 + 0.02) / H), int((12.0 - 9.0 - 1.0 + 0.02) / H)]
    by_portrait = (2 * across + int((25.0 - 2 * (across * V - 0.02 + 1.0) + 0.02) / V)) * sum(up)
    assert len(outlines) >= by_portrait > 100


@pytest.mark.parametrize("layout", LAYOUTS)
def test_small_roofs_need_no_strips(layout: str) -> None:
    roof, size = shapely.box(0, 0, 9.0, 8.0), SIZE._replace(flat_layout=layout)
    assert (lay(roof, size) == lay(roof, size._replace(fire_strip=2.0, max_field=8.0))).all()
    assert len(lay(roof, size._replace(fire_strip=2.0, max_field=3.0))) < len(lay(roof, size))


def test_fields_of_a_slope_are_measured_on_it() -> None:
    steep = math.cos(math.radians(50.0))
    roof = shapely.box(0, 0, 20.0, 20.0 * steep)
    laid = lay_sloped(one_roof(roof, (), 50.0, 180.0), SIZE._replace(fire_strip=1.5, max_field=6.0))
    on_slope = np.array([affinity.scale(each, 1.0, 1.0 / steep, origin=(0, 0)) for each in laid.outlines])
    sides = sides_of_fields(on_slope, 1.5)
    assert len(sides) == 9 and 5.0 < sides.max() <= 6.0 + TOLERANCE


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fire_strip": 1.0}, "max_field_m"),
        ({"max_field": 20.0}, "fire_strip_m"),
        ({"fire_strip": -1.0}, "fire_strip"),
        ({"fire_strip": 1.0, "max_field": 0.0}, "max_field"),
        ({"fire_strip": math.nan, "max_field": 9.0}, "fire_strip"),
    ],
)
def test_impossible_strips_are_refused(change: dict[str, float], said: str) -> None:
    with pytest.raises(Problems, match=said):
        lay(shapely.box(0, 0, 9, 9), SIZE._replace(**change))
