"""Progress is one callable ``progress(done, text)``; it may raise ``Cancelled``. It is passed in, never detected."""

import json
import sys
from typing import Any, Protocol, TextIO

from lk_spatial.core.text import Text


class Progress(Protocol):
    """Takes the share that is done (0–1) and a short text; may raise ``Cancelled``."""

    def __call__(self, done: float, text: str = "") -> None:
        """Tell that the share ``done`` is done."""


def silent(done: float, text: str = "") -> None:
    """Tell nobody."""


def part(progress: Progress, start: float, end: float, about: Text | None = None) -> Progress:
    """A progress whose 0–1 fills the share ``start``–``end`` of ``progress``; it tells ``about`` unless told a text."""

    def scaled(done: float, text: str = "") -> None:
        progress(start + (end - start) * min(max(done, 0.0), 1.0), text or (about.local if about else ""))

    return scaled


def json_line(kind: str, *, stream: TextIO | None = None, **values: Any) -> None:
    """Write one JSON line of the protocol with which the QGIS plugin talks to the engine."""
    out = stream or sys.stdout
    out.write(json.dumps({"type": kind, **values}, ensure_ascii=False) + "\n")
    out.flush()


def json_progress(done: float, text: str = "") -> None:
    """Progress as JSON lines on standard output."""
    json_line("progress", done=round(done, 4), text=text)
