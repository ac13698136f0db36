"""Drift obstacles around roofs: hand-computed scenes first, then what must hold for every scene."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from lk_spatial.statics.surroundings import Drifted, drifted, surroundings

SK = 0.65
PLACE = (-690_000.0, -972_000.0)


def layer(*rows: tuple[shapely.Geometry, float | None], **more: list[Any]) -> gpd.GeoDataFrame:
    """Buildings of outlines (local metres) and heights above the ground."""
    outlines = [affinity.translate(outline, *PLACE) for outline, _ in rows]
    table = {
        "building_id": [f"B{k}" for k in range(len(rows))],
        "part_id": "1",
        "height_agl_m": [np.nan if height is None else height for _, height in rows],
        "pitch_deg": 0.0,
    }
    return gpd.GeoDataFrame(table | more, geometry=outlines, crs=5514)


def roof_plane(
    building: str, outline: shapely.Geometry, tilt: float, azimuth: float, elevation: float, ground: float = 300.0
) -> dict[str, Any]:
    """A row of roof planes; ``elevation`` of its middle."""
    return {
        "building_id": building,
        "part_id": "1",
        "tilt_deg": tilt,
        "azimuth_deg": azimuth,
        "elevation_m": elevation,
        "height_agl_m": elevation - ground,
        "geometry": affinity.translate(outline, *PLACE),
    }


def drift(parts: gpd.GeoDataFrame, sk: float = SK, mu1: float = 0.8, **options: Any) -> tuple[pd.DataFrame, Drifted]:
    around = surroundings(parts, sk=sk, **options)
    return around, drifted(sk, around, mu1)


def abutting(step: float, gap: float = 0.0, turn: float = 0.0) -> gpd.GeoDataFrame:
    """SSB03 p. 3-40: the taller building 10 m wide, the lower roof 40 m, both 20 m long."""
    outlines = [shapely.box(0, 0, 40, 20), shapely.box(-10 - gap, 0, -gap, 20)]
    return layer(*((affinity.rotate(o, turn, (0, 0)), h) for o, h in zip(outlines, (5.0, 5.0 + step), strict=True)))


@pytest.mark.parametrize("turn", [0.0, 33.0, 90.0, 218.0])
@pytest.mark.parametrize(("step", "length"), [(3.0, 6.0), (4.25, 8.5)])
def test_snow_03_through_geometry(step: float, length: float, turn: float) -> None:
    """SSB03 p. 3-40: coefficient capped at 4, 2.60 kN/m2, 6.0 and 8.5 m, however the scene is turned."""
    around, found = drift(abutting(step, turn=turn))
    row = around.iloc[0]
    assert [row.step_m, row.gap_m, row.upper_m, row.lower_m] == pytest.approx([step, 0.0, 10.0, 40.0], abs=1e-6)
    assert (found.mu_foot[0], found.length_m[0]) == pytest.approx((4.0, length))
    assert found.mu_foot[0] * SK == pytest.approx(2.60, abs=0.01)
    assert row.neighbours_known and row.step_from == "given"


@pytest.mark.parametrize("turn", [0.0, 33.0])
def test_drift_covers_its_share_of_the_roof(turn: float) -> None:
    """A strip of 6 m of 40 m, half full on average: 0.075 of the roof, mean 0.8 + 3.2 * 0.075."""
    around, found = drift(abutting(3.0, turn=turn))
    assert around.drift_share[0] == pytest.approx(0.075, rel=1e-3)
    assert found.mean_mu[0] == pytest.approx(1.04, abs=1e-3)


def test_the_taller_roof_has_no_drift() -> None:
    around, found = drift(abutting(3.0))
    assert around.step_m[1] == 0.0 and around.neighbours_known[1]
    assert (found.mu_foot[1], found.length_m[1], found.mean_mu[1]) == (0.8, 0.0, 0.8)


@pytest.mark.parametrize("shift", [-0.08, -0.02, 0.03, 0.08])
def test_gaps_and_overlaps_of_drawing(shift: float) -> None:
    """Some centimetres between abutting buildings change next to nothing."""
    around, found = drift(abutting(3.0, gap=shift))
    assert found.mu_foot[0] == pytest.approx(4.0, abs=0.05)
    assert found.mean_mu[0] == pytest.approx(1.04, abs=0.01)
    assert around.lower_m[0] == pytest.approx(40.0, abs=0.1)


def test_gap_takes_its_part_of_the_drift() -> None:
    """2 m of 6 m: at the roof's edge two thirds are left, 0.8 + 3.2 * 2/3; 4 m of 40 m, a third full on average."""
    around, found = drift(abutting(3.0, gap=2.0))
    assert found.mu_foot[0] == pytest.approx(0.8 + 3.2 * 2 / 3)
    assert found.length_m[0] == pytest.approx(4.0)
    assert around.drift_share[0] == pytest.approx(4 / 40 / 3, rel=1e-3)


