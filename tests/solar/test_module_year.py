"""The years of modules against the same chain in pvlib's functions, hour by hour."""

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lk_spatial.core.errors import DataError
from lk_spatial.solar.energy_yield import plant_of
from lk_spatial.solar.irradiance import plane_light
from lk_spatial.solar.module_year import STAGES, LitHours, ModuleYears, Views, lit_hours, module_years
from lk_spatial.solar.sun import MODELS, SkyHours, sky_hours
from tests.solar.oracle import TILTS_AZIMUTHS, blocks, horizons, made_weather
from tests.solar.plain_chain import KEPT_PCT, plain_hours

PLACES = 6
CHAIN = {"u1": 6.84, "kept": 1 - KEPT_PCT / 100, "gamma_pdc": -0.0029}


@pytest.fixture(scope="module")
def weather() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    table = made_weather()
    return table.assign(temp_air=rng.uniform(-15, 32, 8760), wind_speed=rng.uniform(0, 9, 8760))


@pytest.fixture(scope="module")
def sky(weather: pd.DataFrame) -> SkyHours:
    return sky_hours(weather)


@pytest.fixture(scope="module")
def hours(sky: SkyHours, weather: pd.DataFrame) -> LitHours:
    return lit_hours(sky, weather["temp_air"], weather["wind_speed"], 32)


def views(sky: SkyHours, facing: list[tuple[float, float]], horizon: NDArray) -> Views:
    """Modules with six places each under the ``horizon`` (modules * 6, 32)."""
    tilt, azimuth = (np.array(each, float) for each in zip(*facing, strict=True))
    seen = plane_light(sky, np.repeat(tilt, PLACES), np.repeat(azimuth, PLACES), horizon=horizon)
    means = (each.reshape(-1, PLACES).mean(axis=1) for each in (seen.sky_view, seen.band))
    return Views(horizon.astype(np.float32), PLACES * np.arange(len(facing) + 1), *means, tilt, azimuth)


def near(n: int, seed: int) -> NDArray:
    """Horizons of places on modules: those of one module are alike."""
    rng = np.random.default_rng(seed)
    return np.repeat(horizons(n, seed), PLACES, axis=0) + rng.uniform(0, 4, (n * PLACES, 32))


def years(hours: LitHours, seen: Views, u0: Any = 20.0, ratio: float = 1.2, **more: Any) -> ModuleYears:
    return module_years(hours, seen, u0, **CHAIN, plant=plant_of(1.0, ratio, 0.96, 1.0), **more)


@pytest.mark.parametrize("model", MODELS)
def test_hours_equal_pvlibs_chain(weather: pd.DataFrame, model: str) -> None:
    """Issue 3, point 4: equal to 1e-10."""
    sky = sky_hours(weather, model=model)
    hours = lit_hours(sky, weather["temp_air"], weather["wind_speed"], 32)
    seen = views(sky, TILTS_AZIMUTHS, near(len(TILTS_AZIMUTHS), 2))
    found = years(hours, seen, hourly=True)
    assert found.hourly is not None
    for p in range(len(TILTS_AZIMUTHS)):
        truth = plain_hours(sky, weather, seen, p)
        assert found.hourly[p] == pytest.approx(truth.ac[hours.row], rel=1e-10, abs=1e-12)
        assert truth.ac.sum() == pytest.approx(truth.ac[hours.row].sum(), rel=1e-12), "nothing in the dark"
        assert found.monthly[p] == pytest.approx(np.bincount(sky.index.month - 1, truth.ac), rel=1e-10)
        assert found.stages[p] == pytest.approx(truth.stages, rel=1e-10)


def test_a_module_in_the_shade_gives_less_than_its_neighbour(sky: SkyHours, hours: LitHours) -> None:
    horizon = np.zeros((2 * PLACES, 32))
    horizon[:PLACES, 14:19] = 40.0
    found = years(hours, views(sky, [(30.0, 180.0)] * 2, horizon))
    shaded, free = found.monthly.sum(axis=1)
    assert shaded < 0.9 * free
    assert found.stages[:, 0] == pytest.approx(found.stages[0, 0]), "light without horizon is the same"
    assert found.stages[1, 0] == pytest.approx(found.stages[1, 1], rel=1e-5)


