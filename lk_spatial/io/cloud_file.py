"""Point cloud files (LAS, LAZ): opened, their heads read, their points in chunks; failures in one sentence."""

import logging
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError

from lk_spatial.core.errors import DataError, InputError
from lk_spatial.io.crs import Bounds, extent_text

CHUNK = 1_000_000  # points in memory at once
HEAD = 375  # [B] of a header of LAS 1.4
METRE = 1e-9  # how far a metre may be from 1 m

About = dict[str, str]


class CloudHead(NamedTuple):
    """What a cloud says of itself: extent in its own system, points, the system (WKT, None, "?"), units not metres."""

    path: str
    bounds: Bounds
    points: int
    stated: str | None
    units: tuple[str, ...]


def cloud_head(path: str | Path, input_name: str) -> CloudHead:
    """The head of a cloud; read once as long as the file does not change.

    Raises InputError where it is missing or no cloud, DataError where it is damaged or has no point.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError("file_missing", input=input_name, path=str(path))
    stat = file.stat()
    return _head(str(path), input_name, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=20_000)
def _head(path: str, input_name: str, size: int, time: int) -> CloudHead:
    about = {"input": input_name, "path": path}
    with opened_cloud(path, about) as reader:
        header = reader.header
    bounds: Bounds = (*map(float, header.mins[:2]), *map(float, header.maxs[:2]))  # type: ignore[assignment]
    if header.point_count == 0:
        raise DataError("raster_empty", **about)
    scales = np.asarray(header.scales)
    if not (np.isfinite(bounds).all() and bounds[0] <= bounds[2] and bounds[1] <= bounds[3] and (scales > 0).all()):
        raise DataError("cloud_damaged", **about, reason=extent_text(bounds))
    return CloudHead(path, bounds, int(header.point_count), _stated(header), _key_units(header.vlrs))


@contextmanager
def opened_cloud(path: str | Path, about: About) -> Iterator[Any]:
    """The open cloud; what the reader says of a file that is none becomes one sentence."""
    import laspy  # here: only where a cloud is given

    logging.getLogger("laspy").setLevel(logging.CRITICAL)  # it tells its failures twice
    with Path(path).open("rb") as file:
        _check_head(file.read(HEAD), Path(path).stat().st_size, about)
        file.seek(0)
        with _told("cloud_unreadable", InputError, about):
            reader = laspy.open(file, closefd=False)
        yield reader


def _check_head(head: bytes, size: int, about: About) -> None:
    """Refuse what is no LAS, and counts of records that the file has no room for, which the reader would believe."""
    if len(head) < 227 or head[:4] != b"LASF":
        raise InputError("cloud_unreadable", **about, reason="LASF?")
    begin, records = struct.unpack_from("<II", head, 96)
    late = struct.unpack_from("<I", head, 243)[0] if head[25] >= 4 and len(head) >= HEAD else 0
    room = records * 54 <= begin <= size and late * 60 <= size  # [B] the least size of a record
    if not room:
        raise DataError("cloud_damaged", **about, reason=f"{size} B < {max(begin, records * 54, late * 60)} B")


@contextmanager
def _told(code: str, kind: type[InputError | DataError], about: About) -> Iterator[None]:
    """Any failure of the reading library as our error ``code``; its panics are no ordinary exceptions."""
    try:
        yield
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip(".")
        raise kind(code, **about, reason=reason) from None


def chunks_of(reader: Any, about: About) -> Iterator[Any]:
    """The cloud's points, a million at a time; raises DataError where there are fewer than the header promises."""
    promised, seen = reader.header.point_count, 0
    chunks = reader.chunk_iterator(CHUNK)
    while True:
        with _told("cloud_damaged", DataError, about):
            points = next(chunks, None)
        if points is None:
            break
        seen += len(points)
        yield points
    if seen < promised:
        raise DataError("cloud_damaged", **about, reason=f"{seen} < {promised}")


def _stated(header: Any) -> str | None:
    """What the header states as coordinate system: WKT, None, or a text that is none."""
    try:
        crs = header.parse_crs(prefer_wkt=True)
        return None if crs is None else str(crs.to_wkt())
    except (CRSError, ProjError, ValueError, LookupError, AttributeError, UnicodeError):
        return "?"


@lru_cache
def foreign_units(system: str | None) -> tuple[str, ...]:
    """Units of a system's axes, in plane and height, that are neither metres nor degrees."""
    axes = CRS.from_user_input(system).axis_info if system not in (None, "?") else []
    return tuple(a.unit_name for a in axes if a.unit_name and "degree" not in a.unit_name and _is_other(a))


def _key_units(vlrs: Iterable[Any]) -> tuple[str, ...]:
    """Units in anything but metres by a header's GeoTIFF keys."""
    keys = (key for vlr in vlrs for key in getattr(vlr, "geo_keys", ()))
    return tuple(  # units of plane and height
        f"EPSG:{key.value_offset}" for key in keys if key.id in (3076, 4099) and key.value_offset in range(9002, 9100)
    )


def _is_other(axis: Any) -> bool:
    return abs(axis.unit_conversion_factor - 1.0) > METRE
