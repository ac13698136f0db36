"""What README promises: its Python example runs, its commands exist."""

import ast
import re
from pathlib import Path

import pytest

from lk_spatial import tools  # noqa: F401 - declares the tools
from lk_spatial.core.tool import TOOLS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0]


def test_python_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    light, _, _ = PYTHON.partition("lk.pv_potential(")
    exec(compile(light, "README.md", "exec"), {})
    assert re.search(r"1[12]\d\d kWh/m² a year", capsys.readouterr().out)


def test_python_example_names_the_parameters_of_the_tool() -> None:
    call = next(
        node.value
        for node in ast.parse(PYTHON).body
        if isinstance(node, ast.Expr) and ast.unparse(node).startswith("lk.pv_potential(")
    )
    assert isinstance(call, ast.Call)
    for keyword in call.keywords:
        assert TOOLS["pv_potential"].parameter(str(keyword.arg))
    inputs = [ast.literal_eval(each.value) for each in call.keywords if each.arg not in ("out", "report")]
    assert all((ROOT / each).is_file() for each in inputs)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(((?!http)[^)#]+)", README))))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
