"""Fetching ČHMÚ open data from a server that answers as ČHMÚ does, and as a service in trouble does."""

import io
import json
import threading
import time
import urllib.request
from collections import Counter
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lk_spatial.core.errors import DataError, InputError, LkError
from lk_spatial.core.notices import collect_notices
from lk_spatial.core.progress import silent
from lk_spatial.io.download import Limits, _Redirects
from lk_spatial.io.rain_fetch import CHMI_BASE, fetch_chmi, recent_months
from lk_spatial.io.rainfall import read_rain
from tests.io import rain_files as made

RAIN = made.rain("2024-01-01", 366 + 60)
TODAY = date(2025, 3, 15)
QUICK = Limits(timeout_s=20.0, deadline_s=60.0, tries=3, pause_s=0.0, max_mb=5.0, allow_http=True)
WHOLE = f"/historical/data/daily/dly-{made.WSI}.json"
META = "/historical/metadata/meta1.json"


def month(number: int, inside: bool) -> str:
    return f"/recent/data/daily/{f'{number:02d}/' if inside else ''}dly-{made.WSI}-2025{number:02d}.json"


REDIRECTED = {"to a local file": "file:///etc/hostname", "to ftp": "ftp://127.0.0.1/a.json"}


class Service(ThreadingHTTPServer):
    """Files by path, and faults by path: a number of times, or always (-1)."""

    daemon_threads = True

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, tuple[str, int]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        super().__init__(("127.0.0.1", 0), Answer)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def put(self, path: str, content: str) -> None:
        self.files[path] = content.encode()

    def fault(self, path: str) -> str:
        kind, left = self.faults.get(path, ("", 0))
        if left == 0:
            return ""
        self.faults[path] = kind, left - 1
        return kind


