"""Server files: a folder of this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, field_validator

from penstock.core.errors import Failed, NotFound
from penstock.core.file_store import FileStore

if TYPE_CHECKING:
    from penstock.core.contexts import ConnectionContext


class ServerFiles(FileStore):
    """A folder of the server, or of a disk that all servers share, under a name: whoever uses it need not know its
    path, and an administrator can move it.

    Example:
        type: server_files
        root: /data/lake
        writable: true
    """

    LOCAL: ClassVar[bool] = True
    MAIN: ClassVar[tuple[str, ...]] = ("root", "writable", "managed_folders")

    root: str = Field(min_length=1, description="The folder, by its full path; it must exist.")

    @field_validator("root")
    @classmethod
    def _full_path(cls, root: str) -> str:
        if not os.path.isabs(root) or Path(root) == Path("/"):
            raise ValueError("A folder is given by its full path, such as /data/lake.")
        return root

    def folder(self) -> Path:
        return Path(self.root)

    def place(self) -> str:
        return f"the server's {self.root}"

    def test(self, ctx: ConnectionContext) -> str:
        if not self.folder().is_dir():
            raise NotFound("folder", self.root, hint="Make it, or correct `root`.")
        wanted = os.R_OK | os.X_OK | (os.W_OK if self.writable else 0)
        if not os.access(self.folder(), wanted):
            raise Failed(
                f"{self.root} may not be {'written to' if self.writable else 'read'} by this process."
            )
        may = "may be written to" if self.writable else "is only read from"
        return f"{self.root} is there and {may}"
