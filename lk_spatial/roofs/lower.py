"""What lies clearly below the planes of a window: planes not found yet, shafts in a plane, and no roof at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.roofs.planes import SIGMA_BOUNDS, above, field_of, fit_labels, laid_out
from lk_spatial.roofs.segments import ROUGHER, components, find_planes, look_at

BELOW = (5.0, 0.5)  # [sigma], [m] a pixel that far below its plane is no part of it
FEW = 4  # pixels; a smaller piece that is so low is a blemish
GROUND_M = (2.0, 3.0, 4.0)  # [m] distances from a plane's edge at which the open ground is looked at
NEAR_GROUND = (1.0, 2.0)  # [m] a plane that little above the ground beside it, and around the building, is no roof
MOST_LOWER = 0.25  # share of the ground beside a plane on the ground that may lie lower all the same


@kernel
def low_pixels(
    z: NDArray, use: NDArray, labels: NDArray, zone: NDArray, planes: NDArray, sigmas: NDArray, cell: float
) -> NDArray:
    """Pixels without a plane that lie clearly below the plane of their zone, in pieces of more than a few."""
    low = np.zeros(labels.shape, np.bool_)
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            q = zone[i, j]
            if use[i, j] and labels[i, j] == 0 and q > 0:
                low[i, j] = above(z, i, j, planes[q], cell) < -max(BELOW[0] * sigmas[q], BELOW[1])
    if not low.any():
        return low
    pieces, n = components(low)
    large = np.bincount(pieces.ravel(), minlength=n + 1) >= FEW
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            low[i, j] = low[i, j] and large[pieces[i, j]]
    return low


@kernel
def add_lower_planes(
    z: NDArray, low: NDArray, labels: NDArray, planes: NDArray, sigmas: NDArray, sigma: float, cell: float, least: int
) -> tuple[NDArray, NDArray]:
    """Look for planes of at least ``least`` pixels among low ones; new labels go into ``labels``.

    sigma [m]: noise allowed there. Gives all planes and the noise allowed on each.
    """
    fresh = np.zeros(labels.shape, np.int32)
    seen = look_at(field_of(z, cell), laid_out(fresh, low) == 0)
    n, k = find_planes(z, low, fresh, seen, sigma, least), planes.shape[0] - 1
    fits = fit_labels(z, fresh, n, cell)
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            if fresh[i, j] > 0:
                labels[i, j] = k + fresh[i, j]
    return np.concatenate((planes, fits[1:])), np.concatenate((sigmas, np.full(n, sigma)))


@kernel
def rougher(sigma: float) -> float:
    """Noise that is allowed where nothing fitted within the building's own [m]."""
    return min(ROUGHER * sigma, SIGMA_BOUNDS[1])


@kernel
def shafts(low: NDArray, own: NDArray, zone: NDArray, largest: int) -> NDArray:
    """The low pieces that lie within one plane's zone and not at the building's edge: they gape in the plane."""
    h, w = low.shape
    pieces, n = components(low)
    size = np.zeros(n + 1, np.int64)
    of = np.zeros(n + 1, np.int64)
    open_side = np.zeros(n + 1, np.bool_)
    for i in range(h):
        for j in range(w):
            p = pieces[i, j]
            if p == 0:
                continue
            size[p] += 1
            of[p] = zone[i, j] if of[p] == 0 else of[p]
            for m in range(i - 1, i + 2):
                for q in range(j - 1, j + 2):
                    if not (0 <= m < h and 0 <= q < w and own[m, q] and zone[m, q] == of[p]):
                        open_side[p] = True
    out = np.zeros(low.shape, np.bool_)
    for i in range(h):
        for j in range(w):
            p = pieces[i, j]
            out[i, j] = p > 0 and not open_side[p] and size[p] <= largest
    return out


@kernel
def on_the_ground(
    z: NDArray, owner: NDArray, labels: NDArray, top: int, left: int, n: int, ground: float, cell: float
) -> NDArray:
    """For each label 0..n whether it is ground under the edge of a footprint and not a roof.

    Its pixels lie little above ``ground`` [m] and not above the open pixels (owner 0) just outside the footprint, and
    another label of the building stands clearly higher. z [m], NaN = unknown, and owner (rows, cols); labels: a window
    of them whose first pixel is (top, left).
    """
    size, height = np.zeros(n + 1), np.zeros(n + 1)
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            if labels[i, j] > 0:
                size[labels[i, j]] += 1
                height[labels[i, j]] += z[top + i, left + j]
    height = np.where(size > 0, height / np.maximum(size, 1.0), -np.inf)
    doubtful = (size > 0) & (height < ground + NEAR_GROUND[1]) & (height < height.max() - NEAR_GROUND[1])
    if not doubtful.any():
        return doubtful
    seen, lower = np.zeros(n + 1), np.zeros(n + 1)
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            q = max(labels[i, j], 0)
            if doubtful[q]:
                _look_around(z, owner, top + i, left + j, cell, q, seen, lower)
    return doubtful & (seen > 0) & (lower <= MOST_LOWER * seen)


@kernel
def _look_around(
    z: NDArray, owner: NDArray, i: int, j: int, cell: float, q: int, seen: NDArray, lower: NDArray
) -> None:
    """Count the open pixels around one pixel of label q, and those that lie clearly lower."""
    for far in GROUND_M:
        for di in range(-1, 2):
            for dj in range(-1, 2):
                k, m = i + int(np.rint(di * far / cell)), j + int(np.rint(dj * far / cell))
                if 0 <= k < z.shape[0] and 0 <= m < z.shape[1] and owner[k, m] == 0 and np.isfinite(z[k, m]):
                    seen[q] += 1
                    lower[q] += z[i, j] - z[k, m] > NEAR_GROUND[0]


@kernel
def drop_labels(labels: NDArray, planes: NDArray, sigmas: NDArray, drop: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Leave labels out and close the gaps; gives planes, noise, and the pixels that the dropped ones had.

    What was found to stand on a dropped one is again without a plane.
    """
    n = planes.shape[0]
    keep = ~drop
    keep[0] = True
    new = np.cumsum(keep) - 1
    gone = np.zeros(labels.shape, np.bool_)
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            q = abs(labels[i, j])
            if drop[q] and q > 0:
                gone[i, j], labels[i, j] = labels[i, j] > 0, 0
            elif q < n:
                labels[i, j] = new[q] if labels[i, j] >= 0 else -new[q]
    return planes[keep], sigmas[keep], gone
