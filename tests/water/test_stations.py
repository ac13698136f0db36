"""A building's station and the factor of its rain: by distance, by altitude, by normals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lk_spatial.core.errors import InputError
from lk_spatial.core.tables import load_table
from lk_spatial.water.stations import altitude_fit, assign_stations, distance_km

NORMALS = load_table("water/rain_normals_1991").rows.set_index("name")
KNOWN = NORMALS.dropna(subset=["elevation_m"])
PLACES = ("latitude", "longitude", "elevation_m", "rain_mm_a")
STATIONS = tuple(KNOWN[column].to_numpy(float) for column in PLACES)
NAMES = list(KNOWN.index)
FIT = altitude_fit(STATIONS[2], STATIONS[3])


def one(latitude: float, longitude: float, elevation: float, **options):
    return assign_stations([latitude], [longitude], [elevation], *STATIONS, **{"fit": FIT} | options)


def test_normals_are_those_of_the_facts() -> None:
    assert len(NORMALS) == 11 and NORMALS.loc["Liberec", "rain_mm_a"] == 847
    assert NORMALS["rain_mm_a"].max() / NORMALS["rain_mm_a"].min() == pytest.approx(2.15, abs=0.005)
    months = NORMALS[[f"rain_{month:02d}_mm" for month in range(1, 13)]].sum(axis=1)
    assert (months - NORMALS["rain_mm_a"]).abs().max() <= 6  # months are rounded on their own
    assert set(NORMALS["confidence"]) <= {"confirmed", "unverified", "assumption"}


def test_normals_of_liberec_agree_with_its_daily_record(shared_data) -> None:
    daily = pd.read_csv(shared_data / "rain" / "liberec_daily_1961_2017.csv", parse_dates=["date"]).set_index("date")
    mean = daily["sra_mm"]["1981":"2010"].sum() / 30
    assert mean == pytest.approx(NORMALS.loc["Liberec", "rain_1981_2010_mm_a"], abs=1.0)
    months = daily["sra_mm"]["1991":"2017"].groupby(lambda day: day.month).sum() / 27
    stated = NORMALS.loc["Liberec", [f"rain_{month:02d}_mm" for month in range(1, 13)]].to_numpy(float)
    assert np.abs(months.to_numpy() - stated).max() < 6.0  # two more years in the normals


def test_distance_liberec_bedrichov_near_10_km() -> None:
    liberec, bedrichov = KNOWN.loc["Liberec"], KNOWN.loc["Bedřichov"]
    apart = distance_km(liberec["latitude"], liberec["longitude"], bedrichov["latitude"], bedrichov["longitude"])
    assert apart.shape == (1, 1) and apart[0, 0] == pytest.approx(9.4, abs=0.3)


def test_a_degree_of_a_meridian_and_of_a_parallel() -> None:
    assert distance_km(50, 15, [51, 50], [15, 16])[0] == pytest.approx([111.19, 71.47], abs=0.02)


def test_fit_of_a_line_equals_polyfit() -> None:
    chance = np.random.default_rng(0)
    height, rain = chance.uniform(200, 1000, 12), chance.uniform(500, 1300, 12)
    fit = altitude_fit([*height, np.nan, 500.0], [*rain, 700.0, np.nan])
    slope, intercept = np.polyfit(height, rain, 1)
    assert (fit.slope_mm_m, fit.intercept_mm) == pytest.approx((slope, intercept)) and fit.stations == 12
    assert fit.r2 == pytest.approx(np.corrcoef(height, rain)[0, 1] ** 2)
    assert fit.residual_mm == pytest.approx(np.std(rain - intercept - slope * height) * np.sqrt(12 / 10))


def test_region_gains_about_90_mm_in_100_m() -> None:
    assert FIT.stations == 3 and FIT.slope_mm_m == pytest.approx(0.92, abs=0.02) and FIT.r2 > 0.99


@pytest.mark.parametrize(
    ("height", "rain"),
    [([], []), ([300, 700], [700, 1100]), ([400, 400, 400], [700, 800, 900]), ([900, 950, 1000], [900, 500, 100])],
    ids=["none", "two", "one altitude", "no rain below"],
)
def test_no_line_where_none_can_be_told(height, rain) -> None:
    fit = altitude_fit(height, rain)
    assert np.isnan(fit.intercept_mm) and np.isnan(fit.normal(400.0))
    got = one(50.77, 15.02, 398.0, fit=fit)
    assert got.factor[0] == 1.0 and not got.scaled[0] and got.normal_mm[0] == 847.0


def test_at_a_station_the_factor_is_one() -> None:
    got = assign_stations(*STATIONS[:3], *STATIONS, fit=FIT)
    assert got.station.tolist() == [0, 1, 2] and np.allclose(got.factor, 1.0) and got.in_band.all()
    assert np.allclose(got.distance_km, 0.0) and np.allclose(got.dz_m, 0.0) and np.allclose(got.normal_mm, STATIONS[3])


def test_altitude_wins_over_distance_within_the_band() -> None:
    low, high = one(50.80, 15.10, 430.0), one(50.77, 15.03, 720.0)  # near Bedřichov but low; in Liberec but high
    assert NAMES[low.station[0]] == "Liberec" and NAMES[high.station[0]] == "Bedřichov"
    assert high.dz_m[0] == pytest.approx(-57.0) and high.distance_km[0] > 8.0
    assert low.factor[0] > 1.0 > high.factor[0]
    assert one(50.77, 15.03, 720.0, band_m=400.0).dz_m[0] == pytest.approx(720.0 - 397.7)


def test_none_in_the_band_gives_the_nearest_and_says_so() -> None:
    got = one(50.73, 14.98, 1012.0)  # Ještěd
    assert NAMES[got.station[0]] == "Liberec" and not got.in_band[0]
    assert got.factor[0] == pytest.approx(FIT.normal(977.0) / FIT.normal(397.7))  # held 200 m above the highest


def test_an_unknown_altitude_is_no_altitude() -> None:
    got = one(50.77, 15.02, np.nan)
    assert NAMES[got.station[0]] == "Liberec" and np.isnan(got.dz_m[0]) and not got.scaled[0]
    assert got.factor[0] == 1.0 and got.normal_mm[0] == 847.0 and not got.in_band[0]


def test_the_buildings_own_normal_is_used() -> None:
    got = one(50.77, 15.02, 398.0, normal_mm=[920.0])
    assert got.factor[0] == pytest.approx(920.0 / 847.0) and got.normal_mm[0] == 920.0 and got.scaled[0]
    bad = one(50.77, 15.02, 398.0, normal_mm=[0.0], fit=None)
    assert bad.factor[0] == 1.0 and not bad.scaled[0]


def test_stations_without_coordinates_are_never_taken() -> None:
    latitudes = np.array([np.nan, 50.9])
    got = assign_stations([50.77], [15.02], [400.0], latitudes, [15.0, 15.0], [400.0, 900.0], [800.0, 900.0])
    assert got.station.tolist() == [1] and not got.in_band[0]
    with pytest.raises(InputError, match="rain_no_station"):
        assign_stations([50.77], [15.02], [400.0], [np.nan], [15.0], [400.0], [800.0])
    with pytest.raises(InputError, match="rain_no_station"):
        assign_stations([50.77], [15.02], [400.0], [], [], [], [])


@given(
    st.lists(st.tuples(st.floats(50.4, 51.1), st.floats(14.3, 15.7), st.floats(200, 1200)), min_size=1, max_size=20),
    st.floats(10.0, 500.0),
)
@settings(max_examples=80, deadline=None)
def test_assignment_equals_the_plain_search(buildings, band) -> None:
    latitude, longitude, height = (np.array(values) for values in zip(*buildings, strict=True))
    got = assign_stations(latitude, longitude, height, *STATIONS, fit=FIT, band_m=band)
    for row in range(len(buildings)):
        apart = distance_km(latitude[row], longitude[row], STATIONS[0], STATIONS[1])[0]
        fits = [n for n in range(3) if abs(height[row] - STATIONS[2][n]) <= band]
        wanted = min(fits or range(3), key=lambda n: apart[n])
        assert got.station[row] == wanted and got.in_band[row] == bool(fits)
        assert got.distance_km[row] == pytest.approx(apart[wanted])
        ratio = FIT.normal(height[row]) / FIT.normal(STATIONS[2][wanted])
        assert got.factor[row] == pytest.approx(ratio) and got.factor[row] > 0.0
        assert got.normal_mm[row] == pytest.approx(ratio * STATIONS[3][wanted])


@given(st.floats(200, 1200), st.floats(1.0, 100.0))
def test_higher_is_wetter_beside_one_station(height, more) -> None:
    beside = {"band_m": 2000.0}
    assert one(50.7697, 15.0239, height + more, **beside).factor >= one(50.7697, 15.0239, height, **beside).factor
