"""Snow loss: Townsend's own cases, a plain second computation, and what must hold for any snow."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import collect_notices
from lk_spatial.core.tables import CONFIDENCE, load_table
from lk_spatial.core.text import Text
from lk_spatial.solar.chain import read_chain
from lk_spatial.solar.horizon_rays import Look
from lk_spatial.solar.shading import facing, plane_pixels
from lk_spatial.solar.snow import (
    MOUNTING,
    RESULT,
    Resting,
    Snow,
    check_humidity,
    nothing_holds,
    snow_at,
    snow_loss,
    snow_on_planes,
    tell_altitudes,
    with_snow,
    with_snow_step,
)
from lk_spatial.solar.summary import MONTHS
from lk_spatial.solar.sun import sky_hours
from tests.solar.made_roof import TRANSFORM, Slope, make_place
from tests.solar.oracle import made_weather
from tests.solar.plain_snow import plain_snow_loss

# Townsend, 27 January 2023, as in pvlib's tests (test_loss_townsend_cases)
SNOW_CM = np.array([20, 15, 10, 4, 1.5, 0, 0, 0, 0, 1.5, 4, 15]) * 2.54
EVENTS = np.array([5, 4.2, 2.8, 1.3, 0.8, 0, 0, 0, 0, 0.5, 1.5, 4.5])
AIR = np.array([-6.0, -2, 1, 4, 7, 10, 13, 16, 14, 12, 7, -3])
DAMP = np.array([78.0, 80, 75, 65, 60, 55, 55, 55, 50, 55, 60, 70])
DULL = [60, 80, 100, 125, 175, 225, 225, 210, 175, 125, 90, 60]
BRIGHT = [80, 100, 125, 150, 225, 300, 300, 275, 225, 150, 115, 80]
CASES = [
    (DULL, 2, 79 / 39.37, 3 / 39.37, 1.0, [44, 34, 20, 9, 3, 1, 0, 0, 0, 2, 6, 25]),
    (DULL, 5, 316 / 39.37, 120 / 39.37, 0.75, [22, 16, 9, 4, 1, 0, 0, 0, 0, 1, 2, 12]),
    (DULL, 23, 158 / 39.27, 12 / 39.37, 0.75, [28, 21, 13, 6, 2, 0, 0, 0, 0, 1, 4, 16]),
    (BRIGHT, 52, 39.5 / 39.37, 34 / 39.37, 0.75, [7, 5, 3, 1, 0, 0, 0, 0, 0, 0, 1, 4]),
    (BRIGHT, 60, 39.5 / 39.37, 25 / 39.37, 1.0, [7, 5, 3, 1, 0, 0, 0, 0, 0, 0, 1, 3]),
]


def snow_of(snowfall: object, events: object, n: int = 1) -> Snow:
    return Snow(*(np.tile(np.asarray(each, float), (n, 1)) for each in (snowfall, events)), None)


def table(*altitudes: float, factor: float = 1.0, **columns: object) -> pd.DataFrame:
    """Townsend's snow at altitudes, more with the altitude."""
    rows = [
        {"altitude_m": altitude, "month": month + 1.0, "snowfall_cm": SNOW_CM[month] * factor * altitude / 400.0,
         "snow_events": EVENTS[month], **columns}
        for altitude in altitudes
        for month in range(12)
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    "case", CASES, ids=[f"Townsend 2023 in pvlib tests, tilt {each[1]}, string factor {each[4]}" for each in CASES]
)
def test_published_cases(case: tuple) -> None:
    poa, tilt, slant, edge, factor, expected = case
    loss = snow_loss(snow_of(SNOW_CM, EVENTS), Resting(tilt, slant, edge, factor), poa, DAMP, AIR)
    assert np.round(100 * loss[0]).tolist() == expected


