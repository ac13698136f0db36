"""One comparison is one row: what is compared, with what, the bar, the measured value and the verdict."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
MET, MISSED, REPORTED = "met", "**NOT MET**", "reported"
NOT_AT_HAND, NO_QGIS = "real files not at hand", "not run here: no QGIS"


class NotHereError(Exception):
    """A comparison cannot run here; the text is told as its verdict."""


class Place(NamedTuple):
    """Where the data lie: the project's sample and the folder of real files."""

    sample: Path
    shared: Path

    def real(self, name: str) -> Path:
        """A file of the shared folder; raises NotHereError where it is missing."""
        path = self.shared / name
        if not path.exists():
            raise NotHereError(NOT_AT_HAND)
        return path


HERE = Place(ROOT / "sample_data", ROOT.parent / "shared" / "data")


class Bar(NamedTuple):
    """What a value must fulfil (``judge`` None: nothing, it is only reported), and how it is written."""

    text: str
    judge: Callable[[float], bool] | None
    digits: int
    unit: str

    def write(self, value: Any) -> str:
        """One number or several, rounded, so that a second run gives the same text."""
        if isinstance(value, str):
            return value
        values = value if isinstance(value, Sequence) else [value]
        return " · ".join(number(each, self.digits) for each in values) + self.unit

    def verdict(self, value: Any) -> str:
        """The verdict on one number or on all of several; a value that is not a number fails."""
        if self.judge is None:
            return REPORTED
        values = value if isinstance(value, Sequence) else [value]
        return MET if len(values) and all(self.judge(each) for each in values) else MISSED


class Comparison(NamedTuple):
    """A row before it is run; ``measure`` gives a number or several."""

    what: str
    source: str
    bar: Bar
    measure: Callable[[Place], Any]


class Subject(NamedTuple):
    """A table; ``fast`` ones run in the tests."""

    title: str
    note: str
    fast: bool
    comparisons: Sequence[Comparison]


class Row(NamedTuple):
    """A row of the report."""

    what: str
    source: str
    bar: str
    measured: str
    verdict: str

    @property
    def is_absent(self) -> bool:
        """Whether the comparison could not run."""
        return self.verdict in (NOT_AT_HAND, NO_QGIS)


def at_most(limit: float, unit: str = "", digits: int = 3) -> Bar:
    """The value is not above ``limit``."""
    return Bar(f"≤ {limit:g}{unit}", lambda value: value <= limit, digits, unit)


def at_least(limit: float, unit: str = "", digits: int = 3) -> Bar:
    """The value is not below ``limit``."""
    return Bar(f"≥ {limit:g}{unit}", lambda value: value >= limit, digits, unit)


def within(truth: float, tolerance: float, unit: str = "", digits: int = 3) -> Bar:
    """The value differs from ``truth`` by no more than ``tolerance``."""
    text = f"{number(truth, digits)} ± {tolerance:g}{unit}"
    return Bar(text, lambda value: abs(value - truth) <= tolerance, digits, unit)


def between(low: float, high: float, unit: str = "", digits: int = 1) -> Bar:
    """The value lies between ``low`` and ``high``."""
    return Bar(f"{low:g} to {high:g}{unit}", lambda value: low <= value <= high, digits, unit)


def reported(unit: str = "", digits: int = 3) -> Bar:
    """No bar."""
    return Bar("none", None, digits, unit)


def number(value: float, digits: int) -> str:
    """A rounded number without a minus before zero."""
    text = f"{value:.{digits}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def run(comparison: Comparison, place: Place) -> Row:
    """Measure and judge."""
    bar = comparison.bar
    try:
        value = comparison.measure(place)
    except NotHereError as reason:
        return Row(comparison.what, comparison.source, bar.text, "none", str(reason))
    return Row(comparison.what, comparison.source, bar.text, bar.write(value), bar.verdict(value))
