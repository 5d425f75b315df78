"""Saved comparisons of a project seen from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from penstock.sdk.items import Part

if TYPE_CHECKING:
    from penstock.core.comparison import Comparison


class Comparisons(Part):
    """Versions and evaluations side by side, kept under names. Each change is one commit."""

    def list(self) -> list[Any]:
        """Every saved one: `.name`, `.title`, `.items` (how many), `.changed_at` …"""
        found: list[Any] = self._call("comparing.listing")
        return found

    def show(self, name: str) -> Comparison:
        """One with its values now; items that are gone are left out. Raises NotFound with the nearest name."""
        found: Comparison = self._call("comparing.show", name)
        return found

    def open(self, name: str) -> Any:
        """One to be changed: `.saved`, `.gone`, and the `.base` to save it with."""
        return self._call("comparing.opened", name)

    def create(self, title: str, items: Sequence[str], *, champion: str = "") -> str:
        """Keep `model/version` and `store/evaluation` items side by side; the name, made from the title."""
        return str(self._call("comparing.create", title, list(items), champion=champion, author=self._user))

    def save(self, name: str, definition: Mapping[str, Any], *, base: str | None = None) -> None:
        """Create or replace one. Raises InvalidDefinition naming the field, SaveConflict with a base that is old."""
        self._call("comparing.save", name, dict(definition), base=base, author=self._user)

    def delete(self, name: str) -> None:
        """Remove one; what it compared stays."""
        self._call("comparing.delete", name, author=self._user)
