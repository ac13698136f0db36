"""Roof planes under one footprint: a window of heights in, a label per pixel and plane coefficients out.

Greedy growth of connected inliers from local fits (hypotheses from 3x3 and 5x5 windows, no random draw), scored by height and
by slope, then relaxation of the labels with a smoothness prior and refits (facts: solar.md section 6). Everything is compiled,
without the GIL, and touches only the window of its building.

Coordinates in a window: x = col * cell, y = -row * cell [m]; a plane is z = a*x + b*y + c.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

MAX_PLANES = 120  # of one building part
SIGMA_PRIOR = 0.10  # [m] height noise expected before a building is seen
PRIOR_PIXELS = 20.0  # weight of that expectation
SIGMA_BOUNDS = (0.05, 0.24)  # [m]
TAU_SIGMAS = 2.5  # tolerance of an inlier in noise sigmas (facts: solar.md section 6)
KUWAHARA_BIAS = 1.25  # least of several window rms -> sigma, on Gaussian noise
QUIET_SIGMAS = 2.0  # rougher windows start no plane
SMOOTHNESS = 0.7  # price of a border between two pixels, in half squared sigmas
OUTLIER_SIGMAS = 3.2  # a pixel farther from its plane belongs to none
MAX_SLOPE = 3.1  # tan 72 deg: steeper strips are walls smeared over a cell

_jit = njit(cache=True, nogil=True)


@_jit
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


@_jit
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


@_jit
def squares_about(s: NDArray, a: float, b: float, c: float) -> float:
    """Sum of squared distances of the summed points from any plane [m2]."""
    total = s[9] + a * a * s[4] + b * b * s[6] + c * c * s[0]
    total += 2 * (a * b * s[5] + a * c * s[1] + b * c * s[2] - a * s[7] - b * s[8] - c * s[3])
    return max(total, 0.0)


@_jit
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


@_jit
def local_fits(z: NDArray, use: NDArray, cell: float, half: int) -> NDArray:
    """Slope a, slope b, height at the pixel, rms of the plane through each pixel's window; (rows, cols, 4), rms inf where none."""
    out = np.full((z.shape[0], z.shape[1], 4), np.inf)
    s = np.zeros(10)
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            if use[i, j]:
                rms = _window_fit(z, use, cell, i, j, half, s)
                if np.isfinite(rms):
                    a, b, c, _ = plane_of_sums(s)
                    out[i, j, 0], out[i, j, 1], out[i, j, 2], out[i, j, 3] = a, b, c, rms
    return out


@_jit
def best_slopes(fits: NDArray, small: NDArray, use: NDArray) -> NDArray:
    """For each pixel the slope of the best window that holds it: a, b, rms, half size of that window; rms inf where none."""
    h, w = use.shape
    out = np.full((h, w, 4), np.inf)
    for i in range(h):
        for j in range(w):
            if not use[i, j]:
                continue
            for k in range(max(i - 2, 0), min(i + 3, h)):
                for m in range(max(j - 2, 0), min(j + 3, w)):
                    if use[k, m] and fits[k, m, 3] < out[i, j, 2]:
                        out[i, j, 0], out[i, j, 1], out[i, j, 2], out[i, j, 3] = fits[k, m, 0], fits[k, m, 1], fits[k, m, 3], 2.0
            best = out[i, j, 2]
            for k in range(max(i - 1, 0), min(i + 2, h)):
                for m in range(max(j - 1, 0), min(j + 2, w)):
                    # a 3x3 window has 6 degrees of freedom: only a clear gain is more than luck
                    if use[k, m] and small[k, m, 3] < 0.5 * best and small[k, m, 3] < out[i, j, 2]:
                        out[i, j, 0], out[i, j, 1], out[i, j, 2], out[i, j, 3] = small[k, m, 0], small[k, m, 1], small[k, m, 3], 1.0
    return out


@_jit
def noise(slopes: NDArray, use: NDArray) -> float:
    """Noise of the heights [m]: median rms of the best windows, drawn to the prior where pixels are few."""
    values = np.empty(use.size)
    n = 0
    for i in range(use.shape[0]):
        for j in range(use.shape[1]):
            if use[i, j] and np.isfinite(slopes[i, j, 2]) and slopes[i, j, 3] == 2.0:
                values[n] = slopes[i, j, 2]
                n += 1
    seen = KUWAHARA_BIAS * np.median(values[:n]) if n else 0.0
    sigma = np.sqrt((n * seen**2 + PRIOR_PIXELS * SIGMA_PRIOR**2) / (n + PRIOR_PIXELS))
    return min(max(sigma, SIGMA_BOUNDS[0]), SIGMA_BOUNDS[1])


