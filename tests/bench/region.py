"""A made region on disk: ``python -m tests.bench.region DIR [--size 10000]``; a run is not limited by its memory.

DIR gets ``dsm.vrt`` over GeoTIFFs of 2,000 × 2,000 px (1 m) in ``dsm/``, ``buildings.gpkg``, ``terrain.tif`` (the bare
ground at 20 m, 20 km farther on all sides) and ``weather.csv``. The ground is hilly; on it a few made quarters (town,
villages, hamlets; see tests/scenes.py) lie mirrored over and over, 143 buildings a km2. Quarters are centred on whole
kilometres, so that edges of files and of the job's tiles cut through buildings. The same size gives the same pixels.
"""

import argparse
import shutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as Xml

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray

from lk_spatial.io.rasterize import rasterize_ids
from tests.scenes import make_scene

WEST, NORTH = -700_000, -968_000  # EPSG:5514, a corner of the job's tiles
FILE, QUARTER, PITCHES = 2000, 1000, (53.0, 53.0, 110.0, 110.0, 200.0, 200.0)  # [m]; a building near a quarter's middle
TERRAIN_CELL, TERRAIN_MARGIN = 20, 20_000  # [m]
WAVES = ((220.0, 14_300.0, 0.4), (90.0, 6_100.0, 1.9), (35.0, 2_900.0, 2.7))  # height [m], length [m], bearing [rad]
WEATHER = Path(__file__).resolve().parents[2] / "sample_data" / "weather_liberec_synthetic.csv"


class Quarter(NamedTuple):
    """A made scene in its own coordinates [m], the origin in its lower left corner."""

    dsm: NDArray[np.float32]
    number: NDArray[np.int32]  # of the building on a pixel, 0 = none
    outlines: NDArray[np.object_]
    centres: NDArray[np.float64]  # (buildings, 2)


class Window(NamedTuple):
    """Pixels of the region: first row and column, and how many."""

    row: int
    col: int
    rows: int
    cols: int


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=10_000, help="side of the region [px of 1 m]")
    given = parser.parse_args(arguments)
    buildings = write_region(given.folder, given.size)
    print(f"{given.size} × {given.size} px, {buildings} buildings")
    return 0


def write_region(folder: Path, size: int, *, file: int = FILE) -> int:
    """Write everything and give the number of buildings; at no time more than one file's pixels are in memory."""
    (folder / "dsm").mkdir(parents=True, exist_ok=True)
    names = []
    for window in windows(size, file):
        names.append((f"dsm/dsm_{window.row // file:02d}_{window.col // file:02d}.tif", window))
        corner = Affine(1, 0, WEST + window.col, 0, -1, NORTH - window.row)
        write_tiff(folder / names[-1][0], surface(window), corner)
    (folder / "dsm.vrt").write_text(vrt(names, size), "utf-8")
    write_terrain(folder / "terrain.tif", size)
    buildings = footprints(size)
    (folder / "buildings.gpkg").unlink(missing_ok=True)
    buildings.to_file(folder / "buildings.gpkg", layer="buildings", driver="GPKG")
    shutil.copyfile(WEATHER, folder / "weather.csv")
    return len(buildings)


# --- the land ---------------------------------------------------------------------------------------------------


@cache
def quarter(kind: int) -> Quarter:
    """One of the few made scenes."""
    scene = make_scene(9000 + kind, size=float(QUARTER), pitch=PITCHES[kind])
    number = rasterize_ids(scene.buildings.geometry.to_numpy(), scene.transform, scene.dsm.shape)
    corner = np.array([scene.transform.c, scene.transform.f - QUARTER])
    outlines = shapely.transform(scene.buildings.geometry.to_numpy(), lambda p: p - corner)
    return Quarter(scene.dsm, number, outlines, shapely.get_coordinates(shapely.centroid(outlines)))


def relief(x: NDArray, y: NDArray) -> NDArray[np.float64]:
    """Height [m] of smooth hills, to be added to the ground of a quarter; x, y in EPSG:5514."""
    ways = ((tall, 2 * np.pi / long, np.cos(turn), np.sin(turn)) for tall, long, turn in WAVES)
    return sum(tall * (1 + np.sin(k * (x * c + y * s))) for tall, k, c, s in ways)  # type: ignore[return-value]


def placed(row: int, col: int) -> tuple[Quarter, NDArray[np.float64], NDArray[np.float64]]:
    """The quarter at a place of their grid, and [sign, start] of its x and y axis in EPSG:5514.

    Neighbours are each other's mirror images, so that the ground goes on without a step.
    """
    found = quarter(int(np.random.default_rng([7, row, col]).integers(len(PITCHES))))
    west, south = WEST + (col - 0.5) * QUARTER, NORTH - (row + 0.5) * QUARTER
    x = np.array([-1.0, west + QUARTER] if col % 2 else [1.0, west])
    y = np.array([-1.0, south + QUARTER] if row % 2 else [1.0, south])
    return found, x, y


