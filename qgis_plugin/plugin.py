"""The plugin itself: it adds the Processing provider, in the desktop and in qgis_process alike."""

from qgis.core import QgsApplication

from .provider import LkProvider


class LkSpatialPlugin:
    """Adds the provider `lk` and takes it away again."""

    def __init__(self, iface):
        self.iface = iface
        self.provider = None

    def initProcessing(self):
        """Called alone by qgis_process, where there is no window (`iface` is None)."""
        self.provider = LkProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self):
        self.initProcessing()

    def unload(self):
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
