"""One JSON line about each request, for whoever asks for it. No query, no header, no body: they may hold secrets."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from typing import TextIO

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penstock.http.audited import told_path


class RequestLog:
    """Between the server and everything else."""

    def __init__(self, app: ASGIApp, out: TextIO | None = None) -> None:
        self._app, self._out = app, out

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def passed(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, passed)
        finally:
            self._tell(scope, status, time.perf_counter() - begun)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        client = scope.get("client")
        told = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"), "method": scope["method"],
            "path": told_path(scope), "status": status, "ms": round(seconds * 1000, 1),
            "from": client[0] if client else "",
        }  # fmt: skip
        print(json.dumps(told), file=self._out or sys.stderr, flush=True)
