"""Compiled functions, kept on disk for the next start.

Numba renews what it kept when the function's own file changes, but not when a function that it calls, in another file,
does: after an update old code would go on running unseen. So the place of the cache carries a digest of all files in
the function's folder.
"""

import os
import tempfile
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from numba import njit
from numba.core import config


@cache
def digest(folder: Path) -> str:
    """A short name for the content of all Python files of a folder, and of this one, which decides how they compile."""
    found = sha256(Path(__file__).read_bytes())
    for path in sorted(folder.glob("*.py")):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:12]


def cache_folder(folder: Path) -> Path:
    """Where the compiled functions of a source folder are kept: NUMBA_CACHE_DIR, else the first writable of
    beside the files, the user's own cache, and a private temporary folder.
    """
    if config.CACHE_DIR:
        return Path(config.CACHE_DIR) / f"numba-{digest(folder)}"
    own = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    for root in (folder / "__pycache__", Path(own).expanduser() / "lk_spatial"):
        try:
            root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=root):
                return root / f"numba-{digest(folder)}"
        except (OSError, RuntimeError):
            continue
    return _private()


@cache
def _private() -> Path:
    """A folder of this process alone: what others can write must not be run."""
    return Path(tempfile.mkdtemp(prefix="lk_spatial-"))


def kernel(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """The function compiled at its first call, without the GIL, and kept on disk; ``options`` go to numba.

    With ``fastmath`` it is always inlined: else the process that compiles a caller runs the function as compiled
    alone, later ones that load the caller its optimized copy, and sums differ in the last bit.
    """
    if function is None:
        return lambda function: kernel(function, **options)
    if options.get("fastmath"):
        options.setdefault("forceinline", True)
    before = config.CACHE_DIR
    config.CACHE_DIR = str(cache_folder(Path(function.__code__.co_filename).resolve().parent))  # numba reads it here
    try:
        return njit(cache=True, nogil=True, **options)(function)
    finally:
        config.CACHE_DIR = before
