"""QGIS styles as text: aliases and value lists added to a style, or alone as a style of their own."""

from collections.abc import Iterable
from xml.etree import ElementTree

from lk_spatial.io.codes import coded_attributes, codes
from lk_spatial.io.columns import alias

_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"


def value_map_qml(columns: Iterable[str], lang: str, style: str | None = None) -> str:
    """A QML style with the aliases of ``columns`` and value lists of coded ones; what ``style`` says already stays.

    QGIS 3.22 reads aliases only from a style (facts/qgis_processing 36).
    """
    root = ElementTree.fromstring(style) if style else ElementTree.Element("qgis", version="3.22")
    if root.find("aliases") is None:
        root.append(_aliases(columns, lang))
    if root.find("fieldConfiguration") is None:
        root.append(_field_configuration(columns, lang))
    return _DOCTYPE + ElementTree.tostring(root, encoding="unicode") + "\n"


def is_sld(style: str) -> bool:
    """Whether a style is SLD, not QML."""
    return "StyledLayerDescriptor" in style[:2000]


def _aliases(columns: Iterable[str], lang: str) -> ElementTree.Element:
    aliases = ElementTree.Element("aliases")
    for number, column in enumerate(columns):
        title = alias(column, lang)
        if title:
            ElementTree.SubElement(aliases, "alias", field=column, index=str(number), name=title)
    return aliases


def _field_configuration(columns: Iterable[str], lang: str) -> ElementTree.Element:
    configuration = ElementTree.Element("fieldConfiguration")
    for column in columns:
        if column in coded_attributes():
            field = ElementTree.SubElement(configuration, "field", name=column)
            widget = ElementTree.SubElement(field, "editWidget", type="ValueMap")
            options = _options(ElementTree.SubElement(widget, "config"), "Map")
            pairs = _options(options, "List", name="map")
            for each in codes(column):
                pair = _options(pairs, "Map")
                ElementTree.SubElement(pair, "Option", name=each.title.get(lang), type="QString", value=each.code)
    return configuration


def _options(parent: ElementTree.Element, kind: str, **more: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, "Option", {"type": kind, **more})
