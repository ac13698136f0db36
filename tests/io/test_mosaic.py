"""A folder of raster tiles as one surface model: the same as one file, and what does not fit together is named."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from lk_spatial.core.errors import DataError, InputError, LkError
from lk_spatial.core.notices import collect_notices
from lk_spatial.io import mosaic
from lk_spatial.io.coarse import read_coarse
from lk_spatial.io.lidar import read_surface
from lk_spatial.io.raster import raster_info, read_raster

WEST, NORTH = -689_000.0, -974_500.0


def model(rows: int = 80, cols: int = 100) -> np.ndarray:
    values = (400.0 + 60.0 * np.random.default_rng(2).random((rows, cols))).astype(np.float32)
    values[30:34, 45:70] = np.nan
    return values


def tile(path: Path, values: np.ndarray, top: int = 0, left: int = 0, *, cell=0.5, shift=0.0, **profile) -> Path:
    profile = {"crs": "EPSG:5514", "dtype": values.dtype, "count": 1} | profile
    grid = Affine(cell, 0, WEST + left * cell + shift, 0, -cell, NORTH - top * cell)
    rows, cols = values.shape
    with rasterio.open(path, "w", driver="GTiff", height=rows, width=cols, transform=grid, **profile) as target:
        target.write(np.broadcast_to(values, (profile["count"], rows, cols)))
    return path


def cut(folder: Path, values: np.ndarray, **profile) -> Path:
    """Nine tiles of unequal size."""
    folder.mkdir()
    for i, (top, bottom) in enumerate([(0, 20), (20, 50), (50, 80)]):
        for j, (left, right) in enumerate([(0, 40), (40, 60), (60, 100)]):
            tile(folder / f"list {i}{j}.tif", values[top:bottom, left:right], top, left, **profile)
    return folder


def refusal(path: Path) -> LkError:
    with pytest.raises((InputError, DataError)) as caught, collect_notices():
        read_raster(path)
    for lang in ("cs", "en"):
        assert "\n" not in caught.value.sentence(lang)
    return caught.value


@settings(max_examples=25, deadline=None)
@given(window=st.tuples(st.floats(-5, 49), st.floats(-5, 39), st.floats(0.1, 60), st.floats(0.1, 60)))
def test_tiles_are_the_one_file_bit_for_bit(window, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp() / "nine"
    values = model()
    one = folder.with_suffix(".tif")
    if not folder.exists():
        cut(folder, values)
        tile(one, values)
    left, down, wide, high = window
    bounds = (WEST + left, NORTH - down - high, WEST + left + wide, NORTH - down)
    if left + wide <= 0 or down + high <= 0:
        return
    whole = read_raster(one, window_bounds=bounds, allow_empty=True)
    found = read_raster(folder, window_bounds=bounds, allow_empty=True)
    assert found.transform == whole.transform and found.values.tobytes() == whole.values.tobytes()


def test_surface_head_and_coarse_of_a_folder(tmp_path: Path) -> None:
    folder = cut(tmp_path / "tiles", model())
    one = tile(tmp_path / "one.tif", model())
    assert np.array_equal(read_surface(folder).values, read_raster(one).values, equal_nan=True)
    info, whole = raster_info(folder), raster_info(one)
    assert (info.bounds, info.cell, info.width, info.height) == (whole.bounds, 0.5, 100, 80)
    everywhere = (-np.inf, -np.inf, np.inf, np.inf)
    coarse, plain = read_coarse(folder, everywhere, cell=5.0), read_coarse(one, everywhere, cell=5.0)
    assert coarse is not None and plain is not None
    assert coarse.transform == plain.transform and np.array_equal(coarse.values, plain.values, equal_nan=True)


def test_places_without_a_tile_are_unknown(tmp_path: Path) -> None:
    folder = cut(tmp_path / "tiles", model())
    (folder / "list 11.tif").unlink()
    expected = model()
    expected[20:50, 40:60] = np.nan
    assert np.array_equal(read_raster(folder).values, expected, equal_nan=True)


def test_tiles_of_the_state_survey(tmp_path: Path) -> None:
    """TIFF without system, heights in tiles with marks of no data of their own, placed by .tfw."""
    folder = tmp_path / "DMP OK <ěšč> & 'co'"
    folder.mkdir()
    values = model(20, 40)
    for name, left, mark in (("a.tif", 0, -9999.0), ("b.TIF", 20, -32768.0)):
        part = np.where(np.isnan(values[:, left : left + 20]), mark, values[:, left : left + 20]).astype(np.float32)
        part[3, 4] = mark
        with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
            bare = {"driver": "GTiff", "height": 20, "width": 20, "count": 1, "dtype": "float32", "nodata": mark}
            with rasterio.open(folder / name, "w", **bare) as target:
                target.write(part, 1)
        numbers = (0.5, 0, 0, -0.5, WEST + left * 0.5 + 0.25, NORTH - 0.25)
        (folder / name).with_suffix(".tfw").write_text("\n".join(map(str, numbers)))
    with collect_notices() as notices:
        found = read_raster(folder, footprints_5514=True)
    assert [each.code for each in notices] == ["raster_crs_assumed"]
    assert notices[0].values["path"] == str(folder)
    expected = values.copy()
    expected[3, [4, 24]] = np.nan
    assert np.array_equal(found.values, expected, equal_nan=True)
    assert refusal(folder).code == "crs_missing"


def test_the_first_by_name_wins_where_tiles_overlap(tmp_path: Path) -> None:
    one = np.full((10, 10), 400.0, np.float32)
    one[5] = -9999.0
    tile(tmp_path / "b.tif", np.full((10, 10), 500.0, np.float32), 0, 5)
    tile(tmp_path / "a.tif", one, nodata=-9999.0)
    found = read_raster(tmp_path).values
    assert found.shape == (10, 15)
    assert (np.delete(found[:, :10], 5, axis=0) == 400).all() and (found[0, 10:] == 500).all()
    assert np.isnan(found[5, :5]).all() and (found[5, 5:] == 500).all()  # what the first does not know, the next does


def test_scales_masks_and_bands_of_tiles(tmp_path: Path) -> None:
    steps = np.full((10, 10), 4_000, np.int16)
    for name, left in (("a.tif", 0), ("b.tif", 10)):
        path = tile(tmp_path / name, steps, 0, left, count=2)
        with rasterio.open(path, "r+") as target:
            target.scales, target.offsets = (0.1, 0.1), (5.0 + left, 5.0)
            seen = np.full(steps.shape, 255, np.uint8)
            seen[:2] = 0
            target.write_mask(seen)
    for _ in range(2):  # also from the heads that are kept
        with collect_notices() as notices:
            found = read_raster(tmp_path).values
        assert [each.code for each in notices] == ["raster_first_band"] and notices[0].values["bands"] == 2
    assert np.isnan(found[:2]).all()
    assert np.allclose(found[2:, :10], 405.0) and np.allclose(found[2:, 10:], 415.0)


@pytest.mark.parametrize(
    "other, told",
    [
        ({"cell": 1.0}, "cells of 0.5 m and 1 m"),
        ({"shift": 0.2}, "shifted by 0.2 m"),
        ({"crs": "EPSG:25833"}, "S-JTSK / Krovak East North / ETRS89 / UTM zone 33N"),
        ({"crs": None}, "S-JTSK / Krovak East North / no coordinate system"),
    ],
    ids=["cell", "grid", "crs", "no crs"],
)
def test_what_does_not_fit_together_is_named(other: dict, told: str, tmp_path: Path) -> None:
    folder = cut(tmp_path / "tiles", model())
    tile(folder / "other.tif", model(10, 10), 80, 0, **other)
    error = refusal(folder)
    assert error.code == "tiles_differ"
    assert told in error.sentence("en") and "list 00.tif and other.tif" in error.sentence("en")


def test_grids_may_be_off_by_a_rounded_number(tmp_path: Path) -> None:
    folder = cut(tmp_path / "tiles", model())
    tile(folder / "other.tif", model(10, 10), 80, 0, shift=0.004)
    assert read_raster(folder).values.shape == (90, 100)


def test_folders_that_are_no_surface(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    tile(tmp_path / "below" / "a.tif", model())
    tile(tmp_path / "._a.tif", model())  # what some systems leave beside files
    assert refusal(tmp_path).code == "folder_no_tiles"
    (tmp_path / "a.laz").write_bytes(b"")
    tile(tmp_path / "a.tif", model())
    assert refusal(tmp_path).code == "folder_mixed"


def test_a_bad_tile_is_named(tmp_path: Path) -> None:
    folder = cut(tmp_path / "tiles", model())
    bad = folder / "list 12.tif"
    bad.write_bytes(b"II*\0 nothing")
    assert str(bad) in refusal(folder).sentence("en")
    bad.unlink()
    with rasterio.open(bad, "w", driver="GTiff", height=9, width=9, count=3, dtype="uint8", photometric="RGB",
                       crs="EPSG:5514", transform=Affine(0.5, 0, WEST, 0, -0.5, NORTH)) as target:  # fmt: skip
        target.write(np.ones((3, 9, 9), np.uint8))
    error = refusal(folder)
    assert error.code == "raster_picture" and str(bad) in error.sentence("en")


def test_heads_are_read_once_until_a_tile_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = cut(tmp_path / "tiles", model())
    heads = []
    own = mosaic._head
    monkeypatch.setattr(mosaic, "_head", lambda *args: heads.append(args) or own(*args))
    for _ in range(3):
        read_raster(folder)
    assert len(heads) == 9
    tile(folder / "new.tif", model(7, 7), 80, 0)
    assert read_raster(folder).values.shape == (87, 100) and len(heads) == 19