def test_neighbour_beyond_its_drift_is_none() -> None:
    """A drift of 6 m does not bridge 6.5 m."""
    around, found = drift(abutting(3.0, gap=6.5))
    assert around.step_m[0] == 0.0 and np.isnan(around.gap_m[0]) and around.step_from[0] is None
    assert found.mu_foot[0] == 0.8 and found.mean_mu[0] == 0.8


@pytest.mark.parametrize("unknown", [0, 1])
def test_unknown_heights_stay_unknown(unknown: int) -> None:
    parts = abutting(3.0)
    parts.loc[unknown, "height_agl_m"] = np.nan
    around, found = drift(parts)
    assert not around.neighbours_known.any()
    assert np.isnan(around.step_m).all() and np.isnan(around.elevation_m).all()
    assert np.isnan(np.array(found)).all()


def test_alone_is_known() -> None:
    around, _ = drift(layer((shapely.box(0, 0, 10, 10), None)))
    assert around.neighbours_known[0] and around.step_m[0] == 0.0


@pytest.mark.parametrize(("height", "mu"), [(0.0, 0.8), (0.2, 0.8), (0.5, 2 * 0.5 / 0.65), (3.0, 2.0)])
def test_parapet_by_6_2_only(height: float, mu: float) -> None:
    """EN 1991-1-3, 6.2: 2 h / sk within 0.8 and 2.0; the 3 m of SSB03 p. 3-43 give 2.0 here, not annex B's 4.00."""
    around, found = drift(layer((shapely.box(0, 0, 40, 20), 5.0), parapet_m=[height]))
    assert found.mu_foot[0] == pytest.approx(mu) and around.parapet_from[0] == "given"
    if height == 3.0:  # over 6 m all around: a pyramid's share, 1 - (1 - 6/20 ... ) by integration
        share = 1 - np.mean([(40 - 12 * t) * (20 - 12 * t) / 800 for t in (np.arange(1000) + 0.5) / 1000])
        assert around.parapet_share[0] == pytest.approx(share, abs=1e-4)
        assert found.mean_mu[0] == pytest.approx(0.8 + 1.2 * share, abs=1e-3)


def test_no_parapet_drift_on_a_pitched_roof() -> None:
    around, found = drift(layer((shapely.box(0, 0, 40, 20), 5.0), parapet_m=[1.0], pitch_deg=[30.0]))
    assert around.flat[0] is False and found.mu_foot[0] == 0.8


def gable(azimuth: float = 90.0) -> gpd.GeoDataFrame:
    """Slopes of the taller building of ``abutting``, 30° steep, with eaves at 308; the lower roof flat at 305."""
    rise = 2.5 * np.tan(np.radians(30))
    rows = [roof_plane("B0", shapely.box(0, 0, 40, 20), 0.0, np.nan, 305.0)]
    halves = [shapely.box(-5, 0, 0, 20), shapely.box(-10, 0, -5, 20)]
    if azimuth in (0.0, 180.0):
        halves = [shapely.box(-10, 10, 0, 20), shapely.box(-10, 0, 0, 10)]
        rise *= 2.0
    for k, half in enumerate(halves):
        rows.append(roof_plane("B1", half, 30.0, (azimuth + 180.0 * k) % 360.0, 308.0 + rise))
    return gpd.GeoDataFrame(rows, crs=5514)


