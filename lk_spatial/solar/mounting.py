"""What an array weighs on its roof, and the roof that existing modules already take."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from lk_spatial.solar.chain import Chain
from lk_spatial.solar.layout import unite
from lk_spatial.solar.summary import KEY, LOADS, PLANE_KEY

TOUCH_M2 = 1.0  # half a module; less of an existing array on a building is a slip of the drawing


def module_masses(planes: gpd.GeoDataFrame, chain: Chain) -> NDArray[np.float64]:
    """Typical mass of a module on each plane with its mounting system and ballast [kg]."""
    flat = (planes["kind"] == "flat").to_numpy()
    return np.where(flat, chain.flat.kg_m2[1], chain.pitched.kg_m2[1]) * chain.module_area_m2


def with_loads(planes: gpd.GeoDataFrame, chain: Chain) -> gpd.GeoDataFrame:
    """Adds the low, typical and high load of the array [kN/m2 of module area]; null on planes without modules."""
    flat = (planes["kind"] == "flat").to_numpy()
    bare = planes["n_modules"].to_numpy() == 0
    pairs = zip(LOADS, chain.flat.load_kn_m2, chain.pitched.load_kn_m2, strict=True)
    return planes.assign(**{name: np.where(bare, np.nan, np.where(flat, on, off)) for name, on, off in pairs})


def existing_area(buildings: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Plan area of existing modules on each building [m2]; slips below 1 m² count as none."""
    outlines, drawn = (np.asarray(each.geometry.array, object) for each in (buildings, areas))
    row, area = _meeting(outlines, drawn)
    found = shapely.area(shapely.intersection(outlines, unite(len(outlines), list(drawn[area]), list(row))))
    return np.where(found < TOUCH_M2, 0.0, found)


def existing_on_planes(planes: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, gap: float) -> gpd.GeoDataFrame:
    """Existing modules, widened by ``gap`` [m], as obstacles of the planes that they meet: PLANE_KEY, geometry.

    Those of one plane depend on no areas but the ones that meet it.
    """
    outlines = np.asarray(planes.geometry.array, object)
    taken = shapely.buffer(np.asarray(areas.geometry.array, object), gap, join_style="mitre")
    row, area = _meeting(outlines, taken)
    pieces = shapely.intersection(outlines[row], taken[area])
    met = shapely.area(pieces) > 0.0
    return gpd.GeoDataFrame(
        planes[PLANE_KEY].iloc[row[met]].reset_index(drop=True), geometry=pieces[met], crs=planes.crs
    )


def _meeting(outlines: NDArray[np.object_], areas: NDArray[np.object_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of an outline and an area that meet, in the order of both."""
    row, area = shapely.STRtree(areas).query(outlines, predicate="intersects")
    order = np.lexsort([area, row])
    return row[order], area[order]


def without_drawn(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keys and installed power [kWp] of the buildings, 0 where the modules were drawn: their place is cut out."""
    if not {"existing_pv_m2", "pv_installed_kwp"} <= set(buildings.columns):
        return buildings
    drawn = buildings["existing_pv_m2"].fillna(0.0) > 0.0
    return buildings[KEY].assign(pv_installed_kwp=buildings["pv_installed_kwp"].where(~drawn, 0.0))
