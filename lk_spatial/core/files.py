"""Plain files: outputs that appear whole or not at all, and check sums of inputs."""

import errno
import hashlib
import multiprocessing
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lk_spatial.core.errors import InputError

SIDECARS = (".tfw", ".tifw", ".prj", ".dbf", ".shx", ".cpg")  # not .aux.xml, which programs write when they look


unfinished: set[Path] = set()  # files in the making, which a dying process removes


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """A temporary name beside ``path`` that takes its place when the block ends well, and vanishes otherwise."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    unfinished.add(part)
    try:
        yield part
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
        unfinished.discard(part)


def abandon() -> None:
    """End all child processes and remove all unfinished files; for a process about to end."""
    for child in multiprocessing.active_children():
        child.kill()
        child.join()
    for part in list(unfinished):
        part.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """Check sum of a file and of the side files that decide its meaning (.tfw, .dbf …)."""
    digest = hashlib.sha256()
    for each in (path, *sidecars(path)):
        with each.open("rb") as data:
            while block := data.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def sidecars(path: Path) -> list[Path]:
    """Existing side files of ``path``, in a fixed order."""
    return [side for suffix in SIDECARS if (side := path.with_suffix(suffix)) != path and side.is_file()]


def check_plain_output(path: Path, inputs: list[str], suffixes: tuple[str, ...]) -> None:
    """Refuse an output that is an input, has a wrong suffix, or lies where none can be written. Raises InputError."""
    if suffixes and path.suffix.lower().lstrip(".") not in suffixes:
        raise InputError("output_suffix", path=str(path), suffixes=[f".{suffix}" for suffix in suffixes])
    if not path.parent.is_dir():
        raise InputError("output_folder_missing", path=str(path), folder=str(path.parent))
    if any(Path(each).exists() and path.exists() and path.samefile(each) for each in inputs):
        raise InputError("output_equals_input", path=str(path))
    if path.exists() and not path.is_file():
        raise InputError("output_unwritable", path=str(path), reason="it is a folder")
    check_writable(path)


def check_writable(path: Path) -> None:
    """Try whether a file can be made beside ``path`` and ``path`` itself be replaced. Raises InputError."""
    probe = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.probe")
    try:
        probe.touch()
        probe.unlink()
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    except OSError as error:
        raise InputError("output_unwritable", path=str(path), reason=error.strerror) from error
