"""Which roofs to survey first, what finished surveys teach, and what they can and cannot prove."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from scipy.special import betaincinv, log_ndtr

from lk_spatial.core.errors import InputError
from lk_spatial.core.text import Text
from lk_spatial.statics.decision import Names
from lk_spatial.statics.draws import scores
from lk_spatial.statics.interval import Floats
from lk_spatial.statics.reasons import fill

Ints = NDArray[np.int64]


class Value(NamedTuple):
    """Chance that a survey changes the decision [-] and the survey's value less its cost [CZK]; NaN where not known."""

    p_change: Floats
    voi_czk: Floats


def survey_value(
    p_exceed: ArrayLike,
    survey_czk: ArrayLike | None,
    false_go_czk: ArrayLike | None = None,
    benefit_czk: ArrayLike | None = None,
) -> Value:
    """Value of a (perfect) survey of roof parts (n,) with the chance ``p_exceed`` that their strength does not suffice.

    Without a survey the owner takes what loses less: leave the roof, losing (1 - p) benefits, or go ahead, losing p
    times the cost of a false go; the survey changes that with the chance 1 - p or p. Where the cost of a false go is
    not given, the roof is left.
    """
    given = (p_exceed, survey_czk, false_go_czk, benefit_czk)
    p, survey, false_go, benefit = np.broadcast_arrays(
        *(np.asarray(np.nan if each is None else each, float) for each in given)
    )
    leave, go = (1.0 - p) * benefit, p * false_go
    goes = go < leave
    return Value(np.where(goes, p, 1.0 - p), np.where(goes, go, leave) - survey)


def places(x: ArrayLike, y: ArrayLike, reach: float) -> Ints:
    """Number of the place (n,) of each roof part: parts within ``reach`` [m] of each other, by steps, are one place.

    Parts without coordinates (NaN) are places of their own; numbers follow the order of the parts.
    """
    points = np.column_stack([np.asarray(x, float), np.asarray(y, float)])
    n, here = len(points), np.flatnonzero(~np.isnan(points).any(axis=1))
    pairs = cKDTree(points[here]).query_pairs(reach, output_type="ndarray") if len(here) else np.empty((0, 2), int)
    links = coo_array((np.ones(len(pairs)), (here[pairs[:, 0]], here[pairs[:, 1]])), shape=(n, n))
    _, labels = connected_components(links, directed=False)
    _, first, back = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[back].astype(np.int64)


class Plan(NamedTuple):
    """Rows of the parts to survey in this order, and the number of the visit of each, from 1."""

    rows: Ints
    visit: Ints


def plan_surveys(
    worth: ArrayLike,
    place: ArrayLike,
    *,
    number: int | None = None,
    budget: float | None = None,
    cost: ArrayLike = 1.0,
    visit_cost: ArrayLike = 0.0,
    in_money: bool = False,
) -> Plan:
    """Parts to survey, visits of greatest worth for their cost first, within a visit parts likewise.

    ``worth`` (n,): of the survey, in CZK after its cost or in kWh; parts with none above 0, or without a value, are
    left. Of a visit as many parts are taken as ``number`` of surveys and ``budget`` (costs of surveys and
    ``visit_cost`` of each place, one value or (n,), alike for its parts) still allow. ``in_money``: the worth is in
    the unit of the costs, so a visit that is not worth its own cost is left. Greedy: each choice is explained by its
    own numbers, the whole need not be the very best. Raises InputError where neither limit is given.
    """
    if number is None and budget is None:
        raise InputError("survey_limit_missing")
    value = np.asarray(worth, float)
    price, trip = (np.broadcast_to(np.asarray(each, float), value.shape) for each in (cost, visit_cost))
    left, money = math.inf if number is None else number, math.inf if budget is None else budget
    plan = Plan(np.empty(0, np.int64), np.empty(0, np.int64))
    for members in _visits(value, price, np.asarray(place), trip):
        spent = trip[members[0]] + np.cumsum(price[members])
        taken = members[: int(min(left, np.searchsorted(spent, money, side="right")))]
        if len(taken) and not (in_money and value[taken].sum() <= trip[taken[0]]):
            left, money = left - len(taken), money - spent[len(taken) - 1]
            visit = np.full(len(taken), plan.visit[-1] + 1 if len(plan.visit) else 1)
            plan = Plan(np.append(plan.rows, taken), np.append(plan.visit, visit))
        if left <= 0:
            break
    return plan


