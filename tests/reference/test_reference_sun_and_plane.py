"""Published numbers: the sun of NREL's SPA report and the plane-of-array hours of PVWatts."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lk_spatial.solar.irradiance import plane_components, poa_irradiation
from lk_spatial.solar.sun import sky_hours
from tests.reference.spa import SPA_AZIMUTH, SPA_ZENITH, spa_sun


def test_sun_of_the_spa_report() -> None:
    """Reda and Andreas 2003, NREL/TP-560-34302, appendix A.5: zenith 50.11162, azimuth 194.34024 (820 mbar, 11 °C)."""
    zenith, azimuth = spa_sun()
    assert zenith == pytest.approx(SPA_ZENITH, abs=2e-3)
    assert azimuth == pytest.approx(SPA_AZIMUTH, abs=1e-4)


@pytest.fixture(scope="module")
def pvwatts(shared_data: Path) -> tuple[pd.DataFrame, pd.Series]:
    """Weather (middle of the hour, UTC) and published plane irradiance [W/m2], Denver, tilt 20, azimuth 180."""
    table = pd.read_csv(shared_data / "energy" / "pvwatts_8760_roofmount.csv", skiprows=17, encoding="latin-1")
    table = table[pd.to_numeric(table["Month"], errors="coerce").notna()].reset_index(drop=True)
    index = pd.date_range("2021-01-01 00:30", periods=len(table), freq="h", tz="Etc/GMT+7").tz_convert("UTC")
    columns = {"dni": "Beam Irradiance (W/m^2)", "dhi": "Diffuse Irradiance (W/m^2)"}
    weather = pd.DataFrame({new: table[old].to_numpy(float) for new, old in columns.items()}, index=index)
    weather["ghi"] = 0.0
    weather.attrs.update(latitude=39.73, longitude=-105.18, elevation=1819.6)
    zenith = sky_hours(weather).zenith
    weather["ghi"] = weather["dhi"] + weather["dni"] * np.maximum(np.cos(np.radians(zenith)), 0)
    published = pd.Series(table["Plane of Array Irradiance (W/m^2)"].to_numpy(float), index=index)
    return weather, published


def test_plane_irradiance_of_pvwatts(pvwatts: tuple[pd.DataFrame, pd.Series]) -> None:
    """PVWatts' hours, facts/pv.md section 7, oracle A: the year within 0.1 %, hours with nRMSE below 0.5 %."""
    weather, published = pvwatts
    sky = sky_hours(weather)
    hours = plane_components(sky, 20, 180).drop(columns="aoi").sum(axis=1)
    year = published.sum() / 1000
    assert hours.sum() / 1000 == pytest.approx(year, rel=0.001)
    assert poa_irradiation(sky, 20, 180).annual == pytest.approx(year, rel=0.001)
    assert np.sqrt(((hours - published) ** 2).mean()) / published[published > 0].mean() < 0.005
