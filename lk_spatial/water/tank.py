"""One rain tank, step by step, and the rules of thumb for its volume.

Yield after spillage (YAS): what runs in can be used from the next step on; the cautious rule. Yield before spillage
(YBS): it can be used at once. The truth lies between. Daily YAS alone says little of a tank below some days of demand.
Sources: Jenkins 1978, Fewkes and Butler 2000 (doi:10.1191/014362400701570110).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lk_spatial.core.compiled import kernel
from lk_spatial.core.errors import InputError
from lk_spatial.water.quantity import Floats, chosen, quantity
from lk_spatial.water.tank_tables import RULES, constant

MET = 1.0 - 1e-9  # of a demand: what is short by rounding is met
YIELD_RULES = ("yas", "ybs")


class TankBalance(NamedTuple):
    """A tank's water: arrays (steps,) and two numbers of the whole time.

    ``yield_m3`` used, ``spill_m3`` run over, ``stored_m3`` left at the end of the step [m3]; ``efficiency`` share of
    the demand that was met [-], NaN where there is none; ``time_reliability`` share of the steps with demand in which
    all of it was met [-], NaN where there is none.
    """

    yield_m3: Floats
    spill_m3: Floats
    stored_m3: Floats
    efficiency: float
    time_reliability: float


class VolumeRules(NamedTuple):
    """Tank volumes by rules of thumb [m3]: 5 % (BS 8515), 6 % (DIN 1989-1), 21 days of the year."""

    v_5pct_m3: Floats
    v_6pct_m3: Floats
    v_21d_m3: Floats


def tank_balance(
    inflow_m3: ArrayLike, demand_m3: ArrayLike, volume_m3: float, *, rule: str = "yas", initial_m3: float = 0.0
) -> TankBalance:
    """Yield, spill and storage of a tank per step [m3], its efficiency and time reliability [-].

    ``inflow_m3`` and ``demand_m3`` (steps,) per step, a single demand counts for each step; ``volume_m3`` of the tank,
    ``initial_m3`` in it before the first step. ``rule`` "yas": Y = min(D, V), V' = min(V + Q - Y, S - Y); "ybs":
    Y = min(D, V + Q), V' = min(V + Q - Y, S). Water in = used + spilled + stored. From the first NaN on all is NaN,
    and so are both numbers. Raises InputError for negative or infinite water, other lengths, an unknown rule, more
    water in the tank than it holds.

    >>> tank_balance([2.0, 0.0, 5.0], 1.0, 3.0).yield_m3
    array([0., 1., 1.])
    """
    theta = float(chosen("rule", rule, YIELD_RULES) == "ybs")
    inflow, demand = np.atleast_1d(quantity("inflow_m3", inflow_m3)), quantity("demand_m3", demand_m3)
    if inflow.ndim != 1 or demand.shape not in ((), (1,), inflow.shape):
        raise InputError("tank_lengths_differ", name="demand_m3", got=demand.shape, expected=inflow.shape)
    demand = np.ascontiguousarray(np.broadcast_to(demand, inflow.shape))
    volume = float(quantity("volume_m3", volume_m3, 0.0, np.inf))
    initial = float(quantity("initial_m3", initial_m3, 0.0, np.inf if np.isnan(volume) else volume))
    out = np.empty((3, len(inflow)))
    used, asked, met, steps = _balance(np.ascontiguousarray(inflow), demand, volume, initial, theta, MET, out)
    gaps = np.isnan(inflow + demand + volume + initial)
    if gaps.any():
        out[:, gaps.argmax() :] = used = np.nan
    efficiency = used / asked if asked else np.nan
    return TankBalance(out[0], out[1], out[2], efficiency, met / steps + 0.0 * efficiency if steps else np.nan)


@kernel
def _balance(
    inflow: Floats, demand: Floats, volume: float, initial: float, theta: float, enough: float, out: Floats
) -> tuple[float, float, float, float]:
    """Fill ``out`` (yield, spill, stored; steps); what was used and asked for, the steps met and with demand."""
    v, used, asked, met, steps = initial, 0.0, 0.0, 0.0, 0.0
    for t in range(len(inflow)):
        q, d = inflow[t], demand[t]
        y = min(d, v + theta * q)
        left = v + q - y
        v = min(left, volume - (1.0 - theta) * y)
        out[0, t], out[1, t], out[2, t] = y, left - v, v
        used += y
        asked += d
        if d > 0.0:
            steps += 1.0
            if y >= d * enough:
                met += 1.0
    return used, asked, met, steps


def tank_volume_rules(yield_m3_a: ArrayLike, demand_m3_a: ArrayLike) -> VolumeRules:
    """Tank volumes by rules of thumb [m3] from a year's rain yield and demand [m3/a]; NaN in, NaN out.

    A share of the smaller of the two. Sources: table ``water/tank_rules_2026``. Raises InputError for negative water.

    >>> [round(float(each), 2) for each in tank_volume_rules(94.08, 68.7)]
    [3.44, 4.12, 3.95]
    """
    smaller = np.minimum(quantity("yield_m3_a", yield_m3_a), quantity("demand_m3_a", demand_m3_a))
    shares = [constant(RULES, name) for name in ("share_5pct", "share_6pct")]
    days = constant(RULES, "days_21d") / constant(RULES, "days_a")
    return VolumeRules(*(np.asarray(share * smaller)[()] for share in (*shares, days)))
