"""The other nodes of a demo: a studio, an automation node and an API node, each a process with a home of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from penstock.cli import serve
from penstock.core.errors import NotReady
from penstock.core.process import is_running, started

if TYPE_CHECKING:
    from penstock.core.node import Node

PLACES, API = "automation", "api-nodes"
"""What the infrastructures are called."""
SECRET = "demo_automation"
RIGHTS = ("administrator", "manage deployments", "create projects", "write code")
MARK = "demo.json"
PATIENCE = 30.0


@dataclass
class Process:
    """A `penstock serve` of a home, begun by this demo."""

    home: Path
    url: str
    running: subprocess.Popen[str]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def stop(self) -> None:
        """Ask it to end, and wait."""
        _end(self.running)
        _mark(self.home).unlink(missing_ok=True)


@dataclass
class Nodes:
    """What runs beside this command."""

    studio: Process
    automation: Process
    api_port: int
    key: str
    """Of the automation node."""

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"


@contextmanager
def running(home: Path) -> Iterator[Nodes]:
    """The three until the block ends, however it ends: with Ctrl-C, or asked to stop."""
    there = home / "nodes" / PLACES
    with _told_to_stop():
        for place in (home, there):
            _end_left(place)
        _stop_api(home)
        key = _prepare(home, there)
        begun: list[tuple[Path, subprocess.Popen[str]]] = []
        try:
            for place, port in ((home, serve.PORT), (there, serve.PORT + 1)):
                begun.append(_begin(place, port))
            studio, automation = (_answering(*one) for one in begun)
            yield Nodes(studio, automation, free_port(serve.PORT + 101), key)
        finally:
            for _, process in begun[::-1]:
                _end(process)
            for place in (home, there):
                _mark(place).unlink(missing_ok=True)
            _stop_api(home)


def free_port(first: int) -> int:
    """The first port from this one on that nothing listens on."""
    listening = serve.listen("127.0.0.1", first, tries=serve.TRIES)
    with listening:
        return int(listening.getsockname()[1])


def _prepare(home: Path, there: Path) -> str:
    """A home for the automation node that trusts ours, and a key to it that ours keeps sealed."""
    from penstock.app import open_node
    from penstock.runtime import keys

    node = open_node(home)
    shutil.rmtree(there, ignore_errors=True)
    there.mkdir(parents=True)
    facts = {"role": "automation", "node_name": PLACES, "user": node.config.user}
    (there / "config.yaml").write_text(json.dumps(facts), encoding="utf-8")
    other = open_node(there)
    other.node_keys.trust(node.node_keys.own(), by=node.config.user, at=node.clock.now())
    made = keys.create_global(
        other,
        by=node.config.user,
        permissions=RIGHTS,
        projects={"*": ["admin"]},
        label="deployer of the demo",
    )
    node.secrets.put(SECRET, made.secret)
    return made.secret


def _begin(home: Path, port: int) -> tuple[Path, subprocess.Popen[str]]:
    command = [
        sys.executable,
        "-m",
        "penstock.cli",
        "--home",
        str(home),
        "serve",
        "--port",
        str(port),
        "--next",
    ]
    told = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    with (home / "serve.log").open("a") as errors:
        process = subprocess.Popen(
            command, text=True, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, env=told,
            start_new_session=True,
        )  # fmt: skip
    with suppress(ProcessLookupError):
        _mark(home).write_text(json.dumps({"pid": process.pid, "started": started(process.pid)}))
    return home, process


def _answering(home: Path, process: subprocess.Popen[str]) -> Process:
    assert process.stdout is not None
    line = process.stdout.readline()
    if "http://" not in line:
        raise NotReady(f"A node did not start: {(home / 'serve.log').read_text()[-500:].strip()}")
    return Process(home, line[line.index("http://") :].split()[0], process)


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
    process.communicate()


def _end_left(home: Path) -> None:
    """End what an earlier demo left running because it was killed."""
    try:
        left = json.loads(_mark(home).read_text())
    except (OSError, ValueError):
        return
    if is_running(left["pid"], left["started"]):
        os.kill(left["pid"], signal.SIGTERM)
    _mark(home).unlink(missing_ok=True)


def _stop_api(home: Path) -> None:
    """End the API nodes that this home started."""
    from penstock.app import open_node
    from penstock.deploy import local_nodes

    node: Node = open_node(home)
    for place in sorted((home / "nodes").glob("[0-9]*")):
        local_nodes.stop(node, int(place.name))


def _mark(home: Path) -> Path:
    return home / MARK


@contextmanager
def _told_to_stop() -> Iterator[None]:
    """SIGTERM, and a terminal that closes, end this command as Ctrl-C does: what it started is ended first."""

    def leave(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
