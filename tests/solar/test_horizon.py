"""Horizon against geometry known on paper and against a plain second implementation."""

import math

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from lk_spatial.core.errors import InputError
from lk_spatial.solar.horizon import horizon
from lk_spatial.solar.sky_view import sky_view_factor
from tests.solar.oracle import brute_horizon
from tests.solar.shapes import FACES, PYRAMID, before_wall, grid, oblique_wall, pyramid_angles, rough, wall


def test_flat_ground_has_no_horizon_and_sees_the_whole_sky() -> None:
    angles = horizon(np.full((50, 60), 372.25), grid(), [0, 25, 49], [0, 30, 59])
    assert angles.shape == (3, 32) and angles.dtype == np.float32
    assert (angles == 0).all()
    assert sky_view_factor(angles) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("side,bearing", [("north", 0), ("east", 90), ("south", 180), ("west", 270)])
@pytest.mark.parametrize("off_normal", [0, 30, 60])
@pytest.mark.parametrize("distance", [1, 5, 12])
def test_long_wall_at_45_degrees(side: str, bearing: int, off_normal: int, distance: int) -> None:
    """From tan h = (H / d) cos phi, facts/solar.md 3 and 5: 43.90 without minor-axis crossings."""
    dsm = wall(distance / math.cos(math.radians(off_normal)), distance, side)
    angles = horizon(dsm, grid(), [200], [200], n_azimuth=12)[0]
    for turn in (off_normal, -off_normal):
        assert angles[(bearing + turn) % 360 // 30] == pytest.approx(45.0, abs=0.001)
    assert angles[(bearing + 180) % 360 // 30] == 0


@pytest.mark.parametrize("off_normal", range(0, 90, 5))
def test_oblique_wall_follows_the_cosine(off_normal: int) -> None:
    found, truth = oblique_wall(off_normal)
    assert found == pytest.approx(truth, abs=0.05)


@pytest.mark.parametrize("angle", [15, 30, 45, 60, 75])
def test_sky_view_before_a_wall(angle: int) -> None:
    """(1 + cos g) / 2: an endless wall of angle g before a horizontal receiver."""
    seen = sky_view_factor(before_wall(angle))[0]
    assert seen == pytest.approx((1 + math.cos(math.radians(angle))) / 2, abs=0.005)


@pytest.mark.parametrize(
    "n_azimuth,off_fall_line,truth", [case[:3] for case in PYRAMID], ids=[case[3] for case in PYRAMID]
)
@pytest.mark.parametrize("face", FACES)
def test_pyramid_face(n_azimuth: int, off_fall_line: float, truth: float, face: int) -> None:
    """45° faces, looking off the fall line; GRASS r.horizon reports 39.76 for 35.2644 (GRASS issue 4112)."""
    assert pyramid_angles(n_azimuth, off_fall_line, face) == pytest.approx((truth, truth), abs=0.01)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n_azimuth=st.sampled_from([7, 16, 32]),
    convergence=st.floats(-20, 20),
    cell=st.sampled_from([(1.0, 1.0), (0.5, 0.5), (0.5, 2.0)]),
)
def test_equals_the_plain_ray_march(seed: int, n_azimuth: int, convergence: float, cell: tuple[float, float]) -> None:
    dsm = rough(seed)
    dsm[np.random.default_rng(seed).random(dsm.shape) < 0.02] = np.nan
    rows, cols = np.random.default_rng(seed + 1).integers(0, [[60], [70]], size=(2, 4))
    transform = Affine(cell[0], 0, 0, 0, -cell[1], 0)
    angles = horizon(dsm, transform, rows, cols, n_azimuth=n_azimuth, convergence=convergence)
    for p, (row, col) in enumerate(zip(rows, cols, strict=True)):
        if np.isnan(dsm[row, col]):
            assert np.isnan(angles[p]).all()
            continue
        for k in range(n_azimuth):
            truth = brute_horizon(dsm.astype(float), cell, row, col, k * 360 / n_azimuth + convergence)
            assert angles[p, k] == pytest.approx(truth, abs=0.01)


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    shape=st.tuples(st.integers(2, 20), st.integers(2, 20)),
    convergence=st.sampled_from([0.0, 7.35, 45.0]),
)
def test_every_pixel_of_a_small_model(seed: int, shape: tuple[int, int], convergence: float) -> None:
    """Edges and corners, looked from and looked over."""
    dsm = np.random.default_rng(seed).uniform(300, 320, shape).astype(np.float32)
    rows, cols = (part.ravel() for part in np.indices(shape))
    angles = horizon(dsm, grid(), rows, cols, n_azimuth=8, convergence=convergence)
    truth = [
        [brute_horizon(dsm.astype(float), (1.0, 1.0), row, col, k * 45 + convergence) for k in range(8)]
        for row, col in zip(rows, cols, strict=True)
    ]
    assert angles == pytest.approx(np.array(truth), abs=0.001)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), convergence=st.floats(-10, 10))
