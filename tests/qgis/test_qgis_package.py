"""The zip as plugins.qgis.org would look at it, and what is generated: styles, tools.json, models."""

import ast
import configparser
import json
import os
import re
import subprocess
import zipfile
from pathlib import Path

import plugin
import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted((ROOT / "qgis_plugin").rglob("*.py"))


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    with zipfile.ZipFile(plugin.build(tmp_path_factory.mktemp("dist"))) as archive:
        yield archive


def test_zip_has_what_the_site_and_the_plugin_need(packed):
    names = packed.namelist()
    needed = ("__init__.py", "metadata.txt", "LICENSE", "tools.json", "icon.svg", "fields.csv", "i18n/sentences.json")
    assert {"lk_spatial_qgis/" + name for name in needed} <= set(names)
    assert "lk_spatial_qgis/styles/roof_planes.qml" in names
    assert [name for name in names if name.startswith("lk_spatial_qgis/models/")]
    assert not [name for name in names if re.search(r"\.pyc|__pycache__|\.so|/\.|\.\.|\\|tests", name)]
    assert sum(entry.compress_size for entry in packed.infolist()) < 1_000_000


def test_zip_is_the_same_twice(tmp_path):
    first, second = plugin.build(tmp_path / "a"), plugin.build(tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()


def test_metadata_is_read_as_the_site_reads_it(packed):
    metadata = configparser.ConfigParser()  # with interpolation: a bare % would fail
    metadata.read_string(packed.read("lk_spatial_qgis/metadata.txt").decode("utf-8"))
    general = dict(metadata["general"])
    required = "name description version qgisminimumversion author email about tracker repository hasprocessingprovider"
    assert all(general[key].strip() for key in required.split())
    assert "/" not in general["author"] and general["qgisminimumversion"] == "3.22"
    assert "supportsqt6" not in general


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.name)
def test_code_is_python_39_and_stands_alone(path):
    tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 9))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            imported.add(node.module.split(".")[0])
        elif isinstance(node, ast.Match):
            pytest.fail("match is Python 3.10")
    standard = {"csv", "functools", "html", "itertools", "json", "os", "pathlib", "queue", "signal", "subprocess",
                "tempfile", "threading", "typing"}  # fmt: skip
    assert imported <= standard | {"qgis"}
    assert "PyQt5" not in path.read_text("utf-8")


def test_tools_json_is_what_the_engine_declares():
    command = [str(ROOT / ".venv/bin/python"), "-m", "lk_spatial", "describe", "--all"]
    declared = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=str(ROOT), env=engine_environment())
    committed = json.loads((ROOT / "qgis_plugin/tools.json").read_text("utf-8"))
    remedy = "stale: python -m lk_spatial describe --all > qgis_plugin/tools.json"
    assert json.loads(declared.stdout) == committed, remedy


def engine_environment():
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}


@pytest.mark.parametrize(
    ("script", "folder"), [("make_styles.py", "lk_spatial/data/styles"), ("make_models.py", "models")]
)
def test_generated_files_are_not_edited_by_hand(script, folder, tmp_path):
    subprocess.run(["/usr/bin/python3", str(ROOT / "scripts" / script), str(tmp_path)], check=True)
    made = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    kept = {path.name: path.read_text("utf-8") for path in (ROOT / folder).iterdir() if path.suffix != ".md"}
    assert made == kept, "run scripts/" + script


def test_sentences_have_both_languages_and_the_same_places():
    sentences = json.loads((ROOT / "qgis_plugin/i18n/sentences.json").read_text("utf-8"))
    for code, text in sentences.items():
        places = [sorted(re.findall(r"\{[^}]*\}", text[tongue])) for tongue in ("en", "cs")]
        assert places[0] == places[1], code
    used = set(re.findall(r'sentence\(\s*"(\w+)"', "".join(path.read_text("utf-8") for path in CODE)))
    assert used == set(sentences)
