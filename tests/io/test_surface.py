"""Heads of surface models of every kind, and folders of point clouds that are one cloud."""

import os
from pathlib import Path

import laspy
import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import CRS

from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import collect_notices
from lk_spatial.io.coarse import read_coarse
from lk_spatial.io.lidar import is_point_cloud, read_surface
from lk_spatial.io.surface import surface_info

X, Y = -688_000.0, -974_000.0
BOX = (X, Y - 40.0, X + 60.0, Y)


def cloud(path: Path, x, y, z, crs: str | None = "EPSG:5514") -> Path:
    header = laspy.LasHeader(point_format=6, version="1.4")
    header.scales = [0.001] * 3
    header.offsets = [X, Y, 0.0]
    if crs:
        header.add_crs(CRS.from_user_input(crs), keep_compatibility=False)
    data = laspy.LasData(header)
    data.x, data.y, data.z = x, y, z
    data.write(str(path))
    return path


def points(seed: int = 1) -> np.ndarray:
    """Some 4 points in each cell of half a metre, with holes small and large, one of them on a tile's edge."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, 60, 40_000), rng.uniform(0, 40, 40_000)
    hole = (abs(x - 30) < 0.9) & (abs(y - 20) < 0.8)
    hole |= (abs(x - 30) < 2) & (abs(y - 8) < 2)
    hole |= rng.random(x.size) < 0.2
    x, y = x[~hole], y[~hole]
    return np.column_stack([X + x, Y - y, 400 + 0.2 * x + 8.0 * (y > 20)])


def cut(folder: Path, all_points: np.ndarray, **options) -> Path:
    folder.mkdir()
    east, south = all_points[:, 0] > X + 30, all_points[:, 1] < Y - 20
    for name, some in {
        "a.laz": ~east & ~south,
        "b.las": east & ~south,
        "c.LAZ": ~east & south,
        "d.laz": east & south,
    }.items():
        cloud(folder / name, *all_points[some].T, **options)
    return folder


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same points in one file and in four."""
    folder = tmp_path_factory.mktemp("clouds")
    return cloud(folder / "one.laz", *points().T), cut(folder / "four", points())


@pytest.mark.parametrize(
    "window",
    [None, BOX, (X + 25, Y - 25, X + 35, Y - 15), (X + 2, Y - 9, X + 20, Y - 1)],
    ids=lambda box: str(box)[:20],
)
def test_four_clouds_are_one(both: tuple[Path, Path], window) -> None:
    with collect_notices():
        one, four = (read_surface(each, window_bounds=window, cell=0.5) for each in both)
    assert four.transform == one.transform
    assert four.values.tobytes() == one.values.tobytes()
    assert is_point_cloud(both[1]) and not is_point_cloud("dsm.tif")


def test_a_hole_on_the_edge_of_tiles_is_closed(both: tuple[Path, Path]) -> None:
    with collect_notices():
        values = read_surface(both[1]).values
    assert np.isfinite(values[38:42, 58:62]).all()
    assert np.isnan(values[14:18, 58:62]).all()  # too large a one


def test_only_tiles_at_the_window_are_read(both: tuple[Path, Path], tmp_path: Path) -> None:
    folder = cut(tmp_path / "four", points())
    window = (X + 5, Y - 15, X + 20, Y - 5)
    with collect_notices():
        before = read_surface(folder, window_bounds=window)
        data = bytearray((folder / "d.laz").read_bytes())
        data[-9_000:] = bytes(9_000)
        (folder / "d.laz").write_bytes(data)
        assert np.array_equal(read_surface(folder, window_bounds=window).values, before.values, equal_nan=True)
        with pytest.raises(Exception, match=r"d\.laz"):
            read_surface(folder, window_bounds=(X + 40, Y - 39, X + 50, Y - 30))


def test_clouds_without_system_are_told_of_once(tmp_path: Path) -> None:
    folder = cut(tmp_path / "four", points(), crs=None)
    with pytest.raises(InputError) as caught:
        read_surface(folder)
    assert caught.value.code == "crs_missing"
    with collect_notices() as notices:
        read_surface(folder, footprints_5514=True, cell=1.0)
    assert [each.code for each in notices] == ["cloud_crs_assumed"]


