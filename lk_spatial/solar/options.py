"""What a user chooses for the PV potential."""

import math
from typing import NamedTuple

from lk_spatial.solar.ageing import Ageing
from lk_spatial.solar.arrays import ModuleSize
from lk_spatial.solar.chain import Chain, read_chain


class PvOptions(NamedTuple):
    """What a user chooses for the PV potential; units as in the names."""

    module: str
    setback_m: float
    gap_m: float
    flat_tilt_deg: float
    shade_angle_deg: float
    min_area_m2: float
    min_poa_kwh_m2: float
    albedo: float
    sky_model: str
    system_pitched: str = "flush"
    system_flat: str = "ballasted_south"
    glued_mass_kg_m2: float | None = None
    pair_aisle_m: float = 0.3
    fire_strip_m: float = 0.0
    max_field_m: float | None = None
    directions: int = 32
    ageing: Ageing = Ageing()
    profile_year: int | None = None  # of the hourly profiles, where they are wanted


def chain_of(options: PvOptions) -> Chain:
    """Module, losses, inverter and mounting systems of the chosen options."""
    return read_chain(options.module, options.system_pitched, options.system_flat, options.glued_mass_kg_m2)


def module_size(chain: Chain, options: PvOptions) -> ModuleSize:
    """Sides of the module and how it is laid; raises Problems where the options do not go together."""
    size = ModuleSize(
        chain.module_width_m,
        chain.module_height_m,
        options.gap_m,
        options.setback_m,
        options.flat_tilt_deg,
        options.shade_angle_deg,
        chain.flat.layout,
        options.pair_aisle_m,
        options.fire_strip_m,
        math.inf if options.max_field_m is None else options.max_field_m,
    )
    size.check()
    return size
