"""Point clouds as surface models: real roofs against their raster, holes, coordinate systems, units, bad files."""

from pathlib import Path

import laspy
import numpy as np
import pytest
from laspy.vlrs.known import GeoKeyDirectoryVlr
from pyproj import CRS, Transformer

from lk_spatial.core.errors import LkError
from lk_spatial.core.notices import collect_notices
from lk_spatial.io import cloud_file, lidar
from lk_spatial.io.krovak import to_wgs84
from lk_spatial.io.lidar import read_point_cloud_dsm, read_surface
from lk_spatial.io.raster import read_raster

EAST, NORTH = -774_000.0, -1_422_141.5  # from Delft (EPSG:28992) to Liberec, as the raster of the same roofs
UP = 400.0
X, Y = -688_000.0, -974_000.0


def write(path: Path, x, y, z, crs: str | None = None, **more) -> Path:
    header = laspy.LasHeader(point_format=6, version="1.4")
    header.scales = [0.001] * 3
    header.offsets = [np.floor(np.min(x)), np.floor(np.min(y)), 0.0]
    if crs:
        header.add_crs(CRS.from_user_input(crs), keep_compatibility=False)
    cloud = laspy.LasData(header)
    cloud.x, cloud.y, cloud.z = np.asarray(x, float), np.asarray(y, float), np.asarray(z, float)
    for name, value in more.items():
        setattr(cloud, name, value)
    cloud.write(str(path))
    return path


def lattice(rows: int = 40, cols: int = 60, step: float = 0.5):
    """A point in the middle of each cell, north-west corner at (X, Y); rows from the north."""
    row, col = np.mgrid[:rows, :cols]
    return X + (col + 0.5) * step, Y - (row + 0.5) * step, row, col


