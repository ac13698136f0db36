"""Places and weather years: coordinate operations, bearing of true north, the instants behind time labels."""

from functools import cache

import numpy as np
import pandas as pd
import pyproj

from lk_spatial.io.crs import REGION_BOX_5514, convergence, from_wgs84, to_wgs84
from lk_spatial.io.weather import closure, read_weather
from scripts.comparisons.qgis_peer import default_difference, pinned_difference
from scripts.comparisons.rows import Comparison, Place, Subject, at_most, reported, within
from tests.io.places import CONVERGENCES, LIBEREC, LIBEREC_LON_LAT

TMY = "weather/tmy_45.000_8.000_2005_2023"
GEOD = pyproj.Geod(ellps="WGS84")


def forward(_: Place) -> float:
    """Distance [m] from the published point."""
    return float(np.hypot(*np.subtract(from_wgs84(*LIBEREC_LON_LAT), LIBEREC)))


def backward(_: Place) -> float:
    return float(GEOD.inv(*to_wgs84(*LIBEREC), *LIBEREC_LON_LAT)[2])


def registered(_: Place) -> float:
    """Worst distance [m] over the region from PROJ's own EPSG:5239."""
    x, y = over_region()
    shift = pyproj.Transformer.from_pipeline("urn:ogc:def:coordinateOperation:EPSG::5239")
    lon, lat = pyproj.Transformer.from_crs("EPSG:5514", "EPSG:4156", always_xy=True).transform(x, y)
    lat, lon = shift.transform(lat, lon)
    return float(np.max(GEOD.inv(*to_wgs84(x, y), lon, lat)[2]))


def over_region() -> tuple[np.ndarray, np.ndarray]:
    """A grid of 11 × 11 points over the box of the region [m]."""
    west, south, east, north = REGION_BOX_5514
    x, y = np.meshgrid(np.linspace(west, east, 11), np.linspace(south, north, 11))
    return x.ravel(), y.ravel()


def against_factors(_: Place) -> float:
    """Worst difference [deg] from the convergence that PROJ derives from the projection's formulas."""
    x, y = over_region()
    krovak = pyproj.Proj("EPSG:5514")
    lon, lat = krovak(x, y, inverse=True)
    truth = -np.array([krovak.get_factors(a, b).meridian_convergence for a, b in zip(lon, lat, strict=True)])
    return float(np.abs(convergence(x, y) - truth).max())


@cache
def weather(place: Place, suffix: str) -> pd.DataFrame:
    return read_weather(place.real(f"{TMY}.{suffix}"))


@cache
def sample_weather(place: Place) -> pd.DataFrame:
    return read_weather(place.sample / "weather_liberec_synthetic.csv")


def differs(place: Place, suffix: str) -> float:
    """Hours whose instant is another one than in the JSON file."""
    one, other = weather(place, "json").index, weather(place, suffix).index
    return float(abs(len(one) - len(other)) + (one[: len(other)] != other[: len(one)]).sum())


def worst_light(place: Place, suffix: str) -> float:
    """Worst difference [W/m2] of irradiance from the JSON file."""
    names = ["ghi", "dni", "dhi"]
    return float(np.abs(weather(place, "json")[names].to_numpy() - weather(place, suffix)[names].to_numpy()).max())


def best_shift(table: pd.DataFrame) -> float:
    """Shift of the labels [min], of ±12, at which beam and diffuse light add up best to the global."""
    return float(min(range(-12, 13), key=lambda minutes: closure(table, minutes)))


CLOSURE = "|dni · cos z + dhi − ghi| / ghi"
PLACES = Subject(
    "Coordinates and true north",
    "",
    True,
    [
        Comparison(
            "Liberec, WGS 84 → EPSG:5514", "published: PROJ 9.5.1, EPSG:5239 (facts)", at_most(0.001, " m", 4), forward
        ),
        Comparison(
            "Liberec, EPSG:5514 → WGS 84", "published: PROJ 9.5.1, EPSG:5239 (facts)", at_most(0.002, " m", 4), backward
        ),
        Comparison(
            "121 points of the region, worst", "PROJ's registered EPSG:5239", at_most(0.002, " m", 4), registered
        ),
        *(
            Comparison(
                f"Grid bearing of true north, {x:.0f} {y:.0f}",
                f"facts: {name}",
                within(truth, tolerance, "°"),
                lambda _, x=x, y=y: convergence(x, y),
            )
            for x, y, truth, tolerance, name in CONVERGENCES
        ),
        Comparison(
            "Bearing over the region, worst", "PROJ's factors of the projection", at_most(0.01, "°", 4), against_factors
        ),
        Comparison(
            "QGIS with EPSG:5239 pinned, 121 points, worst",
            "QgsCoordinateTransform of the installed QGIS",
            at_most(0.01, " m", 4),
            pinned_difference,
        ),
        Comparison(
            "QGIS with its own choice, 121 points, worst",
            "QgsCoordinateTransform of the installed QGIS",
            reported(" m", 2),
            default_difference,
        ),
    ],
)
WEATHER = Subject(
    "Weather years",
    "PVGIS 45N 8E in three formats; its irradiance belongs to minute 11 of each hour (offset 0.1761 h).",
    True,
    [
        *(
            Comparison(
                f"Minute of all instants, {suffix.upper()}",
                "offset in the file's head" if suffix != "epw" else "the same year as JSON",
                within(11, 0, digits=0),
                lambda p, suffix=suffix: [float(minute) for minute in sorted(set(weather(p, suffix).index.minute))],
            )
            for suffix in ("json", "csv", "epw")
        ),
        *(
            Comparison(
                f"Hours with another instant, {suffix.upper()}",
                "JSON",
                at_most(0, digits=0),
                lambda p, suffix=suffix: differs(p, suffix),
            )
            for suffix in ("csv", "epw")
        ),
        *(
            Comparison(
                f"Irradiance, {suffix.upper()}, worst",
                "JSON",
                at_most(0.05, " W/m²"),
                lambda p, suffix=suffix: worst_light(p, suffix),
            )
            for suffix in ("csv", "epw")
        ),
        Comparison("Closure, PVGIS", CLOSURE, at_most(0.002, digits=4), lambda p: closure(weather(p, "json"))),
        Comparison(
            "Closure, PVGIS, labels 30 min early · late",
            CLOSURE,
            reported(digits=4),
            lambda p: [closure(weather(p, "json"), m) for m in (-30, 30)],
        ),
        Comparison(
            "Shift at which PVGIS closes best",
            CLOSURE,
            within(0, 1, " min", 0),
            lambda p: best_shift(weather(p, "json")),
        ),
        Comparison("Closure, sample year", CLOSURE, at_most(0.002, digits=4), lambda p: closure(sample_weather(p))),
        Comparison(
            "Shift at which the sample year closes best",
            CLOSURE,
            within(0, 1, " min", 0),
            lambda p: best_shift(sample_weather(p)),
        ),
        Comparison(
            "Global irradiation, sample year",
            "issue: Liberec, 1000–1050 kWh/m²",
            within(1025, 25, " kWh/m²", 1),
            lambda p: sample_weather(p)["ghi"].sum() / 1000,
        ),
    ],
)
