"""Sharing seen from outside: which objects other projects read, and what others share with this one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penstock.sdk.items import Transport


class Sharing:
    """What one project shows to others, and they to it."""

    def __init__(self, transport: Transport, project: str) -> None:
        self._transport, self._project = transport, project

    def shown(self) -> Sequence[Any]:
        """`.name`, `.sort` and `.read_by`: project → its recipes that read the object."""
        found: Sequence[Any] = self._transport.call("sharing.shown", self._project)
        return found

    def received(self) -> Sequence[Any]:
        """`.name` (KEY.name), `.sort`, `.project`, `.title` and `.recipes` that read it here."""
        found: Sequence[Any] = self._transport.call("sharing.received", self._project)
        return found

    def share(self, name: str, projects: Sequence[str] = ()) -> Sequence[Any]:
        """Let these projects read a dataset, folder or model, in place of those that did; none stops it."""
        found: Sequence[Any] = self._transport.call(
            "sharing.share", self._project, name, list(projects), by=self._transport.user
        )
        return found
