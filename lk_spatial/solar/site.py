"""The weather year of a run, and the place where its sun is computed."""

from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd

from lk_spatial.core.notices import notice
from lk_spatial.io.crs import convergence, distance_km, to_wgs84
from lk_spatial.io.weather import read_weather

FAR_KM = 50.0


class Site(NamedTuple):
    """Weather and place: sun's coordinates [deg], distance of the weather [km], grid bearing of true north [deg]."""

    weather: pd.DataFrame
    latitude: float
    longitude: float
    distance_km: float
    convergence: float

    @property
    def is_far(self) -> bool:
        """Whether the weather is of another place."""
        return self.distance_km > FAR_KM


def read_site(weather: str, footprints: gpd.GeoDataFrame) -> Site:
    """The weather and where the sun is to be computed: at the site, or at the weather's own place when that is far."""
    table = read_weather(weather)
    middle = footprints.representative_point()
    x, y = float(middle.x.median()), float(middle.y.median())  # one stray footprint does not move the sun
    longitude, latitude = (float(value) for value in to_wgs84(x, y))
    own_latitude, own_longitude = table.attrs["latitude"], table.attrs["longitude"]
    distance = distance_km(longitude, latitude, own_longitude, own_latitude)
    if distance > FAR_KM:
        notice("weather_far", path=weather, distance=f"{distance:.0f}", latitude=own_latitude, longitude=own_longitude)
        latitude, longitude = own_latitude, own_longitude
    return Site(table, latitude, longitude, distance, float(convergence(x, y)))


def weather_facts(site: Site) -> dict[str, Any]:
    """What the report says about the weather."""
    facts: dict[str, Any] = dict(site.weather.attrs)
    step_h = 8760.0 / len(site.weather)
    return facts | {
        "ghi_kwh_m2": float(site.weather["ghi"].sum() * step_h / 1000.0),
        "distance_km": site.distance_km,
    }
