"""The words of the reports on statics in both languages: screening of roof parts, survey plan."""

from typing import NamedTuple

from lk_spatial.core.text import Text
from lk_spatial.report.text import CONFIDENCE


class ClassWords(NamedTuple):
    """A class as the owner meets it: its name and what to do next."""

    name: Text
    action: Text


CLASSES = {
    "A": ClassWords(
        Text("Paper check", "Posouzení z podkladů"),
        Text(
            "Documents are at hand and even the unfavourable end stays within 1.0: a structural engineer can decide "
            "on paper, by comparing loads.",
            "Podklady jsou k dispozici a ani nepříznivá mez nepřekračuje 1,0: statik může rozhodnout z podkladů, "
            "porovnáním zatížení.",
        ),
    ),
    "B": ClassWords(
        Text("Likely all right", "Pravděpodobně vyhoví"),
        Text(
            "A short statement by a structural engineer after a visit.",
            "Stačí krátké vyjádření statika po prohlídce.",
        ),
    ),
    "C": ClassWords(
        Text("Static survey", "Statický posudek"),
        Text(
            "Commission a static survey: its outcome is open.",
            "Zadat statický posudek: výsledek je otevřený.",
        ),
    ),
    "D": ClassWords(
        Text("Expect strengthening", "Počítat se zesílením"),
        Text(
            "Expect strengthening, a lighter system or another roof. Do not spend a survey unless the roof is being "
            "rebuilt.",
            "Počítat se zesílením, lehčím systémem nebo jinou střechou. Posudek zadat jen při přestavbě střechy.",
        ),
    ),
    "N": ClassWords(
        Text("Not assessable", "Nelze posoudit"),
        Text(
            "No number before the datum is known that is named first among the gaps: find it out.",
            "Bez údaje uvedeného mezi chybějícími na prvním místě nevzniká žádné číslo: údaj zjistit.",
        ),
    ),
    "S": ClassWords(
        Text("Stopped", "Vyloučeno"),
        Text(
            "A gate stops the roof before its strength is asked for: settle that first.",
            "Vylučující podmínka zastavuje střechu dřív, než se ptáme na únosnost: nejdřív ji vyřešit.",
        ),
    ),
}

CONFIDENCES = CONFIDENCE | {
    "measured": Text("measured", "změřeno"),
    "documented": Text("documented", "doloženo"),
    "inferred": Text("inferred", "odvozeno"),
    "assumed": Text("assumed", "předpokládáno"),
}
UNSURE = ("unverified", "assumption", "assumed", "")

GATE_STATES = {
    "stops": Text("stops", "vylučuje"),
    "clear": Text("clear", "nebrání"),
    "unknown": Text("not known", "není známo"),
}
VERDICTS = {
    "yes": Text("yes", "ano"),
    "candidate": Text("candidate", "kandidát"),
    "no": Text("no", "ne"),
    None: Text("not known", "není známo"),
}
PURPOSES = {
    "decide": Text("to decide", "k rozhodnutí"),
    "audit": Text("audit, drawn at random", "audit, vylosováno"),
}

