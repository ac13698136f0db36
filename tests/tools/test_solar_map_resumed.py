"""The solar map after a Cancel and after kills: finished tiles are used, and the file is the same."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import lk_spatial as lk
from lk_spatial.core.errors import Cancelled
from lk_spatial.core.notices import Notice
from lk_spatial.solar import map as solar_map

Made = list[str]


class Whole(NamedTuple):
    """The file, and what was told."""

    content: bytes
    notices: list[Notice]


@pytest.fixture(scope="module")
def inputs(sample_data: Path) -> dict[str, Path]:
    return {
        "dsm": sample_data / "dsm.tif",
        "weather": sample_data / "weather_liberec_synthetic.csv",
        "buildings": sample_data / "buildings.gpkg",
    }


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    """Names of the tiles that had to be made, of 250 pixels."""
    names: Made = []
    work: Callable[..., object] = solar_map.tile_piece

    def counted(given: tuple, *arguments: object, **options: object) -> object:
        names.append(given[1].name)
        return work(given, *arguments, **options)

    monkeypatch.setattr(solar_map, "TILE_PX", 250)
    monkeypatch.setattr(solar_map, "tile_piece", counted)
    return names


@pytest.fixture(scope="module")
def whole(inputs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """A run that nothing interrupted."""
    out = tmp_path_factory.mktemp("whole") / "map.tif"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solar_map, "TILE_PX", 250)
        result = lk.solar_map(**inputs, out=out)
    return Whole(out.read_bytes(), result.notices)


def interrupt(inputs: dict[str, Path], out: Path, at: float, **options: Any) -> None:
    def stop(done: float, text: str = "") -> None:
        if done > at:
            raise Cancelled

    with pytest.raises(Cancelled):
        lk.solar_map(**inputs, out=out, progress=stop, **options)


@pytest.mark.parametrize("at", [0.5, 0.91], ids=["among the tiles", "as the file is written"])
def test_a_cancelled_run_goes_on(inputs: dict[str, Path], whole: Whole, made: Made, tmp_path: Path, at: float) -> None:
    out = tmp_path / "map.tif"
    interrupt(inputs, out, at)
    assert [each.name for each in tmp_path.iterdir()] == ["map.tif.work"]
    before, made[:] = set(made), []
    result = lk.solar_map(**inputs, out=out)
    assert (out.read_bytes(), result.notices) == whole
    assert len(before) >= 5 and len(before & set(made)) <= 1, "only the tile that was in the making is made again"
    assert (len(made) == 0) == (at > 0.9)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["map.tif", "map.tif.run.json"]


def test_cancelled_before_a_tile_is_finished_leaves_nothing(
    inputs: dict[str, Path], made: Made, tmp_path: Path
) -> None:
    interrupt(inputs, tmp_path / "map.tif", 0.2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("change", ["nothing", "fresh", "albedo", "surface model"])
def test_tiles_of_another_run_are_not_used(inputs: dict[str, Path], made: Made, tmp_path: Path, change: str) -> None:
    given = {**inputs, "dsm": tmp_path / "dsm.tif"}
    for ending in (".tif", ".tfw"):
        given["dsm"].with_suffix(ending).write_bytes(inputs["dsm"].with_suffix(ending).read_bytes())
    interrupt(given, tmp_path / "map.tif", 0.4)
    before, made[:] = set(made), []
    if change == "surface model":
        os.utime(given["dsm"], (1e9, 1e9))
    interrupt(given, tmp_path / "map.tif", 0.5, **{"fresh": {"fresh": True}, "albedo": {"albedo": 0.5}}.get(change, {}))
    assert (before < set(made)) == (change != "nothing")


def finished(out: Path) -> int:
    """Number of tiles."""
    return sum(name.startswith("r") for _, names, _ in os.walk(f"{out}.work") for name in names)


def in_the_making(out: Path) -> int:
    """Number of files: the far terrain, then the map too; and what killed runs left."""
    return sum(each.name.startswith(f".{out.name}") for each in out.parent.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="process groups of POSIX")
def test_kills_leave_nothing_or_the_whole(inputs: dict[str, Path], whole: Whole, tmp_path: Path) -> None:
    """As a tile has just been finished, and as the map is written."""
    out, moment = tmp_path / "map.tif", random.Random(3)
    job = [sys.executable, "-m", "tests.tools.killed_map", *map(str, inputs.values()), str(out)]

    def start(workers: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*job, str(workers)], cwd=Path(__file__).parents[2], start_new_session=True)

    for count, more in ((finished, 2), (in_the_making, 2), (in_the_making, 2)):
        limit = count(out) + more
        with start(1) as process:
            while process.poll() is None and count(out) < limit:
                time.sleep(0.005)
            time.sleep(moment.uniform(0.0, 0.1))
            assert process.poll() is None, "killed in time"
            os.killpg(process.pid, signal.SIGKILL)
        assert not out.exists() or out.read_bytes() == whole.content
    with start(2) as process:
        assert process.wait() == 0
    assert out.read_bytes() == whole.content
    assert sorted(each.name for each in tmp_path.iterdir() if not each.name.startswith(".")) == [
        out.name,
        f"{out.name}.run.json",
    ]
