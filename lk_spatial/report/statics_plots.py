"""Pictures of the reports on statics: light SVG that stands in the page itself, hundreds of them in one file.

All that goes in is numbers; colours are CSS classes of ``statics.css``, and no meaning rests on colour alone.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup

from lk_spatial.report.numbers import format_number

Interval = tuple[float, float, float]  # low, typical, high; NaN where not known

_MOST_U, _LEAST_U = 3.0, 0.0  # the axis of utilisations never goes farther
_STEPS = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
_BASE, _LEFT, _RIGHT, _TOP = 196.0, 40.0, 1000.0, 22.0  # of the picture of all parts
_GAP, _LEAST_GROUP = 14.0, 30.0


class Scale(NamedTuple):
    """An axis from ``low`` to ``high``, drawn 100 wide."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Where ``value`` lies on the axis, 0…100; beyond the ends: the end."""
        return 100.0 * min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


def known(values: Interval) -> bool:
    """Whether an interval can be drawn: both ends known, the upper one may be infinite."""
    return math.isfinite(values[0]) and not math.isnan(values[2])


def utilisation_scale(intervals: Iterable[Interval]) -> Scale:
    """The axis that shows all ``intervals`` and 1.0, cut at 3.0."""
    drawn = [each for each in intervals if known(each)]
    low, high = min([0.8, *(each[0] for each in drawn)]), max([1.2, *(each[2] for each in drawn)])
    return Scale(max(_LEAST_U, math.floor(10 * low - 0.5) / 10), min(_MOST_U, math.ceil(10 * high + 0.5) / 10))


def load_scale(q_max: Interval, loads: Iterable[Interval]) -> Scale:
    """The axis [kN/m2] that shows zero, all ``loads`` and as much of ``q_max`` as helps to compare them."""
    ends = [each[2] for each in loads if known(each) and math.isfinite(each[2])]
    most = 1.35 * max([0.2, *ends])
    low, high = (q_max[0], q_max[2]) if known(q_max) else (0.0, 0.0)
    return Scale(max(min(0.0, 1.1 * low), -0.5 * most), max(most, min(1.1 * high, 2.0 * most)))


def ticks(scale: Scale, lang: str, most: int = 6) -> list[tuple[float, str]]:
    """Round numbers of an axis: (place 0…100, number as written)."""
    span = scale.high - scale.low
    step = next((each for each in _STEPS if span / each <= most), span)
    first, last = math.ceil(scale.low / step - 1e-9), math.floor(scale.high / step + 1e-9)
    decimals = max(1, len(f"{step:.2f}".rstrip("0").partition(".")[2]))
    return [(scale.at(k * step), format_number(k * step, lang, decimals)) for k in range(first, last + 1)]


def utilisation_bar(scale: Scale, values: Interval) -> Markup:
    """An interval of utilisation: above 1.0 in another colour, the line at 1.0, a tick at the typical value."""
    one = scale.at(1.0)
    drawn = _line(one, "one")
    if known(values):
        left, right = scale.at(values[0]), scale.at(values[2])
        drawn = _bar(left, min(right, one), "in") + _bar(max(left, one), right, "over") + drawn + _mark(scale, values)
    return _cell(drawn)


def deficit_bar(scale: Scale, values: Interval) -> Markup:
    """What of a utilisation lies above 1.0, alone."""
    over = _bar(max(scale.at(values[0]), scale.at(1.0)), scale.at(values[2]), "over") if known(values) else ""
    return _cell(over + _line(scale.at(1.0), "one"))


def increment_bar(scale: Scale, before: float, after: float) -> Markup:
    """What PV adds at typical values: a bar from the utilisation before to that after."""
    bar = _bar(scale.at(before), scale.at(after), "pv") if math.isfinite(before + after) else ""
    return _cell(bar + _line(scale.at(1.0), "one"))


def load_bar(scale: Scale, load: Interval, q_max: Interval) -> Markup:
    """A load over the shaded interval of the permissible load, with zero and the typical permissible load as lines."""
    return _cell(_shade(scale, q_max) + (_bar(scale.at(load[0]), scale.at(load[2]), "load") if known(load) else ""))


def permissible_bar(scale: Scale, q_max: Interval) -> Markup:
    """The interval of the permissible load itself."""
    bar = _bar(scale.at(q_max[0]), scale.at(q_max[2]), "in") if known(q_max) else ""
    return _cell(_shade(scale, q_max) + bar + _mark(scale, q_max))


