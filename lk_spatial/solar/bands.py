"""Bands of a polygon: where rows may begin, and how many equal rectangles a row holds.

A row is a band of the plane. Every edge of the polygon that enters the band blocks an interval of x; between the
blocked intervals the band is free where the even-odd rule says inside, so holes and obstacles are exact.
"""

import math

import numpy as np
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel

Floats = NDArray[np.float64]

FIT = 1e-7  # a rectangle may stick out by so little, so that an exact fit is not lost to rounding [m]
LATTICE = 0.105  # largest step between candidate heights [m]; 0.02 finds 0.1 % more modules at a quarter of the speed
ANCHORS = 4  # rows also start exactly at so many of the longest lower edges


@kernel
def turned(edges: Floats, origin: Floats, angle: float) -> Floats:
    """Edges in the frame at ``origin`` turned by minus ``angle``, lower end first: x, y, x, y, dx / dy (0: level)."""
    c, s = math.cos(angle), math.sin(angle)
    turned = np.empty((len(edges), 5))
    for i in range(len(edges)):
        east, north = edges[i, 0] - origin[0], edges[i, 1] - origin[1]
        x1, y1 = c * east + s * north, c * north - s * east
        east, north = edges[i, 2] - origin[0], edges[i, 3] - origin[1]
        x2, y2 = c * east + s * north, c * north - s * east
        if y1 > y2:
            x1, y1, x2, y2 = x2, y2, x1, y1
        turned[i, 0], turned[i, 1], turned[i, 2], turned[i, 3] = x1, y1, x2, y2
        turned[i, 4] = (x2 - x1) / (y2 - y1) if y2 > y1 else 0.0
    return turned


@kernel
def candidates(edges: Floats, kinds: Floats, step: float) -> Floats:
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
    heights = _sorted(found, bottom, step)
    kept = 1
    for height in heights[1:]:
        if height - heights[kept - 1] > FIT / 4:
            heights[kept] = height
            kept += 1
    return heights[:kept]


@kernel
def _sorted(found: list[float], bottom: float, step: float) -> Floats:
    """Numbers from ``bottom`` up in order: laid into boxes of ``step``, then each moved to its place near by."""
    box = np.empty(len(found), np.int64)
    for i in range(len(found)):
        box[i] = max(int((found[i] - bottom) / step), 0)
    place = np.zeros(box.max() + 2, np.int64)
    for b in box:
        place[b + 1] += 1
    for i in range(1, len(place)):
        place[i] += place[i - 1]
    heights = np.empty(len(found))
    for i in range(len(found)):
        heights[place[box[i]]] = found[i]
        place[box[i]] += 1
    for i in range(1, len(heights)):
        height, j = heights[i], i
        while j > 0 and heights[j - 1] > height:
            heights[j] = heights[j - 1]
            j -= 1
        heights[j] = height
    return heights


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
def fill(edges: Floats, y: float, kind: Floats, window: Floats, work: Floats, boxes: Floats) -> int:
    """Number of rectangles in the row of ``kind`` at ``y``; writes them to ``boxes`` where it has room."""
    width, depth, pitch = kind[0], kind[1], kind[2]
    blocked = _blocked(edges, y + FIT, y + depth - FIT, work)
    fits, inside, reach, last = 0, False, -math.inf, -math.inf
    for i in range(blocked):
        start = work[i, 0]
        if inside and start > reach:
            field = math.floor((reach - window[0]) / window[2])
            while window[0] + field * window[2] < start:  # the pieces that fields leave of what is free
                begin = window[0] + field * window[2]
                left = max(reach, last + pitch - width, begin)  # what blocks may be narrower than the gap
                right = min(start, begin + window[1])
                n = max(int((right - left + pitch - width + FIT) / pitch), 0)
                if n > 0:
                    slack = right - left - n * pitch + pitch - width
                    x = left + max(min(slack / 2, slack - pitch + width), 0.0)
                    if fits + n <= len(boxes):
                        _write(boxes[fits : fits + n], x, y, kind)
                    last = x + n * pitch - pitch + width
                fits += n
                field += 1
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


@kernel
def crossings(edges: Floats, y: float, work: Floats) -> int:
    """Sorted x at which edges cross a height, in ``work``."""
    n = 0
    for i in range(len(edges)):
        if edges[i, 1] <= y < edges[i, 3]:
            x = edges[i, 0] + (y - edges[i, 1]) * edges[i, 4]
            j = n
            while j > 0 and work[j - 1, 0] > x:
                work[j, 0] = work[j - 1, 0]
                j -= 1
            work[j, 0] = x
            n += 1
    return n
