"""The table of snowfall: ways to write it, and one clear sentence for each way to get it wrong."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lk_spatial.core.errors import LkError, Problems
from lk_spatial.core.notices import collect_notices
from lk_spatial.io.snowfall import COLUMNS, HUMIDITY, read_snowfall

SNOW = [35, 30, 20, 6.5, 0, 0, 0, 0, 0, 1, 12, 28]
EVENTS = [6, 5, 3.5, 1, 0, 0, 0, 0, 0, 0.2, 2.5, 5]


def rows(*altitudes: float, factor: float = 1.0) -> list[list]:
    return [[altitude, month + 1, SNOW[month] * factor, EVENTS[month]] for altitude in altitudes for month in range(12)]


def text(table: list[list], mark: str = ";", decimal: str = ",", heading: tuple = COLUMNS, end: str = "\n") -> str:
    lines = [mark.join(heading), *(mark.join(str(cell).replace(".", decimal) for cell in row) for row in table)]
    return end.join(lines) + end


def put(folder, content: str | bytes):
    path = folder / "snow.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path) -> tuple[pd.DataFrame, list[str]]:
    with collect_notices() as notices:
        table = read_snowfall(path)
    return table, [each.code for each in notices]


WAYS = {
    "semicolons and decimal commas, as Excel in Czech": text(rows(400, 800)),
    "commas and points": text(rows(400, 800), ",", "."),
    "semicolons and points": text(rows(400, 800), ";", "."),
    "tabs": text(rows(400, 800), "\t"),
    "with BOM": "\ufeff" + text(rows(400, 800)),
    "in Windows lines, quoted, with blanks": text(rows(400, 800), end="\r\n").replace("6,5", '" 6,5 "'),
    "in cp1250 with a column of words": text(
        [[*row, "Bedřichov"] for row in rows(400, 800)], heading=(*COLUMNS, "poznámka")
    ).encode("cp1250"),
    "with remarks, empty lines and trailing marks": "# smyšleno\n\n" + text(rows(400, 800)).replace("\n", ";\n;;;\n"),
    "in any order of rows and columns": text(
        [row[::-1] for row in rows(800, 400)[::-1]], heading=tuple(name.upper() for name in COLUMNS[::-1])
    ),
}


@pytest.mark.parametrize("content", WAYS.values(), ids=WAYS)
def test_ways_to_write_one_table(tmp_path, content) -> None:
    table, codes = read(put(tmp_path, content))
    assert codes == [] and list(table.columns) == list(COLUMNS) and (table.dtypes == np.float64).all()
    assert table.to_numpy().tolist() == [[float(cell) for cell in row] for row in rows(400, 800)]


def test_humidity_is_read_where_it_stands(tmp_path) -> None:
    table, _ = read(put(tmp_path, text([[*row, 81.5] for row in rows(400)], heading=(*COLUMNS, HUMIDITY))))
    assert (table[HUMIDITY] == 81.5).all()


def changed(line: int, column: int, cell: object, table: list[list] | None = None) -> list[list]:
    table = rows(400, 800) if table is None else table
    table[line - 2][column] = cell
    return table


LONG = [[*row, *["", 1][: 2 * (n == 3)]] for n, row in enumerate(rows(400))]
FAULTS = {
    "nothing": ("", "snow_empty"),
    "a heading alone": (";".join(COLUMNS), "snow_empty"),
    "no heading": (text(rows(400))[42:], "snow_columns_missing"),
    "another heading": (text(rows(400), heading=("altitude_m", "month", "snow_mm", "days")), "snow_columns_missing"),
    "a workbook": (b"PK\x03\x04\x00\x00", "snow_no_text"),
    "UTF-16": (text(rows(400)).encode("utf-16"), "snow_no_text"),
    "decimal commas between commas": (text(changed(5, 2, "6,5,1"), ",", "."), "snow_cells"),
    "too long a row": (text(LONG), "snow_cells"),
    "text for a number": (text(changed(4, 2, "mnoho")), "snow_value_wrong"),
    "an empty cell": (text(changed(4, 3, "")), "snow_value_wrong"),
    "too short a row": (text([row[:3] if n == 2 else row for n, row in enumerate(rows(400))]), "snow_value_wrong"),
    "not a number": (text(changed(4, 2, "nan")), "snow_value_wrong"),
    "infinite": (text(changed(4, 2, "inf")), "snow_value_wrong"),
    "negative snowfall": (text(changed(2, 2, -1)), "snow_value_wrong"),
    "negative events": (text(changed(2, 3, -1)), "snow_value_wrong"),
    "more events than days": (text(changed(2, 3, 32)), "snow_value_wrong"),
    "month 0": (text(changed(2, 1, 0)), "snow_value_wrong"),
    "month 13": (text(changed(13, 1, 13)), "snow_value_wrong"),
    "month 1.5": (text(changed(2, 1, 1.5)), "snow_value_wrong"),
    "a name for a month": (text(changed(2, 1, "leden")), "snow_value_wrong"),
    "altitude in feet of the Himalayas": (text(changed(2, 0, 25000)), "snow_value_wrong"),
    "a month twice": (text([*rows(400), rows(400)[2]]), "snow_twice"),
    "a month missing": (text(rows(400, 800)[:-1]), "snow_months_missing"),
    "millimetres": (text(rows(400, factor=10)), "snow_not_cm"),
    "snow without events": (text([[*row[:3], 0] for row in rows(400)]), "snow_not_cm"),
}


@pytest.mark.parametrize(("content", "code"), FAULTS.values(), ids=FAULTS)
def test_each_fault_has_its_sentence(tmp_path, content, code) -> None:
    path = put(tmp_path, content)
    with pytest.raises(LkError) as caught:
        read_snowfall(path)
    assert caught.value.code == code
    for lang in ("cs", "en"):
        said = caught.value.sentence(lang)
        assert str(path) in said and "{" not in said and said.count("\n") == 0


def test_faults_are_told_together_with_their_lines(tmp_path) -> None:
    table = changed(3, 2, "x", changed(9, 3, -4))
    with pytest.raises(Problems) as caught:
        read_snowfall(put(tmp_path, "# remark\n" + text(table)))
    told = caught.value.sentence("en").splitlines()
    assert len(told) == 2 and "line 4: snowfall_cm is “x”" in told[0] and "line 10: snow_events is “-4”" in told[1]
    with pytest.raises(Problems) as caught:
        read_snowfall(put(tmp_path, text(rows(400)[1:] + rows(800)[:-2])))
    assert "months 1 at 400 m" in caught.value.sentence("en") and "800 m měsíce 11, 12" in caught.value.sentence("cs")


def test_missing_files_and_folders(tmp_path) -> None:
    for path, code in ((tmp_path / "none.csv", "file_missing"), (tmp_path, "input_unreadable")):
        with pytest.raises(LkError, match=code):
            read_snowfall(path)


def test_events_of_less_than_an_inch_are_told(tmp_path) -> None:
    table, codes = read(put(tmp_path, text([[*row[:3], 15] for row in rows(400)])))
    assert codes == ["snow_events_light"] and len(table) == 12


def test_a_place_without_snow_is_fine(tmp_path) -> None:
    table, codes = read(put(tmp_path, text([[*row[:2], 0, 0] for row in rows(100)])))
    assert codes == [] and not table[["snowfall_cm", "snow_events"]].any(axis=None)


@given(st.binary(max_size=300))
@example(b'"\n\x01')  # a quotation mark that never closes
@settings(max_examples=150, deadline=None)
def test_no_bytes_end_in_another_exception(tmp_path_factory, raw) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    for content in (raw, text(rows(400)).encode() + raw, ";".join(COLUMNS).encode() + b"\n" + raw):
        path.write_bytes(content)
        try:
            read_snowfall(path)
        except LkError as error:
            assert error.sentence("cs") and error.sentence("en")
