"""Finished pieces of a long run: they lie beside its output until that is whole, and the next run goes on from them."""

import json
import os
import shutil
import tempfile
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from lk_spatial.core.errors import InputError
from lk_spatial.core.parallel import map_items
from lk_spatial.core.progress import Progress, part, silent

T = TypeVar("T")
Piece = Mapping[str, bytes]  # files of a finished piece: name → content
SUMS = "sums.json"
LOCK = "lock"


def key_of(*parts: Any) -> str:
    """A name for all that decides a result: inputs, parameters, versions; bytes are taken as they are.

    >>> key_of("a", 1) == key_of("a", 1) != key_of("a", 2)
    True
    """
    digest = sha256()
    for each in parts:
        content = each if isinstance(each, bytes) else repr(each).encode()
        digest.update(f"{len(content)}:".encode() + content)
    return digest.hexdigest()[:16]


@contextmanager
def work_folder(out: str, key: str, *, fresh: bool = False, keep: bool = True) -> Iterator[Path]:
    """A folder for the pieces of the run with this ``key``: in ``<out>.work``, for a database in the user's cache.

    Pieces of other keys are removed, with ``fresh`` all. It vanishes when the block ends well; where it does not, the
    next run finds the pieces. Without ``keep`` it is a temporary folder. Raises InputError when another run is at it.
    """
    if not keep:
        with tempfile.TemporaryDirectory(prefix="lk_spatial-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
        return
    root = _cache_root() / key if "://" in out else Path(f"{out}.work")
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("output_unwritable", path=str(root), reason=error.strerror or str(error)) from error
    with _alone(root):
        for each in _runs(root):
            if fresh or each.name != key:
                shutil.rmtree(each, ignore_errors=True)
        yield root / key
        shutil.rmtree(root / key, ignore_errors=True)


def finish(
    folder: Path,
    names: Sequence[str],
    item: Callable[[str], T],
    func: Callable[[T, Progress], Piece],
    *,
    executor: Executor | None = None,
    ahead: int = 16,
    progress: Progress = silent,
) -> dict[str, Path]:
    """Folders of the finished pieces by name; ``func(item(name), progress)`` is run for those not there yet.

    ``item`` is called in this process, ``func`` perhaps in another one: it gives the piece's files, which are written
    here; at most ``ahead`` of them wait. ``progress`` hears after each piece, without an ``executor`` also from within.
    A damaged piece is made anew.
    """
    missing = [name for name in names if not _is_whole(folder / name)]
    begun = len(names) - len(missing)
    progress(begun / max(len(names), 1))

    def told(at: int) -> Progress:
        return part(progress, (begun + at) / len(names), (begun + at + 1) / len(names))

    if executor is None:
        made: Iterator[Piece] = (func(item(name), told(at)) for at, name in enumerate(missing))
    else:
        made = map_items(partial(_quietly, func), map(item, missing), executor, ahead=ahead)
    for at, (name, piece) in enumerate(zip(missing, made, strict=True)):
        _write(folder / name, piece)
        told(at)(1.0)
    return {name: folder / name for name in names}


def _quietly(func: Callable[[T, Progress], Piece], item: T) -> Piece:
    """In another process nobody hears of the progress."""
    return func(item, silent)


def _write(target: Path, piece: Piece) -> None:
    """Write a piece: whole or not at all."""
    new = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    new.mkdir(parents=True)
    for name, content in piece.items():
        (new / name).write_bytes(content)
    sums = {name: [len(content), zlib.crc32(content)] for name, content in piece.items()}
    (new / SUMS).write_text(json.dumps(sums), "utf-8")
    shutil.rmtree(target, ignore_errors=True)  # a damaged one
    new.rename(target)


def _is_whole(piece: Path) -> bool:
    """Whether a piece is there with all that was written."""
    try:
        sums = json.loads((piece / SUMS).read_text("utf-8"))
        return all([*_sum(piece / name)] == expected for name, expected in sums.items())
    except (OSError, ValueError, AttributeError):
        return False


def _sum(path: Path) -> tuple[int, int]:
    content = path.read_bytes()
    return len(content), zlib.crc32(content)


def _runs(root: Path) -> list[Path]:
    """Folders in ``root`` that this module made; nothing else there is touched."""
    return [each for each in root.iterdir() if each.is_dir() and len(each.name) == 16 and each.name.isalnum()]


def _tidy(root: Path) -> None:
    """Remove the folder where no pieces are left in it."""
    if not _runs(root):
        try:
            (root / LOCK).unlink(missing_ok=True)
            root.rmdir()
        except OSError:  # another run has it, or something of the user's lies there
            return


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold the folder's lock, which ends with the process, however that ends; then clear up."""
    with (root / LOCK).open("a") as lock:
        try:
            _lock(lock.fileno())
        except OSError as error:
            raise InputError("work_in_use", path=str(root)) from error
        try:
            yield
        finally:
            lock.close()  # before it is removed: Windows wants it so
            _tidy(root)


def _lock(handle: int) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _cache_root() -> Path:
    """Where programs of this user keep what they can make anew."""
    own = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(own).expanduser() / "lk_spatial" / "work"
