"""GeoPackage out, frame by frame: the same file as from one frame, whole or not at all, in bounded memory."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from lk_spatial.core.errors import Cancelled
from lk_spatial.core.stop import Stopped
from lk_spatial.core.text import Text
from lk_spatial.io.vector import write_layers

ROOT = Path(__file__).resolve().parents[2]
TITLES = {"buildings": Text("Buildings", "Budovy")}


def squares(count: int, mark: str = "a", **columns: object) -> gpd.GeoDataFrame:
    x = -688_000.0 + np.arange(count) * 20.0
    table = {"building_id": [f"{mark}{n}" for n in range(count)], **columns}
    return gpd.GeoDataFrame(table, geometry=shapely.box(x, -974_010, x + 10, -974_000), crs="EPSG:5514")


def query(out: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(out)) as database:
        return database.execute(sql).fetchall()


def old(out: Path) -> bool:
    """Whether a file is healthy and holds what `write_old` wrote, no more and no less; nothing lies beside it."""
    assert query(out, "PRAGMA integrity_check") == [("ok",)]
    assert {name for name, _ in pyogrio.list_layers(out)} == {"buildings", "layer_styles"}
    alone = [path.name for path in out.parent.iterdir()] == [out.name]
    return alone and query(out, "SELECT building_id FROM buildings") == [(f"a{n}",) for n in range(5)]


def write_old(out: Path) -> None:
    write_layers(out, {"buildings": squares(5)}, titles=TITLES)


class Streamed:
    """A layer of ``frames`` frames with ``rows`` rows each; raises ``error`` before its last frame in round ``at``."""

    def __init__(self, frames: int, rows: int, mark: str = "s", error: BaseException | None = None, at: int = 1):
        self.frames, self.rows, self.mark, self.error, self.at = frames, rows, mark, error, at
        self.rounds = 0

    def __len__(self) -> int:
        return self.frames

    def __iter__(self) -> Iterator[gpd.GeoDataFrame]:
        self.rounds += 1
        for number in range(self.frames):
            if self.error and self.rounds == self.at and number == self.frames - 1:
                raise self.error
            yield squares(self.rows, f"{self.mark}{number}.", persons=number)


def test_streamed_layer_is_the_layer_in_one(tmp_path: Path) -> None:
    parts = [
        squares(3, "a", use=[None] * 3, power_kwp=[np.nan] * 3, own=[None] * 3),
        squares(0, "none", use=[], power_kwp=[], own=[]),
        squares(2, "b", use=["school", None], power_kwp=[1, 2], own=[4.5, None])[
            ["own", "geometry", "use", "power_kwp", "building_id"]
        ],
    ]
    parts[2].loc[1, "geometry"] = shapely.MultiPolygon([squares(1).geometry[0]])
    table = [pd.DataFrame({"note": [None]}), pd.DataFrame({"note": ["x", "y"]})]
    whole = pd.concat([parts[0], parts[2]], ignore_index=True)
    write_layers(tmp_path / "s.gpkg", {"buildings": parts, "notes": table}, titles=TITLES)
    write_layers(tmp_path / "w.gpkg", {"buildings": whole, "notes": pd.concat(table)}, titles=TITLES)
    for sql in (
        "SELECT fid, building_id, use, power_kwp, own, hex(geom) FROM buildings",
        "SELECT * FROM notes",
        "SELECT name, type FROM pragma_table_info('buildings')",
        "SELECT table_name, identifier, min_x, min_y, max_x, max_y, srs_id FROM gpkg_contents",
        "SELECT * FROM gpkg_geometry_columns",
        "SELECT * FROM gpkg_data_columns",
        "SELECT * FROM gpkg_ogr_contents",
    ):
        assert query(tmp_path / "s.gpkg", sql) == query(tmp_path / "w.gpkg", sql), sql
    types = dict(query(tmp_path / "s.gpkg", "SELECT name, type FROM pragma_table_info('buildings')"))
    assert (types["use"], types["power_kwp"], types["own"]) == ("TEXT", "REAL", "REAL")
    assert query(tmp_path / "s.gpkg", "SELECT rtreecheck('rtree_buildings_geom')") == [("ok",)]


@pytest.mark.parametrize("existing", [False, True], ids=["new file", "existing file"])
@pytest.mark.parametrize("at", [1, 2], ids=["survey", "writing"])
@pytest.mark.parametrize("error", [Cancelled(), Stopped(), OSError(5, "gone"), RuntimeError("broken")], ids=repr)
def test_frames_that_raise_leave_the_old_contents(
    tmp_path: Path, existing: bool, at: int, error: BaseException
) -> None:
    out = tmp_path / "o.gpkg"
    if existing:
        write_old(out)
    layers = {"modules": squares(50), "buildings": Streamed(3, 1000, error=error, at=at)}
    with pytest.raises(type(error)) as raised:
        write_layers(out, layers, titles=TITLES)
    assert raised.value is error
    assert old(out) if existing else list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", range(8), ids="before {}".format)
def test_cancel_acts_at_each_frame(tmp_path: Path, place: int) -> None:
    out = tmp_path / "o.gpkg"
    write_old(out)
    told: list[float] = []

    def progress(done: float, text: str = "") -> None:
        told.append(done)
        if len(told) > place:
            raise Cancelled

    layers = {"modules": squares(10), "buildings": Streamed(3, 10)}
    with pytest.raises(Cancelled):
        write_layers(out, layers, titles=TITLES, progress=progress)
    assert len(told) == place + 1 and old(out)


def test_progress_grows_to_one(tmp_path: Path) -> None:
    told: list[float] = []
    layers = {"modules": squares(10), "buildings": Streamed(3, 10)}
    write_layers(tmp_path / "o.gpkg", layers, titles=TITLES, progress=lambda done, text="": told.append(done))
    assert told == sorted(told) and told[-1] == 1.0 and len(told) == 2 * 4 + 1
    assert layers["buildings"].rounds == 2


def test_large_layers_index_is_made_in_a_file_that_goes(tmp_path: Path) -> None:
    """From 100,000 rows on GDAL makes the index beside the stage; nothing of it stays, not even after a failure."""
    out = tmp_path / "o.gpkg"
    seen: list[str] = []

    class Watched(Streamed):
        def __iter__(self) -> Iterator[gpd.GeoDataFrame]:
            for frame in super().__iter__():
                seen.extend(path.name for path in tmp_path.iterdir() if "rtree" in path.name)
                yield frame

    write_layers(out, {"buildings": Watched(4, 40_000)}, titles=TITLES)
    assert query(out, "SELECT count(*), rtreecheck('rtree_buildings_geom') FROM rtree_buildings_geom") == [
        (160_000, "ok")
    ]
    with pytest.raises(Cancelled):
        write_layers(out, {"buildings": Watched(4, 40_000, error=Cancelled(), at=2)}, titles=TITLES)
    assert {name.rpartition(".part.gpkg")[2] for name in seen} == {".tmp_rtree_buildings.db"}
    assert [path.name for path in tmp_path.iterdir()] == ["o.gpkg"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory as Linux tells it")
def test_memory_does_not_grow_with_the_number_of_frames(tmp_path: Path) -> None:
    """Four times as many frames: the frames would take another 45 MB, their spatial index some 7 MB."""
    measured = (
        "import resource, sys; sys.path[:0] = sys.argv[2:]; from pathlib import Path;"
        "import test_geopackage_streamed as t\n"
        "t.write_layers(Path(sys.argv[1]), {'buildings': t.Streamed(8, 5000)}, titles={})\n"
        "few = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "t.write_layers(Path(sys.argv[1]), {'buildings': t.Streamed(32, 5000)}, titles={})\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - few) / 1024)"
    )
    command = [sys.executable, "-c", measured, str(tmp_path / "o.gpkg"), str(ROOT), str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert float(done.stdout) < 25, "MB more"
