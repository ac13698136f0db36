"""Buildings by tiles: each once, with all that it sees."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lk_spatial.core.errors import DataError
from lk_spatial.roofs.tiling import MARGIN_M, building_tiles, tile_side

places = st.tuples(st.floats(-740_000, -650_000), st.floats(-1_008_000, -946_000), st.floats(1, 300), st.floats(1, 300))


def boxes(rows: list[tuple[float, float, float, float]]) -> pd.DataFrame:
    x, y, width, height = np.array(rows).T
    return pd.DataFrame({"minx": x, "miny": y, "maxx": x + width, "maxy": y + height})


@settings(max_examples=60, deadline=None)
@given(st.lists(places, min_size=1, max_size=30), st.sampled_from([500.0, 4000.0]), st.sampled_from([0.0, 1000.0]))
def test_each_building_once_and_its_neighbours_with_it(rows: list, side: float, reach: float) -> None:
    bounds = boxes(rows)
    tiles = building_tiles(bounds, side, reach)
    assert sorted(np.concatenate([each.own for each in tiles])) == list(range(len(rows)))
    assert len({each.name for each in tiles}) == len(tiles)
    west, south, east, north = bounds.to_numpy().T
    for tile in tiles:
        assert np.isin(tile.own, tile.near).all() and (np.diff(tile.near) > 0).all()
        assert np.abs((west + east)[tile.own] / 2 - tile.middle[0]).max() <= side / 2 + 1e-6
        assert np.abs((south + north)[tile.own] / 2 - tile.middle[1]).max() <= side / 2 + 1e-6
        for own in tile.own:
            seen = (west <= east[own] + reach) & (east >= west[own] - reach)
            seen &= (south <= north[own] + reach) & (north >= south[own] - reach)
            assert np.isin(np.flatnonzero(seen), tile.near).all()
            assert tile.bounds[0] <= min(west[seen].min(), west[own] - reach) - MARGIN_M + 1e-6
            assert tile.bounds[3] >= max(north[seen].max(), north[own] + reach) + MARGIN_M - 1e-6


def test_a_lone_building_sees_as_far_as_any() -> None:
    (tile,) = building_tiles(boxes([(-690_000, -970_000, 10, 10)]), 4000.0, 1000.0)
    assert tile.bounds == (-691_020, -971_020, -688_970, -968_970)


@pytest.mark.parametrize(("cell", "side"), [(1.0, 4000.0), (0.5, 2000.0), (0.2, 500.0), (2.0, 4000.0)])
def test_fine_cells_get_small_tiles(cell: float, side: float) -> None:
    assert tile_side(cell, 1000.0) == side


def test_a_broken_outline_is_named() -> None:
    with pytest.raises(DataError) as refused:
        building_tiles(boxes([(-690_000, -970_000, 10, 10), (-690_000, -970_000, 60_000, 10)]), 4000.0, 0.0)
    assert refused.value.code == "building_too_large" and refused.value.values["ids"] == ["1"]
