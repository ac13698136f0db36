"""Draw up the styles of the result layers: lk_spatial/data/styles/*.qml (run by QGIS's Python, /usr/bin/python3).

The engine writes them into the GeoPackage together with aliases and value lists in the run's language, so the files
themselves speak no language: numbers, units, and map tips that ask QGIS for its language.
`<layer>.qml` styles the layer wherever it appears, `<tool>.<layer>.qml` only where that tool made it.
"""

import os
import re
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_HASH_SEED"] = "0"  # else Qt writes XML attributes in an order of chance

import itertools

from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsBasicNumericFormat,
    QgsCategorizedSymbolRenderer,
    QgsColorRampLegendNodeSettings,
    QgsColorRampShader,
    QgsFillSymbol,
    QgsGraduatedSymbolRenderer,
    QgsMapLayer,
    QgsPalLayerSettings,
    QgsRasterLayer,
    QgsRasterShader,
    QgsRendererCategory,
    QgsRendererRange,
    QgsSingleBandPseudoColorRenderer,
    QgsSingleSymbolRenderer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor

FOLDER = Path(__file__).resolve().parents[1] / "lk_spatial/data/styles"
PARTS = (
    QgsMapLayer.StyleCategory.Symbology
    | QgsMapLayer.StyleCategory.Labeling
    | QgsMapLayer.StyleCategory.MapTips
    | QgsMapLayer.StyleCategory.Rendering
)

# Irradiation in the plane [kWh/m²·a]: north faces of the region get some 650, the best ones 1250.
IRRADIATION = (700, 800, 900, 1000, 1100, 1200)
SUN = ("#fdf6d0", "#fde9a0", "#fdd06a", "#fbad4b", "#f5803a", "#e34f2c", "#b92025")
# Of any surface [kWh/m²·a]: shade in grey, then SUN in the middle of its classes.
SHADE_AND_SUN = ((100, "#3f4450"), (400, "#8b8d94"), (600, "#dcd8cc"), *zip(range(650, 1300, 100), SUN))
ENERGY_MWH = (5, 10, 20, 50, 100)
GREEN = ("#e3f1d3", "#c0e0ae", "#90c98e", "#5cab79", "#2f8566", "#135a4c")
EDGE = "#3a3f4a"

# What to do next, in colours that the colour-blind tell apart; classes without a number are hatched or dark.
ACTIONS = {
    "A": ("#0072b2", "A"), "B": ("#56b4e9", "B"), "C": ("#e69f00", "C"), "D": ("#d55e00", "D"),
    "N": ("#9aa4ad", "N"), "S": ("#2f3b46", "S"),
}  # fmt: skip
FIRST_VISITS = (("#7a0177", 1), ("#c51b8a", 2), ("#f768a1", 3), ("#fbb4b9", 4))

POWER = """case when "power_kwp" > 0 then format_number("power_kwp", 1) || ' kWp' end"""
PLANE = """"building_id" || ' / ' || "plane_id" """
DIRECTION = """case when "kind" = 'flat' or "azimuth_deg" is null then 'flat'
 else to_string(floor(("azimuth_deg" + 22.5) / 45) % 8) end"""
# field, decimals, unit, Czech name, English name; nothing where the value is unknown
TIP_ROW = """[% case when attribute($currentfeature, '{0}') is null then ''
 else '<tr><td>' || if(@qgis_locale = 'cs', '{3}', '{4}') || '&nbsp;</td><td align="right"><b>'
 || format_number(attribute($currentfeature, '{0}'), {1}) || '</b> {2}</td></tr>' end %]"""


# low and high column, decimals, Czech name, English name
INTERVAL_ROW = """[% case when "{0}" is null then ''
 else '<tr><td>' || if(@qgis_locale = 'cs', '{3}', '{4}') || '&nbsp;</td><td align="right"><b>'
 || format_number("{0}", {2}) || ' – ' || format_number("{1}", {2}) || '</b></td></tr>' end %]"""
