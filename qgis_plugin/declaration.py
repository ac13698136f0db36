"""tools.json → parameters and outputs of a Processing algorithm.  No tool is known here by name."""

import html
import json
import os

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputVectorLayer,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)

from .language import language, pick, sentence

_KINDS = QgsProcessing.SourceType
GEOMETRY = {
    "point": _KINDS.TypeVectorPoint,
    "line": _KINDS.TypeVectorLine,
    "polygon": _KINDS.TypeVectorPolygon,
    "any": _KINDS.TypeVectorAnyGeometry,
    "none": _KINDS.TypeVector,
}


YES_NO = ("yes", "no")


def load_tools(path):
    """Return (version of the engine they were written for, list of tools) from tools.json."""
    declared = json.loads(path.read_text(encoding="utf-8"))
    return declared["version"], declared["tools"]


def with_role(tool, role):
    """Return the tool's parameters of one role: "input", "option" or "output"."""
    return [p for p in tool["parameters"] if p["role"] == role]


def layer_output(parameter, layer):
    """Return the name of the output that stands for one layer of a result: `out_<layer>`."""
    return "{}_{}".format(parameter["name"], layer["name"])


def define(parameter):
    """Return the Processing parameter for one entry of tools.json."""
    definition = _BUILDERS[parameter["role"]](parameter)
    if parameter.get("advanced"):
        definition.setFlags(definition.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
    definition.setHelp(parameter_help(parameter))
    return definition


def layer_outputs(parameter):
    """Return one vector output per named layer of an output parameter, for models to chain."""
    return [
        QgsProcessingOutputVectorLayer(
            layer_output(parameter, layer), pick(layer["title"]), GEOMETRY[layer.get("geometry") or "none"]
        )
        for layer in parameter.get("layers") or []
    ]


def label(parameter):
    """Return the title with its unit: "Setback [m]"."""
    unit = parameter.get("unit")
    title = pick(parameter["title"])
    return "{} [{}]".format(title, unit) if unit and unit != "1" else title


def parameter_help(parameter):
    """Return the help of one parameter, with an example of free text and the meaning of a choice's values."""
    lines = [pick(parameter.get("help")), parameter.get("example", "")]
    if _has_three_answers(parameter):
        lines.append(sentence("yes_no"))
    for choice in parameter.get("choices") or []:
        lines.append("{} = {}".format(choice["id"], pick(choice)))
    return "\n".join(line for line in lines if line)


def tool_help(tool):
    """Return the tool's help as HTML: what it does, then each parameter that has something to say."""
    parts = ["<p>{}</p>".format(html.escape(pick(tool.get("help"))).replace("\n", "<br>"))]
    for parameter in tool["parameters"]:
        text = parameter_help(parameter)
        if text:
            text = html.escape(text).replace("\n", "<br>")
            parts.append("<p><b>{}</b><br>{}</p>".format(html.escape(label(parameter)), text))
    return "".join(parts)


def is_file_of(value, suffixes):
    """Say whether a parameter's value is a path but no layer: a file with one of the suffixes, or a folder."""
    if not isinstance(value, str) or not suffixes:
        return False
    return value.lower().endswith(tuple("." + each for each in suffixes)) or os.path.isdir(value)


class RasterOrFile(QgsProcessingParameterRasterLayer):
    """A raster layer, or what the engine reads and QGIS need not: a point cloud, a folder of tiles."""

    def __init__(self, name, title, optional, suffixes):
        super().__init__(name, title, None, optional)
        self.suffixes = tuple(suffixes)

    def clone(self):
        return RasterOrFile(self.name(), self.description(), bool(self.flags() & self.FlagOptional), self.suffixes)

    def checkValueIsAcceptable(self, value, context=None):
        return is_file_of(value, self.suffixes) or super().checkValueIsAcceptable(value, context)


def _several(parameter, kind):
    return QgsProcessingParameterMultipleLayers(
        parameter["name"], label(parameter), kind, None, parameter.get("optional", False)
    )


def _input(parameter):
    name, title, optional = parameter["name"], label(parameter), parameter.get("optional", False)
    kind, several = parameter["type"], parameter.get("multiple", False)
    if kind == "raster":
        if several:
            return _several(parameter, _KINDS.TypeRaster)
        return RasterOrFile(name, title, optional, parameter.get("suffixes") or ())
    if kind in ("vector", "table"):
        geometry = GEOMETRY[parameter.get("geometry") or ("none" if kind == "table" else "any")]
        if several:
            return _several(parameter, geometry)
        # Only this kind offers "selected features only".
        return QgsProcessingParameterFeatureSource(name, title, [geometry], None, optional)
    if several:
        return _several(parameter, _KINDS.TypeFile)
    if kind == "folder":
        return QgsProcessingParameterFile(name, title, QgsProcessingParameterFile.Behavior.Folder, "", None, optional)
    return QgsProcessingParameterFile(
        name, title, QgsProcessingParameterFile.Behavior.File, "", None, optional, _filter(parameter)
    )


def _option(parameter):
    name, title, default = parameter["name"], label(parameter), parameter.get("default")
    kind, optional = parameter["type"], parameter.get("optional", False)
    if kind == "number":
        return _number(parameter)
    if _has_three_answers(parameter):  # which a check box cannot give
        return QgsProcessingParameterEnum(name, title, list(YES_NO), False, None, True, True)
    if kind == "boolean":
        return QgsProcessingParameterBoolean(name, title, bool(default))
    if kind == "choice":
        return _choice(parameter)
    if isinstance(default, list):
        default = ", ".join(str(item) for item in default) or None
    return QgsProcessingParameterString(name, title, default, False, optional)


def _has_three_answers(parameter):
    """Say whether a switch may be left to the engine: one without a default."""
    return parameter["type"] == "boolean" and parameter.get("default") is None and parameter.get("optional", False)


def _choice(parameter):
    ids = [choice["id"] for choice in parameter["choices"]]
    default, several = parameter.get("default"), parameter.get("multiple", False)
    if set(ids) == {"cs", "en"}:  # a language: the one the user sees
        default = language()
    # A required choice with a default makes a model invalid; ids instead of numbers keep scripts readable.
    optional = parameter.get("optional", False) or default is not None
    return QgsProcessingParameterEnum(
        parameter["name"], label(parameter), ids, several, default or None, optional, True
    )


def _number(parameter):
    kinds = QgsProcessingParameterNumber.Type
    default = parameter.get("default")
    definition = QgsProcessingParameterNumber(
        parameter["name"],
        label(parameter),
        kinds.Integer if parameter.get("integer") else kinds.Double,
        default,
        default is None and parameter.get("optional", False),
    )
    definition.setMetadata({"widget_wrapper": {"decimals": 3}})
    if parameter.get("minimum") is not None:
        definition.setMinimum(parameter["minimum"])
    if parameter.get("maximum") is not None:
        definition.setMaximum(parameter["maximum"])
    return definition


def _output(parameter):
    name, title, optional = parameter["name"], label(parameter), parameter.get("optional", False)
    if parameter["type"] == "vector" or parameter.get("layers"):
        geometries = {layer.get("geometry") or "none" for layer in parameter.get("layers") or []}
        kind = GEOMETRY[geometries.pop()] if len(geometries) == 1 else _KINDS.TypeVector
        return QgsProcessingParameterVectorDestination(name, title, kind, None, optional, not optional)
    if parameter["type"] == "raster":
        return QgsProcessingParameterRasterDestination(name, title, None, optional, not optional)
    # A report is worth making unasked; a large table of hours is not.
    wanted = not optional or "html" in (parameter.get("suffixes") or [])
    return QgsProcessingParameterFileDestination(name, title, _filter(parameter), None, optional, wanted)


def _filter(parameter):
    """Return the file dialog's filter for the declared suffixes: "HTML (*.html)"."""
    suffixes = [suffix.lstrip(".") for suffix in parameter.get("suffixes") or []]
    if not suffixes:
        return ""
    if parameter["role"] == "output":  # one entry each: the chosen one decides the format
        return ";;".join("{} (*.{})".format(s.upper(), s) for s in suffixes)
    return "{} ({})".format(", ".join(s.upper() for s in suffixes), " ".join("*." + s for s in suffixes))


_BUILDERS = {"input": _input, "option": _option, "output": _output}
