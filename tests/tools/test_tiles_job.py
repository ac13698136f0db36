"""A job on a folder of tiles: the same result as on one file, and a record that knows the tiles."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import rasterio
from affine import Affine
from rasterio.windows import Window

import lk_spatial as lk
from lk_spatial.core.notices import collect_notices
from lk_spatial.core.run import read_record


@pytest.fixture(scope="module")
def folder(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's surface model cut into six tiles."""
    found = tmp_path_factory.mktemp("listy")
    with rasterio.open(sample_data / "dsm.tif") as source:
        grid = source.transform
        high, wide = source.height // 2 + 7, source.width // 3 + 5
        for top in range(0, source.height, high):
            for left in range(0, source.width, wide):
                window = Window(left, top, min(wide, source.width - left), min(high, source.height - top))
                profile = source.profile | {"width": window.width, "height": window.height, "tiled": False}
                place = Affine(grid.a, 0, grid.c + left * grid.a, 0, grid.e, grid.f + top * grid.e)
                for block in ("blockxsize", "blockysize"):
                    profile.pop(block, None)
                with rasterio.open(found / f"{top}_{left}.tif", "w", **profile | {"transform": place}) as target:
                    target.write(source.read(window=window))
    return found


def test_planes_of_tiles_are_those_of_one_file(folder: Path, sample_data: Path, tmp_path: Path) -> None:
    found = []
    for dsm in (folder, sample_data / "dsm.tif"):
        out = tmp_path / f"{dsm.stem}.gpkg"
        lk.roof_planes(buildings=sample_data / "buildings.gpkg", dsm=dsm, out=out)
        found.append(gpd.read_file(out, layer="roof_planes"))
    pd.testing.assert_frame_equal(*found)
    record = tmp_path / f"{folder.stem}.gpkg.run.json"
    told = {each["name"]: each for each in json.loads(record.read_text("utf-8"))["inputs"]}["dsm"]
    assert told["files"] == 6 and told["sha256_of"] == "contents" and len(told["sha256"]) == 64
    with collect_notices() as notices:
        read_record(record)
    assert not notices
    first = sorted(folder.iterdir())[0]
    first.write_bytes(first.read_bytes() + b" ")
    with collect_notices() as notices:
        read_record(record)
    assert [each.code for each in notices] == ["record_input_changed"]
