"""The command ``lk``, built from the tools' declarations.

Exit status: 0 done; 1 the input or the run failed; 2 wrong usage; 4 findings at or above ``--fail-on``; 130 cancelled.
"""

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from lk_spatial import __version__
from lk_spatial.core import files, stop
from lk_spatial.core.errors import Cancelled, InputError, LkError, Problems
from lk_spatial.core.notices import collect_notices
from lk_spatial.core.progress import Progress, json_line, json_progress, silent
from lk_spatial.core.run import RunResult, masked, read_record
from lk_spatial.core.text import LANGUAGES, Text, environment_language
from lk_spatial.core.tool import TOOLS, Choice, File, Parameter, Switch, Tool
from lk_spatial.core.validate import USAGE_CODES, expectation
from lk_spatial.usage import usage_text

SHOWS = ("auto", "bar", "json", "none")
ABOUT = Text(
    "Photovoltaics on roofs of a region, from its map. One command a tool; lk TOOL --help tells its parameters.",
    "Fotovoltaika na střechách kraje z mapových podkladů. Každý nástroj je příkaz; lk NÁSTROJ --help ukáže parametry.",
)


class Shown(dict[str, Any]):
    """How this call talks to its user: lang, show (progress), debug."""


def main() -> None:
    """Run the command line; always ends by SystemExit."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    arguments = sys.argv[1:]
    lang = _option(arguments, "--lang", LANGUAGES) or environment_language()
    os.environ["LK_LANG"] = lang  # for texts that outputs carry, and for children
    shown = Shown(lang=lang, show=_option(arguments, "--progress", SHOWS) or "auto", debug="--debug" in arguments)
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    logging.getLogger("lk_spatial").setLevel(logging.DEBUG if shown["debug"] else logging.ERROR)
    stop.heed_signals(lambda: _farewell(shown))
    status = _run(arguments, shown)
    _yield_to_the_lifeline()
    if status == stop.CANCELLED:
        stop.end_now()  # pools that were cut off stumble in an orderly shutdown
    sys.exit(status)


def _run(arguments: list[str], shown: Shown) -> int:
    try:
        command(shown["lang"])(arguments, prog_name="lk", standalone_mode=False, obj=shown)
    except (stop.Stopped, KeyboardInterrupt, Cancelled, click.Abort):
        return _cancelled(shown)
    except LkError as error:
        return _tell(error, shown, 2 if _is_usage(error) else 1)
    except click.ClickException as error:
        click.echo(usage_text(error).get(shown["lang"]), err=True)
        return 2
    except click.exceptions.Exit as end:
        return end.exit_code
    except BrokenPipeError:
        return 1
    except OSError as error:
        if stop.is_stopped():
            return _cancelled(shown)
        reason = error.strerror or str(error)
        return _tell(InputError("system_refused", path=str(error.filename or ""), reason=reason), shown, 1)
    except Exception as error:
        if stop.is_stopped():
            return _cancelled(shown)
        if shown["debug"]:
            raise
        reason = masked(f"{type(error).__name__}: {error}")
        return _tell(InputError("unexpected", tool=" ".join(arguments[:1]), reason=reason), shown, 1)
    return 0


def _cancelled(shown: Shown) -> int:
    files.abandon()
    return _farewell(shown)


_parting = threading.Lock()


def _farewell(shown: Shown) -> int:
    """Say once that the run was cancelled, whichever thread comes first."""
    return _tell(Cancelled(), shown, stop.CANCELLED) if _parting.acquire(blocking=False) else stop.CANCELLED


def _is_usage(error: LkError) -> bool:
    """Whether all of an error's problems lie in how the command was typed."""
    problems = error.problems if isinstance(error, Problems) else [error]
    return all(each.code in USAGE_CODES for each in problems)


def _tell(error: LkError, shown: Shown, status: int) -> int:
    """One readable message for an error."""
    _yield_to_the_lifeline()
    if shown["show"] == "json":
        json_line("error", code=error.code, text=error.sentence(shown["lang"]))
    else:
        label = Text("error", "chyba").get(shown["lang"])
        click.echo(f"{label} [{error.code}]: {error.sentence(shown['lang'])}", err=True)
    return status


def _option(arguments: list[str], name: str, allowed: tuple[str, ...]) -> str | None:
    """An option's value wherever it stands; needed before the commands are built in one language."""
    for at, argument in enumerate(arguments):
        value = arguments[at + 1] if argument == name and at + 1 < len(arguments) else None
        if argument.startswith(f"{name}="):
            value = argument.partition("=")[2]
        if value in allowed:
            return value
    return None


