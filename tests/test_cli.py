"""The command line: help, exit status, languages, JSON lines, lifeline."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import lk_spatial
from lk_spatial import tools  # noqa: F401 - declares the tools
from lk_spatial.cli import declarations
from lk_spatial.core.tool import TOOLS

ROOT = Path(__file__).resolve().parents[1]
CALL = ["roof-planes", "--buildings", "a", "--dsm", "b", "--out", "c.gpkg"]


def lk(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    environment = {**os.environ, "LK_LANG": options.pop("lang", "en"), "PYTHONWARNINGS": "default"}
    return subprocess.run(
        [sys.executable, "-m", "lk_spatial", *arguments],
        capture_output=True, text=True, encoding="utf-8", env=environment, timeout=120, **options,
    )  # fmt: skip


def test_version_and_tools() -> None:
    assert lk("--version").stdout.strip() == f"lk_spatial {lk_spatial.__version__}"
    lines = lk("tools").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(TOOLS)
    assert "pv_potential" in TOOLS


@pytest.mark.parametrize("tool", sorted(TOOLS))
def test_help_and_description_in_both_languages(tool: str) -> None:
    flag = tool.replace("_", "-")
    described = json.loads(lk("describe", tool).stdout)
    english, czech = lk(flag, "--help").stdout, lk(flag, "--help", "--lang", "cs").stdout
    assert english != czech
    for each in described["parameters"]:
        assert f"--{each['name'].replace('_', '-')}" in english
        assert each["title"]["cs"] and each["title"]["en"]


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (["pv-potential"], 2, "parameter_missing"),
        ([*CALL, "--min-area-m2", "x"], 2, "parameter_wrong"),
        (CALL, 1, "input_missing"),
        (["describe", "nothing"], 2, "tool_unknown"),
        (["rerun", "nothing.run.json"], 1, "record_unusable"),
    ],
)  # fmt: skip
def test_exit_status_and_one_readable_message(arguments: list[str], status: int, code: str, tmp_path: Path) -> None:
    ended = lk(*arguments, cwd=tmp_path)
    assert ended.returncode == status
    assert code in ended.stderr or status == 2
    assert "Traceback" not in ended.stderr and not ended.stdout
    czech = lk(*arguments, "--lang", "cs", cwd=tmp_path)
    assert czech.returncode == status and czech.stderr.startswith("chyba") and czech.stderr != ended.stderr


@pytest.mark.parametrize("arguments", [["no-such-tool"], ["roof-planes", "--no-such"], ["template", "trees", "x.gpkg"]])
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    ended = lk(*arguments)
    assert ended.returncode == 2 and "Traceback" not in ended.stderr and len(ended.stderr.splitlines()) == 1


def test_errors_as_json_lines(tmp_path: Path) -> None:
    ended = lk("--progress", "json", "--lang", "cs", *CALL, cwd=tmp_path)
    (line,) = ended.stdout.splitlines()
    assert json.loads(line)["type"] == "error" and "nebyl nalezen" in json.loads(line)["text"]


@pytest.mark.parametrize("farewell", [b"cancel\n", b""])
def test_lifeline_ends_the_process(farewell: bytes) -> None:
    """The watcher ends a program that would go on for long; closing standard input is enough."""
    sleeper = (
        "import sys, time; from lk_spatial import cli; cli._hold_lifeline(None, None, True); "
        "print('ready', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", sleeper], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        process.stdout.readline()
        started = time.monotonic()
        process.stdin.write(farewell)
        process.stdin.close()
        assert process.wait(timeout=10) == 130
        assert time.monotonic() - started < 5


def test_tools_json_of_the_plugin_is_fresh() -> None:
    """Regenerate with: lk describe --all > qgis_plugin/tools.json"""
    assert json.loads((ROOT / "qgis_plugin/tools.json").read_text("utf-8")) == json.loads(json.dumps(declarations()))


@pytest.mark.parametrize("name", [name for name in lk_spatial.__all__ if not name.startswith("__")])
def test_public_names_exist(name: str) -> None:
    assert getattr(lk_spatial, name) is not None


def test_importing_the_package_is_light() -> None:
    code = "import sys, lk_spatial; print([m for m in ('numpy', 'geopandas', 'rasterio', 'numba') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
