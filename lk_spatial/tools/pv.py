"""Rooftop photovoltaics: roof planes and the main job, PV potential."""

from typing import Annotated

from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.core.tables import row_titles
from lk_spatial.core.text import Text
from lk_spatial.core.tool import Advanced, Choice, File, Help, Layer, Number
from lk_spatial.tools.declare import (
    PV,
    Anywhere,
    AssumeCrs,
    Fields,
    Fresh,
    Report,
    ReportLang,
    Scheduler,
    Workers,
    Xlsx,
    tool,
)
from lk_spatial.tools.roof_inputs import Buildings, Dsm, DsmCell, GluedMass, SystemFlat, SystemPitched

BUILDINGS = Layer("buildings", "polygon", Text("Buildings", "Budovy"))
ROOF_PLANES = Layer("roof_planes", "polygon", Text("Roof planes", "Střešní roviny"))
MODULES = Layer("modules", "polygon", Text("Modules", "Panely"))

Weather = Annotated[
    str,
    File("file", "in", suffixes=("json", "csv", "epw")),
    Text("Weather year", "Meteorologický rok"),
    Help("PVGIS TMY (JSON, CSV) or EPW.", "PVGIS TMY (JSON, CSV) nebo EPW."),
]
Albedo = Annotated[float, Number("", 0, 1), Text("Albedo of surroundings", "Albedo okolí"), Advanced()]
SkyModel = Annotated[
    str,
    Choice(
        {
            "perez": Text("Perez", "Perez"),
            "haydavies": Text("Hay-Davies", "Hay-Davies"),
            "isotropic": Text("isotropic", "izotropní"),
        }
    ),
    Text("Sky model", "Model oblohy"),
    Advanced(),
]
Terrain = Annotated[
    str | None,
    File("raster", "in"),
    Text("Terrain model", "Digitální model terénu"),
    Help(
        "Heights as far as 20 km around, for the mountains that take the sun; without it the surface model is looked at"
        " as far as it reaches.",
        "Výšky až do 20 km okolo, kvůli horám, které stíní; bez něj se bere povrchový model, kam až sahá.",
    ),
]
MinArea = Annotated[
    float,
    Number("m²", 1, 1000),
    Text("Smallest roof plane", "Nejmenší střešní rovina"),
    Help("Smaller planes are left out.", "Menší roviny se vynechají."),
    Advanced(),
]


