"""Speed of laying modules, planes a second of processor time: ``python -m tests.bench.bench_layout``."""

import math
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely import affinity

from lk_spatial.solar.arrays import lay_modules
from lk_spatial.solar.layout import ModuleSize, layout_modules, usable_area
from tests.bench.shape import Bar, best, print_json, told

PLANES, TIMES = 300, 7
SIDES = {"width": 1.134, "height": 1.762, "gap": 0.02, "setback": 0.5}
BARS = {
    "pitched_planes_s": Bar(">=", 1500.0, "Layout of modules, pitched planes of 219 m2 net", "one core", " /s"),
    "flat_south_planes_s": told("Layout of modules, flat planes, rows to the south", "one core", " /s"),
    "flat_east_west_planes_s": told("Layout of modules, flat planes, east-west pairs", "one core", " /s"),
}
Roof = tuple[shapely.Geometry, list[shapely.Geometry]]
KINDS = {"box": 0.4, "l": 0.2, "hip": 0.2, "triangle": 0.1, "askew": 0.1}


def outline(kind: str, a: float, b: float) -> shapely.Geometry:
    """A roof plane ``a`` by ``b``."""
    if kind == "l":
        return shapely.union(shapely.box(0, 0, a, b), shapely.box(0, 0, a * 0.45, b * 1.7))
    if kind == "hip" and a > b:
        return shapely.Polygon([(0, 0), (a, 0), (a - b / 2, b), (b / 2, b)])
    if kind in ("hip", "triangle"):
        return shapely.Polygon([(0, 0), (a, 0), (a / 2, b * 1.2)])
    if kind == "askew":
        return shapely.Polygon([(0, 0), (a, b * 0.1), (a * 0.95, b * 1.1), (a * 0.05, b)])
    return shapely.box(0, 0, a, b)


def made_roofs(count: int = PLANES, seed: int = 0) -> list[Roof]:
    """Roof planes somewhere in the region, 219 m2 net of the setback on average, with 0-4 obstacles each."""
    rng = np.random.default_rng(seed)
    roofs = []
    for _ in range(count):
        a, b = rng.lognormal(math.log(19.5), 0.45), rng.lognormal(math.log(10.8), 0.4)
        roof = outline(rng.choice([*KINDS], p=[*KINDS.values()]), a, b)
        left, low, right, high = roof.bounds
        spots = np.column_stack([rng.uniform(left, right, 4), rng.uniform(low, high, 4), rng.uniform(0.5, 2.0, (4, 2))])
        blocks = [shapely.box(x, y, x + w, y + h) for x, y, w, h in spots[: rng.integers(0, 5)]]
        turn, shift = rng.uniform(0, 360), rng.uniform(0, 9e3, 2) - (688_000, 974_000)
        moved = [affinity.translate(affinity.rotate(g, turn, origin=(0, 0)), *shift) for g in (roof, *blocks)]
        roofs.append((moved[0], moved[1:]))
    return roofs


def tables(roofs: list[Roof], kind: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Planes and obstacles as the roof planes' job hands them out."""
    rng, n = np.random.default_rng(1), len(roofs)
    keys = [{"building_id": f"b{number}", "part_id": "1", "plane_id": "1"} for number in range(n)]
    tilt, azimuth = (0.5, np.nan) if kind == "flat" else (rng.uniform(10, 45, n), rng.uniform(0, 360, n))
    planes = gpd.GeoDataFrame(keys, geometry=[roof for roof, _ in roofs], crs=5514)
    planes = planes.assign(kind=kind, tilt_deg=tilt, azimuth_deg=azimuth, poa_kwh_m2_a=1000.0)
    rows = [key | {"geometry": each} for key, (_, blocks) in zip(keys, roofs, strict=True) for each in blocks]
    return planes, gpd.GeoDataFrame(rows, columns=[*keys[0], "geometry"], geometry="geometry", crs=5514)


def measure(peers: bool = False, small: bool = False) -> dict[str, float]:
    """Planes a second and modules laid: polygon by polygon, and whole tables by kind of roof and layout."""
    count, times = (5, 1) if small else (PLANES, TIMES)
    roofs = made_roofs(count)
    found = {"mean_net_area_m2": float(np.mean([usable_area(roof, 0.5, blocks).area for roof, blocks in roofs]))}

    def one_by_one() -> list[int]:
        return [len(layout_modules(roof, obstacles=blocks, **SIDES)) for roof, blocks in roofs]

    found |= {"one_by_one_modules": sum(one_by_one()), "one_by_one_planes_s": count / best(one_by_one, times)}
    cases = {"pitched": ("pitched", "south"), "flat_south": ("flat", "south"), "flat_east_west": ("flat", "east_west")}
    for name, (kind, layout) in (cases | {"flat_flush": ("flat", "flush")}).items():
        planes, obstacles = tables(roofs, kind)
        size, every = ModuleSize(**SIDES, flat_layout=layout), np.ones(count, bool)

        def table(p: Any = planes, o: Any = obstacles, s: Any = size, e: Any = every) -> gpd.GeoDataFrame:
            return lay_modules(p, o, s, wanted=e, convergence=7.35)

        found |= {f"{name}_modules": len(table()), f"{name}_planes_s": count / best(table, times)}
    return found


if __name__ == "__main__":
    print_json(measure)
