"""Design loads at the time of building: the derived ratios of the facts, unknown years, gaps."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lk_spatial.core.errors import InputError
from lk_spatial.statics.combination import design_load
from lk_spatial.statics.era import build_load, era_load, eras, possible_eras
from lk_spatial.statics.ground import ground_snow

ERA = {era.id: era for era in eras()}
RHO_STEEL = 1.12  # facts, 0.3
RATIOS = [
    ("E2", 0.35, 1, "III", "III", (1.23, 1.33, 1.43), (1.10, 1.19, 1.27)),
    ("E2", 0.35, 1, "III", "IV", (1.57, 1.67, 1.76), (1.40, 1.49, 1.57)),
    ("E2", 3.5, 0, "III", "III", (1.11, 1.14, 1.17), (0.99, 1.02, 1.05)),
    ("E3", 0.35, 1, "II", "II", (1.03, 1.14, 1.25), (0.92, 1.01, 1.11)),
    ("E3", 0.35, 1, "IV", "IV", (0.96, 1.02, 1.08), (0.86, 0.91, 0.97)),
    ("E3", 0.35, 1, "IV", "V", (1.17, 1.23, 1.29), (1.05, 1.10, 1.15)),
    ("E4", 0.35, 1, "IV", "IV", (1.0, 1.061, 1.123), None),
    ("E5", 0.35, 1, "IV", "IV", (1.0, 1.061, 1.123), None),
    ("E5", 0.35, 1, "IV", "V", (1.0, 1.051, 1.101), None),
    ("E5", 3.5, 0, "IV", "IV", (1.0, 1.027, 1.054), None),
]


def zones(old: str, new: str) -> tuple[float, float]:
    return float(ground_snow(old, edition="1988").value), float(ground_snow(new).value)


@pytest.mark.parametrize(("era", "gk", "light", "old", "new", "expected", "with_steel"), RATIOS)
def test_ratios_of_the_facts(
    era: str, gk: float, light: float, old: str, new: str, expected: tuple[float, ...], with_steel: tuple | None
) -> None:
    """Facts, 1.3: E today over E at building, modules 0, 0.15 and 0.30 kN/m²."""
    s0, sk = zones(old, new)
    least, most = era_load(ERA[era], gk, s0, sk, light=light)
    assert least == most, "nothing is unknown"
    ratio = np.array([design_load(gk + pv, 0.8 * sk).load for pv in (0.0, 0.15, 0.30)]) / least
    digits = 0.0055 if with_steel else 0.0006
    np.testing.assert_allclose(ratio, expected, atol=digits)
    if with_steel:
        np.testing.assert_allclose(ratio / RHO_STEEL, with_steel, atol=0.0055)


@pytest.mark.parametrize(("light", "ratios"), [(1, (1.00, 0.98, 0.93, 1.05)), (0, (0.83, 0.82, 0.78, 0.87))])
def test_snow_alone(light: float, ratios: tuple[float, ...]) -> None:
    """Facts, 1.3: 1.4 κ s0 / 1.2 sk in zones I–IV."""
    for zone, ratio in zip(("I", "II", "III", "IV"), ratios, strict=True):
        s0, sk = zones(zone, zone)
        assert float(era_load(ERA["E3"], 0, s0, sk, light=light)[0]) / (1.2 * sk) == pytest.approx(ratio, abs=0.0055)


@pytest.mark.parametrize(
    ("first", "last", "ids"),
    [
        (1930, None, "E0"),
        (1949, 1950, "E0 E1"),
        (1960, None, "E1"),
        (1976, None, "E1 E2"),
        (1988, None, "E2 E3"),
        (1995, None, "E3"),
        (2000, None, "E3 E3b"),
        (2006, None, "E3 E3b E4 E4g"),
        (2010, None, "E3b E4 E4g E5"),
        (2015, math.nan, "E5"),
        (math.nan, 1976, "E0 E1 E2"),
        (math.nan, None, " ".join(ERA)),
    ],
)
def test_codes_by_year(first: float, last: float | None, ids: str) -> None:
    may = possible_eras(first, last)
    assert [era.id for era, is_possible in zip(eras(), may, strict=True) if is_possible] == ids.split()


@given(
    gk=st.floats(0.1, 5),
    zone=st.sampled_from(["I", "II", "III", "IV"]),
    year=st.floats(1950, 2026),
    pitch=st.floats(0, 60),
    light=st.sampled_from([0.0, 1.0]),
)
def test_an_unknown_contains_every_known(gk: float, zone: str, year: float, pitch: float, light: float) -> None:
    s0, sk = zones(zone, zone)
    known = build_load(gk, s0, sk, pitch, first_year=year, light=light)
    assert known.low <= known.typ <= known.high and known.complete
    unknown_year = build_load(gk, s0, sk, pitch, first_year=np.nan, light=light)
    unknown_kind = build_load(gk, s0, sk, pitch, first_year=year)
    span = build_load(gk, s0, sk, pitch, first_year=year - 3, last_year=year, light=light)
    for wider in (unknown_year, unknown_kind, span):
        assert wider.low <= known.low + 1e-12 and wider.high >= known.high - 1e-12
    assert not unknown_year.complete, "it may be older than any standard"


@given(year=st.floats(1951, 2026), snow=st.floats(0, 5), more=st.floats(0, 2), gk=st.floats(0, 5))
def test_more_snow_in_the_design_makes_a_stronger_roof(year: float, snow: float, more: float, gk: float) -> None:
    found = build_load(gk, snow, snow, first_year=year)
    stronger = build_load(gk, snow + more, snow + more, first_year=year)
    assert stronger.low >= found.low - 1e-12 and stronger.high >= found.high - 1e-12


def test_before_standards_there_is_no_number() -> None:
    found = build_load(0.35, 1.0, 1.5, first_year=[1900, 1960])
    assert np.isnan(found.low[0]) and np.isnan(found.typ[0]) and found.complete.tolist() == [False, True]
    np.testing.assert_allclose([found.low[1], found.high[1]], [1.785 * 0.75, 1.785 * 1.25])
    with pytest.raises(InputError, match="statics_era_without_load"):
        era_load(ERA["E0"], 0.35, 1.0, 1.5)


def test_only_the_snow_that_the_code_used_must_be_known() -> None:
    loads = build_load(0.35, [np.nan, 1.0, np.nan], [1.5, np.nan, 1.5], first_year=[2015, 1995, 1995], light=1)
    assert np.isnan(loads.low).tolist() == [False, False, True]
    assert np.isnan(build_load(0.35, np.nan, 1.5, first_year=2006).low), "a code that is possible lacks its snow"


def test_how_loads_move_with_the_permanent_load() -> None:
    """1.1 by ČSN 73 0035, 1.35 · 0.85 by the Eurocodes, the lesser where both are possible, none before standards."""
    found = build_load(0.35, 1.0, 1.5, first_year=[1980, 2015, 2006, 1900])
    np.testing.assert_allclose(found.gamma_dead, [1.1, 1.1475, 1.1, np.nan])
    more = build_load(0.45, 1.0, 1.5, first_year=[1980, 2015])
    np.testing.assert_allclose(more.low - found.low[:2], [0.11, 0.11475])


def test_light_roofs_only_to_30_degrees() -> None:
    low, high = era_load(ERA["E3"], 0.0, 1.0, 1.5, [30.0, 30.1], light=1)
    assert low[0] == high[0] and high[1] == pytest.approx(1.2 * low[1])


def test_arrays_broadcast() -> None:
    found = build_load(np.full((4, 1), 0.35), 1.0, 1.5, [0.0, 20.0, 40.0], first_year=1980)
    assert found.low.shape == found.typ.shape == found.complete.shape == (4, 3)


@pytest.mark.parametrize("year", [0, 1000, 20015, -50, "1980?"])
def test_years_that_are_none(year: object) -> None:
    with pytest.raises(InputError, match="statics_"):
        possible_eras(year)  # type: ignore[arg-type]


def test_reversed_years() -> None:
    with pytest.raises(InputError, match="statics_years_reversed"):
        possible_eras(1990, 1980)
