"""The guard of coordinate systems against the bad points of facts/data.md section 2."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import collect_notices
from lk_spatial.io.crs import (
    REGION_BOX_5514,
    CrsDecision,
    check_crs,
    convergence,
    distance_km,
    from_wgs84,
    in_region,
    parse_assume_crs,
    reproject_vector,
    to_wgs84,
)
from tests.io.places import CONVERGENCES, LIBEREC, LIBEREC_LON_LAT

LOCAL_5514 = (
    'LOCAL_CS["S-JTSK / Krovak East North",UNIT["metre",1,AUTHORITY["EPSG","9001"]],'
    'AXIS["X",EAST],AXIS["Y",NORTH],AUTHORITY["EPSG","5514"]]'
)
LOCAL_NAME = 'LOCAL_CS["S-JTSK_Krovak_East_North",UNIT["metre",1],AXIS["X",EAST],AXIS["Y",NORTH]]'
LOCAL_3045 = (
    'LOCAL_CS["ETRS89 / UTM zone 33N (N-E)",UNIT["metre",1],AXIS["X",EAST],AXIS["Y",NORTH],AUTHORITY["EPSG","3045"]]'
)


def around(x: float, y: float, half: float = 100.0) -> tuple[float, float, float, float]:
    return (x - half, y - half, x + half, y + half)


def guard(stated, bounds, kind="vector", **options):
    """The guard's decision with the codes of its notices."""
    with collect_notices() as notices:
        decision = check_crs(stated, bounds, input_name="dsm", path="a folder/x.gpkg", kind=kind, **options)
    return decision, [one.code for one in notices]


def refusal(stated, bounds, kind="vector", **options) -> InputError:
    with pytest.raises(InputError) as caught:
        guard(stated, bounds, kind, **options)
    for lang in ("cs", "en"):
        sentence = caught.value.sentence(lang)
        assert "a folder/x.gpkg" in sentence and "{" not in sentence and "\n" not in sentence
    return caught.value


# --- numbers of facts/data.md ---


def test_pinned_operation_gives_the_published_point():
    assert from_wgs84(*LIBEREC_LON_LAT) == pytest.approx(LIBEREC, abs=0.0006)
    assert to_wgs84(*LIBEREC) == pytest.approx(LIBEREC_LON_LAT, abs=1e-8)


def test_pinned_operation_is_the_registered_one():
    registered = Transformer.from_pipeline("urn:ogc:def:coordinateOperation:EPSG::5239")  # Bessel -> WGS 84, lat, lon
    on_bessel = Transformer.from_crs("EPSG:5514", "EPSG:4156", always_xy=True).transform(*LIBEREC)
    lat, lon = registered.transform(on_bessel[1], on_bessel[0])
    assert to_wgs84(*LIBEREC) == pytest.approx((lon, lat), abs=1e-9)


@pytest.mark.parametrize(
    ("x", "y", "expected", "tolerance"), [case[:4] for case in CONVERGENCES], ids=[case[4] for case in CONVERGENCES]
)
def test_convergence(x, y, expected, tolerance):
    assert convergence(x, y) == pytest.approx(expected, abs=tolerance)


def test_convergence_is_the_bearing_of_a_meridian():
    x, y = from_wgs84(np.array([15.0, 15.0]), np.array([50.70, 50.75]))
    chord = np.degrees(np.arctan2(x[1] - x[0], y[1] - y[0]))
    assert convergence(x.mean(), y.mean()) == pytest.approx(chord, abs=1e-3)


def test_arrays_and_missing_values():
    x, y = np.array([LIBEREC[0], np.nan]), np.array([LIBEREC[1], -970_000.0])
    lon, lat = to_wgs84(x, y)
    assert lon.shape == (2,) and np.isnan(lon[1]) and np.isnan(lat[1])
    angles = convergence(np.full((2, 3), LIBEREC[0]), np.full((2, 3), LIBEREC[1]))
    assert angles.shape == (2, 3) and np.ptp(angles) == 0
    assert np.isnan(convergence(np.nan, 0.0)) and isinstance(convergence(*LIBEREC), float)


