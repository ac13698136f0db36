"""Roof planes against made scenes with known truth, and on real roofs."""

from collections.abc import Callable
from functools import cache

import geopandas as gpd
import numpy as np
import shapely

from lk_spatial.core.notices import collect_notices
from lk_spatial.io.raster import Raster
from lk_spatial.io.rasterize import rasterize_ids
from lk_spatial.roofs.inputs import Guard, read_footprints, read_window
from lk_spatial.roofs.pipeline import RoofPlanes, find_roof_planes
from scripts.comparisons.rows import Bar, Comparison, Place, Subject, at_least, at_most, between, reported
from tests.roofs.scores import HELD_OUT, Scores, scene_raster, score
from tests.scenes import make_scene

PLAIN: tuple[tuple[str, object], ...] = ()
SHIFTED = (("dormers", True), ("shift", 0.5))
NOISY = (("noise", 0.2),)
FINE = (("cell", 0.5), ("size", 500.0))


@cache
def scores(kind: tuple[tuple[str, object], ...]) -> list[Scores]:
    """Scores of one kind of scene on the three seeds."""
    scenes = [make_scene(seed, **dict(kind)) for seed in HELD_OUT]  # type: ignore[arg-type]
    return [score(scene, find_roof_planes(scene_raster(scene), scene.buildings)) for scene in scenes]


def made(kind: tuple[tuple[str, object], ...], name: str) -> Callable[[Place], list[float]]:
    """One figure of the three seeds."""
    return lambda _: [float(getattr(each, name)) for each in scores(kind)]


def rows_of_kind(title: str, kind: tuple[tuple[str, object], ...], bars: dict[str, Bar]) -> list[Comparison]:
    """The figures of one kind of scene."""
    source = "truth of tests/scenes.py, three seeds"
    return [Comparison(f"{title}: {FIGURES[name]}", source, bar, made(kind, name)) for name, bar in bars.items()]


FIGURES = {
    "completeness": "completeness",
    "correctness": "correctness",
    "tilt_rmse": "tilt, RMSE",
    "azimuth_rmse": "azimuth, RMSE",
    "best_tilt_rmse": "tilt, RMSE that the noise allows",
    "best_azimuth_rmse": "azimuth, RMSE that the noise allows",
}
BARS = {
    "completeness": at_least(0.99),
    "correctness": at_least(0.96),
    "tilt_rmse": at_most(1, "°", 2),
    "azimuth_rmse": at_most(1, "°", 2),
}
REPORTED = {name: reported(bar.unit, bar.digits) for name, bar in BARS.items()}
LIMITS = {"best_tilt_rmse": reported("°", 2), "best_azimuth_rmse": reported("°", 2)}


# --- real roofs -------------------------------------------------------------------------------------------------


@cache
def real_roofs(place: Place) -> tuple[gpd.GeoDataFrame, Raster, RoofPlanes]:
    """Footprints, heights and planes with the defaults of the tool."""
    buildings = place.real("roofs/liberec_real_roofs_buildings.gpkg")
    dsm = place.real("roofs/liberec_real_roofs_dsm.tif")
    with collect_notices():
        footprints = read_footprints(str(buildings), Guard())
        surface = read_window(str(dsm), Guard(), tuple(footprints.buffer(50.0).total_bounds))
    return footprints, surface, find_roof_planes(surface, footprints, min_area_m2=8.0)


def with_planes(place: Place) -> float:
    return float(real_roofs(place)[2].planes[["building_id", "part_id"]].drop_duplicates().shape[0])


def worst_rmse(place: Place) -> float:
    return float(real_roofs(place)[2].planes["rmse_m"].max())


