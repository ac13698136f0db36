"""Surface and terrain models: one band of heights [m] in EPSG:5514, north up, no data as NaN."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import ColorInterp
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.windows import Window

from lk_spatial.core.errors import DataError, InputError
from lk_spatial.core.notices import notice
from lk_spatial.io.crs import WORK_CRS, Assumed, Bounds, check_crs, extent_text
from lk_spatial.io.mosaic import opened
from lk_spatial.io.raster_file import RasterInfo, check_band, damage, is_plain, nodata_of, read_head

MAX_CELLS = 500_000_000  # 2 GB of float32 in one piece
LOWEST, HIGHEST = 100.0, 2_000.0  # [m Bpv] heights of the region, with room to spare
MOST_SPIKES = 0.5  # share of the heights; where more are too high, the unit is wrong
HIGHEST_EVER = 9_000.0  # [m] higher than any mountain
NO_HEIGHT = -1_000.0  # [m] what lies below is a mark for "no data", never a height


class Raster(NamedTuple):
    """Heights [m] with NaN where there are none; row 0 is the northern edge."""

    values: NDArray[np.float32]
    transform: Affine
    crs: str
    path: str

    @property
    def has_heights(self) -> bool:
        """Whether any height is known."""
        return bool(np.isfinite(self.values).any())


def raster_info(path: str | Path, *, input_name: str = "dsm") -> RasterInfo:
    """What a raster states: size, place, cell size, no-data value. No heights are read, the guard is not asked.

    Raises InputError where the file is missing or no raster, has no georeference, is turned, south up or has
    oblong cells.
    """
    with opened(path, input_name) as source:
        return read_head(source, str(path), input_name)


def guarded_head(
    source: Any, path: str | Path, input_name: str, assume_crs: Assumed, anywhere: bool, footprints_5514: bool
) -> RasterInfo:
    """The head of an open raster whose place the guard (`lk_spatial.io.crs.check_crs`) accepts."""
    info = read_head(source, str(path), input_name)
    check_crs(
        info.crs,
        info.bounds,
        input_name=input_name,
        path=path,
        kind="raster",
        assume=assume_crs,
        anywhere=anywhere,
        partner_is_5514=footprints_5514,
    )
    return info


def read_raster(
    path: str | Path,
    *,
    input_name: str = "dsm",
    window_bounds: Bounds | None = None,
    assume_crs: Assumed = None,
    anywhere: bool = False,
    footprints_5514: bool = False,
    allow_empty: bool = False,
) -> Raster:
    """Heights [m] of one band as float32 in EPSG:5514, NaN where there is no data.

    ``window_bounds`` (EPSG:5514) reads only the cells that touch it, cut at the raster's edge. The other options go
    to the guard (`lk_spatial.io.crs.check_crs`). ``allow_empty`` accepts a window without any height.

    Raises InputError (wrong kind of file, coordinate system, no overlap) and DataError (damaged, no height at all).
    """
    about = {"input": input_name, "path": str(path)}
    with opened(path, input_name) as source:
        info = guarded_head(source, path, input_name, assume_crs, anywhere, footprints_5514)
        check_band(source, about)
        window = _window(info, window_bounds, about)
        values = heights(source, window, about)
    values = _without_marks(values, about)
    values = checked_heights(values, about, anywhere=anywhere, allow_empty=allow_empty)
    corner = info.transform
    # to a nanometre, which is the dust of the sum: the corner of a window does not tell where the file began
    west, north = round(corner.c + window.col_off * corner.a, 9), round(corner.f + window.row_off * corner.e, 9)
    return Raster(values, Affine(corner.a, 0.0, west, 0.0, corner.e, north), WORK_CRS, str(path))


def _window(info: RasterInfo, bounds: Bounds | None, about: dict[str, str]) -> Window:
    """The cells that touch ``bounds``, cut at the raster's edge."""
    west, north, cell = info.transform.c, info.transform.f, info.cell
    left, top, right, bottom = 0, 0, info.width, info.height
    if bounds is not None:
        if not np.isfinite(bounds).all():
            raise InputError("raster_no_overlap", **about, extent=extent_text(info.bounds), other=extent_text(bounds))
        slack = 1e-6  # cells; keeps a border that is a rounding error away from pulling in another row
        left = max(0, int(np.floor((bounds[0] - west) / cell + slack)))
        right = min(info.width, int(np.ceil((bounds[2] - west) / cell - slack)))
        top = max(0, int(np.floor((north - bounds[3]) / cell + slack)))
        bottom = min(info.height, int(np.ceil((north - bounds[1]) / cell - slack)))
    if right <= left or bottom <= top:
        assert bounds is not None
        raise InputError("raster_no_overlap", **about, extent=extent_text(info.bounds), other=extent_text(bounds))
    cells = (right - left) * (bottom - top)
    if cells > MAX_CELLS:
        raise InputError(
            "raster_too_large", **about, cells=f"{cells:,}".replace(",", " "), limit=f"{MAX_CELLS:,}".replace(",", " ")
        )
    return Window(left, top, right - left, bottom - top)


