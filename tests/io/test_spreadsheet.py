"""Workbooks as openpyxl and pandas read them back."""

import gc
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from lk_spatial.core.notices import collect_notices
from lk_spatial.core.text import Text
from lk_spatial.io import spreadsheet
from lk_spatial.io.spreadsheet import write_xlsx

TITLES = {"buildings": Text("Buildings", "Budovy"), "modules": Text("Modules", "Panely")}
Read = Callable[[pd.DataFrame], list[tuple[Any, ...]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Rows of one layer, written and read back with the types of the cells."""

    def write_and_read(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
        write_xlsx(tmp_path / "t.xlsx", {"buildings": frame}, TITLES, "en")
        return list(openpyxl.load_workbook(tmp_path / "t.xlsx")["Buildings"].iter_rows(values_only=True))

    return write_and_read


@pytest.mark.parametrize("text", ["=1+1", "=HYPERLINK(0)", "+420 485", "-", "@here", "#N/A", "1e5", "<b>&amp;"])
def test_text_stays_that_text(tmp_path: Path, text: str) -> None:
    write_xlsx(tmp_path / "t.xlsx", {"buildings": pd.DataFrame({"name": [text]})}, TITLES, "cs")
    cell = openpyxl.load_workbook(tmp_path / "t.xlsx")["Budovy"]["A2"]
    assert (cell.value, cell.data_type) == (text, "s")


def test_control_characters_are_left_out(read: Read) -> None:
    assert read(pd.DataFrame({"name": ["A\x00B\x1f\x0bC\n"]}))[1] == ("ABC\n",)


def test_values_keep_their_kind(read: Read) -> None:
    zoned = pd.Timestamp("2026-05-01 12:00", tz="UTC")
    frame = pd.DataFrame(
        {
            "n_modules": pd.array([3, None], "Int64"),
            "power_kwp": [1.35, np.nan],
            "energy_kwh_a": [np.inf, 2.0],
            "known": [True, None],
            "when": [zoned, pd.NaT],
            "name": ["x", None],
        }
    )
    rows = read(frame)
    assert rows[1] == (3, 1.35, None, True, datetime(2026, 5, 1, 12), "x")
    assert rows[2] == (None, None, 2, None, None, None)
    assert isinstance(rows[1][0], int)


def test_headings_bear_units_in_the_language(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"energy_kwh_a": [1.0], "own": ["x"]}, geometry=[shapely.Point(0, 0)], crs=5514)
    write_xlsx(tmp_path / "t.xlsx", {"buildings": frame, "modules": frame[["geometry"]]}, TITLES, "cs")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == ["Budovy", "Panely"]
    sheet = book["Budovy"]
    assert [cell.value for cell in sheet[1]] == ["Roční výroba [kWh/a]", "own"]
    assert sheet["A1"].font.bold and sheet.freeze_panes == "A2"


def test_empty_layer_gives_its_headings(read: Read) -> None:
    assert read(pd.DataFrame({"building_id": pd.Series([], dtype=object)})) == [("Building",)]


def test_what_does_not_fit_is_told(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MAX_ROWS", 2)
    with collect_notices() as notices:
        rows = read(pd.DataFrame({"building_id": list("abc")}))
    assert [each.code for each in notices] == ["xlsx_cut"] and "3" in notices[0].sentence("cs")
    assert rows[1:] == [("a",), ("b",)]


def test_frames_come_one_after_another_in_the_first_ones_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MAX_ROWS", 4)
    parts = [
        pd.DataFrame({"building_id": ["a"], "n_modules": pd.array([None], "Int64")}),
        pd.DataFrame({"building_id": [], "n_modules": []}),
        pd.DataFrame({"n_modules": [1, 2], "building_id": ["b", "c"]}),
        pd.DataFrame({"building_id": ["d", "e"], "n_modules": [3, 4]}),
        pd.DataFrame({"building_id": ["f"], "n_modules": [5]}),
    ]
    told: list[float] = []
    with collect_notices() as notices:
        write_xlsx(
            tmp_path / "t.xlsx", {"buildings": parts}, TITLES, "en", lambda done, text="": told.append(round(done, 3))
        )
    rows = list(openpyxl.load_workbook(tmp_path / "t.xlsx")["Buildings"].iter_rows(values_only=True))
    assert rows[1:] == [("a", None), ("b", 1), ("c", 2), ("d", 3)]
    assert [(each.code, each.values["rows"], each.values["kept"]) for each in notices] == [("xlsx_cut", 6, 4)]
    assert told == [0.2, 0.4, 0.6, 0.8, 1.0]


def test_a_stopped_workbook_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a file nor a temporary one, nor an open stream that complains later."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def stop(done: float, text: str = "") -> None:
        assert list(tmp_path.iterdir()), "rows wait in a temporary file"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_xlsx(tmp_path / "t.xlsx", {"buildings": pd.DataFrame({"name": ["a"]})}, TITLES, "cs", stop)
    gc.collect()
    assert list(tmp_path.iterdir()) == []