def command(lang: str) -> click.Group:
    """All commands, with their help in ``lang``."""
    from lk_spatial import tools  # noqa: F401 - declares the tools

    group = click.Group("lk", help=ABOUT.get(lang), params=_common(lang), context_settings={"max_content_width": 120})
    group.params.append(_version_option())
    for each in TOOLS.values():
        group.add_command(_tool_command(each, lang))
    for extra in (_tools(lang), _describe(lang), _rerun(lang), _sample(lang), _demo(lang), _template(lang)):
        group.add_command(extra)
    return group


def _common(lang: str) -> list[click.Parameter]:
    """Options that stand before or behind a tool's name."""
    texts = {
        "lang": Text("Language of messages.", "Jazyk hlášení."),
        "progress": Text("How progress is shown.", "Jak se ukazuje průběh."),
        "lifeline": Text("End when standard input ends (for QGIS).", "Skončit s koncem std. vstupu (pro QGIS)."),
        "debug": Text("Show details of unexpected errors.", "Ukázat podrobnosti neočekávaných chyb."),
    }
    return [
        click.Option(["--lang"], type=click.Choice(LANGUAGES), help=texts["lang"].get(lang), expose_value=False),
        click.Option(["--progress"], type=click.Choice(SHOWS), help=texts["progress"].get(lang), expose_value=False),
        click.Option(
            ["--lifeline"], is_flag=True, help=texts["lifeline"].get(lang), expose_value=False, callback=_hold_lifeline
        ),
        click.Option(["--debug"], is_flag=True, help=texts["debug"].get(lang), expose_value=False),
    ]


def _version_option() -> click.Parameter:
    def show(context: click.Context, _: click.Parameter, value: bool) -> None:
        if value:
            click.echo(f"lk_spatial {__version__}")
            context.exit()

    return click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=show)


def _hold_lifeline(_: click.Context, __: click.Parameter, value: bool) -> None:
    """Watch standard input: its end, or the word "cancel", ends the run without leftovers."""
    if value and not any(thread.name == "lifeline" for thread in threading.enumerate()):
        threading.Thread(target=_watch, name="lifeline", daemon=True).start()


def _watch() -> None:
    try:
        for line in sys.stdin:
            if line.strip() == "cancel":
                break
    finally:
        _cut.set()
        try:
            files.abandon()
        finally:
            os._exit(stop.CANCELLED)


_cut = threading.Event()  # the lifeline has ended


def _yield_to_the_lifeline() -> None:
    """Where the lifeline ends this process, what its killed children leave behind is no error to tell."""
    if _cut.is_set():
        time.sleep(stop.GRACE_S)


def _tool_command(tool: Tool, lang: str) -> click.Command:
    """The command of one tool."""

    @click.pass_obj
    def run(shown: Shown, /, **given: Any) -> None:
        given = {name: value for name, value in given.items() if value not in (None, ())}
        if any(each.name == "report_lang" for each in tool.parameters):
            given.setdefault("report_lang", shown["lang"])
        _run_tool(tool, given, shown)

    options = [_tool_option(each, lang) for each in tool.parameters]
    return click.Command(
        tool.id.replace("_", "-"), callback=run, params=[*options, *_common(lang)],
        help=tool.help.get(lang), short_help=tool.title.get(lang),
    )  # fmt: skip


def _tool_option(parameter: Parameter, lang: str) -> click.Option:
    names = [f"--{parameter.flag}", parameter.name]
    help_ = f"{parameter.title.get(lang)}. {parameter.help.get(lang)}".strip()
    if isinstance(parameter.spec, Switch):
        names = [f"--{parameter.flag}/--no-{parameter.flag}", parameter.name]
        return click.Option(names, default=None, help=help_)
    if not isinstance(parameter.spec, File):
        expected = expectation(parameter).get(lang)
        default = (
            "" if parameter.default in (None, ()) else f"; {Text('default', 'výchozí').get(lang)} {parameter.default}"
        )
        help_ = f"{help_} [{expected}{default}]"
    elif parameter.required:
        help_ = f"{help_} [{Text('required', 'povinné').get(lang)}]"
    metavar = (
        "|".join(parameter.spec.options) if isinstance(parameter.spec, Choice) else parameter.spec.__class__.__name__
    ).upper()
    return click.Option(names, default=None, multiple=parameter.multiple, help=help_, metavar=metavar)


