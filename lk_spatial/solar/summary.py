"""From planes and modules to buildings: totals, what is already installed, and how far a row can be relied on."""

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from lk_spatial.core.text import Text

KEY = ["building_id", "part_id"]
PLANE_KEY = [*KEY, "plane_id"]
MONTHS = [f"energy_{month:02d}_kwh" for month in range(1, 13)]
SUMS = ["n_modules", "power_kwp", "energy_kwh_a", *MONTHS, "pv_mass_kg"]
SNOW = "energy_snow_kwh_a"
LOADS = ["pv_load_lo_kn_m2", "pv_load_kn_m2", "pv_load_hi_kn_m2"]
COVERED = 0.75  # least share of a footprint whose heights planes and obstacles should explain
HALF = 0.5
ROUGH_M = 0.15  # fit of planes beyond which a roof is called rough
LOW_M = 2.0  # no roof is lower [m]: the building is younger than the surface model, or gone
RANK = ("good", "usable", "poor", "none")

WHY = {
    "no_data": Text("no surface model on this roof", "na této střeše chybí data povrchového modelu"),
    "outside": Text("outside the surface model", "mimo povrchový model"),
    "too_small": Text("the footprint is too small", "půdorys je příliš malý"),
    "no_plane": Text("no roof plane found", "nenalezena žádná střešní rovina"),
    "half_covered": Text(
        "roof planes explain less than half of the footprint", "střešní roviny vysvětlují méně než polovinu půdorysu"
    ),
    "part_covered": Text(
        "roof planes explain less than 75 % of the footprint", "střešní roviny vysvětlují méně než 75 % půdorysu"
    ),
    "rough": Text("rough roof: more than 0.15 m off its planes", "nerovná střecha: odchylka od rovin přes 0,15 m"),
    "low": Text(
        "roof less than 2 m above the ground: perhaps missing in the surface model",
        "střecha méně než 2 m nad zemí: v povrchovém modelu možná chybí",
    ),
    "far_weather": Text(
        "weather of another place: more than 50 km away", "meteorologická data z jiného místa: dále než 50 km"
    ),
    "existing": Text("areas of existing modules left out", "plochy stávajících panelů vynechány"),
    "installed": Text(
        "installed modules subtracted, taken to stand on the best places",
        "odečteny instalované panely, předpokládané na nejlepších místech",
    ),
}


class Quality(NamedTuple):
    """Grade of a building and the reasons (keys of WHY)."""

    grade: str
    reasons: list[str]


def remove_installed(modules: gpd.GeoDataFrame, buildings: pd.DataFrame, module_kwp: float) -> gpd.GeoDataFrame:
    """Modules that can still be added: as many as the installed power needs are taken off the best places."""
    installed = buildings.set_index(KEY)["pv_installed_kwp"].fillna(0.0) if "pv_installed_kwp" in buildings else None
    if installed is None or modules.empty or not (installed > 0).any():
        return modules
    kwp = installed.reindex(pd.MultiIndex.from_frame(modules[KEY])).fillna(0.0).to_numpy()
    place = modules.groupby(KEY)["energy_kwh_a"].rank(method="first", ascending=False).to_numpy()
    return modules[place > np.ceil(kwp / module_kwp - 1e-9)].reset_index(drop=True)


