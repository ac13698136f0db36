"""The Processing provider `lk`: one generic algorithm per tool of tools.json, and the shipped models."""

from qgis.core import QgsMessageLog, QgsProcessingModelAlgorithm, QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .algorithm import ToolAlgorithm
from .declaration import load_tools
from .language import pick, sentence
from .places import ICON, TOOLS, models_folder


class LkProvider(QgsProcessingProvider):
    """All tools of the engine, whether an engine is installed or not (`canExecute` says what is missing)."""

    def __init__(self, tools_path=TOOLS):
        super().__init__()
        self.tools_path = tools_path

    def id(self):
        return "lk"

    def name(self):
        return "LK Spatial"

    def longName(self):
        return sentence("provider_long_name")

    def icon(self):
        return QIcon(str(ICON))

    def svgIconPath(self):
        return str(ICON)

    def loadAlgorithms(self):
        version, tools = load_tools(self.tools_path)
        for tool in tools:
            self.addAlgorithm(ToolAlgorithm(tool, version))
        groups = {tool["group"]["id"]: pick(tool["group"]) for tool in tools}
        for path in sorted(models_folder().glob("*.model3")):
            self._add_model(path, groups)

    def _add_model(self, path, groups):
        model = QgsProcessingModelAlgorithm()
        if model.fromFile(str(path)):
            model.setGroup(groups.get(model.group(), model.group()))  # a file knows one language
            self.addAlgorithm(model)
        else:
            QgsMessageLog.logMessage(sentence("model_unreadable", path=path), "LK Spatial")

    # Results are GeoPackages: several layers, long field names, one file (the engine writes nothing else).
    def defaultVectorFileExtension(self, hasGeometry=True):
        return "gpkg"

    def supportedOutputVectorLayerExtensions(self):
        return ["gpkg"]

    def supportedOutputTableExtensions(self):
        return ["gpkg"]

    def defaultRasterFileExtension(self):
        return "tif"

    def supportedOutputRasterLayerExtensions(self):
        return ["tif", "tiff"]

    def supportsNonFileBasedOutput(self):
        return False
