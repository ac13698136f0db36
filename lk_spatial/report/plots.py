"""Charts of the reports: each function takes data and an ``ax`` and draws, nothing more.

Colours are those of Okabe and Ito (2008), told apart also with colour-blind eyes; numbers stand beside the bars.
"""

import math
import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from lk_spatial.core.text import Text
from lk_spatial.report.numbers import format_number, format_rounded
from lk_spatial.report.text import MONTHS, WORDS

INK = "#16212b"
MUTED = "#5a6875"
LINE = "#d5dce2"
BLUE = "#0072b2"
SUN = "#e69f00"
LOSS = "#d55e00"
PALE_SUN = "#f4d28a"
_BARS = 0.54  # share of the waterfall's width for the bars; the rest holds the numbers


def loss_waterfall(ax: Axes, steps: Sequence[tuple[Text, float]], *, lang: str) -> None:
    """Waterfall from the first step (start value) over signed changes to the last step (result), top to bottom.

    ``steps``: (name, value) with one unit for all values; at least two, all finite. The axis is cut where
    nothing happens (marked on the two full bars); each change carries its value and its percent of the start.
    """
    values = [float(value) for _, value in steps]
    start, changes, result = values[0], values[1:-1], values[-1]
    ends = start + np.cumsum(changes, dtype=float)
    left = _cut(min([start, result, *ends]), max([start, result, *ends]))
    right = max([start, result, *ends])
    rows = np.arange(len(steps))
    ax.barh(rows[[0, -1]], np.array([start, result]) - left, left=left, height=0.62, color=[SUN, BLUE], zorder=2)
    for row, change, end in zip(rows[1:-1], changes, ends, strict=True):
        ax.barh(row, -change, left=end, height=0.62, color=LOSS if change < 0 else BLUE, zorder=2)
    _waterfall_links(ax, [start, *ends])
    _waterfall_numbers(ax, values, lang)
    ax.set_yticks(rows, [textwrap.fill(name.get(lang), 20) for name, _ in steps])
    ax.set_ylim(len(steps) - 0.45, -0.55)
    ax.set_xlim(left, left + ((right - left) or 1.0) / _BARS)
    ax.xaxis.set_visible(False)
    ax.spines[["top", "right", "bottom"]].set_visible(False)
    _quiet(ax)
    if left > 0:
        for row in rows[[0, -1]]:
            _break_mark(ax, float(row))


def _cut(low: float, high: float) -> float:
    """Left end of the axis: zero, or a round number well below the smallest end of a bar."""
    span = high - low
    if low <= 0 or span > 0.5 * high:
        return min(0.0, low)
    wanted = low - max(0.35 * span, 0.02 * high)
    step = 10.0 ** math.floor(math.log10(max(high - wanted, 1e-9)))
    return max(0.0, math.floor(wanted / step) * step)


def _waterfall_links(ax: Axes, levels: Sequence[float]) -> None:
    for row, level in enumerate(levels):
        ax.plot([level, level], [row - 0.31, row + 1.31], color=MUTED, linewidth=0.5, zorder=1)


def _waterfall_numbers(ax: Axes, values: Sequence[float], lang: str) -> None:
    """Two columns right of the bars: value, percent of the start."""
    start, last = values[0], len(values) - 1
    for row, value in enumerate(values):
        full = row in (0, last)
        share = 100.0 * value / start if start else math.nan
        number = format_rounded(value, lang) if full else _signed(value, lang)
        percent = f"{format_number(share, lang, 1, sign=not full)} %" if row else ""
        for x, text, colour in ((0.77, number, INK), (1.0, percent, MUTED)):
            ax.text(
                x,
                row,
                text,
                transform=ax.get_yaxis_transform(),
                ha="right",
                va="center",
                fontsize=7.5,
                color=colour,
                fontweight="bold" if full else "normal",
                zorder=4,
            )


def _signed(value: float, lang: str) -> str:
    return format_number(value, lang, 0 if abs(value) >= 100 else 1, sign=True)


def _break_mark(ax: Axes, row: float) -> None:
    """A white slanted gap through the foot of a bar whose axis does not begin at zero."""
    ax.plot(
        [0.022, 0.04],
        [row + 0.36, row - 0.36],
        transform=ax.get_yaxis_transform(),
        color="white",
        linewidth=2.4,
        zorder=3,
    )


