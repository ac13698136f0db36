"""Wrong usage of the command line, told in the user's language."""

import click

from lk_spatial.core.errors import one_line
from lk_spatial.core.text import Text


def usage_text(error: click.ClickException) -> Text:
    """What was typed wrongly, in one line; where nothing was typed, the help.

    >>> usage_text(click.NoSuchOption("--dms", possibilities=["--dsm"])).cs
    'Chybné použití: volba --dms neexistuje (podobné: --dsm).'
    """
    told = error.format_message()
    if isinstance(error, click.UsageError) and error.ctx and told == error.ctx.get_help():
        return Text(told, told)
    found = _found(error)
    return Text(one_line(f"Wrong usage: {found.en}"), one_line(f"Chybné použití: {found.cs}"))


def _found(error: click.ClickException) -> Text:
    near = getattr(error, "possibilities", None)
    words = ", ".join(near or ())
    like = Text(f" (close to it: {words})" if near else "", f" (podobné: {words})" if near else "")
    command = getattr(error, "command_name", None)
    if command is not None:
        return Text(
            f"there is no command {command}{like.en}; lk --help lists them all.",
            f"příkaz {command} neexistuje{like.cs}; všechny vypíše lk --help.",
        )
    if isinstance(error, click.NoSuchOption):
        return Text(
            f"there is no option {error.option_name}{like.en}.", f"volba {error.option_name} neexistuje{like.cs}."
        )
    if isinstance(error, click.BadOptionUsage):
        return Text(f"the option {error.option_name} needs a value.", f"volba {error.option_name} vyžaduje hodnotu.")
    if isinstance(error, click.BadParameter) and error.param is not None:
        return _parameter(error, error.param)
    told = error.format_message()
    if told.startswith("Missing command"):
        return Text("a command is missing; lk --help lists them all.", "chybí příkaz; všechny vypíše lk --help.")
    if told.startswith("Got unexpected extra argument"):
        extra = told[told.find("(") + 1 : told.rfind(")")]
        return Text(f"{extra} is too much here.", f"{extra} je zde navíc.")
    return Text(told, told)


def _parameter(error: click.BadParameter, parameter: click.Parameter) -> Text:
    """A missing or wrong option or argument."""
    name = (
        parameter.opts[0] if isinstance(parameter, click.Option) else (parameter.metavar or str(parameter.name).upper())
    )
    if isinstance(error, click.MissingParameter):
        return Text(f"{name} is missing.", f"chybí {name}.")
    if isinstance(parameter.type, click.Choice):
        choices = ", ".join(str(each) for each in parameter.type.choices)
        return Text(f"{name} takes one of {choices}.", f"{name} má být jedna z hodnot {choices}.")
    return Text(f"{name}: {error.message}", f"{name}: {error.message}")
