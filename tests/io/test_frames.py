"""Layers in pieces: however a layer is cut, the same rows of the same kinds are written."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from lk_spatial.core.fields import FIELDS
from lk_spatial.io import frames
from lk_spatial.io.frames import pieces, survey

PLACE = shapely.box(-688_000, -974_010, -687_990, -974_000)
HIGH = shapely.force_3d(PLACE, 5.0)
NOTHING: list[Any] = [None, None]


def cut(frame: pd.DataFrame, places: list[int]) -> list[pd.DataFrame]:
    """A frame in parts that end at ``places``."""
    ends = [0, *sorted(places), len(frame)]
    return [frame.iloc[start:end] for start, end in pairwise(ends)]


def kind(*values: object, name: str = "own") -> str:
    """The kind of a column that holds ``values``, one for each frame."""
    return survey([pd.DataFrame({name: each}) for each in values]).columns[name]


def written(layer: object, name: str = "own") -> list[object]:
    found: list[object] = []
    for piece in pieces(layer, survey(layer)):
        column = piece.columns[name]
        found += [None if gone else value for value, gone in zip(column, column.isna(), strict=True)]
    return found


# --- kinds of columns --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([NOTHING, [1, 2]], "integer"),
        ([NOTHING, ["a", None]], "text"),
        ([NOTHING, [1.5, np.nan]], "number"),
        ([[np.nan, np.nan], [1, 2]], "integer"),
        ([[np.nan, np.nan], ["a", "b"]], "text"),
        ([[1, 2], [1.5, np.nan]], "number"),
        ([[True, False], [True, None]], "boolean"),
        ([[True, False], [1.5, 2.5]], "number"),
        ([pd.array([1, None], "Int64"), NOTHING], "integer"),
        ([[1, 2], ["a", "b"]], "text"),
        ([[date(2026, 1, 2), None], NOTHING], "text"),
        ([NOTHING, pd.to_datetime(["2026-01-02", None])], "moment"),
        ([NOTHING, pd.to_datetime(["2026-01-02", None], utc=True)], "moment_utc"),
        ([[], ["a"]], "text"),
        ([pd.Series([], dtype=object), pd.Series([], dtype=object)], "text"),
        ([NOTHING, NOTHING], "text"),
        ([[np.nan, np.nan], NOTHING], "number"),
        ([pd.Categorical([1, 2]), pd.Categorical([3, None])], "integer"),
    ],
)
def test_kind_of_an_unregistered_column_comes_from_its_values(values: list, expected: str) -> None:
    assert kind(*values) == expected
    assert kind(*reversed(values)) == expected


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("n_modules", [1.0, np.nan], "integer"),
        ("power_kwp", [1, 2], "number"),
        ("snow_guards", [None, None], "boolean"),
        ("building_id", [17, 18], "text"),
    ],
)
def test_kind_of_a_registered_column_comes_from_fields_csv(name: str, values: list, expected: str) -> None:
    assert FIELDS[name].type == expected
    assert kind(values, NOTHING, name=name) == expected


def test_values_become_their_kind() -> None:
    assert written([pd.DataFrame({"own": each}) for each in (NOTHING, [True, None], [False, True])]) == [
        *(None, None, True, None, False, True)
    ]
    assert written([pd.DataFrame({"n_modules": [1.0, np.nan]}), pd.DataFrame({"n_modules": [3, 4]})], "n_modules") == [
        *(1, None, 3, 4)
    ]
    assert written(pd.DataFrame({"own": ["a\0b", pd.NA, date(2026, 1, 2), None]})) == ["ab", None, "2026-01-02", None]
    assert written(pd.DataFrame({"own": pd.array(["a\0b", None], "str")})) == ["ab", None]
    assert written(pd.DataFrame({"own": pd.Categorical(["b", None, "a"])})) == ["b", None, "a"]
    assert written(pd.DataFrame({"own": pd.Categorical([3, None])})) == [3, None]
    assert written(pd.DataFrame({"own": pd.array([1, None], "Int64")}).astype({"own": object}), "own") == [1, None]
    local = pd.to_datetime(["2026-07-01T12:00", None]).tz_localize("Europe/Prague")
    assert written(pd.DataFrame({"own": local})) == [pd.Timestamp("2026-07-01T10:00", tz="UTC"), None]


@pytest.mark.parametrize(("name", "value"), [("n_modules", 1.5), ("power_kwp", "x"), ("snow_guards", "x")])
def test_value_of_another_kind_is_refused_with_the_columns_name(name: str, value: object) -> None:
    with pytest.raises((TypeError, ValueError)) as error:
        written(pd.DataFrame({name: [value]}), name)
    assert name in error.value.__notes__[0]


# --- frames that fit together ------------------------------------------------------------------------------------


def test_order_of_columns_is_that_of_the_first_frame() -> None:
    layer = [pd.DataFrame({"a": [1], "b": ["x"]}), pd.DataFrame({"b": ["y"], "a": [2]})]
    schema = survey(layer)
    assert list(schema.columns) == ["a", "b"] and written(layer, "b") == ["x", "y"]


@pytest.mark.parametrize(
    "later",
    [
        pd.DataFrame({"a": [1]}),
        gpd.GeoDataFrame({"b": [1]}, geometry=[PLACE], crs=5514),
        gpd.GeoDataFrame({"a": [1], "b": [1]}, geometry=[PLACE], crs=5514),
        gpd.GeoDataFrame({"a": [1]}, geometry=[PLACE], crs=4326),
    ],
    ids=["no geometry", "another column", "one more", "another CRS"],
)
def test_frames_that_do_not_fit_are_refused(later: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="frame"):
        survey([gpd.GeoDataFrame({"a": [1]}, geometry=[PLACE], crs=5514), later])


def test_layer_without_frames_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        survey([])


# --- geometry over all frames ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ([[PLACE], [shapely.MultiPolygon([PLACE])]], "MultiPolygon"),
        ([[PLACE], [HIGH]], "MultiPolygon Z"),
        ([[None], [shapely.Polygon()], [HIGH]], "MultiPolygon Z"),
        ([[shapely.Point(0, 0)], [shapely.Point(1, 1)]], "Point"),
        ([[shapely.Point(0, 0)], [shapely.MultiPoint([[1, 1]])]], "MultiPoint"),
        ([[shapely.Point(0, 0)], [PLACE]], "Geometry"),
        ([[], []], "MultiPolygon"),
    ],
)
def test_geometry_is_decided_over_all_frames(shapes: list[list], expected: str) -> None:
    layer = [gpd.GeoDataFrame(geometry=gpd.GeoSeries(each, crs=5514)) for each in shapes]
    schema = survey(layer)
    assert schema.geometry == expected and schema.crs.to_epsg() == 5514
    made = [shape for piece in pieces(layer, schema) for shape in piece.geometry if shape is not None]
    if expected not in ("Geometry", "Point"):
        assert {f"{shape.geom_type}{' Z' * shape.has_z}" for shape in made} <= {expected}
    given_area = sum(shape.area for each in shapes for shape in each if shape is not None)
    assert sum(shape.area for shape in made) == given_area


# --- one frame or many -------------------------------------------------------------------------------------------

VALUES = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(-9, 9)),
        st.one_of(st.none(), st.text(max_size=3)),
        st.one_of(st.none(), st.booleans()),
        st.one_of(st.none(), st.floats(-1e6, 1e6)),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=80, deadline=None)
@given(VALUES, st.lists(st.integers(0, 12), max_size=4))
def test_cut_layer_equals_whole_layer(rows: list[tuple], places: list[int]) -> None:
    """Parts with types of their own, as pandas infers them: floats for integers with nulls, objects for nulls."""
    names = ["n_modules", "name", "snow_guards", "power_kwp", "own_text", "own_flag"]
    rows = [(*row, row[1], row[2]) for row in rows]
    ends = [0, *sorted(min(place, len(rows)) for place in places), len(rows)]
    parts = [pd.DataFrame(rows[a:b], columns=names) for a, b in pairwise(ends)]
    for place, name in enumerate(names):
        expected = [row[place] for row in rows]
        if isinstance(next((value for value in expected if value is not None), None), str):
            expected = [None if value is None else value.replace("\0", "") for value in expected]
        assert written(parts, name) == expected


def test_long_frames_are_cut_and_no_more_than_one_is_asked_for_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "PIECE", 3)
    made: list[int] = []

    class Lazy:
        def __len__(self) -> int:
            return 4

        def __iter__(self) -> Iterator[pd.DataFrame]:
            for number in range(4):
                made.append(number)
                yield pd.DataFrame({"own": range(7 * number, 7 * number + 7)}, index=[5] * 7)

    told: list[float] = []
    schema = survey(Lazy(), lambda done, text="": told.append(done))
    assert told == [0.25, 0.5, 0.75, 1.0] and made == [0, 1, 2, 3]
    made.clear()
    sizes = []
    for number, piece in enumerate(pieces(Lazy(), schema)):
        assert made == list(range(number // 3 + 1))
        assert list(piece.columns["own"].index) == list(range(piece.rows))
        sizes.append(piece.rows)
    assert sizes == [3, 3, 1] * 4 and written(Lazy()) == list(range(28))


def test_sample_layer_in_halves_is_the_sample_layer(sample_data: Path) -> None:
    whole = gpd.read_file(sample_data / "buildings.gpkg")
    halves = cut(whole, [len(whole) // 2])
    assert survey(halves) == survey(whole)
    together = [shape for piece in pieces(halves, survey(halves)) for shape in piece.geometry]
    assert shapely.equals(together, whole.geometry.array).all()
