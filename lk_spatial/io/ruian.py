"""RÚIAN exchange format (VFR): footprints and attributes of buildings, from ``.xml``, ``.xml.gz`` or ``.xml.zip``.

The layer StavebniObjekty has three geometry columns; its plain reading gives points. Footprints stand in
OriginalniHranice and are asked for by SQL (facts/data 1.1, facts/storage 19).
"""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple
from xml.parsers import expat

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from lk_spatial.core.errors import DataError, InputError
from lk_spatial.core.notices import notice
from lk_spatial.io.crs import Bounds

COLUMNS = (
    "Kod",
    "IsknBudovaId",
    "ZpusobVyuzitiKod",
    "PocetPodlazi",
    "PocetBytu",
    "Dokonceni",
    "PripojeniKanalizaceKod",
)
NO_SEWER = (2, 3, 4)  # own treatment, cesspit, none; 1 = connected, but to which kind of sewer RÚIAN does not say
SOURCE = "RÚIAN"
_SQL = f"SELECT {', '.join(COLUMNS)}, OriginalniHranice FROM StavebniObjekty"
_SUFFIXES = (".xml", ".xml.gz", ".xml.zip")
_BLOCK = 1 << 20
_FREE_SIZE = 64 << 20  # [bytes] so much is unpacked whatever the ratio
_MAX_RATIO = 100  # real files shrink 10–20 times
_BROKEN = (EOFError, OSError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError, expat.ExpatError)


class Header(NamedTuple):
    """What a file says of itself: whether it is VFR, and its kind of batch ("Plna" or "Prirustek")."""

    is_vfr: bool
    batch: str


def looks_like_vfr(path: str) -> bool:
    """Whether a path could be a VFR file by its name.

    >>> looks_like_vfr("20260101_OB_563889_UKSH.xml.zip"), looks_like_vfr("roofs.gpkg")
    (True, False)
    """
    return path.lower().endswith(_SUFFIXES)


def read_vfr(path: Path, *, input_name: str) -> tuple[gpd.GeoDataFrame, str | None, Bounds] | None:
    """Buildings of a VFR file with our attribute names, the stated CRS, and the extent; None for other XML.

    The index holds RÚIAN codes; geometry is null where RÚIAN has no footprint. What RÚIAN does not know stays
    unknown. Raises InputError or DataError: damaged, hostile (entities, zip bomb), without buildings.
    """
    told = {"input": input_name, "path": str(path)}
    if not path.exists():
        raise InputError("vector_missing", **told)
    header = inspect(path, told)
    if not header.is_vfr:
        return None
    if header.batch == "Prirustek":
        notice("vfr_incremental", **told)
    try:
        raw = pyogrio.read_dataframe(_ogr_path(path), sql=_SQL, sql_dialect="OGRSQL", on_invalid="fix")
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise InputError("vfr_without_buildings", **told) from error
    if raw.empty:
        raise InputError("vfr_without_buildings", **told)
    frame = _renamed(raw)
    footprints = shapely.force_2d(raw.geometry.to_numpy())
    west, south, east, north = (float(each) for each in shapely.total_bounds(footprints))
    stated = raw.crs.to_string() if raw.crs else None
    return frame.set_geometry(gpd.GeoSeries(footprints, index=frame.index)), stated, (west, south, east, north)


def _renamed(raw: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """RÚIAN's own columns and ours; texts ``ruian N`` are translated by ``data/codes``."""
    codes = raw["Kod"].astype("int64").astype(str)
    frame = gpd.GeoDataFrame(raw[list(COLUMNS)]).set_axis(pd.Index(codes, name="Kod"))
    year = pd.to_numeric(frame["Dokonceni"].astype("string").str[:4], errors="coerce")
    sewer = pd.to_numeric(frame["PripojeniKanalizaceKod"], errors="coerce")
    ours = {
        "building_id": pd.Series(codes.array, index=frame.index),
        "use": _coded(frame["ZpusobVyuzitiKod"]),
        "storeys": pd.to_numeric(frame["PocetPodlazi"], errors="coerce").where(lambda storeys: storeys > 0),
        "year_built": year,
        "sewer": _coded(sewer.where(sewer.isin(NO_SEWER))),
    }
    for name in ("use", "storeys", "year_built", "sewer"):
        ours[f"{name}_source"] = ours[name].notna().map({True: SOURCE, False: None}).astype(object)
    dated = ours["year_built"].notna()  # often the approval of an extension, not of the building
    ours["year_built_confidence"] = dated.map({True: "inferred", False: None}).astype(object)
    return frame.assign(**ours)


def _coded(numbers: pd.Series) -> pd.Series:
    texts = [None if pd.isna(each) else f"ruian {int(each)}" for each in numbers]
    return pd.Series(texts, index=numbers.index, dtype=object)


def _ogr_path(path: Path) -> str:
    if path.suffix.lower() != ".zip":
        return str(path)
    return f"/vsizip/{{{path.resolve()}}}/{_member(path).filename}"


def _member(path: Path) -> zipfile.ZipInfo:
    with zipfile.ZipFile(path) as archive:
        members = [each for each in archive.infolist() if each.filename.lower().endswith(".xml")]
    if len(members) != 1:
        raise InputError("vfr_zip_members", path=str(path), count=len(members))
    return members[0]


def inspect(path: Path, told: dict[str, str]) -> Header:
    """Read the whole file once: well-formed, no entities, no bomb. Gives its header; raises DataError."""
    reader = _HeaderReader(told)
    limit = max(_FREE_SIZE, _MAX_RATIO * path.stat().st_size)
    size = 0
    try:
        with _opened(path) as stream:
            while block := stream.read(_BLOCK):
                size += len(block)
                if size > limit:
                    raise DataError("xml_bomb", ratio=_MAX_RATIO, **told)
                reader.parser.Parse(block, False)
            reader.parser.Parse(b"", True)
    except _BROKEN as error:
        raise DataError("xml_damaged", reason=str(error).rstrip("."), **told) from error
    return Header(reader.is_vfr, reader.batch)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The XML of a plain or packed file as a stream."""
    suffix = path.suffix.lower()
    if suffix == ".zip":
        with zipfile.ZipFile(path) as archive, archive.open(_member(path)) as stream:
            yield stream
    else:
        with gzip.open(path) if suffix == ".gz" else path.open("rb") as stream:
            yield stream  # type: ignore[misc]


class _HeaderReader:
    """An XML parser that refuses document types (the way to entity bombs) and notes the VFR header."""

    def __init__(self, told: dict[str, str]) -> None:
        self.told = told
        self.is_vfr = False
        self.batch = ""
        self._text: list[str] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._root

    def _refuse(self, *_: Any) -> None:
        raise DataError("xml_doctype", **self.told)

    def _root(self, name: str, _: Any) -> None:
        self.is_vfr = name.startswith("urn:cz:isvs:ruian:") and name.endswith(" VymennyFormat")
        self.parser.StartElementHandler = self._start if self.is_vfr else None
        if self.is_vfr:
            self.parser.CharacterDataHandler = self._text.append
            self.parser.EndElementHandler = self._end

    def _start(self, name: str, _: Any) -> None:
        self._text.clear()
        if name.endswith(" Data"):
            self._leave()

    def _end(self, name: str) -> None:
        if name.endswith(" TypDavky"):
            self.batch = "".join(self._text).strip()
            self._leave()

    def _leave(self) -> None:
        """The header is known: the rest is parsed without a look at it."""
        self.parser.StartElementHandler = None
        self.parser.EndElementHandler = None
        self.parser.CharacterDataHandler = None
