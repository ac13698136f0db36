"""Rasters of heights as they come: the state's TIFF + TFW without a system, marks of no data, local systems."""

import logging
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.enums import ColorInterp

from lk_spatial.core.errors import DataError, InputError, LkError
from lk_spatial.core.notices import collect_notices
from lk_spatial.io.raster import raster_info, read_raster

NORTH_WEST = (-689_000.0, -974_500.0)
GRID = Affine(0.5, 0.0, NORTH_WEST[0], 0.0, -0.5, NORTH_WEST[1])
LOCAL_5514 = (
    'LOCAL_CS["S-JTSK / Krovak East North",UNIT["metre",1,AUTHORITY["EPSG","9001"]],'
    'AXIS["X",EAST],AXIS["Y",NORTH],AUTHORITY["EPSG","5514"]]'
)


def heights(rows: int = 6, cols: int = 8) -> np.ndarray:
    return (400.0 + np.arange(rows * cols, dtype=np.float32).reshape(rows, cols) / 10.0).astype(np.float32)


def write(path: Path, values: np.ndarray | None = None, *, transform=GRID, crs="EPSG:5514", **profile) -> Path:
    bands = heights() if values is None else values
    bands = bands[np.newaxis] if bands.ndim == 2 else bands
    size = {"count": len(bands), "height": bands.shape[1], "width": bands.shape[2]}
    with rasterio.open(
        path, "w", driver="GTiff", dtype=bands.dtype, crs=crs, transform=transform, **size, **profile
    ) as target:
        target.write(bands)
    return path


def write_tfw(path: Path, a=0.5, d=0.0, b=0.0, e=-0.5, x=NORTH_WEST[0] + 0.25, y=NORTH_WEST[1] - 0.25) -> None:
    path.with_suffix(".tfw").write_text("".join(f"{value}\n" for value in (a, d, b, e, x, y)))


def write_bare(path: Path, values: np.ndarray | None = None, **profile) -> Path:
    """A TIFF without any georeference, as the state's products carry theirs in the .tfw alone."""
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        write(path, values, transform=None, crs=None, **profile)
    return path


def read(path, **options):
    with collect_notices() as notices:
        raster = read_raster(path, **options)
    return raster, [one.code for one in notices]


def refusal(path, **options) -> LkError:
    with pytest.raises((InputError, DataError)) as caught, collect_notices():
        read_raster(path, **options)
    for lang in ("cs", "en"):
        sentence = caught.value.sentence(lang)
        assert str(path) in sentence and "\n" not in sentence
    return caught.value


# --- the real one ---


def test_real_state_raster(shared_data):
    path = shared_data / "roofs" / "liberec_real_roofs_dsm.tif"
    info = raster_info(path)
    assert (info.width, info.height, info.cell, info.crs, info.nodata) == (145, 458, 0.5, None, -9999.0)
    raster, codes = read(path, footprints_5514=True)
    assert codes == ["raster_crs_assumed"]
    assert raster.values.dtype == np.float32 and raster.values.shape == (458, 145) and raster.crs == "EPSG:5514"
    with rasterio.open(path) as source:
        marks = source.read(1) == -9999
    assert marks.any() and (np.isnan(raster.values) == marks).all()
    assert 380 < np.nanmin(raster.values) < np.nanmax(raster.values) < 450
    assert refusal(path).code == "crs_missing"
    assert read(path, assume_crs={"dsm": "EPSG:5514"})[1] == ["crs_assumed_by_user"]


# --- georeference ---


def test_tfw_without_system(tmp_path):
    path = write_bare(tmp_path / "sheet.tif", nodata=-9999)
    write_tfw(path)
    raster, codes = read(path, footprints_5514=True)
    assert codes == ["raster_crs_assumed"] and raster.transform == GRID
    assert (raster.values == heights()).all()


def test_internal_georeference_beats_tfw(tmp_path):
    path = write(tmp_path / "x.tif")
    write_tfw(path, x=-700_000.25, y=-980_000.25)
    assert read(path)[0].transform == GRID


def test_no_georeference_at_all(tmp_path):
    path = write_bare(tmp_path / "x.tif")
    assert refusal(path, footprints_5514=True).code == "raster_no_georeference"
    assert refusal(path, assume_crs="EPSG:5514").code == "raster_no_georeference"


