"""Ageing over the life of an array."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lk_spatial.core.errors import InputError
from lk_spatial.core.tables import CONFIDENCE, load_table
from lk_spatial.solar.ageing import AGEING, Ageing, life_factor


def test_lifetime_of_the_hand_checked_case() -> None:
    """The facts (pv.md section 7): 100 kWp, 950 kWh/kWp, d1 1 %, d 0.5 %, 25 a: 94 050 kWh in year 1, 2 215 437 in all.

    So its year 1 is after d1: E_t = E (1 - d1) (1 - d)^(t - 1) with E = 95 000 kWh of new modules.
    """
    assert 95_000 * life_factor(Ageing(1.0, 0.5, 1)) == pytest.approx(94_050)
    assert 25 * 95_000 * life_factor(Ageing(1.0, 0.5, 25)) == pytest.approx(2_215_437, abs=0.5)


@given(st.floats(0, 20), st.floats(0, 10), st.integers(1, 60))
def test_older_is_never_better(first: float, yearly: float, life: int) -> None:
    factor = life_factor(Ageing(first, yearly, life))
    assert (1 - first / 100) * (1 - yearly / 100) ** (life - 1) - 1e-12 <= factor <= 1 - first / 100 + 1e-12
    assert life_factor(Ageing(first, yearly, life + 1)) <= factor + 1e-12


def test_nothing_lost_nothing_changed() -> None:
    assert life_factor(Ageing(0.0, 0.0, 40)) == 1.0


@pytest.mark.parametrize("wrong", [Ageing(-1.0), Ageing(1.0, 30.0), Ageing(1.0, 0.5, 0), Ageing(float("nan"))])
def test_values_out_of_range_are_refused(wrong: Ageing) -> None:
    with pytest.raises(InputError, match="yield_parameter_wrong"):
        life_factor(wrong)


def test_defaults_are_those_of_the_table() -> None:
    rows = load_table(AGEING).rows.set_index("name")
    assert tuple(rows["value"]) == Ageing()
    assert rows["confidence"].isin(CONFIDENCE).all() and "confirmed" not in set(rows["confidence"])
