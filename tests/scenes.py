"""Made roofs with known planes: a deterministic surface model, its footprints and the truth under each pixel.

Everything is analytic: a roof is the lower envelope of planes over a turned rectangle, an L the upper envelope of two
such roofs. Heights are taken at pixel centres, then noise is added. Nothing here is anybody's real property.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import Transformer

ORIGIN = (-690_000.0, -972_000.0)  # EPSG:5514, near Liberec; upper left corner of a scene
SHAPES = ("flat", "shed", "gable", "hip", "ell")
PITCH_DEG = {"flat": (0.0, 2.0), "shed": (8.0, 20.0), "gable": (25.0, 50.0), "hip": (25.0, 45.0), "ell": (25.0, 50.0)}


class Scene(NamedTuple):
    """A surface model with its truth. Rasters are (rows, cols), row 0 is north."""

    dsm: NDArray[np.float32]  # heights [m], NaN nowhere
    transform: Affine
    buildings: gpd.GeoDataFrame  # building_id, part_id, shape, geometry (EPSG:5514)
    plane: NDArray[
        np.int32
    ]  # truth: 0 = no roof plane (ground, chimney, plant room, dormer, tree), else row of planes + 1
    planes: pd.DataFrame  # building_id, tilt_deg, azimuth_deg (true), n_pixels, a, b (grid slopes east and north [-])
    obstacle: NDArray[np.bool_]  # chimneys, plant rooms, dormers
    convergence: float  # grid bearing of true north [deg]


class Slope(NamedTuple):
    """A plane z = a*u + b*v + c over a roof's own axes [m]."""

    a: float
    b: float
    c: float


class Roof(NamedTuple):
    """Rectangle of half sizes hu, hv in its own axes u, v, under the lowest of its slopes [m above ground]."""

    u0: float
    v0: float
    hu: float
    hv: float
    slopes: tuple[Slope, ...]


def grid_convergence(x: float, y: float) -> float:
    """Grid bearing of true north at a point of EPSG:5514 [deg], by walking 100 m along the meridian."""
    to_geo = Transformer.from_crs(5514, 4326, always_xy=True)
    to_grid = Transformer.from_crs(4326, 5514, always_xy=True)
    lon, lat = to_geo.transform(x, y)
    (x0, x1), (y0, y1) = to_grid.transform([lon, lon], [lat, lat + 0.0009])
    return float(np.degrees(np.arctan2(x1 - x0, y1 - y0)))


def _envelope(shape: str, length: float, width: float, tilt: float) -> tuple[Slope, ...]:
    """Slopes of a roof of one shape over the rectangle length x width, lowest eaves at 0 [m]."""
    t = np.tan(np.radians(tilt))
    hu, hv = length / 2, width / 2
    if shape in ("flat", "shed"):
        return (Slope(0.0, t, t * hv),)
    sides = (Slope(0.0, t, t * hv), Slope(0.0, -t, t * hv))
    if shape == "hip":
        return (*sides, Slope(t, 0.0, t * hu), Slope(-t, 0.0, t * hu))
    return sides


def _roofs(shape: str, rng: np.random.Generator) -> tuple[list[Roof], float]:
    """The roof (two for an L) of a random building and its eaves height [m]."""
    width, eaves = rng.uniform(8, 15), rng.uniform(3, 9)
    length = width + rng.uniform(1.5, 12)
    tilt = rng.uniform(*PITCH_DEG[shape])
    main = Roof(0.0, 0.0, length / 2, width / 2, _envelope(shape, length, width, tilt))
    if shape != "ell":
        return [main], eaves
    wing_width = rng.uniform(0.6, 0.95) * width
    wing_length = width / 2 + rng.uniform(5, 9)
    across = _envelope("gable", 2 * wing_length, wing_width, tilt)
    wing = tuple(Slope(s.b, s.a, s.c) for s in across)
    u0 = -length / 2 + wing_width / 2
    return [main, Roof(u0, wing_length / 2, wing_width / 2, wing_length / 2, wing)], eaves


def _height(roof: Roof, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray]:
    """Height above the eaves and index of the lowest slope; -inf outside the rectangle."""
    du, dv = u - roof.u0, v - roof.v0
    stack = np.stack([s.a * du + s.b * dv + s.c for s in roof.slopes])
    which = stack.argmin(axis=0)
    height = np.take_along_axis(stack, which[None], axis=0)[0]
    inside = (np.abs(u - roof.u0) <= roof.hu) & (np.abs(v - roof.v0) <= roof.hv)
    return np.where(inside, height, -np.inf), which


