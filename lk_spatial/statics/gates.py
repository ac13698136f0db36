"""What stops a roof before its strength is asked for: a survey, distress, heritage, asbestos, roof life, ownership."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lk_spatial.statics.checks import number_column, text_column

Flags = NDArray[np.bool_]


class GateLimits(NamedTuple):
    """Limits and codes that stop; ``data/statics/screening_2026`` and ``codes``."""

    roof_life_a: float = 15.0
    asbestos_year: float = 1997.0
    protected: tuple[str, ...] = ("monument", "national_monument", "reserve")


class Gates(NamedTuple):
    """For each gate by its id, in the order of weight: the parts (n,) that it stops and those where it is unknown."""

    stops: dict[str, Flags]
    unknown: dict[str, Flags]

    @property
    def stopped(self) -> Flags:
        """Parts (n,) that a gate stops."""
        return np.logical_or.reduce(list(self.stops.values()))

    def first(self) -> list[str | None]:
        """The weightiest gate that stops each part."""
        return [next((gate for gate, hit in self.stops.items() if hit[i]), None) for i in range(len(self.stopped))]


def find_gates(parts: pd.DataFrame, limits: GateLimits | None = None) -> Gates:
    """Gates of roof parts by the columns that they have, of: report_reserve_kn_m2, report_year, condition, heritage,
    covering, covering_year, refurbishment_year, roof_life_a (remaining), ownership ("clear" or what stands in the way),
    drift_known (whether the heights are known from which drifts come).

    Empty is unknown, which neither stops nor opens a gate. A survey counts unless it is known to be older than the
    covering or a refurbishment. Poor condition means that the covering or what lies under it must be renewed first.
    """
    found = {gate: rule(parts, limits or GateLimits()) for gate, rule in RULES.items()}
    return Gates({gate: each[0] for gate, each in found.items()}, {gate: each[1] for gate, each in found.items()})


def _none(texts: NDArray[np.object_]) -> Flags:
    return np.array([each is None for each in texts], bool)


def report_outdated(parts: pd.DataFrame) -> Flags:
    """Parts whose static survey is known to be older than their covering or refurbishment."""
    changed = np.fmax(number_column(parts, "covering_year"), number_column(parts, "refurbishment_year"))
    return number_column(parts, "report_year") < changed


def report_valid(parts: pd.DataFrame) -> Flags:
    """Parts with the reserve of a static survey that no known change of the roof has outdated."""
    return ~np.isnan(number_column(parts, "report_reserve_kn_m2")) & ~report_outdated(parts)


def _report(parts: pd.DataFrame, limits: GateLimits) -> tuple[Flags, Flags]:
    return report_valid(parts), np.zeros(len(parts), bool)


def _distress(parts: pd.DataFrame, limits: GateLimits) -> tuple[Flags, Flags]:
    condition = text_column(parts, "condition")
    return condition == "distress", _none(condition)


def _heritage(parts: pd.DataFrame, limits: GateLimits) -> tuple[Flags, Flags]:
    heritage = text_column(parts, "heritage")
    return np.isin(heritage.astype(str), limits.protected), _none(heritage)


def _asbestos(parts: pd.DataFrame, limits: GateLimits) -> tuple[Flags, Flags]:
    covering, year = text_column(parts, "covering"), number_column(parts, "covering_year")
    suspect = (covering == "fibre_cement") & (year < limits.asbestos_year)
    undated = (covering == "fibre_cement") & np.isnan(year)
    return (covering == "asbestos_cement") | suspect, _none(covering) | undated


def _roof_life(parts: pd.DataFrame, limits: GateLimits) -> tuple[Flags, Flags]:
    left, condition = number_column(parts, "roof_life_a"), text_column(parts, "condition")
    return (left < limits.roof_life_a) | (condition == "poor"), np.isnan(left) & _none(condition)


def _ownership(parts: pd.DataFrame, limits: GateLimits) -> tuple[Flags, Flags]:
    ownership = text_column(parts, "ownership")
    return ~_none(ownership) & (ownership != "clear"), _none(ownership)


def _drift(parts: pd.DataFrame, limits: GateLimits) -> tuple[Flags, Flags]:
    """Drifts stop nothing, for they are in the load; but where their heights are unknown nobody may go ahead."""
    known = parts["drift_known"].to_numpy(bool) if "drift_known" in parts else np.ones(len(parts), bool)
    return np.zeros(len(parts), bool), ~known


RULES: dict[str, Callable[[pd.DataFrame, GateLimits], tuple[Flags, Flags]]] = {
    "report": _report,
    "distress": _distress,
    "heritage": _heritage,
    "asbestos": _asbestos,
    "roof_life": _roof_life,
    "ownership": _ownership,
    "drift": _drift,
}
