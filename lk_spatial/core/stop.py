"""Ctrl-C and SIGTERM end a run gently, and hard where that takes too long.

An exception out of a signal can land anywhere: in a finaliser that swallows it, or inside a lock of foreign code that
then stays locked for ever. So a thread that waits from the start has the last word.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lk_spatial.core.files import abandon

GRACE_S = 3.0
CANCELLED = 130  # exit status


class Stopped(BaseException):
    """The user or the system ends this process."""


_going_on = threading.Lock()  # locked until a signal comes; no Event, since a handler may interrupt anything
_signals: list[int] = []
_held = threading.local()  # back: this thread is starting a child and ends it only then


def heed_signals(farewell: Callable[[], Any]) -> None:
    """Raise Stopped in the main thread at the first SIGINT or SIGTERM; whatever runs on GRACE_S later is ended hard.

    ``farewell`` is called before a hard end. For the main thread of a process of its own.
    """
    _going_on.acquire()
    sys.unraisablehook = _unraisable
    threading.Thread(target=_end_hard, args=(farewell,), name="stop", daemon=True).start()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _on_signal)


def is_stopped() -> bool:
    """Whether a signal has come."""
    return bool(_signals)


def end_now() -> None:
    """End this process as cancelled, with all that was said, but without the interpreter's shutdown."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(CANCELLED)


def _on_signal(number: int, _: Any) -> None:
    _signals.append(number)
    if len(_signals) == 1:  # a second one would break the clearing up
        _going_on.release()
        if not getattr(_held, "back", False):  # Python calls this in the main thread alone
            raise Stopped


def _end_hard(farewell: Callable[[], Any]) -> None:
    _going_on.acquire()
    time.sleep(GRACE_S)
    try:
        abandon()
        farewell()
    finally:
        os._exit(CANCELLED)


def _unraisable(problem: Any) -> None:
    """Say nothing of a Stopped that a finaliser swallowed."""
    if not isinstance(problem.exc_value, Stopped):
        sys.__unraisablehook__(problem)


@contextmanager
def signals_blocked() -> Iterator[None]:
    """Children that start within this block never see Ctrl-C (POSIX): their parent ends them.

    Stopped is raised behind the block, not in it: a child that is half started would complain of its lost parent.
    """
    heard, _held.back = len(_signals), True
    masked = hasattr(signal, "pthread_sigmask")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masked else set()
    try:
        yield
    finally:
        if masked:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        _held.back = False
    if len(_signals) > heard:
        raise Stopped
