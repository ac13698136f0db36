"""Light on roof planes: order of pixels, pressed surfaces, means; against pvlib and brute force."""

import numpy as np
import pandas as pd
import pytest

from lk_spatial.core.errors import Cancelled
from lk_spatial.solar import shading
from lk_spatial.solar.horizon_rays import Look
from lk_spatial.solar.irradiance import poa_irradiation
from lk_spatial.solar.shading import (
    Facing,
    PlanePixels,
    facing,
    light_on_pixels,
    plane_pixels,
    press_flat,
    sun_on_planes,
)
from lk_spatial.solar.sun import SkyHours, sky_hours
from tests.solar.made_roof import TRANSFORM, Place, Slope, make_place
from tests.solar.oracle import brute_horizon, brute_irradiation, made_weather, pvlib_hours

SOUTH = Slope((30, 44), (20, 44), 35.0, 180.0)
FLAT = Slope((60, 80), (50, 80), 0.0, None)
EAST = Slope((10, 24), (60, 75), 20.0, 97.35)


@pytest.fixture(scope="module")
def sky() -> SkyHours:
    return sky_hours(made_weather(), albedo=0.2)


@pytest.fixture(scope="module")
def place() -> Place:
    return make_place(SOUTH, FLAT, EAST, convergence=7.35)


@pytest.fixture(scope="module")
def pixels(place: Place) -> PlanePixels:
    return plane_pixels(place.surface, TRANSFORM, place.labels, len(place.planes), Look(32, 7.35))


def test_orientations(place: Place) -> None:
    own = facing(place.planes)
    assert own.tilt.tolist() == [35, 0, 20]
    assert own.azimuth == pytest.approx([172.65, 180, 90])


def test_pressed_surface_is_the_plane_and_the_rest_stays(place: Place) -> None:
    noise = np.random.default_rng(0).normal(0, 0.2, place.surface.shape).astype(np.float32)
    rough = place.surface + noise
    rough[35, 30] = np.nan
    pressed = rough.copy()
    press_flat(pressed, TRANSFORM, place.labels, place.planes)
    roof = place.labels > 0
    assert pressed[roof] == pytest.approx(place.surface[roof], abs=1e-3)
    assert np.array_equal(pressed[~roof], rough[~roof])


def test_pixels_are_found_by_plane_and_by_place(place: Place, pixels: PlanePixels) -> None:
    assert pixels.first.tolist() == [0, 14 * 24, 14 * 24 + 600, 14 * 24 + 600 + 14 * 15]
    for plane in range(3):
        own = slice(*pixels.first[plane : plane + 2])
        assert (place.labels[pixels.rows[own], pixels.cols[own]] == plane + 1).all()
        assert (pixels.plane[own] == plane).all()
    assert np.array_equal(pixels.in_cells(pixels.rows, pixels.cols), np.arange(len(pixels.rows)))
    rows, cols = np.indices(np.array(place.labels.shape) + 2) - 1  # a rim of cells outside of the raster too
    assert ((pixels.in_cells(rows, cols) >= 0) == np.pad(place.labels > 0, 1)).all()
    assert pixels.horizon.dtype == np.float32


@pytest.mark.parametrize(("row", "col"), [(61, 52), (79, 79), (70, 50)])
def test_horizons_look_to_true_north(pixels: PlanePixels, place: Place, row: int, col: int) -> None:
    found = pixels.horizon[pixels.in_cells(np.array([row]), np.array([col]))[0]]
    grid = np.arange(32) * 360 / 32 + 7.35
    assert found == pytest.approx([brute_horizon(place.surface, (0.5, 0.5), row, col, g) for g in grid], abs=0.01)


