"""A point cloud in place of a surface raster, from the command line's side."""

from pathlib import Path

import geopandas as gpd
import laspy
import numpy as np
import pytest
from pyproj import CRS

import lk_spatial as lk
from lk_spatial.cli import Shown, _run
from lk_spatial.core.notices import collect_notices
from lk_spatial.io import lidar
from lk_spatial.io.raster import read_raster


@pytest.fixture(scope="module")
def cloud(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's surface as points, one in the middle of each cell."""
    with collect_notices():
        dsm = read_raster(sample_data / "dsm.tif", footprints_5514=True)
    row, col = np.nonzero(np.isfinite(dsm.values))
    header = laspy.LasHeader(point_format=6, version="1.4")
    header.scales, header.offsets = [0.001, 0.001, 1e-6], [dsm.transform.c, dsm.transform.f, 0.0]
    header.add_crs(CRS.from_epsg(5514), keep_compatibility=False)
    points = laspy.LasData(header)
    points.x = dsm.transform.c + (col + 0.5) * dsm.transform.a
    points.y = dsm.transform.f + (row + 0.5) * dsm.transform.e
    points.z = dsm.values[row, col]
    path = tmp_path_factory.mktemp("cloud") / "dsm.laz"
    points.write(str(path))
    return path


def planes(dsm: Path, sample_data: Path, out: Path, **options) -> gpd.GeoDataFrame:
    lk.roof_planes(buildings=sample_data / "buildings.gpkg", dsm=dsm, out=out, **options)
    found = gpd.read_file(out, layer="roof_planes")
    return found[found["building_id"] != "S24"]  # half of it lies where the raster knows nothing and the cloud ends


def test_the_same_planes_as_from_the_raster(
    cloud: Path, sample_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lidar, "_close_holes", lambda values, most: None)  # the raster's are open
    step = read_raster(sample_data / "dsm.tif", footprints_5514=True).transform.a
    found = planes(cloud, sample_data, tmp_path / "a.gpkg", dsm_cell_m=step)
    expected = planes(sample_data / "dsm.tif", sample_data, tmp_path / "b.gpkg")
    assert list(found["building_id"] + found["plane_id"]) == list(expected["building_id"] + expected["plane_id"])
    assert (found["tilt_deg"] - expected["tilt_deg"]).abs().max() < 0.2
    assert found["area_m2"].to_numpy() == pytest.approx(expected["area_m2"].to_numpy(), rel=0.01)


def test_a_cloud_in_feet_ends_with_one_sentence(
    sample_data: Path, shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud = shared_data / "roofs" / "autzen_trim.laz"
    arguments = ["roof-planes", "--buildings", str(sample_data / "buildings.gpkg"), "--dsm", str(cloud)]
    status = _run([*arguments, "--out", str(tmp_path / "o.gpkg")], Shown(lang="cs", show="none", debug=False))
    lines = capsys.readouterr().err.splitlines()
    assert status == 1 and len(lines) == 1 and lines[0].startswith("chyba [cloud_not_metres]: ")
    assert list(tmp_path.iterdir()) == []
