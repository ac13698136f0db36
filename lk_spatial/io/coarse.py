"""Coarse heights of a large raster for what is far away: means on cells whose edges lie on multiples of their side."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.windows import Window

from lk_spatial.core.compiled import kernel
from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import notice
from lk_spatial.core.progress import Progress, silent
from lk_spatial.io.crs import WORK_CRS, Assumed, Bounds
from lk_spatial.io.lidar import is_point_cloud
from lk_spatial.io.mosaic import opened
from lk_spatial.io.raster import (
    HIGHEST,
    HIGHEST_EVER,
    MAX_CELLS,
    NO_HEIGHT,
    Raster,
    check_heights,
    guarded_head,
    heights,
)
from lk_spatial.io.raster_file import RasterInfo, check_band, damage, is_plain, nodata_of

CHUNK = 2_048  # [px] side of what is read at once, where the file's blocks are no larger
FEWEST = 2  # cells of the raster side by side in a coarse one; of fewer no mean is taken


class _Axis(NamedTuple):
    """Cells of a raster along one axis, from ``start`` on, and the coarse cell of each, counted from the ``first``."""

    start: int
    coarse: NDArray[np.int64]
    first: int

    @property
    def stop(self) -> int:
        return self.start + len(self.coarse)

    @property
    def size(self) -> int:
        """Number of coarse cells."""
        return int(self.coarse[-1]) + 1


class _Limits(NamedTuple):
    """What is a height: from ``low`` to ``high`` [m], not ``nodata``, and 0 only where ``zero``."""

    low: float
    high: float
    nodata: float
    zero: bool


class _Odd:
    """Numbers that are no heights although the file does not say so."""

    def __init__(self) -> None:
        self.marks = self.spikes = 0
        self.values: set[float] = set()
        self.low, self.high = np.inf, -np.inf

    def look(self, block: NDArray[np.float32], limits: _Limits) -> None:
        """Count those of a block."""
        known = block[np.isfinite(block) & (block != np.float32(limits.nodata))]
        marks = known[(known < limits.low) | ((known == 0) & (not limits.zero))]
        spikes = known[known > limits.high]
        self.marks, self.spikes = self.marks + marks.size, self.spikes + spikes.size
        self.values.update(np.unique(marks)[: 5 - len(self.values)].tolist() if len(self.values) < 5 else ())
        if spikes.size:
            self.low, self.high = min(self.low, float(spikes.min())), max(self.high, float(spikes.max()))

    def tell(self, about: dict[str, str]) -> None:
        """Warn of them, once for all blocks."""
        if self.marks:
            found = ", ".join(f"{value:g}" for value in sorted(self.values))
            notice("raster_nodata_undeclared", **about, count=self.marks, values=found)
        if self.spikes:
            notice("raster_spikes", **about, count=self.spikes, low=f"{self.low:g}", high=f"{self.high:g}")


def read_coarse(
    path: str | Path,
    bounds: Bounds,
    *,
    cell: float = 25.0,
    input_name: str = "terrain",
    assume_crs: Assumed = None,
    anywhere: bool = False,
    footprints_5514: bool = False,
    progress: Progress = silent,
) -> Raster | None:
    """Mean heights [m] on cells of ``cell`` [m] that touch ``bounds`` (EPSG:5514), float32, NaN where there are none.

    The edges of the cells lie on multiples of ``cell``, and each is the mean of all known heights whose cell centre
    lies in it: windows agree with the whole bit for bit. A raster with cells of more than half of ``cell`` keeps its
    own. The bounds are cut at the raster's edge. The file is read once, block by block: memory for the coarse cells
    and one block. Heights below -1,000 m, above 2,000 m (with ``anywhere`` 9,000 m) and, without ``anywhere``, of
    exactly 0 count as missing, with a notice. The other options go to the guard (`lk_spatial.io.crs.check_crs`).

    None where the raster does not reach the bounds or has no height there, and for a surface model that is a point
    cloud, of which no coarse model is made. Raises InputError for a terrain that is one, else InputError and DataError
    as `read_raster`.
    """
    if is_point_cloud(path, input_name):
        if input_name == "terrain":
            raise InputError("terrain_cloud", path=str(path))
        return None
    about = {"input": input_name, "path": str(path)}
    with opened(path, input_name) as source:
        info = guarded_head(source, path, input_name, assume_crs, anywhere, footprints_5514)
        check_band(source, about)
        side = info.cell if info.cell * FEWEST > cell else cell
        axes = _axes(info, bounds, side)
        if axes is None:
            return None
        _check_size(axes, about)
        limits = _Limits(
            NO_HEIGHT,
            HIGHEST_EVER if anywhere else HIGHEST,
            nodata_of(source) if is_plain(source) else np.nan,
            anywhere,
        )
        means = _means(source, axes, limits, about, progress)
    check_heights(means, about, allow_empty=True)
    if np.isnan(means).all():
        return None
    return Raster(means, _transform(info, axes, side), WORK_CRS, str(path))


# --- the grid ---------------------------------------------------------------------------------------------------


def _axes(info: RasterInfo, bounds: Bounds, side: float) -> tuple[_Axis, _Axis] | None:
    """Rows and columns of the raster that lie in coarse cells which touch the bounds; None where there are none."""
    west, north = info.transform.c, info.transform.f
    rows = _axis(-north, info.cell, info.height, (-bounds[3], -bounds[1]), side)
    cols = _axis(west, info.cell, info.width, (bounds[0], bounds[2]), side)
    return None if rows is None or cols is None else (rows, cols)


def _axis(origin: float, cell: float, count: int, between: tuple[float, float], side: float) -> _Axis | None:
    """One axis, growing from ``origin`` on."""
    centre = origin + (np.arange(count) + 0.5) * cell
    anchor = origin if side == cell else 0.0  # own cells: the raster's own grid
    coarse = np.arange(count) if side == cell else np.floor(centre / side).astype(np.int64)
    slack = 1e-6  # cells; a border that is a rounding error away pulls in no further one
    first, last = (between[0] - anchor) / side + slack, (between[1] - anchor) / side - slack
    within = np.flatnonzero((coarse + 1 > first) & (coarse < last))
    if within.size == 0:
        return None
    start, stop = int(within[0]), int(within[-1]) + 1
    return _Axis(start, coarse[start:stop] - coarse[start], int(coarse[start]))


def _transform(info: RasterInfo, axes: tuple[_Axis, _Axis], side: float) -> Affine:
    rows, cols = axes
    if side == info.cell:
        west, north = info.transform.c + cols.first * side, info.transform.f - rows.first * side
        return Affine(side, 0.0, round(west, 6), 0.0, -side, round(north, 6))
    return Affine(side, 0.0, cols.first * side, 0.0, -side, -rows.first * side)


def _check_size(axes: tuple[_Axis, _Axis], about: dict[str, str]) -> None:
    cells = axes[0].size * axes[1].size
    if cells > MAX_CELLS:
        raise InputError(
            "raster_too_large", **about, cells=f"{cells:,}".replace(",", " "), limit=f"{MAX_CELLS:,}".replace(",", " ")
        )


# --- the heights ------------------------------------------------------------------------------------------------


def _means(
    source: Any, axes: tuple[_Axis, _Axis], limits: _Limits, about: dict[str, str], progress: Progress
) -> NDArray[np.float32]:
    """Means of the known heights in each coarse cell, NaN where there are none."""
    rows, cols = axes
    total = np.zeros((rows.size, cols.size))
    count = np.zeros(total.shape, np.int64)
    odd = _Odd()
    windows = list(_windows(source, rows, cols))
    for done, (top, bottom, left, right) in enumerate(windows, 1):
        block = _block(source, Window(left, top, right - left, bottom - top), about)
        some_rows, some_cols = rows.coarse[top - rows.start : bottom - rows.start], cols.coarse[left - cols.start :]
        if _add(block, some_rows, some_cols[: right - left], *limits, total, count) < block.size:
            odd.look(block, limits)
        progress(done / len(windows), "")
    odd.tell(about)
    with np.errstate(invalid="ignore"):
        return (total / count).astype(np.float32)


def _windows(source: Any, rows: _Axis, cols: _Axis) -> Iterator[tuple[int, int, int, int]]:
    """Top, bottom, left and right of what is read at once: whole blocks of the file, wherever the window begins."""
    high, wide = source.block_shapes[0]
    if wide >= source.width:  # strips
        at_once = max(1, CHUNK**2 // source.width)
        high, wide = at_once // high * high or at_once, source.width
    else:
        high, wide = (CHUNK // side * side or CHUNK for side in (high, wide))
    for top in range(rows.start // high * high, rows.stop, high):
        for left in range(cols.start // wide * wide, cols.stop, wide):
            yield max(top, rows.start), min(top + high, rows.stop), max(left, cols.start), min(left + wide, cols.stop)


def _block(source: Any, window: Window, about: dict[str, str]) -> NDArray[np.float32]:
    """Heights of a window; those of the no-data value are still there in a plain file, which is read faster so."""
    if not is_plain(source):
        return heights(source, window, about)
    try:
        with np.errstate(over="ignore"):  # marks of no data that only a double can hold
            return np.asarray(source.read(1, window=window), np.float32)
    except (RasterioIOError, RasterioError) as error:
        raise damage(error, source, about) from None


@kernel
def _add(
    block: Any, rows: Any, cols: Any, low: float, high: float, nodata: float, zero: bool, total: Any, count: Any
) -> int:
    """Add a block's heights to the sums of its coarse cells; how many there were.

    Summed down the columns of a coarse row first, which the processor does for many at once.
    """
    empty = np.float32(nodata)
    lowest, highest = np.float32(low), np.float32(high)
    width = len(cols)
    column, known = np.zeros(width), np.zeros(width, np.int64)
    seen = 0
    for i in range(len(rows)):
        for j in range(width):
            z = block[i, j]
            good = (z >= lowest) & (z <= highest) & (z != empty) & ((z != 0) | zero)
            column[j] += z if good else np.float32(0.0)
            known[j] += good
        if i + 1 == len(rows) or rows[i + 1] != rows[i]:
            for j in range(width):
                total[rows[i], cols[j]] += column[j]
                count[rows[i], cols[j]] += known[j]
                seen += known[j]
                column[j] = 0.0
                known[j] = 0
    return seen