def _visits(value: Floats, price: Floats, site: NDArray, trip: Floats) -> list[Ints]:
    """The parts of each place that are worth a survey, best for their cost first; so are the places."""
    rows = np.flatnonzero(value > 0.0)
    rows = rows[np.argsort(-value[rows] / price[rows], kind="stable")]
    groups: dict[object, list[int]] = {}
    for i in rows:
        groups.setdefault(site[i].item(), []).append(int(i))
    visits = [np.array(each, np.int64) for each in groups.values()]
    return sorted(visits, key=lambda each: -float(value[each].sum() / (trip[each[0]] + price[each].sum())))


class Bias(NamedTuple):
    """Median and coefficient of variation of the resistance of like roofs over what their time's documents give [-]."""

    median: float
    v: float


def needed_bias(u1: ArrayLike, sufficient: ArrayLike, u_reserve: ArrayLike) -> tuple[Floats, Floats]:
    """Between which biases that of a surveyed roof (k,) lies, for ``updated_bias``.

    ``u1``: its utilisation with PV at typical values; ``sufficient``: 1 where the survey says so, 0 where not, NaN
    where it says nothing; ``u_reserve``: its utilisation with the load that the survey allows, NaN where it gives none,
    else it alone counts. A survey that says neither leaves all open (0 to infinity).
    """
    u, says, exact = (np.asarray(each, float) for each in (u1, sufficient, u_reserve))
    told = ~np.isnan(exact)
    low, high = np.where(says == 1.0, u, 0.0), np.where(says == 0.0, u, np.inf)
    return np.where(told, exact, low), np.where(told, exact, high)


def updated_bias(
    prior: Bias,
    needed_low: ArrayLike,
    needed_high: ArrayLike,
    *,
    roof_v: float = 0.15,
    steps: int = 2001,
) -> Bias:
    """The bias of like roofs after finished surveys (k,), one parameter, by Bayes' rule on a grid.

    Each survey says between which biases the roof's own one lies: the two as ``needed_bias`` gives them. The bias at
    which a roof just bears a load is its utilisation U with that load. Single roofs scatter lognormally about the
    median with ``roof_v``.
    """
    width = _log_sd(roof_v)
    centre, spread = math.log(prior.median), _log_sd(prior.v)
    grid = centre + spread * np.linspace(-6.0, 6.0, steps)
    with np.errstate(divide="ignore"):
        low, high = (np.log(np.atleast_1d(np.asarray(each, float))) for each in (needed_low, needed_high))
    score = -0.5 * ((grid - centre) / max(spread, 1e-12)) ** 2
    for least, most in zip(low, high, strict=True):
        if least == most:
            score -= 0.5 * ((least - grid) / width) ** 2
        else:
            score += _log_between((least - grid) / width, (most - grid) / width)
    weight = np.exp(score - score.max())
    weight /= weight.sum()
    mean = float((weight * grid).sum())
    sd = math.sqrt(float((weight * (grid - mean) ** 2).sum()))
    return Bias(math.exp(mean), math.sqrt(math.expm1(sd * sd)))


def _log_sd(v: float) -> float:
    return math.sqrt(math.log1p(v * v))


def _log_between(low: Floats, high: Floats) -> Floats:
    """Logarithm of the normal distribution's weight between two arrays of limits."""
    flip = low > 0.0  # the tails, where differences of numbers next to 1 would be lost
    a, b = np.where(flip, -high, low), np.where(flip, -low, high)
    top, bottom = log_ndtr(b), log_ndtr(a)
    return top + np.log1p(-np.exp(np.minimum(bottom - top, -1e-300)))


def like_roofs(
    prior: Bias, kinds: Sequence[object], report_kinds: Sequence[object], low: ArrayLike, high: ArrayLike, roof_v: float
) -> list[Bias]:
    """The bias of each part (n) by its kind; kinds without a finished survey, and unknown ones, keep the prior."""
    low, high = np.asarray(low, float), np.asarray(high, float)
    known = {}
    for kind in {each for each in report_kinds if each is not None}:
        rows = [i for i, each in enumerate(report_kinds) if each == kind]
        known[kind] = updated_bias(prior, low[rows], high[rows], roof_v=roof_v)
    return [known.get(kind, prior) for kind in kinds]


