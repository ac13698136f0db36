"""Energy of modules against pvlib's functions called one after the other, and the sums that must agree."""

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from lk_spatial.solar.arrays import ModuleSize, lay_modules, pixels_below
from lk_spatial.solar.chain import Chain, read_chain
from lk_spatial.solar.horizon_rays import Look
from lk_spatial.solar.production import Produced, loss_steps, produce
from lk_spatial.solar.shading import PixelLight, PlanePixels, facing, light_on_pixels, plane_pixels
from lk_spatial.solar.summary import MONTHS, remove_installed
from lk_spatial.solar.sun import SkyHours, sky_hours
from tests.solar.made_roof import TRANSFORM, Place, Slope, make_place, plain_energy, plain_parts
from tests.solar.oracle import made_weather

SOUTH = Slope((30, 46), (20, 44), 35.0, 187.35)
FLAT = Slope((60, 80), (50, 80), 0.0, None)
WEATHER = made_weather()
NO_OBSTACLES = gpd.GeoDataFrame({"building_id": [], "part_id": [], "plane_id": []}, geometry=[], crs=5514)


class Made(NamedTuple):
    """A run of the steps from planes to energy."""

    produced: Produced
    modules: gpd.GeoDataFrame
    below: np.ndarray
    pixels: PlanePixels
    light: PixelLight


@pytest.fixture(scope="module")
def sky() -> SkyHours:
    return sky_hours(WEATHER, albedo=0.2)


@pytest.fixture(scope="module")
def chain() -> Chain:
    return read_chain("topcon_450")


def make(place: Place, sky: SkyHours, chain: Chain, *, lost: bool = False, convergence: float = 7.35) -> Made:
    """All steps, racks as the chain's system has them; ``lost``: no pixel is known below any module."""
    planes = place.planes
    pixels = plane_pixels(place.surface, TRANSFORM, place.labels, len(planes), Look(32, convergence))
    own = facing(planes)
    light = light_on_pixels(sky, pixels.horizon, own.tilt[pixels.plane], own.azimuth[pixels.plane])
    size = ModuleSize(chain.module_width_m, chain.module_height_m, 0.02, 0.5, 10.0, 16.0, chain.flat.layout)
    every = np.ones(len(planes), bool)
    modules = lay_modules(planes, NO_OBSTACLES, size, wanted=every, convergence=convergence)
    below = pixels_below(modules, pixels)
    if lost:
        below = np.full_like(below, -1)
    made = produce(sky, WEATHER, chain, modules, below, pixels, light)
    return Made(made, modules, below, pixels, light)


@pytest.fixture(scope="module")
def walled(sky: SkyHours, chain: Chain) -> Made:
    """A pitched roof with a high wall 3 m to the south, and a flat roof beside it."""
    place = make_place(SOUTH, FLAT, convergence=7.35)
    place.surface[52:54, 20:36] = 419.0
    return make(place, sky, chain)


@pytest.mark.parametrize("tilt", [10.0, 35.0, 60.0])
def test_open_roof_gives_what_pvlib_says(tilt: float, sky: SkyHours, chain: Chain) -> None:
    made = make(make_place(SOUTH._replace(tilt=tilt), convergence=7.35), sky, chain)
    energy = made.produced.modules["energy_kwh_a"].to_numpy()
    hours = plain_energy(plain_parts(sky, tilt, 180.0), WEATHER, tilt, u0=chain.u0_roof)
    assert len(energy) >= 20
    assert energy == pytest.approx(np.full(len(energy), 0.45 * hours.sum()), rel=1e-3)
    months = np.bincount(sky.index.month - 1, hours)
    assert made.produced.modules[MONTHS].iloc[0].to_numpy(float) == pytest.approx(0.45 * months, rel=2e-3)


