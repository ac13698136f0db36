"""Levels, pitches and surfaces of roof parts, from what is best known of each: planes, a surface model, the owner.

Azimuths of planes are true; ``convergence`` turns them into the grid in which the outlines lie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from lk_spatial.statics.interval import Floats

if TYPE_CHECKING:
    import geopandas as gpd

KEY = ["building_id", "part_id"]
SHARE = 0.1  # of a part's plan; a smaller plane says nothing of the pitch and the levels of the whole
FLAT_DEG = 5.0  # a roof up to here is flat
LEVEL_M = 2.0  # roofs further apart in height are levels of their own
SOURCES = ("planes", "dsm", "given")

Rows = NDArray[np.intp]
Objects = NDArray[np.object_]


class Pieces(NamedTuple):
    """Surfaces of all roof parts, in the order of the parts; a part without planes is one piece, level.

    ``base``: its level at (x, y) as a roof that snow drifts onto, ``eaves``: as one that it drifts from; each (2, m)
    [m]: Bpv and above the ground, NaN unknown. ``lowest`` and ``highest`` of the piece relative to it [m].
    """

    part: Rows
    outline: Objects
    x: Floats
    y: Floats
    base: Floats
    eaves: Floats
    slope_x: Floats  # rise per metre eastwards and northwards of the grid [-]
    slope_y: Floats
    lowest: Floats
    highest: Floats
    pitch: Floats  # [deg], NaN unknown
    faces: NDArray[np.bool_]  # whether the direction of its slope is known


def outlines_of(parts: gpd.GeoDataFrame) -> Objects:
    """Outlines in two dimensions, valid; an empty polygon for a missing one."""
    outlines = shapely.force_2d(np.array(parts.geometry.array, object))
    outlines[shapely.is_missing(outlines)] = shapely.Polygon()
    odd = ~shapely.is_valid(outlines)
    outlines[odd] = shapely.make_valid(outlines[odd])
    return outlines


def planes_of(parts: pd.DataFrame, planes: pd.DataFrame | None) -> pd.DataFrame:
    """The planes of the parts with ``part``, the row they belong to, in order; what lacks tilt or height is left out.

    A part that stands twice in the layer has its planes twice.
    """
    columns = ["part", "geometry", "area", "tilt_deg", "azimuth_deg", "elevation_m", "height_agl_m"]
    if planes is None or len(planes) == 0:
        return pd.DataFrame({name: np.zeros(0, object if name == "geometry" else float) for name in columns})
    table = _keys(planes).assign(geometry=np.array(planes["geometry"], object))
    for name in columns[3:]:
        table[name] = numbers(planes, name)
    table["area"] = shapely.area(table["geometry"].to_numpy(object))
    known = (table["area"] > 0.0) & table["tilt_deg"].between(0.0, 89.0) & np.isfinite(table["elevation_m"])
    mine = _keys(parts).assign(part=np.arange(len(parts)))
    return mine.merge(table[known], on=KEY).sort_values("part", kind="stable").reset_index(drop=True)[columns]


def roof_levels(parts: gpd.GeoDataFrame, found: pd.DataFrame, heights: pd.DataFrame | None) -> pd.DataFrame:
    """Area, pitch, levels and heights of each part, see ``surroundings``; ``found``: what ``planes_of`` gives."""
    out = pd.DataFrame({"plan_area_m2": shapely.area(outlines_of(parts))}, index=parts.index)
    of_planes = _by_planes(found, out["plan_area_m2"].to_numpy(), len(parts))
    given = numbers(parts, "pitch_deg")
    for name in ("pitch_lo", "pitch", "pitch_hi"):
        out[name] = _first(of_planes[name], given)
    out["pitch_from"] = named([("planes", of_planes["pitch"]), ("given", given)])
    level = np.where(of_planes["pitch"].notna(), of_planes["flat_share"] >= 0.5, given <= FLAT_DEG)
    out["flat"] = pd.Series(level.astype(bool), out.index, dtype=object).mask(out["pitch"].isna(), None)
    out["levels"] = of_planes["levels"].to_numpy()
    dsm = {name: measured(heights, name, parts.index) for name in ("roof_m", "ground_m")}
    tall = numbers(parts, "height_agl_m")
    ground = [("planes", of_planes["ground"]), ("dsm", dsm["ground_m"]), ("given", numbers(parts, "ground_m"))]
    out["ground_m"], out["ground_from"] = _first(*(each for _, each in ground)), named(ground)
    known = out["ground_m"].to_numpy()
    level_of = [("planes", of_planes["elevation"]), ("dsm", dsm["roof_m"]), ("given", known + tall)]
    out["elevation_m"], out["elevation_from"] = _first(*(each for _, each in level_of)), named(level_of)
    height = [("planes", of_planes["height"]), ("dsm", dsm["roof_m"] - dsm["ground_m"]), ("given", tall)]
    out["roof_height_m"], out["roof_height_from"] = _first(*(each for _, each in height)), named(height)
    return out


def roof_pieces(
    parts: gpd.GeoDataFrame,
    found: pd.DataFrame,
    heights: pd.DataFrame | None,
    roofs: pd.DataFrame,
    convergence: ArrayLike = 0.0,
) -> Pieces:
    """Surfaces of all parts; ``roofs``: what ``roof_levels`` gives, ``convergence`` [deg] one or of each part."""
    outlines, bare = outlines_of(parts), np.flatnonzero(~np.isin(np.arange(len(parts)), found["part"]))
    part = np.concatenate([found["part"].to_numpy(np.intp), bare])
    order = np.argsort(part, kind="stable")
    outline = np.concatenate([found["geometry"].to_numpy(object), outlines[bare]])[order]
    part = part[order]
    level = np.zeros(len(bare))
    north = np.broadcast_to(np.asarray(convergence, float), len(parts))[part]
    azimuth = np.radians(np.concatenate([found["azimuth_deg"].to_numpy(float), level * np.nan])[order] + north)
    rise = np.tan(np.radians(np.concatenate([found["tilt_deg"].to_numpy(float), level])[order]))
    rise = np.where(np.isfinite(azimuth), rise, 0.0)  # of flat planes no azimuth is told
    azimuth = np.nan_to_num(azimuth)
    x, y = shapely.get_coordinates(shapely.centroid(_filled(outline))).T
    slope_x, slope_y = -rise * np.sin(azimuth), -rise * np.cos(azimuth)
    lowest, highest = _reach(outline, x, y, slope_x, slope_y)
    base, eaves = _bare_levels(parts, heights, roofs, bare)
    elevation = found["elevation_m"].to_numpy(float)
    planes = np.array([elevation, elevation - roofs["ground_m"].to_numpy()[found["part"].to_numpy(np.intp)]])
    pitch = np.concatenate([found["tilt_deg"].to_numpy(float), roofs["pitch"].to_numpy(float)[bare]])[order]
    return Pieces(
        part,
        outline,
        x,
        y,
        np.concatenate([planes, base], axis=1)[:, order],
        np.concatenate([planes, eaves], axis=1)[:, order],
        slope_x,
        slope_y,
        lowest,
        highest,
        pitch,
        np.concatenate([np.ones(len(found), bool), np.zeros(len(bare), bool)])[order],
    )


def nearest_piece(pieces: Pieces, part: Rows, points: Objects) -> Rows:
    """The piece of each ``part`` that lies nearest to its point."""
    start = np.searchsorted(pieces.part, part)
    count = np.searchsorted(pieces.part, part, side="right") - start
    pair = np.repeat(np.arange(len(part)), count)
    piece = np.arange(count.sum()) + np.repeat(start - np.cumsum(count) + count, count)
    away = np.nan_to_num(shapely.distance(pieces.outline[piece], points[pair]), nan=np.inf)
    order = np.lexsort((away, pair))
    return np.asarray(piece[order][np.searchsorted(pair[order], np.arange(len(part)))])


def level_at(pieces: Pieces, piece: Rows, points: Objects, *, as_upper: bool) -> Floats:
    """Level of pieces at points [m], (2, n): Bpv and above the ground; never beyond the piece's own heights."""
    x, y = shapely.get_x(points), shapely.get_y(points)
    rise = (x - pieces.x[piece]) * pieces.slope_x[piece] + (y - pieces.y[piece]) * pieces.slope_y[piece]
    level = (pieces.eaves if as_upper else pieces.base)[:, piece]
    return np.asarray(level + np.clip(rise, pieces.lowest[piece], pieces.highest[piece]))


