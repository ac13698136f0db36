"""The report of the survey plan, put together from its result and the record of its run."""

import numpy as np
import pandas as pd

from lk_spatial.core.text import Text
from lk_spatial.core.tool import TOOLS
from lk_spatial.io.codes import codes
from lk_spatial.report.survey import Learnt, Named, SurveyReport, SurveyRow, render_survey_report
from lk_spatial.statics.survey_pipeline import SurveyPlan
from lk_spatial.tools.write import record_name, run_facts

TITLE = Text("Survey plan", "Plán statických posudků")


def survey_report(found: SurveyPlan, lang: str, out: str) -> str:
    """The HTML page of a survey plan."""
    kinds = {each.code: each.title for each in codes("roof_structure")}
    options, evidence = found.options, found.evidence
    told = evidence.told
    return render_survey_report(
        SurveyReport(
            title=TITLE,
            lang=lang,
            rows=[_row(row) for row in found.layer.itertuples()],
            key=found.key,
            no_value=_listed(found.missing_costs),
            cost_czk=found.cost_czk,
            costs={name: getattr(options, name) for name in ("survey_czk", "false_go_czk", "benefit_czk")},
            statements=evidence.statements,
            unsafe=[f"{told['building_id'].iloc[i]}/{told['part_id'].iloc[i]}" for i in evidence.check.unsafe],
            confusion=_confusion(told),
            learnt=[
                Learnt(
                    kinds.get(each.roof_structure, Text(each.roof_structure, each.roof_structure)),
                    each.surveys,
                    each.prior.median,
                    each.prior.v,
                    each.after.median,
                    each.after.v,
                )
                for each in evidence.lessons
            ],
            proposed=found.proposed,
            left=[Named(each.why, each.keys) for each in found.left],
            first_data=[Named(each.datum, each.keys) for each in found.first_data],
            record=record_name(out),
            **run_facts(TOOLS["survey_plan"], lang),
        )
    )


def _row(row: object) -> SurveyRow:
    """A row of the plan's layer."""
    names = [name for name in SurveyRow._fields if name != "purpose"]
    return SurveyRow(**{name: getattr(row, name) for name in names}, purpose=row.survey_kind)  # type: ignore[attr-defined]


def _listed(texts: list[Text]) -> Text | None:
    return Text(*(", ".join(each.get(lang) for each in texts) for lang in ("en", "cs"))) if texts else None


def _confusion(told: pd.DataFrame) -> dict[str, tuple[int, int, int]]:
    """Finished surveys of each class: sufficient, insufficient, neither."""
    verdict = told["sufficient"].to_numpy(float)
    cases = (verdict == 1.0, verdict == 0.0, np.isnan(verdict))
    names = told["static_class"].to_numpy(object)
    return {
        str(name): (
            int(cases[0][names == name].sum()),
            int(cases[1][names == name].sum()),
            int(cases[2][names == name].sum()),
        )
        for name in dict.fromkeys(names)
    }
