"""Reserve: the facts' table of utilisations, exact intervals, what rises and what falls."""

import numpy as np
import pytest

from lk_spatial.statics.combination import permissible_load
from lk_spatial.statics.era import BuildLoad, build_load
from lk_spatial.statics.interval import Triple, known, triple
from lk_spatial.statics.reserve import (
    INPUTS,
    Factors,
    Roofs,
    build_side,
    design_load,
    eurocode,
    one_combination,
    reserve,
    roof_parts,
    room,
    take,
)
from tests.statics.made_parts import csn_part, inside, random_parts

# facts on statics, 1.3: E_today (+ PV) over E_build; s0, sk, g, kappa → no PV, +0.15, +0.30, no PV with rho_R 1.12
TABLE = [
    pytest.param(1.0, 1.5, 0.35, 1.0, (1.23, 1.33, 1.43), 1.10, id="1976-88 light III-III"),
    pytest.param(1.0, 2.0, 0.35, 1.0, (1.57, 1.67, 1.76), 1.40, id="1976-88 light III-IV"),
    pytest.param(1.0, 1.5, 3.5, 1.0, (1.11, 1.14, 1.17), 0.99, id="1976-88 heavy III-III"),
    pytest.param(0.7, 1.0, 0.35, 1.2, (1.03, 1.14, 1.25), 0.92, id="1988-2006 light II-II"),
    pytest.param(1.5, 2.0, 0.35, 1.2, (0.96, 1.02, 1.08), 0.86, id="1988-2006 light IV-IV"),
    pytest.param(1.5, 2.5, 0.35, 1.2, (1.17, 1.23, 1.29), 1.05, id="1988-2006 light IV-V"),
]


@pytest.mark.parametrize("s0,sk,g,kappa,expected,credited", TABLE)
def test_total_utilisations_of_the_facts(
    s0: float, sk: float, g: float, kappa: float, expected: tuple[float, ...], credited: float
) -> None:
    found = [float(reserve(csn_part(s0, sk, g, pv, kappa)).u1.mean[0]) for pv in (0.0, 0.15, 0.30)]
    assert found == pytest.approx(expected, abs=0.0051)
    assert reserve(csn_part(s0, sk, g, kappa=kappa, rho_r=1.12)).u0.mean[0] == pytest.approx(credited, abs=0.0051)


@pytest.mark.parametrize("sk,g,ratio", [(2.0, 0.35, 1.061), (2.5, 0.35, 1.051), (2.0, 3.5, 1.027)])
def test_eurocode_roofs_of_the_facts(sk: float, g: float, ratio: float) -> None:
    parts = csn_part(0.8 * sk, sk, g, 0.15, kappa=1.0)._replace(build=eurocode())
    found = reserve(parts)
    assert found.u0.mean[0] == pytest.approx(1.0) and found.u1.mean[0] == pytest.approx(ratio, abs=0.0006)
    assert found.q_max.mean[0] == pytest.approx(0.0, abs=1e-12)


def test_permissible_load_by_hand() -> None:
    # R 4.0, g 0.5, s 1.6: 6.10a (4 - 1.2)/1.35 - 0.5 = 1.574, 6.10b (4 - 2.4)/1.1475 - 0.5 = 0.894
    assert float(room(4.0, 0.5, 1.6, eurocode())) == pytest.approx(0.8943, abs=5e-5)
    assert float(room(8.0, 3.5, 0.8, eurocode())) == pytest.approx(
        (8.0 - 0.6) / 1.35 - 3.5
    )  # 6.10a: heavy, little snow


