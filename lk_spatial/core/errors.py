"""What can go wrong, as one sentence in two languages.

Tree: LkError › InputError (what the user gave is wrong), DataError (a file's content is unusable),
TableError (a table of a standard), DependencyError (a program or package is missing), Cancelled.
The sentences live in ``data/errors.csv``, found by a stable code.
"""

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from lk_spatial.core.text import Text, environment_language

LONGEST = 2_000  # characters of one value in a sentence


@cache
def catalogue() -> dict[str, tuple[str, Text]]:
    """Kind ("error" or "warning") and sentence of every code of ``data/errors.csv``."""
    source = files("lk_spatial").joinpath("data/errors.csv")
    rows = csv.DictReader(source.read_text("utf-8").splitlines())
    return {row["code"]: (row["kind"], Text(row["en"], row["cs"])) for row in rows}


def sentence(code: str, values: dict[str, Any], lang: str) -> str:
    """The sentence of ``code`` in ``lang`` with its ``values`` filled in."""
    text = catalogue()[code][1].get(lang)
    return text.format_map({name: _plain(value, lang) for name, value in values.items()})


def _plain(value: Any, lang: str) -> Any:
    """A value ready for a sentence: both languages, lists and nested errors become plain text."""
    if isinstance(value, Text):
        return value.get(lang)
    if isinstance(value, LkError):
        return value.sentence(lang)
    if isinstance(value, list | tuple):
        return ", ".join(str(_plain(item, lang)) for item in value)
    return one_line(value) if isinstance(value, str) else value


def one_line(text: str) -> str:
    """What a file or user gave, fit for a sentence: no line breaks, no control characters, not longer than a page.

    >>> one_line("a\\nb\\x1b[31m")
    'a b�[31m'
    """
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} … {text[-LONGEST // 4 :]}"
    return "".join(
        each if each.isprintable() else " " if each.isspace() else "\N{REPLACEMENT CHARACTER}" for each in text
    )


class LkError(Exception):
    """An error that a user can understand and mend: a stable ``code`` and the values of its sentence."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code = code
        self.values = values
        super().__init__(code)

    def sentence(self, lang: str | None = None) -> str:
        """What is wrong, where, what was expected and the remedy; in ``lang``, else in the environment's language."""
        return sentence(self.code, self.values, lang or environment_language())

    def __str__(self) -> str:
        return f"[{self.code}] {self.sentence()}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.code, self.values)


def _rebuild(kind: type[LkError], code: str, values: dict[str, Any]) -> LkError:
    """Unpickle an error that crossed a process border."""
    error = kind.__new__(kind)
    LkError.__init__(error, code, **values)
    return error


class InputError(LkError, ValueError):
    """What the user gave is wrong: a parameter, a file of the wrong kind, an output that may not be written."""


class DataError(LkError, ValueError):
    """The content of a data file is unusable."""


class TableError(LkError, LookupError):
    """A table of a standard is missing or has no such row."""


class DependencyError(LkError, ImportError):
    """A program or package that this work needs is missing."""


class Cancelled(LkError):
    """The user stopped the run."""

    def __init__(self) -> None:
        super().__init__("cancelled")


class Problems(InputError):
    """Several problems, told all at once."""

    def __init__(self, problems: Sequence[LkError]) -> None:
        self.problems = list(problems)
        super().__init__(self.problems[0].code if len(self.problems) == 1 else "several_problems")

    def sentence(self, lang: str | None = None) -> str:
        """One line for each problem."""
        return "\n".join(problem.sentence(lang) for problem in self.problems)

    def __reduce__(self) -> tuple[Any, ...]:
        return Problems, (self.problems,)
