"""Horizons of tiles: the same bit for bit as of the whole, near the dense truth, and what lies behind them."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lk_spatial.io.weather import read_weather
from lk_spatial.solar.horizon import coarse_horizon, horizon, look_around, prepare
from lk_spatial.solar.horizon_rays import Look
from lk_spatial.solar.irradiance import poa_irradiation
from tests.scenes import Scene, make_scene
from tests.solar.dense_horizon import dense_horizon
from tests.solar.shapes import grid, rough

# --- bit for bit


def holed(seed: int, shape: tuple[int, int] = (190, 230)) -> NDArray[np.float32]:
    """A rough surface on a slope, with holes."""
    rng = np.random.default_rng(seed)
    dsm = np.tile(rough(seed), (4, 4))[: shape[0], : shape[1]] + np.linspace(0, 40, shape[1], dtype=np.float32)
    dsm[rng.random(dsm.shape) < 0.02] = np.nan
    return dsm


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n_azimuth=st.sampled_from([8, 31, 32]),
    convergence=st.sampled_from([0.0, 7.35, -11.3]),
    reach=st.floats(5.0, 60.0),
    cell=st.sampled_from([0.5, 1.0]),
    before=st.tuples(st.integers(0, 17), st.integers(0, 17)),
)
def test_a_tile_with_its_halo_equals_the_whole(
    seed: int, n_azimuth: int, convergence: float, reach: float, cell: float, before: tuple[int, int]
) -> None:
    dsm = holed(seed)
    halo = math.ceil(reach / cell)
    top, left = min(before[0] + 60, 190 - halo - 20), min(before[1] + 90, 230 - halo - 20)
    rows, cols = (part.ravel() for part in np.mgrid[top : top + 12, left : left + 15])
    far = {"n_azimuth": n_azimuth, "convergence": convergence, "max_distance": reach}
    whole = horizon(dsm, grid(cell), rows, cols, **far)
    row, col = max(top - halo, 0), max(left - halo, 0)
    tile = dsm[row : top + 12 + halo, col : left + 15 + halo]
    assert horizon(tile, grid(cell), rows - row, cols - col, **far).tobytes() == whole.tobytes()


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), convergence=st.floats(-10, 10), turns=st.integers(1, 3))
def test_a_turned_scene_is_the_same_bit_for_bit(seed: int, convergence: float, turns: int) -> None:
    dsm = holed(seed, (90, 90))
    rows, cols = np.random.default_rng(seed).integers(0, 90, (2, 20))
    mark = np.full(dsm.shape, -1)
    mark[rows, cols] = np.arange(20)
    kept = np.flatnonzero(mark[rows, cols] == np.arange(20))  # the others share a pixel
    turned = np.rot90(mark, turns)
    places = [np.argwhere(turned == n)[0] for n in kept]
    before = horizon(dsm, grid(), rows[kept], cols[kept], convergence=convergence)
    after = horizon(np.rot90(dsm, turns), grid(), *np.transpose(places), convergence=convergence)
    assert after.tobytes() == np.roll(before, -8 * turns, axis=1).tobytes()


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_company_and_order_do_not_matter(seed: int) -> None:
    """Neighbours look together; each sees what he would see alone, also where two stand on one pixel."""
    dsm = holed(seed)
    rng = np.random.default_rng(seed)
    rows, cols = rng.integers(80, 90, 60), rng.integers(60, 90, 60)
    together = horizon(dsm, grid(), rows, cols, convergence=7.35)
    order = rng.permutation(60)
    assert horizon(dsm, grid(), rows[order], cols[order], convergence=7.35).tobytes() == together[order].tobytes()
    alone = np.vstack([horizon(dsm, grid(), row, col, convergence=7.35) for row, col in zip(rows, cols, strict=True)])
    assert alone.tobytes() == together.tobytes()


# --- near the truth


@pytest.fixture(scope="module")
def quarter() -> Scene:
    """4 Mpx, 7.6 % of them roofs."""
    return make_scene(7, size=2000.0, noise=0.05)


def test_tile_stands_beside_the_dense_truth(quarter: Scene, sample_data: Path) -> None:
    """Bars of the issue; the sun's year under the dense horizon of 360 directions, that under 32 directions here."""
    rows, cols = np.nonzero(quarter.plane)
    some = np.sort(np.random.default_rng(1).choice(len(rows), 80, replace=False))
    rows, cols = rows[some], cols[some]
    found = horizon(quarter.dsm, quarter.transform, rows, cols, convergence=quarter.convergence)
    heights = quarter.dsm.astype(float)
    truth = dense_horizon(heights, rows, cols, np.arange(32) * 11.25 + quarter.convergence)
    assert np.abs(found - truth).mean() <= 0.45
    planes = quarter.planes.iloc[quarter.plane[rows, cols] - 1]
    facing = planes["tilt_deg"].to_numpy(), planes["azimuth_deg"].to_numpy()
    weather = read_weather(sample_data / "weather_liberec_synthetic.csv")
    fine = dense_horizon(heights, rows, cols, np.arange(360) + quarter.convergence)
    free, here, there = (poa_irradiation(weather, *facing, horizon=seen).annual for seen in (None, found, fine))
    off = 100.0 * (here - there) / free
    assert np.percentile(np.abs(off), 95) <= 1.2
    assert abs(off.mean()) <= 0.25


