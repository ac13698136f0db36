"""What an input consists of: a file, a folder of tiles, or a VRT and what it refers to; check sums over them."""

import hashlib
import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lk_spatial.core.files import sha256, sidecars

RASTERS = (".tif", ".tiff")
CLOUDS = (".laz", ".las")
MOST_BYTES = 4_000_000_000  # of several files, beyond which names, sizes and times stand for the contents
_SOURCE = re.compile(r"<Source(?:Filename|Dataset)\b([^>]*)>([^<]+)</")


def tiles(folder: Path, suffixes: Sequence[str] = RASTERS + CLOUDS) -> list[Path]:
    """The tiles that lie in a folder itself, by name; hidden files are none."""
    return sorted(
        each
        for each in folder.iterdir()
        if each.suffix.lower() in suffixes and not each.name.startswith(".") and each.is_file()
    )


def vrt_sources(path: Path) -> list[Path]:
    """The local files that a VRT refers to, in its order, whether they exist or not."""
    found = []
    for attributes, text in _SOURCE.findall(path.read_text("utf-8", errors="replace")):
        name = html.unescape(text).strip()
        if name.startswith("/vsi") or "://" in name:
            continue
        found.append(path.parent / name if re.search(r"relativeToVRT\s*=\s*[\"']1", attributes) else Path(name))
    return list(dict.fromkeys(found))


def parts(path: Path) -> list[Path]:
    """All existing files of an input: its own, its side files, its tiles or sources, those of a VRT in a VRT too."""
    found: dict[Path, None] = {}
    for each in filter(Path.is_file, _all(path)):
        found.update(dict.fromkeys((each, *sidecars(each))))
    return list(found)


def missing(path: Path) -> list[Path]:
    """The files that a VRT, or a VRT in it, refers to but that are not there."""
    return [each for each in _all(path) if not each.exists()]


def _all(path: Path) -> list[Path]:
    """An input's own file or its tiles, and what the VRTs among them refer to."""
    found: dict[Path, None] = {}
    waiting = tiles(path) if path.is_dir() else [path]
    while waiting:
        each = waiting.pop(0)
        if each not in found:
            found[each] = None
            waiting += vrt_sources(each) if each.suffix.lower() == ".vrt" and each.is_file() else []
    return list(found)


def fingerprint(path: Path) -> dict[str, Any]:
    """Check sum ``sha256`` of an input for the run record; None where there is no file.

    That of several files goes over their contents, or over names, sizes and times where they are larger than
    MOST_BYTES; ``sha256_of`` says which, ``files`` how many.
    """
    several = path.is_dir() or path.suffix.lower() == ".vrt"
    if not several:
        return {"sha256": sha256(path) if path.is_file() else None}
    files = parts(path)
    if not files:
        return {"sha256": None}
    stats = [each.stat() for each in files]
    whole = sum(each.st_size for each in stats) <= MOST_BYTES
    digest = hashlib.sha256()
    for each, stat in zip(files, stats, strict=True):
        told = sha256(each) if whole else f"{stat.st_size} {stat.st_mtime_ns}"
        digest.update(f"{each.name}\0{told}\n".encode("utf-8", "surrogateescape"))
    what = "contents" if whole else "names, sizes and times"
    return {"sha256": digest.hexdigest(), "files": len(files), "sha256_of": what}
