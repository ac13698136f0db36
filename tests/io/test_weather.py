"""Weather years: the instant behind each format's time label, and files that are no complete year."""

import io
import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pvlib import clearsky, solarposition
from pvlib.iotools import read_epw

from lk_spatial.core.errors import DataError, InputError, LkError
from lk_spatial.core.notices import collect_notices
from lk_spatial.io.weather import COLUMNS, HUMIDITY, closure, read_weather

TMY = "tmy_45.000_8.000_2005_2023"


def read(path):
    with collect_notices() as notices:
        weather = read_weather(path)
    return weather, [one.code for one in notices]


def refusal(path) -> LkError:
    with pytest.raises((DataError, InputError)) as caught, collect_notices():
        read_weather(path)
    for lang in ("cs", "en"):
        sentence = caught.value.sentence(lang)
        assert str(path) in sentence and "\n" not in sentence
    return caught.value


@pytest.fixture(scope="module")
def tmy(shared_data) -> dict:
    return json.loads((shared_data / "weather" / f"{TMY}.json").read_text())


def put(folder: Path, content: dict) -> Path:
    path = folder / "weather.json"
    path.write_text(json.dumps(content))
    return path


def varied(tmy: dict, **changes) -> dict:
    """A copy of the PVGIS year without ``offset``, with changed ``rows`` or one ``cell`` (row, column, value)."""
    content = json.loads(json.dumps(tmy))
    if "offset" in changes:
        content["inputs"]["location"].pop("irradiance_time_offset")
    if "rows" in changes:
        content["outputs"]["tmy_hourly"] = changes["rows"](content["outputs"]["tmy_hourly"])
    if "cell" in changes:
        row, column, value = changes["cell"]
        content["outputs"]["tmy_hourly"][row][column] = value
    return content


# --- PVGIS ---


@pytest.mark.parametrize("suffix", ["json", "csv", "epw"])
def test_three_formats_of_one_place_give_the_same_instants(shared_data, suffix):
    weather, codes = read(shared_data / "weather" / f"{TMY}.{suffix}")
    assert codes == (["weather_zone_contradicted"] if suffix == "epw" else [])
    assert list(weather.columns) == [*COLUMNS, HUMIDITY] and (weather.dtypes == np.float64).all()
    assert len(weather) == 8760 and weather.index.is_unique and str(weather.index.tz) == "UTC"
    assert set(weather.index.minute) == {11}  # facts/pv.md section 4: offset 0.1761 h, "use minute 11"
    assert weather.index[0] == pd.Timestamp("2018-01-01 00:11", tz="UTC")
    assert weather.index[-1] == pd.Timestamp("2016-12-31 23:11", tz="UTC")
    assert not weather.index.is_monotonic_increasing  # months of different years
    assert weather.attrs["label"] == "instantaneous +0.1761 h"
    assert (weather.attrs["latitude"], weather.attrs["longitude"], weather.attrs["elevation"]) == (45.0, 8.0, 250.0)
    assert weather.attrs["years"] == [2018, 2007, 2009, 2013, 2008, 2006, 2011, 2010, 2020, 2006, 2007, 2016]
    assert closure(weather) < 0.002
    assert not (weather[["ghi", "dni", "dhi"]].to_numpy() < 0).any() and not np.signbit(weather["dni"]).any()


def test_values_agree_between_the_formats(shared_data):
    from_json = read(shared_data / "weather" / f"{TMY}.json")[0]
    from_csv = read(shared_data / "weather" / f"{TMY}.csv")[0]
    from_epw = read(shared_data / "weather" / f"{TMY}.epw")[0]
    pd.testing.assert_frame_equal(from_json, from_csv)
    pd.testing.assert_frame_equal(from_json, from_epw, atol=0.051)  # EPW rounds wind to 0.1 m/s
    row = from_json[from_json.index == pd.Timestamp("2018-01-01 09:11", tz="UTC")].iloc[0]
    assert list(row) == [149.0, 125.3, 117.0, 3.23, 0.97, 99.4]  # as written in the JSON for 20180101:0900


