"""Modules on planes and the pixels below them."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from lk_spatial.solar.arrays import SAMPLES, ModuleSize, lay_modules, pixels_below
from lk_spatial.solar.shading import PlanePixels
from tests.bench.bench_layout import made_roofs, tables
from tests.solar.made_roof import TRANSFORM, Place, Slope, centre, make_place

SIZE = ModuleSize(1.134, 1.762, 0.02, 0.5, 10.0, 16.0)
PLACE = make_place(Slope((10, 30), (10, 40), 35.0, 187.35), Slope((50, 80), (30, 80), 0.0, None), convergence=7.35)
NO_OBSTACLES = gpd.GeoDataFrame({"building_id": [], "part_id": [], "plane_id": []}, geometry=[], crs=5514)


def lay(
    place: Place = PLACE,
    obstacles: gpd.GeoDataFrame = NO_OBSTACLES,
    wanted: NDArray | None = None,
    size: ModuleSize = SIZE,
) -> gpd.GeoDataFrame:
    every = np.ones(len(place.planes), bool)
    return lay_modules(
        place.planes, obstacles, size, wanted=every if wanted is None else wanted, convergence=7.35
    )  # fmt: skip


def pixels_of(place: Place, labels: NDArray | None = None) -> PlanePixels:
    """Pixels without horizons, which are not asked for here."""
    labels = place.labels if labels is None else labels
    rows, cols = np.nonzero(labels)
    plane = labels[rows, cols].astype(np.intp) - 1
    order = np.argsort(plane, kind="stable")
    rows, cols, plane = rows[order], cols[order], plane[order]
    first = np.searchsorted(plane, np.arange(len(place.planes) + 1))
    return PlanePixels(rows, cols, plane, first, np.empty((len(rows), 32), np.float32), TRANSFORM)


def test_modules_lie_on_their_plane_clear_of_its_edge() -> None:
    modules = lay()
    assert set(modules["plane"]) == {0, 1}
    for plane, own in modules.groupby("plane"):
        row = PLACE.planes.iloc[plane]
        for key in ("building_id", "part_id", "plane_id"):
            assert (own[key] == row[key]).all()
        steep = np.cos(np.radians(row["tilt_deg"]))  # the setback is measured on the slope
        assert own.within(row.geometry.buffer(-0.5 * steep + 1e-6)).all()
    assert modules.crs == PLACE.planes.crs


def test_area_in_plan_is_that_of_the_tilted_module() -> None:
    modules = lay()
    full = SIZE.width * SIZE.height
    tilt = np.where(modules["plane"] == 0, 35.0, SIZE.flat_tilt)
    assert modules.area.to_numpy() == pytest.approx(full * np.cos(np.radians(tilt)), rel=1e-6)


@pytest.mark.parametrize("layout", ["south", "east_west", "flush"])
def test_orientation_is_that_of_each_module(layout: str) -> None:
    """The roofs' edges run along the grid: the sides of modules show where they face, 7.35° off true."""
    modules = lay(size=SIZE._replace(flat_layout=layout))
    pitched, flat = (modules[modules["plane"] == plane] for plane in (0, 1))
    assert (pitched["tilt_deg"] == 35.0).all() and pitched["azimuth_deg"].to_numpy() == pytest.approx(180.0)
    assert not pitched["on_flat"].any() and flat["on_flat"].all()
    true = {"south": [172.65], "east_west": [82.65, 262.65], "flush": [180.0]}[layout]
    assert sorted(flat["azimuth_deg"].round(9).unique()) == pytest.approx(true)
    assert (flat["tilt_deg"] == (0.0 if layout == "flush" else 10.0)).all()
    assert flat["azimuth_deg"].value_counts().nunique() == 1


def test_obstacle_of_another_plane_is_none_of_ours() -> None:
    box = shapely.box(*centre(25, 15), *centre(15, 25))
    mine = gpd.GeoDataFrame({"building_id": ["b1"], "part_id": ["1"], "plane_id": ["1"]}, geometry=[box], crs=5514)
    free, blocked, foreign = lay(), lay(obstacles=mine), lay(obstacles=mine.assign(building_id="b9"))
    assert len(foreign) == len(free) > len(blocked)
    assert blocked[blocked["plane"] == 0].intersection(box).area.max() < 1e-6


