"""Managed folders: named containers of files that people upload to and recipes write."""

from __future__ import annotations

from pydantic import Field

from penstock.core.dataset import Observed, Rebuild


class Folder(Observed):
    """A container of files with paths relative to its root. Building a folder does not empty it first."""

    id: str = Field(
        default="", description="Eight letters and digits; given once and kept.", pattern=r"^(\w{8})?$"
    )
    path: str = Field(
        default="",
        description="A folder on the server instead of the node's own; must lie under an allowed root.",
    )
    rebuild: Rebuild = Field(default="normal", description="Whether recursion and direct builds may run it.")
