"""Sun on every pixel of a surface model."""

from typing import Annotated

from lk_spatial.core.progress import Progress, silent
from lk_spatial.core.text import Text
from lk_spatial.core.tool import File, Help, Switch
from lk_spatial.tools.declare import PV, Anywhere, AssumeCrs, Fields, Fresh, Scheduler, Workers, tool
from lk_spatial.tools.pv import Albedo, SkyModel, Terrain, Weather
from lk_spatial.tools.roof_inputs import Dsm, DsmCell


@tool(PV, Text("Solar map", "Solární mapa"))
def solar_map(
    dsm: Dsm,
    weather: Weather,
    out: Annotated[
        str,
        File("raster", "out", suffixes=("tif", "tiff")),
        Text("Solar map", "Solární mapa"),
        Help(
            "Cloud Optimized GeoTIFF; band 1 is the year, bands 2–13 the months.",
            "Cloud Optimized GeoTIFF; kanál 1 je rok, kanály 2–13 měsíce.",
        ),
    ],
    buildings: Annotated[
        str | None,
        File("vector", "in", "polygon"),
        Text("Buildings", "Budovy"),
        Help(
            "Footprints, from any vector file, PostGIS or RÚIAN VFR: the map then reaches as far as they do.",
            "Půdorysy z libovolného vektorového souboru, PostGIS nebo RÚIAN VFR: mapa pak sahá jen tam, kam ony.",
        ),
    ] = None,
    terrain: Terrain = None,
    monthly: Annotated[
        bool,
        Switch(),
        Text("Months too", "Také po měsících"),
        Help("Twelve more bands, January to December.", "Dvanáct dalších kanálů, leden až prosinec."),
    ] = False,
    roofs_only: Annotated[
        bool | None,
        Switch(),
        Text("Only roofs", "Jen střechy"),
        Help(
            "Only pixels whose centre lies in a footprint; by default where buildings are given, and only then.",
            "Jen pixely, jejichž střed leží v půdorysu; výchozí tehdy a jen tehdy, jsou-li zadány budovy.",
        ),
    ] = None,
    albedo: Albedo = 0.2,
    sky_model: SkyModel = "perez",
    fields: Fields = (),
    assume_crs: AssumeCrs = (),
    anywhere: Anywhere = False,
    dsm_cell_m: DsmCell = 0.5,
    workers: Workers = 1,
    scheduler: Scheduler = None,
    fresh: Fresh = False,
    *,
    progress: Progress = silent,
) -> None:
    """Irradiation of each pixel of a surface model a year and by month, in kWh per m² of its own slope, shaded.

    cs: Roční a měsíční ozáření každého pixelu povrchového modelu, v kWh na m² jeho vlastního sklonu, se stíněním.
    """
    from lk_spatial.roofs.inputs import Guard
    from lk_spatial.solar.map import MapOptions
    from lk_spatial.solar.map import solar_map as irradiation

    irradiation(
        dsm,
        weather,
        out,
        MapOptions(monthly, roofs_only, albedo, sky_model),
        Guard(fields, assume_crs, anywhere, dsm_cell_m),
        buildings=buildings,
        terrain=terrain,
        workers=workers,
        scheduler=scheduler,
        fresh=fresh,
        progress=progress,
    )
