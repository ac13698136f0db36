"""What a roof part was designed for against what it bears today, without and with photovoltaics, as intervals.

Resistance R = E_build / u0 · rho_R · condition, where E_build is the design load of the code of the time. Utilisation
U = K_FI E_today / R. Loads are design values of two combinations, of which the greater governs (EN 1990 6.10a, 6.10b).

The permanent load occurs in E_build and in E_today: a heavy roof that was a heavy roof when it was designed. So it is
not taken at opposite ends: all results are extremes over its range, found exactly at its ends and where a governing
combination changes. All other inputs are taken as independent, at the corner that lowers or raises the result.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lk_spatial.statics.constants import COMBINATION, constant
from lk_spatial.statics.interval import Floats, Triple, extremes, known, triple

LOW, MEAN, HIGH = 0, 1, 2


class Factors(NamedTuple):
    """Factors of permanent load and snow in the two combinations [-]; dead_a ≥ dead_b, snow_a ≤ snow_b."""

    dead_a: Floats
    snow_a: Floats
    dead_b: Floats
    snow_b: Floats


def factors(dead_a: ArrayLike, snow_a: ArrayLike, dead_b: ArrayLike, snow_b: ArrayLike) -> Factors:
    """Factors as arrays."""
    return Factors(*(np.asarray(each, float) for each in (dead_a, snow_a, dead_b, snow_b)))


def eurocode(psi0: ArrayLike = 0.5) -> Factors:
    """EN 1990 (6.10a) and (6.10b), with the factors of ``data/statics/combination_2026``."""
    gamma_g, gamma_q, xi = (constant(COMBINATION, name) for name in ("gamma_g", "gamma_q", "xi"))
    return factors(gamma_g, gamma_q * np.asarray(psi0, float), xi * gamma_g, gamma_q)


def one_combination(gamma_dead: ArrayLike, gamma_snow: ArrayLike) -> Factors:
    """Codes with a single combination, as ČSN 73 0035."""
    return factors(gamma_dead, gamma_snow, gamma_dead, gamma_snow)


def build_side(load: Triple, g: Triple, gamma_dead: ArrayLike) -> tuple[Triple, Factors]:
    """``snow_build`` and ``build`` of a given design load of the time: its low [kN/m2] at the low permanent load, its
    mean at the mean, its high at the high.

    Its permanent part moves with the permanent load by ``gamma_dead``, the least factor of the codes that are possible;
    then the rest, whatever the code, lies between its values at both ends. ``kappa`` is 1: it is in the load.
    """
    dead = Triple(*(np.asarray(gamma_dead, float) * part for part in g))
    rest = [np.asarray(whole, float) - part for whole, part in zip(load, dead, strict=True)]
    low, high = (func(rest[end], rest[MEAN]) for func, end in ((np.minimum, LOW), (np.maximum, HIGH)))
    return triple(low, rest[MEAN], high), one_combination(gamma_dead, 1.0)


class Roofs(NamedTuple):
    """What the reserve of n roof parts depends on; NaN where there is no value at all.

    Loads [kN/m2 of plan area]: ``g`` permanent load when built, ``g_added`` added since (negative: removed), ``snow``
    on the roof today, ``snow_build`` on the roof by the code of the time, times ``kappa`` [-], ``pv`` of the array.
    Factors [-]: ``u0`` design utilisation, ``rho_r`` today's over the former design strength, ``condition``, ``k_fi``
    of the consequence class. ``today`` and ``build`` are the combinations of now and of then, of shape () or (n,).
    Where only E_build is known ``build_side`` gives ``snow_build`` and ``build``.
    """

    g: Triple
    g_added: Triple
    snow: Triple
    snow_build: Triple
    kappa: Triple
    u0: Triple
    rho_r: Triple
    condition: Triple
    k_fi: Triple
    pv: Triple
    today: Factors
    build: Factors


INPUTS = Roofs._fields[:10]


def roof_parts(
    *,
    g: Triple,
    snow: Triple,
    snow_build: Triple,
    pv: Triple,
    u0: Triple,
    today: Factors,
    build: Factors,
    g_added: Triple | None = None,
    kappa: Triple | None = None,
    rho_r: Triple | None = None,
    condition: Triple | None = None,
    k_fi: Triple | None = None,
) -> Roofs:
    """Inputs of one shape (n,); nothing added and factors of 1 where they are not given."""
    one = known(1.0)
    added = g_added or known(0.0)
    inputs = (g, added, snow, snow_build, kappa or one, u0, rho_r or one, condition or one, k_fi or one, pv)
    shape = np.broadcast_shapes((1,), *(each.mean.shape for each in inputs))
    full = [Triple(*(np.array(np.broadcast_to(part, shape)) for part in each)) for each in inputs]
    return Roofs(**dict(zip(INPUTS, full, strict=True)), today=today, build=build)


def take(roofs: Roofs, rows: slice | NDArray[np.int_] | NDArray[np.bool_]) -> Roofs:
    """Some of the roof parts."""
    size = roofs.g.mean.shape
    inputs = {name: getattr(roofs, name).take(rows) for name in INPUTS}
    today, build = (Factors(*(np.broadcast_to(each, size)[rows] for each in p)) for p in (roofs.today, roofs.build))
    return Roofs(**inputs, today=today, build=build)


class Reserve(NamedTuple):
    """Utilisation without and with PV [-], their difference [-] and the permissible PV load [kN/m2], which is
    negative where the roof falls short without PV; NaN in all where an input has no value.
    """

    u0: Triple
    u1: Triple
    added: Triple
    q_max: Triple


def design_load(g: ArrayLike, snow: ArrayLike, factors: Factors) -> Floats:
    """The greater of the two combinations [kN/m2]."""
    g, snow = np.asarray(g, float), np.asarray(snow, float)
    first = factors.dead_a * g + factors.snow_a * snow
    return np.maximum(first, factors.dead_b * g + factors.snow_b * snow)


def room(resistance: ArrayLike, g: ArrayLike, snow: ArrayLike, factors: Factors) -> Floats:
    """Further permanent load that the resistance leaves, the smaller of the two combinations [kN/m2]."""
    r, g, s = np.asarray(resistance, float), np.asarray(g, float), np.asarray(snow, float)
    first = (r - factors.snow_a * s) / factors.dead_a
    return np.minimum(first, (r - factors.snow_b * s) / factors.dead_b) - g


def reserve(roofs: Roofs) -> Reserve:
    """Intervals of the utilisations, of what PV adds and of the permissible PV load; arrays (n,).

    Corners: U rises with added load, snow, u0, K_FI and PV and falls with snow_build, kappa, rho_R and condition;
    what PV adds falls with today's snow (where snow governs, permanent load counts less); q_max is U's mirror.
    """
    bare = roofs._replace(pv=known(np.zeros_like(roofs.pv.mean)))
    low, high = _corner(roofs, LOW, HIGH, LOW), _corner(roofs, HIGH, LOW, HIGH)
    found = Reserve(
        _interval(_utilisation, bare, low._replace(pv=bare.pv.mean), high._replace(pv=bare.pv.mean)),
        _interval(_utilisation, roofs, low, high),
        _interval(_added, roofs, low._replace(snow=roofs.snow.high), high._replace(snow=roofs.snow.low)),
        _interval(_room, roofs, high, low),
    )
    void = np.isnan(found.u1.mean + found.q_max.mean)
    return Reserve(*(Triple(*(np.where(void, np.nan, part) for part in each)) for each in found))


class _Corner(NamedTuple):
    """One value of every input but the permanent load when built; ``scale`` = K_FI u0 / (rho_R condition)."""

    added: Floats
    snow: Floats
    snow_build: Floats
    scale: Floats
    pv: Floats


def _corner(roofs: Roofs, up: int, down: int, snow: int) -> _Corner:
    """Inputs that raise the utilisation at index ``up`` of their triples, those that lower it at ``down``."""
    scale = roofs.k_fi[up] * roofs.u0[up] / (roofs.rho_r[down] * roofs.condition[down])
    then = roofs.snow_build[down] * roofs.kappa[down]
    return _Corner(roofs.g_added[up], roofs.snow[snow], then, scale, roofs.pv[up])


def _built(g: Floats, at: _Corner, roofs: Roofs) -> Floats:
    """E_build [kN/m2], NaN where it is nothing."""
    load = design_load(g, at.snow_build, roofs.build)
    return np.where(load > 0.0, load, np.nan)


def _utilisation(g: Floats, at: _Corner, roofs: Roofs) -> Floats:
    return at.scale * design_load(g + at.added + at.pv, at.snow, roofs.today) / _built(g, at, roofs)


def _added(g: Floats, at: _Corner, roofs: Roofs) -> Floats:
    before = design_load(g + at.added, at.snow, roofs.today)
    return at.scale * (design_load(g + at.added + at.pv, at.snow, roofs.today) - before) / _built(g, at, roofs)


def _room(g: Floats, at: _Corner, roofs: Roofs) -> Floats:
    return room(_built(g, at, roofs) / at.scale, g + at.added, at.snow, roofs.today)


def _bends(at: _Corner, roofs: Roofs) -> list[Floats]:
    """Permanent loads when built at which another combination begins to govern one of the results."""
    now, then = roofs.today, roofs.build
    with np.errstate(all="ignore"):  # a single combination has no bend
        turn = (now.snow_b - now.snow_a) * at.snow / (now.dead_a - now.dead_b)
        full = at.snow * (now.dead_a * now.snow_b - now.dead_b * now.snow_a) / (now.dead_a - now.dead_b) * at.scale
        return [
            turn - at.added,
            turn - at.added - at.pv,
            (then.snow_b - then.snow_a) * at.snow_build / (then.dead_a - then.dead_b),
            (full - then.snow_a * at.snow_build) / then.dead_a,
            (full - then.snow_b * at.snow_build) / then.dead_b,
        ]


def _interval(func: Callable[[Floats, _Corner, Roofs], Floats], roofs: Roofs, low: _Corner, high: _Corner) -> Triple:
    """Extremes over the permanent load at the corner that lowers and at the one that raises the result."""
    least, _ = extremes(lambda g: func(g, low, roofs), roofs.g, _bends(low, roofs))
    _, most = extremes(lambda g: func(g, high, roofs), roofs.g, _bends(high, roofs))
    mean = func(roofs.g.mean, _corner(roofs, MEAN, MEAN, MEAN), roofs)
    return triple(np.minimum(least, mean), mean, np.maximum(most, mean))  # equal but for the last bit: in order
