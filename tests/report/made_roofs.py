# ruff: noqa: E501 — tables of words read best one row a line
"""Made roof parts for the tests of the reports on statics: one of each class, with what each may say."""

import datetime
import math

import numpy as np

from lk_spatial.core.text import Text
from lk_spatial.report.statics import Changed, Fact, Gate, Range, RoofPage, StaticReport, System
from lk_spatial.report.survey import Learnt, Named, SurveyReport, SurveyRow

NAN = math.nan
UNKNOWN = Range(NAN, NAN, NAN)
NAMES = (
    "Základní škola, tělocvična",
    "Obecní úřad",
    "Hasičská zbrojnice",
    "Mateřská škola",
    "Dům s pečovatelskou službou",
)
REASONS = {
    "A": Text("Documents are at hand, and with PV the utilisation is at most 0.97: an engineer can decide on paper.",
              "Podklady jsou k dispozici a využití s FVE je nejvýše 0,97: statik může rozhodnout z podkladů."),
    "B": Text("The chance that the strength does not suffice with PV is 0.2 %, less than the 0.4 % from which a survey pays.",
              "Pravděpodobnost, že únosnost s FVE nestačí, je 0,2 %, méně než 0,4 %, od nichž se posudek vyplatí."),
    "C": Text("With PV the utilisation lies between 0.82 and 1.31: only a static survey can tell.",
              "Využití s FVE leží mezi 0,82 a 1,31: rozhodne až statický posudek."),
    "D": Text("With PV the utilisation lies between 1.20 and 1.71: expect strengthening, a lighter system, another roof.",
              "Využití s FVE leží mezi 1,20 a 1,71: počítejte se zesílením, lehčím systémem nebo jinou střechou."),
    "N": Text("Not assessable before this is known: characteristic snow on the ground.",
              "Nelze posoudit, dokud není znám údaj: charakteristické zatížení sněhem na zemi."),
    "S": Text("Stopped: the covering must be renewed first.", "Vyloučeno: nejdřív je třeba obnovit krytinu."),
}  # fmt: skip
MORE = (
    Text("Snow and permanent load by today's code are 1.17 times those it was designed for.",
         "Zatížení sněhem a stálé zatížení podle dnešních norem je 1,17násobkem návrhového zatížení z doby vzniku."),
    Text("It was probably used to 0.85 of its strength when designed.", "Při návrhu byla pravděpodobně využita na 0,85."),
    Text("Today's rules credit the material with 1.12 of its former design strength.",
         "Dnešní pravidla přiznávají materiálu 1,12násobek tehdejší návrhové pevnosti."),
    Text("PV multiplies the load by 1.07.", "Fotovoltaika násobí zatížení součinitelem 1,07."),
    Text("PV adds 7 % to permanent load and snow (foreign rules of thumb of 5 % and 15 % decide nothing here).",
         "FVE přidává 7 % ke stálému zatížení a sněhu (zahraniční pravidla 5 % a 15 % zde o ničem nerozhodují)."),
)  # fmt: skip
GAPS = (
    Text("permanent load of the roof", "stálé zatížení střechy"),
    Text("old snow zone", "stará sněhová oblast"),
    Text("condition of the structure", "stav konstrukce"),
)
GATES = (
    Gate(Text("a static survey has decided it", "rozhodl již statický posudek"), "clear"),
    Gate(Text("visible distress of the structure", "viditelné poruchy konstrukce"), "unknown"),
    Gate(Text("heritage protection allows no intervention without consent", "památková ochrana nepřipouští zásah bez souhlasu"), "clear"),
    Gate(Text("the covering contains asbestos or is suspected of it", "krytina obsahuje azbest nebo je z něj podezřelá"), "clear"),
    Gate(Text("the covering must be renewed first", "nejdřív je třeba obnovit krytinu"), "stops"),
    Gate(Text("the ownership stands in the way", "brání majetkoprávní vztahy"), "unknown"),
)  # fmt: skip
SYSTEMS = (
    ("Ballasted rows to the south", "Přitěžované řady k jihu", 0.15, 0.25, 0.34),
    ("Ballasted pairs to the east and west", "Přitěžované dvojice na východ a západ", 0.12, 0.16, 0.20),
    ("Flush on rails", "Rovnoběžně se střechou na lištách", 0.11, 0.13, 0.15),
    ("Glued light modules", "Lepené lehké panely", 0.03, 0.05, 0.08),
)
FACTS = (
    ("Year of design", "Rok návrhu", "1978", "1978", "RÚIAN, year of completion", "RÚIAN, rok dokončení", "inferred", "", ""),
    ("Code of its time", "Norma z doby vzniku", "ČSN 73 0035:1976", "ČSN 73 0035:1976", "by year of design", "podle roku návrhu", "unverified", "design_eras_2026, 1976", "design_eras_2026, 1976"),
    ("Snow on the ground today sk", "Sníh na zemi dnes sk", "1.50 kN/m² (1.28–1.73)", "1,50 kN/m² (1,28–1,73)", "zone III, ČSN EN 1991-1-3/Z1", "oblast III, ČSN EN 1991-1-3/Z1", "confirmed", "snow_zones_2006, III", "snow_zones_2006, III"),
    ("Old snow zone", "Stará sněhová oblast", "II–IV", "II–IV", "inferred from the new one", "odvozeno z nové", "inferred", "", ""),
    ("Snow when designed s0·µ·κ", "Sníh při návrhu s0·µ·κ", "1.00 kN/m² (0.70–1.50)", "1,00 kN/m² (0,70–1,50)", "zone III of ČSN 73 0035", "oblast III podle ČSN 73 0035", "confirmed", "snow_zones_1988, III", "snow_zones_1988, III"),
    ("Shape coefficient µ1", "Tvarový součinitel µ1", "0.80", "0,80", "pitch 2°", "sklon 2°", "measured", "ČSN EN 1991-1-3, 5.3.2", "ČSN EN 1991-1-3, 5.3.2"),
    ("Drift at the taller neighbour", "Návěj u vyšší stavby", "µ 2.1 on 6.0 m", "µ 2,1 na 6,0 m", "surface model, step 3.0 m", "model povrchu, výška 3,0 m", "measured", "ČSN EN 1991-1-3, 5.3.6", "ČSN EN 1991-1-3, 5.3.6"),
    ("Permanent load g", "Stálé zatížení g", "0.35 kN/m² (0.25–0.55)", "0,35 kN/m² (0,25–0,55)", "steel truss with trapezoidal sheet", "ocelový vazník s trapézovým plechem", "assumption", "roof_build_ups_2026, light_steel", "roof_build_ups_2026, light_steel"),
    ("Added since", "Přidáno později", "0.05 kN/m² (0.00–0.15)", "0,05 kN/m² (0,00–0,15)", "nothing recorded", "nic nezaznamenáno", "assumed", "screening_2026, g_added_unknown", "screening_2026, g_added_unknown"),
    ("Utilisation when designed u0", "Využití při návrhu u0", "0.85 (0.69–1.01)", "0,85 (0,69–1,01)", "engineering judgement", "inženýrský odhad", "assumption", "screening_2026, u0_design", "screening_2026, u0_design"),
    ("Material factor ρR", "Součinitel materiálu ρR", "1.12 (1.00–1.12)", "1,12 (1,00–1,12)", "210 MPa of ČSN 73 1401 against 235 MPa", "210 MPa podle ČSN 73 1401 proti 235 MPa", "unverified", "screening_2026, rho_r_steel_old", "screening_2026, rho_r_steel_old"),
    ("Condition", "Stav", "0.95 (0.75–1.00)", "0,95 (0,75–1,00)", "not known", "není znám", "assumption", "screening_2026, condition_unknown", "screening_2026, condition_unknown"),
    ("Consequence class KFI", "Třída následků KFI", "1.0–1.1", "1,0–1,1", "assembly use, class not known", "shromažďování osob, třída neznámá", "unverified", "consequence_classes_2026, CC2–CC3", "consequence_classes_2026, CC2–CC3"),
    ("Partial factors G, S", "Dílčí součinitele G, S", "1.35; 1.50; ξ 0.85", "1,35; 1,50; ξ 0,85", "EN 1990", "EN 1990", "unverified", "6.10a, 6.10b; combination_2026", "6.10a, 6.10b; combination_2026"),
    ("Load of PV", "Zatížení FVE", "0.13 kN/m² (0.11–0.15)", "0,13 kN/m² (0,11–0,15)", "flush on rails", "rovnoběžně na lištách", "assumption", "mounting_systems_2026, flush", "mounting_systems_2026, flush"),
    ("Peak velocity pressure qp", "Maximální dynamický tlak qp", "0.66 kN/m²", "0,66 kN/m²", "zone II, terrain III, 8 m", "oblast II, terén III, 8 m", "unverified", "ČSN EN 1991-1-4, 4.5; terrain_2026, III", "ČSN EN 1991-1-4, 4.5; terrain_2026, III"),
    ("Documents", "Podklady", "D1 drawings", "D1 výkresy", "archive of the owner, 2024", "archiv vlastníka, 2024", "documented", "", ""),
    ("Category H", "Kategorie H", "0.75 kN/m²", "0,75 kN/m²", "not with snow or wind", "ne se sněhem ani větrem", "unverified", "EN 1991-1-1, 6.3.4", "EN 1991-1-1, 6.3.4"),
)  # fmt: skip
NUMBERS = {  # class: U0 low, typical, high; PV adds; q_max low, typical, high; p0, p1
    "A": ((0.62, 0.74, 0.90), (0.03, 0.04, 0.05), (0.18, 0.62, 1.10), (0.001, 0.003)),
    "B": ((0.66, 0.79, 0.98), (0.04, 0.06, 0.08), (0.02, 0.45, 0.95), (0.0002, 0.002)),
    "C": ((0.76, 0.95, 1.21), (0.04, 0.07, 0.12), (-0.42, 0.11, 0.58), (0.34, 0.51)),
    "D": ((1.12, 1.28, 1.58), (0.05, 0.08, 0.13), (-1.10, -0.52, -0.21), (0.93, 0.985)),
}


