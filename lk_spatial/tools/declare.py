"""What all tools share: their groups, common parameters, and the check of outputs before a run."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any

from lk_spatial.core import tool as core
from lk_spatial.core.errors import InputError, LkError, Problems
from lk_spatial.core.files import check_plain_output
from lk_spatial.core.run import input_references, local_path, record_path
from lk_spatial.core.text import Text
from lk_spatial.core.tool import Advanced, Choice, File, Group, Help, Number, Switch, Tool, Words

PV = Group("pv", Text("Rooftop photovoltaics", "Fotovoltaika na střechách"))
STATICS = Group("statics", Text("Static screening", "Statické třídění"))

Fields = Annotated[
    tuple[str, ...],
    Words("name=Column"),
    Text("Columns under other names", "Sloupce pod jinými názvy"),
    Help(
        "name=Column, repeatable: where the buildings' attributes stand under other names.",
        "name=Sloupec, lze opakovat: kde jsou atributy budov pod jinými názvy.",
    ),
    Advanced(),
]
AssumeCrs = Annotated[
    tuple[str, ...],
    Words("dsm=EPSG:5514"),
    Text("Coordinate system to assume", "Předpokládaný souřadnicový systém"),
    Help(
        "[INPUT=]EPSG:n, repeatable; without INPUT= only for inputs that state none.",
        "[VSTUP=]EPSG:n, lze opakovat; bez VSTUP= jen pro vstupy, které žádný neuvádějí.",
    ),
    Advanced(),
]
Anywhere = Annotated[
    bool,
    Switch(),
    Text("Accept data outside the region", "Přijmout data mimo kraj"),
    Help("Coordinates outside the region's box are not refused.", "Souřadnice mimo vymezení kraje nebudou odmítnuty."),
    Advanced(),
]
Workers = Annotated[
    int,
    Number("", 1, 256),
    Text("Processes", "Počet procesů"),
    Help("Processes on this machine.", "Počet procesů na tomto počítači."),
    Advanced(),
]
Scheduler = Annotated[
    str | None,
    Words("tcp://host:8786"),
    Text("Dask cluster", "Výpočetní klastr Dask"),
    Help("Address of a Dask scheduler; the work runs there.", "Adresa plánovače Dask; výpočet poběží tam."),
    Advanced(),
]
Fresh = Annotated[
    bool,
    Switch(),
    Text("Start anew", "Začít znovu"),
    Help(
        "Finished parts of an interrupted run are not used.",
        "Hotové části přerušeného běhu se nepoužijí.",
    ),
    Advanced(),
]
Report = Annotated[
    str | None,
    File("file", "out", suffixes=("html",)),
    Text("Report", "Zpráva"),
    Help("One HTML file with map, totals and assumptions.", "Jeden soubor HTML s mapou, součty a předpoklady."),
]
ReportLang = Annotated[
    str,
    Choice({"cs": Text("Czech", "čeština"), "en": Text("English", "angličtina")}),
    Text("Language of the report", "Jazyk zprávy"),
    Advanced(),
]
Xlsx = Annotated[
    str | None,
    File("file", "out", suffixes=("xlsx",)),
    Text("Tables for a spreadsheet", "Tabulky pro tabulkový procesor"),
    Help("The layers' tables as sheets.", "Tabulky vrstev jako listy sešitu."),
    Advanced(),
]


def check_outputs(tool: Tool, parameters: dict[str, Any]) -> None:
    """Refuse outputs that could lose data or cannot be written, before any work is done. Raises Problems."""
    from lk_spatial.io.vector import check_output

    inputs = input_references(tool, parameters)
    problems: list[LkError] = []
    seen: set[str] = set()
    for each in tool.parameters:
        reference = parameters[each.name]
        if each.role != "output" or not reference:
            continue
        assert isinstance(each.spec, File)
        try:
            if each.spec.kind == "vector":
                check_output(reference, inputs, [layer.name for layer in each.spec.layers])
            else:
                paths = [path for path in map(local_path, inputs) if path]
                check_plain_output(Path(reference), paths, each.spec.suffixes)
                if each.spec.kind == "raster" and any(_is_folder_of(path, Path(reference)) for path in paths):
                    raise InputError("output_among_tiles", path=reference)
            place = str(Path(local_path(reference) or reference).resolve())
            if place in seen:
                raise InputError("outputs_equal", path=reference)
            seen.add(place)
        except LkError as problem:
            problems.append(problem)
        except (OSError, RuntimeError) as error:  # a name too long; links that lead to each other
            reason = getattr(error, "strerror", None) or str(error)
            problems.append(InputError("output_unwritable", path=reference, reason=reason))
    outputs = [parameters[each.name] for each in tool.parameters if each.role == "output" and parameters[each.name]]
    record = record_path(outputs)
    try:
        if record is not None and not problems:
            check_plain_output(record, [path for path in map(local_path, inputs) if path], ())
    except LkError as problem:
        problems.append(problem)
    if problems:
        raise Problems(problems)


def _is_folder_of(folder: str, path: Path) -> bool:
    """Whether an input is the folder in which an output is to lie, where the next run would take it for a tile."""
    return Path(folder).is_dir() and path.resolve().parent == Path(folder).resolve()


tool = partial(core.tool, before=check_outputs)
