"""The words of the reports in both languages."""

from lk_spatial.core.text import Text

MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "cs": ["led", "úno", "bře", "dub", "kvě", "čvn", "čvc", "srp", "zář", "říj", "lis", "pro"],
}

QUALITY = {
    "good": Text("good", "dobrá"),
    "usable": Text("usable", "použitelná"),
    "poor": Text("poor", "slabá"),
    "none": Text("none", "žádná"),
    "": Text("not stated", "neuvedena"),
}

CONFIDENCE = {
    "confirmed": Text("confirmed", "ověřeno"),
    "unverified": Text("unverified", "neověřeno"),
    "assumption": Text("assumption", "předpoklad"),
    "given": Text("given", "zadáno"),
    "": Text("confidence not stated", "spolehlivost neuvedena"),
}

TIME_LABELS = {
    "start": Text("start of the interval", "začátek intervalu"),
    "middle": Text("middle of the interval", "střed intervalu"),
    "end": Text("end of the interval", "konec intervalu"),
    "instantaneous": Text("instantaneous value", "okamžitá hodnota"),
}

WORDS = {
    # frame of every report
    "warnings": Text("Read this first", "Nejprve čtěte"),
    "made": Text("Computed", "Spočteno"),
    "program": Text("Program", "Program"),
    "record": Text("Record of the run", "Záznam běhu"),
    "rerun": Text("Repeat exactly this run with", "Přesně tento výpočet zopakuje"),
    "changed": Text("changed", "změněno"),
    "yes": Text("yes", "ano"),
    "no": Text("no", "ne"),
    "per_year": Text("a year", "za rok"),
    "unknown": Text("not known", "není známo"),
    "and_more": Text("and {n} more", "a dalších {n}"),
    # pv_potential: head
    "pv_eyebrow": Text("Rooftop photovoltaics · screening", "Fotovoltaika na střechách · předběžné posouzení"),
    "pv_honest": Text(
        "Potential on paper, no project. Computed from a surface model and building "
        "footprints; nobody has seen the roofs, "
        "checked their structure or asked for a grid connection.",
        "Potenciál na papíře, nikoli projekt. Spočteno z digitálního modelu povrchu a půdorysů budov; "
        "střechy nikdo neviděl, jejich únosnost neposoudil ani nepožádal o připojení k síti.",
    ),
    "pv_site": Text("Place", "Místo"),
    "pv_site_text": Text(
        "S-JTSK (EPSG:5514) around x {x}, y {y}; buildings within {w} × {h}",
        "S-JTSK (EPSG:5514) kolem x {x}, y {y}; budovy v rozsahu {w} × {h}",
    ),
    "nav_summary": Text("Summary", "Souhrn"),
    "nav_map": Text("Map", "Mapa"),
    "nav_buildings": Text("Buildings", "Budovy"),
    "nav_yield": Text("Yield", "Výroba"),
    "nav_quality": Text("Quality and gaps", "Kvalita a mezery"),
    "nav_not_covered": Text("Not covered", "Co nezahrnuje"),
    "nav_assumptions": Text("Assumptions", "Předpoklady"),
    "nav_inputs": Text("Inputs", "Vstupy"),
    # pv_potential: totals
    "summary": Text("Summary", "Souhrn"),
    "total_power": Text("can be added", "lze přidat"),
    "total_energy": Text("a year, first year", "za rok, první rok"),
    "total_yield": Text("specific yield", "měrný výnos"),
    "total_interval": Text("interval P90 – P50", "rozpětí P90 – P50"),
    "interval_why": Text(
        "P50 is the best estimate, without loss to snow. P90 is the energy exceeded in 9 of 10 years, from assumed "
        "uncertainties; the buildings' P90 are added up, as if all errors were common to all roofs (the careful side).",
        "P50 je nejlepší odhad bez ztráty sněhem. P90 je výroba překročená v 9 z 10 let podle předpokládaných "
        "nejistot; hodnoty P90 budov se sčítají, jako by chyby byly všem střechám společné (opatrnější postup).",
    ),
    "snow_apart": Text(
        "P50 is the best estimate, here without loss to snow; the energy with snow stands above. P90 is the energy "
        "exceeded in 9 of 10 years, from assumed uncertainties; the buildings' P90 are added up, as if all errors were "
        "common to all roofs (the careful side).",
        "P50 je nejlepší odhad, zde bez ztráty sněhem; výroba se sněhem je uvedena výše. P90 je výroba překročená "
        "v 9 z 10 let podle předpokládaných nejistot; hodnoty P90 budov se sčítají, jako by chyby byly všem střechám "
        "společné (opatrnější postup).",
    ),
    "dim_planes": Text(
        "Of this, {kwp} kWp would lie on planes that get less than {limit} kWh/m² a year, most of them facing north or "
        "in deep shade, and yield only {yield_} kWh/kWp. To leave them out, raise the least irradiation of a plane.",
        "Z toho {kwp} kWp připadá na roviny s ozářením pod {limit} kWh/m² za rok, většinou severní nebo silně "
        "zastíněné, s měrným výnosem jen {yield_} kWh/kWp. Vynechá je vyšší nejmenší ozáření roviny.",
    ),
    "n_buildings": Text("buildings screened", "posouzených budov"),
    "n_with_planes": Text("with roof planes found", "s nalezenými střešními rovinami"),
    "n_with_modules": Text("where modules fit", "kam se vejdou panely"),
    "n_modules": Text("modules", "panelů"),
    "installed": Text("kWp already installed, subtracted", "kWp již instalováno, odečteno"),
    "existing": Text(
        "m² of existing modules drawn: left out, their power not subtracted once more",
        "m² stávajících panelů zakresleno: vynechány, jejich výkon se znovu neodečítá",
    ),
    "installed_none": Text("no existing PV was given, none subtracted", "žádná stávající FVE nezadána, nic neodečteno"),
    "over_life": Text(
        "MWh a year on average over the life, with assumed ageing of the modules",
        "MWh za rok v průměru za dobu životnosti, s předpokládaným stárnutím panelů",
    ),
    "with_snow": Text("MWh a year with snow loss (rough)", "MWh za rok se ztrátou sněhem (hrubě)"),
    # pv_potential: map
    "map": Text("Map of the roofs", "Mapa střech"),
    "map_planes": Text(
        "Roof planes by yearly irradiation after shading.", "Střešní roviny podle ročního ozáření po zastínění."
    ),
    "map_caption": Text(
        "The arrow points to true north, {c} off the map's vertical. "
        "Numbers are the ranks of the table below, where there is room.",
        "Šipka míří k zeměpisnému severu, o {c} od svislice mapy. "
        "Čísla jsou pořadí z tabulky níže, kde je na ně místo.",
    ),
    "map_no_modules": Text(
        "At this scale single modules are not drawn.", "V tomto měřítku se jednotlivé panely nekreslí."
    ),
    "map_overview": Text(
        "The buildings lie too far apart to draw their roofs: a circle is a building, its "
        "area the energy a year, "
        "its colour the specific yield.",
        "Budovy leží příliš daleko od sebe, než aby šly kreslit střechy: kruh je budova, "
        "jeho plocha roční výroba, jeho barva "
        "měrný výnos.",
    ),
    "map_alt": Text(
        "Map of {n} buildings; roof planes coloured by yearly irradiation, {lo} to {hi} kWh/m².",
        "Mapa {n} budov; střešní roviny obarvené ročním ozářením {lo} až {hi} kWh/m².",
    ),
    "map_scale": Text("Irradiation in the plane [kWh/m² a year]", "Ozáření v rovině střechy [kWh/m² za rok]"),
    "map_scale_yield": Text("Specific yield [kWh/kWp a year]", "Měrný výnos [kWh/kWp za rok]"),
    "legend_module": Text("module", "panel"),
    "legend_building": Text("building outline", "obrys budovy"),
    "legend_no_value": Text("no value", "bez hodnoty"),
    "north": Text("N", "S"),
    # pv_potential: table
    "best": Text("Buildings with the most energy", "Budovy s největší výrobou"),
    "best_sort": Text(
        "{shown} of {total} buildings or parts of them with modules, sorted by energy a year. Energy says "
        "nothing of price, use on site or "
        "the strength of the roof.",
        "{shown} z {total} budov nebo jejich částí s panely, seřazeno podle roční výroby. Výroba neříká nic o "
        "ceně, vlastní spotřebě ani "
        "o únosnosti střechy.",
    ),
    "col_rank": Text("Rank", "Pořadí"),
    "col_building": Text("Building", "Budova"),
    "col_use": Text("Use", "Užití"),
    "col_shading": Text("Shading", "Zastínění"),
    "col_quality": Text("Quality", "Kvalita"),
    "no_modules": Text("No module fits on any of the buildings.", "Na žádnou z budov se nevejde ani jeden panel."),
    "ranked_alt": Text(
        "Cumulated energy of the ranked buildings. Buildings needed for half of it: {n}; for 80 %: {m}.",
        "Součtová výroba seřazených budov. Počet budov, které dají polovinu: {n}; 80 %: {m}.",
    ),
    "ranked_caption": Text(
        "Buildings needed for half of the energy: {n}; for 80 %: {m}.",
        "Počet budov, které dají polovinu výroby: {n}; 80 %: {m}.",
    ),
    "axis_rank": Text("buildings, from the largest", "budovy od největší"),
    "axis_share": Text("share of energy [%]", "podíl na výrobě [%]"),
    # pv_potential: yield
    "yield": Text("From sunshine to energy", "Od slunce k energii"),
    "waterfall": Text("Where the energy is lost", "Kde se energie ztrácí"),
    "waterfall_caption": Text(
        "Steps from top to bottom [{unit}]; percent of the first bar. Bars with a slash do not begin at zero.",
        "Kroky shora dolů [{unit}]; procenta z prvního pruhu. Přeškrtnuté pruhy nezačínají nulou.",
    ),
    "waterfall_alt": Text("Loss waterfall: {steps}.", "Rozpad ztrát: {steps}."),
    "waterfall_none": Text("The losses were not broken down.", "Rozpad ztrát není k dispozici."),
    "waterfall_open": Text(
        "The steps of the loss waterfall do not add up to its result (difference {d} %).",
        "Kroky rozpadu ztrát nedávají jeho výsledek (rozdíl {d} %).",
    ),
    "monthly": Text("Energy by month", "Výroba po měsících"),
    "monthly_caption": Text(
        "October to March give {winter} % of the year. Months in UTC.",
        "Říjen až březen dá {winter} % roku. Měsíce v UTC.",
    ),
    "monthly_alt": Text("Energy by month in MWh: {values}.", "Výroba po měsících v MWh: {values}."),
    "monthly_none": Text("No monthly energy is known.", "Měsíční výroba není známa."),
    "energy": Text("Energy", "Výroba"),
    # pv_potential: quality
    "quality": Text("How good the data are", "Jak dobrá jsou data"),
    "quality_text": Text(
        "As the program judged each building or part of one; the reasons stand also in its row of the output.",
        "Jak program posoudil každou budovu nebo její část; důvody jsou i v řádku výstupní vrstvy.",
    ),
    "reasons": Text("Reasons", "Důvody"),
    "reasons_more": Text("Further reasons, each rarer: {n}.", "Další, vzácnější důvody: {n}."),
    "gaps": Text("Buildings without a result", "Budovy bez výsledku"),
    "gaps_none": Text(
        "Every building has roof planes and at least one module.", "Každá budova má střešní roviny a aspoň jeden panel."
    ),
    "gap_planes": Text("No roof plane found", "Střešní rovina nenalezena"),
    "gap_modules": Text("Roof planes, but no module fits", "Střešní roviny jsou, panel se nevejde"),
    "gap_installed": Text("What is installed already fills the roof", "Stávající FVE již využívá střechu"),
    "gap_modules_why": Text(
        "planes too small, too little sun, or cut up by obstacles and edge distances (see the parameters)",
        "roviny jsou příliš malé, málo ozářené nebo rozdělené překážkami a odstupy (viz parametry)",
    ),
    "gap_installed_why": Text("existing PV subtracted", "stávající FVE odečtena"),
    "gap_kind": Text("Gap", "Mezera"),
    "gap_why": Text("Reason", "Důvod"),
    "gap_count": Text("Count", "Počet"),
    "gap_ids": Text("Buildings", "Budovy"),
    "gap_planes_why": Text("reason not recorded", "důvod není zaznamenán"),
    # pv_potential: limits
    "not_covered": Text("What is not covered", "Co výpočet nezahrnuje"),
    # pv_potential: assumptions
    "assumptions": Text("Assumptions and their sources", "Předpoklady a jejich zdroje"),
    "weather": Text("Weather", "Počasí"),
    "weather_source": Text("source", "zdroj"),
    "weather_place": Text("place", "místo"),
    "weather_ghi": Text("global horizontal irradiation", "globální ozáření vodorovné plochy"),
    "weather_distance": Text("distance from the site", "vzdálenost od místa"),
    "weather_label": Text("time label", "časová značka"),
    "weather_years": Text("years", "roky"),
    "weather_far": Text("not this site's climate", "jiné podnebí než zde"),
    "weather_synthetic": Text("invented, no measurement", "smyšlené, nikoli měření"),
    "table_title": Text("Table", "Tabulka"),
    "table_source": Text("Source", "Zdroj"),
    "table_retrieved": Text("Retrieved", "Převzato"),
    "table_confidence": Text("Confidence", "Spolehlivost"),
    "tables_none": Text("No table of assumptions was used.", "Žádná tabulka předpokladů nebyla použita."),
    "tables_count": Text(
        "{n} of {total} tables are confirmed; the others are marked. Check them before a decision leans on them.",
        "Ověřených tabulek: {n} z {total}; ostatní jsou označeny. Než o ně opřete rozhodnutí, ověřte je.",
    ),
    "page": Text("p.", "s."),
    "values": Text("Values that decide", "Rozhodující hodnoty"),
    "values_count": Text(
        "Of {total} values {n} are assumed or unverified; they are marked.",
        "Předpokládaných nebo neověřených hodnot: {n} z {total}; jsou označeny.",
    ),
    "value_loss": Text("Loss: {cause}", "Ztráta: {cause}"),
    "value_sd": Text("Standard deviation: {cause}", "Směrodatná odchylka: {cause}"),
    "value_given": Text("given by the user", "zadal uživatel"),
    # pv_potential: inputs
    "inputs": Text("Inputs and parameters", "Vstupy a parametry"),
    "input_name": Text("Input", "Vstup"),
    "input_file": Text("File", "Soubor"),
    "input_sha256": Text("SHA-256 (start)", "SHA-256 (začátek)"),
    "parameter": Text("Parameter", "Parametr"),
    "value": Text("Value", "Hodnota"),
    "parameters_changed": Text(
        "{n} of {total} parameters differ from their defaults and are marked.",
        "Parametry odlišné od výchozích hodnot (označeny): {n} z {total}.",
    ),
}

