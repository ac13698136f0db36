"""The main job on the sample with snowfall and hourly profiles."""

import json
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import lk_spatial as lk
from lk_spatial.core.errors import Cancelled, LkError
from lk_spatial.core.fields import unregistered
from lk_spatial.io.profiles import KEY, read_profiles
from lk_spatial.io.snowfall import COLUMNS
from lk_spatial.solar.snow import RESULT

MONTHS = [f"energy_{month:02d}_kwh" for month in range(1, 13)]
SNOW = [35, 30, 20, 6, 0, 0, 0, 0, 0, 1, 12, 28]  # invented
EVENTS = [6, 5, 3.5, 1, 0, 0, 0, 0, 0, 0.2, 2.5, 5]


def job(sample_data: Path, out: Path, **more: object) -> object:
    inputs = {"buildings": "buildings.gpkg", "dsm": "dsm.tif", "weather": "weather_liberec_synthetic.csv"}
    return lk.pv_potential(**{name: sample_data / file for name, file in inputs.items()}, out=out, **more)


def put_snow(path: Path, altitude: float) -> Path:
    rows = [f"{altitude};{month + 1};{SNOW[month]};{EVENTS[month]}" for month in range(12)]
    path.write_text("\n".join([";".join(COLUMNS), *rows]), "utf-8")
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, sample_data: Path) -> tuple[Path, object]:
    folder = tmp_path_factory.mktemp("snow")
    result = job(
        sample_data,
        folder / "pv.gpkg",
        snow=put_snow(folder / "snow.csv", 400),
        profiles=folder / "pv.parquet",
        profile_year=2024,
        life_a=20,
        degradation_pct_a=0.4,
        report=folder / "pv.html",
        report_lang="en",
    )
    return folder, result


@pytest.fixture(scope="module")
def layers(run: tuple[Path, object]) -> dict[str, gpd.GeoDataFrame]:
    return {name: gpd.read_file(run[0] / "pv.gpkg", layer=name) for name in ("buildings", "roof_planes")}


def test_snow_takes_a_few_per_cent_of_winter(layers: dict[str, gpd.GeoDataFrame]) -> None:
    """Facts (pv.md section 4), illustrative only: some 4 to 5 % at 400 m."""
    for frame in layers.values():
        some = frame[frame["n_modules"] > 0]
        left = some["energy_snow_kwh_a"] / some["energy_kwh_a"]
        assert some["snow_loss_pct"].to_numpy() == pytest.approx(100 * (1 - left).to_numpy())
        assert some["snow_loss_pct"].between(0.5, 12).all()
        bare = frame[frame["n_modules"] == 0]
        assert bare["snow_loss_pct"].isna().all() and (bare["energy_snow_kwh_a"] == 0).all()
        assert unregistered(list(frame.columns)) == []
    planes, buildings = layers["roof_planes"], layers["buildings"]
    total = planes.groupby(["building_id", "part_id"])["energy_snow_kwh_a"].sum()
    key = pd.MultiIndex.from_frame(buildings[["building_id", "part_id"]])
    assert buildings["energy_snow_kwh_a"].to_numpy() == pytest.approx(total.reindex(key).to_numpy(), nan_ok=True)
    assert planes[MONTHS].sum().sum() == pytest.approx(planes["energy_kwh_a"].sum())  # without snow, as ever


def test_mean_year_of_the_life(layers: dict[str, gpd.GeoDataFrame]) -> None:
    factor = 0.99 * np.mean(0.996 ** np.arange(20))
    for frame in layers.values():
        known = frame["energy_kwh_a"].notna()
        assert frame.loc[known, "energy_life_kwh_a"].to_numpy() == pytest.approx(
            factor * frame.loc[known, "energy_kwh_a"].to_numpy()
        )


def test_profiles_give_the_energy_of_the_planes(run: tuple[Path, object], layers: dict[str, gpd.GeoDataFrame]) -> None:
    """Sum over the year × kWp = energy of the plane, installed modules taken off (29 February apart)."""
    found = read_profiles(run[0] / "pv.parquet")
    assert found.attrs["year"] == "2024" and "29 February" in found.attrs["typical_year_en"]
    assert "SYNTHETIC" in found.attrs["weather_source"]
    planes = layers["roof_planes"].query("n_modules > 0").set_index(KEY)
    leap = (found["start_utc"].dt.month == 2) & (found["start_utc"].dt.day == 29)
    sums = found[~leap].astype({"kwh_per_kwp": float}).groupby(KEY, observed=True)["kwh_per_kwp"].sum()
    assert set(sums.index) == set(planes.index)
    energy = sums.reindex(planes.index) * planes["power_kwp"]
    assert energy.to_numpy() == pytest.approx(planes["energy_kwh_a"].to_numpy(), rel=1e-6)
    months = found[~leap].assign(month=found["start_utc"].dt.month).groupby("month")["kwh_per_kwp"].mean()
    assert months.idxmax() in (5, 6, 7) and len(found) == 8784 * len(planes)
    powered = layers["buildings"].query("pv_installed_kwp > 0 and n_modules > 0")
    assert len(powered) and set(powered["building_id"]) <= set(found["building_id"])


def test_report_tells_snow_ageing_and_what_they_rest_on(
    run: tuple[Path, object], layers: dict[str, gpd.GeoDataFrame]
) -> None:
    page = (run[0] / "pv.html").read_text("utf-8")
    assert RESULT.en in page and "Snow on the modules" in page and "with snow loss" in page
    assert "no snowfall was given" not in page and "do not add up" not in page
    steps = re.search(r"Loss waterfall: ([^\"]*)\.\"", page)
    assert steps is not None
    values = [float(each.rsplit(" ", 1)[1].replace(",", "").replace("−", "-")) for each in steps[1].split("; ")]
    assert sum(values[:-1]) == pytest.approx(values[-1], abs=1e-3 * values[0] + len(values))
    assert "Snow on racks of flat roofs" in page and "Life of the array" in page and "on average over the life" in page
    assert json.loads((run[0] / "pv.gpkg.run.json").read_text("utf-8"))["parameters"]["life_a"] == 20


def test_faults_of_the_table_come_before_the_work(sample_data: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "snow.csv"
    wrong.write_text("altitude_m;month\n400;1\n", "utf-8")
    with pytest.raises(LkError, match="snow_columns_missing"):
        job(sample_data, tmp_path / "o.gpkg", snow=wrong, profiles=tmp_path / "o.parquet")
    assert [each.name for each in tmp_path.iterdir()] == ["snow.csv"]


def test_far_altitudes_are_told_and_cancelling_leaves_nothing(sample_data: Path, tmp_path: Path) -> None:
    snow = put_snow(tmp_path / "snow.csv", 1000)

    def stop(done: float, text: str = "") -> None:
        if done > 0.6:
            raise Cancelled

    with pytest.raises(Cancelled):
        job(sample_data, tmp_path / "o.gpkg", snow=snow, profiles=tmp_path / "o.parquet", progress=stop)
    assert [each.name for each in tmp_path.iterdir()] == ["snow.csv"]
    result = job(sample_data, tmp_path / "o.gpkg", snow=snow)
    assert "snow_altitude_outside" in {each.code for each in result.notices}