@pytest.mark.parametrize(
    ("transform", "code"),
    [
        pytest.param(Affine(0.49, 0.09, -689_000, 0.09, -0.49, -974_500), "raster_rotated", id="turned"),
        pytest.param(Affine(0.5, 0, -689_000, 0, 0.5, -974_600), "raster_south_up", id="south-up"),
        pytest.param(Affine(-0.5, 0, -689_000, 0, -0.5, -974_500), "raster_south_up", id="east-first"),
        pytest.param(Affine(0.5, 0, -689_000, 0, -1.0, -974_500), "raster_oblong", id="oblong"),
    ],
)
def test_grids_that_are_not_north_up_and_square(tmp_path, transform, code):
    path = write(tmp_path / "x.tif", transform=transform)
    assert refusal(path).code == code
    with pytest.raises(InputError) as caught:
        raster_info(path)
    assert caught.value.code == code


def test_local_system(tmp_path):
    path = write(tmp_path / "export.tif", crs=rasterio.crs.CRS.from_wkt(LOCAL_5514))
    with rasterio.open(path) as source:
        assert source.crs and source.crs.to_epsg() is None  # the trap is really in the file
    raster, codes = read(path, footprints_5514=True)
    assert codes == ["crs_local_taken"] and raster.transform == GRID


def test_local_system_with_code(tmp_path):
    write(tmp_path / "x.tif", crs=None)
    path = tmp_path / "export.vrt"
    path.write_text(
        f'<VRTDataset rasterXSize="8" rasterYSize="6"><SRS>{LOCAL_5514.replace(chr(34), "&quot;")}</SRS>'
        "<GeoTransform>-689000, 0.5, 0, -974500, 0, -0.5</GeoTransform>"
        '<VRTRasterBand dataType="Float32" band="1"><SimpleSource>'
        '<SourceFilename relativeToVRT="1">x.tif</SourceFilename><SourceBand>1</SourceBand>'
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )
    raster, codes = read(path)
    assert codes == ["crs_local_taken"] and (raster.values == heights()).all()


@pytest.mark.parametrize(
    ("crs", "corner", "cell", "code"),
    [
        pytest.param("EPSG:4326", (15.05, 50.77), 1e-5, "crs_geographic", id="4326"),
        pytest.param("EPSG:28992", (85_000, 446_000), 0.5, "crs_outside", id="28992-Delft"),
        pytest.param("EPSG:3857", (1_676_026, 6_580_181), 0.5, "crs_other_raster", id="3857"),
        pytest.param("EPSG:25833", (503_949, 5_623_800), 0.5, "crs_other_raster", id="25833"),
        pytest.param("EPSG:3045", (503_949, 5_623_800), 0.5, "crs_other_raster", id="3045"),
        pytest.param("EPSG:8353", NORTH_WEST, 0.5, "crs_slovak", id="8353"),
        pytest.param("EPSG:5514", (688_927.5, 974_729), 0.5, "crs_wrong_sign", id="positive"),
        pytest.param("EPSG:5514", (-974_729, -688_927.5), 0.5, "crs_swapped_axes", id="swapped"),
        pytest.param("EPSG:5513", (974_500, 689_000), 0.5, "crs_other_raster", id="5513"),
        pytest.param("EPSG:5514", (-598_000, -1_160_000), 0.5, "crs_outside", id="Brno"),
        pytest.param(None, (688_927.5, 974_729), 0.5, "crs_wrong_sign", id="positive-without-system"),
        pytest.param(None, (-598_000, -1_160_000), 0.5, "crs_missing", id="Brno-without-system"),
    ],
)
def test_coordinate_systems_of_rasters(tmp_path, crs, corner, cell, code):
    path = write(tmp_path / "x.tif", crs=crs, transform=Affine(cell, 0, corner[0], 0, -cell, corner[1]))
    assert refusal(path, footprints_5514=True).code == code


def test_anywhere(tmp_path):
    path = write(tmp_path / "brno.tif", transform=Affine(0.5, 0, -598_000, 0, -0.5, -1_160_000))
    assert read(path, anywhere=True)[1] == ["outside_region"]


def test_compound_system_with_bpv_heights(tmp_path):
    path = write(tmp_path / "x.tif", crs="EPSG:5514+8357")
    assert read(path)[1] == []


