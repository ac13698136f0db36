"""What QGIS shows of the tools: names, groups, parameters, outputs, both languages."""

import json

import pytest
from qgis.core import QgsProcessing, QgsProcessingContext, QgsProcessingParameterDefinition

from qgis_plugin.declaration import define
from qgis_plugin.places import TOOLS

DECLARED = json.loads(TOOLS.read_text("utf-8"))["tools"]


def test_every_declared_tool_is_an_algorithm(provider):
    assert {tool["id"] for tool in DECLARED} <= {algorithm.name() for algorithm in provider.algorithms()}


@pytest.mark.parametrize("declared", DECLARED, ids=lambda tool: tool["id"])
def test_parameters_are_the_declared_ones(provider, declared):
    algorithm = provider.algorithm(declared["id"])
    names = [definition.name() for definition in algorithm.parameterDefinitions()]
    assert sorted(names) == sorted(parameter["name"] for parameter in declared["parameters"])
    for parameter in declared["parameters"]:
        definition = algorithm.parameterDefinition(parameter["name"])
        folded = bool(definition.flags() & QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        assert folded == parameter["advanced"], parameter["name"]
        if not parameter["optional"]:
            assert not definition.flags() & QgsProcessingParameterDefinition.Flag.FlagOptional, parameter["name"]


@pytest.mark.parametrize("declared", DECLARED, ids=lambda tool: tool["id"])
def test_each_layer_is_an_output_of_its_own(provider, declared):
    outputs = {output.name(): output for output in provider.algorithm(declared["id"]).outputDefinitions()}
    for parameter in declared["parameters"]:
        for layer in parameter.get("layers", []) if parameter["role"] == "output" else []:
            output = outputs["out_" + layer["name"]]
            assert output.dataType() == QgsProcessing.SourceType.TypeVectorPolygon
    assert outputs


def test_main_job_has_the_contract_s_outputs(provider):
    names = {output.name() for output in provider.algorithm("pv_potential").outputDefinitions()}
    assert {"out", "out_buildings", "out_roof_planes", "out_modules", "report"} <= names


@pytest.mark.parametrize(
    ("tongue", "title", "unit"),
    [("cs", "Potenciál fotovoltaiky na střechách", "[m]"), ("en", "Rooftop PV potential", "[m]")],
)
def test_titles_in_both_languages(tool, english, tongue, title, unit):
    english(tongue)
    fresh = tool.create()
    assert fresh.displayName() == title
    assert fresh.parameterDefinition("setback_m").description().endswith(unit)
    assert fresh.shortHelpString()


def test_report_speaks_the_user_s_language(tool, english):
    english("en")
    assert tool.create().parameterDefinition("report_lang").defaultValue() == "en"
    english("cs")
    assert tool.create().parameterDefinition("report_lang").defaultValue() == "cs"


def test_models_stand_in_the_groups_of_the_tools(provider):
    model, job = provider.algorithm("pv_best_roofs"), provider.algorithm("pv_potential")
    assert model.group() == job.group() != "pv"


def test_choices_are_given_by_their_ids(tool):
    definition = tool.parameterDefinition("sky_model")
    assert definition.usesStaticStrings() and "perez" in definition.options()
    assert "perez = Perez" in definition.help()


TEXT = {"en": "Title", "cs": "Název"}
LAYER = {"name": "a", "geometry": "point", "title": TEXT}


@pytest.mark.parametrize(
    ("parameter", "kind"),
    [
        ({"role": "input", "type": "vector", "geometry": "line"}, "source"),
        ({"role": "input", "type": "vector", "geometry": "polygon", "multiple": True}, "multilayer"),
        ({"role": "input", "type": "table"}, "source"),
        ({"role": "input", "type": "raster"}, "raster"),
        ({"role": "input", "type": "raster", "multiple": True}, "multilayer"),
        ({"role": "input", "type": "file", "suffixes": ["json", ".epw"]}, "file"),
        ({"role": "input", "type": "file", "multiple": True}, "multilayer"),
        ({"role": "input", "type": "folder"}, "file"),
        ({"role": "option", "type": "number", "integer": True, "default": 3, "maximum": 9}, "number"),
        ({"role": "option", "type": "number", "optional": True}, "number"),
        ({"role": "option", "type": "boolean", "default": True}, "boolean"),
        ({"role": "option", "type": "boolean", "optional": True, "default": None}, "enum"),
        ({"role": "option", "type": "choice", "choices": [{"id": "a", **TEXT}], "multiple": True}, "enum"),
        ({"role": "option", "type": "text", "multiple": True, "default": []}, "string"),
        ({"role": "output", "type": "vector", "layers": [LAYER]}, "vectorDestination"),
        ({"role": "output", "type": "raster"}, "rasterDestination"),
        ({"role": "output", "type": "file", "suffixes": ["parquet", "csv"], "optional": True}, "fileDestination"),
    ],
    ids=lambda value: value if isinstance(value, str) else value["role"],
)
def test_every_kind_of_parameter_has_its_widget(provider, parameter, kind):
    definition = define({"name": "x", "title": TEXT, "help": {"en": "", "cs": ""}, **parameter})
    assert definition.type() == kind
    if "maximum" in parameter:
        assert definition.maximum() == 9 and definition.dataType() == definition.Integer
    if parameter.get("suffixes") == ["json", ".epw"]:
        assert definition.fileFilter() == "JSON, EPW (*.json *.epw)"


def test_a_surface_may_be_a_point_cloud_or_a_folder_but_no_other_file(provider, tmp_path):
    (tmp_path / "notes.txt").write_text("nothing")
    definition = provider.algorithm("roof_planes").parameterDefinition("dsm")
    context = QgsProcessingContext()
    assert definition.checkValueIsAcceptable("somewhere/roofs.laz", context)
    assert definition.checkValueIsAcceptable(str(tmp_path), context)  # a folder of tiles
    assert not definition.checkValueIsAcceptable(str(tmp_path / "none"), context)
    assert not definition.checkValueIsAcceptable(str(tmp_path / "notes.txt"), context)
    assert definition.clone().checkValueIsAcceptable("roofs.las", context)