def _superstructures(roofs: list[Roof], shape: str, dormers: bool, rng: np.random.Generator) -> list[tuple[float, ...]]:
    """Boxes (u, v, half u, half v, top) on the main roof; top is [m] above the eaves."""
    main = roofs[0]
    boxes = []
    if shape == "flat" and rng.random() < 0.5:
        hu, hv = rng.uniform(1.2, 2.4, 2)
        u, v = rng.uniform(-1, 1) * (main.hu - hu - 1.5), rng.uniform(-1, 1) * (main.hv - hv - 1.5)
        boxes.append((u, v, hu, hv, main.slopes[0].c + rng.uniform(2.0, 3.0)))
    if shape != "flat" and rng.random() < 0.6:
        u, v = rng.uniform(-0.7, 0.7) * main.hu, rng.uniform(-0.6, 0.6) * main.hv
        top = float(_height(main, np.array([u]), np.array([v]))[0][0]) + rng.uniform(1.0, 2.0)
        boxes.append((u, v, rng.uniform(0.4, 0.75), rng.uniform(0.4, 0.75), top))
    if dormers and shape in ("gable", "ell") and main.hu > 5:
        for _ in range(rng.integers(1, 3)):
            u, v = rng.uniform(-0.6, 0.6) * main.hu, -0.5 * main.hv
            top = main.slopes[0].b * (v + main.hv) + rng.uniform(0.8, 1.3)
            boxes.append((u, v, rng.uniform(1.0, 1.6), 0.25 * main.hv, top))
    return boxes


def _frame(x: NDArray, y: NDArray, centre: tuple[float, float], turn: float) -> tuple[NDArray, NDArray]:
    dx, dy = x - centre[0], y - centre[1]
    c, s = np.cos(turn), np.sin(turn)
    return dx * c + dy * s, -dx * s + dy * c


def _outline(roofs: list[Roof], centre: tuple[float, float], turn: float) -> shapely.Polygon:
    boxes = [shapely.box(r.u0 - r.hu, r.v0 - r.hv, r.u0 + r.hu, r.v0 + r.hv) for r in roofs]
    c, s = np.cos(turn), np.sin(turn)
    return shapely.transform(
        shapely.union_all(boxes),
        lambda p: np.column_stack([p[:, 0] * c - p[:, 1] * s, p[:, 0] * s + p[:, 1] * c]) + centre,
    )


class _Canvas:
    """The rasters of a scene while buildings and trees are put on it."""

    def __init__(self, size: float, cell: float) -> None:
        n = round(size / cell)
        self.cell, self.n = cell, n
        self.x = (np.arange(n) + 0.5) * cell
        self.y = size - (np.arange(n) + 0.5) * cell
        self.z = 350.0 + 0.02 * self.x[None, :] + 0.01 * self.y[:, None]
        self.plane = np.zeros((n, n), np.int32)
        self.obstacle = np.zeros((n, n), bool)
        self.rows: list[dict[str, object]] = []

    def window(self, centre: tuple[float, float], reach: float) -> tuple[slice, slice]:
        col, row = centre[0] / self.cell, self.n - centre[1] / self.cell
        r = reach / self.cell + 1
        return slice(max(int(row - r), 0), max(int(row + r) + 1, 0)), slice(
            max(int(col - r), 0), max(int(col + r) + 1, 0)
        )

    def building(
        self, roofs: list[Roof], boxes: list, eaves: float, centre: tuple[float, float], turn: float, name: str
    ) -> None:
        win = self.window(centre, 30.0)
        u, v = _frame(self.x[win[1]][None, :], self.y[win[0]][:, None], centre, turn)
        heights, which = zip(*(_height(r, u, v) for r in roofs), strict=True)
        top = np.maximum.reduce(heights)
        roofed = np.isfinite(top)
        base = 350.0 + 0.02 * centre[0] + 0.01 * centre[1] + eaves
        plane = self.plane[win]
        for k, roof in enumerate(roofs):
            for j, slope in enumerate(roof.slopes):
                mine = roofed & (heights[k] >= top) & (which[k] == j)
                plane[mine] = self._add_plane(slope, turn, name)
        for bu, bv, hu, hv, box_top in boxes:
            on = roofed & (np.abs(u - bu) <= hu) & (np.abs(v - bv) <= hv) & (box_top > top)
            top = np.where(on, box_top, top)
            plane[on] = 0
            self.obstacle[win][on] = True
        self.z[win][roofed] = base + top[roofed]

    def _add_plane(self, slope: Slope, turn: float, name: str) -> int:
        c, s = np.cos(turn), np.sin(turn)
        self.rows.append({"building_id": name, "a": slope.a * c - slope.b * s, "b": slope.a * s + slope.b * c})
        return len(self.rows)

    def tree(self, centre: tuple[float, float], radius: float, height: float, rng: np.random.Generator) -> None:
        win = self.window(centre, radius)
        d2 = (self.x[win[1]][None, :] - centre[0]) ** 2 + (self.y[win[0]][:, None] - centre[1]) ** 2
        ground = 350.0 + 0.02 * centre[0] + 0.01 * centre[1]
        crown = ground + height * np.sqrt(np.clip(1 - d2 / radius**2, 0, None)) + rng.normal(0, 0.5, d2.shape)
        over = (d2 < radius**2) & (crown > self.z[win])
        self.z[win][over] = crown[over]
        self.plane[win][over] = 0
        self.obstacle[win][over] = False