def turned_ring(polygon: shapely.Polygon) -> shapely.Polygon:
    """The same polygon, its ring begun elsewhere and run the other way."""
    ring = list(polygon.exterior.coords)[:-1]
    return shapely.Polygon([*ring[2:], *ring[:2]][::-1], [list(hole.coords)[::-1] for hole in polygon.interiors])


@pytest.mark.parametrize("layout", ["south", "east_west", "flush"])
def test_what_lies_on_a_plane_depends_on_its_polygon_and_its_obstacles_alone(layout: str) -> None:
    """Not on the other planes, their order, how rings are written or where the raster began: bit for bit."""
    roofs = made_roofs(24, seed=3)
    size, n = SIZE._replace(flat_layout=layout), len(roofs)
    planes, obstacles = tables(roofs, "pitched")
    kind = np.where(np.arange(n) % 2, "flat", "pitched")
    planes = planes.assign(kind=kind, azimuth_deg=planes["azimuth_deg"].where(kind == "pitched"))

    def laid(planes: gpd.GeoDataFrame, obstacles: gpd.GeoDataFrame) -> dict[str, NDArray]:
        every = np.ones(len(planes), bool)
        found = lay_modules(planes, obstacles, size, wanted=every, convergence=7.35)
        numbers = ["tilt_deg", "azimuth_deg"]
        return {
            name: np.hstack([shapely.get_coordinates(own.geometry.array).reshape(len(own), 10), own[numbers]])
            for name, own in found.groupby("building_id")
        }

    whole = laid(planes, obstacles)
    assert len(whole) == n
    some = np.random.default_rng(0).permutation(n)[:9]
    written = planes.iloc[some].set_geometry([turned_ring(each) for each in planes.geometry.iloc[some]])
    part = laid(written, obstacles.iloc[::-1])
    assert set(part) == set(planes["building_id"].iloc[some])
    for name, found in part.items():
        np.testing.assert_array_equal(found, whole[name])


@pytest.mark.parametrize("planes", [PLACE.planes.iloc[:0], PLACE.planes], ids=["no planes", "none wanted"])
def test_nothing_to_lay(planes: gpd.GeoDataFrame) -> None:
    place = PLACE._replace(planes=planes)
    modules = lay(place, wanted=np.zeros(len(planes), bool))
    assert len(modules) == 0
    orientation = ["tilt_deg", "azimuth_deg", "on_flat"]
    assert list(modules.columns) == ["building_id", "part_id", "plane_id", "plane", *orientation, "geometry"]
    assert modules["plane"].dtype == int
    assert pixels_below(modules, pixels_of(place, np.zeros_like(PLACE.labels))).shape == (0, len(SAMPLES))


def test_pixels_below_are_the_cells_of_points_within_the_module() -> None:
    modules, pixels = lay(), pixels_of(PLACE)
    below = pixels_below(modules, pixels)
    assert (below >= 0).all()
    for module, found in zip(modules.itertuples(), below, strict=True):
        assert (pixels.plane[found] == module.plane).all()
        for pixel in found:
            west, north = centre(pixels.rows[pixel] - 0.5, pixels.cols[pixel] - 0.5)
            assert shapely.box(west, north - 0.5, west + 0.5, north).intersects(module.geometry)
    spread = [len(set(found)) for found in below]
    assert min(spread) >= 4  # of half-metre cells a module covers several


def test_pixels_of_other_planes_and_beyond_the_model_are_not_found() -> None:
    modules = lay()
    labels = np.where((PLACE.labels == 1) & (np.arange(90) < 25), 0, PLACE.labels)
    below = pixels_below(modules, pixels_of(PLACE, labels))
    west = modules.geometry.bounds.maxx < centre(0, 25 - 0.5)[0]
    assert west.any() and (below[west.to_numpy() & (modules["plane"] == 0).to_numpy()] == -1).all()
    swapped = modules.assign(plane=1 - modules["plane"])
    assert (pixels_below(swapped, pixels_of(PLACE)) == -1).all()
    far = modules.set_geometry(modules.geometry.translate(1e5, -1e5))
    assert (pixels_below(far, pixels_of(PLACE)) == -1).all()
