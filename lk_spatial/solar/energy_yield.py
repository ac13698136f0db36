"""AC energy of modules from the light in their plane: reflection, temperature, itemised losses, inverter.

The chain is that of PVWatts (Dobos 2014, NREL/TP-6A20-62641, doi:10.2172/1158421) in pvlib's functions, with
reflection losses of diffuse light after Marion 2017 (doi:10.1016/j.solener.2017.03.027).
"""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pvlib import iam as incidence
from pvlib import inverter, pvsystem, temperature

from lk_spatial.core.errors import InputError

Floats = NDArray[np.float64]

IAM: dict[str, Callable[..., Any]] = {
    "physical": incidence.physical,
    "ashrae": incidence.ashrae,
    "martin_ruiz": incidence.martin_ruiz,
}
CELL_MODELS: dict[str, Callable[..., Any]] = {
    "faiman": temperature.faiman,
    "pvsyst": temperature.pvsyst_cell,
    "fuentes": temperature.fuentes,
}
POA_PARTS = ("poa_direct", "poa_circumsolar", "poa_isotropic", "poa_horizon", "poa_ground")
MARION_NODES = np.arange(0.0, 90.1, 2.0)  # linear in between: within 0.0001 of the integral for the sky
IAM_STEP = 0.02  # [deg]
Z90 = 1.2815515655446004  # 90 % quantile of the normal distribution


def effective_irradiance(
    components: pd.DataFrame | Mapping[str, ArrayLike],
    surface_tilt: float,
    *,
    iam: str = "physical",
    diffuse: bool = True,
) -> Floats:
    """Irradiance that gets through the glass at each interval [W/m2].

    ``components``: poa_direct, poa_circumsolar, poa_isotropic, poa_horizon, poa_ground [W/m2] and aoi [deg], arrays of
    one shape, as from ``plane_components``. ``surface_tilt`` [deg] is the modules'. ``iam`` names the incidence angle
    modifier ("physical": Fresnel glass n 1.526; "ashrae", "martin_ruiz"). Direct and circumsolar light get it at the
    sun's angle; sky, horizon band and ground get its mean over their solid angle (Marion 2017). With
    ``diffuse=False`` only the direct beam is reduced, as PVWatts does. NaN in, NaN out. Raises InputError for an
    unknown ``iam``.
    """
    _known("iam", iam, IAM)
    part = {name: np.asarray(components[name], dtype=float) for name in (*POA_PARTS, "aoi")}
    beam = np.where(part["aoi"] < 90.0, np.asarray(IAM[iam](part["aoi"])), 0.0)
    beam = np.where(np.isnan(part["aoi"]), np.nan, beam)
    if not diffuse:
        return part["poa_direct"] * beam + sum(part[name] for name in POA_PARTS[1:])
    sky, band, ground = diffuse_modifiers(surface_tilt, iam=iam)
    return np.asarray(
        (part["poa_direct"] + part["poa_circumsolar"]) * beam
        + part["poa_isotropic"] * sky
        + part["poa_horizon"] * band
        + part["poa_ground"] * ground
    )


def diffuse_modifiers(surface_tilt: float, *, iam: str = "physical") -> tuple[float, float, float]:
    """Share of sky, horizon-band and ground light that gets through the glass of a tilted module [-]; Marion 2017.

    >>> [round(share, 3) for share in diffuse_modifiers(20.0)]
    [0.954, 0.765, 0.639]
    """
    sky, band, ground = modifiers_by_tilt(surface_tilt, iam=iam)
    return float(sky), float(band), float(ground)


def modifiers_by_tilt(surface_tilt: ArrayLike, *, iam: str = "physical") -> Floats:
    """``diffuse_modifiers`` of many tilts (…,) at once, array (…, 3); NaN in, NaN out."""
    tilt = np.asarray(surface_tilt, dtype=float)
    return np.stack([np.interp(tilt, MARION_NODES, part) for part in _marion_table(iam)], axis=-1)


