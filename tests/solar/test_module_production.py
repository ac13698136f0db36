"""Modules on roofs: each under the horizons of its own pixels, and sums that agree."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from numpy.typing import NDArray

from lk_spatial.solar import production
from lk_spatial.solar.chain import read_chain
from lk_spatial.solar.energy_yield import POA_PARTS, effective_irradiance, pv_yield
from lk_spatial.solar.irradiance import beam_visibility, plane_components, plane_light
from lk_spatial.solar.production import Produced, hours_of_kept, loss_steps, produce
from lk_spatial.solar.shading import Facing, PixelLight, PlanePixels
from lk_spatial.solar.sky_view import horizon_band_visibility, sky_view_factor
from lk_spatial.solar.summary import MONTHS
from lk_spatial.solar.sun import SkyHours, sky_hours
from tests.solar.oracle import made_weather

CHAIN = read_chain("topcon_450")
SOUTH = np.r_[13:20]  # azimuths of a horizon to the south
OWN = Facing(np.array([30.0, 0.0]), np.array([200.0, 180.0]))
LAID = Facing(np.array([30.0, 15.0]), np.array([200.0, 180.0]))  # of the modules
# pixels 0-9 on a pitched plane, 10-15 on a flat one; the farther along a plane, the deeper in the shade of a wall
FIRST = np.array([0, 10, 16])
BELOW = np.array([[0, 0, 1, 1, -1, -1], [8, 8, 9, 9, 9, 9], [-1] * 6, [10, 11, 11, 12, 12, 12]], np.int32)
PLANE = np.array([0, 0, 0, 1])


@pytest.fixture(scope="module")
def weather() -> pd.DataFrame:
    return made_weather()


@pytest.fixture(scope="module")
def sky(weather: pd.DataFrame) -> SkyHours:
    return sky_hours(weather)


def pixels(horizon: NDArray | None = None) -> PlanePixels:
    if horizon is None:
        horizon = np.zeros((16, 32), np.float32)
        horizon[:, SOUTH] = np.linspace(0, 45, 16)[:, None]
    plane = np.repeat([0, 1], np.diff(FIRST))
    row = np.zeros(16, np.intp)
    return PlanePixels(row, np.arange(16), plane, FIRST, horizon, Affine(1, 0, 0, 0, -1, 0))


def job(sky: SkyHours, weather: pd.DataFrame, found: PlanePixels, below: NDArray = BELOW) -> tuple:
    """What ``produce`` is asked."""
    seen = plane_light(sky, OWN.tilt[found.plane], OWN.azimuth[found.plane], horizon=found.horizon, monthly=False)
    light = PixelLight(seen.annual, seen.sky_view, seen.band)
    plane = PLANE[: len(below)]
    facing = {"tilt_deg": LAID.tilt[plane], "azimuth_deg": LAID.azimuth[plane], "on_flat": plane == 1}
    modules = gpd.GeoDataFrame({"plane": plane, **facing}, geometry=[shapely.box(0, 0, 1, 1)] * len(below), crs=5514)
    return sky, weather, CHAIN, modules, below, found, light


def made(sky: SkyHours, weather: pd.DataFrame, found: PlanePixels, below: NDArray = BELOW) -> Produced:
    return produce(*job(sky, weather, found, below))


def plain(sky: SkyHours, weather: pd.DataFrame, horizon: NDArray, tilt: float, azimuth: float, u0: float) -> float:
    """Energy of a module [kWh a year] in pvlib's functions."""
    view = float(np.mean(sky_view_factor(horizon, tilt, azimuth)))
    band = float(np.mean(horizon_band_visibility(horizon, tilt, azimuth)))
    parts = plane_components(
        sky, tilt, azimuth, beam_visible=beam_visibility(sky, horizon), sky_view=view, horizon_band=band
    )
    light = np.asarray(sum(parts[name].to_numpy() for name in POA_PARTS))
    through = effective_irradiance(parts, tilt)
    air, wind = (weather[name].to_numpy() for name in ("temp_air", "wind_speed"))
    plant = {**CHAIN.plant, "u0": u0}
    return float(pv_yield(through, air, wind, CHAIN.module_kwp, losses=CHAIN.losses, poa_global=light, **plant).sum())


