"""Speed of yearly and monthly light on pixels against pvlib, in one run: ``python -m tests.bench.bench_irradiance``."""

import numpy as np

from lk_spatial.solar.irradiance import plane_light
from lk_spatial.solar.sky_table import sky_table
from lk_spatial.solar.sun import sky_hours
from tests.bench.shape import Bar, best, print_json, told
from tests.solar.oracle import TILTS_AZIMUTHS, brute_irradiation, horizons, made_weather, pvlib_hours

PIXELS, TIMES = 100_000, 15
BARS = {
    "pixels_alone_annual_mpx_s": Bar(
        ">=", 1.0, "Irradiation of a year, pixels each of its own plane, 32 azimuths", "one core", " M px/s"
    ),
    "pixels_of_roofs_annual_mpx_s": told(
        "Irradiation of a year, planes of 100 pixels, 32 azimuths", "one core", " M px/s"
    ),
    "quality_64_annual_mpx_s": told(
        "Irradiation of a year, pixels each of its own plane, 64 azimuths", "one core", " M px/s"
    ),
    "pixels_alone_monthly_mpx_s": told(
        "Irradiation of 12 months, pixels each of its own plane, 32 azimuths", "one core", " M px/s"
    ),
    "annual_times_pvlib": told("Irradiation of a year under horizons, a pixel", "pvlib, free planes", " ×"),
    "monthly_times_pvlib": told("Irradiation of 12 months under horizons, a pixel", "pvlib, free planes", " ×"),
}


def measure(peers: bool = False, small: bool = False) -> dict[str, float]:
    """Pixels a second on one core, and ratios to pvlib (free planes) and to a plain sum under the same horizons."""
    pixels, times = (400, 1) if small else (PIXELS, TIMES)
    sky, rng = sky_hours(made_weather()), np.random.default_rng(0)
    deep = horizons(pixels).astype(np.float32)
    mixed = rng.uniform(0, 60, pixels), rng.uniform(0, 360, pixels)
    roofs = tuple(np.repeat(each[: -(-pixels // 100)], 100)[:pixels] for each in mixed)
    found = {"table_s": best(lambda: sky_table.__wrapped__(sky, 32, True), 2)}
    for name, (tilt, azimuth) in (("pixels_alone", mixed), ("pixels_of_roofs", roofs)):
        for period, monthly in (("annual", False), ("monthly", True)):
            span = best(lambda t=tilt, a=azimuth, m=monthly: plane_light(sky, t, a, horizon=deep, monthly=m), times)
            found[f"{name}_{period}_mpx_s"] = pixels / span / 1e6
    wide = np.repeat(deep[: pixels // 4], 2, axis=1)
    some = [each[: pixels // 4] for each in mixed]
    span = best(lambda: plane_light(sky, *some, horizon=wide, monthly=False), times)
    found["quality_64_annual_mpx_s"] = pixels // 4 / span / 1e6
    pvlib_s = best(lambda: [pvlib_hours(sky, *each).sum() for each in TILTS_AZIMUTHS], min(times, 5)) / len(
        TILTS_AZIMUTHS
    )
    plain_s = best(lambda: brute_irradiation(sky, 35, 180, deep[0]), 2)
    found |= {"pvlib_free_px_s": 1 / pvlib_s, "plain_shaded_px_s": 1 / plain_s}
    for period in ("annual", "monthly"):
        found[f"{period}_times_pvlib"] = found[f"pixels_alone_{period}_mpx_s"] * 1e6 * pvlib_s
    return found


if __name__ == "__main__":
    print_json(measure)
