"""Every request that changes something leaves a line in the audit log, and its use cases know who asks."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from penstock.core.access import NOBODY, Identity
from penstock.http.who import SAFE
from penstock.runtime import audit
from penstock.runtime.caller import calling

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from penstock.core.node import Node

SECRET_PATHS = re.compile(r"^(/welcome/)[^/]+")
PROJECT = re.compile(r"/projects/([A-Z][A-Z0-9_]*)")


class Audited:
    """An ASGI application that tells the audit log what another one was asked to change.

    An action that has a line of its own (`scenario-run`, `login` …) gets no second one.
    """

    def __init__(self, app: ASGIApp, node: Node) -> None:
        self.app, self.node = app, node

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.monotonic(), [500]

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
            await send(message)

        with calling() as caller:
            caller.who = _from(scope)
            try:
                await self.app(scope, receive, watched)
            finally:
                if scope["method"] not in SAFE and not caller.noted:
                    await run_in_threadpool(self._note, scope, status[0], time.monotonic() - began)

    def _note(self, scope: Scope, status: int, duration: float) -> None:
        path = told_path(scope)
        project = PROJECT.search(path)
        audit.note(
            self.node, "http-request", project=project.group(1) if project else "", object=path,
            method=scope["method"], status=status, result="ok" if status < 400 else f"http-{status}",
            duration=duration,
        )  # fmt: skip


def told_path(scope: Scope) -> str:
    """The path of a request as logs may tell it: what a one-time link holds is left out."""
    return SECRET_PATHS.sub(r"\1…", scope["path"])


def _from(scope: Scope) -> Identity:
    """Nobody yet, at an address."""
    client = scope.get("client")
    return replace(NOBODY, address=client[0] if client else "")