def test_shaded_modules_against_brute_force(walled: Made, sky: SkyHours, chain: Chain) -> None:
    """Each module's own year under its own pixels' horizons; the wall takes a tenth and more."""
    found = walled.produced.modules.query("plane == 0")
    some = found.index[:: max(len(found) // 8, 1)]
    plain = np.array(
        [
            0.45 * plain_energy(
                plain_parts(sky, 35.0, 180.0, walled.pixels.horizon[walled.below[module]].astype(float)),
                WEATHER, 35.0, u0=chain.u0_roof,
            ).sum()
            for module in some
        ]
    )  # fmt: skip
    free = 0.45 * plain_energy(plain_parts(sky, 35.0, 180.0), WEATHER, 35.0, u0=chain.u0_roof).sum()
    energy = found.loc[some, "energy_kwh_a"].to_numpy()
    assert plain.min() < 0.9 * free  # so that there is something to prove
    assert energy == pytest.approx(plain, rel=0.03)
    assert energy.mean() == pytest.approx(plain.mean(), rel=0.005)


def test_racks_get_more_than_the_flat_roof_below(sky: SkyHours, chain: Chain) -> None:
    made = make(make_place(FLAT), sky, chain, convergence=0.0)
    energy = made.produced.modules["energy_kwh_a"].to_numpy()
    level = 0.45 * plain_energy(plain_parts(sky, 0.0, 180.0), WEATHER, 0.0, u0=chain.u0_rack).sum()
    tilted = 0.45 * plain_energy(plain_parts(sky, 10.0, 180.0), WEATHER, 10.0, u0=chain.u0_rack).sum()
    assert energy == pytest.approx(np.full(len(energy), tilted), rel=1e-3)
    assert energy.min() > 1.02 * level


def test_pairs_give_the_mean_of_a_plane_to_the_east_and_one_to_the_west(sky: SkyHours, chain: Chain) -> None:
    """Facts: pairs of 10° give 15–16 % less than 35° to the south; the oracle says what these weather data give."""
    pairs = read_chain("topcon_450", system_flat="ballasted_east_west")
    made = make(make_place(FLAT), sky, pairs).produced.modules

    def plain(tilt: float, azimuth: float) -> float:
        return 0.45 * float(plain_energy(plain_parts(sky, tilt, azimuth), WEATHER, tilt, u0=chain.u0_rack).sum())

    ways = [plain(10.0, 82.65), plain(10.0, 262.65)]  # the roof's edges run along the grid, 7.35° off true
    assert len(made) >= 20
    assert made["energy_kwh_a"].mean() == pytest.approx(np.mean(ways), rel=1e-3)
    faces = made.groupby(made["azimuth_deg"].round(6))["energy_kwh_a"]
    assert faces.mean().to_numpy() == pytest.approx(np.array(ways), rel=1e-3)
    assert abs(ways[0] / ways[1] - 1) > 0.002  # so that the ways are told apart
    assert 0.10 < 1 - np.mean(ways) / plain(35.0, 180.0) < 0.20


def test_months_add_up(walled: Made) -> None:
    modules = walled.produced.modules
    assert modules[MONTHS].sum(axis=1).to_numpy() == pytest.approx(modules["energy_kwh_a"].to_numpy())
    assert (modules[MONTHS].to_numpy() > 0).all()


@pytest.mark.parametrize("installed", [0.0, 1.35, 9.0, 1e6])
def test_waterfall_ends_at_the_energy_that_is_left(walled: Made, chain: Chain, installed: float) -> None:
    buildings = pd.DataFrame({"building_id": ["b1", "b2"], "part_id": "1", "pv_installed_kwp": [installed, 0.45]})
    kept = remove_installed(walled.produced.modules, buildings, 0.45)
    steps = loss_steps(walled.produced.stages(kept), chain)
    titles = [title for title, _ in steps]
    assert titles[0] == chain.step_title("unshaded") and titles[-1].en == "AC energy" and len(titles) > 6
    values = [value for _, value in steps]
    assert sum(values[:-1]) == pytest.approx(values[-1], rel=1e-9)
    assert values[-1] == pytest.approx(kept["energy_kwh_a"].sum(), rel=1e-9)
    gained = [title.en for title, value in steps[1:-1] if value > 1e-9]
    assert gained in ([], [chain.step_title("temperature").en])  # modules colder than 25 °C give more


def test_waterfall_without_modules_is_empty(walled: Made, chain: Chain) -> None:
    assert loss_steps(walled.produced.stages(walled.produced.modules.iloc[:0]), chain) == []


def test_modules_without_known_pixels_take_the_mean_of_their_plane(sky: SkyHours, chain: Chain) -> None:
    place = make_place(SOUTH, convergence=7.35)
    place.surface[52:54, 20:36] = 419.0
    known, lost = make(place, sky, chain), make(place, sky, chain, lost=True)
    energy = lost.produced.modules["energy_kwh_a"].to_numpy()
    assert energy == pytest.approx(np.full(len(energy), energy[0]))
    assert energy.sum() == pytest.approx(known.produced.modules["energy_kwh_a"].sum(), rel=0.05)


def test_no_modules_at_all(walled: Made, sky: SkyHours, chain: Chain) -> None:
    none = produce(sky, WEATHER, chain, walled.modules.iloc[:0], walled.below[:0], walled.pixels, walled.light)
    assert len(none.modules) == 0 and {"energy_kwh_a", *MONTHS} <= set(none.modules)
    assert none.modules[MONTHS].to_numpy().dtype == np.float64 and loss_steps(none.stages(none.modules), chain) == []


def test_years_of_weather_are_averaged(chain: Chain) -> None:
    """Two equal years give the energy of one."""
    place = make_place(SOUTH, convergence=7.35)
    one = make(place, sky_hours(WEATHER), chain).produced.modules["energy_kwh_a"].sum()
    later = WEATHER.set_axis(WEATHER.index + pd.Timedelta(days=365))
    two = pd.concat([WEATHER, later])
    two.attrs = WEATHER.attrs
    pixels = plane_pixels(place.surface, TRANSFORM, place.labels, len(place.planes), Look(32, 7.35))
    sky, own = sky_hours(two), facing(place.planes)
    light = light_on_pixels(sky, pixels.horizon, own.tilt[pixels.plane], own.azimuth[pixels.plane])
    size = ModuleSize(chain.module_width_m, chain.module_height_m, 0.02, 0.5, 10.0, 16.0)
    modules = lay_modules(place.planes, NO_OBSTACLES, size, wanted=np.ones(1, bool), convergence=7.35)
    below = pixels_below(modules, pixels)
    made = produce(sky, two, chain, modules, below, pixels, light)
    assert made.modules["energy_kwh_a"].sum() == pytest.approx(one, rel=2e-3)
