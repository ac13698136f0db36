"""Constants of the standards, from the tables in ``data/statics``; a run's record names each table that was read."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from lk_spatial.core.tables import record_use, table_rows

SNOW_RULES = "statics/snow_rules_2026"
SNOW_SHAPES = "statics/snow_shapes_2026"
SNOW_DENSITY = "statics/snow_density_2026"
SNOW_ZONES = "statics/snow_zones_2006"
SNOW_ZONES_OLD = "statics/snow_zones_1988"
WIND_ZONES = "statics/wind_zones_2026"
TERRAIN = "statics/terrain_2026"
ROOF_CPE = "statics/roof_cpe_2026"
BALLAST = "statics/ballast_scenarios_2026"
FRICTION = "statics/ballast_friction_2026"
SELF_WEIGHT = "statics/roof_selfweight_2026"
BUILD_UPS = "statics/roof_build_ups_2026"
LIGHT_ROOFS = "statics/light_roofs_2026"
COMBINATION = "statics/combination_2026"
CONSEQUENCE = "statics/consequence_classes_2026"
ASSEMBLY = "statics/assembly_uses_2026"
ERAS = "statics/design_eras_2026"
SCREENING = "statics/screening_2026"
SCREENING_INPUTS = "statics/screening_inputs_2026"
GATES = "statics/gates_2026"
MOUNTING = "pv/mounting_systems_2026"
DOUBTS = "statics/doubts_2026"
COVERING_PITCH = "statics/covering_pitch_2026"


def rows(table_id: str) -> tuple[Mapping[str, str], ...]:
    """Rows of a table as texts, read once."""
    record_use(table_id)
    return _rows(table_id)


def constant(table_id: str, name: str) -> float:
    """The number in the row ``name``; units as in the table."""
    return numbers(table_id, "name", "value")[name]


def numbers(table_id: str, key: str, column: str) -> dict[str, float]:
    """A column's numbers by the texts of ``key``; NaN where the cell is empty."""
    record_use(table_id)
    return _numbers(table_id, key, column)


@cache
def _rows(table_id: str) -> tuple[Mapping[str, str], ...]:
    return tuple(MappingProxyType(row) for row in table_rows(table_id))


@cache
def _numbers(table_id: str, key: str, column: str) -> dict[str, float]:
    return {row[key]: float(row[column] or "nan") for row in _rows(table_id)}
