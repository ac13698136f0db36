"""What volume a tank should have: curves over volumes, dry and wet years, other rain, the knee."""

from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.errors import InputError
from lk_spatial.water.curves import Record, TankYears, tank_years
from lk_spatial.water.quantity import Floats, quantity
from lk_spatial.water.spread import DRAWS, efficiency_interval
from lk_spatial.water.tank_tables import RULES, constant

PREFERRED = (1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.3, 8.0)  # ISO 497, R'10
SIZES_M3 = tuple(step * decade for decade in (0.5, 5.0, 50.0, 500.0) for step in PREFERRED)  # 40, 0.5 to 4000 m3


class TankCurve(NamedTuple):
    """Curves of n catchments over m volumes: arrays (n, m), efficiencies [-]; NaN where an input has no value.

    ``yas``, ``ybs``: the bracket, with all its years; ``dry``, ``wet``: YAS in the driest and the wettest year of the
    record; ``less_rain``, ``more_rain``: YAS of the whole record with that share of rain less and more.
    """

    yas: TankYears
    ybs: TankYears
    dry: Floats
    wet: Floats
    less_rain: Floats
    more_rain: Floats


class Bounds(NamedTuple):
    """Low and high end (n, m) of the efficiency [-]: of YAS and of YBS, so that the bracket lies within."""

    efficiency_lo: Floats
    efficiency_hi: Floats


def tank_curve(
    of: Record,
    area_m2: ArrayLike,
    demand_m3: ArrayLike,
    volume_m3: ArrayLike = SIZES_M3,
    *,
    rain_change: float = 0.1,
    executor: Executor | None = None,
) -> TankCurve:
    """Curves over volumes; arguments as in ``tank_years``, ``rain_change`` share of rain less and more [-]."""
    change = float(quantity("rain_change", rain_change, 0.0, 1.0))
    area = quantity("area_m2", area_m2)

    def run(factor: float, rule: str) -> TankYears:
        return tank_years(of, factor * area, demand_m3, volume_m3, rule=rule, executor=executor)

    yas, (dry, wet) = run(1.0, "yas"), driest_and_wettest(of)
    return TankCurve(
        yas,
        run(1.0, "ybs"),
        year_efficiency(yas, dry),
        year_efficiency(yas, wet),
        run(1.0 - change, "yas").efficiency,
        run(1.0 + change, "yas").efficiency,
    )


def efficiency_bounds(
    curve: TankCurve, *, confidence: float = 0.95, draws: int = DRAWS, seed: int = 0, executor: Executor | None = None
) -> Bounds:
    """What the efficiency may be over other years and between both rules; see ``efficiency_interval``."""
    options = {"confidence": confidence, "draws": draws, "seed": seed, "executor": executor}
    low = efficiency_interval(curve.yas, **options).low  # type: ignore[arg-type]
    return Bounds(low, efficiency_interval(curve.ybs, **options).high)  # type: ignore[arg-type]


def driest_and_wettest(of: Record) -> tuple[int, int]:
    """Places of the years with least and most rain in the record."""
    yearly = np.add.reduceat(of.rain_mm, of.starts[:-1])
    return int(yearly.argmin()), int(yearly.argmax())


def year_efficiency(of: TankYears, year: int) -> Floats:
    """Efficiency (n, m) of one year by its place [-]; NaN where nothing is asked for."""
    asked = of.demand_m3[year][:, None]
    return of.yield_m3[year] / np.where(asked > 0.0, asked, np.nan)


def knee_volume(volume_m3: ArrayLike, yield_m3_a: ArrayLike, least_m3_a: ArrayLike) -> Floats:
    """The smallest volume (n,) after which a further m3 of tank yields less than ``least_m3_a`` more a year [m3].

    ``volume_m3`` (m,) rising; ``yield_m3_a`` (n, m) of the mean year; ``least_m3_a`` (n,) or one [m3 per m3 and year].
    NaN where the yield still rises faster at the last volume (give larger ones) or is unknown. Raises InputError.

    >>> float(knee_volume([1, 2, 4, 8], [[10, 18, 24, 28]], 2.0)[0])
    4.0
    """
    volume, yearly = quantity("volume_m3", volume_m3), np.atleast_2d(quantity("yield_m3_a", yield_m3_a))
    if volume.ndim != 1 or len(volume) < 2 or not (np.diff(volume) > 0.0).all():
        raise InputError("tank_volumes_unsorted", got=volume.tolist())
    least = np.broadcast_to(quantity("least_m3_a", least_m3_a), len(yearly))
    flat: NDArray[np.bool_] = np.diff(yearly, axis=1) / np.diff(volume) < least[:, None]
    return np.where(flat.any(axis=1) & ~np.isnan(yearly).any(axis=1), volume[flat.argmax(axis=1)], np.nan)


def least_yield(
    tank_cost_czk_m3: ArrayLike, water_price_czk_m3: ArrayLike, *, years: float, rate: float = 0.0
) -> Floats:
    """What a further m3 of tank must yield each year to pay for itself within ``years`` [m3 per m3 and year].

    ``tank_cost_czk_m3`` of a further m3, ``water_price_czk_m3`` of the water saved, real ``rate`` of interest [-].
    Infinite where water costs nothing; NaN in, NaN out.

    >>> float(least_yield(10_000.0, 100.0, years=25))
    4.0
    """
    cost, price = quantity("tank_cost_czk_m3", tank_cost_czk_m3), quantity("water_price_czk_m3", water_price_czk_m3)
    span, interest = float(quantity("years", years, 1e-9)), float(quantity("rate", rate, 0.0, 1.0))
    worth = -np.expm1(-span * np.log1p(interest)) / interest if interest else span
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(price > 0.0, cost / (price * worth), np.where(np.isnan(price), np.nan, np.inf)))[()]


def needs_hours(volume_m3: ArrayLike, inflow_m3_a: ArrayLike) -> NDArray[np.bool_]:
    """Whether a tank is so small for a year's water that days are too coarse a step. Not verified: ``tank_rules``."""
    small = constant(RULES, "hourly_below") * quantity("inflow_m3_a", inflow_m3_a)
    return np.asarray(quantity("volume_m3", volume_m3) <= small)[()]
