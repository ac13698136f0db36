"""Coded attributes: what people write (a code, Czech, English, an alias) becomes one code (``data/codes``)."""

import csv
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from lk_spatial.core.text import Text

BETWEEN = r"\s*[-–—/,;]\s*|\s+(?:až|nebo|or|to)\s+"  # what stands between two values in one cell


class Code(NamedTuple):
    """A value of a coded attribute with its title in both languages."""

    code: str
    title: Text
    aliases: tuple[str, ...]


@cache
def coded_attributes() -> tuple[str, ...]:
    """Names of the attributes that have a list of codes."""
    folder = files("lk_spatial").joinpath("data/codes")
    return tuple(sorted(each.name.removesuffix(".csv") for each in folder.iterdir() if each.name.endswith(".csv")))


@cache
def codes(attribute: str) -> tuple[Code, ...]:
    """The codes of an attribute in the order in which people choose them."""
    source = files("lk_spatial").joinpath(f"data/codes/{attribute}.csv")
    with source.open(encoding="utf-8") as lines:
        return tuple(
            Code(row["code"], Text(row["en"], row["cs"]), tuple(filter(None, row["aliases"].split("|"))))
            for row in csv.DictReader(lines)
        )


def code_of(attribute: str, text: str) -> str | None:
    """The code for what people wrote; None where the list does not know it.

    >>> code_of("use", "Základní škola"), code_of("terrain", "iii"), code_of("use", "hvězdárna na Marsu")
    ('school', 'III', None)
    """
    return _by_text(attribute).get(_folded(text))


def possible_codes(attribute: str, text: str) -> tuple[str, ...]:
    """The codes that a text may mean, where it may mean more than one; else none.

    Texts of ``data/several_codes.csv``, and lists or ranges of which each part is one code.

    >>> possible_codes("snow_zone", "IV-V"), possible_codes("covering", "plech")
    (('IV', 'V'), ('metal_sheet', 'trapezoidal_sheet', 'metal_tile'))
    """
    listed = _several().get((attribute, _folded(text)))
    if listed:
        return listed
    found = [code_of(attribute, part) for part in re.split(BETWEEN, text)]
    parts = [code for code in found if code]
    return tuple(dict.fromkeys(parts)) if len(parts) == len(found) > 1 else ()


@cache
def _several() -> dict[tuple[str, str], tuple[str, ...]]:
    source = files("lk_spatial").joinpath("data/several_codes.csv")
    with source.open(encoding="utf-8") as lines:
        return {
            (row["attribute"], _folded(row["text"])): tuple(row["codes"].split("|")) for row in csv.DictReader(lines)
        }


@cache
def _by_text(attribute: str) -> dict[str, str]:
    """Every folded way to write each code; codes themselves win over aliases of others."""
    found: dict[str, str] = {}
    for each in codes(attribute):
        for text in (each.title.cs, each.title.en, *each.aliases):
            found.setdefault(_folded(text), each.code)
    return found | {_folded(each.code): each.code for each in codes(attribute)}


def _folded(text: str) -> str:
    """Without diacritics, case, hyphens, underscores, repeated blanks."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    return " ".join(plain.casefold().replace("_", " ").replace("-", " ").replace("–", " ").split())
