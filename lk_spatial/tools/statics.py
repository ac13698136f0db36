"""Static screening: which roofs can go ahead on paper, which deserve a survey, which need something lighter."""

from typing import Annotated

from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.core.tables import row_titles
from lk_spatial.core.text import Text
from lk_spatial.core.tool import Advanced, Choice, File, Help, Layer, Number, Switch
from lk_spatial.tools.declare import (
    STATICS,
    Anywhere,
    AssumeCrs,
    Fields,
    Report,
    ReportLang,
    Scheduler,
    Workers,
    Xlsx,
    tool,
)
from lk_spatial.tools.roof_inputs import DsmCell, GluedMass, SystemFlat, SystemPitched

SCREENING = Layer("screening", "polygon", Text("Static screening", "Statické třídění"))

SurveyCost = Annotated[
    float | None,
    Number("Kč", 1, 1e8),
    Text("Cost of a static survey", "Cena statického posudku"),
    Help(
        "What the owner pays for one survey; without all three costs class B is not given.",
        "Kolik vlastník zaplatí za jeden posudek; bez všech tří nákladů se třída B neuděluje.",
    ),
]
FalseGoCost = Annotated[
    float | None,
    Number("Kč", 1, 1e12),
    Text("Cost of a wrong go-ahead", "Škoda při chybném souhlasu"),
    Help(
        "What it costs when PV is built on a roof that turns out too weak (removal, strengthening, damage).",
        "Kolik stojí, když se FVE postaví na střeše, která se ukáže jako slabá (demontáž, zesílení, škoda).",
    ),
]
Benefit = Annotated[
    float | None,
    Number("Kč", 1, 1e12),
    Text("Benefit of PV on a roof", "Přínos FVE na jedné střeše"),
    Help("Net present value of PV on a roof, as the owner reckons it.", "Čistá současná hodnota FVE podle vlastníka."),
]
Seed = Annotated[int, Number("", 0, 2**31 - 1), Text("Seed", "Semínko náhody"), Advanced()]


