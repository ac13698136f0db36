"""Taller neighbours of roofs: which stand near enough for a drift, at which wall, how high, how wide, how it lies.

Works on pairs of outlines from a spatial index. The wall of a pair is the part of the taller outline that faces the
roof; its normal gives the widths of both buildings. Gaps and overlaps of some centimetres between abutting buildings
do not matter.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike

from lk_spatial.statics.constants import SNOW_RULES, constant
from lk_spatial.statics.drift import drift_length, neighbour_drift
from lk_spatial.statics.interval import Floats
from lk_spatial.statics.roof_levels import Objects, Pieces, Rows, level_at, nearest_piece
from lk_spatial.statics.snow import shape_coefficient

LEAST_STEP_M = 0.3  # a smaller step is noise of the heights; 2 h / sk then is below 0.8 for sk from 0.75
MOST_STEP_M = 500.0  # a greater one is a broken height
FACING_M = 0.5  # how much further than the nearest point the wall that faces a roof may lie
CORNER = 0.2  # share of its length that a wall has in one direction; below, buildings meet at a corner
FACING_COS = 0.5  # a slope sheds onto the roof if it falls within 60° of it
SAME_SHARE = 0.9  # an outline that another covers so far is the same building drawn twice, or lies below it
SAMPLES = (0.25, 0.75)  # of the wall; two points, so that of a gable the mean is taken and not the ridge
NODES, WEIGHTS = np.polynomial.legendre.leggauss(4)


class Pairs(NamedTuple):
    """Rows of roofs and of buildings beside them, and the distance of their outlines [m]."""

    lower: Rows
    upper: Rows
    gap: Floats

    def take(self, which: Floats | Rows) -> Pairs:
        """Some of the pairs."""
        return Pairs(self.lower[which], self.upper[which], self.gap[which])


class Walls(NamedTuple):
    """Walls of pairs, and the direction (x, y) from the wall onto the roof."""

    line: Objects
    x: Floats
    y: Floats


def near_pairs(outlines: Objects) -> Pairs:
    """All pairs that stand within the longest drift of each other, each in both orders."""
    reach = constant(SNOW_RULES, "drift_length_high")
    lower, upper = shapely.STRtree(outlines).query(outlines, predicate="dwithin", distance=reach)
    lower, upper = lower[lower != upper], upper[lower != upper]
    gap = shapely.distance(outlines[lower], outlines[upper])
    touching = np.flatnonzero(gap == 0.0)
    common = shapely.area(shapely.intersection(outlines[lower[touching]], outlines[upper[touching]]))
    same = touching[common > SAME_SHARE * shapely.area(outlines[lower[touching]])]
    return Pairs(*(np.delete(each, same) for each in (lower, upper, gap)))


def neighbours_known(pairs: Pairs, pieces: Pieces, n: int) -> np.ndarray:
    """Whether the heights of all neighbours of each of ``n`` parts can be compared with its own."""
    top, bottom = _extremes(pieces, n)
    unknown = np.isnan(_apart(top[:, pairs.upper], bottom[:, pairs.lower]))
    return np.bincount(pairs.lower[unknown], minlength=n) == 0


def taller_neighbours(outlines: Objects, pieces: Pieces, pairs: Pairs) -> pd.DataFrame:
    """The pairs whose upper building throws a drift on the lower roof, with what ``neighbour_drift`` asks for.

    lower, upper (rows), step_m, gap_m, upper_m, lower_m, upper_pitch_deg, slope_m, drift_share.
    """
    top, bottom = _extremes(pieces, len(outlines))
    pairs = pairs.take(_drifts(_apart(top[:, pairs.upper], bottom[:, pairs.lower]), pairs.gap))
    walls = facing_walls(outlines, pairs)
    step, upper = _steps(pieces, pairs, walls)
    kept = _drifts(step, pairs.gap)
    pairs, walls, step, upper = pairs.take(kept), Walls(*(each[kept] for each in walls)), step[kept], upper[:, kept]
    upper_m, lower_m = _width(outlines[pairs.upper], walls), _width(outlines[pairs.lower], walls)
    pitch, slope = _shedding(pieces, upper, walls, upper_m)
    return pd.DataFrame(
        {
            "lower": pairs.lower,
            "upper": pairs.upper,
            "step_m": step,
            "gap_m": pairs.gap,
            "upper_m": upper_m,
            "lower_m": lower_m,
            "upper_pitch_deg": pitch,
            "slope_m": slope,
            "drift_share": drift_share(outlines, pairs, drift_length(step)),
        }
    )


def worst_neighbours(taller: pd.DataFrame, sk: Floats, pitch: Floats) -> pd.DataFrame:
    """Of each roof the neighbour with the greatest coefficient at the foot, by row of the lower roof.

    ``sk`` [kN/m2] and ``pitch`` [deg] of each roof. drift_share then stands for all its neighbours: what they bring
    beside the worst counts too, as if drifts in a corner lay upon each other (the careful side).
    """
    lower = taller["lower"].to_numpy(np.intp)
    mu1 = shape_coefficient(np.nan_to_num(pitch))[lower]
    size = ["step_m", "upper_m", "lower_m"]
    slides = {"upper_pitch": taller["upper_pitch_deg"].fillna(90.0), "slope_m": taller["slope_m"]}
    drift = neighbour_drift(sk[lower], *(taller[name].to_numpy() for name in size), **slides)
    reached = 1.0 - taller["gap_m"].to_numpy() / drift.length
    over = np.maximum(drift.mu - mu1, 0.0)
    table = taller.assign(foot=over * reached, over=over, reached=reached, brought=over * taller["drift_share"])
    worst = table.sort_values(["lower", "foot", "step_m"], ascending=[True, False, False], kind="stable")
    worst = worst.drop_duplicates("lower").set_index("lower")
    brought = table.groupby("lower")["brought"].sum().reindex(worst.index)
    more = (brought / worst["over"].where(worst["over"] > 0.0)).fillna(worst["drift_share"])
    return worst.assign(drift_share=np.minimum(more, worst["reached"]))


def facing_walls(outlines: Objects, pairs: Pairs) -> Walls:
    """The wall of the taller building of each pair; where they meet at a corner, the normal is the way between them."""
    lower = outlines[pairs.lower]
    near = shapely.buffer(lower, pairs.gap + FACING_M, quad_segs=4)
    line = shapely.line_merge(shapely.intersection(shapely.boundary(outlines[pairs.upper]), near))
    line = np.where(shapely.is_empty(line), shapely.boundary(lower), line)  # a roof inside the other's outline
    east, north, length = _doubled(line)
    along = np.arctan2(north, east) / 2.0
    x, y = -np.sin(along), np.cos(along)
    way = shapely.get_coordinates(shapely.centroid(lower)) - shapely.get_coordinates(shapely.centroid(line))
    far = np.hypot(*way.T)
    straight = way / np.where(far > 0.0, far, 1.0)[:, None]
    corner = (np.hypot(east, north) < CORNER * length) & (far > 0.0)
    sign = np.where(x * way[:, 0] + y * way[:, 1] < 0.0, -1.0, 1.0)
    return Walls(line, np.where(corner, straight[:, 0], sign * x), np.where(corner, straight[:, 1], sign * y))


def drift_share(outlines: Objects, pairs: Pairs, length: Floats) -> Floats:
    """Mean over the lower roof of what is left of the drift, 1 at the wall and 0 at its ``length`` [m]; [-].

    What lies beneath the taller building's outline is no roof.
    """

    def within(reach: Floats) -> Floats:
        return np.asarray(shapely.area(shapely.intersection(lower, shapely.buffer(upper, reach, quad_segs=8))))

    lower, upper = outlines[pairs.lower], outlines[pairs.upper]
    covered = shapely.area(shapely.intersection(lower, upper))
    area = shapely.area(lower) - covered
    begin = np.minimum(pairs.gap / length, 1.0)
    total = sum(
        weight / 2.0 * (within((begin + (1.0 - begin) * (node + 1.0) / 2.0) * length) - covered)
        for node, weight in zip(NODES, WEIGHTS, strict=True)
    )
    return np.asarray(np.clip((1.0 - begin) * total / np.maximum(area, 1e-9), 0.0, 1.0))


def rim_share(outlines: Objects, length: ArrayLike) -> Floats:
    """As ``drift_share``, of a drift behind a parapet all around each outline."""
    length = np.broadcast_to(np.asarray(length, float), outlines.shape)
    inside = sum(
        weight / 2.0 * shapely.area(shapely.buffer(outlines, -length * (node + 1.0) / 2.0, join_style="mitre"))
        for node, weight in zip(NODES, WEIGHTS, strict=True)
    )
    return np.asarray(np.clip(1.0 - inside / np.maximum(shapely.area(outlines), 1e-9), 0.0, 1.0))


def _extremes(pieces: Pieces, n: int) -> tuple[Floats, Floats]:
    """Highest eaves and lowest roof of each part, (2, n): Bpv and above the ground [m], NaN unknown."""
    top, bottom = np.full((2, n), -np.inf), np.full((2, n), np.inf)
    for k in range(2):
        np.fmax.at(top[k], pieces.part, pieces.eaves[k] + pieces.highest)
        np.fmin.at(bottom[k], pieces.part, pieces.base[k] + pieces.lowest)
    return np.where(np.isinf(top), np.nan, top), np.where(np.isinf(bottom), np.nan, bottom)


def _apart(above: Floats, below: Floats) -> Floats:
    """Differences of levels (2, n): of elevations, else of heights above a ground taken as even; NaN unknown."""
    difference = above - below
    return np.where(np.isnan(difference[0]), difference[1], difference[0])


def _drifts(step: Floats, gap: Floats) -> Floats:
    """Whether a step is one, and its drift bridges the gap."""
    real = (step >= LEAST_STEP_M) & (step <= MOST_STEP_M)
    return np.asarray(real & (gap < drift_length(np.where(real, step, 0.0))))


def _steps(pieces: Pieces, pairs: Pairs, walls: Walls) -> tuple[Floats, Rows]:
    """Height of the upper roof's edge above the lower roof along the wall [m], and the upper pieces there (2, n)."""
    found, uppers = [], []
    for share in SAMPLES:
        points = shapely.line_interpolate_point(_longest(walls.line), share, normalized=True)
        lower, upper = (nearest_piece(pieces, part, points) for part in (pairs.lower, pairs.upper))
        above, below = level_at(pieces, upper, points, as_upper=True), level_at(pieces, lower, points, as_upper=False)
        found.append(_apart(above, below))
        uppers.append(upper)
    return np.mean(found, axis=0), np.array(uppers)


