"""What finished surveys change: against direct Monte Carlo with another bias."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lk_spatial.statics.draws import part_keys
from lk_spatial.statics.interval import known
from lk_spatial.statics.lessons import LEAST_U, exceedance_after, utilisation_at
from lk_spatial.statics.reliability import DRAWS, Spread, exceedance
from lk_spatial.statics.reserve import eurocode, one_combination, reserve, roof_parts
from lk_spatial.statics.survey import Bias
from tests.statics.made_parts import random_parts

PRIOR = Bias(1.0, 0.10)
N = 24
KEYS = part_keys(range(N), ["1"] * N)


@pytest.mark.parametrize("after", [Bias(1.1, 0.06), Bias(0.9, 0.05), Bias(1.0, 0.04), Bias(1.2, 0.1)])
def test_exact_where_only_the_bias_is_open(after: Bias) -> None:
    """Ln U is normal then: within sampling errors of Monte Carlo with the bias itself."""
    u0 = np.linspace(0.8, 1.1, N)
    parts = roof_parts(
        g=known(0.35),
        snow=known(1.2),
        snow_build=known(1.4),
        pv=known(0.15),
        u0=known(u0),
        today=eurocode(),
        build=one_combination(1.1, 1.4),
    )
    index = np.log(reserve(parts).u1.mean) / np.sqrt(np.log1p(PRIOR.v**2))
    spread = Spread(conversion_v=0.0, bias=PRIOR.median, bias_v=PRIOR.v)
    before = exceedance(parts, KEYS, spread).p1
    direct = exceedance(parts, KEYS, spread._replace(bias=after.median, bias_v=after.v)).p1
    found = exceedance_after(before, np.sqrt(np.log1p(PRIOR.v**2)), PRIOR, after.median, after.v)
    # the error of `before` counts as well: by its index, magnified where it is far from the middle
    error = np.sqrt(np.maximum(direct * (1 - direct), 0.01) / DRAWS) * (1.0 + PRIOR.v / after.v)
    told = np.abs(index) < 2.5
    assert told.sum() > 5 and np.ptp(direct[told]) > 0.1
    assert (np.abs(found - direct)[told] < 4.0 * error[told]).all()


@pytest.mark.parametrize("after", [Bias(1.1, 0.06), Bias(0.9, 0.07), Bias(1.0, 0.04)])
def test_near_where_all_is_open(after: Bias) -> None:
    """Ranges, zones and the rest are not normal: the chance is good to 0.025, on the average to 0.008."""
    parts = random_parts(N, 3)
    before = exceedance(parts, KEYS)
    direct = exceedance(parts, KEYS, Spread(bias=after.median, bias_v=after.v)).p1
    off = exceedance_after(before.p1, before.log_sd, PRIOR, after.median, after.v) - direct
    assert np.abs(off).max() < 0.025 and np.sqrt((off**2).mean()) < 0.008
    if after.median != 1.0:
        assert np.abs(before.p1 - direct).max() > 0.1  # else nothing was asked


@given(p=st.floats(0, 1), sd=st.floats(0.1, 0.6), median=st.floats(0.7, 1.5), v=st.floats(0.01, 0.1))
def test_a_stronger_roof_falls_short_less(p: float, sd: float, median: float, v: float) -> None:
    found = exceedance_after(p, sd, PRIOR, [median, median * 1.05], v)
    assert 0.0 <= found[1] <= found[0] <= 1.0
    assert exceedance_after(p, sd, PRIOR, PRIOR.median, PRIOR.v) == p


def test_nothing_learnt_nothing_changed() -> None:
    p = np.array([0.0, 0.123456789, 1.0, np.nan])
    assert np.array_equal(exceedance_after(p, 0.2, PRIOR, 1.0, 0.1), p, equal_nan=True)
    assert np.array_equal(exceedance_after(p, np.nan, PRIOR, 1.0, 0.1), p, equal_nan=True)
    assert np.isnan(exceedance_after([0.5, np.nan], [np.nan, 0.2], PRIOR, 1.1, 0.1)).all()


def test_what_no_draw_showed_is_not_impossible() -> None:
    weaker = float(exceedance_after(0.0, 0.2, PRIOR, 0.8, 0.1))
    assert 1e-3 < weaker < 0.01
    assert float(exceedance_after(1.0, 0.2, PRIOR, 1.3, 0.1)) < 0.999


def test_utilisation_with_another_load() -> None:
    """The line through the utilisations of `reserve`: exact where one combination governs."""
    parts = random_parts(N, 5)
    parts = parts._replace(today=one_combination(1.35, 1.5))
    found = reserve(parts)
    u0, u1, room, pv = found.u0.mean, found.u1.mean, found.q_max.mean, parts.pv.mean
    load = 0.4
    direct = reserve(parts._replace(pv=known(np.full(N, load)))).u1.mean
    assert utilisation_at(load, u0, u1, pv, room) == pytest.approx(direct, rel=1e-9)
    by_room = utilisation_at(load, u0, u1, np.nan, room)
    wide = np.abs(room) > 0.1
    assert by_room[wide] == pytest.approx(direct[wide], rel=1e-9)
    assert np.isnan(utilisation_at(0.1, 1.0, 1.1, np.nan, 0.001)) and np.isnan(utilisation_at(np.nan, 0.9, 1, 0.1, 1))
    assert utilisation_at(-9.0, 0.9, 1.0, 0.1, np.nan) == LEAST_U
