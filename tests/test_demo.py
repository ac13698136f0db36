"""The demo where there is no QGIS, and what it says when a step fails."""

import sys
from pathlib import Path

import pytest

from lk_spatial import demo
from lk_spatial.core.errors import Cancelled, DataError
from lk_spatial.core.progress import silent


def test_demo_of_an_installed_package_makes_its_data_and_tells_what_qgis_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "REPOSITORY", tmp_path / "nothing")
    monkeypatch.setattr(demo, "HAS_PLUGIN", False)
    monkeypatch.setattr(demo.shutil, "which", lambda name: None)
    lines = demo.run_demo(tmp_path / "a demo", lang="cs")
    for name in ("pv.gpkg", "pv.gpkg.run.json", "pv.html", "sample/dsm.tif"):
        assert (tmp_path / "a demo" / name).is_file()
    assert str(tmp_path / "a demo" / "pv.gpkg") in "\n".join(lines)
    assert lines[-1].startswith("QGIS není nainstalován")
    if Path("/etc/debian_version").is_file():
        assert lines[-1].endswith(f"apt-get install --no-install-recommends {demo.QGIS_PACKAGES}")


def engine(line: str, status: int) -> list[str]:
    """A command that says one line and ends."""
    return [sys.executable, "-c", f"import sys; print({line!r}); sys.exit({status})"]


def test_failed_step_is_told_with_its_own_message() -> None:
    with pytest.raises(DataError, match="demo_failed") as caught:
        demo._listen(engine('{"type": "error", "code": "x", "text": "the roof is missing"}', 1), silent)
    assert "the roof is missing" in caught.value.sentence("en")


def test_failed_program_is_told_with_its_last_words() -> None:
    with pytest.raises(DataError) as caught:
        demo._run(engine("no such algorithm", 3), {})
    assert "no such algorithm" in caught.value.sentence("cs")


def test_cancel_ends_the_child() -> None:
    def stop(done: float, text: str = "") -> None:
        raise Cancelled

    waiting = 'import time; print(\'{"type": "progress", "done": 0.5, "text": ""}\', flush=True); time.sleep(60)'
    with pytest.raises(Cancelled):
        demo._listen([sys.executable, "-c", waiting], stop)


def test_qgis_does_not_inherit_the_engines_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("PROJ_DATA", "/elsewhere")
    given = demo.qgis_environment(Path("profile"), "runtime", "cs")
    assert "/elsewhere" not in given.values()
    assert given["LK_ENGINE"] == sys.executable


def test_apt_lines_of_script_and_program_agree() -> None:
    script = Path(__file__).resolve().parents[1] / "lk"
    assert f'qgis_packages="{demo.QGIS_PACKAGES}"' in script.read_text("utf-8")
