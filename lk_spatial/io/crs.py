"""The one guard of coordinate systems: what an input states, whether its numbers can be that, and what to do.

Facts behind the rules: the box of the Liberec Region in EPSG:5514, and the rasters of the state survey that carry no
system or only a LOCAL_CS.
"""

import re
from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError

from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import notice
from lk_spatial.core.text import Text
from lk_spatial.io.krovak import (
    BLOCK_M,
    WORK_CRS,
    block_convergence,
    convergence,
    distance_km,
    from_wgs84,
    plane_part,
    reproject_vector,
    to_wgs84,
    way_to_5514,
)

__all__ = [
    "BLOCK_M",
    "MARGIN",
    "REGION_BOX_5514",
    "WORK_CRS",
    "CrsDecision",
    "block_convergence",
    "check_crs",
    "convergence",
    "distance_km",
    "extent_text",
    "from_wgs84",
    "in_region",
    "parse_assume_crs",
    "reproject_vector",
    "to_wgs84",
]

REGION_BOX_5514 = (-739_641.0, -1_008_870.0, -650_960.0, -945_476.0)
MARGIN = 5_000.0  # [m] data cut for the region may reach this far over its border

Bounds = tuple[float, float, float, float]
Assumed = Mapping[str | None, str] | str | None
InputKind = Literal["vector", "raster", "cloud"]  # cloud: a point cloud that becomes a raster


class CrsDecision(NamedTuple):
    """What to do with an input: ``keep`` its coordinates as EPSG:5514, or ``reproject`` them from ``source_crs``."""

    action: Literal["keep", "reproject"]
    source_crs: str


class _Stated(NamedTuple):
    """A stated coordinate system, named for a sentence and sorted by what can be done with it."""

    kind: Literal["none", "unreadable", "local", "geographic", "projected"]
    name: str
    crs: CRS | None = None
    local: Literal["", "code", "name"] = ""  # by what a LOCAL_CS says that it is EPSG:5514

    @property
    def code(self) -> str:
        """The system for pyproj, GDAL and a command line: its EPSG code, else its WKT."""
        return self.name.split(" ")[0] if self.name.startswith(("EPSG:", "ESRI:")) else str(self.crs)


# --- what an input states ---------------------------------------------------------------------------------------


def parse_assume_crs(values: Sequence[str]) -> dict[str | None, str]:
    """``--assume-crs`` values as {input or None: system}; None stands for inputs that state none.

    >>> parse_assume_crs(["dsm=EPSG:5514", "EPSG:5514"])
    {'dsm': 'EPSG:5514', None: 'EPSG:5514'}
    """
    found: dict[str | None, str] = {}
    for value in values:
        name, equals, code = value.rpartition("=")
        key = name.strip().replace("-", "_") or None
        code = code.strip().upper()
        if not re.fullmatch(r"(EPSG|ESRI):\d+", code) or (equals and key is None) or not _exists(code):
            raise InputError("assume_crs_wrong", got=value)
        found[key] = code
    return found


def _exists(code: str) -> bool:
    try:
        CRS.from_user_input(code)
    except CRSError:
        return False
    return True


def _read(stated: Any) -> _Stated:
    """Sort what a file states: nothing, rubbish, a local system, degrees, or a projected system."""
    if stated is None or not str(stated).strip():
        return _Stated("none", "")
    try:
        crs = plane_part(CRS.from_user_input(stated))
    except CRSError:
        return _Stated("unreadable", str(stated)[:60])
    if crs.is_engineering:
        ident = crs.to_json_dict().get("id", {})
        code = f"{ident['authority']}:{ident['code']}" if ident else ""
        named = not code and re.sub("[^a-z]", "", crs.name.lower()) == "sjtskkrovakeastnorth"
        by: Literal["", "code", "name"] = "code" if code in ("EPSG:5514", "ESRI:102067") else "name" if named else ""
        return _Stated("local", f"{crs.name} {code}".strip(), crs, by)
    if _is_5514(crs):
        return _Stated("projected", WORK_CRS, crs)
    authority = crs.to_authority()
    name = f"{authority[0]}:{authority[1]} ({crs.name})" if authority else crs.name
    return _Stated("geographic" if crs.is_geographic else "projected" if crs.is_projected else "unreadable", name, crs)


