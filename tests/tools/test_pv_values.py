import pandas as pd
import pytest

from lk_spatial.core.tables import load_table
from lk_spatial.core.tool import TOOLS
from lk_spatial.tools.pv_values import OPTIONS, deciding_values

DEFAULTS = {each.name: each.default for each in TOOLS["pv_potential"].parameters if each.role == "option"}


@pytest.mark.parametrize("lang", ["cs", "en"])
def test_every_value_has_words_and_a_confidence(lang):
    rows = deciding_values(DEFAULTS, lang)
    tables = ("losses_roof", "system_defaults", "ageing", "uncertainty")
    assert len(rows) == 3 + sum(len(load_table(f"pv/{name}_2026").rows) for name in tables)
    assert all(row["label"] and row["value"] for row in rows)
    assert {row["confidence"] for row in rows} == {"confirmed", "unverified", "assumption"}
    assert all(row["source"] for row in rows if row["confidence"] != "assumption")


def test_where_snow_rests_is_told_only_where_snow_was_given():
    without, snowed = (deciding_values(DEFAULTS, "en", snow=snow) for snow in (False, True))
    told = [row["label"] for row in snowed if row not in without]
    assert told == load_table("pv/snow_mounting_2026").rows["en"].tolist()


def test_what_the_user_chose_is_told_as_given():
    rows = deciding_values(DEFAULTS | {"setback_m": 1.25}, "cs")
    assert [(row["value"], row["source"]) for row in rows if row["confidence"] == "given"] == [
        ("1,25 m", "zadal uživatel")
    ]


def test_years_are_written_as_years():
    values = {row["label"]: row["value"] for row in deciding_values(DEFAULTS, "cs")}
    assert values["Životnost elektrárny"] == "25 let"


@pytest.mark.parametrize("row", OPTIONS)
def test_defaults_of_the_tool_are_those_of_the_table(row):
    rows = (load_table(f"pv/{name}_2026").rows for name in ("system_defaults", "ageing"))
    table = pd.concat(rows).set_index("name")["value"]
    default = DEFAULTS[OPTIONS[row]]
    assert (0.0 if default is None else default) == table[row]