# --- no data ---


def holed(mark: float) -> np.ndarray:
    values = heights()
    values[0, :3] = mark
    return values


@pytest.mark.parametrize(
    ("values", "profile", "codes"),
    [
        pytest.param(holed(-9999), {"nodata": -9999}, [], id="declared"),
        pytest.param(holed(np.nan), {"nodata": np.nan}, [], id="nan-declared"),
        pytest.param(holed(np.nan), {}, [], id="nan"),
        pytest.param(holed(np.inf), {}, [], id="infinite"),
        pytest.param(holed(np.nan), {"nodata": -9999}, [], id="nan-beside-declared"),
        pytest.param(holed(-9999), {}, ["raster_nodata_undeclared"], id="undeclared"),
        pytest.param(holed(-32768), {"nodata": -9999}, ["raster_nodata_undeclared"], id="another-than-declared"),
        pytest.param(holed(-3.4e38), {}, ["raster_nodata_undeclared"], id="lowest-float"),
        pytest.param(holed(0), {}, ["raster_nodata_undeclared"], id="zero-of-exportImage"),
        pytest.param(holed(0), {"nodata": 0}, [], id="zero-declared"),
    ],
)
def test_marks_of_no_data(tmp_path, values, profile, codes):
    raster, told = read(write(tmp_path / "x.tif", values, **profile))
    assert told == codes
    assert np.isnan(raster.values[0, :3]).all() and np.isnan(raster.values).sum() == 3
    assert raster.values[1, 1] == heights()[1, 1]


def test_zero_is_a_height_on_synthetic_ground(tmp_path):
    values = np.zeros((6, 8), np.float32)
    values[2:4, 2:4] = 6.0
    raster, told = read(write(tmp_path / "x.tif", values))
    assert (raster.values == values).all() and told == ["raster_heights_odd"]


@pytest.mark.parametrize(("mark", "profile"), [(-9999, {"nodata": -9999}), (-9999, {}), (np.nan, {})])
def test_all_nodata(tmp_path, mark, profile):
    path = write(tmp_path / "x.tif", np.full((6, 8), mark, np.float32), **profile)
    assert refusal(path).code == "raster_empty"
    assert np.isnan(read(path, allow_empty=True)[0].values).all()


@pytest.mark.parametrize(("spike", "options", "told"), [
    (1e30, {}, True), (99_999, {}, True), (2_500, {}, True), (2_500, {"anywhere": True}, False),
    (9_999, {"anywhere": True}, True), (1_900, {}, False),
])  # fmt: skip
def test_lone_heights_above_everything_are_missing(tmp_path, spike, options, told):
    values = heights()
    values[2, 3] = spike
    raster, codes = read(write(tmp_path / "x.tif", values), **options)
    assert ("raster_spikes" in codes) == told == bool(np.isnan(raster.values[2, 3]))
    assert np.isfinite(raster.values).sum() == values.size - told


def test_odd_heights_are_told(tmp_path):
    assert read(write(tmp_path / "feet.tif", heights() * 10))[1] == ["raster_heights_odd"]


# --- kinds of numbers and bands ---


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "float64"])
def test_number_types(tmp_path, dtype):
    values = np.full((6, 8), 200, dtype)
    raster, _ = read(write(tmp_path / "x.tif", values))
    assert raster.values.dtype == np.float32 and (raster.values == 200).all()


def test_scale_and_offset(tmp_path):
    path = write(tmp_path / "cm.tif", np.full((6, 8), 41_250, np.int32))
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets = (0.01,), (10.0,)
    assert read(path)[0].values[0, 0] == pytest.approx(422.5)


def test_first_band_of_several(tmp_path):
    raster, codes = read(write(tmp_path / "x.tif", np.stack([heights(), heights() + 50])))
    assert codes == ["raster_first_band"] and (raster.values == heights()).all()


def test_alpha_band_is_a_mask(tmp_path):
    opaque = np.full((6, 8), 255, np.float32)
    opaque[0, 0] = 0
    path = write(tmp_path / "x.tif", np.stack([heights(), opaque]), photometric="minisblack", alpha="yes")
    with rasterio.open(path) as source:
        assert source.colorinterp[1] == ColorInterp.alpha
    raster, codes = read(path)
    assert codes == [] and np.isnan(raster.values[0, 0]) and np.isnan(raster.values).sum() == 1