_KROVAK = (49.5, 24.83333, 30.28814, 78.5, 0.9999)  # latitude, longitude, angle, parallel [°], scale


def _is_5514(crs: CRS) -> bool:
    """EPSG:5514 under any of its names: ESRI:102067, the Ferro twins, QGIS's own WKT with a slightly other angle."""
    if crs.to_epsg() in (5514, 5221):
        return True
    operation = crs.coordinate_operation
    if operation is None or operation.method_name != "Krovak (North Orientated)" or crs.geodetic_crs is None:
        return False
    if re.search(r"JTSK03|/05", crs.geodetic_crs.name):
        return False
    lat, lon, angle, parallel, scale, *false_origin = (parameter.value for parameter in operation.params)
    greenwich = lon + (crs.prime_meridian.longitude if crs.prime_meridian else 0.0)
    return bool(
        np.allclose([lat, greenwich, angle, parallel, scale], _KROVAK, rtol=0, atol=1e-4) and not any(false_origin)
    )


# --- where an input lies ----------------------------------------------------------------------------------------

# Extents of the region in the systems that its data are met in; only to name what coordinates look like.
_LOOKS_LIKE: tuple[tuple[str, Bounds], ...] = (
    ("EPSG:4326", (12.0, 48.4, 19.0, 51.2)),
    ("EPSG:3857", (1_580_000, 6_520_000, 1_760_000, 6_640_000)),
    ("EPSG:25833", (430_000, 5_570_000, 560_000, 5_670_000)),
    ("EPSG:28992", (10_000, 305_000, 280_000, 620_000)),
)
_AXIS_FAULTS = ((-1, -2), (-1, 2), (1, -2), (2, 1), (-2, -1), (-2, 1), (2, -1))


def _known(bounds: Bounds | None) -> Bounds | None:
    """Bounds, or None where an input has none (no features, only null geometry)."""
    if bounds is None or len(bounds) != 4 or not all(isfinite(value) for value in bounds):
        return None
    return (float(bounds[0]), float(bounds[1]), float(bounds[2]), float(bounds[3]))


def _meets(a: Bounds, b: Bounds, margin: float = 0.0) -> bool:
    return a[0] <= b[2] + margin and a[2] >= b[0] - margin and a[1] <= b[3] + margin and a[3] >= b[1] - margin


def in_region(bounds: Bounds, margin: float = MARGIN) -> bool:
    """Whether an extent [m, EPSG:5514] lies wholly in the region's box, ``margin`` [m] included."""
    west, south, east, north = REGION_BOX_5514
    return (
        west - margin <= bounds[0] <= bounds[2] <= east + margin
        and south - margin <= bounds[1] <= bounds[3] <= north + margin
    )


def _looks_like(bounds: Bounds) -> str | None:
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    return next((code for code, box in _LOOKS_LIKE if _meets((x, y, x, y), box)), None)


def _axis_fault(bounds: Bounds) -> tuple[tuple[int, int], Bounds] | None:
    """The exchange of signs and axes that would bring an extent into the region, and the extent it would give."""
    ranges = {1: (bounds[0], bounds[2]), 2: (bounds[1], bounds[3])}
    for order in _AXIS_FAULTS:
        (a, b), (c, d) = (sorted(value * np.sign(axis) for value in ranges[abs(axis)]) for axis in order)
        turned = (float(a), float(c), float(b), float(d))
        if in_region(turned):
            return order, turned
    return None


def extent_text(bounds: Bounds | None) -> str:
    """An extent for a sentence."""
    if bounds is None:
        return "?"
    digits = 4 if max(abs(value) for value in bounds) <= 360 else 0
    low_x, low_y, high_x, high_y = (f"{value:.{digits}f}" for value in bounds)
    return f"x {low_x}…{high_x}, y {low_y}…{high_y}"


# --- the guard --------------------------------------------------------------------------------------------------


