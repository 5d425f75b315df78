"""Several objects of a Flow, seen from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from penstock.sdk.items import Part

if TYPE_CHECKING:
    from penstock.runtime.deleting import Impact
    from penstock.runtime.selection import Kept


class Selection(Part):
    """Items and recipes that something is done to at once. Each change is one commit.

    `project.selection("raw", "joined").tag("gold")`
    """

    def __init__(self, transport: Any, project: str, names: Sequence[str]) -> None:
        super().__init__(transport, project)
        self.names = list(names)

    def tag(self, *add: str, remove: Sequence[str] = ()) -> None:
        """Give them tags, and take tags away."""
        self._call("selection.tag", self.names, add=list(add), remove=list(remove), author=self._user)

    def set_rebuild(self, rebuild: Literal["normal", "explicit", "write_protected"]) -> None:
        """Whether builds may replace their data."""
        self._call("selection.set_rebuild", self.names, rebuild, author=self._user)

    def change_connection(self, connection: str, *, rows: bool = False, drop: bool = False) -> Any:
        """Let datasets live on another connection, an empty one for files of the node: with their rows, or filled by
        the next build; `drop` removes the old rows. Says `.datasets`, `.copied`, `.dropped`."""
        words = {"author": self._user, "rows": rows, "drop": drop}
        return self._call("relocating.change_connection", self.names, connection, **words)

    def clear(self) -> list[Kept]:
        """Remove their data; those that were left, each with `.name` and `.why`."""
        found: list[Kept] = self._call("selection.clear", self.names)
        return found

    def copy(self, ending: str = "_copy") -> dict[str, str]:
        """Copy their definitions, a recipe with what it writes; old name → new one."""
        found: dict[str, str] = self._call("copying.copy", self.names, ending=ending, author=self._user)
        return found

    def impact(self) -> Impact:
        """What deleting them would do: `.items`, `.recipes`, `.left_alone`, `.named_by`, `.with_data`."""
        found: Impact = self._call("deleting.impact", self.names)
        return found

    def delete(self, *, data: bool = True) -> Impact:
        """Delete them, with the recipes that cannot be without them, and their data unless `data` is false."""
        found: Impact = self._call("deleting.delete", self.names, data=data, author=self._user)
        return found