def make_scene(
    seed: int,
    *,
    size: float = 1000.0,
    cell: float = 1.0,
    noise: float = 0.1,
    dormers: bool = False,
    shift: float = 0.0,
    trees_per_km2: float = 2500.0,
    pitch: float = 53.0,
    shapes: tuple[str, ...] = SHAPES,
) -> Scene:
    """A square quarter of turned buildings on a loose grid, some 320 a km2 at the default spacing of 53 m.

    noise is the standard deviation of heights [m]; shift moves each footprint by that much [m] in a random direction
    against the heights. The same seed gives the same scene, and the same buildings at any cell size or noise.
    """
    rng, heights_rng = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    canvas = _Canvas(size, cell)
    steps = np.arange(pitch / 2, size - pitch / 2 + 1, pitch)
    records = []
    for cy in steps:
        for cx in steps:
            name, shape = f"B{len(records) + 1:04d}", str(rng.choice(list(shapes)))
            centre, turn = (cx + rng.uniform(-5, 5), cy + rng.uniform(-5, 5)), rng.uniform(0, 2 * np.pi)
            roofs, eaves = _roofs(shape, rng)
            boxes = _superstructures(roofs, shape, dormers, rng)
            canvas.building(roofs, boxes, eaves, centre, turn, name)
            way = rng.uniform(0, 2 * np.pi)
            outline = _outline(roofs, (centre[0] + shift * np.cos(way), centre[1] + shift * np.sin(way)), turn)
            records.append((name, "1", shape, outline))
    for _ in range(rng.poisson(trees_per_km2 * size**2 / 1e6)):
        canvas.tree(tuple(rng.uniform(0, size, 2)), rng.uniform(1.5, 4.5), rng.uniform(4, 14), heights_rng)
    return _finish(canvas, records, size, noise, heights_rng)


def _finish(canvas: _Canvas, records: list, size: float, noise: float, rng: np.random.Generator) -> Scene:
    x0, y0 = ORIGIN[0], ORIGIN[1] - size
    names, parts, shapes, outlines = zip(*records, strict=True)
    buildings = gpd.GeoDataFrame(
        {"building_id": names, "part_id": parts, "shape": shapes},
        geometry=[shapely.transform(p, lambda q: q + np.array([x0, y0])) for p in outlines],
        crs=5514,
    )
    convergence = grid_convergence(x0 + size / 2, y0 + size / 2)
    planes = pd.DataFrame(canvas.rows)
    planes["tilt_deg"] = np.degrees(np.arctan(np.hypot(planes.a, planes.b)))
    planes["azimuth_deg"] = (np.degrees(np.arctan2(-planes.a, -planes.b)) - convergence) % 360
    planes["n_pixels"] = np.bincount(canvas.plane.ravel(), minlength=len(planes) + 1)[1:]
    dsm = canvas.z + (rng.normal(0, noise, canvas.z.shape) if noise else 0.0)
    transform = Affine(canvas.cell, 0, ORIGIN[0], 0, -canvas.cell, ORIGIN[1])
    return Scene(dsm.astype(np.float32), transform, buildings, canvas.plane, planes, canvas.obstacle, convergence)


def one_roof(
    shape: str,
    tilt: float,
    azimuth: float,
    *,
    length: float = 16.0,
    width: float = 10.0,
    cell: float = 1.0,
    noise: float = 0.0,
    seed: int = 0,
    paint: Callable[[NDArray], None] | None = None,
) -> Scene:
    """One building in the middle of a 60 m square; the first slope looks to the true azimuth [deg].

    paint may change the heights (NaN holes, chimneys) in place, after the noise.
    """
    rng = np.random.default_rng(seed)
    canvas = _Canvas(60.0, cell)
    grid = azimuth + grid_convergence(ORIGIN[0] + 30, ORIGIN[1] - 30)
    turn = np.radians(180.0 - grid)  # the first slope falls to -v, whose grid azimuth is 180 - turn
    roof = Roof(0.0, 0.0, length / 2, width / 2, _envelope(shape, length, width, tilt))
    canvas.building([roof], [], 5.0, (30.0, 30.0), turn, "B1")
    records = [("B1", "1", shape, _outline([roof], (30.0, 30.0), turn))]
    scene = _finish(canvas, records, 60.0, noise, rng)
    if paint is not None:
        paint(scene.dsm)
    return scene
