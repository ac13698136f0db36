"""What the report of ``pv_potential`` says in numbers: totals, ranks, months, quality, gaps. Tables in, rows out."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PureWindowsPath
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

MONTHS = tuple(f"energy_{month:02d}_kwh" for month in range(1, 13))
_IDS_SHOWN = 12
QUALITIES = ("good", "usable", "poor", "none", "")


class Totals(NamedTuple):
    """Headline numbers; NaN where nothing is known."""

    buildings: int
    with_planes: int
    with_modules: int
    modules: int
    power_kwp: float
    energy_mwh: float
    energy_p90_mwh: float
    energy_snow_mwh: float
    energy_life_mwh: float  # of the mean year of the life
    specific_yield: float
    installed_kwp: float
    existing_m2: float  # plan area of the existing modules that were drawn


class Ranked(NamedTuple):
    """A row of the table of the best buildings."""

    rank: int
    label: str
    key: str  # shown under a name; empty where the label is the key itself
    use: str
    power_kwp: float
    energy_mwh: float
    specific_yield: float
    shading_pct: float
    quality: str
    why: str
    share: float  # of the largest energy, 0…1


class Gap(NamedTuple):
    """Buildings that have no result for the same reason."""

    kind: str  # key of text.WORDS
    why: str
    rows: int
    ids: str
    more: int


class DimPlanes(NamedTuple):
    """Modules on planes with little light: the limit [kWh/m² a year], their power [kWp] and yield [kWh/kWp]."""

    limit: float
    power_kwp: float
    specific_yield: float


DIM_KWH_M2 = 800.0  # two thirds of a southern roof's irradiation in the region


def number_column(frame: pd.DataFrame, name: str) -> pd.Series:
    """Column ``name`` as float; NaN throughout where the frame has no such column."""
    if name not in frame.columns:
        return pd.Series(np.nan, index=frame.index, dtype=float)
    return pd.to_numeric(frame[name], errors="coerce").astype(float)


def text_column(frame: pd.DataFrame, name: str) -> pd.Series:
    """Column ``name`` as text; empty where nothing stands."""
    if name not in frame.columns:
        return pd.Series("", index=frame.index, dtype=object)
    column = frame[name].astype(object)
    return column.where(column.notna(), "").map(lambda value: str(value).strip())


def keys(frame: pd.DataFrame) -> pd.Series:
    """What people call a row: building_id, with /part_id where the part is not the only one ("1")."""
    building, part = text_column(frame, "building_id"), text_column(frame, "part_id")
    return building.where(part.isin(["", "1"]), building + "/" + part)


def has_planes(buildings: pd.DataFrame, roof_planes: pd.DataFrame) -> pd.Series:
    """Whether each row of ``buildings`` has at least one roof plane."""
    return keys(buildings).isin(set(keys(roof_planes)))


def totals(buildings: pd.DataFrame, roof_planes: pd.DataFrame) -> Totals:
    """Headline numbers of all buildings. Parts of one building count as one."""
    names = text_column(buildings, "building_id")
    names = names.where(names != "", pd.Series([f"#{row}" for row in range(len(names))], index=names.index))
    modules = number_column(buildings, "n_modules").fillna(0)
    power, energy = number_column(buildings, "power_kwp"), number_column(buildings, "energy_kwh_a")
    both = power.notna() & energy.notna()
    return Totals(
        buildings=names.nunique(),
        with_planes=names[has_planes(buildings, roof_planes)].nunique(),
        with_modules=names[modules > 0].nunique(),
        modules=int(modules.sum()),
        power_kwp=_sum(power),
        energy_mwh=_sum(energy) / 1000,
        energy_p90_mwh=_sum(number_column(buildings, "energy_p90_kwh_a")) / 1000,
        energy_snow_mwh=_sum(number_column(buildings, "energy_snow_kwh_a")) / 1000,
        energy_life_mwh=_sum(number_column(buildings, "energy_life_kwh_a")) / 1000,
        specific_yield=_ratio(energy[both].sum(), power[both].sum()),
        installed_kwp=_sum(number_column(buildings, "pv_installed_kwp")),
        existing_m2=_sum(number_column(buildings, "existing_pv_m2")),
    )


def _sum(values: pd.Series) -> float:
    return float(values.sum(min_count=1))


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below else float("nan")


def dim_planes(roof_planes: pd.DataFrame, limit: float = DIM_KWH_M2) -> DimPlanes | None:
    """What lies on planes with less light than ``limit``; None where that is less than 1 % of the power."""
    power, energy = number_column(roof_planes, "power_kwp"), number_column(roof_planes, "energy_kwh_a")
    dim = number_column(roof_planes, "poa_kwh_m2_a") < limit
    if not power[dim].sum() > 0.01 * power.sum():
        return None
    return DimPlanes(limit, float(power[dim].sum()), _ratio(energy[dim].sum(), power[dim].sum()))


def by_energy(buildings: pd.DataFrame) -> pd.DataFrame:
    """Rows with modules, most energy first; ties by key, so that the order is always the same."""
    rows = buildings.assign(_energy=number_column(buildings, "energy_kwh_a"), _key=keys(buildings))
    rows = rows[(number_column(rows, "n_modules").fillna(0) > 0) | (rows["_energy"] > 0)]
    return rows.sort_values(["_energy", "_key"], ascending=[False, True], na_position="last", kind="stable")


def best(buildings: pd.DataFrame, lang: str, use_names: Mapping[str, str], count: int = 20) -> list[Ranked]:
    """The ``count`` rows with most energy."""
    rows = by_energy(buildings).head(count)
    largest = rows["_energy"].max() if len(rows) else np.nan
    columns = zip(
        rows["_key"],
        text_column(rows, "name"),
        text_column(rows, "use"),
        number_column(rows, "power_kwp"),
        rows["_energy"],
        number_column(rows, "specific_yield_kwh_kwp"),
        number_column(rows, "shading_loss_pct"),
        quality_column(rows),
        text_column(rows, f"quality_why_{lang}"),
        strict=True,
    )
    return [
        Ranked(
            rank,
            name or key,
            key if name else "",
            use_names.get(use, use),
            power,
            energy / 1000,
            specific if np.isfinite(specific) else _ratio(energy, power),
            shading,
            quality,
            why,
            energy / largest if largest > 0 and np.isfinite(energy) else 0.0,
        )
        for rank, (key, name, use, power, energy, specific, shading, quality, why) in enumerate(columns, start=1)
    ]


def quality_column(frame: pd.DataFrame) -> pd.Series:
    """Quality of each row; "" where it is not stated or not one of the known words."""
    column = text_column(frame, "quality")
    return column.where(column.isin(QUALITIES), "")


def quality_counts(buildings: pd.DataFrame) -> list[tuple[str, int, float]]:
    """(quality, rows, share of all rows) from good to not stated; classes without rows left out."""
    counts = quality_column(buildings).value_counts()
    return [(name, int(counts[name]), counts[name] / len(buildings)) for name in QUALITIES if name in counts.index]


def quality_reasons(buildings: pd.DataFrame, lang: str, count: int = 8) -> tuple[list[tuple[str, str, int]], int]:
    """The commonest (quality, reason, rows) where a reason is given, and how many further reasons there are."""
    frame = pd.DataFrame({"quality": quality_column(buildings), "why": text_column(buildings, f"quality_why_{lang}")})
    sizes = frame[frame["why"] != ""].groupby(["quality", "why"]).size().sort_values(ascending=False, kind="stable")
    rows = [(str(quality), str(why), int(rows)) for (quality, why), rows in sizes.head(count).items()]
    return rows, max(len(sizes) - count, 0)


def gaps(buildings: pd.DataFrame, roof_planes: pd.DataFrame, lang: str) -> list[Gap]:
    """Rows without a roof plane by reason, the commonest first; then rows that are full or where no module fits."""
    planes = has_planes(buildings, roof_planes)
    empty = ~(number_column(buildings, "n_modules").fillna(0) > 0)
    full = number_column(buildings, "pv_installed_kwp").fillna(0) > 0
    why = text_column(buildings, f"quality_why_{lang}").where(~planes, "")
    kinds = {
        "gap_planes": empty & ~planes,
        "gap_installed": empty & planes & full,
        "gap_modules": empty & planes & ~full,
    }
    found: list[Gap] = []
    for kind, chosen in kinds.items():
        groups = keys(buildings)[chosen].groupby(why[chosen], sort=True)
        rows = [
            Gap(kind, str(reason), len(ids), ", ".join(ids.iloc[:_IDS_SHOWN]), max(len(ids) - _IDS_SHOWN, 0))
            for reason, ids in groups
        ]
        found += sorted(rows, key=lambda row: -row.rows)
    return found


def months_mwh(buildings: pd.DataFrame) -> list[float]:
    """Energy of the twelve months over all buildings [MWh]; NaN where no building has a value."""
    return [_sum(number_column(buildings, name)) / 1000 for name in MONTHS]


def winter_share(months: Sequence[float]) -> float:
    """Percent of the year's energy from October to March; NaN where a month is unknown or all is zero."""
    year = sum(months)
    return 100 * _ratio(sum(months[month] for month in (0, 1, 2, 9, 10, 11)), year) if year == year else float("nan")


def waterfall_gap(steps: Sequence[tuple[Any, float]]) -> float:
    """By how many percent of the start the signed steps miss the result; NaN where a step is unknown."""
    values = [float(value) for _, value in steps]
    if len(values) < 2 or not np.isfinite(values).all() or values[0] == 0:
        return float("nan")
    return abs(sum(values[:-1]) - values[-1]) / abs(values[0]) * 100


def file_name(reference: Any) -> str:
    """A file's name without its folders; of a database address everything but user and password.

    >>> file_name("C:\\\\data\\\\roofs.gpkg|layername=a"), file_name("postgresql://me:secret@host/db?table=s.t")
    ('roofs.gpkg|layername=a', 'postgresql://host/db?table=s.t')
    """
    text = str(reference)
    if "://" in text:
        return re.sub(r"([?&]password=)[^&]*", r"\1***", re.sub(r"//[^/@]*@", "//", text))
    path, mark, rest = text.partition("|")
    return PureWindowsPath(path).name + mark + rest
