"""Plain files: outputs that appear whole or not at all, and check sums of inputs."""

import errno
import glob
import hashlib
import multiprocessing
import os
import platform
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lk_spatial.core.errors import InputError

SIDECARS = (".tfw", ".tifw", ".prj", ".dbf", ".shx", ".cpg")  # not .aux.xml, which programs write when they look


_IDLE_SECONDS = 60  # a writer in another container may bear a number that looks dead from here
_STALE_SECONDS = 86_400

unfinished: set[Path] = set()  # files in the making, which a dying process removes


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """A temporary name beside ``path`` that takes its place when the block ends well, and vanishes otherwise."""
    target = path.resolve()  # a link stays a link
    with scratch(path) as part:
        try:
            yield part
            with part.open("rb+") as written:
                os.fsync(written.fileno())
            os.replace(part, target)
        except OSError as error:
            if error.filename in (None, str(part)):
                error.filename = str(path)  # the name that the user knows
            raise


@contextmanager
def scratch(path: Path, name: str = "") -> Iterator[Path]:
    """A temporary name beside ``path`` for a file that vanishes when the block ends; ``name``: chosen by others."""
    target = path.resolve()
    sweep(target, ".part")
    part = target.with_name(name) if name else part_name(target, ".part")
    unfinished.add(part)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)
        unfinished.discard(part)


def part_name(target: Path, ending: str) -> Path:
    """A name beside ``target`` for a file in the making; it tells the machine and process of its writer."""
    return target.with_name(f"{part_prefix(target)}.{os.getpid()}.{uuid.uuid4().hex[:8]}{ending}")


def part_prefix(target: Path) -> str:
    """How names of files in the making for ``target`` begin on this machine."""
    machine = re.sub(r"\W", "", platform.node())[:20] or "host"
    return f".{target.name[:40]}.{machine}"  # cut: a system's longest name would have no room for more


def sweep(target: Path, ending: str) -> None:
    """Remove what killed runs left beside ``target``: their process is gone and the file rests, or is a day old."""
    for leftover in target.parent.glob(f"{glob.escape(part_prefix(target))}.*.*{glob.escape(ending)}*"):
        process = leftover.name.removeprefix(part_prefix(target)).split(".")[1]
        try:
            age = time.time() - leftover.stat().st_mtime
        except FileNotFoundError:
            continue
        dead = age > _IDLE_SECONDS and process.isdigit() and not _alive(int(process))
        if dead or age > _STALE_SECONDS:
            leftover.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    """Whether a process of this number runs; on Windows always true (there signal 0 is no question)."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


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
    try:
        probe = part_name(path.resolve(), ".probe")
        probe.touch()
        probe.unlink()
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    except OSError as error:  # also a name that is too long
        raise InputError("output_unwritable", path=str(path), reason=error.strerror or str(error)) from error
