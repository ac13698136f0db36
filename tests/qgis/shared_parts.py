"""What the QGIS tests share besides fixtures."""

import os
import time

from osgeo import ogr, osr
from qgis.core import QgsProcessingFeedback

ogr.UseExceptions()
osr.UseExceptions()


class Listener(QgsProcessingFeedback):
    """Remembers all that a run tells its user; cancels it after so many progress texts, or at so many per cent."""

    def __init__(self, stop_after=None, stop_at=None):
        super().__init__(False)
        self.warnings, self.infos, self.console, self.texts = [], [], [], []
        self.stop_after, self.stop_at, self.stopped_at = stop_after, stop_at, None
        self.progressChanged.connect(self.watch)

    def pushWarning(self, text):
        self.warnings.append(text)

    def pushInfo(self, text):
        self.infos.append(text)

    def pushConsoleInfo(self, text):
        self.console.append(text)

    def setProgressText(self, text):
        self.texts.append(text)
        if self.stop_after is not None and len(self.texts) >= self.stop_after:
            self.stop()

    def watch(self, percent):
        if self.stop_at is not None and percent >= self.stop_at:
            self.stop()

    def stop(self):
        self.stopped_at = self.stopped_at or time.monotonic()
        self.cancel()


def make_layers(path, names, fields=(), square=(-688990.0, -974650.0, 10.0)):
    """Write a GeoPackage with one square per layer."""
    srs = osr.SpatialReference()
    srs.ImportFromEPSG(5514)
    data = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    x, y, size = square
    for name in names:
        layer = data.CreateLayer(name, srs, ogr.wkbMultiPolygon)
        for field, kind in fields:
            layer.CreateField(ogr.FieldDefn(field, kind))
        feature = ogr.Feature(layer.GetLayerDefn())
        ring = "{0} {1},{2} {1},{2} {3},{0} {3},{0} {1}".format(x, y, x + size, y + size)
        feature.SetGeometry(ogr.CreateGeometryFromWkt("MULTIPOLYGON((({})))".format(ring)))
        for field, kind in fields:
            feature.SetField(field, 1050.0 if kind == ogr.OFTReal else "1")
        layer.CreateFeature(feature)
    del data
    return path


def clean_environment(profiles, **more):
    """The environment of a qgis_process of its own: empty profile, no display, no foreign Python."""
    runtime = profiles / "xdg"
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("PYTHON", "QGIS", "VIRTUAL_ENV", "LANG", "LC_", "LK_LANG"))
    }
    kept.update(
        PATH="/usr/bin:/bin",  # QGIS asks PATH for its Python
        QGIS_CUSTOM_CONFIG_PATH=str(profiles),
        QT_QPA_PLATFORM="offscreen",
        XDG_RUNTIME_DIR=str(runtime),
        LANG="C.UTF-8",
    )
    kept.update(more)
    return kept


def gone(pid):
    """Whether no such process is left."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
