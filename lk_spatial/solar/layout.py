"""Where modules fit on a roof plane: rows, portrait and landscape mixed, clear of edges and obstacles."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from geopandas.array import from_shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry as Geometry

from lk_spatial.core.errors import InputError, LkError, Problems
from lk_spatial.solar.packing import FIT, Floats, best_rows, lattice_step

Geometries = NDArray[np.object_]

NO_MODULES: Geometries = np.empty(0, object)
QUARTER = math.pi / 2
SNAP_TO_SLOPE = 10.0  # an edge within so many degrees of the contour line gives the rows their direction [deg]


class PlaneLayout(NamedTuple):
    """Modules on one roof plane.

    ``modules``: outlines in plan, GeoSeries of Polygon in the coordinates of the roof. ``surface_tilt`` [deg] and
    ``grid_azimuth`` [deg] are those of the modules: of the plane where pitched, of the racks where flat.
    """

    modules: gpd.GeoSeries
    surface_tilt: float
    grid_azimuth: float


def layout_modules(
    polygon: Geometry | None,
    *,
    width: float,
    height: float,
    gap: float,
    setback: float,
    obstacles: Geometry | Iterable[Geometry] = (),
) -> gpd.GeoSeries:
    """Outlines of the modules that fit into a polygon in its own plane; may be empty.

    Rows follow the two directions in which the polygon has most edge length; a row is portrait or landscape.
    No module is nearer to the edge (holes too) than ``setback``, nearer to another than ``gap``, or on an obstacle.

    ``polygon`` (Polygon or MultiPolygon) and ``obstacles`` lie in the plane of the roof, in true lengths [m]; None or
    an empty polygon holds no modules. ``width`` and ``height`` > 0 are the sides of a module, ``gap`` >= 0 is the
    clear distance between modules, ``setback`` >= 0 that to the edge [m]. Each outline begins at the lower left
    corner of its row's frame and runs counter-clockwise.

    Raises Problems (an InputError) for sizes that are not finite or out of range. Method: exact free intervals of each
    row, dynamic programming over the rows.

    >>> from shapely import box
    >>> len(layout_modules(box(0, 0, 12, 6), width=1.134, height=1.762, gap=0.02, setback=0.5))
    24
    """
    _check_sizes(width=width, height=height, gap=gap, setback=setback)
    usable = usable_area(polygon, setback, obstacles)
    return _series(_lay(usable, _mixed_rows(width, height, gap), _edge_directions(polygon, 2)))


def layout_on_plane(
    polygon: Geometry | None,
    *,
    surface_tilt: float,
    grid_azimuth: float,
    width: float,
    height: float,
    gap: float,
    setback: float,
    obstacles: Geometry | Iterable[Geometry] = (),
    flat: bool = False,
    flat_tilt: float = 10.0,
    shade_angle: float = 16.0,
) -> PlaneLayout:
    """Modules on a roof plane that is given in plan.

    Pitched: the plan is stretched to the slope, rows run along the contour lines (along a long edge within 10° of
    them), and the outlines are projected back to plan. Flat (``flat=True``): rows of landscape modules on racks that
    face ``grid_azimuth``, tilted by ``flat_tilt``, so far apart that sun at ``shade_angle`` above the horizon, seen
    square to the row, does not fall on the row in front.

    ``polygon`` and ``obstacles``: plan, x east, y north in any metric system [m]. ``surface_tilt`` [deg], below 90,
    is the roof's, taken as 0 where ``flat``. ``grid_azimuth`` [deg]: where the plane (flat: the racks) faces,
    clockwise from grid north; true azimuth + convergence. ``width, height, gap, setback`` as in ``layout_modules``,
    measured in the plane of the roof [m]. ``flat_tilt`` [deg] is the tilt of the racks, ``shade_angle`` [deg] the
    sun's height at which a row begins to shade the next; the defaults are assumptions: common ballasted systems, and
    the sun at noon of the winter solstice at 50.7° N. Shade of obstacles is not kept clear.

    Raises Problems (an InputError) for sizes or angles that are not finite or out of range.
    """
    _check_sizes(width=width, height=height, gap=gap, setback=setback)
    _check_angles(surface_tilt=surface_tilt, grid_azimuth=grid_azimuth, flat_tilt=flat_tilt, shade_angle=shade_angle)
    tilt = flat_tilt if flat else surface_tilt
    frame = _Frame.facing(polygon, grid_azimuth, 0.0 if flat else surface_tilt)
    plane = frame.to_plane(polygon)
    usable = usable_area(plane, setback, frame.to_plane(_union(obstacles)))
    if flat:
        boxes = _lay(usable, _rack_rows(width, height, gap, flat_tilt, shade_angle), [0.0], turns=1)
    else:
        boxes = _lay(usable, _mixed_rows(width, height, gap), [_contour_direction(plane)])
    return PlaneLayout(_series(frame.to_plan(boxes)), tilt, grid_azimuth % 360.0)


def usable_area(polygon: Geometry | None, setback: float, obstacles: Geometry | Iterable[Geometry] = ()) -> Geometry:
    """The polygon less a strip of ``setback`` [m] along its edges, less the obstacles; may be empty.

    Inner corners keep a square distance, so every point of the result is at least ``setback`` from the edge.
    """
    area = _valid(polygon)
    if setback > FIT:
        with np.errstate(invalid="ignore"):  # GEOS divides by the length of tiny edges
            area = shapely.buffer(area, -setback, join_style="mitre")
    blocked = _union(obstacles)
    return area if blocked.is_empty else shapely.difference(area, blocked)


def _lay(usable: Geometry, kinds: Floats, directions: list[float], turns: int = 4) -> Geometries:
    """Module outlines of the fullest layout with rows along one of ``directions`` [rad] or turned by quarters."""
    rings = shapely.get_rings(shapely.get_parts(usable))
    smallest = float((kinds[:, 0] * kinds[:, 1]).min())
    if len(rings) == 0 or usable.area < smallest - 1e-6:
        return NO_MODULES
    points, ring = shapely.get_coordinates(rings, return_index=True)
    origin = points.mean(axis=0)
    points = points - origin
    edges = np.hstack([points[:-1], points[1:]])[ring[:-1] == ring[1:]]
    angles = np.array([direction + turn * QUARTER for direction in directions for turn in range(turns)])
    angle, boxes, _ = best_rows(edges, angles, kinds, lattice_step(*kinds[:, 3].tolist()))
    x, y = boxes[:, [0, 2, 2, 0]], boxes[:, [1, 1, 3, 3]]
    c, s = math.cos(angle), math.sin(angle)
    corners = np.stack([c * x - s * y + origin[0], s * x + c * y + origin[1]], axis=-1)
    return np.asarray(shapely.polygons(corners), object)


def _series(outlines: Geometries) -> gpd.GeoSeries:
    return gpd.GeoSeries(from_shapely(outlines))


def _mixed_rows(width: float, height: float, gap: float) -> Floats:
    """Kinds of row flush with the roof: portrait, and landscape where the module is not square."""
    short, long = sorted((width, height))
    portrait = (short, long, short + gap, long + gap)
    landscape = (long, short, long + gap, short + gap)
    return np.array([portrait] if short == long else [portrait, landscape])


def _rack_rows(width: float, height: float, gap: float, tilt: float, shade_angle: float) -> Floats:
    """The kind of row on racks: landscape modules, the row behind clear of the shade."""
    short, long = sorted((width, height))
    depth = short * math.cos(math.radians(tilt))
    shade = short * math.sin(math.radians(tilt)) / math.tan(math.radians(shade_angle))
    return np.array([(long, depth, long + gap, depth + max(gap, shade))])


def _edge_directions(polygon: Geometry | None, count: int) -> list[float]:
    """The ``count`` directions, modulo a quarter turn, with most edge length [rad]; within 1° they count as one."""
    angle, length = _edge_angles(_valid(polygon))
    found: list[float] = []
    while len(found) < count and length.sum() > 0:
        away = np.abs((angle[:, None] - angle[None, :] + QUARTER / 2) % QUARTER - QUARTER / 2)
        near = away < math.radians(1.0)
        strongest = int(np.argmax(near @ length))
        longest = np.where(near[strongest], length, 0.0)
        found.append(float(angle[int(np.argmax(longest))]))
        length = np.where(near[strongest], 0.0, length)
    return found or [0.0]


def _contour_direction(plane: Geometry) -> float:
    """Direction of the rows on a slope [rad]: the strongest edge direction near the contour lines, else theirs."""
    angle, length = _edge_angles(plane)
    off = (angle + QUARTER / 2) % QUARTER - QUARTER / 2
    near = np.abs(off) < math.radians(SNAP_TO_SLOPE)
    return float(off[near][np.argmax(length[near])]) if near.any() else 0.0


def _edge_angles(polygon: Geometry) -> tuple[Floats, Floats]:
    """Direction modulo a quarter turn [rad] and length [m] of the edges, collinear points removed."""
    rings = shapely.get_rings(shapely.get_parts(shapely.simplify(polygon, 0.01)))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    along = np.diff(points, axis=0)[ring[:-1] == ring[1:]] if len(points) else np.empty((0, 2))
    return np.arctan2(along[:, 1], along[:, 0]) % QUARTER, np.hypot(along[:, 0], along[:, 1])


class _Frame(NamedTuple):
    """Plane coordinates (u along the contour, v up the slope) of a roof that is given in plan."""

    origin: tuple[float, float]
    up: tuple[float, float]
    stretch: float

    @classmethod
    def facing(cls, polygon: Geometry | None, grid_azimuth: float, tilt: float) -> "_Frame":
        azimuth = math.radians(grid_azimuth)
        bounds = (0.0, 0.0) if polygon is None or polygon.is_empty else polygon.bounds[:2]
        return cls(bounds, (-math.sin(azimuth), -math.cos(azimuth)), 1.0 / math.cos(math.radians(tilt)))

    def to_plane(self, geometry: Geometry | None) -> Geometry:
        across, up = (self.up[1], -self.up[0]), self.up
        turn = np.array([across, (up[0] * self.stretch, up[1] * self.stretch)])
        return shapely.transform(_valid(geometry), lambda points: (points - self.origin) @ turn.T)

    def to_plan(self, geometries: Geometries) -> Geometries:
        across, up = (self.up[1], -self.up[0]), self.up
        back = np.array([across, (up[0] / self.stretch, up[1] / self.stretch)])
        return shapely.transform(geometries, lambda points: points @ back + self.origin)


def _valid(geometry: Geometry | None) -> Geometry:
    """The geometry, repaired where it crosses itself; None becomes an empty one."""
    if geometry is None:
        return shapely.Polygon()
    return geometry if shapely.is_valid(geometry) else shapely.make_valid(geometry)


def _union(geometries: Geometry | Iterable[Geometry]) -> Geometry:
    """One valid geometry of one, several or no geometries."""
    if isinstance(geometries, Geometry):
        return _valid(geometries)
    parts = np.array([*geometries], dtype=object)
    if len(parts) == 0:
        return shapely.Polygon()
    broken = ~shapely.is_valid(parts)
    parts[broken] = shapely.make_valid(parts[broken])
    return shapely.union_all(parts)


def _check_sizes(**sizes: float) -> None:
    """Raise for sizes that are not finite, for module sides of zero and for negative distances."""
    problems: list[LkError] = [
        InputError("layout_size_wrong", name=name, got=value)
        for name, value in sizes.items()
        if not math.isfinite(value) or value < 0 or (value == 0 and name in ("width", "height"))
    ]
    if problems:
        raise Problems(problems)


def _check_angles(**angles: float) -> None:
    """Raise for angles that are not finite or out of range."""
    limits = {"surface_tilt": (0.0, 89.0), "flat_tilt": (0.0, 60.0), "shade_angle": (1.0, 90.0)}
    problems: list[LkError] = []
    for name, value in angles.items():
        low, high = limits.get(name, (-math.inf, math.inf))
        if not (math.isfinite(value) and low <= value <= high):
            problems.append(InputError("layout_angle_wrong", name=name, got=value, low=low, high=high))
    if problems:
        raise Problems(problems)
