"""penstock-nodes that this home starts by itself, one process a port, and keeps running."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.core.deployment import Address
from penstock.core.errors import NotReady
from penstock.core.process import is_running
from penstock.core.process import started as began
from penstock.runtime import keys

if TYPE_CHECKING:
    from penstock.core.node import Node

CHILDREN: dict[Path, subprocess.Popen[bytes]] = {}
"""Those that this process started, so that it notices when they end; others know them by their mark."""
READY = 30.0
"""Seconds that a node may take until it answers."""
JOURNAL = 10.0
"""Seconds after which a node on this machine sends home what it was asked."""


def started(node: Node, port: int) -> Address:
    """The node on a port of this machine; begun when it does not run. Raises NotReady."""
    home = node.config.home / "nodes" / str(port)
    with _alone(home):
        if not _runs(home):
            _start(node, home, port)
        return Address(url=f"http://127.0.0.1:{port}", key=_key(home).read_text())


def runs(node: Node, port: int) -> bool:
    """Whether the node on a port of this machine, begun by this home, runs now."""
    return _runs(node.config.home / "nodes" / str(port))


def stop(node: Node, port: int) -> bool:
    """End the node on a port; False when none runs."""
    home = node.config.home / "nodes" / str(port)
    with _alone(home):
        if not _runs(home):
            return False
        pid = int(_mark(home)["pid"])
        os.kill(pid, 15)
        _until_gone(pid, str(_mark(home)["started"]))
        _reap(home)
        (home / "process.json").unlink(missing_ok=True)
    return True


def _start(node: Node, home: Path, port: int) -> None:
    if find_spec("penstock_node") is None:
        raise NotReady(
            "The API node is not installed beside Penstock.", hint="Install it: pip install penstock-node."
        )
    _check_free(port)
    if not _key(home).exists():
        _initialise(node, home, port)
    _point(node, home)
    command = [sys.executable, "-m", "penstock_node", "--home", str(home / "home"), "serve"]
    _reap(home)
    with (home / "node.log").open("ab") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
        )
    CHILDREN[home] = process
    mark = {"pid": process.pid, "started": began(process.pid)}
    (home / "process.json").write_text(json.dumps(mark))
    _until_ready(process, home, port)


def _check_free(port: int) -> None:
    """Raises NotReady: whoever listens there already would be taken for ours, and get our admin key."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return
    raise NotReady(
        f"Port {port} of this machine is taken by another program.",
        hint="Give the infrastructure another port, or stop what listens there.",
    )


def _initialise(node: Node, home: Path, port: int) -> None:
    """An empty home of its own, with an admin key that only this home knows and our signature trusted."""
    key = _command(home, "init", "--port", str(port), "--workers", "1", "--name", f"local-{port}").strip()
    own = node.node_keys.own()
    _command(home, "trust", own.node, own.key)
    place = _key(home)
    place.touch(mode=0o600)
    place.write_text(key)


def _point(node: Node, home: Path) -> None:
    """Its journal comes back to this home, at the address this home answers under; it waits while there is none."""
    if not node.config.base_url:
        return
    file = home / "home" / "node.json"
    settings = json.loads(file.read_text())
    key = settings["design"]["key"] or keys.create_for_journal(node, f"Journal of {settings['name']}").secret
    settings["design"] = {"url": node.config.base_url, "key": key}
    settings["journal"]["seconds"] = min(settings["journal"]["seconds"], JOURNAL)
    aside = file.with_suffix(".new")
    aside.touch(mode=0o600)
    aside.write_text(json.dumps(settings, indent=1))
    aside.replace(file)


def _command(home: Path, *words: str) -> str:
    command = [sys.executable, "-m", "penstock_node", "--home", str(home / "home"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=READY)
    if done.returncode:
        raise NotReady(f"The API node could not be set up: {done.stderr.strip()[-500:]}")
    return done.stdout


def _until_ready(process: subprocess.Popen[bytes], home: Path, port: int) -> None:
    import httpx

    deadline = time.monotonic() + READY
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/isAlive/", timeout=1.0, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    if process.poll() is None:
        process.terminate()
    tail = (home / "node.log").read_text(errors="replace")[-500:]
    raise NotReady(f"The API node on port {port} did not start: {tail.strip()}")


def _reap(home: Path) -> None:
    """Let go of a child of ours that has ended."""
    child = CHILDREN.pop(home, None)
    if child is not None:
        child.wait(timeout=READY)


def _until_gone(pid: int, start: str) -> None:
    deadline = time.monotonic() + READY
    while is_running(pid, start) and time.monotonic() < deadline:
        time.sleep(0.05)


def _runs(home: Path) -> bool:
    mark = _mark(home)
    return bool(mark) and is_running(int(mark["pid"]), str(mark["started"]))


def _mark(home: Path) -> dict[str, str | int]:
    try:
        found: dict[str, str | int] = json.loads((home / "process.json").read_text())
    except (OSError, ValueError):
        return {}
    return found


def _key(home: Path) -> Path:
    return home / "admin.key"


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One process starts or stops it at a time."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("a") as lock:
        fcntl.flock(lock.fileno(), fcntl.LOCK_EX)
        yield
