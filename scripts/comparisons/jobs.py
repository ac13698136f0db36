"""The main job from files to layers: on the sample against its truth, on one free roof against pvlib, on real roofs."""

import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from scipy.optimize import linear_sum_assignment

import lk_spatial as lk
from lk_spatial.io.rasterize import rasterize_ids
from scripts.comparisons.rows import Comparison, Place, Subject, at_least, at_most, between, reported, within
from tests.scenes import Scene, one_roof
from tests.solar.oracle import brute_horizon
from tests.solar.plain_yield import plain_yield

MONTHS = [f"energy_{month:02d}_kwh" for month in range(1, 13)]
WEATHER = "weather_liberec_synthetic.csv"


class Job(NamedTuple):
    """Layers of a run and the codes of its warnings."""

    buildings: gpd.GeoDataFrame
    planes: gpd.GeoDataFrame
    modules: gpd.GeoDataFrame
    warnings: tuple[str, ...]


@cache
def job(buildings: Path, dsm: Path, weather: Path) -> Job:
    """The main job with its defaults."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "pv.gpkg"
        done = lk.pv_potential(buildings=buildings, dsm=dsm, weather=weather, out=out)
        layers = [gpd.read_file(out, layer=name) for name in ("buildings", "roof_planes", "modules")]
    return Job(*layers, tuple(sorted(each.code for each in done.notices)))


def sample(place: Place) -> Job:
    return job(place.sample / "buildings.gpkg", place.sample / "dsm.tif", place.sample / WEATHER)


def real(place: Place) -> Job:
    return job(
        place.real("roofs/liberec_real_roofs_buildings.gpkg"),
        place.real("roofs/liberec_real_roofs_dsm.tif"),
        place.real("weather/tmy_45.000_8.000_2005_2023.json"),
    )


def total(found: Job, name: str) -> float:
    return float(found.buildings[name].sum())


def specific(found: Job) -> float:
    """Energy of all modules over their power [kWh/kWp]."""
    return total(found, "energy_kwh_a") / total(found, "power_kwp")


def disagreement(found: Job) -> float:
    """Worst relative difference [%] between modules, planes, months and buildings."""
    energy = total(found, "energy_kwh_a")
    others = [found.modules["energy_kwh_a"].sum(), found.planes["energy_kwh_a"].sum()]
    others += [found.planes[MONTHS].to_numpy().sum(), found.buildings[MONTHS].to_numpy().sum()]
    return 100 * max(abs(float(each) / energy - 1) for each in others)


# --- the sample's truth -----------------------------------------------------------------------------------------


class Match(NamedTuple):
    """Found planes beside the true ones: tilt and azimuth differences [deg], area found of all true area [-]."""

    tilt: np.ndarray
    azimuth: np.ndarray
    share: float
    area: float
    extra: int


def normals(planes: pd.DataFrame) -> np.ndarray:
    """Unit normals (n, 3); flat planes without azimuth look up."""
    tilt, azimuth = np.radians(planes["tilt_deg"].to_numpy(float)), np.radians(planes["azimuth_deg"].to_numpy(float))
    flat = np.isnan(azimuth)
    azimuth, tilt = np.where(flat, 0.0, azimuth), np.where(flat, 0.0, tilt)
    return np.column_stack([np.sin(tilt) * np.sin(azimuth), np.sin(tilt) * np.cos(azimuth), np.cos(tilt)])


@cache
def match(place: Place) -> Match:
    """Each true plane of 8 m2 and more beside the found one of its building part that is most like it.

    The table of truth holds no outlines: pairs are those with the least angle between normals, plus 1° for each
    metre between mean heights and 5° for a factor e between areas. More than 10° between normals is no match.
    """
    truth = pd.read_csv(place.sample / "roof_planes_truth.csv", dtype={"building_id": str, "part_id": str})
    truth = truth[truth["plan_area_with_objects_m2"] / np.cos(np.radians(truth["tilt_deg"])) >= 8.0]
    found = sample(place).planes
    pairs, extra = [], 0
    for key, true in truth.groupby(["building_id", "part_id"]):
        mine = found[(found["building_id"] == key[0]) & (found["part_id"] == key[1])]
        angle = np.degrees(np.arccos(np.clip(normals(true) @ normals(mine).T, -1, 1)))
        height = np.abs(true["elevation_m"].to_numpy()[:, None] - mine["elevation_m"].to_numpy()[None])
        size = np.log(true["plan_area_with_objects_m2"].to_numpy()[:, None] / mine["plan_area_m2"].to_numpy()[None])
        i, j = linear_sum_assignment(np.minimum(angle, 90) + height + 5 * np.abs(size))
        fits = angle[i, j] <= 10
        extra += len(mine) - int(fits.sum())
        pairs += list(zip(true.index[i[fits]], mine.index[j[fits]], strict=True))
    one, other = (frame.loc[list(index)] for frame, index in zip((truth, found), zip(*pairs, strict=True), strict=True))
    true_area = one["plan_area_with_objects_m2"].to_numpy()
    turn = (other["azimuth_deg"].to_numpy() - one["azimuth_deg"].to_numpy(float) + 180) % 360 - 180
    return Match(
        other["tilt_deg"].to_numpy() - one["tilt_deg"].to_numpy(),
        turn[one["tilt_deg"].to_numpy() > 5],
        float(true_area.sum() / truth["plan_area_with_objects_m2"].sum()),
        float(other["plan_area_m2"].sum() / true_area.sum()),
        extra,
    )


def rms(values: np.ndarray) -> float:
    """Root mean square; a pitched roof taken for flat has no azimuth and makes it NaN."""
    return float(np.sqrt(np.mean(np.square(values))))


# --- one made roof against pvlib --------------------------------------------------------------------------------


def job_of_scene(scene: Scene, place: Place) -> Job:
    """The main job on one made roof with the sample's weather."""
    height, width = scene.dsm.shape
    profile = {"driver": "GTiff", "count": 1, "dtype": "float32", "crs": "EPSG:5514", "nodata": -9999}
    with tempfile.TemporaryDirectory() as name:
        dsm, buildings = Path(name) / "dsm.tif", Path(name) / "buildings.gpkg"
        shape = {"height": height, "width": width, "transform": scene.transform}
        with rasterio.open(dsm, "w", **profile, **shape) as raster:
            raster.write(scene.dsm, 1)
        scene.buildings[["building_id", "part_id", "geometry"]].to_file(buildings, VERSION="1.3")
        return job(buildings, dsm, place.sample / WEATHER)