def test_all_published_cases_at_once() -> None:
    """Planes are computed together and do not touch each other: January looks at its own December."""
    poa, tilt, slant, edge, factor, expected = zip(*CASES, strict=True)
    loss = snow_loss(snow_of(SNOW_CM, EVENTS, 5), Resting(tilt, slant, edge, factor), poa, DAMP, AIR)
    assert np.round(100 * loss).tolist() == [list(map(float, each)) for each in expected]


def test_hand_calculated_solution_of_pvlib() -> None:
    """The case test_loss_townsend: 12 months at 0 °C, 80 %, 350 kWh/m², tilt 20°, slant 2.54 m, edge 0.254 m."""
    snowfall = [25.4, 25.4, 12.7, 2.54, 0, 0, 0, 0, 0, 0, 12.7, 25.4]
    loss = snow_loss(snow_of(snowfall, [2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 2, 3]), Resting(20, 2.54, 0.254), 350, 80, 0)
    expected = [0.07696253, 0.07992262, 0.06216201, 0.01715392, 0, 0, 0, 0, 0, 0, 0.02643821, 0.06068194]
    assert loss[0].tolist() == pytest.approx(expected, rel=1e-5)


months = st.lists(st.floats(0, 200), min_size=12, max_size=12)
numbers = st.lists(st.one_of(st.just(0.0), st.floats(0.1, 15)), min_size=12, max_size=12)
suns = st.lists(st.floats(0.1, 250), min_size=12, max_size=12)
geometries = st.tuples(st.floats(0, 70), st.floats(0.5, 15), st.floats(0, 5), st.sampled_from([0.75, 1.0]))


