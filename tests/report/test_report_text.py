from string import Formatter

import pytest

from lk_spatial.report.text import CONFIDENCE, MONTHS, NOT_COVERED, QUALITY, WORDS


def placeholders(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_fill_the_same_places(key):
    assert placeholders(WORDS[key].en) == placeholders(WORDS[key].cs)
    assert WORDS[key].en.strip() and WORDS[key].cs.strip()


def test_every_limit_names_its_subject_before_a_colon():
    assert all(":" in text.en and ":" in text.cs for text in NOT_COVERED)


def test_twelve_different_months_in_both_languages():
    assert all(len(set(names)) == 12 for names in MONTHS.values())


def test_words_of_contract_are_known():
    assert set(QUALITY) >= {"good", "usable", "poor", "none"}
    assert set(CONFIDENCE) >= {"confirmed", "unverified", "assumption"}
