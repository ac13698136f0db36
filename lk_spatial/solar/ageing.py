"""How modules age: the mean year of an array's life."""

from typing import NamedTuple

from lk_spatial.core.errors import InputError

AGEING = "pv/ageing_2026"


class Ageing(NamedTuple):
    """Loss of power in the first year [%] and in each further one [%/a], and the life [a]; ``data/pv/ageing_2026``."""

    first_pct: float = 1.0
    yearly_pct: float = 0.5
    life_a: int = 25


def life_factor(ageing: Ageing) -> float:
    """Mean yearly energy over the life, over that of new modules [-].

    The year t of n gives E (1 - first) (1 - yearly)^(t - 1). Raises InputError for values out of range.

    >>> round(25 * 95_000 * life_factor(Ageing(1.0, 0.5, 25)))
    2215437
    """
    for name, value, low, high in (
        ("degradation_first_pct", ageing.first_pct, 0.0, 50.0),
        ("degradation_pct_a", ageing.yearly_pct, 0.0, 20.0),
        ("life_a", ageing.life_a, 1, 100),
    ):
        if not low <= value <= high:
            raise InputError("yield_parameter_wrong", name=name, got=value, low=low, high=high)
    kept = 1.0 - ageing.yearly_pct / 100.0
    years = sum(kept**year for year in range(ageing.life_a))
    return (1.0 - ageing.first_pct / 100.0) * years / ageing.life_a
