"""Straight borders between the planes of one window: a small decision tree over candidate lines.

Candidates are the lines where two neighbouring planes meet in space and, where they do not meet (a step), lines along
the building's two main directions and through the border itself. The tree splits the window by the line that parts the
labels best, and forgets splits that mend only a few pixels; each leaf is a convex cell with one label. Lines end where
they stop parting anything, so a ridge of one wing does not cut through the other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel

OUTSIDE, UNKNOWN = -2, -1  # votes of pixels: not of this building; of it, but of no plane's own surface
MAX_LINES = 400
NEAR_CREASE = 1.2  # [pixels] a border that near to the planes' common line follows it
LEAST_BEND = 0.04  # slope difference below which the common line is too uncertain
LEAST_MENDED = (2.5, 1.5)  # [pixels], [m2] a split must put right


@kernel
def border_points(votes: NDArray, cell: float) -> NDArray:
    """Points halfway between unlike voters that follow each other in a row or column: x, y [m], both labels; (n, 4)."""
    h, w = votes.shape
    out = np.empty((2 * votes.size, 4))
    n = 0
    for way in range(2):
        for i in range(h if way == 0 else w):
            last = -1
            for j in range(w if way == 0 else h):
                q = votes[i, j] if way == 0 else votes[j, i]
                if q < 0:
                    continue
                if last >= 0:
                    p = votes[i, last] if way == 0 else votes[last, i]
                    if p != q:
                        across, along = 0.5 * (last + j) * cell, i * cell
                        out[n, 0], out[n, 1] = (across, -along) if way == 0 else (along, -across)
                        out[n, 2], out[n, 3] = min(p, q), max(p, q)
                        n += 1
                last = j
    return out[:n]


@kernel
def _add_line(lines: NDArray, n: int, nx: float, ny: float, d: float, points: int) -> int:
    lines[n, 0], lines[n, 1], lines[n, 2], lines[n, 3] = nx, ny, d, points
    return n + 1


@kernel
def _step_lines(points: NDArray, cell: float, main: float, lines: NDArray, n: int) -> int:
    """Add lines for a border with a step: along the main directions where points gather, and a fitted one."""
    for turn in range(2):
        nx, ny = np.cos(main + turn * np.pi / 2), np.sin(main + turn * np.pi / 2)
        along = np.sort(points[:, 0] * nx + points[:, 1] * ny)
        lo = 0
        while lo < along.size:
            hi = lo
            while hi < along.size and along[hi] <= along[lo] + 1.2 * cell:
                hi += 1
            if hi - lo >= 2:
                n = _add_line(lines, n, nx, ny, along[lo:hi].mean(), hi - lo)
            lo = hi if hi - lo >= 2 else lo + 1
    if points.shape[0] >= 3:
        mx, my = points[:, 0].mean(), points[:, 1].mean()
        dx, dy = points[:, 0] - mx, points[:, 1] - my
        angle = 0.5 * np.arctan2(2 * (dx * dy).sum(), (dx * dx).sum() - (dy * dy).sum()) + np.pi / 2
        nx, ny = np.cos(angle), np.sin(angle)
        n = _add_line(lines, n, nx, ny, mx * nx + my * ny, points.shape[0])
    return n


@kernel
def candidate_lines(votes: NDArray, planes: NDArray, cell: float, main: float) -> NDArray:
    """Lines nx*x + ny*y = d that may part two labels; (n, 3). Of very many those with the most border points."""
    points = border_points(votes, cell)
    lines = np.empty((3 * points.shape[0], 4))  # no line without a point of its own; at most three of a lone point
    n = 0
    labels = planes.shape[0]
    meet = np.zeros((labels, labels), np.bool_)
    for k in range(points.shape[0]):
        meet[int(points[k, 2]), int(points[k, 3])] = True
    for p in range(labels):
        for q in range(p + 1, labels):
            if not meet[p, q]:
                continue
            mine = points[(points[:, 2] == p) & (points[:, 3] == q)]
            if p > 0:
                a, b, c = planes[p, 0] - planes[q, 0], planes[p, 1] - planes[q, 1], planes[q, 2] - planes[p, 2]
                bend = np.hypot(a, b)
                if bend >= LEAST_BEND:
                    away = np.abs(mine[:, 0] * a + mine[:, 1] * b - c) / bend
                    near = away < NEAR_CREASE * cell
                    if near.sum() >= min(3, mine.shape[0]):
                        n = _add_line(lines, n, a / bend, b / bend, c / bend, near.sum())
                        mine = mine[~near]
            if mine.shape[0] > 0:
                n = _step_lines(mine, cell, main, lines, n)
    return _best_known(lines[:n])


@kernel
def _best_known(lines: NDArray) -> NDArray:
    """At most MAX_LINES of lines (n, 4) in their order, those with the most points; without these (n, 3)."""
    if lines.shape[0] > MAX_LINES:  # a long straight border alone gives hundreds of short ones across it
        lines = lines[np.sort(np.argsort(-lines[:, 3], kind="mergesort")[:MAX_LINES])]
    return lines[:, :3].copy()


@kernel
def _disorder(counts: NDArray) -> float:
    """N times the entropy of label counts."""
    total = counts.sum()
    out = 0.0
    for c in counts:
        if c > 0:
            out -= c * np.log(c / total)
    return out


@kernel
def _best_line(x: NDArray, y: NDArray, label: NDArray, lines: NDArray, labels: int) -> int:
    """The line that parts these pixels best; -1 where none does."""
    whole = np.zeros(labels)
    for v in label:
        whole[v] += 1.0
    before, best, gain = _disorder(whole), -1, 1e-6
    for q in range(lines.shape[0]):
        left = np.zeros(labels)
        for v in range(x.size):
            if x[v] * lines[q, 0] + y[v] * lines[q, 1] < lines[q, 2]:
                left[label[v]] += 1.0
        n = left.sum()
        if n == 0 or n == x.size:
            continue
        won = before - _disorder(left) - _disorder(whole - left)
        if won > gain:
            best, gain = q, won
    return best


@kernel
def grow_tree(x: NDArray, y: NDArray, label: NDArray, lines: NDArray, labels: int, mend: float) -> NDArray:
    """Nodes of the tree (n, 5): line or -1 for a leaf, child below the line, child above it, label, parent."""
    order = np.arange(x.size)
    most = min(4 * MAX_LINES, 2 * x.size + 1)
    nodes = np.full((most, 5), -1, np.int64)
    span = np.zeros((most, 2), np.int64)
    wrong = np.zeros(most)
    span[0, 1] = x.size
    n, at = 1, 0
    while at < n:
        lo, hi = span[at, 0], span[at, 1]
        own = order[lo:hi].copy()
        counts = np.bincount(label[own], minlength=labels)
        nodes[at, 3], wrong[at] = counts.argmax(), own.size - counts.max()
        if wrong[at] >= mend and n + 2 <= most:
            q = _best_line(x[own], y[own], label[own], lines, labels)
            if q >= 0:
                below = x[own] * lines[q, 0] + y[own] * lines[q, 1] < lines[q, 2]
                cut = lo + below.sum()
                order[lo:cut], order[cut:hi] = own[below], own[~below]
                nodes[at, 0], nodes[at, 1], nodes[at, 2] = q, n, n + 1
                span[n, 0], span[n, 1], span[n + 1, 0], span[n + 1, 1] = lo, cut, cut, hi
                nodes[n, 4], nodes[n + 1, 4] = at, at
                n += 2
        at += 1
    _prune(nodes[:n], wrong, mend)
    return nodes[:n]


@kernel
def _prune(nodes: NDArray, wrong: NDArray, mend: float) -> None:
    """Make leaves of the splits that mend fewer pixels than they cost, from the last node up."""
    best = wrong.copy()
    for at in range(nodes.shape[0] - 1, -1, -1):
        if nodes[at, 0] >= 0:
            split = best[nodes[at, 1]] + best[nodes[at, 2]] + mend
            if split < wrong[at]:
                best[at] = split
            else:
                nodes[at, 0] = -1


@kernel
def zones(nodes: NDArray, lines: NDArray, shape: tuple[int, int], cell: float) -> NDArray:
    """Label of the cell in which each pixel of the window lies; (rows, cols)."""
    out = np.zeros(shape, np.int32)
    for i in range(shape[0]):
        for j in range(shape[1]):
            at = 0
            while nodes[at, 0] >= 0:
                q = nodes[at, 0]
                below = j * cell * lines[q, 0] - i * cell * lines[q, 1] < lines[q, 2]
                at = nodes[at, 1] if below else nodes[at, 2]
            out[i, j] = nodes[at, 3]
    return out


@kernel
def _cut(ring: NDArray, n: int, line: NDArray, below: bool, out: NDArray) -> int:
    """Clip a convex ring to one side of a line into ``out``; both sides get the same crossing points, bit for bit."""
    m = 0
    for v in range(n):
        u = v + 1 if v + 1 < n else 0
        here = ring[v, 0] * line[0] + ring[v, 1] * line[1] - line[2]
        there = ring[u, 0] * line[0] + ring[u, 1] * line[1] - line[2]
        if (here < 0) == below:
            out[m] = ring[v]
            m += 1
        if (here < 0) != (there < 0):
            lo, hi, d0, d1 = (v, u, here, there) if here < 0 else (u, v, there, here)
            t = d0 / (d0 - d1)
            out[m, 0] = ring[lo, 0] + t * (ring[hi, 0] - ring[lo, 0])
            out[m, 1] = ring[lo, 1] + t * (ring[hi, 1] - ring[lo, 1])
            m += 1
    return m


@kernel
def leaf_rings(nodes: NDArray, lines: NDArray, shape: tuple[int, int], cell: float) -> tuple[NDArray, NDArray, NDArray]:
    """Convex cells of the leaves: points x, y [m] (n, 2), ring of each point (n,), label of each ring."""
    most = 8 + nodes.shape[0]
    leaves = (nodes[:, 0] < 0).sum()
    points, ring_of, labels = (
        np.empty((leaves * most, 2)),
        np.empty(leaves * most, np.int64),
        np.empty(leaves, np.int64),
    )
    x0, x1, y0, y1 = -0.5 * cell, (shape[1] - 0.5) * cell, -(shape[0] - 0.5) * cell, 0.5 * cell
    n, count = 0, 0
    stack = np.empty(nodes.shape[0] + 1, np.int64)
    rings, sizes = np.empty((nodes.shape[0], most, 2)), np.zeros(nodes.shape[0], np.int64)
    rings[0, 0, 0], rings[0, 0, 1], rings[0, 1, 0], rings[0, 1, 1] = x0, y0, x1, y0
    rings[0, 2, 0], rings[0, 2, 1], rings[0, 3, 0], rings[0, 3, 1] = x1, y1, x0, y1
    sizes[0], stack[0], depth = 4, 0, 1
    while depth:
        depth -= 1
        at = stack[depth]
        if nodes[at, 0] < 0:
            if sizes[at] >= 3:
                points[n : n + sizes[at]] = rings[at, : sizes[at]]
                ring_of[n : n + sizes[at]] = count
                labels[count] = nodes[at, 3]
                n, count = n + sizes[at], count + 1
            continue
        line = lines[nodes[at, 0]]
        for side in range(2):
            child = nodes[at, 1 + side]
            sizes[child] = _cut(rings[at], sizes[at], line, side == 0, rings[child])
            stack[depth] = child
            depth += 1
    return points[:n], ring_of[:n], labels[:count]


@kernel
def partition(votes: NDArray, planes: NDArray, cell: float, main: float) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Cut a window into convex cells of one label each.

    votes (rows, cols): plane 1, 2, …; 0 = no roof; UNKNOWN; OUTSIDE. planes (n + 1, ≥ 3): a, b, c. main: a main
    direction of the building [rad counter-clockwise from x]. Gives ring points (n, 2) [m], ring of each point, label
    of each ring, and the label of the cell at each pixel (rows, cols).
    """
    rows, cols = np.nonzero(votes >= 0)
    label = np.empty(rows.size, np.int64)
    for v in range(rows.size):
        label[v] = votes[rows[v], cols[v]]
    lines = candidate_lines(votes, planes, cell, main)
    mend = max(LEAST_MENDED[0], LEAST_MENDED[1] / cell**2)
    nodes = grow_tree(cols * cell, -rows * cell, label, lines, planes.shape[0], mend)
    points, ring_of, labels = leaf_rings(nodes, lines, votes.shape, cell)
    return points, ring_of, labels, zones(nodes, lines, votes.shape, cell)
