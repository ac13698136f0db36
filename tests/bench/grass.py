"""GRASS as a peer: a made scene goes in as GeoTIFF, the CPU seconds of its modules come out."""

import os
import subprocess
from pathlib import Path

import rasterio

from tests.scenes import Scene


def write_dsm(folder: Path, made: Scene) -> Path:
    """The heights as a plain GeoTIFF."""
    raster = folder / "dsm.tif"
    shape = {"height": made.dsm.shape[0], "width": made.dsm.shape[1], "count": 1, "dtype": "float32"}
    with rasterio.open(raster, "w", driver="GTiff", crs="EPSG:5514", transform=made.transform, **shape) as file:
        file.write(made.dsm, 1)
    return raster


def run_grass(folder: Path, made: Scene, *commands: str) -> float:
    """CPU seconds of reading the scene as raster ``dsm`` and of some commands on it."""
    raster = write_dsm(folder, made)
    place = folder / "peer"
    if not place.exists():
        subprocess.run(["grass", "-c", str(raster), "-e", str(place)], check=True, capture_output=True)
    job = folder / "job.sh"
    read = [f'r.in.gdal -o --q --overwrite input="{raster}" output=dsm', "g.region raster=dsm"]
    job.write_text("\n".join(["set -e", *read, *commands]) + "\n")
    before = os.times()
    subprocess.run(["grass", str(place / "PERMANENT"), "--exec", "sh", str(job)], check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