WORDS = {
    "unknown": Text("not known", "není známo"),
    "to": Text("to", "až"),
    "eyebrow": Text("Statics of roofs for PV · screening", "Statika střech pro FVE · předběžné třídění"),
    "honest": Text(
        "An order of work, no static assessment. Computed from documents, maps and rules of their time; nobody has "
        "seen the structures for it.",
        "Pořadí práce, nikoli statický posudek. Spočteno z podkladů, map a dobových norem; konstrukce kvůli "
        "tomu nikdo "
        "neviděl.",
    ),
    "parts": Text("Roof parts", "Části střech"),
    "parts_of": Text("{n} of {b} buildings", "{n} na budovách v počtu {b}"),
    "nav_classes": Text("Classes", "Třídy"),
    "nav_safety": Text("Safety notices", "Bezpečnostní upozornění"),
    "nav_picture": Text("All intervals", "Všechny intervaly"),
    "nav_trust": Text("How far to trust it", "Nakolik tomu věřit"),
    "nav_table": Text("All roof parts", "Všechny části střech"),
    "nav_assumptions": Text("Assumptions", "Předpoklady"),
    "question": Text("Which roofs need what next?", "Která střecha potřebuje co dál?"),
    "question_text": Text(
        "Which roofs may go ahead on paper, which deserve a static survey, which will surely need strengthening or a "
        "lighter system? A class names the next step, not the safety of the roof.",
        "Které střechy lze rozhodnout z podkladů, které si zaslouží statický posudek a které si téměř jistě vyžádají "
        "zesílení nebo lehčí systém? Třída označuje další krok, nikoli bezpečnost střechy.",
    ),
    "class": Text("Class", "Třída"),
    "action": Text("What to do next", "Co dál"),
    "count": Text("Parts", "Počet"),
    "no_parts": Text("No roof part was given.", "Nebyla zadána žádná část střechy."),
    # safety
    "safety": Text("Safety notices, whatever becomes of PV", "Bezpečnostní upozornění nezávislá na FVE"),
    "safety_text": Text(
        "By today's code these roof parts fall short without PV already: even the favourable end of their utilisation "
        "lies above 1.0. That is a finding of its own; show it to a structural engineer. Parts: {n}.",
        "Podle dnešních norem tyto části střech nevyhovují už bez FVE: i příznivá mez jejich využití leží nad 1,0. "
        "Je to samostatné zjištění, předejte je statikovi. Částí: {n}.",
    ),
    "safety_none": Text(
        "On no roof part does even the favourable end of the utilisation without PV lie above 1.0. That proves the "
        "safety of none of them.",
        "U žádné části střechy neleží i příznivá mez využití bez FVE nad 1,0. Bezpečnost žádné z nich to nedokazuje.",
    ),
    "legacy": Text("Safety notice", "Bezpečnostní upozornění"),
    "legacy_text": Text(
        "by today's code this part falls short without PV already (utilisation without PV {u0}), independent of PV.",
        "podle dnešních norem tato část nevyhovuje už bez FVE (využití bez FVE {u0}), nezávisle na FVE.",
    ),
    # picture
    "picture": Text("All intervals", "Všechny intervaly"),
    "picture_caption": Text(
        "Each line is the interval of one roof part's utilisation with PV (U1), the dot its typical value; by class, "
        "then rising. Above the line at 1.0 the strength does not suffice by today's code. Drawn: {n} of "
        "{total} parts; "
        "the others have no interval.",
        "Každá čára je interval využití jedné části střechy s FVE (U1), tečka obvyklá hodnota; podle tříd, "
        "pak vzestupně. "
        "Nad čarou 1,0 únosnost podle dnešních norem nestačí. Zakresleno {n} z {total} částí; ostatní "
        "interval nemají.",
    ),
    "picture_none": Text("No roof part has an interval.", "Žádná část střechy nemá interval."),
    "picture_alt": Text(
        "Intervals of the utilisation with PV of {n} roof parts, sorted by class and typical value; wholly above 1.0: "
        "{above}, wholly below: {below}, on both sides: {both}.",
        "Intervaly využití s FVE u {n} částí střech, seřazené podle tříd a obvyklé hodnoty; celé nad 1,0: {above}, "
        "celé pod: {below}, na obou stranách: {both}.",
    ),
    "limit": Text("limit 1.0", "mez 1,0"),
    # trust
    "trust": Text("How far to trust it", "Nakolik tomu věřit"),
    "unsafe": Text(
        "The error that matters is the unsafe one: class A or B, though a survey would find the strength "
        "insufficient. "
        "How often it happens here is not known before surveys of A and B roofs drawn at random; ten such surveys "
        "without an error still leave room for 31 % (95 %, Clopper–Pearson).",
        "Rozhoduje nebezpečná chyba: třída A nebo B, ačkoli by posudek zněl nevyhovuje. Jak častá zde je, se "
        "bez posudků "
        "náhodně vylosovaných střech tříd A a B neví; i deset takových posudků bez chyby připouští až 31 % "
        "(95 %, Clopper–Pearson).",
    ),
    "missing_rule": Text(
        "What is not known widens an interval; it never betters a class. Only evidence does.",
        "Co není známo, rozšiřuje interval a nikdy nezlepšuje třídu. Tu zlepší jen doklad.",
    ),
    "ranks": Text(
        "Chances are relative ranks until surveys of this owner's roofs have calibrated them: compare roofs by them, "
        "do not read them as failure rates.",
        "Pravděpodobnosti jsou jen relativní pořadí, dokud je nezkalibrují posudky střech tohoto vlastníka: slouží "
        "k porovnání střech, nikoli jako četnost poruch.",
    ),
    "costs_given": Text(
        "Thresholds come from the owner's costs: survey {survey_czk}, going ahead wrongly {false_go_czk}, "
        "benefit of PV "
        "{benefit_czk}.",
        "Prahy plynou z nákladů vlastníka: posudek {survey_czk}, chybné povolení {false_go_czk}, přínos FVE "
        "{benefit_czk}.",
    ),
    "costs_none": Text(
        "The owner's costs (survey, going ahead wrongly, benefit) are not all given: classes come from the intervals "
        "alone, and class B is not given to any roof.",
        "Náklady vlastníka (posudek, chybné povolení, přínos) nejsou všechny zadány: třídy vycházejí jen z intervalů "
        "a třída B se neuděluje žádné střeše.",
    ),
    # table
    "table": Text("All roof parts", "Všechny části střech"),
    "table_text": Text(
        "Utilisation: above 1.0 the strength does not suffice by today's code; typical value, interval below it. "
        "q max: further load that the roof could bear, on plan.",
        "Využití: nad 1,0 únosnost podle dnešních norem nestačí; obvyklá hodnota, pod ní interval. "
        "q max: další zatížení, které by střecha unesla, na půdorys.",
    ),
    "col_number": Text("No.", "Č."),
    "col_part": Text("Roof part", "Část střechy"),
    "col_u0": Text("without PV", "bez FVE"),
    "col_u1": Text("with PV", "s FVE"),
    "col_system": Text("System", "Systém"),
    "col_reason": Text("First reason", "První důvod"),
    "system_none": Text("none", "žádný"),
    # a part's page
    "part_of": Text("Roof part {k} of {n}", "Část střechy {k} z {n}"),
    "back": Text("all roof parts", "všechny části střech"),
    "ask": Text(
        "May PV weighing {pv} kN/m² be placed on this roof, and what has to be done to find out?",
        "Lze na tuto střechu umístit FVE o tíze {pv} kN/m² a co je třeba udělat, aby se to zjistilo?",
    ),
    "ask_plain": Text(
        "May PV be placed on this roof, and what has to be done to find out?",
        "Lze na tuto střechu umístit FVE a co je třeba udělat, aby se to zjistilo?",
    ),
    "use_of_strength": Text("Utilisation of the structure", "Využití konstrukce"),
    "u0": Text("without PV (U0)", "bez FVE (U0)"),
    "u_legacy": Text("legacy deficit", "deficit bez FVE"),
    "u_pv": Text("PV adds", "FVE přidává"),
    "u1": Text("with PV (U1)", "s FVE (U1)"),
    "none_above": Text("none", "žádný"),
    "use_caption": Text(
        "Bar: interval, tick: typical value, line: 1.0, above it the strength does not suffice by today's code. The "
        "legacy deficit is what lies above 1.0 without PV.",
        "Pruh: interval, značka: obvyklá hodnota, čára: 1,0, nad ní únosnost podle dnešních norem nestačí. "
        "Deficit bez "
        "FVE je to, co leží nad 1,0 už bez FVE.",
    ),
    "chances": Text(
        "Chance of falling short: {p0} without PV, {p1} with PV (relative rank until calibrated).",
        "Pravděpodobnost nevyhovění: {p0} bez FVE, {p1} s FVE (do kalibrace relativní pořadí).",
    ),
    "thresholds": Text("A survey pays between {p_low} and {p_high}.", "Posudek se vyplatí mezi {p_low} a {p_high}."),
    "load": Text("Load the roof could bear", "Zatížení, které střecha unese"),
    "q_max": Text("permissible (q max)", "přípustné (q max)"),
    "planned": Text("PV as planned", "FVE podle záměru"),
    "load_caption": Text(
        "kN/m² on plan. Shaded: interval of q max, dashed: its typical value. A bar wholly left of the shade: yes; by "
        "typical values: candidate, for a survey to confirm.",
        "kN/m² půdorysu. Podbarveno: interval q max, čárkovaně: obvyklá hodnota. Pruh celý vlevo od podbarvení: ano; "
        "jen podle obvyklých hodnot: kandidát, potvrdí posudek.",
    ),
    "no_number": Text("No number: a critical datum is missing.", "Bez čísla: chybí rozhodující údaj."),
    "reasons": Text("Why this class", "Proč tato třída"),
    "reasons_order": Text("weightiest first", "nejzávažnější první"),
    "gaps": Text("Data gaps", "Chybějící údaje"),
    "gaps_order": Text("what narrows most first", "co zúží nejvíc, první"),
    "gaps_none": Text("No input is missing.", "Žádný údaj nechybí."),
    "gates": Text("Gates", "Vylučující podmínky"),
    "systems": Text("Mounting systems", "Nosné systémy"),
    "changes": Text("If one input were different", "Kdyby byl jeden údaj jiný"),
    "changes_caption": Text(
        "Class and utilisation with PV with all else unchanged; a different class is marked.",
        "Třída a využití s FVE, vše ostatní beze změny; jiná třída je vyznačena.",
    ),
    "other_class": Text("another class", "jiná třída"),
    "facts": Text("Numbers and where they come from", "Čísla a odkud jsou"),
    "facts_count": Text(
        "{n} of {total} unverified or assumed: marked.", "Neověřených nebo předpokládaných: {n} z {total}, vyznačeny."
    ),
    "facts_none": Text("No number was used.", "Žádné číslo nebylo použito."),
    "notes": Text("Notes", "Poznámky"),
    "not_checked": Text("Not checked", "Neposuzováno"),
    "not_checked_text": Text(
        "connections and anchorage; corrosion, rot, cracks and workmanship; bracing and stability of the whole; "
        "lateral torsion of beams; ponding of water; local loads of sheets and fasteners; crushing of "
        "insulation under "
        "feet; wind uplift of modules and ballast in detail; dynamic effects; deflection and damp; fire; walls and "
        "foundations below.",
        "spoje a kotvení; koroze, hniloba, trhliny a kvalita provedení; ztužení a celková stabilita; klopení nosníků; "
        "hromadění vody; místní zatížení plechů a kotevních prvků; zatlačení izolace pod patkami; sání větru "
        "na panely "
        "a přitížení v podrobnostech; dynamické účinky; průhyby a vlhkost; požár; stěny a základy pod střechou.",
    ),
    "disclaimer_head": Text("No static assessment.", "Není statickým posudkem."),
    "disclaimer": Text(
        "Indicative prioritisation by the owner; no documentation under the Building Act, no proof of mechanical "
        "resistance and stability. Decisions require a person authorised by ČKAIT (statics). Class A or B is no "
        "permission to install.",
        "Orientační určení priorit vlastníkem; není dokumentací podle stavebního zákona a neprokazuje mechanickou "
        "odolnost a stabilitu. Rozhodnutí přísluší osobě autorizované ČKAIT (statika). Třída A ani B není souhlasem "
        "s instalací.",
    ),
    # assumptions
    "assumptions": Text("Assumptions and their sources", "Předpoklady a jejich zdroje"),
    "what": Text("Quantity", "Veličina"),
    "reference": Text("Clause or table row", "Článek nebo řádek tabulky"),
    # survey plan
    "survey_eyebrow": Text("Statics of roofs for PV · survey plan", "Statika střech pro FVE · plán posudků"),
    "survey_honest": Text(
        "What to commission first, no static assessment. The order follows what a survey is expected to teach.",
        "Co zadat nejdřív, nikoli statický posudek. Pořadí se řídí tím, co od posudku čekáme.",
    ),
    "nav_proof": Text("What surveys prove", "Co posudky dokládají"),
    "nav_order": Text("Surveys in order", "Pořadí posudků"),
    "nav_audit": Text("Audit", "Audit"),
    "nav_learnt": Text("What was learnt", "Poznatky"),
    "proof": Text("What the finished surveys prove", "Co hotové posudky dokládají"),
    "proof_none": Text(
        "No finished survey was given: nothing is proven about these classes, and chances are relative ranks.",
        "Nebyl zadán žádný hotový posudek: o třídách není doloženo nic a pravděpodobnosti jsou jen relativní pořadí.",
    ),
    "unsafe_roofs": Text("Unsafe errors", "Nebezpečné chyby"),
    "unsafe_none": Text(
        "None of the given surveys found insufficient strength on a roof of class A or B.",
        "Žádný ze zadaných posudků nezněl nevyhovuje u střechy třídy A nebo B.",
    ),
    "confusion": Text("Classes against surveys", "Třídy a posudky"),
    "sufficient": Text("survey: sufficient", "posudek: vyhovuje"),
    "insufficient": Text("survey: insufficient", "posudek: nevyhovuje"),
    "neither": Text("survey: says neither", "posudek: bez závěru"),
    "unsafe_tag": Text("unsafe", "nebezpečné"),
    "order": Text("Surveys in the order to commission them", "Posudky v pořadí, v jakém je zadat"),
    "order_none": Text("No survey is planned.", "Žádný posudek není naplánován."),
    "order_text": Text(
        "By visits: roofs at one place go together. Planned: {n} surveys, {v} visits.",
        "Podle výjezdů: střechy na jednom místě se spojí. Naplánováno posudků: {n}, výjezdů: {v}.",
    ),
    "col_order": Text("Order", "Pořadí"),
    "visit": Text("Visit {v}", "Výjezd {v}"),
    "col_p_exceed": Text("Chance of falling short", "Pravděpodobnost nevyhovění"),
    "col_p_change": Text("Chance to change the decision", "Pravděpodobnost změny rozhodnutí"),
    "col_voi": Text("Value of the survey", "Hodnota posudku"),
    "col_purpose": Text("Purpose", "Účel"),
    "voi_known": Text(
        "Value of the survey: expected gain of its information less its cost, at the owner's costs (survey "
        "{survey_czk}, "
        "going ahead wrongly {false_go_czk}, benefit of PV {benefit_czk}).",
        "Hodnota posudku: očekávaný přínos informace po odečtení ceny, při nákladech vlastníka (posudek {survey_czk}, "
        "chybné povolení {false_go_czk}, přínos FVE {benefit_czk}).",
    ),
    "voi_none": Text("The value of a survey is not known.", "Hodnota posudku není známa."),
    "voi_own": Text(
        "Value of the survey: expected gain of its information less its cost, at the costs and benefits given for "
        "each roof.",
        "Hodnota posudku: očekávaný přínos informace po odečtení ceny, při nákladech a přínosech zadaných pro "
        "jednotlivé střechy.",
    ),
    "order_key": Text("Ordered by:", "Řazeno podle:"),
    "order_cost": Text("Surveys and visits cost {cost} together.", "Posudky a výjezdy stojí dohromady {cost}."),
    "left": Text("Not planned, and why", "Co v plánu není a proč"),
    "first_data": Text("Find this out first", "Nejdřív zjistit"),
    "col_why": Text("Reason", "Důvod"),
    "col_datum": Text("Datum", "Údaj"),
    "col_parts": Text("Roof parts", "Části střech"),
    "audit_proposed": Text("Proposed: {keys}.", "Návrh: {keys}."),
    "audit_none": Text(
        "No roof of class A or B is left to draw from.", "Není z čeho losovat: střechy tříd A a B nezbývají."
    ),
    "audit": Text("Audit of classes A and B", "Audit tříd A a B"),
    "audit_text": Text(
        "Roofs of class A and B drawn at random: only such surveys tell how often the screening errs unsafely. Drawn "
        "in this plan: {n}.",
        "Náhodně vylosované střechy tříd A a B: jen takové posudky řeknou, jak často se třídění mýlí "
        "nebezpečným směrem. "
        "V tomto plánu vylosováno: {n}.",
    ),
    "learnt": Text("What was learnt of like roofs", "Poznatky o podobných střechách"),
    "learnt_text": Text(
        "Resistance of like roofs over what the documents of their time give: before (assumed) and after the finished "
        "surveys. Scatter: coefficient of variation of the median.",
        "Únosnost podobných střech ku hodnotě podle podkladů své doby: před hotovými posudky (předpoklad) a po nich. "
        "Rozptyl: variační koeficient mediánu.",
    ),
    "learnt_none": Text(
        "No finished survey: the assumed resistance stays as it is.",
        "Bez hotových posudků zůstává předpokládaná únosnost beze změny.",
    ),
    "kind": Text("Kind of roof", "Druh střechy"),
    "surveys": Text("Surveys", "Posudky"),
    "prior": Text("before", "před"),
    "posterior": Text("after", "po"),
    "scatter": Text("scatter", "rozptyl"),
}


def statics_words(lang: str) -> dict[str, str]:
    """All words of the reports on statics in ``lang``."""
    return {key: text.get(lang) for key, text in WORDS.items()}
