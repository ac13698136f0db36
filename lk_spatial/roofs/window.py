"""All that is found in the window of one building: planes, the cells into which they part it, what stands on them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.roofs.lower import add_lower_planes, drop_labels, low_pixels, on_the_ground, rougher, shafts
from lk_spatial.roofs.obstacles import ground_height, misfit, rectangles, settle, votes_of
from lk_spatial.roofs.partition import partition
from lk_spatial.roofs.segments import segment


class Rules(NamedTuple):
    """What holds for all buildings; lengths [m]."""

    cell: float
    tolerance: float  # NaN = from the noise
    least: int  # pixels of a plane that is looked for
    least_steep: int  # the same where a steep one is expected
    largest_obstacle: int  # pixels
    min_area: float  # [m2] of a plane that is kept, on the slope


class Roof(NamedTuple):
    """What was found in one window; lengths [m] from the centre of the first cell where planes are looked for."""

    planes: NDArray  # (n + 1, 5): a, b, c, pixels, rms; row 0 unused
    labels: NDArray  # (rows, cols)
    points: NDArray  # of the cells' rings, (n, 2)
    size: NDArray  # points of each ring
    plane: NDArray  # of each ring, ascending
    corners: NDArray  # of the obstacles' rectangles, (n, 4, 2)
    obstacle: NDArray  # obstacle of each rectangle, ascending from 0
    on: NDArray  # plane below each obstacle
    ground: float  # height [m]


class _Cells(NamedTuple):
    """What ``partition`` gives."""

    points: NDArray
    ring: NDArray
    label: NDArray
    zone: NDArray


class _Site(NamedTuple):
    """One building's window, and the smaller one just around its cells in which its planes are looked for."""

    z: NDArray  # (rows, cols) heights [m], NaN = unknown
    owner: NDArray  # 1 = this building, 2 = another, 0 = open
    top: int  # of the smaller window
    left: int
    own: NDArray  # of the smaller window: cells of the building
    use: NDArray  # those with a height
    heights: NDArray  # of the smaller window: z less their mean, 0 where unknown
    ground: float  # [m]
    main: float  # [rad]


@kernel
def _site(z: NDArray, owner: NDArray, near: tuple[int, int, int, int], main: float, cell: float) -> tuple[_Site, float]:
    """The site, and the mean height that was taken off."""
    top, bottom, left, right = near
    own = owner[top:bottom, left:right] == 1
    heights = z[top:bottom, left:right].astype(np.float64)
    use = own & np.isfinite(heights)
    total = 0.0
    for i in range(use.shape[0]):
        for j in range(use.shape[1]):
            total += heights[i, j] if use[i, j] else 0.0
    level = total / use.sum()
    heights = np.where(use, heights - level, 0.0)
    return _Site(z, owner, top, left, own, use, heights, ground_height(z, owner, cell), main), level


@kernel
def _grounded(site: _Site, labels: NDArray, count: int, cell: float) -> NDArray:
    """Which of so many labels are no roof but the ground."""
    return on_the_ground(site.z, site.owner, labels, site.top, site.left, count, site.ground, cell)


@kernel
def _above_ground(site: _Site, rules: Rules) -> tuple[NDArray, NDArray, float, NDArray]:
    """Labels, planes, noise, and pixels that were found to be ground: without them the search starts anew."""
    ground = np.zeros(site.use.shape, np.bool_)
    while True:
        labels, planes, sigma = segment(
            site.heights, site.use & ~ground, rules.cell, rules.tolerance, rules.least, rules.largest_obstacle
        )
        drop = _grounded(site, labels, planes.shape[0] - 1, rules.cell)
        if not drop.any():
            return labels, planes, sigma, ground
        for i in range(labels.shape[0]):
            for j in range(labels.shape[1]):
                ground[i, j] |= drop[max(labels[i, j], 0)]  # what seemed to stand on the ground is a roof


@kernel
def _cut(site: _Site, votes: NDArray, none: NDArray, planes: NDArray, cell: float) -> _Cells:
    """Cells of the partition by votes, in which is noted where there is no roof."""
    for i in range(votes.shape[0]):
        for j in range(votes.shape[1]):
            if none[i, j]:
                votes[i, j] = 0
    points, ring, label, zone = partition(votes, planes, cell, site.main)
    return _Cells(points, ring, label, zone)


