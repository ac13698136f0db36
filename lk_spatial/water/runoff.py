"""Rain that reaches the tank: coefficients by covering, filter, small rains that only wet the roof, snow.

Three coefficients for three questions, which must not be mixed: of a year's yield, of design rain, of the fee.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import notice
from lk_spatial.core.tables import record_use
from lk_spatial.water.quantity import Floats, chosen, quantity
from lk_spatial.water.tank_tables import COVERINGS, DEFAULTS, RUNOFF, constant, rows

SOURCES = ("asio", "din_1989", "mepbau")
KINDS = ("flat", "pitched")
UNSUITABLE = ("asbestos",)
NOTHING = (np.nan, np.nan, np.nan)


class Runoff(NamedTuple):
    """Coefficients (n,) [-]: of a year's yield, of design rain, of the fee; NaN where none is known.

    ``flag``: what rain from the roof may carry (asbestos, asbestos_possible, copper, herbicide_possible), or "".
    ``suitable``: False where rain must not be collected; ``annual`` is 0 there.
    """

    annual: Floats
    peak: Floats
    fee: Floats
    flag: NDArray[np.object_]
    suitable: NDArray[np.bool_]


def runoff_coefficients(covering: Any, kind: Any, *, source: str, override: ArrayLike = np.nan) -> Runoff:
    """Coefficients of roofs by code of ``covering`` and ``kind`` "flat" or "pitched", each (n,), after a ``source``.

    ``override`` (n,) replaces the annual coefficient where it is a number, yet not that an unsuitable roof gives no
    water. Unknown codes, and pairs that the source does not list, give NaN. Source: table ``water/runoff_2026``.
    """
    known = _coefficients(chosen("source", source, SOURCES))
    record_use(RUNOFF)
    flags = {row["covering"]: row["flag"] for row in rows(COVERINGS)}
    coverings, kinds = np.broadcast_arrays(*(np.atleast_1d(np.asarray(each, object)) for each in (covering, kind)))
    pairs = list(zip(coverings.tolist(), kinds.tolist(), strict=True))
    annual, peak, fee = np.array([known.get(pair, NOTHING) for pair in pairs]).reshape(-1, 3).T
    flag = np.array([flags.get(name, "") for name, _ in pairs], object)
    given = quantity("override", override, 0.0, 1.0)
    suitable = ~np.isin(flag, UNSUITABLE)
    return Runoff(np.where(suitable, np.where(np.isnan(given), annual, given), 0.0), peak, fee, flag, suitable)


@cache
def _coefficients(source: str) -> dict[tuple[str, str], tuple[float, float, float]]:
    """The three coefficients of a source by covering and kind."""
    surfaces = {
        (row["surface"], kind): tuple(float(row[name] or "nan") for name in ("annual", "peak", "fee"))
        for row in rows(RUNOFF)
        if row["source_id"] == source
        for kind in row["kinds"].split("|")
    }
    return {
        (row["covering"], kind): surfaces[row[kind], kind]  # type: ignore[misc]
        for row in rows(COVERINGS)
        for kind in KINDS
        if (row[kind], kind) in surfaces
    }


def includes_loss(source: str) -> bool:
    """Whether a source's annual coefficients may already leave out the small rains that only wet a roof."""
    found = {row["includes_loss"] for row in rows(RUNOFF) if row["source_id"] == chosen("source", source, SOURCES)}
    return found != {"no"}


def effective_area(
    plan_area_m2: ArrayLike,
    coefficient: ArrayLike,
    *,
    filter_efficiency: ArrayLike | None = None,
    share: ArrayLike = 1.0,
) -> Floats:
    """Catchment that gives the same water without any loss [m2]: plan area [m2] × coefficient × filter × share.

    ``share`` of the roof that drains to the tank [-]. The area is that of the plan, not on the slope. NaN in, NaN out.
    Source: EN 16941-1, yield; the filter's efficiency where none is given is an assumption.
    """
    if filter_efficiency is None:
        filter_efficiency = constant(DEFAULTS, "filter_efficiency")
    parts = [quantity("coefficient", coefficient, 0.0, 1.0), quantity("filter_efficiency", filter_efficiency, 0.0, 1.0)]
    area = quantity("plan_area_m2", plan_area_m2)
    return np.asarray(area * parts[0] * parts[1] * quantity("share", share, 0.0, 1.0))[()]


def runoff_mm(
    rain_mm: ArrayLike,
    *,
    temp_c: ArrayLike | None = None,
    degree_day: float | None = None,
    initial_loss_mm: float = 0.0,
    steps_a_day: int = 1,
    twice: bool = False,
) -> Floats:
    """Water of each step that is ready to run off (steps,) [mm]; NaN in, NaN out.

    With temperatures ``temp_c`` (steps,) [°C], what falls in frost is kept as snow and melts by ``degree_day``
    [mm/°C/d]. Then ``initial_loss_mm`` is taken off each wet day; with ``twice``, the coefficient in use may leave it
    out as well (see ``includes_loss``), and a notice tells so. Hours: ``steps_a_day`` 24, whole days. Source: facts.
    """
    water, loss = quantity("rain_mm", rain_mm), float(quantity("initial_loss_mm", initial_loss_mm))
    if water.ndim != 1 or len(water) % steps_a_day:
        raise InputError("tank_lengths_differ", name="rain_mm", got=water.shape, expected=f"n × {steps_a_day}")
    if temp_c is not None:
        melt = float(quantity("degree_day", constant(DEFAULTS, "degree_day") if degree_day is None else degree_day))
        temp = quantity("temp_c", temp_c, -60.0, 60.0)
        if temp.shape != water.shape:
            raise InputError("tank_lengths_differ", name="temp_c", got=temp.shape, expected=water.shape)
        water = _with_snow(water, temp, melt / steps_a_day, constant(DEFAULTS, "snow_temperature"))
    if loss == 0.0:
        return water
    if twice:
        notice("tank_loss_twice", loss=f"{loss:g}")
    running = np.maximum(water.reshape(-1, steps_a_day).cumsum(axis=1) - loss, 0.0)
    return np.diff(running, axis=1, prepend=0.0).ravel()


@kernel
def _with_snow(water: Floats, temp: Floats, melt: float, frost: float) -> Floats:
    """Rain and melt of each step; snow of a step with an unknown value is not known, and left out later."""
    out, snow = np.empty(len(water)), 0.0
    for t in range(len(water)):
        if np.isnan(water[t] + temp[t]):
            out[t] = np.nan
            continue
        falls = water[t] if temp[t] <= frost else 0.0
        snow += falls
        melts = min(snow, melt * max(temp[t] - frost, 0.0))
        snow -= melts
        out[t] = water[t] - falls + melts
    return out
