"""Rain records: one series from every form, and one finding or sentence for each way a record goes wrong."""

import gzip
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lk_spatial.core.errors import DataError, LkError
from lk_spatial.core.notices import collect_notices
from lk_spatial.io.rain_chmi import read_chmi_stations
from lk_spatial.io.rain_series import RainSeries, RainStation
from lk_spatial.io.rainfall import read_rain
from tests.io import rain_files as made

RAIN = made.rain()


def read(path, **options) -> tuple[RainSeries, list[str]]:
    with collect_notices() as notices:
        series = read_rain(path, **options)
    assert [each.code for each in notices] == [each.code for each in series.findings]
    for each in series.findings:
        for said in each.text:
            assert str(path) in said and "{" not in said and "\n" not in said
    return series, [each.code for each in series.findings]


def refusal(path, **options) -> LkError:
    with pytest.raises(LkError) as caught, collect_notices():
        read_rain(path, **options)
    for lang in ("cs", "en"):
        said = caught.value.sentence(lang)
        assert "{" not in said and "\n" not in said
    return caught.value


def same(series: RainSeries, wanted: pd.Series = RAIN) -> None:
    assert series.daily.index.tz is None and series.daily.index.freq == "D" and series.daily.dtype == np.float64
    wanted = wanted.set_axis(pd.DatetimeIndex(wanted.index).as_unit("ns"))
    pd.testing.assert_series_equal(series.daily, wanted, check_names=False, check_freq=False, atol=1e-12, rtol=0)


# --- the reference record ---------------------------------------------------------------------------------------


def test_liberec_1988_2017_855_mm_191_days_133_days_122_2_mm_44_days_of_drought(shared_data) -> None:
    series, codes = read(shared_data / "rain" / "liberec_daily_1961_2017.csv")
    assert codes == [] and len(series.daily) == 20_819 and series.daily.notna().all()
    thirty = series.daily["1988":"2017"]
    assert round(thirty.sum() / 30) == 855
    assert round((thirty >= 0.1).sum() / 30) == 191 and round((thirty >= 1.0).sum() / 30) == 133
    assert thirty.max() == 122.2
    spells = (thirty >= 1.0).cumsum()[thirty < 1.0].value_counts()
    assert spells.max() == 44
    assert round(100 * thirty[series.temperature["1988":"2017"] <= 0.0].sum() / thirty.sum(), 1) == 9.5
    assert round(series.daily["2003"].sum()) == 547 and round(series.daily["2010"].sum()) == 1354


def test_list_of_stations_beside_the_record_tells_place_and_moves(shared_data, tmp_path) -> None:
    path = made.put(tmp_path, "chotyne.json", made.chmi_json(RAIN, "0-203-0-20407036001"))
    long = made.rain("1999-01-01", 10_000)
    far = made.put(tmp_path, "long.json", made.chmi_json(long, "0-203-0-20407036001"))
    stations = shared_data / "rain" / "chmi_stations_nearby_liberec.csv"
    series, codes = read(path, stations=stations)
    assert series.station == RainStation("0-203-0-20407036001", "Chotyně", 50.83897, 14.87175, 260.0)
    assert "rain_station_moved" not in codes
    moved = next(each for each in read(far, stations=stations)[0].findings if each.code == "rain_station_moved")
    assert moved.count == 3 and moved.values["km"] == "0.31" and moved.values["rise"] == "3"


# --- one record, many forms -------------------------------------------------------------------------------------

