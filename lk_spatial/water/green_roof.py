"""Green roofs instead of bare ones, by the depth of their substrate: runoff, fee, and the load on the roof."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lk_spatial.core.text import Text
from lk_spatial.water.fee import CLASSES, DEEPEST_CM, green_roof_class
from lk_spatial.water.given import Floats, amount, by_code, numbers, rows, texts

BANDS = "water/green_roofs_2026"
SUBSTRATES = "water/green_roof_substrates_2026"
GRAVITY = 9.80665  # [m/s2]
DEPTHS_CM = (5.0, 8.0, 12.0, 20.0, 35.0)
NO_DENSITY = Text(
    "The substrate's saturated density is not given: its load is not known.",
    "Není zadána objemová hmotnost substrátu v nasyceném stavu: zatížení není známo.",
)
SUBSTRATE_ONLY = Text(
    "Load of the substrate alone, without drainage, plants and snow.",
    "Zatížení samotným substrátem, bez drenáže, rostlin a sněhu.",
)


def green_roof_runoff(depth_cm: ArrayLike) -> tuple[Floats, Floats]:
    """Peak (design rain) and annual runoff coefficient [-] of green roofs by the depth of their substrate [cm].

    NaN for unknown depths and for those of 2 cm and less, for which no band is known. Bands of FLL, unverified: the
    fee has coefficients of its own. Raises InputError for negative depths and such over 300 cm.
    """
    depth = amount("depth_cm", depth_cm, 0.0, DEEPEST_CM)
    over = np.array([float(row["over_cm"]) for row in rows(BANDS)])
    at = np.searchsorted(over, depth, side="left") - 1
    void = np.isnan(depth) | (at < 0)
    peak, annual = (np.array([float(row[name]) for row in rows(BANDS)]) for name in ("runoff_peak", "runoff_annual"))
    return np.where(void, np.nan, peak[at])[()], np.where(void, np.nan, annual[at])[()]


def substrate_density(substrate: object) -> Floats:
    """Saturated density of substrates [kg/m3] by their codes in ``green_roof_substrates``; NaN where unknown.

    Makers' values of single products, unverified. Raises InputError for other codes.
    """
    listed = numbers(SUBSTRATES, "substrate", "saturated_kg_m3")
    return by_code(texts("substrate", substrate, listed), listed)[()]


def green_roof_load(depth_cm: ArrayLike, saturated_kg_m3: ArrayLike, layers_kg_m2: ArrayLike = 0.0) -> Floats:
    """Weight of green roofs saturated with water, for the static screening [kN/m2].

    ``depth_cm`` of the substrate [cm], ``saturated_kg_m3`` its density [kg/m3], ``layers_kg_m2`` mass of drainage,
    plants and other layers, saturated [kg/m2]. NaN in, NaN out. Raises InputError for values that cannot be.

    >>> round(float(green_roof_load(12, 1375)), 2)
    1.62
    """
    density = amount("saturated_kg_m3", saturated_kg_m3, 100.0, 3000.0)
    mass = amount("depth_cm", depth_cm, 0.0, DEEPEST_CM) / 100.0 * density
    return ((mass + amount("layers_kg_m2", layers_kg_m2, 0.0, 2000.0)) * GRAVITY / 1000.0)[()]


def green_roof_alternatives(
    depths_cm: Iterable[float] = DEPTHS_CM, *, saturated_kg_m3: float | None = None, layers_kg_m2: float = 0.0
) -> pd.DataFrame:
    """A row for each depth of substrate: green_roof_cm, runoff_peak, runoff_annual, surface_class and fee_psi of the
    fee (edition 2022), green_roof_load_kn_m2 (NaN without a density), load_why_cs and load_why_en.

    Peak, annual and fee coefficients are three different numbers. Arguments as ``green_roof_load``.
    """
    depth = amount("depths_cm", list(depths_cm), 0.0, DEEPEST_CM)
    peak, annual = green_roof_runoff(depth)
    letter = green_roof_class(depth)
    density = np.nan if saturated_kg_m3 is None else saturated_kg_m3
    why = NO_DENSITY if np.isnan(density) else SUBSTRATE_ONLY if layers_kg_m2 == 0.0 else None
    return pd.DataFrame(
        {
            "green_roof_cm": depth,
            "runoff_peak": peak,
            "runoff_annual": annual,
            "surface_class": pd.Series(letter, dtype=object),
            "fee_psi": by_code(letter, numbers(CLASSES["2022"], "surface_class", "fee_psi")),
            "green_roof_load_kn_m2": green_roof_load(depth, density, layers_kg_m2),
            "load_why_cs": why.cs if why else None,
            "load_why_en": why.en if why else None,
        }
    )