def numbers(table: pd.DataFrame, name: str) -> Floats:
    """A column as floats; NaN where it is missing or holds no number."""
    if name not in table:
        return np.full(len(table), np.nan)
    return np.asarray(pd.to_numeric(table[name], errors="coerce"), dtype=float)


def measured(heights: pd.DataFrame | None, name: str, index: pd.Index[Any]) -> Floats:
    """A column of measured heights for the rows of ``index``; NaN where there is none."""
    return np.full(len(index), np.nan) if heights is None else numbers(heights.reindex(index), name)


def _keys(table: pd.DataFrame) -> pd.DataFrame:
    """Building and part of each row as texts; part "1" where parts are not told apart."""
    part = table["part_id"] if "part_id" in table else pd.Series("1", index=table.index)
    return pd.DataFrame(
        {"building_id": table["building_id"].astype(str).to_numpy(), "part_id": part.astype(str).to_numpy()}
    )


def _by_planes(found: pd.DataFrame, area: Floats, n: int) -> pd.DataFrame:
    """What the planes of each part say together, NaN where it has none; of planes that matter, or of all."""
    part = found["part"].to_numpy(np.intp)
    weighty = found["area"].to_numpy(float) >= SHARE * area[part]
    some = np.bincount(part[weighty], minlength=n) > 0
    kept = found[weighty | ~some[part]].assign(ground=lambda t: t["elevation_m"] - t["height_agl_m"])
    kept = kept.sort_values(["part", "elevation_m"])
    apart = kept.groupby("part")["elevation_m"].diff() > LEVEL_M
    kept = kept.assign(
        apart=apart,
        flat=np.where(kept["tilt_deg"] <= FLAT_DEG, kept["area"], 0.0),
        tilted=kept["tilt_deg"] * kept["area"],
        raised=kept["elevation_m"] * kept["area"],
    )
    by = kept.groupby("part")
    total = by["area"].sum()
    table = {
        "pitch_lo": by["tilt_deg"].min(),
        "pitch": by["tilted"].sum() / total,
        "pitch_hi": by["tilt_deg"].max(),
        "flat_share": by["flat"].sum() / total,
        "levels": by["apart"].sum() + 1.0,
        "elevation": by["raised"].sum() / total,
        "height": by["height_agl_m"].max(),
        "ground": by["ground"].median(),
    }
    return pd.DataFrame(table).reindex(np.arange(n)).astype(float)


