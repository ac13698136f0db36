"""QGIS's own transformations against the library's, in a child process with QGIS's Python."""

import json
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pyproj

from lk_spatial.demo import qgis_environment
from lk_spatial.io.crs import REGION_BOX_5514, to_wgs84
from scripts.comparisons.rows import NO_QGIS, NotHereError, Place

QGIS_PYTHON = Path("/usr/bin/python3")


@cache
def transformed() -> dict[str, list[list[float]]]:
    """Points of the region in EPSG:5514, and in WGS 84 by QGIS, pinned and by its own choice."""
    west, south, east, north = REGION_BOX_5514
    points = [[x, y] for x in np.linspace(west, east, 11) for y in np.linspace(south, north, 11)]
    script = Path(__file__).with_name("in_qgis.py")
    with tempfile.TemporaryDirectory() as folder:
        environment = qgis_environment(Path(folder) / "profile", folder, "en")
        try:
            imports = [str(QGIS_PYTHON), "-c", "import qgis.core"]
            subprocess.run(imports, env=environment, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise NotHereError(NO_QGIS) from error
        command = [str(QGIS_PYTHON), str(script)]
        child = subprocess.run(
            command, env=environment, input=json.dumps(points), check=True, capture_output=True, encoding="utf-8"
        )
    return {"points": points, **json.loads(child.stdout.splitlines()[-1])}


def _worst(way: str) -> float:
    """Worst distance [m] between QGIS and the library."""
    found = transformed()
    (x, y), (lon, lat) = np.array(found["points"]).T, np.array(found[way]).T
    return float(np.max(pyproj.Geod(ellps="WGS84").inv(*to_wgs84(x, y), lon, lat)[2]))


def pinned_difference(_: Place) -> float:
    """With the operation that the demo's project pins."""
    return _worst("pinned")


def default_difference(_: Place) -> float:
    """With the operation that QGIS takes by itself."""
    return _worst("default")
