"""The main job from a database and into it: one transaction, with the record of its run."""

from pathlib import Path

import geopandas as gpd
import psycopg
import pytest

import lk_spatial as lk
from lk_spatial.core.errors import Problems
from lk_spatial.io.vector import write_layers
from tests.postgres import Server


def job(buildings: str, out: str, sample_data: Path) -> None:
    lk.pv_potential(
        buildings=buildings,
        dsm=sample_data / "dsm.tif",
        weather=sample_data / "weather_liberec_synthetic.csv",
        out=out,
    )


def test_from_postgis_into_postgis_equals_files(postgis: Server, sample_data: Path, tmp_path: Path) -> None:
    footprints = gpd.read_file(sample_data / "buildings.gpkg")
    with psycopg.connect(postgis.url) as database:
        database.execute("create schema if not exists region")
        database.execute("create schema if not exists results")
    write_layers(f"{postgis.url}?schema=region", {"footprints": footprints}, titles={})
    source = f"{postgis.url}?table=region.footprints"
    job(source, f"{postgis.url}?schema=results&prefix=pv", sample_data)
    job(str(sample_data / "buildings.gpkg"), str(tmp_path / "pv.gpkg"), sample_data)
    with psycopg.connect(postgis.url) as database:
        rows = database.execute("select count(*), sum(energy_kwh_a) from results.pv_modules").fetchone()
        record = database.execute("select tool, record from results.lk_run").fetchone()
        srid = database.execute("select distinct st_srid(geom) from results.pv_roof_planes").fetchall()
    modules = gpd.read_file(tmp_path / "pv.gpkg", layer="modules")
    assert rows is not None and rows[0] == len(modules)
    assert rows[1] == pytest.approx(modules["energy_kwh_a"].sum(), rel=1e-6)
    assert srid == [(5514,)]
    assert record is not None and record[0] == "pv_potential"
    assert record[1]["parameters"]["buildings"] == source


def test_password_in_an_address_is_refused_and_never_shown(sample_data: Path) -> None:
    with pytest.raises(Problems) as caught:
        job(str(sample_data / "buildings.gpkg"), "postgresql://lk:tajne@127.0.0.1:1/db?schema=s", sample_data)
    assert "tajne" not in caught.value.sentence("cs") + caught.value.sentence("en") + str(caught.value)