def _run_tool(tool: Tool, given: dict[str, Any], shown: Shown) -> None:
    with _progress(shown) as progress:
        result: RunResult = tool(progress=progress, **given)
    lang = shown["lang"]
    if shown["show"] == "json":
        for each in result.notices:
            json_line("warning", code=each.code, text=each.sentence(lang))
        record = None if result.record is None else str(result.record)
        json_line("result", outputs=result.outputs, record=record, seconds=result.seconds)
        return
    for each in result.notices:
        click.echo(f"{Text('warning', 'upozornění').get(lang)} [{each.code}]: {each.sentence(lang)}", err=True)
    for name, path in result.outputs.items():
        click.echo(f"{name}: {masked(path)}")
    click.echo(Text("Done in {} s.", "Hotovo za {} s.").get(lang).format(f"{result.seconds:.1f}"))


@contextmanager
def _progress(shown: Shown) -> Iterator[Progress]:
    """A bar in a terminal, JSON lines, or silence."""
    show = shown["show"]
    if show == "json":
        yield json_progress
    elif show == "bar" or (show == "auto" and sys.stderr.isatty()):
        with _bar() as progress:
            yield progress
    else:
        yield silent


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def show(done: float, text: str = "") -> None:
            bar.update(task, completed=done, description=text)

        yield show


def _simple(
    name: str, lang: str, about: Text, run: Callable[..., None], params: Sequence[click.Parameter]
) -> click.Command:
    return click.Command(name, callback=click.pass_obj(run), help=about.get(lang), params=[*params, *_common(lang)])


def _tools(lang: str) -> click.Command:
    def run(shown: Shown) -> None:
        width = max(map(len, TOOLS))
        for each in TOOLS.values():
            click.echo(f"{each.id:<{width}}  {each.title.get(shown['lang'])}")

    return _simple("tools", lang, Text("A line for each tool.", "Řádek na každý nástroj."), run, [])


def _describe(lang: str) -> click.Command:
    def run(shown: Shown, tool: str | None, all: bool) -> None:
        click.echo(json.dumps(declarations() if all else _find(tool).describe(), ensure_ascii=False, indent=1))

    about = Text("The declaration of a tool as JSON.", "Deklarace nástroje jako JSON.")
    params = [click.Argument(["tool"], required=False), click.Option(["--all"], is_flag=True)]
    return _simple("describe", lang, about, run, params)


def declarations() -> dict[str, Any]:
    """What the QGIS plugin's ``tools.json`` holds."""
    return {"version": __version__, "tools": [each.describe() for each in TOOLS.values()]}


def _find(name: str | None) -> Tool:
    tool = TOOLS.get((name or "").replace("-", "_"))
    if tool is None:
        raise InputError("tool_unknown", tool=name)
    return tool


def _rerun(lang: str) -> click.Command:
    def run(shown: Shown, record: str, out: str | None) -> None:
        with collect_notices() as changed:
            tool, given = read_record(Path(record))
        for each in changed:
            click.echo(
                f"{Text('warning', 'upozornění').get(shown['lang'])} [{each.code}]: {each.sentence(shown['lang'])}",
                err=True,
            )
        if out:
            given = {name: value for name, value in given.items() if tool.parameter(name).role != "output"}
            given["out"] = out
        _run_tool(tool, given, shown)

    about = Text("Run again what a run record tells.", "Zopakovat výpočet podle záznamu běhu.")
    other = Text(
        "Another output; report and other files are left out.", "Jiný výstup; zpráva a další soubory se vynechají."
    ).get(lang)
    return _simple("rerun", lang, about, run, [click.Argument(["record"]), click.Option(["--out"], help=other)])


def _sample(lang: str) -> click.Command:
    def run(shown: Shown, folder: str) -> None:
        from lk_spatial.sample import make_sample

        with _progress(shown) as progress:
            make_sample(Path(folder), progress=progress)
        click.echo(folder)

    about = Text("Make the sample data: an invented place.", "Vytvořit ukázková data: smyšlené místo.")
    return _simple("sample", lang, about, run, [click.Argument(["folder"], metavar="DIR")])


def _demo(lang: str) -> click.Command:
    def run(shown: Shown, folder: str) -> None:
        from lk_spatial.demo import run_demo

        with _progress(shown) as progress:
            lines = run_demo(Path(folder), lang=shown["lang"], progress=progress)
        for line in lines:
            click.echo(line)

    about = Text("Run the main job on the sample data.", "Spustit hlavní úlohu na ukázkových datech.")
    return _simple("demo", lang, about, run, [click.Argument(["folder"], metavar="[DIR]", default="demo")])


def _template(lang: str) -> click.Command:
    def run(shown: Shown, what: str, out: str) -> None:
        from lk_spatial.io.buildings import template_buildings

        template_buildings(out)
        click.echo(out)

    about = Text("An empty layer to fill in.", "Prázdná vrstva k vyplnění.")
    params = [click.Argument(["what"], type=click.Choice(["buildings"])), click.Argument(["out"])]
    return _simple("template", lang, about, run, params)