def fact(row: tuple[str, ...]) -> Fact:
    """A fact from English and Czech columns."""
    label_en, label_cs, en, cs, source_en, source_cs, confidence, ref_en, ref_cs = row
    return Fact(Text(label_en, label_cs), Text(en, cs), Text(source_en, source_cs), confidence, Text(ref_en, ref_cs))


def ranges(letter: str, shift: float = 0.0) -> tuple[Range, Range, Range, Range, tuple[float, float]]:
    """U0, U1, what PV adds, q_max, chances of a class."""
    if letter not in NUMBERS:
        return UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, (NAN, NAN)
    u0, added, q_max, chances = NUMBERS[letter]
    u0 = [each + shift for each in u0]
    return Range(*u0), Range(*np.add(u0, added)), Range(*added), Range(*q_max), chances


def changed(letter: str, u1: Range) -> list[Changed]:
    """What three inputs would do; nothing for parts without a number."""
    if letter not in NUMBERS:
        return []
    told = []
    for en, cs, values in (
        ("Load of PV", "Zatížení FVE", [("5 kg/m²", "5 kg/m²", -0.05), ("15 kg/m²", "15 kg/m²", 0.02), ("30 kg/m²", "30 kg/m²", 0.1)]),
        ("Snow zone today", "Sněhová oblast dnes", [("II", "II", -0.25), ("III", "III", 0.0), ("IV", "IV", 0.27)]),
        ("Year of design", "Rok návrhu", [("1965", "1965", 0.08), ("1992", "1992", -0.14), ("2012", "2012", -0.28)]),
    ):  # fmt: skip
        for value_en, value_cs, shift in values:
            other = Range(*(each + shift for each in u1))
            name = "D" if other.low > 1.0 else "B" if other.high <= 1.0 else "C"
            told.append(Changed(Text(en, cs), Text(value_en, value_cs), name, other))
    return told


