"""Made layers of a screening for the tests of the survey plan."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

X, Y = -688_000.0, -974_000.0


def screening(classes: str, p: Sequence[float], columns: Mapping[str, Any] | None = None) -> gpd.GeoDataFrame:
    """Parts b00, b01 … of these classes and chances, each 1 km from the next, with typical numbers of a screening."""
    n = len(classes)
    rows = {
        "building_id": [f"b{i:02d}" for i in range(n)],
        "part_id": ["1"] * n,
        "name": [f"Škola {i}" for i in range(n)],
        "static_class": list(classes),
        "u0": np.full(n, 0.9),
        "u1": np.full(n, 1.0),
        "q_max_kn_m2": np.full(n, 0.15),
        "pv_load_kn_m2": np.full(n, 0.15),
        "p_exceed_1": np.asarray(p, float),
        "u1_log_sd": np.full(n, 0.2),
        "roof_structure": ["steel_truss"] * n,
        "gate": np.full(n, None, object),
        "report_reserve_kn_m2": np.full(n, np.nan),
        "missing_en": ["old snow zone; pitch"] * n,
        "missing_cs": ["stará sněhová oblast; sklon"] * n,
    }
    places = [shapely.box(X + 1000.0 * i, Y, X + 1000.0 * i + 20, Y + 20) for i in range(n)]
    return gpd.GeoDataFrame(rows | dict(columns or {}), geometry=places, crs=5514)


def written(path: Path, layer: gpd.GeoDataFrame) -> str:
    """The layer as a GeoPackage of its own."""
    path.unlink(missing_ok=True)
    layer.to_file(path, layer="screening", driver="GPKG")
    return str(path)