def test_light_is_that_of_each_pixel_whatever_the_parts(
    sky: SkyHours, pixels: PlanePixels, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shading, "PIXELS_AT_ONCE", 101)
    own = facing(place.planes)
    light = light_on_pixels(sky, pixels.horizon, own.tilt[pixels.plane], own.azimuth[pixels.plane])
    for pixel in (0, 100, 101, 500, len(light.poa) - 1):
        plane = pixels.plane[pixel]
        brute = brute_irradiation(sky, own.tilt[plane], own.azimuth[plane], pixels.horizon[pixel].astype(float))
        assert light.poa[pixel] == pytest.approx(brute, rel=3e-3)
    whole = poa_irradiation(sky, own.tilt[pixels.plane], own.azimuth[pixels.plane], horizon=pixels.horizon)
    assert light.poa == pytest.approx(whole.annual, rel=1e-6)


def test_means_over_planes(sky: SkyHours, pixels: PlanePixels, place: Place) -> None:
    own = facing(place.planes)
    light = light_on_pixels(sky, pixels.horizon, own.tilt[pixels.plane], own.azimuth[pixels.plane])
    sun = sun_on_planes(sky, pixels, light, own)
    for plane in range(3):
        assert sun.poa[plane] == pytest.approx(light.poa[slice(*pixels.first[plane : plane + 2])].mean())
        free = pvlib_hours(sky, own.tilt[plane], own.azimuth[plane]).sum() / 1000
        assert sun.unshaded[plane] == pytest.approx(free, rel=2e-3)
        assert sun.poa[plane] <= sun.unshaded[plane] * 1.001
    assert (sun.svf <= (1 + np.cos(np.radians(own.tilt))) / 2 + 1e-9).all()


def test_lone_flat_roof_sees_all(sky: SkyHours) -> None:
    """The highest thing far and wide: sky view 1, no loss."""
    place = make_place(FLAT)
    pixels = plane_pixels(place.surface, TRANSFORM, place.labels, len(place.planes), Look(32, 0.0))
    own = facing(place.planes)
    light = light_on_pixels(sky, pixels.horizon, own.tilt[pixels.plane], own.azimuth[pixels.plane])
    sun = sun_on_planes(sky, pixels, light, own)
    assert sun.svf[0] == pytest.approx(1.0, abs=1e-9)
    assert sun.poa[0] == pytest.approx(sun.unshaded[0], rel=1e-9)


def test_plane_without_pixels_is_unknown(sky: SkyHours, place: Place) -> None:
    labels = np.where(place.labels == 2, 0, place.labels)
    pixels = plane_pixels(place.surface, TRANSFORM, labels, len(place.planes), Look(32, 0.0))
    own = facing(place.planes)
    light = light_on_pixels(sky, pixels.horizon, own.tilt[pixels.plane], own.azimuth[pixels.plane])
    sun = sun_on_planes(sky, pixels, light, own)
    assert np.isnan([sun.poa[1], sun.svf[1]]).all() and np.isfinite(sun.unshaded).all()
    assert np.isfinite(sun.poa[[0, 2]]).all()


def test_no_planes_at_all(sky: SkyHours, place: Place) -> None:
    none = place.planes.iloc[:0]
    pixels = plane_pixels(place.surface, TRANSFORM, np.zeros_like(place.labels), len(none), Look(32, 0.0))
    own = facing(none)
    light = light_on_pixels(sky, pixels.horizon, own.tilt[pixels.plane], own.azimuth[pixels.plane])
    sun = sun_on_planes(sky, pixels, light, own)
    assert [len(each) for each in (*sun, *light, pixels.rows)] == [0] * 7 and pixels.first.tolist() == [0]


def test_progress_ends_at_one_and_may_cancel(
    sky: SkyHours, pixels: PlanePixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shading, "PIXELS_AT_ONCE", 100)
    n, told = len(pixels.rows), []
    light_on_pixels(sky, pixels.horizon, np.zeros(n), np.zeros(n), lambda done, text="": told.append(done))
    assert told == sorted(told) and told[-1] == 1.0 and len(told) > 5

    def stop(done: float, text: str = "") -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        light_on_pixels(sky, pixels.horizon, np.zeros(n), np.zeros(n), stop)


def test_facing_takes_an_empty_table() -> None:
    none = facing(pd.DataFrame({"tilt_deg": [], "azimuth_deg": []}))
    assert isinstance(none, Facing) and len(none.tilt) == 0
