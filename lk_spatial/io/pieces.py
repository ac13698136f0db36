"""Tables of finished tiles as GeoParquet: one file a tile, read again one by one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import geopandas as gpd


def frame_bytes(frame: gpd.GeoDataFrame) -> bytes:
    """A table as GeoParquet, without its index."""
    content = BytesIO()
    frame.to_parquet(content, index=False, compression="zstd")
    return content.getvalue()


@dataclass(frozen=True)
class Pieces:
    """The frames of one layer, a file for each tile; each is read when it is asked for."""

    paths: Sequence[Path]

    def __iter__(self) -> Iterator[gpd.GeoDataFrame]:
        return map(gpd.read_parquet, self.paths)

    def __len__(self) -> int:
        return len(self.paths)
