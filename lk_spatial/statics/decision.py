"""The class of a roof part, named by what to do next, the data that are missing, and the systems it could bear.

A paper check · B likely all right, short statement after a visit · C commission a static survey · D expect
strengthening, a lighter system or another roof · N not assessable, a datum is missing · S stopped by a gate.

Only evidence leads to A or B. What is absent counts at its unfavourable end there, and D likewise is given only where
what is absent, at its favourable end, would not help; so absence leads to C or N, never ahead.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from lk_spatial.core.errors import InputError
from lk_spatial.statics.gates import Flags, Gates
from lk_spatial.statics.interval import Floats, Triple, known, triple
from lk_spatial.statics.reliability import Exceedance
from lk_spatial.statics.reserve import INPUTS, Reserve, Roofs, reserve

Names = NDArray[np.object_]
U0_LIMIT = 1.15
YES, CANDIDATE, NO = "yes", "candidate", "no"


class Thresholds(NamedTuple):
    """Probabilities of U1 > 1 below which a survey does not pay, nor above; NaN where a cost is not given."""

    p_low: Floats
    p_high: Floats


def thresholds(
    survey_czk: ArrayLike | None, false_go_czk: ArrayLike | None, benefit_czk: ArrayLike | None
) -> Thresholds:
    """Where the survey's cost equals what it saves: C_survey / C_false-go and 1 - C_survey / B, of a perfect survey.

    Where no survey can pay both are B / (B + C_false-go): go or leave it. Raises InputError for costs that are not
    positive.

    >>> [round(float(each), 4) for each in thresholds(40e3, 10e6, 1.5e6)]
    [0.004, 0.9733]
    """
    given = (survey_czk, false_go_czk, benefit_czk)
    costs = np.broadcast_arrays(*(np.asarray(np.nan if each is None else each, float) for each in given))
    for name, values in zip(("survey_czk", "false_go_czk", "benefit_czk"), costs, strict=True):
        if (values <= 0.0).any():
            raise InputError("cost_not_positive", name=name, got=float(values[values <= 0.0].flat[0]))
    survey, false_go, benefit = costs
    low, high = survey / false_go, 1.0 - survey / benefit
    even = benefit / (benefit + false_go)
    return Thresholds(np.where(low < high, low, even), np.where(low < high, high, even))


def classify(
    found: Reserve,
    chance: Exceedance,
    limits: Thresholds,
    *,
    documents: Names,
    gates: Gates,
    clear_for_go: Sequence[str],
    u0_limit: float = U0_LIMIT,
) -> Names:
    """Class (n,) of each roof part; ``documents`` are D0 … D3 or None.

    A: calculation or survey at hand and U1 ≤ 1 throughout the interval. B: P(U1 > 1) below p_low. D: U0 beyond its
    limit throughout the interval, or P(U1 > 1) above p_high; without costs U1 > 1 throughout the interval, and no B.
    A and B need the gates ``clear_for_go`` to be known as open: else N.
    """
    papers = np.isin(documents.astype(str), ("D2", "D3"))
    priced = ~np.isnan(limits.p_low) & ~np.isnan(limits.p_high)
    go_a = papers & (found.u1.high <= 1.0)
    go_b = priced & (chance.p1_high < limits.p_low)
    hopeless = np.where(priced, chance.p1_low > limits.p_high, found.u1.low > 1.0) | (found.u0.low > u0_limit)
    classes = np.select([go_a, hopeless, go_b], ["A", "D", "B"], "C").astype(object)
    void = np.logical_or.reduce([gates.unknown[gate] for gate in clear_for_go], axis=0) & np.isin(classes, ("A", "B"))
    classes[void | np.isnan(found.u1.mean)] = "N"
    classes[gates.stopped] = "S"
    return classes


def with_reports(found: Reserve, parts: pd.DataFrame, valid: Flags) -> Reserve:
    """The permissible PV load of a valid static survey [kN/m2] in place of the estimated one."""
    if not valid.any():
        return found
    said = known(np.where(valid, pd.to_numeric(parts["report_reserve_kn_m2"]).to_numpy(float, na_value=np.nan), np.nan))
    return found._replace(q_max=Triple(*(np.where(valid, s, q) for s, q in zip(said, found.q_max, strict=True))))


def narrowing(roofs: Roofs, absent: Flags, ranges: Mapping[str, tuple[float, float, float]]) -> Floats:
    """How much of the width of ln U1 goes when one missing datum becomes known (n, inputs) [-]; NaN where none misses.

    Mean over its low, typical and high value. ``ranges`` stand for inputs without a value, for this question only.
    """
    void = np.stack([np.isnan(getattr(roofs, name).mean) for name in INPUTS], axis=1)
    full = {name: _filled(getattr(roofs, name), ranges[name]) for name in INPUTS}
    whole = Roofs(**(roofs._asdict() | full))
    before = _width(whole)
    gains = np.full(void.shape, np.nan)
    for j, name in enumerate(INPUTS):
        rows = void[:, j] | absent[:, j]
        if rows.any():
            after = np.mean([_width(Roofs(**(whole._asdict() | {name: known(value)}))) for value in full[name]], axis=0)
            with np.errstate(invalid="ignore", divide="ignore"):
                gains[rows, j] = np.where(before > 0.0, 1.0 - after / before, 0.0)[rows]
    return gains


def _filled(values: Triple, instead: tuple[float, float, float]) -> Triple:
    void = np.isnan(values.mean)
    return triple(*(np.where(void, other, value) for value, other in zip(values, instead, strict=True)))


def _width(roofs: Roofs) -> Floats:
    u1 = reserve(roofs).u1
    return np.log(u1.high) - np.log(u1.low)


def missing_data(gains: Floats, gates: Gates, classes: Names, clear_for_go: Sequence[str]) -> list[list[str]]:
    """Ids of inputs and gates that are not known, for each part: what narrows its class most comes first.

    Where only a gate stands between a part and A or B (class N with all inputs known), that gate comes first; a part
    of class N always has one: without any other it is ``snow_build``, for a design load of nothing tells nothing.
    """
    void = classes == "N"
    found = []
    for i, row in enumerate(gains):
        inputs = [INPUTS[j] for j in np.argsort(-row, kind="stable") if not np.isnan(row[j])]
        unknown = [gate for gate in gates.stops if gates.unknown[gate][i]]
        needed = [gate for gate in unknown if gate in clear_for_go]
        other = [gate for gate in unknown if gate not in clear_for_go]
        first = needed + inputs if void[i] and not inputs else inputs + needed
        found.append(first + other or ["snow_build"] * bool(void[i]))
    return found


class Systems(NamedTuple):
    """Mounting systems in the order of preference: ids, and their low, typical and high load (k,) [kN/m2]."""

    ids: tuple[str, ...]
    load: Triple


def carried(q_max: Triple, systems: Systems, fits: Flags) -> Names:
    """Which systems a part could bear (n, k): "yes" (even the heaviest of its kind under the lowest permissible load),
    "candidate" (by typical values, for a survey to confirm), "no" (too heavy by typical values, or in any case).

    None where the permissible load is not known or the system does not fit the roof (``fits``).
    """
    q, load = (Triple(*(each[:, None] for each in q_max)), systems.load)
    verdicts = np.select([load.high <= q.low, load.mean <= q.mean], [YES, CANDIDATE], NO).astype(object)
    verdicts[~fits | np.isnan(q.mean)] = None
    return verdicts


def preferred(verdicts: Names, systems: Systems) -> list[str | None]:
    """The first system that a part could bear, "none" where it could bear none, None where that is not known."""
    found: list[str | None] = []
    for row in verdicts:
        good = [name for name, verdict in zip(systems.ids, row, strict=True) if verdict in (YES, CANDIDATE)]
        found.append(good[0] if good else "none" if NO in row else None)
    return found