@_jit
def _flood(
    start: int, plane: NDArray, z: NDArray, free: NDArray, cell: float, tau: float, members: NDArray, seen: NDArray, stamp: int
) -> int:
    """Pixels within tau of the plane, 8-connected to the start through free pixels, into ``members``; their number."""
    h, w = z.shape
    members[0] = start
    seen[start] = stamp
    n, at = 1, 0
    while at < n:
        i, j = members[at] // w, members[at] % w
        at += 1
        for k in range(max(i - 1, 0), min(i + 2, h)):
            for m in range(max(j - 1, 0), min(j + 2, w)):
                p = k * w + m
                if free[k, m] and seen[p] != stamp:
                    if abs(z[k, m] - plane[0] * m * cell + plane[1] * k * cell - plane[2]) <= tau:
                        seen[p] = stamp
                        members[n] = p
                        n += 1
    return n


@_jit
def _member_score(i: int, j: int, plane: NDArray, z: NDArray, slopes: NDArray, cell: float, tau: float, sigma: float) -> float:
    """1 for a pixel in the plane with its slope, down to 0 where height (tau) or slope (4 sigma of its window) differ."""
    r = (z[i, j] - plane[0] * j * cell + plane[1] * i * cell - plane[2]) / tau
    if not np.isfinite(slopes[i, j, 2]):
        return max(0.5 - r * r, 0.0)
    slope_sigma = sigma / (cell * (7.07 if slopes[i, j, 3] == 2.0 else 2.45))
    reach = max(4.0 * slope_sigma, 0.06)
    d2 = ((slopes[i, j, 0] - plane[0]) ** 2 + (slopes[i, j, 1] - plane[1]) ** 2) / reach**2
    return max(1.0 - r * r - d2, 0.0)


@_jit
def _support(
    start: int, plane: NDArray, z: NDArray, slopes: NDArray, free: NDArray, cell: float, tau: float, sigma: float,
    members: NDArray, seen: NDArray, stamp: int, refit: bool,
) -> tuple[float, int]:
    """Score and number of the members that agree, which come first in ``members``; refits the plane to them in place."""
    w = z.shape[1]
    n = _flood(start, plane, z, free, cell, tau, members, seen, stamp)
    s = np.zeros(10)
    score, agreeing = 0.0, 0
    for q in range(n):
        i, j = members[q] // w, members[q] % w
        one = _member_score(i, j, plane, z, slopes, cell, tau, sigma)
        if one > 0.0:
            score += one
            members[q], members[agreeing] = members[agreeing], members[q]
            agreeing += 1
            add_sums(s, j * cell, -i * cell, z[i, j])
    if refit:
        a, b, c, _ = plane_of_sums(s)
        if not np.isnan(a):
            plane[0], plane[1], plane[2] = a, b, c
    return score, agreeing


@_jit
def _hypotheses(
    order: NDArray, fits: NDArray, slopes: NDArray, z: NDArray, free: NDArray, cell: float, tau: float, sigma: float, least: int
) -> tuple[NDArray, NDArray, NDArray]:
    """Planes (n, 3), scores and start pixels grown from the quietest windows; a pixel explained once starts no other."""
    h, w = z.shape
    members, seen, explained = np.empty(h * w, np.int64), np.zeros(h * w, np.int64), np.zeros(h * w, np.bool_)
    planes, scores, starts = np.empty((order.size, 3)), np.empty(order.size), np.empty(order.size, np.int64)
    plane = np.empty(3)
    n, stamp = 0, 0
    for start in order:
        i, j = start // w, start % w
        if explained[start] or not free[i, j]:
            continue
        a, b, zc = fits[i, j, 0], fits[i, j, 1], fits[i, j, 2]
        plane[0], plane[1], plane[2] = a, b, zc - a * j * cell + b * i * cell
        for _ in range(3):
            stamp += 1
            score, agreeing = _support(start, plane, z, slopes, free, cell, tau, sigma, members, seen, stamp, True)
        explained[start] = True
        if agreeing < least or np.hypot(plane[0], plane[1]) > MAX_SLOPE:
            continue
        for q in range(agreeing):
            explained[members[q]] = True
        planes[n], scores[n], starts[n] = plane, score, start
        n += 1
    return planes[:n], scores[:n], starts[:n]


