"""Kill writers of a GeoPackage at random moments and look at what is left; run by test_geopackage.py.

Arguments: folder, number of kills, seed. Writes one JSON line.
"""

import json
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from lk_spatial.core.text import Text
from lk_spatial.io.vector import write_layers

ROWS = 4000
FRAMES = 8
TITLES = {"buildings": Text("Buildings", "Budovy"), "modules": Text("Modules", "Panely")}


def squares(version: int, rows: int = ROWS) -> gpd.GeoDataFrame:
    x = -688_000.0 + np.arange(rows) * 2.0
    boxes = shapely.box(x, -974_000.0, x + 1, -973_999.0)
    columns = {"building_id": [f"v{version}"] * rows, "persons": [version] * rows}
    return gpd.GeoDataFrame(columns, geometry=boxes, crs="EPSG:5514")


class Streamed:
    """The same rows, frame by frame."""

    def __init__(self, version: int) -> None:
        self.version = version

    def __len__(self) -> int:
        return FRAMES

    def __iter__(self) -> Iterator[gpd.GeoDataFrame]:
        return (squares(self.version, ROWS // FRAMES) for _ in range(FRAMES))


def write(out: Path, version: int) -> None:
    layers = {"buildings": Streamed(version), "modules": squares(version, ROWS // 2)}
    write_layers(out, layers, titles=TITLES)


def write_until_killed(out: Path, version: int) -> None:
    while True:
        version += 1
        write(out, version)


def state(out: Path) -> str:
    """ "whole", or what is wrong."""
    database = sqlite3.connect(out)
    try:
        if database.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            return "damaged"
        versions = set()
        for layer, rows in (("buildings", ROWS), ("modules", ROWS // 2)):
            found = database.execute(f"SELECT persons, count(*) FROM {layer} GROUP BY persons").fetchall()
            indexed = database.execute(f"SELECT count(*) FROM rtree_{layer}_geom").fetchone()[0]
            listed = database.execute(
                "SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = ?", (layer,)
            ).fetchone()[0]
            if len(found) != 1 or found[0][1] != rows or indexed != rows or listed != rows:
                return f"{layer}: {found}, {indexed} indexed, {listed} listed"
            versions.add(found[0][0])
        if len(versions) != 1:
            return f"mixed: {versions}"
        if database.execute("SELECT count(*), max(note) FROM mine").fetchone() != (7, "kept"):
            return "another layer was touched"
    finally:
        database.close()
    return "whole"


def wait(out: Path, chance: random.Random, in_transaction: bool) -> None:
    """Until a random moment; half of the times until one within the transaction."""
    if in_transaction:
        end = time.monotonic() + 5
        while not Path(f"{out}-journal").exists() and time.monotonic() < end:
            time.sleep(0.0005)
        time.sleep(chance.random() * 0.03)
    else:
        time.sleep(0.05 + chance.random() * 0.4)


def main(folder: Path, kills: int, seed: int) -> None:
    out = folder / "out.gpkg"
    write(out, 0)
    mine = gpd.GeoDataFrame({"note": ["kept"] * 7}, geometry=[shapely.Point(0, n) for n in range(7)], crs=5514)
    write_layers(out, {"mine": mine}, titles={})
    chance = random.Random(seed)
    told = {"whole": 0, "other": [], "journals": 0, "stages": 0, "versions": []}
    for round_ in range(kills):
        version = sqlite3.connect(out).execute("SELECT max(persons) FROM buildings").fetchone()[0]
        child = os.fork()
        if child == 0:
            write_until_killed(out, version)
        wait(out, chance, in_transaction=round_ % 2 == 0)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        told["journals"] += Path(f"{out}-journal").exists()
        told["stages"] += any(folder.glob(".out*.part.gpkg"))
        found = state(out)
        if found == "whole":
            told["whole"] += 1
        else:
            told["other"].append(f"{round_}: {found}")
        told["versions"].append(version)
    for leftover in folder.glob(".out*.part.gpkg*"):
        os.utime(leftover, (time.time() - 120,) * 2)
    write(out, 999)
    told["leftovers"] = sorted(path.name for path in folder.iterdir() if path != out)
    told["end"] = state(out)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
