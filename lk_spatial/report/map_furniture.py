"""What stands on and below a map: arrow to true north, scale bar, ranks, legend."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Polygon, Rectangle
from matplotlib.transforms import Bbox

from lk_spatial.report.maps import MODULE, NO_VALUE, Scale
from lk_spatial.report.numbers import format_number
from lk_spatial.report.plots import BLUE, INK
from lk_spatial.report.text import WORDS

_CORNERS = ((1, 1), (0, 0), (0, 1), (1, 0))  # right, top


def north_arrow(ax: Axes, convergence_deg: float, lang: str, *, points: np.ndarray, taken: Sequence[Bbox] = ()) -> Bbox:
    """Arrow to TRUE north, turned clockwise by the convergence [deg], in the corner with the fewest ``points`` (n, 2).

    Gives its box in pixels, which is none of ``taken``.
    """
    box = _plate(ax, 0.42, 0.6, points, taken)
    inch = ax.figure.dpi
    centre = np.array([(box.x0 + box.x1) / 2, box.y0 + 0.235 * inch])
    angle = math.radians(convergence_deg)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    shape = np.array([[0, 0.17], [0.085, -0.15], [0, -0.085], [-0.085, -0.15]]) * inch
    half = np.array([[0, 0.17], [0, -0.085], [-0.085, -0.15]]) * inch
    for part, fill in ((shape, INK), (half, "white")):
        corners = ax.transAxes.inverted().transform(part @ turn.T + centre)
        ax.add_patch(Polygon(corners, transform=ax.transAxes, facecolor=fill, edgecolor=INK, linewidth=0.6, zorder=12))
    tip = turn @ np.array([0.0, 0.25 * inch]) + centre
    x, y = ax.transAxes.inverted().transform(tip)
    ax.text(
        x,
        y,
        WORDS["north"].get(lang),
        transform=ax.transAxes,
        ha="center",
        va="center",
        fontsize=8,
        fontweight="bold",
        color=INK,
        zorder=12,
    )
    return box


def scale_bar(ax: Axes, lang: str, *, points: np.ndarray, taken: Sequence[Bbox] = ()) -> Bbox:
    """Bar of a round length, up to a fifth of the map, in a corner as ``north_arrow``; gives its box in pixels."""
    low, high = ax.get_xlim()
    length = round_length((high - low) / 5)
    share = length / (high - low)
    width = ax.get_window_extent().width / ax.figure.dpi
    box = _plate(ax, share * width + 0.3, 0.34, points, taken)
    inverse = ax.transAxes.inverted()
    x, y = inverse.transform((box.x0 + 0.15 * ax.figure.dpi, box.y0 + 0.08 * ax.figure.dpi))
    height = inverse.transform((0, 0.045 * ax.figure.dpi))[1] - inverse.transform((0, 0))[1]
    for part, fill in ((0, INK), (1, "white")):
        ax.add_patch(
            Rectangle(
                (x + part * share / 2, y),
                share / 2,
                height,
                transform=ax.transAxes,
                facecolor=fill,
                edgecolor=INK,
                linewidth=0.6,
                zorder=12,
            )
        )
    text = f"{format_number(length / 1000, lang)} km" if length >= 1000 else f"{format_number(length, lang)} m"
    ax.annotate(
        text,
        (x + share / 2, y + height),
        xycoords="axes fraction",
        xytext=(0, 2),
        textcoords="offset points",
        ha="center",
        fontsize=7.5,
        color=INK,
        zorder=12,
    )
    return box


def round_length(wanted: float) -> float:
    """The largest of 1, 2, 5 × 10ⁿ that is not above ``wanted``.

    >>> round_length(73), round_length(4999)
    (50.0, 2000.0)
    """
    power = 10.0 ** math.floor(math.log10(wanted))
    return max(step for step in (1 * power, 2 * power, 5 * power) if step <= wanted * (1 + 1e-9))


def _plate(ax: Axes, width: float, height: float, points: np.ndarray, taken: Sequence[Bbox]) -> Bbox:
    """White plate of ``width`` × ``height`` [in] in the free corner that hides the fewest ``points``; its box [px]."""
    ax.apply_aspect()
    window, inch = ax.get_window_extent(), ax.figure.dpi
    pad, size = 0.07 * inch, np.array([width, height]) * inch
    pixels = ax.transData.transform(points) if len(points) else np.empty((0, 2))
    boxes = []
    for right, top in _CORNERS:
        x = window.x1 - pad - size[0] if right else window.x0 + pad
        y = window.y1 - pad - size[1] if top else window.y0 + pad
        boxes.append(Bbox([(x, y), (x + size[0], y + size[1])]))
    free = [box for box in boxes if not any(box.overlaps(other) for other in taken)]
    box = min(free or boxes, key=lambda box: box.padded(pad).count_contains(pixels) if len(pixels) else 0)
    (x0, y0), (x1, y1) = ax.transAxes.inverted().transform(box.get_points())
    ax.add_patch(
        Rectangle(
            (x0, y0), x1 - x0, y1 - y0, transform=ax.transAxes, facecolor=(1, 1, 1, 0.86), edgecolor="none", zorder=11
        )
    )
    return box


def rank_labels(ax: Axes, shapes: Sequence[Any], taken: Sequence[Bbox], *, clear_pt: float = 0.0) -> int:
    """Numbers 1, 2, … beside the ``shapes``; one that would lie on another or on ``taken`` is left out.

    ``clear_pt``: further distance from the shapes [pt]. Gives how many numbers stand.
    """
    ax.apply_aspect()
    window, boxes, inch = ax.get_window_extent(), list(taken), ax.figure.dpi
    stand = 0
    for rank, shape in enumerate(shapes, start=1):
        if shape is None or shapely.is_empty(shape):
            continue
        half = np.array([0.085 + 0.03 * (rank > 9), 0.085]) * inch
        for centre in _places(ax, shape, half * 0.8 + clear_pt / 72 * inch):
            box = Bbox([centre - half, centre + half])
            inside = window.x0 < box.x0 and window.y0 < box.y0 and window.x1 > box.x1 and window.y1 > box.y1
            if inside and not any(box.overlaps(other) for other in boxes):
                _rank_label(ax, str(rank), centre, half)
                boxes.append(box)
                stand += 1
                break
    return stand


def _places(ax: Axes, shape: Any, off: np.ndarray) -> np.ndarray:
    """Where a label may stand [px]: ``off`` the shape in eight directions, then in its middle."""
    pixels = ax.transData.transform(shapely.get_coordinates(shape))
    ways = np.array([(1, 1), (-1, 1), (1, -1), (-1, -1), (0, 1.4), (1.4, 0), (-1.4, 0), (0, -1.4)])
    outermost = pixels[np.argmax(pixels @ ways.T, axis=0)]
    return np.vstack([outermost + ways * off, (pixels.min(axis=0) + pixels.max(axis=0)) / 2])


def _rank_label(ax: Axes, text: str, centre: np.ndarray, half: np.ndarray) -> None:
    inverse = ax.transAxes.inverted()
    (x0, y0), (x1, y1), (x, y) = inverse.transform([centre - half, centre + half, centre])
    ax.add_patch(
        Rectangle(
            (x0, y0),
            x1 - x0,
            y1 - y0,
            transform=ax.transAxes,
            facecolor="white",
            edgecolor=BLUE,
            linewidth=0.7,
            zorder=13,
        )
    )
    ax.text(
        x,
        y,
        text,
        transform=ax.transAxes,
        ha="center",
        va="center_baseline",
        fontsize=7,
        fontweight="bold",
        color=BLUE,
        zorder=14,
    )


def map_legend(ax: Axes, scale: Scale, *, title: str, entries: Sequence[str], lang: str) -> None:
    """Strip with the colour classes and the named ``entries`` ("module", "building", "no_value")."""
    ax.set_axis_off()
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.text(0, 1.0, title, fontsize=8.5, color=INK, va="top")
    limits = scale.norm.boundaries
    width = 0.56 / (len(limits) - 1)
    for k in range(len(limits) - 1):
        ax.add_patch(
            Rectangle((k * width, 0.34), width, 0.3, facecolor=scale.cmap(k), edgecolor="white", linewidth=0.6)
        )
    step = float(np.min(np.diff(limits)))
    decimals = 0 if step >= 1 and float(step).is_integer() else 1
    for k in range(1, len(limits) - 1):
        ax.text(k * width, 0.24, format_number(limits[k], lang, decimals), fontsize=8, color=INK, ha="center", va="top")
    styles: dict[str, dict[str, Any]] = {
        "module": {"facecolor": (*to_rgb(MODULE), 0.08), "edgecolor": MODULE, "linewidth": 0.6},
        "building": {"facecolor": "none", "edgecolor": INK, "linewidth": 0.9},
        "no_value": {"facecolor": NO_VALUE, "edgecolor": "none"},
    }
    for row, entry in enumerate(entries):
        y = 0.82 - 0.32 * row
        ax.add_patch(Rectangle((0.66, y - 0.1), 0.028, 0.2, **styles[entry]))
        ax.text(0.705, y, WORDS[f"legend_{entry}"].get(lang), fontsize=8.5, color=INK, va="center")
