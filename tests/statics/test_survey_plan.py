"""Value of surveys, visits, what reports teach and prove, audits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lk_spatial.core.errors import InputError
from lk_spatial.statics.decision import thresholds
from lk_spatial.statics.draws import part_keys
from lk_spatial.statics.survey import (
    Bias,
    audit_sample,
    check_reports,
    clopper_pearson,
    left_out,
    like_roofs,
    needed_bias,
    places,
    plan_surveys,
    survey_value,
    updated_bias,
)

PRIOR = Bias(1.0, 0.10)


@pytest.mark.parametrize(
    "agree,low,high",
    [
        pytest.param(11, 0.715, 1.0, id="STAT-01 11/11"),
        pytest.param(10, 0.587, 0.998, id="STAT-01 10/11"),
        pytest.param(9, 0.482, 0.977, id="STAT-01 9/11"),
        pytest.param(0, 0.0, 0.285, id="STAT-01 mirrored"),
    ],
)
def test_clopper_pearson(agree: int, low: float, high: float) -> None:
    assert clopper_pearson(agree, 11) == pytest.approx((low, high), abs=0.0005)


@pytest.mark.parametrize("agree,total", [(1, 0), (-1, 3), (4, 3)])
def test_shares_that_are_none_are_refused(agree: int, total: int) -> None:
    with pytest.raises(InputError):
        clopper_pearson(agree, total)


def test_a_survey_pays_between_the_thresholds() -> None:
    low, high = (float(each) for each in thresholds(40e3, 10e6, 1.5e6))
    p = np.array([low - 1e-6, low + 1e-6, 0.3, high - 1e-6, high + 1e-6])
    found = survey_value(p, 40e3, 10e6, 1.5e6)
    assert (found.voi_czk > 0).tolist() == [False, True, True, True, False]
    # go ahead below B / (B + C), where the survey may forbid it; else leave it, and the survey may allow it
    assert found.p_change == pytest.approx([p[0], p[1], 0.7, 1 - p[3], 1 - p[4]])
    assert found.voi_czk[2] == pytest.approx(0.7 * 1.5e6 - 40e3)


def test_without_the_cost_of_a_false_go_the_roof_is_left() -> None:
    found = survey_value([0.001, 0.5], 40e3, None, 1e6)
    assert found.p_change == pytest.approx([0.999, 0.5]) and found.voi_czk == pytest.approx([959e3, 460e3])
    bare = survey_value([0.4, np.nan], None)
    assert bare.p_change[0] == pytest.approx(0.6) and np.isnan([bare.p_change[1], *bare.voi_czk]).all()


def test_places_are_joined_by_steps() -> None:
    x = [0.0, 900.0, 80.0, np.nan, 160.0, np.nan]
    assert places(x, np.zeros(6), 100.0).tolist() == [0, 1, 0, 2, 0, 3]
    assert places([np.nan], [0.0], 10.0).tolist() == [0] and len(places([], [], 10.0)) == 0


def test_visits_are_of_one_place_and_of_falling_worth() -> None:
    worth = np.array([5.0, 9.0, 1.0, 8.0, np.nan, -3.0, 7.0])
    place = np.array([1, 2, 1, 3, 2, 3, 1])
    plan = plan_surveys(worth, place, number=4, visit_cost=3.0)
    # place 1: 13 of 6, 2: 9 of 4, 3: 8 of 4
    assert plan.rows.tolist() == [1, 6, 0, 2] and plan.visit.tolist() == [1, 2, 2, 2]
    assert plan_surveys(worth, place, number=99).rows.tolist() == [1, 3, 6, 0, 2]
    assert len(plan_surveys(worth, place, number=0).rows) == 0
    with pytest.raises(InputError):
        plan_surveys(worth, place)


@given(st.integers(0, 1000), st.floats(0, 60), st.integers(0, 12))
def test_plans_keep_within_their_limits(seed: int, budget: float, number: int) -> None:
    rng = np.random.default_rng(seed)
    worth, place, cost = rng.normal(2, 3, 15), rng.integers(0, 5, 15), rng.uniform(1, 6, 15)
    plan = plan_surveys(worth, place, number=number, budget=budget, cost=cost, visit_cost=2.0)
    visits = len(set(plan.visit.tolist()))
    assert len(plan.rows) == len(set(plan.rows.tolist())) <= number
    assert cost[plan.rows].sum() + 2.0 * visits <= budget + 1e-9
    assert (worth[plan.rows] > 0).all()
    assert all(len(set(place[plan.rows[plan.visit == v]].tolist())) == 1 for v in plan.visit)
    assert (np.diff(plan.visit) >= 0).all() and (np.diff(plan.visit) <= 1).all()


def test_reserves_teach_as_the_conjugate_normal_does() -> None:
    told = np.array([1.15, 1.3, 1.22])
    found = updated_bias(PRIOR, told, told, roof_v=0.15)
    prior, roof = np.log1p(0.1**2), np.log1p(0.15**2)
    precision = 1 / prior + 3 / roof
    assert found.median == pytest.approx(np.exp(np.log(told).sum() / roof / precision), rel=1e-6)
    assert found.v == pytest.approx(np.sqrt(np.expm1(1 / precision)), rel=1e-4)


def test_verdicts_teach_by_their_limit() -> None:
    rng = np.random.default_rng(0)
    median = np.exp(np.sqrt(np.log1p(0.1**2)) * rng.standard_normal(2_000_000))
    own = median * np.exp(np.sqrt(np.log1p(0.15**2)) * rng.standard_normal(2_000_000))
    kept = np.log(median[own >= 1.2])
    found = updated_bias(PRIOR, 1.2, np.inf)
    assert np.log(found.median) == pytest.approx(kept.mean(), abs=0.001)
    assert found.v == pytest.approx(kept.std(), abs=0.002)
    worse = updated_bias(PRIOR, 0.0, 0.9)
    assert worse.median < 1.0 < found.median and worse.v < PRIOR.v


def test_no_report_and_an_empty_one_teach_nothing() -> None:
    for low, high in (([], []), ([0.0], [np.inf])):
        found = updated_bias(PRIOR, low, high)
        assert found.median == pytest.approx(1.0) and found.v == pytest.approx(0.1, rel=1e-3)


def test_far_limits_keep_finite() -> None:
    found = updated_bias(PRIOR, [50.0, 0.0], [np.inf, 0.001])
    assert np.isfinite(found).all() and found.v > 0


def test_what_a_report_says_of_the_bias() -> None:
    low, high = needed_bias([1.1, 1.1, 1.1, 1.1], [1, 0, np.nan, 1], [np.nan, np.nan, np.nan, 1.3])
    assert low.tolist() == [1.1, 0.0, 0.0, 1.3] and high.tolist() == [np.inf, 1.1, np.inf, 1.3]


def test_like_roofs_learn_and_others_do_not() -> None:
    kinds = ["steel", "rc", None, "steel"]
    found = like_roofs(PRIOR, kinds, ["steel", "steel", None], [1.2, 1.3, 0.5], [1.2, 1.3, 0.5], 0.15)
    assert found[0] == found[3] == updated_bias(PRIOR, [1.2, 1.3], [1.2, 1.3]) and found[1] == found[2] == PRIOR


def test_each_left_out_once() -> None:
    told = np.array([1.1, 1.2, 0.9])
    assert left_out(PRIOR, told, told)[1] == updated_bias(PRIOR, told[[0, 2]], told[[0, 2]])


def test_unsafe_errors_come_first() -> None:
    classes = np.array(["B", "A", "D", "D", "C", "N"], object)
    found = check_reports(classes, [False, True, True, False, True, False])
    assert [each.tolist() for each in found[:4]] == [[0], [2], [1, 3], [4, 5]]
    assert found.statements[0].en.startswith("Unsafe errors") and "1 of 2" in found.statements[0].en
    assert "2 of 4" in found.statements[1].en and "2 z 4" in found.statements[1].cs


def test_what_eleven_agreeing_surveys_prove() -> None:
    found = check_reports(np.array(["B"] * 11, object), [True] * 11)
    assert "0 of 11" in found.statements[0].en and "28.5 %" in found.statements[0].en
    assert "71,5 %" in found.statements[1].cs and "vylosovány" in found.statements[1].cs
    nothing = check_reports(np.array(["C"], object), [True])
    assert len(nothing.statements) == 1 and "nothing can be said" in nothing.statements[0].en


def test_audits_are_drawn_from_a_and_b_by_the_seed_alone() -> None:
    n = 300
    classes = np.array(["A", "B", "C", "D", "N", "S"] * 50, object)
    keys = part_keys(range(n), ["1"] * n, 5)
    rows = audit_sample(classes, keys, 8)
    assert len(rows) == 8 and set(classes[rows]) <= {"A", "B"}
    back = np.arange(n)[::-1]
    assert back[audit_sample(classes[back], keys[back], 8)].tolist() == rows.tolist()
    assert audit_sample(classes, part_keys(range(n), ["1"] * n, 6), 8).tolist() != rows.tolist()
    assert len(audit_sample(classes, keys, 1000)) == 100


def test_audits_are_fair() -> None:
    n = 100
    hits = np.zeros(n)
    for seed in range(400):
        hits[audit_sample(np.array(["B"] * n, object), part_keys(range(n), ["1"] * n, seed), 10)] += 1
    assert stats.chisquare(hits).pvalue > 0.001
