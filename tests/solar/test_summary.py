"""From planes and modules to buildings: what is taken off, what is added up, how rows are graded."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lk_spatial.core.fields import unregistered
from lk_spatial.core.tables import load_table
from lk_spatial.solar.energy_yield import p90_factor
from lk_spatial.solar.summary import (
    MONTHS,
    SUMS,
    WHY,
    building_totals,
    grade,
    remove_installed,
    sum_up,
    with_quality,
    with_ratios,
)

MODULE_KWP = 0.45


def buildings(**columns: object) -> gpd.GeoDataFrame:
    """Three buildings of 100 m² each: a, b, c."""
    squares = [shapely.box(x, 0, x + 10, 10) for x in (0, 20, 40)]
    return gpd.GeoDataFrame({"building_id": list("abc"), "part_id": "1", **columns}, geometry=squares, crs=5514)


def planes(rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    """Planes with plain values where a row names none."""
    usual = {
        "building_id": "a", "part_id": "1", "plane_id": "1", "area_m2": 100.0, "plan_area_m2": 95.0, "rmse_m": 0.1,
        "height_agl_m": 8.0, "poa_kwh_m2_a": 900.0, "_unshaded": 1000.0,
        "_explained_m2": 95.0, "n_modules": 10, "power_kwp": 4.5,
        "energy_kwh_a": 4000.0, "pv_mass_kg": 220.0, **dict.fromkeys(MONTHS, 4000.0 / 12),
    }  # fmt: skip
    geometry = [shapely.box(0, 0, 10, 10)] * len(rows)
    return gpd.GeoDataFrame([usual | row for row in rows], columns=list(usual), geometry=geometry, crs=5514)


def modules(energies: list[float], building: str = "a") -> gpd.GeoDataFrame:
    frame = pd.DataFrame({"building_id": building, "part_id": "1", "energy_kwh_a": energies})
    return gpd.GeoDataFrame(frame, geometry=[shapely.box(0, 0, 1, 1)] * len(energies), crs=5514)


@pytest.mark.parametrize(
    ("installed", "taken"),
    [(0.0, 0), (0.45, 1), (0.46, 2), (0.9, 2), (1.35, 3), (0.1 + 0.35, 1), (3 * 0.45, 3), (4.05, 9), (4.5, 10),
     (4.51, 10), (1e6, 10), (-3.0, 0), (np.nan, 0), (None, 0)],
)  # fmt: skip
def test_as_many_modules_as_the_installed_power_needs(installed: float, taken: int) -> None:
    laid = modules([float(value) for value in range(10)])
    kept = remove_installed(laid, buildings(pv_installed_kwp=[installed, None, 2.0]), MODULE_KWP)
    assert len(kept) == 10 - taken
    assert sorted(kept["energy_kwh_a"]) == list(range(10 - taken))  # the best places go first
    assert list(kept.index) == list(range(len(kept)))


@given(st.integers(0, 2000), st.sampled_from([0.4, 0.425, 0.45, 0.455, 0.545]))
def test_steps_of_one_module_are_exact(count: int, module_kwp: float) -> None:
    """Any sum of equal modules takes that many, whatever the binary fractions."""
    laid = modules([1.0] * 2000)
    kept = remove_installed(laid, buildings(pv_installed_kwp=[round(count * module_kwp, 6), None, None]), module_kwp)
    assert len(kept) == 2000 - count


def test_only_the_building_that_has_them_gives_modules() -> None:
    laid = pd.concat([modules([1.0, 2.0, 3.0], name) for name in "ab"], ignore_index=True)
    kept = remove_installed(laid, buildings(pv_installed_kwp=[0.0, 0.9, 0.0]), MODULE_KWP)
    assert kept.groupby("building_id").size().to_dict() == {"a": 3, "b": 1}


def test_nothing_installed_changes_nothing() -> None:
    laid = modules([1.0])
    assert remove_installed(laid, buildings(), MODULE_KWP) is laid
    assert len(remove_installed(laid.iloc[:0], buildings(pv_installed_kwp=1.0), MODULE_KWP)) == 0


def test_totals_add_up_and_means_weigh_the_area() -> None:
    two = planes([{"area_m2": 100.0}, {"plane_id": "2", "area_m2": 300.0, "poa_kwh_m2_a": 500.0, "energy_kwh_a": 0.0,
                   "n_modules": 0, "power_kwp": 0.0, "pv_mass_kg": 0.0, **dict.fromkeys(MONTHS, 0.0)}])  # fmt: skip
    found = building_totals(buildings(), two, 0.906).set_index("building_id")
    assert found.loc["a", SUMS].tolist() == pytest.approx([10, 4.5, 4000, *[4000 / 12] * 12, 220])
    assert found.loc["a", "poa_kwh_m2_a"] == pytest.approx((900 * 100 + 500 * 300) / 400)
    assert found.loc["a", "shading_loss_pct"] == pytest.approx(40.0)
    assert found.loc["a", ["area_m2", "plan_area_m2"]].tolist() == [400, 190]
    assert found.loc["a", "specific_yield_kwh_kwp"] == pytest.approx(4000 / 4.5)
    assert found.loc["a", "energy_p90_kwh_a"] == pytest.approx(3624)
    assert found.loc[["b", "c"], [*SUMS, "poa_kwh_m2_a", "height_agl_m"]].isna().to_numpy().all()
    assert found["n_modules"].dtype == "Int64"


def test_roof_without_modules_has_zeros_and_no_specific_yield() -> None:
    bare = planes([{"n_modules": 0, "power_kwp": 0.0, "energy_kwh_a": 0.0}])
    row = building_totals(buildings(), bare, 0.906).iloc[0]
    assert (row["n_modules"], row["power_kwp"], row["energy_kwh_a"], row["energy_p90_kwh_a"]) == (0, 0, 0, 0)
    assert np.isnan(row["specific_yield_kwh_kwp"])


@pytest.mark.parametrize(
    ("given_height", "expected"), [([None, None, None], 9.0), ([12.5, None, 3.0], 12.5), (["12.5", None, None], 12.5)]
)
def test_given_height_wins(given_height: list[object], expected: float) -> None:
    high = planes([{"height_agl_m": 9.0}, {"plane_id": "2", "height_agl_m": 7.0}])
    found = building_totals(buildings(height_agl_m=given_height), high, 1.0)
    assert found["height_agl_m"].dtype == float and found["height_agl_m"].iloc[0] == expected
    assert np.isnan(found["height_agl_m"].iloc[1])
    assert building_totals(buildings(), high, 1.0)["height_agl_m"].iloc[0] == 9.0


def test_totals_of_an_earlier_run_are_replaced() -> None:
    old = buildings(n_modules=99, energy_kwh_a=1e9, area_m2=1.0, quality="good")
    found = building_totals(old, planes([{}]), 1.0)
    assert found["n_modules"].tolist() == [10, pd.NA, pd.NA] and found["energy_kwh_a"].iloc[0] == 4000
    assert found.columns.is_unique


def test_no_planes_at_all() -> None:
    found = building_totals(buildings(), planes([]).astype({"height_agl_m": object}), 0.906)
    missing = pd.DataFrame({"building_id": list("abc"), "part_id": "1", "reason": ["no_data", "outside", "too_small"]})
    graded = with_quality(found, grade(found, planes([]), missing, far_weather=False))
    assert graded[[*SUMS, "specific_yield_kwh_kwp"]].isna().to_numpy().all()
    assert (graded["quality"] == "none").all() and graded["quality_why_cs"].nunique() == 3
    assert unregistered([each for each in graded.columns if each != "geometry"]) == []


@pytest.mark.parametrize(
    ("plane", "far", "quality", "reasons"),
    [
        ({}, False, "good", []),
        ({"_explained_m2": 74.9}, False, "usable", ["part_covered"]),
        ({"_explained_m2": 75.0}, False, "good", []),
        ({"_explained_m2": 49.9}, False, "poor", ["half_covered"]),
        ({"rmse_m": 0.16}, False, "usable", ["rough"]),
        ({"rmse_m": 0.16, "_explained_m2": 60.0}, False, "poor", ["part_covered", "rough"]),
        ({}, True, "poor", ["far_weather"]),
        ({"height_agl_m": 0.1}, False, "poor", ["low"]),
        ({"height_agl_m": np.nan}, False, "good", []),
    ],
)
def test_grades(plane: dict[str, object], far: bool, quality: str, reasons: list[str]) -> None:
    table = planes([plane])
    none = pd.DataFrame({"building_id": ["b"], "part_id": ["1"], "reason": ["no_data"]})
    totals = building_totals(buildings(pv_installed_kwp=[None, 5.0, None]), table, 1.0)
    found = grade(totals, table, none, far)
    assert found[0] == (quality, reasons)
    assert found[1] == ("none", ["no_data"]) and found[2] == ("none", ["no_plane"])


def test_reasons_stand_in_both_languages() -> None:
    table = planes([{"rmse_m": 0.3}])
    none = pd.DataFrame({"building_id": [], "part_id": [], "reason": []})
    totals = building_totals(buildings(pv_installed_kwp=[0.45, None, None]), table, 1.0)
    row = with_quality(totals, grade(totals, table, none, False)).iloc[0]
    assert row["quality_why_en"] == f"{WHY['rough'].en}; {WHY['installed'].en}"
    assert row["quality_why_cs"] == f"{WHY['rough'].cs}; {WHY['installed'].cs}"


def test_p90_of_the_table_is_that_of_the_facts() -> None:
    """pv.md section 7: 7.3 % in one year, P90/P50 = 0.906."""
    factor = p90_factor(load_table("pv/uncertainty_2026").rows)
    assert factor == pytest.approx(0.906, abs=5e-4)
    row = with_ratios(planes([{}]), factor).iloc[0]
    assert row["energy_p90_kwh_a"] == pytest.approx(4000 * factor)
    assert np.isnan(row["snow_loss_pct"]) and np.isnan(row["energy_snow_kwh_a"])


@pytest.mark.parametrize("others", [0, 1, 3, 100, 1000])
def test_sums_do_not_depend_on_other_rows(others: int) -> None:
    """246 × 0.45 by pandas is 110.7 in a table of 300 rows and 110.70000000000005 in one of 246."""
    values = np.r_[np.random.default_rng(others).random(others), np.full(246, 0.45)]
    rows = pd.DataFrame({"a": np.r_[np.arange(others) // 2, np.full(246, 9999)], "power_kwp": values, "n_modules": 1})
    found = sum_up(rows, ["a"])
    assert found.loc[9999, "power_kwp"] == np.cumsum(np.full(246, 0.45))[-1] and found.loc[9999, "n_modules"] == 246
    assert found.index.is_monotonic_increasing and found["n_modules"].dtype == int
    assert found.to_numpy() == pytest.approx(rows.groupby("a")[["n_modules", "power_kwp"]].sum().to_numpy())


def test_snow_of_the_planes_adds_up_and_the_unknown_stays_unknown() -> None:
    two = planes([{}, {"plane_id": "2"}, {"building_id": "b", "n_modules": 0, "power_kwp": 0.0, "energy_kwh_a": 0.0}])
    snowed = building_totals(buildings(), two.assign(energy_snow_kwh_a=[3800.0, 3900.0, 0.0]), 0.9, 0.93)
    assert snowed["energy_snow_kwh_a"].tolist() == pytest.approx([7700.0, 0.0, np.nan], nan_ok=True)
    assert snowed["snow_loss_pct"].tolist() == pytest.approx([3.75, np.nan, np.nan], nan_ok=True)
    assert snowed["energy_life_kwh_a"].tolist() == pytest.approx([7440.0, 0.0, np.nan], nan_ok=True)
    earlier = buildings(energy_snow_kwh_a=5.0, snow_loss_pct=1.0)
    for unknown in (two, two.assign(energy_snow_kwh_a=np.nan)):
        found = building_totals(earlier, unknown, 0.9)
        assert found[["energy_snow_kwh_a", "snow_loss_pct"]].isna().all(axis=None)


def test_sum_up_of_nothing_keeps_the_columns() -> None:
    none = planes([])[["building_id", "part_id", "plane_id", *SUMS]].iloc[:0]
    assert list(sum_up(none, ["building_id", "part_id", "plane_id"])) == SUMS
