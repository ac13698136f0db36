"""The reports on statics: one page a roof part, every word in both languages, nothing hidden that is not sure."""

import math
import re

import pytest

from lk_spatial.core.text import Text
from lk_spatial.report import statics_text
from lk_spatial.report.statics import Range, render_static_report
from lk_spatial.report.survey import render_survey_report
from tests.report.checked import checked
from tests.report.made_roofs import made_static_report, made_survey_report, roof

NOTHING = Range(math.nan, math.nan, math.nan)
EVIL = "<script>alert('x')</script>"


@pytest.fixture(params=["cs", "en"])
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_pages_are_well_formed_and_fetch_nothing(lang: str) -> None:
    for page in (render_static_report(made_static_report(lang)), render_survey_report(made_survey_report(lang))):
        checked(page)
        assert "http://" not in page and "https://" not in page


def test_every_part_has_its_page_with_the_disclaimer(lang: str) -> None:
    report = made_static_report(lang, 12)
    page = render_static_report(report)
    parts = re.findall(r'<section class="part.*?</section>', page, re.S)
    assert len(parts) == len(report.pages) == 12
    said = statics_text.statics_words(lang)["disclaimer_head"]
    assert all(said in each and "ČKAIT" in each for each in parts)
    assert all(statics_text.statics_words(lang)["not_checked"] in each for each in parts)


def test_words_stand_in_both_languages() -> None:
    for name, text in vars(statics_text).items():
        for each in text.values() if isinstance(text, dict) else [text]:
            if isinstance(each, Text):
                assert each.cs.strip() and each.en.strip(), name
                assert sorted(re.findall(r"\{\w*", each.cs)) == sorted(re.findall(r"\{\w*", each.en)), name


def test_foreign_text_stays_text(lang: str) -> None:
    one = roof(1, "C", name=EVIL, building_id=EVIL)
    page = render_static_report(made_static_report(lang, pages=[one], notices=[EVIL]))
    assert "<script" not in page and "&lt;script" in page
    rows = [made_survey_report().rows[0]._replace(name=EVIL)]
    assert "<script" not in render_survey_report(made_survey_report(lang, rows=rows, proposed=[EVIL]))


def test_what_is_not_known_is_said(lang: str) -> None:
    bare = roof(1, "N", u0=NOTHING, u1=NOTHING, added=NOTHING, q_max=NOTHING, p0=math.nan, p1=math.nan, changes=[])
    text = checked(render_static_report(made_static_report(lang, pages=[bare])))
    assert not re.search(r"\bnan\b", text, re.IGNORECASE)
    assert ("není známo" if lang == "cs" else "not known") in text


def test_without_costs_b_is_not_given_and_that_is_said() -> None:
    costs = dict.fromkeys(("survey_czk", "false_go_czk", "benefit_czk"))
    with_costs, without = (
        checked(render_static_report(made_static_report("cs", **more))) for more in ({}, {"costs": costs})
    )
    assert with_costs != without and re.search(r"třída B se neuděluje|B se neuděluje|Třída B", without)


def test_values_that_are_not_sure_are_marked(lang: str) -> None:
    page = render_static_report(made_static_report(lang))
    assert "unverified" in page and "assum" in page
    unsure = [each for one in made_static_report(lang).pages for each in one.facts if each.confidence == "unverified"]
    word = (
        statics_text.CONFIDENCES["unverified"]
        if "unverified" in statics_text.CONFIDENCES
        else Text("unverified", "neověřeno")
    )
    assert page.count(word.get(lang)) >= len(unsure) > 0


def test_unsafe_errors_come_first(lang: str) -> None:
    text = checked(render_survey_report(made_survey_report(lang)))
    words = ("Unsafe errors", "7 of 8") if lang == "en" else ("Nebezpečné chyby", "7 z 8")
    assert text.index(words[0]) < text.index(words[1])


def test_five_hundred_parts_stay_small() -> None:
    page = render_static_report(made_static_report("cs", 500))
    assert page.count('<section class="part') == 500 and len(page) < 15e6
