"""The benches run and count, and what they find is written; how fast anything is, is not a test's matter."""

import getpass
import importlib
import json
import math
import platform
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.bench import __main__ as driver
from tests.bench.shape import FAILED, MET, MISSED, NOT_RUN, REPORTED, Bar, told

FOUND = {"ratio": 120.0}


ANY = SimpleNamespace(
    BARS={"ratio": (">=", 100.0, "Speed", "a peer", " ×"), "told": told("Cost"), "peer": told("Peer", program="peer")}
)


@pytest.mark.parametrize("name", driver.names())
def test_every_bench_gives_what_it_tells(name: str) -> None:
    bench = importlib.import_module(f"tests.bench.bench_{name}")
    found = bench.measure(False, small=True)
    bars = {key: Bar(*bar) for key, bar in bench.BARS.items()}
    assert {key for key, bar in bars.items() if not bar.program} <= set(found)
    assert not {key for key, bar in bars.items() if bar.program} & set(found)
    assert all(math.isfinite(found[key]) and found[key] > 0 for key in set(bars) & set(found))
    assert all(bar.sense in (">=", "<=", "") and bar.what for bar in bars.values())


def test_rows_are_told_once() -> None:
    benches = [importlib.import_module(f"tests.bench.bench_{name}") for name in driver.names()]
    rows = [(Bar(*bar).what, Bar(*bar).beside) for bench in benches for bar in bench.BARS.values()]
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize(
    "bar,value,verdict",
    [
        (Bar(">=", 100.0, ""), 100.0, MET),
        (Bar(">=", 100.0, ""), 99.99, MISSED),
        (Bar("<=", 1.2, ""), 1.2, MET),
        (Bar("<=", 1.2, ""), 1.21, MISSED),
        (Bar("<=", 1.2, ""), math.nan, MISSED),
        (told(""), math.nan, REPORTED),
        (Bar(">=", 100.0, ""), None, NOT_RUN),
    ],
)
def test_verdicts_of_bars(bar: Bar, value: float | None, verdict: str) -> None:
    assert bar.verdict(value) == verdict


@pytest.mark.parametrize(
    "found,verdicts",
    [
        (FOUND | {"told": 1.0}, [MET, REPORTED, NOT_RUN]),
        ({"ratio": 99.0, "told": 1.0, "peer": 2.0}, [MISSED, REPORTED, REPORTED]),
        (None, [FAILED] * 3),
    ],
)
def test_rows_of_a_bench(found: dict[str, float] | None, verdicts: list[str]) -> None:
    rows = driver.bench_rows("any", ANY, found)  # type: ignore[arg-type]
    assert [row["verdict"] for row in rows] == verdicts
    assert rows[0]["beside"] == "a peer" and rows[0]["limit"] == 100.0


def test_result_is_written_whole_and_names_no_place(tmp_path: Path) -> None:
    status = driver.main(["--small", "--only", "yield", "irradiance", "--out", str(tmp_path / "new")])
    (written,) = (tmp_path / "new").iterdir()
    text = written.read_text("utf-8")
    result = json.loads(text)
    assert written.name == f"bench-{result['date']}.json"
    assert result["machine"]["cores"] > 0 and "numpy" in result["versions"] and result["peers"] is False
    assert set(result["measured"]) == {"irradiance", "yield"} and all(result["measured"].values())
    assert status == int(any(row["verdict"] == MISSED for row in result["rows"]))
    names = {str(driver.ROOT), str(Path.home()), str(tmp_path), platform.node()} | {f'"{getpass.getuser()}"'}
    assert not [each for each in names if each in text]


def test_a_bench_that_fails_is_told_and_the_others_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bench that ends with a fault in its own process."""
    monkeypatch.setattr(driver, "numbers", lambda name, *_: None if name == "yield" else {"copy_one_gb_s": 12.5})
    assert driver.main(["--only", "memory", "yield", "--out", str(tmp_path)]) == 1
    told_text = capsys.readouterr().out
    assert "12.5 GB/s" in told_text and FAILED in told_text


def test_fault_of_a_bench_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert driver.numbers("no_such_bench", False, True) is None


@pytest.mark.parametrize(
    "wrong", [["--only", "nothing"], ["--docs"], ["--docs", "--peers", "--only", "yield"], ["--peer"]]
)
def test_wrong_usage(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        driver.main(wrong)
    assert ended.value.code == 2 and "./lk bench" in capsys.readouterr().err


def test_numbers_are_short() -> None:
    assert [driver.number(each) for each in (1234567.0, 230.4, 12.34, 1.0288, 0.0)] == [
        "1 234 567",
        "230",
        "12.3",
        "1.03",
        "0",
    ]
