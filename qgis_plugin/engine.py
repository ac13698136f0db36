"""The calculation engine: where its Python is, which version it has, and how it is started."""

import os
import subprocess
import tempfile
from pathlib import Path

from qgis.core import QgsApplication, QgsProcessingException

from .language import language, sentence
from .places import REPOSITORY

# QGIS sets these for its own libraries; the engine brings other builds of the same ones.
_FOREIGN = ("PYTHON", "PROJ_", "GDAL_", "QT_")
_FOREIGN_EXACT = ("LD_LIBRARY_PATH", "VIRTUAL_ENV", "DYLD_LIBRARY_PATH")

_versions = {}  # (interpreter, its time of change) → version; asking costs half a second


def find_engine():
    """Return the engine's Python; raises QgsProcessingException with one sentence that says what to do."""
    wanted = os.environ.get("LK_ENGINE", "").strip()
    if wanted:
        python = _python_of(Path(wanted).expanduser())
        if python is None:
            raise QgsProcessingException(sentence("engine_path_wrong", path=wanted))
        return python
    profile = Path(QgsApplication.qgisSettingsDirPath())
    for folder in (profile / "lk_spatial_engine", REPOSITORY / ".venv"):
        python = _python_of(folder)
        if python is not None:
            return python
    raise QgsProcessingException(sentence("engine_missing"))


def engine_problem():
    """Return "" when an engine is there, else the sentence that says what to do."""
    try:
        find_engine()
    except QgsProcessingException as problem:
        return str(problem)
    return ""


def _python_of(place):
    """Return the interpreter: the file itself, or the one inside an environment's folder."""
    if place.is_file():
        return str(place.absolute())  # not resolve(): the link inside a venv is what makes it the venv
    for inside in ("bin/python", "Scripts/python.exe"):
        if (place / inside).is_file():
            return str((place / inside).absolute())
    return None


def command(python, tool_id, arguments):
    """Return the engine's command line for one tool."""
    start = [python, "-m", "lk_spatial", "--lang", language(), "--progress", "json", "--lifeline"]
    return start + [tool_id.replace("_", "-")] + arguments


def environment():
    """Return the child's environment without what belongs to QGIS's own Python, GDAL, GEOS, PROJ and Qt."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_FOREIGN) and name not in _FOREIGN_EXACT
    }
    kept["PYTHONUTF8"] = "1"
    kept["LK_LANG"] = language()  # also for aliases and value lists inside the results
    return kept


def no_window():
    """Return Popen's flags that keep Windows from opening a console (0 elsewhere)."""
    return getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)


def engine_version(python):
    """Return the engine's version, asked once per interpreter; raises when the engine does not start."""
    key = (python, os.stat(python).st_mtime)
    if key not in _versions:
        _versions[key] = _ask_version(python)
    return _versions[key]


def _ask_version(python):
    try:
        answer = subprocess.run(
            [python, "-m", "lk_spatial", "--version"],
            env=environment(),
            cwd=tempfile.gettempdir(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            timeout=60,
            creationflags=no_window(),
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise QgsProcessingException(sentence("engine_does_not_start", path=python, why=problem)) from problem
    words = answer.stdout.split()
    if answer.returncode != 0 or not words:
        lines = answer.stderr.strip().splitlines() or ["status {}".format(answer.returncode)]
        raise QgsProcessingException(sentence("engine_does_not_start", path=python, why=lines[-1]))
    return words[-1]
