"""The demo: the main job on the sample, by command line and, where QGIS and the plugin are at hand, through QGIS."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lk_spatial.core.errors import Cancelled, DataError
from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.core.text import Text
from lk_spatial.sample import make_sample

REPOSITORY = Path(__file__).resolve().parents[1]
QGIS_PACKAGES = "qgis python3-qgis qgis-providers gdal-bin python3-venv xvfb xauth"
HAS_PLUGIN = (REPOSITORY / "qgis_plugin").is_dir()
QGIS_PYTHON = Path("/usr/bin/python3")  # Debian's own: no other Python can import its qgis
FOREIGN = ("PYTHON", "PROJ_", "GDAL_")  # what one Python's environment must not pass on to QGIS's

COMMAND = Text("By command line:", "Z příkazové řádky:")
PLUGIN = Text("The same through the QGIS plugin:", "Totéž zásuvným modulem v QGIS:")
SCREENING = Text(
    "Which roofs need a static survey (costs invented):", "Které střechy potřebují posudek (náklady vymyšlené):"
)
COSTS = {"survey-czk": "40000", "false-go-czk": "10000000", "benefit-czk": "1500000"}  # invented
LAYERS = Text("layers", "vrstvy")
REPORT = Text("report", "zpráva")
PROJECT = Text("QGIS project", "projekt QGIS")
OPEN = Text("open it with", "otevřete příkazem")
NO_QGIS_DEBIAN = Text(
    "QGIS is not installed; to see the result in it: sudo apt-get install --no-install-recommends {packages}",
    "QGIS není nainstalován; chcete-li v něm výsledek vidět: sudo apt-get install --no-install-recommends {packages}",
)
NO_QGIS = Text(
    "QGIS is not installed; to see the result in it, get QGIS 3.22 or newer from https://qgis.org.",
    "QGIS není nainstalován; chcete-li v něm výsledek vidět, pořiďte QGIS 3.22 nebo novější z https://qgis.org.",
)
NO_PLUGIN = Text(
    "The QGIS plugin comes as a zip of its own; open the layers in QGIS by Layer › Add Layer.",
    "Zásuvný modul pro QGIS je samostatný zip; vrstvy otevřete v QGIS přes Vrstva › Přidat vrstvu.",
)


def run_demo(out_dir: Path, *, lang: str = "en", progress: Progress = silent) -> list[str]:
    """Run the main job on the sample into ``out_dir`` and return lines that tell where layers, report and project lie.

    In the repository the committed ``sample_data`` is used, in an installed package it is made first. Raises DataError
    (code ``demo_failed``) with the message of the step that failed.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    sample = _sample(out_dir, part(progress, 0.0, 0.05))
    inputs = {
        "buildings": sample / "buildings.gpkg",
        "dsm": sample / "dsm.tif",
        "weather": sample / "weather_liberec_synthetic.csv",
        "snow": sample / "snow_invented.csv",
    }
    qgis = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
    with ThreadPoolExecutor(1) as beside:  # the two runs share nothing but their inputs
        in_qgis = beside.submit(by_plugin, qgis, inputs, out_dir, lang) if qgis and HAS_PLUGIN else None
        lines = by_command_line(inputs, out_dir, lang, part(progress, 0.05, 0.9))
        progress(0.9, "QGIS")
        if in_qgis is None:
            return [*lines, _without_qgis(lang) if qgis is None else NO_PLUGIN.get(lang)]
        return [*lines, *in_qgis.result()]


def _without_qgis(lang: str) -> str:
    """One sentence that tells how to get QGIS here."""
    debian = Path("/etc/debian_version").is_file()
    return (NO_QGIS_DEBIAN if debian else NO_QGIS).get(lang).format(packages=QGIS_PACKAGES)


def _sample(out_dir: Path, progress: Progress) -> Path:
    """The sample of the repository, else one made beside the results."""
    committed = REPOSITORY / "sample_data"
    if (committed / "dsm.tif").is_file():
        return committed
    make_sample(out_dir / "sample", progress)
    return out_dir / "sample"


def by_command_line(inputs: dict[str, Path], out_dir: Path, lang: str, progress: Progress) -> list[str]:
    """Run the main job and the static screening as a user would type them, and tell where their results lie."""
    given = inputs | {"out": out_dir / "pv.gpkg", "report": out_dir / "pv.html"}
    lines = typed(COMMAND, "pv-potential", given, lang, part(progress, 0.0, 0.8))
    roofs: dict[str, str | Path] = {"buildings": inputs["buildings"], "dsm": inputs["dsm"], "potential": given["out"]}
    roofs |= COSTS | {"out": out_dir / "screening.gpkg", "report": out_dir / "screening.html"}
    return [*lines, *typed(SCREENING, "static-screening", roofs, lang, part(progress, 0.8, 1.0))]