@pytest.fixture(scope="module")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real cloud moved to where the raster of the same roofs lies."""
    source = laspy.read(shared_data / "roofs" / "delft_ahn3.laz")
    x, y, z = (np.asarray(axis) for axis in (source.x, source.y, source.z))
    path = tmp_path_factory.mktemp("cloud") / "roofs.laz"
    return write(path, x + EAST, y + NORTH, z + UP, "EPSG:5514", classification=source.classification)


@pytest.fixture(scope="module")
def raster(shared_data: Path):
    with collect_notices():
        return read_raster(shared_data / "roofs" / "liberec_real_roofs_dsm.tif", footprints_5514=True)


def test_real_roofs_are_those_of_their_raster(real: Path, raster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lidar, "_close_holes", lambda values, most: None)
    found = read_point_cloud_dsm(real)
    assert (found.transform.a, found.transform.e) == (0.5, -0.5)
    rows, cols = raster.values.shape
    top = round((found.transform.f - raster.transform.f) / 0.5)
    left = round((raster.transform.c - found.transform.c) / 0.5)
    same = found.values[top : top + rows, left : left + cols]
    both = np.isfinite(same) & np.isfinite(raster.values)
    assert both.sum() > 54_000  # the raster knows more: it was made from both halves of the cloud
    assert np.abs(same[both] - raster.values[both]).max() < 0.002


def test_chunks_and_windows_give_the_same_cells(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read_point_cloud_dsm(real)
    monkeypatch.setattr(cloud_file, "CHUNK", 7_001)
    monkeypatch.setattr(lidar, "BAND", 50)
    assert np.array_equal(read_point_cloud_dsm(real).values, whole.values, equal_nan=True)
    corner = whole.transform
    window = (corner.c + 10.3, corner.f - 120.2, corner.c + 60.0, corner.f - 20.0)
    part = read_point_cloud_dsm(real, window_bounds=window)
    assert part.transform.c == corner.c + 10.0 and part.transform.f == corner.f - 20.0
    assert part.values.shape == (201, 100)
    assert np.array_equal(part.values, whole.values[40:241, 20:120], equal_nan=True)


def test_read_surface_takes_both(real: Path, sample_data: Path) -> None:
    assert read_surface(real, cell=1.0).transform.a == 1.0
    assert read_surface(sample_data / "dsm.tif", cell=1.0, footprints_5514=True).transform.a == 0.5


@pytest.mark.parametrize("code", ["EPSG:28992", "EPSG:25833", "EPSG:5513"])
def test_other_projected_systems_are_moved_point_by_point(code: str, tmp_path: Path) -> None:
    x, y, row, col = lattice()
    z = 400.0 + 0.1 * row + 0.05 * col
    here = read_point_cloud_dsm(write(tmp_path / "here.laz", x.ravel(), y.ravel(), z.ravel(), "EPSG:5514"))
    if code == "EPSG:5513":
        there = (-y, -x)
    else:
        there = Transformer.from_crs(4326, code, always_xy=True).transform(*to_wgs84(x, y))
    path = write(tmp_path / "there.laz", there[0].ravel(), there[1].ravel(), z.ravel(), code)
    with collect_notices() as notices:
        found = read_point_cloud_dsm(path, window_bounds=(X, Y - 20, X + 30, Y))
    assert [each.code for each in notices] == ["vector_reprojected"]
    assert found.transform == here.transform
    assert np.nanmax(np.abs(found.values - here.values)) < 1e-3


def test_highest_return_counts_and_noise_does_not(tmp_path: Path) -> None:
    x, y, row, _ = lattice()
    x, y = np.concatenate([x.ravel(), x.ravel()]), np.concatenate([y.ravel(), y.ravel()])
    z = np.full(x.size, 410.0)
    n = row.size
    z[n:] = 400.0
    kind = np.full(x.size, 1, np.uint8)
    withheld = np.zeros(x.size, np.uint8)
    for at, (height, class_, hidden) in enumerate([(500.0, 7, 0), (600.0, 18, 0), (700.0, 1, 1), (420.0, 6, 0)]):
        z[n + at], kind[n + at], withheld[n + at] = height, class_, hidden
    path = write(tmp_path / "a.laz", x, y, z, "EPSG:5514", classification=kind, withheld=withheld)
    values = read_point_cloud_dsm(path).values
    assert values[0, 3] == 420.0 and (np.delete(values.ravel(), 3) == 410.0).all()


def test_small_holes_are_closed_without_heights_in_between(tmp_path: Path) -> None:
    """A wall runs through the first hole; the second is too large, the third touches the edge."""
    x, y, row, col = lattice()
    z = np.where(col < 20, 410.0, 400.0) + 0.0 * row
    gone = (row >= 10) & (row < 14) & (col >= 18) & (col < 22)  # 16 cells = 4 m²
    gone |= (row >= 20) & (row < 25) & (col >= 30) & (col < 34)  # 20 cells
    gone |= (row < 2) & (col >= 40) & (col < 42)
    kept = ~gone
    path = write(tmp_path / "a.laz", x[kept], y[kept], z[kept], "EPSG:5514")
    values = read_point_cloud_dsm(path).values
    closed = values[10:14, 18:22]
    assert np.isin(closed, (400.0, 410.0)).all() and {400.0, 410.0} == set(closed.ravel())
    assert np.isnan(values[20:25, 30:34]).all() and np.isnan(values[:2, 40:42]).all()
    assert np.isnan(values).sum() == 24


def test_a_hole_in_a_slope_is_closed_on_the_slope(tmp_path: Path) -> None:
    x, y, row, col = lattice()
    z = 400.0 + 0.3 * row + 0.2 * col
    kept = ~((row == 10) & (col == 10)) & ~((row >= 20) & (row < 22) & (col >= 30) & (col < 33))
    values = read_point_cloud_dsm(write(tmp_path / "a.laz", x[kept], y[kept], z[kept], "EPSG:5514")).values
    assert values[10, 10] == pytest.approx(z[10, 10], abs=0.11)
    assert np.abs(values - z).max() < 0.65  # two cells from the rim


def test_a_thin_cloud_is_told_with_the_cell_that_suits_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    x, y = X + 200 * rng.random(40_000), Y - 200 * rng.random(40_000)  # one point a square metre
    path = write(tmp_path / "a.laz", x, y, np.full(40_000, 400.0), "EPSG:5514")
    with collect_notices() as notices:
        read_point_cloud_dsm(path)
    assert [each.code for each in notices] == ["cloud_thin"] and "--dsm-cell-m 2" in notices[0].sentence("en")
    with collect_notices() as notices:
        values = read_point_cloud_dsm(path, cell=2.0).values
    assert notices == [] and np.isfinite(values).mean() > 0.99


def test_without_system_the_guard_decides(tmp_path: Path, shared_data: Path) -> None:
    x, y, row, _ = lattice()
    path = write(tmp_path / "a.laz", x.ravel(), y.ravel(), 400.0 + row.ravel())
    with collect_notices() as notices:
        read_point_cloud_dsm(path, footprints_5514=True)
    assert [each.code for each in notices] == ["cloud_crs_assumed"]
    assert code_of(path) == "crs_missing"
    read_point_cloud_dsm(path, assume_crs={"dsm": "EPSG:5514"})
    delft = shared_data / "roofs" / "delft_ahn3.laz"
    error = error_of(delft, footprints_5514=True)
    assert error.code == "crs_missing_guess"
    assert "EPSG:28992" in str(error) and "--assume-crs dsm=EPSG:28992" in str(error)
    assert code_of(delft, assume_crs={"dsm": "EPSG:28992"}) == "crs_outside"
    found = read_point_cloud_dsm(delft, assume_crs={"dsm": "EPSG:28992"}, anywhere=True)
    assert np.isfinite(found.values).mean() > 0.4  # of a box that stands askew in EPSG:5514


def error_of(path: Path, **options) -> LkError:
    with pytest.raises(LkError) as caught:
        read_point_cloud_dsm(path, **options)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    return caught.value


def code_of(path: Path, **options) -> str:
    return error_of(path, **options).code


def test_feet_are_refused(shared_data: Path, tmp_path: Path) -> None:
    error = error_of(shared_data / "roofs" / "autzen_trim.laz")
    assert error.code == "cloud_not_metres" and "foot" in str(error)
    x, y, row, _ = lattice()
    flat = x.ravel(), y.ravel(), 400.0 + row.ravel()
    assert code_of(write(tmp_path / "up.laz", *flat, "EPSG:5514+6360")) == "cloud_not_metres"  # NAVD88 in US feet
    assert code_of(write(tmp_path / "us.laz", *flat), assume_crs={"dsm": "EPSG:2285"}) == "cloud_not_metres"


def test_feet_by_geotiff_key_alone_are_refused(tmp_path: Path) -> None:
    x, y, _, _ = lattice()
    header = laspy.LasHeader(point_format=1, version="1.2")
    header.scales, header.offsets = [0.001] * 3, [X, Y, 0.0]
    keys = GeoKeyDirectoryVlr()
    keys.parse_record_data(np.array([1, 1, 0, 2, 3072, 0, 1, 5514, 4099, 0, 1, 9003], np.uint16).tobytes())
    header.vlrs.append(keys)
    cloud = laspy.LasData(header)
    cloud.x, cloud.y, cloud.z = x.ravel(), y.ravel(), np.full(x.size, 1300.0)
    cloud.write(str(tmp_path / "a.las"))
    assert code_of(tmp_path / "a.las") == "cloud_not_metres"


def shortened(source: Path, path: Path, share: float) -> Path:
    path.write_bytes(source.read_bytes()[: int(source.stat().st_size * share)])
    return path


@pytest.mark.parametrize("suffix", [".laz", ".las"])
def test_damaged_files_are_told(suffix: str, tmp_path: Path) -> None:
    x, y, row, _ = lattice(200, 200)
    whole = write(tmp_path / f"whole{suffix}", x.ravel(), y.ravel(), 400.0 + row.ravel(), "EPSG:5514")
    for share in (0.0, 0.0001, 0.3, 0.9, 0.999):
        code = code_of(shortened(whole, tmp_path / f"cut{suffix}", share))
        assert code in ("cloud_unreadable", "cloud_damaged")
    page = tmp_path / f"page{suffix}"
    page.write_text("<html>404 Not Found</html>")
    assert code_of(page) == "cloud_unreadable"
    assert code_of(tmp_path / f"none{suffix}") == "file_missing"


def test_odd_extents_are_told(tmp_path: Path) -> None:
    x, y, row, _ = lattice()
    path = write(tmp_path / "a.las", x.ravel(), y.ravel(), 400.0 + row.ravel(), "EPSG:5514")
    assert code_of(path, window_bounds=(X + 900, Y, X + 990, Y + 50)) == "raster_no_overlap"
    assert code_of(path, cell=0.0001) == "raster_too_large"
    raw = bytearray(path.read_bytes())
    raw[179:187] = np.array([np.nan]).tobytes()  # the easternmost x of the header
    path.write_bytes(raw)
    assert code_of(path) == "cloud_damaged"
    noise = {"classification": np.full(row.size, 7)}
    path = write(tmp_path / "b.las", x.ravel(), y.ravel(), 400.0 + row.ravel(), "EPSG:5514", **noise)
    assert code_of(path) == "raster_empty"


@pytest.mark.parametrize(("at", "of"), [(100, "variable length records"), (243, "extended ones")])
def test_a_header_that_promises_too_much_is_not_believed(at: int, of: str, tmp_path: Path) -> None:
    """The reading library would go through four thousand million empty records."""
    x, y, row, _ = lattice()
    path = write(tmp_path / "a.laz", x.ravel(), y.ravel(), 400.0 + row.ravel(), "EPSG:5514")
    raw = bytearray(path.read_bytes())
    raw[at : at + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(raw)
    assert code_of(path) == "cloud_damaged", of
