"""The bench of roof planes runs and counts; how fast it is, is not a test's matter."""

from tests.bench.bench_planes import run


def test_bench_finds_the_planes_of_a_small_tile() -> None:
    found = run(size=300.0, times=1, workers=1)
    assert found["buildings"] == 25
    assert found["buildings_a_cpu_s"] > 0 and found["buildings_s_1_workers"] > 0
    assert found["completeness"] > 0.97
