"""Speed of yearly and monthly light on pixels against pvlib, in one run: ``python -m tests.bench.bench_irradiance``."""

import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from lk_spatial.solar.irradiance import plane_light
from lk_spatial.solar.sky_table import sky_table
from lk_spatial.solar.sun import sky_hours
from tests.solar.oracle import TILTS_AZIMUTHS, brute_irradiation, horizons, made_weather, pvlib_hours

PIXELS, TIMES = 100_000, 5


def best(func: Callable[[], Any], times: int = TIMES) -> float:
    """Shortest time of some runs [s]; the first, which compiles, does not count."""
    func()
    spans = []
    for _ in range(times):
        start = time.perf_counter()
        func()
        spans.append(time.perf_counter() - start)
    return min(spans)


def run(pixels: int = PIXELS) -> dict[str, float]:
    """Pixels a second on one core, and ratios to pvlib (free planes) and to a plain sum under the same horizons."""
    sky, rng = sky_hours(made_weather()), np.random.default_rng(0)
    deep = horizons(pixels).astype(np.float32)
    mixed = rng.uniform(0, 60, pixels), rng.uniform(0, 360, pixels)
    roofs = tuple(np.repeat(each[: -(-pixels // 100)], 100)[:pixels] for each in mixed)
    found = {"table_s": best(lambda: sky_table.__wrapped__(sky, 32, True), 2)}
    for name, (tilt, azimuth) in (("pixels_alone", mixed), ("pixels_of_roofs", roofs)):
        for period, monthly in (("annual", False), ("monthly", True)):
            span = best(lambda t=tilt, a=azimuth, m=monthly: plane_light(sky, t, a, horizon=deep, monthly=m))
            found[f"{name}_{period}_px_s"] = pixels / span
    wide = np.repeat(deep[: pixels // 4], 2, axis=1)
    span = best(lambda: plane_light(sky, mixed[0][: pixels // 4], mixed[1][: pixels // 4], horizon=wide, monthly=False))
    found["quality_64_annual_px_s"] = pixels // 4 / span
    pvlib_s = best(lambda: [pvlib_hours(sky, *each).sum() for each in TILTS_AZIMUTHS], 3) / len(TILTS_AZIMUTHS)
    plain_s = best(lambda: brute_irradiation(sky, 35, 180, deep[0]), 2)
    found |= {"pvlib_free_px_s": 1 / pvlib_s, "plain_shaded_px_s": 1 / plain_s}
    for period in ("annual", "monthly"):
        found[f"{period}_times_pvlib"] = found[f"pixels_alone_{period}_px_s"] * pvlib_s
    return found


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