def test_snow_slides_from_the_slope_that_faces_the_roof() -> None:
    """Z2/2010: 0.8 * 5 / 6 on top of 4; the eaves, not the ridge, stand 3 m above the roof."""
    around, found = drift(abutting(9.0), planes=gable())
    row = around.iloc[0]
    assert (row.step_m, row.upper_pitch_deg, row.slope_m) == pytest.approx((3.0, 30.0, 5.0), abs=1e-6)
    assert found.mu_foot[0] == pytest.approx(4.0 + 0.8 * 5 / 6)
    assert row.step_from == "planes" and row.flat is True and around.flat[1] is False


def test_no_snow_slides_over_a_gable_wall() -> None:
    """Slopes to north and south shed past the roof; the wall is taken between eaves and ridge."""
    around, found = drift(abutting(9.0), planes=gable(0.0))
    row = around.iloc[0]
    assert (row.upper_pitch_deg, row.slope_m) == (0.0, 0.0)
    assert row.step_m == pytest.approx(3.0 + 5.0 * np.tan(np.radians(30)), rel=0.05)
    assert found.mu_foot[0] == pytest.approx(min(50 / (2 * row.step_m), 4.0))


def test_true_azimuths_are_turned_into_the_grid() -> None:
    """Eaves of a plane told by its true azimuth are level only with the convergence: 3 m all along the wall."""
    planes = gable()
    planes.loc[1:, "azimuth_deg"] -= 40.0
    around = surroundings(abutting(9.0), planes, convergence=40.0)
    assert (around.step_m[0], around.slope_m[0]) == pytest.approx((3.0, 5.0), abs=1e-6)


def test_pitch_of_a_neighbour_that_nobody_knows() -> None:
    """Snow may slide from all 10 m of it, or not at all."""
    parts = abutting(3.0)
    parts.loc[1, "pitch_deg"] = np.nan
    around = surroundings(parts, sk=SK)
    assert np.isnan(around.upper_pitch_deg[0])
    assert drifted(SK, around, 0.8).mu_foot[0] == pytest.approx(4.0 + 0.8 * 10 / 6)
    assert drifted(SK, around, 0.8, unknown_slide=False).mu_foot[0] == pytest.approx(4.0)


def test_parts_by_their_planes() -> None:
    """Two levels, a dormer that is too small to count, and one flat half."""
    outline = shapely.box(0, 0, 20, 10)
    rows = [
        roof_plane("B0", shapely.box(0, 0, 12, 10), 0.0, np.nan, 306.0),
        roof_plane("B0", shapely.box(12, 0, 19, 10), 20.0, 180.0, 310.0),
        roof_plane("B0", shapely.box(19, 0, 20, 10), 60.0, 180.0, 315.0),
    ]
    row = surroundings(layer((outline, 99.0)), gpd.GeoDataFrame(rows, crs=5514)).iloc[0]
    assert (row.pitch_lo, row.pitch, row.pitch_hi) == pytest.approx((0.0, 140 / 19, 20.0))
    assert (row.levels, row.flat, row.pitch_from) == (2, True, "planes")
    assert (row.elevation_m, row.ground_m) == pytest.approx(((12 * 306 + 7 * 310) / 19, 300.0))
    assert row.roof_height_m == pytest.approx(10.0) and row.roof_height_from == "planes"


