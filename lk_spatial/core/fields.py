"""Every output column, once: name, unit, type, headings and meaning in both languages (``data/fields.csv``)."""

import csv
from collections.abc import Iterable
from importlib.resources import files
from typing import NamedTuple

from lk_spatial.core.text import Text


class Field(NamedTuple):
    """A column that users see."""

    name: str
    type: str
    unit: str
    title: Text
    meaning: Text

    def heading(self, lang: str) -> str:
        """Title with its unit in brackets."""
        title = self.title.get(lang)
        return f"{title} [{self.unit}]" if self.unit else title


def _read() -> dict[str, Field]:
    rows = csv.DictReader(files("lk_spatial").joinpath("data/fields.csv").read_text("utf-8").splitlines())
    return {row["name"]: _field(row) for row in rows}


def _field(row: dict[str, str]) -> Field:
    title, meaning = Text(row["en"], row["cs"]), Text(row["meaning_en"], row["meaning_cs"])
    return Field(row["name"], row["type"], row["unit"], title, meaning)


FIELDS = _read()


def unregistered(columns: Iterable[str]) -> list[str]:
    """Those of ``columns`` that ``fields.csv`` does not know; ``X_source`` and ``X_confidence`` go with a known X."""
    known = set(FIELDS) | {"geometry"}
    bases = (column.removesuffix("_source").removesuffix("_confidence") for column in columns)
    return [column for column, base in zip(columns, bases, strict=True) if column not in known and base not in known]
