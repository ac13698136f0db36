"""QGIS styles as text: aliases and value lists added to a style, or alone as a style of their own."""

import csv
from collections.abc import Iterable
from importlib.resources import files
from xml.etree import ElementTree

from lk_spatial.io.codes import coded_attributes, codes
from lk_spatial.io.columns import alias

LONG_TEXTS = ("reasons_", "missing_", "systems_", "voi_why_")
_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"


def value_map_qml(columns: Iterable[str], lang: str, style: str | None = None, layer: str = "") -> str:
    """A QML style with the aliases of ``columns``, value lists of coded ones and the form of the ``layer``, where there
    is one in ``data/forms``; what ``style`` says already stays.

    QGIS 3.22 reads aliases only from a style (facts/qgis_processing 36).
    """
    root = ElementTree.fromstring(style) if style else ElementTree.Element("qgis", version="3.22")
    if root.find("aliases") is None:
        root.append(_aliases(columns, lang))
    if root.find("fieldConfiguration") is None:
        root.append(_field_configuration(columns, lang))
    if root.find("attributeEditorForm") is None:
        _add_form(root, set(columns), lang, layer)
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
        if column.startswith(LONG_TEXTS):
            field = ElementTree.SubElement(configuration, "field", name=column)
            widget = ElementTree.SubElement(field, "editWidget", type="TextEdit")
            options = _options(ElementTree.SubElement(widget, "config"), "Map")
            _options(options, "bool", name="IsMultiline", value="true")
        elif column in coded_attributes():
            field = ElementTree.SubElement(configuration, "field", name=column)
            widget = ElementTree.SubElement(field, "editWidget", type="ValueMap")
            options = _options(ElementTree.SubElement(widget, "config"), "Map")
            pairs = _options(options, "List", name="map")
            for each in codes(column):
                pair = _options(pairs, "Map")
                ElementTree.SubElement(pair, "Option", name=each.title.get(lang), type="QString", value=each.code)
    return configuration


def _add_form(root: ElementTree.Element, columns: set[str], lang: str, layer: str) -> None:
    """A form with tabs as ``data/forms/<layer>.csv`` lists them; of columns in two languages that of ``lang``."""
    source = files("lk_spatial").joinpath(f"data/forms/{layer}.csv")
    if not layer or not source.is_file():
        return
    ElementTree.SubElement(root, "editorlayout").text = "tablayout"
    form = ElementTree.SubElement(root, "attributeEditorForm")
    other = "_en" if lang == "cs" else "_cs"
    for row in csv.DictReader(source.read_text("utf-8").splitlines()):
        names = [name for name in row["columns"].split() if name in columns and not name.endswith(other)]
        tab = ElementTree.SubElement(
            form, "attributeEditorContainer", name=row[f"tab_{lang}"], showLabel="1", groupBox="0", columnCount="1"
        )
        for name in names:
            ElementTree.SubElement(tab, "attributeEditorField", name=name, showLabel="1", index="-1")


def _options(parent: ElementTree.Element, kind: str, **more: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, "Option", {"type": kind, **more})
