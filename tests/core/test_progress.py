"""Words of progress."""

import pytest

from lk_spatial.core import progress
from lk_spatial.core.text import Text

ABOUT = Text("tiles: 4", "dlaždice: 4")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param("horizons", "horizons, about 60 s left", id="a step"),
        pytest.param("", "tiles: 4, about 60 s left", id="none, but what it is about"),
    ],
)
def test_the_time_left_comes_after_the_text(told: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 120.0])
    monkeypatch.setenv("LK_LANG", "en")
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    texts: list[str] = []
    tell = progress.part(progress.timed(lambda done, text="": texts.append(text)), 0.0, 1.0, ABOUT)
    tell(0.0)
    tell(0.25, told)
    assert texts == ["tiles: 4", expected]


def test_the_time_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 120.0])
    monkeypatch.setenv("LK_LANG", "en")
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    texts: list[str] = []
    tell = progress.timed(lambda done, text="": texts.append(text))
    tell(0.0)
    tell(0.25)
    assert texts == ["", "about 60 s left"]