@given(st.lists(st.tuples(months, numbers, geometries, suns), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_same_as_the_plain_computation(places: list) -> None:
    snowfall, events, geometry, poa = (np.array(each) for each in zip(*places, strict=True))
    found = snow_loss(Snow(snowfall, events, None), Resting(*geometry.T), poa, DAMP, AIR)
    for row, (cm, number, (tilt, slant, edge, factor), light) in enumerate(places):
        plain = plain_snow_loss(cm, number, tilt, DAMP, AIR, light, slant, edge, factor)
        assert found[row].tolist() == pytest.approx(plain, rel=1e-9, abs=1e-15)


@given(months, numbers, geometries, suns, st.floats(1, 5))
@settings(max_examples=60, deadline=None)
def test_more_snow_takes_more_and_never_all_but_once(
    snowfall: list, events: list, geometry: tuple, poa: list, more: float
) -> None:
    resting = Resting(*geometry)
    some, much = (snow_loss(snow_of(np.array(snowfall) * f, events), resting, poa, DAMP, AIR) for f in (1.0, more))
    assert (some >= 0).all() and (much <= 1).all() and (much >= some - 1e-12).all()
    assert not snow_loss(snow_of(np.zeros(12), events), resting, poa, DAMP, AIR).any()


@given(months, numbers, st.floats(0, 60), st.floats(0, 25), suns)
@settings(max_examples=60, deadline=None)
def test_steeper_loses_less(snowfall: list, events: list, tilt: float, steeper: float, poa: list) -> None:
    low, high = (
        snow_loss(snow_of(snowfall, events), Resting(each, 5.0, 0.1), poa, DAMP, AIR) for each in (tilt, tilt + steeper)
    )
    assert (high <= low + 1e-12).all()


def test_a_month_without_sun_loses_what_it_has_and_the_unknown_stays_unknown() -> None:
    dark = snow_loss(snow_of(SNOW_CM, EVENTS), Resting(20, 5, 0.1), [0.0] * 12, DAMP, AIR)[0]
    assert dark[[0, 1, 11]].tolist() == [1, 1, 1] and dark[7] == 0
    assert np.isnan(snow_loss(snow_of(SNOW_CM, EVENTS), Resting(np.nan, 5, 0.1), DULL, DAMP, AIR)).all()


def test_snow_is_linear_between_altitudes_and_the_nearest_beyond() -> None:
    found = snow_at(table(400.0, 800.0, relative_humidity_pct=80.0), [300.0, 400.0, 500.0, 800.0, 1500.0])
    share = np.array([1.0, 1.0, 1.25, 2.0, 2.0])
    assert found.snowfall_cm == pytest.approx(share[:, None] * SNOW_CM)
    assert found.events == pytest.approx(np.tile(EVENTS, (5, 1))) and (found.humidity == 80.0).all()
    assert snow_at(table(400.0), 900.0).snowfall_cm == pytest.approx(SNOW_CM[None])


@pytest.mark.parametrize(("low", "high", "told"), [(250, 950, False), (249, 500, True), (400, 951, True)])
def test_far_altitudes_are_told(low: float, high: float, told: bool) -> None:
    with collect_notices() as notices:
        tell_altitudes(table(400.0, 800.0), [low, 500.0, high], "snow.csv")
    assert [each.code for each in notices] == ["snow_altitude_outside"] * told
    for notice in notices:
        assert f"{low} to {high} m" in notice.sentence("en") and "400 až 800" in notice.sentence("cs")


def test_humidity_must_be_somewhere() -> None:
    weather = made_weather()
    damp = weather.assign(relative_humidity=70.0)
    check_humidity(damp, table(400.0), "snow.csv")
    check_humidity(weather, table(400.0, relative_humidity_pct=70.0), "snow.csv")
    with pytest.raises(InputError, match="snow_humidity_missing"):
        check_humidity(weather, table(400.0), "snow.csv")


def test_where_snow_rests_is_marked_as_assumed() -> None:
    rows = load_table(MOUNTING).rows
    assert set(rows["id"]) == {"pitched", "pitched_free", "flat_racks", "flat_flush"}
    assert rows["slant"].isin(("array", "module")).all() and rows["confidence"].isin(CONFIDENCE).all()
    assert (rows["confidence"] == "assumption").all() and rows[["source", "source_cs"]].notna().all(axis=None)


# --- planes ---

FLAT, PITCHED = Slope((20, 40), (10, 30), 0.0, None), Slope((20, 40), (50, 80), 30.0, 187.35)
DAMP_WEATHER = made_weather().assign(relative_humidity=75.0)


class Case:
    """A flat and a pitched plane, each with an array of known size, at 400 and 700 m."""

    def __init__(self, weather: pd.DataFrame = DAMP_WEATHER) -> None:
        place = make_place(FLAT, PITCHED, convergence=7.35)
        self.planes = place.planes.assign(elevation_m=[400.0, 700.0])
        self.pixels = plane_pixels(place.surface, TRANSFORM, place.labels, 2, Look(32, 7.35))
        self.sky, self.weather = sky_hours(weather), weather
        # the array is 3 m up the slope in plan, turned with it
        turned = shapely.affinity.rotate(shapely.box(0, 0, 9, 3), -7.35, origin=(0, 0))
        shapes = [shapely.box(0, 0, 5, 1), turned]
        self.modules = gpd.GeoDataFrame({"plane": [0, 1]}, geometry=shapes, crs=5514)

    def loss(self, snow: pd.DataFrame, free: object = (False, False), layout: str = "south") -> np.ndarray:
        own = facing(self.planes)
        tilt = np.where(own.tilt == 0.0, 0.0 if layout == "flush" else 10.0, own.tilt)
        modules = self.modules.assign(tilt_deg=tilt, azimuth_deg=own.azimuth)
        return snow_on_planes(
            snow, self.planes, modules, np.asarray(free), self.sky, self.weather, self.pixels,
            convergence=7.35, flat_layout=layout, module_m=1.134,
        )  # fmt: skip


@pytest.fixture(scope="module")
def case() -> Case:
    return Case()


def poa(case: Case, tilt: float) -> np.ndarray:
    """Monthly light of a free plane to the south by pvlib [kWh/m2]."""
    from tests.solar.oracle import pvlib_hours

    return np.bincount(case.sky.index.month - 1, pvlib_hours(case.sky, tilt, 180.0)) / 1000.0


@pytest.mark.parametrize(
    ("free", "layout", "edges"),
    [((False, False), "south", (0.1, 0.1)), ((True, True), "south", (0.1, 3.0)), ((False, False), "flush", (0.0, 0.1))],
)
def test_planes_by_hand(case: Case, free: tuple, layout: str, edges: tuple) -> None:
    """Slant: the module's short side on racks; 3 m in plan are 3 / cos 30° up the pitched roof."""
    found = case.loss(table(400.0, 800.0), free, layout)
    air = case.weather.groupby(case.weather.index.month)["temp_air"].mean().to_numpy()
    tilts = (0.0 if layout == "flush" else 10.0, 30.0)
    slants = (1.134 if layout == "south" else 1.0, 3.0 / np.cos(np.radians(30.0)))
    for row, share in enumerate((1.0, 1.75)):
        geometry = (slants[row], edges[row])
        plain = plain_snow_loss(SNOW_CM * share, EVENTS, tilts[row], [75] * 12, air, poa(case, tilts[row]), *geometry)
        assert found[row] == pytest.approx(plain, rel=2e-3, abs=1e-9)
    assert found[:, 0].min() > 0.02


def test_humidity_of_the_table_stands_in_for_the_weather() -> None:
    case = Case(made_weather())
    low, high = (case.loss(table(400.0, relative_humidity_pct=each)) for each in (40.0, 80.0))
    assert (high[:, 0] > low[:, 0]).all()
    assert low[:, 6:9] == pytest.approx(high[:, 6:9] / 2, abs=1e-12)


def test_shade_keeps_snow_lying() -> None:
    place = make_place(FLAT, PITCHED, convergence=7.35)
    open_case, shaded = Case(), Case()
    place.surface[45:47, :] = 440.0
    shaded.pixels = plane_pixels(place.surface, TRANSFORM, place.labels, 2, Look(32, 7.35))
    assert (shaded.loss(table(400.0))[:, 0] > 1.1 * open_case.loss(table(400.0))[:, 0]).all()


def test_planes_without_pixels_or_modules_are_no_trouble(case: Case) -> None:
    other = Case()
    other.modules = other.modules.iloc[:1]
    other.pixels.horizon[:] = np.nan
    assert np.isfinite(other.loss(table(400.0))).all()


def test_nothing_holds_only_where_that_is_known() -> None:
    planes = pd.DataFrame({"building_id": list("abca"), "part_id": "1"})
    buildings = pd.DataFrame({"building_id": list("abc"), "part_id": "1", "snow_guards": [False, True, None]})
    assert nothing_holds(planes, buildings).tolist() == [True, False, False, True]
    assert nothing_holds(planes, buildings.drop(columns="snow_guards")).tolist() == [False] * 4


def test_energy_after_snow_and_the_step_of_the_waterfall() -> None:
    planes = gpd.GeoDataFrame({name: [100.0, 0.0] for name in MONTHS}, geometry=[shapely.box(0, 0, 1, 1)] * 2)
    loss = np.zeros((2, 12))
    loss[:, 0], loss[:, 11] = 0.5, 0.25
    assert with_snow(planes, loss)["energy_snow_kwh_a"].tolist() == [1125.0, 0.0]
    steps = [(Text("a", "a"), 1500.0), (Text("b", "b"), -300.0), (Text("c", "c"), 1200.0)]
    title = read_chain("topcon_450").step_title("snow_cover")
    snowed = with_snow_step(steps, 1125.0, title)
    assert snowed[2:] == [(title, -75.0), (RESULT, 1125.0)]
    assert sum(value for _, value in snowed[:-1]) == pytest.approx(snowed[-1][1], rel=1e-12)
    assert with_snow_step([], 0.0, title) == []
