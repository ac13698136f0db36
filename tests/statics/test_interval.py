"""Intervals: order, absence, corners, bends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lk_spatial.core.errors import InputError
from lk_spatial.statics.interval import around, extremes, hull, known, monotone, triple


def test_no_value_in_one_is_no_value_in_all() -> None:
    found = triple([1.0, np.nan, 1.0], [2.0, 2.0, 2.0], [3.0, 3.0, np.nan])
    assert [np.isnan(each).tolist() for each in found] == [[False, True, True]] * 3


@pytest.mark.parametrize("low,mean,high", [(2.0, 1.0, 3.0), (1.0, 4.0, 3.0), ([0.0, 3.0], 2.0, 2.5)])
def test_values_out_of_order_are_refused(low: float, mean: float, high: float) -> None:
    with pytest.raises(InputError, match=r"interval_order_wrong|ascend|růst"):
        triple(low, mean, high)


def test_an_unknown_argument_leaves_no_result() -> None:
    found = monotone(np.add, [known([1.0, 1.0]), triple([1.0, np.nan], [2.0, np.nan], [3.0, np.nan])])
    assert found.low.tolist()[0] == 2.0 and found.high.tolist()[0] == 4.0
    assert all(np.isnan(each[1]) for each in found)


@given(st.lists(st.floats(0.1, 10), min_size=6, max_size=6), st.floats(0, 1), st.floats(0, 1))
def test_corners_contain_every_known_result(numbers: list[float], s: float, t: float) -> None:
    a, b = triple(*sorted(numbers[:3])), triple(*sorted(numbers[3:]))
    found = monotone(np.divide, [a], [b])
    inside = (a.low + s * (a.high - a.low)) / (b.low + t * (b.high - b.low))
    assert found.low * (1 - 1e-12) <= inside <= found.high * (1 + 1e-12)


def test_extremes_see_a_bend_within_and_none_beyond() -> None:
    over = triple([-1.0, 1.0], [0.0, 2.0], [3.0, 3.0])
    low, high = extremes(lambda x: np.abs(x), over, [np.zeros(2), np.full(2, np.nan)])
    assert low.tolist() == [0.0, 1.0] and high.tolist() == [3.0, 3.0]


def test_hull_and_share() -> None:
    assert [float(each) for each in hull([known(1.0), triple(0.5, 3.0, 4.0)])] == [0.5, 2.0, 4.0]
    assert [float(each) for each in around(2.0, 0.15)] == pytest.approx([1.7, 2.0, 2.3])
