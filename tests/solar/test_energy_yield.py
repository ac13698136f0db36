"""From light in the plane to AC energy: what the chain must keep, whatever the numbers."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pvlib import iam, inverter, pvsystem

from lk_spatial.core.errors import InputError
from lk_spatial.core.tables import CONFIDENCE, load_table
from lk_spatial.solar.energy_yield import (
    POA_PARTS,
    cell_temperature,
    diffuse_modifiers,
    effective_irradiance,
    p90_factor,
    pv_yield,
    total_loss,
    waterfall,
)

TABLES = ["losses_pvwatts_2014", "losses_roof_2026", "module_types_2026", "system_defaults_2026", "uncertainty_2026"]


def losses_of(table: str) -> dict[str, float]:
    rows = load_table(f"pv/{table}").rows
    return dict(zip(rows["cause"], rows["loss_pct"], strict=True))


def light(**parts: Any) -> pd.DataFrame:
    return pd.DataFrame({name: parts.get(name, [0.0]) for name in (*POA_PARTS, "aoi")})


@pytest.fixture
def year() -> pd.DataFrame:
    """8760 hours of made-up light, some above the inverter's size."""
    rng = np.random.default_rng(4)
    sun = np.maximum(np.sin(np.linspace(0, 365 * 2 * math.pi, 8760)), 0.0) * rng.uniform(200, 1150, 8760)
    return pd.DataFrame(
        {
            "unshaded": sun,
            "poa": sun * rng.uniform(0.8, 1.0, 8760),
            "temp_air": rng.uniform(-15, 32, 8760),
            "wind": rng.uniform(0, 8, 8760),
        }
    )


# --- reflection


@pytest.mark.parametrize("angle", [0.0, 40.0, 75.0, 89.0, 90.0, 120.0])
def test_the_beam_is_reduced_at_the_suns_angle(angle):
    parts = light(poa_direct=[600.0], poa_circumsolar=[100.0], aoi=[angle])
    expected = 700.0 * (iam.physical(angle) if angle < 90 else 0.0)
    assert effective_irradiance(parts, 30.0)[0] == pytest.approx(expected)


def test_perpendicular_beam_is_not_reduced():
    assert effective_irradiance(light(poa_direct=[800.0], aoi=[0.0]), 30.0)[0] == pytest.approx(800.0)


@pytest.mark.parametrize("tilt", [0.0, 3.0, 17.3, 35.0, 61.7, 90.0])
def test_diffuse_light_is_reduced_as_by_marion(tilt):
    expected = iam.marion_diffuse("physical", tilt)
    sky, band, ground = diffuse_modifiers(tilt)
    assert sky == pytest.approx(expected["sky"], abs=1e-4)
    assert band == pytest.approx(expected["horizon"], abs=0.01)
    assert ground == pytest.approx(expected["ground"], abs=0.005)
    parts = light(poa_isotropic=[100.0], poa_horizon=[10.0], poa_ground=[20.0], aoi=[95.0])
    assert effective_irradiance(parts, tilt)[0] == pytest.approx(100.0 * sky + 10.0 * band + 20.0 * ground)


def test_without_diffuse_modifiers_only_the_direct_beam_is_reduced():
    values = dict(zip(POA_PARTS, (500.0, 50.0, 100.0, 5.0, 9.0), strict=True))
    parts = pd.DataFrame({**values, "aoi": 70.0}, index=[0])
    expected = 500.0 * iam.physical(70.0) + 164.0
    assert effective_irradiance(parts, 20.0, diffuse=False)[0] == pytest.approx(expected)


def test_a_gap_in_the_light_stays_a_gap():
    parts = pd.DataFrame(0.0, index=range(3), columns=[*POA_PARTS, "aoi"])
    parts.loc[1, "poa_direct"] = parts.loc[2, "aoi"] = math.nan
    assert np.isnan(effective_irradiance(parts, 20.0)).tolist() == [False, True, True]
    assert np.isnan(effective_irradiance(parts, 20.0, diffuse=False)).tolist() == [False, True, True]


