"""Warnings for the user that do not stop the work; a run collects them into its record."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from lk_spatial.core.errors import sentence

log = logging.getLogger("lk_spatial")


class Notice(NamedTuple):
    """A warning: its stable code and the values of its sentence."""

    code: str
    values: dict[str, Any]

    def sentence(self, lang: str) -> str:
        """The warning in ``lang``."""
        return sentence(self.code, self.values, lang)


_collected: ContextVar[list[Notice] | None] = ContextVar("collected_notices", default=None)


def notice(code: str, **values: Any) -> None:
    """Tell the user a warning once: into the running tool's record, else to the log."""
    new = Notice(code, values)
    collected = _collected.get()
    if collected is None:
        log.warning("%s", new.sentence("en"))
    elif new not in collected:
        collected.append(new)


@contextmanager
def collect_notices() -> Iterator[list[Notice]]:
    """The list into which ``notice`` writes within this block."""
    collected: list[Notice] = []
    token = _collected.set(collected)
    try:
        yield collected
    finally:
        _collected.reset(token)


def summed(notices: Iterable[Notice]) -> list[Notice]:
    """One notice of each code and input for what was told piece by piece: counts summed, else the first's values.

    >>> summed([Notice("a", {"count": 1, "low": 2}), Notice("a", {"count": 4, "low": 1})])
    [Notice(code='a', values={'count': 5, 'low': 2})]
    """
    found: dict[tuple[str, str], Notice] = {}
    for each in notices:
        key = each.code, str(each.values.get("path", ""))
        if key in found and "count" in each.values:
            found[key].values["count"] += each.values["count"]
        else:
            found.setdefault(key, Notice(each.code, dict(each.values)))
    return list(found.values())
