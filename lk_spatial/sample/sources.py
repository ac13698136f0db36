"""What the sample says about itself: the text of its SOURCES.md, with the numbers it is made from."""

from lk_spatial.sample.scene import CONVERGENCE
from lk_spatial.sample.surface import NODATA_ROWS, NOISE_M
from lk_spatial.sample.weather import ELEVATION, GHI_TARGET, LATITUDE, LONGITUDE, YEAR


def sources_text() -> str:
    """SOURCES.md: what each file of the sample is and how it is made."""
    targets = ", ".join(f"{target:.0f}" for target in GHI_TARGET)
    return f"""\
# Where the sample comes from

Everything here is **invented** and made by a script of this project: `lk sample DIR` makes it again.
Nothing was measured, copied or traced: the quarter "Vzorov" does not exist; its buildings, names, owners,
consumptions and meter numbers (EAN beginning with zeros) belong to nobody. Only the place in the coordinate
system is real, so that sun, convergence and projection are those of Liberec. Licence: GPL-2.0-or-later, as the project.

## Files

`dsm.tif`, `dsm.tfw`
:   Surface model, 800 × 700 cells of 0.5 m, metres Bpv, EPSG:5514 **without CRS in the file**, nodata −9999, as ČÚZK
    delivers DMP OK. Made of blocks with flat, pitched, hipped, half-hipped, shed and arched roofs with eaves, chimneys,
    dormers, plant rooms, parapets, of some 290 trees and of a slope from 388 m to 410 m; noise {NOISE_M} m; heights
    rounded to 0.01 m. The {NODATA_ROWS} southern rows, a pond and a patch of one roof are nodata.

`buildings.gpkg`
:   Layer `buildings`: 41 footprints of 40 buildings, walls without the eaves, EPSG:5514. Eleven public buildings
    (`P01`–`P11`, `P01` in two parts) carry the attributes the jobs ask for; of the others little is known, as in
    real registers. `S24` reaches into the nodata rows. Snow and wind zones, loads, documents and the survey of `P04`
    are **invented**, none is that of Liberec; they are chosen so that every class of the static screening occurs.

`roof_planes_truth.csv`
:   Every roof plane as built, from the blocks' equations: tilt, **true** azimuth (clockwise from true north;
    convergence {CONVERGENCE}°), plan area with and without the things that stand on it, counted on cells of 0.1 m.

`weather_liberec_synthetic.csv`
:   An hourly **synthetic** year in the form of a PVGIS typical year, UTC, irradiance at mid-hour (offset 0.5 h).

`snow_invented.csv`
:   Fresh snow and snowy days of the months at 400 and 800 m: **invented numbers**, in the form of the input `snow`.

`surveys_invented.csv`
:   Two finished static surveys, **invented**, in the form of the input `reports` of the survey plan.

## The weather year

Position {LATITUDE}° N, {LONGITUDE:.3f}° E, {ELEVATION:.0f} m. It is no measurement and does not come
from PVGIS; the year {YEAR} is only a label.

1. Clear sky: Ineichen–Perez of pvlib with the monthly Linke turbidity of Liberec (SoDa climatology shipped with
   pvlib), 1569 kWh/m² a year.
2. Clearness: a random series in which days and hours hang together (AR(1), 0.55 from day to day, 0.8 from hour to
   hour), through a logistic curve between 0.04 and 1.03; month by month its level is set so that global irradiation
   meets {targets} kWh/m². These targets, together {sum(GHI_TARGET):.0f} kWh/m², are an
   assumption of ours within the band known for Czechia (950–1340 kWh/m² a year).
3. Direct and diffuse: Erbs; the diffuse irradiance is what closure leaves, about one half of the global.
4. Temperature (mean 8 °C), humidity, wind, pressure, long-wave irradiance: random series with a yearly and a
   daily course.

For real work take a typical year from PVGIS (https://re.jrc.ec.europa.eu/pvg_tools/) for the place in question.

The random numbers come from the raw bits of PCG64 with fixed seeds, so that the content is the same on every
machine; a test makes the sample anew and compares.
"""