@tool(STATICS, Text("Static screening", "Statické třídění střech"))
def static_screening(
    buildings: Annotated[
        str,
        File("vector", "in", "polygon"),
        Text("Buildings", "Budovy"),
        Help(
            "Roof parts with their attributes (year, structure, covering, snow zone, documents …); what is not known"
            " stays empty.",
            "Části střech s atributy (rok, konstrukce, krytina, sněhová oblast, podklady …); co není známo, zůstane"
            " prázdné.",
        ),
    ],
    out: Annotated[str, File("vector", "out", layers=(SCREENING,)), Text("Result", "Výsledek")],
    roof_planes: Annotated[
        str | None,
        File("vector", "in", "polygon"),
        Text("Roof planes", "Střešní roviny"),
        Help(
            "Result of roof_planes or pv_potential: pitch and height of each roof.",
            "Výsledek nástroje roof_planes nebo pv_potential: sklon a výška každé střechy.",
        ),
    ] = None,
    potential: Annotated[
        str | None,
        File("vector", "in", "polygon"),
        Text("PV potential", "Potenciál FVE"),
        Help(
            "Result of pv_potential: the load of the array that was laid; without it that of the chosen system.",
            "Výsledek nástroje pv_potential: zatížení navržené elektrárny; bez něj zatížení zvoleného systému.",
        ),
    ] = None,
    dsm: Annotated[
        str | None,
        File("raster", "in", suffixes=("laz", "las")),
        Text("Surface model", "Digitální model povrchu"),
        Help(
            "Heights of roofs, neighbours and parapets for drifts of snow; without it they are unknown unless stated.",
            "Výšky střech, sousedních staveb a atik kvůli návějím; bez něj jsou neznámé, pokud je neudáte.",
        ),
    ] = None,
    report: Report = None,
    survey_czk: SurveyCost = None,
    false_go_czk: FalseGoCost = None,
    benefit_czk: Benefit = None,
    system_pitched: SystemPitched = "flush",
    system_flat: SystemFlat = "ballasted_south",
    glued_mass_kg_m2: GluedMass = None,
    foot: Annotated[
        str,
        Choice(row_titles("statics/ballast_friction_2026")),
        Text("Feet of ballasted systems", "Podložky přitěžovaných systémů"),
        Advanced(),
    ] = "rubber_bitumen",
    credit_steel: Annotated[
        bool,
        Switch(),
        Text("Credit the strength of old steel", "Započítat pevnost staré oceli"),
        Help(
            "Today's design strength of basic steel is about 1.12 times the former one (unverified).",
            "Dnešní návrhová pevnost běžné oceli je asi 1,12násobkem tehdejší (neověřeno).",
        ),
        Advanced(),
    ] = True,
    u0_limit: Annotated[
        float,
        Number("", 1, 3),
        Text("Utilisation that means strengthening", "Využití, které znamená zesílení"),
        Help(
            "Class D where the utilisation without PV surely exceeds this; an assumption.",
            "Třída D, pokud využití bez FVE jistě přesahuje tuto hodnotu; předpoklad.",
        ),
        Advanced(),
    ] = 1.15,
    roof_life_a: Annotated[
        float,
        Number("a", 0, 60),
        Text("Least remaining life of the covering", "Nejmenší zbývající životnost krytiny"),
        Help("Roofs with less are renewed first (unverified).", "Střechy s kratší se nejdřív obnoví (neověřeno)."),
        Advanced(),
    ] = 15.0,
    draws: Annotated[int, Number("", 100, 1_000_000), Text("Draws", "Počet tahů"), Advanced()] = 10_000,
    seed: Seed = 0,
    fields: Fields = (),
    assume_crs: AssumeCrs = (),
    anywhere: Anywhere = False,
    dsm_cell_m: DsmCell = 0.5,
    workers: Workers = 1,
    scheduler: Scheduler = None,
    xlsx: Xlsx = None,
    report_lang: ReportLang = "cs",
    *,
    progress: Progress = silent,
) -> None:
    """Which roofs can carry PV by what is known of them: loads of today against those of their time, as intervals.

    A class of action for every roof part, its reasons, and the datum that would tell most. No static assessment.

    cs: Které střechy unesou FVE podle toho, co se o nich ví: dnešní zatížení proti tehdejšímu, v intervalech. Každé
    části střechy dává třídu (co dál), důvody a údaj, který by řekl nejvíc. Nenahrazuje statický posudek.
    """
    from lk_spatial.roofs.inputs import Guard
    from lk_spatial.statics.layer import screening_layer
    from lk_spatial.statics.options import ScreeningOptions
    from lk_spatial.statics.pipeline import ScreeningFiles
    from lk_spatial.statics.pipeline import static_screening as screening
    from lk_spatial.tools.write import write_outputs

    options = ScreeningOptions(
        survey_czk,
        false_go_czk,
        benefit_czk,
        system_pitched,
        system_flat,
        glued_mass_kg_m2,
        foot,
        credit_steel,
        u0_limit,
        roof_life_a,
        draws,
        seed,
    )
    found = screening(
        ScreeningFiles(buildings, roof_planes, potential, dsm),
        options,
        Guard(fields, assume_crs, anywhere, dsm_cell_m),
        workers=workers,
        scheduler=scheduler,
        progress=part(progress, 0.0, 0.8),
    )

    def render() -> str:
        from lk_spatial.tools.static_report import static_report  # what draws takes long to load

        return static_report(found, report_lang, out)

    write_outputs(
        "static_screening",
        out,
        {"screening": screening_layer(found)},
        (SCREENING,),
        report=report,
        render=render,
        xlsx=xlsx,
        lang=report_lang,
        progress=part(progress, 0.9, 1.0),
    )