def check_crs(
    stated: Any,
    bounds: Bounds | None,
    *,
    input_name: str,
    path: str | Path,
    kind: InputKind,
    assume: Assumed = None,
    anywhere: bool = False,
    partner_is_5514: bool = False,
) -> CrsDecision:
    """Decide how an input's coordinates are to be taken, or refuse it with the remedy.

    ``stated``: what the file states (WKT, code, pyproj CRS) or None. ``bounds``: its extent in its own coordinates;
    None or NaN skips the test of place. ``assume``: what `parse_assume_crs` gives; a bare string counts for inputs
    that state nothing usable. ``anywhere`` accepts data outside the region's box. ``partner_is_5514``: footprints
    that state EPSG:5514 are in the same run, so a raster or cloud without a system may be taken as EPSG:5514.

    Raises InputError (codes ``crs_…``) naming what was found and the remedy.
    """
    case = _Case(input_name, str(path), kind, _known(bounds), anywhere)
    found = _read(stated)
    chosen = _assumed(assume, input_name, stated_usable=found.kind in ("geographic", "projected"))
    if chosen is not None:
        if found.name:
            notice("crs_overridden", **case.about(), stated=found.name, crs=chosen)
        else:
            notice("crs_assumed_by_user", **case.about(), crs=chosen)
        return _decide(case, _read(chosen), confirmed=True)
    inside = case.bounds is not None and in_region(case.bounds)
    if inside and found.kind == "none" and kind != "vector" and partner_is_5514:
        notice("raster_crs_assumed" if kind == "raster" else "cloud_crs_assumed", **case.about(), crs=WORK_CRS)
        return CrsDecision("keep", WORK_CRS)
    if inside and (found.local == "code" or (found.local == "name" and partner_is_5514)):
        notice("crs_local_taken", **case.about(), crs=WORK_CRS, found=found.name)
        return CrsDecision("keep", WORK_CRS)
    return _decide(case, found, confirmed=False)


class _Case(NamedTuple):
    """The input under the guard's eyes."""

    input_name: str
    path: str
    kind: InputKind
    bounds: Bounds | None
    anywhere: bool

    def about(self) -> dict[str, str]:
        return {"input": self.input_name, "path": self.path}

    def error(self, code: str, **values: Any) -> InputError:
        return InputError(code, **self.about(), extent=extent_text(self.bounds), **values)

    def command(self, source: str, order: tuple[int, int] | None = None) -> str:
        """The line that makes an EPSG:5514 twin of the input."""
        path = self.path.split("|")[0]
        twin = str(Path(path).with_name(f"{Path(path).stem}_5514"))
        if self.kind == "cloud":
            return self._pdal(source, f"{twin}.laz", order)
        if self.kind == "raster":
            return f'gdalwarp -s_srs {source} -t_srs {WORK_CRS} -r bilinear "{path}" "{twin}.tif"'
        operation = f' -ct "+proj=axisswap +order={order[0]},{order[1]}"' if order else ""
        return f'ogr2ogr -s_srs {source} -t_srs {WORK_CRS}{operation} "{twin}.gpkg" "{path}"'

    def _pdal(self, source: str, twin: str, order: tuple[int, int] | None) -> str:
        """The line for a point cloud: its axes exchanged and turned by a matrix, or its points reprojected."""
        if order is None:
            srs = f"--filters.reprojection.in_srs={source} --filters.reprojection.out_srs={WORK_CRS}"
            return f'pdal translate "{self.path}" "{twin}" reprojection {srs}'
        rows = [[int(np.sign(axis)) if abs(axis) == k else 0 for k in (1, 2)] for axis in order]
        matrix = f"{rows[0][0]} {rows[0][1]} 0 0 {rows[1][0]} {rows[1][1]} 0 0 0 0 1 0 0 0 0 1"
        turned = f'transformation --filters.transformation.matrix="{matrix}" --writers.las.a_srs={WORK_CRS}'
        return f'pdal translate "{self.path}" "{twin}" {turned}'


def _assumed(assume: Assumed, input_name: str, stated_usable: bool) -> str | None:
    """The system the user names for this input: by its name always, in general only where it states none."""
    if isinstance(assume, str):
        assume = parse_assume_crs([assume])
    if not assume:
        return None
    return assume.get(input_name) or (None if stated_usable else assume.get(None))


