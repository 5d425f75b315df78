"""FileStore: a connection behind which files lie, in a bucket of an object store or in a folder of the server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, field_validator

from penstock.core.connection import Connection
from penstock.core.errors import ConnectionFailed, Refused
from penstock.core.variables import names_in

if TYPE_CHECKING:
    from penstock.core.contexts import ConnectionContext


class FileStore(Connection):
    """A connection to files: datasets read them, managed folders and managed datasets lie there.

    A kind either names a folder of this machine (`folder()`), or opens a filesystem of fsspec (`filesystem(ctx)`)
    and says which of its errors people get to see, in which words (`errors()`, `complaint(error)`).
    """

    LOCAL: ClassVar[bool] = False
    """True when its files lie in a folder of this machine."""

    writable: bool = Field(default=True, description="Off: Penstock only reads there.")
    managed_folders: bool = Field(default=True, description="Managed folders may lie there.")
    managed_datasets: bool = Field(default=True, description="Recipes may keep their outputs there.")
    path_rule: str = Field(
        default="${projectKey}",
        description="Where managed folders and datasets lie unless they say it themselves; `${projectKey}` must be "
        "in it, so that no two projects write to one place.",
    )

    @field_validator("path_rule")
    @classmethod
    def _projects_stay_apart(cls, rule: str) -> str:
        if "projectKey" not in names_in(rule):
            raise ValueError(
                "path_rule must contain ${projectKey}: two projects would write to one place, and the copy of a "
                "project would overwrite the files of the first."
            )
        if rule.startswith("/") or ".." in rule.split("/"):
            raise ValueError("path_rule is a path below the connection's own: no / at its start, no '..'.")
        return rule.rstrip("/")

    def place(self) -> str:
        """Where that is, for people: `bucket lake under raw/`."""
        raise NotImplementedError

    def folder(self) -> Path:
        """The folder of this machine, when LOCAL."""
        raise NotImplementedError

    def base(self) -> str:
        """The path of the filesystem that everything lies below: `lake/raw`."""
        raise NotImplementedError

    def filesystem(self, ctx: ConnectionContext) -> Any:
        """An open filesystem of fsspec."""
        raise NotImplementedError

    def errors(self) -> tuple[type[Exception], ...]:
        """What its filesystem raises when something is wrong outside."""
        return (OSError,)

    def complaint(self, error: Exception) -> str:
        """One of those errors as a sentence without its full stop."""
        return str(error).rstrip(".") or type(error).__name__

    def is_down(self, error: Exception) -> bool:
        """Whether one of those errors says that nobody answers at all."""
        return isinstance(error, TimeoutError)

    def failed(self, name: str, error: Exception) -> ConnectionFailed:
        """The error to raise: which connection, which place, what was said, what next."""
        return ConnectionFailed(
            f"Connection {name} ({self.place()}): {self.complaint(error)}.",
            hint=f"Correct its settings or what stands behind it, then try it: penstock connection test {name}",
        )

    def failed_test(self, error: Exception) -> ConnectionFailed:
        """The same while it is tried by name."""
        said = self.place()
        return ConnectionFailed(f"{said[:1].upper()}{said[1:]}: {self.complaint(error)}.")

    def check_may(self, flag: str, name: str) -> None:
        """Raise Refused unless a flag – writable, managed_folders, managed_datasets – is on."""
        words = {
            "writable": "is only read from",
            "managed_folders": "takes no managed folders",
            "managed_datasets": "takes no managed datasets",
        }
        if not getattr(self, flag):
            raise Refused(
                f"Connection {name} {words[flag]}.",
                hint=f"An administrator may set `{flag}: true` in its definition.",
            )
