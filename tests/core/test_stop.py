"""Signals end a process with one line, whatever they hit."""

import os
import signal
import subprocess
import sys
import time

import pytest

HEAD = """
import os, signal, sys, threading, time
from lk_spatial.core import stop
stop.heed_signals(lambda: print("farewell", flush=True))
print("ready", flush=True)
"""
SWALLOWED = """
class Greedy:
    def __del__(self):
        time.sleep(60)  # as the finaliser of a compiled module: what is raised here is swallowed
Greedy()
time.sleep(60)
"""
GENTLE = """
try:
    time.sleep(60)
except stop.Stopped:
    print("gentle", stop.is_stopped(), flush=True)
    os._exit(stop.CANCELLED)
"""
IMPATIENT = """
try:
    time.sleep(60)
finally:
    time.sleep(1.5)  # clearing up
    print("cleared", flush=True)
    os._exit(stop.CANCELLED)
"""


def start(body: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HEAD + body], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout and process.stdout.readline() == "ready\n"
    time.sleep(0.3)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("body", "last"), [(GENTLE, "gentle True"), (SWALLOWED, "farewell")])
def test_one_signal_is_enough(number: int, body: str, last: str) -> None:
    with start(body) as process:
        began = time.monotonic()
        os.kill(process.pid, number)
        out, errors = process.communicate(timeout=20)
        assert (process.returncode, out.strip(), errors) == (130, last, "")
        assert time.monotonic() - began < 8


def test_a_second_signal_does_not_break_the_clearing_up() -> None:
    with start(IMPATIENT) as process:
        for _ in range(3):
            os.kill(process.pid, signal.SIGINT)
            time.sleep(0.2)
        out, errors = process.communicate(timeout=20)
        assert (process.returncode, out.strip(), errors) == (130, "cleared", "")