def _longest(lines: Objects) -> Objects:
    """The longest line of each geometry."""
    parts, of = shapely.get_parts(lines, return_index=True)
    order = np.lexsort((-shapely.length(parts), of))
    return np.asarray(parts[order][np.searchsorted(of[order], np.arange(len(lines)))])


def _shedding(pieces: Pieces, upper: Rows, walls: Walls, width: Floats) -> tuple[Floats, Floats]:
    """Pitch [deg] and width in plan [m] of the upper slope that falls towards the roof; 0 where none does.

    A pitch without a direction is taken to fall towards the roof, over the whole ``width`` of the building [m].
    """
    pitches, slopes = [], []
    for piece in upper:
        down = -(pieces.slope_x[piece] * walls.x + pieces.slope_y[piece] * walls.y)
        steep = np.hypot(pieces.slope_x[piece], pieces.slope_y[piece])
        towards = down >= FACING_COS * np.where(steep > 0.0, steep, np.inf)
        faces = pieces.faces[piece]
        pitches.append(np.where(faces & ~towards, 0.0, pieces.pitch[piece]))
        slopes.append(np.where(faces, np.where(towards, _width(pieces.outline[piece], walls), 0.0), width))
    first = ~(pitches[1] > pitches[0])
    return np.where(first, *pitches), np.where(first, *slopes)


def _width(outline: Objects, walls: Walls) -> Floats:
    """Extent of each outline along the normal of its pair's wall [m]."""
    xy, row = shapely.get_coordinates(outline, return_index=True)
    along = xy[:, 0] * walls.x[row] + xy[:, 1] * walls.y[row]
    if len(row) == 0:
        return np.zeros(len(outline))
    first = np.searchsorted(row, np.arange(len(outline)))
    return np.asarray(np.maximum.reduceat(along, first) - np.minimum.reduceat(along, first))


def _doubled(lines: Objects) -> tuple[Floats, Floats, Floats]:
    """Sum of the segments of each line as vectors of twice their angle (opposite directions are one), and length."""
    parts, of = shapely.get_parts(lines, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    step, row = np.diff(xy, axis=0), of[part[1:]]
    inner = part[1:] == part[:-1]
    east, north = step[inner].T
    long = np.maximum(np.hypot(east, north), 1e-12)
    n = len(lines)
    sums = np.array(
        [np.bincount(row[inner], each, n) for each in ((east**2 - north**2) / long, 2.0 * east * north / long, long)],
        np.float64,
    )
    return sums[0], sums[1], sums[2]
