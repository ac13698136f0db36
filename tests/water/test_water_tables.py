"""Tables of stormwater and grey water: cards are whole, rows say how sure they are, codes are those of buildings."""

import pytest

from lk_spatial.core.tables import CONFIDENCE, load_table, table_rows
from lk_spatial.water import fee, green_roof, grey_gates, grey_uses, greywater, payback, retention

TABLES = sorted(
    {
        *fee.CLASSES.values(),
        *(
            value
            for module in (fee, green_roof, grey_gates, grey_uses, greywater, payback, retention)
            for value in vars(module).values()
            if isinstance(value, str) and value.startswith("water/")
        ),
    }
)
FROM_MEMORY = ["grey_uses_2026", "grey_energy_2026", "green_roofs_2026", "retention_2026", "runoff_slope_2026"]


def test_all_tables_are_met() -> None:
    assert len(TABLES) == 15


@pytest.mark.parametrize("table", TABLES)
def test_cards_and_rows_are_whole(table: str) -> None:
    rows, card = load_table(table)[1:]
    assert set(rows["confidence"]) <= set(CONFIDENCE) and card["confidence"] in CONFIDENCE
    assert card["edition"] == table[-4:] and card["title_en"] and card["title_cs"]
    assert bool(card["source"]) == bool(card["source_cs"]) and bool(card["note"]) == bool(card["note_cs"])
    for name in ("source", "note"):
        if f"{name}_cs" in rows.columns:
            assert (rows[name].isna() == rows[f"{name}_cs"].isna()).all()


@pytest.mark.parametrize("table", FROM_MEMORY)
def test_what_nobody_checked_says_so(table: str) -> None:
    assert (load_table(f"water/{table}").rows["confidence"] == "unverified").all()


def test_uses_are_the_codes_of_buildings() -> None:
    codes = {row["code"] for row in table_rows("codes/use")}
    assert {row["use"] for row in table_rows("water/grey_hygiene_2026")} == codes
    for table in ("water/grey_uses_2026", "water/grey_annex12_2026"):
        assert {row["use"] for row in table_rows(table)} <= codes
    listed = {use for row in table_rows("water/fee_exemptions_2026") for use in row["uses"].split("|") if use}
    assert listed == set(payback.DWELLINGS)
    assert {row["sewer"] for row in table_rows(fee.SEWERS)} == {row["code"] for row in table_rows("codes/sewer")}


def test_three_values_are_in_order() -> None:
    rows = [*table_rows(grey_uses.USES), *table_rows(greywater.ENERGY)]
    for row in rows:
        low, typical, high = (float(value) for name, value in row.items() if name.startswith(("low_", "typ_", "high_")))
        assert 0.0 <= low <= typical <= high


@pytest.mark.parametrize("use", ["school", "secondary_school", "office", "dormitory", "care_home", "apartments"])
def test_toilets_and_basins_stay_within_annex_12(use: str) -> None:
    """The table's own values are no more than the decree's; ten times as much is told."""
    flows = grey_uses.grey_flows(use, 10)
    assert grey_uses.exceeds_annex_12(use, 10, flows) == [0.0]
    much = flows._replace(demand_l_d=10 * flows.demand_l_d)
    assert grey_uses.exceeds_annex_12(use, 10, much) == [1.0]