# --- yield


def test_at_standard_conditions_the_modules_give_their_rated_power():
    energy = pv_yield(1000.0, 0.0, 0.0, 5.0, losses=0, temp_cell=25.0, dc_ac_ratio=0.8, inverter_efficiency=0.96)
    assert energy == pytest.approx(inverter.pvwatts(5.0, 5.0 / 0.8 / 0.96, 0.96))


def test_the_chain_by_hand():
    cell = 20.0 + 800.0 / (20.0 + 6.84 * 2.0)
    dc = 10.0 * 0.8 * (1 - 0.0035 * (cell - 25.0)) * (1 - 0.14)
    load = dc / (10.0 / 1.1 / 0.97)
    eta = 0.97 / 0.9637 * (-0.0162 * load - 0.0059 / load + 0.9858)
    plant = {"gamma_pdc": -0.0035, "dc_ac_ratio": 1.1, "inverter_efficiency": 0.97}
    energy = pv_yield(800.0, 20.0, 2.0, 10.0, losses=14.0, interval_h=0.25, **plant)
    assert energy == pytest.approx(0.25 * dc * eta)


def test_light_before_reflection_heats_the_cells(year):
    arguments = (year["poa"] * 0.95, year["temp_air"], year["wind"], 10.0)
    assert pv_yield(*arguments, losses=10.0, poa_global=year["poa"]).sum() < pv_yield(*arguments, losses=10.0).sum()


def test_the_inverter_clips_at_its_size():
    energy = pv_yield(np.array([900.0, 1200.0, 1500.0]), -20.0, 5.0, 6.0, losses=0.0, dc_ac_ratio=1.2)
    assert energy[1:] == pytest.approx(6.0 / 1.2)


def test_night_gives_nothing_and_a_gap_stays_a_gap():
    energy = pv_yield(np.array([0.0, -1.0, math.nan, 100.0]), 10.0, 2.0, 6.0, losses=14.0)
    assert energy[:2].tolist() == [0.0, 0.0] and np.isnan(energy[2]) and energy[3] > 0
    assert pv_yield(np.array([500.0]), 10.0, 2.0, 0.0, losses=14.0).tolist() == [0.0]


def test_many_planes_at_once_equal_one_by_one(year):
    power = np.array([2.0, 7.5])
    light_of_two = np.column_stack([year["poa"], year["poa"] * 0.7])
    air, wind = year["temp_air"].to_numpy()[:, None], year["wind"].to_numpy()[:, None]
    together = pv_yield(light_of_two, air, wind, power, losses=12.0)
    for k in range(2):
        alone = pv_yield(light_of_two[:, k], air[:, 0], wind[:, 0], power[k], losses=12.0)
        np.testing.assert_allclose(together[:, k], alone)


def test_a_series_keeps_its_times():
    times = pd.date_range("2025-06-01 10:30", periods=3, freq="h", tz="UTC")
    energy = pv_yield(pd.Series([500.0, 600.0, 700.0], times), 20.0, 2.0, 3.0, losses=14.0)
    pd.testing.assert_index_equal(energy.index, times)


@settings(max_examples=50, deadline=None)
@given(st.floats(1, 1400), st.floats(-25, 40), st.floats(0, 15), st.floats(0, 60), st.floats(0.1, 20))
def test_more_loss_gives_no_more_energy_and_power_scales(light_w_m2, air, wind, loss, more):
    loss, more = round(loss) + 1.0, round(more) + 1.0
    energy = pv_yield(light_w_m2, air, wind, 4.0, losses=loss)
    assert 0.0 <= pv_yield(light_w_m2, air, wind, 4.0, losses=loss + more) <= energy <= 4.0 / 1.2 + 1e-12
    assert pv_yield(light_w_m2, air, wind, 8.0, losses=loss) == pytest.approx(2.0 * energy)


