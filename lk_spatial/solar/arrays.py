"""Module arrays on all roof planes, and the pixels below each module."""

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from numpy.typing import NDArray

from lk_spatial.core.progress import Progress, silent
from lk_spatial.solar.layout import layout_modules, layout_on_plane
from lk_spatial.solar.shading import PlanePixels

SAMPLES = np.array([(u, v) for u in (0.2, 0.5, 0.8) for v in (0.25, 0.75)])


class ModuleSize(NamedTuple):
    """Sides of a module [m] and how it is laid: gap and setback [m], racks on flat roofs [deg] or none (glued)."""

    width: float
    height: float
    gap: float
    setback: float
    flat_tilt: float
    shade_angle: float
    flat_racks: bool = True


def lay_modules(
    planes: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame,
    size: ModuleSize,
    *,
    wanted: NDArray[np.bool_],
    convergence: float,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Outlines of the modules on the ``wanted`` planes: building_id, part_id, plane_id, plane (row of ``planes``)."""
    blocked = _by_plane(obstacles)
    laid: list[gpd.GeoSeries] = []
    rows: list[int] = []
    for row in np.flatnonzero(wanted):
        plane = planes.iloc[row]
        found = _lay(plane, blocked.get(_key(plane), ()), size, convergence)
        laid.append(found)
        rows += [int(row)] * len(found)
        progress(row / max(len(planes), 1), "")
    geometry = np.concatenate([each.to_numpy() for each in laid]) if laid else np.array([], object)
    keys = planes.iloc[rows][["building_id", "part_id", "plane_id"]].reset_index(drop=True)
    return gpd.GeoDataFrame(keys.assign(plane=np.array(rows, int)), geometry=geometry, crs=planes.crs)


def _lay(
    plane: pd.Series, obstacles: Sequence[shapely.Geometry], size: ModuleSize, convergence: float
) -> gpd.GeoSeries:
    """Modules of one plane: flush with it, or on racks where it is flat."""
    sides = {"width": size.width, "height": size.height, "gap": size.gap, "setback": size.setback}
    flat = plane["kind"] == "flat"
    if flat and not size.flat_racks:
        return layout_modules(plane.geometry, obstacles=obstacles, **sides)
    return layout_on_plane(
        plane.geometry,
        surface_tilt=plane["tilt_deg"],
        grid_azimuth=((180.0 if flat else plane["azimuth_deg"]) + convergence) % 360.0,
        obstacles=obstacles,
        flat=flat,
        flat_tilt=size.flat_tilt,
        shade_angle=size.shade_angle,
        **sides,
    ).modules


def _key(row: object) -> tuple[str, str, str]:
    return row["building_id"], row["part_id"], row["plane_id"]  # type: ignore[index]


def _by_plane(obstacles: gpd.GeoDataFrame) -> dict[tuple[str, str, str], list[shapely.Geometry]]:
    """Obstacles of each plane; one that names no plane stands in the way on all planes of its part."""
    found: dict[tuple[str, str, str], list[shapely.Geometry]] = {}
    for row in obstacles.to_dict("records"):
        found.setdefault(_key(row), []).append(row["geometry"])
    return found


def pixels_below(modules: gpd.GeoDataFrame, pixels: PlanePixels) -> NDArray[np.int32]:
    """Pixels under six points of each module, array (modules, 6); −1 where a point meets no pixel of its plane."""
    if modules.empty:
        return np.empty((0, len(SAMPLES)), np.int32)
    corners = shapely.get_coordinates(modules.geometry.array).reshape(len(modules), 5, 2)
    origin, along, across = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0]
    points = origin[:, None] + SAMPLES[None, :, :1] * along[:, None] + SAMPLES[None, :, 1:] * across[:, None]
    rows, cols = _cells(pixels.transform, points[..., 0], points[..., 1])
    inside = (rows >= 0) & (rows < pixels.place.shape[0]) & (cols >= 0) & (cols < pixels.place.shape[1])
    found = np.where(inside, pixels.place[np.where(inside, rows, 0), np.where(inside, cols, 0)], -1)
    own = (found >= 0) & (pixels.plane[found] == modules["plane"].to_numpy()[:, None])
    return np.where(own, found, -1).astype(np.int32)


def _cells(transform: Affine, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
    """Row and column of the cell that holds each point."""
    rows, cols = (y - transform.f) / transform.e, (x - transform.c) / transform.a
    return np.floor(rows).astype(int), np.floor(cols).astype(int)
