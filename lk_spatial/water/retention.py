"""What must be kept on the plot: infiltration (ČSN 75 9010) and retention with a regulated outflow (TNV 75 9011).

The design rain is an input: depths [mm] of one return period for some durations [min]. The volume is the greatest over
these durations, so the table must reach from 5 minutes to 72 hours.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.errors import InputError
from lk_spatial.water.given import Codes, Floats, amount, numbers, rows, texts

LIMITS = "water/retention_2026"
SLOPES = "water/runoff_slope_2026"
HA_M2 = 10_000.0


class Infiltration(NamedTuple):
    """Infiltration plants: volume [m3], the duration of the rain that decides [min], seepage [l/s], time of emptying
    [h], and the verdict: ``fits``, ``too_slow`` (over 72 h), ``needs_outflow`` (soil too tight), ``unknown``.
    """

    volume_m3: Floats
    duration_min: Floats
    seepage_l_s: Floats
    emptying_h: Floats
    verdict: Codes


class Retention(NamedTuple):
    """Retention tanks: volume [m3], the duration of the rain that decides [min], outflow [l/s], emptying [h]."""

    volume_m3: Floats
    duration_min: Floats
    outflow_l_s: Floats
    emptying_h: Floats


def limit(name: str) -> float:
    """A number of the table ``retention_2026``."""
    return numbers(LIMITS, "name", "value")[name]


def infiltration(
    duration_min: ArrayLike,
    depth_mm: ArrayLike,
    *,
    reduced_m2: ArrayLike,
    seepage_m2: ArrayLike,
    k_v: ArrayLike,
    surface_m2: ArrayLike = 0.0,
    safety: float | None = None,
) -> Infiltration:
    """Volume of infiltration plants and whether they empty in time; ČSN 75 9010.

    V = h/1000 (A_red + A_surface) - (1/f) k_v A_seepage t 60, the greatest over the durations, at least 0; emptying
    V / ((1/f) k_v A_seepage). ``duration_min`` and ``depth_mm`` (m,); of n plants: ``reduced_m2`` catchment times
    runoff coefficient, ``seepage_m2`` area that infiltrates, ``surface_m2`` open surface of the plant on which it rains
    [m2], ``k_v`` permeability of the soil [m/s]; ``safety`` f, at least 2. NaN in, NaN out with verdict ``unknown``.
    Raises InputError for negative values, f below 2, an empty or unordered design rain.
    """
    least = limit("safety")
    factor = least if safety is None else float(amount("safety", safety, least, 100.0))
    time, depth = _rain(duration_min, depth_mm)
    catchment, basin = amount("reduced_m2", reduced_m2), amount("surface_m2", surface_m2)
    soil, area = amount("k_v", k_v, 0.0, 1.0), amount("seepage_m2", seepage_m2)
    seepage = soil * area / factor
    volume, longest = _greatest(time, depth, catchment + basin, seepage)
    volume, seepage, soil = np.broadcast_arrays(volume, seepage, soil)
    hours = emptying_h(volume, seepage)
    verdict = np.full(volume.shape, "fits", dtype=object)
    verdict[hours > limit("emptying_max_h")] = "too_slow"
    verdict[np.isnan(volume)] = "unknown"
    verdict[soil < limit("k_v_min_m_s")] = "needs_outflow"
    return Infiltration(volume[()], longest, (1000.0 * seepage)[()], hours[()], verdict)


def emptying_h(volume_m3: ArrayLike, outflow_m3_s: ArrayLike) -> Floats:
    """Time in which a volume [m3] runs out at a constant outflow [m3/s], in hours; 0 for nothing, inf without outflow.

    The published design of Jevany (k_v 5e-6 m/s, 16 m2, f 2, 9.76 m3):

    >>> round(float(emptying_h(9.76, 5e-6 * 16 / 2)), 1)
    67.8
    """
    volume, outflow = np.broadcast_arrays(amount("volume_m3", volume_m3), amount("outflow_m3_s", outflow_m3_s))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(volume == 0.0, 0.0, volume / outflow / 3600.0)[()]


def permitted_outflow_l_s(area_m2: ArrayLike, devices: ArrayLike = 1) -> Floats:
    """Outflow that may leave the plot [l/s]: 3 l/s from a hectare of unreduced area, at least 0.5 l/s of each device.

    ``area_m2`` [m2] is the whole area drained, not reduced by runoff coefficients. NaN in, NaN out. TNV 75 9011 by a
    vendor's tool: confirm.

    >>> permitted_outflow_l_s([1000, 5000])
    array([0.5, 1.5])
    """
    by_area = limit("outflow_l_s_ha") * amount("area_m2", area_m2) / HA_M2
    return np.maximum(by_area, limit("outflow_device_l_s") * amount("devices", devices, 1.0, 1000.0))[()]


def retention(
    duration_min: ArrayLike, depth_mm: ArrayLike, *, reduced_m2: ArrayLike, outflow_l_s: ArrayLike
) -> Retention:
    """Volume of retention tanks with a regulated outflow; TNV 75 9011.

    V = h/1000 A_red - Q/1000 t 60, the greatest over the durations, at least 0. ``duration_min`` and ``depth_mm`` (m,);
    of n plots: ``reduced_m2`` catchment times runoff coefficient [m2], ``outflow_l_s`` [l/s], as of
    ``permitted_outflow_l_s`` or what the operator allows. NaN in, NaN out. Raises InputError as ``infiltration``.
    """
    time, depth = _rain(duration_min, depth_mm)
    outflow = amount("outflow_l_s", outflow_l_s) / 1000.0
    volume, longest = _greatest(time, depth, amount("reduced_m2", reduced_m2), outflow)
    volume, outflow = np.broadcast_arrays(volume, outflow)
    return Retention(volume[()], longest, (1000.0 * outflow)[()], emptying_h(volume, outflow))


def peak_coefficient(surface: object, slope_pct: ArrayLike) -> Floats:
    """Runoff coefficient of a surface in design rain [-] by its code in ``runoff_slope`` and its slope [%].

    NaN for unknown surfaces and slopes. Raises InputError for other codes and negative slopes.
    """
    listed = {row["surface"]: row for row in rows(SLOPES)}
    slope = amount("slope_pct", slope_pct, 0.0, 1000.0)
    code, slope = np.broadcast_arrays(texts("surface", surface, listed), slope)
    columns = ("below_1pct", "from_1_to_5pct", "over_5pct")
    band = (slope >= 1.0).astype(int) + (slope > 5.0)
    flat = zip(code.ravel(), band.ravel(), np.isnan(slope).ravel(), strict=True)
    found = [np.nan if each is None or void else float(listed[each][columns[at]]) for each, at, void in flat]
    return np.array(found, float).reshape(slope.shape)[()]


def _rain(duration_min: ArrayLike, depth_mm: ArrayLike) -> tuple[Floats, Floats]:
    """A design rain of one return period, durations ascending, depths not falling."""
    time, depth = amount("duration_min", duration_min), amount("depth_mm", depth_mm)
    fits = time.ndim == 1 and time.shape == depth.shape and len(time) > 0
    if not fits or np.isnan(time + depth).any() or (np.diff(time) <= 0.0).any() or (np.diff(depth) < 0.0).any():
        raise InputError("design_rain_unordered", durations=time.tolist(), depths=depth.tolist())
    return time, depth


def _greatest(time: Floats, depth: Floats, area_m2: Floats, outflow_m3_s: Floats) -> tuple[Floats, Floats]:
    """The greatest volume that is left over the durations [m3] and its duration [min]; NaN where unknown."""
    area, outflow = np.broadcast_arrays(area_m2, outflow_m3_s)
    left = depth / 1000.0 * area[..., None] - outflow[..., None] * time * 60.0
    at: NDArray[np.int64] = np.argmax(left, axis=-1)
    volume = np.maximum(np.take_along_axis(left, at[..., None], axis=-1)[..., 0], 0.0)
    return volume, np.where(np.isnan(volume) | (volume == 0.0), np.nan, time[at])[()]
