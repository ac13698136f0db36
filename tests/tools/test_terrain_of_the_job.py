"""The main job tells where a terrain is of no use, and refuses one that it cannot read."""

from pathlib import Path

import numpy as np
import pytest
from affine import Affine

import lk_spatial as lk
from lk_spatial.core.errors import InputError
from lk_spatial.io.cog import write_plain
from lk_spatial.io.raster import Raster


@pytest.fixture
def given(sample_data: Path, tmp_path: Path) -> dict[str, Path]:
    return {
        "buildings": sample_data / "buildings.gpkg",
        "dsm": sample_data / "dsm.tif",
        "weather": sample_data / "weather_liberec_synthetic.csv",
        "out": tmp_path / "out.gpkg",
    }


def hills(path: Path, west: float, cells: int, level: float = 400.0) -> Path:
    grid = Affine(25.0, 0, west, 0, -25.0, -974_000.0)
    write_plain(path, Raster(np.full((40, cells), level, np.float32), grid, "EPSG:5514", ""))
    return path


@pytest.mark.parametrize(
    ("west", "cells", "expected"),
    [(-720_000.0, 40, "terrain_nowhere"), (-689_000.0, 40, "terrain_partly"), (-689_000.0, 80, None)],
    ids=["31 km away", "below the western half", "below all"],
)
def test_a_terrain_elsewhere_is_told(
    given: dict[str, Path], tmp_path: Path, west: float, cells: int, expected: str | None
) -> None:
    told = lk.pv_potential(**given, terrain=hills(tmp_path / "hills.tif", west, cells)).notices
    assert [each.code for each in told if each.code.startswith("terrain")] == ([expected] if expected else [])


def test_a_cloud_is_no_terrain(given: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "hills.laz").write_bytes(b"")
    with pytest.raises(InputError) as refused:
        lk.pv_potential(**given, terrain=tmp_path / "hills.laz")
    assert refused.value.code == "terrain_cloud"
