"""The plugin with the real engine, in a process of its own as users start it: qgis_process.bin and an empty profile."""

import shutil
import subprocess
import time
from pathlib import Path

import plugin
import pytest
from qgis.core import QgsVectorLayer
from shared_parts import clean_environment, gone, make_layers

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample_data"
LAYERS = ("buildings", "roof_planes", "modules")


def job(buildings, out, **more):
    weather = next(SAMPLE.glob("weather*.csv"))
    given = {"buildings": buildings, "dsm": SAMPLE / "dsm.tif", "weather": weather, "out": out, **more}
    return ["run", "lk:pv_potential", "--"] + ["{}={}".format(name, value) for name, value in given.items()]


def no_traceback(text):
    assert "Traceback" not in text and "Error: \n" not in text, text


@pytest.mark.parametrize("variable", ["LANGUAGE", "LK_LANG"])
def test_plugin_and_tools_are_listed(qgis_process, variable):
    listed = qgis_process("list", **{variable: "cs"})
    assert listed.returncode == 0, listed.stdout
    assert "LK Spatial" in listed.stdout and "pv_potential\tPotenciál fotovoltaiky na střechách" in listed.stdout
    assert "roof_planes\tStřešní roviny" in listed.stdout


def test_help_in_english(qgis_process):
    told = qgis_process("help", "lk:pv_potential")
    assert told.returncode == 0 and "Rooftop PV potential" in told.stdout and "setback_m" in told.stdout


def test_main_job_with_the_real_engine(qgis_process, few_buildings, tmp_path):
    out, report = tmp_path / "výsledek.gpkg", tmp_path / "report.html"
    done = qgis_process(*job(few_buildings, out, report=report))
    assert done.returncode == 0, done.stdout
    no_traceback(done.stdout)
    for name in LAYERS:
        layer = QgsVectorLayer("{}|layername={}".format(out, name), name, "ogr")
        assert layer.isValid() and layer.featureCount() > 0 and layer.crs().authid() == "EPSG:5514"
    assert "<html" in report.read_text("utf-8") and Path(str(out) + ".run.json").is_file()
    assert "out_roof_planes:\t{}|layername=roof_planes".format(out) in done.stdout


def test_broken_input_is_one_sentence(qgis_process, tmp_path):
    far = make_layers(tmp_path / "far.gpkg", ("buildings",), square=(-700000.0, -980000.0, 10.0))
    done = qgis_process(*job(far, tmp_path / "out.gpkg"))
    assert done.returncode == 1, done.stdout
    no_traceback(done.stdout)
    assert not (tmp_path / "out.gpkg").exists()
    assert "ERROR" in done.stdout and "overlap" in done.stdout.lower()


def test_missing_file_is_refused_before_the_run(qgis_process, tmp_path):
    done = qgis_process(*job(tmp_path / "nowhere.gpkg", tmp_path / "out.gpkg"))
    assert done.returncode == 1 and "nowhere.gpkg" in done.stdout
    no_traceback(done.stdout)


def test_without_engine_the_tools_are_listed_and_say_what_to_do(qgis_process, tmp_path, few_buildings):
    nowhere = {"LK_ENGINE": str(tmp_path / "no/python")}
    assert "pv_potential" in qgis_process("list", **nowhere).stdout
    done = qgis_process(*job(few_buildings, tmp_path / "out.gpkg"), **nowhere)
    assert done.returncode == 1 and "LK_ENGINE" in done.stdout
    no_traceback(done.stdout)


def test_engine_dies_with_qgis(qgis_process, few_buildings, tmp_path, fake):
    """QGIS is killed, its Cancel never comes: the end of stdin is enough."""
    log = fake("long")
    out = tmp_path / "out.gpkg"
    environment = clean_environment(qgis_process.profiles)
    qgis = subprocess.Popen(["/usr/bin/qgis_process.bin", *job(few_buildings, out)], env=environment,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    pid = wait_for(lambda: next(entry["pid"] for entry in log() if "pid" in entry))
    qgis.kill()
    qgis.wait()
    assert wait_for(lambda: gone(pid) or None, 3)
    assert not Path(str(out) + ".part").exists()


def wait_for(look, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            found = look()
        except (StopIteration, FileNotFoundError):
            found = None
        if found is not None:
            return found
        time.sleep(0.05)
    raise AssertionError("nothing came in time")


def test_zip_runs_in_an_empty_profile(tmp_path, few_buildings, qgis_process):
    """Installed from the zip, away from the repository: it brings its styles, fields and models with it."""
    folder = plugin.install(tmp_path / "profiles")
    (tmp_path / "profiles/profiles/default/lk_spatial_engine").symlink_to(ROOT / ".venv")
    assert (folder / "styles/buildings.qml").is_file() and not (folder / "tests").exists()
    out = tmp_path / "out.gpkg"
    done = qgis_process(*job(few_buildings, out), profiles=tmp_path / "profiles")
    assert done.returncode == 0 and out.is_file(), done.stdout
    shutil.rmtree(tmp_path / "profiles")
