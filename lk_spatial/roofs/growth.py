"""Roof planes under one footprint: a label for each pixel of a window.

Greedy growth of connected inliers from local fits (hypotheses from 3x3 and 5x5 windows, no random draw), scored by
height and by slope, then relaxation of the labels with a smoothness prior and refits (facts: solar.md section 6).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.roofs.planes import TAU_SIGMAS, Field, add_sums, plane_of_sums

MAX_PLANES = 120  # of one building part
QUIET_SIGMAS = 2.0  # rougher windows start no plane
SAME_SUPPORT = 0.85  # a hypothesis that lost more of its score to better ones is grown anew
SMOOTHNESS = 0.7  # price of a border between two pixels, in half squared sigmas
OUTLIER_SIGMAS = 3.2  # a pixel farther from its plane belongs to none
OUTLIER = 0.5 * OUTLIER_SIGMAS**2  # its price
DIAGONAL = 0.7  # of a neighbour's weight
MAX_SLOPE = 3.1  # tan 72 deg: steeper strips are walls smeared over a cell


class Slopes(NamedTuple):
    """What growing a plane needs to know of each pixel of a field."""

    a: NDArray  # slope of its best window
    b: NDArray
    reach2: NDArray  # square of the slope's tolerance
    most: NDArray  # agreement where height and slope are the plane's


class Growth(NamedTuple):
    """A plane's inliers while it grows."""

    turn: NDArray  # (1,) number of planes grown so far
    seen: NDArray  # at which of them a pixel was looked at last: so nothing is cleared for a small plane
    off: NDArray  # height above the plane [m]
    members: NDArray  # pixels reached; those that agree come first


@kernel
def _slopes(best: NDArray, cell: float, sigma: float) -> Slopes:
    """Slopes of ``best_slopes`` with what they tolerate."""
    n = best.shape[1]
    out = Slopes(np.zeros(n), np.zeros(n), np.full(n, np.inf), np.full(n, 0.5))
    # standard deviation of the slope of a full 5x5 and 3x3 window: sigma / (cell * sqrt(50)), sqrt(6)
    wide, small = max(4.0 * sigma / (cell * 7.07), 0.06), max(4.0 * sigma / (cell * 2.45), 0.06)
    for p in range(n):
        if np.isfinite(best[2, p]):
            out.a[p], out.b[p], out.most[p] = best[0, p], best[1, p], 1.0
            out.reach2[p] = wide**2 if best[3, p] == 2.0 else small**2
    return out


@kernel
def _support(
    start: int, plane: NDArray, at: Field, slopes: Slopes, tau: float, free: NDArray, grown: Growth
) -> tuple[float, int]:
    """Score and number of the agreeing ones among the plane's inliers 8-connected to the start.

    A pixel in the plane and with its slope counts 1, down to 0 where height (tau) or slope (4 sigma) differ.
    """
    a, b, c, w = plane[0], plane[1], plane[2], at.line
    seen, off, members = grown.seen, grown.off, grown.members
    grown.turn[0] += 1
    turn = grown.turn[0]
    members[0], seen[start] = start, turn
    off[start] = at.z[start] - a * at.x[start] - b * at.y[start] - c
    n, done, score, agreeing = 1, 0, 0.0, 0
    while done < n:
        p = members[done]
        r = off[p] / tau
        bend2 = (slopes.a[p] - a) ** 2 + (slopes.b[p] - b) ** 2
        one = slopes.most[p] - r * r - bend2 / slopes.reach2[p]
        for q in (p - w - 1, p - w, p - w + 1, p - 1, p + 1, p + w - 1, p + w, p + w + 1):
            if free[q] and seen[q] != turn:
                seen[q] = turn
                off[q] = at.z[q] - a * at.x[q] - b * at.y[q] - c
                if abs(off[q]) <= tau:
                    members[n] = q
                    n += 1
        if one > 0.0:
            score += one
            members[done], members[agreeing] = members[agreeing], p
            agreeing += 1
        done += 1
    return score, agreeing


@kernel
def _refit(plane: NDArray, at: Field, members: NDArray) -> bool:
    """Put the plane through the members, where they span one; whether it moved."""
    s = np.zeros(10)
    for p in members:
        add_sums(s, at.x[p], at.y[p], at.z[p])
    a, b, c, _ = plane_of_sums(s)
    if np.isnan(a) or (a == plane[0] and b == plane[1] and c == plane[2]):
        return False
    plane[0], plane[1], plane[2] = a, b, c
    return True


@kernel
def _hypotheses(
    order: NDArray, fits: NDArray, at: Field, slopes: Slopes, tau: float, least: int, free: NDArray, grown: Growth
) -> tuple[NDArray, NDArray, NDArray]:
    """Planes (n, 3), scores and starts grown from the quietest windows; a pixel explained once starts no other."""
    explained = np.zeros(free.size, np.bool_)
    planes, scores, starts = np.empty((order.size, 3)), np.empty(order.size), np.empty(order.size, np.int64)
    plane, n = np.empty(3), 0
    for start in order:
        if explained[start] or not free[start]:
            continue
        plane[0], plane[1] = fits[0, start], fits[1, start]
        plane[2] = fits[2, start] - plane[0] * at.x[start] - plane[1] * at.y[start]
        score, agreeing = 0.0, 0
        for _ in range(3):
            score, agreeing = _support(start, plane, at, slopes, tau, free, grown)
            if not _refit(plane, at, grown.members[:agreeing]):
                break
        explained[start] = True
        if agreeing < least or np.hypot(plane[0], plane[1]) > MAX_SLOPE:
            continue
        for p in grown.members[:agreeing]:
            explained[p] = True
        planes[n], scores[n], starts[n] = plane, score, start
        n += 1
    return planes[:n], scores[:n], starts[:n]


