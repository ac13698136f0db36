"""Coarse heights of large rasters: plain means, windows that agree, marks of no data, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from lk_spatial.core.errors import DataError, InputError
from lk_spatial.core.notices import collect_notices
from lk_spatial.io import coarse
from lk_spatial.io.coarse import read_coarse
from lk_spatial.io.raster import Raster

WEST, NORTH = -690_010.0, -972_005.0  # off the multiples of 25 m
EVERYWHERE = (-np.inf, -np.inf, np.inf, np.inf)


def hills(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    return (500.0 + 80.0 * np.random.default_rng(seed).random(shape)).astype(np.float32)


def write(path: Path, values: np.ndarray, cell: float, *, crs: str | None = "EPSG:5514", **profile) -> Path:
    grid = Affine(cell, 0, WEST, 0, -cell, NORTH)
    rows, cols = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=cols, count=1, dtype=values.dtype, crs=crs, transform=grid,
        **profile,
    ) as target:  # fmt: skip
        target.write(values, 1)
    return path


def plain_means(values: np.ndarray, cell: float, side: float) -> dict[tuple[float, float], float]:
    """The obvious way: every height to the coarse cell that holds its centre."""
    found: dict[tuple[float, float], list[float]] = {}
    for (i, j), z in np.ndenumerate(values):
        x, y = WEST + (j + 0.5) * cell, NORTH - (i + 0.5) * cell
        found.setdefault((np.floor(x / side) * side, np.ceil(y / side) * side), []).append(float(z))
    return {corner: float(np.nanmean(all_)) for corner, all_ in found.items() if not np.isnan(all_).all()}


def as_table(raster: Raster) -> dict[tuple[float, float], float]:
    grid = raster.transform
    return {
        (grid.c + j * grid.a, grid.f + i * grid.e): float(z)
        for (i, j), z in np.ndenumerate(raster.values)
        if not np.isnan(z)
    }


@pytest.mark.parametrize("profile", [{}, {"tiled": True, "blockxsize": 16, "blockysize": 32}], ids=["strips", "tiles"])
@pytest.mark.parametrize("cell", [0.5, 1.0, 4.0, 10.0])
def test_cells_are_the_plain_means(cell: float, profile: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coarse, "CHUNK", 32)
    values = hills((75, 110))
    values[np.random.default_rng(1).random(values.shape) < 0.1] = np.nan
    values[40:, 60:] = -9999.0
    path = write(tmp_path / "a.tif", values, cell, nodata=-9999.0, **profile)
    with collect_notices() as notices:
        found = read_coarse(path, EVERYWHERE)
    assert not notices and found is not None and found.crs == "EPSG:5514" and found.values.dtype == np.float32
    expected = plain_means(np.where(values == -9999.0, np.nan, values), cell, 25.0)
    table = as_table(found)
    assert table.keys() == expected.keys()
    assert max(abs(table[corner] - z) for corner, z in expected.items()) < 1e-4


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Raster]:
    values = hills((400, 500), 3)
    values[np.random.default_rng(4).random(values.shape) < 0.05] = np.nan
    path = write(tmp_path_factory.mktemp("wide") / "a.tif", values, 2.0, tiled=True, blockxsize=64, blockysize=64)
    whole = read_coarse(path, EVERYWHERE)
    assert whole is not None
    return path, whole


@settings(max_examples=30, deadline=None)
@given(
    left=st.floats(-100, 900), down=st.floats(-100, 700), size=st.floats(0.5, 600), chunk=st.sampled_from([64, 2048])
)
def test_windows_agree_with_the_whole_bit_for_bit(
    wide: tuple[Path, Raster], left: float, down: float, size: float, chunk: int
) -> None:
    path, whole = wide
    bounds = (WEST + left, NORTH - down - size, WEST + left + size, NORTH - down)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coarse, "CHUNK", chunk)
        part = read_coarse(path, bounds)
    if part is None:
        assert left + size <= 0 or down + size <= 0
        return
    top, side = round((whole.transform.f - part.transform.f) / 25), round((part.transform.c - whole.transform.c) / 25)
    rows, cols = part.values.shape
    assert part.values.tobytes() == whole.values[top : top + rows, side : side + cols].tobytes()
    east, south = part.transform.c + cols * 25, part.transform.f - rows * 25
    assert part.transform.c <= max(bounds[0], WEST) and east >= min(bounds[2], WEST + 1000)
    assert part.transform.f >= min(bounds[3], NORTH) and south <= max(bounds[1], NORTH - 800)


@pytest.mark.parametrize("cell", [12.6, 25.0, 30.0])
def test_a_coarse_raster_keeps_its_cells(cell: float, tmp_path: Path) -> None:
    values = hills((30, 40))
    path = write(tmp_path / "a.tif", values, cell)
    whole = read_coarse(path, EVERYWHERE)
    assert whole is not None and np.array_equal(whole.values, values)
    assert whole.transform.almost_equals(Affine(cell, 0, WEST, 0, -cell, NORTH))
    bounds = (WEST + 3 * cell, NORTH - 8 * cell, WEST + 4.5 * cell, NORTH - 7.5 * cell)
    part = read_coarse(path, bounds)
    assert part is not None and np.array_equal(part.values, values[7:8, 3:5])
    assert part.transform.c == pytest.approx(WEST + 3 * cell, abs=1e-5)


def test_marks_of_no_data_and_spikes_are_left_out_and_told_once(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(coarse, "CHUNK", 16)
    values = hills((100, 100))
    plain = values.copy()
    for place, mark in ((np.s_[0], 0.0), (np.s_[50:60, 3], -32768.0), (np.s_[70, :99:9], 8888.0)):
        values[place], plain[place] = mark, np.nan
    path = write(tmp_path / "a.tif", values, 2.5)
    with collect_notices() as notices:
        found = read_coarse(path, EVERYWHERE, input_name="dsm")
    assert found is not None
    told = {each.code: each.values for each in notices}
    assert len(notices) == 2
    assert told["raster_nodata_undeclared"]["count"] == 110
    assert told["raster_nodata_undeclared"]["values"] == "-32768, 0"
    assert told["raster_spikes"] == {"input": "dsm", "path": str(path), "count": 11, "low": "8888", "high": "8888"}
    expected, table = plain_means(plain, 2.5, 25.0), as_table(found)
    assert table.keys() == expected.keys()
    assert max(abs(table[corner] - z) for corner, z in expected.items()) < 1e-4


@pytest.mark.parametrize("nodata", [-1.7976931348623157e308, np.nan, 1e20])
def test_no_data_of_doubles(nodata: float, tmp_path: Path) -> None:
    values = hills((20, 20)).astype(np.float64)
    values[:5] = nodata
    with collect_notices() as notices:
        found = read_coarse(write(tmp_path / "a.tif", values, 10.0, nodata=nodata), EVERYWHERE)
    assert found is not None and not notices
    assert np.nanmin(found.values) > 499 and np.nanmax(found.values) < 581


def test_masks_and_scales_count(tmp_path: Path) -> None:
    steps = np.full((20, 20), 5_000, np.int16)
    path = write(tmp_path / "a.tif", steps, 10.0)
    with rasterio.open(path, "r+") as source:
        source.scales, source.offsets = (0.1,), (3.0,)
        seen = np.full(steps.shape, 255, np.uint8)
        seen[:10] = 0
        source.write_mask(seen)
    found = read_coarse(path, EVERYWHERE)
    assert found is not None
    known = np.isfinite(found.values)
    assert known.any() and not known[:3].any() and np.allclose(found.values[known], 503.0)


def test_nothing_there(tmp_path: Path) -> None:
    values = hills((40, 40))
    values[:, 20:] = np.nan
    path = write(tmp_path / "a.tif", values, 5.0)
    assert read_coarse(path, (WEST + 1000, NORTH - 100, WEST + 1100, NORTH)) is None
    assert read_coarse(path, (WEST + 150, NORTH - 100, WEST + 180, NORTH)) is None  # within, but without a height
    assert read_coarse(path, (WEST - 50, NORTH - 100, WEST + 30, NORTH)) is not None
    assert read_coarse("cloud.laz", EVERYWHERE, input_name="dsm") is None
    with pytest.raises(InputError) as refused:
        read_coarse("cloud.laz", EVERYWHERE, input_name="terrain")
    assert refused.value.code == "terrain_cloud"


def test_heights_in_other_units_are_no_mountains(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", hills((40, 40)) * 100.0, 5.0)
    with collect_notices() as notices:
        assert read_coarse(path, EVERYWHERE) is None
    assert [each.code for each in notices] == ["raster_spikes"]


def test_the_guard_stands_here_too(tmp_path: Path) -> None:
    path = write(tmp_path / "bare.tif", hills((40, 40)), 5.0, crs=None)
    with pytest.raises(InputError) as caught:
        read_coarse(path, EVERYWHERE)
    assert caught.value.code == "crs_missing"
    with collect_notices() as notices:
        assert read_coarse(path, EVERYWHERE, footprints_5514=True) is not None
    assert [each.code for each in notices] == ["raster_crs_assumed"]
    other = write(tmp_path / "other.tif", hills((40, 40)), 5.0, crs="EPSG:25833")
    with pytest.raises(InputError):
        read_coarse(other, EVERYWHERE)
    with pytest.raises(InputError) as caught:
        read_coarse(tmp_path / "none.tif", EVERYWHERE)
    assert caught.value.code == "file_missing"


def test_a_damaged_block_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", hills((400, 400)), 2.0, compress="deflate")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + b"\0" * (len(data) - len(data) // 2))
    with pytest.raises((DataError, InputError)) as caught:
        read_coarse(path, EVERYWHERE)
    assert caught.value.code in ("raster_damaged", "raster_unreadable")


def test_memory_is_that_of_the_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No block is larger than a chunk, whatever the raster."""
    monkeypatch.setattr(coarse, "CHUNK", 64)
    sizes = []
    add = coarse._add
    monkeypatch.setattr(coarse, "_add", lambda block, *more: sizes.append(block.size) or add(block, *more))
    for profile in ({}, {"tiled": True, "blockxsize": 16, "blockysize": 16}):
        read_coarse(write(tmp_path / f"{len(profile)}.tif", hills((500, 700)), 1.0, **profile), EVERYWHERE)
    assert sum(sizes) == 2 * 500 * 700 and max(sizes) <= 64 * 64
