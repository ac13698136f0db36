"""Finished pieces of a run: used again, made anew where damaged, gone when the run ends well."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lk_spatial.core.errors import Cancelled, InputError
from lk_spatial.core.progress import Progress, silent
from lk_spatial.core.resume import finish, key_of, work_folder

NAMES = ["a", "b", "c"]
KEY = key_of("inputs")


def make(name: str, progress: Progress) -> dict[str, bytes]:
    progress(0.5, name)
    return {"one.txt": name.encode(), "two.bin": bytes(range(256))}


def run(out: Path, *, key: str = KEY, stop_at: str = "", threads: bool = False, **options: bool) -> list[str]:
    """The names that had to be made; ``stop_at``: cancelled there."""
    made: list[str] = []

    def item(name: str) -> str:
        if name == stop_at:
            raise Cancelled
        made.append(name)
        return name

    with work_folder(str(out), key, **options) as folder:
        executor = ThreadPoolExecutor(2) if threads else None
        found = finish(folder, NAMES, item, make, executor=executor)
        assert [(each / "one.txt").read_text() for each in found.values()] == NAMES
    return made


@pytest.mark.parametrize("threads", [False, True])
def test_all_are_made_once_and_nothing_is_left(tmp_path: Path, threads: bool) -> None:
    assert run(tmp_path / "out.gpkg", threads=threads) == NAMES
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "out.gpkg"
    with pytest.raises(Cancelled):
        run(out, stop_at="c")
    assert (tmp_path / "out.gpkg.work" / KEY / "b").is_dir()
    assert run(out) == ["c"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("change", ["fresh", "key"])
def test_pieces_of_another_run_are_not_used(tmp_path: Path, change: str) -> None:
    with pytest.raises(Cancelled):
        run(tmp_path / "out.gpkg", stop_at="c")
    made = run(tmp_path / "out.gpkg", fresh=True) if change == "fresh" else run(tmp_path / "out.gpkg", key=key_of(2))
    assert made == NAMES
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "gone", "sums"])
def test_a_damaged_piece_is_made_anew(tmp_path: Path, damage: str) -> None:
    with pytest.raises(Cancelled):
        run(tmp_path / "out.gpkg", stop_at="c")
    piece = tmp_path / "out.gpkg.work" / KEY / "a"
    if damage == "gone":
        (piece / "two.bin").unlink()
    else:
        (piece / ("two.bin" if damage == "cut" else "sums.json")).write_bytes(b"[")
    assert run(tmp_path / "out.gpkg") == ["a", "c"]


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    mine = tmp_path / "out.gpkg.work" / "notes.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    run(tmp_path / "out.gpkg")
    assert [each.name for each in mine.parent.iterdir()] == ["notes.txt"]


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    out = str(tmp_path / "out.gpkg")
    with work_folder(out, KEY), pytest.raises(InputError) as refused, work_folder(out, KEY):
        pass
    assert refused.value.code == "work_in_use"


def test_without_keep_nothing_lies_beside_the_output(tmp_path: Path) -> None:
    with work_folder(str(tmp_path / "out.gpkg"), KEY, keep=False) as folder:
        finish(folder, NAMES, str, make)
        assert list(tmp_path.iterdir()) == [] and len(list(folder.iterdir())) == 3


def test_progress_tells_of_each_piece(tmp_path: Path) -> None:
    told: list[float] = []
    finish(tmp_path, NAMES, str, make, progress=lambda done, text="": told.append(round(done, 3)))
    assert told == [0.0, 0.167, 0.333, 0.5, 0.667, 0.833, 1.0]
    assert finish(tmp_path, NAMES, str, make, progress=silent)["a"] == tmp_path / "a"


def test_a_database_has_its_pieces_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with work_folder("postgresql://host/db?schema=s", KEY) as folder:
        assert folder.is_relative_to(tmp_path)