def _bare_levels(
    parts: pd.DataFrame, heights: pd.DataFrame | None, roofs: pd.DataFrame, bare: Rows
) -> tuple[Floats, Floats]:
    """Levels of parts without planes as lower and as upper roof, (2, m): Bpv and above the ground [m]."""
    given = _first(numbers(parts, "eaves_height_m"), numbers(parts, "height_agl_m"))
    ground = roofs["ground_m"].to_numpy()
    roof = measured(heights, "roof_m", parts.index)
    eaves = _first(measured(heights, "eaves_m", parts.index), roof)
    both = [np.array([_first(level, ground + given), _first(level - ground, given)]) for level in (roof, eaves)]
    return both[0][:, bare], both[1][:, bare]


def _reach(outline: Objects, x: Floats, y: Floats, slope_x: Floats, slope_y: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest point of each tilted outline, relative to its middle [m]."""
    xy, piece = shapely.get_coordinates(outline, return_index=True)
    rise = (xy[:, 0] - x[piece]) * slope_x[piece] + (xy[:, 1] - y[piece]) * slope_y[piece]
    lowest, highest = np.zeros(len(outline)), np.zeros(len(outline))
    np.minimum.at(lowest, piece, rise)
    np.maximum.at(highest, piece, rise)
    return lowest, highest


def _filled(outline: Objects) -> Objects:
    """Outlines with a far point in place of empty ones, which have no centroid."""
    return np.where(shapely.is_empty(outline), shapely.Point(0.0, 0.0), outline)


def _first(*columns: ArrayLike) -> Floats:
    """The first known of several values in each row."""
    out = np.asarray(columns[0], float).copy()
    for each in columns[1:]:
        out = np.where(np.isnan(out), np.asarray(each, float), out)
    return out


def named(columns: list[tuple[str, Any]]) -> Objects:
    """Who gave the first known of several values in each row; None where nobody did."""
    out = np.full(len(columns[0][1]), None, object)
    for name, values in reversed(columns):
        out[np.isfinite(np.asarray(values, float))] = name
    return out
