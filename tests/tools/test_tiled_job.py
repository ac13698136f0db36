"""The main job by tiles: whatever their size, the number of workers and the interruptions, the result is the same."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine

import lk_spatial as lk
from lk_spatial.core.errors import Cancelled
from lk_spatial.core.progress import silent
from lk_spatial.roofs import region
from lk_spatial.roofs.inputs import Guard
from lk_spatial.solar import pipeline, tile
from lk_spatial.solar.options import PvOptions

LAYERS = ["buildings", "roof_planes", "modules"]
Layers = dict[str, gpd.GeoDataFrame]


@pytest.fixture(scope="module")
def inputs(sample_data: Path) -> dict[str, Path]:
    return {
        "buildings": sample_data / "buildings.gpkg",
        "dsm": sample_data / "dsm.tif",
        "weather": sample_data / "weather_liberec_synthetic.csv",
    }


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tiles of 125 m in this process: many cut through the sample."""
    monkeypatch.setattr(pipeline, "tile_side", lambda cell, reach: 125.0)
    monkeypatch.setattr(region, "tile_side", lambda cell, reach: 125.0)
    yield


def read(out: Path) -> Layers:
    """The layers in an order of their own."""
    found = {}
    for name in LAYERS:
        frame = gpd.read_file(out, layer=name)
        key = [each for each in ("building_id", "part_id", "plane_id", "module_id") if each in frame]
        found[name] = frame.sort_values(key).reset_index(drop=True)
    return found


def assert_same(one: Layers, other: Layers) -> None:
    for name in LAYERS:
        assert len(one[name]) == len(other[name]) > 0
        plain = (each[name].drop(columns="geometry") for each in (one, other))
        pd.testing.assert_frame_equal(*plain, check_exact=True)
        assert (one[name].geometry.to_wkb() == other[name].geometry.to_wkb()).all()


