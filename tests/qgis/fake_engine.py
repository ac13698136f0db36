#!/usr/bin/python3
"""Stands in for the engine where the plugin's side of the protocol is tested.

Called like an interpreter (`fake_engine.py -m lk_spatial …`).  $LK_FAKE says how it behaves, $LK_FAKE_LOG is where it
writes what it was given, $LK_FAKE_RESULT is a GeoPackage to hand over as result.
"""

import json
import os
import shutil
import signal
import sys
import threading
import time

BEHAVIOUR = os.environ.get("LK_FAKE", "ok")


def say(kind, **values):
    print(json.dumps({"type": kind, **values}, ensure_ascii=False), flush=True)


def log(**values):
    if "LK_FAKE_LOG" in os.environ:
        with open(os.environ["LK_FAKE_LOG"], "a", encoding="utf-8") as out:
            out.write(json.dumps(values, ensure_ascii=False) + "\n")


def option(name):
    return next((word.split("=", 1)[1] for word in sys.argv if word.startswith("--" + name + "=")), None)


def listen(part):
    """The lifeline: "cancel" or the end of stdin removes the half file and ends the process."""
    for line in sys.stdin:
        if line.strip() == "cancel":
            break
    log(ended="lifeline")
    if os.path.exists(part):
        os.remove(part)
    os._exit(130)


def work_for_long(out):
    part = out + ".part"
    with open(part, "w") as half:
        half.write("half")
    if BEHAVIOUR == "long":
        threading.Thread(target=listen, args=(part,), daemon=True).start()
    else:  # deaf
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    log(pid=os.getpid())
    for second in range(600):
        say("progress", done=second / 600, text="Horizont střech")
        time.sleep(0.1)


def main():
    if "--version" in sys.argv:
        if BEHAVIOUR == "broken":
            sys.exit("ModuleNotFoundError: No module named 'lk_spatial'")
        print("lk_spatial", os.environ.get("LK_FAKE_VERSION", "0.1.0"))
        return 0
    log(argv=sys.argv[1:], env=dict(os.environ), cwd=os.getcwd())
    out = option("out")
    if BEHAVIOUR in ("long", "deaf"):
        work_for_long(out)
    if BEHAVIOUR == "error":
        say("error", code="raster_without_overlap", text="Model povrchu se nepřekrývá s budovami.")
        return 1
    if BEHAVIOUR == "crash":
        print("free(): invalid pointer", file=sys.stderr)
        os.kill(os.getpid(), signal.SIGABRT)
    if BEHAVIOUR == "garbage":
        print('{"type": 3}\n[1]\n{broken\nnull\n\n\x00')
        sys.stdout.buffer.write(b"\xff\xfe not utf-8\n")
        sys.stdout.flush()
        return 0
    say("progress", done=0.5, text="Střešní roviny")
    print("plain words on stdout", flush=True)
    print("plain words on stderr", file=sys.stderr, flush=True)
    say("warning", code="weather_far", text="Počasí je 800 km daleko.")
    if BEHAVIOUR != "missing":
        shutil.copyfile(os.environ["LK_FAKE_RESULT"], out)
    outputs = {"out": out}
    if option("report"):
        with open(option("report"), "w", encoding="utf-8") as page:
            page.write("<p>ok</p>")
        outputs["report"] = option("report")
    say("result", outputs=outputs, record=out + ".run.json", seconds=1.5)
    return 4 if BEHAVIOUR == "findings" else 0


if __name__ == "__main__":
    sys.exit(main())
