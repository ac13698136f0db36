"""The comparisons of docs/VALIDATION.md: all bars are met, and the page says so."""

from pathlib import Path

import pytest

from scripts import validation
from scripts.comparisons.rows import (
    HERE,
    MET,
    MISSED,
    NOT_AT_HAND,
    REPORTED,
    Comparison,
    Place,
    Subject,
    at_least,
    at_most,
    between,
    number,
    reported,
    run,
    within,
)

WRITTEN = validation.read_page(validation.PAGE.read_text("utf-8"))


@pytest.mark.parametrize("subject", [each for each in validation.SUBJECTS if each.fast], ids=lambda each: each.title)
def test_bars_are_met_and_the_page_says_so(subject: Subject) -> None:
    measured = validation.measure([subject])
    assert validation.failures(measured) == []
    assert validation.drift(WRITTEN, measured) == []


@pytest.mark.parametrize("subject", validation.SUBJECTS, ids=lambda each: each.title)
def test_page_has_every_row_and_no_missed_bar(subject: Subject) -> None:
    """Slow subjects too; their numbers are measured when the page is written."""
    rows = [(each.what, each.source, each.bar.text) for each in subject.comparisons]
    assert [row[:3] for row in WRITTEN[subject.title]] == rows
    verdicts = [REPORTED if each.bar.judge is None else MET for each in subject.comparisons]
    assert [row.verdict for row in WRITTEN[subject.title]] == verdicts


def test_page_names_no_machine() -> None:
    text = validation.PAGE.read_text("utf-8")
    assert not [each for each in ("/work", "/tmp", "/root", "/home", str(validation.ROOT)) if each in text]


def one(bar: object, value: object) -> Comparison:
    return Comparison("what | with a bar", "source", bar, lambda _: value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "bar,value,verdict",
    [
        (at_most(0.2, " %"), 0.2, MET),
        (at_most(0.2, " %"), 0.2001, MISSED),
        (at_most(0.2, " %"), float("nan"), MISSED),
        (at_least(0.99), [1.0, 0.99], MET),
        (at_least(0.99), [1.0, 0.9899], MISSED),
        (at_least(0.99), [], MISSED),
        (within(7.35, 0.005), 7.346, MET),
        (within(7.35, 0.005), 7.344, MISSED),
        (between(90, 105), 105.1, MISSED),
        (reported(), float("nan"), REPORTED),
    ],
)
def test_verdicts(bar: object, value: object, verdict: str) -> None:
    row = run(one(bar, value), HERE)
    assert row.verdict == verdict
    assert bool(validation.failures({"title": [row]})) == (verdict == MISSED)


def test_page_is_read_as_it_was_written() -> None:
    rows = [run(one(at_most(1), 0.5), HERE), run(one(reported(" m", 1), [1.04, -0.01]), HERE)]
    assert rows[1].measured == "1.0 · 0.0 m"
    assert validation.read_page("## title\n\n" + validation.table(rows)) == {"title": rows}


def test_drift_is_told() -> None:
    good, bad = run(one(at_most(1), 0.5), HERE), run(one(at_most(1), 1.5), HERE)
    assert validation.drift({"t": [good]}, {"t": [good._replace(measured="0.600")]}) == []
    assert validation.drift({"t": [good]}, {"t": [bad]}) and validation.drift({"t": []}, {"t": [good]})
    assert validation.drift({"t": [good]}, {"t": [good._replace(bar="≤ 2")]})


def test_missing_files_are_told_and_fail_under_ci(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = Place(HERE.sample, tmp_path)
    row = run(Comparison("a", "b", at_most(1), lambda place: len(place.real("x").name)), nowhere)
    assert row.verdict == NOT_AT_HAND and row.is_absent
    monkeypatch.delenv("CI", raising=False)
    assert validation.failures({"t": [row]}) == []
    assert validation.drift({"t": [row._replace(verdict=MET)]}, {"t": [row]}) == []
    monkeypatch.setenv("CI", "true")
    assert validation.failures({"t": [row]}) != []


def test_minus_zero_is_zero() -> None:
    assert [number(value, 2) for value in (-0.001, -0.01, 0.0, -1.0)] == ["0.00", "-0.01", "0.00", "-1.00"]
