"""Cloud Optimized GeoTIFFs: layout, what is not put, windows in any order, whole or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from lk_spatial.core.errors import Cancelled
from lk_spatial.io.cog import Band, cog_writer

GRID = Affine(1.0, 0.0, -690_000.0, 0.0, -1.0, -972_000.0)
BANDS = [Band("year", "kWh/m2"), Band("January", "kWh/m2")]


def write(out: Path, shape: tuple[int, int] = (1300, 1100), **options) -> np.ndarray:
    """Two of four quarters of random numbers with a few NaN; what the file should hold."""
    values = np.random.default_rng(1).random((2, *shape), dtype=np.float32)
    values[:, ::7, ::5] = np.nan
    down, right = shape[0] // 2 + 3, shape[1] // 2 - 5
    with cog_writer(out, shape, GRID, BANDS, tags={"albedo": "0.2"}, **options) as put:
        put(down, right, values[:, down:, right:])
        put(0, 0, values[:, :down, :right])
    values[:, :down, right:] = values[:, down:, :right] = np.nan
    return values


def test_layout_and_contents(tmp_path: Path) -> None:
    expected = write(tmp_path / "map.tif")
    assert [each.name for each in tmp_path.iterdir()] == ["map.tif"]
    with rasterio.open(tmp_path / "map.tif") as found:
        assert found.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert found.tags(ns="IMAGE_STRUCTURE")["PREDICTOR"] == "3"
        assert found.tags()["albedo"] == "0.2"
        assert found.profile["blockxsize"] == found.profile["blockysize"] == 512 and found.profile["tiled"]
        assert found.compression.name == "deflate" and found.dtypes == ("float32", "float32")
        assert found.overviews(1) == found.overviews(2) == [2, 4]
        assert found.crs.to_epsg() == 5514 and found.transform == GRID and np.isnan(found.nodata)
        assert found.descriptions == ("year", "January") and found.units == ("kWh/m2", "kWh/m2")
        np.testing.assert_array_equal(found.read(), expected)


def test_overviews_are_means_of_what_is_known(tmp_path: Path) -> None:
    expected = write(tmp_path / "map.tif")[0, :1300, :1100].reshape(650, 2, 550, 2)
    with rasterio.open(tmp_path / "map.tif", overview_level=0) as half:
        found = half.read(1)
    known = np.isfinite(expected).sum(axis=(1, 3))
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(found, np.nansum(expected, axis=(1, 3)) / known, rtol=1e-5)


def test_what_others_noted_beside_an_older_file_goes(tmp_path: Path) -> None:
    for name in ("map.tif", "map.tif.aux.xml", "map.tif.ovr", "map.qml"):
        (tmp_path / name).write_text("old")
    write(tmp_path / "map.tif")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["map.qml", "map.tif"]


@pytest.mark.parametrize("old", [b"old", None])
def test_cancelled_while_overviews_are_made(tmp_path: Path, old: bytes | None) -> None:
    if old is not None:
        (tmp_path / "map.tif").write_bytes(old)

    def cancel(done: float, text: str = "") -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        write(tmp_path / "map.tif", progress=cancel)
    kept = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    assert kept == ({} if old is None else {"map.tif": old})


FULL = """
import resource, signal, sys
from pathlib import Path
from lk_spatial.core.errors import InputError
from tests.io.test_cog import write
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    write(Path(sys.argv[1]))
except InputError as error:
    print(error.code)
"""


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
@pytest.mark.parametrize("limit", [100_000, 3_000_000, 6_000_000])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, limit: int) -> None:
    """GDAL itself ends well and leaves a broken file."""
    call = [sys.executable, "-c", FULL, str(tmp_path / "map.tif"), str(limit)]
    run = subprocess.run(call, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2])
    assert run.stdout == "disk_full\n", run.stderr
    assert list(tmp_path.iterdir()) == []
