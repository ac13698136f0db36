"""LK Spatial for QGIS: the tools of `lk_spatial` in the Processing toolbox.

The plugin imports only `qgis` and the standard library.  The calculation runs in a process of its own, in the
engine's environment, so that no wheel of GDAL, GEOS or PROJ is ever loaded into QGIS.
"""


def classFactory(iface):
    """Return the plugin (called by QGIS; `iface` is None in qgis_process)."""
    from .plugin import LkSpatialPlugin

    return LkSpatialPlugin(iface)
