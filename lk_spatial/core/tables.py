"""Tables of standards and sources are data: ``data/<topic>/<id>_<edition>.csv`` with a card ``.toml`` beside it."""

import tomllib
from contextvars import ContextVar
from importlib.resources import files
from typing import Any, NamedTuple

import pandas as pd

from lk_spatial.core.errors import TableError

CONFIDENCE = ("confirmed", "unverified", "assumption")


class Table(NamedTuple):
    """Rows of a table and the card that tells where they come from."""

    id: str
    rows: pd.DataFrame
    card: dict[str, Any]


_used: ContextVar[dict[str, dict[str, Any]] | None] = ContextVar("used_tables", default=None)


def load_table(table_id: str) -> Table:
    """The table ``"<topic>/<id>_<edition>"`` with its card; raises TableError where there is none.

    The running tool's record names every table that was loaded.
    """
    folder = files("lk_spatial").joinpath("data")
    rows, card = folder.joinpath(f"{table_id}.csv"), folder.joinpath(f"{table_id}.toml")
    if not (rows.is_file() and card.is_file()):
        raise TableError("table_missing", table=table_id)
    table = Table(table_id, pd.read_csv(rows.open(encoding="utf-8")), tomllib.loads(card.read_text("utf-8")))
    used = _used.get()
    if used is not None:
        used[table_id] = table.card
    return table


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
