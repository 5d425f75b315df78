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
            return {"ok": False, "error": str(error), "status": error.http_status}
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
        sys.setswitchinterval(0.0005)  # loading a generation in a thread must not hold up those who ask
        self.loaded.swap(await asyncio.to_thread(self.loaded.reload))
        for name, problem in self.loaded.problems.items():
            print(f"service {name} cannot be loaded: {problem}", file=sys.stderr, flush=True)
        admin = Admin(self._home, self._settings, self._shelf, crier)
        application = Application(self._home, self._settings, self.loaded, self.journal, admin)
        server = _Server(uvicorn.Config(
            application, log_config=None, access_log=False, server_header=False, lifespan="off", backlog=1,
            timeout_keep_alive=75, timeout_graceful_shutdown=GRACE, interface="asgi3", ws="none",
        ), listener, ready)  # fmt: skip
        watching = asyncio.create_task(self.look())
        try:
            await server.serve(sockets=[listener])
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
            self.journal.close()


class _Server(uvicorn.Server):
    """Accepts one connection a turn (a backlog of 1 says so to asyncio), so that processes share them evenly."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._listener, self._tell = listener, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listener.listen(WAITING)
        self._tell()


class Alone:
    """The crier of a node that is one process."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer

    async def ask(self, what: str, **words: Any) -> list[dict[str, Any]]:
        return [await self._answerer.perform(what, words)]
