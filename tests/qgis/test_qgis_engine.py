"""The real engine in a real QGIS session: layers as the user sees them, cancel in the middle, the demo's project."""

import os
import subprocess
import time
import zipfile
from pathlib import Path

import pytest
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsPointXY,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
)
from shared_parts import Listener

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample_data"


@pytest.fixture
def job(monkeypatch, tmp_path):
    """The sample's inputs, and the repository's engine."""
    monkeypatch.setenv("LK_ENGINE", str(ROOT / ".venv"))
    return {
        "buildings": str(SAMPLE / "buildings.gpkg") + "|layername=buildings",
        "dsm": str(SAMPLE / "dsm.tif"),
        "weather": str(next(SAMPLE.glob("weather*.csv"))),
        "out": str(tmp_path / "out.gpkg"),
    }


def test_selected_roofs_come_back_as_styled_layers(run, job, project, english):
    english("cs")
    layer = QgsVectorLayer(job["buildings"], "Budovy", "ogr")
    project.addMapLayer(layer)
    chosen = [feature.id() for feature in layer.getFeatures()][:3]
    layer.selectByIds(chosen)
    job["buildings"] = QgsProcessingFeatureSourceDefinition(layer.id(), True)
    results, fine, feedback = run("pv_potential", job, load=["out"])
    assert fine and feedback.progress() > 99
    panels, planes, buildings = [node.layer() for node in project.layerTreeRoot().findLayers()][:3]
    assert [each.name() for each in (panels, planes, buildings)] == ["Panely", "Střešní roviny", "Budovy"]
    assert buildings.featureCount() == 3 and planes.featureCount() >= 3
    assert planes.renderer().classAttribute() == "poa_kwh_m2_a" and buildings.labelsEnabled()
    assert buildings.attributeDisplayName(buildings.fields().indexOf("power_kwp")) == "Instalovatelný výkon [kWp]"
    assert any("EPSG:5514" in text for text in feedback.warnings)  # the surface model states no CRS
    project.removeAllMapLayers()


def test_solar_map_of_the_roofs(run, job, project, english, tmp_path):
    """Months named in the user's language, the year shown, nothing beside the roofs."""
    english("cs")
    job.update(out=str(tmp_path / "slunce.tif"), monthly=True)
    results, fine, _ = run("solar_map", job, load=["out"])
    (layer,) = project.mapLayers().values()
    assert fine and layer.name() == "Solární mapa" and layer.crs().authid() == "EPSG:5514"
    assert layer.bandCount() == 13 and layer.bandName(1) == "Band 01: rok" and layer.bandName(13) == "Band 13: prosinec"
    assert layer.renderer().type() == "singlebandpseudocolor" and layer.renderer().band() == 1
    statistics = layer.dataProvider().bandStatistics(1)
    assert 1100 < statistics.maximumValue < 1300 and statistics.elementCount < 0.4 * layer.width() * layer.height()
    project.removeAllMapLayers()


