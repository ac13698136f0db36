"""An invented quarter for the report tests: gabled houses on a grid, modules on their southern planes."""

import datetime
from collections.abc import Callable

import geopandas
import numpy as np
import pandas as pd
import pytest
from shapely import affinity
from shapely.geometry import box

from lk_spatial.core.text import Text
from lk_spatial.report.pv import PvReport

CRS = "EPSG:5514"
ORIGIN = (-686_000.0, -974_500.0)
MONTH_SHARE = np.array([2.5, 4.6, 8.6, 11.4, 13.2, 13.3, 13.5, 12.2, 9.2, 6.2, 3.1, 2.2]) / 100
WATERFALL = [
    (Text("Irradiation of an unshaded plane", "Ozáření nezastíněné roviny"), 1162.0),
    (Text("Shading by surroundings", "Zastínění okolím"), -46.3),
    (Text("Reflection from the glass", "Odraz od skla"), -31.2),
    (Text("Soiling", "Znečištění"), -21.7),
    (Text("Temperature of the cells", "Teplota článků"), -18.9),
    (Text("Wiring, mismatch, connections", "Kabely, nesoulad, spoje"), -42.8),
    (Text("Inverter", "Střídač"), -39.6),
    (Text("AC energy", "Střídavá energie"), 961.5),
]


def quarter(count: int, spacing: float = 34.0) -> tuple[geopandas.GeoDataFrame, ...]:
    """``count`` houses: (buildings, roof_planes, modules); every tenth house has no plane."""
    random = np.random.default_rng(7)
    side = int(np.ceil(np.sqrt(count)))
    buildings, planes, modules = [], [], []
    for k in range(count):
        x, y = ORIGIN[0] + spacing * (k % side), ORIGIN[1] + spacing * (k // side)
        w, h, turn = random.uniform(10, 24), random.uniform(9, 15), random.uniform(-25, 25) if count < 1000 else 0.0
        rotate = lambda shape, a=turn, c=(x, y): affinity.rotate(shape, a, origin=c) if a else shape  # noqa: E731
        south, north = box(x - w / 2, y - h / 2, x + w / 2, y), box(x - w / 2, y, x + w / 2, y + h / 2)
        key = {"building_id": f"B{k + 1:03d}", "part_id": "1"}
        gap = k % 10 == 9
        fit = [] if gap else _module_boxes(south)
        power = 0.45 * len(fit)
        specific = float(random.uniform(820, 990))
        energy = power * specific
        buildings.append(
            key
            | {
                "name": f"Základní škola č. {k + 1}" if k % 4 == 0 else None,
                "use": "school" if k % 4 == 0 else None,
                "n_modules": len(fit) if fit else 0,
                "power_kwp": power or np.nan,
                "energy_kwh_a": energy or np.nan,
                "energy_p90_kwh_a": 0.906 * energy or np.nan,
                "specific_yield_kwh_kwp": specific if fit else np.nan,
                "shading_loss_pct": float(random.uniform(0.3, 14)) if fit else np.nan,
                "pv_installed_kwp": 9.9 if k == 2 else np.nan,
                "quality": "none" if gap else ("good", "usable", "usable", "poor")[k % 4],
                "quality_why_en": "No height in the surface model" if gap else "",
                "quality_why_cs": "V modelu povrchu chybí výšky" if gap else "",
                "geometry": rotate(box(x - w / 2, y - h / 2, x + w / 2, y + h / 2)),
            }
            | {f"energy_{m + 1:02d}_kwh": energy * MONTH_SHARE[m] if fit else np.nan for m in range(12)}
        )
        if gap:
            continue
        for n, (shape, poa) in enumerate(((south, random.uniform(1050, 1190)), (north, random.uniform(640, 860))), 1):
            value = np.nan if k == 5 and n == 2 else poa
            planes.append(key | {"plane_id": str(n), "poa_kwh_m2_a": value, "geometry": rotate(shape)})
        modules += [key | {"plane_id": "1", "geometry": rotate(shape)} for shape in fit]
    return tuple(_frame(rows) for rows in (buildings, planes, modules))


def _frame(rows: list[dict]) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs=CRS)