@kernel
def _low_and_shafts(
    site: _Site, none: NDArray, labels: NDArray, zone: NDArray, planes: NDArray, sigmas: NDArray, rules: Rules
) -> tuple[NDArray, NDArray]:
    """Pixels that lie clearly below their zone's plane: those at its side, and those that gape in it."""
    low = low_pixels(site.heights, site.use & ~none, labels, zone, planes, sigmas, rules.cell)
    if not low.any():
        return low, low
    shaft = shafts(low, site.own, zone, rules.largest_obstacle)
    return low & ~shaft, shaft


@kernel
def _parted(site: _Site, rules: Rules) -> tuple[NDArray, NDArray, NDArray, _Cells, NDArray]:
    """Cut the window along its planes; look for planes in what lies below them, and leave out the rest of it.

    Gives labels, planes, noise allowed on each, cells, and the pixels that gape in their plane.
    """
    labels, planes, sigma, none = _above_ground(site, rules)
    sigmas = np.full(planes.shape[0], sigma)
    votes = votes_of(labels, site.own, rules.cell)
    cells = _cut(site, votes, none, planes, rules.cell)
    low, shaft = _low_and_shafts(site, none, labels, cells.zone, planes, sigmas, rules)
    if low.any():
        allowed = rougher(sigma) if np.isnan(rules.tolerance) else sigma
        before = planes.shape[0]
        planes, sigmas = add_lower_planes(
            site.heights, low, labels, planes, sigmas, allowed, rules.cell, rules.least_steep
        )
        if planes.shape[0] > before:
            drop = _grounded(site, labels, planes.shape[0] - 1, rules.cell)
            planes, sigmas, ground = drop_labels(labels, planes, sigmas, drop)
            none |= ground
            votes = votes_of(labels, site.own, rules.cell)
            cells = _cut(site, votes, none, planes, rules.cell)
            low, shaft = _low_and_shafts(site, none, labels, cells.zone, planes, sigmas, rules)
    if low.any():
        cells = _cut(site, votes, low, planes, rules.cell)
    return labels, planes, sigmas, cells, shaft


@kernel
def _rings(cells: _Cells) -> tuple[NDArray, NDArray, NDArray]:
    """Points of the rings that have a plane, by plane; points of each ring, and its plane."""
    order = np.argsort(cells.label, kind="mergesort")
    order = order[cells.label[order] > 0]
    first = np.searchsorted(cells.ring, np.arange(cells.label.size + 1))
    size = first[order + 1] - first[order]
    points, n = np.empty((size.sum(), 2)), 0
    for k in range(order.size):
        points[n : n + size[k]] = cells.points[first[order[k]] : first[order[k] + 1]]
        n += size[k]
    return points, size, cells.label[order]


@kernel
def _below(obstacle: NDArray, on: NDArray, planes: int) -> NDArray:
    """The plane that most rectangles of each obstacle stand on."""
    votes = np.zeros((obstacle.max() + 1 if obstacle.size else 0, planes), np.int64)
    for k in range(obstacle.size):
        votes[obstacle[k], on[k]] += 1
    out = np.empty(votes.shape[0], np.int64)
    for k in range(out.size):
        out[k] = votes[k].argmax()
    return out


@kernel
def roof_of_window(z: NDArray, owner: NDArray, near: tuple[int, int, int, int], main: float, rules: Rules) -> Roof:
    """Planes and obstacles of the building whose cells are 1 in ``owner``.

    z heights [m], NaN = unknown; near: rows from, to, columns from, to, in which planes are looked for: the building's
    cells and one more on each side; main: a main direction of the building [rad counter-clockwise from x].
    """
    site, level = _site(z, owner, near, main, rules.cell)
    labels, planes, sigmas, cells, shaft = _parted(site, rules)
    host = settle(site.heights, site.use, labels, cells.zone, shaft, planes, sigmas, rules.cell)
    planes[:, 4] = misfit(site.heights, labels, planes, rules.cell)
    planes[:, 2] += level
    points, size, plane = _rings(cells)
    corners, piece, on = rectangles(host, rules.cell, main)
    below = _below(piece - 1, on, planes.shape[0])
    return Roof(planes, labels, points, size, plane, corners, piece - 1, below, site.ground)