@given(
    x=st.floats(REGION_BOX_5514[0], REGION_BOX_5514[2]),
    y=st.floats(REGION_BOX_5514[1], REGION_BOX_5514[3]),
)
def test_round_trip_stays_within_two_millimetres(x, y):
    assert from_wgs84(*to_wgs84(x, y)) == pytest.approx((x, y), abs=0.002)


def test_distance():
    assert distance_km(14.0, 0.0, 15.0, 0.0) == pytest.approx(6378.137 * np.pi / 180, abs=1e-6)  # WGS 84 equator
    assert distance_km(15.0, 0.0, 15.0, 90.0) == pytest.approx(10_001.966, abs=0.001)  # WGS 84 quarter meridian
    assert distance_km(15.0, 50.0, 15.0, 50.0) == 0.0


# --- what is taken as EPSG:5514 ---

QGIS_WKT = CRS.from_epsg(5514).to_wkt().replace("30.2881397527778", "30.2881397222222").replace('ID["EPSG",5514]', "")


@pytest.mark.parametrize(
    "stated",
    [
        "EPSG:5514",
        "ESRI:102067",
        "EPSG:5221",
        "EPSG:5514+8357",
        CRS.from_user_input("ESRI:102067").to_wkt("WKT1_ESRI"),
        CRS.from_epsg(5514),
        "+proj=krovak +lat_0=49.5 +lon_0=24.8333333333333 +alpha=30.2881397222222 +k=0.9999 +ellps=bessel "
        "+towgs84=589,76,480,0,0,0,0 +units=m",
        QGIS_WKT,
    ],
    ids=["5514", "102067", "ferro", "compound", "esri-wkt", "crs-object", "proj4-towgs84", "qgis-alpha"],
)
@pytest.mark.parametrize("kind", ["vector", "raster"])
def test_names_of_5514(stated, kind):
    assert guard(stated, around(*LIBEREC), kind) == (CrsDecision("keep", "EPSG:5514"), [])


@pytest.mark.parametrize("bounds", [None, (np.nan,) * 4, (np.inf, np.inf, -np.inf, -np.inf), ()])
def test_empty_extent_is_no_reason_to_fail(bounds):
    assert guard("EPSG:5514", bounds)[0].action == "keep"
    assert guard("EPSG:3857", bounds)[0].action == "reproject"
    assert refusal(None, bounds).code == "crs_missing"


def test_whole_country_layer_is_accepted():
    assert guard("EPSG:5514", (-905_000, -1_230_000, -430_000, -935_000))[0].action == "keep"


# --- missing, local, unreadable ---


def test_raster_without_system_beside_footprints_in_5514():
    decision, codes = guard(None, around(*LIBEREC), "raster", partner_is_5514=True)
    assert decision == ("keep", "EPSG:5514") and codes == ["raster_crs_assumed"]


@pytest.mark.parametrize(
    ("bounds", "options"),
    [
        pytest.param(around(*LIBEREC), {}, id="no-footprints-to-confirm"),
        pytest.param(around(-598_000, -1_160_000), {"partner_is_5514": True}, id="Brno"),
        pytest.param((-760_000, -1_000_000, -650_000, -950_000), {"partner_is_5514": True}, id="reaches-out-of-region"),
    ],
)
def test_raster_without_system_is_refused(bounds, options):
    error = refusal(None, bounds, "raster", **options)
    assert error.code == "crs_missing" and "--assume-crs dsm=EPSG:" in error.sentence("en")


def test_anywhere_does_not_replace_a_missing_system():
    assert refusal(None, around(*LIBEREC), "raster", anywhere=True).code == "crs_missing"


def test_vector_without_system_is_refused_even_in_the_region():
    assert refusal(None, around(*LIBEREC), partner_is_5514=True).code == "crs_missing"
    assert refusal("", around(*LIBEREC)).code == "crs_missing"


@pytest.mark.parametrize(
    ("point", "guess"),
    [
        pytest.param(LIBEREC_LON_LAT, "EPSG:4326", id="degrees"),
        pytest.param((1_676_026.25, 6_580_181.75), "EPSG:3857", id="mercator"),
        pytest.param((503_949.0, 5_623_800.0), "EPSG:25833", id="etrs"),
        pytest.param((85_000.0, 446_000.0), "EPSG:28992", id="Delft"),
    ],
)
@pytest.mark.parametrize("kind", ["vector", "raster"])
def test_missing_system_names_what_numbers_look_like(point, guess, kind):
    error = refusal(None, around(*point, half=0.001 if guess == "EPSG:4326" else 100), kind)
    assert error.code == "crs_missing_guess"
    expected = "gdalwarp" if kind == "raster" else "ogr2ogr" if guess == "EPSG:4326" else f"--assume-crs dsm={guess}"
    assert guess in error.sentence("en") and expected in error.sentence("cs")