def test_source_names_the_data_base(shared_data):
    assert read(shared_data / "weather" / f"{TMY}.json")[0].attrs["source"] == "PVGIS TMY PVGIS-SARAH3, ERA5"
    assert read(shared_data / "weather" / f"{TMY}.csv")[0].attrs["source"] == "PVGIS TMY"


def test_invented_year_is_not_called_pvgis(sample_data):
    weather, codes = read(sample_data / "weather_liberec_synthetic.csv")
    assert weather.attrs["source"].startswith("SYNTHETIC YEAR") and codes == []
    assert weather.attrs["label"] == "instantaneous +0.5000 h" and set(weather.index.minute) == {30}


@pytest.mark.parametrize("wrong_minutes", [-60, -30, -11, 11, 30, 60])
def test_closure_reveals_a_wrong_label(shared_data, wrong_minutes):
    weather = read(shared_data / "weather" / f"{TMY}.json")[0]
    assert closure(weather, wrong_minutes) > 8 * closure(weather)


def test_year_without_offset_is_placed_by_its_own_radiation(tmy, tmp_path):
    weather, codes = read(put(tmp_path, varied(tmy, offset=None)))
    assert codes == ["weather_offset_estimated"]
    assert abs(weather.index.minute[0] - 11) <= 1 and set(weather.index.minute) == {weather.index.minute[0]}


def test_bare_list_has_no_place(shared_data):
    assert refusal(shared_data / "weather" / "tmy_45.000_8.000_userhorizon.json").code == "weather_no_location"


def test_inclined_series_is_refused(shared_data):
    name = "pvgis_hourly_Timeseries_45.000_8.000_SA2_10kWp_CIS_5_2a_2013_2014.json"
    assert refusal(shared_data / "weather" / name).code == "weather_inclined"


def test_horizon_file_is_no_weather(shared_data):
    assert refusal(shared_data / "weather" / "test_read_pvgis_horizon.csv").code == "weather_format_unknown"


def series(year: str = "2015", minute: int = 10, slope: float = 0) -> dict:
    """A PVGIS hourly answer with components for clear sky over Liberec."""
    times = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:00", freq="h", tz="UTC") + pd.Timedelta(minutes=minute)
    sun = solarposition.get_solarposition(times, 50.767, 15.056)
    sky = clearsky.haurwitz(sun["zenith"])
    diffuse = 0.3 * sky["ghi"]
    rows = [
        {
            "time": f"{time:%Y%m%d:%H%M}",
            "Gb(i)": round(0.7 * ghi, 2),
            "Gd(i)": round(part, 2),
            "Gr(i)": 0.0,
            "H_sun": round(max(height, 0.0), 2),
            "T2m": 8.0,
            "WS10m": 2.0,
            "Int": 0.0,
        }
        for time, ghi, part, height in zip(times, sky["ghi"], diffuse, sun["elevation"], strict=True)
    ]
    return {
        "inputs": {
            "location": {"latitude": 50.767, "longitude": 15.056, "elevation": 400.0},
            "meteo_data": {"radiation_db": "PVGIS-SARAH3", "meteo_db": "ERA5"},
            "mounting_system": {"fixed": {"slope": {"value": slope, "optimal": False}}},
        },
        "outputs": {"hourly": rows},
    }


def test_horizontal_series_with_components(tmp_path):
    weather, codes = read(put(tmp_path, series()))
    assert codes == [] and len(weather) == 8760 and set(weather.index.minute) == {10}
    assert weather.attrs["label"] == "instantaneous +0.1667 h" and closure(weather) < 0.005
    assert weather["dni"].max() <= 1361.0


def test_leap_year_keeps_its_day(tmp_path):
    weather, _ = read(put(tmp_path, series("2016")))
    assert len(weather) == 8784 and ((weather.index.month == 2) & (weather.index.day == 29)).sum() == 24


