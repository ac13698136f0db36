"""Where modules fit on roof planes: rows, portrait and landscape mixed, clear of edges and obstacles; many at once."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from geopandas.array import from_shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry as Geometry

from lk_spatial.core.errors import InputError, LkError, Problems
from lk_spatial.solar.bands import FIT
from lk_spatial.solar.directions import directions_near, edge_ends, strongest_directions
from lk_spatial.solar.packing import Floats, lattice_step, pack

Geometries = NDArray[np.object_]

SNAP_TO_SLOPE = 10.0  # an edge within so many degrees of the contour line gives the rows their direction [deg]
TURN_TO_EDGE = 30.0  # racks follow a roof's edge that is within so many degrees of where they would face [deg]
NOTHING = shapely.Polygon()


class ModuleSize(NamedTuple):
    """Sides of a module [m] and how it is laid.

    ``gap`` between modules and ``setback`` from the edge [m]. On flat roofs, by ``flat_layout``: "south" rows tilted
    by ``flat_tilt`` [deg], so far apart that sun at ``shade_angle`` [deg], seen square to the row, does not fall on the
    row in front; "east_west" pairs, ridge to ridge, ``pair_aisle`` [m] apart; "flush". Fields of modules have no side
    longer than ``max_field`` [m] and are ``fire_strip`` [m] apart.
    """

    width: float
    height: float
    gap: float
    setback: float
    flat_tilt: float = 10.0
    shade_angle: float = 16.0
    flat_layout: str = "south"
    pair_aisle: float = 0.3
    fire_strip: float = 0.0
    max_field: float = math.inf

    def check(self) -> None:
        """Raise Problems (an InputError) for sizes or angles that are not finite or out of range."""
        _check_sizes(self)
        _check_angles(flat_tilt=(self.flat_tilt, 0.0, 60.0), shade_angle=(self.shade_angle, 1.0, 90.0))


class Roofs(NamedTuple):
    """Roof planes in plan: polygons, what stands on each (one geometry, empty where nothing), tilt and grid azimuth.

    Coordinates x east, y north in any metric system [m]; arrays (n,). ``tilt`` [deg] below 90; ``grid_azimuth`` [deg]
    clockwise from grid north (true azimuth + convergence): where the plane falls to, or where racks shall face.
    """

    polygons: Geometries
    obstacles: Geometries
    tilt: Floats
    grid_azimuth: Floats


class Laid(NamedTuple):
    """Modules: outlines in plan, number of the roof, tilt and grid azimuth [deg] of the MODULE; arrays (n,).

    Ordered by roof; of pairs first all that face one way.
    """

    outlines: Geometries
    roof: NDArray[np.intp]
    tilt: Floats
    grid_azimuth: Floats


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
    level = one_roof(polygon, obstacles, 0.0, 180.0)
    return gpd.GeoSeries(from_shapely(lay_level(level, ModuleSize(width, height, gap, setback)).outlines))


def one_roof(
    polygon: Geometry | None, obstacles: Geometry | Iterable[Geometry], tilt: float, grid_azimuth: float
) -> Roofs:
    """A single roof plane for the functions that lay many."""
    stands = [obstacles] if isinstance(obstacles, Geometry) else list(obstacles)
    area = np.array([NOTHING if polygon is None else polygon], object)
    return Roofs(area, unite(1, stands, [0] * len(stands)), np.array([tilt]), np.array([grid_azimuth]))


def lay_level(roofs: Roofs, size: ModuleSize) -> Laid:
    """Modules flush with roofs whose polygons are given in their own plane: rows along the strongest two directions."""
    size.check()
    area = _valid(roofs.polygons)
    found = _fill(area, roofs.obstacles, strongest_directions(area, 2), 4, _mixed_rows(size), size)
    return Laid(_outlines(found.corners()), found.roof, np.zeros(len(found.roof)), roofs.grid_azimuth[found.roof])


def lay_sloped(roofs: Roofs, size: ModuleSize) -> Laid:
    """Modules flush with pitched planes: rows run along the contour lines, or along a long edge within 10° of them.

    Sizes are those on the slope: the plan is stretched to it, and outlines are projected back.
    """
    size.check()
    _check_angles(surface_tilt=(roofs.tilt, 0.0, 89.0), grid_azimuth=(roofs.grid_azimuth, -math.inf, math.inf))
    frames = _Frames.facing(roofs)
    area = frames.to_plane(_valid(roofs.polygons))
    rows = directions_near(area, np.zeros(len(area)), math.radians(SNAP_TO_SLOPE))
    found = _fill(area, frames.to_plane(roofs.obstacles), rows, 4, _mixed_rows(size), size)
    outlines = _outlines(frames.to_plan(found.corners(), found.roof))
    return Laid(outlines, found.roof, roofs.tilt[found.roof], roofs.grid_azimuth[found.roof] % 360.0)


def lay_racks(roofs: Roofs, size: ModuleSize) -> Laid:
    """Landscape modules on racks on flat roofs: rows that face ``grid_azimuth``, or pairs square to it.

    Where an edge of the roof is within 30° of a row, the row runs along the edge, and its modules face accordingly.
    Of a pair one module faces 90° to the left of ``grid_azimuth`` (east, where that is south), the other to the right.
    The roof counts as horizontal; shade of obstacles is not kept clear.
    """
    size.check()
    _check_angles(grid_azimuth=(roofs.grid_azimuth, -math.inf, math.inf))
    pairs = size.flat_layout == "east_west"
    facing = roofs.grid_azimuth - (90.0 if pairs else 0.0)
    area = _valid(roofs.polygons)
    rows = directions_near(area, np.radians(180.0 - facing), math.radians(TURN_TO_EDGE))
    found = _fill(area, roofs.obstacles, rows, 1, _rack_rows(size), size)
    azimuth = 180.0 - np.degrees(found.angle)
    if pairs:
        found, azimuth = _halves(found, azimuth, _rack_depth(size))
    return Laid(_outlines(found.corners()), found.roof, np.full(len(found.roof), size.flat_tilt), azimuth % 360.0)


def usable_area(polygon: Geometry | None, setback: float, obstacles: Geometry | Iterable[Geometry] = ()) -> Geometry:
    """The polygon less a strip of ``setback`` [m] along its edges, less the obstacles; may be empty.

    Inner corners keep a square distance, so every point of the result is at least ``setback`` from the edge.
    """
    roof = one_roof(polygon, obstacles, 0.0, 0.0)
    return _usable(_valid(roof.polygons), roof.obstacles, setback)[0]


def unite(count: int, geometries: Sequence[Geometry], of: Sequence[int]) -> Geometries:
    """One valid geometry for each of ``count`` roofs, empty where none: the union of those that are its (``of``)."""
    found = np.full(count, NOTHING, object)
    if len(geometries) == 0:
        return found
    order = np.argsort(of, kind="stable")
    together = np.full(count, None, object)
    parts, index = _valid(np.array([*geometries, None], object)[:-1])[order], np.asarray(of)[order]
    shapely.geometrycollections(parts, indices=index, out=together)
    some = np.unique(index)
    found[some] = shapely.normalize(shapely.union_all(together[some, None], axis=1))
    return found


class _Boxes(NamedTuple):
    """Boxes (n, 4) by roof, in the frame of their rows: turned by ``angle`` (n,) [rad], with its ``origin`` (n, 2)."""

    box: Floats
    roof: NDArray[np.intp]
    angle: Floats
    origin: Floats

    def corners(self) -> Floats:
        """Corners (n, 5, 2), counter-clockwise from the lower left of the row's frame and back."""
        x, y = self.box[:, [0, 2, 2, 0, 0]], self.box[:, [1, 1, 3, 3, 1]]
        c, s = np.cos(self.angle)[:, None], np.sin(self.angle)[:, None]
        found = np.empty((len(x), 5, 2))
        found[..., 0] = c * x - s * y + self.origin[:, :1]
        found[..., 1] = s * x + c * y + self.origin[:, 1:]
        return found