def all_intervals(groups: Sequence[tuple[str, Interval]], lang: str, limit: str, alt: str) -> Markup:
    """The intervals of utilisation of all parts side by side, grouped by class: (class, interval) in their order.

    ``limit``: the words at the line of 1.0, ``alt``: words for those who do not see the picture.
    """
    drawn = [(name, values) for name, values in groups if known(values)]
    scale = utilisation_scale(values for _, values in drawn)
    parts = [_grid(scale, lang)]
    members = [(name, [values for _, values in rows]) for name, rows in groupby(drawn, key=lambda each: each[0])]
    free = _RIGHT - _LEFT - _GAP * len(members) - _LEAST_GROUP * len(members)
    x = _LEFT + _GAP / 2
    for name, rows in members:
        width = _LEAST_GROUP + free * len(rows) / len(drawn)
        parts.append(_group(name, rows, scale, x, width, lang))
        x += width + _GAP
    y = _height(scale, 1.0)
    parts.append(f'<path class="one" d="M{_LEFT:.0f} {y:.1f}H{_RIGHT:.0f}"/>')
    parts.append(f'<text class="limit" x="{_RIGHT:.0f}" y="{y - 5:.1f}" text-anchor="end">')
    start = Markup('<svg class="all" viewBox="0 0 1000 206" role="img" aria-label="{}">').format(alt)
    return start + Markup("".join(parts)) + limit + Markup("</text></svg>")


def _group(name: str, rows: Sequence[Interval], scale: Scale, x: float, width: float, lang: str) -> str:
    """The intervals of one class between x and x + width, its name and number above."""
    step = width / len(rows)
    places = [x + step * (k + 0.5) for k in range(len(rows))]
    lines = "".join(
        f"M{at:.1f} {_height(scale, low):.1f}V{_height(scale, high):.1f}"
        for at, (low, _, high) in zip(places, rows, strict=True)
    )
    dots = "".join(
        f"M{at:.1f} {_height(scale, mean):.1f}h0"
        for at, (_, mean, _) in zip(places, rows, strict=True)
        if math.isfinite(mean)
    )
    thick = min(max(0.55 * step, 0.8), 13.0)
    label = (
        f'<text x="{x + width / 2:.1f}" y="13" text-anchor="middle"><tspan class="b">{Markup.escape(name)}</tspan>'
        f" {format_number(len(rows), lang)}</text>"
    )
    return (
        f'{label}<path class="iv c{Markup.escape(name)}" stroke-width="{thick:.1f}" d="{lines}"/>'
        f'<path class="dot" stroke-width="{min(max(0.8 * step, 1.6), 5.0):.1f}" d="{dots}"/>'
    )


def _grid(scale: Scale, lang: str) -> str:
    lines = []
    for place, number in ticks(scale, lang):
        y = _BASE - (_BASE - _TOP) * place / 100.0
        lines.append(f'<path class="grid" d="M{_LEFT:.0f} {y:.1f}H{_RIGHT:.0f}"/>')
        lines.append(f'<text x="{_LEFT - 6:.0f}" y="{y + 4:.1f}" text-anchor="end">{number}</text>')
    return "".join(lines)


def _height(scale: Scale, value: float) -> float:
    return _BASE - (_BASE - _TOP) * scale.at(value) / 100.0


def _shade(scale: Scale, q_max: Interval) -> str:
    drawn = _line(scale.at(0.0), "zero")
    if known(q_max):
        drawn = f'<path class="shade" d="{_box(scale.at(q_max[0]), scale.at(q_max[2]), 0, 12)}"/>' + drawn
        drawn += _line(scale.at(q_max[1]), "typical") if math.isfinite(q_max[1]) else ""
    return drawn


def _cell(drawn: str) -> Markup:
    return Markup(f'<svg class="x" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>')


def _bar(left: float, right: float, css: str) -> str:
    return f'<path class="{css}" d="{_box(left, right, 3, 9)}"/>' if right > left else ""


def _box(left: float, right: float, top: int, bottom: int) -> str:
    return f"M{left:.1f} {top}H{right:.1f}V{bottom}H{left:.1f}z"


def _line(x: float, css: str) -> str:
    return f'<path class="{css}" d="M{x:.1f} 0V12"/>'


def _mark(scale: Scale, values: Interval) -> str:
    return f'<path class="mark" d="M{scale.at(values[1]):.1f} 1.5V10.5"/>' if math.isfinite(values[1]) else ""
