"""One run of the engine: JSON lines in, progress and messages out, and a Cancel that really ends it."""

import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
from typing import NamedTuple

from .engine import environment, no_window

POLITE_S = 2.0  # time the engine gets to clean up after "cancel", before it is killed


class Answer(NamedTuple):
    """What the engine left behind: exit status, result line (or None), error sentences, last other line."""

    status: int
    result: dict
    errors: list
    last_line: str


def run(command, feedback):
    """Run the command, pass its messages to `feedback`, obey its cancel, and return the Answer."""
    child = subprocess.Popen(
        command,
        env=environment(),
        cwd=tempfile.gettempdir(),
        stdin=subprocess.PIPE,  # the lifeline: "cancel" or its end stops the engine
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,  # its workers die with it
        creationflags=no_window(),
    )
    listener = _Listener(feedback)
    try:
        _listen(child, listener, feedback)
        if feedback.isCanceled():
            stop(child)
    finally:
        if child.poll() != 0:  # still running, or ended badly and perhaps without its workers
            kill(child)
        _close(child)
    return Answer(child.returncode, listener.result, listener.errors, listener.last_line)


def _listen(child, listener, feedback):
    """Hand over every line until the child has ended and its pipes are empty, or the user cancels."""
    lines = queue.Queue()
    for stream in (child.stdout, child.stderr):
        threading.Thread(target=_pump, args=(stream, lines), daemon=True).start()
    open_pipes = 2
    while open_pipes and not feedback.isCanceled():
        try:
            line = lines.get(timeout=0.1)
        except queue.Empty:
            if child.poll() is not None:
                return  # a stray grandchild may hold the pipe; the engine itself has ended
            continue
        if line is None:
            open_pipes -= 1
        else:
            listener.hear(line)
    while child.poll() is None and not feedback.isCanceled():
        try:
            child.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue


def _pump(stream, lines):
    try:
        for line in stream:
            lines.put(line.rstrip("\r\n"))
    except (OSError, ValueError):  # the pipe was closed under us after a kill
        pass
    finally:
        lines.put(None)
        stream.close()


class _Listener:
    """Understands the engine's lines; what is no message of the protocol goes to the console as it is."""

    def __init__(self, feedback):
        self.feedback = feedback
        self.result = None
        self.errors = []
        self.last_line = ""
        self._text = ""

    def hear(self, line):
        message = _message(line)
        if message is None:
            if line.strip():
                self.last_line = line.strip()
                self.feedback.pushConsoleInfo(line)
            return
        kind, text = message["type"], str(message.get("text") or "")
        if kind == "progress":
            self._progress(message.get("done"), text)
        elif kind == "warning":
            self.feedback.pushWarning(text)
        elif kind == "error":
            self.errors.append(text)
        elif kind == "result":
            self.result = message
        else:
            self.feedback.pushDebugInfo(line)

    def _progress(self, done, text):
        if isinstance(done, (int, float)):
            self.feedback.setProgress(100.0 * min(max(done, 0.0), 1.0))
        if text and text != self._text:
            self._text = text
            self.feedback.setProgressText(text)


def _message(line):
    if not line.startswith("{"):
        return None
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) and isinstance(message.get("type"), str) else None


def stop(child):
    """Ask the engine to end; kill it and its workers when it does not listen."""
    try:
        child.stdin.write("cancel\n")
        child.stdin.close()
    except (OSError, ValueError):
        pass
    try:
        child.wait(timeout=POLITE_S)
    except subprocess.TimeoutExpired:
        kill(child)


def kill(child):
    """End the engine and all processes it started."""
    if os.name == "nt":  # not tried: no Windows at hand
        taskkill = os.path.join(os.environ.get("SystemRoot", r"C:\Windows"), "System32", "taskkill.exe")
        subprocess.run(
            [taskkill, "/F", "/T", "/PID", str(child.pid)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            creationflags=no_window(),
        )
    else:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    child.wait()


def _close(child):
    """Close the pipes; a pump may still sit in stdout when a stray grandchild holds its other end."""
    try:
        child.stdin.close()
    except (OSError, ValueError):
        pass
