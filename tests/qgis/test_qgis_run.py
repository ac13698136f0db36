"""The plugin's side of a run, against a fake engine: command line, messages, results, cancel, broken protocol."""

import json
import os
import time
from pathlib import Path

import pytest
from osgeo import ogr
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingOutputLayerDefinition,
    QgsRasterLayer,
    QgsVectorLayer,
)
from shared_parts import Listener, gone, make_layers


def given(log):
    return next(entry for entry in log() if "argv" in entry)


def options(log):
    return dict(word[2:].split("=", 1) for word in given(log)["argv"] if word.startswith("--") and "=" in word)


def test_command_line_and_environment(run, fake, inputs, monkeypatch):
    monkeypatch.setenv("PROJ_LIB", "/qgis/proj")
    monkeypatch.setenv("PYTHONHOME", "/qgis")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/qgis/lib")
    log = fake("ok")
    chosen = {"setback_m": 0.75, "anywhere": True, "fields": "use=Účel, name=N"}
    _, fine, _ = run("pv_potential", {**inputs, **chosen})
    assert fine
    argv, env = given(log)["argv"], given(log)["env"]
    assert argv[:8] == ["-m", "lk_spatial", "--lang", "en", "--progress", "json", "--lifeline", "pv-potential"]
    assert options(log)["buildings"] == inputs["buildings"] and options(log)["out"] == inputs["out"]
    assert "--setback-m=0.75" in argv and "--anywhere" in argv
    assert "--fields=use=Účel" in argv and "--fields=name=N" in argv
    assert not {"PROJ_LIB", "PYTHONHOME", "LD_LIBRARY_PATH", "QT_QPA_PLATFORM"} & set(env)
    assert given(log)["cwd"] != os.getcwd()


def test_unset_options_are_left_to_the_engine(run, fake, inputs):
    log = fake("ok")
    run("pv_potential", inputs)
    assert set(options(log)) == {"buildings", "dsm", "weather", "out"}


def test_messages_reach_the_user(run, fake, inputs):
    fake("ok")
    _, fine, feedback = run("pv_potential", inputs)
    assert fine and feedback.texts == ["Střešní roviny"] and feedback.progress() == 50.0
    assert feedback.warnings == ["Počasí je 800 km daleko."]
    assert {"plain words on stdout", "plain words on stderr"} <= set(feedback.console)
    assert "Done in 1.5 s." in feedback.infos


def test_results_name_every_layer(run, fake, inputs, tmp_path):
    fake("ok")
    results, _, _ = run("pv_potential", {**inputs, "report": str(tmp_path / "r.html")})
    out = inputs["out"]
    assert results["out"] == out and results["report"] == str(tmp_path / "r.html")
    for layer in ("buildings", "roof_planes", "modules"):
        assert results["out_" + layer] == "{}|layername={}".format(out, layer)
        assert QgsVectorLayer(results["out_" + layer], layer, "ogr").isValid()


def test_layers_are_loaded_styled_named_and_in_order(run, fake, inputs, project, english):
    english("cs")
    fake("ok")
    run("pv_potential", inputs, load=["out"])
    tree = [node.layer() for node in project.layerTreeRoot().findLayers()]
    assert [layer.name() for layer in tree] == ["Panely", "Střešní roviny", "Budovy"]
    panels, planes, buildings = tree
    assert planes.renderer().type() == "graduatedSymbol" and planes.renderer().classAttribute() == "poa_kwh_m2_a"
    assert buildings.labelsEnabled() and panels.renderer().type() == "singleSymbol"
    alias = buildings.fields().field("energy_kwh_a").alias()
    assert alias == "Roční výroba [kWh/a]"


@pytest.fixture
def map_inputs(inputs, monkeypatch, fake):
    """What the solar map takes; the fake engine hands over the small raster."""
    fake("ok")
    monkeypatch.setenv("LK_FAKE_RESULT", inputs["dsm"])
    return {"dsm": inputs["dsm"], "weather": inputs["weather"], "out": inputs["out"].replace(".gpkg", ".tif")}


@pytest.mark.parametrize(("tongue", "title"), [("en", "Solar map"), ("cs", "Solární mapa")])
def test_a_raster_is_loaded_styled_and_named(run, map_inputs, project, english, tongue, title):
    english(tongue)
    results, fine, _ = run("solar_map", dict(map_inputs), load=["out"])
    (layer,) = project.mapLayers().values()
    assert fine and results["out"] == map_inputs["out"]
    assert layer.name() == title and layer.renderer().type() == "singlebandpseudocolor"
    shown = layer.renderer().shader().rasterShaderFunction().colorRampItemList()
    assert shown[-1].color.name() == "#b92025" and shown[-1].value == 1250


def test_a_raster_s_own_style_stays(run, map_inputs, project):
    styled = QgsRasterLayer(map_inputs["dsm"], "dsm", "gdal")
    styled.setOpacity(0.5)
    styled.saveNamedStyle(map_inputs["out"].replace(".tif", ".qml"))
    run("solar_map", dict(map_inputs), load=["out"])
    (layer,) = project.mapLayers().values()
    assert layer.opacity() == 0.5 and layer.renderer().type() == "singlebandgray"


