"""A folder of raster tiles as one raster: their heads are checked once, and a VRT in memory lays them side by side."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple
from xml.etree import ElementTree

import rasterio
from pyproj import CRS
from rasterio.enums import MaskFlags
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from lk_spatial.core.contents import CLOUDS, RASTERS, tiles
from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import notice
from lk_spatial.core.text import Text
from lk_spatial.io.raster_file import CACHE_B, RasterInfo, height_bands, opened_file, read_head

SHIFT = 0.01  # cells by which tiles may be off their common grid: rounded numbers of a .tfw

About = dict[str, str]


class _Tile(NamedTuple):
    """A tile's head, and what must be done to its numbers."""

    path: Path
    info: RasterInfo
    bands: int
    scale: float
    offset: float
    masked: bool


@contextmanager
def opened(path: str | Path, input_name: str) -> Iterator[Any]:
    """The open raster, or the one that the tiles of a folder make together.

    The tiles of a folder have one cell size and system and lie on one grid; where two overlap, the height of the
    first by name counts. Raises InputError naming the two that do not fit together.
    """
    # by several threads GDAL leaves out the tiles of a VRT that it cannot read, without an error
    with rasterio.Env(GDAL_CACHEMAX=CACHE_B, VRT_NUM_THREADS="1"):
        if folder_kind(path, input_name) == "raster":
            with _opened_folder(path, input_name) as source:
                yield source
        else:
            with opened_file(path, input_name) as source:
                yield source


@contextmanager
def _opened_folder(path: str | Path, input_name: str) -> Iterator[Any]:
    about = {"input": input_name, "path": str(path)}
    vrt, bands = _mosaic(str(path), input_name, _listing(Path(path)))
    if bands > 1:
        notice("raster_first_band", **about, bands=bands)
    with MemoryFile(vrt, ext=".vrt") as memory, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # told as an error of our own by read_head
        with memory.open() as source:
            yield source


def folder_kind(path: str | Path, input_name: str) -> Literal["raster", "cloud", None]:
    """What a folder holds tiles of; None for what is no folder, or one that GDAL reads itself.

    Raises InputError for a folder without tiles, or with tiles of both kinds.
    """
    folder = Path(path)
    if not folder.is_dir() or (folder / "hdr.adf").exists():  # a grid of ArcInfo is a folder
        return None
    about = {"input": input_name, "path": str(path)}
    rasters, clouds = tiles(folder, RASTERS), tiles(folder, CLOUDS)
    if rasters and clouds:
        raise InputError("folder_mixed", **about, raster=rasters[0].name, cloud=clouds[0].name)
    if not rasters and not clouds:
        raise InputError("folder_no_tiles", **about)
    return "raster" if rasters else "cloud"


def _listing(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Tiles with sizes and times: while these stay, the heads need not be read again."""
    stats = ((str(each), each.stat()) for each in tiles(folder, RASTERS))
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


@lru_cache(maxsize=4)
def _mosaic(path: str, input_name: str, listing: tuple[tuple[str, int, int], ...]) -> tuple[bytes, int]:
    """The VRT of a folder's tiles, and the most bands that one of them has."""
    found = [_head(Path(name), input_name) for name, _, _ in listing]
    for each in found[1:]:
        _check_fit(found[0], each, {"input": input_name, "path": path})
    return _vrt(found), max(each.bands for each in found)


def _head(path: Path, input_name: str) -> _Tile:
    about = {"input": input_name, "path": str(path)}
    with opened_file(path, input_name) as source:
        info, bands = read_head(source, str(path), input_name), height_bands(source, about)
        masked = MaskFlags.per_dataset in source.mask_flag_enums[0]
        return _Tile(path, info, bands, source.scales[0], source.offsets[0], masked)


def _check_fit(first: _Tile, other: _Tile, about: About) -> None:
    """Refuse a tile that lies not on the grid of the first one."""
    one, two = first.info, other.info
    what = None
    if abs(one.cell - two.cell) * max(two.width, two.height) > SHIFT * one.cell:
        what = Text(f"cells of {one.cell:g} m and {two.cell:g} m", f"buňky {one.cell:g} m a {two.cell:g} m")
    elif one.crs != two.crs:
        what = two_systems(one.crs, two.crs)
    else:
        apart = ((two.transform.c - one.transform.c) / one.cell, (two.transform.f - one.transform.f) / one.cell)
        off = max(abs(each - round(each)) for each in apart)
        if off > SHIFT:
            metres = f"{off * one.cell:.3g}"
            what = Text(f"grids shifted by {metres} m", f"mřížky vzájemně posunuté o {metres} m")
    if what is not None:
        raise InputError("tiles_differ", **about, first=first.path.name, second=other.path.name, what=what)


def two_systems(first: str | None, second: str | None) -> Text:
    """The systems that two tiles state, for a sentence."""
    one, two = _system(first), _system(second)
    return Text(f"{one.en} / {two.en}", f"{one.cs} / {two.cs}")


def _system(stated: str | None) -> Text:
    if stated is None:
        return Text("no coordinate system", "žádný souřadnicový systém")
    name = CRS.from_user_input(stated).name if stated != "?" else stated
    return Text(name, name)


def _vrt(found: list[_Tile]) -> bytes:
    """A VRT in which the tiles lie on the grid of the first one; later sources cover earlier ones."""
    grid, cell = found[0].info.transform, found[0].info.cell
    places = [
        (round((each.info.transform.c - grid.c) / cell), round((grid.f - each.info.transform.f) / cell))
        for each in found
    ]
    left, top = min(x for x, _ in places), min(y for _, y in places)
    right = max(x + each.info.width for (x, _), each in zip(places, found, strict=True))
    bottom = max(y + each.info.height for (_, y), each in zip(places, found, strict=True))
    root = ElementTree.Element("VRTDataset", rasterXSize=str(right - left), rasterYSize=str(bottom - top))
    if found[0].info.crs:
        _add(root, "SRS", found[0].info.crs)
    corner = (grid.c + left * cell, cell, 0.0, grid.f - top * cell, 0.0, -cell)
    _add(root, "GeoTransform", ", ".join(map(repr, map(float, corner))))
    band = _add(root, "VRTRasterBand", dataType="Float32", band="1")
    _add(band, "NoDataValue", "nan")
    for (x, y), each in reversed(list(zip(places, found, strict=True))):
        _add_source(band, each, x - left, y - top)
    return ElementTree.tostring(root, encoding="utf-8")


def _add_source(band: ElementTree.Element, tile: _Tile, left: int, top: int) -> None:
    info = tile.info
    plain = info.nodata is None and tile.scale == 1 and tile.offset == 0 and not tile.masked
    source = _add(band, "SimpleSource" if plain else "ComplexSource")
    _add(source, "SourceFilename", os.path.abspath(tile.path), relativeToVRT="0")  # noqa: PTH100 - links stay
    _add(source, "SourceBand", "1")
    size = {"xSize": str(info.width), "ySize": str(info.height)}
    _add(source, "SourceProperties", RasterXSize=str(info.width), RasterYSize=str(info.height), DataType="Float32")
    _add(source, "SrcRect", xOff="0", yOff="0", **size)
    _add(source, "DstRect", xOff=str(left), yOff=str(top), **size)
    if tile.scale != 1 or tile.offset != 0:
        _add(source, "ScaleOffset", repr(float(tile.offset)))
        _add(source, "ScaleRatio", repr(float(tile.scale)))
    if info.nodata is not None:
        _add(source, "NODATA", repr(float(info.nodata)))
    if tile.masked:
        _add(source, "UseMaskBand", "true")


def _add(parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, tag, attributes)
    child.text = text
    return child