@lru_cache
def _marion_table(iam: str) -> tuple[Floats, Floats, Floats]:
    """Marion's integrals at MARION_NODES: too slow to repeat for each roof plane.

    The modifier itself is read from a table of IAM_STEP too: within 2e-6 of pvlib's integral in a third of its time.
    """
    angles = np.arange(0.0, 90.0 + IAM_STEP, IAM_STEP)
    shares = np.asarray(IAM[iam](angles))

    def modifier(aoi: Floats) -> Floats:
        return np.interp(aoi, angles, shares, right=0.0)

    sky, band, ground = (
        incidence.marion_integrate(modifier, MARION_NODES, region) for region in ("sky", "horizon", "ground")
    )
    return sky, band, ground


def cell_temperature(
    poa_global: Any, temp_air: Any, wind_speed: Any, *, model: str = "faiman", **coefficients: float
) -> Any:
    """Cell temperature at each interval [deg C].

    ``poa_global`` [W/m2], ``temp_air`` [deg C], ``wind_speed`` [m/s]. ``model`` with its coefficients as in pvlib:
    "faiman" (u0 [W/(m2 K)], u1 [W s/(m3 K)]), "pvsyst" (u_c, u_v), "fuentes" (noct_installed [deg C]; needs Series
    with a time index, hourly or finer). NaN in, NaN out ("fuentes": from there on). Raises InputError for an unknown
    ``model``.
    """
    _known("temperature", model, CELL_MODELS)
    return CELL_MODELS[model](poa_global, temp_air, wind_speed, **coefficients)


def total_loss(losses: float | Mapping[str, float]) -> float:
    """All DC losses together [%]: 100 (1 - product of (1 - loss / 100)), as PVWatts.

    ``losses``: one number, or a number for each cause [%]. Raises InputError for a loss outside 0-100, and for a single
    number between 0 and 1, which looks like a fraction.

    >>> round(total_loss({"soiling": 2.0, "mismatch": 2.0, "wiring": 2.0}), 4)
    5.8808
    """
    return 100.0 * (1.0 - math.prod(1.0 - loss / 100.0 for loss in itemised(losses).values()))


def pv_yield(
    effective_irradiance: Any,
    temp_air: Any,
    wind_speed: Any,
    power_kwp: Any,
    *,
    losses: float | Mapping[str, float],
    poa_global: Any = None,
    temp_cell: Any = None,
    gamma_pdc: float = -0.0029,
    u0: float = 20.0,
    u1: float = 6.84,
    dc_ac_ratio: float = 1.2,
    inverter_efficiency: float = 0.96,
    interval_h: float = 1.0,
) -> Any:
    """AC energy in each interval [kWh].

    Arrays, Series or numbers that broadcast; the result has their type.

    ``effective_irradiance`` [W/m2] after reflection (from the function of that name); ``temp_air`` [deg C];
    ``wind_speed`` [m/s]; ``power_kwp`` [kWp] of the modules. ``losses`` [%]: PER CENT, one number or one for each cause
    (see ``total_loss``). ``poa_global`` [W/m2], before reflection, heats the cells; default: the effective irradiance.
    ``temp_cell`` [deg C] replaces Faiman's cell temperature with ``u0``, ``u1`` (20 on a roof, 25 on open racks).
    ``gamma_pdc`` [1/K] is the modules' temperature coefficient, ``dc_ac_ratio`` [-] module power over inverter power,
    ``inverter_efficiency`` [-] nominal, ``interval_h`` [h] the length of an interval. Defaults are rows of
    ``data/pv/system_defaults_2026`` and ``data/pv/module_types_2026``.

    NaN in, NaN out. Raises InputError for parameters out of range.

    >>> round(float(pv_yield(1000.0, 20.0, 3.0, 4.0, losses=14.0757)), 3)
    3.113
    """
    plant = plant_of(power_kwp, dc_ac_ratio, inverter_efficiency, interval_h)
    if temp_cell is None:
        heat = effective_irradiance if poa_global is None else poa_global
        temp_cell = cell_temperature(heat, temp_air, wind_speed, u0=u0, u1=u1)
    kept = 1.0 - total_loss(losses) / 100.0
    dc = kept * _module_power(effective_irradiance, temp_cell, plant.power_kw, gamma_pdc)
    return plant.interval_h * inverter.pvwatts(dc, plant.limit_kw, plant.efficiency)