def sum_up(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Totals of the SUMS columns for each key."""
    return sums_by(rows, key, [name for name in SUMS if name in rows])


def sums_by(rows: pd.DataFrame, key: list[str], names: list[str]) -> pd.DataFrame:
    """Sums of columns for each key, unknown values left out.

    Added one after another, so that rows of other keys do not matter: pandas' own sums round otherwise in small tables.
    """
    groups = rows.groupby(key)
    number, index = groups.ngroup().to_numpy(dtype=np.intp), groups.size().index
    sums = {
        name: np.bincount(number, np.nan_to_num(rows[name].to_numpy(float)), len(index)).astype(
            int if pd.api.types.is_integer_dtype(rows[name].dtype) else float
        )
        for name in names
    }
    return pd.DataFrame(sums, index=index)


def building_totals(
    buildings: gpd.GeoDataFrame, planes: gpd.GeoDataFrame, p90_factor: float, life_factor: float = 1.0
) -> gpd.GeoDataFrame:
    """Buildings with the totals of their planes; zero where a roof takes no module, null where no plane is known."""
    key = pd.MultiIndex.from_frame(buildings[KEY])
    out = buildings.drop(columns=[name for name in SUMS if name in buildings])
    totals = sum_up(planes, KEY).reindex(key)
    for name in totals:
        out[name] = totals[name].to_numpy()
    has_snow = SNOW in planes and planes[SNOW].notna().any()
    out[SNOW] = sums_by(planes, KEY, [SNOW]).reindex(key)[SNOW].to_numpy() if has_snow else np.nan
    out["n_modules"] = out["n_modules"].astype("Int64")  # whole numbers, also beside nulls
    weighted = planes.assign(
        poa=planes["poa_kwh_m2_a"] * planes["area_m2"], free=planes["_unshaded"] * planes["area_m2"]
    )
    sums = sums_by(weighted, KEY, ["poa", "free", "area_m2", "plan_area_m2"]).reindex(key)
    out["area_m2"] = sums["area_m2"].to_numpy()
    out["plan_area_m2"] = sums["plan_area_m2"].to_numpy()
    out["poa_kwh_m2_a"] = (sums["poa"] / sums["area_m2"]).to_numpy()
    out["shading_loss_pct"] = (100.0 * (1.0 - sums["poa"] / sums["free"])).to_numpy()
    if "height_agl_m" not in out:
        out["height_agl_m"] = np.nan
    highest = planes.groupby(KEY)["height_agl_m"].max().reindex(key).to_numpy(float)
    out["height_agl_m"] = out["height_agl_m"].astype(float).fillna(pd.Series(highest, index=out.index))
    loads = [name for name in LOADS if name in planes]
    greatest = planes.groupby(KEY)[loads].max().reindex(key)
    out[loads] = greatest.to_numpy(float)
    return with_ratios(out, p90_factor, life_factor)


def with_ratios(rows: gpd.GeoDataFrame, p90_factor: float, life_factor: float = 1.0) -> gpd.GeoDataFrame:
    """Adds specific yield, the energies exceeded in nine of ten years and of the mean year of the life, the snow loss.

    Snow loss and the energy after it are null where ``energy_snow_kwh_a`` is unknown.
    """
    power, energy = rows["power_kwp"].to_numpy(float), rows["energy_kwh_a"].to_numpy(float)
    if SNOW not in rows:
        rows[SNOW] = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        rows["specific_yield_kwh_kwp"] = np.where(power > 0, energy / power, np.nan)
        left = rows[SNOW].to_numpy(float) / energy
    rows["energy_p90_kwh_a"] = energy * p90_factor
    rows["energy_life_kwh_a"] = energy * life_factor
    rows["snow_loss_pct"] = np.where(energy > 0, 100.0 * (1.0 - left), np.nan)
    return rows


def grade(buildings: gpd.GeoDataFrame, planes: gpd.GeoDataFrame, why: pd.DataFrame, far_weather: bool) -> list[Quality]:
    """Quality of each building: one fault makes it usable, two or a grave one poor, no plane none.

    ``planes`` with ``_explained_m2``, the plan area whose heights they and their obstacles explain; ``why`` has a
    reason for each building without planes.
    """
    missing = why.set_index(KEY)["reason"].to_dict()
    by_building = planes.groupby(KEY)
    rmse, height = by_building["rmse_m"].max().to_dict(), by_building["height_agl_m"].max().to_dict()
    explained = sums_by(planes, KEY, ["_explained_m2"])["_explained_m2"].to_dict()
    found = []
    for row in buildings.itertuples():
        key = (row.building_id, row.part_id)
        if key in missing or key not in rmse:
            found.append(Quality("none", [missing.get(key, "no_plane")]))
            continue
        share = explained[key] / row.geometry.area
        grave = {"low": height[key] < LOW_M, "half_covered": share < HALF, "far_weather": far_weather}
        slight = {"part_covered": HALF <= share < COVERED, "rough": rmse[key] > ROUGH_M}
        reasons = [name for name, is_so in (grave | slight).items() if is_so]
        marks = ["installed"] if getattr(row, "pv_installed_kwp", 0.0) > 0 else []
        marks = ["existing"] if getattr(row, "existing_pv_m2", 0.0) > 0 else marks
        rank = 2 if any(grave.values()) else min(len(reasons), 2)
        found.append(Quality(RANK[rank], reasons + marks))
    return found


def with_quality(buildings: gpd.GeoDataFrame, found: list[Quality]) -> gpd.GeoDataFrame:
    """Adds the quality columns."""
    buildings["quality"] = [each.grade for each in found]
    for lang in ("cs", "en"):
        texts = ["; ".join(WHY[name].get(lang) for name in each.reasons) for each in found]
        buildings[f"quality_why_{lang}"] = [text or None for text in texts]
    return buildings
