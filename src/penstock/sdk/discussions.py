"""Discussions from outside."""

from __future__ import annotations

from typing import Any

from penstock.sdk.items import Part


class Discussions(Part):
    """What people say about the objects of a project: `penstock.open().project("FLIGHTS").discussions`."""

    def list(self, object: str = "") -> list[Any]:
        """Of the project, or of one object (`dataset:flights`): `.id`, `.topic`, `.object`, `.replies`, `.closed`."""
        found: list[Any] = self._call("discussions.listing", object)
        return found

    def begin(self, object: str, topic: str, text: str) -> Any:
        """Begin one about an object; `project:` is the project itself. @login tells people that they are meant."""
        return self._call("discussions.begin", object, topic, text, author=self._transport.user)

    def show(self, id: int) -> Any:
        """One of them with all that was said."""
        return self._call("discussions.show", id)

    def reply(self, id: int, text: str) -> Any:
        """Say something more."""
        return self._call("discussions.reply", id, text, author=self._transport.user)

    def change(self, id: int, reply: int, text: str) -> Any:
        """Change what you said; what it said before stays to be seen."""
        return self._call("discussions.change", id, reply, text, author=self._transport.user)

    def close(self, id: int, *, closed: bool = True) -> Any:
        """Say that it has come to its end, or that it has not."""
        return self._call("discussions.close", id, closed=closed, author=self._transport.user)
