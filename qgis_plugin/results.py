"""Where results go, and how they come into the project: one layer each, named, styled, in drawing order."""

import csv
import functools
import itertools
import os

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingLayerPostProcessorInterface,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingUtils,
)
from qgis.PyQt.QtXml import QDomDocument

from .declaration import layer_output, with_role
from .language import language, pick
from .places import fields_table, styles_folder

_run_numbers = itertools.count()


def destinations(algorithm, parameters, context):
    """Return {output: (path, project to load into or None)} for every output the user wants."""
    wanted = {}
    for parameter in with_role(algorithm.tool, "output"):
        name = parameter["name"]
        if is_layer(parameter):
            path = algorithm.parameterAsOutputLayer(parameters, name, context)
            _forget(context, name)  # loaded by us after success, layer by layer
        else:
            path = algorithm.parameterAsFileOutput(parameters, name, context)
        if path:
            wanted[name] = (os.path.abspath(path), _project(parameters.get(name)))
    return wanted


def is_layer(parameter):
    """Return whether QGIS can show this output as a layer."""
    return parameter["type"] in ("vector", "raster") or bool(parameter.get("layers"))


def _project(raw):
    return raw.destinationProject if isinstance(raw, QgsProcessingOutputLayerDefinition) else None


def _forget(context, output):
    """Take back what parameterAsOutputLayer registered: it would load only the file's first layer."""
    details = context.layersToLoadOnCompletion()
    context.setLayersToLoadOnCompletion({source: one for source, one in details.items() if one.outputName != output})


def collect(tool, wanted, reported, context):
    """Return Processing's results for the written files, and register their layers for loading."""
    results = {}
    run_number = next(_run_numbers)
    for parameter in with_role(tool, "output"):
        name = parameter["name"]
        if name not in wanted:
            continue
        path, project = wanted[name]
        results[name] = reported.get(name) or path
        for rank, layer in enumerate(parameter.get("layers") or []):
            source = "{}|layername={}".format(results[name], layer["name"])
            results[layer_output(parameter, layer)] = source
            if project is not None:
                finish = Finish.keep((tool["id"], layer["name"]), run_number, rank)
                _load(context, project, source, pick(layer["title"]), layer_output(parameter, layer), finish)
        if project is not None and is_layer(parameter) and not parameter.get("layers"):
            finish = Finish.keep((tool["id"], tool["id"]), run_number, 0)  # a raster bears its tool's name
            _load(context, project, results[name], pick(parameter["title"]), name, finish)
    return results


def _load(context, project, source, title, output, finish):
    details = QgsProcessingContext.LayerDetails(title, project, output, QgsProcessingUtils.LayerHint.UnknownType)
    details.forceName = True
    if hasattr(details, "layerSortKey"):  # QGIS 3.40+: higher is drawn above
        details.layerSortKey = finish.rank
    details.setPostProcessor(finish)
    context.addLayerToLoadOnCompletion(source, details)


class Finish(QgsProcessingLayerPostProcessorInterface):
    """Gives a loaded layer its style, its field names in the user's language and its place in the order."""

    _alive = {}  # QGIS keeps no Python reference: without this one the post-processor is silently lost

    @classmethod
    def keep(cls, names, run_number, rank):
        """Return a new one for the layer (tool, layer name), `rank` counted from the bottom of the map."""
        one = cls()
        one.names, one.run_number, one.rank = names, run_number, rank
        cls._alive[id(one)] = one
        return one

    def postProcessLayer(self, layer, context, feedback):
        style(layer, *self.names)
        name_fields(layer)
        layer.setCustomProperty("lk_spatial/run", self.run_number)
        layer.setCustomProperty("lk_spatial/rank", self.rank)
        if not hasattr(QgsProcessingContext.LayerDetails(), "layerSortKey"):
            sort_tree(context.project(), layer, self.run_number)
        self._alive.pop(id(self), None)


def style(layer, tool_id, layer_name):
    """Apply the style made for this tool's layer, else the engine's in the GeoPackage, else the layer's usual one."""
    own = styles_folder() / "{}.{}.qml".format(tool_id, layer_name)
    usual = styles_folder() / (layer_name + ".qml")
    _message, found = layer.loadDefaultStyle()
    if own.is_file() or not found and usual.is_file():
        text = QDomDocument()
        text.setContent((own if own.is_file() else usual).read_text(encoding="utf-8"))
        layer.importNamedStyle(text)  # loadNamedStyle prefers the GeoPackage's style to the file it is given
    layer.triggerRepaint()


def name_fields(layer):
    """Set the aliases of all registered columns: "Energy [kWh/a]" or "Energie [kWh/rok]"."""
    if not hasattr(layer, "setFieldAlias"):
        return
    names = _field_names(language())
    for index, field in enumerate(layer.fields()):
        if field.name() in names:
            layer.setFieldAlias(index, names[field.name()])


@functools.lru_cache(maxsize=None)
def _field_names(tongue):
    path = fields_table()
    if not path.is_file():
        return {}
    names = {}
    with path.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            unit = row["unit"].strip()
            names[row["name"]] = "{} [{}]".format(row[tongue], unit) if unit not in ("", "1", "-") else row[tongue]
    return names


def sort_tree(project, layer, run_number):
    """Put the layers of one run in order where QGIS (before 3.40) sorts them by file name."""
    node = project.layerTreeRoot().findLayer(layer.id()) if project is not None else None
    if node is None:
        return
    parent = node.parent()
    mine = [child for child in parent.children() if _run_of(child) == run_number]
    mine.sort(key=lambda child: child.layer().customProperty("lk_spatial/rank"), reverse=True)
    first = min(parent.children().index(child) for child in mine)
    for offset, child in enumerate(mine):
        parent.insertChildNode(first + offset, child.clone())
        parent.removeChildNode(child)


def _run_of(node):
    layer = node.layer() if hasattr(node, "layer") else None
    return layer.customProperty("lk_spatial/run") if layer is not None else None