class Answer(BaseHTTPRequestHandler):
    server: Service

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        kind, body = self.server.fault(self.path), self.server.files.get(self.path)
        if kind.isdigit():
            self.reply(int(kind), b"busy")
        elif kind == "html":
            self.reply(200, b"<!DOCTYPE html><html><body>maintenance</body></html>")
        elif kind in REDIRECTED:
            self.reply(302, b"", Location=REDIRECTED[kind])
        elif body is None:
            self.reply(404, b"<html>404 Not Found</html>")
        elif kind == "truncated":
            self.reply(200, body[: len(body) // 2], length=len(body))
        elif kind == "broken":
            self.reply(200, body[: len(body) // 2])
        elif kind == "huge":
            self.reply(200, b"{", length=10**9)
        elif kind == "endless":
            self.endless()
        elif kind == "slow":
            self.slowly(body)
        elif self.headers.get("If-None-Match") == self.tag(body):
            self.reply(304, b"", length=0)
        else:
            self.reply(200, body, ETag=self.tag(body))

    def tag(self, body: bytes) -> str:
        return f'"{hash(body) & 0xFFFFFFFF:x}"'

    def reply(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(200):
                self.wfile.write(b" " * 65536)
        except OSError:
            pass

    def slowly(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            for at in range(0, len(body), len(body) // 30):
                self.wfile.write(body[at : at + len(body) // 30])
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass


@pytest.fixture
def service(monkeypatch):
    """ČHMÚ in March 2025: 2024 whole, January in its folder, February still outside, March not yet."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")
    server = Service()
    server.put(WHOLE, made.chmi_json(RAIN["2024"]))
    server.put(META, made.meta1())
    server.put(month(1, True), made.chmi_json(RAIN["2025-01"]))
    server.put(month(2, False), made.chmi_json(RAIN["2025-02"]))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(service: Service, folder, limits: Limits = QUICK, progress=silent, **options):
    return fetch_chmi(made.WSI, folder, base=service.base, today=TODAY, limits=limits, progress=progress, **options)


def refusal(service: Service, folder, limits: Limits = QUICK) -> LkError:
    with pytest.raises((DataError, InputError)) as caught:
        fetch(service, folder, limits)
    for lang in ("cs", "en"):
        assert "{" not in caught.value.sentence(lang)
    return caught.value


def test_record_months_and_stations_are_fetched_and_read(service, tmp_path) -> None:
    told: list[float] = []
    got = fetch(service, tmp_path, progress=lambda done, text="": told.append(done))
    assert [path.name for path in got.files] == [f"dly-{made.WSI}{end}.json" for end in ("", "-202501", "-202502")]
    assert got.missing == (f"dly-{made.WSI}-202503.json",) and got.kept == ()
    assert told == sorted(told) and told[-1] == 1.0
    with collect_notices():
        series = read_rain(tmp_path, station=made.WSI)
    assert series.daily.to_numpy().tolist() == RAIN[:"2025-02"].to_numpy().tolist()
    assert (series.station.name, series.station.elevation_m) == ("Liberec", 397.7)
    assert not list(tmp_path.glob("*.part*")) and not list(tmp_path.glob(".*"))


def test_months_lie_in_their_folder_or_still_outside(service, tmp_path) -> None:
    fetch(service, tmp_path)
    asked = [path for path, _ in service.asked]
    assert asked.count(month(1, True)) == 1 and month(1, False) not in asked
    assert asked.index(month(2, True)) < asked.index(month(2, False))
    assert month(3, True) not in asked and month(3, False) in asked


def test_the_second_time_only_changes_are_fetched(service, tmp_path) -> None:
    fetch(service, tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    service.asked.clear()
    service.put(month(2, False), made.chmi_json(RAIN["2025-02"] + 1.0))
    fetch(service, tmp_path)
    after = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {f"dly-{made.WSI}-202502.json", f"dly-{made.WSI}-202502.json.http"}
    assert all(headers.get("If-None-Match") for path, headers in service.asked if path in (WHOLE, META))


def test_a_file_that_was_changed_by_hand_is_fetched_anew(service, tmp_path) -> None:
    fetch(service, tmp_path)
    whole = tmp_path / f"dly-{made.WSI}.json"
    good = whole.read_bytes()
    whole.write_bytes(b"{}")
    fetch(service, tmp_path)
    assert whole.read_bytes() == good


@pytest.mark.parametrize("kind", ["503", "429", "truncated"])
def test_passing_trouble_is_tried_again(service, tmp_path, kind) -> None:
    service.faults[WHOLE] = kind, 2
    assert len(fetch(service, tmp_path).files) == 3
    assert Counter(path for path, _ in service.asked)[WHOLE] == 3


@pytest.mark.parametrize(
    ("kind", "code", "times"),
    [
        ("500", "fetch_failed", 3),
        ("truncated", "fetch_failed", 3),
        ("slow", "fetch_failed", 2),
        ("403", "fetch_refused", 1),
        ("html", "fetch_web_page", 1),
        ("broken", "fetch_broken", 1),
        ("huge", "fetch_too_large", 1),
        ("endless", "fetch_too_large", 1),
        ("to a local file", "fetch_refused", 1),
        ("to ftp", "fetch_address", 1),
    ],
)
def test_lasting_trouble_is_told_and_leaves_no_file(service, tmp_path, kind, code, times) -> None:
    service.faults[WHOLE] = kind, -1
    limits = QUICK._replace(tries=2, deadline_s=0.5) if kind == "slow" else QUICK
    assert refusal(service, tmp_path, limits).code == code
    assert Counter(path for path, _ in service.asked)[WHOLE] == times
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["html", "broken", "huge"])
def test_a_wrong_answer_leaves_what_was_fetched_before(service, tmp_path, kind) -> None:
    fetch(service, tmp_path)
    whole = tmp_path / f"dly-{made.WSI}.json"
    good = whole.read_bytes()
    service.faults[WHOLE] = kind, -1
    refusal(service, tmp_path)
    assert whole.read_bytes() == good
    service.faults.clear()
    assert fetch(service, tmp_path).kept == ()


def test_without_an_answer_what_was_fetched_before_stands_and_is_told(service, tmp_path) -> None:
    fetch(service, tmp_path)
    service.asked.clear()
    for path in (*service.files, month(2, True), month(3, False)):
        service.faults[path] = "503", -1
    service.faults.pop(month(3, False))
    with collect_notices() as notices:
        got = fetch(service, tmp_path)
    assert len(got.files) == 3 and len(got.kept) == 4
    assert [each.code for each in notices] == ["fetch_kept"] and notices[0].values["count"] == 4
    assert Counter(path for path, _ in service.asked)[WHOLE] == 3  # then the service counts as away
    assert Counter(path for path, _ in service.asked)[META] == 1


def test_an_unknown_station_is_told(service, tmp_path) -> None:
    with pytest.raises(DataError, match="fetch_no_station"):
        fetch_chmi("0-203-0-1", tmp_path, base=service.base, today=TODAY, limits=QUICK)
    assert list(tmp_path.iterdir()) == []


def test_nothing_listens(tmp_path) -> None:
    free = Service()
    base = free.base
    free.server_close()
    with pytest.raises(DataError, match="fetch_failed"):
        fetch_chmi(made.WSI, tmp_path, base=base, today=TODAY, limits=QUICK)


@pytest.mark.parametrize("wsi", ["", "Liberec", "../../etc/passwd", "0-20000-0-11603/../x", "0-20000-0-11603\n"])
def test_only_ids_of_stations_become_names_of_files(tmp_path, wsi) -> None:
    with pytest.raises(InputError, match="fetch_station_id"):
        fetch_chmi(wsi, tmp_path)


@pytest.mark.parametrize("base", ["http://opendata.chmi.cz", "file:///etc", "ftp://x", "opendata", "https://a:b@c"])
def test_https_alone_is_taken_by_default(tmp_path, base) -> None:
    with pytest.raises(InputError, match="fetch_address"):
        fetch_chmi(made.WSI, tmp_path, base=base)
    assert CHMI_BASE.startswith("https://")


def test_a_redirection_from_https_to_http_is_refused() -> None:
    asked, answer = urllib.request.Request("https://opendata.chmi.cz/a.json"), io.BytesIO()
    with pytest.raises(InputError, match="fetch_address"):
        _Redirects(False).redirect_request(asked, answer, 302, "", {}, "http://opendata.chmi.cz/a.json")
    assert answer.closed


def test_a_folder_that_is_missing(tmp_path) -> None:
    with pytest.raises(InputError, match="output_folder_missing"):
        fetch_chmi(made.WSI, tmp_path / "none")


def test_recent_months_follow_the_yearly_renewal() -> None:
    assert recent_months(date(2025, 2, 28))[0] == (2024, 1) and len(recent_months(date(2025, 2, 28))) == 14
    assert recent_months(date(2025, 12, 31)) == [(2025, number) for number in range(1, 13)]


def test_marks_beside_a_file_are_plain_json(service, tmp_path) -> None:
    fetch(service, tmp_path)
    marks = json.loads((tmp_path / f"dly-{made.WSI}.json.http").read_text("utf-8"))
    assert marks["url"] == service.base + WHOLE and marks["ETag"]
