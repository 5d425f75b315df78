"""Live: server-sent events that keep a part of a page, or a log, as it is now. The only async code of the pages."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from penstock.core.errors import PenstockError
from penstock.http import who
from penstock.web.asking import Flash

if TYPE_CHECKING:
    from penstock.web.asking import Ask

EVERY = 1.0
LONGEST = 600.0
"""Seconds after which a stream ends; the browser opens it again by itself, and rights are looked at anew."""
KNOWN_FOR = 10.0
"""Seconds between two looks whether whoever is shown something is still logged in."""
QUIET = 15.0
"""Seconds without news after which a comment keeps the connection."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How parts of a page look now: id of the element → HTML; the empty id is the inside of the live part."""

    parts: Mapping[str, str] = field(default_factory=dict)
    ended: bool = False
    """Nothing will change any more."""
    reload: bool = False
    """The whole page should be loaded again."""
    news: tuple[Flash, ...] = ()
    """Said once, as toasts."""
    sign: str | None = None
    """The sign on the tab: empty, `running` or `failed`; None leaves it as the page has it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What a log holds from an offset on."""

    text: str
    next: int
    """The offset after it."""
    ended: bool = False


def stream(ask: Ask, now: Callable[[], Shown], *, every: float = EVERY) -> StreamingResponse:
    """Send the parts that changed, as long as somebody looks and until it ended."""
    return _answer(_parts(ask, now, every))


def tail(ask: Ask, piece: Callable[[int], Piece], *, every: float = EVERY / 2) -> StreamingResponse:
    """Send a log from its beginning (or from the offset the browser reached) as it grows."""
    reached = ask.request.headers.get("last-event-id", "")
    return _answer(_pieces(ask, piece, int(reached) if reached.isdigit() else 0, every))


def event(data: str, name: str = "", id: str = "") -> str:
    """One event, as it travels: every line of the data on its own."""
    head = (f"id: {id}\n" if id else "") + (f"event: {name}\n" if name else "")
    return f"{head}{''.join(f'data: {line}{chr(10)}' for line in _lines(data))}\n"


async def _parts(ask: Ask, now: Callable[[], Shown], every: float) -> AsyncIterator[str]:
    sent: dict[str, str] = {}
    sign = ""
    passed = silent = 0.0
    while passed < LONGEST and not await _is_over(ask):
        try:
            shown = await run_in_threadpool(now)
        except PenstockError:
            yield event("", "reload")
            return
        changed = {id: html for id, html in shown.parts.items() if sent.get(id) != html}
        sent.update(changed)
        for id, html in changed.items():
            yield event(html, id)
        if shown.sign is not None and shown.sign != sign:
            sign = shown.sign
            yield event(sign, "sign")
        for flash in shown.news:
            yield event(json.dumps({"level": flash.level, "text": flash.text}), "toast")
        if shown.reload or shown.ended:
            yield event("", "reload" if shown.reload else "end")
            return
        silent = 0.0 if changed else silent + every
        if silent >= QUIET:
            silent = 0.0
            yield ": still here\n\n"
        await asyncio.sleep(every)
        passed += every


async def _pieces(ask: Ask, piece: Callable[[int], Piece], start: int, every: float) -> AsyncIterator[str]:
    passed = 0.0
    while passed < LONGEST and not await _is_over(ask):
        found = await run_in_threadpool(piece, start)
        start = found.next
        if found.text:
            yield event(found.text, id=str(start))
        if found.ended:
            yield event("", "end")
            return
        await asyncio.sleep(every)
        passed += every


async def _is_over(ask: Ask) -> bool:
    """Nobody looks any more, the server wants to stop, or whoever looks was logged out meanwhile."""
    closing = getattr(ask.request.state, "closing", None)
    if (closing is not None and closing.is_set()) or await ask.request.is_disconnected():
        return True
    return not await _is_known_still(ask)


async def _is_known_still(ask: Ask) -> bool:
    """Whether whoever looks is still logged in; asked now and then."""
    now, state = time.monotonic(), ask.request.state
    if now - getattr(state, "known_at", now) < KNOWN_FOR:
        state.known_at = getattr(state, "known_at", now)
        return True
    state.known_at = now
    return await run_in_threadpool(_is_known, ask)


def _is_known(ask: Ask) -> bool:
    try:
        return who.identify(ask.request, ask.node).is_known
    except PenstockError:
        return False


def _answer(events: AsyncIterator[str]) -> StreamingResponse:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


def _lines(data: str) -> list[str]:
    """Lines as the protocol splits them; a log's own carriage returns are lines too."""
    return data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
