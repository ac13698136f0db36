"""The declaration of tools, validation, the run and its record."""

import json
from pathlib import Path
from typing import Annotated, Any

import pytest

from lk_spatial.core import tool as declaration
from lk_spatial.core.errors import InputError, Problems
from lk_spatial.core.fields import FIELDS, unregistered
from lk_spatial.core.notices import notice
from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.core.run import masked, read_record
from lk_spatial.core.text import Text, environment_language
from lk_spatial.core.tool import TOOLS, Choice, File, Group, Number, Switch, Tool, tool

GROUP = Group("test", Text("Test", "Zkouška"))


@pytest.fixture
def copier(monkeypatch: pytest.MonkeyPatch) -> Tool:
    """A small tool that copies a text file a few times."""
    monkeypatch.setattr(declaration, "TOOLS", TOOLS)

    @tool(GROUP, Text("Copy", "Kopie"), before=lambda tool, parameters: None)
    def copier(
        source: Annotated[str, File("file", "in"), Text("Source", "Zdroj")],
        out: Annotated[str, File("file", "out"), Text("Result", "Výsledek")],
        times: Annotated[int, Number("", 1, 3), Text("Times", "Kolikrát")] = 1,
        share: Annotated[float, Number("m", 0), Text("Share", "Podíl")] = 0.5,
        how: Annotated[str, Choice({"a": Text("A", "Á"), "b": Text("B", "Bé")}), Text("How", "Jak")] = "a",
        loud: Annotated[bool, Switch(), Text("Loud", "Nahlas")] = False,
        *,
        progress: Progress = silent,
    ) -> None:
        """Copies a file.

        cs: Zkopíruje soubor.
        """
        progress(0.5, "half")
        if loud:
            notice("record_input_changed", path=source)
        Path(out).write_text(Path(source).read_text("utf-8") * times, "utf-8")

    yield copier
    del TOOLS["copier"]


@pytest.mark.parametrize(
    "change",
    [
        "[" * 100_000, "[]", "null", {"tool": ["copier"]}, {"parameters": [1]}, {"parameters": {"source": 5}},
        {"folder": 5}, {"inputs": 5}, {"inputs": [1]}, {"inputs": [{"path": 5, "sha256": "0"}]},
    ],
    ids=lambda change: str(change)[:30],
)  # fmt: skip
def test_hostile_record_is_refused_in_one_sentence(change: Any, tmp_path: Path, copier: Tool) -> None:
    record = {"tool": "copier", "parameters": {"source": "a"}, "folder": str(tmp_path), "inputs": []}
    path = tmp_path / "x.run.json"
    path.write_text(change if isinstance(change, str) else json.dumps(record | change), "utf-8")
    with pytest.raises(InputError) as error:
        read_record(path)
    assert error.value.code == "record_unusable"


@pytest.mark.parametrize("name", ["progress", "self", "nonsense"])
def test_record_with_foreign_parameters_is_refused(name: str, tmp_path: Path, copier: Tool) -> None:
    record = {"tool": "copier", "parameters": {"source": "a", name: 1}, "folder": str(tmp_path), "inputs": []}
    (tmp_path / "x.run.json").write_text(json.dumps(record), "utf-8")
    with pytest.raises(InputError) as error:
        read_record(tmp_path / "x.run.json")
    assert error.value.code == "parameter_unknown"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermissionError(13, "Permission denied", "{source}"), "input_unreadable"),
        (OSError(5, "Input/output error", "{source}"), "input_unreadable"),
        (PermissionError(13, "Permission denied", "{out}"), "output_unwritable"),
        (OSError(28, "No space left on device", "{out}"), "disk_full"),
        (OSError(5, "Input/output error", "{out}"), "system_refused"),
        (OSError(24, "Too many open files"), "system_refused"),
    ],
    ids=str,
)
def test_what_the_system_refuses_is_one_sentence(error: OSError, code: str, tmp_path: Path, copier: Tool) -> None:
    places = {name: str(tmp_path / name) for name in ("source", "out")}
    Path(places["source"]).write_text("x")
    raised = OSError(error.errno, error.strerror, (error.filename or "").format(**places) or None)

    def refuse(**_: Any) -> None:
        raise raised

    copier.function = refuse
    with pytest.raises(InputError) as told:
        copier(**places)
    assert told.value.code == code


def test_name_that_no_file_can_have_is_not_found(copier: Tool) -> None:
    with pytest.raises(InputError) as error:
        copier(source="x" * 5_000, out="y")
    assert error.value.code == "input_missing"


