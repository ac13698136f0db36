"""Infiltration, retention, green roofs: published cases, conservation, order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lk_spatial.core.errors import InputError
from lk_spatial.water.green_roof import (
    green_roof_alternatives,
    green_roof_load,
    green_roof_runoff,
    substrate_density,
)
from lk_spatial.water.retention import (
    emptying_h,
    infiltration,
    peak_coefficient,
    permitted_outflow_l_s,
    retention,
)

RAIN = ([5, 15, 60, 360, 1440, 4320], [9.0, 17.0, 27.0, 40.0, 59.0, 85.0])  # invented


def test_emptying_of_the_published_design_jevany() -> None:
    """k_v 5e-6 m/s, 16 m2, V 9.76 m3, f 2: 67.8 h (facts, section 5, item 5)."""
    assert round(float(emptying_h(9.76, 5e-6 * 16 / 2)), 2) == 67.78
    depth = (9.76 + 5e-6 * 16 / 2 * 60 * 60) / 100 * 1000  # of one hour, so that the volume is the published one
    found = infiltration([60], [depth], reduced_m2=100, seepage_m2=16, k_v=5e-6)
    assert (round(float(found.volume_m3), 6), round(float(found.emptying_h), 1)) == (9.76, 67.8)
    assert found.verdict.tolist() == "fits" and round(float(found.seepage_l_s), 6) == 0.04


def test_volume_by_hand() -> None:
    """Of each duration on paper; the greatest counts."""
    found = infiltration(*RAIN, reduced_m2=500, seepage_m2=40, surface_m2=40, k_v=1e-5)
    hand = [h / 1000 * 540 - 1e-5 * 40 / 2 * t * 60 for t, h in zip(*RAIN, strict=True)]
    assert found.volume_m3 == pytest.approx(max(hand)) and found.duration_min == RAIN[0][int(np.argmax(hand))]
    tank = retention(*RAIN, reduced_m2=500, outflow_l_s=0.5)
    hand = [h / 1000 * 500 - 0.5 / 1000 * t * 60 for t, h in zip(*RAIN, strict=True)]
    assert tank.volume_m3 == pytest.approx(max(hand)) and tank.emptying_h == pytest.approx(max(hand) / 1.8)


@pytest.mark.parametrize(
    ("k_v", "area", "verdict"),
    [(1e-4, 40, "fits"), (2e-6, 10, "too_slow"), (9e-7, 4000, "needs_outflow"), (np.nan, 40, "unknown"),
     (1e-5, 0, "too_slow"), (0.0, 40, "needs_outflow"), (1e-6, 4000, "fits")],
)  # fmt: skip
def test_verdicts(k_v, area, verdict) -> None:
    assert infiltration(*RAIN, reduced_m2=500, seepage_m2=area, k_v=k_v).verdict[()] == verdict


def test_unknown_catchment_is_no_verdict() -> None:
    found = infiltration(*RAIN, reduced_m2=[500, np.nan], seepage_m2=40, k_v=1e-4)
    assert found.verdict.tolist() == ["fits", "unknown"] and np.isnan(found.volume_m3[1])
    assert np.isnan(found.emptying_h[1]) and np.isnan(found.duration_min[1])


def test_nothing_to_keep() -> None:
    found = retention(*RAIN, reduced_m2=[0, 100], outflow_l_s=1000)
    assert found.volume_m3.tolist() == [0.0, 0.0] and found.emptying_h.tolist() == [0.0, 0.0]


def test_permitted_outflow() -> None:
    """The greater of 3 l/s·ha and 0.5 l/s of a device (facts, section 8)."""
    assert permitted_outflow_l_s([0, 1666, 10_000, np.nan]).tolist()[:3] == [0.5, 0.5, 3.0]
    assert permitted_outflow_l_s(10_000, devices=8) == 4.0


@given(st.floats(1, 5000), st.floats(1, 200), st.floats(1e-6, 1e-3), st.floats(1.0, 3.0))
def test_volume_rises_with_area_and_falls_with_seepage(area, seepage, k_v, factor) -> None:
    one = infiltration(*RAIN, reduced_m2=area, seepage_m2=seepage, k_v=k_v)
    more = infiltration(*RAIN, reduced_m2=area * factor, seepage_m2=seepage, k_v=k_v)
    faster = infiltration(*RAIN, reduced_m2=area, seepage_m2=seepage * factor, k_v=k_v)
    safer = infiltration(*RAIN, reduced_m2=area, seepage_m2=seepage, k_v=k_v, safety=2.0 * factor)
    assert faster.volume_m3 <= one.volume_m3 <= min(more.volume_m3, safer.volume_m3)
    scaled = infiltration(*RAIN, reduced_m2=area * factor, seepage_m2=seepage * factor, k_v=k_v)
    assert scaled.volume_m3 == pytest.approx(factor * one.volume_m3, rel=1e-9)
    assert scaled.emptying_h == pytest.approx(one.emptying_h, rel=1e-9)


BAD = {
    "negative area": {"reduced_m2": -1},
    "factor below 2": {"safety": 1.5},
    "permeability in mm/s": {"k_v": 5.0},
    "negative soil": {"k_v": -1e-6},
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD)
def test_impossible_plants_are_refused(change) -> None:
    with pytest.raises(InputError):
        infiltration(*RAIN, **({"reduced_m2": 100, "seepage_m2": 10, "k_v": 1e-5} | change))


@pytest.mark.parametrize("rain", [([], []), ([5, 5], [1, 2]), ([5, 15], [9, 8]), ([5, 15], [9]), ([5], [np.nan])])
def test_unusable_rain_is_refused(rain) -> None:
    with pytest.raises(InputError) as error:
        retention(*rain, reduced_m2=100, outflow_l_s=1)
    assert error.value.code == "design_rain_unordered"


def test_peak_coefficients_by_slope() -> None:
    """tzb-info 000152_help."""
    surfaces = ["asphalt_concrete", "asphalt_concrete", "paving", "gravel", "roof", None]
    found = peak_coefficient(surfaces, [0.5, 5.0, 5.1, 1.0, 40, 3])
    assert found.tolist()[:5] == [0.7, 0.8, 0.7, 0.4, 0.9] and np.isnan(found[5])


def test_green_roof_of_the_published_case() -> None:
    """100 m2, 8 cm: C 0.5, so 50 m2 effective (handwerkundbau.at)."""
    peak, annual = green_roof_runoff(8)
    assert 100 * peak == 50.0 and annual == 0.5


def test_three_coefficients_in_three_columns() -> None:
    table = green_roof_alternatives([1, 5, 8, 12, 20, 35])
    assert np.isnan(table["runoff_peak"][0]) and table["surface_class"].tolist() == [*"ABBDDE"]
    assert table["runoff_peak"].tolist()[1:] == [0.6, 0.5, 0.4, 0.3, 0.2]
    assert table["runoff_annual"].tolist()[1:] == [0.55, 0.5, 0.45, 0.4, 0.3]
    assert table["fee_psi"].tolist() == [0.9, 0.6, 0.6, 0.3, 0.3, 0.1]
    assert table["green_roof_load_kn_m2"].isna().all() and table["load_why_en"].notna().all()
    known = green_roof_alternatives([5, 12], saturated_kg_m3=1375)["green_roof_load_kn_m2"]
    assert known.round(3).tolist() == [0.674, 1.618] and (np.diff(known) > 0).all()


def test_green_roof_load_is_that_of_the_makers_page() -> None:
    """165 kg/m2 saturated at 12 cm (flachdachbegruenung.com)."""
    assert green_roof_load(12, substrate_density("extensive_single_layer")) == pytest.approx(165 * 9.80665 / 1000)
    assert green_roof_load(0, 1000, 20) == pytest.approx(0.196133)
    assert np.isnan(green_roof_load(10, np.nan)) and np.isnan(substrate_density(None))
    with pytest.raises(InputError):
        green_roof_load(10, 1.4)  # g/cm3


@given(st.floats(2.01, 299), st.floats(0.01, 100))
def test_deeper_is_never_more_runoff(depth, more) -> None:
    shallow, deep = green_roof_runoff(depth), green_roof_runoff(min(depth + more, 300))
    assert deep[0] <= shallow[0] and deep[1] <= shallow[1]
