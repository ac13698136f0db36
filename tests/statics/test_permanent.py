"""Self-weight of roofs by construction: the collected table, alternatives, what is not listed."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from lk_spatial.core.errors import InputError
from lk_spatial.core.tables import table_rows
from lk_spatial.statics.constants import BUILD_UPS, LIGHT_ROOFS, SELF_WEIGHT, rows
from lk_spatial.statics.permanent import imposed_governs, is_light, roof_self_weight

STRUCTURES = [row["code"] for row in table_rows("codes/roof_structure")]
COVERINGS = [row["code"] for row in table_rows("codes/covering")]


@pytest.mark.parametrize(
    ("structure", "covering", "expected"),
    [
        ("rc_panel", "bitumen", (2.5, 3.5, 5.0)),
        ("rc_panel", "bitumen_gravel", (3.3, 4.4, 6.0)),
        ("hollow_core", "pvc_membrane", (3.8, 4.5, 5.5)),
        ("aerated_concrete_panel", "bitumen", (1.3, 1.8, 2.3)),
        ("light_steel", "trapezoidal_sheet", (0.15, 0.25, 0.35)),
        ("sandwich_panel", "sandwich_panel", (0.12, 0.15, 0.25)),
        ("timber_truss_nailed", "metal_tile", (0.45, 0.60, 0.80)),
        ("timber_rafters", "clay_tile_plain", (0.75, 0.90, 1.15)),
        ("steel_truss", "bitumen", (0.30, 0.85, 2.0)),
        ("rc_truss", "bitumen", (1.3, 2.65, 5.0)),
    ],
)
def test_rows_by_hand(structure: str, covering: str, expected: tuple[float, float, float]) -> None:
    np.testing.assert_allclose(roof_self_weight(structure, covering), expected)


def test_layers_in_the_slope_weigh_more_on_the_plan() -> None:
    steep = roof_self_weight("timber_rafters", "clay_tile", [0.0, 45.0, 60.0, np.nan, 90.0])
    np.testing.assert_allclose(steep.mean, [0.7, 0.7 * math.sqrt(2), 1.4, np.nan, np.nan])
    flat = roof_self_weight("rc_panel", "bitumen", [0.0, np.nan])
    np.testing.assert_allclose(flat.mean, [3.5, 3.5], err_msg="a pitch that does not matter need not be known")
    mixed = roof_self_weight("nailed_truss", "concrete_tile", 60)
    np.testing.assert_allclose(mixed, [0.45 + 0.82, 0.6 + 0.96, 0.8 + 1.1])


@pytest.mark.parametrize("structure", STRUCTURES)
def test_an_unknown_covering_contains_every_known_one(structure: str) -> None:
    known = roof_self_weight(structure, COVERINGS, 20)
    unknown = roof_self_weight(structure, None, 20)
    assert (known.low[~np.isnan(known.low)] >= unknown.low - 1e-12).all()
    assert (known.high[~np.isnan(known.high)] <= unknown.high + 1e-12).all()
    assert np.isnan(unknown.low) == np.isnan(known.low).all()
    assert (np.isnan(known.low) | ((known.low <= known.mean) & (known.mean <= known.high))).all()


@pytest.mark.parametrize(
    ("structure", "covering"),
    [(None, "bitumen"), (np.nan, None), ("vault", "clay_tile"), ("rc_slab", "bitumen"), ("rc_panel", "green_roof")],
)
def test_no_number_where_nothing_is_listed(structure: object, covering: object) -> None:
    assert np.isnan(roof_self_weight(structure, covering)).all()


def test_nonsense_is_refused() -> None:
    for wrong in (("steel", "bitumen"), ("rc_panel", "plech")):
        with pytest.raises(InputError, match="statics_code_unknown"):
            roof_self_weight(*wrong)
    with pytest.raises(InputError, match="statics_value_wrong"):
        roof_self_weight("rc_panel", "bitumen", 95)


def test_category_h_governs_in_zone_i_only() -> None:
    """Facts, 1.6: 0.8 · 0.7 = 0.56 is less than 0.75, 0.8 · 1.0 is not."""
    np.testing.assert_equal(imposed_governs([0.56, 0.8, np.nan]), [1.0, 0.0, np.nan])


def test_light_and_heavy() -> None:
    np.testing.assert_equal(is_light(["light_steel", "rc_panel", "glulam", None]), [1.0, 0.0, np.nan, np.nan])
    assert {row["roof_structure"] for row in rows(LIGHT_ROOFS)} == set(STRUCTURES)


def test_build_ups_name_codes_and_rows_that_exist() -> None:
    ids = {row["id"] for row in rows(SELF_WEIGHT)}
    for row in rows(BUILD_UPS):
        assert row["roof_structure"] in STRUCTURES and set(row["covering"].split("|")) <= set(COVERINGS)
        assert set(row["components"].split("|")) <= ids


def test_weights_equal_the_starting_table(shared_data: Path) -> None:
    with (shared_data / "statics/roof_selfweight.csv").open(encoding="utf-8") as lines:
        given = [tuple(float(row[f"g_k_{each}"]) for each in ("low", "typ", "high")) for row in csv.DictReader(lines)]
    ours = [tuple(float(row[f"{each}_kn_m2"]) for each in ("low", "typ", "high")) for row in rows(SELF_WEIGHT)]
    assert ours == given