def left_out(prior: Bias, needed_low: ArrayLike, needed_high: ArrayLike, *, roof_v: float = 0.15) -> list[Bias]:
    """For each survey (k) the bias that all others teach: what to compare it with."""
    low, high = np.asarray(needed_low, float), np.asarray(needed_high, float)
    rows = [np.arange(len(low)) != i for i in range(len(low))]
    return [updated_bias(prior, low[row], high[row], roof_v=roof_v) for row in rows]


def clopper_pearson(agree: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """Exact two-sided interval of the share of agreement (Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404).

    >>> [round(each, 3) for each in clopper_pearson(10, 11)]
    [0.587, 0.998]
    """
    if not 0 <= agree <= total or total < 1:
        raise InputError("share_wrong", got=f"{agree}/{total}")
    tail = 0.5 * (1.0 - confidence)
    low = 0.0 if agree == 0 else float(betaincinv(agree, total - agree + 1, tail))
    return low, 1.0 if agree == total else float(betaincinv(agree + 1, total - agree, 1.0 - tail))


PROVES = Text(
    "{agree} of {total} surveys agree with the class. That shows no more than {low} agreement at least, {high} at most "
    "(95 %, Clopper–Pearson). These roofs were chosen, not drawn at random: the share need not hold for others.",
    "S třídou se shoduje {agree} z {total} posudků. To dokládá shodu nejméně {low} a nejvýše {high} "
    "(95 %, Clopper–Pearson). Střechy byly vybrány, nikoli vylosovány: pro ostatní podíl platit nemusí.",
)
UNSAFE = Text(
    "Unsafe errors (class A or B, but the survey says insufficient): {errors} of {total}; their true share may be up "
    "to {high} (95 %).",
    "Nebezpečné chyby (třída A nebo B, ale posudek zní nevyhovuje): {errors} z {total}; jejich skutečný podíl může být "
    "až {high} (95 %).",
)
NO_GO = Text(
    "No survey of a roof of class A or B is at hand: nothing can be said about unsafe errors.",
    "Není k dispozici žádný posudek střechy třídy A nebo B: o nebezpečných chybách nelze nic říci.",
)


class Check(NamedTuple):
    """Surveys against classes: rows of unsafe errors, of undue caution, of agreement, of open cases, and what of it
    is proven, unsafe errors first.
    """

    unsafe: Ints
    cautious: Ints
    agree: Ints
    open: Ints
    statements: list[Text]


def check_reports(classes: Names, sufficient: ArrayLike) -> Check:
    """Compare classes (k,) with what surveys found (True: the strength suffices for PV).

    Classes that give no answer (C, N, S) are open cases, no agreement.
    """
    good = np.asarray(sufficient, bool)
    go, stop = np.isin(classes.astype(str), ("A", "B")), classes == "D"
    rows = [np.flatnonzero(each) for each in (go & ~good, stop & good, (go & good) | (stop & ~good), ~go & ~stop)]
    unsafe, cautious, agree, open_cases = rows
    answered, gone = len(good) - len(open_cases), int(go.sum())
    statements = [NO_GO if not gone else fill(UNSAFE, errors=len(unsafe), total=gone, high=_bound(len(unsafe), gone))]
    if answered:
        low, high = (f"{100.0 * each:.1f} %" for each in clopper_pearson(len(agree), answered))
        statements.append(fill(PROVES, agree=len(agree), total=answered, low=low, high=high))
    return Check(unsafe, cautious, agree, open_cases, statements)


def _bound(errors: int, total: int) -> str:
    return f"{100.0 * clopper_pearson(errors, total)[1]:.1f} %"


def audit_sample(classes: Names, keys: NDArray[np.uint64], number: int) -> Ints:
    """Rows of ``number`` roof parts of classes A and B drawn at random for a survey, to learn of unsafe errors.

    ``keys`` as ``part_keys`` gives them, with the seed in them: the draw depends on no order, and further parts only
    join it.
    """
    rows = np.flatnonzero(np.isin(classes.astype(str), ("A", "B")))
    return rows[np.argsort(scores(keys[rows]), kind="stable")][:number]
