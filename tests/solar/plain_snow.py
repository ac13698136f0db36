"""Townsend's snow model once more, month by month, in inches as it was published."""

import math
from collections.abc import Sequence


def plain_snow_loss(
    snowfall_cm: Sequence[float],
    events: Sequence[float],
    tilt: float,
    humidity_pct: Sequence[float],
    temp_c: Sequence[float],
    poa_kwh_m2: Sequence[float],
    slant_m: float,
    lower_edge_m: float,
    string_factor: float = 1.0,
) -> list[float]:
    """Loss of twelve months [-], doi:10.1109/PVSC.2011.6186627 with the string factor of 2023, repose 40°."""
    lying = [
        0.5 * cm / 2.54 * (1 + 1 / max(number, 1)) if number > 0 else 0.0
        for cm, number in zip(snowfall_cm, events, strict=True)
    ]
    losses = []
    for month in range(12):
        snow = lying[month - 1] / 3 + 2 * lying[month] / 3
        room = max((lower_edge_m * 39.37) ** 2 - snow**2, 0.1)
        pile = slant_m * 39.37 * snow * math.cos(math.radians(tilt)) / room * 2 * math.tan(math.radians(40))
        ground = 1 - 0.51 * math.exp(-pile)
        weather = humidity_pct[month] / 100 / (temp_c[month] + 273.15) ** 2 / poa_kwh_m2[month] ** 0.67
        loss = 57_000 * snow * math.cos(math.radians(tilt)) ** 2 * ground * weather * string_factor
        losses.append(min(max(loss, 0.0), 1.0))
    return losses
