"""What stands around each roof part, and the drifts of snow that come of it.

Only buildings of the layer are neighbours: a surface model alone does not tell a wall from a tree, and a tree is no
obstacle to a drift in the sense of the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lk_spatial.statics.drift import drift_length, neighbour_drift, parapet_drift
from lk_spatial.statics.interval import Floats
from lk_spatial.statics.neighbours import (
    near_pairs,
    neighbours_known,
    rim_share,
    taller_neighbours,
    worst_neighbours,
)
from lk_spatial.statics.roof_levels import measured, named, numbers, outlines_of, planes_of, roof_levels, roof_pieces

if TYPE_CHECKING:
    import geopandas as gpd

TYPICAL_SK = 1.5  # [kN/m2] only to choose among several neighbours where sk is not given
NEIGHBOUR = ["step_m", "gap_m", "upper_m", "lower_m", "upper_pitch_deg", "slope_m", "drift_share"]


class Drifted(NamedTuple):
    """Drifts on roof parts: coefficient at the foot [-], length on the roof [m], mean coefficient of the part [-]."""

    mu_foot: Floats
    length_m: Floats
    mean_mu: Floats


def surroundings(
    parts: gpd.GeoDataFrame,
    planes: gpd.GeoDataFrame | None = None,
    heights: pd.DataFrame | None = None,
    *,
    convergence: ArrayLike = 0.0,
    sk: ArrayLike = np.nan,
) -> pd.DataFrame:
    """Shape, heights and drift obstacles of each roof part; index of ``parts``, which must be unique. NaN is unknown.

    ``planes``: roof planes (true azimuths), ``heights``: what ``measured_heights`` gives, ``convergence``: grid bearing
    of true north [deg], one or of each part, ``sk``: snow on the ground [kN/m2], likewise, by which the worst of
    several neighbours is chosen (1.5 where unknown).

    - ``plan_area_m2``; ``pitch_lo``, ``pitch``, ``pitch_hi`` [deg]: least, mean by area and greatest of planes that
      make up a tenth of the part, else as given; ``flat``: True, False, None; ``levels``: roofs more than 2 m apart.
    - ``elevation_m``: mean level of the roof, ``ground_m`` (both Bpv); ``roof_height_m``: highest plane above ground.
    - The taller neighbour with the greatest drift: ``step_m`` of its edge above the roof at the wall (0: none there,
      NaN: unknown), ``gap_m``, ``upper_m`` and ``lower_m``: widths of both along the wall's normal,
      ``upper_pitch_deg`` and ``slope_m`` of its slope that falls towards the roof (0: none does; NaN: pitch unknown),
      ``drift_share``: the mean over the part of what is left of the drift [-], of all taller neighbours.
      Another part of the same building is a neighbour too; planes of one part are not.
    - ``neighbours_known``: whether the heights of all neighbours within 15 m are known. Where not, a drift found is
      a lower bound.
    - ``parapet_m``; measured by ``dsm`` it is a lower bound: cells of half a metre smear it. ``parapet_share`` as
      ``drift_share``, all around the roof.
    - ``*_from``: "planes", "dsm", "given" or None. Heights above ground are compared as if the ground were even where
      elevations are not known.
    """
    found, outlines = planes_of(parts, planes), outlines_of(parts)
    out = roof_levels(parts, found, heights)
    pieces = roof_pieces(parts, found, heights, out, convergence)
    pairs = near_pairs(outlines)
    out["neighbours_known"] = neighbours_known(pairs, pieces, len(parts))
    taller = taller_neighbours(outlines, pieces, pairs)
    ground = np.broadcast_to(np.asarray(sk, float), len(parts))
    worst = worst_neighbours(taller, np.where(np.isnan(ground), TYPICAL_SK, ground), out["pitch"].to_numpy())
    found_at = worst.index.to_numpy(np.intp)
    for name in NEIGHBOUR:
        column = np.full(len(parts), np.nan)
        column[found_at] = worst[name]
        out[name] = column
    none = out["step_m"].isna() & out["neighbours_known"]
    out.loc[none, ["step_m", "drift_share"]] = 0.0
    out["step_from"] = _step_from(out["elevation_from"], out["roof_height_from"], worst)
    return out.join(_parapets(parts, outlines, heights, out["flat"]))


def drifted(sk: ArrayLike, around: pd.DataFrame, mu1: ArrayLike, *, unknown_slide: bool = True) -> Drifted:
    """Drifts on all parts by snow on the ground ``sk`` [kN/m2] and the coefficient without drift ``mu1`` [-], (n,).

    At the foot the greatest of the neighbour's drift (EN 1991-1-3, 5.3.6; it falls evenly from the taller wall, so that
    a gap takes its share) and of a parapet's (6.2, on roofs not known to be pitched), at least mu1. The mean adds both
    over the part, at most the foot. ``unknown_slide``: whether snow slides from upper roofs of unknown pitch (the
    careful side). NaN where neither neighbours nor parapet are known, or sk or mu1 is not; where only one of them is,
    the values are lower bounds.
    """
    ground, flat_mu = np.broadcast_arrays(np.asarray(sk, float), np.asarray(mu1, float))
    beside, behind = _beside(ground, around, flat_mu, unknown_slide), _behind(ground, around, flat_mu)
    foot = np.fmax(beside.mu_foot, behind.mu_foot)
    length = np.where(behind.mu_foot > np.nan_to_num(beside.mu_foot, nan=-1.0), behind.length_m, beside.length_m)
    length = np.where(np.isnan(beside.length_m), behind.length_m, length)
    more = np.nan_to_num(beside.mean_mu - flat_mu) + np.nan_to_num(behind.mean_mu - flat_mu)
    return Drifted(foot, length, np.minimum(flat_mu + more, foot))


def _beside(sk: Floats, around: pd.DataFrame, mu1: Floats, unknown_slide: bool) -> Drifted:
    """Drift of the taller neighbour."""
    value = {name: around[name].to_numpy(float) for name in NEIGHBOUR}
    pitch = np.where(np.isnan(value["upper_pitch_deg"]), 90.0 if unknown_slide else 0.0, value["upper_pitch_deg"])
    drift = neighbour_drift(
        sk, value["step_m"], value["upper_m"], value["lower_m"], upper_pitch=pitch, slope_m=value["slope_m"]
    )
    over = np.maximum(drift.mu - mu1, 0.0)
    none = value["step_m"] == 0.0
    left = 1.0 - value["gap_m"] / drift.length
    foot = np.where(none, mu1 + 0.0 * sk, mu1 + over * left)
    length = np.where(none, 0.0 * sk, np.minimum(drift.length - value["gap_m"], value["lower_m"]))
    return Drifted(foot, length, np.where(none, foot, mu1 + over * value["drift_share"]))


def _behind(sk: Floats, around: pd.DataFrame, mu1: Floats) -> Drifted:
    """Drift behind the parapet."""
    height, share = around["parapet_m"].to_numpy(float), around["parapet_share"].to_numpy(float)
    height = np.where(_pitched(around["flat"]), np.nan, height)
    mu, _, length = parapet_drift(sk, height)
    over = np.where(height > 0.0, np.maximum(mu - mu1, 0.0), 0.0 * mu)
    length = np.where(over > 0.0, length, 0.0 * mu)
    return Drifted(mu1 + over, length, mu1 + over * share)


def _step_from(elevation: pd.Series, height: pd.Series, worst: pd.DataFrame) -> np.ndarray:
    """Where the step comes from: the weaker source of both roofs; None without a step."""
    rank = {"planes": 0, "dsm": 1, "given": 2}
    source = elevation.where(elevation.notna(), height).map(rank).to_numpy(float)
    weaker = np.fmax(source[worst.index.to_numpy(np.intp)], source[worst["upper"].to_numpy(np.intp)])
    out = np.full(len(elevation), None, object)
    out[worst.index.to_numpy(np.intp)] = np.array([*rank], object)[weaker.astype(int)]
    return out


def _parapets(parts: pd.DataFrame, outlines: np.ndarray, heights: pd.DataFrame | None, flat: pd.Series) -> pd.DataFrame:
    """Height of the parapet [m], who says so, and the share of its drift; none on roofs known to be pitched."""
    given, seen = numbers(parts, "parapet_m"), measured(heights, "parapet_m", parts.index)
    pitched = _pitched(flat)
    given, seen = np.where(given < 0.0, np.nan, given), np.where(pitched, np.nan, seen)
    height = np.where(np.isnan(given), seen, given)
    share = np.where(np.isnan(height), np.nan, 0.0)
    tall = (height > 0.0) & ~pitched
    share[tall] = rim_share(outlines[tall], drift_length(height[tall]))
    source = named([("given", given), ("dsm", seen)])
    return pd.DataFrame({"parapet_m": height, "parapet_from": source, "parapet_share": share}, index=parts.index)


def _pitched(flat: pd.Series) -> np.ndarray:
    """Which roofs are known not to be flat."""
    return np.array([each is False or each is np.False_ for each in flat], bool)
