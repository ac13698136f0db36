"""The report of the main job, put together from its result and the record of its run."""

import geopandas as gpd
import pandas as pd

from lk_spatial.core.text import Text
from lk_spatial.core.tool import TOOLS
from lk_spatial.io.codes import codes
from lk_spatial.io.pieces import Pieces
from lk_spatial.report.maps import Hillshade
from lk_spatial.report.pv import PvReport, render_pv_report
from lk_spatial.roofs.inputs import Guard, read_picture
from lk_spatial.solar.pipeline import PvPotential
from lk_spatial.solar.site import weather_facts
from lk_spatial.tools.pv_values import deciding_values
from lk_spatial.tools.write import record_name, run_facts

LEAST_AROUND_M = 50.0
MOST_DRAWN = 50_000  # modules
TITLE = Text("Rooftop PV potential", "Potenciál fotovoltaiky na střechách")


def pv_report(found: PvPotential, dsm: str, guard: Guard, lang: str, out: str) -> str:
    """The HTML page of a PV potential."""
    facts = run_facts(TOOLS["pv_potential"], lang)
    power = found.buildings["power_kwp"].sum()
    given = {each["name"]: each["value"] for each in facts["parameters"]}
    return render_pv_report(
        PvReport(
            title=TITLE,
            lang=lang,
            buildings=found.buildings,
            roof_planes=_whole(found.roof_planes),
            modules=_drawn(found),
            waterfall=[(text, value / power) for text, value in found.waterfall] if power > 0 else [],
            hillshade=_hillshade(dsm, guard, found.buildings),
            convergence_deg=found.site.convergence,
            weather=weather_facts(found.site),
            values=deciding_values(given, lang, snow=found.buildings["snow_loss_pct"].notna().any())
            if "module" in given
            else (),
            record=record_name(out),
            use_names={each.code: each.title.get(lang) for each in codes("use")},
            **facts,
        )
    )


def _whole(layer: Pieces) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.concat(layer, ignore_index=True))


def _drawn(found: PvPotential) -> gpd.GeoDataFrame:
    """The modules, of a region only those of the first tile: there they are too small to be drawn."""
    few = found.buildings["n_modules"].sum() <= MOST_DRAWN
    return _whole(found.modules) if few else next(iter(found.modules))


def _hillshade(dsm: str, guard: Guard, buildings: gpd.GeoDataFrame) -> Hillshade | None:
    """The surface model around the buildings with its extent."""
    west, south, east, north = buildings.total_bounds
    around = LEAST_AROUND_M + 0.6 * max(east - west, north - south)  # a map is never narrow
    seen = read_picture(dsm, guard, (west - around, south - around, east + around, north + around))
    if seen is None:
        return None
    rows, cols = seen.values.shape
    corner = seen.transform
    return seen.values, (corner.c, corner.c + cols * corner.a, corner.f + rows * corner.e, corner.f)