def test_series_as_csv(tmp_path):
    content = series()
    head = "Latitude (decimal degrees):\t50.767\nLongitude (decimal degrees):\t15.056\nElevation (m):\t400\n"
    head += "Radiation database:\tPVGIS-SARAH3\n\n\nSlope: 0 deg.\nAzimuth: 0 deg.\n"
    table = pd.DataFrame(content["outputs"]["hourly"]).to_csv(index=False)
    path = tmp_path / "weather.csv"
    path.write_text(head + table + "\nGb(i): Beam\n\nPVGIS (c) European Union\n")
    from_csv, from_json = read(path)[0], read(put(tmp_path, content))[0]
    assert from_csv.attrs["source"] == "PVGIS hourly PVGIS-SARAH3"
    pd.testing.assert_frame_equal(from_csv, from_json)
    path.write_text(head.replace("Slope: 0", "Slope: 35") + table)
    assert refusal(path).code == "weather_inclined"


def test_series_of_two_years_is_refused(tmp_path):
    content = series("2014")
    content["outputs"]["hourly"] += series("2015")["outputs"]["hourly"]
    assert refusal(put(tmp_path, content)).code == "weather_hours_double"


# --- EPW ---


def epw(zone: float = 1.0, city: str = "Liberec", shift_minutes: float = 0.0) -> pd.DataFrame:
    """Head lines and rows of an EPW of means over each hour of clear sky; ``shift_minutes`` falsifies its labels."""
    rows = clear_year(zone, shift_minutes).copy()
    rows.attrs["head"] = [
        f"LOCATION,{city},-,CZE,IWEC,116030,50.767,15.056,{zone:g},398.0",
        "DESIGN CONDITIONS,0",
        "TYPICAL/EXTREME PERIODS,0",
        "GROUND TEMPERATURES,0",
        "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0",
        "COMMENTS 1,made for a test",
        "COMMENTS 2,",
        "DATA PERIODS,1,1,Data,Sunday,1/1,12/31",
    ]
    return rows


@cache
def clear_year(zone: float, shift_minutes: float) -> pd.DataFrame:
    fine = pd.date_range("2019-01-01", "2020-01-01", freq="15min", inclusive="left")
    utc = fine.tz_localize("UTC") - pd.Timedelta(hours=zone) + pd.Timedelta(minutes=7.5 + shift_minutes)
    sun = solarposition.get_solarposition(utc, 50.767, 15.056)
    ghi = clearsky.haurwitz(sun["apparent_zenith"])["ghi"].to_numpy()
    cosine = np.cos(np.radians(sun["apparent_zenith"].to_numpy())).clip(0.0)
    dhi = 0.3 * ghi
    dni = np.where(cosine > 0.02, (ghi - dhi) / np.maximum(cosine, 0.02), 0.0)
    hourly = pd.DataFrame({"ghi": ghi, "dni": dni, "dhi": dhi}, index=fine).resample("h").mean()
    rows = pd.DataFrame(index=range(len(hourly)), columns=range(35)).fillna(0)
    rows[0], rows[1], rows[2], rows[3] = hourly.index.year, hourly.index.month, hourly.index.day, hourly.index.hour + 1
    rows[4], rows[5], rows[6] = 60, "?9?9", 7.5
    rows[13], rows[14], rows[15] = (hourly[name].round(1).to_numpy() for name in ("ghi", "dni", "dhi"))
    rows[21] = 2.5
    return rows


def put_epw(folder: Path, rows: pd.DataFrame, encoding: str = "utf-8", newline: str = "\n") -> Path:
    table = io.StringIO()
    rows.to_csv(table, header=False, index=False)
    text = "\n".join(rows.attrs["head"]) + "\n" + table.getvalue()
    path = folder / "weather.epw"
    path.write_bytes(text.replace("\n", newline).encode(encoding))
    return path


