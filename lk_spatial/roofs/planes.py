"""Planes through points: of sums, of labels, of the windows around each pixel; and the noise that they show.

Coordinates in a building's window: x = col * cell, y = -row * cell [m]; a plane is z = a*x + b*y + c. A field is the
window laid out in one row with a border of unused pixels, so that neighbours are found by adding a step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel

SIGMA_PRIOR = 0.10  # [m] height noise expected before a building is seen
PRIOR_PIXELS = 20.0  # weight of that expectation
SIGMA_BOUNDS = (0.05, 0.24)  # [m]
TAU_SIGMAS = 2.5  # tolerance of an inlier in noise sigmas (facts: solar.md section 6)
KUWAHARA_BIAS = 1.25  # least of several 5x5 window rms -> sigma, on Gaussian noise
WIDE_OVER_SMALL = 1.7  # most of the ratio of least rms, 5x5 to 3x3; 1.24 on Gaussian noise


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


class Field(NamedTuple):
    """Pixels of a window in one row: an unused one at the ends of each line, two unused lines at either end."""

    z: NDArray  # heights [m]
    x: NDArray  # [m]
    y: NDArray  # [m]
    line: int  # pixels of a line: the step to the one below
    cell: float  # [m]


@kernel
def field_of(z: NDArray, cell: float) -> Field:
    """A window of heights as a field."""
    h, w = z.shape
    n = (h + 4) * (w + 2)
    out = Field(np.zeros(n), np.zeros(n), np.zeros(n), w + 2, cell)
    for i in range(h):
        for j in range(w):
            p = (i + 2) * (w + 2) + j + 1
            out.z[p], out.x[p], out.y[p] = z[i, j], j * cell, -i * cell
    return out


@kernel
def laid_out(labels: NDArray, use: NDArray) -> NDArray:
    """Labels of a window as those of a field; -1 outside the pixels in use."""
    h, w = labels.shape
    out = np.full((h + 4) * (w + 2), -1, np.int32)
    for i in range(h):
        for j in range(w):
            if use[i, j]:
                out[(i + 2) * (w + 2) + j + 1] = labels[i, j]
    return out


@kernel
def lay_back(row: NDArray, labels: NDArray) -> None:
    """Put labels of a field back into their window; 0 outside the pixels in use."""
    h, w = labels.shape
    for i in range(h):
        for j in range(w):
            labels[i, j] = max(row[(i + 2) * (w + 2) + j + 1], 0)


@kernel
def local_fits(at: Field, use: NDArray, half: int) -> NDArray:
    """Slopes a, b, height at the pixel and rms of the plane through each pixel's window; rms inf where there is none.

    Shape (4, pixels of the field); windows of 2 * half + 1 pixels a side, of which only pixels in ``use`` count. The
    rms is unbiased.
    """
    out, s = np.full((4, use.size), np.inf), np.empty(10)
    least = 6 if half == 1 else 12
    for p in range(use.size):
        if use[p]:
            s[:] = 0.0
            for i in range(-half, half + 1):
                for j in range(-half, half + 1):
                    q = p + i * at.line + j
                    if use[q]:
                        add_sums(s, j * at.cell, -i * at.cell, at.z[q])
            a, b, c, sse = plane_of_sums(s)
            if s[0] >= least and not np.isnan(sse):
                out[0, p], out[1, p], out[2, p], out[3, p] = a, b, c, np.sqrt(sse / (s[0] - 3))
    return out


@kernel
def _least_near(values: NDArray, place: NDArray, step: int, half: int) -> tuple[NDArray, NDArray]:
    """Least of the values up to ``half`` steps before and after each pixel, and its place; of equals the first."""
    edge = half * step
    n = values.size - 2 * edge
    best, at = np.full(values.size, np.inf), np.arange(values.size)
    low, there = best[edge : edge + n], at[edge : edge + n]
    for d in range(0, 2 * edge + 1, step):
        new, where = values[d : d + n], place[d : d + n]
        for p in range(n):
            less = new[p] < low[p]
            low[p] = new[p] if less else low[p]
            there[p] = where[p] if less else there[p]
    return best, at


@kernel
def best_slopes(wide: NDArray, small: NDArray, line: int) -> NDArray:
    """For each pixel the slope of the best window that holds it.

    (5, pixels of the field): a, b, rms and half size of that window, rms of the best 3x3 window; infinite where there
    is none. A 3x3 window has but 6 degrees of freedom: it stands only where it is clearly better than all 5x5 windows.
    """
    out, place = np.full((5, wide.shape[1]), np.inf), np.arange(wide.shape[1])
    rms, at = _least_near(wide[3], place, 1, 2)
    rms, at = _least_near(rms, at, line, 2)
    other, near = _least_near(small[3], place, 1, 1)
    other, near = _least_near(other, near, line, 1)
    for p in range(place.size):
        if other[p] < 0.5 * rms[p]:
            out[0, p], out[1, p], out[2, p], out[3, p] = small[0, near[p]], small[1, near[p]], other[p], 1.0
        else:
            out[0, p], out[1, p], out[2, p], out[3, p] = wide[0, at[p]], wide[1, at[p]], rms[p], 2.0
        out[4, p] = other[p]
    return out


@kernel
def smallest(values: NDArray, k: int) -> float:
    """The k-th smallest of finite values, from 0; changes their order."""
    low, high = 0, values.size - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if k <= j:
            high = j
        elif k >= i:
            low = i
        else:
            break
    return values[k]


@kernel
def _median(values: NDArray, use: NDArray) -> tuple[float, int]:
    """Median of the finite values in use, and their number."""
    kept = np.empty(use.size)
    n = 0
    for p in range(use.size):
        if use[p] and np.isfinite(values[p]):
            kept[n] = values[p]
            n += 1
    return (smallest(kept[:n], n // 2) if n else 0.0), n


@kernel
def noise(slopes: NDArray, use: NDArray) -> float:
    """Noise of the heights [m]: median rms of the best windows, drawn to the prior where pixels are few.

    On small roofs most 5x5 windows hold a ridge; the 3x3 windows, which see less of slow noise, bound what is believed.
    """
    wide, n = _median(slopes[2], use)
    small, _ = _median(slopes[4], use)
    seen = KUWAHARA_BIAS * min(wide, WIDE_OVER_SMALL * small)
    sigma = np.sqrt((n * seen**2 + PRIOR_PIXELS * SIGMA_PRIOR**2) / (n + PRIOR_PIXELS))
    return min(max(sigma, SIGMA_BOUNDS[0]), SIGMA_BOUNDS[1])
