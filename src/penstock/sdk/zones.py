"""The zones of a project, seen from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from penstock.sdk.items import Part

if TYPE_CHECKING:
    from penstock.core.zone import ZoneGraph


class Zones(Part):
    """The zones of a project's Flow. Each change is one commit."""

    def list(self) -> list[ZoneGraph]:
        """Every zone with what lies in it, the default one first; one entry alone: the Flow has no zones."""
        found: list[ZoneGraph] = self._call("zones.graphs")
        return found

    def create(self, name: str, *, color: str = "") -> None:
        """A new, empty zone."""
        self._call("zones.create", name, color=color, author=self._user)

    def rename(self, name: str, new: str) -> None:
        """Another name for a zone."""
        self._call("zones.rename", name, new, author=self._user)

    def recolor(self, name: str, color: str) -> None:
        """Another colour, as #rrggbb."""
        self._call("zones.recolor", name, color, author=self._user)

    def delete(self, name: str) -> None:
        """Delete a zone; what lay in it falls back into the default one."""
        self._call("zones.delete", name, author=self._user)

    def move(self, names: Sequence[str], to: str, *, new: bool = False) -> None:
        """Move items and recipes to a zone, made first when `new`. A recipe and its outputs go together."""
        self._call("zones.move", [*names], to, new=new, author=self._user)

    def share(self, item: str, into: str) -> None:
        """Show an item of one zone in another too."""
        self._call("zones.share", item, into, author=self._user)

    def unshare(self, item: str, from_zone: str) -> None:
        """No longer show an item in a zone it does not lie in."""
        self._call("zones.unshare", item, from_zone, author=self._user)