def test_a_temporary_raster(run, map_inputs):
    results, fine, _ = run("solar_map", {**map_inputs, "out": "TEMPORARY_OUTPUT"})
    assert fine and results["out"].endswith(".tif") and QgsRasterLayer(results["out"]).isValid()


@pytest.mark.parametrize(
    ("value", "expected"),
    [({}, []), ({"roofs_only": None}, []), ({"roofs_only": "yes"}, ["--roofs-only"]),
     ({"roofs_only": "no"}, ["--no-roofs-only"]), ({"monthly": True}, ["--monthly"])],
)  # fmt: skip
def test_a_switch_may_be_left_to_the_engine(run, fake, map_inputs, value, expected):
    run("solar_map", {**map_inputs, **value})
    log = [json.loads(line) for line in Path(os.environ["LK_FAKE_LOG"]).read_text("utf-8").splitlines()]
    argv = next(entry["argv"] for entry in log if "argv" in entry)
    assert [word for word in argv if "roofs-only" in word or word == "--monthly"] == expected


def test_second_run_keeps_its_own_order(run, fake, inputs, project, tmp_path):
    fake("ok")
    run("pv_potential", dict(inputs), load=["out"])
    run("pv_potential", {**inputs, "out": str(tmp_path / "again.gpkg")}, load=["out"])
    names = [node.layer().name() for node in project.layerTreeRoot().findLayers()]
    assert names == ["Modules", "Roof planes", "Buildings"] * 2


def test_nothing_is_loaded_unasked(run, fake, inputs, project):
    fake("ok")
    run("pv_potential", {**inputs, "out": QgsProcessingOutputLayerDefinition(inputs["out"], None)})
    assert not project.mapLayers()


def test_temporary_output(run, fake, inputs):
    fake("ok")
    results, fine, _ = run("pv_potential", {**inputs, "out": "TEMPORARY_OUTPUT"})
    assert fine and results["out"].endswith(".gpkg") and Path(results["out"]).is_file()


def test_findings_are_no_failure(run, fake, inputs):
    fake("findings")
    assert run("pv_potential", inputs)[1]


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("error", "Model povrchu se nepřekrývá s budovami."),
        ("crash", "free(): invalid pointer"),
        ("garbage", "without naming its results"),
        ("missing", "there is no such file"),
        ("broken", "does not start: ModuleNotFoundError: No module named 'lk_spatial'"),
    ],
)
def test_failure_is_one_sentence(tool, project, fake, inputs, behaviour, words):
    fake(behaviour)
    context = QgsProcessingContext()
    with pytest.raises(QgsProcessingException) as failure:
        tool.run(inputs, context, Listener(), {}, False)
    assert words in str(failure.value) and "Traceback" not in str(failure.value)
    assert not context.layersToLoadOnCompletion()


@pytest.mark.parametrize("behaviour", ["long", "deaf"])
def test_cancel_ends_the_engine(run, fake, inputs, behaviour):
    log = fake(behaviour)
    feedback = Listener(stop_after=1)
    begun = time.monotonic()
    results, fine, _ = run("pv_potential", inputs, feedback)
    assert time.monotonic() - begun < 4 and results == {} and fine
    pid = next(entry["pid"] for entry in log() if "pid" in entry)
    assert gone(pid) and not Path(inputs["out"]).exists()
    assert "Cancelled; nothing was written." in feedback.infos
    if behaviour == "long":  # it listened: its half file is gone too
        assert {"ended": "lifeline"} in log() and not Path(inputs["out"] + ".part").exists()


def test_other_version_is_told_once_per_run(run, fake, inputs, monkeypatch):
    fake("ok")
    monkeypatch.setenv("LK_FAKE_VERSION", "0.9.9")
    _, fine, feedback = run("pv_potential", inputs)
    assert fine and [text for text in feedback.warnings if "0.9.9" in text and "0.1.0" in text]


def test_without_engine_the_tool_says_what_to_do(tool, english, monkeypatch, tmp_path):
    from qgis_plugin import engine

    monkeypatch.delenv("LK_ENGINE", raising=False)
    monkeypatch.setattr(engine, "REPOSITORY", tmp_path)
    fine, why = tool.canExecute()
    assert not fine and "./lk setup" in why and "LK_ENGINE" in why
    english("cs")
    assert "výpočetní jádro není nainstalováno" in tool.canExecute()[1]
    monkeypatch.setenv("LK_ENGINE", str(tmp_path / "nowhere"))
    assert str(tmp_path / "nowhere") in tool.canExecute()[1]


