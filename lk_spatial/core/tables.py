"""Tables of standards and sources are data: ``data/<topic>/<id>_<edition>.csv`` with a card ``.toml`` beside it."""

import csv
import hashlib
import io
import tomllib
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from lk_spatial.core.errors import TableError
from lk_spatial.core.text import Text

if TYPE_CHECKING:
    import pandas as pd

CONFIDENCE = ("confirmed", "unverified", "assumption")


class Table(NamedTuple):
    """Rows of a table and the card that tells where they come from."""

    id: str
    rows: "pd.DataFrame"
    card: dict[str, Any]


_used: ContextVar[dict[str, dict[str, Any]] | None] = ContextVar("used_tables", default=None)


def load_table(table_id: str) -> Table:
    """The table ``"<topic>/<id>_<edition>"`` with its card; raises TableError where there is none.

    The running tool's record names every table that was loaded.
    """
    import pandas as pd  # here, so that the command line starts fast

    text, card = _source(table_id)
    record_use(table_id)
    return Table(table_id, pd.read_csv(io.StringIO(text)), dict(card))


def record_use(table_id: str) -> None:
    """Name a table in the running tool's record; for values that were read before and kept."""
    used = _used.get()
    if used is not None and table_id not in used:
        text, card = _source(table_id)
        used[table_id] = card | {"sha256": hashlib.sha256(text.encode()).hexdigest()}


@cache
def _source(table_id: str) -> tuple[str, dict[str, Any]]:
    """A table's text and card."""
    folder = files("lk_spatial").joinpath("data")
    rows, card = folder.joinpath(f"{table_id}.csv"), folder.joinpath(f"{table_id}.toml")
    if not (rows.is_file() and card.is_file()):
        raise TableError("table_missing", table=table_id)
    return rows.read_text("utf-8"), tomllib.loads(card.read_text("utf-8"))


def table_rows(table_id: str) -> list[dict[str, str]]:
    """A table's rows as texts, for choices and headings; no use of its values, so no record names it."""
    text = files("lk_spatial").joinpath(f"data/{table_id}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def row_titles(table_id: str, key: str = "id") -> dict[str, Text]:
    """Titles of a table's rows by their ``key``, for choices and headings."""
    return {row[key]: Text(row["en"], row["cs"]) for row in table_rows(table_id)}


def all_tables() -> list[str]:
    """Ids of all tables that have a card."""
    folder = files("lk_spatial").joinpath("data")
    return sorted(
        f"{topic.name}/{card.name.removesuffix('.toml')}"
        for topic in folder.iterdir()
        if topic.is_dir()
        for card in topic.iterdir()
        if card.name.endswith(".toml")
    )
