"""One class for every tool: what it is stands in tools.json, what it does is done by the engine."""

import os

from qgis.core import QgsProcessingAlgorithm, QgsProcessingException
from qgis.PyQt.QtGui import QIcon

from .arguments import input_arguments, option_arguments
from .child import run
from .declaration import define, label, layer_outputs, tool_help, with_role
from .engine import command, engine_problem, engine_version, find_engine
from .language import pick, sentence
from .places import ICON
from .results import collect, destinations, is_layer

DONE, FINDINGS = 0, 4  # exit status 4: done, and the data has findings the user asked to be told of


class ToolAlgorithm(QgsProcessingAlgorithm):
    """A tool of the engine as a Processing algorithm."""

    def __init__(self, tool, version):
        super().__init__()
        self.tool = tool
        self.version = version

    def createInstance(self):
        return ToolAlgorithm(self.tool, self.version)

    def name(self):
        return self.tool["id"]

    def displayName(self):
        return pick(self.tool["title"])

    def group(self):
        return pick(self.tool["group"])

    def groupId(self):
        return self.tool["group"]["id"]

    def shortHelpString(self):
        return tool_help(self.tool)

    def shortDescription(self):
        return pick(self.tool.get("help")).split("\n")[0]

    def tags(self):
        return self.tool["id"].split("_") + [self.tool["title"][key] for key in ("en", "cs")]

    def icon(self):
        return QIcon(str(ICON))

    def svgIconPath(self):
        return str(ICON)

    def initAlgorithm(self, configuration=None):
        for parameter in self.tool["parameters"]:
            self.addParameter(define(parameter))
            if parameter["role"] == "output":
                for output in layer_outputs(parameter):
                    self.addOutput(output)

    def canExecute(self):
        problem = engine_problem()
        return not problem, problem

    def checkParameterValues(self, parameters, context):
        fine, why = super().checkParameterValues(parameters, context)
        if fine:
            why = self._output_problem(parameters, context)
        return not why, why

    def _output_problem(self, parameters, context):
        """Return why an output cannot be taken (no file of ours, a file being edited), or ""."""
        for parameter in with_role(self.tool, "output"):
            raw = parameters.get(parameter["name"])
            value = raw.sink.staticValue() if hasattr(raw, "sink") else raw
            if not isinstance(value, str) or not is_layer(parameter):
                continue
            fine, why = self.parameterDefinition(parameter["name"]).isSupportedOutputValue(raw, context)
            if value.lower().startswith("ogr:") or not fine:  # QGIS lets "ogr:dbname=…" pass
                return sentence("output_kind", title=label(parameter), value=value, why=why).strip()
            edited = _edited_layer(context.project(), value)
            if edited:
                return sentence("output_being_edited", title=label(parameter), path=value, layer=edited)
        return ""

    def prepareAlgorithm(self, parameters, context, feedback):
        self.python = find_engine()
        self.destinations = destinations(self, parameters, context)
        self.arguments = (
            input_arguments(self, parameters, context, feedback)
            + option_arguments(self, parameters, context)
            + ["--{}={}".format(name.replace("_", "-"), path) for name, (path, _) in self.destinations.items()]
        )
        return True

    def processAlgorithm(self, parameters, context, feedback):
        self._compare_versions(feedback)
        answer = run(command(self.python, self.tool["id"], self.arguments), feedback)
        if feedback.isCanceled():
            feedback.pushInfo(sentence("cancelled"))
            return {}
        _raise_failure(answer)
        reported = answer.result.get("outputs") or {}
        _check_written(reported)
        if answer.result.get("record"):
            feedback.pushInfo(sentence("run_record", path=answer.result["record"]))
        if answer.result.get("seconds") is not None:
            feedback.pushInfo(sentence("seconds", seconds=answer.result["seconds"]))
        return collect(self.tool, self.destinations, reported, context)

    def _compare_versions(self, feedback):
        version = engine_version(self.python)
        if version != self.version:
            feedback.pushWarning(sentence("engine_other_version", engine=version, plugin=self.version))


def _raise_failure(answer):
    if answer.errors:
        raise QgsProcessingException("\n".join(answer.errors))
    if answer.status not in (DONE, FINDINGS):
        raise QgsProcessingException(sentence("engine_failed", status=answer.status, line=answer.last_line or "–"))
    if answer.result is None:
        raise QgsProcessingException(sentence("engine_without_result"))


def _check_written(reported):
    for path in reported.values():
        if not os.path.exists(path):
            raise QgsProcessingException(sentence("result_missing", path=path))


def _edited_layer(project, path):
    """Return the name of a project layer from this file that is being edited, or None."""
    wanted = os.path.abspath(path)
    for layer in project.mapLayers().values() if project is not None else []:
        if os.path.abspath(layer.source().split("|")[0]) == wanted and layer.isEditable():
            return layer.name()
    return None
