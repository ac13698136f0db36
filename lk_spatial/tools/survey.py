"""Static screening: which roofs to survey first."""

from typing import Annotated

from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.core.text import Text
from lk_spatial.core.tool import Advanced, File, Help, Layer, Number, Switch
from lk_spatial.tools.declare import STATICS, Anywhere, AssumeCrs, Report, ReportLang, Xlsx, tool
from lk_spatial.tools.statics import Benefit, FalseGoCost, Seed, SurveyCost

SURVEY_PLAN = Layer("survey_plan", "polygon", Text("Survey plan", "Plán posudků"))


@tool(STATICS, Text("Survey plan", "Plán statických posudků"))
def survey_plan(
    screening: Annotated[
        str,
        File("vector", "in", "polygon"),
        Text("Screening", "Třídění"),
        Help(
            "The layer screening of the static screening (file or PostGIS).",
            "Vrstva screening ze statického třídění (soubor nebo PostGIS).",
        ),
    ],
    out: Annotated[str, File("vector", "out", layers=(SURVEY_PLAN,)), Text("Result", "Výsledek")],
    benefits: Annotated[
        str | None,
        File("vector", "in"),
        Text("Benefits of PV", "Přínosy FVE"),
        Help(
            "Layer or table with building_id, perhaps part_id, and npv_czk (or benefit_czk) or energy_kwh_a: the result"
            " of the PV potential or portfolio, CSV or XLSX. One value for a building of several parts is shared by"
            " plan area.",
            "Vrstva nebo tabulka s building_id, případně part_id, a npv_czk (či benefit_czk) nebo energy_kwh_a:"
            " výsledek potenciálu nebo portfolia FVE, CSV nebo XLSX. Jedna hodnota za budovu s více částmi se rozdělí"
            " podle půdorysné plochy.",
        ),
    ] = None,
    reports: Annotated[
        str | None,
        File("file", "in", suffixes=("csv", "xlsx", "txt", "gpkg")),
        Text("Finished surveys", "Hotové posudky"),
        Help(
            "Table with building, part, verdict (sufficient, insufficient, conditional), reserve (kN/m²; kg/m² where"
            " the heading says so), year, perhaps the PV load considered and a status; Czech or English headings.",
            "Tabulka se sloupci budova, část, závěr (vyhovuje, nevyhovuje, podmíněně), rezerva (kN/m²; kg/m², je-li to"
            " v záhlaví), rok, případně uvažované zatížení FVE a stav; záhlaví česky nebo anglicky.",
        ),
    ] = None,
    number: Annotated[
        int | None,
        Number("", 0, 100_000),
        Text("Number of surveys", "Počet posudků"),
        Help("At most so many; or give a budget, or both.", "Nejvýše tolik; nebo zadejte rozpočet, případně obojí."),
    ] = None,
    budget_czk: Annotated[
        float | None,
        Number("Kč", 0),
        Text("Budget", "Rozpočet"),
        Help(
            "For surveys, audits and visits; needs survey_czk.", "Na posudky, kontroly i výjezdy; vyžaduje survey_czk."
        ),
    ] = None,
    survey_czk: SurveyCost = None,
    false_go_czk: FalseGoCost = None,
    benefit_czk: Benefit = None,
    visit_czk: Annotated[
        float | None,
        Number("Kč", 0),
        Text("Cost of a visit", "Cena výjezdu"),
        Help(
            "Of a place, once for all surveys there; without it visits cost nothing.",
            "Na jedno místo, jednou pro všechny tamní posudky; bez ní výjezdy nic nestojí.",
        ),
    ] = None,
    reach_m: Annotated[
        float,
        Number("m", 0, 20_000),
        Text("Reach of a place", "Dosah místa"),
        Help(
            "Roofs within this distance of each other, by steps, are one visit.",
            "Střechy v této vzdálenosti od sebe, postupně, tvoří jeden výjezd.",
        ),
        Advanced(),
    ] = 250.0,
    audits: Annotated[
        int,
        Number("", 0, 1000),
        Text("Random audit surveys", "Náhodné kontrolní posudky"),
        Help(
            "Drawn from classes A and B to find unsafe errors; they count in number and budget. 5 to 8 are advised; the"
            " report proposes some in any case.",
            "Vylosují se z tříd A a B, aby odhalily nebezpečné chyby; započítávají se do počtu i rozpočtu. Doporučeno"
            " 5 až 8; zpráva některé navrhne vždy.",
        ),
    ] = 0,
    include_d: Annotated[
        bool,
        Switch(),
        Text("Roofs of class D, too", "I střechy třídy D"),
        Help(
            "For roofs that are being rebuilt; else a survey of them is not worth it.",
            "Pro střechy, které se přestavují; jinak se jejich posudek nevyplatí.",
        ),
        Advanced(),
    ] = False,
    seed: Seed = 0,
    report: Report = None,
    xlsx: Xlsx = None,
    assume_crs: AssumeCrs = (),
    anywhere: Anywhere = False,
    report_lang: ReportLang = "cs",
    *,
    progress: Progress = silent,
) -> None:
    """Which roofs to survey first, by what a survey is worth; finished surveys teach what to expect of like roofs.

    cs: Které střechy nechat posoudit nejdřív podle toho, co posudek přinese; hotové posudky upřesní očekávání
    u podobných střech.
    """
    from lk_spatial.statics.survey_choice import SurveyOptions
    from lk_spatial.statics.survey_pipeline import SurveyFiles
    from lk_spatial.statics.survey_pipeline import survey_plan as plan
    from lk_spatial.tools.write import write_outputs

    options = SurveyOptions(
        number,
        budget_czk,
        survey_czk,
        false_go_czk,
        benefit_czk,
        visit_czk,
        reach_m,
        audits,
        include_d,
        seed,
    )
    files = SurveyFiles(screening, benefits, reports)
    found = plan(files, options, assume_crs=assume_crs, anywhere=anywhere, progress=part(progress, 0.0, 0.8))

    def render() -> str:
        from lk_spatial.tools.survey_report import survey_report  # what draws takes long to load

        return survey_report(found, report_lang, out)

    write_outputs(
        "survey_plan",
        out,
        {"survey_plan": found.layer},
        (SURVEY_PLAN,),
        report=report,
        render=render,
        xlsx=xlsx,
        lang=report_lang,
        progress=part(progress, 0.8, 1.0),
    )
