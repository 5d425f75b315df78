"""Plain queries that come in one piece are answered where they arrive; all else goes the way of the server behind.

Reading such a request costs a few microseconds here and starts no task. Whatever looks unusual in it is left to the
server's own parser, which knows all of HTTP: the two never read the same request.
"""

from __future__ import annotations

import re
from asyncio import TimerHandle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from penstock_node import http
from penstock_node.http import Reply

AtOnce = Callable[[str, str, bytes], Reply | None]
"""Path, the key that was shown, body → the reply; None: it takes the long way."""
MOST = 65_536
"""Bytes of a request that is waited for here; a larger one is passed on as it comes."""
MOST_HEAD = 8192
HOLD = 1.0
"""Seconds for which the rest of a request is waited for here."""
_FIRST = re.compile(rb"(GET|POST) (/[!-~]*) HTTP/1\.1\r\n")
_PLAIN = re.compile(rb"[A-Za-z0-9_./-]+")
_LINES = re.compile(rb"(?:[A-Za-z0-9!#$%&'*+.^_`|~-]+:[ \t]*[\t\x20-\x7e\x80-\xff]*\r\n)+")
_UNUSUAL = (b"transfer-encoding", b"expect", b"upgrade", b"te", b"trailer")
_PHRASES = {200: b"OK", 400: b"Bad Request", 401: b"Unauthorized", 404: b"Not Found"}


@dataclass(slots=True)
class Head:
    """What stands before the body."""

    path: str
    """Empty when it is not to be answered at once."""
    length: int
    secret: str


def read_head(head: bytes) -> Head | None:
    """A head with its last line's end and without the empty line; None when there is anything unusual about it."""
    first = _FIRST.match(head)
    if first is None or not _LINES.fullmatch(head, first.end()):
        return None
    found: dict[bytes, bytes] = {}
    for line in head[first.end() : -2].split(b"\r\n"):
        name, _, value = line.partition(b":")
        name = name.lower()
        if name in found and name in (b"host", b"content-length", b"authorization", b"connection"):
            return None
        found[name] = value.strip()
    length = found.get(b"content-length", b"0")
    kept = found.get(b"connection", b"keep-alive").lower() == b"keep-alive"
    if b"host" not in found or not length.isdigit() or not kept or any(name in found for name in _UNUSUAL):
        return None
    quick = first[1] == b"POST" and _PLAIN.fullmatch(first[2]) and b"content-length" in found
    secret = http.secret_in(found.get(b"authorization", b"").decode("latin-1"))
    return Head(first[2].decode() if quick else "", int(length), secret)


def before(server: type[Any], at_once: AtOnce) -> type[Any]:
    """uvicorn's protocol `server`, with the short way before it."""

    class Front(server):  # type: ignore[misc]
        _given = False
        """Everything goes to the server from now on."""
        _asked = False
        """The server has been given a request that it may not have answered yet."""
        _owed = 0
        """Bytes of a request that the server has begun to read."""
        _held = b""
        _waiting: TimerHandle | None = None
        _last_head: tuple[bytes, Head] = (b"", Head("", 0, ""))
        _heard_at = 0.0

        def data_received(self, data: bytes) -> None:
            if self._given:
                super().data_received(data)
            elif self._owed:
                self._pass_on(data)
            else:
                self._hear(self._held + data if self._held else data)

        def _hear(self, data: bytes) -> None:
            self._hold_no_more()
            end = data.find(b"\r\n\r\n", 0, MOST_HEAD) + 2
            head = self._head(data[:end]) if end > 2 and not self._is_busy() else None
            if head is None:
                self._given = True
                super().data_received(data)
                return
            missing = end + 2 + head.length - len(data)
            if missing > 0 and end + head.length <= MOST:
                self._held = data
                self._waiting = self.loop.call_later(HOLD, self._let_go, missing + len(data))
            elif missing != 0 or not self._answered(head, data[end + 2 :]):
                self._owed, self._asked = missing + len(data), True
                self._pass_on(data)

        def _head(self, head: bytes) -> Head | None:
            """Read anew only when it is not the same as last time."""
            if head != self._last_head[0]:
                found = read_head(head)
                if found is None:
                    return None
                self._last_head = (head, found)
            return self._last_head[1]

        def _is_busy(self) -> bool:
            if self._asked and self.cycle is not None and self.cycle.response_complete:
                self._asked = False
            return self._asked

        def _answered(self, head: Head, body: bytes) -> bool:
            if not head.path or self.flow.write_paused:
                return False
            reply = at_once(head.path, head.secret, body)
            if reply is None:
                return False
            self.server_state.total_requests += 1
            self._heard_at = self.loop.time()
            if self.timeout_keep_alive_task is None:
                self._wait_for_the_next(self.timeout_keep_alive)
            self.transport.write(_spelled(reply, self.server_state.default_headers))
            return True

        def _wait_for_the_next(self, seconds: float) -> None:
            self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

        def timeout_keep_alive_handler(self) -> None:
            """The timer is not set anew with each query: it looks whether one came meanwhile."""
            left = self._heard_at + self.timeout_keep_alive - self.loop.time()
            if self._heard_at and left > 0.01:
                self._wait_for_the_next(left)
            else:
                super().timeout_keep_alive_handler()

        def _let_go(self, length: int) -> None:
            """The rest takes long: the server behind waits for it."""
            held = self._held
            self._hold_no_more()
            self._owed, self._asked = length, True
            self._pass_on(held)

        def _pass_on(self, data: bytes) -> None:
            self._owed -= len(data)
            self._given = self._owed < 0
            super().data_received(data)

        def _hold_no_more(self) -> None:
            self._held = b""
            if self._waiting is not None:
                self._waiting.cancel()
                self._waiting = None

        def connection_lost(self, exc: Exception | None) -> None:
            self._hold_no_more()
            super().connection_lost(exc)

    return Front


def _spelled(reply: Reply, server_headers: list[tuple[bytes, bytes]]) -> bytes:
    own = http.HEADERS if reply.headers is None else reply.headers
    lines = b"".join([b"%b: %b\r\n" % header for header in (*server_headers, *own)])
    status = b"%d %b" % (reply.status, _PHRASES.get(reply.status, b""))
    return b"HTTP/1.1 %b\r\n%bcontent-length: %d\r\n\r\n%b" % (status, lines, len(reply.body), reply.body)
