"""Map of roofs: hillshade, roof planes by a value, modules, building outlines."""

import math
from typing import NamedTuple

import numpy as np
import shapely
from geopandas import GeoDataFrame
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap, to_rgb
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from lk_spatial.report.plots import INK, MUTED

Box = tuple[float, float, float, float]  # xmin, xmax, ymin, ymax, the order of matplotlib's extent
Hillshade = tuple[np.ndarray, Box]

NO_VALUE = "#b8c0c7"
MODULE = "#0b1f3a"
WIDTH_IN = 7.1  # width of the map on paper: A4 less its margins
_MANY_SHAPES = 3000  # more than that are drawn as pixels: smaller and quicker, no loss at this size
_SMALLEST_MODULE_MM = 0.25
_SMALLEST_BUILDING_MM = 1.2
_SPARSE = 0.004  # buildings cover less than this share of the view
_SHADE_PIXELS = 1100
_LARGEST_CIRCLE_PT = 15.0


class MapView(NamedTuple):
    """What a map shows and how: decided once from the data, used by the drawing and by the words around it."""

    box: Box
    mm_per_m: float
    overview: bool  # circles instead of roofs
    modules: bool  # single modules are large enough to be drawn
    outlines: bool  # so are the buildings' outlines


class Scale(NamedTuple):
    """Classes of a value and their colours."""

    norm: BoundaryNorm
    cmap: ListedColormap


def map_view(buildings: GeoDataFrame, modules: GeoDataFrame) -> MapView:
    """View around all buildings with a margin, not narrower or wider than paper likes; at least 60 m across [m]."""
    bounds = np.asarray(buildings.total_bounds, dtype=float)
    if not np.isfinite(bounds).all():
        bounds = np.zeros(4)
    width, height = bounds[2:] - bounds[:2]
    margin = max(0.05 * max(width, height), 5.0)
    width, height = max(width + 2 * margin, 60.0), max(height + 2 * margin, 40.0)
    width, height = max(width, height / 1.1), max(height, width * 0.55)
    x, y = (bounds[:2] + bounds[2:]) / 2
    box = (x - width / 2, x + width / 2, y - height / 2, y + height / 2)
    mm_per_m = WIDTH_IN * 25.4 / width
    area = buildings.geometry.area.to_numpy()
    size = math.sqrt(float(np.median(area))) if len(area) else 0.0
    outlines = size * mm_per_m >= _SMALLEST_BUILDING_MM
    overview = not outlines and float(area.sum()) < _SPARSE * width * height
    side = math.sqrt(float(modules.geometry.area.median()) / 2) if len(modules) else 0.0
    modules_drawn = bool(len(modules)) and side * mm_per_m >= _SMALLEST_MODULE_MM and not overview
    return MapView(box, mm_per_m, overview, modules_drawn, outlines)


def value_scale(values: np.ndarray, classes: int = 7) -> Scale:
    """Round class limits over the middle 96 % of the finite ``values``; plasma colours (even to colour-blind eyes)."""
    finite = values[np.isfinite(values)]
    low, high = np.percentile(finite, [2, 98]) if len(finite) else (0.0, 1.0)
    if high - low < 1e-6 * max(abs(high), 1.0):
        low, high = low - 0.5, high + 0.5
    limits = MaxNLocator(classes, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    colours = colormaps["plasma"](np.linspace(0.06, 0.96, len(limits) - 1))
    return Scale(BoundaryNorm(limits, len(limits) - 1, clip=True), ListedColormap(colours))


def roof_map(
    ax: Axes,
    buildings: GeoDataFrame,
    roof_planes: GeoDataFrame,
    modules: GeoDataFrame,
    *,
    view: MapView,
    scale: Scale,
    plane_values: np.ndarray,
    hillshade: Hillshade | None = None,
) -> None:
    """Roof planes coloured by ``plane_values`` (NaN: grey), modules, outlines, over the shaded surface model."""
    frame_view(ax, view)
    if hillshade is not None:
        draw_hillshade(ax, hillshade, view.box)
    planes = roof_planes.geometry.to_numpy()
    known = np.isfinite(plane_values)
    shades = scale.norm(np.where(known, plane_values, 0.0))
    many = len(planes) > _MANY_SHAPES
    for shade in range(scale.cmap.N):
        colour = scale.cmap(shade)
        _draw_polygons(ax, planes[known & (shades == shade)], facecolor=colour, edgecolor=colour, raster=many, zorder=2)
    _draw_polygons(ax, planes[~known], facecolor=NO_VALUE, edgecolor=NO_VALUE, raster=many, zorder=2)
    if view.modules:
        _draw_polygons(
            ax,
            modules.geometry.to_numpy(),
            facecolor=(*to_rgb(MODULE), 0.08),
            edgecolor=MODULE,
            linewidth=min(0.35, 0.12 * view.mm_per_m),
            raster=len(modules) > 4 * _MANY_SHAPES,
            zorder=3,
        )
    many = len(buildings) > _MANY_SHAPES
    if view.outlines:
        _draw_polygons(
            ax,
            buildings.geometry.to_numpy(),
            facecolor="none",
            edgecolor=INK,
            linewidth=0.3 if many else 0.6,
            raster=many,
            zorder=4,
        )


def overview_map(
    ax: Axes,
    buildings: GeoDataFrame,
    energy: np.ndarray,
    *,
    view: MapView,
    scale: Scale,
    values: np.ndarray,
    hillshade: Hillshade | None = None,
) -> None:
    """Scattered buildings as circles: area by ``energy``, colour by ``values`` (NaN: grey)."""
    frame_view(ax, view)
    if hillshade is not None:
        draw_hillshade(ax, hillshade, view.box)
    points = buildings.geometry.centroid
    size = np.sqrt(np.nan_to_num(energy).clip(0) / max(float(np.nanmax(energy, initial=0.0)), 1e-9))
    largest = min(_LARGEST_CIRCLE_PT, 250.0 / math.sqrt(max(len(points), 1)))
    order = np.argsort(-size)
    colours = np.where(
        np.isfinite(values)[:, None], scale.cmap(scale.norm(np.nan_to_num(values))), [*to_rgb(NO_VALUE), 1.0]
    )
    ax.scatter(
        points.x.to_numpy()[order],
        points.y.to_numpy()[order],
        s=np.maximum(largest * size[order], 2.0) ** 2,
        c=colours[order],
        edgecolors=INK,
        linewidths=0.4,
        zorder=3,
        rasterized=len(points) > _MANY_SHAPES,
    )


def frame_view(ax: Axes, view: MapView) -> None:
    """Limits of the view, true proportions, a thin frame, no ticks."""
    ax.set_xlim(view.box[0], view.box[1])
    ax.set_ylim(view.box[2], view.box[3])
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_facecolor("#f4f6f8")
    for spine in ax.spines.values():
        spine.set_color(MUTED)
        spine.set_linewidth(0.6)


def _draw_polygons(ax: Axes, polygons: np.ndarray, *, raster: bool, linewidth: float = 0.3, **style: object) -> None:
    """All polygons of one style as a single path: small in the file."""
    path = polygon_path(polygons)
    if path is not None:
        ax.add_patch(PathPatch(path, linewidth=linewidth, rasterized=raster, joinstyle="miter", **style))


def polygon_path(polygons: np.ndarray) -> Path | None:
    """One path of all rings of all polygons (holes run the other way round); None where there is nothing to draw."""
    rings = shapely.get_rings(shapely.normalize(shapely.get_parts(polygons)))
    if not len(rings):
        return None
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(vertices), Path.LINETO, dtype=Path.code_type)
    change = np.flatnonzero(np.diff(ring)) + 1
    codes[np.concatenate([[0], change])] = Path.MOVETO
    codes[np.concatenate([change - 1, [len(codes) - 1]])] = Path.CLOSEPOLY
    return Path(vertices, codes)


