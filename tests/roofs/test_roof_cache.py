"""Compiled code must not outlive the source it was made from."""

from pathlib import Path

from numba.core import config

from lk_spatial.roofs import compiled


def test_digest_changes_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("a = 1")
    (tmp_path / "two.py").write_text("b = 1")
    before = compiled.digest(tmp_path)
    assert compiled.digest(tmp_path) == before
    (tmp_path / "two.py").write_text("b = 2")
    assert compiled.digest(tmp_path) != before


def test_kernels_leave_numbas_settings_alone() -> None:
    before = config.CACHE_DIR
    double = compiled.kernel(lambda x: 2 * x)
    assert double(3) == 6
    assert before == config.CACHE_DIR
    assert compiled.FOLDER.name.startswith("numba-")