def test_local_system_with_the_code_is_taken_in_the_region_only():
    assert guard(LOCAL_5514, around(*LIBEREC), "raster") == (CrsDecision("keep", "EPSG:5514"), ["crs_local_taken"])
    assert refusal(LOCAL_5514, around(-598_000, -1_160_000), "raster").code == "crs_missing"


def test_local_system_with_the_name_needs_footprints():
    assert refusal(LOCAL_NAME, around(*LIBEREC), "raster").code == "crs_missing"
    assert guard(LOCAL_NAME, around(*LIBEREC), "raster", partner_is_5514=True)[1] == ["crs_local_taken"]


def test_other_local_system_is_refused():
    error = refusal(LOCAL_3045, around(503_949.0, 5_623_800.0), "raster", partner_is_5514=True)
    assert error.code == "crs_missing_guess" and "EPSG:3045" in error.sentence("en")
    assert refusal('LOCAL_CS["unnamed",UNIT["metre",1]]', around(*LIBEREC), "raster").code == "crs_missing"


def test_unreadable_system():
    error = refusal("PROJCS[rubbish", around(*LIBEREC))
    assert error.code == "crs_missing" and "PROJCS[rubbish" in error.sentence("en")


# --- wrong sign, exchanged axes, other systems ---

X, Y = 688_118.0, 974_047.62


@pytest.mark.parametrize(
    ("point", "code", "order"),
    [
        pytest.param((X, Y), "crs_wrong_sign", "-1,-2", id="data.md-2-positive"),
        pytest.param((X, -Y), "crs_wrong_sign", "-1,2", id="x-positive"),
        pytest.param((-X, Y), "crs_wrong_sign", "1,-2", id="y-positive"),
        pytest.param((-Y, -X), "crs_swapped_axes", "2,1", id="data.md-2-swapped-negatives"),
        pytest.param((Y, X), "crs_swapped_axes", "-2,-1", id="data.md-2-5513-order"),
    ],
)
@pytest.mark.parametrize("stated", ["EPSG:5514", None])
@pytest.mark.parametrize("anywhere", [False, True])
def test_signs_and_axes(point, code, order, stated, anywhere):
    error = refusal(stated, around(*point), anywhere=anywhere)
    assert error.code == code and f"+order={order}" in error.sentence("en")


@pytest.mark.parametrize(("point", "order"), [((X, Y), "-1,-2"), ((-Y, -X), "2,1"), ((Y, X), "-2,-1")])
def test_axis_remedy_brings_the_point_home(point, order):
    moved = Transformer.from_pipeline(f"+proj=axisswap +order={order}").transform(*point)
    assert moved == pytest.approx((-X, -Y))


def test_axis_remedy_of_a_raster_gives_its_true_corners():
    error = refusal("EPSG:5514", around(X, Y), "raster")
    assert "gdal_edit.py -a_srs EPSG:5514 -a_ullr -688218.000 -973947.620 -688018.000 -974147.620" in error.sentence(
        "en"
    )