FORMS = {
    "ČHMÚ JSON": ("dly.json", made.chmi_json(RAIN), {"rain_kinds_left_out"}),
    "ČHMÚ JSON with BOM": ("dly.json", "\ufeff" + made.chmi_json(RAIN), {"rain_kinds_left_out"}),
    "ČHMÚ CSV": ("dly-SRA.csv", made.chmi_csv(RAIN), {"rain_kinds_left_out"}),
    "ČHMÚ workbook": ("U2LIBC01.xlsx", made.workbook(RAIN), set()),
    "ČHMÚ text in cp1250": ("U2LIBC01_SRA_N.csv", made.sections(RAIN).encode("cp1250"), {"rain_station_moved"}),
    "ČHMÚ text, zipped": (
        "U2LIBC01_SRA_N.csv.zip",
        made.zipped(U2LIBC01_SRA_N__csv=made.sections(RAIN).encode("cp1250")),
        {"rain_station_moved"},
    ),
    "GHCN-Daily": ("EZE00100082.dly", made.dly(RAIN), {"rain_from_tenths"}),
    "GHCN-Daily, packed": ("EZE.dly.gz", gzip.compress(made.dly(RAIN).encode()), {"rain_from_tenths"}),
    "GHCN-Daily by year": ("2019.csv", made.by_year(RAIN), {"rain_from_tenths"}),
    "plain, semicolons and decimal commas": ("a.csv", made.plain(RAIN), set()),
    "plain, commas and points, English": ("a.csv", made.plain(RAIN, ",", ".", "Date;Rain_mm"), set()),
    "plain, tabs": ("a.txt", made.plain(RAIN, "\t", ",", "den;úhrn"), set()),
    "plain, cp1250": ("a.csv", made.plain(RAIN, heading="Datum;Srážky").encode("cp1250"), set()),
    "plain, UTF-16 of old programs": ("a.csv", made.plain(RAIN).encode("utf-16"), set()),
    "plain, no heading": ("a.csv", made.plain(RAIN, heading=""), set()),
    "plain, Czech days": (
        "a.csv",
        "datum;mm\n" + "".join(f"{day.day}. {day.month}. {day.year};{mm}\n" for day, mm in RAIN.items()),
        set(),
    ),
    "plain, year, month and day": (
        "a.csv",
        "Rok;Měsíc;Den;Hodnota;Příznak\n" + "".join(f"{day:%Y;%m;%d};{mm};\n" for day, mm in RAIN.items()),
        set(),
    ),
    "plain, from the newest day": ("a.csv", made.plain(RAIN[::-1]), set()),
    "plain, in tenths by its heading": (
        "a.csv",
        made.plain((RAIN * 10).round(), heading="datum;srážky [0,1 mm]"),
        {"rain_from_tenths"},
    ),
    "by months": (
        "a.csv",
        "\n".join(
            ";".join("" if cell is None else str(cell) for cell in row)
            for row in [["rok", "měsíc", *range(1, 32)], *made.by_months(RAIN)]
        ),
        set(),
    ),
}


@pytest.mark.parametrize(("name", "content", "codes"), FORMS.values(), ids=FORMS)
def test_one_record_in_many_forms(tmp_path, name, content, codes) -> None:
    series, found = read(made.put(tmp_path, name, content))
    same(series)
    assert set(found) == codes and series.source and series.label


@pytest.mark.parametrize("form", ["ČHMÚ JSON", "ČHMÚ CSV", "ČHMÚ workbook", "GHCN-Daily", "plain, tabs"])
def test_missing_days_stay_missing(tmp_path, form) -> None:
    gappy = RAIN.copy()
    gappy["2019-03-05":"2019-03-06"] = np.nan  # 6 % of a month
    gappy["2019-07-01"] = np.nan
    content = {
        "ČHMÚ JSON": made.chmi_json,
        "ČHMÚ CSV": made.chmi_csv,
        "ČHMÚ workbook": made.workbook,
        "GHCN-Daily": made.dly,
        "plain, tabs": made.plain,
    }[form](gappy)
    series, codes = read(made.put(tmp_path, FORMS[form][0], content))
    same(series, gappy)
    assert {"rain_days_missing", "rain_months_gappy"} <= set(codes)
    month = next(each for each in series.findings if each.code == "rain_months_gappy")
    assert month.count == 1 and month.where == "2019-03 (6 %)"


def test_days_left_out_equal_days_marked_missing(tmp_path) -> None:
    kept = RAIN.drop(RAIN.index[100:103])
    series, codes = read(made.put(tmp_path, "a.csv", made.plain(kept)))
    assert series.daily.isna().sum() == 3 and len(series.daily) == len(RAIN)
    assert set(codes) == {"rain_days_missing", "rain_months_gappy"}


@pytest.mark.parametrize("form", ["ČHMÚ JSON", "ČHMÚ workbook"])
def test_mean_temperature_comes_along(tmp_path, form) -> None:
    series, _ = read(made.put(tmp_path, *FORMS[form][:2]))
    assert series.temperature is not None and (series.temperature == 8.5).all()
    assert series.temperature.index.equals(series.daily.index)


