"""Surface and terrain models: one band of heights [m] in EPSG:5514, north up, no data as NaN."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning, RasterioError, RasterioIOError
from rasterio.windows import Window

from lk_spatial.core.errors import DataError, InputError
from lk_spatial.core.notices import notice
from lk_spatial.io.crs import WORK_CRS, Assumed, Bounds, check_crs, extent_text

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


class RasterInfo(NamedTuple):
    """What a raster file says of itself; ``cell`` [m] is the side of its square cells, ``crs`` WKT or None."""

    width: int
    height: int
    transform: Affine
    bounds: Bounds
    crs: str | None
    nodata: float | None
    cell: float
    bands: int


def raster_info(path: str | Path, *, input_name: str = "dsm") -> RasterInfo:
    """What a raster states: size, place, cell size, no-data value. No heights are read, the guard is not asked.

    Raises InputError where the file is missing or no raster, has no georeference, is turned, south up or has
    oblong cells.
    """
    with _opened(path, input_name) as source:
        return _info(source, str(path), input_name)


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
    with _opened(path, input_name) as source:
        info = _info(source, str(path), input_name)
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
        _check_band(source, about)
        window = _window(info, window_bounds, about)
        values = _heights(source, window, about)
    values = _without_marks(values, about)
    values = checked_heights(values, about, anywhere=anywhere, allow_empty=allow_empty)
    corner = info.transform
    # to a nanometre, which is the dust of the sum: the corner of a window does not tell where the file began
    west, north = round(corner.c + window.col_off * corner.a, 9), round(corner.f + window.row_off * corner.e, 9)
    return Raster(values, Affine(corner.a, 0.0, west, 0.0, corner.e, north), WORK_CRS, str(path))


@contextmanager
def _opened(path: str | Path, input_name: str) -> Iterator[Any]:
    """The open raster; what GDAL says on the way becomes one sentence."""
    about = {"input": input_name, "path": str(path)}
    name = str(path)
    if not name.startswith("/vsi") and "://" not in name and not Path(name).exists():
        raise InputError("file_missing", **about)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # told as an error of our own by _info
            source = rasterio.open(name)
    except RasterioError as error:
        raise InputError("raster_unreadable", **about, reason=_reason(error, name)) from None
    with source:
        yield source


def _reason(error: Exception, path: str) -> str:
    """The last line of GDAL's story, which names the cause, without the path that the sentence already tells."""
    told = str(error.__cause__ or error).strip() or type(error).__name__
    return told.splitlines()[-1].replace(f"'{path}' ", "").replace(f"{path}: ", "").rstrip(".")


def _info(source: Any, path: str, input_name: str) -> RasterInfo:
    """Read the head of a raster and refuse a grid that is not north up with square cells."""
    about = {"input": input_name, "path": path}
    if source.count == 0:
        raise InputError("raster_unreadable", **about, reason="no band")
    transform = source.transform
    if transform == Affine.identity() or transform.a == 0 or transform.e == 0:
        gcps, _ = source.gcps
        if gcps or not (transform.b or transform.d):
            raise InputError("raster_no_georeference", **about)
    if transform.b or transform.d:
        raise InputError("raster_rotated", **about)
    if transform.e > 0 or transform.a < 0:
        raise InputError("raster_south_up", **about)
    if abs(transform.a + transform.e) > 1e-6 * transform.a:
        raise InputError("raster_oblong", **about, width=f"{transform.a:g}", height=f"{-transform.e:g}")
    crs = source.crs.to_wkt(version="WKT2_2019") if source.crs else None
    west, south, east, north = (float(value) for value in source.bounds)
    bounds = (west, south, east, north)
    return RasterInfo(
        source.width, source.height, transform, bounds, crs, source.nodata, float(transform.a), source.count
    )


def _check_band(source: Any, about: dict[str, str]) -> None:
    """Refuse a picture; of several bands take the first and say so."""
    kinds = set(source.colorinterp)
    if {ColorInterp.red, ColorInterp.green} <= kinds or ColorInterp.palette in kinds:
        raise InputError("raster_picture", **about)
    if np.dtype(source.dtypes[0]).kind == "c":
        raise InputError("raster_unreadable", **about, reason=f"{source.dtypes[0]}")
    heights = [kind for kind in source.colorinterp if kind != ColorInterp.alpha]
    if len(heights) > 1:
        notice("raster_first_band", **about, bands=len(heights))


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


def _heights(source: Any, window: Window, about: dict[str, str]) -> NDArray[np.float32]:
    """One window of band 1 in float32, with the declared no data, mask or alpha as NaN, scale and offset applied."""
    try:
        band = source.read(1, window=window)
        hidden = source.read_masks(1, window=window) == 0
        if ColorInterp.alpha in source.colorinterp:  # GDAL's mask leaves out an alpha band of floats
            hidden |= source.read(source.colorinterp.index(ColorInterp.alpha) + 1, window=window) == 0
    except (RasterioIOError, RasterioError) as error:
        raise DataError("raster_damaged", **about, reason=_reason(error, source.name)) from None
    values: NDArray[np.float32] = band.astype(np.float32)
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
    _check_heights(values, about, allow_empty)
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


def _check_heights(values: NDArray[np.float32], about: dict[str, str], allow_empty: bool) -> None:
    """Refuse a raster without heights; warn of heights that are not metres Bpv of this region."""
    known = values[np.isfinite(values)]
    if known.size == 0:
        if allow_empty:
            return
        raise DataError("raster_empty", **about)
    low, high = (float(value) for value in np.percentile(known, (1, 99)))
    if low < LOWEST or high > HIGHEST:
        notice("raster_heights_odd", **about, low=f"{low:.1f}", high=f"{high:.1f}")