TEXT_ROW = """[% coalesce('<p>{1}' || if(@qgis_locale = 'cs', "{0}_cs", "{0}_en") || '</p>', '') %]"""


def main(folder=FOLDER):
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in (*LAYERS.items(), *RASTERS.items()):
        path = folder / (name + ".qml")
        layer = _empty_raster(name) if name in RASTERS else _empty(name)
        make(layer)
        message, saved = layer.saveNamedStyle(str(path), PARTS)
        if not saved:
            raise SystemExit(message)
        path.write_text(_plain(path.read_text(encoding="utf-8")), encoding="utf-8")


def _empty(name):
    numbers = ("energy_kwh_a", "power_kwp", "poa_kwh_m2_a", "tilt_deg", "azimuth_deg", "area_m2", "n_modules",
               "specific_yield_kwh_kwp", "shading_loss_pct")  # fmt: skip
    numbers += ("u0_lo", "u0_hi", "u1_lo", "u1", "u1_hi", "q_max_kn_m2", "p_exceed_1", "p_exceed", "p_change",
                "voi_czk", "order", "visit")  # fmt: skip
    fields = "".join("&field={}:double".format(field) for field in numbers)
    names = ("kind", "building_id", "plane_id", "name", "static_class", "reasons_cs", "reasons_en", "missing_cs",
             "missing_en", "systems_cs", "systems_en", "survey_kind")  # fmt: skip
    texts = "".join("&field={}:string".format(field) for field in names)
    return QgsVectorLayer("MultiPolygon?crs=EPSG:5514" + fields + texts, name, "memory")


def _empty_raster(name):
    path = "/vsimem/{}.tif".format(name)
    raster = gdal.GetDriverByName("GTiff").Create(path, 2, 2, 1, gdal.GDT_Float32)
    raster.SetGeoTransform((-690000, 1, 0, -972000, 0, -1))
    raster.FlushCache()
    return QgsRasterLayer(path, name, "gdal")


def _plain(text):
    """Take out the name of the QGIS build and of the font: without one QGIS takes its own and misses none."""
    text = re.sub(r'version="3\.22[^"]*"', 'version="3.22"', text)
    return re.sub(r' fontFamily="[^"]*"', "", text).rstrip() + "\n"


def buildings(layer):
    """Energy of the whole roof in green, its power as a label; unknown is hatched, never zero."""
    unknown = _fill("#ffffff", EDGE, 0.2, style="b_diagonal", pattern="#9aa0ab")
    classes = [
        QgsRendererRange(-1, -0.5, unknown, "?"),
        QgsRendererRange(-0.5, 0.0005, _fill("#e9e7e3", EDGE, 0.2), "0 MWh/a"),
    ]
    classes += _classes(ENERGY_MWH, GREEN, 0.0005, "MWh/a", EDGE, 0.26)
    layer.setRenderer(QgsGraduatedSymbolRenderer('coalesce("energy_kwh_a", -1000) / 1000', classes))
    _label(layer)
    _tip(
        layer,
        'coalesce("name", "building_id")',
        (
            ("power_kwp", 1, "kWp", "Výkon", "Power"),
            ("energy_kwh_a", 0, "kWh/a", "Energie", "Energy"),
            ("n_modules", 0, "", "Panely", "Modules"),
            ("specific_yield_kwh_kwp", 0, "kWh/kWp·a", "Měrný výnos", "Specific yield"),
        ),
    )


def roof_planes(layer):
    """Irradiation in the plane, pale to hot; no blue, which is the modules'."""
    layer.setRenderer(
        QgsGraduatedSymbolRenderer("poa_kwh_m2_a", _classes(IRRADIATION, SUN, 0, "kWh/m²·a", "#ffffff", 0.2))
    )
    _visible_from(layer, 15000)
    _plane_tip(layer)


