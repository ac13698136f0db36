"""Coefficients by source, unsuitable roofs, losses and snow with the sensitivities of the facts."""

import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lk_spatial as lk
from lk_spatial.core.errors import InputError
from lk_spatial.core.tables import CONFIDENCE, load_table, table_rows
from lk_spatial.water import tank_tables
from lk_spatial.water.runoff import SOURCES, effective_area, includes_loss, runoff_coefficients, runoff_mm
from tests.water.liberec import AREA, read_days, school_days

TABLES = sorted(each for each in vars(tank_tables).values() if isinstance(each, str) and each.startswith("water/"))


@pytest.mark.parametrize(
    "covering,kind,expected",
    [
        ("clay_tile", "pitched", (0.75, 0.90, 0.80)),
        ("shingle", "pitched", (0.60, 0.80, np.nan)),
        ("metal_sheet", "pitched", (0.80, 0.90, 0.90)),
        ("bitumen", "flat", (0.70, 0.80, 0.80)),
        ("bitumen_gravel", "flat", (0.60, 0.70, 0.60)),
        ("green_roof", "flat", (0.20, 0.50, 0.35)),
        ("green_roof", "pitched", (0.25, 0.50, 0.35)),
        ("terrace", "flat", (np.nan, 0.80, np.nan)),
        ("clay_tile", "flat", (np.nan, np.nan, np.nan)),
        ("other", "flat", (np.nan, np.nan, np.nan)),
        (None, "flat", (np.nan, np.nan, np.nan)),
        ("clay_tile", None, (np.nan, np.nan, np.nan)),
    ],
)
def test_three_sources(covering: str | None, kind: str | None, expected: tuple[float, ...]) -> None:
    """facts-1.1: asio, din_1989, mepbau."""
    found = [runoff_coefficients(covering, kind, source=source).annual[0] for source in SOURCES]
    np.testing.assert_array_equal(found, expected)


def test_three_coefficients_are_three() -> None:
    """Yield, design rain (ČSN 75 6760) and fee (class A); those of green roofs hang on the depth."""
    found = runoff_coefficients(["clay_tile", "green_roof"], ["pitched", "flat"], source="asio")
    np.testing.assert_array_equal(np.stack(found[:3]), [[0.75, 0.2], [0.9, np.nan], [0.9, np.nan]])


def test_unsuitable_and_flagged_roofs() -> None:
    coverings = ["asbestos_cement", "copper_sheet", "fibre_cement", "bitumen", "clay_tile"]
    found = runoff_coefficients(coverings, "pitched", source="asio", override=[0.9, 0.5, np.nan, np.nan, np.nan])
    assert found.flag.tolist() == ["asbestos", "copper", "asbestos_possible", "herbicide_possible", ""]
    assert found.suitable.tolist() == [False, True, True, True, True]
    np.testing.assert_array_equal(found.annual, [0.0, 0.5, 0.75, 0.6, 0.75])
    assert found.peak[0] == 0.9, "rain runs off, it is only not collected"
    flat = runoff_coefficients("asbestos_cement", None, source="mepbau")
    assert flat.annual[0] == 0.0 and not flat.suitable[0]


def test_every_covering_is_assigned() -> None:
    codes = [row["code"] for row in table_rows("codes/covering")]
    named = [row["covering"] for row in table_rows(tank_tables.COVERINGS)]
    assert sorted(named) == sorted(codes)
    surfaces = {row["surface"] for row in table_rows(tank_tables.RUNOFF)}
    assert {row[kind] for row in table_rows(tank_tables.COVERINGS) for kind in ("flat", "pitched")} <= surfaces | {""}


