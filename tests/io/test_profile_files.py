"""Profiles as Parquet: what is written is read, whole or not at all, and other files are refused with a sentence."""

import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lk_spatial import __version__
from lk_spatial.core.errors import LkError
from lk_spatial.core.fields import unregistered
from lk_spatial.io.profiles import COLUMNS, KEY, SCHEMA, open_profiles, read_profiles

HOURS = pd.date_range("2025-01-01", "2025-12-31 23:00", freq="h", tz="UTC")


def frame(*ids: str, scale: float = 0.5, categorical: bool = True) -> pd.DataFrame:
    """A plane for each building."""
    parts = [
        pd.DataFrame(
            {
                "building_id": each,
                "part_id": "1",
                "plane_id": str(number),
                "start_utc": HOURS,
                "kwh_per_kwp": np.abs(np.sin(np.arange(8760) + number)) * scale,
            }
        )
        for number, each in enumerate(ids)
    ]
    whole = pd.concat(parts, ignore_index=True).astype({"kwh_per_kwp": np.float32})
    return whole.astype(dict.fromkeys(KEY, "category")) if categorical else whole


def put(path: Path, *frames: pd.DataFrame) -> Path:
    with open_profiles(path) as file:
        for each in frames:
            file.append(each)
        file.describe({"weather_source": "žádné"})
    return path


@pytest.mark.parametrize("categorical", [True, False])
def test_what_is_written_is_read(tmp_path: Path, categorical: bool) -> None:
    parts = frame("a", "b č", categorical=categorical), frame("c", categorical=categorical)
    path = put(tmp_path / "p.parquet", *parts)
    found = read_profiles(path)
    assert list(found.columns) == COLUMNS and unregistered(COLUMNS) == []
    whole = pd.concat([each.astype(dict.fromkeys(KEY, str)) for each in parts], ignore_index=True)
    for name in KEY:
        assert found[name].astype(str).tolist() == whole[name].tolist()
    assert found["kwh_per_kwp"].dtype == np.float32 and found["kwh_per_kwp"].equals(whole["kwh_per_kwp"])
    assert (found["start_utc"] == whole["start_utc"]).all() and str(found["start_utc"].dt.tz) == "UTC"
    assert found.attrs["version"] == __version__ and found.attrs["weather_source"] == "žádné"
    assert "kWh" in found.attrs["units_cs"] and "UTC" in found.attrs["units_en"]
    meta = pq.read_metadata(path)
    assert meta.num_row_groups == 2 and meta.metadata[b"lk_spatial.version"] == __version__.encode()
    assert pq.read_schema(path).remove_metadata().equals(SCHEMA)


def test_times_cost_next_to_nothing(tmp_path: Path) -> None:
    meta = pq.read_metadata(put(tmp_path / "p.parquet", frame(*"abcdefgh"))).row_group(0)
    size = {meta.column(n).path_in_schema: meta.column(n).total_compressed_size for n in range(5)}
    assert sum(size[name] for name in ("building_id", "part_id", "plane_id", "start_utc")) < 0.01 * meta.total_byte_size


def test_some_buildings_alone(tmp_path: Path) -> None:
    path = put(tmp_path / "p.parquet", frame("a", "b"), frame("c"))
    assert set(read_profiles(path, buildings=["b", "c"])["building_id"]) == {"b", "c"}
    assert len(read_profiles(path, buildings=["none"])) == 0


def test_files_of_tiles_are_put_together(tmp_path: Path) -> None:
    tiles = [put(tmp_path / f"{name}.parquet", frame(name), frame(f"{name}2")) for name in "ab"]
    with open_profiles(tmp_path / "all.parquet") as file:
        for each in tiles:
            file.append_file(each)
    found = read_profiles(tmp_path / "all.parquet")
    assert found["building_id"].astype(str).unique().tolist() == ["a", "a2", "b", "b2"]
    whole = pd.concat([read_profiles(each) for each in tiles], ignore_index=True)
    assert found["kwh_per_kwp"].equals(whole["kwh_per_kwp"])


def test_no_planes_give_an_empty_file(tmp_path: Path) -> None:
    found = read_profiles(put(tmp_path / "p.parquet"))
    assert len(found) == 0 and list(found.columns) == COLUMNS


def test_an_error_leaves_the_old_file(tmp_path: Path) -> None:
    path = put(tmp_path / "p.parquet", frame("a"))
    before = path.read_bytes()
    with pytest.raises(RuntimeError), open_profiles(path) as file:
        file.append(frame("b"))
        raise RuntimeError
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    part = frame(*"abcd")

    def peak(times: int) -> tuple[int, int]:
        before = pa.total_allocated_bytes()
        tracemalloc.start()
        most = 0
        with open_profiles(tmp_path / "p.parquet") as file:
            for _ in range(times):
                file.append(part)
                most = max(most, pa.total_allocated_bytes() - before)
        own = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most, own

    few, many = peak(3), peak(60)
    assert many[0] < 2 * few[0] + 1_000_000 and many[1] < 1.5 * few[1]


def other(path: Path, table: pd.DataFrame) -> Path:
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), path)
    return path


def plain(**changes: object) -> pd.DataFrame:
    return frame("a", "b", categorical=False).assign(**changes)


FAULTS = {
    "no such file": (None, "file_missing"),
    "no Parquet": (b"PAR1 but not so", "profiles_unreadable"),
    "a text": ("building_id,part_id", "profiles_unreadable"),
    "a column short": (plain().drop(columns="part_id"), "profiles_columns"),
    "numbers as ids": (plain(building_id=7), "profiles_columns"),
    "times without zone": (plain(start_utc=[*HOURS.tz_localize(None)] * 2), "profiles_columns"),
    "local times": (plain(start_utc=[*HOURS.tz_convert("Europe/Prague")] * 2), "profiles_columns"),
    "energy as text": (plain(kwh_per_kwp="1,5"), "profiles_columns"),
    "an hour short": (plain().iloc[:-1], "profiles_hours"),
    "an hour twice": (pd.concat([plain(), plain().iloc[[5]]]), "profiles_hours"),
    "a plane twice": (plain(building_id="a", plane_id="0"), "profiles_hours"),
    "half hours": (plain(start_utc=[*(HOURS + pd.Timedelta("30min"))] * 2), "profiles_hours"),
    "negative": (plain(kwh_per_kwp=-0.1), "profiles_values"),
    "kilowatt-hours of the plane": (plain(kwh_per_kwp=250.0), "profiles_values"),
}


@pytest.mark.parametrize(("content", "code"), FAULTS.values(), ids=FAULTS)
def test_other_files_are_refused(tmp_path: Path, content: object, code: str) -> None:
    path = tmp_path / "p.parquet"
    if isinstance(content, pd.DataFrame):
        other(path, content)
    elif content is not None:
        path.write_bytes(content if isinstance(content, bytes) else str(content).encode())
    with pytest.raises(LkError) as caught:
        read_profiles(path)
    assert caught.value.code == code
    assert all(str(path) in caught.value.sentence(lang) for lang in ("cs", "en"))


def test_a_plain_table_of_others_is_read_and_unknown_hours_stay_unknown(tmp_path: Path) -> None:
    table = plain()
    table.loc[3, "kwh_per_kwp"] = np.nan
    found = read_profiles(other(tmp_path / "p.parquet", table))
    assert found["kwh_per_kwp"].isna().sum() == 1 and found.attrs == {}
