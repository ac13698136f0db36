"""Module arrays on all roof planes, and the pixels below each module."""

from collections.abc import Iterable
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from geopandas.array import from_shapely
from numpy.typing import NDArray

from lk_spatial.core.progress import Progress, silent
from lk_spatial.solar.layout import Laid, Roofs, lay_level, lay_racks, lay_sloped, unite
from lk_spatial.solar.layout import ModuleSize as ModuleSize
from lk_spatial.solar.shading import PlanePixels
from lk_spatial.solar.summary import PLANE_KEY

Key: TypeAlias = tuple[str, str, str]

PLANES_AT_ONCE = 1_000
EDGE = 1e-6  # cells; no window of a raster puts a point that lies on an edge into another cell
SAMPLES = np.array([(u, v) for u in (0.2, 0.5, 0.8) for v in (0.25, 0.75)])


def lay_modules(
    planes: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame,
    size: ModuleSize,
    *,
    wanted: NDArray[np.bool_],
    convergence: float,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Outlines of the modules on the ``wanted`` planes, by plane, each with its own orientation.

    Columns: building_id, part_id, plane_id, plane (row of ``planes``), tilt_deg and azimuth_deg (true; 180 where level)
    of the module, on_flat (with the mounting system of flat roofs). Obstacles stand on the plane that they name. What
    lies on a plane depends on its polygon and its obstacles alone.
    """
    rows = np.flatnonzero(wanted)
    blocked = _by_plane(obstacles)
    parts = [rows[start : start + PLANES_AT_ONCE] for start in range(0, len(rows), PLANES_AT_ONCE)]
    laid = []
    for some in parts or [rows]:
        laid.append(_lay(planes.iloc[some], some, blocked, size, convergence))
        progress(len(laid) / max(len(parts), 1), "")
    return gpd.GeoDataFrame(pd.concat(laid, ignore_index=True), crs=planes.crs)


def _lay(
    planes: gpd.GeoDataFrame,
    rows: NDArray[np.intp],
    blocked: dict[Key, list[shapely.Geometry]],
    size: ModuleSize,
    convergence: float,
) -> gpd.GeoDataFrame:
    """Modules of some planes: flush with the pitched ones, as the size says on the flat ones."""
    flat = (planes["kind"] == "flat").to_numpy()
    found: list[Laid] = []
    for some, lay in ((~flat, lay_sloped), (flat, lay_level if size.flat_layout == "flush" else lay_racks)):
        laid = lay(_roofs(planes[some], blocked, convergence), size)
        found.append(laid._replace(roof=np.flatnonzero(some)[laid.roof]))
    outlines, roof, tilt, azimuth = (np.concatenate(each) for each in zip(*found, strict=True))
    order = np.argsort(roof, kind="stable")
    roof = roof[order]
    columns: dict[str, NDArray] = {name: planes[name].to_numpy()[roof] for name in PLANE_KEY}
    columns["plane"], columns["tilt_deg"] = rows[roof].astype(int), tilt[order]
    columns["azimuth_deg"], columns["on_flat"] = (azimuth[order] - convergence) % 360.0, flat[roof]
    return gpd.GeoDataFrame(columns, geometry=from_shapely(outlines[order]), crs=planes.crs)


def _roofs(planes: gpd.GeoDataFrame, blocked: dict[Key, list[shapely.Geometry]], convergence: float) -> Roofs:
    """Planes with their obstacles for the layout; flat ones have their racks face south."""
    stands: list[shapely.Geometry] = []
    of: list[int] = []
    for row, key in enumerate(_keys(planes)):
        found = blocked.get(key, ())
        stands += found
        of += [row] * len(found)
    azimuth = planes["azimuth_deg"].where(planes["kind"] != "flat", 180.0).to_numpy(float)
    polygons = np.asarray(planes.geometry.array, object)
    return Roofs(polygons, unite(len(planes), stands, of), planes["tilt_deg"].to_numpy(float), azimuth + convergence)


def _keys(rows: pd.DataFrame) -> Iterable[Key]:
    return zip(*(rows[name].to_numpy() for name in PLANE_KEY), strict=True)


def _by_plane(obstacles: gpd.GeoDataFrame) -> dict[Key, list[shapely.Geometry]]:
    """Obstacles of each plane."""
    found: dict[Key, list[shapely.Geometry]] = {}
    for key, obstacle in zip(_keys(obstacles), obstacles.geometry.array, strict=True):
        found.setdefault(key, []).append(obstacle)
    return found


def pixels_below(modules: gpd.GeoDataFrame, pixels: PlanePixels) -> NDArray[np.int32]:
    """Pixels under six points of each module, array (modules, 6); −1 where a point meets no pixel of its plane."""
    if modules.empty:
        return np.empty((0, len(SAMPLES)), np.int32)
    corners = shapely.get_coordinates(modules.geometry.array).reshape(len(modules), 5, 2)
    origin, along, across = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0]
    points = origin[:, None] + SAMPLES[None, :, :1] * along[:, None] + SAMPLES[None, :, 1:] * across[:, None]
    rows, cols = _cells(pixels.transform, points[..., 0], points[..., 1])
    found = pixels.in_cells(rows, cols)
    own = (found >= 0) & (pixels.plane[found] == modules["plane"].to_numpy()[:, None])
    return np.where(own, found, -1).astype(np.int32)


def _cells(transform: Affine, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
    """Row and column of the cell that holds each point; one on an edge, but for rounding, lies to the south or east."""
    rows, cols = (y - transform.f) / transform.e, (x - transform.c) / transform.a
    return np.floor(rows + EDGE).astype(int), np.floor(cols + EDGE).astype(int)
