"""Energy against hours and sums that others published."""

from functools import cache

import pandas as pd

from lk_spatial.io.weather import read_weather
from lk_spatial.solar.energy_yield import total_loss
from scripts.comparisons.rows import Comparison, Place, Subject, at_most, within
from tests.reference.pvwatts import PYSAM_KWH, Result, compute, nrmse, read_published, recommended_chain


@cache
def hours(place: Place) -> tuple[pd.DataFrame, Result]:
    place.real("energy/pvwatts_8760_roofmount.csv")
    published = read_published(place.shared)
    return published, compute(published)


def annual(place: Place, name: str) -> float:
    """Difference of the year's sum [%]."""
    published, computed = hours(place)
    return 100 * float(getattr(computed, name).sum() / published[name].sum() - 1)


def cell_bias(place: Place) -> float:
    """Mean difference of the cells' temperature [K] while there is power."""
    published, computed = hours(place)
    return float((computed.temp_cell - published["temp_cell"])[published["ac_w"] > 0].mean())


def pysam(place: Place) -> float:
    weather = read_weather(place.real("weather/tmy_45.000_8.000_2005_2023.json"))
    return 100 * (recommended_chain(weather) / PYSAM_KWH - 1)


def default_losses(_: Place) -> float:
    """The published causes of PVWatts, multiplied [%]."""
    return total_loss({"a": 2, "b": 3, "c": 0, "d": 2, "e": 2, "f": 0.5, "g": 1.5, "h": 1, "i": 0, "j": 3})


PVWATTS = "PVWatts hours, Denver, 4 kW, tilt 20° (NREL)"
ENERGY = Subject(
    "Energy",
    "With PVWatts' own chain (Perez, glass on the beam only, Fuentes INOCT 49 °C, −0.47 %/K). nRMSE is over the mean of"
    " all 8760 hours. PVWatts v8 is not linear in irradiance and lets more diffuse light through than Marion 2017:"
    " hence its wider bar.",
    True,
    [
        Comparison("Plane irradiation, year", PVWATTS, within(0, 0.1, " %"), lambda p: annual(p, "poa")),
        Comparison("Cell temperature, mean by day", PVWATTS, within(0, 0.05, " K"), cell_bias),
        Comparison("AC energy, year", PVWATTS, within(0, 0.1, " %"), lambda p: annual(p, "ac_w")),
        Comparison(
            "AC energy, hours, nRMSE",
            PVWATTS,
            at_most(0.5, " %"),
            lambda p: 100 * nrmse(hours(p)[1].ac_w, hours(p)[0]["ac_w"]),
        ),
        Comparison("Losses multiplied", "PVWatts default 14.0757 %", within(14.0757, 0.0001, " %", 4), default_losses),
        Comparison(
            "Main job's chain, PVGIS 45N 8E, tilt 35°, south, year",
            "PySAM 7.1.1 PVWatts v8: 13 209.8 kWh",
            within(0, 2.5, " %", 2),
            pysam,
        ),
    ],
)
