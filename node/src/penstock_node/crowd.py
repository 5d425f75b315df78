"""Several processes on one port: a parent that starts them, starts a dead one again, and passes on what one asks all.

Messages go over a pair of sockets for each process: four bytes of length, then JSON.
    child → parent   {"ask": n, "what", "words"}          parent → child   {"told": n, "said": […]}
    parent → child   {"do": n, "what", "words"}           child → parent   {"done": n, "said": {…}}
    child → parent   {"ready": true}
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from penstock_node.settings import Home

HEAD = struct.Struct(">I")
PATIENCE = 300.0
"""Seconds until a process that does not answer another's wish counts as dead."""


class Line:
    """One end of a pair of sockets."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def over(cls, end: socket.socket) -> Line:
        return cls(*await asyncio.open_unix_connection(sock=end))

    def say(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        self._writer.write(HEAD.pack(len(body)) + body)

    async def hear(self) -> dict[str, Any]:
        """Raises EOFError when the other end is gone."""
        try:
            (length,) = HEAD.unpack(await self._reader.readexactly(HEAD.size))
            found = json.loads(await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise EOFError from error
        assert isinstance(found, dict)
        return found

    def close(self) -> None:
        self._writer.close()


class OneOfMany:
    """The crier of a child."""

    def __init__(self, line: Line, perform: Callable[[str, dict[str, Any]], Any]) -> None:
        self._line, self._perform = line, perform
        self._numbers, self._waiting = itertools.count(), dict[int, asyncio.Future[list[dict[str, Any]]]]()
        self._doing: set[asyncio.Task[None]] = set()

    async def ask(self, what: str, **words: Any) -> list[dict[str, Any]]:
        number = next(self._numbers)
        answer: asyncio.Future[list[dict[str, Any]]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self._line.say({"ask": number, "what": what, "words": words})
        return await answer

    def ready(self) -> None:
        self._line.say({"ready": True})

    async def listen(self) -> None:
        """Until the parent is gone."""
        with contextlib.suppress(EOFError):
            while True:
                message = await self._line.hear()
                if "told" in message:
                    self._waiting.pop(message["told"]).set_result(message["said"])
                else:
                    task = asyncio.create_task(self._do(message))
                    self._doing.add(task)
                    task.add_done_callback(self._doing.discard)

    async def _do(self, message: dict[str, Any]) -> None:
        said = await self._perform(message["what"], message["words"])
        self._line.say({"done": message["do"], "said": said})


class Child:
    """A process as its parent sees it."""

    def __init__(self, process: subprocess.Popen[bytes], line: Line) -> None:
        self.process, self.line, self.is_ready = process, line, False
        self.owes: dict[int, asyncio.Future[dict[str, Any] | None]] = {}


class Parent:
    """Keeps so many processes answering on one listening socket."""

    def __init__(self, home: Home, listener: socket.socket, count: int) -> None:
        self._home, self._listener, self._count = home, listener, count
        self._children: list[Child] = []
        self._numbers, self._stopping = itertools.count(), asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._all_ready: Callable[[], None] = lambda: None

    async def run(self, ready: Callable[[], None]) -> None:
        """Until a signal says stop. `ready` is called when the first time all answer."""
        self._all_ready = ready
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stopping.set)
        keepers = [asyncio.create_task(self._keep()) for _ in range(self._count)]
        await self._stopping.wait()
        for child in self._children:
            child.process.terminate()
        await asyncio.gather(*keepers)

    async def _keep(self) -> None:
        """One process, again and again; one that dies at once is started again more slowly."""
        pause = 0.05
        while not self._stopping.is_set():
            began = time.monotonic()
            await self._one()
            pause = 0.05 if time.monotonic() - began > 10 else min(5.0, pause * 2)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _one(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [
                sys.executable, "-m", "penstock_node", "--home", str(self._home.root), "answer",
                str(self._listener.fileno()), str(theirs.fileno()),
            ]  # fmt: skip
            handles = (self._listener.fileno(), theirs.fileno())
            process = subprocess.Popen(command, pass_fds=handles, env=_quiet())
        child = Child(process, await Line.over(ours))
        self._children.append(child)
        if self._stopping.is_set():
            process.terminate()
        try:
            await self._serve(child)
        finally:
            self._children.remove(child)
            for owed in child.owes.values():
                if not owed.done():
                    owed.set_result(None)
            child.line.close()
            await asyncio.to_thread(process.wait)

    async def _serve(self, child: Child) -> None:
        with contextlib.suppress(EOFError):
            while True:
                message = await child.line.hear()
                if "done" in message:
                    child.owes.pop(message["done"]).set_result(message["said"])
                elif "ready" in message:
                    self._became_ready(child)
                else:
                    task = asyncio.create_task(self._passed_on(child, message))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)

    def _became_ready(self, child: Child) -> None:
        child.is_ready = True
        if len(self._children) == self._count and all(c.is_ready for c in self._children):
            self._all_ready()
            self._all_ready = lambda: None

    async def _passed_on(self, asker: Child, message: dict[str, Any]) -> None:
        """To every process, one that is starting too: it reads the disk when it has started, so it owes no answer."""
        owed = [self._wished(child, message) for child in self._children if child.is_ready]
        said = [answer for answer in await asyncio.gather(*owed) if answer is not None]
        asker.line.say({"told": message["ask"], "said": said})

    async def _wished(self, child: Child, message: dict[str, Any]) -> dict[str, Any] | None:
        number = next(self._numbers)
        child.owes[number] = asyncio.get_running_loop().create_future()
        child.line.say({"do": number, "what": message["what"], "words": message["words"]})
        try:
            return await asyncio.wait_for(child.owes[number], PATIENCE)
        except TimeoutError:
            child.process.kill()
            return None


def _quiet() -> dict[str, str]:
    """One thread of the mathematics in each process: they are as many as there are processors already."""
    return {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **os.environ}
