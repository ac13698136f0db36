"""The invented quarter as geometry: blocks with roofs, things on the roofs, terrain, trees.

Local coordinates: metres east (x) and north (y) of the quarter's south-west corner. A building has axes u (along its
grid bearing) and v (90° to the left of u); a block has axes p (along its length) and q (90° to the left of p).
"""

from collections.abc import Iterable
from functools import partial
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lk_spatial.sample.noise import Array, uniform

ORIGIN = (-688_200.0, -974_600.0)  # south-west corner in EPSG:5514 [m]
SIZE = (400.0, 350.0)  # east–west, north–south [m]
CELL = 0.5  # [m]
CONVERGENCE = 7.342  # grid bearing of true north at the quarter's middle [deg], tested against PROJ
SEED = 5514

Frame = tuple[float, float, tuple[float, float]]  # origin x, y and u axis of a building
Plane = tuple[float, float, float]  # height = c + a·p + b·q over the block's centre: (a, b, c)


class Block(NamedTuple):
    """A rectangle with a roof: the place of its centre, its axes, its planes (the roof is their lower envelope)."""

    building_id: str
    part_id: str
    x: float
    y: float
    p_axis: tuple[float, float]
    length: float
    width: float
    overhang: float
    parapet: float
    floor: float
    planes: tuple[Plane, ...]

    def local(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Coordinates p, q [m] of points x, y in the block's own axes."""
        (east, north), dx, dy = self.p_axis, x - self.x, y - self.y
        return dx * east + dy * north, dy * east - dx * north


class Thing(NamedTuple):
    """A box on a roof (chimney, plant room, skylight, dormer): centre, axes, size, absolute height of its top [m]."""

    building_id: str
    kind: str
    x: float
    y: float
    p_axis: tuple[float, float]
    length: float
    width: float
    top: float


class Tree(NamedTuple):
    """A crown: place, radius and height above the ground [m]."""

    x: float
    y: float
    radius: float
    height: float


def rows_of(table: pd.DataFrame) -> Iterable[Any]:
    """The rows of a table as named tuples."""
    return table.itertuples(index=False)


def read_scene_table(name: str) -> pd.DataFrame:
    """A table that describes the quarter (``blocks``, ``objects``, ``attributes``)."""
    source = files("lk_spatial").joinpath("data", "sample", f"{name}.csv")
    with source.open(encoding="utf-8") as stream:
        return pd.read_csv(stream, dtype={"building_id": str, "part_id": str, "ean": str})


def axis(bearing_deg: float) -> tuple[float, float]:
    """Unit vector (east, north) of a grid bearing."""
    angle = np.radians(bearing_deg)
    return float(np.sin(angle)), float(np.cos(angle))


def terrain(x: Array, y: Array) -> Array:
    """Ground height [m Bpv] at local x, y [m]: a slope of some 4 % up to the north-east with soft waves."""
    waves = 1.6 * np.sin(x / 63.0 + 0.8) * np.cos(y / 54.0) + 0.5 * np.sin((x + 2 * y) / 29.0)
    return 387.0 + 0.026 * x + 0.033 * y + waves


def roof_planes(roof: str, eaves: float, pitch_deg: float, length: float, width: float) -> tuple[Plane, ...]:
    """Planes of a roof whose lower envelope it is; heights above the floor [m], slopes [-]."""
    t, half = float(np.tan(np.radians(pitch_deg))), width / 2
    sides: tuple[Plane, ...] = ((0.0, t, eaves + t * half), (0.0, -t, eaves + t * half))
    if roof == "flat":
        return ((0.0, 0.0, eaves),)
    if roof == "shed":
        return ((0.0, t, eaves + t * half),)
    if roof == "gable":
        return sides
    if roof in ("hip", "pyramid"):
        return *sides, (t, 0.0, eaves + t * length / 2), (-t, 0.0, eaves + t * length / 2)
    if roof == "half_hip":
        top = eaves + 0.55 * t * half
        steep = float(np.tan(np.radians(pitch_deg + 12)))
        return *sides, (steep, 0.0, top + steep * length / 2), (-steep, 0.0, top + steep * length / 2)
    if roof == "barrel":
        return barrel_planes(eaves, pitch_deg, width)
    raise ValueError(f"unknown roof {roof!r}")


def barrel_planes(eaves: float, edge_deg: float, width: float, strips: int = 7) -> tuple[Plane, ...]:
    """Tangent planes of a round arch that meets the walls at ``edge_deg``: sheets laid on an arched girder."""
    radius = width / 2 / float(np.sin(np.radians(edge_deg)))
    centre = eaves - radius * float(np.cos(np.radians(edge_deg)))
    angles = np.radians(np.linspace(-edge_deg, edge_deg, strips) * (strips - 1) / strips)
    return tuple((0.0, -float(np.tan(a)), centre + radius / float(np.cos(a))) for a in angles)


def building_frames(blocks: pd.DataFrame) -> dict[str, Frame]:
    """Origin and u axis of each building."""
    first = blocks.drop_duplicates("building_id")
    return {row.building_id: (row.x, row.y, axis(row.bearing_deg)) for row in rows_of(first)}


def place(frame: Frame, u: Any, v: Any) -> tuple[Any, Any]:
    """Local x, y of the point u, v (numbers or arrays) of a building."""
    x, y, (east, north) = frame
    return x + u * east - v * north, y + u * north + v * east


def read_blocks() -> list[Block]:
    """All blocks of the quarter."""
    table = read_scene_table("blocks")
    frames = building_frames(table)
    return [
        Block(
            row.building_id,
            row.part_id,
            *place(frames[row.building_id], row.u, row.v),
            axis(row.bearing_deg - row.turn_deg),
            row.length_m,
            row.width_m,
            row.overhang_m,
            row.parapet_m,
            float(np.round(terrain(*np.array(frames[row.building_id][:2])), 1)),
            roof_planes(row.roof, row.eaves_m, row.pitch_deg, row.length_m, row.width_m),
        )
        for row in rows_of(table)
    ]


def read_things() -> list[Thing]:
    """All things on roofs; their tops are absolute heights [m Bpv]."""
    blocks = read_scene_table("blocks")
    frames = building_frames(blocks)
    floors = {block.building_id: block.floor for block in read_blocks()}
    return [
        Thing(
            row.building_id,
            row.kind,
            *place(frames[row.building_id], row.u, row.v),
            frames[row.building_id][2],
            row.length_m,
            row.width_m,
            floors[row.building_id] + row.top_m,
        )
        for row in rows_of(read_scene_table("objects"))
    ]


def footprints() -> dict[tuple[str, str], shapely.Polygon]:
    """Walls of each building part in local coordinates, to the centimetre, in the order of the table."""
    table = read_scene_table("blocks")
    frames = building_frames(table)
    upright = table["turn_deg"] == 0
    half_u = np.where(upright, table["length_m"], table["width_m"]) / 2
    half_v = np.where(upright, table["width_m"], table["length_m"]) / 2
    boxes = shapely.box(table["u"] - half_u, table["v"] - half_v, table["u"] + half_u, table["v"] + half_v)
    walls: dict[tuple[str, str], shapely.Polygon] = {}
    for building, part in dict.fromkeys(zip(table["building_id"], table["part_id"], strict=True)):
        own = ((table["building_id"] == building) & (table["part_id"] == part)).to_numpy()
        joined = shapely.simplify(shapely.union_all(boxes[own]), 0)
        turned: Any = shapely.transform(joined, partial(to_local, frame=frames[building]))
        walls[building, part] = shapely.normalize(turned)
    return walls


def to_local(points: Array, *, frame: Frame) -> Array:
    """Points u, v of a building as local x, y, rounded to the centimetre."""
    return np.round(np.column_stack(place(frame, points[:, 0], points[:, 1])), 2)


def plant_trees(walls: list[shapely.Polygon], tries: int = 420) -> list[Tree]:
    """Trees at places drawn from the seed, none of which touches a building or a street."""
    x, y, size, slender = uniform(4 * tries, SEED + 1).reshape(4, tries)
    x, y, radius = x * SIZE[0], y * SIZE[1], 1.6 + 3.2 * size
    room = shapely.distance(shapely.union_all(walls), shapely.points(x, y)) - radius
    streets: NDArray[np.bool_] = (np.abs(y - 168) < 6) | (np.abs(y - 238) < 5) | (np.abs(x - 206) < 5)
    keep = (room > 0.6) & ~streets
    heights = radius * (1.9 + 1.6 * slender)
    return [Tree(*np.round(t, 2).tolist()) for t in np.column_stack([x, y, radius, heights])[keep]]