def waterfall(stages: Mapping[str, float], losses: Mapping[str, float], ac_kwh: float) -> pd.DataFrame:
    """Where the energy goes, from light in the unshaded plane to AC: one row a step, in order.

    ``stages`` [kWh]: energy left after "unshaded" (rated power times light), "horizon", "reflection", "temperature"
    and "inverter" (of an inverter without upper limit), as from ``module_years``; ``losses`` [%] by cause, which come
    before the inverter; ``ac_kwh`` what is left after "clipping". Columns: step (text), loss_kwh, energy_kwh (left
    after the step), loss_pct (of what was left before). Raises InputError for losses out of range.
    """
    left = {step: energy for step, energy in stages.items() if step != "inverter"}
    energy = left["temperature"]
    for cause, loss in itemised(losses).items():
        energy = left[cause] = energy * (1.0 - loss / 100.0)
    left |= {"inverter": stages["inverter"], "clipping": ac_kwh}
    after = np.array(list(left.values()), dtype=float)
    before = np.concatenate([after[:1], after[:-1]])
    share = np.divide(before - after, before, out=np.zeros_like(after), where=before != 0.0)
    columns = {"step": list(left), "loss_kwh": before - after, "energy_kwh": after, "loss_pct": 100.0 * share}
    return pd.DataFrame(columns)


def p90_factor(components: pd.DataFrame, *, years: int = 1) -> float:
    """Energy that is exceeded with 90 % probability, over the expected energy [-].

    ``components``: rows with sd_pct [%] and averages_out (true where years are independent, as the weather is); the
    components are taken as independent and normal: 1 - 1.2816 sqrt(sum of squares). ``years``: the mean over so many.
    Rows: ``data/pv/uncertainty_2026``.
    """
    _in_range("years", years, 1, math.inf)
    variance = components["sd_pct"].to_numpy(float) ** 2
    variance = np.where(components["averages_out"].to_numpy(bool), variance / years, variance)
    return float(1.0 - Z90 * math.sqrt(variance.sum()) / 100.0)


class Plant(NamedTuple):
    """Modules and inverter: power [kW], DC power at which the inverter is full [kW], its efficiency, interval [h]."""

    power_kw: Any
    limit_kw: Any
    efficiency: float
    interval_h: float


def plant_of(power_kwp: Any, dc_ac_ratio: float, inverter_efficiency: float, interval_h: float) -> Plant:
    """Checked sizes; PVWatts gives the inverter's AC power as power / dc_ac_ratio."""
    _in_range("dc_ac_ratio", dc_ac_ratio, 0.1, 10.0)
    _in_range("inverter_efficiency", inverter_efficiency, 0.5, 1.0)
    _in_range("interval_h", interval_h, 1 / 3600, 24.0)
    if np.any(np.asarray(power_kwp) < 0):
        raise InputError("yield_parameter_wrong", name="power_kwp", got=np.min(power_kwp), low=0, high=math.inf)
    limit = np.maximum(power_kwp, 1e-9) / dc_ac_ratio / inverter_efficiency  # no modules give 0, not 0 / 0
    return Plant(power_kwp, limit, inverter_efficiency, interval_h)


def _module_power(effective: Any, temp_cell: Any, power_kw: Any, gamma_pdc: float) -> Any:
    """DC power of the modules [kW]."""
    _in_range("gamma_pdc", gamma_pdc, -0.01, 0.0)
    return pvsystem.pvwatts_dc(np.maximum(effective, 0.0), temp_cell, power_kw, gamma_pdc)


def itemised(losses: float | Mapping[str, float]) -> dict[str, float]:
    """Checked losses by cause [%]."""
    items = dict(losses) if isinstance(losses, Mapping) else {"losses": float(losses)}
    if not isinstance(losses, Mapping) and 0.0 < losses < 1.0:
        raise InputError("losses_in_percent", got=losses)
    for cause, loss in items.items():
        _in_range(cause, loss, 0.0, 100.0)
    return items


def _known(what: str, name: str, models: Mapping[str, Any]) -> None:
    if name not in models:
        raise InputError("yield_model_unknown", what=what, got=name, known=list(models))


def _in_range(name: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise InputError("yield_parameter_wrong", name=name, got=value, low=low, high=high)
