"""Plain files: outputs that appear whole or not at all, and check sums of inputs."""

import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIDECARS = (".tfw", ".tifw", ".prj", ".dbf", ".shx", ".cpg", ".aux.xml")


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """A temporary name beside ``path``; it takes the place of ``path`` when the block ends well, and vanishes otherwise."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        yield part
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        os.replace(part, path)
    finally:
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
