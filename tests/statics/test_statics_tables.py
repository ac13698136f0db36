"""Tables of loads: each card is whole, each row says how sure it is, a run names what it read."""

from typing import Any

import pytest

from lk_spatial.core import tables
from lk_spatial.core.tables import CONFIDENCE, load_table, table_rows
from lk_spatial.statics import constants
from lk_spatial.statics.era import eras
from lk_spatial.statics.snow import roof_snow_load
from lk_spatial.statics.wind import peak_velocity_pressure

TABLES = sorted(value for value in vars(constants).values() if isinstance(value, str) and value.startswith("statics/"))
UNVERIFIED = [
    "wind_zones_2026",
    "roof_cpe_2026",
    "snow_density_2026",
    "roof_selfweight_2026",
    "consequence_classes_2026",
]


@pytest.mark.parametrize("table", TABLES)
def test_cards_and_rows(table: str) -> None:
    rows, card = load_table(table)[1:]
    assert set(rows["confidence"]) <= set(CONFIDENCE) and card["confidence"] in CONFIDENCE
    for key in ("title", "source", "note"):
        other = "source" if key == "source" else f"{key}_en" if key == "title" else "note"
        assert bool(card[other]) == bool(card[f"{key}_cs"])
    for name in rows.columns:
        if f"{name}_cs" in rows.columns:
            assert (rows[name].isna() == rows[f"{name}_cs"].isna()).all()
    if card["confidence"] == "confirmed":
        assert (rows["confidence"] == "confirmed").mean() > 0.5, "a card is no surer than its rows"


@pytest.mark.parametrize("table", UNVERIFIED)
def test_what_nobody_checked_says_so(table: str) -> None:
    """The facts tag these [K]: a row becomes confirmed with its source, not by itself."""
    assert (load_table(f"statics/{table}").rows["confidence"] == "unverified").all()


def test_uses_are_the_codes_of_buildings() -> None:
    assert {row["use"] for row in constants.rows(constants.ASSEMBLY)} == {
        row["code"] for row in table_rows("codes/use")
    }


def test_a_run_names_the_tables_that_it_read() -> None:
    """Also where their values were kept from before."""
    for _ in range(2):
        used: dict[str, dict[str, Any]] = {}
        token = tables._used.set(used)
        roof_snow_load(1.0, 45)
        peak_velocity_pressure(25, "II", 10)
        eras()
        tables._used.reset(token)
        assert set(used) == {constants.SNOW_SHAPES, constants.SNOW_RULES, constants.TERRAIN, constants.ERAS}
        assert all(len(card["sha256"]) == 64 for card in used.values())
