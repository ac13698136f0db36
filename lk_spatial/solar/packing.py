"""Rows of equal rectangles in a polygon: exact free intervals of each row, best set of rows by dynamic programming.

A row is a band of the plane. Every edge of the polygon that enters the band blocks an interval of x; between the
blocked intervals the band is free where the even-odd rule says inside, so holes and obstacles are exact. The rows are
then chosen by D[y] = max(D[next y], n_k(y) + D[y + advance_k]) over candidate heights y and kinds of row k.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel

Floats = NDArray[np.float64]

FIT = 1e-7  # a rectangle may stick out by so little, so that an exact fit is not lost to rounding [m]
LATTICE = 0.105  # largest step between candidate heights [m]; 0.02 finds 0.1 % more modules at a quarter of the speed
ANCHORS = 4  # rows also start exactly at so many of the longest lower edges


@lru_cache
def lattice_step(*advances: float) -> float:
    """Step of candidate heights [m], at most LATTICE, of which every row advance is nearly a multiple."""
    best, waste = LATTICE, math.inf
    least = math.ceil(advances[0] / LATTICE)
    for parts in range(least, 2 * least):
        step = advances[0] / parts
        pieces = [max(1, int(advance / step + 0.02)) for advance in advances]
        step = max(advance / piece for advance, piece in zip(advances, pieces, strict=True))
        rest = sum(step * math.ceil(advance / step - 1e-9) / advance - 1 for advance in advances)
        if step <= LATTICE and rest < waste - 1e-6:
            best, waste = step, rest
    return best


@kernel
def best_rows(edges: Floats, angles: Floats, kinds: Floats, step: float) -> tuple[float, Floats, NDArray[np.int64]]:
    """Angle [rad], boxes (n, 4) and kind (n,) of the fullest layout of rows among ``angles``.

    ``edges`` (m, 4) are x1 y1 x2 y2 of all rings [m]; ``kinds`` (k, 4) are width, depth, pitch along the row and
    advance to the next row [m]. Boxes are x0 y0 x1 y1 in the frame turned by minus the angle. The first angle wins.
    """
    best_angle = 0.0
    best_boxes = np.empty((0, 4))
    best_kind = np.empty(0, np.int64)
    for angle in angles:
        boxes, kind = _rows(_turned(edges, angle), kinds, step)
        if len(boxes) > len(best_boxes):
            best_angle, best_boxes, best_kind = angle, boxes, kind
    return best_angle, best_boxes, best_kind


@kernel
def _turned(edges: Floats, angle: float) -> Floats:
    """Edges in the frame turned by minus ``angle``, lower end first: x, y, x, y, dx / dy (0 where level)."""
    c, s = math.cos(angle), math.sin(angle)
    turned = np.empty((len(edges), 5))
    for i in range(len(edges)):
        x1, y1 = c * edges[i, 0] + s * edges[i, 1], c * edges[i, 1] - s * edges[i, 0]
        x2, y2 = c * edges[i, 2] + s * edges[i, 3], c * edges[i, 3] - s * edges[i, 2]
        if y1 > y2:
            x1, y1, x2, y2 = x2, y2, x1, y1
        turned[i, 0], turned[i, 1], turned[i, 2], turned[i, 3] = x1, y1, x2, y2
        turned[i, 4] = (x2 - x1) / (y2 - y1) if y2 > y1 else 0.0
    return turned


@kernel
def _rows(edges: Floats, kinds: Floats, step: float) -> tuple[Floats, NDArray[np.int64]]:
    """Boxes and kinds of the best set of horizontal rows."""
    heights = _candidates(edges, kinds, step)
    n, n_kinds = len(heights), len(kinds)
    top = edges[:, 3].max()
    total = np.zeros(n + 1, np.int64)
    choice = np.full(n, -1, np.int64)
    after = np.full(n_kinds, n, np.int64)
    work, nowhere = np.empty((len(edges), 3)), np.empty((0, 4))
    for i in range(n - 1, -1, -1):
        total[i] = total[i + 1]
        for k in range(n_kinds):
            while after[k] > 0 and heights[after[k] - 1] >= heights[i] + kinds[k, 3] - FIT:
                after[k] -= 1
            if heights[i] + kinds[k, 1] > top + FIT:
                continue
            fits = _fill(edges, heights[i], kinds[k], work, nowhere)
            if fits > 0 and fits + total[after[k]] > total[i]:
                total[i] = fits + total[after[k]]
                choice[i] = k
    return _boxes(edges, heights, kinds, total[0], choice, work)


@kernel
def _boxes(
    edges: Floats, heights: Floats, kinds: Floats, count: int, choice: NDArray[np.int64], work: Floats
) -> tuple[Floats, NDArray[np.int64]]:
    """Walk the chosen rows and write out their boxes."""
    boxes = np.empty((count, 4))
    kind = np.empty(count, np.int64)
    done, i = 0, 0
    while i < len(heights):
        k = choice[i]
        if k < 0:
            i += 1
            continue
        fits = _fill(edges, heights[i], kinds[k], work, boxes[done:])
        kind[done : done + fits] = k
        done += fits
        next_height = heights[i] + kinds[k, 3] - FIT
        while i < len(heights) and heights[i] < next_height:
            i += 1
    return boxes, kind


@kernel
def _candidates(edges: Floats, kinds: Floats, step: float) -> Floats:
    """Sorted heights where a row may begin.

    A lattice from the lowest point, and every stack of rows on each of the longest lower edges (exact for
    rectilinear outlines; single-kind stacks only where the outline is so high that all would be too many).
    """
    bottom = edges[:, 1].min()
    room = edges[:, 3].max() - bottom - kinds[:, 1].min()
    if room < -FIT:
        return np.empty(0)
    found = [bottom + i * step for i in range(int(room / step) + 1)]
    first = kinds[0, 3]
    other = kinds[-1, 3]
    mixed = len(kinds) > 1 and room * room / (2 * first * other) < room / step
    for anchor in _anchors(edges, bottom):
        left = bottom + room - anchor + FIT
        for i in range(int(max(left, 0.0) / first) + 1):
            rest = left - i * first
            for j in range((int(rest / other) if mixed or i == 0 else 0) + 1):
                found.append(anchor + i * first + j * other)
    heights = np.array(found)
    heights.sort()
    kept = 1
    for height in heights[1:]:
        if height - heights[kept - 1] > FIT / 4:
            heights[kept] = height
            kept += 1
    return heights[:kept]


@kernel
def _anchors(edges: Floats, bottom: float) -> list[float]:
    """Heights of the longest nearly level edges with the inside above them; the lowest point always."""
    length = np.zeros(len(edges))
    height = np.empty(len(edges))
    for i in range(len(edges)):
        dx, dy = abs(edges[i, 2] - edges[i, 0]), edges[i, 3] - edges[i, 1]
        height[i] = edges[i, 3]
        if dx > 0.5 and dy < 0.05 * dx and dy < LATTICE:
            x, y = (edges[i, 0] + edges[i, 2]) / 2, height[i] + 1e-3
            length[i] = dx if _inside(edges, x, y) else 0.0
    anchors = [bottom]
    while len(anchors) <= ANCHORS:
        longest = np.argmax(length)
        if length[longest] == 0.0:
            break
        length[longest] = 0.0
        if min([abs(anchor - height[longest]) for anchor in anchors]) > FIT:
            anchors.append(height[longest])
    return anchors


@kernel
def _inside(edges: Floats, x: float, y: float) -> bool:
    """Even-odd rule."""
    inside = False
    for i in range(len(edges)):
        if edges[i, 1] <= y < edges[i, 3] and edges[i, 0] + (y - edges[i, 1]) * edges[i, 4] > x:
            inside = not inside
    return inside


@kernel
def _fill(edges: Floats, y: float, kind: Floats, work: Floats, boxes: Floats) -> int:
    """Number of rectangles in the row of ``kind`` at ``y``; writes them to ``boxes`` where it has room."""
    width, depth, pitch = kind[0], kind[1], kind[2]
    blocked = _blocked(edges, y + FIT, y + depth - FIT, work)
    fits, inside, reach, last = 0, False, -math.inf, -math.inf
    for i in range(blocked):
        start = work[i, 0]
        if inside and start > reach:
            left = max(reach, last + pitch - width)  # what blocks may be narrower than the gap
            n = max(int((start - left + pitch - width + FIT) / pitch), 0)
            if n > 0:
                slack = start - left - n * pitch + pitch - width
                x = left + max(min(slack / 2, slack - pitch + width), 0.0)
                if fits + n <= len(boxes):
                    _write(boxes[fits : fits + n], x, y, kind)
                last = x + n * pitch - pitch + width
            fits += n
        reach = max(reach, work[i, 1])
        if work[i, 2] > 0:
            inside = not inside
    return fits


@kernel
def _write(boxes: Floats, x: float, y: float, kind: Floats) -> None:
    """Rectangles side by side from (x, y)."""
    for j in range(len(boxes)):
        left = x + j * kind[2]
        boxes[j, 0], boxes[j, 1], boxes[j, 2], boxes[j, 3] = left, y, left + kind[0], y + kind[1]


@kernel
def _blocked(edges: Floats, low: float, high: float, work: Floats) -> int:
    """Sorted intervals of x that edges take from the band (low, high): start, end, 1 where it crosses the middle."""
    middle = (low + high) / 2
    n = 0
    for i in range(len(edges)):
        bottom, top = edges[i, 1], edges[i, 3]
        if top <= low or bottom >= high:
            continue
        a, b = edges[i, 0], edges[i, 2]
        if top > high:
            b = a + (high - bottom) * edges[i, 4]
        if bottom < low:
            a += (low - bottom) * edges[i, 4]
        start, end = (a, b) if a < b else (b, a)
        j = n
        while j > 0 and work[j - 1, 0] > start:
            work[j, 0], work[j, 1], work[j, 2] = work[j - 1, 0], work[j - 1, 1], work[j - 1, 2]
            j -= 1
        work[j, 0], work[j, 1] = start, end
        work[j, 2] = 1.0 if bottom <= middle < top else 0.0
        n += 1
    return n