@tool(PV, Text("Roof planes", "Střešní roviny"))
def roof_planes(
    buildings: Buildings,
    dsm: Dsm,
    out: Annotated[str, File("vector", "out", layers=(ROOF_PLANES,)), Text("Result", "Výsledek")],
    min_area_m2: MinArea = 5.0,
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
    """Flat and pitched planes of each roof with tilt, true azimuth and area, found in a surface model of 0.5–1 m.

    cs: Ploché a šikmé roviny každé střechy se sklonem, azimutem od zeměpisného severu a plochou, nalezené
    v povrchovém modelu s krokem 0,5–1 m.
    """
    from lk_spatial.roofs.inputs import Guard
    from lk_spatial.roofs.region import roof_planes_of_region
    from lk_spatial.tools.write import write_outputs

    with roof_planes_of_region(
        buildings,
        dsm,
        Guard(fields, assume_crs, anywhere, dsm_cell_m),
        out=out,
        min_area_m2=min_area_m2,
        workers=workers,
        scheduler=scheduler,
        fresh=fresh,
        progress=progress,
    ) as found:
        write_outputs("roof_planes", out, {"roof_planes": found}, (ROOF_PLANES,), progress=part(progress, 0.9, 1.0))


@tool(PV, Text("Rooftop PV potential", "Potenciál fotovoltaiky na střechách"))
def pv_potential(
    buildings: Buildings,
    dsm: Dsm,
    weather: Weather,
    out: Annotated[str, File("vector", "out", layers=(BUILDINGS, ROOF_PLANES, MODULES)), Text("Result", "Výsledek")],
    terrain: Terrain = None,
    existing_pv: Annotated[
        str | None,
        File("vector", "in", "polygon"),
        Text("Existing modules", "Stávající panely"),
        Help(
            "Areas that modules already take: no new ones are laid there. On these buildings pv_installed_kwp is not"
            " subtracted once more, so draw all their modules.",
            "Plochy, které již panely zabírají: nové se tam nekladou. U těchto budov se pv_installed_kwp znovu"
            " neodečítá, zakreslete proto všechny jejich panely.",
        ),
    ] = None,
    snow: Annotated[
        str | None,
        File("file", "in", suffixes=("csv", "txt")),
        Text("Monthly snowfall", "Měsíční úhrny sněhu"),
        Help(
            "Table (CSV): altitude_m, month, snowfall_cm (fresh snow), snow_events (days with over 2.5 cm), perhaps"
            " relative_humidity_pct. Without it the loss to snow stays unknown.",
            "Tabulka (CSV): altitude_m, month, snowfall_cm (nový sníh), snow_events (dny s více než 2,5 cm), případně"
            " relative_humidity_pct. Bez ní zůstane ztráta sněhem neznámá.",
        ),
    ] = None,
    report: Report = None,
    profiles: Annotated[
        str | None,
        File("file", "out", suffixes=("parquet",)),
        Text("Hourly profiles", "Hodinové profily"),
        Help(
            "Energy of every plane with modules in every hour of a year, kWh for each kWp (Parquet).",
            "Výroba každé roviny s panely v každé hodině roku, kWh na 1 kWp (Parquet).",
        ),
    ] = None,
    profile_year: Annotated[
        int,
        Number("", 1990, 2100),
        Text("Year of the profiles", "Rok profilů"),
        Help(
            "Calendar year on which the weather's year is laid, by month, day and hour in UTC; 29 February repeats"
            " 28 February.",
            "Kalendářní rok, na který se meteorologický rok položí podle měsíce, dne a hodiny v UTC; 29. únor opakuje"
            " 28. únor.",
        ),
        Advanced(),
    ] = 2025,
    module: Annotated[
        str,
        Choice(row_titles("pv/module_types_2026")),
        Text("Module", "Panel"),
    ] = "topcon_450",
    system_pitched: SystemPitched = "flush",
    system_flat: SystemFlat = "ballasted_south",
    glued_mass_kg_m2: GluedMass = None,
    setback_m: Annotated[
        float,
        Number("m", 0, 5),
        Text("Distance from the edges of a plane", "Odstup od okrajů střešní roviny"),
        Help(
            "Not the value of a standard: enter your own, with the strips that fire safety wants along the edges.",
            "Není to hodnota z normy: zadejte vlastní, včetně pruhů, které u okrajů požaduje požární bezpečnost.",
        ),
    ] = 0.5,
    gap_m: Annotated[float, Number("m", 0, 1), Text("Gap between modules", "Mezera mezi panely"), Advanced()] = 0.02,
    flat_tilt_deg: Annotated[
        float,
        Number("°", 0, 45),
        Text("Tilt of modules on flat roofs", "Sklon panelů na plochých střechách"),
        Help(
            "Of rows to the south and of pairs to the east and west; glued modules lie flat.",
            "Platí pro řady k jihu i pro dvojice na východ a západ; lepené panely leží na ploše.",
        ),
    ] = 10.0,
    shade_angle_deg: Annotated[
        float,
        Number("°", 5, 60),
        Text("Shade angle between rows", "Úhel stínění mezi řadami"),
        Help(
            "Height of the sun from which rows on flat roofs, seen square, do not shade each other.",
            "Výška slunce, od které se řady na plochých střechách při kolmém pohledu nestíní.",
        ),
        Advanced(),
    ] = 16.0,
    pair_aisle_m: Annotated[
        float,
        Number("m", 0, 5),
        Text("Aisle between pairs of modules", "Ulička mezi dvojicemi panelů"),
        Help(
            "Clear distance between pairs that face east and west.",
            "Volný odstup mezi dvojicemi panelů na východ a západ.",
        ),
        Advanced(),
    ] = 0.3,
    fire_strip_m: Annotated[
        float,
        Number("m", 0, 20),
        Text("Fire strips between fields of modules", "Požární pruhy mezi poli panelů"),
        Help(
            "Width of the free strips; needs the greatest side of a field too. The values of ČSN P 73 0847 must be"
            " entered by you, none is built in.",
            "Šířka volných pruhů; je třeba zadat i největší stranu pole. Hodnoty podle ČSN P 73 0847 musíte zadat sami,"
            " program žádné neobsahuje.",
        ),
        Advanced(),
    ] = 0.0,
    max_field_m: Annotated[
        float | None,
        Number("m", 1, 500),
        Text("Greatest side of a field of modules", "Největší strana pole panelů"),
        Help(
            "Larger fields are parted by fire strips; without it they are not parted. The values of ČSN P 73 0847 must"
            " be entered by you, none is built in.",
            "Větší pole se rozdělí požárními pruhy; bez ní se pole nedělí. Hodnoty podle ČSN P 73 0847 musíte zadat"
            " sami, program žádné neobsahuje.",
        ),
        Advanced(),
    ] = None,
    min_area_m2: MinArea = 5.0,
    min_poa_kwh_m2: Annotated[
        float,
        Number("kWh/m²·a", 0, 2000),
        Text("Least irradiation of a plane", "Nejmenší ozáření roviny"),
        Help(
            "Planes with less get no modules. 650: half of a good southern roof's; 800 leaves out the north.",
            "Na roviny s menším ozářením se panely nekladou. 650: polovina dobré jižní střechy; 800 vynechá severní.",
        ),
        Advanced(),
    ] = 650.0,
    albedo: Albedo = 0.2,
    sky_model: SkyModel = "perez",
    directions: Annotated[
        str,
        Choice({"32": Text("32", "32"), "64": Text("64: slower, finer", "64: pomalejší, jemnější")}),
        Text("Directions of the horizon", "Počet směrů obzoru"),
        Help("In how many directions each pixel looks.", "Do kolika směrů se z každého bodu střechy hledí."),
        Advanced(),
    ] = "32",
    degradation_first_pct: Annotated[
        float,
        Number("%", 0, 20),
        Text("Loss of power in the first year", "Pokles výkonu v prvním roce"),
        Help("For the mean energy over the life only.", "Jen pro průměrnou výrobu za dobu životnosti."),
        Advanced(),
    ] = 1.0,
    degradation_pct_a: Annotated[
        float,
        Number("%/a", 0, 10),
        Text("Loss of power in each further year", "Pokles výkonu v každém dalším roce"),
        Help("For the mean energy over the life only.", "Jen pro průměrnou výrobu za dobu životnosti."),
        Advanced(),
    ] = 0.5,
    life_a: Annotated[
        int,
        Number("a", 1, 60),
        Text("Life of the array", "Životnost elektrárny"),
        Help("For the mean energy over the life only.", "Jen pro průměrnou výrobu za dobu životnosti."),
        Advanced(),
    ] = 25,
    fields: Fields = (),
    assume_crs: AssumeCrs = (),
    anywhere: Anywhere = False,
    dsm_cell_m: DsmCell = 0.5,
    workers: Workers = 1,
    scheduler: Scheduler = None,
    fresh: Fresh = False,
    xlsx: Xlsx = None,
    report_lang: ReportLang = "cs",
    *,
    progress: Progress = silent,
) -> None:
    """Roof planes, modules and their energy a year from a surface model, footprints and a weather year.

    cs: Střešní roviny, panely a jejich roční výroba z povrchového modelu, půdorysů a meteorologického roku.
    """
    from lk_spatial.roofs.inputs import Guard
    from lk_spatial.solar.ageing import Ageing
    from lk_spatial.solar.options import PvOptions
    from lk_spatial.solar.pipeline import PvFiles
    from lk_spatial.solar.pipeline import pv_potential as potential
    from lk_spatial.tools.write import write_outputs

    options = PvOptions(
        module,
        setback_m,
        gap_m,
        flat_tilt_deg,
        shade_angle_deg,
        min_area_m2,
        min_poa_kwh_m2,
        albedo,
        sky_model,
        system_pitched,
        system_flat,
        glued_mass_kg_m2,
        pair_aisle_m,
        fire_strip_m,
        max_field_m,
        int(directions),
        Ageing(degradation_first_pct, degradation_pct_a, life_a),
        profile_year if profiles else None,
    )
    guard = Guard(fields, assume_crs, anywhere, dsm_cell_m)
    files = PvFiles(buildings, dsm, weather, terrain, existing_pv, snow)

    def render() -> str:
        from lk_spatial.tools.pv_report import pv_report  # what draws takes long to load

        return pv_report(found, dsm, guard, report_lang, out)

    with potential(
        files, options, guard, out=out, workers=workers, scheduler=scheduler, fresh=fresh, progress=progress
    ) as found:
        write_outputs(
            "pv_potential",
            out,
            {"buildings": found.buildings, "roof_planes": found.roof_planes, "modules": found.modules},
            (BUILDINGS, ROOF_PLANES, MODULES),
            report=report,
            render=render,
            xlsx=xlsx,
            others={profiles: found.write_profiles} if profiles else {},
            lang=report_lang,
            progress=part(progress, 0.9, 1.0),
        )
