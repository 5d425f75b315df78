"""Managed folders: named containers of files that people upload to and recipes write."""

from __future__ import annotations

from pydantic import Field

from penstock.core.dataset import Observed, Rebuild
from penstock.core.names import ConnectionName


class Folder(Observed):
    """A container of files with paths relative to its root. Building a folder does not empty it first."""

    id: str = Field(
        default="", description="Eight letters and digits; given once and kept.", pattern=r"^(\w{8})?$"
    )
    connection: ConnectionName = Field(
        default="", description="File connection that its files lie on; the node's own disk when empty."
    )
    path: str = Field(
        default="",
        description="Where they lie on the connection, by its rule when empty; may use `${variables}`. Without a "
        "connection: a folder of the server instead of the node's own, under an allowed root.",
    )
    rebuild: Rebuild = Field(default="normal", description="Whether recursion and direct builds may run it.")

    def where(self) -> str:
        """Where the files lie, in words: `on connection lake under months`."""
        below = f" under {self.path}" if self.path else ""
        if self.connection:
            return f"on connection {self.connection}{below}"
        return f"on the server{below}" if below else "on this node"

    def is_ours(self) -> bool:
        """Whether its place is chosen by Penstock: what lies there may be cleared."""
        return not self.path
