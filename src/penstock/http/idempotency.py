"""`Idempotency-Key`: a request that begins something, sent twice, begins it once."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from penstock.core.errors import Conflict, Invalid

HEADER = "idempotency-key"
KEPT = 24 * 3600.0
"""Seconds that an answer is kept."""
MOST = 10_000


@dataclass(slots=True)
class Kept:
    """The answer to the first request of a key; none yet while it is worked on."""

    request: str = ""
    response: Response | None = None
    since: float = field(default_factory=time.monotonic)


_answers: OrderedDict[tuple[str, str], Kept] = OrderedDict()
_lock = threading.Lock()


@contextmanager
def once(request: Request, login: str, *, enabled: bool) -> Iterator[Kept]:
    """The answer given before, or one to be filled; forgotten again when working on it fails.

    Raises Conflict while the first request is worked on, Invalid when the key belonged to another request.
    """
    key = request.headers.get(HEADER, "")
    if not (enabled and key):
        yield Kept()
        return
    kept = _claim((login, key), _fingerprint(request))
    try:
        yield kept
    finally:
        if kept.response is None:
            with _lock:
                _answers.pop((login, key), None)


def _claim(key: tuple[str, str], fingerprint: str) -> Kept:
    with _lock:
        _forget_old()
        known = _answers.get(key)
        if known is None:
            _answers[key] = Kept(fingerprint)
            return _answers[key]
    if known.request != fingerprint:
        raise Invalid("This Idempotency-Key belonged to another request.", hint="Send a new key.")
    if known.response is None:
        raise Conflict("The first request with this Idempotency-Key is still worked on.", hint="Ask again.")
    return Kept(fingerprint, known.response)


def _fingerprint(request: Request) -> str:
    """What was asked: method, path, query and body."""
    body: bytes = getattr(request, "_body", b"")
    said = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return hashlib.sha256(said + body).hexdigest()


def _forget_old() -> None:
    old = time.monotonic() - KEPT
    while _answers and (len(_answers) > MOST or next(iter(_answers.values())).since < old):
        _answers.popitem(last=False)
