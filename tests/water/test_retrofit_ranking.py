"""Ranking: by hand, ties, gates, missing criteria against all their possible values, order of rows."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lk_spatial.core.errors import InputError
from lk_spatial.core.text import Text
from lk_spatial.water.ranking import Criterion, normed_weights, rank_retrofits

CRITERIA = {
    "saved": Criterion(3.0, 0.0, 1000.0, Text("water saved", "ušetřená voda")),
    "payback": Criterion(1.0, 20.0, 0.0, Text("payback", "návratnost")),
}


def table(*rows: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["saved", "payback"], index=[f"b{i}" for i in range(len(rows))])


def test_by_hand() -> None:
    found = rank_retrofits(table((1000, 20), (500, 0), (0, 10), (2000, 30)), CRITERIA)
    assert found["score"].tolist() == [0.75, 0.625, 0.125, 0.75], "values beyond the ends count as the ends"
    assert found["rank"].tolist() == [1, 3, 4, 1] and (found["rank_lo"] == found["rank_hi"]).all()
    assert found["points_saved"].tolist() == [0.75, 0.375, 0.0, 0.75]
    assert "Shares its rank with 1 more" in found["reasons_en"].iloc[0] and "water saved" in found["reasons_en"].iloc[0]
    assert normed_weights(CRITERIA) == {"saved": 0.75, "payback": 0.25}


def test_a_gate_is_outbid_by_no_score() -> None:
    gates = {"heritage": ([0, 1, np.nan], Text("heritage", "památková ochrana"))}
    found = rank_retrofits(table((1000, 0), (1, 19), (900, 1)), CRITERIA, gates)
    assert found["rank"].tolist()[1] == 1.0 and found["rank_lo"].isna().tolist() == [True, False, True]
    assert found.loc["b0", "reasons_en"].startswith("Not ranked: stopped by heritage")
    assert found.loc["b2", "reasons_cs"].startswith("Bez pořadí: není známo")
    assert found["score_lo"].isna().tolist() == [True, False, True]


def test_missing_criteria_make_a_range() -> None:
    found = rank_retrofits(table((np.nan, 0), (500, 0), (0, 0), (np.nan, np.nan)), CRITERIA)
    assert found["rank_lo"].tolist()[:3] == [1, 1, 2] and found["rank_hi"].tolist()[:3] == [2, 2, 3]
    assert found["rank"].isna().all() and found["score"].isna().tolist() == [True, False, False, True]
    assert "not known: water saved" in found["reasons_en"].iloc[0] and "others" in found["reasons_en"].iloc[1]
    assert "no criterion" in found["reasons_en"].iloc[3] and np.isnan(found["rank_lo"].iloc[3])


VALUES = st.sampled_from([0.0, 250.0, 500.0, 1000.0, np.nan])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(VALUES, st.sampled_from([0.0, 10.0, 20.0])), min_size=1, max_size=4))
def test_ranges_hold_every_case_and_are_reached(rows) -> None:
    """Each missing value at both ends, all combinations: the least and greatest rank are those told."""
    values = table(*rows)
    found = rank_retrofits(values, CRITERIA)
    gaps = np.flatnonzero(values["saved"].isna())
    seen = []
    for ends in itertools.product([0.0, 1000.0], repeat=len(gaps)):
        filled = values.copy()
        filled.iloc[gaps, 0] = ends
        seen.append(rank_retrofits(filled, CRITERIA)["rank"].to_numpy())
    assert found["rank_lo"].tolist() == np.min(seen, axis=0).tolist()
    assert found["rank_hi"].tolist() == np.max(seen, axis=0).tolist()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1200), st.floats(0, 25)), min_size=2, max_size=8), st.randoms())
def test_order_of_rows_does_not_matter_and_better_is_not_worse(rows, random) -> None:
    values = table(*rows)
    found = rank_retrofits(values, CRITERIA)
    order = list(values.index)
    random.shuffle(order)
    pd.testing.assert_frame_equal(rank_retrofits(values.loc[order], CRITERIA), found.loc[order])
    better = values.copy()
    better.iloc[0, 0] += 100.0
    assert rank_retrofits(better, CRITERIA)["rank"].iloc[0] <= found["rank"].iloc[0]


def test_equal_weights_of_another_size_rank_alike() -> None:
    values = table((100, 3), (800, 18), (400, 9))
    scaled = {name: each._replace(weight=each.weight * 7) for name, each in CRITERIA.items()}
    pd.testing.assert_frame_equal(rank_retrofits(values, CRITERIA), rank_retrofits(values, scaled))


def test_a_payback_that_never_comes_is_the_worst() -> None:
    assert rank_retrofits(table((500, np.inf)), CRITERIA)["score"].tolist() == [0.375]


BAD = {
    "weight 0": {"saved": CRITERIA["saved"]._replace(weight=0.0)},
    "negative weight": {"saved": CRITERIA["saved"]._replace(weight=-1.0)},
    "no weight": {"saved": CRITERIA["saved"]._replace(weight=np.nan)},
    "equal ends": {"saved": CRITERIA["saved"]._replace(best=0.0)},
    "none": {},
    "no such column": {"fame": CRITERIA["saved"]},
}


@pytest.mark.parametrize("criteria", BAD.values(), ids=BAD)
def test_unusable_criteria_are_refused(criteria) -> None:
    with pytest.raises(InputError) as error:
        rank_retrofits(table((1, 1)), criteria)
    assert error.value.sentence("cs")
