"""Sky view and horizon band against paper and a fine sum over the sky."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lk_spatial.solar.sky_view import horizon_band_visibility, sky_view_factor
from tests.solar.oracle import brute_band, brute_sky_view

AZIMUTHS = np.arange(32) * 360 / 32


@pytest.mark.parametrize("tilt", [0, 5, 35, 60, 90])
@pytest.mark.parametrize("azimuth", [0, 45, 100, 180, 359])
def test_free_plane(tilt: float, azimuth: float) -> None:
    free = np.zeros(32)
    assert sky_view_factor(free, tilt, azimuth) == pytest.approx((1 + math.cos(math.radians(tilt))) / 2, abs=1e-12)
    assert horizon_band_visibility(free, tilt, azimuth) == pytest.approx(1)


@pytest.mark.parametrize("g", [0, 20, 45, 60])
@pytest.mark.parametrize(
    "name,power", [("wall", 1), ("canyon", 1), ("basin", 2)], ids=["wall-(1+cos g)/2", "canyon-cos g", "basin-cos2 g"]
)
def test_flat_receiver(name: str, power: int, g: float) -> None:
    """Truths of facts/solar.md section 5."""
    ahead = np.cos(np.radians(AZIMUTHS - 90))
    ahead = {"wall": np.maximum(ahead, 0), "canyon": np.abs(ahead), "basin": np.ones(32)}[name]
    horizon = np.degrees(np.arctan(math.tan(math.radians(g)) * ahead))
    cos = math.cos(math.radians(g))
    truth = (1 + cos) / 2 if name == "wall" else cos**power
    assert sky_view_factor(horizon) == pytest.approx(truth, abs=0.005)


@pytest.mark.parametrize("tilt", [20, 50, 90])
def test_the_planes_own_ridge_hides_nothing_more(tilt: float) -> None:
    """A horizon equal to the plane's own cut of the sky changes nothing."""
    own = np.degrees(
        np.arctan(np.maximum(-math.tan(math.radians(min(tilt, 89.9))) * np.cos(np.radians(AZIMUTHS - 90)), 0))
    )
    assert sky_view_factor(own, tilt, 90) == pytest.approx((1 + math.cos(math.radians(tilt))) / 2, abs=0.006)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), tilt=st.floats(1, 90), azimuth=st.floats(0, 360))
def test_equals_the_fine_sum(seed: int, tilt: float, azimuth: float) -> None:
    rng = np.random.default_rng(seed)
    horizon = np.clip(rng.normal(10, 20, 32), 0, 85)
    assert sky_view_factor(horizon, tilt, azimuth) == pytest.approx(brute_sky_view(horizon, tilt, azimuth), abs=0.004)
    assert horizon_band_visibility(horizon, tilt, azimuth) == pytest.approx(brute_band(horizon, azimuth), abs=0.05)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), lift=st.floats(0, 40))
def test_falls_with_the_horizon(seed: int, lift: float) -> None:
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 45, (5, 32))
    tilt, azimuth = rng.uniform(0, 90, 5), rng.uniform(0, 360, 5)
    for view in (sky_view_factor, horizon_band_visibility):
        assert (view(low + lift, tilt, azimuth) <= view(low, tilt, azimuth) + 1e-12).all()


def test_shapes_and_nan() -> None:
    assert np.ndim(sky_view_factor(np.zeros(32), 30, 90)) == 0
    assert sky_view_factor(np.zeros(32), np.array([0, 30.0]), 90).shape == (2,)
    assert sky_view_factor(np.zeros((0, 32))).shape == (0,)
    horizon = np.zeros((3, 32))
    horizon[1, 4] = np.nan
    seen = sky_view_factor(horizon, [0, 0, 30], [np.nan, 180, np.nan])
    assert np.isnan(seen).tolist() == [False, True, True] and seen[0] == pytest.approx(1)
    band = horizon_band_visibility(horizon, [0, 0, 30], [np.nan, 180, np.nan])
    assert np.isnan(band).tolist() == [False, True, True]


def test_a_low_horizon_hides_the_band_in_part() -> None:
    assert horizon_band_visibility([1.3] * 32, 30, 180) == pytest.approx(0.8)
    assert horizon_band_visibility([6.5] * 32, 30, 180) == 0
    north = np.where(np.abs(AZIMUTHS - 180) > 90, 30.0, 0.0)
    assert horizon_band_visibility(north, 30, 180) == pytest.approx(1, abs=0.01), "what lies behind does not count"
