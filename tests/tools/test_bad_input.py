"""Bad input on the command line: one readable sentence, exit status 1, nothing lost, no traceback."""

import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

from lk_spatial.cli import Shown, _run

WEST, NORTH = -688_000.0, -974_000.0


class Place:
    """A small valid place of inputs in a folder, to be spoiled by one fault."""

    def __init__(self, folder: Path, weather: Path) -> None:
        self.folder = folder
        self.buildings, self.dsm, self.out = folder / "buildings.gpkg", folder / "dsm.tif", folder / "out.gpkg"
        self.weather = folder / "weather.csv"
        self.more: list[str] = []
        shutil.copy(weather, self.weather)
        self.write_buildings(self.house())
        self.write_dsm(self.roof())

    @staticmethod
    def house() -> gpd.GeoDataFrame:
        """Two square houses."""
        boxes = [shapely.box(WEST + x, NORTH - 40, WEST + x + 12, NORTH - 28) for x in (20, 60)]
        return gpd.GeoDataFrame({"building_id": ["a", "b"]}, geometry=boxes, crs=5514)

    @staticmethod
    def roof() -> np.ndarray:
        """Flat roofs of 6 m on flat ground."""
        heights = np.full((160, 200), 400.0, np.float32)
        for column in (40, 120):
            heights[56:80, column : column + 24] = 406.0
        return heights

    def write_buildings(self, frame: gpd.GeoDataFrame, **options: Any) -> None:
        self.buildings.unlink(missing_ok=True)
        frame.to_file(self.buildings, layer="buildings", driver="GPKG", VERSION="1.3", **options)

    def write_dsm(
        self, heights: np.ndarray, crs: Any = "EPSG:5514", corner: Any = (WEST, NORTH), cell: float = 0.5
    ) -> None:
        transform = Affine(cell, 0, corner[0], 0, -cell, corner[1])
        with rasterio.open(
            self.dsm, "w", driver="GTiff", height=heights.shape[0], width=heights.shape[1], count=1,
            dtype="float32", crs=crs, transform=transform, nodata=-9999,
        ) as target:  # fmt: skip
            target.write(heights, 1)

    def arguments(self) -> list[str]:
        return [
            "pv-potential", "--buildings", str(self.buildings), "--dsm", str(self.dsm),
            "--weather", str(self.weather), "--out", str(self.out), *self.more,
        ]  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, sample_data: Path) -> Place:
    return Place(tmp_path, sample_data / "weather_liberec_synthetic.csv")


def moved(place: Place, change: Callable[[np.ndarray], np.ndarray], crs: Any = 5514) -> None:
    frame = place.house()
    frame.geometry = shapely.transform(frame.geometry.array, change)
    place.write_buildings(frame.set_crs(crs, allow_override=True))


def wrong_sign(place: Place) -> None:
    moved(place, lambda xy: -xy)


def swapped_axes(place: Place) -> None:
    moved(place, lambda xy: xy[:, ::-1])


def degrees(place: Place) -> None:
    place.write_buildings(place.house().to_crs(4326))


def dutch(place: Place) -> None:
    moved(place, lambda xy: xy - [WEST, NORTH] + [85_000, 446_000], 28992)


def no_crs(place: Place) -> None:
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        place.write_buildings(
            gpd.GeoDataFrame(place.house().drop(columns="geometry"), geometry=list(place.house().geometry))
        )


def dsm_in_degrees(place: Place) -> None:
    place.write_dsm(place.roof(), "EPSG:4326", (15.06, 50.77), 0.00001)


def dutch_dsm(place: Place) -> None:
    place.write_dsm(place.roof(), "EPSG:28992", (85_000, 446_000))


def far_dsm(place: Place) -> None:
    place.write_dsm(place.roof(), corner=(WEST + 20_000, NORTH))


def empty_dsm(place: Place) -> None:
    place.write_dsm(np.full((160, 200), -9999, np.float32))


def dsm_is_text(place: Place) -> None:
    place.dsm.write_text("not a raster")


def no_features(place: Place) -> None:
    place.write_buildings(place.house().iloc[:0])


def only_null_geometry(place: Place) -> None:
    frame = place.house()
    frame.geometry = gpd.GeoSeries([None, None], crs=5514)
    place.write_buildings(frame, geometry_type="Polygon")


def points(place: Place) -> None:
    frame = place.house()
    frame.geometry = frame.centroid
    place.write_buildings(frame)


def buildings_are_text(place: Place) -> None:
    place.buildings.write_text("not a layer")


def double_key(place: Place) -> None:
    place.write_buildings(place.house().assign(building_id="same"))


def missing_hours(place: Place) -> None:
    lines = place.weather.read_text("utf-8").splitlines(keepends=True)
    place.weather.write_text("".join(lines[:2000] + lines[2010:]), "utf-8")


def weather_is_binary(place: Place) -> None:
    place.weather.write_bytes(bytes(range(256)) * 40)


def output_equals_input(place: Place) -> None:
    place.out = place.buildings


def output_is_a_link_to_the_input(place: Place) -> None:
    place.out.symlink_to(place.buildings)


def output_is_text(place: Place) -> None:
    place.out.write_text("precious notes")


def output_is_another_database(place: Place) -> None:
    with sqlite3.connect(place.out) as database:
        database.execute("create table precious (note text)")


def output_is_a_folder(place: Place) -> None:
    place.out.mkdir()


def output_in_no_folder(place: Place) -> None:
    place.out = place.folder / "none" / "out.gpkg"


