"""The quarter's surface model, and the true roof planes that an honest method should find in it."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lk_spatial.sample.noise import Array, normal
from lk_spatial.sample.scene import CELL, CONVERGENCE, SEED, SIZE, Block, Thing, Tree, rows_of, terrain

NODATA = -9999.0
NOISE_M = 0.05  # standard deviation of the surface's noise [m]
NODATA_ROWS = 10  # the southernmost rows, as at the edge of a flight
VOIDS = ((95.0, 30.0, 5.0), (52.0, 49.0, 2.0))  # x, y, radius [m]: a pond, a wet patch on a flat roof
Grid = tuple[Array, Array]  # x, y of cell centres, local coordinates [m]


def cell_centres(west: float, south: float, east: float, north: float, cell: float) -> Grid:
    """Centres of the cells that fill a box, first row in the north [m]."""
    x = west + cell * (np.arange(round((east - west) / cell)) + 0.5)
    y = north - cell * (np.arange(round((north - south) / cell)) + 0.5)
    xx, yy = np.meshgrid(x, y)
    return xx, yy


def roof_height(block: Block, grid: Grid, *, overhang: bool = True) -> tuple[Array, NDArray[np.intp]]:
    """Roof height [m Bpv] over each cell, NaN beside the roof, and the number of the plane."""
    p, q = block.local(*grid)
    planes = np.stack([c + a * p + b * q for a, b, c in block.planes])
    grown = block.overhang if overhang else 0.0
    inside = (np.abs(p) <= block.length / 2 + grown) & (np.abs(q) <= block.width / 2 + grown)
    return np.where(inside, planes.min(axis=0) + block.floor, np.nan), planes.argmin(axis=0)


def thing_height(thing: Thing, grid: Grid) -> Array:
    """Top of a chimney, plant room … [m Bpv], NaN beside it."""
    east, north = thing.p_axis
    dx, dy = grid[0] - thing.x, grid[1] - thing.y
    p, q = dx * east + dy * north, dy * east - dx * north
    inside = (np.abs(p) <= thing.length / 2) & (np.abs(q) <= thing.width / 2)
    return np.where(inside, thing.top, np.nan)


def tree_height(tree: Tree, grid: Grid) -> Array:
    """A crown like half an egg [m Bpv], NaN beside it."""
    r2 = ((grid[0] - tree.x) ** 2 + (grid[1] - tree.y) ** 2) / tree.radius**2
    ground = terrain(np.array(tree.x), np.array(tree.y))
    return np.where(r2 <= 1, ground + tree.height * (0.45 + 0.55 * np.sqrt(np.maximum(1 - r2, 0))), np.nan)


def parapet(block: Block, walls: shapely.Polygon, grid: Grid) -> Array:
    """What the parapet adds to a roof [m]: its height along the outer walls, else 0."""
    inner = shapely.buffer(walls, -0.5, join_style="mitre")
    return np.where(shapely.contains_xy(inner, *grid), 0.0, block.parapet)


def surface(
    blocks: list[Block], things: list[Thing], trees: list[Tree], walls: dict[tuple[str, str], shapely.Polygon]
) -> NDArray[np.float32]:
    """The surface model, row 0 in the north, heights to the centimetre [m Bpv], nodata −9999."""
    grid = cell_centres(0, 0, *SIZE, CELL)
    dsm = terrain(*grid)
    rough = normal(dsm.size, SEED).reshape(dsm.shape)
    for tree in trees:
        window = near(tree.x, tree.y, tree.radius + 1, dsm.shape)
        part = grid[0][window], grid[1][window]
        dsm[window] = np.fmax(dsm[window], tree_height(tree, part) + 0.35 * rough[window])
    for block in blocks:
        window = near(block.x, block.y, block.length / 2 + block.width / 2 + 3, dsm.shape)
        part = grid[0][window], grid[1][window]
        height = roof_height(block, part)[0]
        if block.parapet:
            height += parapet(block, walls[block.building_id, block.part_id], part)
        dsm[window] = np.fmax(dsm[window], height)
    for thing in things:
        window = near(thing.x, thing.y, thing.length + thing.width + 1, dsm.shape)
        dsm[window] = np.fmax(dsm[window], thing_height(thing, (grid[0][window], grid[1][window])))
    dsm = np.round(dsm + NOISE_M * rough, 2)
    dsm[-NODATA_ROWS:] = NODATA
    for x, y, radius in VOIDS:
        dsm[(grid[0] - x) ** 2 + (grid[1] - y) ** 2 <= radius**2] = NODATA
    return dsm.astype(np.float32)


def near(x: float, y: float, reach: float, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of the cells within ``reach`` [m] of a point, a square."""
    rows, cols = shape
    top, bottom = (SIZE[1] - y - reach) / CELL, (SIZE[1] - y + reach) / CELL
    left, right = (x - reach) / CELL, (x + reach) / CELL
    return slice(max(int(top), 0), min(int(bottom) + 1, rows)), slice(max(int(left), 0), min(int(right) + 1, cols))


