"""Runs in QGIS's Python: EPSG:5514 to WGS 84 of points from stdin, pinned and by QGIS's own choice, as JSON."""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from demo_project import KROVAK, pin_operations
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsPointXY,
    QgsProject,
)


def transform(points, context):
    """Longitude and latitude of each point."""
    way = QgsCoordinateTransform(KROVAK, QgsCoordinateReferenceSystem("EPSG:4326"), context)
    found = [way.transform(QgsPointXY(x, y)) for x, y in points]
    return [[each.x(), each.y()] for each in found]


def main():
    app = QgsApplication([], False)
    app.initQgis()
    points = json.load(sys.stdin)
    project = QgsProject.instance()
    answer = {"default": transform(points, project.transformContext())}
    pin_operations(project)
    answer["pinned"] = transform(points, project.transformContext())
    print(json.dumps(answer))
    app.exitQgis()


if __name__ == "__main__":
    main()
