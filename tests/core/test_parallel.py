"""Ordered results on every executor, tiles that cover a raster once."""

from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np
import pytest

from lk_spatial.core import parallel
from lk_spatial.core.errors import InputError
from lk_spatial.core.notices import collect_notices, notice
from lk_spatial.core.parallel import map_items, open_executor


def double(number: int) -> int:
    return 2 * number


def fail_at_three(number: int) -> int:
    if number == 3:
        raise InputError("tool_unknown", tool=str(number))
    return number


def warn(number: int) -> int:
    notice("record_input_changed", path=str(number))
    return number


def test_same_results_with_one_worker_threads_and_processes() -> None:
    items = list(range(40))
    with ThreadPoolExecutor(2) as threads, open_executor(2) as processes, open_executor(1) as one:
        for executor in (one, threads, processes):
            assert list(map_items(double, items, executor, ahead=3)) == [double(item) for item in items]


def test_an_items_error_reaches_the_caller_from_a_process() -> None:
    with pytest.raises(InputError, match="3"), open_executor(2) as executor:
        list(map_items(fail_at_three, range(10), executor))


def test_notices_reach_the_run_from_threads() -> None:
    with collect_notices() as notices, ThreadPoolExecutor(2) as threads:
        list(map_items(warn, range(3), threads))
    assert sorted(each.values["path"] for each in notices) == ["0", "1", "2"]


def test_dask_cluster_gives_the_same() -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        open_executor(scheduler=cluster.scheduler_address) as executor,
    ):
        assert isinstance(executor, Executor)
        assert list(map_items(double, [1, 1, 2], executor)) == [2, 2, 4]
        heights = np.zeros(4_000_000, np.float32)  # around a tile: of no size to warn of, and warnings are errors here
        assert list(map_items(np.size, [heights], executor)) == [heights.size]


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", ":::", "foo://x"])
def test_cluster_that_is_not_there_is_told_soon(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(parallel, "CONNECT_SECONDS", 1)
    with pytest.raises(InputError) as error, open_executor(scheduler=address):
        pass
    assert error.value.code == "scheduler_unreachable" and address in error.value.sentence("cs")
