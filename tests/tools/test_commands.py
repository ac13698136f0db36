"""The commands beside the tools: sample, template, rerun."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from lk_spatial.cli import Shown, _run
from lk_spatial.core.fields import FIELDS


def run(*arguments: object, lang: str = "en") -> int:
    return _run([str(each) for each in arguments], Shown(lang=lang, show="none", debug=True))


@pytest.fixture
def planes(tmp_path: Path, sample_data: Path) -> Path:
    out = tmp_path / "planes.gpkg"
    inputs = "--buildings", sample_data / "buildings.gpkg", "--dsm", sample_data / "dsm.tif"
    assert run("roof-planes", *inputs, "--out", out) == 0
    return out


def test_rerun_writes_elsewhere_and_gives_the_same(planes: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.gpkg"
    assert run("rerun", f"{planes}.run.json", "--out", again) == 0
    first, second = (gpd.read_file(each, layer="roof_planes") for each in (planes, again))
    pd.testing.assert_frame_equal(first.drop(columns="geometry"), second.drop(columns="geometry"))
    one, other = (json.loads(Path(f"{each}.run.json").read_text("utf-8")) for each in (planes, again))
    assert one["inputs"] == other["inputs"] and one["parameters"]["out"] != other["parameters"]["out"]


def test_rerun_in_place(planes: Path) -> None:
    before = gpd.read_file(planes, layer="roof_planes")
    assert run("rerun", f"{planes}.run.json") == 0
    pd.testing.assert_frame_equal(before, gpd.read_file(planes, layer="roof_planes"))


def test_template_has_every_attribute_and_can_be_read_back(tmp_path: Path) -> None:
    out = tmp_path / "buildings.gpkg"
    assert run("template", "buildings", out) == 0
    info = pyogrio.read_info(out, layer="buildings")
    assert {"building_id", "part_id", "use", "roof_structure", "decision_reason"} <= set(info["fields"])
    assert set(info["fields"]) - {"fid"} <= set(FIELDS)
    assert info["features"] == 0


def test_sample_folder_is_enough_for_the_main_job(tmp_path: Path) -> None:
    assert run("sample", tmp_path / "place") == 0
    place, out = tmp_path / "place", tmp_path / "planes.gpkg"
    assert run("roof-planes", "--buildings", place / "buildings.gpkg", "--dsm", place / "dsm.tif", "--out", out) == 0
    assert len(gpd.read_file(out, layer="roof_planes")) > 100
