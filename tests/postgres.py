"""A throw-away PostgreSQL with PostGIS for tests: own folder, free port, ended by its own process id."""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

APT = "apt-get install --no-install-recommends postgresql postgresql-15-postgis-3"


class Server(NamedTuple):
    """A running server; ``url`` leads to an empty database with PostGIS."""

    url: str
    port: int
    process: int
    folder: Path

    def database(self, name: str) -> str:
        """Address of another database of the server."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"


USER = "lk"


def _binaries() -> Path | None:
    """The folder of the newest server programs that have PostGIS."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    for initdb in reversed(found):
        if (Path("/usr/share/postgresql") / initdb.parts[-3] / "extension" / "postgis.control").exists():
            return initdb.parent
    return None


def _require_binaries() -> Path:
    binaries = _binaries()
    if binaries is None:
        message = f"no PostgreSQL server with PostGIS here: {APT}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return binaries


@contextmanager
def throwaway_server() -> Iterator[Server]:
    """A server that lives as long as the block; root starts it as the user postgres, for the server refuses root."""
    binaries = _require_binaries()
    folder = Path(tempfile.mkdtemp(prefix="lk_pg_"))
    prefix = _as_postgres(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    try:
        making = ("-U", USER, "-A", "trust", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8")
        _run(prefix, binaries / "initdb", "-D", data, *making)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        _run(prefix, binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        process = int((data / "postmaster.pid").read_text().split()[0])
        server = Server(f"postgresql://{USER}@127.0.0.1:{port}/lk", port, process, folder)
        try:
            _prepare(server)
            yield server
        finally:
            _run(prefix, binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_postgres(folder: Path) -> list[str]:
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres")
    return ["runuser", "-u", "postgres", "--"]


def _run(prefix: list[str], *command: object) -> None:
    done = subprocess.run(
        [*prefix, *map(str, command)], cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, f"{command[0]} as {getpass.getuser()}: {done.stdout}{done.stderr}"


def _prepare(server: Server) -> None:
    import psycopg

    with psycopg.connect(server.database("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE lk")
        connection.execute("CREATE DATABASE bare")
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")


@pytest.fixture(scope="session")
def postgis() -> Iterator[Server]:
    """The session's server; skipped where none is installed, a failure under CI=true."""
    with throwaway_server() as server:
        yield server