def test_orthophoto_is_refused(tmp_path):
    path = write(tmp_path / "photo.tif", np.full((3, 6, 8), 120, np.uint8), photometric="rgb")
    assert refusal(path).code == "raster_picture"


# --- files that are no rasters ---


@pytest.mark.parametrize("content", [b"", b"x y z\n1 2 3\n", b"II*\0" + b"\0" * 40, b"<html>404</html>"])
def test_not_a_raster(tmp_path, content):
    path = tmp_path / "x.tif"
    path.write_bytes(content)
    assert refusal(path).code == "raster_unreadable"


def test_missing_folder_vector_and_cloud(tmp_path, shared_data):
    assert refusal(tmp_path / "none.tif").code == "file_missing"
    assert refusal(tmp_path).code == "folder_no_tiles"
    assert refusal(shared_data / "roofs" / "liberec_real_roofs_buildings.gpkg").code == "raster_unreadable"
    assert refusal(shared_data / "roofs" / "delft_ahn3.laz").code == "raster_unreadable"


def test_truncated_file(tmp_path, caplog):
    path = write(tmp_path / "x.tif", np.random.default_rng(1).normal(400, 9, (400, 300)).astype("f4"), tiled=False)
    path.write_bytes(path.read_bytes()[:200_000])
    with caplog.at_level(logging.CRITICAL):
        error = refusal(path)
    assert error.code == "raster_damaged" and isinstance(error, DataError)


def test_vrt_over_sheets_and_a_missing_sheet(tmp_path):
    sheets = []
    for number in range(2):
        sheet = write_bare(tmp_path / f"sheet{number}.tif", heights() + number, nodata=-9999)
        write_tfw(sheet, x=NORTH_WEST[0] + 0.25 + 4 * number)
        sheets.append(
            f'<ComplexSource><SourceFilename relativeToVRT="1">{sheet.name}</SourceFilename><SourceBand>1</SourceBand>'
            '<SrcRect xOff="0" yOff="0" xSize="8" ySize="6"/>'
            f'<DstRect xOff="{8 * number}" yOff="0" xSize="8" ySize="6"/>'
            "<NODATA>-9999</NODATA></ComplexSource>"
        )
    path = tmp_path / "mosaic.vrt"
    path.write_text(
        '<VRTDataset rasterXSize="16" rasterYSize="6"><SRS>EPSG:5514</SRS>'
        "<GeoTransform>-689000, 0.5, 0, -974500, 0, -0.5</GeoTransform><VRTRasterBand dataType='Float32' band='1'>"
        f"<NoDataValue>-9999</NoDataValue>{''.join(sheets)}</VRTRasterBand></VRTDataset>"
    )
    raster, codes = read(path)
    assert codes == [] and (raster.values == np.hstack([heights(), heights() + 1])).all()
    (tmp_path / "sheet1.tif").unlink()
    west = (NORTH_WEST[0], NORTH_WEST[1] - 3, NORTH_WEST[0] + 4, NORTH_WEST[1])
    assert (read(path, window_bounds=west)[0].values == heights()).all()
    error = refusal(path)
    assert error.code == "raster_tile_missing" and str(tmp_path / "sheet1.tif") in error.sentence("en")


def test_a_sheet_that_several_threads_would_leave_out_is_missed(tmp_path):
    """GDAL reads a VRT of some million pixels by threads, and an unreadable sheet then is no error of its own."""
    sheets = ""
    for number in range(2):
        write(tmp_path / f"large{number}.tif", heights(1000, 1000))
        sheets += (
            f'<SimpleSource><SourceFilename relativeToVRT="1">large{number}.tif</SourceFilename>'
            f'<SourceBand>1</SourceBand><SrcRect xOff="0" yOff="0" xSize="1000" ySize="1000"/>'
            f'<DstRect xOff="{1000 * number}" yOff="0" xSize="1000" ySize="1000"/></SimpleSource>'
        )
    path = tmp_path / "mosaic.vrt"
    path.write_text(
        '<VRTDataset rasterXSize="2000" rasterYSize="1000"><SRS>EPSG:5514</SRS>'
        "<GeoTransform>-689000, 0.5, 0, -974500, 0, -0.5</GeoTransform><VRTRasterBand dataType='Float32' band='1'>"
        f"<NoDataValue>-9999</NoDataValue>{sheets}</VRTRasterBand></VRTDataset>"
    )
    (tmp_path / "large1.tif").unlink()
    assert refusal(path).code == "raster_tile_missing"


