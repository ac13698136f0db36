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


class Cells(NamedTuple):
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


def _grounded(site: _Site, labels: NDArray, count: int, cell: float) -> NDArray:
    """Which of so many labels are no roof but the ground."""
    drop: NDArray = on_the_ground(site.z, site.owner, labels, site.top, site.left, count, site.ground, cell)
    return drop


def _above_ground(site: _Site, rules: Rules) -> tuple[NDArray, NDArray, float, NDArray]:
    """Labels, planes, noise, and pixels that were found to be ground: without them the search starts anew."""
    use, ground = site.use, np.zeros(site.use.shape, np.bool_)
    while True:
        labels, planes, sigma = segment(
            site.heights, use, rules.cell, rules.tolerance, rules.least, rules.largest_obstacle
        )
        drop = _grounded(site, labels, len(planes) - 1, rules.cell)
        if not drop.any():
            return labels, planes, sigma, ground
        ground |= drop[np.maximum(labels, 0)]  # what seemed to stand on the ground is a roof
        use = site.use & ~ground


@kernel
def _cells(
    site: _Site, labels: NDArray, planes: NDArray, sigmas: NDArray, none: NDArray, rules: Rules
) -> tuple[NDArray, Cells, NDArray, NDArray]:
    """Votes and cells by labels, and what lies clearly below its zone's plane: pixels at its side, and a gap in it."""
    votes = votes_of(labels, site.own, rules.cell)
    for i in range(votes.shape[0]):
        for j in range(votes.shape[1]):
            if none[i, j]:
                votes[i, j] = 0
    points, ring, label, zone = partition(votes, planes, rules.cell, site.main)
    cells = Cells(points, ring, label, zone)
    low = low_pixels(site.heights, site.use & ~none, labels, cells.zone, planes, sigmas, rules.cell)
    if not low.any():
        return votes, cells, low, low
    shaft = shafts(low, site.own, cells.zone, rules.largest_obstacle)
    return votes, cells, low & ~shaft, shaft


def _parted(site: _Site, rules: Rules) -> tuple[NDArray, NDArray, NDArray, Cells, NDArray]:
    """Cut the window along its planes; look for planes in what lies below them, and leave out the rest of it.

    Gives labels, planes, noise allowed on each, cells, and the pixels that gape in their plane.
    """
    labels, planes, sigma, none = _above_ground(site, rules)
    sigmas = np.full(len(planes), sigma)
    votes, cells, low, shaft = _cells(site, labels, planes, sigmas, none, rules)
    if low.any():
        allowed = rougher(sigma) if np.isnan(rules.tolerance) else sigma
        before = len(planes)
        planes, sigmas = add_lower_planes(
            site.heights, low, labels, planes, sigmas, allowed, rules.cell, rules.least_steep
        )
        if len(planes) > before:
            drop = _grounded(site, labels, len(planes) - 1, rules.cell)
            planes, sigmas, ground = drop_labels(labels, planes, sigmas, drop)
            none |= ground
            votes, cells, low, shaft = _cells(site, labels, planes, sigmas, none, rules)
    if low.any():
        votes[low] = 0
        cells = Cells(*partition(votes, planes, rules.cell, site.main))
    return labels, planes, sigmas, cells, shaft


@kernel
def _rings(cells: Cells) -> tuple[NDArray, NDArray, NDArray]:
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
def _roof(
    site: _Site, labels: NDArray, planes: NDArray, sigmas: NDArray, cells: Cells, shaft: NDArray, cell: float
) -> Roof:
    """The roof of a window that is parted; heights of planes are still less the mean."""
    host = settle(site.heights, site.use, labels, cells.zone, shaft, planes, sigmas, cell)
    planes[:, 4] = misfit(site.heights, labels, planes, cell)
    points, size, plane = _rings(cells)
    corners, piece, on = rectangles(host, cell, site.main)
    below = _below(piece - 1, on, planes.shape[0])
    return Roof(planes, labels, points, size, plane, corners, piece - 1, below, site.ground)


def roof_of_window(z: NDArray, owner: NDArray, near: tuple[int, int, int, int], main: float, rules: Rules) -> Roof:
    """Planes and obstacles of the building whose cells are 1 in ``owner``.

    z heights [m], NaN = unknown; near: rows from, to, columns from, to, in which planes are looked for: the building's
    cells and one more on each side; main: a main direction of the building [rad counter-clockwise from x].
    """
    # several compiled steps, not one: each that calls others is compiled together with all of them, anew
    site, level = _site(z, owner, near, main, rules.cell)
    roof: Roof = _roof(site, *_parted(site, rules), rules.cell)
    roof.planes[:, 2] += level
    return roof
