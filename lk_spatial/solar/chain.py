"""What the yield of a roof is computed with: module, losses and inverter from the tables of ``data/pv``."""

from typing import NamedTuple

from lk_spatial.core.tables import load_table, row_titles
from lk_spatial.core.text import Text

MODULES = "pv/module_types_2026"
SYSTEM = "pv/system_defaults_2026"
LOSSES = "pv/losses_roof_2026"
STEPS = "pv/loss_steps_2026"


class Chain(NamedTuple):
    """A module type with its losses [%] by cause, and the plant's numbers by the names of ``pv_yield``."""

    module_kwp: float
    module_width_m: float
    module_height_m: float
    module_mass_kg: float
    losses: dict[str, float]
    plant: dict[str, float]
    u0_roof: float
    u0_rack: float
    titles: dict[str, Text]

    def settings(self, on_racks: bool) -> dict[str, float]:
        """Arguments of ``pv_yield`` for modules on open racks or close to a pitched roof."""
        return self.plant | {"u0": self.u0_rack if on_racks else self.u0_roof}

    def step_title(self, step: str) -> Text:
        """Name of a step of the loss waterfall."""
        return self.titles[step]


def read_chain(module: str) -> Chain:
    """The chain for a row of ``data/pv/module_types``; the run's record names the tables."""
    type_ = load_table(MODULES).rows.set_index("id").loc[module]
    system = load_table(SYSTEM).rows.set_index("name")["value"]
    losses = load_table(LOSSES).rows.set_index("cause")["loss_pct"]
    return Chain(
        module_kwp=type_["power_wp"] / 1000.0,
        module_width_m=type_["short_m"],
        module_height_m=type_["long_m"],
        module_mass_kg=type_["mass_kg"],
        losses={str(cause): float(loss) for cause, loss in losses.items()},
        plant={
            "gamma_pdc": type_["gamma_pdc_pct_k"] / 100.0,
            "u1": system["u1"],
            "dc_ac_ratio": system["dc_ac_ratio"],
            "inverter_efficiency": system["inverter_efficiency"],
        },
        u0_roof=system["u0_roof"],
        u0_rack=system["u0_rack"],
        titles=row_titles(STEPS, "step"),
    )
