"""Grey water that people leave and water that toilets take, by the use of a building."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lk_spatial.water.given import Codes, Floats, amount, by_code, code_names, numbers, rows, texts

USES = "water/grey_uses_2026"
ANNEX_12 = "water/grey_annex12_2026"
ENDS = ("low_l", "typ_l", "high_l")
MOST_PERSONS = 1e5
MOST_L = 1000.0  # of a person and day


class Flows(NamedTuple):
    """Water of n buildings on a day of use, low, typical and high in three rows (3, n) [l/d]; NaN where not known.

    ``grey_l_d`` from showers and basins, ``demand_l_d`` of toilets and what else takes grey water, ``basin_l_d`` the
    part of the yield from basins.
    """

    grey_l_d: Floats
    demand_l_d: Floats
    basin_l_d: Floats


def grey_flows(use: Any, persons: ArrayLike, *, grey_l: ArrayLike = np.nan, demand_l: ArrayLike = np.nan) -> Flows:
    """Yield and demand of grey water on a day of use.

    ``use`` codes (n,), ``persons`` (n,) that are there; of no persons nothing is known, they are not zero litres.
    ``grey_l`` and ``demand_l`` (n,) the building's own figures [l/person/day], which go before those of the table
    ``grey_uses`` (unverified). NaN where a use is not listed. Raises InputError for negative or impossible values.

    >>> grey_flows("school", 100).demand_l_d[:, 0]
    array([600., 700., 800.])
    """
    code = np.atleast_1d(texts("use", use, code_names("use")))
    people = np.atleast_1d(amount("persons", persons, 0.0, MOST_PERSONS))
    own_grey, own_demand = (
        np.atleast_1d(amount(name, value, 0.0, MOST_L))
        for name, value in (("grey_l_person_day", grey_l), ("grey_demand_l_person_day", demand_l))
    )
    code, people, own_grey, own_demand = np.broadcast_arrays(code, people, own_grey, own_demand)
    people = np.where(people > 0.0, people, np.nan)
    basin = _of_flow(code, "basin")
    grey = _sum(basin, _of_flow(code, "shower"), _of_flow(code, "shower_basin"))
    demand = _of_flow(code, "wc")
    basin = np.where(np.isnan(basin), 0.0, basin)
    grey, demand = (np.where(np.isnan(own), each, own) for own, each in ((own_grey, grey), (own_demand, demand)))
    return Flows(*(each * people for each in (grey, demand, np.minimum(basin, grey))))


def exceeds_annex_12(use: Any, persons: ArrayLike, flows: Flows) -> Floats:
    """1 where toilets and basins at typical values take more than annex 12 of decree 428/2001 gives a person in the
    days of use, 0 where not, NaN where one of them is not known (n,).
    """
    code = np.atleast_1d(texts("use", use, code_names("use")))
    total, days = (by_code(code, numbers(ANNEX_12, "use", name)) for name in ("m3_a", "days"))
    most = np.atleast_1d(amount("persons", persons, 0.0, MOST_PERSONS)) * total / days * 1000.0
    taken = flows.demand_l_d[1] + flows.basin_l_d[1]
    return np.where(np.isnan(taken + most), np.nan, (taken > most).astype(float))


def _of_flow(code: Codes, flow: str) -> Floats:
    """Low, typical and high litres of a flow a person and day (3, n); NaN where the use has no row."""
    listed = [row for row in rows(USES) if row["flow"] == flow]
    return np.stack([by_code(code, {row["use"]: float(row[end]) for row in listed}) for end in ENDS])


def _sum(*parts: Floats) -> Floats:
    """Sum of what is known; NaN where nothing is."""
    stacked = np.stack(parts)
    return np.where(np.isnan(stacked).all(axis=0), np.nan, np.nansum(stacked, axis=0))
