"""The steepest line of sight along rays over a relief: every crossing that can matter is looked at, the others are not.

A ray is walked in steps of a leaf or of many. A step is jumped over where the highest block below it cannot rise above
the horizon found so far; else it is halved, down to a leaf, whose crossings are all looked at. The leaf where the
observers before found their horizon is looked at first: mostly it gives the horizon at once. Neighbours in a row
look together.

Each crossing gives a number that depends on the heights alone, the result is their maximum, and the bounds hold for
these very numbers, since rounding is monotone. So the result is the same bit for bit whatever is looked at first,
together, or jumped over.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.solar.horizon_lanes import lift, rises
from lk_spatial.solar.horizon_rays import Rays
from lk_spatial.solar.horizon_relief import BEFORE, FRAME, LANES, STEPS, STRIDE, Relief

SHIFT = STRIDE.bit_length() - 1
EDGE = 1e-3  # [pixels] more than what is snapped
AREA = 32  # [pixels] side of the areas that are looked at one after another: they stay in the processor's cache
NOBODY = np.float32(1e30)  # height of a lane without observer, above everything


def search(relief: Relief, rays: Rays, row: NDArray, col: NDArray, height: NDArray) -> NDArray[np.float32]:
    """Horizon angles (n, n_azimuth) [deg] from pixels (n,) at ``height`` (n,) [m]; NaN where the height is NaN."""
    order = np.lexsort((col, row, col // AREA, row // AREA))
    order = order[~np.isnan(height[order])]
    angles = np.full((len(row), len(rays.step)), np.nan, np.float32)
    _search(
        relief.surface.ravel(), relief.surface.shape, relief.blocks, relief.starts, relief.widths,
        rays.places.ravel(), rays.weights.ravel(), rays.corner, rays.away, rays.top, rays.step,
        order, row, col, height, angles,
    )  # fmt: skip
    return angles


@kernel
def _search(
    surface: Any, shape: Any, blocks: Any, starts: Any, widths: Any,
    places: Any, weights: Any, corner: Any, away: Any, tops: Any, step: Any,
    order: Any, row: Any, col: Any, height: Any, angles: Any,
) -> None:  # fmt: skip
    """Fill in ``angles`` for the observers ``order``, those of one row one after another."""
    n_azimuth = len(step)
    guess = np.zeros(n_azimuth, np.int64)
    heights, best = np.empty(LANES, np.float32), np.empty(LANES, np.float32)
    start = 0
    while start < order.size:
        first = order[start]
        stop = _group(order, row, col, start)
        heights[:] = NOBODY
        for p in order[start:stop]:
            heights[col[p] - col[first]] = height[p]
        last = col[order[stop - 1]]
        base = (row[first] + FRAME) * shape[1] + col[first] + FRAME
        for k in range(n_azimuth):
            lines = _lines(shape, step[k, 0], step[k, 1], row[first], col[first], last)
            leaves = min(tops.size, math.ceil(lines / STEPS))
            guess[k] = _steepest(
                surface, blocks, starts, widths, places, weights, corner, away, tops,
                k, base, row[first], col[first], leaves, guess[k], heights, best,
            )  # fmt: skip
            for p in order[start:stop]:
                angles[p, k] = math.degrees(math.atan(best[col[p] - col[first]]))
        start = stop


@kernel
def _group(order: Any, row: Any, col: Any, start: int) -> int:
    """End of the observers from ``start`` on that look together: different pixels of LANES neighbours in a row."""
    first = order[start]
    stop = start + 1
    while (
        stop < order.size
        and row[order[stop]] == row[first]
        and col[order[stop - 1]] < col[order[stop]] < col[first] + LANES
    ):
        stop += 1
    return stop


@kernel
def _lines(shape: Any, down: float, right: float, row: int, left: int, last: int) -> float:
    """Lines that a ray crosses until it has left the model from all columns ``left`` to ``last``."""
    lines = math.inf
    if down > 0.0:
        lines = min(lines, (shape[0] - 2 * FRAME - 1 - row + EDGE) / down)
    elif down < 0.0:
        lines = min(lines, (row + EDGE) / -down)
    if right > 0.0:
        lines = min(lines, (shape[1] - 2 * FRAME - 1 - left + EDGE) / right)
    elif right < 0.0:
        lines = min(lines, (last + EDGE) / -right)
    return lines


@kernel
def _steepest(
    surface: Any, blocks: Any, starts: Any, widths: Any, places: Any, weights: Any, corner: Any, away: Any, tops: Any,
    k: int, base: int, row: int, col: int, leaves: int, guess: int, heights: Any, best: Any,
) -> int:  # fmt: skip
    """Fill in the largest tangents along azimuth ``k``, at least 0; the last leaf that lifted one."""
    best[:] = 0.0
    ray = k * tops.size
    found = 0
    if 0 < guess < leaves and lift(surface, base, places, weights, ray + guess, heights, best):
        found = guess
    leaf = 0
    while leaf < leaves:
        level = tops[leaf]
        while level >= 0:
            end = leaf + (1 << level)
            top = row + min(corner[k, leaf, 0], corner[k, end, 0])
            left = col + min(corner[k, leaf, 1], corner[k, end, 1])
            shift = SHIFT + level
            block = starts[level] + ((top >> shift) + BEFORE) * widths[level] + (left >> shift) + BEFORE
            if not rises(blocks[block], away[k, leaf, 0], away[k, leaf, 1], heights, best):
                break
            level -= 1
        if level >= 0:
            leaf += 1 << level
            continue
        if lift(surface, base, places, weights, ray + leaf, heights, best):
            found = leaf
        leaf += 1
    return found