def test_half_a_module_in_the_shade_sees_half_of_the_suns(sky: SkyHours, hours: LitHours) -> None:
    wall, mixed = np.zeros((PLACES, 32)), np.zeros((PLACES, 32))
    wall[:, 14:19] = mixed[: PLACES // 2, 14:19] = 40.0
    stages = years(hours, views(sky, [(30.0, 180.0)] * 3, np.vstack([wall, mixed, 0 * wall]))).stages
    assert stages[1, 1] == pytest.approx((stages[0, 1] + stages[2, 1]) / 2, rel=1e-6)


@pytest.mark.parametrize("n_azimuth", [32, 64])
@pytest.mark.parametrize("places", [1, 6, 60])
def test_suns_are_hidden_as_one_by_one(weather: pd.DataFrame, sky: SkyHours, n_azimuth: int, places: int) -> None:
    """Upright edges, open fields and deep yards: the light left is that of a plain test of each sun and place."""
    hours = lit_hours(sky, weather["temp_air"], weather["wind_speed"], n_azimuth)
    yard = [np.full((places, n_azimuth), height) for height in (-5.0, 0.0, 80.0)]
    horizon = np.vstack([blocks(places, 7, n_azimuth), *yard, blocks(places, 8, n_azimuth)])
    n = len(horizon) // places
    each = (np.ones(n), np.ones(n), np.full(n, 20.0), np.full(n, 200.0))
    seen = Views(horizon.astype(np.float32), places * np.arange(n + 1), *each)
    found = years(hours, seen, hourly=True)
    assert found.hourly is not None
    for p in range(n):
        truth = plain_hours(sky, weather, seen, p)
        assert found.hourly[p] == pytest.approx(truth.ac[hours.row], rel=1e-10, abs=1e-12)


@given(st.lists(st.integers(0, 12), max_size=4), st.permutations(range(12)))
@settings(max_examples=20, deadline=None)
def test_batches_and_neighbours_do_not_matter(parts: list[int], order: list[int]) -> None:
    """Bit for bit."""
    hours, seen, u0 = dozen()
    whole = years(hours, seen, u0, hourly=True)
    cuts = [0, *sorted(parts), 12]
    for start, stop in pairwise(cuts):
        some = np.array(order[start:stop], int)
        places = (PLACES * some[:, None] + np.arange(PLACES)).ravel()
        own = Views(seen.horizon[places], PLACES * np.arange(len(some) + 1), *(each[some] for each in seen[2:]))
        found = years(hours, own, u0[some], hourly=True)
        for mine, all_ in zip(found, whole, strict=True):
            assert np.array_equal(np.asarray(mine), np.asarray(all_)[some])


@cache
def dozen() -> tuple[LitHours, Views, NDArray]:
    """Modules of few orientations under horizons of their own."""
    table = made_weather()
    sky = sky_hours(table)
    seen = views(sky, [(30.0, 180.0), (30.0, 180.0), (10.0, 90.0), (30.0, 200.0)] * 3, near(12, 5))
    return lit_hours(sky, table["temp_air"], table["wind_speed"], 32), seen, np.array([20.0, 20.0, 25.0] * 4)


def test_hours_add_up_to_months(hours: LitHours, sky: SkyHours) -> None:
    found = years(hours, views(sky, TILTS_AZIMUTHS, near(len(TILTS_AZIMUTHS), 6)), ratio=1.6, hourly=True)
    without = years(hours, views(sky, TILTS_AZIMUTHS, near(len(TILTS_AZIMUTHS), 6)), ratio=1.6)
    assert found.hourly is not None and np.array_equal(found.monthly, without.monthly)
    month = sky.index.month.to_numpy()[hours.row]
    sums = np.column_stack([found.hourly[:, month == each].sum(axis=1) for each in range(1, 13)])
    assert found.monthly == pytest.approx(sums, rel=1e-12)


@pytest.mark.parametrize("shift", [1000, 5000], ids=["from-february", "from-july"])
def test_a_year_may_begin_in_any_month(weather: pd.DataFrame, shift: int) -> None:
    turned = pd.concat([weather.iloc[shift:], weather.iloc[:shift]])
    turned.attrs = weather.attrs
    sums = []
    for table in (weather, turned):
        sky = sky_hours(table)
        hours = lit_hours(sky, table["temp_air"], table["wind_speed"], 32)
        sums.append(years(hours, views(sky, TILTS_AZIMUTHS[:4], near(4, 9))).monthly)
    assert sums[1] == pytest.approx(sums[0], rel=1e-12)


def test_stages_fall_and_end_in_the_energy(sky: SkyHours, hours: LitHours) -> None:
    seen = views(sky, TILTS_AZIMUTHS, near(len(TILTS_AZIMUTHS), 3))
    found = years(hours, seen)
    unshaded, horizon, reflection, _, inverter = found.stages.T
    assert len(STAGES) == 5 and (unshaded > horizon).all() and (horizon > reflection).all()
    assert (found.monthly.sum(axis=1) <= inverter + 1e-9).all()
    tight = years(hours, seen, ratio=2.0)
    assert (tight.monthly.sum(axis=1) < tight.stages[:, 4]).any(), "a small inverter clips"


@pytest.mark.parametrize("what", ["horizon", "sky_view", "band", "tilt", "azimuth", "place"])
def test_what_is_unknown_stays_unknown(sky: SkyHours, hours: LitHours, what: str) -> None:
    seen = views(sky, [(30.0, 180.0)] * 3, near(3, 4))
    if what == "place":
        seen = seen._replace(first=np.array([0, 6, 6, 12]))
    else:
        getattr(seen, what)[7 if what == "horizon" else 1] = np.nan
    found = years(hours, seen, hourly=True)
    assert found.hourly is not None
    for each in (found.monthly, found.stages, found.hourly):
        assert np.isnan(each).all(axis=1).tolist() == [False, True, False] and np.isfinite(each[[0, 2]]).all()


@pytest.mark.parametrize("name", ["temp_air", "wind_speed"])
def test_weather_with_gaps_is_refused(sky: SkyHours, weather: pd.DataFrame, name: str) -> None:
    air = weather[["temp_air", "wind_speed"]].copy()
    air.loc[air.index[12], name] = np.nan
    with pytest.raises(DataError, match=name):
        lit_hours(sky, air["temp_air"], air["wind_speed"], 32)


def test_no_modules(sky: SkyHours, hours: LitHours) -> None:
    none = Views(np.empty((0, 32), np.float32), np.zeros(1, np.int64), *(np.empty(0) for _ in range(4)))
    found = years(hours, none)
    assert found.monthly.shape == (0, 12) and found.stages.shape == (0, 5) and found.hourly is None