@pytest.mark.parametrize(
    ("model", "coefficients", "expected"),
    [
        pytest.param("faiman", {"u0": 25.0, "u1": 6.84}, 20.0 + 800.0 / (25.0 + 6.84 * 3.0), id="faiman-2008"),
        pytest.param("pvsyst", {"u_c": 20.0, "u_v": 0.0}, 20.0 + 800.0 * 0.9 * 0.9 / 20.0, id="pvsyst-semi-integrated"),
    ],
)
def test_cell_temperature(model, coefficients, expected):
    assert cell_temperature(800.0, 20.0, 3.0, model=model, **coefficients) == pytest.approx(expected)


# --- losses


def test_published_losses_add_up_to_14_0757_percent():
    losses = losses_of("losses_pvwatts_2014")
    assert total_loss(losses) == pytest.approx(14.0757, abs=5e-5)
    assert total_loss(losses) == pytest.approx(pvsystem.pvwatts_losses(**losses))


def test_roof_losses_leave_out_what_is_computed():
    losses, published = losses_of("losses_roof_2026"), losses_of("losses_pvwatts_2014")
    assert set(published) - set(losses) == {"shading", "snow", "age"}
    assert all(published[cause] == loss for cause, loss in losses.items())


def waterfall_of(year: pd.DataFrame, losses: dict[str, float], power: float = 8.0, ratio: float = 1.2) -> pd.DataFrame:
    """The waterfall of 8760 made-up hours, its stages by pvlib."""
    reflected, cell = year["poa"] * 0.97, cell_temperature(year["poa"], year["temp_air"], year["wind"], u0=20, u1=6.84)
    dc = pvsystem.pvwatts_dc(reflected, cell, power, -0.0029) * (1 - total_loss(losses) / 100)
    limit = power / ratio / 0.96
    open_end = np.maximum(0.96 / 0.9637 * (0.9858 * dc - 0.0162 * dc**2 / limit - 0.0059 * limit), 0.0)
    stages = {"unshaded": year["unshaded"] / 1000 * power, "horizon": year["poa"] / 1000 * power}
    stages |= {"reflection": reflected / 1000 * power, "temperature": dc / (1 - total_loss(losses) / 100)}
    stages |= {"inverter": open_end}
    ac = inverter.pvwatts(dc, limit, 0.96).sum()
    return waterfall({step: float(each.sum()) for step, each in stages.items()}, losses, float(ac))


@pytest.mark.parametrize("losses", [losses_of("losses_roof_2026"), {}], ids=["roof", "none"])
def test_the_waterfall_adds_up_to_the_yield(year, losses):
    table = waterfall_of(year, losses)
    arguments = (year["poa"] * 0.97, year["temp_air"], year["wind"], 8.0)
    energy = pv_yield(*arguments, losses=losses, poa_global=year["poa"]).sum()
    last = table["energy_kwh"].iloc[-1]
    assert last == pytest.approx(energy, rel=1e-12)
    assert table["energy_kwh"].iloc[0] - table["loss_kwh"].sum() == pytest.approx(last, rel=1e-12)
    assert np.prod(1.0 - table["loss_pct"] / 100.0) * table["energy_kwh"].iloc[0] == pytest.approx(last, rel=1e-12)
    assert list(table["step"]) == ["unshaded", "horizon", "reflection", "temperature", *losses, "inverter", "clipping"]
    by_step = table.set_index("step")
    for cause, loss in losses.items():
        assert by_step.loc[cause, "loss_pct"] == pytest.approx(loss)
    assert by_step.loc["clipping", "loss_kwh"] > 0
    assert by_step.loc["horizon", "loss_kwh"] == pytest.approx((year["unshaded"] - year["poa"]).sum() / 1000.0 * 8.0)