@pytest.mark.parametrize("zone", [1.0, 0.0, -5.0, 5.5])
def test_epw_hours_name_the_end_in_local_standard_time(tmp_path, zone):
    weather, codes = read(put_epw(tmp_path, epw(zone)))
    first = pd.Timestamp("2019-01-01 00:30", tz="UTC") - pd.Timedelta(hours=zone)
    assert weather.index[0] == first and weather.index[-1] == first + pd.Timedelta(hours=8759)
    assert codes == [] and weather.attrs["label"] == "end" and closure(weather) < 0.02
    assert (weather.attrs["source"], weather.attrs["elevation"]) == ("EPW Liberec IWEC", 398.0)


def test_epw_starts_where_pvlib_says(tmp_path):
    path = put_epw(tmp_path, epw())
    theirs, _ = read_epw(str(path))  # their index is the start of the interval in local time
    ours = read(path)[0]
    assert (ours.index - pd.Timedelta(minutes=30) == theirs.index.tz_convert("UTC")).all()
    assert (ours["ghi"].to_numpy() == theirs["ghi"].to_numpy()).all()


@pytest.mark.parametrize(
    ("encoding", "newline"), [("utf-8", "\r\n"), ("utf-8-sig", "\n"), ("latin-1", "\n"), ("cp1250", "\r\n")]
)
def test_epw_encodings(tmp_path, encoding, newline):
    path = put_epw(tmp_path, epw(city="Múnchen-Süd"), encoding, newline)
    if encoding in ("latin-1", "cp1250"):
        with pytest.raises(UnicodeDecodeError):
            path.read_text(encoding="utf-8")
    weather, _ = read(path)
    assert len(weather) == 8760 and weather.attrs["source"] == "EPW Múnchen-Süd IWEC"


def test_epw_bytes_of_no_encoding_at_all(tmp_path):
    path = put_epw(tmp_path, epw())
    path.write_bytes(path.read_bytes().replace(b"Liberec", b"Liber\x81\x98\xff"))
    assert len(read(path)[0]) == 8760


@pytest.mark.parametrize(("shift", "minutes"), [(60, "+60"), (-60, "-60"), (30, "+30")])
def test_epw_with_wrong_labels_is_told(tmp_path, shift, minutes):
    with collect_notices() as notices:
        read_weather(put_epw(tmp_path, epw(shift_minutes=shift)))
    assert [one.code for one in notices] == ["weather_label_doubtful"] and notices[0].values["minutes"] == minutes


def test_components_that_do_not_add_up_are_told(tmp_path):
    rows = epw()
    rows[14] = rows[14] * 0.5
    assert read(put_epw(tmp_path, rows))[1] == ["weather_components_differ"]


@pytest.mark.parametrize(
    ("column", "mark", "named"), [(13, 9999, "ghi"), (14, 9999, "dni"), (6, 99.9, "temp_air"), (21, 999, "wind_speed")]
)
def test_epw_marks_of_missing_values(tmp_path, column, mark, named):
    rows = epw()
    rows[column] = rows[column].astype(float)
    rows.loc[[4000, 4001], column] = mark
    error = refusal(put_epw(tmp_path, rows))
    assert error.code == "weather_value_missing" and error.values["column"] == named
    assert (error.values["count"], error.values["first"]) == (2, "06-16 16:00")


def test_epw_of_quarter_hours_and_of_hours_from_zero(tmp_path):
    rows = epw()
    rows.attrs["head"][-1] = "DATA PERIODS,1,4,Data,Sunday,1/1,12/31"
    assert refusal(put_epw(tmp_path, rows)).code == "weather_not_hourly"
    rows = epw()
    rows[3] = rows[3] - 1
    assert refusal(put_epw(tmp_path, rows)).code == "weather_broken"


def test_epw_that_begins_in_another_month_is_put_in_order(tmp_path):
    rows = epw()
    turned = pd.concat([rows.iloc[4000:], rows.iloc[:4000]])
    turned.attrs = rows.attrs
    pd.testing.assert_frame_equal(read(put_epw(tmp_path, turned))[0], read(put_epw(tmp_path, rows))[0])


