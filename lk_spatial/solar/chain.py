"""What the yield of a roof is computed with: module, losses and inverter from the tables of ``data/pv``."""

from collections.abc import Mapping
from typing import NamedTuple

from lk_spatial.core.tables import load_table, row_titles, table_rows
from lk_spatial.core.text import Text

MODULES = "pv/module_types_2026"
SYSTEM = "pv/system_defaults_2026"
LOSSES = "pv/losses_roof_2026"
STEPS = "pv/loss_steps_2026"
MOUNTING = "pv/mounting_systems_2026"
LAID = ("flush", "south", "east_west")  # layouts that can be laid
G = 9.81  # [m/s2]


class Mounting(NamedTuple):
    """A mounting system: how modules lie, low, typical and high mass with module [kg/m2 of module], heat loss u0."""

    id: str
    layout: str
    kg_m2: tuple[float, float, float]
    u0: float

    @property
    def load_kn_m2(self) -> tuple[float, float, float]:
        """Weight on each m2 of module area [kN/m2], low, typical and high."""
        low, typical, high = (mass * G / 1000.0 for mass in self.kg_m2)
        return low, typical, high


class Chain(NamedTuple):
    """A module type with its losses [%] by cause, and the plant's numbers by the names of ``pv_yield``."""

    module_kwp: float
    module_width_m: float
    module_height_m: float
    losses: dict[str, float]
    plant: dict[str, float]
    pitched: Mounting
    flat: Mounting
    titles: dict[str, Text]

    @property
    def u0_roof(self) -> float:
        """Heat loss of modules on pitched roofs [W/(m2 K)]."""
        return self.pitched.u0

    @property
    def u0_rack(self) -> float:
        """Heat loss of modules on flat roofs [W/(m2 K)]."""
        return self.flat.u0

    @property
    def module_area_m2(self) -> float:
        """Area of a module."""
        return self.module_width_m * self.module_height_m

    def step_title(self, step: str) -> Text:
        """Name of a step of the loss waterfall."""
        return self.titles[step]


def mounting_choices(roof: str) -> dict[str, Text]:
    """The systems for "pitched" or "flat" roofs that can be laid, with their titles."""
    rows = table_rows(MOUNTING)
    return {row["id"]: Text(row["en"], row["cs"]) for row in rows if row["roof"] == roof and row["layout"] in LAID}


def read_chain(
    module: str, system_pitched: str = "flush", system_flat: str = "ballasted_south", glued_kg_m2: float | None = None
) -> Chain:
    """The chain for a row of ``data/pv/module_types`` and rows of ``data/pv/mounting_systems``.

    ``glued_kg_m2`` [kg/m2]: mass of glued modules by their data sheet, in place of the assumed range.
    """
    type_ = load_table(MODULES).rows.set_index("id").loc[module]
    system = load_table(SYSTEM).rows.set_index("name")["value"]
    losses = load_table(LOSSES).rows.set_index("cause")["loss_pct"]
    mass = type_["mass_kg"] / (type_["short_m"] * type_["long_m"])
    pitched, flat = (_mounting(name, mass, glued_kg_m2, system) for name in (system_pitched, system_flat))
    return Chain(
        module_kwp=type_["power_wp"] / 1000.0,
        module_width_m=type_["short_m"],
        module_height_m=type_["long_m"],
        losses={str(cause): float(loss) for cause, loss in losses.items()},
        plant={
            "gamma_pdc": type_["gamma_pdc_pct_k"] / 100.0,
            "u1": system["u1"],
            "dc_ac_ratio": system["dc_ac_ratio"],
            "inverter_efficiency": system["inverter_efficiency"],
        },
        pitched=pitched,
        flat=flat,
        titles=row_titles(STEPS, "step"),
    )


def _mounting(name: str, module_kg_m2: float, glued_kg_m2: float | None, system: Mapping[str, float]) -> Mounting:
    """A row of the mounting systems; where it carries the chosen module, never lighter than that."""
    row = load_table(MOUNTING).rows.set_index("id").loc[name]
    low, typical, high = (float(row[column]) for column in ("kg_m2_low", "kg_m2", "kg_m2_high"))
    if row["includes"] == "light":
        mass = (low, typical, high) if glued_kg_m2 is None else (glued_kg_m2,) * 3
    else:
        mass = (max(low, module_kg_m2), max(typical, module_kg_m2), max(high, module_kg_m2))
    return Mounting(name, row["layout"], mass, float(system[row["u0"]]))
