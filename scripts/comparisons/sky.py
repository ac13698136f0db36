"""Sun, horizon, sky view and irradiation against paper, pvlib and brute force."""

import math
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from lk_spatial.io.weather import read_weather
from lk_spatial.solar.horizon import horizon
from lk_spatial.solar.irradiance import poa_irradiation
from lk_spatial.solar.sky_view import sky_view_factor
from lk_spatial.solar.sun import Model, SkyHours, sky_hours
from scripts.comparisons.rows import Comparison, Place, Subject, at_most, reported, within
from tests.reference.spa import SPA_AZIMUTH, SPA_ZENITH, spa_sun
from tests.solar.hilly import ORIENTATIONS, off_the_whole, seen_from_roofs
from tests.solar.oracle import (
    TILTS_AZIMUTHS,
    brute_horizon,
    brute_irradiation,
    brute_sky_view,
    horizons,
    made_weather,
    pvlib_hours,
)
from tests.solar.plain_yield import PARTS, plain_light, read_plain
from tests.solar.shapes import FACES, PYRAMID, before_wall, grid, oblique_wall, pyramid_angles, rough

PVGIS = "weather/tmy_45.000_8.000_2005_2023.json"
SHADED = [(0, 180), (35, 180), (30, 75), (60, 310)]


# --- near and far field ---


@cache
def far_errors() -> tuple[list[float], list[float]]:
    """95th percentiles [% of unshaded] of the near field alone and of both fields, for each orientation."""
    weather = Path(__file__).resolve().parents[2] / "sample_data" / "weather_liberec_synthetic.csv"
    sky = sky_hours(read_weather(weather), latitude=50.77, longitude=15.05)
    with TemporaryDirectory() as folder:
        seen = seen_from_roofs(Path(folder))
    errors = [off_the_whole(seen, sky, *each) for each in ORIENTATIONS]
    near, both = ([float(np.percentile(np.abs(one[k]), 95)) for one in errors] for k in (0, 1))
    return near, both


# --- sun and horizon --------------------------------------------------------------------------------------------


def pvgis_sun(place: Place) -> float:
    """Worst difference [deg] of the sun's height from what PVGIS itself writes beside its hours."""
    path = place.real("weather/pvgis_hourly_Timeseries_45.000_8.000_SA2_10kWp_CIS_5_2a_2013_2014.json")
    hours = pd.DataFrame(pd.read_json(path)["outputs"]["hourly"])
    index = pd.to_datetime(hours["time"], format="%Y%m%d:%H%M", utc=True)
    weather = pd.DataFrame({"ghi": 0.0, "dni": 0.0, "dhi": 0.0}, index=pd.DatetimeIndex(index))
    height = 90.0 - sky_hours(weather, latitude=45.0, longitude=8.0).zenith
    up = hours["H_sun"].to_numpy() > 0
    return float(np.abs(height - hours["H_sun"].to_numpy())[up].max())


def pyramid(case: tuple[int, float, float, str]) -> list[float]:
    """The lowest and the highest angle on all faces, left and right of the fall line."""
    found = [angle for face in FACES for angle in pyramid_angles(case[0], case[1], face)]
    return [min(found), max(found)]


def worst_oblique(_: Place) -> float:
    pairs = [oblique_wall(turn) for turn in range(0, 90, 5)]
    return max(abs(found - truth) for found, truth in pairs)


def worst_ray(_: Place) -> float:
    """Worst difference [deg] from the plain ray march on rough surfaces, 240 rays."""
    worst = 0.0
    for seed in range(5):
        dsm = rough(seed)
        rows, cols = np.random.default_rng(seed + 1).integers(0, [[60], [70]], size=(2, 3))
        found = horizon(dsm, grid(), rows, cols, n_azimuth=16, convergence=7.35)
        for p, (row, col) in enumerate(zip(rows, cols, strict=True)):
            for k in range(16):
                truth = brute_horizon(dsm.astype(float), (1.0, 1.0), row, col, k * 22.5 + 7.35)
                worst = max(worst, abs(float(found[p, k]) - truth))
    return worst


# --- sky view ---------------------------------------------------------------------------------------------------


def flat_view(_: Place) -> float:
    return float(sky_view_factor(horizon(np.full((50, 60), 372.25), grid(), [25], [30]))[0])


def wall_view(angle: float) -> float:
    return float(sky_view_factor(before_wall(angle))[0])


