"""What each roof plane sees of the sky: horizons of its pixels and the irradiation in the plane."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd
from affine import Affine
from numpy.typing import NDArray

from lk_spatial.core.compiled import kernel
from lk_spatial.core.parallel import default_workers, map_items
from lk_spatial.core.progress import Progress, silent
from lk_spatial.solar.horizon import look_around, prepare
from lk_spatial.solar.horizon_rays import Look
from lk_spatial.solar.irradiance import PlaneLight, plane_light
from lk_spatial.solar.sky_table import sky_table
from lk_spatial.solar.sun import SkyHours

T = TypeVar("T")
PIXELS_AT_ONCE = 5_000


class Facing(NamedTuple):
    """Orientation of roof planes: tilt and true azimuth [deg]; arrays (planes,)."""

    tilt: NDArray[np.float64]
    azimuth: NDArray[np.float64]


class PlanePixels(NamedTuple):
    """Pixels of all roof planes, ordered by plane: arrays (n,), horizons (n, n_azimuth) [deg].

    ``first[k]:first[k + 1]`` are the pixels of plane ``k``.
    """

    rows: NDArray[np.intp]
    cols: NDArray[np.intp]
    plane: NDArray[np.intp]
    first: NDArray[np.intp]
    horizon: NDArray[np.float32]
    transform: Affine

    def in_cells(self, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> NDArray[np.intp]:
        """The pixels that lie in some cells, −1 where there is none; the cells may lie outside of the raster."""
        if len(self.rows) == 0:
            return np.full(rows.shape, -1)
        own, wanted = (row.astype(np.int64) << 32 | col for row, col in ((self.rows, self.cols), (rows, cols)))
        order = np.argsort(own)
        found = order[np.minimum(np.searchsorted(own, wanted, sorter=order), len(own) - 1)]
        return np.where(own[found] == wanted, found, -1)


def facing(planes: pd.DataFrame) -> Facing:
    """Orientation of roof planes; a flat plane is taken as horizontal."""
    azimuth = planes["azimuth_deg"].to_numpy(float)
    flat = np.isnan(azimuth)
    tilt = np.where(flat, 0.0, planes["tilt_deg"].to_numpy(float))
    return Facing(tilt, np.where(flat, 180.0, azimuth))


def press_flat(
    surface: NDArray[np.float32], transform: Affine, labels: NDArray[np.int32], planes: pd.DataFrame
) -> None:
    """Put the pixels of each plane, in place, onto the fitted plane, which takes their noise away."""
    rows, cols = surface.shape
    x = np.round(transform.c + (np.arange(cols) + 0.5) * transform.a, 6)  # the same for every window of a raster
    y = np.round(transform.f + (np.arange(rows) + 0.5) * transform.e, 6)
    _press(surface, labels, x, y, planes[["_a", "_b", "_c", "_x0", "_y0"]].to_numpy(float))


@kernel
def _press(surface: NDArray, labels: NDArray, x: NDArray, y: NDArray, planes: NDArray) -> None:
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            if labels[i, j] > 0:
                a, b, c, x0, y0 = planes[labels[i, j] - 1]
                surface[i, j] = a * (x[j] - x0) + b * (y[i] - y0) + c


def plane_pixels(
    surface: NDArray[np.float32],
    transform: Affine,
    labels: NDArray[np.int32],
    n_planes: int,
    look: Look,
    *,
    far: NDArray[np.float32] | None = None,
    progress: Progress = silent,
) -> PlanePixels:
    """Horizons of all pixels of roof planes (``labels``: 0 = none, k = plane k − 1).

    ``far`` (planes, n_azimuth) [deg]: what stands beyond the reach of ``look``, seen from each plane.
    """
    rows, cols = np.nonzero(labels)
    plane = labels[rows, cols].astype(np.intp) - 1
    order = np.argsort(plane, kind="stable")
    rows, cols, plane = rows[order], cols[order], plane[order]
    scene = prepare(surface, transform, look)

    def see(some: slice) -> NDArray[np.float32]:
        near = look_around(scene, rows[some], cols[some])
        return near if far is None else np.maximum(near, far[plane[some]])

    seen = np.empty((len(rows), look.n_azimuth), np.float32)
    for some, found in _in_parts(see, len(rows), progress):
        seen[some] = found
    first = np.searchsorted(plane, np.arange(n_planes + 1))
    return PlanePixels(rows, cols, plane, first, seen, transform)


class PixelLight(NamedTuple):
    """Light on pixels: yearly irradiation [kWh/m²], sky view and visible share of the horizon band [-]; arrays (n,)."""

    poa: NDArray[np.float64]
    sky_view: NDArray[np.float64]
    band: NDArray[np.float64]

    def of(self, some: NDArray[np.intp] | slice) -> "PixelLight":
        """The light of some pixels."""
        return PixelLight(self.poa[some], self.sky_view[some], self.band[some])


def light_on_pixels(
    sky: SkyHours,
    seen: NDArray[np.float32],
    tilt: NDArray[np.float64],
    azimuth: NDArray[np.float64],
    progress: Progress = silent,
) -> PixelLight:
    """Light on pixels (n,) of given orientation under their horizons ``seen`` (n, n_azimuth)."""
    light = PixelLight(*(np.empty(len(seen)) for _ in range(3)))

    sky_table(sky, seen.shape[1], False)  # once, before the threads ask for it

    def fall(some: slice) -> PlaneLight:
        return plane_light(sky, tilt[some], azimuth[some], horizon=seen[some], monthly=False)

    for some, found in _in_parts(fall, len(seen), progress):
        light.poa[some], light.sky_view[some], light.band[some] = (
            found.annual,
            found.sky_view,
            found.band,
        )
    return light


class PlaneSun(NamedTuple):
    """Sun on each plane with and without its horizon [kWh/m² a year], and sky view; arrays (planes,)."""

    poa: NDArray[np.float64]
    unshaded: NDArray[np.float64]
    svf: NDArray[np.float64]


def sun_on_planes(sky: SkyHours, pixels: PlanePixels, light: PixelLight, orientation: Facing) -> PlaneSun:
    """Means of the pixels' light over each plane."""
    n_planes = len(orientation.tilt)
    unshaded = plane_light(sky, orientation.tilt, orientation.azimuth, monthly=False).annual
    return PlaneSun(
        _mean_by(pixels.plane, light.poa, n_planes), unshaded, _mean_by(pixels.plane, light.sky_view, n_planes)
    )


def _in_parts(func: Callable[[slice], T], n: int, progress: Progress) -> Iterator[tuple[slice, T]]:
    """Results of ``func`` for slices of ``n`` rows, on all processors (the kernels release the interpreter lock)."""
    parts = [slice(start, min(start + PIXELS_AT_ONCE, n)) for start in range(0, n, PIXELS_AT_ONCE)]
    with ThreadPoolExecutor(default_workers()) as threads:
        for some, found in zip(parts, map_items(func, parts, threads), strict=True):
            yield some, found
            progress(some.stop / n, "")


def _mean_by(key: NDArray[np.intp], values: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Mean of the finite ``values`` of each key; NaN where there are none."""
    fine = np.isfinite(values)
    count = np.bincount(key[fine], minlength=n)
    with np.errstate(invalid="ignore"):
        return np.bincount(key[fine], values[fine], minlength=n) / count
