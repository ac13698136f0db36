"""Plain tables that people fill in: rows of cells from CSV, a workbook, a layer's attributes or a database table."""

import csv
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pandas as pd
import pyogrio
from openpyxl.utils.exceptions import InvalidFileException

from lk_spatial.core.errors import DataError, InputError
from lk_spatial.io.geopackage import gdal_reason
from lk_spatial.io.pg_connect import is_database
from lk_spatial.io.shapefile import shapefile_encoding
from lk_spatial.io.vector import SYSTEM_LAYERS, parse_ref

TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
BOOK_SUFFIXES = (".xlsx", ".xlsm")
HEADING_WITHIN = 10  # rows; people put titles above
_UNIT = re.compile(r"\s*[\[(]?\s*(kn|kg|%|kc|czk|kwh)\s*(?:/\s*(m2?|a|rok)|\s+(m2|a))?\s*[\])]?\s*$")


class Row(NamedTuple):
    """A row: its number as people see it in the file, and its cells (None where empty)."""

    number: int
    cells: list[Any]


class Column(NamedTuple):
    """Where a column stands and the unit in its heading ("kn/m2", "" where none is told)."""

    place: int
    unit: str


class Sheet(NamedTuple):
    """The wanted columns of a table by our names, and the rows below its heading."""

    path: str
    columns: dict[str, Column]
    rows: list[Row]

    def cell(self, row: Row, name: str) -> Any:
        """The cell of a row in one of our columns; None where it is empty or there is no such column."""
        column = self.columns.get(name)
        return row.cells[column.place] if column and column.place < len(row.cells) else None


def read_sheet(
    ref: str | Path,
    *,
    input_name: str,
    headings: Mapping[str, Sequence[str]],
    required: Sequence[str],
    layers: Sequence[str] = (),
) -> Sheet:
    """A table with a heading: CSV (UTF-8 or cp1250; semicolons, tabs or commas), XLSX, any layer, ``postgresql://…``.

    ``headings``: under which headings each of our columns may stand, whatever case, diacritics, hyphens and a unit at
    the end; the first that fits counts. The heading is the first of HEADING_WITHIN rows with all ``required`` ones.
    ``layers``: which layer of a file to prefer where the reference names none. Empty rows are left out. Raises
    InputError and DataError (codes ``sheet_…``, ``vector_…``).
    """
    rows, path = _rows(ref, input_name, layers)
    rows = [row for row in rows if any(cell is not None for cell in row.cells)]
    for place, row in enumerate(rows[:HEADING_WITHIN]):
        columns = _columns(row, headings)
        if all(name in columns for name in required):
            return Sheet(path, columns, rows[place + 1 :])
    shown = [str(cell) for cell in rows[0].cells if cell is not None] if rows else []
    accepted = [f"{name} ({', '.join(headings[name][:3])})" for name in required]
    raise DataError("sheet_columns_missing", input=input_name, path=path, expected=accepted, found=shown)


def folded(text: object) -> str:
    """Without diacritics, case, hyphens within words (a minus stays), underscores and repeated blanks.

    >>> folded("Část_budovy "), folded("Rezerva [kN/m²]")
    ('cast budovy', 'rezerva [kn/m2]')
    """
    plain = unicodedata.normalize("NFKD", str(text))
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    return " ".join(re.sub(r"(?<=\w)[\-–](?=\w)|_", " ", plain).casefold().split())


def split_unit(text: object) -> tuple[str, str]:
    """A folded text without the unit at its end, and the unit.

    >>> split_unit("Rezerva [kg/m²]"), split_unit("reserve_kn_m2"), split_unit("0,35 kN/m2"), split_unit("Rok")
    (('rezerva', 'kg/m2'), ('reserve', 'kn/m2'), ('0,35', 'kn/m2'), ('rok', ''))
    """
    plain = folded(text)
    found = _UNIT.search(plain)
    if not found or (found.start() and plain[found.start() - 1].isalpha() and plain[found.start()].isalpha()):
        return plain, ""
    per = found[2] or found[3]
    return plain[: found.start()].strip(), f"{found[1]}/{per}" if per else found[1]


def _columns(row: Row, headings: Mapping[str, Sequence[str]]) -> dict[str, Column]:
    """Which of our columns stands where; earlier headings of a name win over later ones."""
    told = [split_unit(cell) if cell is not None else ("", "") for cell in row.cells]
    found = {}
    for name, accepted in headings.items():
        for each in accepted:
            wanted, _ = split_unit(each)
            place = next((i for i, (text, _) in enumerate(told) if text and text == wanted), None)
            if place is not None:
                found[name] = Column(place, told[place][1])
                break
    return found


