"""What the user chose in QGIS → the engine's command line.  Runs before the calculation, where layers live."""

import os

from qgis.core import QgsProcessingException, QgsProcessingFeatureSourceDefinition

from .declaration import is_file_of, label, with_role
from .language import sentence

# Read by the engine as they are; anything else (memory, database, filter, selection) is exported first.
FORMATS = ["gpkg", "shp", "fgb", "geojson"]


def input_arguments(algorithm, parameters, context, feedback):
    """Return `--name=value` for every input, and `--assume-crs` for a CRS that only the project knows."""
    arguments = []
    for parameter in with_role(algorithm.tool, "input"):
        name = parameter["name"]
        if parameters.get(name) in (None, "", []):
            continue
        reader = _readers(parameter)
        for value, crs in reader(algorithm, parameter, parameters, context, feedback):
            arguments.append(_option(name, value))
            if crs:
                arguments.append(_option("assume_crs", "{}={}".format(name, crs)))
    return arguments


def option_arguments(algorithm, parameters, context):
    """Return the arguments for all options that have a value."""
    arguments = []
    for parameter in with_role(algorithm.tool, "option"):
        for value in _option_values(algorithm, parameter, parameters, context):
            arguments.append(value)
    return arguments


def _option(name, value):
    return "--{}={}".format(name.replace("_", "-"), value)


def _option_values(algorithm, parameter, parameters, context):
    name, kind = parameter["name"], parameter["type"]
    if parameters.get(name) in (None, "", []):
        return []  # the engine has the same default; an unset number would read as 0 here
    if kind == "boolean":
        on = _is_on(algorithm, parameter, parameters, context)
        return ["--{}{}".format("" if on else "no-", name.replace("_", "-"))]
    if kind == "number":
        whole = parameter.get("integer")
        read = algorithm.parameterAsInt if whole else algorithm.parameterAsDouble
        return [_option(name, read(parameters, name, context))]
    if kind == "choice" and parameter.get("multiple"):
        values = algorithm.parameterAsEnumStrings(parameters, name, context)
    elif kind == "choice":
        values = [algorithm.parameterAsEnumString(parameters, name, context)]
    elif parameter.get("multiple"):
        values = algorithm.parameterAsString(parameters, name, context).split(",")
    else:
        values = [algorithm.parameterAsString(parameters, name, context)]
    return [_option(name, value.strip()) for value in values if value.strip()]


def _is_on(algorithm, parameter, parameters, context):
    if parameter.get("default") is None:
        return algorithm.parameterAsEnumString(parameters, parameter["name"], context) == "yes"
    return algorithm.parameterAsBoolean(parameters, parameter["name"], context)


def _readers(parameter):
    kind = parameter["type"]
    if parameter.get("multiple"):
        return _layer_list if kind in ("vector", "table", "raster") else _file_list
    return {"raster": _raster, "vector": _vector, "table": _vector}.get(kind, _file)


def _file(algorithm, parameter, parameters, context, feedback):
    return [(_absolute(algorithm.parameterAsFile(parameters, parameter["name"], context)), None)]


def _file_list(algorithm, parameter, parameters, context, feedback):
    files = algorithm.parameterAsFileList(parameters, parameter["name"], context)
    return [(_absolute(path), None) for path in files]


def _raster(algorithm, parameter, parameters, context, feedback):
    if is_file_of(parameters[parameter["name"]], parameter.get("suffixes") or ()):
        return [(_absolute(parameters[parameter["name"]]), None)]
    layer = algorithm.parameterAsRasterLayer(parameters, parameter["name"], context)
    if layer is None:
        raise _unreadable(parameter, parameters)
    return [_raster_file(parameter, layer)]


def _raster_file(parameter, layer):
    if layer.providerType() != "gdal":
        raise QgsProcessingException(sentence("raster_not_file", title=label(parameter), layer=layer.name()))
    return _absolute(layer.source()), _project_crs(layer)


def _vector(algorithm, parameter, parameters, context, feedback):
    name = parameter["name"]
    raw = parameters[name]
    if isinstance(raw, QgsProcessingFeatureSourceDefinition):  # 3.22 finds no layer in it
        raw = raw.source
    layer = algorithm.parameterAsVectorLayer({**parameters, name: raw}, name, context)
    if layer is None:
        raise _unreadable(parameter, parameters)
    _warn_of_edits(parameter, layer, feedback)
    path, layer_name = algorithm.parameterAsCompatibleSourceLayerPathAndLayerName(
        parameters, name, context, FORMATS, "gpkg", feedback
    )
    if not path:
        raise _unreadable(parameter, parameters)
    return [_vector_file(layer, path, layer_name)]


def _vector_file(layer, path, layer_name):
    exported = _file_of(layer.source()) != os.path.normpath(path)
    crs = None if exported else _project_crs(layer)  # an export carries the project's CRS itself
    source = "{}|layername={}".format(_absolute(path), layer_name) if layer_name else _absolute(path)
    return source, crs


def _layer_list(algorithm, parameter, parameters, context, feedback):
    values = []
    for layer in algorithm.parameterAsLayerList(parameters, parameter["name"], context):
        if parameter["type"] == "raster":
            values.append(_raster_file(parameter, layer))
            continue
        _warn_of_edits(parameter, layer, feedback)
        single = {**parameters, parameter["name"]: layer}
        path, layer_name = algorithm.parameterAsCompatibleSourceLayerPathAndLayerName(
            single, parameter["name"], context, FORMATS, "gpkg", feedback
        )
        values.append(_vector_file(layer, path, layer_name))
    return values


def _project_crs(layer):
    """Return the CRS assigned in the project when the file itself says another or none, else None."""
    assigned = layer.crs()
    if not assigned.isValid() or layer.dataProvider().crs() == assigned:
        return None
    return assigned.authid() or assigned.toWkt()


def _warn_of_edits(parameter, layer, feedback):
    if layer.isEditable():
        feedback.pushWarning(sentence("input_being_edited", title=label(parameter), layer=layer.name()))


def _unreadable(parameter, parameters):
    value = parameters.get(parameter["name"])
    return QgsProcessingException(sentence("input_unreadable", title=label(parameter), value=value))


def _file_of(source):
    return os.path.normpath(source.split("|")[0])


def _absolute(path):
    """Return a file's absolute path (the engine runs in another folder); other sources stay as they are."""
    head, bar, rest = path.partition("|")
    return os.path.abspath(head) + bar + rest if os.path.exists(head) else path