def _decide(case: _Case, found: _Stated, confirmed: bool) -> CrsDecision:
    """Keep, reproject or refuse by what is stated (``confirmed``: by what the user assures)."""
    crs = found.crs
    if crs is None or found.kind not in ("geographic", "projected"):
        raise _unusable(case, found)
    if found.name == WORK_CRS:
        _check_place(case, case.bounds, found.name)
        return CrsDecision("keep", WORK_CRS)
    slovak = crs.geodetic_crs is not None and "JTSK03" in crs.geodetic_crs.name
    if slovak and not confirmed:
        raise case.error("crs_slovak", crs=found.name)
    if case.bounds and in_region(case.bounds) and not slovak:
        raise case.error("crs_other_numbers", crs=found.name, guess=WORK_CRS, remedy=_assume_line(case, WORK_CRS))
    if found.kind == "geographic":
        raise case.error("crs_geographic", crs=found.name, command=case.command(found.code))
    _check_place(case, _moved(case, crs, found.name), found.name)
    if case.kind == "raster":
        raise case.error("crs_other_raster", crs=found.name, command=case.command(found.code))
    notice("vector_reprojected", **case.about(), crs=found.name)
    return CrsDecision("reproject", found.code)


def _unusable(case: _Case, found: _Stated) -> InputError:
    """No system, an unreadable one or a local one: the remedy depends on what the numbers look like."""
    stated = _stated_text(found)
    bounds = case.bounds
    if bounds is None or in_region(bounds):
        return case.error("crs_missing", stated=stated, remedy=_assume_line(case, WORK_CRS))
    if fault := _axis_fault(bounds):
        return _axis_error(case, fault)
    guess = _looks_like(bounds)
    if guess is None:
        return case.error("crs_missing", stated=stated, remedy=_assume_line(case, "EPSG:n"))
    return case.error("crs_missing_guess", stated=stated, guess=guess, remedy=_way_in(case, guess))


def _stated_text(found: _Stated) -> Text:
    if found.kind == "none":
        return Text("no coordinate system", "žádný souřadnicový systém")
    if found.kind == "local":
        return Text(f"only a local system ({found.name})", f"jen místní systém ({found.name})")
    return Text(f"an unusable system ({found.name})", f"nepoužitelný systém ({found.name})")


def _assume_line(case: _Case, code: str) -> str:
    return f"--assume-crs {case.input_name.replace('_', '-')}={code}"


def _way_in(case: _Case, code: str) -> str:
    """How data in ``code`` come in: vectors in a projected system by an assurance, all else reprojected before."""
    return case.command(code) if case.kind == "raster" or code == "EPSG:4326" else _assume_line(case, code)


def _moved(case: _Case, crs: CRS, name: str) -> Bounds | None:
    """The input's extent in EPSG:5514, by points along its border."""
    if case.bounds is None:
        return None
    west, south, east, north = case.bounds
    xs, ys = np.linspace(west, east, 9), np.linspace(south, north, 9)
    border_x = np.concatenate([xs, xs, np.full(9, west), np.full(9, east)])
    border_y = np.concatenate([np.full(9, south), np.full(9, north), ys, ys])
    try:
        x, y = way_to_5514(crs)(border_x, border_y)
    except ProjError:
        raise case.error("crs_no_transformation", crs=name) from None
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return (np.inf, np.inf, np.inf, np.inf)
    return (float(x[known].min()), float(y[known].min()), float(x[known].max()), float(y[known].max()))


def _check_place(case: _Case, in_5514: Bounds | None, name: str) -> None:
    """Refuse data outside the region, with what is most likely wrong with them."""
    if in_5514 is None or case.bounds is None or _meets(in_5514, REGION_BOX_5514, MARGIN):
        return
    if fault := _axis_fault(case.bounds):
        raise _axis_error(case, fault, name)
    if case.anywhere:
        notice("outside_region", **case.about(), extent=extent_text(case.bounds), crs=name)
        return
    guess = _looks_like(case.bounds)
    if name == WORK_CRS and guess:
        raise case.error("crs_other_numbers", crs=name, guess=guess, remedy=_way_in(case, guess))
    raise case.error("crs_outside", crs=name, region=extent_text(REGION_BOX_5514))


def _axis_error(case: _Case, fault: tuple[tuple[int, int], Bounds], name: str = WORK_CRS) -> InputError:
    """Wrong signs or exchanged axes, with the line that mends them."""
    order, (west, south, east, north) = fault
    if case.kind == "raster":
        remedy = f'gdal_edit.py -a_srs {WORK_CRS} -a_ullr {west:.3f} {north:.3f} {east:.3f} {south:.3f} "{case.path}"'
    else:
        remedy = case.command(WORK_CRS, order)
    code = "crs_wrong_sign" if abs(order[0]) == 1 else "crs_swapped_axes"
    return case.error(code, crs=name, remedy=remedy)
