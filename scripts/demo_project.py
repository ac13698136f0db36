"""Make a QGIS project of a result: layers in drawing order over the shaded surface model, EPSG:5514.

    /usr/bin/python3 scripts/demo_project.py OUT.gpkg [OUT2.gpkg …] [DSM.tif] PROJECT.qgz

QGIS's own choice for EPSG:5514 to WGS 84 is 10 m off in the region; the project pins EPSG:5239.
"""

import json
import os
import re
import sys
import zipfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["GDAL_PAM_ENABLED"] = "NO"  # no .aux.xml beside the user's raster

from osgeo import ogr
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsDatumTransform,
    QgsHillshadeRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsVectorLayer,
)
from qgis.gui import QgsMapCanvas

TOOLS = Path(__file__).resolve().parents[1] / "qgis_plugin/tools.json"
KROVAK = QgsCoordinateReferenceSystem("EPSG:5514")
STATICS = ("screening", "survey_plan")
PINNED = "S-JTSK to WGS 84 (5)"  # EPSG:5239, 1 m
ORDER = ("survey_plan", "screening", "modules", "roof_planes", "buildings")  # from the top
WORDS = {
    "title": ("Rooftop PV potential", "Potenciál fotovoltaiky na střechách"),
    "statics": ("Static screening", "Statické třídění střech"),
    "base": ("Background", "Podklad"),
    "dsm": ("Surface model, shaded", "Stínovaný model povrchu"),
}


def make_project(results, dsm, target, lang):
    """Write the project file; its paths are relative, so that the folder can be moved."""
    project = QgsProject.instance()
    project.clear()
    canvas = QgsMapCanvas()  # only through a canvas is the view written into the project
    canvas.setObjectName("theMapCanvas")
    project.setCrs(KROVAK)
    project.setTitle(say("title", lang))
    pin_operations(project)
    extent = QgsRectangle()
    for out in results:
        extent.combineExtentWith(add_results(project, out, lang))
    if dsm is not None:
        add_surface(project, dsm, lang)
    extent.scale(1.08)
    project.viewSettings().setDefaultViewExtent(QgsReferencedRectangle(extent, KROVAK))
    canvas.setDestinationCrs(KROVAK)
    canvas.setExtent(extent)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not project.write(str(target)):
        raise SystemExit(project.error())
    project.clear()
    forget_fonts(target)


def forget_fonts(target):
    """Take out the names of fonts: without one each QGIS uses its own and misses none."""
    with zipfile.ZipFile(target) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            if name.endswith(".qgs"):
                content = re.sub(rb' fontFamily="[^"]*"', b"", content)
            packed.writestr(name, content)


def say(word, lang):
    return WORDS[word][lang == "cs"]


def pin_operations(project):
    """Fix the way from EPSG:5514 to the systems of GPS and web maps."""
    context = project.transformContext()
    for code in ("EPSG:4326", "EPSG:3857", "EPSG:32633"):
        goal = QgsCoordinateReferenceSystem(code)
        for operation in QgsDatumTransform.operations(KROVAK, goal):
            if PINNED in operation.name and operation.isAvailable:
                context.addCoordinateOperation(KROVAK, goal, operation.proj)
                break
        else:
            raise SystemExit("no operation {} to {}".format(PINNED, code))
    project.setTransformContext(context)


def add_results(project, out, lang):
    """Add the layers of the result as a group and return their extent."""
    names = layer_names(out)
    statics = bool(set(names) & set(STATICS))
    root = project.layerTreeRoot()
    group = root.insertGroup(0, say("statics", lang)) if statics else root.addGroup(say("title", lang))
    titles = layer_titles(lang)
    extent = QgsRectangle()
    for name in names:
        layer = QgsVectorLayer("{}|layername={}".format(out, name), titles.get(name, name), "ogr")
        if not layer.isValid():
            raise SystemExit("{} has no usable layer {}".format(out, name))
        project.addMapLayer(layer, False)
        group.addLayer(layer).setExpanded(name != "modules")
        extent.combineExtentWith(layer.extent())
    group.setItemVisibilityChecked(not statics)  # the classes would hide the modules
    return extent


def layer_names(out):
    """Return the GeoPackage's layers with geometry, in drawing order from the top."""
    data = ogr.Open(str(out))
    layers = [data.GetLayerByIndex(index) for index in range(data.GetLayerCount())]
    names = [layer.GetName() for layer in layers if layer.GetGeomType() != ogr.wkbNone]
    return sorted(names, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


def layer_titles(lang):
    """Return {layer: title} as the tools declare them."""
    declared = json.loads(TOOLS.read_text("utf-8"))["tools"]
    parameters = [parameter for tool in declared for parameter in tool["parameters"]]
    return {layer["name"]: layer["title"][lang] for each in parameters for layer in each.get("layers", ())}


def add_surface(project, dsm, lang):
    """Add the surface model as a soft hillshade; the Czech product states no CRS."""
    layer = QgsRasterLayer(str(dsm), say("dsm", lang), "gdal")
    if not layer.isValid():
        raise SystemExit("{} is no raster".format(dsm))
    if not layer.crs().isValid():
        layer.setCrs(KROVAK)
    shade = QgsHillshadeRenderer(layer.dataProvider(), 1, 315, 45)
    shade.setMultiDirectional(True)
    layer.setRenderer(shade)
    light = layer.brightnessFilter()
    light.setBrightness(70)
    light.setContrast(-20)
    project.addMapLayer(layer, False)
    group = project.layerTreeRoot().addGroup(say("base", lang))
    group.addLayer(layer).setExpanded(False)


def main(arguments):
    *sources, target = (Path(argument).resolve() for argument in arguments)
    results = [source for source in sources if source.suffix == ".gpkg"]
    dsm = [source for source in sources if source.suffix != ".gpkg"]
    if not results or len(dsm) > 1:
        raise SystemExit(__doc__)
    app = QgsApplication([], True)
    app.initQgis()
    chosen = os.environ.get("LK_LANG") or QgsApplication.locale()
    make_project(results, dsm[0] if dsm else None, target, "cs" if chosen.startswith("cs") else "en")
    app.exitQgis()


if __name__ == "__main__":
    main(sys.argv[1:])
