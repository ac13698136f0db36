"""Keeping house among the planes of one window: connected pieces, like planes made one, roofs and superstructures."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.roofs.growth import grow, relax
from lk_spatial.roofs.planes import (
    SIGMA_BOUNDS,
    TAU_SIGMAS,
    Field,
    above,
    best_slopes,
    field_of,
    fit_labels,
    laid_out,
    lay_back,
    local_fits,
    noise,
    plane_of_sums,
    squares_about,
    sums_of_labels,
)

LOSS_OF_LUCK = 20.0  # [sigma2] what a chosen patch of one plane gains by a plane of its own
NARROWEST = (0.6, 0.35)  # least standard deviation across a plane: [pixels], [m]; a strip of width w has w / sqrt(12)
ROUGHER = 1.7  # noise is taken that much higher where nothing fits within it
RISE = 0.4  # [m] a superstructure stands at least so high above its roof


@kernel
def _pieces(labels: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """8-connected pieces of one label above 0, numbered from 1 in reading order; label and size of each number."""
    h, w = labels.shape
    out = np.zeros((h, w), np.int32)
    of, size = np.zeros(labels.size + 1, np.int64), np.zeros(labels.size + 1, np.int64)
    stack = np.empty(labels.size, np.int64)
    count = 0
    for i in range(h):
        for j in range(w):
            if labels[i, j] > 0 and out[i, j] == 0:
                count += 1
                out[i, j], of[count], stack[0], n = count, labels[i, j], i * w + j, 1
                while n:
                    n -= 1
                    p, q = stack[n] // w, stack[n] % w
                    size[count] += 1
                    for k in range(max(p - 1, 0), min(p + 2, h)):
                        for m in range(max(q - 1, 0), min(q + 2, w)):
                            if labels[k, m] == of[count] and out[k, m] == 0:
                                out[k, m] = count
                                stack[n] = k * w + m
                                n += 1
    return out, of[: count + 1], size[: count + 1]


@kernel
def components(mask: NDArray) -> tuple[NDArray, int]:
    """8-connected pieces of a mask, numbered from 1 in reading order, 0 elsewhere; and their number."""
    pieces, of, _ = _pieces(mask.astype(np.int32))
    return pieces, of.size - 1


@kernel
def keep_pieces(labels: NDArray, k: int, least: int) -> int:
    """Give each connected piece its own label 1, 2, …, pieces of fewer than ``least`` pixels 0; number of labels."""
    pieces, of, size = _pieces(labels)
    new = np.zeros(of.size, np.int32)
    count = 0
    for q in range(1, k + 1):
        for p in range(1, of.size):
            if of[p] == q and size[p] >= least:
                count += 1
                new[p] = count
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            labels[i, j] = new[pieces[i, j]]
    return count


@kernel
def _renumber(labels: NDArray, keep: NDArray) -> int:
    """Labels 1, 2, … for those to keep, 0 for the others; gives their number."""
    new = np.where(keep, np.cumsum(keep), 0)
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            labels[i, j] = new[labels[i, j]]
    return keep.sum()


@kernel
def drop_strips(labels: NDArray, k: int, cell: float) -> int:
    """Unlabel planes too narrow for a roof: ground or a neighbour under a shifted footprint's edge. Number left."""
    s = np.zeros((k + 1, 6))
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            q = labels[i, j]
            s[q, 0], s[q, 1], s[q, 2] = s[q, 0] + 1, s[q, 1] + i, s[q, 2] + j
            s[q, 3], s[q, 4], s[q, 5] = s[q, 3] + i * i, s[q, 4] + i * j, s[q, 5] + j * j
    n = np.maximum(s[:, 0], 1.0)
    rr, rc, cc = s[:, 3] - s[:, 1] ** 2 / n, s[:, 4] - s[:, 1] * s[:, 2] / n, s[:, 5] - s[:, 2] ** 2 / n
    minor = np.sqrt(np.maximum(0.5 * (rr + cc) - np.hypot(0.5 * (rr - cc), rc), 0.0) / n)
    keep = minor >= max(NARROWEST[0], NARROWEST[1] / cell)
    keep[0] = False
    return _renumber(labels, keep)


