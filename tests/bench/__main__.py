"""All benches: ``python -m tests.bench [--peers] [--only NAME …] [--out DIR] [--docs]``, or ``./lk bench``.

Prints what was measured, its bar and the verdict, and writes it as bench-DATE.json into a folder. Exit status: 0 when
all bars are met, 1 when one is missed or a bench fails, 2 for wrong usage.
"""

import argparse
import datetime
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from rich.console import Console
from rich.table import Table

from lk_spatial.core.files import staged
from tests.bench.machine import machine, versions
from tests.bench.shape import FAILED, MET, MISSED, NOT_RUN, REPORTED, Bar

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
COMMITTED = ROOT / "docs" / "bench.json"
STYLES = {MET: "green", MISSED: "bold red", FAILED: "bold red", NOT_RUN: "yellow", REPORTED: "dim"}
Result = dict[str, Any]


def names() -> list[str]:
    """The benches, by the names of their modules."""
    return sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write."""
    given = parse(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    result = run(given.only or names(), given.peers, given.small, console)
    console.print(table(result))
    given.out.mkdir(parents=True, exist_ok=True)
    target = given.out / f"bench-{result['date']}.json"
    write(target, result)
    if given.docs:
        write(COMMITTED, result)
        renew_page()
    console.print(str(target), soft_wrap=True)
    return int(any(row["verdict"] in (MISSED, FAILED) for row in result["rows"]))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options; ends with status 2 where they are wrong."""
    how = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("./lk bench", description=__doc__, formatter_class=how, allow_abbrev=False)
    parser.add_argument("--peers", action="store_true", help="also run the programs that we are compared with")
    parser.add_argument("--only", nargs="+", choices=names(), metavar="NAME", help=f"of {', '.join(names())}")
    parser.add_argument("--out", type=Path, default=ROOT / "bench", help="folder of the dated results (bench)")
    parser.add_argument("--docs", action="store_true", help="also renew docs/bench.json and docs/VALIDATION.md")
    parser.add_argument("--small", action="store_true", help="sizes of a test: the numbers mean nothing")
    given = parser.parse_args(arguments)
    if given.docs and (given.only or given.small or not given.peers):
        parser.error("--docs wants all benches in full and --peers")
    return given


def run(chosen: Sequence[str], peers: bool, small: bool, console: Console) -> Result:
    """All numbers of the chosen benches, and the rows that are told of them."""
    measured: dict[str, Result | None] = {}
    rows: list[Result] = []
    for name in chosen:
        with console.status(name):
            measured[name] = numbers(name, peers, small)
        rows += bench_rows(name, importlib.import_module(f"tests.bench.bench_{name}"), measured[name])
    return {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "versions": versions(),
        "peers": peers,
        "rows": rows,
        "measured": measured,
    }


def numbers(name: str, peers: bool, small: bool) -> Result | None:
    """What a bench prints, run in a process of its own for the sake of its peak memory; None where it fails."""
    options = ["--peers"] * peers + ["--small"] * small
    command = [sys.executable, "-m", f"tests.bench.bench_{name}", *options]
    done = subprocess.run(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True, encoding="utf-8")
    return json.loads(done.stdout, parse_constant=lambda _: None) if done.returncode == 0 else None


def environment() -> dict[str, str]:
    """The benches import this project, and beside their own threads start none."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return os.environ | one | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}


def bench_rows(name: str, bench: ModuleType, found: Result | None) -> list[Result]:
    """What is told of a bench: value (None where it was not measured), bar and verdict."""
    rows = []
    for key, bar in ((key, Bar(*bar)) for key, bar in bench.BARS.items()):
        value = None if found is None else found.get(key)
        verdict = FAILED if found is None else bar.verdict(value)
        rows.append({"bench": name, "key": key, "value": value, "verdict": verdict} | bar._asdict())
    return rows


def table(result: Result) -> Table:
    """The rows for a reader."""
    shown = Table(title=", ".join(str(each) for each in (result["date"], *result["machine"].values())))
    for column in ("measured", "beside", "value", "bar", ""):
        shown.add_column(column, justify="right" if column in ("value", "bar") else "left")
    for row in result["rows"]:
        bar = f"{row['sense']} {number(row['limit'])}{row['unit']}" if row["sense"] else ""
        value = "" if row["value"] is None else f"{number(row['value'])}{row['unit']}"
        verdict = f"[{STYLES[row['verdict']]}]{row['verdict']}[/]"
        shown.add_row(row["what"], row["beside"], value, bar, verdict)
    return shown


def number(value: float) -> str:
    """Three digits; from a hundred on whole, thousands apart."""
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 100 else f"{value:.3g}"


def write(path: Path, result: Result) -> None:
    """The file appears whole or not at all."""
    with staged(path) as part:
        part.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")


def renew_page() -> None:
    """Renew the section of docs/VALIDATION.md that quotes docs/bench.json."""
    from scripts import validation

    validation.renew(validation.SPEED)


if __name__ == "__main__":
    sys.exit(main())
