"""Point clouds (LAS, LAZ) as surface models: the highest point of each cell, small holes closed, in EPSG:5514."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from scipy import ndimage

from lk_spatial.core.contents import CLOUDS, tiles
from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import notice
from lk_spatial.core.progress import Progress, silent
from lk_spatial.io.cloud_file import CloudHead, chunks_of, cloud_head, foreign_units, opened_cloud
from lk_spatial.io.crs import WORK_CRS, Assumed, Bounds, check_crs, extent_text
from lk_spatial.io.krovak import plane_part, way_to_5514
from lk_spatial.io.mosaic import folder_kind, two_systems
from lk_spatial.io.raster import MAX_CELLS, Raster, checked_heights, read_raster

CELL_M = 0.5
NOISE = (7, 18)  # classes of low and high noise, ASPRS LAS 1.4 R15, table 17
HOLE_M2 = 4.0  # empty places up to this size are closed; larger ones are water, shadows of the scanner, or no data
THIN = 0.25  # share of empty cells among the points beyond which the cells are too small for the cloud
BAND = 2_048  # rows in which holes are looked for at once

About = dict[str, str]
Way = Callable[[Any, Any], tuple[Any, Any]]


class _Grid(NamedTuple):
    """Cells of a raster whose edges lie on multiples of ``cell`` [m] of EPSG:5514: first column and row, size."""

    cell: float
    left: int  # x of the western edge / cell
    top: int  # y of the northern edge / cell
    rows: int
    cols: int

    def grown(self, margin: int) -> "_Grid":
        """The grid with ``margin`` more cells on each side."""
        side = 2 * margin
        return _Grid(self.cell, self.left - margin, self.top + margin, self.rows + side, self.cols + side)

    @property
    def transform(self) -> Affine:
        return Affine(self.cell, 0.0, self.left * self.cell, 0.0, -self.cell, self.top * self.cell)


def is_point_cloud(path: str | Path, input_name: str = "dsm") -> bool:
    """Whether a reference is a point cloud, by its suffix, or a folder of point clouds. Errors as `folder_kind`.

    >>> is_point_cloud("roofs/Liberec.LAZ"), is_point_cloud("dsm.tif")
    (True, False)
    """
    return str(path).lower().endswith(CLOUDS) or folder_kind(path, input_name) == "cloud"


def read_surface(
    path: str | Path, *, cell: float = CELL_M, progress: Progress = silent, allow_empty: bool = False, **options: Any
) -> Raster:
    """Heights [m] of a surface model: a raster, a point cloud, which is laid on cells of ``cell`` [m], or a folder of
    tiles of one of them.

    ``options`` as in `read_raster`; ``cell`` is used for point clouds only.
    """
    if is_point_cloud(path, options.get("input_name", "dsm")):
        return read_point_cloud_dsm(path, cell=cell, progress=progress, allow_empty=allow_empty, **options)
    return read_raster(path, allow_empty=allow_empty, **options)


def read_point_cloud_dsm(
    path: str | Path,
    *,
    cell: float = CELL_M,
    input_name: str = "dsm",
    window_bounds: Bounds | None = None,
    assume_crs: Assumed = None,
    anywhere: bool = False,
    footprints_5514: bool = False,
    allow_empty: bool = False,
    progress: Progress = silent,
) -> Raster:
    """Height [m] of the highest point in each cell of ``cell`` [m], float32 in EPSG:5514, NaN where there is none.

    Of all returns the highest counts; points marked as noise (classes 7, 18) or withheld are left out. Empty places
    of at most 4 m² with heights all around are closed by the lower median of the neighbours, from their rim inwards,
    so that a hole at a wall becomes roof or ground and nothing between; larger ones stay NaN. Cell edges lie on
    multiples of ``cell``, so windows agree with the whole. Points in another projected system are moved one by one
    by the pinned operations before they are laid out; heights stay as they are. ``window_bounds`` (EPSG:5514) and
    the other options as in `read_raster`. Memory: one million points and the cells.

    A folder of clouds in one system counts as one cloud: only those that reach the window are read, and holes are
    closed across their edges.

    Raises InputError (no point cloud, coordinate system, other units than metres, no overlap, too many cells) and
    DataError (damaged, no usable point).
    """
    about = {"input": input_name, "path": str(path)}
    guard = {"assume": assume_crs, "anywhere": anywhere, "partner_is_5514": footprints_5514}
    way, clouds = place_clouds(path, about, guard)
    grid = _grid(around(clouds), window_bounds, cell, about)
    most = max(1, round(HOLE_M2 / cell**2))  # cells of a hole that is closed
    values = _highest(clouds, grid.grown(most), way, input_name, progress)
    _tell_thin(values, cell, about)
    _close_holes(values, most)
    values = np.ascontiguousarray(values[most:-most, most:-most])
    values = checked_heights(values, about, anywhere=anywhere, allow_empty=allow_empty)
    return Raster(values, grid.transform, WORK_CRS, str(path))


# --- place and units --------------------------------------------------------------------------------------------


class Cloud(NamedTuple):
    """A cloud and its extent in EPSG:5514."""

    head: CloudHead
    bounds: Bounds


def place_clouds(path: str | Path, about: About, guard: Mapping[str, Any]) -> tuple[Way | None, list[Cloud]]:
    """The clouds of a file or folder, and how their points get into EPSG:5514 (None: they are there)."""
    paths: list[str | Path] = [*tiles(Path(path), CLOUDS)] if Path(path).is_dir() else [path]
    heads = [cloud_head(each, about["input"]) for each in paths]
    _check_systems(heads, about, guard["assume"])
    whole = around(heads)
    decision = check_crs(heads[0].stated, whole, input_name=about["input"], path=path, kind="cloud", **guard)
    if decision.action == "keep":
        return None, [Cloud(head, head.bounds) for head in heads]
    crs = CRS.from_user_input(decision.source_crs)
    way = way_to_5514(plane_part(crs))
    return way, [Cloud(head, _moved(head.bounds, way, crs, about)) for head in heads]


def around(clouds: Sequence[CloudHead | Cloud]) -> Bounds:
    """The extent of several clouds."""
    west, south, east, north = zip(*(each.bounds for each in clouds), strict=True)
    return min(west), min(south), max(east), max(north)


def _check_systems(heads: Sequence[CloudHead], about: About, assume: Assumed) -> None:
    """Refuse lengths and heights in anything but metres, and clouds of a folder in different systems."""
    assured = assume.get(about["input"]) if isinstance(assume, Mapping) else None
    for head in heads:
        units = foreign_units(assured) if assured else (*foreign_units(head.stated), *head.units)
        if units:
            raise InputError("cloud_not_metres", **about | {"path": head.path}, unit=", ".join(sorted(set(units))))
        if head.stated != heads[0].stated and not assured:
            what = two_systems(heads[0].stated, head.stated)
            names = {"first": Path(heads[0].path).name, "second": Path(head.path).name}
            raise InputError("tiles_differ", **about, **names, what=what)


def _moved(bounds: Bounds, way: Way, crs: CRS, about: About) -> Bounds:
    """The extent in EPSG:5514 of a box in another system, by points along its border."""
    west, south, east, north = bounds
    xs, ys = np.linspace(west, east, 33), np.linspace(south, north, 33)
    x, y = way(np.concatenate([xs, xs, np.full(33, west), np.full(33, east)]),
               np.concatenate([np.full(33, south), np.full(33, north), ys, ys]))  # fmt: skip
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError("crs_no_transformation", **about, extent=extent_text(bounds), crs=crs.name)
    slack = 1.0 + 1e-4 * max(east - west, north - south)  # [m] what the border bulges between the points
    return (float(x.min()) - slack, float(y.min()) - slack, float(x.max()) + slack, float(y.max()) + slack)


def _grid(extent: Bounds, window: Bounds | None, cell: float, about: About) -> _Grid:
    """The cells that the cloud and the window have in common."""
    asked = extent if window is None else window
    west, south = max(extent[0], asked[0]), max(extent[1], asked[1])
    east, north = min(extent[2], asked[2]), min(extent[3], asked[3])
    if not (np.isfinite(asked).all() and west <= east and south <= north):
        raise InputError("raster_no_overlap", **about, extent=extent_text(extent), other=extent_text(asked))
    slack = 1e-6  # cells; a border that is a rounding error away gets no row of its own
    left, right = math.floor(west / cell + slack), math.ceil(east / cell - slack)
    bottom, top = math.floor(south / cell + slack), math.ceil(north / cell - slack)
    grid = _Grid(cell, left, top, max(1, top - bottom), max(1, right - left))
    cells = grid.rows * grid.cols
    if cells > MAX_CELLS:
        raise InputError(
            "raster_too_large", **about, cells=f"{cells:,}".replace(",", " "), limit=f"{MAX_CELLS:,}".replace(",", " ")
        )
    return grid


# --- points to cells --------------------------------------------------------------------------------------------


def _highest(
    clouds: Sequence[Cloud], grid: _Grid, way: Way | None, input_name: str, progress: Progress
) -> NDArray[np.float32]:
    """The highest point of each cell [m], NaN where there is none; all clouds as one."""
    top = np.full(grid.rows * grid.cols, -np.inf, np.float32)
    near = [each.head for each in clouds if _reach(each.bounds, grid)]
    done, all_points = 0, sum(head.points for head in near)
    for head in near:
        about = {"input": input_name, "path": head.path}
        with opened_cloud(head.path, about) as reader:
            for points in chunks_of(reader, about):
                _raise(top, points, grid, way)
                done += len(points)
                progress(min(1.0, done / all_points), "")
    top[np.isneginf(top)] = np.nan
    return top.reshape(grid.rows, grid.cols)


def _reach(bounds: Bounds, grid: _Grid) -> bool:
    """Whether a cloud may have points in a grid, a millimetre included for rounded headers."""
    west, north = grid.left * grid.cell - 1e-3, grid.top * grid.cell + 1e-3
    east, south = west + grid.cols * grid.cell + 2e-3, north - grid.rows * grid.cell - 2e-3
    return bounds[0] <= east and bounds[2] >= west and bounds[1] <= north and bounds[3] >= south


def _raise(top: NDArray[np.float32], points: Any, grid: _Grid, way: Way | None) -> None:
    """Lift the cells to the points in them."""
    x, y, z = _usable(points, way)
    col = np.floor(x / grid.cell).astype(np.int64) - grid.left
    row = np.floor(grid.top - y / grid.cell).astype(np.int64)
    inside = (col >= 0) & (col < grid.cols) & (row >= 0) & (row < grid.rows)
    np.maximum.at(top, row[inside] * grid.cols + col[inside], z[inside])


def _usable(points: Any, way: Way | None) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float32]]:
    """x, y [m, EPSG:5514] and height [m] of the points that are no noise."""
    kept = ~np.isin(np.asarray(points.classification), NOISE) & (np.asarray(points.withheld) == 0)
    x, y, z = (np.asarray(axis, dtype=np.float64)[kept] for axis in (points.x, points.y, points.z))
    if way is not None:
        x, y = way(x, y)
    known = np.isfinite(x) & np.isfinite(y) & np.isfinite(z)
    return x[known], y[known], z[known].astype(np.float32)


def _tell_thin(values: NDArray[np.float32], cell: float, about: About) -> None:
    """Say so where the points are too few for the cells, and which cells they would fill."""
    known = np.isfinite(values)
    among = int(ndimage.binary_dilation(known, np.ones((3, 3), bool)).sum())
    empty = 1.0 - int(known.sum()) / among if among else 0.0
    if empty > THIN:
        per_m2 = -math.log(empty) / cell**2  # points scattered at random leave exp(-points per cell) empty
        better = next((c for c in (0.5, 1.0, 2.0) if c > cell and c * c * per_m2 >= 1.5), 5.0)
        notice("cloud_thin", **about, percent=f"{100 * empty:.0f}", cell=f"{cell:g}", better=f"{better:g}")


def _close_holes(values: NDArray[np.float32], most: int) -> None:
    """Close, in place, the empty places of at most ``most`` cells that do not touch the array's border."""
    rows = values.shape[0]
    before = values.copy() if rows > BAND else values  # a band must not see what another one has closed
    for start in range(0, rows, BAND):
        low, high = max(0, start - most - 1), min(rows, start + BAND + most + 1)
        band = before[low:high].copy()
        _close_in(band, most)
        own = slice(start - low, min(start + BAND, rows) - low)
        values[start : start + BAND] = band[own]


def _close_in(values: NDArray[np.float32], most: int) -> None:
    """The same for an array in one piece."""
    eight = np.ones((3, 3), bool)
    holes, count = ndimage.label(np.isnan(values), eight)
    size = np.bincount(holes.ravel(), minlength=count + 1)
    small = size <= most
    small[0] = False
    for edge in (holes[0], holes[-1], holes[:, 0], holes[:, -1]):
        small[edge] = False
    row, col = np.nonzero(small[holes])
    while row.size:
        around = np.sort([values[row + dr, col + dc] for dr in (-1, 0, 1) for dc in (-1, 0, 1)], axis=0)  # NaN last
        known = np.isfinite(around).sum(axis=0)
        ready = known >= 3  # the northernmost, westernmost cell of a hole has that many: every turn closes some
        middle = around[(known[ready] - 1) // 2, np.flatnonzero(ready)]
        values[row[ready], col[ready]] = middle
        row, col = row[~ready], col[~ready]
