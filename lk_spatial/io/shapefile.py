"""Shapefiles say too little about their text: the encoding is found out where neither .cpg nor the .dbf states it."""

from pathlib import Path

from lk_spatial.core.notices import notice

_UNSTATED = (0x00, 0x57)  # language byte of the .dbf: nothing, or "ANSI" of the machine that wrote it
_SAMPLE = 1 << 22


def shapefile_encoding(path: Path, layer: str) -> str | None:
    """The encoding to read a shapefile with; None where the file states one or is no shapefile.

    Unstated text that is no UTF-8 is taken as cp1250, the usual one of Czech offices, with a notice.
    """
    table = _table(path, layer)
    if table is None or table.with_suffix(".cpg").exists() or table.with_suffix(".CPG").exists():
        return None
    with table.open("rb") as data:
        header = data.read(32)
        if len(header) < 32 or header[29] not in _UNSTATED:
            return None
        data.seek(int.from_bytes(header[8:10], "little"))
        text = data.read(_SAMPLE)
    if text.isascii():
        return None
    if _is_utf8(text):
        return "UTF-8"
    notice("shapefile_encoding_assumed", path=str(table), encoding="cp1250")
    return "CP1250"


def _is_utf8(text: bytes) -> bool:
    """Whether a sample is UTF-8; its last character may be cut."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(text) - 3 and error.reason == "unexpected end of data"
    return True


def _table(path: Path, layer: str) -> Path | None:
    """The .dbf beside a .shp, or of a layer in a folder of shapefiles."""
    if path.is_dir():
        path = path / f"{layer}.shp"
    if path.suffix.lower() not in (".shp", ".dbf", ".shx"):
        return None
    return next((each for end in (".dbf", ".DBF") if (each := path.with_suffix(end)).exists()), None)