@pytest.mark.parametrize(
    "line", ["LOCATION,Liberec\n", "LOCATION,a,b,c,d,e,north,15,1,398\n", "LOCATION,a,b,c,d,e,95,15,1,3\n"]
)
def test_epw_with_a_broken_head(tmp_path, line):
    path = put_epw(tmp_path, epw())
    path.write_text(line + path.read_text().split("\n", 1)[1])
    assert refusal(path).code == "weather_broken"


def test_epw_without_data_periods(tmp_path):
    path = put_epw(tmp_path, epw())
    path.write_text(path.read_text().replace("DATA PERIODS", "DATA"))
    assert refusal(path).code == "weather_broken"


# --- not a complete, plausible year ---


@pytest.mark.parametrize(
    ("rows", "count", "first"),
    [
        pytest.param(lambda rows: rows[:1000] + rows[1001:], 1, "02-11 16:00", id="one-in-the-middle"),
        pytest.param(lambda rows: rows[24:], 24, "01-01 00:00", id="first-day"),
        pytest.param(lambda rows: rows[:-1], 1, "12-31 23:00", id="last-hour"),
        pytest.param(lambda rows: rows[:4000], 4760, "06-16 16:00", id="half-a-year"),
        pytest.param(lambda rows: rows[:1000] + rows[1001:] + rows[:1], 1, "02-11 16:00", id="right-number-of-rows"),
    ],
)
def test_missing_hours(tmy, tmp_path, rows, count, first):
    error = refusal(put(tmp_path, varied(tmy, rows=rows)))
    assert error.code == "weather_hours_missing" and (error.values["count"], error.values["first"]) == (count, first)


def test_hour_twice(tmy, tmp_path):
    error = refusal(put(tmp_path, varied(tmy, rows=lambda rows: [*rows[:50], rows[49], *rows[50:]])))
    assert error.code == "weather_hours_double" and error.values["first"] == "2018-01-03 01:00"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        pytest.param((12, "G(h)", None), "weather_value_missing", id="null"),
        pytest.param((12, "Gb(n)", -9999.0), "weather_value_missing", id="-9999"),
        pytest.param((12, "T2m", -999.0), "weather_value_missing", id="-999"),
        pytest.param((12, "G(h)", 5000.0), "weather_value_odd", id="too-bright"),
        pytest.param((12, "G(h)", -50.0), "weather_value_odd", id="negative"),
        pytest.param((12, "T2m", 290.0), "weather_value_odd", id="kelvin"),
        pytest.param((12, "WS10m", -1.0), "weather_value_odd", id="negative-wind"),
        pytest.param((12, "G(h)", "many"), "weather_broken", id="text"),
        pytest.param((12, "time(UTC)", "20180101:1210"), "weather_not_hourly", id="other-minute"),
        pytest.param((12, "time(UTC)", "yesterday"), "weather_broken", id="no-time"),
    ],
)
def test_bad_cells(tmy, tmp_path, cell, code):
    assert refusal(put(tmp_path, varied(tmy, cell=cell))).code == code


def test_small_negative_radiation_is_night(tmy, tmp_path):
    weather, codes = read(put(tmp_path, varied(tmy, cell=(0, "G(h)", -3.0))))
    assert weather["ghi"].iloc[0] == 0.0 and codes == []