@kernel
def borders(labels: NDArray, k: int, reach: int) -> NDArray:
    """How many pixels of label p see label q within ``reach`` pixels; (k + 1, k + 1)."""
    h, w = labels.shape
    out = np.zeros((k + 1, k + 1), np.int64)
    seen = np.zeros(k + 1, np.int64)
    stamp = 0
    for i in range(h):
        for j in range(w):
            if labels[i, j] > 0:
                stamp += 1
                for m in range(max(i - reach, 0), min(i + reach + 1, h)):
                    for n in range(max(j - reach, 0), min(j + reach + 1, w)):
                        q = labels[m, n]
                        if q > 0 and seen[q] != stamp:
                            seen[q] = stamp
                            out[labels[i, j], q] += 1
    return out


@kernel
def merge_like(z: NDArray, labels: NDArray, k: int, cell: float, sigma: float) -> bool:
    """Make the two neighbours one that lose least by it, as long as the loss is within the noise; True if any."""
    sums = sums_of_labels(z, labels, k, cell)
    near = borders(labels, k, 1)
    best, one, other = 1.0, 0, 0
    for p in range(1, k + 1):
        for q in range(p + 1, k + 1):
            if near[p, q] == 0:
                continue
            a, b, c, _ = plane_of_sums(sums[p] + sums[q])
            worst = 0.0
            for r in (p, q):
                own = plane_of_sums(sums[r])[3]
                loss = (squares_about(sums[r], a, b, c) - own) / sigma**2
                worst = max(worst, loss / (LOSS_OF_LUCK + 0.25 * sums[r, 0]))
            if worst < best:
                best, one, other = worst, p, q
    if one == 0:
        return False
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            if labels[i, j] == other:
                labels[i, j] = one
    return True


@kernel
def superstructures(z: NDArray, labels: NDArray, k: int, cell: float, largest: int) -> NDArray:
    """For each label the roof plane above which it stands as a small superstructure (0 = it is a roof itself)."""
    fits = fit_labels(z, labels, k, cell)
    host = np.zeros(k + 1, np.int64)
    near = borders(labels, k, 2)
    for p in range(1, k + 1):
        best = 0
        for q in range(1, k + 1):
            if q != p and fits[q, 3] > 2 * fits[p, 3] and near[p, q] > near[p, best]:
                best = q
        if fits[p, 3] <= largest and best > 0 and _stands_on(z, labels, p, best, fits, cell):
            host[p] = best
    return host


@kernel
def _stands_on(z: NDArray, labels: NDArray, p: int, q: int, fits: NDArray, cell: float) -> bool:
    """Whether most of the edge of label p faces plane q, and half of that rises from it in a step."""
    # where two slopes meet in a valley, the height over the other grows from nothing with the distance: that is no step
    bend = np.hypot(fits[p, 0] - fits[q, 0], fits[p, 1] - fits[q, 1])
    edge, facing, risen = 0, 0, 0
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            if labels[i, j] == p and _on_edge(labels, i, j):
                edge += 1
                away = _nearest(labels, i, j, q, 2)
                if away < np.inf:
                    facing += 1
                    risen += above(z, i, j, fits[q], cell) > max(RISE, (away + 0.5) * cell * bend)
    return facing >= 0.6 * edge and risen >= 0.5 * facing


@kernel
def _on_edge(labels: NDArray, i: int, j: int) -> bool:
    h, w = labels.shape
    if i == 0 or j == 0 or i == h - 1 or j == w - 1:
        return True
    own = labels[i, j]
    return labels[i - 1, j] != own or labels[i + 1, j] != own or labels[i, j - 1] != own or labels[i, j + 1] != own