def test_permissible_load_is_the_load_at_which_the_utilisation_is_one() -> None:
    parts = inside(random_parts(60, 3), np.random.default_rng(0))
    q = reserve(parts).q_max.mean
    full = reserve(Roofs(**(parts._asdict() | {"pv": known(q)}))).u1.mean
    np.testing.assert_allclose(full, 1.0, rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_intervals_contain_every_known_value_result(seed: int) -> None:
    parts, rng = random_parts(200, seed), np.random.default_rng(seed + 100)
    wide = reserve(parts)
    for _ in range(20):
        for name, exact in reserve(inside(parts, rng))._asdict().items():
            outer = getattr(wide, name)
            assert (outer.low <= exact.mean + 1e-9).all() and (exact.mean <= outer.high + 1e-9).all(), name


def test_intervals_are_reached() -> None:
    parts, rng = random_parts(8, 1, wide=0.3), np.random.default_rng(5)
    wide = reserve(parts)
    seen = [reserve(inside(parts, rng)).u1.mean for _ in range(1000)]
    width = (np.max(seen, axis=0) - np.min(seen, axis=0)) / (wide.u1.high - wide.u1.low)
    assert (width > 0.7).all()


def test_a_bend_within_the_range_of_the_permanent_load_is_seen() -> None:
    parts = roof_parts(
        g=triple(0.0, 3.0, 12.0),
        snow=known(1.6),
        snow_build=known(1.2),
        pv=known(0.0),
        u0=known(1.0),
        today=eurocode(),
        build=one_combination(1.2, 1.4),
    )
    g = np.linspace(0.0, 12.0, 100_001)
    today = np.maximum(1.35 * g + 0.75 * 1.6, 1.1475 * g + 1.5 * 1.6)
    exact = today / (1.2 * g + 1.68)
    found = reserve(parts)
    assert 0 < exact.argmin() < len(g) - 1
    assert found.u0.low[0] == pytest.approx(exact.min(), abs=1e-6)
    assert found.u0.high[0] == pytest.approx(exact.max(), abs=1e-6)


def test_a_heavy_roof_is_not_taken_as_light_when_built() -> None:
    parts = csn_part(1.0, 1.5, kappa=1.0)
    wide = Roofs(**(parts._asdict() | {"g": triple([2.5], [3.5], [5.0])}))
    u0 = reserve(wide).u0
    assert 1.05 < u0.low[0] < u0.mean[0] < u0.high[0] < 1.20  # opposite ends would give 0.7 to 1.9


@pytest.mark.parametrize(
    "name,sign",
    [("snow", 1), ("pv", 1), ("g_added", 1), ("u0", 1), ("k_fi", 1)]
    + [(each, -1) for each in ("snow_build", "kappa", "rho_r", "condition")],
)
def test_monotone_in_every_input(name: str, sign: int) -> None:
    parts = random_parts(100, 7)
    each = getattr(parts, name)
    more = Roofs(**(parts._asdict() | {name: Triple(*(1.05 * part + 0.01 for part in each))}))
    before, after = reserve(parts), reserve(more)
    for low, high in zip(before.u1, after.u1, strict=True):
        assert (sign * (high - low) > 0).all()
    if name != "pv":
        for low, high in zip(before.q_max, after.q_max, strict=True):
            assert (sign * (high - low) < 0).all()


def test_what_pv_adds_is_the_difference_of_the_utilisations() -> None:
    found = reserve(random_parts(50, 2))
    np.testing.assert_allclose(found.added.mean, found.u1.mean - found.u0.mean, rtol=1e-9)
    assert (found.added.low > 0).all()


@pytest.mark.parametrize("name", INPUTS)
def test_no_value_gives_no_number(name: str) -> None:
    parts = random_parts(3)
    void = Triple(*(np.array([np.nan, *part[1:]]) for part in getattr(parts, name)))
    found = reserve(Roofs(**(parts._asdict() | {name: void})))
    assert all(np.isnan(part[0]) and not np.isnan(part[1:]).any() for each in found[:2] for part in each)
    assert all(np.isnan(part[0]) for each in found for part in each)


def test_a_known_design_load_stands_for_the_code() -> None:
    parts, load = csn_part(1.5, 2.0, 0.35), 1.1 * 0.35 + 1.4 * 1.2 * 1.5
    snow, factors = build_side(known([load]), parts.g, 1.1)
    other = Roofs(**(parts._asdict() | {"snow_build": snow, "kappa": known([1.0]), "build": factors}))
    assert reserve(other).u0.mean == pytest.approx(reserve(parts).u0.mean)
    assert isinstance(factors, Factors)


@pytest.mark.parametrize("years", [(1982, 1982), (1990, 1992), (2008, 2008), (2015, 2015), (1985, 2012)])
@pytest.mark.parametrize("g", [triple(0.3, 0.4, 0.55), triple(2.5, 3.5, 5.0)], ids=["light", "heavy"])
def test_interval_by_year_contains_every_known_design(years: tuple[int, int], g: Triple) -> None:
    def built(dead: float, first: int, last: int, light: float) -> BuildLoad:
        return build_load(dead, 1.0, 1.5, first_year=first, last_year=last, light=light)

    ends = [built(float(dead), *years, np.nan) for dead in g]
    snow, factors = build_side(Triple(ends[0].low, ends[1].typ, ends[2].high), g, ends[1].gamma_dead)
    rest = {"snow": known(1.2), "pv": known(0.15), "u0": known(0.85), "today": eurocode()}
    wide = reserve(roof_parts(g=g, snow_build=snow, build=factors, **rest))
    for year in range(years[0], years[1] + 1):
        for dead in np.linspace(g.low, g.high, 9):
            for light in (0.0, 1.0):
                now = design_load(dead + 0.15, 1.2, eurocode())
                one = built(dead, year, year, light)
                for then in (one.low, one.high):
                    assert wide.u1.low[0] - 1e-12 <= now * 0.85 / then <= wide.u1.high[0] + 1e-12
    assert wide.u1.mean[0] == pytest.approx(0.85 * design_load(g.mean + 0.15, 1.2, eurocode()) / ends[1].typ)


def test_the_two_formulas_of_the_permissible_load_agree() -> None:
    parts = inside(random_parts(50, 4), np.random.default_rng(4))
    r, g, s, k_fi = 4.0 + parts.u0.mean, parts.g.mean, parts.snow.mean, parts.k_fi.mean
    theirs = permissible_load(r, g, s, psi0=0.7, k_fi=k_fi)
    np.testing.assert_allclose(room(r / k_fi, g, s, eurocode(0.7)), theirs, rtol=1e-12, atol=1e-12)


def test_some_rows_are_those_rows() -> None:
    parts = random_parts(9)
    np.testing.assert_array_equal(reserve(take(parts, slice(2, 5))).u1.high, reserve(parts).u1.high[2:5])