@pytest.fixture(scope="module")
def whole(inputs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Layers:
    out = tmp_path_factory.mktemp("whole") / "out.gpkg"
    lk.pv_potential(**inputs, out=out)
    return read(out)


def test_small_tiles_give_the_same_bit_for_bit(
    inputs: dict[str, Path], whole: Layers, small_tiles: None, tmp_path: Path
) -> None:
    texts: set[str] = set()
    lk.pv_potential(**inputs, out=tmp_path / "out.gpkg", progress=lambda done, text="": texts.add(text))
    assert any(text.startswith("tiles: ") for text in texts)
    assert_same(whole, read(tmp_path / "out.gpkg"))
    assert not (tmp_path / "out.gpkg.work").exists()


def test_a_short_reach_and_existing_modules_across_tiles(
    inputs: dict[str, Path], sample_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tiles that see but a part of the sample: what each reads around its own buildings is enough, and no more."""
    monkeypatch.setattr(pipeline, "NEAR_M", 40.0)
    monkeypatch.setattr(tile, "NEAR_M", 40.0)
    west, south, east, north = gpd.read_file(inputs["buildings"]).total_bounds
    strips = [shapely.box(west, y, east, y + 1.3) for y in np.arange(south, north, 29.0)]
    strips += [shapely.box(x, south, x + 1.1, north) for x in np.arange(west, east, 31.0)]
    gpd.GeoDataFrame(geometry=strips, crs="EPSG:5514").to_file(tmp_path / "existing.gpkg")
    more = {"existing_pv": tmp_path / "existing.gpkg", "snow": sample_data / "snow_invented.csv"}
    found = []
    for side in (4000.0, 62.5):
        monkeypatch.setattr(pipeline, "tile_side", lambda cell, reach, side=side: side)
        lk.pv_potential(**inputs, **more, out=tmp_path / f"{side}.gpkg")
        found.append(read(tmp_path / f"{side}.gpkg"))
    assert found[0]["buildings"]["existing_pv_m2"].sum() > 100.0
    assert_same(*found)


def test_the_key_names_all_that_decides(
    inputs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not so: attributes that are handed through. Other terrain, other place of it, other code and tables: so."""
    keys = []

    def key(**changes: str) -> str:
        files = pipeline.PvFiles(**{name: str(path) for name, path in inputs.items()} | changes)
        options = PvOptions("topcon_450", 0.5, 0.02, 10.0, 16.0, 5.0, 650.0, 0.2, "perez")
        keys.append(pipeline._prepare(files, options, Guard(), silent)[1].key)
        return keys[-1]

    def terrain(name: str, shift: float = 0.0, height: float = 400.0) -> str:
        x, y = (round(value, -3) + shift for value in gpd.read_file(inputs["buildings"]).total_bounds[:2])
        grid = Affine(100.0, 0, x - 5_000.0, 0, -100.0, y + 5_000.0)
        shape = {"height": 100, "width": 100, "count": 1, "dtype": "float32", "transform": grid}
        with rasterio.open(tmp_path / name, "w", driver="GTiff", crs="EPSG:5514", **shape) as file:
            file.write(np.full((1, 100, 100), height, np.float32))
        return str(tmp_path / name)

    named = gpd.read_file(inputs["buildings"]).assign(remark="seen")
    named.to_file(tmp_path / "named.gpkg")
    assert key() == key(buildings=str(tmp_path / "named.gpkg"))
    key(terrain=terrain("one.tif"))
    key(terrain=terrain("moved.tif", shift=100.0))
    key(terrain=terrain("higher.tif", height=500.0))
    monkeypatch.setattr(region, "libraries", lambda: {"numpy": "0.1"})
    key()
    assert len(set(keys)) == len(keys) - 1


def test_buildings_keep_their_order(inputs: dict[str, Path], small_tiles: None, tmp_path: Path) -> None:
    lk.pv_potential(**inputs, out=tmp_path / "out.gpkg")
    before = gpd.read_file(inputs["buildings"])["building_id"].tolist()
    assert gpd.read_file(tmp_path / "out.gpkg", layer="buildings")["building_id"].tolist() == before


def test_roof_planes_by_small_tiles(inputs: dict[str, Path], small_tiles: None, tmp_path: Path) -> None:
    def planes(out: Path) -> gpd.GeoDataFrame:
        lk.roof_planes(buildings=inputs["buildings"], dsm=inputs["dsm"], out=out)
        return gpd.read_file(out, layer="roof_planes").sort_values(["building_id", "part_id", "plane_id"])

    small = planes(tmp_path / "small.gpkg")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(region, "tile_side", lambda cell, reach: 4000.0)
        large = planes(tmp_path / "large.gpkg")
    assert len(small) > 50 and (small.geometry.to_wkb().to_numpy() == large.geometry.to_wkb().to_numpy()).all()


def test_a_cancelled_run_goes_on_where_it_stopped(
    inputs: dict[str, Path], whole: Layers, small_tiles: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.gpkg"

    def stop(done: float, text: str = "") -> None:
        if done > 0.6:
            raise Cancelled

    with pytest.raises(Cancelled):
        lk.pv_potential(**inputs, out=out, progress=stop)
    assert {each.name for each in tmp_path.iterdir()} == {"out.gpkg.work"}
    made: list[str] = []
    work = pipeline.potential_of_tile

    def counted(*arguments: object, **options: object) -> object:
        made.append("tile")
        return work(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "potential_of_tile", counted)
    lk.pv_potential(**inputs, out=out)
    assert_same(whole, read(out))
    some = len(made)
    made.clear()
    lk.pv_potential(**inputs, out=out)
    assert 0 < some < len(made), "finished tiles were not made again"


def test_other_parameters_do_not_use_them(inputs: dict[str, Path], small_tiles: None, tmp_path: Path) -> None:
    out = tmp_path / "out.gpkg"

    def stop(done: float, text: str = "") -> None:
        if done > 0.6:
            raise Cancelled

    with pytest.raises(Cancelled):
        lk.pv_potential(**inputs, out=out, progress=stop)
    lk.pv_potential(**inputs, out=out, setback_m=1.5)
    other = tmp_path / "other.gpkg"
    lk.pv_potential(**inputs, out=other, setback_m=1.5)
    assert_same(read(out), read(other))


def test_workers_and_a_cluster_give_the_same(inputs: dict[str, Path], whole: Layers, tmp_path: Path) -> None:
    """The sample lies on two tiles of 4 km."""
    from distributed import LocalCluster

    lk.pv_potential(**inputs, out=tmp_path / "two.gpkg", workers=2)
    assert_same(whole, read(tmp_path / "two.gpkg"))
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        lk.pv_potential(**inputs, out=tmp_path / "cluster.gpkg", scheduler=cluster.scheduler_address)
    assert_same(whole, read(tmp_path / "cluster.gpkg"))


@pytest.mark.skipif(os.name != "posix", reason="process groups of POSIX")
def test_twenty_kills_at_random_moments(inputs: dict[str, Path], whole: Layers, tmp_path: Path) -> None:
    """SIGKILL to the run and its workers; what is there in between is nothing or the whole result."""
    out = tmp_path / "out.gpkg"
    moment = random.Random(3)
    job = [sys.executable, "-m", "tests.tools.killed_job", *map(str, inputs.values()), str(out)]

    def start(workers: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*job, str(workers)], cwd=Path(__file__).parents[2], start_new_session=True)

    for count in range(20):
        with start(1 + count % 2) as process:
            time.sleep(moment.uniform(1.0, 4.0))
            os.killpg(process.pid, signal.SIGKILL)
        if out.exists():
            assert_same(whole, read(out))
    with start(2) as process:
        assert process.wait() == 0
    assert_same(whole, read(out))
    assert {each.name for each in tmp_path.iterdir() if not each.name.startswith(".")} == {
        out.name,
        f"{out.name}.run.json",
    }