def verdict(q_max: Range, load: Range) -> str | None:
    """As the screening judges a system."""
    if math.isnan(q_max.mean):
        return None
    return "yes" if load.high <= q_max.low else "candidate" if load.mean <= q_max.mean else "no"


def roof(number: int, letter: str, shift: float = 0.0, **change: object) -> RoofPage:
    """A made roof part of class ``letter``; ``change`` replaces parts of it."""
    u0, u1, added, q_max, chances = ranges(letter, shift)
    stops = letter == "S"
    page = RoofPage(
        building_id=f"LK-{1000 + number}",
        part_id=str(1 + number % 2),
        name=NAMES[number % len(NAMES)] if number % 3 else None,
        use=Text("school", "škola"),
        static_class=letter,
        u0=u0, u1=u1, added=added, q_max=q_max, pv=Range(0.11, 0.13, 0.15),
        p0=chances[0], p1=chances[1], p_low=0.004, p_high=0.973, legacy=u0.low > 1.0,
        reasons=[REASONS[letter], *(MORE if letter in NUMBERS else ())],
        gaps=list(GAPS if letter != "N" else (Text("snow on the ground", "sníh na zemi"), *GAPS)),
        gates=[gate if stops or gate.state != "stops" else gate._replace(state="clear") for gate in GATES],
        systems=[System(Text(en, cs), verdict(q_max, Range(*load)), Range(*load)) for en, cs, *load in SYSTEMS],
        facts=[fact(row) for row in FACTS],
        changes=changed(letter, u1),
        notes=[Text("Drift: keep modules out of 6.0 m along the taller wall, or have it checked.",
                    "Návěj: panely mimo pruh 6,0 m podél vyšší stěny, nebo ji nechat posoudit.")],
    )  # fmt: skip
    return page._replace(**change)