def monthly_energy(ax: Axes, energy_mwh: Sequence[float], *, lang: str) -> None:
    """Bars of the energy of twelve months [MWh]; NaN leaves its month empty. October to March are paler.

    From 1000 MWh a month the axis is in GWh, so that the numbers keep beside each other.
    """
    values = np.asarray(energy_mwh, dtype=float)
    large = bool(np.nanmax(values, initial=0.0) >= 1000)
    values = values / 1000 if large else values
    colours = [SUN if 3 <= month <= 8 else PALE_SUN for month in range(12)]
    ax.bar(range(12), np.nan_to_num(values), width=0.74, color=colours, edgecolor=SUN, linewidth=0.6, zorder=2)
    top = float(np.nanmax(values, initial=0.0))
    for month, value in enumerate(values):
        if math.isfinite(value):
            ax.annotate(
                _short(value, top, lang),
                (month, value),
                xytext=(0, 2),
                textcoords="offset points",
                ha="center",
                fontsize=6.5,
                color=INK,
            )
    ax.set_xticks(range(12), MONTHS[lang])
    ax.set_xlim(-0.6, 11.6)
    ax.set_ylim(0, 1.12 * top or 1.0)
    ax.set_ylabel("GWh" if large else "MWh", color=MUTED, fontsize=7.5)
    _number_axis(ax, "y", lang)
    ax.grid(axis="y", color=LINE, linewidth=0.5, zorder=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
    _quiet(ax)


def _short(value: float, top: float, lang: str) -> str:
    """Label above a narrow bar: decimals only where all bars are small."""
    return format_number(value, lang, 0 if top >= 100 else 1 if top >= 10 else 2)


def ranked_buildings(ax: Axes, energy: Sequence[float], *, lang: str) -> None:
    """Share of all energy [%] that the first n buildings give, from the largest; NaN and zero are left out.

    Marked: how many buildings give 50 % and 80 %.
    """
    share = cumulated_share(energy)
    ranks = np.arange(len(share) + 1)
    curve = np.concatenate([[0.0], share])
    ax.fill_between(ranks, curve, color=BLUE, alpha=0.12, linewidth=0, zorder=1)
    ax.plot(ranks, curve, color=BLUE, linewidth=1.6, zorder=2)
    for target in (50.0, 80.0):
        if len(share):
            count = buildings_for(share, target)
            ax.plot([count, count, 0], [0, target, target], color=MUTED, linewidth=0.6, linestyle=(0, (4, 3)), zorder=1)
            ax.plot(count, curve[count], "o", color=BLUE, markersize=4, zorder=3)
            ax.annotate(
                format_number(count, lang),
                (count, curve[count]),
                xytext=(5, -9),
                textcoords="offset points",
                fontsize=7.5,
                color=INK,
                fontweight="bold",
            )
    ax.set_xlim(0, max(len(share), 1))
    ax.set_ylim(0, 102)
    ax.set_yticks([0, 50, 80, 100])
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    _number_axis(ax, "x", lang)
    ax.set_xlabel(WORDS["axis_rank"].get(lang), color=MUTED, fontsize=7.5)
    ax.set_ylabel(WORDS["axis_share"].get(lang), color=MUTED, fontsize=7.5)
    ax.spines[["top", "right"]].set_visible(False)
    _quiet(ax)


def cumulated_share(energy: Sequence[float]) -> np.ndarray:
    """Cumulated share [%] of the energies from the largest; NaN and what is not positive is left out."""
    values = np.asarray(energy, dtype=float)
    values = np.sort(values[np.isfinite(values) & (values > 0)])[::-1]
    return 100.0 * np.cumsum(values) / values.sum() if len(values) else values


def buildings_for(share: np.ndarray, target: float) -> int:
    """How many of the ranked buildings give ``target`` percent of the energy; 0 where there are none."""
    return int(np.searchsorted(share, target - 1e-9) + 1) if len(share) else 0


def _number_axis(ax: Axes, which: str, lang: str) -> None:
    axis = ax.yaxis if which == "y" else ax.xaxis
    axis.set_major_formatter(
        FuncFormatter(lambda value, _: format_number(value, lang, 0 if value == int(value) else 1))
    )


def _quiet(ax: Axes) -> None:
    """Thin grey frame, small grey numbers."""
    for spine in ax.spines.values():
        spine.set_color(LINE)
    ax.tick_params(length=0, labelsize=7.5, labelcolor=INK, pad=4)
