"""Outputs of a job, all of them or none: layers, report and spreadsheet."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from typing import Any

from lk_spatial.core.files import staged
from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.core.run import current_record
from lk_spatial.core.tool import Choice, File, Layer, Number, Tool
from lk_spatial.io.frames import Rows
from lk_spatial.io.vector import write_layers


def write_outputs(
    tool: str,
    out: str,
    layers: Mapping[str, Rows],
    declared: tuple[Layer, ...],
    *,
    report: str | None = None,
    render: Callable[[], str] | None = None,
    xlsx: str | None = None,
    others: Mapping[str, Callable[[Path], None]] = {},
    lang: str = "cs",
    progress: Progress = silent,
) -> None:
    """Write a tool's ``layers`` to ``out``, the rendered HTML to ``report``, the tables to ``xlsx``; layers last.

    ``others``: what writes each further file under the temporary name that it is given.
    """
    titles = {layer.name: layer.title for layer in declared}
    with ExitStack() as stack:
        if report and render:
            stack.enter_context(staged(Path(report))).write_text(render(), "utf-8")
        for path, write in others.items():
            write(stack.enter_context(staged(Path(path))))
        if xlsx:
            from lk_spatial.io.spreadsheet import write_xlsx  # its package takes long to load

            write_xlsx(stack.enter_context(staged(Path(xlsx))), layers, titles, lang, part(progress, 0.0, 0.5))
        told = part(progress, 0.5 if xlsx else 0.0, 1.0)
        write_layers(out, layers, titles=titles, styles=_styles(layers, tool), progress=told)


def _styles(layers: Iterable[str], tool: str) -> dict[str, str]:
    """The QGIS style of each layer that has one: the tool's own, else the layer's."""
    folder = files("lk_spatial").joinpath("data/styles")
    found = {}
    for name in layers:
        own, common = folder.joinpath(f"{tool}.{name}.qml"), folder.joinpath(f"{name}.qml")
        style = own if own.is_file() else common
        if style.is_file():
            found[name] = style.read_text("utf-8")
    return found


def record_name(out: str) -> str | None:
    """File name of the record beside an output; None where it goes into a database."""
    return None if "://" in out else f"{out.replace(chr(92), '/').rsplit('/', 1)[-1]}.run.json"


def run_facts(tool: Tool, lang: str) -> dict[str, Any]:
    """What a report tells about its run: notices, tables, parameters, inputs, version."""
    record = current_record() or {"warnings": [], "tables": [], "parameters": {}, "inputs": [], "version": ""}
    titles = {each.name: each.title.get(lang) for each in tool.parameters}
    return {
        "notices": [each[lang] for each in record["warnings"]],
        "tables": record["tables"],
        "parameters": _explained(tool, record["parameters"], lang),
        "inputs": [
            {**each, "name": titles[each["name"]], "file": Path(each["path"].split("|")[0]).name}
            for each in record["inputs"]
        ],
        "version": record["version"],
    }


def _explained(tool: Tool, values: Mapping[str, Any], lang: str) -> list[dict[str, Any]]:
    """The options of a run with label, unit and whether they are the defaults."""
    return [
        {
            "name": each.name,
            "label": each.title.get(lang),
            "value": values[each.name],
            "shown": each.spec.options[values[each.name]].get(lang) if isinstance(each.spec, Choice) else None,
            "unit": each.spec.unit if isinstance(each.spec, Number) else "",
            "is_default": values[each.name] == (list(each.default) if each.multiple else each.default),
        }
        for each in tool.parameters
        if each.name in values and not isinstance(each.spec, File)
    ]