def test_name_with_spaces_and_diacritics(tmp_path):
    folder = tmp_path / "Model povrchu (střechy)"
    folder.mkdir()
    assert read(write(folder / "výšky 1.tif"))[0].values.shape == (6, 8)


# --- windows ---


@pytest.fixture(scope="module")
def wide(tmp_path_factory) -> Path:
    return write(
        tmp_path_factory.mktemp("wide") / "wide.tif", heights(40, 60), tiled=True, blockxsize=16, blockysize=16
    )


@settings(max_examples=60, deadline=None)
@given(
    left=st.floats(-10, 29),
    bottom=st.floats(-10, 19),
    width=st.floats(1.5, 40),
    height=st.floats(1.5, 40),
)
def test_window_holds_every_cell_it_touches_and_no_more(wide, left, bottom, width, height):
    west, south = NORTH_WEST[0] + left, NORTH_WEST[1] - 20 + bottom
    bounds = (west, south, west + width, south + height)
    if left + width < 0.01 or bottom + height < 0.01:
        return
    raster, _ = read(wide, window_bounds=bounds)
    whole = heights(40, 60)
    col = round((raster.transform.c - NORTH_WEST[0]) / 0.5)
    row = round((NORTH_WEST[1] - raster.transform.f) / 0.5)
    rows, cols = raster.values.shape
    assert (raster.values == whole[row : row + rows, col : col + cols]).all()
    east, bottom_edge = raster.transform.c + cols * 0.5, raster.transform.f - rows * 0.5
    assert (
        raster.transform.c <= max(bounds[0], NORTH_WEST[0]) + 1e-5 and east >= min(bounds[2], NORTH_WEST[0] + 30) - 1e-5
    )
    assert raster.transform.f >= min(bounds[3], NORTH_WEST[1]) - 1e-5
    assert bottom_edge <= max(bounds[1], NORTH_WEST[1] - 20) + 1e-5
    assert raster.transform.c > bounds[0] - 0.5001 and east < bounds[2] + 0.5001


def test_window_on_cell_borders_is_exact(wide):
    x, y = NORTH_WEST
    raster, _ = read(wide, window_bounds=(x + 5, y - 10, x + 10, y - 5))
    assert raster.values.shape == (10, 10) and (raster.transform.c, raster.transform.f) == (x + 5, y - 5)


@pytest.mark.parametrize(
    "bounds",
    [
        (-690_100, -975_100, -690_000, -975_000),
        (NORTH_WEST[0] + 30, -974_510, NORTH_WEST[0] + 40, -974_500),
        (np.nan,) * 4,
    ],
    ids=["elsewhere", "touching", "empty"],
)
def test_window_beside_the_raster(wide, bounds):
    assert refusal(wide, window_bounds=bounds).code == "raster_no_overlap"


def test_huge_raster_is_read_by_windows_only(tmp_path):
    path = tmp_path / "huge.vrt"
    path.write_text(
        '<VRTDataset rasterXSize="100000" rasterYSize="80000"><SRS>EPSG:5514</SRS>'
        "<GeoTransform>-720000, 0.5, 0, -960000, 0, -0.5</GeoTransform>"
        '<VRTRasterBand dataType="Float32" band="1"/></VRTDataset>'
    )
    assert refusal(path).code == "raster_too_large"
    window = (-700_000, -970_100, -699_900, -970_000)
    with collect_notices():
        assert read_raster(path, window_bounds=window, allow_empty=True).values.shape == (200, 200)


def test_reading_changes_nothing_beside_the_file(tmp_path):
    path = write_bare(tmp_path / "x.tif")
    write_tfw(path)
    before = {item.name: item.read_bytes() for item in tmp_path.iterdir()}
    read(path, footprints_5514=True)
    assert {item.name: item.read_bytes() for item in tmp_path.iterdir()} == before
    path.unlink()  # on Windows this fails while a reader holds the file