def nobody_left(group, seconds=3):
    """Whether neither the engine nor a worker is left soon (the system buries the dead at its leisure)."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("percent", [5, 60])
def test_cancel_in_the_middle_leaves_nothing(run, job, tmp_path, percent, few_buildings, monkeypatch):
    started, popen = [], subprocess.Popen

    def remember(*given, **more):
        started.append(popen(*given, **more))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", remember)
    feedback = Listener(stop_at=percent)
    results, _, _ = run("pv_potential", {**job, "buildings": str(few_buildings), "workers": 2}, feedback)
    stopped = time.monotonic()
    assert feedback.progress() >= percent
    assert results == {} and "Cancelled; nothing was written." in feedback.infos
    assert feedback.stopped_at is not None and stopped - feedback.stopped_at < 3
    assert nobody_left(started[-1].pid)
    left = {path.name for path in tmp_path.iterdir()} - {"out.gpkg.work", "made_by_engine.gpkg"}
    assert not left


def test_roof_planes_alone_are_coloured_by_their_direction(run, job, project):
    del job["weather"]
    _, fine, _ = run("roof_planes", job, load=["out"])
    (planes,) = [node.layer() for node in project.layerTreeRoot().findLayers()]
    assert fine and planes.renderer().type() == "categorizedSymbol"
    project.removeAllMapLayers()


def test_project_of_a_result(result_file, tmp_path):
    target = tmp_path / "demo.qgz"
    command = ["/usr/bin/python3", str(ROOT / "scripts/demo_project.py"), str(result_file), str(SAMPLE / "dsm.tif")]
    before = {path.name for path in SAMPLE.iterdir()}
    subprocess.run([*command, str(target)], check=True, env={**os.environ, "LK_LANG": "cs"})
    assert {path.name for path in SAMPLE.iterdir()} == before  # no .aux.xml beside the raster
    project = QgsProject()
    assert project.read(str(target))
    assert [layer.name() for layer in project.layerTreeRoot().layerOrder()] == [
        "Panely", "Střešní roviny", "Budovy", "Stínovaný model povrchu"
    ]  # fmt: skip
    assert project.crs().authid() == "EPSG:5514" and all(layer.isValid() for layer in project.mapLayers().values())
    written = zipfile.ZipFile(target).read("demo.qgs").decode("utf-8")
    assert str(tmp_path) not in written and "theMapCanvas" in written


def test_pinned_operation_is_the_right_one(result_file, tmp_path):
    """facts/qgis.md 1.4: QGIS's default is 10 m off; EPSG:5239 gives 15.0664114, 50.7592193."""
    target = tmp_path / "demo.qgz"
    subprocess.run(
        ["/usr/bin/python3", str(ROOT / "scripts/demo_project.py"), str(result_file), str(target)], check=True
    )
    project = QgsProject()
    project.read(str(target))
    krovak, wgs84 = QgsCoordinateReferenceSystem("EPSG:5514"), QgsCoordinateReferenceSystem("EPSG:4326")
    point = QgsCoordinateTransform(krovak, wgs84, project.transformContext()).transform(QgsPointXY(-687500, -975000))
    assert (round(point.x(), 7), round(point.y(), 7)) == (15.0664114, 50.7592193)


COSTS = {"survey_czk": 40e3, "false_go_czk": 10e6, "benefit_czk": 1.5e6}


def test_model_of_the_static_screening_and_the_survey_plan(provider, job, run, project, english, tmp_path):
    """Headless: potential → screening by the shipped model, then the plan; classes styled, a form that answers why."""
    english("cs")
    model = QgsApplication.processingRegistry().createAlgorithmById("lk:pv_static_screening")
    context = QgsProcessingContext()
    context.setProject(project)
    wanted = {name: job[name] for name in ("buildings", "dsm", "weather")}
    screened = str(tmp_path / "screening.gpkg")
    given = {**wanted, **COSTS, "screening:Statické třídění": screened}
    results, fine = model.run(given, context, QgsProcessingFeedback())
    assert fine, results
    layer = QgsVectorLayer(screened + "|layername=screening", "s", "ogr")
    classes = [feature["static_class"] for feature in layer.getFeatures()]
    assert set("ABCDNS") == set(classes) and layer.renderer().type() == "categorizedSymbol"
    form = layer.editFormConfig()
    assert [tab.name() for tab in form.tabs()] == ["Proč", "Čísla", "Zatížení", "Střecha"]
    asked = [each.name() for each in form.tabs()[0].children()]
    assert asked[0] == "static_class" and "reasons_cs" in asked and "reasons_en" not in asked
    shown = layer.fields().at(layer.fields().indexOf("static_class"))
    assert shown.editorWidgetSetup().type() == "ValueMap"
    plan = {
        "screening": screened,
        "reports": str(SAMPLE / "surveys_invented.csv"),
        "number": 2,
        "out": str(tmp_path / "plan.gpkg"),
        **COSTS,
    }
    results, fine, _ = run("survey_plan", plan, load=["out"])
    (layer,) = project.mapLayers().values()
    assert fine and layer.name() == "Plán posudků" and [each["order"] for each in layer.getFeatures()] == [1, 2]
    project.removeAllMapLayers()
