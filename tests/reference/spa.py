"""The worked example of NREL's solar position algorithm."""

import pandas as pd

from lk_spatial.solar.sun import sky_hours

SPA_ZENITH, SPA_AZIMUTH = 50.11162, 194.34024  # Reda and Andreas 2003, NREL/TP-560-34302, appendix A.5 [deg]


def spa_sun() -> tuple[float, float]:
    """Apparent zenith and azimuth [deg] of the example, by the library."""
    times = pd.date_range("2003-10-17 12:30:30", periods=2, freq="h", tz="Etc/GMT+7")
    weather = pd.DataFrame({"ghi": 500.0, "dni": 500.0, "dhi": 100.0}, index=times)
    weather.attrs.update(latitude=39.742476, longitude=-105.1786, elevation=1830.14)
    sky = sky_hours(weather)
    return float(sky.zenith[0]), float(sky.azimuth[0])