def typed(title: Text, tool: str, given: Mapping[str, str | Path], lang: str, progress: Progress) -> list[str]:
    """Run a tool by command line; lines that tell what was typed and where layers and report lie."""
    options = [word for name, value in given.items() for word in (f"--{name}", str(value))]
    start = [sys.executable, "-m", "lk_spatial", "--lang", lang, "--progress", "json"]
    _listen([*start, tool, *options], progress)
    return [
        title.get(lang),
        f"  lk {tool} {shlex.join(options)}",
        f"  {LAYERS.get(lang)}: {given['out']}",
        f"  {REPORT.get(lang)}: {given['report']}",
    ]


def _listen(command: Sequence[str], progress: Progress) -> None:
    """Run a command of the engine that answers in JSON lines; pass on its progress, raise its error."""
    said = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as child:
        try:
            for line in child.stdout or ():
                message = json.loads(line)
                if message["type"] == "progress":
                    progress(message["done"], message["text"])
                elif message["type"] == "error":
                    said = message["text"]
        except Cancelled:
            child.terminate()
            raise
        said = said or (child.stderr.read() if child.stderr else "")
    if child.returncode != 0:
        raise DataError("demo_failed", step=shlex.join(command[6:8]), reason=said.strip())


def by_plugin(qgis: str, inputs: dict[str, Path], out_dir: Path, lang: str) -> list[str]:
    """Run the main job as QGIS Processing does, with the repository's plugin enabled in ``.qgis-profile``; write a
    QGIS project with the layers.
    """
    profile, out = REPOSITORY / ".qgis-profile", out_dir / "pv_qgis.gpkg"
    _run([sys.executable, str(REPOSITORY / "scripts/plugin.py"), "link", str(profile)], dict(os.environ))
    given = [f"{name}={path}" for name, path in (inputs | {"out": out}).items()]
    with tempfile.TemporaryDirectory() as runtime:
        environment = qgis_environment(profile, runtime, lang)
        _run([qgis, "run", "lk:pv_potential", "--", *given], environment)
        lines = [
            PLUGIN.get(lang),
            f"  qgis_process.bin run lk:pv_potential -- {shlex.join(given)}",
            f"  {LAYERS.get(lang)}: {out}",
        ]
        screened = out_dir / "screening_qgis.gpkg"
        roofs: dict[str, str | Path] = {"buildings": inputs["buildings"], "dsm": inputs["dsm"], "potential": out}
        roofs |= {name.replace("-", "_"): value for name, value in COSTS.items()}
        more = [f"{name}={value}" for name, value in (roofs | {"out": screened}).items()]
        _run([qgis, "run", "lk:static_screening", "--", *more], environment)
        lines += [
            f"  qgis_process.bin run lk:static_screening -- {shlex.join(more)}",
            f"  {LAYERS.get(lang)}: {screened}",
        ]
        return [*lines, *project([out, screened], inputs["dsm"], out_dir / "pv.qgz", environment, lang)]


def qgis_environment(profile: Path, runtime: str, lang: str) -> dict[str, str]:
    """The environment in which QGIS runs without a screen, on its own libraries and with the repository's profile."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    ours = {"QGIS_CUSTOM_CONFIG_PATH": str(profile), "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": runtime}
    return kept | ours | {"LK_ENGINE": sys.executable, "LK_LANG": lang}


def project(layers: Sequence[Path], dsm: Path, path: Path, environment: dict[str, str], lang: str) -> list[str]:
    """Write a QGIS project with the layers over the surface model, and tell how to open it."""
    if not QGIS_PYTHON.is_file():
        return []
    script = REPOSITORY / "scripts/demo_project.py"
    _run([str(QGIS_PYTHON), str(script), *map(str, layers), str(dsm), str(path)], environment)
    profile = environment["QGIS_CUSTOM_CONFIG_PATH"]
    opened = f"qgis --profiles-path {shlex.quote(profile)} {shlex.quote(str(path))}"
    return [f"  {PROJECT.get(lang)}: {path}", f"  {OPEN.get(lang)}: {opened}"]


def _run(command: Sequence[str], environment: dict[str, str]) -> None:
    """Run a command to its end; raises DataError with the end of what it said where it fails."""
    done = subprocess.run(
        command, env=environment, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode != 0:
        reason = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise DataError("demo_failed", step=shlex.join(command[:3]), reason=reason)
