"""What a surface model says of itself before it is read: place, cells, and the files that it consists of."""

from pathlib import Path
from typing import NamedTuple

from lk_spatial.core.contents import parts
from lk_spatial.io.crs import Assumed, Bounds
from lk_spatial.io.lidar import around, is_point_cloud, place_clouds
from lk_spatial.io.mosaic import opened
from lk_spatial.io.raster import guarded_head


class SurfaceInfo(NamedTuple):
    """Extent [m, EPSG:5514], side of the cells [m] (None: a point cloud has none), stated system (WKT or None), and
    all files with their sizes [B] and times of change [ns].
    """

    bounds: Bounds
    cell: float | None
    crs: str | None
    files: tuple[tuple[str, int, int], ...]


def surface_info(
    path: str | Path,
    *,
    input_name: str = "dsm",
    assume_crs: Assumed = None,
    anywhere: bool = False,
    footprints_5514: bool = False,
) -> SurfaceInfo:
    """Head of a surface model: a raster, a VRT with its sources, a point cloud, or a folder of tiles.

    No height is read; the guard is asked, as by `read_surface`, and its notices are told. ``files`` stay the same as
    long as the contents do: a key for work that is kept. Raises InputError and DataError as `read_surface`.
    """
    guard = {"assume": assume_crs, "anywhere": anywhere, "partner_is_5514": footprints_5514}
    if is_point_cloud(path, input_name):
        _, clouds = place_clouds(path, {"input": input_name, "path": str(path)}, guard)
        return SurfaceInfo(around(clouds), None, clouds[0].head.stated, surface_files(path))
    with opened(path, input_name) as source:
        info = guarded_head(source, path, input_name, assume_crs, anywhere, footprints_5514)
    return SurfaceInfo(info.bounds, info.cell, info.crs, surface_files(path))


def surface_files(path: str | Path) -> tuple[tuple[str, int, int], ...]:
    """All files of a surface model with their sizes [B] and times of change [ns]."""
    stats = ((str(each), each.stat()) for each in parts(Path(path)))
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)