@_jit
def grow(
    z: NDArray, use: NDArray, labels: NDArray, fits: NDArray, slopes: NDArray, cell: float, tau: float, sigma: float, least: int
) -> int:
    """Add planes to ``labels`` among the unlabelled pixels, best support first; gives the number of labels in use."""
    h, w = z.shape
    k = labels.max()
    quiet = fits[:, :, 3].ravel()
    order = np.argsort(quiet, kind="mergesort")
    order = order[quiet[order] < QUIET_SIGMAS * sigma]
    members, seen = np.empty(h * w, np.int64), np.zeros(h * w, np.int64)
    stamp = 0
    while k < MAX_PLANES:
        free = use & (labels == 0)
        planes, scores, starts = _hypotheses(order, fits, slopes, z, free, cell, tau, sigma, least)
        accepted = 0
        for q in np.argsort(-scores, kind="mergesort"):
            if not free[starts[q] // w, starts[q] % w] or k == MAX_PLANES:
                continue
            stamp += 1
            score, agreeing = _support(
                starts[q], planes[q], z, slopes, free, cell, tau, sigma, members, seen, stamp, False
            )
            if agreeing < least or score < 0.85 * scores[q]:
                continue
            k, accepted = k + 1, accepted + 1
            for p in members[:agreeing]:
                labels[p // w, p % w] = k
                free[p // w, p % w] = False
        if accepted == 0:
            break
    return k


@_jit
def sums_of_labels(z: NDArray, labels: NDArray, k: int, cell: float) -> NDArray:
    """The ten sums of each label 0..k; (k + 1, 10)."""
    sums = np.zeros((k + 1, 10))
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            if labels[i, j] > 0:
                add_sums(sums[labels[i, j]], j * cell, -i * cell, z[i, j])
    return sums


@_jit
def fit_labels(z: NDArray, labels: NDArray, k: int, cell: float) -> NDArray:
    """Plane a, b, c, number of pixels and rms of each label; (k + 1, 5), NaN where a label has no plane."""
    sums = sums_of_labels(z, labels, k, cell)
    out = np.full((k + 1, 5), np.nan)
    for q in range(1, k + 1):
        a, b, c, sse = plane_of_sums(sums[q])
        out[q, 0], out[q, 1], out[q, 2], out[q, 3] = a, b, c, sums[q, 0]
        out[q, 4] = np.sqrt(sse / max(sums[q, 0], 1.0))
    return out


@_jit
def relax(z: NDArray, use: NDArray, labels: NDArray, k: int, cell: float, sigma: float, rounds: int) -> None:
    """Give each pixel the neighbouring plane (or none) that costs least: misfit plus broken borders; refit; repeat."""
    h, w = z.shape
    none = 0.5 * OUTLIER_SIGMAS**2
    for _ in range(rounds):
        fits = fit_labels(z, labels, k, cell)
        changed = 0
        for i in range(h):
            for j in range(w):
                if use[i, j]:
                    best, cost = labels[i, j], np.inf
                    for m in range(10):
                        di, dj = (m // 3 - 1, m % 3 - 1) if m < 9 else (0, 0)
                        if not (0 <= i + di < h and 0 <= j + dj < w):
                            continue
                        label = labels[i + di, j + dj] if m < 9 else 0
                        price = none
                        if label > 0:
                            r = (z[i, j] - fits[label, 0] * j * cell + fits[label, 1] * i * cell - fits[label, 2]) / sigma
                            price = 0.5 * r * r
                            if not price < 4.0 * none:
                                continue
                        price += SMOOTHNESS * _broken(labels, use, i, j, label)
                        if price < cost - 1e-9:
                            best, cost = label, price
                    if best != labels[i, j]:
                        labels[i, j] = best
                        changed += 1
        if changed == 0:
            break


@_jit
def _broken(labels: NDArray, use: NDArray, i: int, j: int, label: int) -> float:
    """Neighbours with another label; diagonal ones count 0.7."""
    total = 0.0
    for di in range(-1, 2):
        for dj in range(-1, 2):
            k, m = i + di, j + dj
            if (di or dj) and 0 <= k < labels.shape[0] and 0 <= m < labels.shape[1] and use[k, m]:
                if labels[k, m] != label:
                    total += 1.0 if di == 0 or dj == 0 else 0.7
    return total