def true_planes(
    blocks: list[Block], things: list[Thing], walls: dict[tuple[str, str], shapely.Polygon]
) -> pd.DataFrame:
    """Every roof plane as built: tilt, TRUE azimuth (null where flat), plan area seen from above within the walls."""
    rows = []
    for (building, part), shape in walls.items():
        own = [block for block in blocks if (block.building_id, block.part_id) == (building, part)]
        on_top = [thing for thing in things if thing.building_id == building]
        for number, values in enumerate(planes_of_part(own, on_top, shape), start=1):
            rows.append({"building_id": building, "part_id": part, "plane": number, **values})
    return pd.DataFrame(rows)


def planes_of_part(blocks: list[Block], things: list[Thing], walls: shapely.Polygon) -> list[dict[str, object]]:
    """The planes of one building part as seen from above, counted on cells of 0.1 m; a plane that goes on in
    another block (same equation in space) is one plane.
    """
    fine = 0.1
    west, south, east, north = np.round(walls.bounds, 1)
    grid = cell_centres(west - fine, south - fine, east + fine, north + fine, fine)
    heights, owner = np.full(grid[0].shape, -np.inf), np.zeros(grid[0].shape, dtype=int)
    for index, block in enumerate(blocks):
        roof, plane = roof_height(block, grid, overhang=False)
        higher = roof > heights + 1e-6
        heights[higher], owner[higher] = roof[higher], (index * 100 + plane)[higher]
    inside = shapely.contains_xy(walls, *grid) & np.isfinite(heights)
    covered = np.zeros(grid[0].shape, dtype=bool)
    for thing in things:
        covered |= thing_height(thing, grid) > heights
    cells = pd.DataFrame({"code": owner[inside], "z": heights[inside], "free": ~covered[inside]})
    equation = {code: gradient(blocks[code // 100], code % 100) for code in cells["code"].unique()}
    cells["equation"] = cells["code"].map(equation)
    planes = cells.groupby("equation", sort=True).agg(n=("z", "size"), free=("free", "sum"), z=("z", "mean"))
    planes = planes[planes["n"] * fine**2 >= 1.0]
    return [
        {
            **orientation(east, north),
            "plan_area_m2": round(row.free * fine**2, 2),
            "plan_area_with_objects_m2": round(row.n * fine**2, 2),
            "elevation_m": round(row.z, 2),
        }
        for (east, north, _), row in zip(planes.index, rows_of(planes), strict=True)
    ]


def gradient(block: Block, plane: int) -> tuple[float, float, float]:
    """Rise of a plane towards grid east and grid north [-], and its height at the quarter's corner [m], rounded."""
    a, b, c = block.planes[plane]
    east, north = block.p_axis
    rise_east, rise_north = a * east - b * north, a * north + b * east
    corner = block.floor + c - rise_east * block.x - rise_north * block.y
    return round(rise_east, 6) + 0.0, round(rise_north, 6) + 0.0, round(corner, 2)


def orientation(rise_east: float, rise_north: float) -> dict[str, object]:
    """Kind, tilt and TRUE azimuth (clockwise from true north) [deg] of a plane."""
    tilt = float(np.degrees(np.arctan(np.hypot(rise_east, rise_north))))
    if tilt < 0.5:
        return {"kind": "flat", "tilt_deg": round(tilt, 3), "azimuth_deg": None}
    grid_azimuth = float(np.degrees(np.arctan2(-rise_east, -rise_north)))
    return {"kind": "pitched", "tilt_deg": round(tilt, 3), "azimuth_deg": round((grid_azimuth - CONVERGENCE) % 360, 3)}
