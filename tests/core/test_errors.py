"""The catalogue of errors: complete in both languages, used codes exist, errors cross process borders."""

import ast
import csv
import pickle
import string
from pathlib import Path

import pytest

from lk_spatial.core.errors import Cancelled, DataError, InputError, LkError, Problems, catalogue

PACKAGE = Path(__file__).resolve().parents[2] / "lk_spatial"
RAISERS = {"LkError", "InputError", "DataError", "TableError", "DependencyError", "notice"}


def used_codes() -> dict[str, str]:
    """Every code written in the source, with the place."""
    found: dict[str, str] = {}
    for source in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISERS and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found[first.value] = f"{source.name}:{node.lineno}"
    return found


def placeholders(text: str) -> set[str]:
    return {name.split(".")[0].split("!")[0] for _, name, _, _ in string.Formatter().parse(text) if name}


def test_values_of_users_cannot_spoil_the_sentence() -> None:
    """Line breaks, terminal codes, text that runs backwards, file names that are no UTF-8, a novel."""
    told = InputError("vector_missing", input="a\nb\x1b[31m\u202e\udcff\u00a0č", path="x" * 100_000).sentence("en")
    assert told.isprintable() and "a b" in told and "č" in told and len(told) < 3_000
    told.encode("utf-8")


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_both_languages_say_the_same(code: str) -> None:
    kind, text = catalogue()[code]
    assert kind in ("error", "warning")
    assert text.en.strip() and text.cs.strip() and text.en != text.cs
    assert placeholders(text.en) == placeholders(text.cs)
    assert text.en.endswith((".", "?", ")", "}")), "a whole sentence"


def test_every_used_code_is_in_the_catalogue() -> None:
    missing = {code: place for code, place in used_codes().items() if code not in catalogue()}
    assert not missing


def test_every_catalogued_code_is_used() -> None:
    text = "".join(source.read_text("utf-8") for source in PACKAGE.rglob("*.py"))
    assert [code for code in catalogue() if f'"{code}"' not in text] == []


def test_codes_are_unique() -> None:
    with (PACKAGE / "data/errors.csv").open(encoding="utf-8", newline="") as lines:
        codes = [row["code"] for row in csv.DictReader(lines)]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    "error",
    [
        InputError("input_missing", parameter="dsm", title="DSM", path="a.tif"),
        Problems([InputError("tool_unknown", tool="x"), DataError("table_missing", table="t")]),
        Cancelled(),
    ],
    ids=["input", "problems", "cancelled"],
)
def test_errors_survive_a_process_border(error: LkError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert again.sentence("cs") == error.sentence("cs")


def test_several_problems_are_told_at_once() -> None:
    both = Problems([InputError("tool_unknown", tool="x"), InputError("tool_unknown", tool="y")])
    assert both.sentence("en").count("\n") == 1
    assert isinstance(both, ValueError)
