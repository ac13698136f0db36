"""From a record as its file has it to a series that can be used, with a list of what was found.

Nothing is filled in: a day that is missing, contradicts itself or cannot be stays NaN. Nothing is rescaled.
"""

import numpy as np
import pandas as pd

from lk_spatial.core.errors import DataError
from lk_spatial.io.rain_series import RainFinding, RainSeries, RawRain, finding, span

GAP_LIMIT = 0.05  # share of a month's days that may be missing
HEAVIEST_MM = 400.0  # [mm] a day; the record of Czechia is 345 mm (Nová Louka, 1897)
ANNUAL_MM = (300.0, 2500.0)  # [mm] what a year can bring here
YEAR_DAYS = 365.25
ENOUGH_DAYS = 300  # of known days, before a yearly amount says anything
MONTHLY_STEP = 27  # [days] between rows of a monthly table
ONE_DAY_SHARE = 0.8  # of the wet months with all rain on the same day of the month
WET_MM = 10.0  # [mm] of a month before its distribution says anything
COMMON_DAYS = 180  # of two records, before their days are compared
SHIFT_GAIN = 0.15  # [-] correlation that a shift by a day must add


def cleaned(raw: RawRain, name: str) -> RainSeries:
    """The series of a record. Raises DataError where it is empty or no daily record."""
    order = np.argsort(raw.days, kind="stable")
    series = pd.Series(
        raw.mm[order], index=pd.DatetimeIndex(raw.days[order]).as_unit("ns"), name="rain_mm", dtype=np.float64
    )
    if not series.notna().any():
        raise DataError("rain_empty", path=name)
    _check_step(series, name)
    found = list(raw.findings)
    series = _once(series, name, found)
    tenths = _check_amount(series, name, found)
    series = _possible(series, name, found, heaviest=HEAVIEST_MM * (10.0 if tenths else 1.0))
    if not series.notna().any():
        raise DataError("rain_empty", path=name)
    series = series[series.first_valid_index() : series.last_valid_index()]
    days = pd.date_range(series.index[0], series.index[-1], name="day", unit="ns")
    series = series.reindex(days).rename("rain_mm")
    found += _gaps(series, name) + _single_days(series, name)
    hourly = None if raw.hourly is None else raw.hourly.where(raw.hourly.between(0.0, HEAVIEST_MM))
    warm = None if raw.temperature is None else raw.temperature.reindex(series.index).rename("temperature_c")
    return RainSeries(series, warm, hourly, raw.station, raw.source, raw.label, tuple(found))


def _check_step(series: pd.Series, name: str) -> None:
    """Refuse a table of months or years."""
    steps = np.diff(series.index.unique().to_numpy()).astype("timedelta64[D]").astype(int)
    if len(steps) and np.median(steps) >= MONTHLY_STEP:
        raise DataError("rain_not_daily", path=name, found=span(series.index.unique(), 4))


def _once(series: pd.Series, name: str, found: list[RainFinding]) -> pd.Series:
    """Each day once; a day with two different amounts becomes missing, for nobody knows which is true."""
    twice = series.index.duplicated(keep=False)
    if not twice.any():
        return series
    groups = series[twice].groupby(level=0)
    differ = groups.nunique() > 1
    found.append(finding("rain_days_twice", len(differ), span(differ.index), path=name))
    if differ.any():
        found.append(finding("rain_days_contradict", int(differ.sum()), span(differ.index[differ]), path=name))
    single = series.groupby(level=0).first()  # a known amount beside a missing one stands
    single[differ.index[differ]] = np.nan
    return single


def _check_amount(series: pd.Series, name: str, found: list[RainFinding]) -> bool:
    """Tell a yearly amount that cannot be in millimetres; True where all says tenths. Nothing is rescaled."""
    known = series[(series >= 0.0)]
    if len(known) < ENOUGH_DAYS:
        return False
    annual = float(known.mean() * YEAR_DAYS)
    low, high = ANNUAL_MM
    if low <= annual <= high:
        return False
    told = {"path": name, "annual": f"{annual:.0f}", "low": f"{low:g}", "high": f"{high:g}"}
    whole = bool((known == known.round()).all())
    if whole and low <= annual / 10.0 <= high:
        found.append(finding("rain_tenths_suspected", len(known), "", **told, tenth=f"{annual / 10.0:.0f}"))
        return True
    found.append(finding("rain_annual_odd", len(known), "", **told))
    return False


