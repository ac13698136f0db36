"""Hourly profiles of roof planes as Parquet: written row group by row group, read with checks.

A row for each hour of a calendar year and each plane: ``building_id, part_id, plane_id``, ``start_utc`` (start of the
hour) and ``kwh_per_kwp``; the file's key-value metadata (``lk_spatial.…``) tell where the numbers come from.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lk_spatial import __version__
from lk_spatial.core.errors import DataError, InputError
from lk_spatial.core.files import staged

KEY = ["building_id", "part_id", "plane_id"]
COLUMNS = [*KEY, "start_utc", "kwh_per_kwp"]
PREFIX = "lk_spatial."
UNITS = {
    "units_en": "start_utc: start of the hour, UTC; kwh_per_kwp: AC energy of the hour [kWh] for each kWp",
    "units_cs": "start_utc: začátek hodiny, UTC; kwh_per_kwp: výroba (AC) za hodinu [kWh] na 1 kWp",
}
MOST = 2.0  # [kWh/kWp] an hour; more is another unit
_ID = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [*((name, _ID) for name in KEY), ("start_utc", pa.timestamp("us", "UTC")), ("kwh_per_kwp", pa.float32())]
)


class ProfileFile:
    """Profiles in the making: each ``append`` writes one row group, so memory holds no more than that."""

    def __init__(self, path: Path | BytesIO) -> None:
        self._writer = pq.ParquetWriter(
            path,
            SCHEMA,
            compression="zstd",
            use_dictionary=KEY,
            column_encoding={"start_utc": "DELTA_BINARY_PACKED", "kwh_per_kwp": "BYTE_STREAM_SPLIT"},
        )

    def append(self, frame: pd.DataFrame) -> None:
        """Write rows with the COLUMNS; ids may be categorical, times must have a zone. NaN becomes null."""
        self._writer.write_table(pa.Table.from_arrays([_column(frame[name], name) for name in COLUMNS], schema=SCHEMA))

    def append_file(self, path: str | Path) -> None:
        """Write all rows of another file of profiles, one row group after another."""
        with pq.ParquetFile(path) as source:
            for group in range(source.num_row_groups):
                self._writer.write_table(source.read_row_group(group, columns=COLUMNS).cast(SCHEMA))

    def describe(self, facts: Mapping[str, str]) -> None:
        """Put ``facts`` into the file's metadata, each under ``lk_spatial.<name>``."""
        self._writer.add_key_value_metadata({f"{PREFIX}{name}": text for name, text in facts.items()})

    def close(self) -> None:
        """End the file."""
        self._writer.close()


@contextmanager
def open_profiles(path: str | Path) -> Iterator[ProfileFile]:
    """A file of profiles to write into; it appears at ``path`` when the block ends well, and not at all otherwise."""
    with staged(Path(path)) as part:
        file = ProfileFile(part)
        try:
            file.describe({"version": __version__} | UNITS)
            yield file
        finally:
            file.close()


def profile_bytes(frames: Iterable[pd.DataFrame]) -> bytes:
    """The content of a file with these profiles, to be put together with others by ``append_file``."""
    content = BytesIO()
    file = ProfileFile(content)
    for each in frames:
        file.append(each)
    file.close()
    return content.getvalue()


def read_profiles(path: str | Path, *, buildings: Sequence[str] | None = None) -> pd.DataFrame:
    """Profiles with the COLUMNS, ids categorical, ``start_utc`` in UTC, ``kwh_per_kwp`` float32; all or some buildings.

    ``attrs`` hold the file's metadata without their prefix. Every plane has each hour of the same year once. Raises
    InputError for a file that is not there, DataError (codes ``profiles_…``) for one of another kind.
    """
    name = str(path)
    if not Path(path).is_file():
        raise InputError("file_missing", input="profiles", path=name)
    try:
        with pq.ParquetFile(path) as source:
            _check_columns(source.schema_arrow, name)
            told = source.metadata.metadata or {}
        table = pq.read_table(
            path, columns=COLUMNS, filters=None if buildings is None else [("building_id", "in", list(buildings))]
        )
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError("profiles_unreadable", path=name, reason=str(error).splitlines()[0][:120]) from None
    frame = table.cast(SCHEMA).unify_dictionaries().to_pandas()
    _check_rows(frame, name)
    facts = {key.decode(): text.decode() for key, text in told.items()}
    frame.attrs = {key.removeprefix(PREFIX): text for key, text in facts.items() if key.startswith(PREFIX)}
    return frame


def _column(values: pd.Series, name: str) -> pa.Array:
    """A column in the type of the SCHEMA."""
    if name not in KEY:
        return pa.Array.from_pandas(values, type=SCHEMA.field(name).type)
    ids = values if isinstance(values.dtype, pd.CategoricalDtype) else values.astype("category")
    texts = pa.array([str(each) for each in ids.cat.categories], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(ids.cat.codes.to_numpy(np.int32)), texts)


def _check_columns(schema: pa.Schema, name: str) -> None:
    """The columns are there, texts and numbers as such, the time in UTC."""

    def is_wrong(column: str) -> bool:
        if column not in schema.names:
            return True
        found = schema.field(column).type
        if column == "start_utc":
            return not (pa.types.is_timestamp(found) and found.tz in ("UTC", "+00:00", "Etc/UTC"))
        if column == "kwh_per_kwp":
            return not pa.types.is_floating(found)
        plain = found.value_type if pa.types.is_dictionary(found) else found
        return not (pa.types.is_string(plain) or pa.types.is_large_string(plain))

    wrong = [column for column in COLUMNS if is_wrong(column)]
    if wrong:
        raise DataError("profiles_columns", path=name, missing=wrong)


def _check_rows(frame: pd.DataFrame, name: str) -> None:
    """Every plane holds each hour of the same year once, and energies that can be."""
    hours = pd.DatetimeIndex(frame["start_utc"].unique()).sort_values()
    if len(hours):
        year = pd.date_range(f"{hours[0].year}-01-01", f"{hours[0].year}-12-31 23:00", freq="h", tz="UTC")
        planes = frame.groupby(KEY, observed=True, sort=False)["start_utc"]
        wrong = planes.size().index[(planes.nunique() != len(year)) | (planes.size() != len(year))]
        if not year.equals(hours.as_unit(year.unit)):
            wrong = planes.size().index
        if len(wrong):
            raise DataError("profiles_hours", path=name, building=wrong[0][0], plane=wrong[0][2])
    odd = int(((frame["kwh_per_kwp"] < 0.0) | (frame["kwh_per_kwp"] > MOST)).sum())
    if odd:
        raise DataError("profiles_values", path=name, count=odd)