@pytest.mark.parametrize(
    ("stated", "point", "half", "code", "remedy"),
    [
        pytest.param("EPSG:4326", LIBEREC_LON_LAT, 0.001, "crs_geographic", "ogr2ogr -s_srs EPSG:4326", id="4326"),
        pytest.param("EPSG:4258", LIBEREC_LON_LAT, 0.001, "crs_geographic", "ogr2ogr -s_srs EPSG:4258", id="4258"),
        pytest.param("EPSG:28992", (85_000, 446_000), 100, "crs_outside", "--anywhere", id="28992-Delft"),
        pytest.param("EPSG:5514", (-598_000, -1_160_000), 100, "crs_outside", "--anywhere", id="Brno"),
        pytest.param(
            "EPSG:5514", (3_120_428, -4_682_121), 100, "crs_outside", "--anywhere", id="data.md-2-lonlat-swapped"
        ),
        pytest.param("EPSG:5514", (0, 0), 100, "crs_outside", "--anywhere", id="origin"),
        pytest.param("EPSG:5514", LIBEREC_LON_LAT, 0.001, "crs_other_numbers", "EPSG:4326", id="degrees-as-5514"),
        pytest.param("EPSG:5514", (1_676_026, 6_580_181), 100, "crs_other_numbers", "EPSG:3857", id="mercator-as-5514"),
        pytest.param("EPSG:4326", LIBEREC, 100, "crs_other_numbers", "dsm=EPSG:5514", id="5514-as-degrees"),
        pytest.param("EPSG:28992", LIBEREC, 100, "crs_other_numbers", "dsm=EPSG:5514", id="5514-as-28992"),
        pytest.param("EPSG:8353", (-688_116.80, -974_047.05), 100, "crs_slovak", "dsm=EPSG:5514", id="data.md-2-8353"),
        pytest.param("EPSG:8352", (974_047.05, 688_116.80), 100, "crs_slovak", "dsm=EPSG:5514", id="data.md-2-8352"),
        pytest.param("EPSG:5513", (X, Y), 100, "crs_wrong_sign", "+order=-1,-2", id="5513-west-south"),
        pytest.param("EPSG:2065", (-Y, -X), 100, "crs_swapped_axes", "+order=2,1", id="2065-negative"),
    ],
)
def test_bad_vectors(stated, point, half, code, remedy):
    error = refusal(stated, around(*point, half=half))
    assert error.code == code and remedy in error.sentence("en") and remedy in error.sentence("cs")


@pytest.mark.parametrize(
    ("stated", "point"),
    [
        pytest.param("EPSG:3857", (1_676_026.2531, 6_580_181.7517), id="3857"),
        pytest.param("EPSG:5513", (974_047.626, 688_117.960), id="data.md-2-5513"),
        pytest.param("EPSG:2065", (974_047.626, 688_117.960), id="data.md-2-2065"),
        pytest.param("EPSG:25833", (503_949.0, 5_623_800.0), id="25833"),
        pytest.param("EPSG:32633", (503_949.0, 5_623_800.0), id="32633"),
    ],
)
def test_known_projected_systems(stated, point):
    decision, codes = guard(stated, around(*point))
    assert decision == ("reproject", stated) and codes == ["vector_reprojected"]
    error = refusal(stated, around(*point), "raster")
    assert error.code == "crs_other_raster" and f"gdalwarp -s_srs {stated} -t_srs EPSG:5514" in error.sentence("cs")


@pytest.mark.parametrize(
    ("stated", "point"), [("EPSG:5514", (-598_000, -1_160_000)), ("EPSG:28992", (85_000, 446_000))]
)
def test_anywhere(stated, point):
    decision, codes = guard(stated, around(*point), anywhere=True)
    assert decision.action == ("keep" if stated == "EPSG:5514" else "reproject") and "outside_region" in codes


# --- --assume-crs ---


def test_assurance_for_all_counts_only_where_nothing_usable_is_stated():
    decision, codes = guard(None, around(*LIBEREC), "raster", assume={None: "EPSG:5514"})
    assert decision == ("keep", "EPSG:5514") and codes == ["crs_assumed_by_user"]
    assert guard(LOCAL_NAME, around(*LIBEREC), "raster", assume="EPSG:5514")[0].action == "keep"
    assert refusal("EPSG:4326", around(*LIBEREC_LON_LAT, half=0.001), assume="EPSG:5514").code == "crs_geographic"


def test_assurance_by_name_overrides():
    assert guard("EPSG:28992", around(*LIBEREC), assume={"dsm": "EPSG:5514"}) == (
        CrsDecision("keep", "EPSG:5514"),
        ["crs_overridden"],
    )
    assert refusal("EPSG:28992", around(*LIBEREC), assume={"buildings": "EPSG:5514"}).code == "crs_other_numbers"


def test_assurance_is_still_tested_against_the_region():
    assert refusal(None, around(X, Y), "raster", assume="EPSG:5514").code == "crs_wrong_sign"
    assert refusal(None, around(-598_000, -1_160_000), "raster", assume="EPSG:5514").code == "crs_outside"


