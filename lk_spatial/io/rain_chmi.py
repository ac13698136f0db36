"""Daily rain of the ČHMÚ open data: station files as JSON, files of one element as CSV, and the list of stations.

The daily amount is ELEMENT "SRA" with VTYPE (CSV: TIMEFUNC) "06:00"; DT is the START of the 24 hours that begin at
06 UTC. Other VTYPE of the same element are parts of that day or other days, and adding them would count rain twice.
The mean temperature is ELEMENT "T" with "AVG". A whole station file holds all elements and has tens of megabytes: it
is read at once. Formats: ČHMÚ, "Popis základních klimatologických dat na serveru opendata.chmi.cz" (2024).
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lk_spatial.core.errors import DataError
from lk_spatial.io.rain_series import STARTS_06, RainFinding, RainStation, RawRain, finding
from lk_spatial.io.rain_text import Cells, cells_of, day, decode, number, read_bytes

RAIN, RAIN_KIND = "SRA", "06:00"
WARMTH, WARMTH_KIND = "T", "AVG"
KINDS = ("VTYPE", "TIMEFUNC")
VALUES = ("VAL", "VALUE")
CSV_HEAD = "STATION,ELEMENT,"
DEGREE_KM = 111.2  # of a meridian
ENDLESS = "3999"  # the year in which a station that stands has its END_DATE


def parse_chmi_json(text: str, name: str, station: str | None = None) -> RawRain:
    """The daily rain of a ČHMÚ station file."""
    header, rows = collection(text, name)
    return _daily(header, rows, name, station, "ČHMÚ open data, JSON")


def parse_chmi_csv(text: str, name: str, station: str | None = None) -> RawRain:
    """The daily rain of a ČHMÚ file of one element."""
    header, *rows = (cells_of(line, ",", name) for line in text.splitlines() if line.strip(" ,"))
    header = [column for column in header if column]  # lines end with a comma
    short = next((line for line, row in enumerate(rows, start=2) if len(row) < len(header)), None)
    if short is not None:
        raise DataError("rain_broken", path=name, reason=f"line {short}")
    return _daily(header, rows, name, station, "ČHMÚ open data, CSV")


def collection(text: str, name: str) -> tuple[list[str], list[list[Any]]]:
    """Header and rows of a ČHMÚ JSON file. Raises DataError."""
    try:
        table = json.loads(text)["data"]["data"]
        header, rows = table["header"], table["values"]
        header = [column.strip() for column in (header.split(",") if isinstance(header, str) else header)]
        if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) >= len(header) for row in rows):
            raise TypeError("values")
    except (AttributeError, KeyError, RecursionError, TypeError) as error:
        raise DataError("rain_broken", path=name, reason=f"data.data.header, data.data.values ({error})") from None
    except ValueError as error:
        raise DataError("rain_broken", path=name, reason=str(error)[:120]) from None
    return header, rows


def _daily(header: list[str], rows: Sequence[list[Any]], name: str, station: str | None, source: str) -> RawRain:
    if "DT" not in header or not set(KINDS) & set(header):
        raise DataError("rain_not_daily", path=name, found=", ".join(header))
    missing = [column for column in ("STATION", "ELEMENT") if column not in header]
    value = next((header.index(column) for column in VALUES if column in header), None)
    if missing or value is None:
        raise DataError("rain_columns_missing", path=name, missing=missing or list(VALUES), found=", ".join(header))
    place = {column: header.index(column) for column in ("STATION", "ELEMENT", "DT")}
    kind = next(header.index(column) for column in KINDS if column in header)
    wanted = _one_station([str(row[place["STATION"]]) for row in rows], name, station)
    mine = [row for row in rows if row[place["STATION"]] == wanted]
    rain = [row for row in mine if row[place["ELEMENT"]] == RAIN]
    if not rain:
        elements = sorted({str(row[place["ELEMENT"]]) for row in mine})
        raise DataError("rain_element_missing", path=name, found=elements[:12])
    daily = [row for row in rain if row[kind] == RAIN_KIND]
    if not daily:
        raise DataError("rain_element_missing", path=name, found=sorted({f"SRA {row[kind]}" for row in rain})[:12])
    cells = Cells(name)
    mm = cells.amounts(row[value] for row in daily)
    warm = [row for row in mine if row[place["ELEMENT"]] == WARMTH and row[kind] == WARMTH_KIND]
    findings = [*cells.findings(), *_left_out(rain, kind, name), *_doubtful(header, daily, name)]
    days = _days((row[place["DT"]] for row in daily), name)
    temperature = _temperature(_days((row[place["DT"]] for row in warm), name), [row[value] for row in warm])
    return RawRain(days, mm, source, STARTS_06, RainStation(wanted), temperature, None, tuple(findings))


def _one_station(ids: list[str], name: str, station: str | None) -> str:
    """The station to read: the asked one, or the only one of the file."""
    found = list(dict.fromkeys(ids))
    if not found:
        raise DataError("rain_empty", path=name)
    if station is None and len(found) > 1:
        raise DataError("rain_stations_several", path=name, count=len(found), found=found[:10])
    if station is not None and station not in found:
        raise DataError("rain_station_missing", path=name, station=station, found=found[:10])
    return station or found[0]


def _days(texts: Iterable[Any], name: str) -> np.ndarray:
    """Days of DT texts; the hour of the label is that of the interval and decides nothing more."""
    days = []
    for line, text in enumerate(texts, start=1):
        found = day(str(text))
        if found is None:
            raise DataError("rain_date_wrong", path=name, line=line, got=str(text)[:40])
        days.append(found)
    return np.array(days, dtype="datetime64[D]")


def _temperature(days: np.ndarray, cells: list[Any]) -> pd.Series | None:
    values = [number(cell) for cell in cells]
    series = pd.Series(values, index=pd.DatetimeIndex(days), dtype=float)
    series = series[series.between(-60.0, 60.0)]
    return series[~series.index.duplicated()].sort_index() if len(series) else None


def _left_out(rain: list[list[Any]], kind: int, name: str) -> list[RainFinding]:
    """Rows of rain with another VTYPE, which belong to other sums."""
    others = Counter(str(row[kind]) for row in rain if row[kind] != RAIN_KIND)
    shown = ", ".join(f"{each} ({count}×)" for each, count in others.most_common(5))
    return [finding("rain_kinds_left_out", others.total(), shown, path=name)] if others else []


def _doubtful(header: list[str], rows: list[list[Any]], name: str) -> list[RainFinding]:
    """Rows whose QUALITY is not 0."""
    if "QUALITY" not in header:
        return []
    at = header.index("QUALITY")
    marks = Counter(f"{code:g}" for row in rows if (code := number(row[at])) not in (None, 0.0))
    shown = ", ".join(f"{mark} ({count}×)" for mark, count in marks.most_common(5))
    return [finding("rain_quality_doubtful", marks.total(), shown, path=name)] if marks else []


# --- the list of stations ---------------------------------------------------------------------------------------


def read_chmi_stations(path: str | Path) -> pd.DataFrame:
    """Stations of a ČHMÚ list (meta1 as JSON or CSV), a row for each time a station stood at one place.

    Columns ``wsi, gh_id, name, longitude, latitude`` [°], ``elevation_m, begin, end`` (texts, "" where unknown).
    GEOGR1 is the LONGITUDE, GEOGR2 the latitude; also read is a column GPS with "latitude,longitude". Stations move:
    several rows for one ``wsi`` are common. Raises InputError and DataError.
    """
    name = str(path)
    text = decode(read_bytes(Path(path), name), name)
    if text.lstrip().startswith("{"):
        header, rows = collection(text, name)
    else:
        header, *rows = [cells_of(line, ",", name) for line in text.splitlines() if line.strip(" ,")] or [[]]
    missing = [column for column in ("WSI", "FULL_NAME", "ELEVATION") if column not in header]
    if missing or not ({"GEOGR1", "GEOGR2"} <= set(header) or "GPS" in header):
        missing = missing or ["GEOGR1", "GEOGR2"]
        raise DataError("rain_columns_missing", path=name, missing=missing, found=", ".join(header)[:200])
    table = pd.DataFrame([dict(zip(header, row, strict=False)) for row in rows], columns=header)
    latitude, longitude = _coordinates(table)
    if (latitude < longitude).any():  # never so in Czechia
        raise DataError("rain_stations_swapped", path=name, latitude=f"{latitude[latitude < longitude].iloc[0]:g}")

    def texts(column: str) -> list[str]:
        cells = table[column] if column in table else [""] * len(table)
        return ["" if pd.isna(cell) else str(cell) for cell in cells]

    return pd.DataFrame(
        {
            "wsi": texts("WSI"),
            "gh_id": texts("GH_ID"),
            "name": texts("FULL_NAME"),
            "longitude": longitude,
            "latitude": latitude,
            "elevation_m": table["ELEVATION"].map(number).astype(float),
            "begin": [text[:10] for text in texts("BEGIN_DATE")],
            "end": [text[:10] for text in texts("END_DATE")],
        }
    )


def _coordinates(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Latitude and longitude [°]."""
    if "GPS" in table:
        parts = table["GPS"].astype(str).str.extract(r"^\s*([-\d.]+)\s*,\s*([-\d.]+)")
        return parts[0].map(number).astype(float), parts[1].map(number).astype(float)
    return table["GEOGR2"].map(number).astype(float), table["GEOGR1"].map(number).astype(float)