def test_ghcn_temperature_is_the_middle_of_the_extremes(tmp_path) -> None:
    warm = RAIN * 0
    text = made.dly(RAIN) + made.dly(warm + 12.0, element="TMAX") + made.dly(warm + 3.0, element="TMIN")
    assert (read(made.put(tmp_path, "a.dly", text))[0].temperature == 7.5).all()


def test_station_in_the_head_of_text_files(tmp_path) -> None:
    series, _ = read(made.put(tmp_path, "a.csv", made.sections(RAIN)))
    assert series.station == RainStation("U2LIBC01", "Liberec", 50.76972, 15.02389, 397.7)
    head = "# stanice: U2LIBC01\n# name: Liberec\n# latitude: 50,77\n# longitude: 15.02\n# elevation: 398\n"
    series, _ = read(made.put(tmp_path, "b.csv", head + made.plain(RAIN)))
    assert series.station == RainStation("U2LIBC01", "Liberec", 50.77, 15.02, 398.0)
    mine = RainStation("own", "roof", 50.7, 15.0, 400.0)
    assert read(tmp_path / "b.csv", place=mine)[0].station == mine


# --- hours ------------------------------------------------------------------------------------------------------


def hours(days: int = 40) -> pd.Series:
    index = pd.date_range("2020-03-20 06:00", periods=24 * days, freq="h")
    return pd.Series(np.round(np.random.default_rng(3).exponential(0.1, len(index)), 1) + 0.1, index=index)


def stamped(series: pd.Series, form: str = "%Y-%m-%d %H:%M", shift_h: float = 0.0) -> str:
    moved = series.index + pd.Timedelta(hours=shift_h)
    return "time,mm\n" + "".join(f"{t:{form}},{mm:.1f}\n" for t, mm in zip(moved, series, strict=True))


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (stamped(hours()), {}),
        (stamped(hours(), "%Y-%m-%dT%H:%M:%SZ"), {"utc_offset_h": 5.0}),
        (stamped(hours(), "%Y-%m-%dT%H:%M+01:00", 1.0), {}),
        (stamped(hours(), "%d.%m.%Y %H:%M", 1.0), {"utc_offset_h": 1.0}),
        (stamped(hours(), shift_h=1.0), {"hour_label": "end"}),
    ],
    ids=["UTC", "Z wins over the offset", "zone in the text", "offset given", "end of the hour"],
)
def test_hours_become_days_from_06_utc(tmp_path, text, options) -> None:
    series, codes = read(made.put(tmp_path, "a.csv", text), **options)
    blocks = hours().to_numpy().reshape(-1, 24).sum(axis=1)
    assert series.daily.index[0] == pd.Timestamp("2020-03-20") and np.allclose(series.daily, blocks, atol=1e-9)
    assert codes == [] and series.hourly is not None and str(series.hourly.index.tz) == "UTC"
    assert np.allclose(series.hourly, hours()) and series.hourly.index[0] == pd.Timestamp("2020-03-20 06:00Z")


def test_a_day_that_lacks_an_hour_is_missing(tmp_path) -> None:
    kept = hours().drop(hours().index[[250]])
    series, codes = read(made.put(tmp_path, "a.csv", stamped(kept)))
    assert series.daily.isna().sum() == 1 and np.isnan(series.daily.iloc[10])
    assert set(codes) == {"rain_hours_missing", "rain_days_missing", "rain_months_gappy"}


def test_ten_minutes_give_hours_and_days(tmp_path) -> None:
    index = pd.date_range("2020-03-20 06:00", periods=6 * 24 * 10, freq="10min")
    series, codes = read(made.put(tmp_path, "a.csv", stamped(pd.Series(0.1, index=index))))
    assert np.allclose(series.daily, 14.4) and np.allclose(series.hourly, 0.6) and codes == []


@pytest.mark.parametrize("form", ["%Y-%m-%d;%H:%M", "%d.%m.%Y;%H"])
def test_day_and_time_in_two_columns(tmp_path, form) -> None:
    lines = [f"{t:{form}};{mm:.1f}" for t, mm in hours().items()]
    series, codes = read(made.put(tmp_path, "a.csv", "\n".join(["Datum;Čas;Srážky [mm]", *lines])))
    assert np.allclose(series.hourly, hours()) and codes == []


