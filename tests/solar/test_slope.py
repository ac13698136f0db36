"""Slope and aspect of a surface: planes, edges, walls, and what is unknown."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lk_spatial.solar.slope import slope_aspect


def plane(tilt: float, azimuth: float, cell: float = 1.0, size: int = 9) -> NDArray[np.float64]:
    """Heights of a plane whose fall line has this grid azimuth."""
    y, x = np.mgrid[size - 1 : -1 : -1, :size] * cell
    a = math.radians(azimuth)
    return 400.0 - math.tan(math.radians(tilt)) * (x * math.sin(a) + y * math.cos(a))


@settings(deadline=None)  # the first example compiles
@given(
    tilt=st.floats(1, 60), azimuth=st.floats(0, 359.9), cell=st.sampled_from([0.5, 1, 2]), convergence=st.floats(-9, 9)
)
def test_planes(tilt: float, azimuth: float, cell: float, convergence: float) -> None:
    """Everywhere, edges and corners too."""
    found, facing = slope_aspect(plane(tilt, azimuth, cell), cell, convergence=convergence)
    off = (facing - (azimuth - convergence) + 180.0) % 360.0 - 180.0
    np.testing.assert_allclose(found, tilt, atol=0.03)
    np.testing.assert_allclose(off * math.sin(math.radians(tilt)), 0.0, atol=0.03)
    assert found.dtype == facing.dtype == np.float32 and (facing >= 0).all() and (facing < 360.001).all()


def test_flat_faces_south() -> None:
    tilt, azimuth = slope_aspect(np.full((3, 4), 400.0), 1.0, convergence=7.35)
    assert (tilt == 0).all() and (azimuth == 180).all()


def test_a_ridge_is_level_and_its_sides_are_not() -> None:
    gable = np.tile(-np.abs(np.arange(-4.0, 5)), (5, 1))
    assert slope_aspect(gable, 1.0)[0][2].round(3).tolist() == [45, 45, 45, 45, 0, 45, 45, 45, 45]


@pytest.mark.parametrize("turns", range(4))
def test_the_rim_of_a_roof_slopes_like_the_roof(turns: int) -> None:
    """A shed roof of 30° above flat ground: neither its rim nor the ground beside it knows of the wall."""
    ground = np.full((20, 20), 400.0)
    ground[6:14, 6:14] = plane(30.0, 180.0, size=8) + 20.0
    tilt = slope_aspect(np.rot90(ground, turns), 1.0)[0]
    roof = np.rot90(ground, turns) > 401
    np.testing.assert_allclose(tilt[roof], 30.0, atol=0.01)
    np.testing.assert_allclose(tilt[~roof], 0.0, atol=0.01)


def test_a_cliff_on_both_sides_stays_a_cliff() -> None:
    """Steeper than 63° on both sides: a slope of its own, no rim."""
    assert slope_aspect(np.tile(np.arange(5) * 3.0, (5, 1)), 1.0)[0][2, 2] == pytest.approx(math.degrees(math.atan(3)))


def test_unknown() -> None:
    heights = plane(20.0, 90.0)
    heights[4, 4] = heights[:, 7] = np.nan
    tilt, azimuth = slope_aspect(heights, 1.0)
    unknown = np.isnan(heights)
    unknown[:, 8] = True  # beyond it nothing is known on either side
    assert (np.isnan(tilt) == unknown).all() and (np.isnan(azimuth) == unknown).all()
    np.testing.assert_allclose(tilt[~unknown], 20.0, atol=0.01)