def _possible(series: pd.Series, name: str, found: list[RainFinding], heaviest: float) -> pd.Series:
    """Amounts that cannot be become missing."""
    negative, heavy = series < 0.0, series > heaviest
    for code, wrong in (("rain_negative", negative), ("rain_too_heavy", heavy)):
        if wrong.any():
            days = series.index[wrong]
            told = {"value": f"{float(series[wrong].iloc[0]):g}", "limit": f"{heaviest:g}"}
            found.append(finding(code, int(wrong.sum()), span(days), path=name, **told))
    return series.mask(negative | heavy) + 0.0


def _gaps(series: pd.Series, name: str) -> list[RainFinding]:
    """Missing days in all, and months that lack more than GAP_LIMIT of theirs."""
    absent = series.isna()
    if not absent.any():
        return []
    percent = f"{100.0 * float(absent.mean()):.2g}"
    found = [finding("rain_days_missing", int(absent.sum()), span(series.index[absent]), path=name, percent=percent)]
    share = missing_shares(series)
    gappy = share[share > GAP_LIMIT]
    if len(gappy):
        shown = ", ".join(f"{month} ({100.0 * value:.0f} %)" for month, value in gappy.head(5).items())
        shown += " …" if len(gappy) > 5 else ""
        limit = f"{100.0 * GAP_LIMIT:g}"
        found.append(finding("rain_months_gappy", len(gappy), shown, path=name, limit=limit))
    return found


def missing_shares(series: pd.Series) -> pd.Series:
    """Share of missing days [-] of each month of a daily series, by month."""
    return series.isna().groupby(pd.DatetimeIndex(series.index).to_period("M")).mean()


def _single_days(series: pd.Series, name: str) -> list[RainFinding]:
    """Months whose whole rain stands on one and the same day: monthly sums in a daily column."""
    index = pd.DatetimeIndex(series.index)
    months = series.groupby(index.to_period("M"))
    total, top, count = months.sum(), months.max(), months.size()
    wet = (total >= WET_MM) & (count >= 28)
    if wet.sum() < 6:
        return []
    at_edge = series.fillna(0.0).where((index.day == 1) | index.is_month_end, 0.0)
    edge = at_edge.groupby(index.to_period("M")).max()
    alone = wet & (top >= 0.999 * total) & (edge >= top)
    if alone.sum() < ONE_DAY_SHARE * wet.sum():
        return []
    return [finding("rain_month_sums", int(alone.sum()), str(alone.index[alone][0]), path=name)]


def day_shift(series: RainSeries, other: RainSeries, name: str) -> list[RainFinding]:
    """Whether the days of ``series`` fit those of ``other`` (a near station) better when moved by one."""
    fits = {}
    for shift in (-1, 0, 1):
        moved = series.daily.set_axis(pd.DatetimeIndex(series.daily.index) + pd.Timedelta(days=shift))
        both = pd.concat([moved, other.daily], axis=1, join="inner").dropna().to_numpy()
        if len(both) < COMMON_DAYS or np.ptp(both[:, 0]) == 0.0 or np.ptp(both[:, 1]) == 0.0:
            return []
        fits[shift] = float(np.corrcoef(both[:, 0], both[:, 1])[0, 1])
    best = max(fits, key=lambda shift: fits[shift])
    if best == 0 or fits[best] < fits[0] + SHIFT_GAIN:
        return []
    told = {"path": name, "shift": f"{best:+d}", "now": f"{fits[0]:.2f}", "then": f"{fits[best]:.2f}"}
    return [finding("rain_day_shifted", 1, other.station.id or other.source, **told)]
