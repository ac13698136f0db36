"""Roof planes under one footprint: a window of heights in, a label per pixel and plane coefficients out.

Greedy growth of connected inliers from local fits (hypotheses from 3x3 and 5x5 windows, no random draw), scored by
height and by slope, then relaxation of the labels with a smoothness prior and refits (facts: solar.md section 6).
Everything is compiled, without the GIL, and touches only the window of its building.

Coordinates in a window: x = col * cell, y = -row * cell [m]; a plane is z = a*x + b*y + c.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel

MAX_PLANES = 120  # of one building part
SIGMA_PRIOR = 0.10  # [m] height noise expected before a building is seen
PRIOR_PIXELS = 20.0  # weight of that expectation
SIGMA_BOUNDS = (0.05, 0.24)  # [m]
TAU_SIGMAS = 2.5  # tolerance of an inlier in noise sigmas (facts: solar.md section 6)
KUWAHARA_BIAS = 1.25  # least of several 5x5 window rms -> sigma, on Gaussian noise
WIDE_OVER_SMALL = 1.7  # most of the ratio of least rms, 5x5 to 3x3; 1.24 on Gaussian noise
QUIET_SIGMAS = 2.0  # rougher windows start no plane
SAME_SUPPORT = 0.85  # a hypothesis that lost more of its score to better ones is grown anew
SMOOTHNESS = 0.7  # price of a border between two pixels, in half squared sigmas
OUTLIER_SIGMAS = 3.2  # a pixel farther from its plane belongs to none
MAX_SLOPE = 3.1  # tan 72 deg: steeper strips are walls smeared over a cell


class Surface(NamedTuple):
    """What growing a plane needs to know of a window."""

    z: NDArray  # (rows, cols) [m]
    slopes: NDArray  # (rows, cols, 5) of ``best_slopes``
    cell: float  # [m]
    sigma: float  # noise [m]
    least: int  # pixels of a plane


@kernel
def above(z: NDArray, i: int, j: int, plane: NDArray, cell: float) -> float:
    """Height of a pixel above a plane a, b, c [m]."""
    return z[i, j] - plane[0] * j * cell + plane[1] * i * cell - plane[2]


@kernel
def plane_of_sums(s: NDArray) -> tuple[float, float, float, float]:
    """Least-squares plane a, b, c and its sum of squares from the ten sums of ``add_sums``; NaN where degenerate."""
    n = s[0]
    if n < 3:
        return np.nan, np.nan, np.nan, np.nan
    mx, my, mz = s[1] / n, s[2] / n, s[3] / n
    cxx, cxy, cyy = s[4] - n * mx * mx, s[5] - n * mx * my, s[6] - n * my * my
    cxz, cyz, czz = s[7] - n * mx * mz, s[8] - n * my * mz, s[9] - n * mz * mz
    det = cxx * cyy - cxy * cxy
    if det <= 1e-6 * (cxx + cyy) ** 2:
        return np.nan, np.nan, np.nan, np.nan
    a, b = (cxz * cyy - cyz * cxy) / det, (cyz * cxx - cxz * cxy) / det
    return a, b, mz - a * mx - b * my, max(czz - a * cxz - b * cyz, 0.0)


@kernel
def add_sums(s: NDArray, x: float, y: float, z: float) -> None:
    """Add one point to n, x, y, z, xx, xy, yy, xz, yz, zz."""
    s[0] += 1.0
    s[1] += x
    s[2] += y
    s[3] += z
    s[4] += x * x
    s[5] += x * y
    s[6] += y * y
    s[7] += x * z
    s[8] += y * z
    s[9] += z * z


@kernel
def squares_about(s: NDArray, a: float, b: float, c: float) -> float:
    """Sum of squared distances of the summed points from any plane [m2]."""
    total = s[9] + a * a * s[4] + b * b * s[6] + c * c * s[0]
    total += 2 * (a * b * s[5] + a * c * s[1] + b * c * s[2] - a * s[7] - b * s[8] - c * s[3])
    return max(total, 0.0)


@kernel
def _window_fit(z: NDArray, use: NDArray, cell: float, row: int, col: int, half: int, s: NDArray) -> float:
    """Sums over a square window into ``s``; gives the unbiased rms about its plane, infinite where too few."""
    s[:] = 0.0
    for i in range(max(row - half, 0), min(row + half + 1, z.shape[0])):
        for j in range(max(col - half, 0), min(col + half + 1, z.shape[1])):
            if use[i, j]:
                add_sums(s, (j - col) * cell, (row - i) * cell, z[i, j])
    least = 6 if half == 1 else 12
    sse = plane_of_sums(s)[3]
    if s[0] < least or np.isnan(sse):
        return np.inf
    return np.sqrt(sse / (s[0] - 3))


@kernel
def local_fits(z: NDArray, use: NDArray, cell: float, half: int) -> NDArray:
    """Slopes a, b, height at the pixel and rms of the plane through each pixel's window; rms inf where there is none.

    Shape (rows, cols, 4); windows of 2 * half + 1 pixels a side, of which only pixels in ``use`` count.
    """
    out = np.full((z.shape[0], z.shape[1], 4), np.inf)
    s = np.zeros(10)
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            if use[i, j]:
                rms = _window_fit(z, use, cell, i, j, half, s)
                if np.isfinite(rms):
                    out[i, j, 0], out[i, j, 1], out[i, j, 2], _ = plane_of_sums(s)
                    out[i, j, 3] = rms
    return out


@kernel
def _best_window(fits: NDArray, use: NDArray, i: int, j: int, half: int) -> tuple[float, int, int]:
    """Least rms of the windows that hold a pixel, and the centre of that window."""
    best, row, col = np.inf, i, j
    for k in range(max(i - half, 0), min(i + half + 1, use.shape[0])):
        for m in range(max(j - half, 0), min(j + half + 1, use.shape[1])):
            if use[k, m] and fits[k, m, 3] < best:
                best, row, col = fits[k, m, 3], k, m
    return best, row, col


@kernel
def best_slopes(wide: NDArray, small: NDArray, use: NDArray) -> NDArray:
    """For each pixel the slope of the best window that holds it.

    (rows, cols, 5): a, b, rms and half size of that window, rms of the best 3x3 window; infinite where there is none.
    A 3x3 window has but 6 degrees of freedom: it stands only where it is clearly better than all 5x5 windows.
    """
    out = np.full((use.shape[0], use.shape[1], 5), np.inf)
    for i in range(use.shape[0]):
        for j in range(use.shape[1]):
            if use[i, j]:
                rms, k, m = _best_window(wide, use, i, j, 2)
                out[i, j, :2], out[i, j, 2], out[i, j, 3] = wide[k, m, :2], rms, 2.0
                other, k, m = _best_window(small, use, i, j, 1)
                out[i, j, 4] = other
                if other < 0.5 * rms:
                    out[i, j, :2], out[i, j, 2], out[i, j, 3] = small[k, m, :2], other, 1.0
    return out


@kernel
def _median(values: NDArray, use: NDArray) -> tuple[float, int]:
    """Median of the finite values in use, and their number."""
    kept = np.empty(use.size)
    n = 0
    for i in range(use.shape[0]):
        for j in range(use.shape[1]):
            if use[i, j] and np.isfinite(values[i, j]):
                kept[n] = values[i, j]
                n += 1
    return (np.sort(kept[:n])[n // 2] if n else 0.0), n


@kernel
def noise(slopes: NDArray, use: NDArray) -> float:
    """Noise of the heights [m]: median rms of the best windows, drawn to the prior where pixels are few.

    On small roofs most 5x5 windows hold a ridge; the 3x3 windows, which see less of slow noise, bound what is believed.
    """
    wide, n = _median(slopes[:, :, 2], use)
    small, _ = _median(slopes[:, :, 4], use)
    seen = KUWAHARA_BIAS * min(wide, WIDE_OVER_SMALL * small)
    sigma = np.sqrt((n * seen**2 + PRIOR_PIXELS * SIGMA_PRIOR**2) / (n + PRIOR_PIXELS))
    return min(max(sigma, SIGMA_BOUNDS[0]), SIGMA_BOUNDS[1])


@kernel
def _flood(start: int, plane: NDArray, at: Surface, free: NDArray, members: NDArray, seen: NDArray, stamp: int) -> int:
    """Inliers of the plane, 8-connected to the start through free pixels, into ``members``; gives their number."""
    h, w = at.z.shape
    members[0], seen[start] = start, stamp
    n, done = 1, 0
    while done < n:
        i, j = members[done] // w, members[done] % w
        done += 1
        for k in range(max(i - 1, 0), min(i + 2, h)):
            for m in range(max(j - 1, 0), min(j + 2, w)):
                new = free[k, m] and seen[k * w + m] != stamp
                if new and abs(above(at.z, k, m, plane, at.cell)) <= TAU_SIGMAS * at.sigma:
                    seen[k * w + m] = stamp
                    members[n] = k * w + m
                    n += 1
    return n


@kernel
def _agreement(i: int, j: int, plane: NDArray, at: Surface) -> float:
    """1 for a pixel in the plane and with its slope, down to 0 where height (tau) or slope (4 sigma) differ."""
    r = above(at.z, i, j, plane, at.cell) / (TAU_SIGMAS * at.sigma)
    if not np.isfinite(at.slopes[i, j, 2]):
        return max(0.5 - r * r, 0.0)
    # standard deviation of the slope of a full 5x5 and 3x3 window: sigma / (cell * sqrt(50)), sqrt(6)
    reach = max(4.0 * at.sigma / (at.cell * (7.07 if at.slopes[i, j, 3] == 2.0 else 2.45)), 0.06)
    bend2 = (at.slopes[i, j, 0] - plane[0]) ** 2 + (at.slopes[i, j, 1] - plane[1]) ** 2
    return max(1.0 - r * r - bend2 / reach**2, 0.0)


@kernel
def _support(
    start: int, plane: NDArray, at: Surface, free: NDArray, members: NDArray, seen: NDArray, stamp: int
) -> tuple[float, int]:
    """Score and number of the inliers that agree; they come first in ``members``."""
    w = at.z.shape[1]
    n = _flood(start, plane, at, free, members, seen, stamp)
    score, agreeing = 0.0, 0
    for q in range(n):
        one = _agreement(members[q] // w, members[q] % w, plane, at)
        if one > 0.0:
            score += one
            members[q], members[agreeing] = members[agreeing], members[q]
            agreeing += 1
    return score, agreeing


@kernel
def _refit(plane: NDArray, at: Surface, members: NDArray) -> None:
    """Put the plane through the members, where they span one."""
    w = at.z.shape[1]
    s = np.zeros(10)
    for p in members:
        add_sums(s, (p % w) * at.cell, -(p // w) * at.cell, at.z[p // w, p % w])
    a, b, c, _ = plane_of_sums(s)
    if not np.isnan(a):
        plane[0], plane[1], plane[2] = a, b, c


@kernel
def _hypotheses(order: NDArray, fits: NDArray, at: Surface, free: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Planes (n, 3), scores and starts grown from the quietest windows; a pixel explained once starts no other."""
    w, size = at.z.shape[1], at.z.size
    members, seen, explained = np.empty(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.bool_)
    planes, scores, starts = np.empty((order.size, 3)), np.empty(order.size), np.empty(order.size, np.int64)
    plane = np.empty(3)
    n, stamp = 0, 0
    for start in order:
        i, j = start // w, start % w
        if explained[start] or not free[i, j]:
            continue
        plane[:2] = fits[i, j, :2]
        plane[2] = fits[i, j, 2] - plane[0] * j * at.cell + plane[1] * i * at.cell
        score, agreeing = 0.0, 0
        for _ in range(3):
            stamp += 1
            score, agreeing = _support(start, plane, at, free, members, seen, stamp)
            _refit(plane, at, members[:agreeing])
        explained[start] = True
        if agreeing < at.least or np.hypot(plane[0], plane[1]) > MAX_SLOPE:
            continue
        explained[members[:agreeing]] = True
        planes[n], scores[n], starts[n] = plane, score, start
        n += 1
    return planes[:n], scores[:n], starts[:n]


