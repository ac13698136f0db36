"""The fullest set of rows of equal rectangles in polygons, by dynamic programming over the rows.

D[y] = max(D[next y], n_k(y) + D[y + advance_k]) over candidate heights y and kinds of row k. Lines within a band bound
n_k from above: most rows and directions need not be looked at to know that they cannot give more.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.solar.bands import FIT, LATTICE, candidates, crossings, fill, turned

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

QUARTER = math.pi / 2
ENDLESS = 1e9  # length of a field without limit [m]
LINE = 4e-7  # lines that bound a row lie by so much within it [m]


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
def pack(
    edges: Floats,
    first: Ints,
    origin: Floats,
    directions: Floats,
    turns: int,
    room: Ints,
    kinds: Floats,
    step: float,
    fields: Floats,
) -> tuple[Floats, Ints, Floats]:
    """Boxes (n, 4) of the fullest layouts of many areas, their area (n,), and the angle [rad] of each area (areas,).

    ``edges`` (m, 4) are x1 y1 x2 y2 of all rings [m], those of area ``a`` in ``first[a]:first[a + 1]``; its frame
    begins at ``origin[a]``. Rows run along one of its ``directions`` (areas, d) [rad], NaN for none, or turned from it
    by up to ``turns`` - 1 quarters; the first of equals wins. ``room`` (areas,) are numbers that its boxes cannot
    exceed. ``kinds`` (k, 4) are width, depth, pitch along the row and advance to the next row [m]. Boxes are
    x0 y0 x1 y1 in the frame turned by minus the angle. ``fields`` are the greatest side of a field of boxes [m]
    (infinite: no limit) and the width of the free strip between fields.
    """
    boxes, area = np.empty((room.sum(), 4)), np.empty(room.sum(), np.int64)
    angle, done = np.zeros(len(room)), 0
    for a in range(len(room)):
        if room[a] == 0 or first[a] == first[a + 1]:
            continue
        found, angle[a] = _fullest(edges[first[a] : first[a + 1]], origin[a], directions[a], turns, kinds, step, fields)
        for i in range(len(found)):  # slices would take seconds to compile
            area[done] = a
            for j in range(4):
                boxes[done, j] = found[i, j]
            done += 1
    return boxes[:done], area[:done], angle


@kernel
def _fullest(
    edges: Floats, origin: Floats, directions: Floats, turns: int, kinds: Floats, step: float, fields: Floats
) -> tuple[Floats, float]:
    """Boxes (n, 4) of the fullest layout of one area, and the angle of its rows [rad]."""
    best, angle = np.empty((0, 4)), 0.0
    for direction in directions:
        for turn in range(0 if math.isnan(direction) else turns):
            here = direction + turn * QUARTER
            own = turned(edges, origin, here)
            for window in _windows(own, kinds, fields):
                found = _rows(own, kinds, step, window, fields, len(best))
                if len(found) > len(best):
                    best, angle = found, here
    return best, angle


@kernel
def corners(boxes: Floats, angle: Floats, origin: Floats) -> Floats:
    """Closed rings (n, 5, 2) of boxes, counter-clockwise from the lower left of their frame."""
    found = np.empty((len(boxes), 5, 2))
    for i in range(len(boxes)):
        c, s = math.cos(angle[i]), math.sin(angle[i])
        for j in range(5):
            x, y = boxes[i, 2 if j in (1, 2) else 0], boxes[i, 3 if j in (2, 3) else 1]
            found[i, j, 0], found[i, j, 1] = origin[i, 0] + c * x - s * y, origin[i, 1] + s * x + c * y
    return found


@kernel
def _windows(edges: Floats, kinds: Floats, fields: Floats) -> Floats:
    """Ways to part the rows into fields (w, 3): start of one field, length of a field, from start to start [m].

    Fields as long as a whole number of boxes of each kind, or as long as may be, from the left or from the right.
    """
    limit, strip = fields[0], fields[1]
    left, right = edges[:, 0].min(), edges[:, 0].max()
    left, right = min(left, edges[:, 2].min()), max(right, edges[:, 2].max())
    if right - left <= limit:
        return np.array([[left, ENDLESS, ENDLESS]])
    found = np.empty((2 * len(kinds) + 2, 3))
    for k in range(len(kinds) + 1):
        length, apart = limit, strip
        if k < len(kinds):
            apart = kinds[k, 2] - kinds[k, 0]
            count = int((limit + apart + FIT) / kinds[k, 2])
            length = min(limit, count * kinds[k, 2] - apart) if count > 0 else limit
        period = length + max(strip, apart)
        for side in range(2):
            found[2 * k + side, 0] = left if side == 0 else right - length
            found[2 * k + side, 1], found[2 * k + side, 2] = length, period
    return found


@kernel
def _rows(edges: Floats, kinds: Floats, step: float, window: Floats, fields: Floats, least: int) -> Floats:
    """Boxes (n, 4) of the best set of horizontal rows; none where no set has more than ``least`` boxes."""
    heights = candidates(edges, kinds, step)
    work = np.empty((len(edges), 3))
    after, bound = _after(heights, kinds), _bounds(edges, heights, kinds, window, work)
    if _most(after, bound) <= least:
        return np.empty((0, 4))
    if edges[:, 3].max() - edges[:, 1].min() <= fields[0]:
        rows = _stack(edges, heights, kinds, window, after, bound, work)
    else:
        rows = _stack_fields(edges, heights, kinds, window, fields, after, bound, work)
    return _boxes(edges, heights, kinds, window, rows, work)


@kernel
def _after(heights: Floats, kinds: Floats) -> Ints:
    """First candidate height for the next row after one of each kind, array (n, kinds)."""
    n = len(heights)
    after = np.empty((n, len(kinds)), np.int64)
    for k in range(len(kinds)):
        j = n
        for i in range(n - 1, -1, -1):
            while j > 0 and heights[j - 1] >= heights[i] + kinds[k, 3] - FIT:
                j -= 1
            after[i, k] = j
    return after


@kernel
def _bounds(edges: Floats, heights: Floats, kinds: Floats, window: Floats, work: Floats) -> Ints:
    """Numbers of boxes that a row cannot exceed, array (n, kinds): what lines within its band have room for."""
    n, top = len(heights), edges[:, 3].max()
    line, bound = np.empty((n, len(kinds)), np.int64), np.zeros((n, len(kinds)), np.int64)
    for i in range(n):
        crossed = crossings(edges, heights[i] + LINE, work)
        for k in range(len(kinds)):
            line[i, k] = 0
            for c in range(0, crossed - 1, 2):
                line[i, k] += int((work[c + 1, 0] - work[c, 0] + kinds[k, 2] - kinds[k, 0] + LINE) / kinds[k, 2])
    for k in range(len(kinds)):
        last = n - 1
        for i in range(n - 1, -1, -1):
            if heights[i] + kinds[k, 1] <= top + FIT:
                while heights[last] > heights[i] + kinds[k, 1] - 2 * LINE:
                    last -= 1
                bound[i, k] = min(line[i, k], line[max(last, i), k], line[(max(last, i) + i) // 2, k])
    return bound


@kernel
def _most(after: Ints, bound: Ints) -> int:
    """The number of boxes that no set of rows exceeds."""
    total = np.zeros(len(after) + 1, np.int64)
    for i in range(len(after) - 1, -1, -1):
        total[i] = total[i + 1]
        for k in range(bound.shape[1]):
            total[i] = max(total[i], bound[i, k] + total[after[i, k]])
    return int(total[0])


@kernel
def _stack(
    edges: Floats, heights: Floats, kinds: Floats, window: Floats, after: Ints, bound: Ints, work: Floats
) -> Ints:
    """The best set of rows: index of the height and kind of each, array (rows, 2)."""
    n, nowhere = len(heights), np.empty((0, 4))
    total, choice = np.zeros(n + 1, np.int64), np.full(n, -1, np.int64)
    for i in range(n - 1, -1, -1):
        total[i] = total[i + 1]
        for k in range(len(kinds)):
            if bound[i, k] + total[after[i, k]] <= total[i]:
                continue
            fits = fill(edges, heights[i], kinds[k], window, work, nowhere)
            if fits > 0 and fits + total[after[i, k]] > total[i]:
                total[i], choice[i] = fits + total[after[i, k]], k
    rows, count, i = np.empty((n, 2), np.int64), 0, 0
    while i < n:
        k = choice[i]
        if k >= 0:
            rows[count, 0], rows[count, 1] = i, k
            count += 1
        i = after[i, k] if k >= 0 else i + 1
    return rows[:count]


@kernel
def _stack_fields(
    edges: Floats,
    heights: Floats,
    kinds: Floats,
    window: Floats,
    fields: Floats,
    after: Ints,
    bound: Ints,
    work: Floats,
) -> Ints:
    """As ``_stack``, in fields of rows not higher than the limit, a strip apart.

    T[i], the most from height i on, is T[i + 1] or what a field gives that begins at height i.
    """
    n, nowhere = len(heights), np.empty((0, 4))
    fits, beyond = np.zeros((n, len(kinds)), np.int64), np.full((n, len(kinds)), n, np.int64)
    for k in range(len(kinds)):
        free = max(fields[1], kinds[k, 3] - kinds[k, 1])
        for i in range(n):
            if bound[i, k] > 0:
                fits[i, k] = fill(edges, heights[i], kinds[k], window, work, nowhere)
            beyond[i, k] = np.searchsorted(heights, heights[i] + kinds[k, 1] + free - FIT)
    total, inner, choice = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64), np.empty(n, np.int64)
    for i in range(n - 1, -1, -1):
        _field(i, heights, kinds, fields[0], fits, after, beyond, total, inner, choice)
        total[i] = max(total[i + 1], inner[i])
    rows, count, i = np.empty((n, 2), np.int64), 0, 0
    while i < n:
        if total[i] == total[i + 1]:
            i += 1
            continue
        last = _field(i, heights, kinds, fields[0], fits, after, beyond, total, inner, choice)
        while i <= last:
            k = choice[i]
            if k < 0:
                i += 1
                continue
            rows[count, 0], rows[count, 1] = i, k
            count += 1
            closes = after[i, k] > last or total[beyond[i, k]] >= inner[after[i, k]]
            i, last = (beyond[i, k], -1) if closes else (after[i, k], last)
    return rows[:count]


@kernel
def _field(
    i: int, heights: Floats, kinds: Floats, limit: float, fits: Ints, after: Ints, beyond: Ints, total: Ints,
    inner: Ints, choice: Ints,
) -> int:  # fmt: skip
    """Fill ``inner`` and ``choice`` from the last height of a field that begins at height i down to i; give the last.

    ``inner[j]`` is the most that rows from height j on in this field and everything beyond it give.
    """
    last = np.searchsorted(heights, heights[i] + limit + FIT) - 1
    inner[last + 1] = 0
    for j in range(last, i - 1, -1):
        inner[j], choice[j] = inner[j + 1], -1
        for k in range(len(kinds)):
            if fits[j, k] == 0 or heights[j] + kinds[k, 1] > heights[i] + limit + FIT:
                continue
            rest = total[beyond[j, k]]
            if after[j, k] <= last:
                rest = max(rest, inner[after[j, k]])
            if fits[j, k] + rest > inner[j]:
                inner[j], choice[j] = fits[j, k] + rest, k
    return last


@kernel
def _boxes(edges: Floats, heights: Floats, kinds: Floats, window: Floats, rows: Ints, work: Floats) -> Floats:
    """Boxes (n, 4) of the chosen rows."""
    count, nowhere = 0, np.empty((0, 4))
    for i, k in rows:
        count += fill(edges, heights[i], kinds[k], window, work, nowhere)
    boxes, done = np.empty((count, 4)), 0
    for i, k in rows:
        done += fill(edges, heights[i], kinds[k], window, work, boxes[done:])
    return boxes