def test_what_is_given_counts_where_nothing_is_measured() -> None:
    parts = layer((shapely.box(0, 0, 20, 10), 7.0), (shapely.box(50, 0, 60, 10), None), pitch_deg=[6.0, None])
    heights = pd.DataFrame({"roof_m": [np.nan, 320.0], "ground_m": [300.0, 312.0]}, index=parts.index)
    around = surroundings(parts, None, heights)
    assert around.elevation_m.tolist() == [307.0, 320.0] and around.elevation_from.tolist() == ["given", "dsm"]
    assert around.roof_height_m.tolist() == [7.0, 8.0] and around.roof_height_from.tolist() == ["given", "dsm"]
    assert around.flat.tolist() == [False, None] and around.pitch_from.notna().tolist() == [True, False]
    assert np.isnan(around.levels).all() and np.isnan(around.pitch[1])


def test_elevations_count_before_heights_above_ground() -> None:
    """On a slope the building below is no taller neighbour, though it is higher above its own ground."""
    heights = pd.DataFrame({"ground_m": [310.0, 300.0]})
    around = surroundings(abutting(3.0), None, heights)
    assert around.step_m.tolist() == [0.0, 7.0]


def test_no_buildings_and_broken_ones() -> None:
    assert len(surroundings(abutting(3.0).iloc[:0])) == 0
    parts = layer((shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]), 5.0), (shapely.Polygon(), 3.0))
    parts.loc[1, "geometry"] = None
    around = surroundings(parts)
    assert around.neighbours_known.all() and around.plan_area_m2.tolist() == pytest.approx([50.0, 0.0])


def test_the_same_building_drawn_twice_is_no_neighbour() -> None:
    outline = shapely.box(0, 0, 20, 10)
    around = surroundings(layer((outline, 5.0), (outline, 9.0)))
    assert (around.step_m == 0.0).all()


def test_tower_drawn_on_a_podium() -> None:
    """The drift lies on what is left of the podium."""
    around, found = drift(layer((shapely.box(0, 0, 40, 20), 5.0), (shapely.box(0, 0, 10, 20), 8.0)))
    assert around.step_m[0] == pytest.approx(3.0) and around.gap_m[0] == 0.0
    assert around.drift_share[0] == pytest.approx(6 / 30 / 2, rel=1e-3)
    assert found.mu_foot[0] == pytest.approx(4.0)


BOXES = st.tuples(
    st.floats(-30, 50), st.floats(-30, 40), st.floats(3, 25), st.floats(3, 25), st.floats(2, 25), st.floats(0, 180)
)


def boxed(x: float, y: float, width: float, depth: float, height: float, turn: float) -> tuple[shapely.Geometry, float]:
    return affinity.rotate(shapely.box(x, y, x + width, y + depth), turn), height


@settings(max_examples=60, deadline=None)
@given(st.lists(BOXES, min_size=1, max_size=4), st.floats(0.5, 4.0))
def test_a_further_neighbour_never_lowers_the_snow(boxes: list[tuple[float, ...]], sk: float) -> None:
    own = (shapely.box(0, 0, 20, 15), 5.0)
    found = [drift(layer(own, *(boxed(*b) for b in boxes[:k])), sk)[1] for k in range(len(boxes) + 1)]
    foot, mean = np.array([each.mu_foot[0] for each in found]), np.array([each.mean_mu[0] for each in found])
    assert (np.diff(foot) >= -1e-9).all() and (np.diff(mean) >= -1e-9).all()
    assert (mean <= foot + 1e-12).all() and (mean >= 0.8).all()


@settings(max_examples=40, deadline=None)
@given(st.floats(0.0, 14.0), st.floats(0.0, 3.0), st.floats(0.5, 12.0), st.floats(0, 360))
def test_a_wider_gap_never_raises_the_snow(gap: float, wider: float, step: float, turn: float) -> None:
    near, far = (drift(abutting(step, gap=g, turn=turn))[1] for g in (gap, gap + wider))
    assert far.mu_foot[0] <= near.mu_foot[0] + 1e-9 and far.mean_mu[0] <= near.mean_mu[0] + 1e-6