def turn(azimuths: pd.Series, azimuth: float) -> pd.Series:
    """Azimuths seen from one [deg], within ±180."""
    return (azimuths - azimuth + 180) % 360 - 180


@cache
def free_roof(place: Place, azimuth: float) -> tuple[float, float, float]:
    """Tilt and azimuth error [deg] and difference [%] of specific yield from pvlib's functions; gable of 35°."""
    scene = one_roof("gable", 35.0, azimuth, length=20.0, width=14.0, cell=0.5)
    planes = job_of_scene(scene, place).planes
    away = turn(planes["azimuth_deg"], azimuth)
    plane = planes.loc[away.abs().idxmin()]
    truth = plain_yield(place.sample / WEATHER, scene.buildings.geometry.iloc[0].centroid, 35.0, azimuth)
    error = 100 * (float(plane["specific_yield_kwh_kwp"]) / truth - 1)
    return float(plane["tilt_deg"] - 35), float(away[plane.name]), error


def flat_roof(place: Place) -> float:
    """Difference [%] of a flat roof's specific yield from a free rack of 10° to the south."""
    scene = one_roof("flat", 0.0, 180.0, length=24.0, width=16.0, cell=0.5)
    found = job_of_scene(scene, place)
    truth = plain_yield(place.sample / WEATHER, scene.buildings.geometry.iloc[0].centroid, 10.0, 180.0, u0=25.0)
    return 100 * (specific(found) / truth - 1)


