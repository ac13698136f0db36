import re
import time

import geopandas
import numpy as np
import pytest
from lxml import html as lxml_html
from matplotlib.backends.backend_agg import FigureCanvasAgg

from lk_spatial.core.text import Text
from lk_spatial.report import pv
from lk_spatial.report.pv import render_pv_report
from tests.report.checked import checked


@pytest.fixture(scope="module", params=["cs", "en"])
def lang(request):
    return request.param


def test_page_is_well_formed_and_fetches_nothing(make_report, lang):
    page = render_pv_report(make_report(lang))
    checked(page)
    assert f'<html lang="{lang}">' in page
    assert not re.search(r"url\(|@import|https?://", re.sub(r'src="data:[^"]*"', "", page))
    assert lxml_html.fromstring(page).find(".//h1") is not None


def test_page_of_a_quarter_is_small(make_report):
    assert len(render_pv_report(make_report("cs", 40)).encode()) < 3_000_000


def test_same_report_gives_the_same_page(make_report):
    assert render_pv_report(make_report("cs", 4)) == render_pv_report(make_report("cs", 4))


def test_totals_stand_in_the_page(make_report, lang):
    report = make_report(lang)
    power, energy = report.buildings["power_kwp"].sum(), report.buildings["energy_kwh_a"].sum()
    text = checked(render_pv_report(report))
    assert f"{power:.0f} kWp" in text
    assert f"{energy / 1000:.0f} MWh" in text
    assert f"{0.906 * energy / 1000:.0f} – {energy / 1000:.0f} MWh" in text
    assert f"{energy / power:.0f} kWh/kWp" in text
    assert ("9,9 kWp již instalováno" if lang == "cs" else "9.9 kWp already installed") in text
    assert ("1~423 kWh/m²" if lang == "cs" else "1,423 kWh/m²") in text
    assert "817 km" in text and report.record in text


def test_best_twenty_are_sorted_and_complete(make_report):
    report = make_report("en")
    table = lxml_html.fromstring(render_pv_report(report)).xpath("//section[@class='best']//tbody/tr")
    energies = [float(row.xpath("td")[4].text) for row in table]
    expected = (report.buildings["energy_kwh_a"] / 1000).nlargest(20).round(1).tolist()
    assert energies == expected


def test_languages_do_not_mix(make_report):
    czech, english = (checked(render_pv_report(make_report(each, 6, notices=[]))) for each in ("cs", "en"))
    assert "Potenciál na papíře, nikoli projekt." in czech and "Potential on paper" not in czech
    assert "Potential on paper, no project." in english and "nikoli projekt" not in english
    assert "23. 11. 2026" in czech.replace("\u00a0", " ") and "23 November 2026" in english


def test_warnings_stand_before_the_totals(make_report):
    page = render_pv_report(make_report("en", 6))
    assert page.index("817 km apart") < page.index('id="summary"')
    assert 'class="warnings"' not in render_pv_report(make_report("en", 6, notices=[]))


def test_what_is_not_confirmed_is_marked(make_report):
    page = render_pv_report(make_report("en", 6))
    assert '<span class="tag unverified">unverified</span>' in page
    assert '<span class="tag assumption">assumption</span>' in page
    assert "1 of 3 tables are confirmed" in page


def test_confidence_that_nobody_stated_counts_as_unverified_or_is_said(make_report):
    tables = [{"id": "a", "card": {"title_en": "A"}}, {"id": "b", "card": {"title_en": "B", "confidence": "sure!"}}]
    page = render_pv_report(make_report("en", 6, tables=tables))
    assert "confidence not stated" in page and "unverified</span>" in page and "0 of 2" in page


def test_limits_are_named_and_snow_after_what_was_computed(make_report):
    report = make_report("en", 6)
    text = checked(render_pv_report(report))
    for word in ("Strength of the roof", "Grid connection", "Heritage", "Economics", "trees", "no snowfall was given"):
        assert word in text
    snowed = report.buildings.assign(energy_snow_kwh_a=0.95 * report.buildings["energy_kwh_a"])
    text = checked(render_pv_report(report._replace(buildings=snowed)))
    assert "no snowfall was given" not in text and "with snow loss" in text


