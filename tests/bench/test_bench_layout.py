"""The bench of layouts runs and counts; how fast it is, is not a test's matter."""

from lk_spatial.solar.layout import layout_modules
from tests.bench.bench_layout import SIDES, made_roofs, measure

SLOW_ONE = 30_054  # modules that the unhurried solver of the first issue laid on the same 300 planes


def test_bench_measures_some_planes() -> None:
    found = measure(small=True)
    assert found["one_by_one_modules"] == found["flat_flush_modules"] > 100
    assert all(found[f"{name}_planes_s"] > 0 for name in ("one_by_one", "pitched", "flat_south", "flat_east_west"))


def test_speed_has_cost_no_module() -> None:
    found = [len(layout_modules(roof, obstacles=blocks, **SIDES)) for roof, blocks in made_roofs()]
    assert len(found) == 300 and sum(found) >= 0.9995 * SLOW_ONE  # other versions of GEOS may differ by a few
