"""Parameters checked against a tool's declaration, all problems at once."""

import os
from functools import cache
from typing import Annotated, Any, Literal, Optional

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from lk_spatial.core.errors import InputError, LkError, Problems
from lk_spatial.core.text import Text
from lk_spatial.core.tool import Choice, File, Number, Parameter, Switch, Tool

USAGE_CODES = ("parameter_missing", "parameter_unknown", "parameter_wrong", "tool_unknown")


def validate(tool: Tool, given: dict[str, Any]) -> dict[str, Any]:
    """``given`` as a complete set of parameters of the right types; raises Problems with every fault."""
    given = {name: value for name, value in given.items() if value is not None}
    try:
        return _model(tool)(**given).model_dump()
    except ValidationError as error:
        raise Problems([_problem(tool, given, each) for each in error.errors()]) from None


@cache
def _model(tool: Tool) -> type[BaseModel]:
    fields: dict[str, Any] = {each.name: _field(each) for each in tool.parameters}
    return create_model(tool.id, __config__=ConfigDict(extra="forbid", protected_namespaces=()), **fields)


def _field(parameter: Parameter) -> Any:
    """Type and default of a parameter for pydantic."""
    hint: Any = _type(parameter)
    if parameter.multiple:
        hint = Annotated[tuple[hint, ...], BeforeValidator(_as_tuple)]
    if parameter.required:
        return hint, ...
    return Optional[hint], parameter.default  # noqa: UP045 - built at run time


def _type(parameter: Parameter) -> Any:
    spec = parameter.spec
    if isinstance(spec, Number):
        return Annotated[parameter.type, Field(ge=spec.minimum, le=spec.maximum, allow_inf_nan=False)]
    if isinstance(spec, Choice):
        return Literal[tuple(spec.options)]
    if isinstance(spec, Switch):
        return bool
    return Annotated[str, BeforeValidator(_as_path), Field(min_length=1)]


def _as_path(value: Any) -> Any:
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str | os.PathLike | int | float) else tuple(value)


def _problem(tool: Tool, given: dict[str, Any], error: Any) -> LkError:
    name = str(error["loc"][0])
    if error["type"] == "extra_forbidden":
        return InputError("parameter_unknown", tool=tool.id, parameter=name)
    parameter = tool.parameter(name)
    if error["type"] == "missing":
        return InputError("parameter_missing", parameter=parameter.flag, title=parameter.title)
    expected = expectation(parameter)
    return InputError(
        "parameter_wrong", parameter=parameter.flag, title=parameter.title, got=given[name], expected=expected
    )


def expectation(parameter: Parameter) -> Text:
    """What a parameter takes, in words."""
    spec = parameter.spec
    if isinstance(spec, Choice):
        words = ", ".join(spec.options)
        return Text(f"one of {words}", f"jedna z hodnot {words}")
    if isinstance(spec, Switch):
        return Text("true or false", "true nebo false")
    if isinstance(spec, File):
        return Text("a path", "cesta k souboru")
    if not isinstance(spec, Number):
        return Text("a text", "text")
    whole = parameter.type is int
    low = "−∞" if spec.minimum is None else f"{spec.minimum:g}"
    high = "∞" if spec.maximum is None else f"{spec.maximum:g}"
    unit = f" {spec.unit}" if spec.unit else ""
    if spec.minimum is None and spec.maximum is None:
        return Text("a whole number" if whole else "a number", "celé číslo" if whole else "číslo")
    return Text(
        f"a {'whole ' if whole else ''}number from {low} to {high}{unit}",
        f"{'celé ' if whole else ''}číslo od {low} do {high}{unit}",
    )