def test_a_turned_scene_gives_the_turned_horizon(seed: int, convergence: float) -> None:
    dsm = rough(seed, (60, 60))
    before = horizon(dsm, grid(), [20], [33], convergence=convergence)[0]
    # rot90 turns the scene counterclockwise: (row, col) goes to (width - 1 - col, row), east becomes north
    after = horizon(np.rot90(dsm), grid(), [59 - 33], [20], convergence=convergence)[0]
    assert after == pytest.approx(np.roll(before, -8), abs=1e-3)


@pytest.mark.parametrize("steps", [1, 2, -1])
def test_convergence_turns_the_azimuths(steps: int) -> None:
    """Grid azimuth = true azimuth + convergence."""
    dsm = rough(3)
    plain = horizon(dsm, grid(), [30], [35], n_azimuth=36)[0]
    turned = horizon(dsm, grid(), [30], [35], n_azimuth=36, convergence=10.0 * steps)[0]
    assert turned == pytest.approx(np.roll(plain, -steps), abs=1e-3)


@pytest.mark.parametrize("altitude", [10.0, 20.0, 45.0])
def test_shadow_reaches_height_over_tangent(altitude: float) -> None:
    """Pixels nearer to a wall than H / tan(altitude) lie in its shadow, the others in the sun."""
    height = 10.3
    dsm = np.zeros((101, 201), np.float32)
    dsm[:, 100:] = height
    cols = np.arange(1, 99)
    angles = horizon(dsm, grid(0.5), np.full(cols.size, 50), cols, n_azimuth=4)[:, 1]
    distance = (100 - cols) * 0.5
    assert ((angles > altitude) == (distance < height / math.tan(math.radians(altitude)))).all()


def test_scale_and_height_do_not_matter() -> None:
    dsm = rough(5)
    plain = horizon(dsm, grid(), [10, 40], [12, 50])
    assert horizon(dsm * 3 + 500, grid(3.0), [10, 40], [12, 50]) == pytest.approx(plain, abs=2e-3)


def test_nodata_is_transparent_and_unknown_for_its_own_observer() -> None:
    dsm = wall(10.0, 10)
    dsm[:, 203:207] = np.nan
    angles = horizon(dsm, grid(), [200, 200], [200, 205], n_azimuth=4)
    assert angles[0].tolist() == pytest.approx([0, 45, 0, 0])
    assert np.isnan(angles[1]).all()


def test_reach_and_earth_curvature() -> None:
    dsm = np.zeros((3, 2001), np.float32)
    dsm[:, 2000] = 500.0
    far = {"n_azimuth": 4}
    assert horizon(dsm, grid(10.0), [1], [0], **far)[0, 1] == pytest.approx(math.degrees(math.atan(0.025)), abs=1e-4)
    assert horizon(dsm, grid(10.0), [1], [0], max_distance=19_989, **far)[0, 1] == 0
    assert horizon(dsm, grid(10.0), [1], [0], max_distance=20_000, **far)[0, 1] > 1
    lowered = 500 - 20_000**2 * 0.87 / (2 * 6_371_000)
    curved = horizon(dsm, grid(10.0), [1], [0], earth_curvature=True, **far)[0, 1]
    assert curved == pytest.approx(math.degrees(math.atan(lowered / 20_000)), abs=1e-4)


def test_no_observers() -> None:
    assert horizon(np.zeros((5, 5)), grid(), [], []).shape == (0, 32)


@pytest.mark.parametrize(
    "change,code",
    [
        ({"rows": [9]}, "pixel_outside"),
        ({"cols": [-1]}, "pixel_outside"),
        ({"n_azimuth": 0}, "azimuth_count_wrong"),
        ({"dsm": np.zeros((1, 9))}, "dsm_too_small"),
        ({"transform": Affine.rotation(10)}, "transform_turned"),
    ],
)
def test_wrong_input_is_told(change: dict, code: str) -> None:
    given_ = {"dsm": np.zeros((9, 9)), "transform": grid(), "rows": [4], "cols": [4], **change}
    dsm, transform, rows, cols = (given_.pop(name) for name in ("dsm", "transform", "rows", "cols"))
    with pytest.raises(InputError) as caught:
        horizon(dsm, transform, rows, cols, **given_)
    assert caught.value.code == code
    assert caught.value.sentence("cs") != caught.value.sentence("en")


def test_jumps_over_low_blocks_miss_no_tower() -> None:
    """Single far towers on a long plain, where nearly all blocks are jumped over."""
    rng = np.random.default_rng(11)
    dsm = rng.normal(0, 0.02, (400, 500)).astype(np.float32)
    dsm[rng.integers(0, 400, 60), rng.integers(0, 500, 60)] += rng.uniform(10, 80, 60).astype(np.float32)
    rows, cols = rng.integers(0, 400, 4), rng.integers(0, 500, 4)
    angles = horizon(dsm, grid(), rows, cols, n_azimuth=72, convergence=7.35)
    truth = [
        [brute_horizon(dsm.astype(float), (1.0, 1.0), row, col, k * 5 + 7.35) for k in range(72)]
        for row, col in zip(rows, cols, strict=True)
    ]
    assert angles == pytest.approx(np.array(truth), abs=0.01)
