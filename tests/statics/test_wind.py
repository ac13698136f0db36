"""Wind: peak velocity pressures of published cases, zones of flat roofs, ballast."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lk_spatial as lk
from lk_spatial.core.errors import InputError
from lk_spatial.statics.ballast import ballast, ballast_scenarios, foot_friction
from lk_spatial.statics.wind import (
    basic_velocity,
    flat_roof_zones,
    net_uplift,
    peak_velocity_pressure,
    roof_suction,
    wind_profile,
)

TERRAINS = ["0", "I", "II", "III", "IV"]


def test_wind_01_ssb03() -> None:
    """SSB03 p. 3-47, 3-48 and eurocodepy 2027.0.12: vb 26, III, 8 m; e 16 m."""
    found = wind_profile(26, "III", 8)
    np.testing.assert_allclose([found.kr, found.cr, found.ce], [0.215, 0.706, 1.56], rtol=0.005)
    assert float(lk.peak_velocity_pressure(26, "III", 8)) == pytest.approx(0.66182, abs=5e-6)
    assert float(flat_roof_zones(72, 60, 8).e) == 16.0


def test_wind_02_below_the_least_height() -> None:
    """Calcpad, studylib 25969297: vb 26, IV, 9 m (zmin 10 m)."""
    found = wind_profile(26, "IV", 9)
    np.testing.assert_allclose([found.kr, found.cr, found.iv, found.ce], [0.234, 0.54, 0.434, 1.18], rtol=0.005)
    assert float(peak_velocity_pressure(26, "IV", 9)) == pytest.approx(0.49693, rel=2e-5)


def test_wind_03_sea() -> None:
    """Scribd 156788976: vb 25, terrain 0, 77.36 m."""
    found = wind_profile(25, "0", 77.36)
    np.testing.assert_allclose([found.cr, found.iv, found.vm], [1.585, 0.098, 39.624], atol=0.0005)
    assert float(peak_velocity_pressure(25, "0", 77.36)) == pytest.approx(1.6575, rel=0.001)


def test_wind_04_sunfer() -> None:
    """sunfer-clima 0.3.0, VientoEurocodeHU(8, "III"): 23.6 m/s."""
    found = wind_profile(23.6, "III", 8)
    assert float(found.iv) == pytest.approx(0.3046, abs=5e-5) and float(found.cr) == pytest.approx(0.70721, abs=5e-6)
    assert float(peak_velocity_pressure(23.6, "III", 8)) == pytest.approx(0.54527, rel=1e-4)


def test_wind_05_czech_velocities() -> None:
    """Eurocodepy 2027.0.12."""
    vb = [22.5, 25, 25, 27.5, 27.5, 30]
    found = peak_velocity_pressure(vb, ["III", "III", "II", "II", "III", "II"], [8, 8, 10, 10, 12, 10])
    np.testing.assert_allclose(found * 1000, [495.6, 611.9, 918.9, 1111.8, 864.6, 1323.2], rtol=1e-4)


def test_zones_of_czechia() -> None:
    """Facts, 1.4: national annex, unverified."""
    found = basic_velocity(["I", "II", "III", "IV", "V", None])
    np.testing.assert_equal(found, [22.5, 25, 27.5, 30, 36, np.nan])


@given(
    vb=st.floats(20, 40),
    terrain=st.sampled_from(TERRAINS),
    z=st.floats(0, 100),
    more=st.floats(0, 100),
    c0=st.floats(1, 1.5),
)
def test_pressure_grows_with_height_and_wind(vb: float, terrain: str, z: float, more: float, c0: float) -> None:
    found = peak_velocity_pressure(vb, terrain, z)
    assert peak_velocity_pressure(vb, terrain, z + more) >= found > 0
    assert peak_velocity_pressure(vb + more / 10, terrain, z) >= found
    assert peak_velocity_pressure(vb, terrain, z, c0=c0) >= found


def test_rougher_terrain_calms_the_wind() -> None:
    found = peak_velocity_pressure(25, np.array(TERRAINS, object)[:, None], [10.0, 20.0, 50.0])
    assert found.shape == (5, 3) and (np.diff(found, axis=0) < 0).all()


@given(b=st.floats(1, 200), d=st.floats(1, 200), h=st.floats(1, 60))
def test_zones_fill_the_roof(b: float, d: float, h: float) -> None:
    e, *areas = flat_roof_zones(b, d, h)
    assert sum(areas) == pytest.approx(b * d) and min(areas) >= -1e-9 and e <= b


def test_zones_of_a_long_hall() -> None:
    """By hand: 60 × 24 m, 8 m high, e 16: corners 2 · 4 · 1.6, strip 52 · 1.6, to 8 m 60 · 6.4, rest 60 · 16."""
    np.testing.assert_allclose(flat_roof_zones(60, 24, 8), [16, 12.8, 83.2, 384, 960])


@pytest.mark.parametrize(
    ("c_lift", "c_drag", "by_friction"),
    [
        (0.10, 0.03, {0.6: 2.5, 0.5: 3.6, 0.3: 8}),
        (0.20, 0.06, {0.6: 18, 0.5: 20, 0.3: 29}),
        (0.20, 0.08, {0.6: 22, 0.5: 24, 0.3: 35}),
        (0.40, 0.15, {0.6: 54, 0.5: 60, 0.3: 80}),
    ],
    ids=["east-west interior", "east-west edge", "south 10° interior", "south 15° edge"],
)
def test_ballast_regression(c_lift: float, c_drag: float, by_friction: dict[float, float]) -> None:
    """Facts, 1.5 (derived, rounded): 0.61 kN/m², modules 13 kg/m²."""
    for mu, kg in by_friction.items():
        assert float(ballast(0.6119, c_lift, c_drag, mu, 13).needed) == pytest.approx(kg, abs=0.6)


def test_ballast_scenarios_are_three_and_ordered() -> None:
    found = ballast_scenarios(np.array([0.5, 0.9]), foot_friction("rubber_bitumen"), 13)
    assert list(found) == ["aero", "typical", "edge_heavy"]
    assert (found["aero"] < found["typical"]).all() and (found["edge_heavy"] > 2 * found["typical"]).all()
    assert foot_friction("alu_bitumen") == 0.2, "IBC AeroFix p. 14"


@given(q=st.floats(0, 3), lift=st.floats(0, 1), drag=st.floats(0, 1), mu=st.floats(0.1, 1), kg=st.floats(5, 30))
def test_ballast_holds_and_is_not_too_much(q: float, lift: float, drag: float, mu: float, kg: float) -> None:
    """Balance of forces with the ballast: friction on what presses equals the drag, or no ballast is needed."""
    found = ballast(q, lift, drag, mu, kg)
    press = 0.9 * 9.80665 * (kg + found.needed) - 1500 * q * lift
    slack = mu * press - 1500 * q * drag
    assert slack == pytest.approx(0, abs=1e-6) if found.needed > 0 else slack >= -1e-6
    assert found.uplift <= found.needed


def test_light_roofs_reverse() -> None:
    """Facts, 1.4: dead 0.25–0.4 against qp 1.2–1.8; a heavy roof does not."""
    suction = roof_suction("flat", "G")
    assert suction == -1.2 and roof_suction("flat", "F", local=True) == -2.5
    np.testing.assert_allclose(net_uplift([0.3, 3.5, np.nan], 0.9, suction), [1.35, -1.53, np.nan])
    assert np.isnan(roof_suction("duopitch", "H", 30, local=True)), "not entered"


def test_unknown_stays_unknown() -> None:
    np.testing.assert_equal(peak_velocity_pressure([25, np.nan, 25], ["II", "II", None], 10)[1:], [np.nan, np.nan])
    assert np.isnan(peak_velocity_pressure(25, "II", np.nan)) and np.isnan(ballast(np.nan, 0.1, 0.1, 0.5, 13).needed)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: peak_velocity_pressure(25, "V", 10),
        lambda: peak_velocity_pressure(25, 3, 10),
        lambda: peak_velocity_pressure(25, "II", -1),
        lambda: peak_velocity_pressure(25, "II", 250),
        lambda: peak_velocity_pressure(-25, "II", 10),
        lambda: basic_velocity("VI"),
        lambda: flat_roof_zones(0, 10, 10),
        lambda: flat_roof_zones(10, -10, 10),
        lambda: roof_suction("duopitch", "F", 17),
        lambda: ballast(0.5, 0.1, 0.1, 0.0, 13),
        lambda: ballast(0.5, -0.1, 0.1, 0.5, 13),
        lambda: foot_friction("ice"),
        lambda: net_uplift(0.3, 0.9, 1.2),
    ],
)
def test_nonsense_is_refused(wrong: object) -> None:
    with pytest.raises(InputError, match="statics_"):
        wrong()  # type: ignore[operator]
