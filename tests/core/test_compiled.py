"""Compiled functions are kept apart for each state of their sources."""

from pathlib import Path

import pytest

from lk_spatial.core import compiled


def test_digest_tells_every_change_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("a = 1")
    before = compiled.digest(tmp_path)
    compiled.digest.cache_clear()
    assert compiled.digest(tmp_path) == before
    compiled.digest.cache_clear()
    (tmp_path / "b.py").write_text("")
    assert compiled.digest(tmp_path) != before


def test_kernels_run() -> None:
    assert compiled.kernel(lambda x: 2 * x)(21) == 42
    assert compiled.kernel(inline="always")(lambda x: 2 * x)(21) == 42


def test_cache_lies_beside_the_files_or_in_a_place_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled.config, "CACHE_DIR", "")
    assert compiled.cache_folder(tmp_path).parent == tmp_path / "__pycache__"
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own"))
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    assert compiled.cache_folder(tmp_path / "file").parent == tmp_path / "own" / "lk_spatial"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert compiled.cache_folder(tmp_path / "file").name.startswith("lk_spatial-")
