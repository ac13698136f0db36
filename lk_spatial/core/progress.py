"""Progress is one callable ``progress(done, text)``; it may raise ``Cancelled``. It is passed in, never detected."""

import json
import sys
import time
from typing import Any, Protocol, TextIO

from lk_spatial.core.text import Text

SETTLED_S = 5.0  # [s] less says nothing of the rest, and less than that is not worth telling
LEFT = Text("about {time} left", "zbývá asi {time}")


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


def timed(progress: Progress) -> Progress:
    """A progress that adds to the text how long the rest will take, once that can be told."""
    first: list[tuple[float, float]] = []

    def told(done: float, text: str = "") -> None:
        now = time.monotonic()
        if not first:
            first.append((done, now))
        gained, spent = done - first[0][0], now - first[0][1]
        left = spent / gained * (1.0 - done) if gained > 0.0 else 0.0
        late = spent > SETTLED_S and left > SETTLED_S
        progress(done, ", ".join(filter(None, (text, time_left(left) if late else ""))))

    return told


def time_left(seconds: float) -> str:
    """Words for the time that is left, rounded: seconds below two minutes, then minutes, then hours.

    >>> time_left(5400.0) in ("about 90 min left", "zbývá asi 90 min")
    True
    """
    for unit, name in ((1.0, "s"), (60.0, "min"), (3600.0, "h")):
        if seconds < 120.0 * unit or name == "h":
            return LEFT.local.format(time=f"{seconds / unit:.0f} {name}")
    raise AssertionError


def json_line(kind: str, *, stream: TextIO | None = None, **values: Any) -> None:
    """Write one JSON line of the protocol with which the QGIS plugin talks to the engine."""
    out = stream or sys.stdout
    out.write(json.dumps({"type": kind, **values}, ensure_ascii=False) + "\n")
    out.flush()


def json_progress(done: float, text: str = "") -> None:
    """Progress as JSON lines on standard output."""
    json_line("progress", done=round(done, 4), text=text)
