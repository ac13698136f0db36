"""lk_spatial: photovoltaics on roofs, static screening, rain water and the digital technical map of a region.

The public names are loaded when first used, so that ``import lk_spatial`` stays light.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "read_weather": "lk_spatial.io.weather",
    "horizon": "lk_spatial.solar.horizon",
    "sky_view_factor": "lk_spatial.solar.sky_view",
    "poa_irradiation": "lk_spatial.solar.irradiance",
    "layout_modules": "lk_spatial.solar.layout",
    "pv_yield": "lk_spatial.solar.energy_yield",
    "roof_snow_load": "lk_spatial.statics.snow",
    "peak_velocity_pressure": "lk_spatial.statics.wind",
    "permissible_load": "lk_spatial.statics.combination",
    "roof_planes": "lk_spatial.tools.pv",
    "pv_potential": "lk_spatial.tools.pv",
    "solar_map": "lk_spatial.tools.solar_map",
    "static_screening": "lk_spatial.tools.statics",
    "survey_plan": "lk_spatial.tools.survey",
    "LkError": "lk_spatial.core.errors",
    "InputError": "lk_spatial.core.errors",
    "DataError": "lk_spatial.core.errors",
    "Cancelled": "lk_spatial.core.errors",
}

__all__ = [*_PUBLIC, "__version__"]


def __getattr__(name: str) -> Any:
    """Load a public name from the room it lives in."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'lk_spatial' has no attribute {name!r}")
    value = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