def worst_basin(power: int) -> float:
    """Worst difference from cos^power g: a canyon (1) or a basin (2)."""
    ahead = np.abs(np.cos(np.radians(np.arange(32) * 360 / 32 - 90))) if power == 1 else np.ones(32)
    angles = (20, 45, 60)
    seen = [sky_view_factor(np.degrees(np.arctan(math.tan(math.radians(g)) * ahead))) for g in angles]
    return max(abs(float(one) - math.cos(math.radians(g)) ** power) for one, g in zip(seen, angles, strict=True))


def worst_fine_sum(_: Place) -> float:
    """Worst difference from the sum over 0.5° × 0.25° pieces of the sky."""
    cases = [(row, *facing) for row, facing in zip(horizons(12, seed=5), TILTS_AZIMUTHS, strict=True)]
    return max(abs(float(sky_view_factor(row, *facing)) - brute_sky_view(row, *facing)) for row, *facing in cases)


# --- irradiation ------------------------------------------------------------------------------------------------


@cache
def made_sky(model: Model = "perez", step_min: int = 60) -> SkyHours:
    return sky_hours(made_weather(step_min), model=model)


@cache
def pvgis_sky(place: Place) -> SkyHours:
    return sky_hours(read_weather(place.real(PVGIS)))


@cache
def sample_sky(place: Place) -> SkyHours:
    return sky_hours(read_weather(place.sample / "weather_liberec_synthetic.csv"))


def worst_free(sky: SkyHours, model: Model = "perez") -> float:
    """Worst relative difference [%] of a year's irradiation from pvlib over 12 orientations."""
    differences = []
    for tilt, azimuth in TILTS_AZIMUTHS:
        truth = pvlib_hours(sky, tilt, azimuth, model).sum() * sky.step_h / 1000
        differences.append(abs(poa_irradiation(sky, tilt, azimuth).annual / truth - 1))
    return 100 * max(differences)


def worst_alone(place: Place) -> float:
    """Worst relative difference [%] from pvlib with its own reader and sun, from file to year."""
    path = place.real(PVGIS)
    hours, table = read_plain(path), read_weather(path)
    truth = [plain_light(hours, 45.0, 8.0, 250.0, *facing)[PARTS].to_numpy() for facing in TILTS_AZIMUTHS]
    found = [poa_irradiation(table, *facing).annual for facing in TILTS_AZIMUTHS]
    return 100 * max(abs(float(one) / (other.sum() / 1000) - 1) for one, other in zip(found, truth, strict=True))


def horizontal(sky: SkyHours) -> float:
    """Difference [%] of a horizontal plane's year from the weather's own global irradiance."""
    return 100 * float(poa_irradiation(sky, 0, 180).annual / (sky.ghi.sum() * sky.step_h / 1000) - 1)


@cache
def shaded(sky: int, place: Place) -> list[float]:
    """Differences from brute force in % of the free plane; 4 orientations × 6 horizons."""
    hours = made_sky() if sky == 0 else pvgis_sky(place)
    found = []
    for tilt, azimuth in SHADED:
        deep = horizons(6, seed=tilt)
        got = poa_irradiation(hours, tilt, azimuth, horizon=deep).annual
        free = poa_irradiation(hours, tilt, azimuth).annual
        truth = [brute_irradiation(hours, tilt, azimuth, row) for row in deep]
        found += list(100 * (got - np.array(truth)) / free)
    return [float(each) for each in found]


def worst(values: list[float]) -> float:
    return max(abs(each) for each in values)


def step_effect(_: Place) -> list[float]:
    """Mean and root mean square [%] of hourly against ten-minute sums under the same horizons."""
    found = []
    for tilt, azimuth in SHADED:
        deep = horizons(6, seed=tilt)
        coarse, fine = (poa_irradiation(made_sky("perez", step), tilt, azimuth, horizon=deep) for step in (60, 10))
        found += list(100 * (coarse.annual - fine.annual) / poa_irradiation(made_sky(), tilt, azimuth).annual)
    return [float(np.mean(found)), float(np.sqrt(np.mean(np.square(found))))]


# --- the tables -------------------------------------------------------------------------------------------------