def test_engine_is_looked_for_in_order(tool, monkeypatch, tmp_path, qgis_app):
    from qgis_plugin import engine

    def make(folder):
        (folder / "bin").mkdir(parents=True)
        (folder / "bin/python").write_text("")
        return str(folder / "bin/python")

    monkeypatch.setattr(engine, "REPOSITORY", tmp_path / "repository")
    monkeypatch.setattr(QgsApplication, "qgisSettingsDirPath", staticmethod(lambda: str(tmp_path / "profile")))
    monkeypatch.delenv("LK_ENGINE", raising=False)
    repository = make(tmp_path / "repository/.venv")
    assert engine.find_engine() == repository
    profile = make(tmp_path / "profile/lk_spatial_engine")
    assert engine.find_engine() == profile
    wanted = make(tmp_path / "wanted")
    monkeypatch.setenv("LK_ENGINE", str(tmp_path / "wanted"))
    assert engine.find_engine() == wanted


def test_selected_features_only(run, fake, inputs, project, tmp_path):
    log = fake("ok")
    layer = QgsVectorLayer(inputs["buildings"], "b", "ogr")
    project.addMapLayer(layer)
    layer.selectAll()
    run("pv_potential", {**inputs, "buildings": QgsProcessingFeatureSourceDefinition(layer.id(), True)})
    exported = options(log)["buildings"]
    assert exported != inputs["buildings"] and exported.endswith(".gpkg")


def test_memory_layer_is_exported_with_its_crs(run, fake, inputs, project):
    log = fake("ok")
    layer = QgsVectorLayer(inputs["buildings"], "b", "ogr").materialize(QgsFeatureRequest())
    project.addMapLayer(layer)
    run("pv_potential", {**inputs, "buildings": layer.id()})
    exported = QgsVectorLayer(options(log)["buildings"], "e", "ogr")
    assert exported.isValid() and exported.featureCount() == 1 and exported.crs().authid() == "EPSG:5514"
    assert "assume-crs" not in options(log)


def test_crs_assigned_in_the_project_is_handed_over(run, fake, inputs, project):
    log = fake("ok")
    dsm = QgsRasterLayer(inputs["dsm"], "dsm", "gdal")
    dsm.setCrs(QgsCoordinateReferenceSystem("EPSG:5514"))
    project.addMapLayer(dsm)
    run("pv_potential", {**inputs, "dsm": dsm.id()})
    assert options(log)["assume-crs"] == "dsm=EPSG:5514"


def test_raster_without_crs_is_handed_over_as_it_is(run, fake, inputs):
    log = fake("ok")
    run("pv_potential", inputs)
    assert options(log)["dsm"] == inputs["dsm"] and "assume-crs" not in options(log)


def test_unsaved_edits_are_told(run, fake, inputs, project):
    fake("ok")
    layer = QgsVectorLayer(inputs["buildings"], "Budovy", "ogr")
    project.addMapLayer(layer)
    layer.startEditing()
    _, _, feedback = run("pv_potential", {**inputs, "buildings": layer.id()})
    layer.rollBack()
    assert [text for text in feedback.warnings if "is being edited" in text]


@pytest.mark.parametrize("value", ["ogr:dbname='x.gpkg' table=\"t\" (geom)", "postgres://dbname='x'", "x.shp"])
def test_other_kinds_of_output_are_refused(tool, inputs, value):
    fine, why = tool.checkParameterValues({**inputs, "out": value}, QgsProcessingContext())
    assert not fine and why


def test_output_being_edited_is_refused(tool, inputs, project):
    make_layers(inputs["out"], ("buildings",), [("building_id", ogr.OFTString)])
    layer = QgsVectorLayer(inputs["out"] + "|layername=buildings", "Výsledek", "ogr")
    project.addMapLayer(layer)
    context = QgsProcessingContext()
    context.setProject(project)
    assert tool.checkParameterValues(inputs, context)[0]
    layer.startEditing()
    fine, why = tool.checkParameterValues(inputs, context)
    layer.rollBack()
    assert not fine and "Výsledek" in why


def test_shipped_model_chains_a_layer_of_the_result(provider, project, fake, inputs):
    """models/pv_best_roofs: the layer `buildings` of the result feeds QGIS's own filter."""
    log = fake("ok")
    model = QgsApplication.processingRegistry().createAlgorithmById("lk:pv_best_roofs")
    assert model is not None
    context = QgsProcessingContext()
    context.setProject(project)
    wanted = {name: inputs[name] for name in ("buildings", "dsm", "weather")}
    for least, count in ((100.0, 1), (2000.0, 0)):  # the fake roof carries 1050 kWp
        given_now = {**wanted, "least_kwp": least, "best:Vybrané budovy": "TEMPORARY_OUTPUT"}
        results, fine = model.run(given_now, context, Listener())
        assert fine
        layer = context.getMapLayer(results["best:Vybrané budovy"])
        assert layer.featureCount() == count
    assert options(log)["out"].endswith(".gpkg")


def test_a_point_cloud_reaches_the_engine_as_a_file(run, fake, inputs, tmp_path):
    cloud = tmp_path / "roofs.LAZ"
    cloud.write_bytes(b"no layer of QGIS")
    log = fake("ok")
    _, fine, _ = run("pv_potential", {**inputs, "dsm": str(cloud)})
    assert fine and options(log)["dsm"] == str(cloud)