# --- what lies behind


def test_a_far_ridge_sinks_behind_the_earth() -> None:
    """A ridge of 600 m at 15 km, seen from 350 m: distance² (1 - 0.13) / 2R = 15.4 m are hidden."""
    terrain = np.full((11, 601), 300.0, np.float32)
    terrain[:, 503] = 600.0
    angles = coarse_horizon(terrain, grid(30.0), -690_000 + 3.5 * 30, -972_000 - 5.5 * 30, 350.0, n_azimuth=4)
    truth = math.degrees(math.atan((600 - 350 - 15_000**2 * 0.87 / (2 * 6_371_000)) / 15_000))
    assert angles[0] == pytest.approx([0, truth, 0, 0], abs=1e-4)


@pytest.mark.parametrize("nearest,farthest,seen", [(0, 20_000, 1), (900, 20_000, 1), (931, 20_000, 0), (0, 899, 0)])
def test_coarse_horizon_looks_between_two_distances(nearest: float, farthest: float, seen: int) -> None:
    terrain = np.zeros((5, 90), np.float32)
    terrain[:, 40] = 100.0
    angles = coarse_horizon(
        terrain, grid(30.0), -690_000 + 285, -972_000 - 75, 0.0, n_azimuth=4,
        min_distance=nearest, max_distance=farthest,
    )  # fmt: skip
    expected = math.degrees(math.atan((100 - 930**2 * 0.87 / (2 * 6_371_000)) / 930)) if farthest > 930 else 0.0
    assert angles[0, 1] == pytest.approx(expected * seen, abs=1e-4)


def test_surface_and_terrain_together_give_the_whole_horizon() -> None:
    """Near field to 600 m and terrain behind it, against one model of everything."""
    rng = np.random.default_rng(4)
    fine = rng.normal(0, 0.5, (1200, 1200)).astype(np.float32)
    fine[rng.integers(450, 750, 40), rng.integers(450, 750, 40)] += 12.0
    fine[:120, 200:900] = 60.0  # a hill, 480 m to the north
    rows, cols = np.full(20, 600), np.arange(590, 610)
    whole = horizon(fine, grid(), rows, cols, earth_curvature=True)
    near = horizon(fine, grid(), rows, cols, max_distance=300.0, earth_curvature=True)
    terrain = fine.reshape(120, 10, 120, 10).mean(axis=(1, 3))
    x, y = -690_000 + cols + 0.5, -972_000 - rows - 0.5
    far = coarse_horizon(terrain, grid(10.0), x, y, fine[rows, cols], min_distance=300.0)
    assert np.abs(near - whole).max() > 2.0
    assert np.abs(np.maximum(near, far) - whole).max() < 0.3


def test_a_prepared_scene_serves_many_lookers() -> None:
    dsm = holed(1)
    scene = prepare(dsm, grid(), Look(n_azimuth=16, convergence=7.35))
    rows, cols = np.arange(30, 60), np.arange(40, 70)
    apart = np.vstack([look_around(scene, rows[part], cols[part]) for part in (slice(0, 7), slice(7, 30))])
    assert apart.tobytes() == horizon(dsm, grid(), rows, cols, n_azimuth=16, convergence=7.35).tobytes()
    lifted = look_around(scene, rows, cols, np.nan_to_num(dsm[rows, cols], nan=20.0) + 100.0)
    assert (lifted == 0).all()
