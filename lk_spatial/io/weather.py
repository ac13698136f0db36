"""A year of hourly weather from PVGIS (TMY as JSON or CSV, hourly series) or EPW, on one time axis.

What a time label means differs by format, and a mistake of half an hour costs several per cent in east and west:

- PVGIS: the label is the full hour (UTC), the radiation an instant some minutes later, given in the file as
  "irradiance time offset" (0.1761 h at 45 N 8 E: minute 11); hourly series carry the minute in the label itself.
- EPW: hours 1 to 24 name the END of the interval, in the local standard time of the header.
- EPW written by PVGIS: rows are the UTC hours of its TMY whatever zone the header names, the offset counts from the
  end of the hour (-0.8239 h is the same instant as +0.1761 h from the start).

`read_weather` gives the middle of the interval, or the instant, to the minute. `closure` tests it: only at the right
instants does dni * cos(zenith) + dhi give ghi.
"""

import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pvlib import solarposition

from lk_spatial.core.errors import DataError, InputError
from lk_spatial.core.notices import notice
from lk_spatial.core.text import Text

COLUMNS = ["ghi", "dni", "dhi", "temp_air", "wind_speed"]
HUMIDITY = "relative_humidity"  # [%], where a file has it without a gap
_PVGIS_COLUMNS = {
    "G(h)": "ghi",
    "Gb(n)": "dni",
    "Gd(h)": "dhi",
    "T2m": "temp_air",
    "WS10m": "wind_speed",
    "RH": HUMIDITY,
}
_EPW_COLUMNS = {
    1: "month",
    2: "day",
    3: "hour",
    13: "ghi",
    14: "dni",
    15: "dhi",
    6: "temp_air",
    21: "wind_speed",
    8: HUMIDITY,
}
_EPW_MISSING = {"ghi": 9999.0, "dni": 9999.0, "dhi": 9999.0, "temp_air": 99.9, "wind_speed": 999.0, HUMIDITY: 999.0}
# Smallest and largest value of an hour that can be true [W/m2, °C, m/s]; the solar constant bounds the beam.
_LIMITS = {
    "ghi": (-20.0, 1500.0),
    "dni": (-20.0, 1400.0),
    "dhi": (-20.0, 1000.0),
    "temp_air": (-60.0, 60.0),
    "wind_speed": (0.0, 70.0),
}
_DOUBTFUL = 0.03  # closure above which another label is looked for; right labels give 0.001 (PVGIS) to 0.02


class _Year(NamedTuple):
    """A parsed file: ``start`` are full hours in its own zone, the radiation belongs to ``start + offset``."""

    start: pd.DatetimeIndex
    values: pd.DataFrame
    latitude: float
    longitude: float
    elevation: float
    source: str
    label: str
    offset: float | None  # [h]; None: the file does not say
    zones: Sequence[float] = (0.0,)  # [h] east of UTC; where the file contradicts itself, the radiation decides


def read_weather(path: str | Path) -> pd.DataFrame:
    """One year of hourly weather, rows in the order January to December.

    Columns ``ghi dni dhi`` [W/m2], ``temp_air`` [°C], ``wind_speed`` [m/s], and ``relative_humidity`` [%] where the
    file has it complete; float64 without NaN; 8760 rows, 8784 with a 29 February. The index is UTC, the MIDDLE of each
    interval or the instant that the file names; in a typical year the months come from different years, so it is
    unique but not monotonic. ``attrs``: latitude, longitude [°], elevation [m], source, label (how time was labelled),
    years (of the twelve months).

    The format is known by the content: PVGIS TMY (JSON, CSV), PVGIS hourly series of one year for a horizontal plane
    with components, EPW in UTF-8 or an older encoding. Raises InputError and DataError (codes ``weather_…``).
    """
    name = str(path)
    year = _in_order(_parse(_text(Path(path), name), name), name)
    values = _checked(year.values, year.start, name)
    weather, offset = _on_time_axis(year, values, name)
    label = year.label or f"instantaneous +{offset:.4f} h"
    months = year.start.month.to_numpy()
    weather.attrs = {
        "latitude": year.latitude,
        "longitude": year.longitude,
        "elevation": year.elevation,
        "source": year.source,
        "label": label,
        "years": [int(year.start.year[months == month][0]) for month in range(1, 13)],
    }
    _check_label(weather, name)
    return weather


