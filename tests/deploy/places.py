"""Homes for tests of the deployer: one that designs and deploys, and automation nodes in processes of their own."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from penstock.core.node import Node
from penstock.core.signing import NodeKey
from penstock.deploy import bundles, infrastructures, publishing
from penstock.runtime import keys
from penstock.testing import a_node, a_project

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
RIGHTS = ("administrator", "manage deployments", "create projects", "write code")


class Automation:
    """An automation node: its own home, its own process, its own port."""

    def __init__(self, folder: Path, *, trusts: NodeKey) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.home = folder / "home"
        node = a_node(folder, role="automation")
        (self.home / "config.yaml").write_text("role: automation\nuser: ops\n")
        node.node_keys.trust(trusts, by="ops", at=node.clock.now())
        self.key = keys.create_global(
            node, by="ann", permissions=RIGHTS, projects={"*": ["admin"]}, label="deployer"
        ).secret
        self.url = ""
        self.process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        """Listen, at the same port as before if there was one."""
        port = self.url.rpartition(":")[2] or "0"
        words = [sys.executable, "-m", "penstock.cli", "--home", str(self.home), "serve", "--port", port]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        found = ADDRESS.search(self.process.stdout.readline())
        assert found, self.process.communicate(timeout=20)
        self.url = found.group()

    def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        """End its process; its home stays."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(by)
            self.process.communicate(timeout=30)


def design(folder: Path) -> Node:
    """A home that designs FRAUD and deploys it: its local deployer."""
    node = a_node(folder, node_name="design")
    a_project(node, {"datasets/raw": {"type": "managed"}}, key="FRAUD")
    return node


def publish(node: Node, bundle: str = "v1", *, project: str = "FRAUD", by: str = "ann", **words: Any) -> str:
    """Make a bundle of a project and publish it."""
    bundles.create(node, project, bundle, by=by, **words)
    publishing.bundle(node, project, bundle, by=by)
    return bundle


def infrastructure(node: Node, name: str = "prod", **fields: Any) -> None:
    """An infrastructure whose secret is sealed under its own name."""
    node.secrets.put(name, fields.pop("secret", "pk_nothing"))
    made = {"type": "automation_node", "url": "http://127.0.0.1:9", "key": f"secret:{name}", **fields}
    infrastructures.define(node, name, made, by="ann")
