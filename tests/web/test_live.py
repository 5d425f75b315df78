"""Live parts: only what changed is sent, and the end is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.requests import Request
from starlette.responses import StreamingResponse

from penstock.core.errors import NotFound
from penstock.http import who
from penstock.runtime import users
from penstock.testing import a_node, a_project
from penstock.web import live
from penstock.web.asking import Flash
from penstock.web.live import Piece, Shown
from tests.web.browser import a_browser


class SomebodyLooks:
    """As much of an Ask as a stream needs."""

    def __init__(self, **headers: str) -> None:
        self.request = self.state = self
        self.closing = threading.Event()
        self.headers = {k.replace("_", "-"): v for k, v in headers.items()}

    async def is_disconnected(self) -> bool:
        return False


def sent(response: StreamingResponse) -> list[str]:
    async def collect() -> list[str]:
        return [str(piece) async for piece in response.body_iterator]

    return asyncio.run(collect())


def looker(**headers: str) -> Any:
    return SomebodyLooks(**headers)


def test_only_parts_that_changed_are_sent_until_it_ended() -> None:
    states: Iterator[Shown] = iter([
        Shown({"a": "1", "b": "x"}), Shown({"a": "2", "b": "x"}), Shown({"a": "2", "b": "x"}, ended=True),
    ])  # fmt: skip
    events = sent(live.stream(looker(), lambda: next(states), every=0))
    assert events == [live.event("1", "a"), live.event("x", "b"), live.event("2", "a"), live.event("", "end")]


def test_a_server_that_stops_lets_its_streams_go() -> None:
    somebody = looker()
    somebody.closing.set()
    assert sent(live.stream(somebody, lambda: Shown({"": "x"}))) == []


def test_what_is_new_is_told_as_a_toast() -> None:
    events = sent(live.stream(looker(), lambda: Shown(news=(Flash("error", "Failed"),), ended=True), every=0))
    assert events[0] == live.event('{"level": "error", "text": "Failed"}', "toast")


def test_something_that_vanished_loads_the_page_again() -> None:
    def gone() -> Shown:
        raise NotFound("job", "x")

    assert sent(live.stream(looker(), gone, every=0)) == [live.event("", "reload")]


def test_a_log_goes_on_where_the_browser_had_it() -> None:
    text = "one\ntwo\n"

    def piece(start: int) -> Piece:
        return Piece(text[start:], len(text), ended=True)

    assert sent(live.tail(looker(last_event_id="4"), piece)) == [
        live.event("two\n", id="8"),
        live.event("", "end"),
    ]


def test_every_line_travels_on_its_own() -> None:
    assert live.event("a\r\nb\rc", "x") == "event: x\ndata: a\ndata: b\ndata: c\n\n"


def test_data_cannot_forge_an_event() -> None:
    assert live.event("x\n\nevent: end") == "data: x\ndata: \ndata: event: end\n\n"


def test_a_stream_ends_for_somebody_who_was_logged_out_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "KNOWN_FOR", 0.0)
    node = a_node(tmp_path)
    a_project(node)
    browser = a_browser(node, login="eva", rights=("read",))
    shown: list[int] = []

    def now() -> Shown:
        shown.append(1)
        if len(shown) == 3:
            users.disable(node, "eva")
        return Shown({"": str(len(shown))}, ended=len(shown) > 50)

    async def nothing_comes() -> Any:
        await asyncio.Event().wait()

    cookie = (b"cookie", f"{who.COOKIE}={browser.secret}".encode())
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [cookie]}, nothing_comes)
    sent(live.stream(cast("Any", SimpleNamespace(request=request, node=node)), now, every=0))
    assert len(shown) == 3