def test_clouds_in_different_systems_are_named(tmp_path: Path) -> None:
    folder = cut(tmp_path / "four", points())
    cloud(folder / "e.laz", *points().T, crs="EPSG:25833")
    with pytest.raises(InputError) as caught:
        read_surface(folder)
    assert caught.value.code == "tiles_differ"
    assert "a.laz and e.laz" in caught.value.sentence("en") and "UTM zone 33N" in caught.value.sentence("cs")


def raster(path: Path, left: float = 0.0, crs: str | None = "EPSG:5514") -> Path:
    grid = Affine(0.5, 0, X + left, 0, -0.5, Y)
    profile = {"driver": "GTiff", "height": 20, "width": 30, "count": 1, "dtype": "float32", "crs": crs}
    with rasterio.open(path, "w", transform=grid, **profile) as target:
        target.write(np.full((20, 30), 400.0, np.float32), 1)
    return path


def names(path: Path, **options) -> list[str]:
    return [Path(name).name for name, _, _ in surface_info(path, **options).files]


def test_heads_of_every_kind(both: tuple[Path, Path], tmp_path: Path) -> None:
    one = raster(tmp_path / "a.tif")
    assert surface_info(one)[:2] == ((X, Y - 10, X + 15, Y), 0.5) and names(one) == ["a.tif"]
    one.with_suffix(".tfw").write_text("")
    assert names(one) == ["a.tif", "a.tfw"]
    raster(tmp_path / "b.tif", 15.0)
    assert surface_info(tmp_path)[:2] == ((X, Y - 10, X + 30, Y), 0.5)
    assert names(tmp_path) == ["a.tif", "a.tfw", "b.tif"]
    for each in both:
        info = surface_info(each)
        assert info.cell is None and info.bounds == pytest.approx(BOX, abs=0.1) and "5514" in str(info.crs)
    assert names(both[1]) == ["a.laz", "b.las", "c.LAZ", "d.laz"]
    everywhere = (-np.inf, -np.inf, np.inf, np.inf)
    assert all(read_coarse(each, everywhere, input_name="dsm") is None for each in both)


def test_a_vrt_names_its_sources(tmp_path: Path) -> None:
    (tmp_path / "tiles").mkdir()
    raster(tmp_path / "tiles" / "a & b.tif")
    source = '<SourceFilename relativeToVRT="1">tiles/a &amp; b.tif</SourceFilename><SourceBand>1</SourceBand>'
    head = '<VRTDataset rasterXSize="30" rasterYSize="20"><SRS>EPSG:5514</SRS>'
    grid = f"<GeoTransform>{X}, 0.5, 0, {Y}, 0, -0.5</GeoTransform>"
    inner, outer = tmp_path / "inner.vrt", tmp_path / "outer.vrt"
    band = '<VRTRasterBand dataType="Float32" band="1"><SimpleSource>{}</SimpleSource></VRTRasterBand></VRTDataset>'
    inner.write_text(head + grid + band.format(source))
    outer.write_text(head + grid + band.format(f"<SourceFilename>{inner}</SourceFilename>"))
    assert names(outer) == ["outer.vrt", "inner.vrt", "a & b.tif"]
    assert (read_surface(outer).values == 400).all()
    (tmp_path / "tiles" / "a & b.tif").unlink()
    assert names(outer) == ["outer.vrt", "inner.vrt"]


def test_the_key_changes_with_a_tile(tmp_path: Path) -> None:
    one = raster(tmp_path / "a.tif")
    before = surface_info(tmp_path).files
    assert surface_info(tmp_path).files == before
    os.utime(one, ns=(1, 1))
    assert surface_info(tmp_path).files != before


def test_the_guard_is_asked(tmp_path: Path) -> None:
    bare = raster(tmp_path / "a.tif", crs=None)
    with pytest.raises(InputError) as caught:
        surface_info(bare)
    assert caught.value.code == "crs_missing"
    with collect_notices() as notices:
        surface_info(bare, footprints_5514=True)
    assert [each.code for each in notices] == ["raster_crs_assumed"]
