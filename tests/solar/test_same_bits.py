"""The process that compiles the kernels and those that load them afterwards give the same bits."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIGHT = """
import sys, zlib
import numpy as np
from lk_spatial.io.weather import read_weather
from lk_spatial.solar.irradiance import plane_light
from lk_spatial.solar.sun import sky_hours

sky = sky_hours(read_weather(sys.argv[1]))
rng = np.random.default_rng(1)
tilt, azimuth, horizon = rng.uniform(0, 70, 3000), rng.uniform(0, 360, 3000), rng.uniform(0, 40, (3000, 32))
for monthly in (False, True):
    light = plane_light(sky, tilt, azimuth, horizon=horizon, monthly=monthly)
    print(*(zlib.crc32(np.ascontiguousarray(each).tobytes()) for each in (light.annual, light.sky_view, light.band)))
"""
YEARS = """
import sys, zlib
import numpy as np
from lk_spatial.io.weather import read_weather
from lk_spatial.solar.energy_yield import plant_of
from lk_spatial.solar.module_year import Views, lit_hours, module_years
from lk_spatial.solar.sun import sky_hours

weather = read_weather(sys.argv[1])
sky = sky_hours(weather)
hours = lit_hours(sky, weather["temp_air"], weather["wind_speed"], 32)
n, rng = 60, np.random.default_rng(1)
tilt, azimuth = (np.repeat(rng.uniform(0, top, n // 3), 3) for top in (70, 360))
seen = rng.uniform(0.6, 1.0, n), rng.uniform(0, 1.0, n)
views = Views(rng.uniform(0, 40, (6 * n, 32)).astype(np.float32), 6 * np.arange(n + 1), *seen, tilt, azimuth)
for hourly in (False, True):
    found = module_years(hours, views, 20.0, 6.84, 0.9, -0.0029, plant_of(1.0, 1.2, 0.96, 1.0), hourly=hourly)
    print(*(zlib.crc32(each.tobytes()) for each in found if each is not None))
"""


@pytest.mark.parametrize("script", [pytest.param(LIGHT, id="light"), pytest.param(YEARS, id="modules' years")])
def test_compiled_or_loaded(script: str, sample_data: Path, tmp_path: Path) -> None:
    call = [sys.executable, "-c", script, str(sample_data / "weather_liberec_synthetic.csv")]
    own = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    told = [subprocess.run(call, check=True, capture_output=True, text=True, cwd=ROOT, env=own) for _ in range(2)]
    assert told[0].stdout and told[0].stdout == told[1].stdout
