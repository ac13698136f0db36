"""Compiled functions, kept on disk for the next start.

Numba renews what it kept when the function's own file changes, but not when a function that it calls, in another file,
does: after an update old code would go on running unseen. So the place of the cache carries a digest of all files here.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from numba import njit
from numba.core import config

HERE = Path(__file__).parent


def digest(folder: Path) -> str:
    """A short name for the content of all Python files of a folder."""
    found = sha256()
    for path in sorted(folder.glob("*.py")):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:12]


def _root() -> Path:
    """NUMBA_CACHE_DIR, else the first writable of: beside the files, the user's own cache, the temporary folder."""
    if config.CACHE_DIR:
        return Path(config.CACHE_DIR)
    own = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    for folder in (HERE / "__pycache__", Path(own).expanduser() / "lk_spatial"):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except (OSError, RuntimeError):
            continue
    return Path(tempfile.gettempdir()) / "lk_spatial"


FOLDER = _root() / f"numba-{digest(HERE)}"


def kernel(function: Callable[..., Any]) -> Any:
    """The function compiled at its first call, without the GIL, and kept on disk."""
    before = config.CACHE_DIR
    config.CACHE_DIR = str(FOLDER)  # numba reads this once, here
    try:
        return njit(cache=True, nogil=True)(function)
    finally:
        config.CACHE_DIR = before
