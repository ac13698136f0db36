"""The report of the main job, put together from its result and the record of its run."""

from lk_spatial.core.text import Text
from lk_spatial.core.tool import TOOLS
from lk_spatial.io.codes import codes
from lk_spatial.report.pv import PvReport, render_pv_report
from lk_spatial.solar.pipeline import PvPotential, weather_facts
from lk_spatial.tools.pv_values import deciding_values
from lk_spatial.tools.write import run_facts

TITLE = Text("Rooftop PV potential", "Potenciál fotovoltaiky na střechách")


def pv_report(found: PvPotential, lang: str, out: str) -> str:
    """The HTML page of a PV potential."""
    facts = run_facts(TOOLS["pv_potential"], lang)
    power = found.buildings["power_kwp"].sum()
    given = {each["name"]: each["value"] for each in facts["parameters"]}
    rows, cols = found.dsm.values.shape
    corner = found.dsm.transform
    extent = (corner.c, corner.c + cols * corner.a, corner.f + rows * corner.e, corner.f)
    return render_pv_report(
        PvReport(
            title=TITLE,
            lang=lang,
            buildings=found.buildings,
            roof_planes=found.roof_planes,
            modules=found.modules,
            waterfall=[(text, value / power) for text, value in found.waterfall] if power > 0 else [],
            hillshade=(found.dsm.values, extent),
            convergence_deg=found.site.convergence,
            weather=weather_facts(found.site),
            values=deciding_values(given, lang, snow=found.buildings["snow_loss_pct"].notna().any())
            if "module" in given
            else (),
            record=None if "://" in out else f"{out.replace(chr(92), '/').rsplit('/', 1)[-1]}.run.json",
            use_names={each.code: each.title.get(lang) for each in codes("use")},
            **facts,
        )
    )
