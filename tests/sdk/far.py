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

    beside: Beside

    def call(self, verb: str, /, *arguments: Any, **settings: Any) -> Any:
        if verb == "scenarios.wait" and self.beside._thread is None:
            self.beside.begin()
        return super().call(verb, *arguments, **settings)


class FarBank(Bank):
    """A bank elsewhere."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(home, monkeypatch)
        self.beside = Beside(self.server)

    @cached_property
    def server(self) -> Node:
        return open_node(self.home)

    @cached_property
    def node(self) -> Home:
        users.add(self.server, "ann", admin=True)
        secret = keys.create_personal(self.server, by="ann").secret
        transport = Attended("http://testserver", secret, client=Stage(self.server).client())
        transport.beside = self.beside
        return Home(transport)

    def close(self) -> None:
        """Hand everything back."""
        self.beside.end()


def far(made: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> FarBank:
    """A copy of a home, behind a server."""
    shutil.copytree(made, place / "home")
    return FarBank(place / "home", monkeypatch)
