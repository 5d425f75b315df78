"""Nodes as they are in production: each a process of its own, with its own home, port and key.

with a_running_node(tmp_path, "automation", trusts=[design]) as automation:
    automation.home.incoming.receive(archive)
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import penstock
from penstock.app import open_node
from penstock.core.access import Permission
from penstock.core.node import Node
from penstock.core.signing import NodeKey
from penstock.runtime import keys
from penstock.sdk.client import Home

ADMIN = "ann"
PATIENCE = 60.0


@dataclass
class RunningNode:
    """A node that answers under an address."""

    folder: Path
    name: str
    role: str
    environment: Mapping[str, str] = field(default_factory=dict)
    worker: bool = True
    url: str = ""
    key: str = ""
    """A key of its administrator."""
    process: subprocess.Popen[str] | None = None

    @property
    def home(self) -> Home:
        """What programs see of it, over HTTP with its key."""
        return penstock.connect(self.url, self.key)

    @property
    def node(self) -> Node:
        """Its home, opened in this process beside it: to look at, and to make things quickly."""
        return open_node(self.folder)

    @property
    def public_key(self) -> NodeKey:
        return self.node.node_keys.own()

    def trust(self, *others: RunningNode) -> None:
        """Take in archives of other nodes from now on."""
        node = self.node
        for other in others:
            node.node_keys.trust(other.public_key, by=ADMIN, at=node.clock.now())

    def start(self, port: int = 0) -> RunningNode:
        """Start its process and wait until it answers. With the port it had its address stays."""
        words = ["--home", str(self.folder), "serve", "--port", str(port)]
        words += [] if self.worker else ["--no-worker"]
        with (self.folder / "stderr.log").open("a") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "penstock.cli", *words], text=True, stdout=subprocess.PIPE, stderr=errors,
                env={**_clean(), **self.environment},
            )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if "http://" not in line:
            raise RuntimeError(
                f"{self.name} did not start: {line}{(self.folder / 'stderr.log').read_text()[-2000:]}"
            )
        self.url = line.split("at ", 1)[1].split()[0]
        return self

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        """End its process without asking."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask its process to end, and wait."""
        self._end(signal.SIGTERM)

    def restart(self) -> RunningNode:
        """The same node at the same address, after a kill."""
        self.kill()
        return self.start(self.port)

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            self.process.send_signal(how)
        self.process.communicate(timeout=PATIENCE)
        self.process = None


def a_home(folder: Path, name: str, role: str = "design", **settings: Any) -> RunningNode:
    """A home with an administrator and a key, not started yet."""
    folder.mkdir(parents=True)
    values = {"role": role, "node_name": name, "user": ADMIN, "threads": 1, **settings}
    (folder / "config.yaml").write_text(json.dumps(values), encoding="utf-8")
    node = open_node(folder)
    made = keys.create_global(
        node, by=ADMIN, permissions=[Permission.ADMINISTRATOR], projects={"*": ["admin"]}
    )
    return RunningNode(folder=folder, name=name, role=role, key=made.secret)


@contextmanager
def a_running_node(
    folder: Path, name: str, role: str = "", *, trusts: Sequence[RunningNode] = (), worker: bool = True, **settings: Any
) -> Iterator[RunningNode]:  # fmt: skip
    """A node called `name` (its role too unless told) under `folder/name`, running until the end of the block."""
    found = a_home(folder / name, name, role or name, **settings)
    found.worker = worker
    found.trust(*trusts)
    try:
        yield found.start()
    finally:
        found.stop()


def _clean() -> dict[str, str]:
    """The environment without what another node of this machine was told; where tests keep states is for all."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PENSTOCK_") or name.startswith("PENSTOCK_TEST_")
    }