def _rows(ref: str | Path, input_name: str, layers: Sequence[str]) -> tuple[list[Row], str]:
    if is_database(ref):
        from lk_spatial.io import postgis

        frame, shown = postgis.read_attributes(str(ref), input_name=input_name)
        return _rows_of_frame(frame), shown
    source = parse_ref(ref)
    path = Path(source.path)
    if not source.path.startswith("/vsi") and not path.exists():
        raise InputError("file_missing", input=input_name, path=source.path)
    if path.suffix.lower() in TEXT_SUFFIXES:
        return _rows_of_text(path, input_name), source.path
    if path.suffix.lower() in BOOK_SUFFIXES:
        return _rows_of_book(path, source.layer, input_name), source.path
    return _rows_of_layer(source.path, source.layer, input_name, layers), source.path


def _rows_of_text(path: Path, input_name: str) -> list[Row]:
    raw = path.read_bytes()
    if b"\0" in raw:
        raise DataError("sheet_no_text", input=input_name, path=str(path))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1250", errors="replace")
    mark = next((each for each in (";", "\t") if each in _head(text)), ",")
    reader = csv.reader(text.splitlines(keepends=True), delimiter=mark)
    rows = []
    try:
        for cells in reader:
            rows.append(Row(reader.line_num, [cell.strip() or None for cell in cells]))
    except csv.Error as error:
        raise DataError("sheet_no_text", input=input_name, path=str(path)) from error
    _refuse_split_numbers(rows, path, input_name)
    return rows


def _head(text: str) -> str:
    """The first lines, in which the mark between cells is looked for."""
    return "\n".join(text.splitlines()[:HEADING_WITHIN])


def _refuse_split_numbers(rows: list[Row], path: Path, input_name: str) -> None:
    """Decimal commas among commas between cells make rows longer than the heading."""
    widest = max((len(row.cells) for row in rows[:HEADING_WITHIN] if _is_heading(row)), default=0)
    for row in rows:
        if widest and any(cell is not None for cell in row.cells[widest:]):
            told = {"line": row.number, "got": len(row.cells), "expected": widest}
            raise DataError("sheet_cells", input=input_name, path=str(path), **told)


def _is_heading(row: Row) -> bool:
    """Whether all cells are texts without digits at their beginning."""
    texts = [cell for cell in row.cells if cell is not None]
    return len(texts) > 1 and not any(str(cell)[:1].isdigit() for cell in texts)


def _rows_of_book(path: Path, sheet: str | None, input_name: str) -> list[Row]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise DataError("vector_unreadable", input=input_name, path=str(path), reason=str(error)) from error
    try:
        names = [each.title for each in book.worksheets]
        if sheet is not None and sheet not in names:
            told = {"input": input_name, "path": str(path), "layer": sheet}
            raise InputError("vector_layer_missing", layers=names, **told)
        found = book[sheet] if sheet else book.worksheets[0]
        return [
            Row(number, [_plain(value) for value in values])
            for number, values in enumerate(found.iter_rows(values_only=True), start=1)
        ]
    finally:
        book.close()


def _plain(value: Any) -> Any:
    """A cell without blanks around it; None where nothing is left or it is not a value."""
    if isinstance(value, str):
        return value.replace("\0", "").strip() or None
    return None if value is None or bool(pd.isna(value)) else value


def _rows_of_layer(path: str, layer: str | None, input_name: str, layers: Sequence[str]) -> list[Row]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            name = layer or choose_layer(path, layers, input_name)
            encoding = shapefile_encoding(Path(path), name)
            frame = pyogrio.read_dataframe(path, layer=name, read_geometry=False, encoding=encoding)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError, UnicodeDecodeError) as error:
        raise DataError("vector_unreadable", input=input_name, path=path, reason=gdal_reason(error)) from error
    return _rows_of_frame(frame)


def choose_layer(path: str, preferred: Sequence[str], input_name: str) -> str:
    """The first of the ``preferred`` layers that a file has, else its only layer. Raises InputError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = [str(name) for name, _ in pyogrio.list_layers(path) if str(name) not in SYSTEM_LAYERS]
    for name in preferred:
        if name in names:
            return name
    if len(names) != 1:
        code = "vector_layer_ambiguous" if names else "vector_empty"
        raise InputError(code, input=input_name, path=path, layers=sorted(names))
    return names[0]


def _rows_of_frame(frame: pd.DataFrame) -> list[Row]:
    """Column names as the first row, then the values."""
    table = frame.astype(object).where(frame.notna(), None)
    rows = [Row(0, [str(name) for name in frame.columns])]
    return rows + [
        Row(number, [_plain(each) for each in values])
        for number, values in enumerate(table.itertuples(index=False, name=None), start=1)
    ]
