"""Bad surface models and weather years on the command line: the right code, exit status 1, nothing touched."""

import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning

from lk_spatial.cli import Shown, _run

WEST, NORTH = -688_000.0, -974_000.0
LOCAL_UTM = 'LOCAL_CS["ETRS89 / UTM zone 33N (N-E)",UNIT["metre",1],AXIS["X",EAST],AXIS["Y",NORTH]]'


def grid(x: float, y: float) -> Affine:
    return Affine(0.5, 0, x, 0, -0.5, y)


HERE = grid(WEST, NORTH)


def write_dsm(path: Path, transform: Affine | None = HERE, crs: str | None = "EPSG:5514", **profile) -> Path:
    bands = np.full((profile.pop("count", 1), 120, 160), 200, profile.pop("dtype", "float32"))
    with rasterio.open(
        path, "w", driver="GTiff", count=len(bands), height=120, width=160, dtype=bands.dtype,
        crs=crs, transform=transform, **profile,
    ) as target:  # fmt: skip
        target.write(bands)
    return path


def without_georeference(path: Path) -> Path:
    with pytest.warns(NotGeoreferencedWarning):
        return write_dsm(path, None, None)


def cut_short(path: Path) -> Path:
    write_dsm(path)
    path.write_bytes(path.read_bytes()[:20_000])
    return path


def error_page(path: Path) -> Path:
    path.write_text("<html>404 Not Found</html>")
    return path


RASTERS: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "without_georeference": ("raster_no_georeference", without_georeference),
    "cut_short": ("raster_damaged", cut_short),
    "error_page": ("raster_unreadable", error_page),
    "mirrored": ("raster_south_up", lambda path: write_dsm(path, Affine(0.5, 0, WEST, 0, 0.5, NORTH - 60))),
    "turned": ("raster_rotated", lambda path: write_dsm(path, Affine(0.49, 0.09, WEST, 0.09, -0.49, NORTH))),
    "oblong": ("raster_oblong", lambda path: write_dsm(path, Affine(0.5, 0, WEST, 0, -1.0, NORTH))),
    "picture": ("raster_picture", lambda path: write_dsm(path, count=3, dtype="uint8", photometric="rgb")),
    "positive": ("crs_wrong_sign", lambda path: write_dsm(path, grid(-WEST, -NORTH))),
    "positive_without_system": ("crs_wrong_sign", lambda path: write_dsm(path, grid(-WEST, -NORTH), None)),
    "swapped": ("crs_swapped_axes", lambda path: write_dsm(path, grid(NORTH, WEST))),
    "mercator": ("crs_other_raster", lambda path: write_dsm(path, grid(1_676_026, 6_580_181), "EPSG:3857")),
    "slovak": ("crs_slovak", lambda path: write_dsm(path, crs="EPSG:8353")),
    "5513": ("crs_other_raster", lambda path: write_dsm(path, grid(-NORTH, -WEST), "EPSG:5513")),
    "local_utm": ("crs_missing_guess", lambda path: write_dsm(path, grid(503_949, 5_623_800), LOCAL_UTM)),
    "brno": ("crs_outside", lambda path: write_dsm(path, grid(-598_000, -1_160_000))),
    "brno_without_system": ("crs_missing", lambda path: write_dsm(path, grid(-598_000, -1_160_000), None)),
    "elsewhere_in_the_region": ("dsm_misses_buildings", lambda path: write_dsm(path, grid(WEST + 9_000, NORTH))),
}  # fmt: skip


@pytest.fixture
def buildings(tmp_path: Path) -> Path:
    path = tmp_path / "buildings.gpkg"
    house = shapely.box(WEST + 20, NORTH - 40, WEST + 32, NORTH - 28)
    gpd.GeoDataFrame({"building_id": ["a"]}, geometry=[house], crs=5514).to_file(path, layer="buildings", VERSION="1.3")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in sorted(folder.iterdir())}


def told(arguments: list[str], lang: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit status and the one line of the error."""
    status = _run(arguments, Shown(lang=lang, show="none", debug=False))
    out, err = capsys.readouterr()
    assert out == "" and "Traceback" not in err
    lines = [line for line in err.splitlines() if not line.startswith(("warning", "upozornění"))]
    assert len(lines) == 1
    return status, lines[0]


@pytest.mark.parametrize("lang", ["cs", "en"])
@pytest.mark.parametrize("name", RASTERS)
def test_bad_surface_model(name, lang, buildings, tmp_path, capsys):
    code, make = RASTERS[name]
    dsm = make(tmp_path / "dsm.tif")
    before = contents(tmp_path)
    arguments = ["roof-planes", "--buildings", str(buildings), "--dsm", str(dsm), "--out", str(tmp_path / "out.gpkg")]
    status, line = told(arguments, lang, capsys)
    assert status == 1 and line.startswith(f"{'chyba' if lang == 'cs' else 'error'} [{code}]: ") and str(dsm) in line
    assert contents(tmp_path) == before


def pvgis_year() -> dict:
    hours = pd.date_range("2018-01-01", "2018-02-28 23:00", freq="h").strftime("%Y%m%d:%H%M")
    row = {"G(h)": 100.0, "Gb(n)": 50.0, "Gd(h)": 60.0, "T2m": 5.0, "WS10m": 2.0}
    place = {"latitude": 50.8, "longitude": 15.0, "elevation": 400.0, "irradiance_time_offset": 0.1761}
    return {"inputs": {"location": place}, "outputs": {"tmy_hourly": [{"time(UTC)": hour, **row} for hour in hours]}}


WEATHERS: dict[str, tuple[str, str]] = {
    "two_months": ("weather_hours_missing", json.dumps(pvgis_year())),
    "cut_short": ("weather_broken", json.dumps(pvgis_year())[:10_000]),
    "bare_list": ("weather_no_location", json.dumps(pvgis_year()["outputs"]["tmy_hourly"])),
    "refused_by_pvgis": ("weather_pvgis_refused", '{"message": "Location over the sea.", "status": 400}'),
    "empty": ("weather_format_unknown", ""),
    "broken_epw_with_latin_1": ("weather_broken", "LOCATION,Plzeň\nDATA PERIODS,1,1\n1,2,3\n"),
}


@pytest.mark.parametrize("lang", ["cs", "en"])
@pytest.mark.parametrize("name", WEATHERS)
def test_bad_weather(name, lang, buildings, tmp_path, capsys):
    code, content = WEATHERS[name]
    weather = tmp_path / "weather.csv"
    weather.write_bytes(content.encode("cp1250"))
    dsm = write_dsm(tmp_path / "dsm.tif")
    before = contents(tmp_path)
    arguments = ["pv-potential", "--buildings", str(buildings), "--dsm", str(dsm), "--weather", str(weather)]
    status, line = told([*arguments, "--out", str(tmp_path / "out.gpkg")], lang, capsys)
    assert status == 1 and f"[{code}]: " in line and str(weather) in line
    assert contents(tmp_path) == before
