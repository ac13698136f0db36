"""The comparisons of docs/VALIDATION.md: all bars are met, and the page says so."""

from pathlib import Path

import pytest

from scripts import validation
from scripts.comparisons import speed
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


SPEED_ROW = {"value": 279.4, "sense": ">=", "limit": 100.0, "what": "Speed", "beside": "a peer", "unit": " ×"}
MACHINE = {"cpu": "Some Processor", "cores": 4, "memory_gib": 23.5}


def test_page_quotes_the_last_bench() -> None:
    """After docs/bench.json has changed: scripts/validation.py --speed."""
    rows = validation.measure([validation.SPEED])["Speed"]
    assert WRITTEN["Speed"] == rows and len(rows) > 10
    assert validation.SPEED.note in validation.PAGE.read_text("utf-8")


def test_rows_of_a_bench_are_judged_anew() -> None:
    """Not the verdict in the file counts, but its number; None was not measured."""
    cases = [(279.4, "279 ×", MET), (99.9, "99.9 ×", MISSED), (None, "nan ×", MISSED)]
    rows = [SPEED_ROW | {"value": value, "verdict": "met"} for value, _, _ in cases]
    written = {"date": "2026-01-02", "machine": MACHINE, "rows": rows}
    subject = speed.subject(written)
    assert "2026-01-02" in subject.note and "Some Processor, 4 cores, 23.5 GiB" in subject.note
    found = [run(each, HERE) for each in subject.comparisons]
    assert [(row.measured, row.verdict) for row in found] == [case[1:] for case in cases]
    assert {row.bar for row in found} == {"≥ 100 ×"}


def test_another_date_is_no_drift() -> None:
    old, new = ({"date": date, "machine": MACHINE, "rows": [SPEED_ROW]} for date in ("2026-01-02", "2026-03-04"))
    rows = [validation.measure([speed.subject(each)]) for each in (old, new)]
    assert validation.drift(rows[0], rows[1]) == []


def test_one_section_is_renewed_and_the_rest_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = validation.PAGE.read_text("utf-8")
    page = tmp_path / "page.md"
    monkeypatch.setattr(validation, "PAGE", page)
    page.write_text(text, "utf-8")
    validation.renew(validation.SPEED)
    assert page.read_text("utf-8") == text
    validation.renew(speed.subject({"date": "2026-01-02", "machine": MACHINE, "rows": [SPEED_ROW]}))
    other = validation.read_page(page.read_text("utf-8"))
    assert [row.what for row in other["Speed"]] == ["Speed"]
    assert other | {"Speed": WRITTEN["Speed"]} == WRITTEN
    assert f"\n{sum(map(len, other.values()))} comparisons: " in page.read_text("utf-8")
    page.write_text(
        text.replace("## Speed\n", "## Versions\n", 1).split("## Versions\n")[0] + "## Versions\n\nx\n", "utf-8"
    )
    validation.renew(validation.SPEED)
    assert validation.read_page(page.read_text("utf-8"))["Speed"] == WRITTEN["Speed"]


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