def latest_places(stations: pd.DataFrame) -> pd.DataFrame:
    """One row for each station: where it stands, or stood last."""
    known = stations.assign(rank=stations["end"].where(stations["end"] != "", ENDLESS))
    ordered = known.sort_values(["rank", "begin"], kind="stable").drop(columns="rank")
    return ordered.drop_duplicates("wsi", keep="last").sort_values("wsi", ignore_index=True)


def station_of(stations: pd.DataFrame, wanted: str) -> RainStation | None:
    """The station with this WSI or GH_ID at its latest place, or None."""
    rows = stations[(stations["wsi"] == wanted) | (stations["gh_id"] == wanted)]
    if rows.empty or not wanted:
        return None
    row = latest_places(rows).iloc[-1]
    return RainStation(wanted, row["name"], float(row["latitude"]), float(row["longitude"]), float(row["elevation_m"]))


def moves(stations: pd.DataFrame, wanted: str, first: str, last: str, name: str) -> list[RainFinding]:
    """Whether the station stood at several places between the days ``first`` and ``last``."""
    rows = stations[(stations["wsi"] == wanted) | (stations["gh_id"] == wanted)]
    end = rows["end"].where(rows["end"] != "", ENDLESS)
    rows = rows[(rows["begin"] <= last) & (end >= first)]
    places = rows.drop_duplicates(["latitude", "longitude", "elevation_m"])
    if len(places) < 2:
        return []
    rise = float(np.ptp(places["elevation_m"]))
    north = (places["latitude"].max() - places["latitude"].min()) * 111.2
    east = (
        (places["longitude"].max() - places["longitude"].min()) * 111.2 * np.cos(np.radians(places["latitude"].mean()))
    )
    where = ", ".join(f"{row.begin} {row.elevation_m:g} m" for row in places.sort_values("begin").itertuples())
    far = f"{float(np.hypot(north, east)):.2f}"
    return [finding("rain_station_moved", len(places), where[:200], path=name, km=far, rise=f"{rise:.0f}")]
