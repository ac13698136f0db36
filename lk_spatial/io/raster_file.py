"""Raster files: opened, their heads read, and what GDAL says of them told in one sentence."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import rasterio
from affine import Affine
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from lk_spatial.core.contents import missing
from lk_spatial.core.errors import DataError, InputError
from lk_spatial.core.notices import notice
from lk_spatial.io.crs import Bounds

CACHE_B = 256 * 2**20  # of GDAL's cache of blocks; its own measure is a part of the machine's memory
LARGEST = float(np.finfo(np.float32).max)


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


@contextmanager
def opened_file(path: str | Path, input_name: str) -> Iterator[Any]:
    """The open raster; what GDAL says on the way becomes one sentence."""
    about = {"input": input_name, "path": str(path)}
    name = str(path)
    if not name.startswith("/vsi") and "://" not in name and not Path(name).exists():
        raise InputError("file_missing", **about)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # told as an error of our own by read_head
            source = rasterio.open(name)
    except RasterioError as error:
        raise InputError("raster_unreadable", **about, reason=reason_of(error, name)) from None
    with source:
        yield source


def reason_of(error: Exception, path: str) -> str:
    """The last line of GDAL's story, which names the cause, without the path that the sentence already tells."""
    told = str(error.__cause__ or error).strip() or type(error).__name__
    return told.splitlines()[-1].replace(f"'{path}' ", "").replace(f"{path}: ", "").rstrip(".")


def damage(error: Exception, source: Any, about: dict[str, str]) -> DataError:
    """Why heights could not be read; a tile that a VRT refers to but that is not there is named."""
    reason = reason_of(error, source.name)
    path = Path(about["path"])
    if path.suffix.lower() == ".vrt" and path.is_file():
        gone = next((each for each in missing(path) if each.name in reason), None)
        if gone is not None:
            return DataError("raster_tile_missing", **about, tile=str(gone))
    return DataError("raster_damaged", **about, reason=reason)


def read_head(source: Any, path: str, input_name: str) -> RasterInfo:
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


def check_band(source: Any, about: dict[str, str]) -> None:
    """Refuse a picture; of several bands take the first and say so."""
    bands = height_bands(source, about)
    if bands > 1:
        notice("raster_first_band", **about, bands=bands)


def height_bands(source: Any, about: dict[str, str]) -> int:
    """How many bands of a raster may be heights; raises InputError for a picture."""
    kinds = set(source.colorinterp)
    if {ColorInterp.red, ColorInterp.green} <= kinds or ColorInterp.palette in kinds:
        raise InputError("raster_picture", **about)
    if np.dtype(source.dtypes[0]).kind == "c":
        raise InputError("raster_unreadable", **about, reason=f"{source.dtypes[0]}")
    return sum(kind != ColorInterp.alpha for kind in source.colorinterp)


def is_plain(source: Any) -> bool:
    """Whether nothing but the no-data value can hide a height, and numbers are metres as they stand."""
    hidden = set(source.mask_flag_enums[0]) - {MaskFlags.nodata, MaskFlags.all_valid}
    return not hidden and source.count == 1 and source.scales[0] == 1 and source.offsets[0] == 0


def nodata_of(source: Any) -> float:
    """The declared no-data value as float32 holds it; NaN where there is none, or one that float32 cannot hold."""
    nodata = source.nodata
    return float(np.float32(nodata)) if nodata is not None and abs(nodata) <= LARGEST else np.nan