def test_assured_slovak_realisation_is_reprojected():
    assert guard("EPSG:8353", around(-X, -Y), assume={"dsm": "EPSG:5514"})[0] == ("keep", "EPSG:5514")
    assert guard("EPSG:8353", around(-X, -Y), assume={"dsm": "EPSG:8353"})[0] == ("reproject", "EPSG:8353")
    decision, _ = guard(None, around(974_046.50, 688_119.87), assume={"dsm": "EPSG:8352"})
    assert decision == ("reproject", "EPSG:8352")


def test_parse():
    assert parse_assume_crs(["dsm=epsg:5514", "existing-pv=EPSG:3857", "ESRI:102067"]) == {
        "dsm": "EPSG:5514",
        "existing_pv": "EPSG:3857",
        None: "ESRI:102067",
    }


@pytest.mark.parametrize("value", ["", "5514", "EPSG:102067", "dsm=", "=EPSG:5514", "dsm=EPSG:x", "krovak"])
def test_parse_refuses(value):
    with pytest.raises(InputError) as caught:
        parse_assume_crs([value])
    assert caught.value.code == "assume_crs_wrong"


# --- reprojection ---


@pytest.mark.parametrize(
    ("stated", "point", "expected", "tolerance"),
    [
        pytest.param(
            "EPSG:5513", (974_047.62, 688_118.00), (-688_118.00, -974_047.62), 1e-6, id="data.md-2-5513-exact"
        ),
        pytest.param(
            "EPSG:2065", (974_047.62, 688_118.00), (-688_118.00, -974_047.62), 1e-5, id="data.md-2-2065-exact"
        ),
        pytest.param("EPSG:3857", (1_676_026.2531, 6_580_181.7517), LIBEREC, 0.002, id="3857-by-5239"),
        pytest.param("EPSG:4326", LIBEREC_LON_LAT, LIBEREC, 0.0006, id="data.md-2-4326-by-5239"),
        pytest.param("EPSG:4258", LIBEREC_LON_LAT, LIBEREC, 0.0006, id="data.md-2-etrs-same-way"),
        pytest.param("EPSG:8353", (-688_116.80, -974_047.05), LIBEREC, 4.0, id="8353-within-its-accuracy"),
    ],
)
def test_reprojection(stated, point, expected, tolerance):
    moved = reproject_vector(
        gpd.GeoDataFrame({"a": [1]}, geometry=gpd.points_from_xy([point[0]], [point[1]]), crs=stated)
    )
    assert moved.crs == "EPSG:5514" and (moved.geometry.x[0], moved.geometry.y[0]) == pytest.approx(
        expected, abs=tolerance
    )


def test_reprojection_keeps_heights_nulls_index_and_columns():
    x, y = 1_676_026.2531, 6_580_181.7517
    shapes = [shapely.Point(x, y, 412.5), None, shapely.box(x, y, x + 10, y + 10), shapely.Polygon()]
    frame = gpd.GeoDataFrame({"name": list("abcd")}, geometry=shapes, index=[3, 5, 7, 9], crs="EPSG:3857")
    moved = reproject_vector(frame)
    assert list(moved.index) == [3, 5, 7, 9] and list(moved["name"]) == list("abcd")
    assert moved.geometry[3].z == 412.5 and moved.geometry[5] is None and moved.geometry[9].is_empty
    assert not moved.geometry[7].has_z
    assert moved.geometry[7].area == pytest.approx(
        100 / 2.50, rel=0.01
    )  # data.md-2: areas in 3857 are 2.50 times larger
    assert frame.crs == "EPSG:3857" and frame.geometry[3].x == x


def test_reprojection_of_an_empty_layer():
    assert reproject_vector(gpd.GeoDataFrame({"a": []}, geometry=[], crs="EPSG:3857")).crs == "EPSG:5514"


def test_region_box():
    assert in_region(around(*LIBEREC)) and not in_region(around(-598_000, -1_160_000))
    assert in_region((REGION_BOX_5514[0] - 4_900, *REGION_BOX_5514[1:])) and not in_region(
        (REGION_BOX_5514[0] - 5_100, *REGION_BOX_5514[1:])
    )