def output_below_a_file(place: Place) -> None:
    place.out = place.dsm / "out.gpkg"


def output_with_too_long_a_name(place: Place) -> None:
    place.out = place.folder / f"{'o' * 251}.gpkg"


def output_is_a_loop_of_links(place: Place) -> None:
    place.out.symlink_to(place.out.name)


def buildings_with_too_long_a_name(place: Place) -> None:
    place.buildings = place.folder / f"{'b' * 300}.gpkg"


def nested_weather(place: Place) -> None:
    place.weather = place.folder / "weather.json"
    place.weather.write_text("[" * 100_000)


def record_would_overwrite_an_input(place: Place) -> None:
    place.weather = place.weather.rename(f"{place.out}.run.json")


def record_is_a_folder(place: Place) -> None:
    Path(f"{place.out}.run.json").mkdir()


def output_of_no_letters(place: Place) -> None:
    place.out = place.folder / "\udcff.gpkg"


def no_cluster(place: Place) -> None:
    place.more = ["--scheduler", ":::"]


def output_of_wrong_kind(place: Place) -> None:
    place.out = place.folder / "out.shp"


FAULTS = [
    wrong_sign, swapped_axes, degrees, dutch, no_crs, dsm_in_degrees, dutch_dsm, far_dsm, empty_dsm, dsm_is_text,
    no_features, only_null_geometry, points, buildings_are_text, double_key, missing_hours, weather_is_binary,
    output_equals_input, output_is_a_link_to_the_input, output_is_text, output_is_another_database, output_is_a_folder,
    output_in_no_folder, output_below_a_file, output_of_wrong_kind,
    output_with_too_long_a_name, output_is_a_loop_of_links, buildings_with_too_long_a_name, nested_weather, no_cluster,
    record_would_overwrite_an_input, record_is_a_folder, output_of_no_letters,
]  # fmt: skip


def contents(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("lang", ["cs", "en"])
def test_one_sentence_and_nothing_lost(fault: Any, lang: str, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    fault(place)
    before = contents(place.folder)
    status = _run(place.arguments(), Shown(lang=lang, show="none", debug=False))
    told = capsys.readouterr()
    assert status == 1, told.err
    assert told.out == "" and "Traceback" not in told.err and "unexpected" not in told.err
    lines = [line for line in told.err.splitlines() if not line.startswith(("warning", "upozornění"))]
    assert len(lines) == 1 and lines[0].startswith("chyba [" if lang == "cs" else "error [")
    assert contents(place.folder) == before


def test_null_and_invalid_geometry_among_good_ones_is_counted(place: Place) -> None:
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    frame = place.house()
    spoiled = gpd.GeoDataFrame(
        {"building_id": ["c", "d"]},
        geometry=[None, shapely.transform(bow, lambda xy: xy + [WEST + 80, NORTH - 70])],
        crs=5514,
    )
    place.write_buildings(gpd.GeoDataFrame(gpd.pd.concat([frame, spoiled]), crs=5514))
    assert _run(place.arguments(), Shown(lang="en", show="none", debug=True)) == 0
    record = json.loads((place.folder / "out.gpkg.run.json").read_text("utf-8"))
    assert len(record["warnings"]) >= 2, record["warnings"]
    assert set(gpd.read_file(place.out, layer="buildings")["building_id"]) == {"a", "b", "d"}


def test_locked_output_keeps_its_contents(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.house().to_file(place.out, layer="precious", driver="GPKG", VERSION="1.3")
    database = sqlite3.connect(place.out, isolation_level=None)
    database.execute("begin exclusive")
    assert _run(place.arguments(), Shown(lang="en", show="none", debug=False)) == 1
    database.execute("rollback")
    database.close()
    assert "error [" in capsys.readouterr().err
    assert len(gpd.read_file(place.out, layer="precious")) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on file sizes")
def test_disk_full_leaves_the_old_contents(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A limit on the size of files stands for a full disk: the write of the layers fails in the middle."""
    import resource
    import signal

    place.house().to_file(place.out, layer="precious", driver="GPKG", VERSION="1.3")
    before = place.out.read_bytes()
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, old[1]))
    try:
        status = _run(place.arguments(), Shown(lang="en", show="none", debug=False))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, ignored)
    assert status == 1 and "unexpected" not in capsys.readouterr().err
    assert place.out.read_bytes() == before
    assert {each.name for each in place.folder.iterdir()} <= {
        "buildings.gpkg", "dsm.tif", "weather.csv", "out.gpkg", "dsm.tif.aux.xml",
    }  # fmt: skip


def test_inputs_stay_as_they_were(place: Place) -> None:
    sums = {
        path: (path.read_bytes(), os.stat(path).st_mtime_ns) for path in (place.buildings, place.dsm, place.weather)
    }
    assert _run(place.arguments(), Shown(lang="en", show="none", debug=True)) == 0
    assert {path: (path.read_bytes(), os.stat(path).st_mtime_ns) for path in sums} == sums


def test_coarse_cells_and_bare_ground_are_told(place: Place) -> None:
    place.write_dsm(np.full((60, 80), 400.0, np.float32), cell=2.0)
    place.write_buildings(place.house())
    assert _run(place.arguments(), Shown(lang="en", show="none", debug=True)) == 0
    record = json.loads((place.folder / "out.gpkg.run.json").read_text("utf-8"))
    assert {"dsm_coarse"} <= {each["code"] for each in record["warnings"]}