def roof_planes_alone(layer):
    """Direction the plane faces: the colour wheel of a compass, warm to the south; flat roofs are grey."""
    colours = {
        "flat": ("#c9ccd1", "0°"),
        "0": ("#5468a8", "N"),
        "1": ("#5b9ab8", "NE"),
        "2": ("#6fbf9a", "E"),
        "3": ("#c8cf63", "SE"),
        "4": ("#f2b544", "S"),
        "5": ("#e58445", "SW"),
        "6": ("#cc5f6a", "W"),
        "7": ("#8f5f9f", "NW"),
    }
    categories = [
        QgsRendererCategory(value, _fill(colour, "#ffffff", 0.2), text) for value, (colour, text) in colours.items()
    ]
    layer.setRenderer(QgsCategorizedSymbolRenderer(DIRECTION, categories))
    _plane_tip(layer)


def modules(layer):
    """Dark blue glass with a thin light frame."""
    layer.setRenderer(QgsSingleSymbolRenderer(_fill("#14305a", "#9fc1e8", 0.1)))
    _visible_from(layer, 5000)
    _tip(layer, "'PV'", (("energy_kwh_a", 0, "kWh/a", "Energie", "Energy"),))


def _plane_tip(layer):
    _tip(
        layer,
        PLANE,
        (
            ("tilt_deg", 0, "°", "Sklon", "Tilt"),
            ("azimuth_deg", 0, "°", "Azimut", "Azimuth"),
            ("area_m2", 0, "m²", "Plocha", "Area"),
            ("poa_kwh_m2_a", 0, "kWh/m²·a", "Ozáření", "Irradiation"),
            ("shading_loss_pct", 0, "%", "Zastínění", "Shading"),
            ("power_kwp", 1, "kWp", "Výkon", "Power"),
            ("energy_kwh_a", 0, "kWh/a", "Energie", "Energy"),
        ),
    )


def screening(layer):
    """What to do with each roof, by colour and by the letter of its class; the map tip says why."""
    categories = [
        QgsRendererCategory(
            letter,
            _fill("#ffffff", EDGE, 0.26, "b_diagonal", colour) if letter == "N" else _fill(colour, EDGE, 0.26),
            text,
        )
        for letter, (colour, text) in ACTIONS.items()
    ]
    layer.setRenderer(QgsCategorizedSymbolRenderer("static_class", categories))
    _label(layer, '"static_class"', 10000)
    rows = (
        ("u0_lo", "u0_hi", 2, "Využití bez FVE", "Utilisation without PV"),
        ("u1_lo", "u1_hi", 2, "Využití s FVE", "Utilisation with PV"),
    )
    layer.setMapTipTemplate(
        '<b>[% "static_class" || \' · \' || coalesce("name", "building_id" || \'/\' || "part_id") %]</b>\n<table>\n'
        + "\n".join(INTERVAL_ROW.format(*row) for row in rows)
        + "\n</table>\n"
        + "\n".join(TEXT_ROW.format(*row) for row in (("reasons", ""), ("missing", "? "), ("systems", "")))
    )


def survey_plan(layer):
    """The order of the surveys as a number, the first visits darkest; audits are hatched."""
    rules = [
        QgsRendererRange(number - 0.5, number + 0.5, _fill(colour, EDGE, 0.26), str(number))
        for colour, number in FIRST_VISITS
    ]
    rules.append(QgsRendererRange(len(FIRST_VISITS) + 0.5, 1e9, _fill("#feebe2", EDGE, 0.26), "> 4"))
    layer.setRenderer(QgsGraduatedSymbolRenderer("visit", rules))
    _label(layer, '"order"', 25000)
    _tip(
        layer,
        '"order" || \'. \' || coalesce("name", "building_id")',
        (
            ("visit", 0, "", "Výjezd", "Visit"),
            ("voi_czk", 0, "Kč", "Hodnota posudku", "Value of the survey"),
            ("p_change", 2, "", "Pravděpodobnost změny rozhodnutí", "Chance to change the decision"),
            ("p_exceed", 2, "", "Pravděpodobnost nevyhovění", "Chance of falling short"),
        ),
    )


