"""Tables as a workbook for people who work with spreadsheets."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from lk_spatial.core.fields import FIELDS
from lk_spatial.core.notices import notice
from lk_spatial.core.progress import Progress, silent
from lk_spatial.core.text import Text
from lk_spatial.io.frames import Rows, each_frame, in_turn

MAX_ROWS = 1_048_575  # of a sheet, less its heading
WIDEST = 30


def write_xlsx(
    path: Path, layers: Mapping[str, Rows], titles: Mapping[str, Text], lang: str, progress: Progress = silent
) -> None:
    """A sheet for each layer: headings with units in ``lang``, no geometry, texts never taken as formulas.

    Rows go to the disk frame by frame. Empty and infinite values stay empty; a sheet takes MAX_ROWS rows, and a notice
    tells what did not fit.
    """
    book = Workbook(write_only=True)
    try:
        for name, rows, told in in_turn(layers, progress):
            count = _add_sheet(book, titles[name].get(lang)[:31], each_frame(rows, told), lang)
            if count > MAX_ROWS:
                notice("xlsx_cut", layer=name, rows=count, kept=MAX_ROWS)
    except BaseException:  # stopped, or a frame that cannot be read
        _abandon(book)
        raise
    with path.open("wb") as target:
        book.save(target)


def _abandon(book: Workbook) -> None:
    """End the sheets of a book that will not be saved, and remove the files in which their rows wait."""
    for sheet in book.worksheets:
        sheet.close()
        sheet._writer.cleanup()


def _add_sheet(book: Workbook, title: str, frames: Iterable[pd.DataFrame], lang: str) -> int:
    """A sheet with the rows of all frames as far as it takes them; their number."""
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    columns: list[str] = []
    count = 0
    for frame in frames:
        if not columns:
            columns = [column for column in frame.columns if column != "geometry"]
            _add_headings(sheet, columns, lang)
        table = pd.DataFrame(frame)[columns].head(max(MAX_ROWS - count, 0))
        for row in table.itertuples(index=False, name=None):
            sheet.append([_value(sheet, value) for value in row])
        count += len(frame)
    return count


def _add_headings(sheet: Any, columns: Sequence[str], lang: str) -> None:
    headings = [_cell(sheet, _heading(str(column), lang)) for column in columns]
    for number, cell in enumerate(headings, start=1):
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = min(WIDEST, 4 + len(cell.value))
    sheet.append(headings)


def _heading(column: str, lang: str) -> str:
    return FIELDS[column].heading(lang) if column in FIELDS else column


def _value(sheet: Any, value: Any) -> Any:
    """A value as a workbook takes it: numbers and truth as they are, dates without zone, all else as text."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | float | np.number):
        return value if np.isfinite(value) else None
    if isinstance(value, pd.Timestamp):
        return value.tz_localize(None).to_pydatetime()
    return _cell(sheet, str(value))


def _cell(sheet: Any, text: str) -> Any:
    """A cell of text, also where the text looks like a formula; characters that XML forbids are left out."""
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"
    return cell
