"""A run of a tool: checked before, recorded after. The record is the configuration and can be run again."""

import errno
import json
import platform
import re
import time
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from lk_spatial import __version__
from lk_spatial.core import tables
from lk_spatial.core.contents import fingerprint
from lk_spatial.core.errors import InputError, LkError, Problems
from lk_spatial.core.files import staged
from lk_spatial.core.notices import Notice, collect_notices, notice
from lk_spatial.core.progress import Progress
from lk_spatial.core.tool import TOOLS, File, Tool
from lk_spatial.core.validate import validate

LIBRARIES = (
    "geopandas",
    "laspy",
    "lazrs",
    "numba",
    "numpy",
    "pandas",
    "pvlib",
    "pyogrio",
    "pyproj",
    "rasterio",
    "scipy",
    "shapely",
)
_PASSWORD = re.compile(r"(://[^:/@\s]*:)[^@/\s]+@|(\b(?:password|passwd)=)[^&\s]+", re.IGNORECASE)


class RunResult(NamedTuple):
    """What a run gave: outputs by parameter name, warnings, the path of its record, seconds."""

    outputs: dict[str, str]
    notices: list[Notice]
    record: Path | None
    seconds: float


_current: ContextVar[dict[str, Any] | None] = ContextVar("current_run", default=None)


def current_record() -> dict[str, Any] | None:
    """The record of the running tool as far as it is known now; None where no tool runs."""
    run = _current.get()
    return None if run is None else _complete(run)


def run_tool(tool: Tool, given: dict[str, Any], progress: Progress) -> RunResult:
    """Check, run and record ``tool``; outputs appear whole or not at all. Raises LkError."""
    parameters = validate(tool, given)
    try:
        result = _run(tool, parameters, progress)
    except LkError:
        raise
    except OSError as error:
        raise _readable(error, tool, parameters) from error
    progress(1.0, "")
    return result


def _run(tool: Tool, parameters: dict[str, Any], progress: Progress) -> RunResult:
    _check_names(tool, parameters)
    _check_inputs_exist(tool, parameters)
    tool.before(tool, parameters)
    started = time.monotonic()
    used: dict[str, dict[str, Any]] = {}
    with collect_notices() as notices:
        run = _start(tool, parameters, notices, used)
        tokens = _current.set(run), tables._used.set(used)
        try:
            tool.function(**parameters, progress=progress)
        finally:
            _current.reset(tokens[0])
            tables._used.reset(tokens[1])
        seconds = round(time.monotonic() - started, 2)
        outputs = _outputs(tool, parameters)
        record = _write_record(outputs, _complete(run) | {"seconds": seconds})
    return RunResult(outputs, notices, record, seconds)