def surface(window: Window) -> NDArray[np.float32]:
    """Heights [m] of a part of the region; houses stand level on the hills, at the height of their middle."""
    heights = np.empty((window.rows, window.cols), np.float32)
    half = QUARTER // 2
    for row in range((window.row + half) // QUARTER, (window.row + window.rows - 1 + half) // QUARTER + 1):
        for col in range((window.col + half) // QUARTER, (window.col + window.cols - 1 + half) // QUARTER + 1):
            top, left = row * QUARTER - half, col * QUARTER - half  # pixels of the region
            rows = np.arange(max(top, window.row), min(top + QUARTER, window.row + window.rows))
            cols = np.arange(max(left, window.col), min(left + QUARTER, window.col + window.cols))
            inside = np.ix_(rows - window.row, cols - window.col)
            heights[inside] = part(row, col, rows - top, cols - left)
    return heights


def part(row: int, col: int, rows: NDArray, cols: NDArray) -> NDArray[np.float32]:
    """Heights [m] of some rows and columns of the quarter at a place, as they lie in the region."""
    found, x, y = placed(row, col)
    own = np.ix_(rows if y[0] > 0 else QUARTER - 1 - rows, cols if x[0] > 0 else QUARTER - 1 - cols)
    ground = relief(WEST + (col - 0.5) * QUARTER + cols + 0.5, NORTH - (row - 0.5) * QUARTER - rows[:, None] - 0.5)
    middles = relief(x[1] + x[0] * found.centres[:, 0], y[1] + y[0] * found.centres[:, 1])
    number = found.number[own]
    lifted = np.where(number > 0, middles[number - 1], ground)
    return (found.dsm[own] + lifted).astype(np.float32)


def footprints(size: int) -> gpd.GeoDataFrame:
    """Buildings that lie wholly in the region: building_id, part_id, geometry."""
    tables = []
    for row in range(size // QUARTER + 2):
        for col in range(size // QUARTER + 2):
            found, x, y = placed(row, col)
            outlines = shapely.transform(found.outlines, lambda p, x=x, y=y: p * [x[0], y[0]] + [x[1], y[1]])
            names = [f"R{row:02d}{col:02d}-{k:03d}" for k in range(1, len(outlines) + 1)]
            tables.append(pd.DataFrame({"building_id": names, "part_id": "1", "geometry": outlines}))
    table = pd.concat(tables, ignore_index=True)
    west, south, east, north = shapely.bounds(table.geometry.to_numpy()).T
    whole = (west > WEST) & (east < WEST + size) & (south > NORTH - size) & (north < NORTH)
    return gpd.GeoDataFrame(table[whole].reset_index(drop=True), crs=5514)


# --- the files --------------------------------------------------------------------------------------------------


def windows(size: int, file: int) -> Iterator[Window]:
    """The files' parts of a square region, row by row; the last ones may be smaller."""
    for row in range(0, size, file):
        for col in range(0, size, file):
            yield Window(row, col, min(file, size - row), min(file, size - col))


def write_tiff(path: Path, heights: NDArray[np.float32], corner: Affine) -> None:
    """A tiled, packed GeoTIFF."""
    rows, cols = heights.shape
    how = {"tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "deflate", "zlevel": 1, "predictor": 3}
    shape = {"height": rows, "width": cols, "count": 1, "dtype": "float32", "nodata": -9999.0}
    with rasterio.open(path, "w", driver="GTiff", crs="EPSG:5514", transform=corner, **shape, **how) as file:
        file.write(heights, 1)


def write_terrain(path: Path, size: int) -> None:
    """The bare ground, wider than the region: what lies beyond the reach of rays over the surface."""
    side = (size + 2 * TERRAIN_MARGIN) // TERRAIN_CELL
    west, north = WEST - TERRAIN_MARGIN, NORTH + TERRAIN_MARGIN
    half = QUARTER // 2
    steps = (np.arange(side) + 0.5) * TERRAIN_CELL
    x, y = west + steps, (north - steps)[:, None]
    own = (np.abs((each + QUARTER) % (2 * QUARTER) - QUARTER) for each in (x - WEST + half, y - NORTH + half))
    east_m, north_m = own
    ground = 350.0 + 0.02 * east_m + 0.01 * north_m + relief(x, y)
    write_tiff(path, ground.astype(np.float32), Affine(TERRAIN_CELL, 0, west, 0, -TERRAIN_CELL, north))


def vrt(names: list[tuple[str, Window]], size: int) -> str:
    """One raster over the files, which are named relative to it."""
    top = Xml.Element("VRTDataset", rasterXSize=str(size), rasterYSize=str(size))
    Xml.SubElement(top, "SRS").text = "EPSG:5514"
    Xml.SubElement(top, "GeoTransform").text = f"{WEST}, 1, 0, {NORTH}, 0, -1"
    band = Xml.SubElement(top, "VRTRasterBand", dataType="Float32", band="1")
    Xml.SubElement(band, "NoDataValue").text = "-9999"
    for name, (row, col, rows, cols) in names:
        source = Xml.SubElement(band, "SimpleSource")
        Xml.SubElement(source, "SourceFilename", relativeToVRT="1").text = name
        Xml.SubElement(source, "SourceBand").text = "1"
        shape = {"xSize": str(cols), "ySize": str(rows)}
        Xml.SubElement(source, "SrcRect", xOff="0", yOff="0", **shape)
        Xml.SubElement(source, "DstRect", xOff=str(col), yOff=str(row), **shape)
    Xml.indent(top)
    return Xml.tostring(top, "unicode") + "\n"


if __name__ == "__main__":
    sys.exit(main())
