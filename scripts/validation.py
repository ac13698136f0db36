"""Compare the library with published cases, peers and oracles, and write docs/VALIDATION.md.

.venv/bin/python scripts/validation.py            run all, write the page; exit 1 when a bar is not met
.venv/bin/python scripts/validation.py --check    write nothing; exit 1 also when the page's rows have changed
.venv/bin/python scripts/validation.py --speed    run nothing; renew only the section that quotes docs/bench.json
"""

import argparse
import datetime
import os
import platform
import re
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import pyproj  # noqa: E402

from lk_spatial import __version__  # noqa: E402
from lk_spatial.core.notices import collect_notices  # noqa: E402
from lk_spatial.core.run import LIBRARIES  # noqa: E402
from scripts.comparisons.energy import ENERGY  # noqa: E402
from scripts.comparisons.inputs import PLACES, WEATHER  # noqa: E402
from scripts.comparisons.jobs import JOBS  # noqa: E402
from scripts.comparisons.roofs import HARDER, MADE, REAL  # noqa: E402
from scripts.comparisons.rows import HERE, MISSED, NOT_AT_HAND, Place, Row, Subject, run  # noqa: E402
from scripts.comparisons.sky import IRRADIATION, SKY_VIEW, SUN  # noqa: E402
from scripts.comparisons.speed import SPEED  # noqa: E402
from scripts.comparisons.statics import STATICS  # noqa: E402

PAGE = ROOT / "docs" / "VALIDATION.md"
SUBJECTS = (MADE, HARDER, REAL, SUN, SKY_VIEW, IRRADIATION, ENERGY, PLACES, WEATHER, STATICS, JOBS, SPEED)
HEAD = ("compared", "with", "bar", "measured", "verdict")
Results = dict[str, list[Row]]  # title of the subject: its rows

INTRODUCTION = """# Validation

*Stránku píše skript `scripts/validation.py`; nic v ní není zapsáno ručně.*

Written by `scripts/validation.py`, nothing by hand. Verdicts (*met*, **NOT MET**) are on the unrounded value;
*reported* rows have no bar. Several values in one cell must all meet it.
"""


def measure(subjects: Sequence[Subject], place: Place = HERE) -> Results:
    """Run the comparisons of some subjects."""
    with collect_notices():
        return {each.title: [run(one, place) for one in each.comparisons] for each in subjects}


def page(results: Results) -> str:
    """The page in Markdown."""
    parts = [INTRODUCTION, f"Date: {datetime.date.today().isoformat()}\n", f"{summary(results)}\n"]
    parts += [section(each, results[each.title]) for each in SUBJECTS]
    return "\n".join([*parts, "## Versions\n", versions(), ""])


def summary(results: Results) -> str:
    """How many comparisons there are, by verdict."""
    rows = [row for table in results.values() for row in table]
    verdicts = sorted({row.verdict for row in rows})
    counts = ", ".join(f"{sum(row.verdict == each for row in rows)} {each}" for each in verdicts)
    return f"{len(rows)} comparisons: {counts}."


def section(subject: Subject, rows: Sequence[Row]) -> str:
    """The title of a subject, its note and its rows."""
    note = f"{subject.note}\n\n" if subject.note else ""
    return f"## {subject.title}\n\n{note}{table(rows)}\n"


def renew(subject: Subject) -> None:
    """Write the section of one subject anew, and the sum of verdicts; the rest of the page stays."""
    text = PAGE.read_text("utf-8")
    old = re.compile(rf"^## {re.escape(subject.title)}\n.*?(?=^## )", re.MULTILINE | re.DOTALL)
    place = old if old.search(text) else re.compile(r"(?=^## Versions$)", re.MULTILINE)
    new = section(subject, measure([subject])[subject.title]) + "\n"
    text = place.sub(lambda _: new, text, count=1)
    text = re.sub(r"^\d+ comparisons: .*$", summary(read_page(text)), text, count=1, flags=re.MULTILINE)
    PAGE.write_text(text, "utf-8")


def table(rows: Sequence[Row]) -> str:
    """A Markdown table of rows."""
    lines = [HEAD, ("---",) * len(HEAD), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def versions() -> str:
    """What computed the numbers."""
    packages = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"lk_spatial {__version__}, Python {platform.python_version()}, PROJ {pyproj.proj_version_str}, {packages}."


def read_page(text: str) -> Results:
    """The rows of a written page."""
    found: Results = {}
    title = ""
    for line in text.splitlines():
        if line.startswith("## "):
            title = line[3:]
        elif line.startswith("| ") and not line.startswith(("| compared", "| ---")):
            cells = line.replace("\\|", "\0").strip("| ").split(" | ")
            found.setdefault(title, []).append(Row(*(cell.replace("\0", "|") for cell in cells)))
    return found


def drift(written: Results, measured: Results) -> list[str]:
    """What a written page says otherwise than a measurement: other rows, bars or verdicts. Values may differ."""
    faults = []
    for title, rows in measured.items():
        old = {(row.what, row.source): row for row in written.get(title, [])}
        if list(old) != [(row.what, row.source) for row in rows]:
            faults.append(f"{title}: other rows")
            continue
        pairs = [(old[row.what, row.source], row) for row in rows if not row.is_absent]
        faults += [
            f"{title}: {new.what}: {was.bar}, {was.verdict} is now {new.bar}, {new.verdict}"
            for was, new in pairs
            if (was.bar, was.verdict) != (new.bar, new.verdict)
        ]
    return faults


def failures(results: Results) -> list[str]:
    """Rows that do not meet their bar; under CI=true also those whose real files are missing."""
    bad = {MISSED} | ({NOT_AT_HAND} if os.environ.get("CI") == "true" else set())
    return [
        f"{title}: {row.what}: {row.measured} ({row.bar}): {row.verdict}"
        for title, rows in results.items()
        for row in rows
        if row.verdict in bad
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 when all bars are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; the written page must have the same rows")
    parser.add_argument(
        "--speed", action="store_true", help="run nothing; renew the section that quotes docs/bench.json"
    )
    options = parser.parse_args(arguments)
    if options.speed:
        renew(SPEED)
        return 0
    results = measure(SUBJECTS)
    faults = failures(results)
    if options.check:
        faults += drift(read_page(PAGE.read_text("utf-8")), results)
    else:
        PAGE.write_text(page(results), "utf-8")
    print(*(faults or [f"{sum(map(len, results.values()))} comparisons, all bars met"]), sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