def read_record(path: Path) -> tuple[Tool, dict[str, Any]]:
    """Tool and parameters of a run record; warns of inputs that have changed since. Raises InputError."""
    try:
        record = json.loads(path.read_text("utf-8"))
        tool, parameters = TOOLS[record["tool"]], dict(record["parameters"])
        folder, beside = Path(record["folder"]), path.resolve().parent
        for each in tool.parameters:
            if isinstance(each.spec, File) and parameters.get(each.name):
                parameters[each.name] = _resolved(parameters[each.name], folder, beside)
        for told in record["inputs"]:
            where = Path(local_path(_resolved(told["path"], folder, beside)) or "")
            if told["sha256"] and where.exists() and fingerprint(where)["sha256"] != told["sha256"]:
                notice("record_input_changed", path=told["path"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise InputError("record_unusable", path=str(path)) from error
    unknown = [name for name in parameters if all(name != each.name for each in tool.parameters)]
    if unknown:
        raise Problems([InputError("parameter_unknown", tool=tool.id, parameter=name) for name in unknown])
    return tool, parameters


def local_path(reference: str) -> str | None:
    """The file of ``path`` or ``path|layername=L``; None for a database."""
    return None if reference.startswith(("postgresql://", "postgres://")) else reference.split("|")[0]


def masked(text: str) -> str:
    """``text`` with passwords hidden.

    >>> masked("postgresql://lk:secret@host/db")
    'postgresql://lk:***@host/db'
    """
    return _PASSWORD.sub(lambda found: f"{found[1]}***@" if found[1] else f"{found[2]}***", text)


def _resolved(value: Any, folder: Path, beside: Path) -> Any:
    """A relative path of a record, seen from the folder of the recorded run or from the record itself."""
    if isinstance(value, list | tuple):
        return [_resolved(each, folder, beside) for each in value]
    path = local_path(value)
    if path is None or Path(path).is_absolute():
        return value
    return str((folder if folder.is_dir() else beside) / path) + value[len(path) :]


def record_path(outputs: Sequence[str]) -> Path | None:
    """Where the record of a run with these ``outputs`` goes: beside the first; None for a database."""
    path = local_path(outputs[0]) if outputs else None
    return None if path is None else Path(f"{path}.run.json")


def _check_names(tool: Tool, parameters: dict[str, Any]) -> None:
    """Refuse names of files that no report or record could tell."""
    for parameter, reference in _files(tool, parameters, "in") + _files(tool, parameters, "out"):
        try:
            reference.encode("utf-8")
        except UnicodeEncodeError:
            raise InputError("path_encoding", parameter=parameter.flag, path=reference) from None


def _check_inputs_exist(tool: Tool, parameters: dict[str, Any]) -> None:
    for parameter, reference in _files(tool, parameters, "in"):
        path = local_path(reference)
        if path is not None and not path.startswith("/vsi") and not _exists(path):
            raise InputError("input_missing", parameter=parameter.flag, title=parameter.title, path=path)


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:  # a name that no file can have
        return False


def _files(tool: Tool, parameters: dict[str, Any], role: str) -> list[tuple[Any, str]]:
    """Every given file of ``role`` with its parameter."""
    found = []
    for each in tool.parameters:
        value = parameters[each.name]
        if isinstance(each.spec, File) and each.spec.role == role and value:
            found += [(each, reference) for reference in (value if each.multiple else [value])]
    return found


def input_references(tool: Tool, parameters: dict[str, Any]) -> list[str]:
    """Every input of a run."""
    return [reference for _, reference in _files(tool, parameters, "in")]


def _start(tool: Tool, parameters: dict[str, Any], notices: list[Notice], used: dict[str, Any]) -> dict[str, Any]:
    return {
        "tool": tool,
        "parameters": parameters,
        "notices": notices,
        "tables": used,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "inputs": [_fingerprint(each.name, reference) for each, reference in _files(tool, parameters, "in")],
    }


def _fingerprint(name: str, reference: str) -> dict[str, Any]:
    path = local_path(reference)
    return {"name": name, "path": masked(reference), **(fingerprint(Path(path)) if path else {"sha256": None})}


def _complete(run: dict[str, Any]) -> dict[str, Any]:
    """The record as it is written."""
    return {
        "program": "lk_spatial",
        "version": __version__,
        "tool": run["tool"].id,
        "started": run["started"],
        "folder": str(Path.cwd()),
        "parameters": _masked_all(run["parameters"]),
        "inputs": run["inputs"],
        "crs": "EPSG:5514",
        "tables": [{"id": table, **card} for table, card in sorted(run["tables"].items())],
        "warnings": [
            {"code": each.code, "en": each.sentence("en"), "cs": each.sentence("cs")} for each in run["notices"]
        ],
        "python": platform.python_version(),
        "libraries": libraries(),
    }


def libraries() -> dict[str, str | None]:
    """Versions of the libraries that results depend on; None where one is not installed."""
    return {name: _version(name) for name in LIBRARIES}


def _masked_all(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _masked_all(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_masked_all(each) for each in value]
    return masked(value) if isinstance(value, str) else value


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _outputs(tool: Tool, parameters: dict[str, Any]) -> dict[str, str]:
    return {each.name: reference for each, reference in _files(tool, parameters, "out")}


def _write_record(outputs: dict[str, str], record: dict[str, Any]) -> Path | None:
    """Write the record beside the first output that is a file."""
    target = record_path(list(outputs.values()))
    if target is None:
        return None
    with staged(target) as part:
        part.write_text(json.dumps(record, ensure_ascii=False, indent=1, default=str) + "\n", "utf-8")
    return target


def _readable(error: OSError, tool: Tool, parameters: dict[str, Any]) -> LkError:
    """A sentence for what the system refused."""
    path = error.filename or next(iter(_outputs(tool, parameters).values()), "")
    reason = error.strerror or str(error)
    if str(path) in map(local_path, input_references(tool, parameters)):
        return InputError("input_unreadable", path=str(path), reason=reason)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return InputError("disk_full", path=str(path))
    if isinstance(error, PermissionError) or error.errno in (errno.EROFS, errno.EACCES):
        return InputError("output_unwritable", path=str(path), reason=reason)
    return InputError("system_refused", path=str(path), reason=reason)
