"""What is typed wrongly is told in one line of the user's language, with status 2 and no traceback."""

from pathlib import Path

import pytest

from lk_spatial.cli import Shown, _run

WRONG = [
    (["--dms"], "--dms neexistuje", "no option --dms"),
    (["pv-potentiol"], "pv-potential", "close to it: pv-potential"),
    (["pv-potential", "--dsm"], "--dsm vyžaduje hodnotu", "--dsm needs a value"),
    (["tools", "--lang", "xx"], "--lang má být jedna z hodnot cs, en", "--lang takes one of cs, en"),
    (["template", "nothing", "o.gpkg"], "buildings", "takes one of buildings"),
    (["rerun"], "chybí RECORD", "RECORD is missing"),
    (["--progress", "none"], "chybí příkaz", "a command is missing"),
    (["tools", "a", "b"], "a b je zde navíc", "a b is too much"),
]


@pytest.mark.parametrize(("arguments", "czech", "english"), WRONG, ids=lambda each: " ".join(each)[:30])
def test_one_line_in_the_users_language(
    arguments: list[str], czech: str, english: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for lang, expected, start in (("cs", czech, "Chybné použití: "), ("en", english, "Wrong usage: ")):
        assert _run(arguments, Shown(lang=lang, show="none", debug=False)) == 2
        told = capsys.readouterr().err
        assert told.startswith(start) and expected in told and told.count("\n") == 1


def test_nothing_typed_gives_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run([], Shown(lang="cs", show="none", debug=False)) == 2
    assert capsys.readouterr().err.startswith("Usage: lk ")


def test_what_the_system_refuses_is_no_unexpected_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken = tmp_path / "taken"
    taken.write_text("precious")
    assert _run(["sample", str(taken)], Shown(lang="en", show="none", debug=False)) == 1
    told = capsys.readouterr().err
    assert told.startswith("error [system_refused]") and "File exists" in told and taken.read_text() == "precious"