@kernel
def _quiet(rms: NDArray, limit: float) -> NDArray:
    """Pixels whose windows' rms is below a limit, the quietest first."""
    at = np.flatnonzero(rms < limit)
    return at[np.argsort(rms[at], kind="mergesort")]


@kernel
def grow(at: Field, labels: NDArray, k: int, fits: NDArray, best: NDArray, sigma: float, least: int) -> int:
    """Add planes to the ``k`` of ``labels`` among the pixels of label 0, best support first; gives their number then.

    Of a field: labels; fits of ``local_fits``, best of ``best_slopes``; sigma: noise [m]; least: pixels of a plane.
    """
    tau = TAU_SIGMAS * sigma
    slopes, order = _slopes(best, at.cell, sigma), _quiet(fits[3], QUIET_SIGMAS * sigma)
    n = labels.size
    grown = Growth(np.zeros(1, np.int64), np.zeros(n, np.int64), np.empty(n), np.empty(n, np.int64))
    free = np.empty(labels.size, np.bool_)
    while True:
        for p in range(free.size):
            free[p] = labels[p] == 0
        planes, scores, starts = _hypotheses(order, fits, at, slopes, tau, least, free, grown)
        before = k
        for q in np.argsort(-scores, kind="mergesort"):
            if k == MAX_PLANES or not free[starts[q]]:
                continue
            score, agreeing = _support(starts[q], planes[q], at, slopes, tau, free, grown)
            if agreeing >= least and score >= SAME_SUPPORT * scores[q]:
                k += 1
                for p in grown.members[:agreeing]:
                    labels[p], free[p] = k, False
        if k == before:
            return k


@kernel
def _refit_moved(at: Field, labels: NDArray, moved: NDArray, fits: NDArray) -> None:
    """Put anew the planes a, b, c of the labels that lost or won pixels."""
    sums = np.zeros((moved.size, 10))
    for p in range(labels.size):
        if labels[p] > 0 and moved[labels[p]]:
            add_sums(sums[labels[p]], at.x[p], at.y[p], at.z[p])
    for q in range(1, moved.size):
        if moved[q]:
            fits[q, 0], fits[q, 1], fits[q, 2], _ = plane_of_sums(sums[q])


@kernel
def _mixed(labels: NDArray, w: int) -> NDArray:
    """Which pixels have a neighbour in use with another label; w: pixels of a line."""
    out = np.zeros(labels.size, np.bool_)
    edge = w + 1
    n = labels.size - 2 * edge
    own, mixed = labels[edge : edge + n], out[edge : edge + n]
    for step in (-w - 1, -w, -w + 1, -1, 1, w - 1, w, w + 1):
        other = labels[edge + step : edge + step + n]
        for p in range(n):
            mixed[p] |= (other[p] != own[p]) & (other[p] >= 0)
    return out


@kernel
def _misfit(at: Field, p: int, plane: NDArray, sigma: float) -> float:
    """Misfit of a pixel with a plane in half squared sigmas."""
    r = (at.z[p] - plane[0] * at.x[p] - plane[1] * at.y[p] - plane[2]) / sigma
    return 0.5 * r * r


@kernel
def _broken(labels: NDArray, w: int, p: int, label: int) -> float:
    """Neighbours with another label; diagonal ones count less."""
    total = 0.0
    for i in range(-1, 2):
        for j in range(-1, 2):
            near = labels[p + i * w + j]
            if near >= 0 and near != label and (i != 0 or j != 0):
                total += 1.0 if i == 0 or j == 0 else DIAGONAL
    return total


@kernel
def _cheapest(at: Field, labels: NDArray, p: int, fits: NDArray, sigma: float) -> int:
    """The label of a pixel or of its neighbours, or 0, that costs least."""
    best, last = 0, 0
    cost = OUTLIER + SMOOTHNESS * _broken(labels, at.line, p, 0)
    for i in range(-1, 2):
        for j in range(-1, 2):
            label = labels[p + i * at.line + j]
            if label > 0 and label != last:
                last = label
                price = _misfit(at, p, fits[label], sigma)
                if price < 4.0 * OUTLIER:
                    price += SMOOTHNESS * _broken(labels, at.line, p, label)
                    if price < cost - 1e-9:
                        best, cost = label, price
    return best


@kernel
def relax(at: Field, labels: NDArray, k: int, sigma: float, rounds: int) -> None:
    """Give each pixel the neighbouring plane (or none) that costs least, misfit plus broken borders; refit; repeat.

    labels of a field, negative outside the pixels in use.
    """
    fits, moved = np.full((k + 1, 3), np.nan), np.ones(k + 1, np.bool_)
    for _ in range(rounds):
        _refit_moved(at, labels, moved, fits)
        mixed, now = _mixed(labels, at.line), np.zeros(k + 1, np.bool_)
        for p in range(labels.size):
            own = labels[p]
            if own < 0:
                continue
            # amid its like nothing else can cost less, unless the pixel is an outlier
            if not mixed[p] and (own == 0 or not moved[own] or _misfit(at, p, fits[own], sigma) < OUTLIER - 1e-6):
                continue
            best = _cheapest(at, labels, p, fits, sigma)
            if best != own:
                labels[p], now[own], now[best] = best, True, True
                for q in range(p - at.line - 1, p + at.line + 2, at.line):
                    mixed[q : q + 3] = True
        moved = now
        if not moved.any():
            return
