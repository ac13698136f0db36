"""Parallel work in one place: ordered results over any standard Executor."""

import contextvars
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from lk_spatial.core.errors import DependencyError, InputError
from lk_spatial.core.stop import signals_blocked

CONNECT_SECONDS = 10  # to a cluster, for it either stands or does not

LEAKED = "ignore:resource:UserWarning"  # "resource_tracker: There appear to be … leaked"
_threads = 0  # of this process; 0: not settled

T = TypeVar("T")
R = TypeVar("R")


def map_items(
    func: Callable[[T], R], items: Iterable[T], executor: Executor | None = None, *, ahead: int = 16
) -> Iterator[R]:
    """Results of ``func`` for each item, in the order of the items; at most ``ahead`` wait at a time.

    ``executor``: threads, processes, ``distributed.Client(...).get_executor(pure=False)``, or None for this thread.
    The first error of an item is raised and the waiting items are given up.
    """
    if executor is None:
        yield from map(func, items)
        return
    waiting: deque[Future[R]] = deque()
    try:
        for item in items:
            waiting.append(_submit(executor, func, item))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        if not isinstance(executor, ProcessPoolExecutor):  # a pool that is killed trips over cancelled futures
            for future in waiting:
                future.cancel()


def _submit(executor: Executor, func: Callable[[T], R], item: T) -> Future[R]:
    """Submit an item; threads see the caller's context, so that notices reach the running tool."""
    if isinstance(executor, ThreadPoolExecutor):
        return executor.submit(contextvars.copy_context().run, func, item)
    with signals_blocked():
        return executor.submit(func, item)


@contextmanager
def open_executor(workers: int = 1, scheduler: str | None = None) -> Iterator[Executor | None]:
    """The executor for ``--workers`` and ``--scheduler``: None for one worker, a process pool, or a Dask cluster."""
    if scheduler:
        with _dask(scheduler) as executor:
            yield executor
    elif workers <= 1:
        yield None
    else:
        sys.warnoptions.append(LEAKED)  # the helper that tidies up after a killed pool need not tell the user
        context = multiprocessing.get_context("spawn")
        share = max(1, default_workers() // workers)
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(share,))
        try:
            yield pool
        except BaseException:
            _stop(pool)
            raise
        pool.shutdown()


def _begin(threads: int) -> None:
    """Let a worker die with its parent, which a pool alone does not do, leave Ctrl-C to the parent, share the cores."""
    global _threads
    _threads = threads
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(3)

    threading.Thread(target=wait, daemon=True).start()


def _stop(pool: ProcessPoolExecutor) -> None:
    """End a pool at once, running items included."""
    processes = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()


@contextmanager
def _dask(scheduler: str) -> Iterator[Executor]:
    try:
        from dask import config
        from distributed import Client
    except ImportError as error:
        raise DependencyError("package_missing", package="distributed", extra="cluster") from error
    tile = {"distributed.admin.large-graph-warning-threshold": "200 MB"}  # heights around it: little for its work
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS)
    except (OSError, ValueError, ImportError, TypeError) as error:
        raise InputError("scheduler_unreachable", address=scheduler, reason=str(error).rstrip(".")) from error
    with client, config.set(tile):
        yield client.get_executor(pure=False)


def default_workers() -> int:
    """Threads that this process should run at once: all processors of the machine, or a worker's share of them."""
    if _threads:
        return _threads
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
