"""Project standards from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.sdk.items import Part, Transport


class ProjectStandards(Part):
    """What the standards of the node say of a project: `penstock.open().project("FLIGHTS").standards`."""

    def run(self) -> Any:
        """Judge the project now: `.worst`, and `.results` with `.standard`, `.state`, `.severity`, `.findings`."""
        return self._call("standards.run", by=self._transport.user)

    def report(self) -> Any:
        """What they said when somebody last asked; None when nobody did."""
        return self._call("standards.report")


class NodeStandards:
    """Which standards hold on a node: `penstock.open().standards`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def show(self) -> Any:
        """The standards by name, and the scopes in order."""
        return self._transport.call("standards.settings")

    def choose(self, standards: Mapping[str, Any] | None) -> Any:
        """Choose them, as `standards.yaml` would say it; None: every kind there is, for every project."""
        return self._transport.call("standards.choose", standards, by=self._transport.user)
