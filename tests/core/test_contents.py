"""Check sums of inputs that are several files."""

import os
from pathlib import Path

import pytest

from lk_spatial.core import contents
from lk_spatial.core.contents import fingerprint, missing, parts, tiles
from lk_spatial.core.files import sha256


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "tiles"
    found.mkdir()
    for name in ("b.tif", "a.TIF", "a.tfw", "notes.txt", ".hidden.tif", "c.laz"):
        (found / name).write_text(f"content of {name}")
    (found / "below.tif").mkdir()
    return found


def test_tiles_are_files_of_the_folder_itself(folder: Path) -> None:
    assert [each.name for each in tiles(folder)] == ["a.TIF", "b.tif", "c.laz"]
    assert [each.name for each in tiles(folder, contents.CLOUDS)] == ["c.laz"]
    assert [each.name for each in parts(folder)] == ["a.TIF", "a.tfw", "b.tif", "c.laz"]


def test_one_file_has_its_own_sum(folder: Path, tmp_path: Path) -> None:
    assert fingerprint(folder / "b.tif") == {"sha256": sha256(folder / "b.tif")}
    assert fingerprint(tmp_path / "none.tif") == {"sha256": None}
    assert fingerprint(tmp_path) == {"sha256": None}  # a folder without tiles, as of another kind of data


@pytest.mark.parametrize("most, what", [(10**9, "contents"), (10, "names, sizes and times")])
def test_a_folder_has_one_sum(folder: Path, monkeypatch: pytest.MonkeyPatch, most: int, what: str) -> None:
    monkeypatch.setattr(contents, "MOST_BYTES", most)
    before = fingerprint(folder)
    assert before["files"] == 4 and before["sha256_of"] == what
    (folder / "notes.txt").write_text("changed")
    assert fingerprint(folder) == before
    os.utime(folder / "b.tif", ns=(5, 5))
    assert (fingerprint(folder) == before) is (what == "contents")
    (folder / "b.tif").write_text("CONTENT of b.tif")
    changed = fingerprint(folder)
    assert changed["sha256"] != before["sha256"]
    (folder / "b.tif").rename(folder / "d.tif")
    assert fingerprint(folder)["sha256"] != changed["sha256"]


def test_a_vrt_goes_with_its_sources(folder: Path, tmp_path: Path) -> None:
    vrt = tmp_path / "a.vrt"
    source = "<SourceFilename {}>{}</SourceFilename>"
    vrt.write_text(
        source.format("relativeToVRT='1' shared='0'", "tiles/b.tif")
        + source.format('relativeToVRT="0"', folder / "a.TIF")
        + source.format('relativeToVRT="1"', "tiles/gone.tif")
        + source.format("", "/vsicurl/http://a/b.tif")
    )
    before = fingerprint(vrt)
    assert before["files"] == 4 and [each.name for each in parts(vrt)] == ["a.vrt", "b.tif", "a.TIF", "a.tfw"]
    assert missing(vrt) == [folder / "gone.tif"]
    (folder / "b.tif").write_text("changed")
    assert fingerprint(vrt)["sha256"] != before["sha256"]


def test_vrts_in_a_circle_end(tmp_path: Path) -> None:
    one, two = tmp_path / "one.vrt", tmp_path / "two.vrt"
    one.write_text(f"<SourceFilename>{two}</SourceFilename>")
    two.write_text(f"<SourceFilename>{one}</SourceFilename>")
    assert parts(one) == [one, two]