def scaled(rows: list[dict], columns: list[str], factor: float) -> list[dict]:
    return [{**row, **{column: row[column] * factor for column in columns}} for row in rows]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(lambda rows: scaled(rows, ["G(h)", "Gb(n)", "Gd(h)"], 0.0), "weather_sum_odd", id="no-sun"),
        pytest.param(lambda rows: scaled(rows, ["G(h)", "Gb(n)", "Gd(h)"], 0.001), "weather_sum_odd", id="kilowatts"),
        pytest.param(
            lambda rows: [{**row, "G(h)": row["Gd(h)"], "Gd(h)": row["G(h)"]} for row in rows],
            "weather_diffuse_odd",
            id="exchanged",
        ),
        pytest.param(
            lambda rows: [{k: v for k, v in row.items() if k != "Gd(h)"} for row in rows], "weather_broken", id="no-dhi"
        ),
        pytest.param(lambda rows: [], "weather_broken", id="no-rows"),
    ],
)
def test_bad_years(tmy, tmp_path, change, code):
    assert refusal(put(tmp_path, varied(tmy, rows=change))).code == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "weather_format_unknown"),
        (b"<html>404 Not Found</html>", "weather_format_unknown"),
        (b"PK\x03\x04\0\0\0", "weather_format_unknown"),
        (b"{}", "weather_format_unknown"),
        (b"[]", "weather_format_unknown"),
        (b"[1, 2]", "weather_format_unknown"),
        (b'{"type": "FeatureCollection", "features": []}', "weather_format_unknown"),
        (b'{"message": "Location over the sea. Please, select another location"}', "weather_pvgis_refused"),
        (b'{"inputs": {"location": {"latitude": 45.0', "weather_broken"),
        (b'{"inputs": {"location": {"latitude": 45.0, "longitude": 8.0}}, "outputs": {}}', "weather_broken"),
        (b'{"inputs": [], "outputs": []}', "weather_broken"),
        (b"Latitude (decimal degrees): 45.000\n", "weather_format_unknown"),
        (b"Latitude (decimal degrees): 45.000\ntime(UTC),T2m\n20180101:0000,2.0\n", "weather_broken"),
        (b"LOCATION,Liberec\n", "weather_broken"),
    ],
)
def test_files_that_are_no_weather(tmp_path, content, code):
    path = tmp_path / "weather.json"
    path.write_bytes(content)
    assert refusal(path).code == code


def test_truncated_csv_and_json(shared_data, tmp_path):
    for suffix, code in (
        ("csv", "weather_hours_missing"),
        ("json", "weather_broken"),
        ("epw", "weather_hours_missing"),
    ):
        whole = (shared_data / "weather" / f"{TMY}.{suffix}").read_text()
        path = tmp_path / f"cut.{suffix}"
        path.write_text(whole[: whole.rfind("\n", 0, len(whole) // 2) + 1] if suffix != "json" else whole[:500_000])
        assert refusal(path).code == code


def test_missing_file_and_folder(tmp_path):
    assert refusal(tmp_path / "none.json").code == "file_missing"
    assert refusal(tmp_path).code == "weather_unreadable"


def test_format_is_known_by_content_not_by_name(shared_data, tmp_path):
    for suffix in ("json", "csv", "epw"):
        path = tmp_path / "weather.txt"
        path.write_bytes((shared_data / "weather" / f"{TMY}.{suffix}").read_bytes())
        assert len(read(path)[0]) == 8760


HEADS = [
    b"",
    b"LOCATION,a,b,c,d,e,50,15,1,398\nDATA PERIODS,1,1,Data\n",
    b"Latitude (decimal degrees): 45.0\nLongitude (decimal degrees): 8.0\ntime(UTC),T2m,G(h),Gb(n),Gd(h),WS10m\n",
    b'{"inputs": {"location": {"latitude": 45.0, "longitude": 8.0}}, "outputs": {"tmy_hourly": [',
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=st.sampled_from(HEADS), tail=st.binary(max_size=120) | st.text('0123456789,.-:\n{}[]"', max_size=120))
def test_no_file_ends_in_another_exception(tmp_path, head, tail):
    path = tmp_path / "weather.bin"
    path.write_bytes(head + (tail if isinstance(tail, bytes) else tail.encode()))
    assert refusal(path).code.startswith("weather_")


_NUMBERS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
_JSON = st.recursive(
    _NUMBERS,
    lambda parts: (
        st.lists(parts, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "inputs",
                    "outputs",
                    "location",
                    "latitude",
                    "longitude",
                    "tmy_hourly",
                    "hourly",
                    "time(UTC)",
                    "message",
                ]
            ),
            parts,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=_JSON)
def test_no_json_ends_in_another_exception(tmp_path, content):
    assert refusal(put(tmp_path, content)).code.startswith("weather_")
