"""The declaration of a tool: one annotated function, whose signature is the only declaration of its parameters.

Command line, QGIS dialog, validation, documentation page and run record are all read from it.
"""

import inspect
from collections.abc import Callable
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from lk_spatial.core.progress import Progress, silent
from lk_spatial.core.text import Text


class Layer(NamedTuple):
    """A layer of a vector output."""

    name: str
    geometry: Literal["point", "line", "polygon"]
    title: Text


class File(NamedTuple):
    """A file (or database table) that a tool reads or writes.

    ``suffixes``: the files that are taken; of a raster input those taken besides what GDAL reads.
    """

    kind: Literal["vector", "raster", "file"]
    role: Literal["in", "out"]
    geometry: Literal["point", "line", "polygon", "any"] = "any"
    layers: tuple[Layer, ...] = ()
    suffixes: tuple[str, ...] = ()


class Number(NamedTuple):
    """A number with its unit and the range it must lie in."""

    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None


class Choice(NamedTuple):
    """One of several words, each with its text."""

    options: dict[str, Text]


class Words(NamedTuple):
    """Free text, with an example of what is expected."""

    example: str = ""


class Switch(NamedTuple):
    """Yes or no."""


class Help(NamedTuple):
    """What a user should know before choosing a value."""

    en: str
    cs: str


class Advanced(NamedTuple):
    """Folded away in dialogs."""


Spec = File | Number | Choice | Words | Switch


class Parameter(NamedTuple):
    """A parameter as read from the signature."""

    name: str
    spec: Spec
    title: Text
    help: Text
    type: Any
    required: bool
    default: Any
    multiple: bool
    advanced: bool

    @property
    def role(self) -> str:
        """ "input", "output" or "option"."""
        if not isinstance(self.spec, File):
            return "option"
        return "input" if self.spec.role == "in" else "output"

    @property
    def flag(self) -> str:
        """Its name on the command line, without the dashes."""
        return self.name.replace("_", "-")


class Group(NamedTuple):
    """A job: the heading under which its tools stand."""

    id: str
    title: Text


class Tool:
    """A callable tool: checks its parameters, runs, and writes the record of the run."""

    def __init__(
        self, function: Callable[..., None], group: Group, title: Text, before: Callable[["Tool", dict[str, Any]], None]
    ) -> None:
        self.id = function.__name__
        self.group = group
        self.title = title
        self.help = _help_of(function, title)
        self.parameters = _parameters(function)
        self.function = function
        self.before = before
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__
        self.__signature__ = inspect.signature(function)

    def __call__(self, *, progress: Progress = silent, **given: Any) -> Any:
        """Run with ``given`` parameters; returns a RunResult, raises LkError."""
        from lk_spatial.core.run import run_tool

        return run_tool(self, given, progress)

    def parameter(self, name: str) -> Parameter:
        """The parameter called ``name``."""
        return next(each for each in self.parameters if each.name == name)

    def describe(self) -> dict[str, Any]:
        """The declaration as plain data, which the QGIS plugin and the documentation read."""
        return {
            "id": self.id,
            "group": {"id": self.group.id, **self.group.title.as_dict()},
            "title": self.title.as_dict(),
            "help": self.help.as_dict(),
            "parameters": [_describe(each) for each in self.parameters],
        }


TOOLS: dict[str, Tool] = {}


def tool(
    group: Group, title: Text, *, before: Callable[[Tool, dict[str, Any]], None]
) -> Callable[[Callable[..., None]], Tool]:
    """Declare the decorated function as a tool; ``before`` checks its files ahead of a run."""

    def declare(function: Callable[..., None]) -> Tool:
        TOOLS[function.__name__] = new = Tool(function, group, title, before)
        return new

    return declare


def _help_of(function: Callable[..., None], title: Text) -> Text:
    """Help in both languages: the docstring's first paragraph, and the paragraph behind "cs:"."""
    english, _, czech = inspect.getdoc(function).partition("cs:")  # type: ignore[union-attr]
    return Text(" ".join(english.split()) or title.en, " ".join(czech.split()) or title.cs)


def _parameters(function: Callable[..., None]) -> tuple[Parameter, ...]:
    hints = get_type_hints(function, include_extras=True)
    signature = inspect.signature(function).parameters
    return tuple(_parameter(name, hints[name], signature[name].default) for name in signature if name != "progress")


def _parameter(name: str, hint: Any, default: Any) -> Parameter:
    """Read ``Annotated[type, spec, Text, Help?, Advanced?]`` of one parameter."""
    base, *notes = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    found = {type(note): note for note in notes}
    spec = next((note for note in notes if isinstance(note, Spec)), None)
    if spec is None or Text not in found:
        raise TypeError(f"parameter {name} needs a spec and a Text")
    help_ = found.get(Help, Help("", ""))
    required = default is inspect.Parameter.empty
    base, multiple = _plain_type(base)
    return Parameter(
        name,
        spec,
        found[Text],
        Text(help_.en, help_.cs),
        base,
        required,
        None if required else default,
        multiple,
        Advanced in found,
    )


def _plain_type(hint: Any) -> tuple[Any, bool]:
    """The type without None, and whether several values may be given."""
    if get_origin(hint) in (Union, UnionType):
        hint = next(each for each in get_args(hint) if each is not NoneType)
    if get_origin(hint) in (tuple, list):
        return get_args(hint)[0], True
    return hint, False


def _describe(parameter: Parameter) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": parameter.name,
        "role": parameter.role,
        **_describe_spec(parameter),
        "title": parameter.title.as_dict(),
        "help": parameter.help.as_dict(),
        "optional": not parameter.required,
        "advanced": parameter.advanced,
        "multiple": parameter.multiple,
    }
    if parameter.role == "option":
        default = parameter.default
        data["default"] = list(default) if isinstance(default, tuple) else default
    return data


def _describe_spec(parameter: Parameter) -> dict[str, Any]:
    spec = parameter.spec
    if isinstance(spec, File):
        data: dict[str, Any] = {"type": spec.kind}
        if spec.kind == "vector":
            data["geometry"] = spec.geometry
        if spec.layers:
            data["layers"] = [{**layer._asdict(), "title": layer.title.as_dict()} for layer in spec.layers]
        if spec.suffixes:
            data["suffixes"] = list(spec.suffixes)
        return data
    if isinstance(spec, Number):
        limits = {"minimum": spec.minimum, "maximum": spec.maximum}
        return {"type": "number", "unit": spec.unit, "integer": parameter.type is int, **limits}
    if isinstance(spec, Choice):
        return {"type": "choice", "choices": [{"id": key, **text.as_dict()} for key, text in spec.options.items()]}
    return {"type": "boolean"} if isinstance(spec, Switch) else {"type": "text", "example": spec.example}
