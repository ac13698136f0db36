"""What is found of a building does not depend, bit for bit, on the window, the rest of the table or the workers."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lk_spatial.io.raster import Raster, read_raster
from lk_spatial.io.rasterize import cell_centres, rasterize_ids
from lk_spatial.roofs import pipeline
from lk_spatial.roofs.pipeline import RoofPlanes, find_roof_planes
from tests.roofs.scores import scene_raster
from tests.scenes import make_scene

REACH = 10.0  # [m] and a cell: what a building must be given of its surroundings
CELLS = [1.0, 0.5, 0.3, 0.2]


@cache
def quarter(cell: float) -> tuple[Raster, gpd.GeoDataFrame, RoofPlanes]:
    """A made quarter at a corner with an odd fraction, with annexes that overlap their houses, touch and stand near."""
    scene = make_scene(11, size=130.0, cell=cell, pitch=32.0, dormers=True, shift=0.5, trees_per_km2=500.0)
    east, north = 0.37, -0.123
    dsm = scene_raster(scene)._replace(
        transform=Affine(cell, 0, scene.transform.c + east, 0, -cell, scene.transform.f + north)
    )
    houses = scene.buildings.translate(east, north)
    outlines: list[shapely.Geometry] = []
    for k, house in enumerate(houses):
        corner = shapely.Point(house.exterior.coords[0]).buffer(3.0, quad_segs=2)
        outlines += [house, [corner, corner.difference(house), shapely.affinity.translate(corner, 9.0)][k % 3]]
    names = [f"B{k}" for k in range(len(outlines))]
    table = gpd.GeoDataFrame({"building_id": names, "part_id": "1"}, geometry=outlines, crs=5514)
    return dsm, table, find_roof_planes(dsm, table)


def groups(buildings: gpd.GeoDataFrame, cell: float) -> NDArray[np.int32]:
    """Number of each building's group: those that reach into each other's surroundings are together."""
    one, other = buildings.sindex.query(buildings.buffer(REACH + 2 * cell), predicate="intersects")
    graph = coo_array((np.ones(len(one)), (one, other)), shape=(len(buildings), len(buildings)))
    return np.asarray(connected_components(graph)[1])


def crop(dsm: Raster, bounds: NDArray, margins: tuple[int, int, int, int]) -> tuple[Raster, tuple[int, int]]:
    """The cells around bounds, so many more than needed on each side, and the first row and column."""
    t, (h, w) = dsm.transform, dsm.values.shape
    need = int(np.ceil(REACH / t.a)) + 2
    left, right = int((bounds[0] - t.c) / t.a) - need - margins[0], int((bounds[2] - t.c) / t.a) + need + margins[1]
    top, bottom = int((t.f - bounds[3]) / t.a) - need - margins[2], int((t.f - bounds[1]) / t.a) + need + margins[3]
    left, top = max(left, 0), max(top, 0)
    part = dsm.values[top : min(bottom, h), left : min(right, w)].copy()
    return Raster(part, Affine(t.a, 0, t.c + left * t.a, 0, t.e, t.f + top * t.e), dsm.crs, dsm.path), (top, left)


def bits(table: pd.DataFrame) -> pd.DataFrame:
    """The table with polygons as their bytes."""
    return pd.DataFrame(table.drop(columns="geometry")).assign(wkb=table.geometry.to_wkb()).reset_index(drop=True)


def same(whole: RoofPlanes, part: RoofPlanes, names: pd.Series, at: tuple[int, int] = (0, 0)) -> None:
    """The part is what the whole has of the named buildings."""
    kept = whole.planes["building_id"].isin(names).to_numpy()
    pd.testing.assert_frame_equal(bits(whole.planes[kept]), bits(part.planes), check_exact=True)
    obstacles = whole.obstacles[whole.obstacles["building_id"].isin(names)]
    pd.testing.assert_frame_equal(bits(obstacles), bits(part.obstacles), check_exact=True)
    pd.testing.assert_frame_equal(
        whole.why[whole.why["building_id"].isin(names)].reset_index(drop=True), part.why, check_exact=True
    )
    new = np.concatenate([[0], np.where(kept, np.cumsum(kept), 0)])
    (top, left), (h, w) = at, part.labels.shape
    expected = new[whole.labels]
    assert (expected[top : top + h, left : left + w] == part.labels).all()
    assert (expected > 0).sum() == (part.labels > 0).sum() > 0


@pytest.mark.parametrize("cell", CELLS)
def test_quarter_has_all_kinds_of_neighbours(cell: float) -> None:
    _, buildings, found = quarter(cell)
    assert len(found.planes) > 25 and len(found.obstacles) > 2
    of = groups(buildings, cell)
    assert 1 < of.max() + 1 < len(buildings) - 4


@pytest.mark.parametrize("cell", CELLS)
def test_each_group_alone(cell: float) -> None:
    dsm, buildings, whole = quarter(cell)
    of = groups(buildings, cell)
    for group in range(of.max() + 1):
        mine = buildings[of == group]
        part, at = crop(dsm, mine.total_bounds, (group % 4, 0, group % 3, 0))
        if set(mine["building_id"]) & set(whole.planes["building_id"]):
            same(whole, find_roof_planes(part, mine), mine["building_id"], at)


@settings(max_examples=12, deadline=None)
@given(
    cell=st.sampled_from(CELLS),
    margins=st.tuples(*[st.integers(0, 90)] * 4),
    chosen=st.lists(st.integers(0, 50), min_size=1, max_size=4),
    chunk=st.sampled_from([1, 3, 128]),
)
def test_any_groups_in_any_window(
    cell: float, margins: tuple[int, int, int, int], chosen: list[int], chunk: int
) -> None:
    dsm, buildings, whole = quarter(cell)
    of = groups(buildings, cell)
    mine = buildings[np.isin(of, np.array(chosen) % (of.max() + 1))]
    part, at = crop(dsm, mine.total_bounds, margins)
    if not set(mine["building_id"]) & set(whole.planes["building_id"]):
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "CHUNK", chunk)
        same(whole, find_roof_planes(part, mine), mine["building_id"], at)


def test_threads_and_processes_find_the_same() -> None:
    dsm, buildings, whole = quarter(0.3)
    spawn = multiprocessing.get_context("spawn")
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(3) as threads:
        patch.setattr(pipeline, "CHUNK", 4)
        same(whole, find_roof_planes(dsm, buildings, executor=threads), buildings["building_id"])
        with ProcessPoolExecutor(1, mp_context=spawn) as processes:
            same(whole, find_roof_planes(dsm, buildings, executor=processes), buildings["building_id"])


@pytest.mark.parametrize("cell", [0.3, 1 / 3])
def test_windows_read_from_a_file(tmp_path: Path, cell: float) -> None:
    dsm, buildings, _ = quarter(0.3)
    # the same heights on cells of another size, so that roofs are stretched a little
    dsm = dsm._replace(transform=Affine(cell, 0, dsm.transform.c, 0, -cell, dsm.transform.f))
    whole = find_roof_planes(dsm, buildings)
    rows, cols = dsm.values.shape
    shape = {"height": rows, "width": cols, "count": 1, "dtype": "float32", "transform": dsm.transform}
    with rasterio.open(tmp_path / "dsm.tif", "w", driver="GTiff", crs="EPSG:5514", **shape) as file:
        file.write(dsm.values, 1)
    of = groups(buildings, cell)
    for group in range(of.max() + 1):
        mine = buildings[of == group]
        bounds = tuple(mine.buffer(REACH + 2 * cell + group).total_bounds)
        part = read_raster(tmp_path / "dsm.tif", window_bounds=bounds, footprints_5514=True)
        at = round((dsm.transform.f - part.transform.f) / cell), round((part.transform.c - dsm.transform.c) / cell)
        if set(mine["building_id"]) & set(whole.planes["building_id"]):
            same(whole, find_roof_planes(part, mine), mine["building_id"], at)


# --- cells and footprints ------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    west=st.decimals(-740_000, -650_000, places=3),
    cell=st.sampled_from([1.0, 0.5, 0.3, 0.2, 0.1, 1 / 3, 0.7]),
    first=st.integers(1, 20_000),
)
def test_cells_have_one_place_in_all_windows(west: float, cell: float, first: int) -> None:
    whole, _ = cell_centres(Affine(cell, 0, float(west), 0, -cell, 0), (1, first + 50))
    part, _ = cell_centres(Affine(cell, 0, float(west) + first * cell, 0, -cell, 0), (1, 50))
    assert (whole[first:] == part).all()
    np.testing.assert_allclose(whole, float(west) + (np.arange(first + 50) + 0.5) * cell, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    corners=st.lists(st.tuples(st.floats(-2, 22), st.floats(-2, 17)), min_size=3, max_size=9),
    hole=st.floats(0.1, 3.0),
)
def test_cells_of_a_polygon_are_those_whose_centres_it_holds(corners: list[tuple[float, float]], hole: float) -> None:
    whole = shapely.convex_hull(shapely.MultiPoint(corners))
    if whole.area < 0.1:
        return
    polygon = whole.difference(whole.centroid.buffer(hole, quad_segs=3)).union(shapely.box(18.2, 1.3, 19.9, 2.9))
    ids = rasterize_ids([polygon], Affine(0.5, 0, 0, 0, -0.5, 15), (30, 40))
    x, y = cell_centres(Affine(0.5, 0, 0, 0, -0.5, 15), (30, 40))
    points = shapely.points(*np.meshgrid(x, y))
    clear = shapely.distance(points, polygon.boundary) > 1e-9
    assert (ids == shapely.contains_xy(polygon, *np.meshgrid(x, y)))[clear].all()


def test_cell_on_a_common_edge_belongs_to_one() -> None:
    west, east = (
        shapely.Polygon([(0, 0), (0, 4), (3.5, 4), (0.5, 0)]),
        shapely.Polygon([(0.5, 0), (3.5, 4), (5, 4), (5, 0)]),
    )
    grid = Affine(1, 0, 0, 0, -1, 4), (4, 5)
    one, other = (rasterize_ids([each], *grid) for each in (west, east))
    assert (one + other == 1).all()