def test_inputs_show_no_folders_and_short_sums(make_report):
    page = render_pv_report(make_report("en", 6))
    assert "roofs.gpkg" in page and "dmp.tif" in page and "0123456789ab<" in page
    assert "secret folder" not in page and "C:\\maps" not in page


def test_notices_show_no_folders(make_report):
    path = "/home/somebody/secret folder/roofs.gpkg"
    page = render_pv_report(make_report("en", 4, notices=[f"Layer in {path} has no name."]))
    assert "Layer in roofs.gpkg has no name." in page and "secret folder" not in page


def test_gaps_name_the_buildings_and_why(make_report):
    text = checked(render_pv_report(make_report("cs")))
    assert "B010, B020" in text and "V modelu povrchu chybí výšky" in text


EVIL = "<script>alert('x')</script>\" onload=\"x"


def test_foreign_text_stays_text(make_report):
    report = make_report("en", 6)
    buildings = report.buildings.assign(
        name=EVIL, use=EVIL, building_id=EVIL, quality="poor", quality_why_en=EVIL, quality_why_cs=EVIL
    )
    page = render_pv_report(
        report._replace(
            buildings=buildings, title=Text(EVIL, EVIL), notices=[EVIL], site=EVIL, version=EVIL, record=EVIL,
            tables=[{"id": EVIL, "card": {"title_en": EVIL, "source": EVIL, "note": EVIL, "confidence": EVIL}}],
            parameters=[{"name": EVIL, "label": EVIL, "value": EVIL, "unit": EVIL, "is_default": False}],
            inputs=[{"name": EVIL, "file": EVIL, "sha256": EVIL}], weather={"source": EVIL, "label": EVIL},
            waterfall=[(Text(EVIL, EVIL), 3.0), (Text(EVIL, EVIL), -1.0), (Text(EVIL, EVIL), 2.0)], use_names={},
        )
    )  # fmt: skip
    assert "<script" not in page
    assert "alert('x')" in checked(page)


def test_a_year_is_no_thousand_and_what_is_not_given_has_no_unit(make_report):
    rows = [("profile_year", 2025, ""), ("max_field_m", None, "m"), ("setback_m", 0.5, "m")]
    parameters = [dict(zip(("name", "value", "unit"), row, strict=True), label="", is_default=True) for row in rows]
    page = render_pv_report(make_report("cs", 6)._replace(parameters=parameters))
    shown = [page.split(f'>{name}</span></td><td class="n">')[1].split("<")[0] for name, *_ in rows]
    assert shown == ["2025", "–", "0,5\N{NO-BREAK SPACE}m"]


def nothing(frame):
    return frame.iloc[:0]


def unknown(frame):
    numbers = frame.select_dtypes("number").columns
    return frame.assign(**dict.fromkeys(numbers, np.nan))


@pytest.mark.parametrize(
    "change",
    [
        lambda r: {"modules": nothing(r.modules), "buildings": r.buildings.assign(n_modules=0, energy_kwh_a=0.0)},
        lambda r: {"roof_planes": nothing(r.roof_planes), "buildings": unknown(r.buildings)},
        lambda r: {"buildings": unknown(r.buildings), "roof_planes": unknown(r.roof_planes)},
        lambda r: dict.fromkeys(("buildings", "roof_planes", "modules"), nothing(r.buildings)),
        lambda r: {"buildings": geopandas.GeoDataFrame(geometry=[], crs=5514), "roof_planes": nothing(r.roof_planes)},
        lambda r: {"buildings": r.buildings[["building_id", "geometry"]]},
        lambda r: {"buildings": r.buildings.iloc[:1]},
        lambda r: {"hillshade": None},
        lambda r: {"hillshade": (np.full((9, 9), np.nan, np.float32), r.hillshade[1])},
        lambda r: {"waterfall": []},
        lambda r: {"waterfall": [(Text("a", "a"), float("nan"))] * 3},
        lambda r: {"tables": [], "parameters": [], "inputs": [], "notices": [], "record": None},
        lambda r: {"weather": {}},
        lambda r: {"weather": {"latitude": float("nan"), "distance_km": float("nan")}},
    ],
)  # fmt: skip
def test_page_stands_whatever_is_missing(make_report, change, lang):
    report = make_report(lang, 12)
    text = checked(render_pv_report(report._replace(**change(report))))
    assert not re.search(r"\b(nan|None|inf)\b", text)


