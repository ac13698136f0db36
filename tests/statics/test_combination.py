"""Combinations of EN 1990, consequence classes, permissible load of modules."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lk_spatial as lk
from lk_spatial.core.errors import InputError
from lk_spatial.statics.combination import consequence_factor, design_load, permissible_load, snow_psi0

LOAD = st.floats(0, 8)


def test_rel_01_resistance() -> None:
    """REL-01 of the collected truths: a roof designed exactly to EN 1990, g 0.35, sk 2, has Rd 2.8016."""
    found = design_load(0.35, 0.8 * 2.0)
    assert float(found.load) == pytest.approx(2.8016, abs=5e-5) and found.load == found.by_b
    assert float(lk.permissible_load(found.load, 0.35, 1.6)) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(("gk", "sk_roof", "governs"), [(3.5, 0.56, "by_a"), (3.5, 2.4, "by_b"), (0.35, 0.56, "by_b")])
def test_6_10a_governs_heavy_roofs_with_little_snow(gk: float, sk_roof: float, governs: str) -> None:
    """By hand: 6.10a is greater where 1.35 · 0.15 G > 1.5 · 0.5 S, so G > 3.70 S."""
    found = design_load(gk, sk_roof)
    assert getattr(found, governs) == found.load and found.by_a != found.by_b


def test_permissible_load_by_hand() -> None:
    """R 6, G 3.5, S 0.56: 6.10a (6 − 4.725 − 0.42) / 1.35, 6.10b (6 − 4.01625 − 0.84) / 1.1475."""
    assert float(permissible_load(6, 3.5, 0.56)) == pytest.approx(0.855 / 1.35)
    assert float(permissible_load(6, 0.35, 1.6)) == pytest.approx((6 - 2.4 - 0.401625) / 1.1475)
    assert float(permissible_load(2, 0.35, 1.6)) < 0, "a deficit is told, not cut"


@given(gk=LOAD, snow=LOAD, reserve=st.floats(0, 5), psi0=st.floats(0, 1), k_fi=st.sampled_from([0.9, 1.0, 1.1]))
def test_what_is_permitted_just_fits(gk: float, snow: float, reserve: float, psi0: float, k_fi: float) -> None:
    """With the permitted load the design load equals the resistance."""
    resistance = float(design_load(gk, snow, psi0=psi0, k_fi=k_fi).load) + reserve
    allowed = float(permissible_load(resistance, gk, snow, psi0=psi0, k_fi=k_fi))
    assert allowed >= -1e-9
    full = design_load(gk + max(allowed, 0.0), snow, psi0=psi0, k_fi=k_fi).load
    assert float(full) == pytest.approx(resistance, rel=1e-9, abs=1e-9)


@given(resistance=st.floats(0, 20), gk=LOAD, snow=LOAD, more=LOAD)
def test_more_load_permits_less(resistance: float, gk: float, snow: float, more: float) -> None:
    found = permissible_load(resistance, gk, snow)
    assert permissible_load(resistance, gk + more, snow) <= found + 1e-12
    assert permissible_load(resistance, gk, snow + more) <= found + 1e-12
    assert permissible_load(resistance + more, gk, snow) >= found - 1e-12
    assert permissible_load(resistance, gk, snow, psi0=0.7) <= found
    assert permissible_load(resistance, gk, snow, k_fi=1.1) <= found


def test_psi0_by_altitude() -> None:
    np.testing.assert_equal(snow_psi0([374, 1000, 1000.1, np.nan]), [0.5, 0.5, 0.7, np.nan])


@pytest.mark.parametrize(
    ("stated", "use", "expected"),
    [
        ("CC3", None, (1.1, 1.1, 1.1)),
        ("CC1", "school", (0.9, 0.9, 0.9)),
        (None, "sports_hall", (1.0, 1.0, 1.1)),
        (None, "garage", (0.9, 1.0, 1.0)),
        (None, "office", (0.9, 1.0, 1.1)),
        (np.nan, None, (0.9, 1.0, 1.1)),
    ],
)
def test_consequence_factor(stated: object, use: object, expected: tuple[float, float, float]) -> None:
    assert tuple(map(float, consequence_factor(stated, use))) == expected


def test_arrays_broadcast_and_unknown_stays_unknown() -> None:
    assert permissible_load([[4.0], [5.0]], [0.3, 0.5, np.nan], 1.6).shape == (2, 3)
    assert np.isnan(permissible_load([4.0, 5.0], np.nan, 1.6)).all()
    assert np.isnan(
        [permissible_load(np.nan, 1, 1), permissible_load(4, 1, None), design_load(1, 1, psi0=np.nan).load]
    ).all()
    assert consequence_factor(["CC1", None], "school").high.tolist() == [0.9, 1.1]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: permissible_load(-1, 1, 1),
        lambda: permissible_load(4, -1, 1),
        lambda: permissible_load(4, 350, 1),
        lambda: permissible_load(4, 1, -1),
        lambda: permissible_load(4, 1, 1, psi0=1.2),
        lambda: consequence_factor("CC4"),
        lambda: consequence_factor(None, "castle"),
    ],
)
def test_nonsense_is_refused(wrong: object) -> None:
    with pytest.raises(InputError, match="statics_"):
        wrong()  # type: ignore[operator]