# ---------------------------------------------------------------- hillshade


def draw_hillshade(ax: Axes, hillshade: Hillshade, box: Box) -> None:
    """The shaded surface in pale greys where it lies inside ``box``; nothing where it does not."""
    values, extent = _crop(*hillshade, box)
    if values.size == 0 or not np.isfinite(values).any():
        return
    values = _thin(values, math.ceil(max(values.shape) / _SHADE_PIXELS))
    cell = ((extent[1] - extent[0]) / values.shape[1], (extent[3] - extent[2]) / values.shape[0])
    shade = shaded_relief(values, *cell)
    grey = np.round((0.72 + 0.28 * np.nan_to_num(shade, nan=1.0)) * 40) / 40
    image = np.dstack([grey, grey, grey, np.isfinite(shade).astype(float)])
    ax.imshow(np.round(image * 255).astype(np.uint8), extent=extent, interpolation="none", zorder=1, aspect="equal")


def shaded_relief(
    values: np.ndarray, dx: float, dy: float, *, azimuth: float = 315.0, altitude: float = 45.0
) -> np.ndarray:
    """Lambert shade 0…1 of heights [m], row 0 north, cells [m], lit from the map's upper left; NaN stays."""
    if min(values.shape) < 2:
        return np.where(np.isfinite(values), 1.0, np.nan)
    down, right = np.gradient(values.astype(np.float32), dy, dx)
    east, north = np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))
    level = np.cos(np.radians(altitude))
    light = np.sin(np.radians(altitude)) - level * (east * right - north * down)
    shade = np.clip(light / np.sqrt(1.0 + right**2 + down**2), 0.0, 1.0)
    return np.where(np.isfinite(values), shade, np.nan)


def _crop(values: np.ndarray, extent: Box, box: Box) -> tuple[np.ndarray, Box]:
    """The cells inside ``box`` and their extent."""
    rows, cols = values.shape
    dx, dy = (extent[1] - extent[0]) / cols, (extent[3] - extent[2]) / rows
    left, right = (int(np.clip(round((x - extent[0]) / dx), 0, cols)) for x in box[:2])
    top, bottom = (int(np.clip(round((extent[3] - y) / dy), 0, rows)) for y in (box[3], box[2]))
    kept = (extent[0] + left * dx, extent[0] + right * dx, extent[3] - bottom * dy, extent[3] - top * dy)
    return values[top:bottom, left:right], kept


def _thin(values: np.ndarray, step: int) -> np.ndarray:
    """Means of ``step`` × ``step`` blocks (NaN left out); a ragged rest at the edge is left out."""
    if step <= 1:
        return values
    rows, cols = (max(size // step, 1) for size in values.shape)
    blocks = values[: rows * step, : cols * step].reshape(rows, min(step, values.shape[0]), cols, -1)
    known = np.isfinite(blocks)
    count = known.sum(axis=(1, 3))
    total = np.where(known, blocks, 0.0).sum(axis=(1, 3), dtype=np.float64)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
