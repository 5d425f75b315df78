"""A relay in front of a PostgreSQL server: it sees what is asked, and counts the rows that really leave."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.servers import Postgres

QUERY, PARSE = b"QP"
ROWS = b"Dd"
"""Messages that carry one row each: DataRow, and CopyData."""


@dataclass
class Wire:
    """Clients that connect here talk to the server; what it answers passes by and is counted."""

    server: Postgres
    rows: int = 0
    statements: list[str] = field(default_factory=list)
    """What was asked, in order."""
    _listening: socket.socket = field(default_factory=socket.socket)

    @property
    def settings(self) -> dict[str, Any]:
        """As a connection of type postgresql."""
        host, port = self._listening.getsockname()
        return {**self.server.settings, "host": host, "port": port, "encryption": "disable"}

    def listen(self) -> None:
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{self.server.host}/.s.PGSQL.5432")
            threading.Thread(target=self._pass, args=(client, server, self._asked()), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, self._answered()), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, saw: Callable[[bytes], None]) -> None:
        with source, target:
            while True:
                try:
                    some = source.recv(65_536)
                    if not some:
                        target.shutdown(socket.SHUT_RDWR)
                        return
                    saw(some)
                    target.sendall(some)
                except OSError:
                    return

    def _answered(self) -> Callable[[bytes], None]:
        waiting = bytearray()

        def saw(some: bytes) -> None:
            self.rows += sum(letter in ROWS for letter, _ in _messages(waiting, some))

        return saw

    def _asked(self) -> Callable[[bytes], None]:
        waiting = bytearray(b"-")  # a client's first message has no letter

        def saw(some: bytes) -> None:
            for letter, text in _messages(waiting, some):
                if letter == QUERY:
                    self.statements.append(text.rstrip(b"\0").decode())
                elif letter == PARSE:
                    self.statements.append(text.split(b"\0")[1].decode())

        return saw


def _messages(waiting: bytearray, some: bytes) -> Iterator[tuple[int, bytes]]:
    """Whole messages: one letter, four bytes of length, the rest."""
    waiting += some
    while len(waiting) >= 5 and len(waiting) > (length := int.from_bytes(waiting[1:5])):
        yield waiting[0], bytes(waiting[5 : length + 1])
        del waiting[: length + 1]


@pytest.fixture
def wire(postgres: Postgres) -> Iterator[Wire]:
    """A relay in front of a fresh database, which counts rows."""
    found = Wire(postgres)
    found.listen()
    yield found
    found.close()