def test_no_module_at_all_is_said(make_report):
    report = make_report("en", 12)
    buildings = report.buildings.assign(n_modules=0, energy_kwh_a=0.0, power_kwp=0.0)
    text = checked(render_pv_report(report._replace(modules=nothing(report.modules), buildings=buildings)))
    assert "No module fits on any of the buildings." in text


def test_steps_that_do_not_add_up_become_a_warning(make_report):
    steps = [(Text("start", "začátek"), 100.0), (Text("loss", "ztráta"), -10.0), (Text("end", "konec"), 85.0)]
    text = checked(render_pv_report(make_report("en", 4, waterfall=steps)))
    assert "do not add up to its result (difference 5.0 %)" in text


@pytest.mark.parametrize("count", [1, 2, 40])
def test_no_words_are_cut_off_or_lie_on_each_other(make_report, lang, count, monkeypatch):
    figures = []
    original = pv.picture
    monkeypatch.setattr(pv, "picture", lambda figure, alt: figures.append(figure) or original(figure, alt))
    render_pv_report(make_report(lang, count))
    assert len(figures) == (4 if count > 2 else 3)
    for figure in figures:
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        frame = figure.bbox.padded(1.0)
        boxes = [
            (text.get_text(), text.get_window_extent(canvas.get_renderer()))
            for ax in figure.axes
            for text in [*ax.texts, *_axis_texts(ax)]
            if text.get_visible() and text.get_text()
        ]
        assert boxes
        assert [name for name, box in boxes if not _inside(box, frame)] == []
        crossed = [
            (a, b) for k, (a, first) in enumerate(boxes) for b, second in boxes[k + 1 :]
            if first.padded(-1.0).overlaps(second.padded(-1.0))
        ]  # fmt: skip
        assert crossed == []


def _axis_texts(ax):
    if not ax.axison:
        return []
    axes = [axis for axis in (ax.xaxis, ax.yaxis) if axis.get_visible()]
    ticks = [tick.label1 for axis in axes for tick in axis._update_ticks()]
    return [*ticks, *(axis.label for axis in axes)]


def _inside(box, frame):
    return frame.x0 <= box.x0 and frame.y0 <= box.y0 and frame.x1 >= box.x1 and frame.y1 >= box.y1


def test_ten_thousand_buildings_stay_small_and_quick(make_report):
    small = make_report("cs", 1)
    corner = np.arange(100) * 34.0
    x, y = (each.ravel() for each in np.meshgrid(-686_000 + corner, -974_500 + corner))
    many = geopandas.GeoDataFrame(
        {"building_id": [f"B{k}" for k in range(10_000)], "part_id": "1", "n_modules": 30, "power_kwp": 13.5,
         "energy_kwh_a": np.random.default_rng(0).uniform(8e3, 14e3, 10_000), "quality": "good",
         "poa_kwh_m2_a": np.random.default_rng(1).uniform(600, 1200, 10_000)},
        geometry=geopandas.GeoSeries.from_xy(x, y).buffer(9, cap_style="square"), crs="EPSG:5514",
    )  # fmt: skip
    modules = geopandas.GeoDataFrame(
        geometry=geopandas.GeoSeries.from_xy(np.tile(x, 30), np.tile(y, 30)).buffer(0.7, cap_style="square"),
        crs="EPSG:5514",
    )
    noise = np.random.default_rng(2).normal(400, 3, (3600, 3600)).astype(np.float32)
    extent = (x.min() - 100, x.min() + 3500, y.min() - 100, y.min() + 3500)
    start = time.perf_counter()
    render_pv_report(small)
    between = time.perf_counter()
    page = render_pv_report(
        small._replace(buildings=many, roof_planes=many, modules=modules, hillshade=(noise, extent))
    )
    assert time.perf_counter() - between < 50 * (between - start)
    assert len(page.encode()) < 6_000_000