@cache
def behind_tower(place: Place) -> tuple[float, float]:
    """Loss by the tower and difference from brute force [% of the free yield]: gable of 35° to the south.

    Brute force: the horizon of each cell below the plane's modules by the plain ray march, pvlib's components.
    """

    def tower(heights: np.ndarray) -> None:
        heights[88:94, 52:72] = heights.min() + 16.0  # 10 m wide, 3 m deep, some 7 m before the eaves

    scene = one_roof("gable", 35.0, 180.0, length=20.0, width=14.0, cell=0.5, paint=tower)
    found = job_of_scene(scene, place)
    plane = found.planes.loc[turn(found.planes["azimuth_deg"], 180.0).abs().idxmin()]
    modules = found.modules[found.modules["plane_id"] == plane["plane_id"]]
    rows, cols = np.nonzero(rasterize_ids(modules.geometry.to_numpy(), scene.transform, scene.dsm.shape))
    bearings = np.arange(32) * 360 / 32 + scene.convergence
    heights = scene.dsm.astype(float)
    horizons = np.array(
        [[brute_horizon(heights, (0.5, 0.5), r, c, each) for each in bearings] for r, c in zip(rows, cols, strict=True)]
    )
    where = place.sample / WEATHER, scene.buildings.geometry.iloc[0].centroid, 35.0, 180.0
    free, truth = plain_yield(*where), plain_yield(*where, horizons=horizons)
    return 100 * (1 - truth / free), 100 * (float(plane["specific_yield_kwh_kwp"]) - truth) / free


SAMPLE = "sample data, invented"
TRUTH = "roof_planes_truth.csv, planes of 8 m² and more"
PLAIN = "pvlib alone: reader, sun, Perez, Fresnel, Marion, Faiman, PVWatts"
BRUTE = "pvlib alone under horizons by the plain ray march, every cell below the modules"
JOBS = Subject(
    "The main job",
    "Real roofs: Delft's, set down in Liberec, with weather of 45N 8E; numbers of no real place.",
    False,
    [
        Comparison("Sample: power", SAMPLE, reported(" kWp", 0), lambda p: total(sample(p), "power_kwp")),
        Comparison(
            "Sample: energy a year", SAMPLE, reported(" MWh", 0), lambda p: total(sample(p), "energy_kwh_a") / 1000
        ),
        Comparison(
            "Sample: specific yield",
            "800–1100 kWh/kWp in Czechia (facts)",
            between(800, 1100, " kWh/kWp", 0),
            lambda p: specific(sample(p)),
        ),
        Comparison(
            "Sample: modules, planes, months and buildings add up",
            SAMPLE,
            at_most(0.001, " %"),
            lambda p: disagreement(sample(p)),
        ),
        Comparison(
            "Sample: true plan area whose plane was found", TRUTH, at_least(95, " %", 1), lambda p: 100 * match(p).share
        ),
        Comparison(
            "Sample: plan area of found planes, of the true",
            TRUTH,
            within(100, 5, " %", 1),
            lambda p: 100 * match(p).area,
        ),
        Comparison(
            "Sample: found planes without a true one", TRUTH, reported(digits=0), lambda p: float(match(p).extra)
        ),
        Comparison("Sample: tilt, RMSE", TRUTH, at_most(1, "°", 2), lambda p: rms(match(p).tilt)),
        Comparison("Sample: azimuth, RMSE", TRUTH, at_most(1, "°", 2), lambda p: rms(match(p).azimuth)),
        *(
            Comparison(
                f"Free gable of 35° to {azimuth}°: {what}",
                source,
                within(0, bar, unit, 2),
                lambda p, azimuth=azimuth, k=k: free_roof(p, azimuth)[k],
            )
            for azimuth in (180, 75)
            for k, (what, source, bar, unit) in enumerate(
                [("tilt", "as made", 0.5, "°"), ("azimuth", "as made", 0.5, "°"), ("specific yield", PLAIN, 0.5, " %")]
            )
        ),
        Comparison("Flat roof, racks of 10° to the south: specific yield", PLAIN, within(0, 0.5, " %", 2), flat_roof),
        Comparison("Gable behind a tower: loss by the tower", BRUTE, reported(" %", 1), lambda p: behind_tower(p)[0]),
        Comparison(
            "Gable behind a tower: specific yield, of the free",
            BRUTE,
            within(0, 1, " %", 2),
            lambda p: behind_tower(p)[1],
        ),
        Comparison("Real roofs: planes", "shared data", reported(digits=0), lambda p: float(len(real(p).planes))),
        Comparison("Real roofs: power", "shared data", reported(" kWp", 1), lambda p: total(real(p), "power_kwp")),
        Comparison("Real roofs: specific yield", "shared data", reported(" kWh/kWp", 0), lambda p: specific(real(p))),
        Comparison(
            "Real roofs: warnings of far weather and of the missing CRS, of 2",
            "shared data",
            within(2, 0, digits=0),
            lambda p: float(len({"weather_far", "raster_crs_assumed"} & set(real(p).warnings))),
        ),
    ],
)
