"""Snow on the ground: published tables of both codes, return periods, what must give no number."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from lk_spatial.core.errors import InputError
from lk_spatial.statics.ground import (
    ground_snow,
    likely_old_zone,
    mass_of_load,
    plausible_ground_snow,
    return_period_factor,
    snow_load_of_depth,
    snow_load_of_mass,
)
from lk_spatial.statics.snow import old_roof_snow_load, roof_snow_load

NEW = ["I", "II", "III", "IV", "V", "VI", "VII"]
OLD = ["I", "II", "III", "IV"]


def test_snow_06_zones_of_the_eurocode() -> None:
    """snihnastrese.cz, flat roof, the page rounds 1 kN to 100 kg."""
    load = roof_snow_load(ground_snow(NEW).value, 0) * 100
    np.testing.assert_allclose(load, [56, 80, 120, 160, 200, 240, 320], rtol=1e-12)


def test_snow_07_zones_of_csn_73_0035() -> None:
    """snihnastrese.cz, light roofs."""
    load = old_roof_snow_load(ground_snow(OLD, edition="1988").value, 0, kappa=1.2) * 100
    np.testing.assert_allclose(load, [60, 84, 120, 180], rtol=1e-12)


def test_zone_jump_of_krtiny() -> None:
    """belehradek.cz: from 70 to 150 kg/m²."""
    assert float(ground_snow("II", edition="1988").value) == 0.7 and float(ground_snow("III").value) == 1.5


@pytest.mark.parametrize(
    ("zone", "edition", "above"),
    [("VIII", "2006", 4.0), ("V", "1988", 1.5), (None, "2006", math.nan), (math.nan, "1988", math.nan)],
)
def test_no_number(zone: object, edition: str, above: float) -> None:
    found = ground_snow(zone, edition=edition)
    assert np.isnan(found.value)
    np.testing.assert_equal(float(found.above), above)


@pytest.mark.parametrize(
    ("zone", "edition"), [("IV-V", "2006"), ("IX", "2006"), ("VI", "1988"), ("2,0", "2006"), ("II", "2025")]
)
def test_nonsense_zones(zone: str, edition: str) -> None:
    with pytest.raises(InputError, match="statics_code_unknown"):
        ground_snow(zone, edition=edition)


def test_old_zone_is_inferred_by_number() -> None:
    """The 10-year value of the old zone n, raised to 50 years, is close to the new zone n."""
    assert list(likely_old_zone(["I", "IV", "VII", "VIII", None])) == ["I", "IV", "V", "V", None]
    assert likely_old_zone("III") == "III"
    raised = ground_snow(OLD, edition="1988").value / return_period_factor(10)
    np.testing.assert_allclose(raised, [0.72, 1.00, 1.43, 2.15], atol=0.005)


def test_snow_12_return_periods() -> None:
    """EN 1991-1-3 (D.1) with V = 0.6."""
    found = return_period_factor([5, 10, 25, 50, 100])
    np.testing.assert_allclose(found, [0.560, 0.698, 0.871, 1.000, 1.128], atol=0.001)
    assert return_period_factor(10, v=0.0) == 1.0
    with pytest.raises(InputError):
        return_period_factor(2)


def test_masses_and_depths() -> None:
    assert float(snow_load_of_mass(102)) == pytest.approx(1.0003, abs=1e-4)
    np.testing.assert_allclose(mass_of_load(snow_load_of_mass([0.0, 3, np.nan])), [0, 3, np.nan])
    assert snow_load_of_depth(0.5, "old") == (1.25, 1.75)
    with pytest.raises(InputError):
        snow_load_of_depth(0.5, "powder")


@pytest.mark.parametrize(
    ("altitude", "low", "high"), [(258, 0.5, 1.6), (374, 0.8, 2.5), (475, 1.2, 3.5), (710, 2.3, 6.9)]
)
def test_band_by_altitude(altitude: float, low: float, high: float) -> None:
    """facts: Česká Lípa, Liberec, Jablonec, Bedřichov."""
    np.testing.assert_allclose(plausible_ground_snow(altitude), [low, high], atol=0.06)


def test_zones_equal_the_starting_table(shared_data: Path) -> None:
    """Ours were typed again: compared with the collected table."""
    codes = {"CSN_73_0035": "1988", "CSN_EN_1991-1-3_Z1": "2006"}
    with (shared_data / "statics/snow_zones.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found = float(ground_snow(row["zone"], edition=codes[row["code"]]).value)
            np.testing.assert_equal(found, float(row["value_kN_m2"] or "nan"), err_msg=str(row))