def off_plane(place: Place, rows: np.ndarray, cols: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """Heights of cells above their plane [m]."""
    _, surface, found = real_roofs(place)
    a, b, c, x0, y0 = (found.planes[name].to_numpy()[plane] for name in ("_a", "_b", "_c", "_x0", "_y0"))
    grid = surface.transform
    x, y = grid.c + (cols + 0.5) * grid.a, grid.f + (rows + 0.5) * grid.e
    return surface.values[rows, cols] - (a * (x - x0) + b * (y - y0) + c)


def recounted_rmse(place: Place) -> float:
    """Worst RMS [m] between heights and planes over all cells that are labelled with the plane."""
    labels = real_roofs(place)[2].labels
    rows, cols = np.nonzero(labels)
    plane = labels[rows, cols] - 1
    squares = np.bincount(plane, off_plane(place, rows, cols, plane) ** 2)
    return float(np.sqrt(squares / np.bincount(plane)).max())


def labelled_share(place: Place) -> float:
    """Area [%] of the footprints whose cells were found to lie on a plane."""
    footprints, surface, found = real_roofs(place)
    return 100 * float(
        (found.labels > 0).sum() * abs(surface.transform.a * surface.transform.e) / footprints.area.sum()
    )


def below_share(place: Place) -> float:
    """Area [%] of the planes' outlines over which the surface lies more than 1 m BELOW the plane: no roof is there."""
    _, surface, found = real_roofs(place)
    plane = rasterize_ids(found.planes.geometry.to_numpy(), surface.transform, surface.values.shape) - 1
    rows, cols = np.nonzero(plane >= 0)
    return 100 * float(np.mean(off_plane(place, rows, cols, plane[rows, cols]) < -1.0))


def area_share(place: Place) -> float:
    footprints, _, found = real_roofs(place)
    return 100 * float(found.planes["plan_area_m2"].sum() / footprints.area.sum())


def outside_share(place: Place) -> float:
    """Area [%] of planes that lies outside their footprints or on another plane."""
    footprints, _, found = real_roofs(place)
    inside = shapely.intersection(
        shapely.union_all(found.planes.geometry.to_numpy()), shapely.union_all(footprints.geometry.to_numpy())
    )
    total = float(found.planes.area.sum())
    return 100 * (total - float(shapely.area(inside))) / total


ROOF_SOURCE = "Delft roofs (AHN3) of the shared data"
MADE = Subject(
    "Roof planes of made scenes",
    f"Seeds {', '.join(map(str, HELD_OUT))}. Some 320 buildings each; planes of ten pixels and more, matched at"
    " IoU ≥ 0.5. By the word of the method's maker it was"
    " made on other seeds."
    " What the noise allows: a least-squares plane through exactly the true pixels.",
    True,
    [
        *rows_of_kind("1 m, noise 0.1 m", PLAIN, BARS | LIMITS),
    ],
)
HARDER = Subject(
    "Roof planes of harder and of finer scenes",
    "No bars: what to expect.",
    False,
    [
        *rows_of_kind("1 m, noise 0.1 m, dormers, footprints 0.5 m off", SHIFTED, REPORTED),
        *rows_of_kind("1 m, noise 0.2 m", NOISY, REPORTED),
        *rows_of_kind("0.5 m, noise 0.1 m", FINE, REPORTED),
    ],
)
REAL = Subject(
    "Roof planes of real roofs",
    "No truth is at hand; one small tile. rmse_m and the RMS counted anew over all cells that carry a plane's label"
    " have the same bar: they are the same figure, come by in two ways. Plan areas count what lies below obstacles too."
    " What of the footprints is in no outline lies clearly below the planes beside it: ground and lower roofs too small"
    " or too rough for a plane of their own.",
    True,
    [
        Comparison("Buildings with planes, of 21", ROOF_SOURCE, at_least(18, digits=0), with_planes),
        Comparison("Largest RMSE of a plane", ROOF_SOURCE, at_most(0.25, " m"), worst_rmse),
        Comparison("Plan area of planes, of the footprints", ROOF_SOURCE, between(90, 105, " %"), area_share),
        Comparison(
            "Plan area outside the footprints or counted twice", ROOF_SOURCE, at_most(0.5, " %", 2), outside_share
        ),
        Comparison(
            "Largest RMS of all cells labelled with a plane",
            "counted anew from labels and heights",
            at_most(0.25, " m"),
            recounted_rmse,
        ),
        Comparison(
            "Cells labelled with a plane, of the footprints",
            "counted anew from labels",
            reported(" %", 1),
            labelled_share,
        ),
        Comparison(
            "Outlines over heights more than 1 m below their plane",
            "counted anew from outlines and heights",
            reported(" %", 1),
            below_share,
        ),
    ],
)