def _fill(
    area: Geometries, obstacles: Geometries, directions: Floats, turns: int, kinds: Floats, size: ModuleSize
) -> _Boxes:
    """The fullest layouts of the areas with rows along their ``directions`` (n, d) or turned by quarters."""
    usable = _usable(area, obstacles, size.setback)
    edges, first = edge_ends(usable)
    origin = shapely.bounds(usable)[:, :2]
    edges -= np.repeat(np.tile(origin, 2), np.diff(first), axis=0)
    smallest, net = float((kinds[:, 0] * kinds[:, 1]).min()), shapely.area(usable)
    room = np.where(net < smallest - 1e-6, 0, net // smallest + 2).astype(np.int64)
    step, fields = lattice_step(*kinds[:, 3].tolist()), np.array([size.max_field, size.fire_strip])
    box, roof, angle = pack(edges, first, directions, turns, room, kinds, step, fields)
    return _Boxes(box, roof, angle[roof], origin[roof])


def _halves(pairs: _Boxes, azimuth: Floats, depth: float) -> tuple[_Boxes, Floats]:
    """The modules of pairs with their azimuth: by roof first those in front, then those that face the other way."""
    front, behind = pairs.box.copy(), pairs.box.copy()
    front[:, 3], behind[:, 1] = front[:, 1] + depth, behind[:, 3] - depth
    order = np.argsort(np.tile(pairs.roof, 2), kind="stable")
    box, azimuth = np.concatenate([front, behind]), np.concatenate([azimuth, azimuth + 180.0])
    rest = (np.concatenate([each, each])[order] for each in pairs[1:])
    return _Boxes(box[order], *rest), azimuth[order]


def _outlines(corners: Floats) -> Geometries:
    """Polygons of corners (n, 5, 2)."""
    count = np.arange(len(corners) + 1)
    kind = shapely.GeometryType.POLYGON
    return np.asarray(shapely.from_ragged_array(kind, corners.reshape(-1, 2), (5 * count, count)), object)


def _mixed_rows(size: ModuleSize) -> Floats:
    """Kinds of row flush with the roof: portrait, and landscape where the module is not square."""
    short, long = sorted((size.width, size.height))
    portrait = (short, long, short + size.gap, long + size.gap)
    landscape = (long, short, long + size.gap, short + size.gap)
    return np.array([portrait] if short == long else [portrait, landscape])


def _rack_rows(size: ModuleSize) -> Floats:
    """The kind of row on racks: landscape modules, the row behind clear of the shade; or pairs of them."""
    long, depth = max(size.width, size.height), _rack_depth(size)
    if size.flat_layout == "east_west":
        pair = 2.0 * depth + size.gap
        return np.array([(long, pair, long + size.gap, pair + max(size.gap, size.pair_aisle))])
    rise = min(size.width, size.height) * math.sin(math.radians(size.flat_tilt))
    shade = rise / math.tan(math.radians(size.shade_angle))
    return np.array([(long, depth, long + size.gap, depth + max(size.gap, shade))])


def _rack_depth(size: ModuleSize) -> float:
    """Depth in plan of a landscape module on a rack [m]."""
    return min(size.width, size.height) * math.cos(math.radians(size.flat_tilt))


class _Frames(NamedTuple):
    """Plane coordinates (u along the contour, v up the slope) of roofs that are given in plan: arrays (n, …).

    A point of plan, less ``origin``, is multiplied by ``matrix`` and comes to lie in the plane.
    """

    origin: Floats
    matrix: Floats
    back: Floats

    @classmethod
    def facing(cls, roofs: Roofs) -> "_Frames":
        azimuth, stretch = np.radians(roofs.grid_azimuth), 1.0 / np.cos(np.radians(roofs.tilt))
        across = np.stack([-np.cos(azimuth), np.sin(azimuth)], axis=-1)
        up = np.stack([-np.sin(azimuth), -np.cos(azimuth)], axis=-1)
        matrix = np.stack([across, up * stretch[:, None]], axis=1)
        back = np.stack([across, up / stretch[:, None]], axis=2)
        return cls(np.nan_to_num(shapely.bounds(roofs.polygons)[:, :2]), matrix, back)

    def to_plane(self, geometries: Geometries) -> Geometries:
        points, of = shapely.get_coordinates(geometries, return_index=True)
        moved = np.einsum("nij,nj->ni", self.matrix[of], points - self.origin[of])
        return np.asarray(shapely.set_coordinates(geometries.copy(), moved), object)

    def to_plan(self, corners: Floats, of: NDArray[np.intp]) -> Floats:
        return np.einsum("nij,npj->npi", self.back[of], corners) + self.origin[of, None]


def _usable(areas: Geometries, obstacles: Geometries, setback: float) -> Geometries:
    """Areas less the setback, less the obstacles."""
    if setback > FIT:
        with np.errstate(invalid="ignore"):  # GEOS divides by the length of tiny edges
            areas = shapely.buffer(areas, -setback, join_style="mitre")
    cut = ~shapely.is_empty(obstacles)
    found = areas.copy()
    found[cut] = shapely.difference(areas[cut], obstacles[cut])
    return found


def _valid(geometries: Geometries) -> Geometries:
    """The geometries in normal form, repaired where they cross themselves; None becomes an empty one."""
    found = np.where(shapely.is_missing(geometries), NOTHING, geometries)
    broken = ~shapely.is_valid(found)
    found[broken] = shapely.make_valid(found[broken])
    return np.asarray(shapely.normalize(found), object)


def _check_sizes(size: ModuleSize) -> None:
    """Raise for sizes that are not finite, for module sides of zero and for negative distances."""
    names = ("width", "height", "gap", "setback", "pair_aisle", "fire_strip")
    problems: list[LkError] = [
        InputError("layout_size_wrong", name=name, got=getattr(size, name))
        for name in names
        if not math.isfinite(getattr(size, name))
        or getattr(size, name) < 0
        or (getattr(size, name) == 0 and name in ("width", "height"))
    ]
    if problems:
        raise Problems(problems)


def _check_angles(**angles: tuple[Floats | float, float, float]) -> None:
    """Raise for angles that are not finite or out of range: values, lowest, highest [deg]."""
    problems: list[LkError] = []
    for name, (values, low, high) in angles.items():
        found = np.atleast_1d(values)
        wrong = found[~(np.isfinite(found) & (found >= low) & (found <= high))]
        if len(wrong):
            problems.append(InputError("layout_angle_wrong", name=name, got=float(wrong[0]), low=low, high=high))
    if problems:
        raise Problems(problems)