def test_a_big_inverter_clips_nothing(year):
    table = waterfall_of(year, {}, ratio=0.7).set_index("step")
    assert table.loc["clipping", "loss_kwh"] == pytest.approx(0.0, abs=1e-9)


def test_every_step_of_the_waterfall_has_a_name(year):
    names = set(load_table("pv/loss_steps_2026").rows["step"])
    assert set(waterfall_of(year, losses_of("losses_pvwatts_2014"))["step"]) <= names


# --- uncertainty


@pytest.mark.parametrize(
    ("years", "expected"), [pytest.param(1, 0.906, id="one-year"), pytest.param(20, 0.925, id="mean-of-20-years")]
)
def test_p90_of_the_illustrative_components(years, expected):
    assert p90_factor(load_table("pv/uncertainty_2026").rows, years=years) == pytest.approx(expected, abs=5e-4)


def test_p90_of_a_sure_yield_is_the_yield():
    assert p90_factor(pd.DataFrame({"sd_pct": [0.0], "averages_out": [False]})) == 1.0


# --- what is refused


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"losses": 0.1408}, "losses_in_percent"),
        ({"losses": -1.0}, "yield_parameter_wrong"),
        ({"losses": {"soiling": 101.0}}, "yield_parameter_wrong"),
        ({"losses": {"soiling": math.nan}}, "yield_parameter_wrong"),
        ({"gamma_pdc": -0.29}, "yield_parameter_wrong"),
        ({"inverter_efficiency": 96.0}, "yield_parameter_wrong"),
        ({"dc_ac_ratio": 0.0}, "yield_parameter_wrong"),
        ({"interval_h": 0.0}, "yield_parameter_wrong"),
        ({"power_kwp": -1.0}, "yield_parameter_wrong"),
    ],
)
def test_parameters_out_of_range_are_refused(change, code):
    arguments = {"power_kwp": 4.0, "losses": 14.0, **change}
    with pytest.raises(InputError) as caught:
        pv_yield(500.0, 10.0, 2.0, arguments.pop("power_kwp"), **arguments)
    assert caught.value.code == code
    assert caught.value.sentence("cs") != caught.value.sentence("en")


def test_unknown_models_are_refused():
    with pytest.raises(InputError, match="physical"):
        effective_irradiance(light(), 20.0, iam="mirror")
    with pytest.raises(InputError, match="faiman"):
        cell_temperature(500.0, 10.0, 2.0, model="guess")


# --- tables


@pytest.mark.parametrize("name", TABLES)
def test_tables_say_how_far_they_can_be_trusted(name):
    table = load_table(f"pv/{name}")
    assert table.card["confidence"] in CONFIDENCE
    assert table.rows["confidence"].isin(CONFIDENCE).all()


def test_module_types_are_possible():
    rows = load_table("pv/module_types_2026").rows
    efficiency = rows["power_wp"] / (1000.0 * rows["short_m"] * rows["long_m"])
    assert efficiency.between(0.20, 0.24).all()
    assert (rows["mass_kg"] / (rows["short_m"] * rows["long_m"])).between(9.0, 15.0).all()
    assert rows["gamma_pdc_pct_k"].between(-0.5, -0.2).all()
    assert rows["id"].is_unique


def test_defaults_of_pv_yield_are_those_of_the_table():
    rows = load_table("pv/system_defaults_2026").rows.set_index("name")["value"]
    module = load_table("pv/module_types_2026").rows.set_index("id").loc["topcon_450"]
    by_table = pv_yield(
        700.0,
        15.0,
        2.0,
        4.0,
        losses=14.0,
        gamma_pdc=module["gamma_pdc_pct_k"] / 100.0,
        u0=rows["u0_roof"],
        u1=rows["u1"],
        dc_ac_ratio=rows["dc_ac_ratio"],
        inverter_efficiency=rows["inverter_efficiency"],
    )
    assert pv_yield(700.0, 15.0, 2.0, 4.0, losses=14.0) == pytest.approx(by_table, rel=1e-12)