def test_each_module_has_the_year_of_its_own_pixels(sky: SkyHours, weather: pd.DataFrame) -> None:
    found = pixels()
    energy = made(sky, weather, found).modules["energy_kwh_a"].to_numpy()
    for module, own in ((0, [0, 0, 1, 1]), (1, [8, 8, 9, 9, 9, 9])):
        assert energy[module] == pytest.approx(
            plain(sky, weather, found.horizon[own], 30, 200, CHAIN.u0_roof), rel=2e-5
        )
    racks = plain(sky, weather, found.horizon[[10, 11, 11, 12, 12, 12]], 15, 180, CHAIN.u0_rack)
    assert energy[3] == pytest.approx(racks, rel=2e-5)
    assert energy[1] < 0.95 * energy[0]


def test_where_no_pixel_is_known_the_plane_stands_for_the_module(sky: SkyHours, weather: pd.DataFrame) -> None:
    energy = made(sky, weather, pixels()).modules["energy_kwh_a"].to_numpy()
    whole = plain(sky, weather, pixels().horizon[:10], 30, 200, CHAIN.u0_roof)
    assert energy[2] == pytest.approx(whole, rel=2e-5) and energy[1] < energy[2] < energy[0]
    broken = pixels()
    broken.horizon[8:10] = np.nan
    again = made(sky, weather, broken).modules["energy_kwh_a"].to_numpy()
    assert np.isfinite(again).all() and again[1] == again[2], "unknown pixels say nothing"
    broken.horizon[:10] = np.nan
    nothing = made(sky, weather, broken).modules["energy_kwh_a"].to_numpy()
    assert np.isnan(nothing).tolist() == [True, True, True, False]


def test_sums_and_the_waterfall_agree(sky: SkyHours, weather: pd.DataFrame) -> None:
    done = made(sky, weather, pixels())
    modules = done.modules
    assert modules[MONTHS].sum(axis=1).to_numpy() == pytest.approx(modules["energy_kwh_a"].to_numpy())
    for kept in (modules, modules.iloc[1:3]):
        steps = [energy for _, energy in loss_steps(done.stages(kept), CHAIN)]
        assert steps[-1] == pytest.approx(kept["energy_kwh_a"].sum(), rel=1e-12)
        assert sum(steps[:-1]) == pytest.approx(steps[-1], rel=1e-9)
        assert all(step <= 1e-9 for step in steps[1:-1] if step != steps[4]), "cold cells alone may gain"
    assert loss_steps(done.stages(modules.iloc[:0]), CHAIN) == []


def test_hours_add_up_to_the_months_of_the_planes(sky: SkyHours, weather: pd.DataFrame) -> None:
    done = produce(*job(sky, weather, pixels()), hourly=True)
    hours = done.hours
    assert hours is not None and hours.plane.tolist() == [0, 1] and hours.n_modules.tolist() == [3, 1]
    assert (hours.energy >= 0).all() and hours.energy.shape == (2, len(hours.row))
    sums = done.modules.groupby("plane")[MONTHS].sum().to_numpy() / CHAIN.module_kwp
    month = sky.index.month.to_numpy()[hours.row] - 1
    assert np.stack([np.bincount(month, row, 12) for row in hours.energy]) == pytest.approx(sums, rel=1e-6)


def test_hours_of_kept_modules_are_theirs_alone(sky: SkyHours, weather: pd.DataFrame) -> None:
    task = job(sky, weather, pixels())
    done = produce(*task, hourly=True)
    arguments = (*task[:3], *task[4:])
    assert hours_of_kept(done, done.modules, *arguments) is done.hours
    for rows in ([0, 2, 3], [1, 3], [1], [3], []):
        kept = done.modules.iloc[rows].reset_index(drop=True)
        hours = hours_of_kept(done, kept, *arguments)
        energy = kept.groupby("plane")["energy_kwh_a"]
        assert hours.plane.tolist() == sorted(kept["plane"].unique())
        assert hours.n_modules.tolist() == energy.size().tolist()
        assert hours.energy.sum(axis=1, dtype=float) == pytest.approx(energy.sum().to_numpy() / 0.45, rel=1e-6)


