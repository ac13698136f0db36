"""Bad input of the screening: each ends in a message or a gap in the data, and never helps a roof."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from lk_spatial.core.notices import collect_notices
from lk_spatial.io.values import converted
from lk_spatial.statics.doubts import doubts, doubts_of, find_doubts
from lk_spatial.statics.surroundings import surroundings
from tests.statics.made_buildings import COSTS, buildings, screened

NOW = 2026


def told(change: dict[str, Any], **measured: Any) -> tuple[set[str], pd.Series]:
    """Codes of what is doubted of one part, and the part with the doubted values unknown."""
    beside = pd.DataFrame({name: [value] for name, value in measured.items()}) if measured else None
    with collect_notices() as notices:
        parts, _ = doubts(buildings(change), measured=beside, year=NOW)
    return {each.code for each in notices}, parts.iloc[0]


@pytest.mark.parametrize(
    "change,code,lost",
    [
        ({"year_built": 1900}, "doubt_year_placeholder", "year_built"),
        ({"year_built": 2020}, "doubt_year_covering", "year_built"),
        ({"refurbishment_year": 1984}, "doubt_year_refurbished", "year_built"),
        ({"design_year": 2023, "year_built": 2000}, "doubt_design_after", "design_year"),
        ({"year_built": 2030, "covering_year": None}, "doubt_year_future", "year_built"),
        ({"pitch_deg": 0.0, "covering": "clay_tile"}, "doubt_pitch_covering", "pitch_deg"),
        ({"pitch_deg": 36.0}, "doubt_pitch_covering", None),
        ({"sk_kn_m2": 1.5}, "doubt_sk_old", "sk_kn_m2"),
        ({"sk_kn_m2": 1.2}, "doubt_sk_zone", "sk_kn_m2"),
        ({"sk_kn_m2": 3.0}, "doubt_sk_above_zone", None),
        ({"snow_zone": "II", "snow_zone_old": "IV"}, "doubt_zone_old", "snow_zone_old"),
        ({"snow_zone": "IV", "snow_zone_old": "II"}, "doubt_zone_jump", None),
        ({"g_kn_m2": 15.0}, "doubt_g_heavy", "g_kn_m2"),
        ({"g_kn_m2": 0.05}, "doubt_g_light", "g_kn_m2"),
        ({"build_load_kn_m2": 35.0}, "doubt_build_load", "build_load_kn_m2"),
        ({"g_added_kn_m2": 35.0}, "doubt_added_kg", None),
        ({"g_added_kn_m2": -35.0}, "doubt_removed", "g_added_kn_m2"),
        ({"g_added_kn_m2": -0.8, "covering": "bitumen_gravel"}, "doubt_gravel", "g_added_kn_m2"),
        ({"g_added_kn_m2": None}, "doubt_added_unrecorded", None),
        ({"pv_load_kn_m2": 15.0}, "doubt_pv_heavy", None),
        ({"pv_load_kn_m2": 0.01}, "doubt_pv_light", "pv_load_kn_m2"),
        ({"report_reserve_kn_m2": 15.0, "report_year": 2024}, "doubt_reserve_kg", "report_reserve_kn_m2"),
        ({"report_reserve_kn_m2": -15.0, "report_year": 2024}, "doubt_reserve_negative", None),
        ({"report_reserve_kn_m2": 0.3, "report_year": 2031}, "doubt_report_future", "report_reserve_kn_m2"),
        ({"report_reserve_kn_m2": 0.3, "report_year": 2001}, "doubt_report_outdated", "documents"),
        ({"report_reserve_kn_m2": 0.3}, "doubt_report_undated", None),
        ({"documents": "D3"}, "doubt_report_without_reserve", None),
        ({"consequence_class": "CC1"}, "doubt_consequence", "consequence_class"),
        ({"sk_kn_m2": 9.0, "snow_zone": None, "altitude_m": 250.0}, "doubt_sk_altitude", None),
    ],
    ids=lambda each: str(each),
)
def test_a_doubtful_value_is_told(change: dict[str, Any], code: str, lost: str | None) -> None:
    codes, part = told(change)
    if change == {"pitch_deg": 36.0}:  # a PVC membrane lies on any pitch
        assert code not in codes
        return
    assert code in codes
    if lost:
        assert pd.isna(part[lost])


@pytest.mark.parametrize(
    "change,measured,code,lost",
    [
        ({"pitch_deg": 35.0}, {"pitch": 19.3, "pitch_from": "planes"}, "doubt_pitch_percent", "pitch_deg"),
        ({"pitch_deg": 35.0}, {"pitch": 5.0, "pitch_from": "planes"}, "doubt_pitch_measured", "pitch_deg"),
        ({"altitude_m": 520.0}, {"ground_m": 380.0}, "doubt_altitude", "altitude_m"),
        ({}, {"levels": 2.0}, "doubt_wings", None),
    ],
    ids=lambda each: str(each),
)
def test_what_is_measured_is_believed(
    change: dict[str, Any], measured: dict[str, Any], code: str, lost: str | None
) -> None:
    codes, part = told(change, **measured)
    assert code in codes
    if lost:
        assert pd.isna(part[lost])


def test_good_data_are_not_doubted() -> None:
    assert told({})[0] == set()


def test_documented_values_are_no_placeholders() -> None:
    assert told({"year_built": 1900, "year_built_confidence": "documented", "covering_year": 2018})[0] == set()


def test_a_default_is_seen_by_its_number() -> None:
    parts = buildings(*({"year_built": 1950} for _ in range(12)), *({"year_built": 1961 + i} for i in range(20)))
    with collect_notices() as notices:
        found, _ = doubts(parts, year=NOW)
    assert [each.code for each in notices] == ["doubt_default"] and found["year_built"].isna().sum() == 12
    few = buildings(*({"year_built": 1950} for _ in range(3)), *({"year_built": 1961 + i} for i in range(20)))
    assert find_doubts(few, year=NOW) == []


BAD = [
    {"year_built": 1900},
    {"sk_kn_m2": 1.5},
    {"sk_kn_m2": 1.2},
    {"pitch_deg": 0.0, "covering": "clay_tile", "roof_structure": "timber_rafters"},
    {"g_added_kn_m2": 35.0},
    {"g_added_kn_m2": -35.0},
    {"g_kn_m2": 15.0},
    {"build_load_kn_m2": 35.0},
    {"report_reserve_kn_m2": 15.0, "report_year": 2024},
    {"report_reserve_kn_m2": 0.3, "report_year": 2001, "documents": "D3"},
    {"pv_load_kn_m2": 0.005, "pv_load_lo_kn_m2": 0.005, "pv_load_hi_kn_m2": 0.005},
    {"consequence_class": "CC1"},
    {"snow_zone": "II", "snow_zone_old": "IV"},
]


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_a_slip_never_helps(bad: dict[str, Any]) -> None:
    """The class with the slip is none better than that with the attribute empty."""
    from lk_spatial.statics.screening import screen

    parts, _ = doubts(buildings(bad, dict.fromkeys(bad)), year=NOW)
    found = screen(parts, surroundings(parts), COSTS._replace(draws=300))
    slip, empty = found.classes
    assert slip == empty or slip not in ("A", "B")
    if not np.isnan(found.reserve.u1.high).any():
        assert found.reserve.u1.high[0] >= found.reserve.u1.high[1] - 1e-9


def test_each_part_gets_its_own_sentences() -> None:
    parts = buildings({"year_built": 1900}, {})
    rows = doubts_of(find_doubts(parts, year=NOW), parts)
    assert len(rows[0]) == 1 and rows[0][0].en.startswith("Year_built is 1900") and rows[1] == []


@pytest.mark.parametrize(
    "attribute,raw,code",
    [
        ("pitch_deg", "35 %", "attribute_in_percent"),
        ("pitch_deg", "120", "attribute_in_percent"),
        ("sk_kn_m2", "150", "attribute_in_kg"),
        ("sk_kn_m2", "150 kg/m2", "attribute_in_kg"),
        ("snow_zone", "IV-V", "attribute_ambiguous"),
        ("snow_zone", "III až IV", "attribute_ambiguous"),
        ("snow_zone_old", "VII", "attribute_other_map"),
        ("covering", "plech", "attribute_ambiguous"),
        ("roof_structure", "vazníky", "attribute_ambiguous"),
        ("year_built", "0", "attribute_out_of_range"),
        ("year_built", "1000", "attribute_out_of_range"),
        ("span_m", "-12", "attribute_out_of_range"),
        ("g_kn_m2", "350 kg/m²", "attribute_in_kg"),
    ],
)
def test_what_cannot_be_understood_is_unknown(attribute: str, raw: str, code: str) -> None:
    with collect_notices() as notices:
        found = converted(attribute, pd.Series([raw], dtype=object))
    assert found.isna().all() and [each.code for each in notices] == [code]
    for lang in ("cs", "en"):
        assert raw.split()[0] in notices[0].sentence(lang)


@pytest.mark.parametrize(
    "attribute,raw,value", [("sk_kn_m2", "1,5", 1.5), ("snow_zone", "5", "V"), ("snow_zone", "v", "V")]
)
def test_what_can_be_understood_is_taken(attribute: str, raw: str, value: Any) -> None:
    assert converted(attribute, pd.Series([raw], dtype=object))[0] == value


def test_sold_and_demolished_are_stopped() -> None:
    found = screened({"ownership": "sold"}, {"heritage": "monument"})
    assert list(found.classes) == ["S", "S"] and found.gates.first() == ["ownership", "heritage"]
