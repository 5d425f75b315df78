"""A real MariaDB server for tests, of Debian's package: one per test process, a fresh database per test."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_numbers = itertools.count(1)
SERVER = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class MariaDB:
    """One fresh database of the MariaDB server of this test process."""

    socket: str
    database: str

    @property
    def settings(self) -> dict[str, Any]:
        """As a connection of type mysql."""
        return {"type": "mysql", "host": self.socket, "database": self.database, "user": "root"}

    def run(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements, each for good; the rows of the last one."""
        import pymysql

        with pymysql.connect(
            unix_socket=self.socket, user="root", database=self.database or None, autocommit=True, charset="utf8mb4"
        ) as con:  # fmt: skip
            cursor = con.cursor()
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[str]:
    """The socket of a MariaDB server of this test process."""
    if SERVER is None:
        without = pytest.fail if os.environ.get("PENSTOCK_TEST_SERVERS") == "all" else pytest.skip
        without("needs the Debian package mariadb-server: sh ops/servers.sh")
    folder = Path(tempfile.mkdtemp(prefix="penstock-mariadb-"))
    data, place = folder / "data", folder / "socket"
    words = ["--no-defaults", f"--datadir={data}", *(["--user=root"] if os.geteuid() == 0 else [])]
    install = ["mariadb-install-db", *words, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(install, check=True, capture_output=True)
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        [SERVER, *words, f"--socket={place}", "--skip-networking", f"--pid-file={folder / 'pid'}",
         "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", "--character-set-server=utf8mb4"],
        stdout=subprocess.DEVNULL, stderr=log,
    )  # fmt: skip
    log.close()
    try:
        _wait_for(place, server, folder / "log")
        yield str(place)
    finally:
        server.terminate()
        server.wait(PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(place: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    """Until the server lets us in. Raises AssertionError with its log when it does not."""
    import pymysql

    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        if not _listens(place):  # pymysql leaves a socket open that could not connect
            time.sleep(0.05)
            continue
        try:
            pymysql.connect(unix_socket=str(place), user="root").close()
            return
        except pymysql.err.OperationalError:
            time.sleep(0.05)
    raise AssertionError(f"MariaDB did not start: {log.read_text(errors='replace')[-2000:]}")


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


@pytest.fixture
def mariadb(mariadb_server: str) -> Iterator[MariaDB]:
    """A fresh database on a real MariaDB server."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    MariaDB(mariadb_server, "").run(f"CREATE DATABASE {name}")
    yield MariaDB(mariadb_server, name)
    MariaDB(mariadb_server, "").run(f"DROP DATABASE {name}")