def solar_map(layer):
    """Irradiation of the surface: the roof planes' colours, and below them grey, since there it is shade."""
    stops = [QgsColorRampShader.ColorRampItem(value, QColor(colour), str(value)) for value, colour in SHADE_AND_SUN]
    ramp = QgsColorRampShader(SHADE_AND_SUN[0][0], SHADE_AND_SUN[-1][0])
    ramp.setColorRampType(QgsColorRampShader.Type.Interpolated)
    ramp.setColorRampItemList(stops)
    legend = QgsColorRampLegendNodeSettings()
    legend.setSuffix(" kWh/m²·a")
    numbers = QgsBasicNumericFormat()
    numbers.setShowThousandsSeparator(False)  # a comma is a decimal one to Czech eyes
    numbers.setNumberDecimalPlaces(0)
    legend.setNumericFormat(numbers)
    ramp.setLegendSettings(legend)
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(ramp)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader)
    renderer.setClassificationMin(ramp.minimumValue())
    renderer.setClassificationMax(ramp.maximumValue())
    layer.setRenderer(renderer)


def _fill(colour, edge, width, style="solid", pattern=None):
    return QgsFillSymbol.createSimple(
        {
            "color": pattern or colour,
            "style": style,
            "outline_color": edge,
            "outline_width": str(width),
            "outline_width_unit": "MM",
            "joinstyle": "miter",
        }
    )


def _classes(breaks, colours, lowest, unit, edge, width):
    """Return the ranges between the breaks, open at both ends: "< 700", "700 – 800", …, "> 1200"."""
    edges = (lowest, *breaks, 1e9)
    texts = ["< {}".format(breaks[0])]
    texts += ["{} – {}".format(low, high) for low, high in itertools.pairwise(breaks)]
    texts += ["> {}".format(breaks[-1])]
    return [
        QgsRendererRange(low, high, _fill(colour, edge, width), "{} {}".format(text, unit))
        for low, high, colour, text in zip(edges, edges[1:], colours, texts)
    ]


def _visible_from(layer, scale):
    layer.setScaleBasedVisibility(True)
    layer.setMinimumScale(scale)
    layer.setMaximumScale(0)


def _label(layer, text=POWER, scale=3000):
    """Write a text over the roof, in halo, from a scale on."""
    look = QgsTextFormat()
    look.setNamedStyle("Bold")
    look.setSize(8)
    look.setColor(QColor("#14213d"))
    halo = QgsTextBufferSettings()
    halo.setEnabled(True)
    halo.setSize(0.9)
    halo.setColor(QColor(255, 255, 255, 215))
    look.setBuffer(halo)
    settings = QgsPalLayerSettings()
    settings.fieldName = text
    settings.isExpression = True
    settings.placement = QgsPalLayerSettings.Placement.OverPoint
    settings.centroidInside = True
    settings.quadOffset = QgsPalLayerSettings.QuadrantPosition.QuadrantOver
    settings.scaleVisibility = True
    settings.minimumScale = scale
    settings.maximumScale = 0
    settings.setFormat(look)
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)


def _tip(layer, heading, rows):
    """Write the map tip: a heading and a row for each known value, in QGIS's language."""
    body = "\n".join(TIP_ROW.format(*values) for values in rows)
    layer.setMapTipTemplate("<b>[% {} %]</b>\n<table>\n{}\n</table>".format(heading, body))


LAYERS = {
    "buildings": buildings,
    "roof_planes": roof_planes,
    "roof_planes.roof_planes": roof_planes_alone,
    "modules": modules,
    "screening": screening,
    "survey_plan": survey_plan,
}
RASTERS = {"solar_map": solar_map}


if __name__ == "__main__":
    app = QgsApplication([], False)
    app.initQgis()
    main(*(Path(folder) for folder in sys.argv[1:]))
    app.exitQgis()