def test_a_negative_hour_spoils_its_day(tmp_path) -> None:
    bad = hours()
    bad.iloc[30] = -1.0
    series, codes = read(made.put(tmp_path, "a.csv", stamped(bad)))
    assert series.daily.isna().tolist() == [False, True] + [False] * 38 and "rain_negative" in codes
    assert np.isnan(series.hourly.iloc[30])


# --- what is told -----------------------------------------------------------------------------------------------


def written(rows: dict[str, str], base: pd.Series = RAIN) -> str:
    """A plain table with the cells of some days replaced."""
    lines = made.plain(base).splitlines()
    return "\n".join(f"{line[:10]};{rows[line[:10]]}" if line[:10] in rows else line for line in lines)


@pytest.mark.parametrize("mark", ["-999", "-9999", "-999,0", "9999", "-99.9"])
def test_marks_of_missing_values_are_never_rain(tmp_path, mark) -> None:
    series, codes = read(made.put(tmp_path, "a.csv", written({"2019-05-05": mark})))
    assert np.isnan(series.daily["2019-05-05"]) and "rain_missing_marks" in codes and "rain_negative" not in codes
    assert series.daily.max() == RAIN.max()


def test_marks_in_chmi_json_too(tmp_path) -> None:
    text = made.chmi_json(RAIN).replace(
        '"2019-05-05T06:00:00Z", ' + str(RAIN["2019-05-05"]), '"2019-05-05T06:00:00Z", -999'
    )
    series, codes = read(made.put(tmp_path, "a.json", text))
    assert np.isnan(series.daily["2019-05-05"]) and "rain_missing_marks" in codes


def test_trace_counts_as_no_water(tmp_path) -> None:
    series, codes = read(made.put(tmp_path, "a.csv", written({"2019-05-05": "T", "2019-05-06": "stopa"})))
    assert series.daily["2019-05-05"] == 0.0 and codes == ["rain_trace"] and series.findings[0].count == 2
    flagged = made.dly(RAIN)
    flagged = flagged[:21] + "    0T E" + flagged[29:]
    assert "rain_trace" in read(made.put(tmp_path, "a.dly", flagged))[1]


def test_ghcn_value_that_failed_a_check_is_missing(tmp_path) -> None:
    text = made.dly(RAIN)
    series, codes = read(made.put(tmp_path, "a.dly", text[:29] + text[29:34] + " XE" + text[37:]))
    assert np.isnan(series.daily.iloc[1]) and "rain_quality_failed" in codes


def test_tenths_are_quoted_not_rescaled(tmp_path) -> None:
    tenths = (RAIN * 10).round().astype(int)
    series, codes = read(made.put(tmp_path, "a.csv", made.plain(tenths)))
    assert codes == ["rain_tenths_suspected"] and np.array_equal(series.daily, tenths)
    said = series.findings[0].text.en
    annual = RAIN.mean() * 365.25
    assert f"{annual:.0f} mm" in said and f"{10 * annual:.0f} mm" in said


@pytest.mark.parametrize("factor", [0.1, 25.4], ids=["centimetres", "hundredths of an inch"])
def test_an_odd_yearly_amount_is_told(tmp_path, factor) -> None:
    _, codes = read(made.put(tmp_path, "a.csv", made.plain((RAIN * factor).round(2))))
    assert "rain_annual_odd" in codes


def test_a_short_or_dry_record_is_not_judged_by_the_year(tmp_path) -> None:
    assert read(made.put(tmp_path, "a.csv", made.plain(RAIN[:200] * 0 + 20)))[1] == []


def test_a_day_twice_is_told_and_a_contradiction_is_missing(tmp_path) -> None:
    lines = made.plain(RAIN).splitlines()
    same_day, other = lines[40], lines[50][:10] + ";99,9"
    series, codes = read(made.put(tmp_path, "a.csv", "\n".join([*lines, same_day, other])))
    assert np.isnan(series.daily.iloc[49]) and series.daily.iloc[39] == RAIN.iloc[39]
    assert codes[:2] == ["rain_days_twice", "rain_days_contradict"]
    assert [each.count for each in series.findings[:2]] == [2, 1]


