"""Numbers of the tables that tanks use, from ``data/water``; a run's record names each table that was read."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from lk_spatial.core.tables import record_use, table_rows

RULES = "water/tank_rules_2026"
DEFAULTS = "water/tank_defaults_2026"
CALENDARS = "water/calendars_2026"
HOLIDAYS = "water/public_holidays_2026"
USES = "water/uses_2026"
GUIDE_DEMAND = "water/guide_demand_2026"
RUNOFF = "water/runoff_2026"
COVERINGS = "water/covering_surfaces_2026"


def rows(table_id: str) -> tuple[Mapping[str, str], ...]:
    """Rows of a table as texts, read once."""
    record_use(table_id)
    return _rows(table_id)


def constant(table_id: str, name: str) -> float:
    """The number in the row ``name``; units as in the table."""
    record_use(table_id)
    return _numbers(table_id)[name]


@cache
def _rows(table_id: str) -> tuple[Mapping[str, str], ...]:
    return tuple(MappingProxyType(row) for row in table_rows(table_id))


@cache
def _numbers(table_id: str) -> dict[str, float]:
    return {row["name"]: float(row["value"]) for row in _rows(table_id)}
