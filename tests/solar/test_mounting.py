"""Mounting systems: masses and loads by hand, glued modules, and the place that existing modules take."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from lk_spatial.core.tables import CONFIDENCE, load_table
from lk_spatial.solar.arrays import ModuleSize, lay_modules
from lk_spatial.solar.chain import LAID, MOUNTING, SYSTEM, mounting_choices, read_chain
from lk_spatial.solar.mounting import existing_area, existing_on_planes, module_masses, with_loads, without_drawn
from lk_spatial.solar.summary import LOADS

AREA = 1.134 * 1.762  # topcon_450, 24 kg
NO_OBSTACLES = gpd.GeoDataFrame({"building_id": [], "part_id": [], "plane_id": []}, geometry=[], crs=5514)


def planes(**columns: object) -> gpd.GeoDataFrame:
    """A flat plane of 20 × 10 m and a pitched one beside it."""
    table = {
        "building_id": "a", "part_id": "1", "plane_id": ["1", "2"], "kind": ["flat", "pitched"],
        "tilt_deg": [0.3, 30.0], "azimuth_deg": [np.nan, 180.0], "n_modules": [3, 2], **columns,
    }  # fmt: skip
    return gpd.GeoDataFrame(table, geometry=[shapely.box(0, 0, 20, 10), shapely.box(0, -10, 20, 0)], crs=5514)


def test_every_row_is_whole_and_marked_as_what_it_is() -> None:
    rows = load_table(MOUNTING).rows
    assert ((rows["kg_m2_low"] <= rows["kg_m2"]) & (rows["kg_m2"] <= rows["kg_m2_high"])).all()
    assert rows["confidence"].isin(CONFIDENCE).all() and rows["u0"].isin(load_table(SYSTEM).rows["name"]).all()
    assert not rows.drop(columns="confidence").isna().any().any()
    assert "confirmed" not in set(rows["confidence"])  # no mass has a reference at hand


def test_rows_are_those_of_the_collected_table(shared_data) -> None:
    found = load_table(MOUNTING).rows.set_index("id")[["kg_m2_low", "kg_m2", "kg_m2_high"]].astype(float)
    table = pd.read_csv(shared_data / "statics" / "added_mass.csv").set_index("system")
    names = {
        "flush": "flush pitched (rails+module)",
        "ballasted_south": "ballasted south 10-15deg",
        "ballasted_east_west": "ballasted east-west (module area)",
    }
    for name, system in names.items():
        assert found.loc[name].tolist() == table.loc[system, ["kg_m2_low", "kg_m2_typ", "kg_m2_high"]].tolist()


def test_only_what_can_be_laid_is_offered() -> None:
    layout = load_table(MOUNTING).rows.set_index("id")["layout"]
    offered = [*mounting_choices("flat"), *mounting_choices("pitched")]
    assert set(offered) == {"ballasted_south", "ballasted_east_west", "glued_flat", "flush", "glued_pitched"}
    assert layout[offered].isin(LAID).all()


def test_loads_by_hand() -> None:
    """kg/m² × 9.81 / 1000; 24 kg on 1.998 m² are 12.01 kg/m², more than the least of the flush system (11)."""
    chain = read_chain("topcon_450")
    found = with_loads(planes(), chain)
    assert found.loc[0, LOADS].tolist() == pytest.approx([0.14715, 0.24525, 0.34335])
    assert found.loc[1, LOADS].tolist() == pytest.approx([24.0 / AREA * 9.81e-3, 0.12753, 0.14715])
    assert module_masses(planes(), chain) == pytest.approx([25.0 * AREA, 13.0 * AREA])
    assert with_loads(planes(n_modules=0), chain)[LOADS].isna().all(axis=None)


def test_glued_modules_weigh_what_their_data_sheet_says() -> None:
    chain = read_chain("topcon_450", "glued_pitched", "glued_flat")
    assert chain.flat.kg_m2 == (3.0, 5.0, 8.0) and chain.pitched.kg_m2 == (3.0, 5.0, 8.0)
    assert read_chain("topcon_450", system_flat="glued_flat", glued_kg_m2=4.2).flat.kg_m2 == (4.2, 4.2, 4.2)
    assert read_chain("topcon_450", glued_kg_m2=4.2).flat.kg_m2 == (15.0, 25.0, 35.0)


def test_cooling_goes_with_the_system() -> None:
    usual, glued = read_chain("topcon_450"), read_chain("topcon_450", "glued_pitched", "glued_flat")
    assert (usual.u0_rack, usual.u0_roof) == (25.0, 20.0)
    assert (glued.u0_rack, glued.u0_roof) == (15.0, 15.0)


def test_glued_modules_lie_flat_without_rows_apart() -> None:
    sides = (1.134, 1.762, 0.02, 0.5, 10.0, 16.0)
    both = np.ones(2, bool)
    rows = lay_modules(planes(), NO_OBSTACLES, ModuleSize(*sides), wanted=both, convergence=0.0)
    glued = lay_modules(planes(), NO_OBSTACLES, ModuleSize(*sides, flat_layout="flush"), wanted=both, convergence=0.0)
    count = [each["plane_id"].value_counts() for each in (rows, glued)]
    assert count[1]["1"] > 1.3 * count[0]["1"] and count[1]["2"] == count[0]["2"]
    assert glued[glued["plane_id"] == "1"].area.to_numpy() == pytest.approx(AREA)
    assert glued.groupby("plane_id")["tilt_deg"].unique().explode().tolist() == [0.0, 30.0]


def test_no_module_is_laid_on_existing_ones() -> None:
    there = gpd.GeoDataFrame(geometry=[shapely.box(-5, 2, 8, 6), shapely.box(7, 5, 9, 7)], crs=5514)
    blocked = existing_on_planes(planes(), there, 0.02)
    assert blocked["plane_id"].tolist() == ["1", "1"]
    size = ModuleSize(1.134, 1.762, 0.02, 0.5, 10.0, 16.0)
    laid = lay_modules(planes(), blocked, size, wanted=np.ones(2, bool), convergence=7.35)
    assert laid.distance(there.union_all()).min() >= 0.02 - 1e-6
    free = lay_modules(planes(), NO_OBSTACLES, size, wanted=np.ones(2, bool), convergence=7.35)
    assert 0 < (laid["plane_id"] == "1").sum() < (free["plane_id"] == "1").sum()
    assert (laid["plane_id"] == "2").sum() == (free["plane_id"] == "2").sum()


def test_overlapping_areas_count_once_and_slips_not_at_all() -> None:
    there = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 4, 4), shapely.box(2, 0, 6, 4), shapely.box(20, -0.2, 21, 0)])
    assert existing_area(planes(), there) == pytest.approx([24.0, 0.0])


def test_installed_power_is_not_taken_off_twice() -> None:
    table = planes(existing_pv_m2=[24.0, 0.0], pv_installed_kwp=[9.9, 5.0])
    assert without_drawn(table)["pv_installed_kwp"].tolist() == [0.0, 5.0]
    assert without_drawn(planes()).equals(planes())
