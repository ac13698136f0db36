"""Tables as a workbook for people who work with spreadsheets."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from lk_spatial.core.fields import FIELDS
from lk_spatial.core.text import Text

MAX_ROWS = 1_048_575  # of a sheet, less its heading
FORMULA = ("=", "+", "-", "@")


def write_xlsx(path: Path, layers: Mapping[str, pd.DataFrame], titles: Mapping[str, Text], lang: str) -> None:
    """A sheet for each layer: headings with units in ``lang``, no geometry, texts never taken as formulas."""
    with path.open("wb") as target, pd.ExcelWriter(target, engine="openpyxl") as book:
        for name, frame in layers.items():
            table = pd.DataFrame(frame.drop(columns="geometry", errors="ignore")).head(MAX_ROWS)
            sheet = titles[name].get(lang)[:31]
            table.map(_harmless).rename(columns=lambda column: _heading(str(column), lang)).to_excel(
                book, sheet_name=sheet, index=False, freeze_panes=(1, 0)
            )
            for column, cell in enumerate(book.sheets[sheet][1], start=1):
                cell.font = Font(bold=True)
                book.sheets[sheet].column_dimensions[get_column_letter(column)].width = min(
                    30, 4 + len(str(cell.value))
                )


def _heading(column: str, lang: str) -> str:
    return FIELDS[column].heading(lang) if column in FIELDS else column


def _harmless(value: object) -> object:
    """A text that a spreadsheet would compute gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