def test_negative_and_impossible_amounts_are_missing(tmp_path) -> None:
    series, codes = read(made.put(tmp_path, "a.csv", written({"2019-05-05": "-0,3", "2019-06-06": "400,1"})))
    assert np.isnan(series.daily["2019-05-05"]) and np.isnan(series.daily["2019-06-06"])
    assert {"rain_negative", "rain_too_heavy"} <= set(codes)
    heavy = next(each for each in series.findings if each.code == "rain_too_heavy")
    assert heavy.values["value"] == "400.1" and heavy.where == "2019-06-06"
    assert read(made.put(tmp_path, "b.csv", written({"2019-06-06": "345,1"})))[0].daily.max() == 345.1


def test_monthly_sums_in_a_daily_column(tmp_path) -> None:
    sums = RAIN.groupby(RAIN.index.to_period("M")).transform("sum").where(RAIN.index.is_month_end, 0.0).round(1)
    _, codes = read(made.put(tmp_path, "a.csv", made.plain(sums)))
    assert "rain_month_sums" in codes
    assert refusal(made.put(tmp_path, "b.csv", made.plain(sums[sums > 0.0]))).code == "rain_not_daily"


def test_sums_that_contradict_their_days_and_days_that_are_none(tmp_path) -> None:
    rows = [["rok", "měsíc", *range(1, 32), "úhrn"]]
    rows += [[*row, round(sum(cell or 0.0 for cell in row[2:]), 1)] for row in made.by_months(RAIN)]
    text = "\n".join(";".join("" if cell is None else str(cell) for cell in row) for row in rows)
    assert read(made.put(tmp_path, "a.csv", text))[1] == []
    rows[3][-1] += 5.0
    rows[2][2 + 30] = 4.0  # 31 February
    text = "\n".join(";".join("" if cell is None else str(cell) for cell in row) for row in rows)
    series, codes = read(made.put(tmp_path, "a.csv", text))
    assert set(codes) == {"rain_month_sums_differ", "rain_day_nonexistent"}
    same(series)


def test_doubtful_quality_is_told_and_used(tmp_path) -> None:
    text = made.chmi_json(RAIN[:60]).replace('"", 0.0]', '"", 2.0]', 1)
    series, codes = read(made.put(tmp_path, "a.json", text))
    assert "rain_quality_doubtful" in codes and series.daily.iloc[0] == RAIN.iloc[0]


@pytest.mark.parametrize(("days", "told"), [(0, False), (1, True), (-1, True)])
def test_a_shifted_day_is_found_against_a_near_station(tmp_path, days, told) -> None:
    near, _ = read(made.put(tmp_path, "near.csv", made.plain(RAIN)))
    moved = (RAIN * 1.2).round(1).set_axis(RAIN.index + pd.Timedelta(days=days))
    series, codes = read(made.put(tmp_path, "a.csv", made.plain(moved)), compare_with=near)
    assert ("rain_day_shifted" in codes) is told
    if told:
        assert series.findings[-1].values["shift"] == f"{-days:+d}"
    same(series, moved)


def test_moved_stations_within_the_record_only(tmp_path) -> None:
    old = [
        made.WSI,
        "U2LIBC01",
        "Liberec, Horní Hanychov",
        15.0166,
        50.7391,
        500.0,
        "1880-01-01T00:00:00Z",
        "2019-06-30T23:59:00Z",
    ]
    older = [*old[:3], 15.1, 50.8, 600.0, "1800-01-01T00:00:00Z", "1879-12-31T23:59:00Z"]
    new = [*made.LIBEREC[:6], "2019-07-01T00:00:00Z", made.LIBEREC[7]]
    path = made.put(tmp_path, "dly.json", made.chmi_json(RAIN))
    made.put(tmp_path, "meta1.json", made.meta1(new, old, older))
    series, _ = read(path)
    moved = next(each for each in series.findings if each.code == "rain_station_moved")
    assert moved.count == 2 and moved.values["rise"] == "102" and moved.values["km"] == "3.44"
    assert series.station.name == "Liberec" and series.station.elevation_m == 397.7


