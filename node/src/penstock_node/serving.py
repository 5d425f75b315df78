"""Starting a node: one process that answers, or a parent with several."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import signal
import socket
from collections.abc import Coroutine
from typing import Any

from penstock.core.errors import NotReady
from penstock.store.disk import locked
from penstock_node import journal
from penstock_node.crowd import Line, OneOfMany, Parent
from penstock_node.disk import Shelf
from penstock_node.sending import Sender
from penstock_node.settings import Home, Settings

PATIENCE = 10.0
"""Seconds to wait for a node that serves the same home and is about to end."""


def serve(home: Home) -> None:
    """Serve until a signal says stop; says on the standard output where. Raises Conflict while another process serves
    this home: one would sweep away what the other unpacks."""
    home.root.mkdir(parents=True, exist_ok=True)
    with locked(home.root / ".serving", wait=PATIENCE, what=f"the home {home.root}"):
        _serve_alone(home)


def _serve_alone(home: Home) -> None:
    settings = named(home)
    Shelf(home).sweep()
    home.journal.mkdir(parents=True, exist_ok=True)
    journal.close_left(home.journal)
    listener = _listening(settings)
    sender = None
    if settings.design.url:
        sender = Sender(home.journal, settings.design, settings.journal, settings.name)
        sender.start()
    host, port = listener.getsockname()[:2]
    try:
        with contextlib.suppress(KeyboardInterrupt):
            run = asyncio.run if settings.processes > 1 else _run
            run(_serve(home, settings, listener, lambda: _say(f"http://{host}:{port}")))
    finally:
        if sender is not None:
            sender.stop()
        listener.close()


def answer(home: Home, listener: int, line: int) -> None:
    """One of several processes, started by the parent."""
    _run(_answer(home, named(home), socket.socket(fileno=listener), socket.socket(fileno=line)))


def _run(work: Coroutine[Any, Any, None]) -> None:
    """On uvloop where it is installed."""
    fast = importlib.import_module("uvloop").new_event_loop if importlib.util.find_spec("uvloop") else None
    with asyncio.Runner(loop_factory=fast) as runner:
        runner.run(work)


def named(home: Home) -> Settings:
    """The settings, with a name in any case."""
    settings = home.settings()
    return settings if settings.name else settings.changed(name=f"{socket.gethostname()}:{settings.port}")


async def _serve(home: Home, settings: Settings, listener: socket.socket, ready: object) -> None:
    assert callable(ready)
    if settings.processes > 1:
        await Parent(home, listener, settings.processes).run(ready)
        return
    from penstock_node.process import Alone, Answerer

    answerer = Answerer(home, settings)
    await answerer.serve(Alone(answerer), listener, ready)


async def _answer(home: Home, settings: Settings, listener: socket.socket, end: socket.socket) -> None:
    from penstock_node.process import Answerer

    answerer = Answerer(home, settings)
    crier = OneOfMany(await Line.over(end), answerer.perform)
    following = asyncio.create_task(_follow(crier))
    await answerer.serve(crier, listener, crier.ready)
    following.cancel()


async def _follow(crier: OneOfMany) -> None:
    """Without a parent there is nobody to answer for."""
    await crier.listen()
    os.kill(os.getpid(), signal.SIGTERM)


def _listening(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(
        family, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )  # named: only then replies are not held back
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise NotReady(f"{settings.host}:{settings.port} cannot be listened on: {error.strerror}.") from error
    listener.listen(2048)
    listener.setblocking(False)
    return listener


def _say(address: str) -> None:
    print(f"Penstock node listens on {address}", flush=True)