NOT_COVERED = (
    Text(
        "Strength of the roof: the weight of modules, ballast, snow and wind is not assessed "
        "here (see the tool "
        "static_screening); a structural engineer decides.",
        "Únosnost střechy: přitížení panely a zátěží ani zatížení sněhem a větrem se zde neposuzuje "
        "(viz nástroj static_screening); rozhoduje statik.",
    ),
    Text(
        "State of the roof: age and kind of covering, damp, lightning rods, aerials, vents "
        "and anything smaller than the "
        "cells of the surface model.",
        "Stav střechy: stáří a druh krytiny, zatékání, hromosvody, antény, odvětrání a vše "
        "menší než buňka modelu povrchu.",
    ),
    Text(
        "Heritage protection, permits and fire safety: only the edge distance given as parameter is kept free.",
        "Památková ochrana, povolení a požární bezpečnost: volný zůstává jen odstup od okrajů zadaný parametrem.",
    ),
    Text(
        "Grid connection: free capacity, limits of export and the distributor's conditions are not known.",
        "Připojení k síti: volná kapacita, omezení přetoků a podmínky distributora nejsou známy.",
    ),
    Text(
        "Economics: prices, subsidies, consumption on site and energy sharing (see pv_portfolio and energy_sharing).",
        "Ekonomika: ceny, dotace, vlastní spotřeba a sdílení elektřiny (viz pv_portfolio a energy_sharing).",
    ),
    Text(
        "Change: trees growing or felled, buildings raised or pulled down since the surface model was taken.",
        "Změny: růst a kácení stromů, stavby a demolice od pořízení modelu povrchu.",
    ),
    Text(
        "Electrical design: strings, inverters, cable routes, lightning protection.",
        "Elektrický návrh: stringy, střídače, kabelové trasy, ochrana před bleskem.",
    ),
    Text(
        "Shade on part of a string: energy falls with the light only; without optimisers a shaded string loses more.",
        "Zastínění části stringu: výroba klesá jen s ubývajícím světlem; bez optimizérů ztratí zastíněný string více.",
    ),
    Text(
        "Rows and pairs on flat roofs: they are kept apart, but what low sun and sky they take from each other is "
        "not counted (about 1 % at a tilt of 10–15°); nor is light on the rear of the modules.",
        "Řady a dvojice na plochých střechách: mají rozestupy, ale vzájemné stínění nízkého slunce a oblohy se "
        "nepočítá (při sklonu 10–15° asi 1 %); nepočítá se ani světlo dopadající na zadní stranu panelů.",
    ),
    Text(
        "Ageing: all energy but the mean over the life is of the first year; how fast modules age is an assumption.",
        "Stárnutí: kromě průměru za dobu životnosti je veškerá výroba za první rok; rychlost stárnutí je předpoklad.",
    ),
)

SNOW_NOT_COVERED = Text(
    "Snow lying on the modules: no snowfall was given, energy is without snow loss. Below the mountains it may take "
    "some 4–5 % of the year, high in them twice as much and more.",
    "Sníh ležící na panelech: úhrny sněhu nebyly zadány, výroba je bez ztráty sněhem. V podhůří může činit "
    "asi 4–5 % roční výroby, na horách dvojnásobek i více.",
)
SNOW_ROUGH = Text(
    "Snow sliding and melting on single roofs: the snow loss is a monthly model, rough and on the careful side.",
    "Sjíždění a tání sněhu na jednotlivých střechách: ztráta sněhem je měsíční model, hrubý a opatrný.",
)


def words(lang: str) -> dict[str, str]:
    """All words of the reports in ``lang``."""
    return {key: text.get(lang) for key, text in WORDS.items()}
