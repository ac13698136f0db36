"""Files in the making: killed writers leave nothing for good, links stay links, the longest names work."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lk_spatial.core.files import check_plain_output, part_prefix, staged


def test_parts_of_dead_writers_go_and_those_of_living_ones_stay(tmp_path: Path) -> None:
    out = tmp_path / "zpráva [1].html"
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    prefix = part_prefix(out)
    parts = {
        name: tmp_path / f"{prefix}.{name}.part" for name in (f"{dead.stdout.strip()}.0bad", f"{os.getppid()}.00c0")
    }
    old, fresh = tmp_path / f"{prefix}.1.0feed.part", tmp_path / f"{prefix}.{dead.stdout.strip()}.0new.part"
    foreign = tmp_path / f"{part_prefix(tmp_path / 'other.html')}.{dead.stdout.strip()}.0bad.part"
    for each in (*parts.values(), old, fresh, foreign):
        each.write_text("unfinished")
    for each, age in zip((*parts.values(), old, foreign), (90, 90, 90_000, 90), strict=True):
        os.utime(each, (time.time() - age,) * 2)
    with staged(out) as part:
        part.write_text("new")
    gone, living = parts.values()
    assert not gone.exists() and not old.exists()
    assert living.exists() and fresh.exists() and foreign.exists()
    assert out.read_text() == "new"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), None], ids=["no-name", "folder-gone"])
def test_errors_name_the_file_that_the_user_knows(tmp_path: Path, error: OSError | None) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    with pytest.raises(OSError) as told, staged(folder / "r.html") as part:
        if error:
            raise error
        folder.rmdir()
        part.write_text("late")
    assert told.value.filename == str(folder / "r.html")


def test_a_link_to_the_output_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.html").write_text("old")
    (tmp_path / "link.html").symlink_to("real.html")
    with staged(tmp_path / "link.html") as part:
        part.write_text("new")
    assert (tmp_path / "link.html").is_symlink() and (tmp_path / "real.html").read_text() == "new"
    assert len(list(tmp_path.iterdir())) == 2


def test_longest_name_can_be_written_and_a_longer_one_is_refused(tmp_path: Path) -> None:
    longest = tmp_path / f"{'r' * 250}.html"
    check_plain_output(longest, [], ("html",))
    with staged(longest) as part:
        part.write_text("new")
    assert longest.read_text() == "new"
