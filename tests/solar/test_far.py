"""The far horizon: ridges known on paper, windows that agree, and the meeting of near and far field."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from lk_spatial.solar.far import FAR_CELL_M, FAR_M, NEAR_M, far_horizon

WEST, NORTH = -720_000.0, -950_000.0


def terrain(values: np.ndarray, cell: float = FAR_CELL_M) -> SimpleNamespace:
    return SimpleNamespace(values=np.asarray(values, np.float32), transform=corner(cell))


def corner(cell: float, top: int = 0, left: int = 0) -> Affine:
    return Affine(cell, 0, WEST + left * cell, 0, -cell, NORTH - top * cell)


def middle(row: float, col: float, cell: float = FAR_CELL_M) -> tuple[float, float]:
    return WEST + (col + 0.5) * cell, NORTH - (row + 0.5) * cell


@pytest.mark.parametrize(
    "distance, height",
    [(2_000, 500.0), (10_000, 700.0), (10_000, 560.0), (15_000, 900.0), (19_975, 1_000.0)],
)
def test_a_ridge_stands_as_high_as_on_paper(distance: int, height: float) -> None:
    """The tangent is (H - z - d² (1 - k) / 2R) / d with k = 0.13, R = 6371 km."""
    values = np.full((5, 900), 400.0)
    values[:, 20 + distance // 25] = height
    angles = far_horizon(terrain(values), *middle(2, 20), 410.0, convergence=0.0, n_azimuth=4)
    sunk = distance**2 * (1 - 0.13) / (2 * 6_371_000)
    truth = math.degrees(math.atan((height - 410.0 - sunk) / distance))
    assert angles[0] == pytest.approx([0, truth, 0, 0], abs=1e-4)


def test_true_north_is_turned() -> None:
    """A lone hill in the grid's north is seen at the true azimuth 360° - convergence."""
    values = np.full((500, 500), 400.0)
    values[95:106, 245:256] = 900.0
    angles = far_horizon(terrain(values), *middle(400, 250), 400.0, convergence=11.25, n_azimuth=32)[0]
    assert angles.argmax() == 31 and angles[31] > 3.0


def test_a_plain_has_no_horizon() -> None:
    angles = far_horizon(terrain(np.full((900, 900), 350.0)), *middle(450, 450), 350.0, convergence=7.35)
    assert angles.dtype == np.float32 and angles.shape == (1, 32) and (angles == 0).all()


def test_near_and_farthest_are_left_out() -> None:
    values = np.full((5, 1000), 300.0)
    values[:, 20 + 800 // 25] = values[:, 20 + 20_500 // 25] = 5_000.0
    assert (far_horizon(terrain(values), *middle(2, 20), 300.0, convergence=0.0) == 0).all()
    seen = far_horizon(terrain(values), *middle(2, 20), 300.0, convergence=0.0, nearest=700.0, n_azimuth=4)
    assert seen[0, 1] > 70


def test_no_ring_is_left_out_between_near_and_far() -> None:
    """A wall just behind the near field of the point, just before that of its cell's middle."""
    values = np.full((5, 200), 300.0)
    values[:, 20 + 40] = 400.0  # centres 1,000 m from the cell's middle
    x, y = middle(2, 20)
    for shift in (-12.0, 12.0):
        assert far_horizon(terrain(values), x + shift, y, 300.0, convergence=0.0, n_azimuth=4)[0, 1] > 5.0


def test_nothing_known_is_nothing_seen() -> None:
    values = 400.0 + 600.0 * np.random.default_rng(0).random((100, 100))
    values[30:, 30:] = np.nan
    x, y = middle(np.array([50, 50, -3, 50]), np.array([10, 10, 10, 300]))
    angles = far_horizon(terrain(values), x, y, [400.0, np.nan, 400.0, 400.0], convergence=0.0)
    assert np.isfinite(angles).all() and angles[0].max() > 0 and (angles[1:] == 0).all()
    assert (far_horizon(terrain(np.full((60, 60), np.nan)), *middle(5, 5), 1.0, convergence=0.0) == 0).all()
    assert (far_horizon(terrain(values[:1]), *middle(0, 5), 1.0, convergence=0.0) == 0).all()
    assert far_horizon(terrain(values), [], [], [], convergence=0.0).shape == (0, 32)


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 9_999),
    before=st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40)),
    cell=st.sampled_from([25.0, 30.0]),
    convergence=st.sampled_from([0.0, 7.35]),
)
def test_windows_agree_bit_for_bit(seed: int, before: tuple[int, ...], cell: float, convergence: float) -> None:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:220, :220]
    values = 500 + 200 * np.sin(x / 17) * np.cos(y / 23) + 30 * rng.random((220, 220))
    values[rng.random(values.shape) < 0.02] = np.nan
    whole = terrain(values, cell)
    px, py = middle(rng.uniform(100, 120, 40), rng.uniform(100, 120, 40), cell)
    z = rng.uniform(400, 700, 40)
    options = {"convergence": convergence, "nearest": 200.0, "farthest": 55 * cell}
    seen = far_horizon(whole, px, py, z, **options)
    top, left, bottom, right = before
    part = SimpleNamespace(
        values=whole.values[top : 220 - bottom, left : 220 - right],
        transform=corner(cell, top, left),
    )
    assert far_horizon(part, px, py, z, **options).tobytes() == seen.tobytes()
    alone = np.vstack([far_horizon(whole, *each, **options) for each in zip(px, py, z, strict=True)])
    assert alone.tobytes() == seen.tobytes()


def test_the_stated_radii() -> None:
    """Other rooms and the guide state these."""
    assert (NEAR_M, FAR_M, FAR_CELL_M) == (1_000.0, 20_000.0, 25.0)
