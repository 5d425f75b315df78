"""The same bank, reached over HTTP in this process: a server, a key, and a worker once somebody waits for a run."""

from __future__ import annotations

import shutil
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from penstock.api.remote import Remote
from penstock.app import open_node
from penstock.core.node import Node
from penstock.runtime import keys, users
from penstock.sdk.client import Home
from penstock.server import Beside
from tests.api.stage import Stage

from ..cli.bank import Bank


class Attended(Remote):
    """A server whose worker begins when somebody waits for a run, so that tests see what waits before."""

    server: Node
    beside: Beside | None = None

    def call(self, verb: str, /, *arguments: Any, **settings: Any) -> Any:
        if verb == "scenarios.wait" and self.beside is None:
            self.beside = Beside(self.server)
            self.beside.begin()
        return super().call(verb, *arguments, **settings)

    def rest(self) -> None:
        """Send the worker home until somebody waits again."""
        if self.beside is not None:
            self.beside.end()
        self.beside = None


class FarBank(Bank):
    """A bank elsewhere."""

    @cached_property
    def server(self) -> Node:
        return open_node(self.home)

    @cached_property
    def node(self) -> Home:
        users.add(self.server, "ann", admin=True)
        secret = keys.create_personal(self.server, by="ann").secret
        self.transport = Attended("http://testserver", secret, client=Stage(self.server).client())
        self.transport.server = self.server
        return Home(self.transport)

    def rest(self) -> None:
        if "node" in vars(self):
            self.transport.rest()

    close = rest


def far(made: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> FarBank:
    """A copy of a home, behind a server."""
    shutil.copytree(made, place / "home")
    return FarBank(place / "home", monkeypatch)
