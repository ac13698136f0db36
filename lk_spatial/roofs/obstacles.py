"""What stands on a roof or gapes in it, as rectangles along the building; and the ground around it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.roofs.partition import OUTSIDE, UNKNOWN
from lk_spatial.roofs.planes import TAU_SIGMAS, above, smallest
from lk_spatial.roofs.segments import components

ABOVE = (4.0, 0.3)  # [sigma], [m] a pixel that far above its plane is an obstacle
NO_ROOF_M = 4.0  # [m] a square of that side without any plane is no roof
FILLED = 0.6  # least share of a rectangle that its pixels fill; emptier ones are cut in two
RING_M = (3.0, 10.0)  # [m] distance from the building of the ground around it
GROUND_PERCENTILE = 10.0


@kernel
def opened(mask: NDArray, side: int) -> NDArray:
    """The pixels of a mask that lie in some full square of side x side pixels of it."""
    h, w = mask.shape
    out = np.zeros((h, w), np.bool_)
    run = np.zeros((h, w), np.int64)  # side of the largest full square that ends at the pixel
    for i in range(h):
        for j in range(w):
            if mask[i, j]:
                up = run[i - 1, j] if i else 0
                left = run[i, j - 1] if j else 0
                both = run[i - 1, j - 1] if i and j else 0
                run[i, j] = 1 + min(up, left, both)
                if run[i, j] >= side:
                    out[i - side + 1 : i + 1, j - side + 1 : j + 1] = True
    return out


@kernel
def votes_of(labels: NDArray, own: NDArray, cell: float) -> NDArray:
    """What each pixel says to the partition: its plane, 0 inside wide unexplained areas, UNKNOWN, OUTSIDE."""
    votes = np.full(labels.shape, OUTSIDE, np.int64)
    empty = opened(own & (labels == 0), max(3, int(np.ceil(NO_ROOF_M / cell))))
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            if own[i, j]:
                votes[i, j] = labels[i, j] if labels[i, j] > 0 else (0 if empty[i, j] else UNKNOWN)
    return votes


@kernel
def settle(
    z: NDArray,
    use: NDArray,
    labels: NDArray,
    zone: NDArray,
    shaft: NDArray,
    planes: NDArray,
    sigmas: NDArray,
    cell: float,
) -> NDArray:
    """Give pixels without a plane to their zone's plane, or find that they are obstacles on it.

    Changes ``labels`` in place: only pixels within the tolerance of their plane carry its label, superstructures become
    0. Gives the plane below each obstacle pixel (0 = none).
    """
    h, w = labels.shape
    host = np.zeros((h, w), np.int32)
    for i in range(h):
        for j in range(w):
            q = labels[i, j]
            if q < 0:
                host[i, j] = -q
            if q <= 0 or abs(above(z, i, j, planes[q], cell)) > TAU_SIGMAS * sigmas[q]:
                labels[i, j] = 0
            q = zone[i, j]
            if use[i, j] and labels[i, j] == 0 and host[i, j] == 0 and q > 0:
                rise = above(z, i, j, planes[q], cell)
                if rise > max(ABOVE[0] * sigmas[q], ABOVE[1]) or shaft[i, j]:
                    host[i, j] = q
                elif abs(rise) <= TAU_SIGMAS * sigmas[q]:
                    labels[i, j] = q
    return host


@kernel
def misfit(z: NDArray, labels: NDArray, planes: NDArray, cell: float) -> NDArray:
    """Root mean square vertical distance [m] of exactly the pixels of each label from its plane; NaN without any."""
    squares, n = np.zeros(planes.shape[0]), np.zeros(planes.shape[0])
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            q = labels[i, j]
            if q > 0:
                squares[q] += above(z, i, j, planes[q], cell) ** 2
                n[q] += 1
    return np.sqrt(squares / n)


@kernel
def _box(u: NDArray, v: NDArray, members: NDArray, half: float) -> tuple[float, float, float, float]:
    return (
        u[members].min() - half,
        u[members].max() + half,
        v[members].min() - half,
        v[members].max() + half,
    )


@kernel
def _best_cut(u: NDArray, v: NDArray, members: NDArray, cell: float) -> NDArray:
    """The members to split off so that the two boxes are smallest together."""
    least, below = np.inf, np.zeros(members.size, np.bool_)
    for way in range(2):
        along = u[members] if way == 0 else v[members]
        lo, hi = along.min(), along.max()
        for step in range(1, 10):
            at = lo + (hi - lo) * step / 10
            side = along < at
            if side.all() or not side.any():
                continue
            a, b = _box(u, v, members[side], 0.5 * cell), _box(u, v, members[~side], 0.5 * cell)
            area = (a[1] - a[0]) * (a[3] - a[2]) + (b[1] - b[0]) * (b[3] - b[2])
            if area < least:
                least, below = area, side
    return below


@kernel
def rectangles(host: NDArray, cell: float, main: float) -> tuple[NDArray, NDArray, NDArray]:
    """Connected obstacles as rectangles along ``main``: corners (n, 4, 2) [m], obstacle of each, plane below each."""
    pieces, count = components(host > 0)
    rows, cols = np.nonzero(pieces)
    n = rows.size
    of, below = np.empty(n, np.int64), np.empty(n, np.int64)
    for k in range(n):
        of[k], below[k] = pieces[rows[k], cols[k]], host[rows[k], cols[k]]
    cs, sn = np.cos(main), np.sin(main)
    u, v = cols * cell * cs - rows * cell * sn, -cols * cell * sn - rows * cell * cs
    corners, obstacle, plane = np.empty((n, 4, 2)), np.empty(n, np.int64), np.empty(n, np.int64)
    todo = np.zeros(n, np.int64)  # pixels of one piece are cut into parts: part number of each pixel
    m = 0
    for piece in range(1, count + 1):
        todo[of == piece] = 1
        top, part = 1, 1
        while part <= top:
            members = np.flatnonzero((of == piece) & (todo == part))
            x0, x1, y0, y1 = _box(u, v, members, 0.5 * cell)
            if members.size > 2 and members.size * cell * cell < FILLED * (x1 - x0) * (y1 - y0):
                side = _best_cut(u, v, members, cell)
                if side.any():
                    todo[members[side]], todo[members[~side]] = top + 1, top + 2
                    top += 2
                    part += 1
                    continue
            for k, (p, q) in enumerate(((x0, y0), (x1, y0), (x1, y1), (x0, y1))):
                corners[m, k, 0], corners[m, k, 1] = p * cs - q * sn, p * sn + q * cs
            obstacle[m], plane[m] = piece, np.bincount(below[members]).argmax()
            m += 1
            part += 1
    return corners[:m], obstacle[:m], plane[:m]


@kernel
def _distances(owner: NDArray) -> NDArray:
    """Distance of each pixel from those that are 1 in ``owner`` [pixels], by chamfering, good to 4 %.

    With a border of one pixel more on each side.
    """
    h, w = owner.shape
    d = np.full((h + 2, w + 2), 1e9)
    for i in range(h):
        for j in range(w):
            if owner[i, j] == 1:
                d[i + 1, j + 1] = 0.0
    for i in range(1, h + 1):
        _come_nearer(d[i], d[i - 1])
        for j in range(1, w + 1):
            d[i, j] = min(d[i, j], d[i, j - 1] + 1.0)
    for i in range(h, 0, -1):
        _come_nearer(d[i], d[i + 1])
        for j in range(w, 0, -1):
            d[i, j] = min(d[i, j], d[i, j + 1] + 1.0)
    return d


@kernel
def _come_nearer(line: NDArray, before: NDArray) -> None:
    """Distances of a line over the one before it."""
    n = line.size - 2
    out, left, mid, right = line[1 : n + 1], before[:n], before[1 : n + 1], before[2:]
    for j in range(n):
        side = (left[j] if left[j] < right[j] else right[j]) + 1.4142
        way = side if side < mid[j] + 1.0 else mid[j] + 1.0
        out[j] = way if way < out[j] else out[j]


@kernel
def ground_height(z: NDArray, owner: NDArray, cell: float) -> float:
    """Low percentile of the heights in a ring around the building [m]; NaN where none are known.

    owner (rows, cols): 1 = this building, 2 = another, 0 = open.
    """
    d = _distances(owner)
    heights = np.empty(z.size)
    n = 0
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            if owner[i, j] == 0 and RING_M[0] <= d[i + 1, j + 1] * cell <= RING_M[1] and np.isfinite(z[i, j]):
                heights[n] = z[i, j]
                n += 1
    if n == 0:
        return np.nan
    return smallest(heights[:n], int(GROUND_PERCENTILE / 100 * (n - 1)))