def test_swapped_coordinates_of_a_list_are_refused(tmp_path) -> None:
    path = made.put(tmp_path, "dly.json", made.chmi_json(RAIN[:60]))
    swapped = [*made.LIBEREC[:3], 50.76972, 15.02389, *made.LIBEREC[5:]]
    made.put(tmp_path, "meta1.json", made.meta1(swapped))
    assert refusal(path).code == "rain_stations_swapped"


# --- several stations, several files ----------------------------------------------------------------------------


def test_a_file_of_several_stations_needs_a_choice(tmp_path) -> None:
    both = made.by_year(RAIN) + made.by_year(RAIN * 0 + 1.0, "EZM00011520")
    long = "datum;stanice;mm\n" + "".join(f"{d:%Y-%m-%d};{s};{mm}\n" for d, mm in RAIN.items() for s in ("A", "B"))
    two = json.loads(made.chmi_json(RAIN[:50]))
    two["data"]["data"]["values"] += made.chmi_rows(RAIN[:50], "0-203-0-11602")
    for name, content, station in (
        ("2019.csv", both, "EZE00100082"),
        ("2019.csv.gz", gzip.compress(both.encode()), "EZE00100082"),
        ("a.csv", long, "B"),
        ("a.json", json.dumps(two), made.WSI),
    ):
        path = made.put(tmp_path, name, content)
        assert refusal(path).code == "rain_stations_several"
        assert refusal(path, station="EZX").code == "rain_station_missing"
        series, _ = read(path, station=station)
        assert series.station.id == station
        same(series, RAIN if name != "a.json" else RAIN[:50])


def test_a_folder_joins_the_whole_record_and_the_months_since(tmp_path) -> None:
    made.put(tmp_path, f"dly-{made.WSI}.json", made.chmi_json(RAIN["2019"]))
    for month in (1, 2, 3):
        days = RAIN[f"2020-{month:02d}"] if month > 1 else RAIN["2019-12-30":"2020-01-31"] + 0.0
        text = (
            made.chmi_json(days)
            if month < 3
            else made.collection(made.HEADER, [[made.WSI, "T", "AVG", "2020-03-01", 1, "", 0]])
        )
        made.put(tmp_path, f"dly-{made.WSI}-2020{month:02d}.json", text)
    made.put(tmp_path, "meta1.json", made.meta1())
    series, codes = read(tmp_path)
    same(series, RAIN["2019-01-01":"2020-02-29"])
    assert codes == ["rain_kinds_left_out"] and series.findings[0].count == 365 + 33 + 29
    assert series.station.name == "Liberec" and series.temperature.notna().all()
    made.put(tmp_path, "dly-0-203-0-11602.json", made.chmi_json(RAIN[:40], "0-203-0-11602"))
    assert refusal(tmp_path).code == "rain_stations_several"
    same(read(tmp_path, station=made.WSI)[0], RAIN["2019-01-01":"2020-02-29"])
    assert refusal(tmp_path, station="0-1-1-1").code == "rain_folder_empty"


# --- refused ----------------------------------------------------------------------------------------------------

