"""When water is asked for, and how much a person asks for; guard by the guide demand of decree 428/2001, annex 12."""

import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import notice
from lk_spatial.water.quantity import Floats, chosen, quantity
from lk_spatial.water.tank_tables import CALENDARS, GUIDE_DEMAND, HOLIDAYS, USES, rows

ZONE = "Europe/Prague"
VINTAGES = ("2011", "1997_2011")
DAY, HOUR = pd.Timedelta(days=1), pd.Timedelta(hours=1)


class Litres(NamedTuple):
    """Water of a person or bed and day: low, typical and high value [l/d]; NaN where none is known."""

    low: float
    value: float
    high: float


class Guide(NamedTuple):
    """Guide demand: of the least and the best equipped place [m3/a], the latter on a day of use [l/d]; NaN: unknown."""

    low_m3_a: float
    high_m3_a: float
    high_l_d: float


def calendars() -> list[str]:
    """Names of the calendars of demand."""
    return [row["id"] for row in rows(CALENDARS)]


def calendar_of_use(use: str) -> str | None:
    """The calendar that a building's use suggests; None where none does. An assumption: see table ``calendars``."""
    return next((row["id"] for row in rows(CALENDARS) if use in row["uses"].split("|")), None)


def demand_pattern(times: pd.DatetimeIndex, calendar: str, *, public_holidays: bool | None = None) -> Floats:
    """Share of an open day's demand that each step asks for (steps,) [-].

    Daily steps: 1 on open days, 0 on others. Hourly steps: even over the calendar's hours. Days are local ones; times
    with a zone are turned to local time. ``public_holidays``: closed on Czech public holidays; None: as the calendar
    says. Raises InputError for an unknown calendar or other steps.
    """
    chosen("calendar", calendar, calendars())
    row = next(row for row in rows(CALENDARS) if row["id"] == calendar)
    local = times.tz_convert(ZONE).tz_localize(None) if times.tz is not None else times
    weekdays = [int(each) - 1 for each in row["weekdays"].split("|")]
    is_open = np.isin(local.day_of_week, weekdays) & ~_closed(local, row["closed"])
    if row["public_holidays"] == "closed" if public_holidays is None else public_holidays:
        is_open &= ~np.isin(local.normalize(), holidays(sorted(set(local.year))))
    step = times[1] - times[0] if len(times) > 1 else DAY
    if step not in (DAY, HOUR) or (np.diff(times.as_unit("ns").asi8) != step.as_unit("ns").value).any():
        raise InputError("tank_steps_uneven", got=str(step))
    if step == DAY:
        return is_open.astype(float)
    first, last = float(row["first_hour"]), float(row["last_hour"])
    return np.where(is_open & (local.hour >= first) & (local.hour < last), 1.0 / (last - first), 0.0)


def _closed(days: pd.DatetimeIndex, spans: str) -> np.ndarray:
    """Whether each day lies in one of the yearly spans "MM-DD/MM-DD", which may go over the new year."""
    day = np.asarray(100 * days.month + days.day)
    found = np.zeros(len(days), bool)
    for span in filter(None, spans.split("|")):
        first, last = (int(each.replace("-", "")) for each in span.split("/"))
        found |= (day >= first) & (day <= last) if first <= last else (day >= first) | (day <= last)
    return found


def holidays(years: list[int]) -> pd.DatetimeIndex:
    """Czech public holidays of some years, as they are today; table ``public_holidays``."""
    days = []
    for year in years:
        for row in rows(HOLIDAYS):
            if row["day"]:
                days.append(datetime.date.fromisoformat(f"{year}-{row['day']}"))
            else:
                days.append(easter_sunday(year) + datetime.timedelta(days=int(row["easter_days"])))
    return pd.DatetimeIndex(sorted(days))


def easter_sunday(year: int) -> datetime.date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher).

    >>> easter_sunday(2026).isoformat()
    '2026-04-05'
    """
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    far = (32 + 2 * e + 2 * i - h - k) % 7
    month, day = divmod(h + far - 7 * ((a + 11 * h + 22 * far) // 451) + 114, 31)
    return datetime.date(year, month, day + 1)


def litres(use: str, kind: str = "non_potable") -> Litres:
    """Water of a person or bed and day of use [l/d]: "non_potable" that rain can replace, or "grey" that flows off.

    Not verified: table ``uses``. What is counted by users of a thing, as gym showers, is not in it. NaN: unknown.
    """
    found = [r for r in rows(USES) if r["use"] == use and r["kind"] == chosen("kind", kind, ("non_potable", "grey"))]
    sums = [float(r[end] or "nan") for r in found if r["unit"] != "l/user" for end in Litres._fields]
    return Litres(*np.reshape(sums, (-1, 3)).sum(axis=0).tolist()) if sums else Litres(np.nan, np.nan, np.nan)


def guide_demand(use: str, vintage: str = "2011") -> Guide:
    """Guide demand of a person, employee or bed by annex 12 in one of the ``VINTAGES``; NaN where none is known."""
    chosen("vintage", vintage, VINTAGES)
    found = [row for row in rows(GUIDE_DEMAND) if row["use"] == use and row["vintage"] == vintage]
    if not found:
        return Guide(np.nan, np.nan, np.nan)
    yearly = [float(row["m3_a"]) for row in found]
    days = [float(row["days_a"] or "nan") for row in found]
    return Guide(min(yearly), max(yearly), max(1e3 * m3 / day for m3, day in zip(yearly, days, strict=True)))


def within_guide(use: str, litres_d: float, vintage: str = "2011") -> bool | None:
    """Whether a person's demand on a day of use [l/d] stays within annex 12's total; None where none is known.

    The part must not be more than the whole: a notice tells where it is.
    """
    most = guide_demand(use, vintage).high_l_d
    if np.isnan(most) or np.isnan(litres_d):
        return None
    if litres_d > most:
        notice("tank_demand_above_guide", use=use, got=f"{litres_d:g}", limit=f"{most:g}")
    return bool(litres_d <= most)


def demand_m3(persons: ArrayLike, litres_d: ArrayLike) -> Floats:
    """Demand of an open day [m3] of ``persons`` who use ``litres_d`` each [l/d]; NaN in, NaN out."""
    return np.asarray(1e-3 * quantity("persons", persons) * quantity("litres_d", litres_d))[()]
