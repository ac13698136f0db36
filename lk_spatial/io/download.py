"""One file of a public data service into a folder: kept while it is unchanged, whole or not at all.

Only https unless asked otherwise, also after a redirection; a limit for the size, for the time of the whole file, and
for the number of tries. What comes is written beside its place and moved there only after ``check`` took it.
"""

import email.utils
import http.client
import json
import logging
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NamedTuple

from lk_spatial.core.errors import DataError, InputError
from lk_spatial.core.files import staged
from lk_spatial.core.progress import Progress, silent

log = logging.getLogger("lk_spatial")

_BLOCK = 1 << 16
_AGAIN = frozenset((408, 425, 429, 500, 502, 503, 504))
_LONGEST_PAUSE_S = 30.0


class Limits(NamedTuple):
    """What a download may take."""

    timeout_s: float = 30.0  # without a byte
    deadline_s: float = 300.0  # for the whole file
    tries: int = 3
    pause_s: float = 1.0  # before the second try; doubles
    max_mb: float = 300.0
    allow_http: bool = False


class Got(NamedTuple):
    """A file in the folder: ``fresh`` from the service, the ``same`` as before, or ``kept`` for want of an answer."""

    path: Path
    state: str


class _Refused(Exception):
    """An answer after which another try may help."""


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirection only where its scheme is allowed."""

    def __init__(self, allow_http: bool) -> None:
        self.allow_http = allow_http

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        try:
            check_address(newurl, self.allow_http)
        except InputError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def check_address(url: str, allow_http: bool) -> None:
    """Refuse an address that is not https (or http where allowed). Raises InputError."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in (("https", "http") if allow_http else ("https",)) or not parts.hostname or parts.username:
        raise InputError("fetch_address", url=url)


def download(
    url: str, path: Path, limits: Limits, check: Callable[[bytes, str], None], progress: Progress = silent
) -> Got | None:
    """The file at ``url`` in ``path``; None where the service has none (404).

    ``check`` gets the bytes and the address and raises DataError where they are not what was asked for. A copy in
    ``path`` is asked for only when changed (ETag, Last-Modified), and stands where the service does not answer.
    Raises InputError for the address or the place and DataError (codes ``fetch_…``).
    """
    check_address(url, limits.allow_http)
    known = _known(path)
    reason = ""
    for attempt in range(limits.tries):
        if attempt:
            time.sleep(min(limits.pause_s * 2 ** (attempt - 1), _LONGEST_PAUSE_S))
        try:
            return _once(url, path, known, limits, check, progress)
        except _Refused as error:
            reason = str(error)
            log.info("%s: %s", url, reason)
    if known is not None:
        return Got(path, "kept")
    raise DataError("fetch_failed", url=url, tries=limits.tries, reason=reason)


def _once(
    url: str,
    path: Path,
    known: dict[str, str] | None,
    limits: Limits,
    check: Callable[[bytes, str], None],
    progress: Progress,
) -> Got | None:
    """One try."""
    headers = {"User-Agent": "lk-spatial", "Accept-Encoding": "identity"} | _conditions(known, url)
    opener = urllib.request.build_opener(_Redirects(limits.allow_http))
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=limits.timeout_s) as answer:
            content = _read(answer, url, limits, progress)
            marks = {key: answer.headers.get(key, "") for key in ("ETag", "Last-Modified")}
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 304 and known is not None:
            return Got(path, "same")
        if error.code in (404, 410):
            return None
        if error.code in _AGAIN:
            raise _Refused(f"HTTP {error.code}") from None
        raise DataError("fetch_refused", url=url, status=error.code) from None
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        reason = getattr(error, "reason", None) or error
        raise _Refused(str(reason) or type(error).__name__) from None
    check(content, url)
    try:
        _keep(path, url, content, marks)
    except OSError as error:
        raise InputError("output_unwritable", path=str(path), reason=error.strerror or str(error)) from None
    return Got(path, "fresh")


def _conditions(known: dict[str, str] | None, url: str) -> dict[str, str]:
    """Headers that ask for a file only when it changed."""
    if known is None or known.get("url") != url:
        return {}
    wanted = {"If-None-Match": known.get("ETag", ""), "If-Modified-Since": known.get("Last-Modified", "")}
    return {key: value for key, value in wanted.items() if value}


def _read(answer: http.client.HTTPResponse, url: str, limits: Limits, progress: Progress) -> bytes:
    """The whole body; refuses what is too large, too slow or shorter than its head says."""
    stated = answer.headers.get("Content-Length", "")
    if stated.isdigit() and int(stated) > limits.max_mb * 1e6:
        raise DataError("fetch_too_large", url=url, limit=f"{limits.max_mb:g}")
    end = time.monotonic() + limits.deadline_s
    blocks, size = [], 0
    while block := answer.read1(_BLOCK):
        blocks.append(block)
        size += len(block)
        if size > limits.max_mb * 1e6:
            raise DataError("fetch_too_large", url=url, limit=f"{limits.max_mb:g}")
        progress(size / int(stated) if stated.isdigit() and int(stated) else 0.0)
        if time.monotonic() > end:
            raise _Refused(f"> {limits.deadline_s:g} s")
    if stated.isdigit() and size < int(stated):
        raise _Refused(f"{size} < {stated} B")
    return b"".join(blocks)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.http")


def _known(path: Path) -> dict[str, str] | None:
    """What is known of the copy in the folder; None where there is no whole one."""
    try:
        marks = json.loads(_beside(path).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    whole = isinstance(marks, dict) and path.is_file()
    return marks if whole and str(path.stat().st_size) == marks.get("size") else None


def _keep(path: Path, url: str, content: bytes, marks: dict[str, str]) -> None:
    """The file, then what is known of it: a copy without marks is asked for again."""
    _beside(path).unlink(missing_ok=True)
    with staged(path) as part:
        part.write_bytes(content)
    told = {"url": url, "size": str(len(content)), "fetched": email.utils.formatdate(usegmt=True)} | marks
    with staged(_beside(path)) as part:
        part.write_text(json.dumps(told, indent=1), "utf-8")
