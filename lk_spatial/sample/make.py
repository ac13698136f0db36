"""Writes the sample: the same content on every machine."""

from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray

from lk_spatial.core.files import staged
from lk_spatial.core.progress import Progress, silent
from lk_spatial.core.text import Text
from lk_spatial.sample.noise import Array
from lk_spatial.sample.scene import (
    CELL,
    ORIGIN,
    SIZE,
    footprints,
    plant_trees,
    read_blocks,
    read_scene_table,
    read_things,
)
from lk_spatial.sample.snow import snow_text
from lk_spatial.sample.sources import sources_text
from lk_spatial.sample.surface import NODATA, surface, true_planes
from lk_spatial.sample.surveys import surveys_text
from lk_spatial.sample.weather import pvgis_text, weather_year

DATE = "2026-01-01T00:00:00Z"  # the only date in the files, so that they do not change with the day


def make_sample(out_dir: Path, progress: Progress = silent) -> None:
    """Write the invented quarter into ``out_dir``.

    ``dsm.tif`` + ``dsm.tfw`` (0.5 m, EPSG:5514 but without CRS, nodata −9999, heights Bpv [m]), ``buildings.gpkg``,
    ``roof_planes_truth.csv``, ``weather_liberec_synthetic.csv``, ``snow_invented.csv``, ``surveys_invented.csv`` and
    ``SOURCES.md``, which tells how they are made.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    blocks, things, walls = read_blocks(), read_things(), footprints()
    progress(0.1, Text("surface model", "povrchový model").local)
    trees = plant_trees(list(walls.values()))
    write_dsm(out_dir / "dsm.tif", surface(blocks, things, trees, walls))
    progress(0.4, Text("buildings", "budovy").local)
    write_buildings(out_dir / "buildings.gpkg", buildings(walls))
    write_text(
        out_dir / "roof_planes_truth.csv", true_planes(blocks, things, walls).to_csv(index=False, lineterminator="\n")
    )
    progress(0.7, Text("weather", "počasí").local)
    write_text(out_dir / "weather_liberec_synthetic.csv", pvgis_text(weather_year()))
    write_text(out_dir / "snow_invented.csv", snow_text())
    write_text(out_dir / "surveys_invented.csv", surveys_text())
    write_text(out_dir / "SOURCES.md", sources_text())
    progress(1.0)


def write_text(path: Path, text: str) -> None:
    """A UTF-8 file with plain line ends, whole or not at all."""
    with staged(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def write_dsm(path: Path, dsm: NDArray[np.float32]) -> None:
    """A TIFF without CRS and its world file, as ČÚZK delivers DMP OK."""
    rows, cols = dsm.shape
    profile = {"driver": "GTiff", "height": rows, "width": cols, "count": 1, "dtype": "float32", "nodata": NODATA}
    transform = Affine(CELL, 0, ORIGIN[0], 0, -CELL, ORIGIN[1] + SIZE[1])
    with (
        staged(path) as part,
        rasterio.open(
            part, "w", **profile, transform=transform, compress="deflate", predictor=3, zlevel=9, tiled=True
        ) as raster,
    ):
        raster.write(dsm, 1)
    world = (CELL, 0.0, 0.0, -CELL, ORIGIN[0] + CELL / 2, ORIGIN[1] + SIZE[1] - CELL / 2)
    write_text(path.with_suffix(".tfw"), "".join(f"{value}\n" for value in world))


def to_krovak(points: Array) -> Array:
    """Local coordinates as EPSG:5514 [m]."""
    return np.round(points + np.array(ORIGIN), 2)


def buildings(walls: dict[tuple[str, str], shapely.Polygon]) -> gpd.GeoDataFrame:
    """Footprints with the attributes of the contract; what is unknown is null."""
    table = read_scene_table("attributes").convert_dtypes()
    shapes = [walls[key] for key in zip(table["building_id"], table["part_id"], strict=True)]
    return gpd.GeoDataFrame(table, geometry=shapely.transform(np.array(shapes), to_krovak), crs="EPSG:5514")


def write_buildings(path: Path, table: gpd.GeoDataFrame) -> None:
    """A GeoPackage of one layer, ``buildings``."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": DATE})
    try:
        with staged(path) as part, TemporaryDirectory(dir=path.parent) as folder:
            made = Path(folder) / path.name  # GDAL insists on the suffix .gpkg
            pyogrio.write_dataframe(table, made, layer="buildings", driver="GPKG", VERSION="1.3")
            made.replace(part)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def read_truth(folder: Path) -> pd.DataFrame:
    """The true roof planes of a sample that was made into ``folder``."""
    return pd.read_csv(folder / "roof_planes_truth.csv", dtype={"building_id": str, "part_id": str})