MONTHLY = (
    "STATION,ELEMENT,YEAR,MONTH,TIMEFUNC,MDFUNCTION,VALUE,FLAG_REPEAT,FLAG_INTERRUPTED\n0-X,SRA,2020,1,06:00,SUM,66,,\n"
)
REFUSED = {
    "nothing": (b"", "rain_empty"),
    "blanks": (b" \n\n", "rain_empty"),
    "a heading alone": ("datum;mm\n", "rain_empty"),
    "only missing": ("datum;mm\n2020-01-01;-999\n2020-01-02;\n", "rain_empty"),
    "no columns known": ("a;b\n1;2\n", "rain_columns_missing"),
    "a page in place of data": ("<!DOCTYPE html><html><body>404</body></html>", "rain_web_page"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "rain_old_xls"),
    "bytes": (bytes(range(256)) * 4, "rain_format_unknown"),
    "JSON that ends too early": (made.chmi_json(RAIN)[:20_000], "rain_broken"),
    "JSON of something else": ('{"type": "FeatureCollection"}', "rain_broken"),
    "JSON, a list": ("[1, 2]", "rain_broken"),
    "JSON, very deep": ("[" * 200_000, "rain_broken"),
    "JSON, rows too short": (made.collection(made.HEADER, [["x", "SRA"]]), "rain_broken"),
    "JSON, text for a number": (made.chmi_json(RAIN[:9]).replace("1.3", '"moc"', 1), "rain_value_wrong"),
    "JSON, a wrong day": (made.chmi_json(RAIN[:9]).replace("2019-01-02", "2019-13-02"), "rain_date_wrong"),
    "JSON without rain": (made.chmi_json(RAIN[:9]).replace("SRA", "SCE"), "rain_element_missing"),
    "JSON without the daily sum": (made.chmi_json(RAIN[:9]).replace('"06:00"', '"07:00"'), "rain_element_missing"),
    "JSON of hours": (made.collection("STATION,ELEMENT,DT,VAL", [["x", "SRA1H", "2020", 1]]), "rain_not_daily"),
    "JSON without a column": (made.chmi_json(RAIN[:9]).replace("ELEMENT", "PRVEK"), "rain_columns_missing"),
    "JSON without rows": (made.collection(made.HEADER, []), "rain_empty"),
    "CSV of months": (MONTHLY, "rain_not_daily"),
    "a workbook without rain": (made.workbook(RAIN[:40], "vlhkost"), "rain_element_missing"),
    "a broken workbook": (made.workbook(RAIN[:40])[:3000], "rain_broken"),
    "a broken zip": (made.zipped(a__csv=made.plain(RAIN)).replace(b"\x00", b"\x01", 9), "rain_broken"),
    "a year beyond all calendars": (
        made.sections(RAIN[:9]).replace("2019;01;03", "99999999999;01;03"),
        "rain_date_wrong",
    ),
    "a zip of several tables": (made.zipped(a__csv="x", b__csv="y"), "rain_zip_tables"),
    "a zip without a table": (made.zipped(a__pdf="x"), "rain_zip_tables"),
    "sections of temperature": (made.sections(RAIN[:9], "Průměrná teplota [T.AVG, °C]"), "rain_element_missing"),
    "GHCN without rain": (made.dly(RAIN[:40], element="TMAX"), "rain_element_missing"),
    "GHCN cut in a line": (made.dly(RAIN[:60])[:300], "rain_broken"),
    "a packed file cut": (gzip.compress(made.dly(RAIN).encode())[:-900], "rain_broken"),
    "a packed file of something else": (gzip.compress(b"hello"), "rain_format_unknown"),
    "text for a number": (written({"2019-05-05": "mnoho"}), "rain_value_wrong"),
    "a day that is none": (made.plain(RAIN).replace("2019-02-28", "2019-02-30"), "rain_date_wrong"),
    "American days": (
        "date;mm\n" + "".join(f"{day:%m/%d/%Y};{mm}\n" for day, mm in RAIN.items()),
        "rain_date_wrong",
    ),
    "decimal commas between commas": (made.plain(RAIN, ",", ","), "rain_cells"),
    "a day before all gauges": (made.plain(RAIN).replace("2019-02-28", "0019-02-28"), "rain_date_wrong"),
    "CSV of ČHMÚ cut in a line": (made.chmi_csv(RAIN)[:5000], "rain_broken"),
    "inches": ("date;rain [in]\n2020-01-01;1\n2020-01-02;1\n", "rain_unit_unknown"),
    "steps of seven hours": (
        stamped(pd.Series(1.0, index=pd.date_range("2020-01-01", periods=50, freq="7h"))),
        "rain_step_unknown",
    ),
}


@pytest.mark.parametrize(("content", "code"), REFUSED.values(), ids=REFUSED)
def test_each_fault_has_its_sentence(tmp_path, content, code) -> None:
    path = made.put(tmp_path, "rain", content)
    error = refusal(path)
    assert error.code == code and str(path) in error.sentence("cs")


def test_lines_are_named(tmp_path) -> None:
    error = refusal(made.put(tmp_path, "a.csv", "# remark\n" + written({"2019-01-03": "x1"})))
    assert error.values["line"] == 5 and error.values["got"] == "x1"


