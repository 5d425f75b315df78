"""A node behind REST in this process: people with keys, and the remote client that talks to it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from penstock.api.remote import connect
from penstock.api.site import site
from penstock.core.node import Node
from penstock.runtime import keys, people, users
from penstock.sdk.client import Home, Project
from penstock.testing import KEY, a_node, a_project, fill

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

FLOW: Mapping[str, Mapping[str, Any]] = {
    "datasets/raw": {"type": "managed"},
    "datasets/copied": {"type": "managed"},
    "recipes/copy": {"type": "sync", "input": "raw", "output": "copied"},
}


@dataclass
class Stage:
    """A node with one small project, and everybody who calls it."""

    node: Node

    @cached_property
    def app(self) -> Any:
        return site(self.node)

    @cached_property
    def secret(self) -> str:
        """The key of ann, who is administrator."""
        users.add(self.node, "ann", admin=True)
        return keys.create_personal(self.node, by="ann").secret

    @cached_property
    def ann(self) -> TestClient:
        return self.client(self.secret)

    def client(self, secret: str = "") -> TestClient:
        """Somebody with a key, or nobody."""
        client = TestClient(self.app, base_url="http://testserver", raise_server_exceptions=False)
        if secret:
            client.headers["Authorization"] = f"Bearer {secret}"
        return client

    def somebody(self, login: str, *rights: str, project: str = KEY) -> TestClient:
        """A user with some rights in the project."""
        _ = self.secret
        users.add(self.node, login)
        if rights:
            people.grant(self.node, project, rights, by="ann", user=login)
        return self.client(keys.create_personal(self.node, by=login).secret)

    @property
    def home(self) -> Home:
        """The node as a program elsewhere sees it."""
        return connect("http://testserver", self.secret, client=self.client())

    @property
    def project(self) -> Project:
        return self.home.project(KEY)


def a_stage(folder: Path) -> Stage:
    """A node with `raw`, three rows, and `copied`, a copy of it."""
    node = a_node(folder)
    a_project(node, FLOW)
    fill(node, "raw", n=[1, 2, 3], word=["a", "=1+1", "-5"])
    return Stage(node)
