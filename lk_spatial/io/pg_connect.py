"""The way to a PostgreSQL database: addresses, passwords that never show, and readable refusals."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from lk_spatial.core.errors import InputError, LkError

if TYPE_CHECKING:
    import psycopg

SCHEMES = ("postgresql://", "postgres://")
OUR_KEYS = ("table", "schema", "prefix")
CONNECT_SECONDS = 10
LONGEST_NAME = 63
_SECRETS = re.compile(r"(?i)(://[^/@\s:]*:)[^\s?]*(?=@)|(\b(?:password|passwd|sslpassword)=)[^&\s]*")


class Address(NamedTuple):
    """A database address: what libpq understands, and our own keys taken from it."""

    libpq: str
    table: str | None
    schema: str
    prefix: str
    shown: str


def is_database(ref: str | Path) -> bool:
    """Whether a reference names a database, not a file."""
    return str(ref).startswith(SCHEMES)


def mask_url(url: str) -> str:
    """``url`` with every password hidden.

    >>> mask_url("postgresql://lk:se:cret@host/db?password=x&table=a.b")
    'postgresql://lk:***@host/db?password=***&table=a.b'
    """
    return _SECRETS.sub(lambda found: f"{found[1] or found[2]}***", url)


def parse_address(url: str) -> Address:
    """Address of a database without our keys ``table``, ``schema``, ``prefix``; refuses passwords. Raises InputError.

    >>> parse_address("postgresql://host/db?service=lk&schema=pv&prefix=a").libpq
    'postgresql://host/db?service=lk'
    """
    shown = mask_url(url)
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        secret = parts.password is not None or any("password" in key.lower() for key, _ in pairs)
    except ValueError as error:
        raise InputError("database_address", address=shown) from error
    if secret or shown != url:
        raise InputError("database_password_shown", address=shown)
    ours = {key: value for key, value in pairs if key in OUR_KEYS}
    query = "&".join(f"{key}={quote(value, safe='/')}" for key, value in pairs if key not in OUR_KEYS)
    libpq = f"{parts.scheme}://{parts.netloc}{parts.path}{'?' + query if query else ''}"
    return Address(
        libpq, ours.get("table"), ours.get("schema") or "public", ours.get("prefix", ""), _readable_address(shown)
    )


def _readable_address(url: str) -> str:
    return " ".join(unquote(url).split())


@contextmanager
def session(address: Address) -> Iterator["psycopg.Connection[Any]"]:
    """A connection whose work is one transaction: committed at the end of the block, undone by any error.

    What the server reports becomes an InputError with one sentence.
    """
    import psycopg

    try:
        connection = psycopg.connect(address.libpq, connect_timeout=CONNECT_SECONDS, application_name="lk_spatial")
    except psycopg.Error as error:
        raise InputError("database_unreachable", address=address.shown, reason=_reason(error)) from error
    try:
        with connection:
            yield connection
    except psycopg.Error as error:
        raise _readable(error, address) from error


def postgis_schema(connection: "psycopg.Connection[Any]", address: Address) -> str:
    """The schema in which PostGIS is installed."""
    found = connection.execute(
        "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'postgis'"
    ).fetchone()
    if found is None:
        raise InputError("database_without_postgis", address=address.shown)
    return str(found[0])


def text_name(schema: str, name: str) -> str:
    """A quoted name for ``to_regclass``."""
    return ".".join('"' + each.replace('"', '""') + '"' for each in (schema, name))


def _readable(error: "psycopg.Error", address: Address) -> LkError:
    from psycopg import errors

    reason = _reason(error)
    if isinstance(error, errors.LockNotAvailable):
        return InputError("database_locked", address=address.shown)
    if isinstance(error, errors.DependentObjectsStillExist):
        return InputError("database_dependent", address=address.shown, reason=_detail(error) or reason)
    if isinstance(error, errors.DiskFull):
        return InputError("disk_full", path=address.shown)
    return InputError("database_refused", address=address.shown, reason=reason)


def _reason(error: "psycopg.Error") -> str:
    text = error.diag.message_primary or str(error).strip().split("\n")[0]
    return mask_url(text).rstrip(".")


def _detail(error: "psycopg.Error") -> str | None:
    detail = error.diag.message_detail
    return "; ".join(detail.split("\n")) if detail else None