def made_static_report(lang: str = "en", count: int = 12, **change: object) -> StaticReport:
    """A report of ``count`` made roof parts, every class among them; ``change`` replaces parts of it."""
    letters, random = "CACDBNCSCABC", np.random.default_rng(5)
    report = StaticReport(
        title=Text("Static screening of roofs for PV", "Statické třídění střech pro FVE"),
        lang=lang,
        pages=[roof(k, letters[k % len(letters)], float(random.normal(0.0, 0.04))) for k in range(count)],
        costs={"survey_czk": 40_000.0, "false_go_czk": 10_000_000.0, "benefit_czk": 1_500_000.0},
        assumptions=[fact(row) for row in FACTS[9:14]],
        record="screening.gpkg.run.json",
        notices=["Roof part LK-1005/2 has no snow value and no zone: class N."],
        tables=[
            {"id": "statics/snow_zones_2006", "card": {"title_en": "Snow zones", "title_cs": "Sněhové oblasti",
             "standard": "ČSN EN 1991-1-3/Z1", "source": "snihnastrese.cz", "confidence": "confirmed", "retrieved": "2026-11-20"}},
            {"id": "statics/combination_2026", "card": {"title_en": "Combinations", "title_cs": "Kombinace",
             "standard": "ČSN EN 1990", "confidence": "unverified"}},
        ],
        parameters=[{"name": "seed", "label": "Seed", "value": 1, "unit": "", "is_default": True}],
        inputs=[{"name": "buildings", "file": "/home/somebody/secret folder/roofs.gpkg", "sha256": "0123456789abcdef" * 4}],
        version="0.1.0",
        created=datetime.date(2026, 11, 24),
    )  # fmt: skip
    return report._replace(**change)


def made_survey_report(lang: str = "en", **change: object) -> SurveyReport:
    """A made plan of eight surveys at four places; ``change`` replaces parts of it."""
    rows = [
        SurveyRow(
            order=k + 1,
            visit=1 + k // 2,
            building_id=f"LK-{1000 + k}",
            part_id="1",
            name=NAMES[k % len(NAMES)] if k % 3 else None,
            static_class="B" if k == 7 else "C",
            p_exceed=0.5 - 0.05 * k,
            p_change=0.5 - 0.05 * k,
            voi_czk=700_000.0 - 90_000.0 * k,
            purpose="audit" if k == 7 else "decide",
        )
        for k in range(8)
    ]
    report = SurveyReport(
        title=Text("Survey plan", "Plán statických posudků"),
        lang=lang,
        rows=rows,
        key=Text("value of the survey for its cost", "hodnota posudku k jeho ceně"),
        no_value=None,
        cost_czk=320_000.0,
        costs={"survey_czk": 40_000.0, "false_go_czk": 10_000_000.0, "benefit_czk": 1_500_000.0},
        statements=[
            Text("Unsafe errors (class A or B, but the survey says insufficient): 1 of 3.",
                 "Nebezpečné chyby (třída A nebo B, ale posudek zní nevyhovuje): 1 z 3."),
            Text("7 of 8 surveys agree with the class.", "S třídou se shoduje 7 z 8 posudků."),
        ],
        unsafe=["LK-2004/1"],
        confusion={"A": (2, 0, 0), "B": (0, 1, 0), "C": (2, 3, 1), "D": (0, 3, 0)},
        learnt=[Learnt(Text("steel truss", "ocelový vazník"), 5, 1.0, 0.1, 1.08, 0.06)],
        proposed=["LK-1009/2", "LK-1010/1"],
        left=[Named(Text("class S: stopped by a gate", "třída S: vyloučeno podmínkou"), [f"LK-{k}/1" for k in range(15)])],
        first_data=[Named(Text("snow on the ground", "sníh na zemi"), ["LK-1005/2"])],
        record="plan.gpkg.run.json",
        notices=[],
        tables=[],
        parameters=[],
        inputs=[{"name": "screening", "file": "screening.gpkg", "sha256": "0123456789abcdef" * 4}],
        version="0.1.0",
        created=datetime.date(2026, 11, 24),
    )  # fmt: skip
    return report._replace(**change)
