"""A station's daily rain from the ČHMÚ open data into a folder, which `read_rain` reads.

The whole record is renewed once a year, by the end of February for the year before; months since then are files of
their own, finished ones in a folder named after the month. Missing months (404) are usual, above all for the current
one. Data: ČHMÚ, CC BY 4.0. The addresses are those of ČHMÚ's description of June 2024. Tested against a local server
that answers in these forms, not against the live service.
"""

import json
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from lk_spatial.core.errors import DataError, InputError
from lk_spatial.core.notices import notice
from lk_spatial.core.progress import Progress, part, silent
from lk_spatial.io.download import Got, Limits, check_address, download

CHMI_BASE = "https://opendata.chmi.cz/meteorology/climate"
STATION_LIST = "meta1.json"
RENEWED = (3, 1)  # month and day from which the whole record holds the year before
_WSI = re.compile(r"\d{1,2}-\d{1,5}-\d{1,5}-[A-Za-z0-9]{1,16}")


class Fetched(NamedTuple):
    """The files of a station in the folder, and the months that the service did not have."""

    files: tuple[Path, ...]
    stations: Path | None
    missing: tuple[str, ...]
    kept: tuple[str, ...]  # names of files that stand because the service did not answer


def fetch_chmi(
    wsi: str,
    folder: str | Path,
    *,
    base: str = CHMI_BASE,
    today: date | None = None,
    limits: Limits | None = None,
    progress: Progress = silent,
) -> Fetched:
    """Fetch the whole record, the months since, and the list of stations, into ``folder``.

    Only what changed since the last time is fetched. ``wsi``: the station's WIGOS id, as 0-20000-0-11603. Raises
    InputError for a wrong id, address or folder, and DataError (codes ``fetch_…``) where the service refuses, sends
    something else, or has no such station.
    """
    limits, today, target = limits or Limits(), today or date.today(), Path(folder)
    if not _WSI.fullmatch(wsi):
        raise InputError("fetch_station_id", got=wsi)
    check_address(base, limits.allow_http)
    if not target.is_dir():
        raise InputError("output_folder_missing", path=str(target), folder=str(target))
    base = base.rstrip("/")
    months = recent_months(today)
    wanted = [
        [f"{base}/historical/data/daily/dly-{wsi}.json"],
        *(_month_addresses(base, wsi, m, today) for m in months),
    ]
    got, missing = list[Got](), list[str]()
    for number, addresses in enumerate(wanted):
        start, end = (each / (len(wanted) + 1) for each in (number, number + 1))
        progress(start, addresses[0].rpartition("/")[2])
        found = _first(addresses, target, limits, part(progress, start, end))
        if found is None:
            missing.append(addresses[0].rpartition("/")[2])
        else:
            got.append(found)
            limits = limits._replace(tries=1) if found.state == "kept" else limits  # the service is away
    if not got:
        raise DataError("fetch_no_station", wsi=wsi, url=wanted[0][0])
    stations = _first([f"{base}/historical/metadata/{STATION_LIST}"], target, limits)
    kept = tuple(each.path.name for each in (*got, *([stations] if stations else [])) if each.state == "kept")
    if kept:
        notice("fetch_kept", count=len(kept), files=list(kept[:5]), folder=str(target))
    progress(1.0)
    return Fetched(tuple(each.path for each in got), stations.path if stations else None, tuple(missing), kept)


def recent_months(today: date) -> list[tuple[int, int]]:
    """Year and month of the files since the whole record, up to the current month.

    >>> recent_months(date(2026, 2, 3))[0], len(recent_months(date(2026, 2, 3))), recent_months(date(2026, 3, 1))
    ((2025, 1), 14, [(2026, 1), (2026, 2), (2026, 3)])
    """
    before = (today.month, today.day) < RENEWED
    this = [(today.year, month) for month in range(1, today.month + 1)]
    return ([(today.year - 1, month) for month in range(1, 13)] if before else []) + this


def _month_addresses(base: str, wsi: str, month: tuple[int, int], today: date) -> list[str]:
    """Where the file of a month may lie: finished months in a folder of their own, just after its end still outside."""
    name = f"dly-{wsi}-{month[0]:04d}{month[1]:02d}.json"
    outside, inside = f"{base}/recent/data/daily/{name}", f"{base}/recent/data/daily/{month[1]:02d}/{name}"
    return [outside] if month == (today.year, today.month) else [inside, outside]


def _first(addresses: Sequence[str], folder: Path, limits: Limits, progress: Progress = silent) -> Got | None:
    """The file from the first address that has it."""
    for address in addresses:
        got = download(address, folder / address.rpartition("/")[2], limits, check_collection, progress)
        if got is not None:
            return got
    return None


def check_collection(content: bytes, url: str) -> None:
    """Refuse what is no ČHMÚ collection: web pages, errors, broken files. Raises DataError."""
    if content.lstrip()[:1] == b"<":
        raise DataError("fetch_web_page", url=url)
    try:
        table = json.loads(content.decode("utf-8-sig"))["data"]["data"]
        whole = bool(table["header"]) and isinstance(table["values"], list)
    except (KeyError, RecursionError, TypeError, ValueError) as error:
        raise DataError("fetch_broken", url=url, reason=str(error)[:120]) from None
    if not whole:
        raise DataError("fetch_broken", url=url, reason="data.data.header, data.data.values")
