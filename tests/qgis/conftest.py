"""Real QGIS for the tests.  Run with QT_QPA_PLATFORM=offscreen by .venv-qgis (see ./lk test)."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from osgeo import gdal, ogr
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsSettings,
)
from shared_parts import Listener, clean_environment, make_layers

ROOT = Path(__file__).resolve().parents[2]
FAKE = Path(__file__).with_name("fake_engine.py")

gdal.UseExceptions()


@pytest.fixture(scope="session")
def provider(qgis_app, qgis_processing):
    from qgis.analysis import QgsNativeAlgorithms

    from qgis_plugin.provider import LkProvider

    registry = QgsApplication.processingRegistry()
    if registry.providerById("native") is None:
        registry.addProvider(QgsNativeAlgorithms(registry))
    provider = LkProvider()
    assert QgsApplication.processingRegistry().addProvider(provider)
    yield provider
    QgsApplication.processingRegistry().removeProvider(provider)


@pytest.fixture(autouse=True)
def english(monkeypatch, qgis_app):
    """Sentences in English unless a test sets another language."""

    def speak(tongue):
        QgsSettings().setValue("lk_spatial/language", tongue)

    speak("en")
    yield speak
    QgsSettings().remove("lk_spatial/language")


@pytest.fixture
def project(qgis_app):
    """An empty project."""
    QgsProject.instance().clear()
    yield QgsProject.instance()
    QgsProject.instance().clear()


@pytest.fixture
def fake(monkeypatch, tmp_path, result_file):
    """Call to choose how the fake engine behaves; returns a function that reads its log."""
    from qgis_plugin import engine

    engine._versions.clear()
    log = tmp_path / "engine.log"
    monkeypatch.setenv("LK_ENGINE", str(FAKE))
    monkeypatch.setenv("LK_FAKE_LOG", str(log))
    monkeypatch.setenv("LK_FAKE_RESULT", str(result_file))

    def behave(how="ok"):
        monkeypatch.setenv("LK_FAKE", how)
        return lambda: [json.loads(line) for line in log.read_text("utf-8").splitlines()]

    return behave


@pytest.fixture
def run(provider, project):
    """Run a tool the way the toolbox does, with post-processing; returns (results, fine, feedback)."""

    def run(tool, parameters, feedback=None, load=()):
        context = QgsProcessingContext()
        context.setProject(project)
        feedback = feedback or Listener()
        algorithm = QgsApplication.processingRegistry().createAlgorithmById("lk:" + tool)
        for name in load:
            parameters[name] = QgsProcessingOutputLayerDefinition(parameters[name], project)
        fine, why = algorithm.checkParameterValues(parameters, context)
        assert fine, why
        results, fine = algorithm.run(parameters, context, feedback)
        if fine and load:
            from processing.gui.Postprocessing import handleAlgorithmResults

            handleAlgorithmResults(algorithm, context, feedback, False, parameters)
        return results, fine, feedback

    return run


@pytest.fixture
def tool(provider):
    """A fresh copy of the main job's algorithm."""
    return QgsApplication.processingRegistry().createAlgorithmById("lk:pv_potential")


@pytest.fixture
def result_file(tmp_path):
    """What the engine would write: three layers with some of the contract's columns."""
    fields = [(name, ogr.OFTReal) for name in ("energy_kwh_a", "power_kwp", "poa_kwh_m2_a", "tilt_deg")]
    fields += [(name, ogr.OFTString) for name in ("building_id", "plane_id")]
    return make_layers(tmp_path / "made_by_engine.gpkg", ("buildings", "roof_planes", "modules"), fields)


@pytest.fixture
def inputs(tmp_path):
    """Small inputs that QGIS accepts; the raster says no CRS, like the Czech surface model."""
    buildings = make_layers(tmp_path / "budovy žluté.gpkg", ("footprints", "other"), [("building_id", ogr.OFTString)])
    dsm = gdal.GetDriverByName("GTiff").Create(str(tmp_path / "dsm.tif"), 40, 40, 1, gdal.GDT_Float32, ["TFW=YES"])
    dsm.SetGeoTransform((-689000.0, 0.5, 0.0, -974640.0, 0.0, -0.5))
    dsm.GetRasterBand(1).Fill(400.0)
    del dsm
    weather = tmp_path / "weather.csv"
    weather.write_text("time,ghi\n", "utf-8")
    return {
        "buildings": "{}|layername=footprints".format(buildings),
        "dsm": str(tmp_path / "dsm.tif"),
        "weather": str(weather),
        "out": str(tmp_path / "out.gpkg"),
    }


@pytest.fixture(scope="session")
def qgis_process(tmp_path_factory):
    """Call qgis_process.bin in a profile into which the plugin is linked; returns the finished process."""
    import plugin

    profiles = tmp_path_factory.mktemp("profiles")
    plugin.link(profiles)

    def call(*arguments, profiles=profiles, **environment):
        return subprocess.run(
            ["/usr/bin/qgis_process.bin", *arguments],
            env=clean_environment(profiles, **environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=120,
        )

    call.profiles = profiles
    return call


@pytest.fixture(scope="session")
def few_buildings(tmp_path_factory):
    """Four buildings of the sample, so that a run takes a few seconds."""
    target = tmp_path_factory.mktemp("data") / "few.gpkg"
    command = ["ogr2ogr", "-limit", "4", str(target), str(ROOT / "sample_data/buildings.gpkg"), "buildings"]
    subprocess.run(command, check=True, env={**os.environ, "PATH": "/usr/bin:/bin"})
    return target