def test_many_modules_of_few_planes_in_any_order(sky: SkyHours, weather: pd.DataFrame) -> None:
    """Parts of modules are added up plane by plane, however the parts are cut."""
    below = np.tile(BELOW[[0, 3, 1]], (300, 1))
    task = list(job(sky, weather, pixels(), BELOW))
    task[3] = task[3].iloc[np.tile([0, 3, 1], 300)].reset_index(drop=True)
    task[4] = below
    hours = produce(*task, hourly=True).hours
    few = produce(*job(sky, weather, pixels()), hourly=True)
    own = few.modules["energy_kwh_a"].to_numpy() / 0.45
    assert hours is not None and hours.n_modules.tolist() == [600, 300]
    assert hours.energy.sum(axis=1, dtype=float) == pytest.approx([300 * (own[0] + own[1]), 300 * own[3]], rel=1e-6)


@pytest.mark.parametrize("before", [0, 1, 250, 499, 500, 501, 1700])
def test_sums_of_a_plane_do_not_depend_on_its_neighbours(
    sky: SkyHours, weather: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    monkeypatch.setattr(production, "MODULES_AT_ONCE", 5)
    counts = (before // 100, 12)
    below = np.repeat(BELOW[[0, 1]], counts, axis=0)
    below[counts[0] :] = np.random.default_rng(1).integers(0, 10, (12, 6))
    task = list(job(sky, weather, pixels(), BELOW))
    task[3] = task[3].iloc[np.repeat([0, 3], counts)].reset_index(drop=True)
    task[4] = below
    task[5] = pixels()._replace(plane=np.repeat([1], 16))
    found = produce(*task, hourly=True).hours
    task[3], task[4] = task[3].iloc[counts[0] :], below[counts[0] :]
    alone = produce(*task, hourly=True).hours
    assert found is not None and alone is not None
    assert found.energy[-1].tobytes() == alone.energy[0].tobytes()


@pytest.mark.parametrize("counts", [(), (1,), (500,), (501,), (1200, 3), (3, 1200, 3, 490, 8), (250,) * 7])
def test_parts_of_modules(counts: tuple[int, ...]) -> None:
    plane = np.repeat(np.arange(len(counts)), counts)
    parts = production._parts(plane)
    assert [row for each in parts for row in range(each.start, each.stop)] == list(range(len(plane)))
    assert all(0 < each.stop - each.start <= 500 for each in parts)
    first = np.searchsorted(plane, np.arange(len(counts)))
    for each in parts:
        assert (each.start - first[plane[each.start]]) % 500 == 0


@pytest.mark.parametrize(("at_once", "threads"), [(1, 1), (2, 1), (3, 4), (1, 4)])
def test_parts_and_threads_do_not_matter(
    sky: SkyHours, weather: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, at_once: int, threads: int
) -> None:
    """Bit for bit; but for the hours of a plane that is cut into other parts, which are sums in another order."""
    task = job(sky, weather, pixels())
    before = produce(*task, hourly=True)
    monkeypatch.setattr(production, "MODULES_AT_ONCE", at_once)
    monkeypatch.setattr(production, "default_workers", lambda: threads)
    after = produce(*task, hourly=True)
    assert after.modules.drop(columns="geometry").equals(before.modules.drop(columns="geometry"))
    assert before.hours is not None and after.hours is not None
    assert after.hours.energy == pytest.approx(before.hours.energy, rel=1e-5)


def test_two_years_give_the_mean_year(sky: SkyHours, weather: pd.DataFrame) -> None:
    twice = pd.concat([weather, made_weather(year=2026)])
    twice.attrs = weather.attrs
    one, both = (made(sky_hours(each), each, pixels()).modules["energy_kwh_a"].sum() for each in (weather, twice))
    assert both == pytest.approx(one, rel=0.01)


def test_no_modules(sky: SkyHours, weather: pd.DataFrame) -> None:
    done = made(sky, weather, pixels(), BELOW[:0])
    assert len(done.modules) == 0 and set(MONTHS) <= set(done.modules)