def closure(weather: pd.DataFrame, shift_minutes: float = 0.0) -> float:
    """Mean disagreement of dni * cos(zenith) + dhi with ghi, relative to ghi [-], as if labels were shifted.

    At the right instants about 0.001 for PVGIS; half an hour off gives 0.07. NaN where the sun never shines.
    """
    bright = weather[(weather["ghi"] > 20.0) & (weather["dni"] > 20.0)]
    bright = bright.iloc[:: max(1, len(bright) // 1500)]
    if bright.empty:
        return float("nan")
    times = pd.DatetimeIndex(bright.index) + pd.Timedelta(minutes=shift_minutes)
    sun = solarposition.get_solarposition(times, weather.attrs["latitude"], weather.attrs["longitude"])
    cosine = np.cos(np.radians(sun["zenith"].to_numpy())).clip(0.0)
    rest = bright["dni"].to_numpy() * cosine + bright["dhi"].to_numpy() - bright["ghi"].to_numpy()
    return float(np.abs(rest).sum() / bright["ghi"].sum())


# --- files to numbers -------------------------------------------------------------------------------------------


def _text(path: Path, name: str) -> str:
    """The file's text; Latin-1 and cp1250 differ from UTF-8 only in place names, which decide nothing."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise InputError("file_missing", input="weather", path=name) from None
    except OSError as error:
        raise InputError("weather_unreadable", path=name, reason=error.strerror or str(error)) from None
    if b"\0" in raw[:4096]:
        raise DataError("weather_format_unknown", path=name)
    for encoding in ("utf-8-sig", "cp1250"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _parse(text: str, name: str) -> _Year:
    """Choose the reader by the content and turn whatever it stumbles over into one sentence."""
    start = text.lstrip()
    try:
        if start.startswith(("{", "[")):
            return _from_json(json.loads(start), name)
        if start.startswith("LOCATION,"):
            return _from_epw(start.splitlines(), name)
        if start.startswith("Latitude (decimal degrees)"):
            return _from_pvgis_csv(start.splitlines(), name)
    except DataError:
        raise
    except (AttributeError, IndexError, KeyError, RecursionError, StopIteration, TypeError, ValueError) as error:
        raise DataError("weather_broken", path=name, reason=_reason(error)) from None
    raise DataError("weather_format_unknown", path=name)


def _reason(error: Exception) -> Text | str:
    """What a parser stumbled over, in one line."""
    if isinstance(error, KeyError):
        return Text(f"{error} is not there", f"chybí {error}")
    told = str(error).partition(" You might want to try")[0].strip().splitlines()
    return told[0][:120].rstrip(".:") if told else Text("it ends too early", "končí předčasně")


def _from_json(content: Any, name: str) -> _Year:
    """PVGIS JSON: a typical year or an hourly series."""
    if isinstance(content, list) or "location" not in content.get("inputs", {}):
        if isinstance(content, dict) and "message" in content:
            raise DataError("weather_pvgis_refused", path=name, reason=content["message"])
        rows = content if isinstance(content, list) else content.get("outputs", {}).get("tmy_hourly")
        known = bool(rows) and isinstance(rows[0], dict) and "time(UTC)" in rows[0]
        raise DataError("weather_no_location" if known else "weather_format_unknown", path=name)
    place, meteo = content["inputs"]["location"], content["inputs"].get("meteo_data", {})
    bases = ", ".join(str(meteo[key]) for key in ("radiation_db", "meteo_db") if meteo.get(key))
    kind = "PVGIS TMY" if "tmy_hourly" in content["outputs"] else "PVGIS hourly"
    head = _Head(place["latitude"], place["longitude"], place.get("elevation"), f"{kind} {bases}".strip())
    if "tmy_hourly" in content["outputs"]:
        frame = pd.DataFrame(content["outputs"]["tmy_hourly"])
        return _pvgis_tmy(frame, head, place.get("irradiance_time_offset"))
    slope = content["inputs"].get("mounting_system", {}).get("fixed", {}).get("slope", {}).get("value")
    return _pvgis_series(pd.DataFrame(content["outputs"]["hourly"]), head, slope, name)


class _Head(NamedTuple):
    """Where a file says that it belongs."""

    latitude: Any
    longitude: Any
    elevation: Any
    source: str

    def numbers(self) -> tuple[float, float, float]:
        latitude, longitude = float(self.latitude), float(self.longitude)
        if not (abs(latitude) <= 90.0 and abs(longitude) <= 180.0):
            raise ValueError(f"latitude {latitude:g}, longitude {longitude:g}")
        return latitude, longitude, float(self.elevation) if self.elevation not in (None, "") else float("nan")


def _from_pvgis_csv(lines: list[str], name: str) -> _Year:
    """PVGIS CSV: head lines, a table that begins with "time", notes after an empty line."""
    first = next((number for number, line in enumerate(lines) if line.startswith("time")), None)
    if first is None:
        raise DataError("weather_format_unknown", path=name)
    head = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines[:first])}
    last = next((n for n in range(first, len(lines)) if not lines[n].strip()), len(lines))
    frame = pd.read_csv(io.StringIO("\n".join(lines[first:last])))
    place = _Head(
        head["Latitude (decimal degrees)"],
        head["Longitude (decimal degrees)"],
        head.get("Elevation (m)"),
        _csv_source(head, [line.strip() for line in lines[last:] if line.strip()], "time(UTC)" in frame),
    )
    if "time(UTC)" in frame:
        return _pvgis_tmy(frame, place, head.get("Irradiance Time Offset (h)"))
    slope = re.match(r"[\d.]+", head.get("Slope", ""))
    return _pvgis_series(frame, place, float(slope[0]) if slope else None, name)


def _csv_source(head: dict[str, str], notes: list[str], typical: bool) -> str:
    """PVGIS and its data base; a file that only borrows the form says in its last note what it is."""
    if notes and not any(note.startswith("PVGIS") for note in notes):
        return notes[-1][:120]
    return f"{'PVGIS TMY' if typical else 'PVGIS hourly'} {head.get('Radiation database', '')}".strip()


def _pvgis_tmy(frame: pd.DataFrame, head: _Head, offset: Any) -> _Year:
    start = pd.DatetimeIndex(pd.to_datetime(frame["time(UTC)"].astype(str), format="%Y%m%d:%H%M"))
    values = _numbers(frame.rename(columns=_PVGIS_COLUMNS))
    return _Year(start, values, *head.numbers(), head.source, "", None if offset in (None, "") else float(offset))


def _pvgis_series(frame: pd.DataFrame, head: _Head, slope: Any, name: str) -> _Year:
    """An hourly series is usable where its plane is horizontal and its radiation comes in components."""
    if slope != 0 or not {"Gb(i)", "Gd(i)", "H_sun"} <= set(frame.columns):
        raise DataError("weather_inclined", path=name)
    times = pd.DatetimeIndex(pd.to_datetime(frame["time"].astype(str), format="%Y%m%d:%H%M"))
    if len(set(times.minute)) != 1:
        raise DataError("weather_not_hourly", path=name)
    beam, diffuse = frame["Gb(i)"].astype(float), frame["Gd(i)"].astype(float)
    sine = frame["H_sun"].astype(float).map(lambda height: np.sin(np.radians(height)))
    values = pd.DataFrame(
        {
            "ghi": beam + diffuse,
            "dni": (beam / sine.where(sine > 0.02)).fillna(0.0).clip(upper=1361.0),
            "dhi": diffuse,
            "temp_air": frame["T2m"].astype(float),
            "wind_speed": frame["WS10m"].astype(float),
        }
    )
    return _Year(times.floor("h"), values, *head.numbers(), head.source, "", int(times.minute[0]) / 60.0)


def _from_epw(lines: list[str], name: str) -> _Year:
    """EnergyPlus weather: eight head lines, then rows whose hours 1 to 24 name the end of the interval."""
    place = lines[0].split(",")
    data = next(number for number, line in enumerate(lines) if line.upper().startswith("DATA PERIODS"))
    if lines[data].split(",")[2].strip() != "1":
        raise DataError("weather_not_hourly", path=name)
    rows = "\n".join(line for line in lines[data + 1 :] if line.strip())
    table = pd.read_csv(io.StringIO(rows), header=None, usecols=[0, *_EPW_COLUMNS], low_memory=False)
    table = table.rename(columns=_EPW_COLUMNS).rename(columns={0: "year"})
    if not table["hour"].between(1, 24).all():
        raise ValueError("hours must be 1 to 24")
    start = pd.to_datetime(table[["year", "month", "day"]]) + pd.to_timedelta(table["hour"] - 1, unit="h")
    values = _numbers(table)
    values = values.mask(values >= pd.Series(_EPW_MISSING))
    zone = float(place[8])
    stated = re.search(r"Irradiance Time Offset \(h\):\s*(-?[\d.]+)", "\n".join(lines[:data]))
    head = _Head(place[6], place[7], place[9].strip(), " ".join(part.strip() for part in (place[1], place[4]) if part))
    year = _Year(pd.DatetimeIndex(start), values, *head.numbers(), f"EPW {head.source}", "end", 0.5, (zone,))
    if stated is None:
        return year
    return year._replace(label="", offset=float(stated[1]) % 1.0, zones=tuple(dict.fromkeys((zone, 0.0))))


def _numbers(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of a year as numbers; the humidity, which nothing but snow needs, may be anything."""
    values = table[COLUMNS].apply(pd.to_numeric)
    if HUMIDITY in table:
        values[HUMIDITY] = pd.to_numeric(table[HUMIDITY], errors="coerce")
    return values


# --- what a year must be ----------------------------------------------------------------------------------------


def _in_order(year: _Year, name: str) -> _Year:
    """Rows from January to December, each hour of the year once; names the first one that is missing."""
    start = year.start
    if (start != start.floor("h")).any():
        raise DataError("weather_not_hourly", path=name)
    leap = bool(((start.month == 2) & (start.day == 29)).any())
    span = pd.date_range("2000-01-01", "2000-12-31 23:00", freq="h")
    span = span if leap else span[(span.month != 2) | (span.day != 29)]
    key = (start.month * 100 + start.day) * 100 + start.hour
    wanted = (span.month * 100 + span.day) * 100 + span.hour
    missing = span[~wanted.isin(key)]
    if len(missing):
        raise DataError("weather_hours_missing", path=name, count=len(missing), first=f"{missing[0]:%m-%d %H:00}")
    if len(key) > len(span):
        double = start[key.duplicated()][0]
        raise DataError("weather_hours_double", path=name, rows=len(key), first=f"{double:%Y-%m-%d %H:00}")
    order = np.argsort(key.to_numpy(), kind="stable")
    return year._replace(start=start[order], values=year.values.iloc[order].reset_index(drop=True))


def _checked(values: pd.DataFrame, start: pd.DatetimeIndex, name: str) -> pd.DataFrame:
    """Refuse marks of missing values and numbers that cannot be; tiny negative night values become zero."""
    values = values.astype(float).where(values > -900.0)
    for column in COLUMNS:
        numbers = values[column].to_numpy()
        absent = ~np.isfinite(numbers)
        if absent.any():
            when = f"{start[absent][0]:%m-%d %H:00}"
            raise DataError("weather_value_missing", path=name, column=column, count=int(absent.sum()), first=when)
        low, high = _LIMITS[column]
        wrong = (numbers < low) | (numbers > high)
        if wrong.any():
            got, when = f"{numbers[wrong][0]:g}", f"{start[wrong][0]:%m-%d %H:00}"
            raise DataError("weather_value_odd", path=name, column=column, got=got, first=when, low=low, high=high)
    values[["ghi", "dni", "dhi"]] = values[["ghi", "dni", "dhi"]].clip(lower=0.0) + 0.0  # + 0.0 turns -0.0 into 0.0
    if HUMIDITY in values and not values[HUMIDITY].between(0.0, 110.0).all():
        values = values.drop(columns=HUMIDITY)
    total, diffuse = values["ghi"].sum() / 1000.0, values["dhi"].sum() / 1000.0
    if not 300.0 <= total <= 2800.0:
        raise DataError("weather_sum_odd", path=name, total=f"{total:.0f}")
    if diffuse > 1.02 * total:
        raise DataError("weather_diffuse_odd", path=name, total=f"{total:.0f}", diffuse=f"{diffuse:.0f}")
    return values


def _on_time_axis(year: _Year, values: pd.DataFrame, name: str) -> tuple[pd.DataFrame, float]:
    """The values at their instants in UTC, and the offset [h] used; the radiation decides what the file leaves open."""

    def placed(zone: float, offset: float) -> pd.DataFrame:
        minutes = round(60.0 * (offset - zone))
        index = (year.start + pd.Timedelta(minutes=minutes)).as_unit("ns").tz_localize("UTC").rename("time")
        weather = values.set_axis(index)
        weather.attrs = {"latitude": year.latitude, "longitude": year.longitude}
        return weather

    offset = year.offset
    if offset is None:
        on_the_hour = placed(0.0, 0.0)
        fits = [closure(on_the_hour, minute) for minute in range(0, 60)]
        offset = int(np.argmin(fits)) / 60.0
        notice("weather_offset_estimated", path=name, minutes=round(60.0 * offset))
    weather = min((placed(zone, offset) for zone in year.zones), key=closure)
    if len(year.zones) > 1 and weather.index[0] != placed(year.zones[0], offset).index[0]:
        notice("weather_zone_contradicted", path=name, zone=f"{year.zones[0]:+g}")
    return weather, offset


def _check_label(weather: pd.DataFrame, name: str) -> None:
    """Warn where the radiation says that the hours are labelled otherwise than the format demands."""
    now = closure(weather)
    if now <= _DOUBTFUL:
        return
    shifts = {minutes: closure(weather, minutes) for minutes in (-120, -90, -60, -30, 30, 60, 90, 120)}
    best = min(shifts, key=lambda minutes: shifts[minutes])
    if shifts[best] < 0.5 * now:
        notice("weather_label_doubtful", path=name, minutes=f"{best:+d}")
    elif now > 0.1:
        notice("weather_components_differ", path=name, percent=f"{100 * now:.0f}")
