"""What a file of rain becomes: a daily series, its station, and what was found wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lk_spatial.core.errors import catalogue, sentence
from lk_spatial.core.text import Text

NOWHERE = float("nan")
STARTS_06 = "day on which the interval 06-06 UTC begins"
STARTS_07 = "day on which the interval 07-07 local time begins (taken from the source's custom)"
OBSERVED = "day of the observation as reported; the 24 hours may end on it"
AS_GIVEN = "day as given in the file; taken for the day on which the 24 hours begin"


class RainStation(NamedTuple):
    """A rain gauge; what is not known is "" or NaN."""

    id: str = ""
    name: str = ""
    latitude: float = NOWHERE
    longitude: float = NOWHERE
    elevation_m: float = NOWHERE


@dataclass(frozen=True)
class RainFinding:
    """Something about a series that its user should know; ``where`` names days, months or values."""

    code: str
    count: int
    where: str
    values: Mapping[str, Any]

    @property
    def text(self) -> Text:
        """The finding in both languages."""
        return Text(*(sentence(self.code, self.told, lang) for lang in ("en", "cs")))

    @property
    def told(self) -> dict[str, Any]:
        """The values of its sentence."""
        return dict(self.values) | {"count": self.count, "where": self.where}


class RainSeries(NamedTuple):
    """A cleaned daily record.

    ``daily`` [mm]: float64, one value for each day from the first to the last known one, NaN where missing; its index
    are days without a time zone, as ``label`` says (for ČHMÚ the day on which the 24 hours from 06 UTC begin).
    ``temperature`` [°C]: mean air temperature on the same index, or None. ``hourly`` [mm]: the hours in UTC (start of
    the hour) where the file has them, or None. ``source``: the kind of file.
    """

    daily: pd.Series
    temperature: pd.Series | None
    hourly: pd.Series | None
    station: RainStation
    source: str
    label: str
    findings: tuple[RainFinding, ...]


class RawRain(NamedTuple):
    """A record as its file has it: days in any order, perhaps twice; NaN where the file says missing."""

    days: np.ndarray  # datetime64[D]
    mm: np.ndarray  # float64
    source: str
    label: str
    station: RainStation = RainStation()
    temperature: pd.Series | None = None  # index: days
    hourly: pd.Series | None = None
    findings: tuple[RainFinding, ...] = ()


def finding(code: str, count: int, where: str = "", **values: Any) -> RainFinding:
    """A finding whose code must stand in the catalogue."""
    if code not in catalogue():
        raise KeyError(code)
    return RainFinding(code, int(count), where, values)


def span(days: np.ndarray | pd.Index, shown: int = 3) -> str:
    """The first days of several, in one line."""
    texts = [str(np.datetime64(day, "D")) for day in np.asarray(days)[:shown]]
    return ", ".join(texts) + (" …" if len(days) > shown else "")
