"""Where each value of a roof part comes from: who says so, how sure it is, and which row of which table it is."""

from typing import NamedTuple

from lk_spatial.core.text import Text


class Origin(NamedTuple):
    """Source of a value.

    ``confidence``: measured, documented, inferred, assumed of what is said of the building; confirmed, unverified,
    assumption of a row of a table. ``table`` and ``row`` name that row, "" where the value is the building's own.
    """

    source: Text
    confidence: str
    table: str = ""
    row: str = ""