@kernel
def grow(labels: NDArray, use: NDArray, fits: NDArray, at: Surface) -> int:
    """Add planes to ``labels`` among the unlabelled pixels, best support first; gives the number of labels in use."""
    w = at.z.shape[1]
    k = labels.max()
    quiet = fits[:, :, 3].copy().ravel()
    order = np.argsort(quiet, kind="mergesort")
    order = order[quiet[order] < QUIET_SIGMAS * at.sigma]
    members, seen = np.empty(at.z.size, np.int64), np.zeros(at.z.size, np.int64)
    stamp = 0
    while True:
        free = use & (labels == 0)
        planes, scores, starts = _hypotheses(order, fits, at, free)
        before = k
        for q in np.argsort(-scores, kind="mergesort"):
            if k == MAX_PLANES or not free[starts[q] // w, starts[q] % w]:
                continue
            stamp += 1
            score, agreeing = _support(starts[q], planes[q], at, free, members, seen, stamp)
            if agreeing >= at.least and score >= SAME_SUPPORT * scores[q]:
                k += 1
                for p in members[:agreeing]:
                    labels[p // w, p % w] = k
                    free[p // w, p % w] = False
        if k == before:
            return k


@kernel
def sums_of_labels(z: NDArray, labels: NDArray, k: int, cell: float) -> NDArray:
    """The ten sums of each label 0..k; (k + 1, 10)."""
    sums = np.zeros((k + 1, 10))
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            if labels[i, j] > 0:
                add_sums(sums[labels[i, j]], j * cell, -i * cell, z[i, j])
    return sums


@kernel
def fit_labels(z: NDArray, labels: NDArray, k: int, cell: float) -> NDArray:
    """Plane a, b, c, number of pixels and rms of each label; (k + 1, 5), NaN where a label has no plane."""
    sums = sums_of_labels(z, labels, k, cell)
    out = np.full((k + 1, 5), np.nan)
    for q in range(1, k + 1):
        a, b, c, sse = plane_of_sums(sums[q])
        out[q, 0], out[q, 1], out[q, 2], out[q, 3] = a, b, c, sums[q, 0]
        out[q, 4] = np.sqrt(sse / max(sums[q, 0], 1.0))
    return out


@kernel
def _price(z: NDArray, i: int, j: int, label: int, fits: NDArray, cell: float, sigma: float) -> float:
    """Misfit of a pixel with a label in half squared sigmas: infinite far from the plane, an outlier's for label 0."""
    none = 0.5 * OUTLIER_SIGMAS**2
    if label == 0:
        return none
    r = above(z, i, j, fits[label], cell) / sigma
    return 0.5 * r * r if 0.5 * r * r < 4.0 * none else np.inf


@kernel
def _cheapest(
    z: NDArray, use: NDArray, labels: NDArray, i: int, j: int, fits: NDArray, cell: float, sigma: float
) -> int:
    """The label of a pixel or of its neighbours, or 0, that costs least."""
    best = 0
    cost = _price(z, i, j, 0, fits, cell, sigma) + SMOOTHNESS * _broken(labels, use, i, j, 0)
    for k in range(max(i - 1, 0), min(i + 2, z.shape[0])):
        for m in range(max(j - 1, 0), min(j + 2, z.shape[1])):
            label = labels[k, m]
            if label > 0 and label != best:
                price = _price(z, i, j, label, fits, cell, sigma) + SMOOTHNESS * _broken(labels, use, i, j, label)
                if price < cost - 1e-9:
                    best, cost = label, price
    return best


@kernel
def relax(z: NDArray, use: NDArray, labels: NDArray, k: int, cell: float, sigma: float, rounds: int) -> None:
    """Give each pixel the neighbouring plane (or none) that costs least, misfit plus broken borders; refit; repeat."""
    for _ in range(rounds):
        fits = fit_labels(z, labels, k, cell)
        changed = 0
        for i in range(z.shape[0]):
            for j in range(z.shape[1]):
                if use[i, j]:
                    best = _cheapest(z, use, labels, i, j, fits, cell, sigma)
                    changed += best != labels[i, j]
                    labels[i, j] = best
        if changed == 0:
            return


@kernel
def _broken(labels: NDArray, use: NDArray, i: int, j: int, label: int) -> float:
    """Neighbours with another label; diagonal ones count 0.7."""
    total = 0.0
    for k in range(max(i - 1, 0), min(i + 2, labels.shape[0])):
        for m in range(max(j - 1, 0), min(j + 2, labels.shape[1])):
            if use[k, m] and labels[k, m] != label and (k != i or m != j):
                total += 1.0 if k == i or m == j else 0.7
    return total
