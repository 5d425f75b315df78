"""The server: pages and REST on one node, and a worker beside them."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from penstock.core.errors import PenstockError
from penstock.core.node import Node
from penstock.http.audited import Audited
from penstock.http.request_log import RequestLog
from penstock.runtime import jobs

API = "/api/"


@dataclass(slots=True)
class Faces:
    """Sends a request to REST or to the pages, by its path."""

    rest: ASGIApp
    pages: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        is_rest = path.startswith(API) or path == API.rstrip("/")
        await (self.rest if is_rest else self.pages)(scope, receive, send)


@dataclass(slots=True)
class Beside:
    """A worker in a thread of the server: it begins with it, and hands back what it has when it ends."""

    node: Node
    stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def begin(self) -> None:
        """Start working."""
        self._thread = threading.Thread(target=self._work, name="worker", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop, and wait until everything is handed back."""
        self.stop.set()
        if self._thread is not None:
            self._thread.join(self.node.config.worker_grace + 5)

    def _work(self) -> None:
        from penstock.runtime import working

        working.work(self.node, stop=self.stop)


def make(node: Node, *, worker: bool = True, log: bool = False) -> Starlette:
    """The application of a node: `/api/v1`, the studio's pages, `/healthz` and `/readyz`.

    With `worker` the process also does runs of scenarios and looks at triggers; several servers of one node may. With
    `log` each request is one JSON line on stderr. Whoever stops the server sets `app.state.closing` first, so that
    pages that are kept up to date let their connections go.
    """
    from penstock.api.site import site as rest
    from penstock.web.site import site as pages

    health = [Route("/healthz", alive), Route("/readyz", ready)]
    around = [*([Middleware(RequestLog)] if log else []), Middleware(Audited, node=node)]
    app = Starlette(routes=health, middleware=around, lifespan=_lifespan(node, worker))
    app.state.node = node
    app.state.closing = threading.Event()
    app.router.default = Faces(rest(node), pages(node))
    return app


async def alive(request: Request) -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


async def ready(request: Request) -> Response:
    """The node answers too: its projects and its database can be read."""
    try:
        await run_in_threadpool(_look, request.app.state.node)
    except (PenstockError, OSError) as error:
        return JSONResponse({"status": "not ready", "detail": str(error)}, 503)
    return JSONResponse({"status": "ok"})


def _look(node: Node) -> None:
    node.projects.keys()
    node.runs.count()


def _watch(node: Node, stop: threading.Event) -> None:
    from penstock.deploy import monitoring

    monitoring.watch(node, stop)


def _lifespan(
    node: Node, worker: bool
) -> Callable[[Starlette], AbstractAsyncContextManager[dict[str, threading.Event]]]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, threading.Event]]:
        beside = Beside(node) if worker else None
        if beside:
            beside.begin()
        looking = threading.Event()
        threading.Thread(target=_watch, args=(node, looking), name="monitoring", daemon=True).start()
        try:
            yield {"closing": app.state.closing}
        finally:
            looking.set()
            if beside:
                await run_in_threadpool(beside.end)
            await run_in_threadpool(jobs.stop_here, node, seconds=node.config.abort_grace)

    return lifespan
