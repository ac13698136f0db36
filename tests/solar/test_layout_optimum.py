"""Modules on small planes beside the proven optimum of free mixed placement on a lattice (CP-SAT)."""

import math
from collections import defaultdict

import numpy as np
import pytest
import shapely
from ortools.sat.python import cp_model

from lk_spatial.solar.layout import layout_modules, usable_area
from tests.bench.bench_layout import outline

W, H, GAP, SETBACK = 1.134, 1.762, 0.02, 0.3
Roof = tuple[shapely.Geometry, list[shapely.Geometry]]


def small_planes(seed: int, count: int = 14) -> list[Roof]:
    """Outlines of all kinds, 30-75 m2, their long edges along x, with up to three obstacles."""
    rng = np.random.default_rng(seed)
    found: list[Roof] = []
    while len(found) < count:
        roof = outline(
            ("box", "l", "hip", "triangle", "askew")[len(found) % 5], rng.uniform(7, 13), rng.uniform(4.5, 8)
        )
        spots = rng.uniform(roof.bounds[:2], roof.bounds[2:], (int(rng.integers(0, 4)), 2))
        sizes = rng.uniform(0.4, 1.2, spots.shape)
        if 30.0 < roof.area < 75.0:
            found.append((roof, [shapely.box(*low, *low + size) for low, size in zip(spots, sizes, strict=True)]))
    return found


def optimum(area: shapely.Geometry, step: float) -> int:
    """Most modules, upright or lying, whose lower left corners stand on a lattice of ``step`` [m]; proved.

    On it two modules keep their gap where they take no common cell of the lattice, a side of which takes
    ceil((side + gap) / step) cells.
    """
    model, taken = cp_model.CpModel(), defaultdict(list)
    left, low, right, high = area.bounds
    room = shapely.buffer(area, 1e-7)
    shapely.prepare(room)
    for w, h in ((W, H), (H, W)):
        across, up = (range(math.ceil((side + GAP) / step - 1e-9)) for side in (w, h))
        x, y = np.meshgrid(np.arange(left, right - w + 1e-9, step), np.arange(low, high - h + 1e-9, step))
        for j, i in np.argwhere(shapely.covers(room, shapely.box(x, y, x + w, y + h))):
            there = model.new_bool_var("")
            for cell in ((i + a, j + b) for a in across for b in up):
                taken[cell].append(there)
    for modules in taken.values():
        model.add_at_most_one(modules)
    model.maximize(sum({module.index: module for modules in taken.values() for module in modules}.values()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.random_seed = 0
    solver.parameters.max_time_in_seconds = 20.0
    assert solver.solve(model) == cp_model.OPTIMAL
    return round(solver.objective_value)


def laid(plane: Roof) -> int:
    sides = {"width": W, "height": H, "gap": GAP, "setback": SETBACK}
    return len(layout_modules(plane[0], obstacles=plane[1], **sides))


@pytest.mark.parametrize(
    ("step", "planes"),
    [
        pytest.param(0.3, small_planes(0), id="lattice of 0.3 m as in the facts"),
        pytest.param(0.3, small_planes(1), id="lattice of 0.3 m, other planes"),
        pytest.param((H + GAP) / 12, small_planes(0)[:6], id="lattice of 0.1485 m, a twelfth of the long side"),
    ],
)
def test_within_six_per_cent_of_the_optimum(step: float, planes: list[Roof]) -> None:
    """Found when written: 3.3 % above the optimum of the coarse lattice; on all planes 0.8 % above that of the fine."""
    most = [optimum(usable_area(roof, SETBACK, blocks), step) for roof, blocks in planes]
    found = [laid(plane) for plane in planes]
    assert sum(most) > 14 * len(planes) and sum(found) >= 0.94 * sum(most), (found, most)
    assert all(mine >= 0.85 * best - 1 for mine, best in zip(found, most, strict=True)), (found, most)
