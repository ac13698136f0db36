"""The ways into EPSG:5514 and out of it, always by the same operation, and the bearing of true north there.

The usual choice of an operation differs by machine (10 m with EPSG:15965, 128 m without a shift of datum);
EPSG:5239 is therefore pinned.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Geod, Transformer

WORK_CRS = "EPSG:5514"
BLOCK_M = 4_000.0  # [m] side of the squares, anchored at the origin of EPSG:5514, that share one convergence

# EPSG:5514 -> longitude, latitude in WGS 84 by operation EPSG:5239 (1 m), spelled out so that no grid, no network
# and no version of PROJ can choose another one.
EPSG_5239 = (
    "+proj=pipeline"
    " +step +inv +proj=krovak +lat_0=49.5 +lon_0=24.8333333333333 +alpha=30.2881397527778 +k=0.9999 +ellps=bessel"
    " +step +proj=push +v_3"
    " +step +proj=cart +ellps=bessel"
    " +step +proj=helmert +x=572.213 +y=85.334 +z=461.94 +rx=-4.9732 +ry=-1.529 +rz=-5.2484 +s=3.5378"
    " +convention=coordinate_frame"
    " +step +inv +proj=cart +ellps=WGS84"
    " +step +proj=pop +v_3"
    " +step +proj=unitconvert +xy_in=rad +xy_out=deg"
)


@cache
def _pinned() -> Transformer:
    return Transformer.from_pipeline(EPSG_5239)


def to_wgs84(x: ArrayLike, y: ArrayLike) -> tuple[Any, Any]:
    """Longitude and latitude [° WGS 84] of points in EPSG:5514; NaN in, NaN out. Source: EPSG:5239, accurate to 1 m.

    >>> lon, lat = to_wgs84(-688_117.960, -974_047.626)
    >>> round(lon, 6), round(lat, 6)
    (15.056, 50.767)
    """
    return _apply(_pinned(), x, y)


def from_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Any, Any]:
    """East and north [m, both negative] in EPSG:5514 of WGS 84 points; NaN in, NaN out. Source: EPSG:5239.

    >>> x, y = from_wgs84(15.056, 50.767)
    >>> round(x, 3), round(y, 3)
    (-688117.96, -974047.626)
    """
    return _apply(_pinned(), lon, lat, inverse=True)


def convergence(x: ArrayLike, y: ArrayLike) -> Any:
    """Grid bearing of true north at points in EPSG:5514 [°]: true azimuth = grid azimuth - convergence.

    >>> round(convergence(-688_117.960, -974_047.626), 2)
    7.35
    """
    lon, lat = to_wgs84(x, y)
    east, north = from_wgs84(lon, lat)  # not (x, y): the pinned operation closes to a millimetre only
    east_up, north_up = from_wgs84(lon, np.asarray(lat) + 1e-3)
    bearing = np.degrees(np.arctan2(np.asarray(east_up) - east, np.asarray(north_up) - north))
    return float(bearing) if np.ndim(bearing) == 0 else bearing


def block_convergence(x: float, y: float) -> float:
    """Convergence [°] at the centre of the 4 km square of EPSG:5514 that holds a point; within 0.03° of its own.

    Work in tiles takes this one, so that it does not depend on where a tile begins.

    >>> block_convergence(-688_001.0, -972_001.0) == block_convergence(-690_000.0, -975_999.0)
    True
    """
    column, row = math.floor(x / BLOCK_M), math.floor(y / BLOCK_M)
    return float(convergence((column + 0.5) * BLOCK_M, (row + 0.5) * BLOCK_M))


def distance_km(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Geodesic distance of two WGS 84 points [km]."""
    return float(Geod(ellps="WGS84").inv(lon1, lat1, lon2, lat2)[2] / 1000.0)


def _apply(transformer: Transformer, a: ArrayLike, b: ArrayLike, inverse: bool = False) -> tuple[Any, Any]:
    """Transform scalars to floats and arrays to arrays; what has no image becomes NaN."""
    first, second = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    out = transformer.transform(first, second, direction="INVERSE" if inverse else "FORWARD")
    clean = [np.where(np.isfinite(part), part, np.nan) for part in out]
    return (float(clean[0]), float(clean[1])) if first.ndim == 0 else (clean[0], clean[1])


def way_to_5514(crs: CRS) -> Callable[[ArrayLike, ArrayLike], tuple[Any, Any]]:
    """x, y of ``crs`` -> x, y of EPSG:5514: exact within S-JTSK, else over WGS 84 and the pinned EPSG:5239."""
    datum = crs.geodetic_crs.name if crs.geodetic_crs else ""
    if datum in ("S-JTSK", "S-JTSK (Ferro)"):
        within = Transformer.from_crs(crs, WORK_CRS, always_xy=True, allow_ballpark=False)
        return lambda x, y: _apply(within, x, y)
    to_globe = Transformer.from_crs(crs, "EPSG:4326", always_xy=True, allow_ballpark=False)
    return lambda x, y: from_wgs84(*_apply(to_globe, x, y))


def reproject_vector(frame: gpd.GeoDataFrame, source_crs: str | None = None) -> gpd.GeoDataFrame:
    """Give ``frame`` in EPSG:5514, from ``source_crs``, else from its own system; heights and nulls stay."""
    way = way_to_5514(plane_part(CRS.from_user_input(source_crs or frame.crs)))

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([*way(points[:, 0], points[:, 1]), *points[:, 2:].T])

    geometry = np.asarray(frame.geometry.values, dtype=object)
    raised = shapely.has_z(geometry)
    new = geometry.copy()
    new[~raised] = shapely.transform(geometry[~raised], moved)
    new[raised] = shapely.transform(geometry[raised], moved, include_z=True)
    bare = frame.set_crs(None, allow_override=True)
    return bare.set_geometry(gpd.GeoSeries(new, index=frame.index)).set_crs(WORK_CRS)


def plane_part(crs: CRS) -> CRS:
    """The plane part of a compound, bound or three-dimensional system."""
    if crs.is_bound and crs.source_crs is not None:
        return plane_part(crs.source_crs)
    if crs.is_compound:
        return plane_part(crs.sub_crs_list[0])
    return crs.to_2d() if len(crs.axis_info) == 3 else crs