def heights(source: Any, window: Window, about: dict[str, str]) -> NDArray[np.float32]:
    """One window of band 1 in float32, with the declared no data, mask or alpha as NaN, scale and offset applied."""
    try:
        with np.errstate(over="ignore"):  # marks of no data that only a double can hold
            values: NDArray[np.float32] = source.read(1, window=window).astype(np.float32, copy=False)
        if is_plain(source):
            hidden = values == np.float32(nodata_of(source))
        else:
            hidden = source.read_masks(1, window=window) == 0
        if ColorInterp.alpha in source.colorinterp:  # GDAL's mask leaves out an alpha band of floats
            hidden |= source.read(source.colorinterp.index(ColorInterp.alpha) + 1, window=window) == 0
    except (RasterioIOError, RasterioError) as error:
        raise damage(error, source, about) from None
    scale, offset = source.scales[0], source.offsets[0]
    if scale != 1 or offset != 0:
        values = values * np.float32(scale) + np.float32(offset)
    values[hidden | ~np.isfinite(values)] = np.nan
    return values


def _without_marks(values: NDArray[np.float32], about: dict[str, str]) -> NDArray[np.float32]:
    """Turn undeclared marks of no data into NaN: -9999 and the like, and 0 among heights of hundreds of metres."""
    marks = values < NO_HEIGHT
    valid = values[~marks & np.isfinite(values)]
    above = valid[valid != 0]
    if above.size and above.size < valid.size and np.median(above) > LOWEST and above.min() > 1.0:
        marks |= values == 0
    if marks.any():
        found = sorted({f"{value:g}" for value in np.unique(values[marks])[:5]})
        notice("raster_nodata_undeclared", **about, count=int(marks.sum()), values=", ".join(found))
        values[marks] = np.nan
    return values


def checked_heights(
    values: NDArray[np.float32], about: dict[str, str], *, anywhere: bool, allow_empty: bool
) -> NDArray[np.float32]:
    """Heights [m] without lone spikes; raises DataError where there is none, warns where they are of no place here."""
    values = _without_spikes(values, HIGHEST_EVER if anywhere else HIGHEST, about)
    check_heights(values, about, allow_empty)
    return values


def _without_spikes(values: NDArray[np.float32], limit: float, about: dict[str, str]) -> NDArray[np.float32]:
    """Turn lone heights above ``limit`` [m] (birds, errors, marks of no data) into NaN; a raster of them stays."""
    high = values > limit
    count = int(high.sum())
    if 0 < count < MOST_SPIKES * np.isfinite(values).sum():
        low, top = (f"{value:g}" for value in (values[high].min(), values[high].max()))
        notice("raster_spikes", **about, count=count, low=low, high=top)
        values[high] = np.nan
    return values


def check_heights(values: NDArray[np.float32], about: dict[str, str], allow_empty: bool) -> None:
    """Refuse a raster without heights; warn of heights that are not metres Bpv of this region."""
    known = values[np.isfinite(values)]
    if known.size == 0:
        if allow_empty:
            return
        raise DataError("raster_empty", **about)
    low, high = (float(value) for value in np.percentile(known, (1, 99)))
    if low < LOWEST or high > HIGHEST:
        notice("raster_heights_odd", **about, low=f"{low:.1f}", high=f"{high:.1f}")
