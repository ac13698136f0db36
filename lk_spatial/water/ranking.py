"""Order of retrofits by weights that the user gives, with gates that no weight outbids.

A score is the weighted mean of how far each criterion lies between its worst and best value. A stopped or unknown gate
is not ranked, whatever its score. Where criteria are missing the score is an interval, from their worst to their best,
and so is the rank.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lk_spatial.core.errors import InputError
from lk_spatial.core.text import Text, fill
from lk_spatial.water.given import Flags, Floats, amount

DIGITS = 12  # to which scores are told apart
STOPPED = Text("Not ranked: stopped by {gate}.", "Bez pořadí: vyloučeno podmínkou {gate}.")
OPEN = Text("Not ranked: not known whether it passes {gate}.", "Bez pořadí: není známo, zda splňuje podmínku {gate}.")
NOTHING = Text("Not ranked: no criterion is known.", "Bez pořadí: není známo žádné kritérium.")
RANGE = Text(
    "Rank {low} to {high}: not known: {names}.",
    "Pořadí {low} až {high}: není známo: {names}.",
)
OTHERS = Text("Rank {low} to {high}: not all is known of others.", "Pořadí {low} až {high}: u jiných není známo vše.")
TIED = Text("Shares its rank with {count} more.", "O pořadí se dělí s dalšími ({count}).")
MOST = Text(
    "Most of its score {score} comes from {name} ({part}).", "Ze skóre {score} nejvíce přispívá {name} ({part})."
)


class Criterion(NamedTuple):
    """Weight [-], above 0, and the values that count as worst (score 0) and best (1); values beyond count as these.

    ``best`` may lie below ``worst``, as of a payback. ``title`` is shown in reasons.
    """

    weight: float
    worst: float
    best: float
    title: Text


def rank_retrofits(
    values: pd.DataFrame, criteria: Mapping[str, Criterion], gates: Mapping[str, tuple[ArrayLike, Text]] | None = None
) -> pd.DataFrame:
    """A row for each retrofit: rank, rank_lo, rank_hi, score_lo, score, score_hi, points_<criterion>, reasons.

    ``values`` with a column for each of ``criteria``, NaN where not known; ``gates`` by id: 1 open, 0 stops, NaN
    unknown (n,), and what to call it. Ranks begin at 1, equal scores share the best of theirs; ``score`` is null where
    a criterion is missing, ``rank`` also where others with missing ones may come before or after, and all is null where
    it is not ranked. ``points`` are the weighted parts of the score, weights normed to 1 (``normed_weights``). Order of
    rows does not matter. Raises InputError for weights that are not above 0, equal ends, missing columns.
    """
    weights = normed_weights(criteria)
    absent = [name for name in criteria if name not in values]
    if absent:
        raise InputError("ranking_columns", missing=absent, found=[str(each) for each in values.columns])
    parts = np.column_stack([_share(values[name], each) for name, each in criteria.items()])
    weighed = np.array([weights[name] for name in criteria])
    low, high = (np.round(np.where(np.isnan(parts), end, parts) @ weighed, DIGITS) for end in (0.0, 1.0))
    kept, why_not = _kept(np.asarray(np.isnan(parts).all(axis=1)), gates or {})
    rank_lo, rank_hi = _ranks(low, high, kept)
    whole = kept & ~np.isnan(parts).any(axis=1)
    table = {"rank": np.where(whole & (rank_lo == rank_hi), rank_lo, np.nan), "rank_lo": rank_lo, "rank_hi": rank_hi}
    table |= {"score_lo": np.where(kept, low, np.nan), "score": np.where(whole, low, np.nan)}
    table |= {"score_hi": np.where(kept, high, np.nan)}
    table |= {f"points_{name}": parts[:, k] * weighed[k] for k, name in enumerate(criteria)}
    result = pd.DataFrame(table, index=values.index)
    told = [why_not[i] or _why(result.iloc[i], result, criteria) for i in range(len(result))]
    return result.assign(
        reasons_cs=[_text(each, "cs") for each in told], reasons_en=[_text(each, "en") for each in told]
    )


def normed_weights(criteria: Mapping[str, Criterion]) -> dict[str, float]:
    """Weights that add up to 1, to be shown beside every ranking; raises InputError for those not above 0."""
    wrong = [name for name, each in criteria.items() if not (0.0 < each.weight < np.inf) or each.worst == each.best]
    if wrong or not criteria:
        raise InputError("ranking_weights", names=wrong)
    total = sum(each.weight for each in criteria.values())
    return {name: each.weight / total for name, each in criteria.items()}


def _share(column: pd.Series, of: Criterion) -> Floats:
    """How far values lie from worst to best [0–1]; an infinite payback is the worst."""
    found = pd.to_numeric(column).to_numpy(float, na_value=np.nan)
    return np.clip((found - of.worst) / (of.best - of.worst), 0.0, 1.0)


def _kept(nothing: Flags, gates: Mapping[str, tuple[ArrayLike, Text]]) -> tuple[Flags, list[list[Text]]]:
    """Who is ranked, and why not."""
    kept = ~nothing
    why: list[list[Text]] = [[NOTHING] if each else [] for each in nothing]
    for name, (given, title) in gates.items():
        verdict = np.broadcast_to(amount(name, given, 0.0, 1.0), nothing.shape)
        kept = kept & (verdict == 1.0)
        for i in np.flatnonzero(verdict != 1.0):
            why[i].append(fill(OPEN if np.isnan(verdict[i]) else STOPPED, gate=title))
    return kept, why


def _ranks(low: Floats, high: Floats, kept: Flags) -> tuple[Floats, Floats]:
    """Best and worst rank of those that are kept: of others, how many are surely and how many may be before it."""
    best, worst = np.full(len(low), np.nan), np.full(len(low), np.nan)
    lows, highs = np.sort(low[kept]), np.sort(high[kept])
    best[kept] = 1.0 + len(lows) - np.searchsorted(lows, high[kept], side="right")
    before = len(highs) - np.searchsorted(highs, low[kept], side="right")
    worst[kept] = 1.0 + before - (high[kept] > low[kept])  # itself is not before it
    return best, worst


def _why(row: pd.Series, table: pd.DataFrame, criteria: Mapping[str, Criterion]) -> list[Text]:
    """Reasons of one that is ranked."""
    points = {name: float(row[f"points_{name}"]) for name in criteria}
    most = max((name for name in points if points[name] == points[name]), key=lambda name: points[name])
    told = []
    ends = {"low": f"{row['rank_lo']:.0f}", "high": f"{row['rank_hi']:.0f}"}
    if np.isnan(row["score"]):
        lacking = [criteria[name].title for name in points if points[name] != points[name]]
        names = Text(", ".join(each.en for each in lacking), ", ".join(each.cs for each in lacking))
        told.append(fill(RANGE, names=names, **ends))
    elif np.isnan(row["rank"]):
        told.append(fill(OTHERS, **ends))
    values = {"score": f"{row['score_lo']:.3f}", "part": f"{points[most]:.3f}"}
    told.append(fill(MOST, name=criteria[most].title, **values))
    tied = int((table["score"] == row["score"]).sum()) - 1
    if tied > 0:
        told.append(fill(TIED, count=str(tied)))
    return told


def _text(told: list[Text], lang: str) -> str:
    return " ".join(each.get(lang) for each in told)