@kernel
def _nearest(labels: NDArray, i: int, j: int, label: int, reach: int) -> float:
    """Distance [pixels] to the nearest pixel of a label within ``reach`` rows and columns; infinite where none."""
    best = np.inf
    for m in range(max(i - reach, 0), min(i + reach + 1, labels.shape[0])):
        for n in range(max(j - reach, 0), min(j + reach + 1, labels.shape[1])):
            if labels[m, n] == label:
                best = min(best, np.hypot(m - i, n - j))
    return best


class Seen(NamedTuple):
    """A field with the planes of the windows around its pixels in use."""

    at: Field
    wide: NDArray  # 5x5, of ``local_fits``
    small: NDArray  # 3x3
    best: NDArray  # of ``best_slopes``


@kernel
def look_at(at: Field, use: NDArray) -> Seen:
    """See the planes around the pixels in use."""
    wide, small = local_fits(at, use, 2), local_fits(at, use, 1)
    return Seen(at, wide, small, best_slopes(wide, small, at.line))


@kernel
def find_planes(z: NDArray, use: NDArray, labels: NDArray, seen: Seen, sigma: float, least: int) -> int:
    """Grow, relax and merge planes into ``labels`` (all 0), then again among what is left; gives their number.

    seen: the field of the pixels in use.
    """
    at, k = seen.at, 0
    row = laid_out(labels, use)
    for turn in range(3):
        if turn > 0:
            free = row == 0
            if free.sum() < least:
                break
            seen = look_at(at, free)
        n = grow(at, row, k, seen.wide, seen.best, sigma, least)
        n = grow(at, row, n, seen.small, seen.best, sigma, least)
        if n == k:
            break
        relax(at, row, n, sigma, 6)
        lay_back(row, labels)
        k = keep_pieces(labels, n, least)
        while merge_like(z, labels, k, at.cell, sigma):
            k = keep_pieces(labels, k, least)
        row = laid_out(labels, use)
        relax(at, row, k, sigma, 4)
        lay_back(row, labels)
        k = drop_strips(labels, keep_pieces(labels, k, least), at.cell)
        row = laid_out(labels, use)
    return k


@kernel
def _set_apart(z: NDArray, labels: NDArray, k: int, cell: float, largest: int) -> int:
    """Turn labels of superstructures into minus the label of the roof below, close the gaps; number of roof planes."""
    host = superstructures(z, labels, k, cell, largest)
    for q in range(1, k + 1):
        while host[q] > 0 and host[host[q]] > 0:
            host[q] = host[host[q]]
    roofs = host == 0
    roofs[0] = False
    new = np.where(roofs, np.cumsum(roofs), 0)
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            q = labels[i, j]
            labels[i, j] = -new[host[q]] if host[q] > 0 else new[q]
    return roofs.sum()


@kernel
def segment(
    z: NDArray, use: NDArray, cell: float, tolerance: float, least: int, largest_obstacle: int
) -> tuple[NDArray, NDArray, float]:
    """Planes of one window.

    z (rows, cols): heights less a local height [m]; use: pixels inside the footprint with a height; tolerance of an
    inlier [m], NaN = from the noise, once more with more of it where no plane was found; least: pixels of a plane;
    largest_obstacle: pixels of a superstructure that may be taken as an obstacle. Gives labels (rows, cols; 0 = none,
    -k = superstructure on plane k), planes (n + 1, 5: a, b, c, pixels, rms; row 0 unused) and the noise [m].
    """
    labels = np.zeros(z.shape, np.int32)
    row = laid_out(labels, use) == 0
    seen, sigma = look_at(field_of(z, cell), row), tolerance / TAU_SIGMAS
    if np.isnan(sigma):
        sigma = noise(seen.best, row)
    k = find_planes(z, use, labels, seen, sigma, least)
    if k == 0 and np.isnan(tolerance):
        sigma = min(ROUGHER * sigma, SIGMA_BOUNDS[1])
        k = find_planes(z, use, labels, seen, sigma, least)
    n = _set_apart(z, labels, k, cell, largest_obstacle)
    return labels, fit_labels(z, labels, n, cell), sigma
