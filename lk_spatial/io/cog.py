"""Rasters out: written window by window beside the target, then laid out as a Cloud Optimized GeoTIFF."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import rasterio
import rasterio.shutil
from affine import Affine
from numpy.typing import NDArray
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.windows import Window

from lk_spatial.core.errors import InputError
from lk_spatial.core.files import scratch, staged
from lk_spatial.core.progress import Progress, silent
from lk_spatial.core.progress import part as part_of
from lk_spatial.io.crs import WORK_CRS
from lk_spatial.io.raster import Raster

CACHE_MB = 128
BLOCK = 512  # [pixels] side of the file's own tiles
LOOK_S = 0.2  # between looks whether the user has cancelled
COG = {
    "driver": "COG",
    "compress": "DEFLATE",
    "predictor": "FLOATING_POINT",  # TIFF's predictor 3
    "blocksize": str(BLOCK),
    "overview_resampling": "AVERAGE",
    "bigtiff": "IF_SAFER",
    "num_threads": "ALL_CPUS",
}

Put = Callable[[int, int, NDArray[np.float32]], None]


class Band(NamedTuple):
    """A band's description and unit."""

    description: str
    unit: str


@contextmanager
def cog_writer(
    out: Path,
    shape: tuple[int, int],
    transform: Affine,
    bands: Sequence[Band],
    *,
    tags: Mapping[str, str],
    progress: Progress = silent,
) -> Iterator[Put]:
    """A function ``put(row, col, values)`` for windows (bands, rows, cols) of a float32 raster in EPSG:5514.

    When the block ends well, ``out`` appears as a Cloud Optimized GeoTIFF: tiles of 512, averaged overviews, NaN as no
    data, DEFLATE. Windows that are never put stay NaN and take no room. Memory does not grow with the raster, room
    on the disk does: while it is made it lies there twice, once uncompressed. All windows are read back before the
    file appears, since GDAL keeps silent about a disk that became full. Raises InputError (``disk_full``) and OSError.
    """
    sums: dict[tuple[int, int, int, int], int] = {}
    with (
        staged(out) as part,
        scratch(out) as plain,
        scratch(out, name=f"{part.name}.ovr.tmp"),  # GDAL's own, which a cancelled run would leave
        _told_full(out),
        rasterio.Env(GDAL_CACHEMAX=CACHE_MB),  # else a share of the machine's memory
    ):
        with _plain(plain, shape, transform, len(bands)) as target:
            target.update_tags(**tags)
            target.descriptions = [band.description for band in bands]
            target.units = [band.unit for band in bands]

            def put(row: int, col: int, values: NDArray[np.float32]) -> None:
                place = (col, row, values.shape[2], values.shape[1])
                sums[place] = _sum(values)
                target.write(values, window=Window(*place))

            yield put
        _translate(plain, part, part_of(progress, 0.0, 0.5))
        _read_back(part, sums, part_of(progress, 0.5, 1.0))
    for noted in (".aux.xml", ".ovr"):  # what programs wrote beside an older file of this name
        Path(f"{out}{noted}").unlink(missing_ok=True)


@contextmanager
def _told_full(out: Path) -> Iterator[None]:
    """What GDAL cannot write, for want of space, as our error."""
    try:
        yield
    except RasterioError as error:
        raise InputError("disk_full", path=str(out)) from error


def write_plain(path: Path, raster: Raster) -> None:
    """Write heights as a plain GeoTIFF, for work that reads them window by window."""
    with _plain(path, raster.values.shape, raster.transform, 1) as target:
        target.write(raster.values, 1)


def _plain(path: Path, shape: tuple[int, int], transform: Affine, bands: int) -> rasterio.io.DatasetWriter:
    """An empty GeoTIFF of NaN, open for writing; what is not written takes no room in it."""
    return rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=shape[0],
        width=shape[1],
        count=bands,
        dtype="float32",
        crs=WORK_CRS,
        transform=transform,
        nodata=float("nan"),
        tiled=True,
        blockxsize=BLOCK,
        blockysize=BLOCK,
        interleave="band",
        sparse_ok=True,
        bigtiff="IF_SAFER",
    )


def _translate(plain: Path, part: Path, progress: Progress) -> None:
    """Copy ``plain`` into its final layout; GDAL does it in a thread, so that signals and Cancel are heard."""
    with ThreadPoolExecutor(1) as thread:
        copying = thread.submit(rasterio.shutil.copy, str(plain), str(part), **COG)
        while wait([copying], LOOK_S).not_done:
            progress(0.0, "")
        copying.result()


def _read_back(path: Path, sums: Mapping[tuple[int, int, int, int], int], progress: Progress) -> None:
    """Compare the file with what was put; raises RasterioIOError."""
    with rasterio.open(path) as source:
        for done, (place, expected) in enumerate(sums.items(), 1):
            found = _sum(source.read(band, window=Window(*place)) for band in source.indexes)
            if found != expected:
                raise RasterioIOError(f"{place}")
            progress(done / len(sums), "")


def _sum(bands: Iterable[NDArray[np.float32]]) -> int:
    """Check sum of bands, all NaN alike."""
    total = 0
    for band in bands:
        total = zlib.crc32(np.where(np.isnan(band), np.float32(np.nan), band).tobytes(), total)
    return total
