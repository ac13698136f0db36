"""Pieces of a layer as an Arrow stream, which OGR reads batch by batch in one go."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import shapely

from lk_spatial.io.columns import Kind
from lk_spatial.io.frames import Piece, Schema

GEOMETRY = "lk_geometry"  # in the stream; the file's own name of the column is OGR's
_TYPES: dict[Kind, Any] = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "text": pa.string(),
    "moment": pa.timestamp("us"),
    "moment_utc": pa.timestamp("us", "UTC"),
}


class ArrowStream:
    """Batches made when they are asked for: ``rows`` and ``bytes`` count them, ``failure`` keeps what was raised.

    The stream's reader is told no more than that there was an error.
    """

    def __init__(self, source: Iterator[Piece], schema: Schema) -> None:
        self.rows = self.bytes = 0
        self.failure: BaseException | None = None
        self._source = source
        fields = [pa.field(name, _TYPES[kind]) for name, kind in schema.columns.items()]
        self._fields = pa.schema([*fields, pa.field(GEOMETRY, pa.binary())] if schema.geometry else fields)

    def reader(self) -> Any:
        """What takes the batches, once."""
        return pa.RecordBatchReader.from_batches(self._fields, self._batches())

    def _batches(self) -> Iterator[Any]:
        try:
            for piece in self._source:
                batch = self._batch(piece)
                self.rows += batch.num_rows
                self.bytes += batch.nbytes
                yield batch
        except GeneratorExit:
            raise
        except BaseException as error:
            self.failure = error
            raise

    def _batch(self, piece: Piece) -> Any:
        values: list[Any] = list(piece.columns.values())
        if piece.geometry is not None:
            values.append(shapely.to_wkb(piece.geometry, flavor="iso"))
        pairs = zip(values, self._fields, strict=True)
        arrays = [pa.array(each, field.type, from_pandas=True) for each, field in pairs]
        return pa.RecordBatch.from_arrays(arrays, schema=self._fields)
