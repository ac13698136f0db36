"""The tool `solar_map` on files: its output and record, workers, point clouds, and what it refuses."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import laspy
import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray

import lk_spatial as lk
from lk_spatial.core.errors import InputError, Problems


@pytest.fixture
def given(sample_data: Path, tmp_path: Path) -> dict[str, Path]:
    return {
        "dsm": sample_data / "dsm.tif",
        "weather": sample_data / "weather_liberec_synthetic.csv",
        "buildings": sample_data / "buildings.gpkg",
        "out": tmp_path / "map.tif",
    }


def values(path: Path) -> NDArray[np.float32]:
    with rasterio.open(path) as source:
        return source.read()


def made_dsm(path: Path, heights: NDArray, west: float = -688_000.0) -> Path:
    with rasterio.open(
        path, "w", driver="GTiff", height=heights.shape[0], width=heights.shape[1], count=1, dtype="float32",
        crs="EPSG:5514", transform=rasterio.Affine(1, 0, west, 0, -1, -974_500),
    ) as raster:  # fmt: skip
        raster.write(heights.astype(np.float32), 1)
    return path


def test_workers_do_not_show(given: dict[str, Path], tmp_path: Path) -> None:
    """Rough ground over the border of two squares, so that there are two tiles."""
    heights = np.random.default_rng(1).normal(400, 2, (60, 70))
    dsm = made_dsm(tmp_path / "dsm.tif", heights, west=-688_030.0)
    maps = []
    for workers in (1, 2):
        lk.solar_map(dsm=dsm, weather=given["weather"], out=given["out"], workers=workers)
        maps.append(values(given["out"]))
    assert np.isfinite(maps[0]).all() and maps[0].tobytes() == maps[1].tobytes()


def test_output_and_record(given: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LK_LANG", "cs")
    result = lk.solar_map(**given, monthly=True, sky_model="isotropic", albedo=0.3)
    with rasterio.open(given["out"]) as source:
        assert source.descriptions[:3] == ("rok", "leden", "únor") and set(source.units) == {"kWh/m2"}
        assert source.tags()["albedo"] == "0.3" and source.tags()["sky_model"] == "isotropic"
        found = source.read()
    assert found.shape[0] == 13
    roof = np.isfinite(found[0])
    assert 0.1 < roof.mean() < 0.4
    assert found[0][roof].min() > 200 and 1_100 < found[0][roof].max() < 1_350
    record = json.loads(Path(f"{given['out']}.run.json").read_text("utf-8"))
    assert record["tool"] == "solar_map" and record["parameters"]["monthly"] is True
    assert result.outputs == {"out": str(given["out"])}
    assert sorted(each.name for each in given["out"].parent.iterdir()) == ["map.tif", "map.tif.run.json"]


def test_a_point_cloud_like_its_raster(given: dict[str, Path], tmp_path: Path) -> None:
    """A flat place with a block; one point in the middle of each cell."""
    row, col = np.mgrid[:80, :90]
    header = laspy.LasHeader(point_format=6, version="1.4")
    header.scales, header.offsets = [0.001, 0.001, 0.001], [-688_000.0, -974_500.0, 0.0]
    points = laspy.LasData(header)
    points.x, points.y = (-688_000.0 + col + 0.5).ravel(), (-974_500.0 - row - 0.5).ravel()
    heights = np.where((row > 30) & (row < 40) & (col > 30) & (col < 60), 408.0, 400.0)
    points.z = heights.ravel()
    points.write(str(tmp_path / "dsm.laz"))
    made_dsm(tmp_path / "dsm.tif", heights)
    maps = []
    for name, more in (("dsm.laz", {"dsm_cell_m": 1.0, "assume_crs": "dsm=EPSG:5514"}), ("dsm.tif", {})):
        lk.solar_map(dsm=tmp_path / name, weather=given["weather"], out=given["out"], **more)
        maps.append(values(given["out"]))
    assert np.isfinite(maps[0]).all()
    np.testing.assert_array_equal(*maps)
    assert not [each.name for each in tmp_path.iterdir() if each.name.startswith(".")]


def test_a_folder_of_tiles_like_one_raster(given: dict[str, Path], tmp_path: Path) -> None:
    heights = np.random.default_rng(1).normal(400, 2, (60, 70))
    folder = tmp_path / "tiles"
    folder.mkdir()
    whole = made_dsm(tmp_path / "dsm.tif", heights)
    made_dsm(folder / "a.tif", heights[:, :30])
    made_dsm(folder / "b.tif", heights[:, 30:], west=-687_970.0)
    maps = []
    for dsm in (whole, folder):
        lk.solar_map(dsm=dsm, weather=given["weather"], out=given["out"])
        maps.append(values(given["out"]))
    np.testing.assert_array_equal(*maps)
    with pytest.raises((InputError, Problems)) as refused:
        lk.solar_map(dsm=folder, weather=given["weather"], out=folder / "map.tif")
    assert "map.tif" in str(refused.value) and sorted(each.name for each in folder.iterdir()) == ["a.tif", "b.tif"]


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("roofs_only_without_buildings", {"buildings": None, "roofs_only": True, "assume_crs": "dsm=EPSG:5514"}),
        ("crs_missing", {"buildings": None}),
        ("output_suffix", {"out": "map.gpkg"}),
        ("output_equals_input", {"out": "copy.tif", "dsm": "copy.tif"}),
        ("parameter_missing", {"weather": None}),
    ],
)
def test_refused(given: dict[str, Path], tmp_path: Path, code: str, change: dict) -> None:
    shutil.copy(given["dsm"], tmp_path / "copy.tif")
    shutil.copy(given["dsm"].with_suffix(".tfw"), tmp_path / "copy.tfw")
    before = sorted(tmp_path.iterdir())
    names = {
        key: tmp_path / value if str(value).endswith((".tif", ".gpkg")) else value for key, value in change.items()
    }
    with pytest.raises((InputError, Problems)) as refused:
        lk.solar_map(**{**given, **names})
    problem = refused.value.problems[0] if isinstance(refused.value, Problems) else refused.value
    assert problem.code == code
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("how", ["SIGTERM", "cancel"])
def test_ended_from_outside_leaves_nothing(given: dict[str, Path], tmp_path: Path, how: str) -> None:
    options = [f"--{name}={path}" for name, path in given.items()]
    process = subprocess.Popen(
        [sys.executable, "-m", "lk_spatial", "solar-map", "--lang=en", "--lifeline", "--no-roofs-only", *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    limit = time.monotonic() + 60
    while not any(each.name.startswith(".map.tif") for each in tmp_path.iterdir()):
        assert process.poll() is None and time.monotonic() < limit
        time.sleep(0.02)
    assert process.stdin
    if how == "SIGTERM":
        process.send_signal(signal.SIGTERM)
    else:
        process.stdin.write("cancel\n")
        process.stdin.flush()
    assert process.wait(timeout=20) == 130
    process.communicate()
    assert list(tmp_path.iterdir()) == []
