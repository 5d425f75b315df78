"""One process that answers: its services in memory, its server, and what the others ask it to do."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

import uvicorn

from penstock.core.errors import PenstockError
from penstock_node import front
from penstock_node.admin import Admin, Crier
from penstock_node.app import Application
from penstock_node.disk import Shelf
from penstock_node.journal import Journal
from penstock_node.loaded import Loaded
from penstock_node.settings import Home, Settings

LOOK = 1.0
"""Seconds between two looks at whether somebody changed the home from outside."""
GRACE = 10
"""Seconds that queries get to end when the process is told to stop."""
PAUSE = 0.2
"""Seconds without accepting when there are too many open files."""
WAITING = 2048
"""Connections that may wait to be accepted."""


class Answerer:
    """Everything of one process that answers."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self._home, self._settings = home, settings
        self._shelf = Shelf(home)
        self.loaded = Loaded(self._shelf, settings)
        self.journal = Journal(
            home.journal, settings.journal, ages=bool(settings.design.url), node=settings.name
        )
        self._turn = asyncio.Lock()

    async def perform(self, what: str, words: dict[str, Any]) -> dict[str, Any]:
        """One wish of the crier."""
        try:
            return {"ok": True, "value": await self._performed(what, words)}
        except PenstockError as error:
            return {
                "ok": False,
                "error": str(error),
                "status": error.http_status,
                "type": type(error).__name__,
            }
        except Exception as error:  # noqa: BLE001 - a package's code may raise anything when it is opened
            print(traceback.format_exc(), file=sys.stderr, flush=True)
            return {"ok": False, "error": f"{type(error).__name__}: {error}", "status": 500}

    async def _performed(self, what: str, words: dict[str, Any]) -> Any:
        if what == "told":
            return self.loaded.told()
        async with self._turn:
            if what == "prepare":
                return await asyncio.to_thread(self.loaded.prepare, words["service"], words["generation"])
            self.loaded.swap(await asyncio.to_thread(self.loaded.reload))
            return None

    async def look(self) -> None:
        """Follow changes made by the command line, and close old files of the journal."""
        while True:
            await asyncio.sleep(LOOK)
            self.journal.turn()
            if self._shelf.revision() != self.loaded.revision:
                await self.perform("swap", {})

    async def serve(self, crier: Crier, listener: socket.socket, ready: Callable[[], None]) -> None:
        """Answer until told to stop."""
        sys.setswitchinterval(0.0001)  # loading a generation in a thread must not hold up those who ask
        self.loaded.swap(await asyncio.to_thread(self.loaded.reload))
        for name, problem in self.loaded.problems.items():
            print(f"service {name} cannot be loaded: {problem}", file=sys.stderr, flush=True)
        admin = Admin(self._home, self._settings, self._shelf, crier)
        application = Application(self._home, self._settings, self.loaded, self.journal, admin)
        config = uvicorn.Config(
            application, log_config=None, access_log=False, server_header=False, lifespan="off", ws="none",
            timeout_keep_alive=75, timeout_graceful_shutdown=GRACE, interface="asgi3", proxy_headers=False,
        )  # fmt: skip
        config.load()
        config.http_protocol_class = front.before(config.http_protocol_class, application.at_once)
        server = _Server(config, listener, ready)
        watching = asyncio.create_task(self.look())
        try:
            await server.serve(sockets=[listener])
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
            self.journal.close()


class _Server(uvicorn.Server):
    """Accepts one connection a turn, so that processes on one socket share them evenly."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._listener, self._tell = listener, ready
        self._coming: set[asyncio.Task[Any]] = set()
        self.servers = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self.lifespan.startup()
        self._listener.listen(WAITING)
        self._listener.setblocking(False)
        self._look()
        self.started = True
        self._tell()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().remove_reader(self._listener)
        await super().shutdown(sockets)

    def _look(self) -> None:
        asyncio.get_running_loop().add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # another process was faster, or the caller went away
        except OSError as error:  # too many open files: those who are here are answered first
            print(f"A connection could not be accepted: {error}", file=sys.stderr, flush=True)
            loop.remove_reader(self._listener)
            loop.call_later(PAUSE, self._look_again)
            return
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = loop.create_task(loop.connect_accepted_socket(self._protocol, connection))
        self._coming.add(task)
        task.add_done_callback(self._come)

    def _look_again(self) -> None:
        if not self.should_exit:
            self._look()

    def _come(self, task: asyncio.Task[Any]) -> None:
        self._coming.discard(task)
        if not task.cancelled():
            task.exception()  # a caller that is gone already

    def _protocol(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made


class Alone:
    """The crier of a node that is one process."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer

    async def ask(self, what: str, **words: Any) -> list[dict[str, Any]]:
        return [await self._answerer.perform(what, words)]