def test_signature_is_the_declaration(copier: Tool) -> None:
    described = copier.describe()
    assert described["help"] == {"en": "Copies a file.", "cs": "Zkopíruje soubor."}
    by_name = {each["name"]: each for each in described["parameters"]}
    assert by_name["times"] | {"minimum": 1, "maximum": 3, "integer": True, "default": 1} == by_name["times"]
    assert by_name["source"]["role"] == "input" and not by_name["source"]["optional"]
    assert [each["id"] for each in by_name["how"]["choices"]] == ["a", "b"]
    assert by_name["loud"]["type"] == "boolean"


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"out": "b", "times": 9, "how": "c"}, ["parameter_missing", "parameter_wrong", "parameter_wrong"]),
        ({"source": "a", "out": "b", "wrong": 1}, ["parameter_unknown"]),
        ({"source": "a", "out": "b", "share": "nan"}, ["parameter_wrong"]),
        ({"source": "a", "out": "b", "times": 1.5}, ["parameter_wrong"]),
        ({"source": "", "out": "b"}, ["parameter_wrong"]),
        ({"source": "not there", "out": "b"}, ["input_missing"]),
    ],
)
def test_all_faults_at_once(copier: Tool, given: dict[str, Any], codes: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        copier(**given)
    error = caught.value
    assert [each.code for each in (error.problems if isinstance(error, Problems) else [error])] == codes


def test_run_is_recorded_and_can_be_run_again(copier: Tool, tmp_path: Path) -> None:
    source, out = tmp_path / "a.txt", tmp_path / "b.txt"
    source.write_text("čaj", "utf-8")
    seen: list[float] = []
    result = copier(source=source, out=out, times="2", loud=True, progress=lambda done, text="": seen.append(done))
    assert out.read_text("utf-8") == "čajčaj" and seen == [0.5, 1.0]
    record = json.loads((tmp_path / "b.txt.run.json").read_text("utf-8"))
    assert record["tool"] == "copier" and record["parameters"]["times"] == 2 and record["parameters"]["share"] == 0.5
    assert len(record["inputs"][0]["sha256"]) == 64
    assert [each["code"] for each in record["warnings"]] == ["record_input_changed"]
    assert result.outputs == {"out": str(out)}
    tool_again, parameters = read_record(tmp_path / "b.txt.run.json")
    tool_again(**parameters | {"out": str(tmp_path / "c.txt")})
    assert (tmp_path / "c.txt").read_text("utf-8") == "čajčaj"


def test_record_tells_when_an_input_changed(copier: Tool, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "a.txt").write_text("a")
    copier(source=tmp_path / "a.txt", out=tmp_path / "b.txt")
    (tmp_path / "a.txt").write_text("changed")
    read_record(tmp_path / "b.txt.run.json")
    assert "has changed" in caplog.text


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"tool": "none"}', "\x00"])
def test_unusable_record(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.run.json").write_text(content)
    with pytest.raises(InputError, match="record_unusable"):
        read_record(tmp_path / "x.run.json")


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("postgresql://lk:tajne@h/d?schema=s", "postgresql://lk:***@h/d?schema=s"),
        ("postgresql://h/d?password=tajne&x=1", "postgresql://h/d?password=***&x=1"),
        ("postgresql://h/d", "postgresql://h/d"),
    ],
)
def test_passwords_are_masked(text: str, hidden: str) -> None:
    assert masked(text) == hidden


def test_part_of_progress() -> None:
    seen: list[float] = []
    scaled = part(lambda done, text="": seen.append(done), 0.5, 1.0)
    for done in (0, 0.5, 1, 2):
        scaled(done, "")
    assert seen == [0.5, 0.75, 1.0, 1.0]


@pytest.mark.parametrize(("variable", "expected"), [("cs_CZ.UTF-8", "cs"), ("de_DE", "en"), ("", "en")])
def test_language_of_the_environment(monkeypatch: pytest.MonkeyPatch, variable: str, expected: str) -> None:
    for name in ("LK_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", variable)
    assert environment_language() == expected


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_fields_are_complete(name: str) -> None:
    field = FIELDS[name]
    assert field.type in ("text", "integer", "number", "boolean", "date", "time")
    assert all([*field.title, *field.meaning])


def test_unregistered_columns_are_found() -> None:
    assert unregistered(["area_m2", "area_m2_source", "nonsense", "geometry"]) == ["nonsense"]
