"""Open a project in the real QGIS Desktop, without a screen, and save a picture of its window.

    python3 scripts/screenshot_qgis.py PROJECT.qgz PICTURE.png [--profiles FOLDER] [--tool lk:pv_potential] [--lang cs]
        [--form screening]

Needs xvfb.  With --tool the tool's dialog is opened too, with --form the form of the layer's first feature; the layer
is then the one that is seen.
"""

import argparse
import os
import signal
import subprocess
import tempfile
from pathlib import Path

IN_QGIS = """
import os
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtGui import QGuiApplication
from qgis.PyQt.QtWidgets import QDockWidget, QTreeView
from qgis.utils import iface

def save():
    QGuiApplication.primaryScreen().grabWindow(0).save(os.environ["LK_PICTURE"])
    os._exit(0)

def show():
    iface.mainWindow().setGeometry(0, 0, 1600, 950)
    for dock in iface.mainWindow().findChildren(QDockWidget):
        dock.setVisible(dock.objectName() in ("Layers", "ProcessingToolbox"))
    for tree in iface.mainWindow().findChildren(QTreeView):
        if tree.objectName() == "algorithmTree":
            tree.expandRecursively(tree.model().index(tree.model().rowCount() - 1, 0))
            tree.scrollToBottom()
    tool = os.environ.get("LK_TOOL")
    if tool:
        import processing
        dialog = processing.createAlgorithmDialog(tool)
        dialog.setGeometry(560, 120, 900, 760)
        dialog.show()
    form = os.environ.get("LK_FORM")
    if form:
        show_form(form)
    QTimer.singleShot(6000, save)

def show_form(name):
    from qgis.core import QgsProject
    layers = QgsProject.instance().mapLayers().values()
    layer = next(each for each in layers if "layername=" + name in each.source())
    node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
    node.setItemVisibilityCheckedParentRecursive(True)
    iface.setActiveLayer(layer)
    iface.mapCanvas().refresh()
    dialog = iface.getFeatureForm(layer, next(layer.getFeatures()))
    dialog.setGeometry(860, 200, 720, 640)
    dialog.show()

QTimer.singleShot(3000, show)
QTimer.singleShot(60000, lambda: os._exit(3))
"""


def take(project, picture, profiles, tool=None, lang="en", form=None):
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "in_qgis.py")
        script.write_text(IN_QGIS, encoding="utf-8")
        foreign = ("QT_QPA_PLATFORM", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")
        environment = {key: value for key, value in os.environ.items() if key not in foreign}
        # QGIS asks PATH for its Python: another one there (pyenv, a venv) would lack the module qgis
        environment.update(
            PATH="/usr/bin:/bin",
            LK_PICTURE=str(picture),
            LK_TOOL=tool or "",
            LK_FORM=form or "",
            XDG_RUNTIME_DIR=folder,
        )
        screen = ["xvfb-run", "-a", "-s", "-screen 0 1600x950x24", "/usr/bin/qgis.bin", "--nologo", "--noversioncheck"]
        command = [*screen, "--profiles-path", str(profiles), "--lang", lang, "--code", str(script), str(project)]
        run(command, environment)
    if not picture.is_file():
        raise SystemExit("no picture was made")


def run(command, environment):
    """Run QGIS and its screen; end both when a dialog holds it up."""
    child = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        child.wait(timeout=90)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--profiles", type=Path, default=Path(__file__).resolve().parents[1] / ".qgis-profile")
    parser.add_argument("--tool")
    parser.add_argument("--lang", default="en")
    parser.add_argument("--form")
    given = parser.parse_args()
    take(given.project.resolve(), given.picture.resolve(), given.profiles.resolve(), given.tool, given.lang, given.form)


if __name__ == "__main__":
    main()
