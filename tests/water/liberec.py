"""The real record of Liberec and the pinned cases of the facts (water, 5 and 8)."""

from pathlib import Path

import numpy as np
import pandas as pd

AREA = 864.0  # m2, 1200 m2 of roof, coefficient 0.8, filter 0.9


def read_days(shared_data: Path, first: str, last: str) -> pd.DataFrame:
    """Days with rain [mm] and temperature [°C]."""
    table = pd.read_csv(shared_data / "rain" / "liberec_daily_1961_2017.csv", parse_dates=["date"])
    return table.set_index("date").loc[first:last]


def school_days(days: pd.DatetimeIndex) -> np.ndarray:
    """Monday to Friday without July, August and 23 December to 2 January; typed apart from the library's table."""
    christmas = ((days.month == 12) & (days.day >= 23)) | ((days.month == 1) & (days.day <= 2))
    return ((days.day_of_week < 5) & (days.month != 7) & (days.month != 8) & ~christmas).astype(float)


def plain_tank(
    inflow: np.ndarray, demand: np.ndarray, volume: float, rule: str, initial: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Yield, spill and storage as the contract says them, a step at a time."""
    stored, out = initial, []
    for q, d in zip(inflow, demand, strict=True):
        y = min(d, stored) if rule == "yas" else min(d, stored + q)
        after = min(stored + q - y, volume - y if rule == "yas" else volume)
        out.append((y, stored + q - y - after, after))
        stored = after
    return tuple(np.array(out).T)
