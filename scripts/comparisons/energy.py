"""Energy against hours and sums that others published."""

from functools import cache

import numpy as np
import pandas as pd
import pvlib

from lk_spatial.core.tables import load_table
from lk_spatial.io.weather import read_weather
from lk_spatial.solar.energy_yield import p90_factor, total_loss
from scripts.comparisons.rows import Comparison, Place, Subject, at_most, reported, within
from tests.reference.pvwatts import PYSAM_KWH, Result, compute, nrmse, read_published, recommended_chain
from tests.solar.plain_yield import read_plain


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


def p90(_: Place) -> float:
    """Energy exceeded in nine of ten years, over the expected."""
    return p90_factor(load_table("pv/uncertainty_2026").rows)


def row_shading(place: Place) -> float:
    """Light [%] that endless rows of racks at the default pitch take from each other, diffuse light too."""
    system = load_table("pv/system_defaults_2026").rows.set_index("name")["value"]
    tilt, shade_angle = system["flat_tilt"], system["shade_angle"]
    hours = read_plain(place.sample / "weather_liberec_synthetic.csv")
    sun = pvlib.solarposition.get_solarposition(hours.index, 50.765, 15.06, altitude=400)
    extra = pvlib.irradiance.get_extra_radiation(hours.index.day_of_year)
    pitch = np.cos(np.radians(tilt)) + np.sin(np.radians(tilt)) / np.tan(np.radians(shade_angle))
    light = []
    for coverage in (1 / pitch, 0.001):  # of rows 1 m long up the slope; the second ones stand alone
        front = pvlib.bifacial.infinite_sheds.get_irradiance_poa(
            tilt, 180.0, sun["apparent_zenith"], sun["azimuth"], coverage, 0.5, 1 / coverage,
            hours["ghi"], hours["dhi"], hours["dni"], 0.2, model="haydavies", dni_extra=extra,
        )  # fmt: skip
        light.append(float(np.nansum(np.asarray(front["poa_global"]))))
    return 100 * (1 - light[0] / light[1])


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
        Comparison("P90 over expected, one year", "facts: 0.906 of the same components", within(0.906, 0.001), p90),
        Comparison(
            "Light that rows of racks take from each other, NOT in the main job",
            "pvlib.bifacial.infinite_sheds, Hay-Davies, sample year",
            reported(" %", 2),
            row_shading,
        ),
    ],
)
