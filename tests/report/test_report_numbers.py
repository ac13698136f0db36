import datetime
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lk_spatial.report.numbers import format_date, format_number, format_rounded, format_unit, format_value


@pytest.mark.parametrize(
    ("value", "lang", "decimals", "expected"),
    [
        (1234567.891, "cs", 1, "1\u202f234\u202f567,9"),
        (1234567.891, "en", 1, "1,234,567.9"),
        (-1234.5, "cs", 1, "\u22121\u202f234,5"),
        (0, "cs", 2, "0,00"),
        (-0.001, "en", 1, "0.0"),
        (None, "cs", 1, "–"),
        (math.nan, "en", 1, "–"),
        (math.inf, "en", 1, "–"),
    ],
)
def test_number_is_written_as_its_language_writes_it(value, lang, decimals, expected):
    assert format_number(value, lang, decimals) == expected


@pytest.mark.parametrize(
    ("unit", "lang", "expected"),
    [("a", "cs", "let"), ("a", "en", "years"), ("%/a", "cs", "%/rok"), ("kWh/(m²·a)", "cs", "kWh/(m²·rok)")],
)
def test_years_are_no_ares(unit, lang, expected):
    assert format_unit(unit, lang) == expected


def test_signed_numbers_show_plus_but_zero_does_not():
    assert [format_number(value, "en", 1, sign=True) for value in (2.0, -2.0, 0.0)] == ["+2.0", "\u22122.0", "0.0"]


@given(st.floats(-1e9, 1e9), st.sampled_from(["cs", "en"]), st.integers(0, 3))
def test_a_written_number_reads_back(value, lang, decimals):
    text = format_number(value, lang, decimals).replace("\u2212", "-")
    plain = text.replace("\u202f", "").replace(",", ".") if lang == "cs" else text.replace(",", "")
    assert float(plain) == pytest.approx(value, abs=0.5 * 10**-decimals + 1e-6)


@pytest.mark.parametrize(("value", "expected"), [(1234.4, "1,234"), (99.96, "100.0"), (12.34, "12.3"), (0.126, "0.13")])
def test_totals_keep_three_digits(value, expected):
    assert format_rounded(value, "en") == expected


@pytest.mark.parametrize(
    ("value", "lang", "expected"),
    [
        (0.5, "cs", "0,5"),
        (True, "cs", "ano"),
        (False, "en", "no"),
        (2000, "cs", "2\u202f000"),
        (None, "en", "–"),
        ("", "en", "–"),
        ([0.25, "a"], "cs", "0,25, a"),
        (1e-9, "en", "0"),
    ],
)
def test_parameter_values(value, lang, expected):
    assert format_value(value, lang) == expected


def test_dates():
    day = datetime.date(2026, 2, 3)
    assert (format_date(day, "cs"), format_date(day, "en")) == ("3.\u00a02.\u00a02026", "3 February 2026")
