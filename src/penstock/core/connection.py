"""Connections and channels of a node: mail servers, chats, databases; their secrets are sealed elsewhere."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from penstock.core.kind import Described, Kind


class Connection(Kind, Described):
    """A way to something outside, set up once for the node: `home/connections/<name>.yaml`.

    A setting that is secret holds `secret:<name>`; the value is sealed in the home and never written to YAML or logs.
    """

    FAMILY: ClassVar[str] = "connections"
    CHANNEL: ClassVar[bool] = False
    """True when messages go through it."""

    allowed: tuple[str, ...] = Field(default=(), description="Users who may use it; everybody when empty.")

    def test(self, ctx: Any) -> str:
        """Try it without doing anything; returns what was found, raises what is wrong."""
        raise NotImplementedError
