"""Near field of a surface model and far field of coarse terrain together, against the whole fine model at once."""

from pathlib import Path

import numpy as np
import pytest

from lk_spatial.io.weather import read_weather
from lk_spatial.solar.sun import sky_hours
from tests.solar.hilly import ORIENTATIONS, Seen, off_the_whole, seen_from_roofs


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return seen_from_roofs(tmp_path_factory.mktemp("hills"))


def test_far_field_mends_what_the_near_one_misses(seen: Seen) -> None:
    missed, off = seen.whole - seen.near, seen.both - seen.whole
    assert missed.mean() > 0.5 and np.percentile(missed, 95) > 3.0
    assert abs(off.mean()) < 0.08 and np.percentile(np.abs(off), 95) < 0.4 and np.abs(off).max() < 1.5


@pytest.mark.parametrize("tilt, azimuth", ORIENTATIONS)
def test_the_sun_of_a_year_is_that_of_the_whole_model(
    seen: Seen, tilt: float, azimuth: float, sample_data: Path
) -> None:
    sky = sky_hours(read_weather(sample_data / "weather_liberec_synthetic.csv"), latitude=50.77, longitude=15.05)
    near, both = off_the_whole(seen, sky, tilt, azimuth)
    assert np.percentile(np.abs(both), 95) <= 0.15 and abs(both.mean()) <= 0.05
    assert np.percentile(near, 95) > 5 * np.percentile(np.abs(both), 95)  # there was something to mend
