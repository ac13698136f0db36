import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lk_spatial.core.text import Text
from lk_spatial.report import plots


def new_ax():
    figure = Figure(figsize=(4, 3))
    FigureCanvasAgg(figure)
    return figure.add_axes((0.35, 0.1, 0.6, 0.85))


def steps(*values):
    return [(Text(f"step {k}", f"krok {k}"), value) for k, value in enumerate(values)]


def test_waterfall_bars_lie_between_the_levels_before_and_after():
    ax = new_ax()
    plots.loss_waterfall(ax, steps(1000, -100, 50, -30, 920), lang="en")
    spans = [sorted((bar.get_x(), bar.get_x() + bar.get_width())) for bar in ax.patches[2:]]
    assert np.allclose(spans, [(900, 1000), (900, 950), (920, 950)])


def test_waterfall_writes_value_and_percent_of_the_start():
    ax = new_ax()
    plots.loss_waterfall(ax, steps(1000.0, -46.3, 953.7), lang="cs")
    texts = [text.get_text() for text in ax.texts]
    assert "1\u202f000" in texts and "\u221246,3" in texts and "\u22124,6 %" in texts and "95,4 %" in texts


@pytest.mark.parametrize(("values", "cut"), [((1000, -50, 950), True), ((1000, -700, 300), False), ((0, 0), False)])
def test_axis_is_cut_only_where_nothing_happens_and_says_so(values, cut):
    ax = new_ax()
    plots.loss_waterfall(ax, steps(*values), lang="en")
    assert (ax.get_xlim()[0] > 0) == cut
    assert sum(line.get_color() == "white" for line in ax.lines) == (2 if cut else 0)


@pytest.mark.parametrize(
    ("values", "unit", "label"),
    [([10.0] * 12, "MWh", "10.0"), ([1500.0] * 12, "GWh", "1.50"), ([0.04] * 12, "MWh", "0.04")],
)
def test_months_choose_the_unit_that_fits(values, unit, label):
    ax = new_ax()
    plots.monthly_energy(ax, values, lang="en")
    assert ax.get_ylabel() == unit
    assert [text.get_text() for text in ax.texts] == [label] * 12


def test_unknown_months_have_no_number():
    ax = new_ax()
    plots.monthly_energy(ax, [np.nan] * 11 + [1.0], lang="cs")
    assert [text.get_text() for text in ax.texts] == ["1,00"]


def test_half_of_the_energy_comes_from_the_first_buildings():
    share = plots.cumulated_share([10, np.nan, 50, 0, 40])
    assert share == pytest.approx([50, 90, 100])
    assert [plots.buildings_for(share, target) for target in (50, 80, 100)] == [1, 2, 3]
    assert plots.buildings_for(plots.cumulated_share([]), 50) == 0


def test_ranked_buildings_without_any_energy_are_no_error():
    ax = new_ax()
    plots.ranked_buildings(ax, [np.nan], lang="en")
    assert ax.get_xlim() == (0, 1)
