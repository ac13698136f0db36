"""Make the Processing models shipped with the plugin: models/*.model3 (run by QGIS's Python, /usr/bin/python3)."""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_HASH_SEED"] = "0"  # else Qt writes maps in an order of chance

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), "/usr/share/qgis/python/plugins"]

from qgis.analysis import QgsNativeAlgorithms  # noqa: E402
from qgis.core import (  # noqa: E402
    QgsApplication,
    QgsProcessing,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
)
from qgis.PyQt.QtCore import QPointF  # noqa: E402

from qgis_plugin.provider import LkProvider  # noqa: E402

Source = QgsProcessingModelChildParameterSource
GIVEN = ("buildings", "dsm", "weather")  # what each model asks its user for
COSTS = {
    "survey_czk": "Cena posudku / Cost of a survey",
    "false_go_czk": "Škoda při chybném souhlasu / Cost of a wrong go-ahead",
    "benefit_czk": "Přínos FVE na střeše / Benefit of PV on a roof",
}


def pv_best_roofs():
    """PV potential of the buildings, then only those that carry at least so many kWp."""
    number = QgsProcessingParameterNumber.Type.Double
    least = QgsProcessingParameterNumber("least_kwp", "Nejmenší výkon / Least power [kWp]", number, 10.0)
    model = _model("pv_best_roofs", "pv", [*_roof_inputs(), least])
    model.addChildAlgorithm(_potential())
    model.addChildAlgorithm(_filter())
    return model


def pv_static_screening():
    """PV potential of the buildings, then which of their roofs can carry it; costs are the owner's."""
    number = QgsProcessingParameterNumber.Type.Double
    costs = [
        QgsProcessingParameterNumber(name, "{} [Kč]".format(title), number, optional=True)
        for name, title in COSTS.items()
    ]
    model = _model("pv_static_screening", "statics", [*_roof_inputs(), *costs])
    model.addChildAlgorithm(_potential())
    model.addChildAlgorithm(_screening())
    return model


def _roof_inputs():
    return [
        QgsProcessingParameterFeatureSource(
            "buildings", "Budovy / Buildings", [QgsProcessing.SourceType.TypeVectorPolygon]
        ),
        QgsProcessingParameterRasterLayer("dsm", "Digitální model povrchu / Surface model"),
        QgsProcessingParameterFile("weather", "Meteorologický rok / Weather year"),
    ]


def _model(name, group, inputs):
    model = QgsProcessingModelAlgorithm(name, group, group)
    for row, parameter in enumerate(inputs):
        place = QgsProcessingModelParameter(parameter.name())
        place.setPosition(QPointF(140, 80 + 90 * row))
        model.addModelParameter(parameter, place)
    model.setParameterOrder([parameter.name() for parameter in inputs])
    return model


def _potential():
    return _child("lk:pv_potential", "potential", "Potenciál / Potential", 420, {name: name for name in GIVEN})


def _screening():
    child = _child(
        "lk:static_screening",
        "screening",
        "Statické třídění / Static screening",
        700,
        {name: name for name in ("buildings", "dsm", *COSTS)},
    )
    child.addParameterSources("potential", [Source.fromChildOutput("potential", "out_buildings")])
    child.addParameterSources("roof_planes", [Source.fromChildOutput("potential", "out_roof_planes")])
    screened = QgsProcessingModelOutput("screening", "Statické třídění / Static screening")
    screened.setChildId("screening")
    screened.setChildOutputName("out")
    screened.setPosition(QPointF(920, 200))
    child.setModelOutputs({"Statické třídění": screened})
    return child


def _child(tool, name, title, x, given):
    """Return a step that takes the model's inputs, and the defaults of all else that is required."""
    child = QgsProcessingModelChildAlgorithm(tool)
    child.setChildId(name)
    child.setDescription(title)
    child.setPosition(QPointF(x, 140))
    for parameter, source in given.items():
        child.addParameterSources(parameter, [Source.fromModelParameter(source)])
    for definition in child.algorithm().parameterDefinitions():  # 3.22 wants a source for every one that is required
        optional = definition.flags() & QgsProcessingParameterDefinition.Flag.FlagOptional
        if definition.name() not in given and not optional and not definition.isDestination():
            child.addParameterSources(definition.name(), [Source.fromStaticValue(definition.defaultValue())])
    return child


def _filter():
    child = QgsProcessingModelChildAlgorithm("native:extractbyexpression")
    child.setChildId("best")
    child.setDescription("Vybrané budovy / Chosen buildings")
    child.setPosition(QPointF(700, 140))
    child.addParameterSources("INPUT", [Source.fromChildOutput("potential", "out_buildings")])
    child.addParameterSources("EXPRESSION", [Source.fromExpression("'\"power_kwp\" >= ' || @least_kwp")])
    chosen = QgsProcessingModelOutput("best", "Vybrané budovy / Chosen buildings")
    chosen.setChildId("best")
    chosen.setChildOutputName("OUTPUT")
    chosen.setPosition(QPointF(920, 200))
    child.setModelOutputs({"Vybrané budovy": chosen})
    return child


MODELS = (pv_best_roofs, pv_static_screening)


def main(folder=ROOT / "models"):
    folder.mkdir(parents=True, exist_ok=True)
    registry = QgsApplication.processingRegistry()
    registry.addProvider(QgsNativeAlgorithms(registry))
    registry.addProvider(LkProvider())
    for make in MODELS:
        model = make()
        fine, problems = model.validate()
        if not fine:
            raise SystemExit("{}: {}".format(make.__name__, problems))
        if not model.toFile(str(folder / (make.__name__ + ".model3"))):
            raise SystemExit("not written: " + make.__name__)


if __name__ == "__main__":
    app = QgsApplication([], False)
    app.initQgis()
    main(*(Path(folder) for folder in sys.argv[1:]))
    app.exitQgis()