PLANES_12 = "pvlib.irradiance.get_total_irradiance, same sun, 12 tilts × azimuths"
BRUTE = "pvlib's Perez components, the 10-minute suns of each hour, fine sum over the sky, 4 orientations × 6 horizons"
SUN = Subject(
    "Sun and horizon",
    "",
    True,
    [
        Comparison("Sun's zenith", "NREL/TP-560-34302, A.5", within(SPA_ZENITH, 0.002, "°", 5), lambda _: spa_sun()[0]),
        Comparison(
            "Sun's azimuth", "NREL/TP-560-34302, A.5", within(SPA_AZIMUTH, 1e-4, "°", 5), lambda _: spa_sun()[1]
        ),
        Comparison("Sun's height, worst difference", "H_sun of a PVGIS answer, 45N 8E", at_most(0.1, "°"), pvgis_sun),
        *(
            Comparison(
                f"Pyramid with 45° faces, {case[1]:g}° off the fall line, lowest · highest of 8",
                "GRASS issue 4112 (r.horizon: 39.76°)" if case[0] == 8 else "same geometry on paper",
                within(case[2], 0.01, "°"),
                lambda _, case=case: pyramid(case),
            )
            for case in PYRAMID
        ),
        Comparison(
            "Oblique wall, 0–85° off its normal, worst", "tan h = H/d · cos φ", at_most(0.05, "°"), worst_oblique
        ),
        Comparison(
            "Near field and terrain, hills, year of 4 orientations, p95",
            "whole fine model (tests)",
            at_most(0.15, "% of unshaded", 3),
            lambda _: far_errors()[1],
        ),
        Comparison(
            "Near field alone, hills, year of 4 orientations, p95",
            "whole fine model (tests)",
            reported("% of unshaded", 2),
            lambda _: far_errors()[0],
        ),
        Comparison("Rough surfaces, 240 rays, worst", "plain ray march (tests)", at_most(0.01, "°", 4), worst_ray),
    ],
)
SKY_VIEW = Subject(
    "Sky view",
    "",
    True,
    [
        Comparison("Flat ground", "1", within(1, 0.0005), flat_view),
        *(
            Comparison(
                f"Horizontal receiver before a wall of {angle}°",
                "(1 + cos g) / 2",
                within((1 + math.cos(math.radians(angle))) / 2, 0.005, digits=4),
                lambda _, angle=angle: wall_view(angle),
            )
            for angle in (15, 30, 45, 60, 75)
        ),
        Comparison("Canyon of 20, 45, 60°, worst", "cos g", at_most(0.005, digits=4), lambda _: worst_basin(1)),
        Comparison("Basin of 20, 45, 60°, worst", "cos² g", at_most(0.005, digits=4), lambda _: worst_basin(2)),
        Comparison(
            "12 planes under city horizons, worst", "fine sum over the sky", at_most(0.004, digits=4), worst_fine_sum
        ),
    ],
)
IRRADIATION = Subject(
    "Irradiation in the plane, a year",
    "From the file: the library rounds the instants to whole minutes (offset 0.1761 h to 11 min), pvlib alone does not."
    " Under horizons, differences are in % of the free plane; a percentage of what a deep shadow leaves says little.",
    True,
    [
        Comparison(
            "Free plane, Perez, PVGIS 45N 8E, from the file, worst",
            "pvlib alone: reader, sun, Perez, 12 tilts × azimuths",
            at_most(0.2, " %", 4),
            worst_alone,
        ),
        Comparison(
            "Free plane, Perez, PVGIS 45N 8E, worst",
            PLANES_12,
            at_most(0.2, " %", 4),
            lambda p: worst_free(pvgis_sky(p)),
        ),
        Comparison(
            "Free plane, Perez, made year, worst", PLANES_12, at_most(0.2, " %", 4), lambda _: worst_free(made_sky())
        ),
        Comparison(
            "Free plane, Perez, sample year, worst",
            PLANES_12,
            at_most(0.2, " %", 4),
            lambda p: worst_free(sample_sky(p)),
        ),
        *(
            Comparison(
                f"Free plane, {model}, made year, worst",
                PLANES_12,
                at_most(0.2, " %", 4),
                lambda _, model=model: worst_free(made_sky(model), model),
            )
            for model in ("haydavies", "isotropic")
        ),
        Comparison(
            "Horizontal plane, PVGIS 45N 8E",
            "the file's own global irradiance",
            within(0, 0.2, " %"),
            lambda p: horizontal(pvgis_sky(p)),
        ),
        Comparison(
            "Horizontal plane, sample year",
            "the file's own global irradiance",
            within(0, 0.2, " %"),
            lambda p: horizontal(sample_sky(p)),
        ),
        Comparison("Under horizons, made year, worst", BRUTE, at_most(0.2, " %"), lambda p: worst(shaded(0, p))),
        Comparison("Under horizons, made year, mean", BRUTE, reported(" %"), lambda p: float(np.mean(shaded(0, p)))),
        Comparison("Under horizons, PVGIS 45N 8E, worst", BRUTE, at_most(0.2, " %"), lambda p: worst(shaded(1, p))),
        Comparison(
            "Hourly steps under horizons, mean · RMS",
            "the same year in steps of 10 minutes",
            reported(" %", 2),
            step_effect,
        ),
    ],
)
