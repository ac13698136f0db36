"""The bench of horizons runs and counts; how fast it is, is not a test's matter."""

from pathlib import Path

import numpy as np
import pytest

from lk_spatial.solar.horizon_rays import Look
from tests.bench.bench_horizon import cost, measure
from tests.scenes import make_scene

pytest.importorskip("resource")


def test_bench_measures_a_small_tile(tmp_path: Path) -> None:
    scene = make_scene(3, size=200.0)
    roof = scene.plane > 0
    found = measure(tmp_path, scene.dsm, scene.transform, roof, scene.convergence, peers=False)
    assert found["megapixels"] == pytest.approx(0.04) and found["cpu_s"] > 0 and "ratio_r_horizon" not in found
    assert np.load(tmp_path / "horizon.npy").shape == (roof.sum(), 32)
    assert cost(scene.dsm, roof, scene.transform, Look(farthest=50.0), (50, 250)) > 0
