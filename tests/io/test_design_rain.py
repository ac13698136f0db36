"""Design rain tables: ways to write one, faults, what is told."""

from pathlib import Path

import numpy as np
import pytest

from lk_spatial.core.errors import InputError, LkError, Problems
from lk_spatial.core.notices import collect_notices
from lk_spatial.io.design_rain import design_rain_of, read_design_rain

HEAD = "return_period_a;duration_min;depth_mm\n"
GOOD = HEAD + "5;5;9,0\n5;60;27,5\n5;4320;85\n10;5;10,5\n10;60;32\n10;4320;100\n"


def put(folder: Path, content: str | bytes) -> Path:
    path = folder / "rain.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


WAYS = {
    "decimal comma": GOOD,
    "commas and points": GOOD.replace(",", ".").replace(";", ","),
    "tabs, BOM": ("\ufeff" + GOOD).replace(";", "\t"),
    "any order, remarks, cp1250": (
        "# smyšleno\n" + HEAD + "".join(reversed(GOOD.splitlines(keepends=True)[1:])) + ";;\n"
    ).encode("cp1250"),
    "hours": "return_period_a;duration_h;depth_mm\n"
    + "".join(f"{t};{m / 60!r};{h}\n" for t, m, h in ((5, 5, 9), (5, 60, 27.5), (5, 4320, 85), (10, 5, 10.5),
                                                     (10, 60, 32), (10, 4320, 100))),
    "intensities": "frequency_1_a;duration_min;intensity_l_s_ha\n"
    + "".join(f"{1 / t};{m};{h / m / 6e-3!r}\n" for t, m, h in ((5, 5, 9), (5, 60, 27.5), (5, 4320, 85),
                                                                (10, 5, 10.5), (10, 60, 32), (10, 4320, 100))),
}  # fmt: skip


@pytest.mark.parametrize("content", WAYS.values(), ids=WAYS)
def test_ways_to_write_one_rain(tmp_path, content) -> None:
    with collect_notices() as told:
        table = read_design_rain(put(tmp_path, content))
    assert not told and list(table.columns) == ["return_period_a", "duration_min", "depth_mm"]
    expected = [[5, 5, 9], [5, 60, 27.5], [5, 4320, 85], [10, 5, 10.5], [10, 60, 32], [10, 4320, 100]]
    assert table.to_numpy() == pytest.approx(np.array(expected))
    assert design_rain_of(table, 10)["depth_mm"].tolist() == pytest.approx([10.5, 32, 100])
    with pytest.raises(InputError) as error:
        design_rain_of(table, 20)
    assert error.value.code == "design_rain_period"


FAULTS = {
    "nothing": ("", "design_rain_empty"),
    "a heading alone": (HEAD, "design_rain_empty"),
    "a workbook": (b"PK\x03\x04\0\0\n\0", "design_rain_empty"),
    "no unit": (GOOD.replace("depth_mm", "depth"), "design_rain_columns"),
    "two units": (GOOD.replace("return_period_a;", "duration_h;", 1), "design_rain_columns"),
    "a word": (GOOD.replace("27,5", "mnoho"), "design_rain_value"),
    "an empty cell": (GOOD.replace("27,5", ""), "design_rain_value"),
    "negative": (GOOD.replace("27,5", "-27,5"), "design_rain_value"),
    "-999": (GOOD.replace("9,0", "-999"), "design_rain_value"),
    "a short row": (GOOD + "20;5\n", "design_rain_value"),
    "intensities named depths": (GOOD.replace("9,0", "300"), "design_rain_unit"),
    "tenths of millimetres": (GOOD.replace("5;9,0", "5;90"), "design_rain_unit"),
    "falls with duration": (GOOD.replace("27,5", "8,9"), "design_rain_falls"),
    "falls with rarity": (GOOD.replace("10,5", "8,9"), "design_rain_falls"),
    "twice": (GOOD + "10;60;32\n", "design_rain_twice"),
}


@pytest.mark.parametrize(("content", "code"), FAULTS.values(), ids=FAULTS)
def test_faults_are_told(tmp_path, content, code) -> None:
    with pytest.raises(LkError) as error:
        read_design_rain(put(tmp_path, content))
    told = error.value.problems if isinstance(error.value, Problems) else [error.value]
    assert {each.code for each in told} == {code}
    assert all(each.sentence("cs") and each.sentence("en") for each in told)


def test_a_missing_file_and_a_folder(tmp_path) -> None:
    for path, code in ((tmp_path / "no.csv", "file_missing"), (tmp_path, "input_unreadable")):
        with pytest.raises(InputError) as error:
            read_design_rain(path)
        assert error.value.code == code


def test_rain_that_is_too_short_or_too_light_is_told(tmp_path) -> None:
    with collect_notices() as told:
        read_design_rain(put(tmp_path, HEAD + "5;15;2\n5;1440;5,9\n"))
    assert [each.code for each in told] == ["design_rain_short", "design_rain_light"]
    assert all(each.sentence("cs") for each in told)