def test_missing_files_wrong_labels_and_far_too_large_ones(tmp_path, monkeypatch) -> None:
    assert refusal(tmp_path / "none.csv").code == "file_missing"
    path = made.put(tmp_path, "a.csv", made.plain(RAIN))
    assert refusal(path, hour_label="middle").code == "rain_hour_label"
    with path.open("ab") as file:
        file.truncate(301_000_000)
    assert refusal(path).code == "rain_too_large"
    monkeypatch.setattr("lk_spatial.io.rain_wide.MAX_MB", 0.001)
    assert refusal(made.put(tmp_path, "b.zip", made.zipped(a__csv=made.plain(RAIN)))).code == "rain_too_large"


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(tmp_path_factory, content) -> None:
    path = tmp_path_factory.getbasetemp() / "any_rain"
    path.write_bytes(content)
    with collect_notices():
        try:
            series = read_rain(path)
        except LkError as error:
            assert error.sentence("cs") and error.sentence("en")
        else:
            assert isinstance(series, RainSeries) and series.daily.notna().any()


DAMAGED = {
    name: (content if isinstance(content, bytes) else content.encode())
    for name, content in (
        ("JSON", made.chmi_json(RAIN[:40])),
        ("CSV", made.chmi_csv(RAIN[:40])),
        ("workbook", made.workbook(RAIN[:40])),
        ("sections", made.sections(RAIN[:40])),
        ("dly", made.dly(RAIN[:40])),
        ("year", made.by_year(RAIN[:40])),
        ("plain", made.plain(RAIN[:40])),
        ("zip", made.zipped(a__csv=made.plain(RAIN[:40]))),
        ("hours", stamped(hours(3)).encode()),
    )
}


@given(st.sampled_from(sorted(DAMAGED)), st.integers(0, 10**6), st.integers(0, 30), st.binary(max_size=12))
@settings(max_examples=400, deadline=None)
def test_any_damage_is_read_or_refused(tmp_path_factory, form, at, less, more) -> None:
    content = DAMAGED[form]
    at %= len(content)
    path = tmp_path_factory.getbasetemp() / "damaged_rain"
    path.write_bytes(content[:at] + more + content[at + less :])
    with collect_notices():
        try:
            assert read_rain(path).daily.notna().any()
        except LkError as error:
            assert error.sentence("cs") and error.sentence("en")


@given(
    st.lists(st.one_of(st.floats(0.0, 345.0).map(lambda mm: round(mm, 1)), st.just(math.nan)), min_size=2, max_size=70),
    st.sampled_from(["ČHMÚ JSON", "ČHMÚ CSV", "GHCN-Daily", "plain"]),
)
@settings(max_examples=80, deadline=None)
def test_what_was_written_is_read(tmp_path_factory, values, form) -> None:
    values = [0.1, *values, 0.2]
    wanted = pd.Series(values, index=pd.date_range("2023-12-20", periods=len(values)))
    writers = {"ČHMÚ JSON": made.chmi_json, "ČHMÚ CSV": made.chmi_csv, "GHCN-Daily": made.dly, "plain": made.plain}
    path = tmp_path_factory.getbasetemp() / "written_rain"
    path.write_text(writers[form](wanted), "utf-8")
    with collect_notices():
        same(read_rain(path), wanted)


def test_a_list_of_stations_that_lacks_columns_is_refused(tmp_path) -> None:
    path = made.put(tmp_path, "dly.json", made.chmi_json(RAIN[:60]))
    made.put(tmp_path, "meta1.json", made.collection("WSI,FULL_NAME", [["x", "y"]]))
    with pytest.raises(DataError, match="rain_columns_missing"):
        read_rain(path)


def test_empty_cells_of_a_list_of_stations_are_empty_texts(tmp_path) -> None:
    bare = [*made.LIBEREC[:1], None, *made.LIBEREC[2:6], None, None]
    stations = read_chmi_stations(made.put(tmp_path, "meta1.json", made.meta1(bare)))
    assert stations.iloc[0][["gh_id", "begin", "end"]].tolist() == ["", "", ""]
    text = 'WSI,FULL_NAME,GPS,ELEVATION,BEGIN_DATE,END_DATE\n0-1,Liberec,"50.8,14.8",398\n'
    stations = read_chmi_stations(made.put(tmp_path, "meta1.csv", text))
    assert stations.iloc[0][["latitude", "longitude", "begin", "end"]].tolist() == [50.8, 14.8, "", ""]