def _module_boxes(plane: object) -> list:
    x0, y0, x1, y1 = plane.bounds
    columns, rows = int((x1 - x0 - 1) // 1.15), int((y1 - y0 - 1) // 1.6)
    return [
        box(x0 + 0.5 + 1.15 * i, y0 + 0.5 + 1.6 * j, x0 + 0.5 + 1.15 * i + 1.13, y0 + 0.5 + 1.6 * j + 1.58)
        for i in range(columns)
        for j in range(rows)
    ]


def surface(buildings: geopandas.GeoDataFrame, cell: float = 1.0) -> tuple[np.ndarray, tuple[float, ...]]:
    """A rolling surface with blocks of some houses and one hole, and its extent."""
    x0, y0, x1, y1 = buildings.total_bounds + np.array([-60.0, -60.0, 60.0, 60.0])
    rows, cols = int((y1 - y0) / cell), int((x1 - x0) / cell)
    y, x = np.mgrid[y1 - cell / 2 : y1 - cell * rows : rows * 1j, x0 + cell / 2 : x0 + cell * cols : cols * 1j]
    heights = 380 + 0.03 * (x - x0) + 4 * np.sin((x - x0) / 35) * np.cos((y - y0) / 42)
    heights += np.random.default_rng(1).normal(0, 0.1, heights.shape)
    for left, bottom, right, top in buildings.bounds.to_numpy():
        upper, lower = int((y1 - top) / cell), int((y1 - bottom) / cell)
        heights[upper:lower, int((left - x0) / cell) : int((right - x0) / cell)] += 8
    heights[: rows // 12, : cols // 12] = np.nan
    return heights.astype(np.float32), (x0, x0 + cell * cols, y1 - cell * rows, y1)


def fake_report(lang: str = "en", count: int = 24, **change: object) -> PvReport:
    """A report of an invented quarter; ``change`` replaces parts of it."""
    buildings, planes, modules = quarter(count)
    report = PvReport(
        title=Text("Rooftop PV potential of the quarter", "Fotovoltaický potenciál čtvrti"),
        lang=lang,
        buildings=buildings,
        roof_planes=planes,
        modules=modules,
        waterfall=WATERFALL,
        hillshade=surface(buildings),
        convergence_deg=7.35,
        weather={
            "source": "PVGIS TMY",
            "latitude": 45.0,
            "longitude": 8.0,
            "ghi_kwh_m2": 1423.4,
            "distance_km": 817.3,
            "label": "instantaneous +0.1761 h",
        },
        notices=["Weather and site are 817 km apart: the energy is not this site's."],
        tables=[
            {
                "id": "pv/losses_2026",
                "card": {
                    "title_en": "Losses of PV systems",
                    "title_cs": "Ztráty fotovoltaických systémů",
                    "source": "PVWatts manual",
                    "edition": "v5",
                    "page": "12",
                    "retrieved": "2026-11-23",
                    "confidence": "confirmed",
                },
            },
            {
                "id": "pv/module_types_2026",
                "card": {
                    "title_en": "Module types",
                    "title_cs": "Typy panelů",
                    "source": "makers' data sheets",
                    "retrieved": "2026-11-20",
                    "confidence": "unverified",
                    "note": "Prices left out",
                },
            },
            {
                "id": "pv/uncertainty_2026",
                "card": {
                    "title_en": "Uncertainty of the yield",
                    "title_cs": "Nejistota výroby",
                    "confidence": "assumption",
                },
            },
        ],
        parameters=[
            {
                "name": "setback_m",
                "label": Text("Setback from edges", "Odstup od okrajů"),
                "value": 0.5,
                "unit": "m",
                "is_default": True,
            },
            {"name": "albedo", "label": "Albedo", "value": 0.25, "unit": "", "is_default": False},
        ],
        inputs=[
            {"name": "buildings", "file": "/home/somebody/secret folder/roofs.gpkg", "sha256": "0123456789abcdef" * 4},
            {"name": "dsm", "file": "C:\\maps\\dmp.tif", "sha256": None},
        ],
        version="0.1.0",
        record="out.gpkg.run.json",
        created=datetime.date(2026, 11, 23),
        use_names={"school": "škola" if lang == "cs" else "school"},
    )
    return report._replace(**change)


@pytest.fixture(name="make_report")
def _make_report() -> Callable[..., PvReport]:
    return fake_report


@pytest.fixture(name="quarter")
def _quarter() -> Callable[..., tuple[geopandas.GeoDataFrame, ...]]:
    return quarter
