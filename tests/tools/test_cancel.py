"""A run that is stopped from outside leaves no process and no file, and says one line."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="process groups of POSIX")


def start(sample: Path, folder: Path, *options: str) -> subprocess.Popen[str]:
    """The main job with two workers in a process group of its own; comes back when the workers have begun."""
    arguments = {
        "buildings": sample / "buildings.gpkg",
        "dsm": sample / "dsm.tif",
        "weather": sample / "weather_liberec_synthetic.csv",
        "out": folder / "out.gpkg",
        "report": folder / "out.html",
    }
    call = [f"--{name}={path}" for name, path in arguments.items()]
    process = subprocess.Popen(
        [sys.executable, "-m", "lk_spatial", "pv-potential", "--lang=en", "--workers=2", *call, *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    limit = time.monotonic() + 60
    while not any("spawn_main" in command for command in family(process.pid)):
        assert process.poll() is None and time.monotonic() < limit
        time.sleep(0.02)
    return process


def family(session: int) -> list[str]:
    """Command lines of the living processes of a session."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, own = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        ends = state in "ZX" or not command.strip()  # its memory is gone already
        if int(own) == session and not ends and "resource_tracker" not in command:
            found.append(command)
    return found


def assert_nothing_left(session: int, folder: Path) -> None:
    limit = time.monotonic() + 5
    while family(session) and time.monotonic() < limit:
        time.sleep(0.05)
    assert family(session) == []
    assert {each.name for each in folder.iterdir()} <= {"out.gpkg.work"}, "finished tiles may stay, nothing else"


@pytest.mark.parametrize(
    ("number", "whole_group", "wait"),
    [
        pytest.param(signal.SIGINT, True, 0.0, id="Ctrl-C in a terminal as workers start"),
        pytest.param(signal.SIGINT, True, 1.5, id="Ctrl-C in a terminal while they work"),
        pytest.param(signal.SIGTERM, False, 1.5, id="SIGTERM to one process"),
    ],
)
def test_signal(number: int, whole_group: bool, wait: float, sample_data: Path, tmp_path: Path) -> None:
    with start(sample_data, tmp_path) as process:
        time.sleep(wait)
        (os.killpg if whole_group else os.kill)(process.pid, number)
        out, errors = process.communicate(timeout=30)
        assert process.returncode == 130
        assert (out, errors) == ("", "error [cancelled]: Cancelled; nothing was changed.\n")
        assert_nothing_left(process.pid, tmp_path)


@pytest.mark.parametrize("farewell", ["cancel\n", ""])
def test_lifeline(farewell: str, sample_data: Path, tmp_path: Path) -> None:
    with start(sample_data, tmp_path, "--lifeline") as process:
        time.sleep(1.0)
        assert process.stdin
        process.stdin.write(farewell)
        process.stdin.close()
        assert process.wait(timeout=10) == 130
        assert_nothing_left(process.pid, tmp_path)


def test_killed(sample_data: Path, tmp_path: Path) -> None:
    """Workers end with a parent that could say no word to them."""
    with start(sample_data, tmp_path) as process:
        time.sleep(1.5)
        process.kill()
        process.communicate(timeout=10)
        assert_nothing_left(process.pid, tmp_path)
