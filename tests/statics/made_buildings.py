"""Roof parts with attributes, as a buildings layer gives them, for the tests of the screening."""

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from lk_spatial.statics.options import ScreeningOptions
from lk_spatial.statics.screening import Screening, screen
from lk_spatial.statics.surroundings import surroundings

X, Y = -688_000.0, -974_000.0
GYM: dict[str, Any] = {  # a flat light roof of the eighties, all that its owner could know
    "name": "Gymnázium",
    "use": "secondary_school",
    "year_built": 1984,
    "roof_structure": "light_steel",
    "covering": "pvc_membrane",
    "covering_year": 2018,
    "condition": "good",
    "documents": "D1",
    "heritage": "none",
    "ownership": "clear",
    "roof_life_a": 25.0,
    "snow_zone": "IV",
    "snow_zone_old": "IV",
    "wind_zone": "II",
    "terrain": "III",
    "consequence_class": "CC2",
    "height_agl_m": 8.0,
    "parapet_m": 0.3,
    "pitch_deg": 0.0,
    "g_added_kn_m2": 0.0,
    "altitude_m": 350.0,
}
COSTS = ScreeningOptions(40e3, 10e6, 1.5e6, draws=4000)
NO_COSTS = ScreeningOptions(draws=4000)


def buildings(*changes: dict[str, Any]) -> gpd.GeoDataFrame:
    """A part 100 m from the other for each change of ``GYM``; None makes a value unknown."""
    rows = [GYM | change for change in (changes or ({},))]
    frame = pd.DataFrame(rows).assign(building_id=[f"B{i}" for i in range(len(rows))], part_id="1")
    boxes = [shapely.box(X + 100 * i, Y, X + 100 * i + 30, Y + 15) for i in range(len(rows))]
    return gpd.GeoDataFrame(frame, geometry=boxes, crs="EPSG:5514")


def screened(*changes: dict[str, Any], options: ScreeningOptions = COSTS) -> Screening:
    """The screening of ``buildings(*changes)``."""
    parts = buildings(*changes)
    return screen(parts, surroundings(parts), options)