@pytest.mark.parametrize("wrong", [{"source": "best"}, {"source": "asio", "override": 80.0}])
def test_nonsense_coefficients(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        runoff_coefficients("clay_tile", "pitched", **wrong)  # type: ignore[arg-type]


def test_effective_area() -> None:
    """facts-2: 1200 m2, 0.8, 0.9."""
    assert effective_area(1200.0, 0.8) == pytest.approx(AREA)
    assert effective_area(1200.0, 0.8, filter_efficiency=1.0, share=0.5) == pytest.approx(480.0)
    assert np.isnan(effective_area(1200.0, np.nan))


@pytest.mark.parametrize(
    "how,efficiency",
    [
        ({}, 0.4865),
        ({"initial_loss_mm": 0.5}, 0.438),
        ({"initial_loss_mm": 1.0}, 0.398),
        ({"initial_loss_mm": 2.0}, 0.331),
        ({"snow": True}, 0.471),
    ],
    ids=["facts-2-base", "facts-2-loss-0.5", "facts-2-loss-1", "facts-2-loss-2", "facts-2-snow-4-mm"],
)
def test_sensitivities_of_the_facts(shared_data: Path, how: dict[str, float], efficiency: float) -> None:
    """Liberec 1988–2017, school of 4.8 m3 a day, 20 m3, YAS."""
    days = read_days(shared_data, "1988", "2017")
    options = {"temp_c": days["t_mean_c"]} if how == {"snow": True} else how
    water = runoff_mm(days["sra_mm"], **options)
    found = lk.tank_balance(1e-3 * AREA * water, 4.8 * school_days(days.index), 20.0).efficiency
    assert found == pytest.approx(efficiency, abs=0.0006)  # the facts cut some digits off


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 60), st.floats(-20, 25)), min_size=1, max_size=60))
def test_snow_keeps_the_water(days: list[tuple[float, float]]) -> None:
    """No more runs off than has fallen; after a warm year all has."""
    rain, temp = np.array([*days, *[(0.0, 30.0)] * 60]).T
    out = runoff_mm(rain, temp_c=temp)
    assert (out >= 0).all() and (out.cumsum() <= rain.cumsum() + 1e-9).all()
    assert out.sum() == pytest.approx(rain.sum(), abs=1e-9)


def test_hours_lose_as_much_as_their_day() -> None:
    hours = np.random.default_rng(0).exponential(0.2, (30, 24))
    found = runoff_mm(hours.ravel(), initial_loss_mm=2.0, steps_a_day=24).reshape(30, 24)
    np.testing.assert_allclose(found.sum(axis=1), runoff_mm(hours.sum(axis=1), initial_loss_mm=2.0), atol=1e-12)
    assert (found >= 0).all() and (found <= hours + 1e-12).all()


def test_melt_by_hours() -> None:
    """4 mm a degree and day: 24 hours of 1° melt 4 mm."""
    rain, temp = np.zeros(48), np.repeat([-5.0, 1.0], 24)
    rain[0] = 10.0
    assert runoff_mm(rain, temp_c=temp, steps_a_day=24).sum() == pytest.approx(4.0)


def test_unknown_rain_stays_unknown() -> None:
    np.testing.assert_array_equal(runoff_mm([1.0, np.nan, 2.0], initial_loss_mm=0.5), [0.5, np.nan, 1.5])
    np.testing.assert_array_equal(runoff_mm([1.0, 1.0, 2.0], temp_c=[5.0, np.nan, 5.0]), [1.0, np.nan, 2.0])


def test_loss_that_counts_twice_is_told(caplog: pytest.LogCaptureFixture) -> None:
    assert all(includes_loss(source) for source in SOURCES)
    with caplog.at_level(logging.WARNING):
        runoff_mm([3.0], initial_loss_mm=0.0, twice=True)
        runoff_mm([3.0], initial_loss_mm=1.0)
        assert not caplog.records
        runoff_mm([3.0], initial_loss_mm=1.0, twice=includes_loss("asio"))
    assert "1 mm" in caplog.text


@pytest.mark.parametrize(
    "wrong", [{"rain_mm": [-999.0]}, {"temp_c": [1.0, 2.0]}, {"temp_c": [280.0]}, {"steps_a_day": 24}]
)
def test_nonsense_series(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        runoff_mm(**({"rain_mm": [1.0]} | wrong))  # type: ignore[arg-type]


@pytest.mark.parametrize("table", TABLES)
def test_cards_and_rows(table: str) -> None:
    rows, card = load_table(table)[1:]
    assert set(rows["confidence"]) <= set(CONFIDENCE) and card["confidence"] in CONFIDENCE
    for key in ("title_en", "source", "note"):
        assert bool(card[key]) == bool(card[f"{key.removesuffix('_en')}_cs"])
    for name in rows.columns:
        if f"{name}_cs" in rows.columns:
            assert (rows[name].isna() == rows[f"{name}_cs"].isna()).all()
