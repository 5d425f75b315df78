"""Files in a managed folder, or behind a file connection."""

from __future__ import annotations

import fnmatch
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from penstock.core.dataset import SourceFile
from penstock.core.names import ConnectionName, MaybeItem
from penstock.kinds.datasets._files import FileDataset, Selection

if TYPE_CHECKING:
    from penstock.core.contexts import DatasetContext
    from penstock.core.files import FileSource


class Files(FileDataset):
    """Rows from files of a managed folder, or of a file connection: all of them, those that rules choose, or an
    ordered list. Files of an object store are fetched in pieces into the home's cache before they are read, and kept
    there by their etag: memory stays bounded, and what did not change is fetched once.

    Example:
        type: files
        folder: monthly_files
        format: csv
        selection:
          mode: explicit
          files: [2013-04.csv, 2013-05.csv]
        columns:
          - {name: distance, type: int, description: Miles flown}
    """

    folder: MaybeItem = Field(default="", description="The managed folder the files lie in.")
    connection: ConnectionName = Field(default="", description="Or the file connection they lie behind.")
    path: str = Field(
        default="",
        description="With a connection: a file, a folder, or a path with * and ? below it; may use `${variables}`.",
    )
    selection: Selection = Field(default_factory=Selection, description="Which of its files are read.")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if bool(self.folder) == bool(self.connection):
            raise ValueError("Say where the files lie: a folder of the project, or a connection.")
        if self.path and not self.connection:
            raise ValueError("path belongs to a connection; of a folder the selection chooses files.")
        if self.path.startswith("/") or ".." in self.path.split("/"):
            raise ValueError("path lies below the connection's own: no / at its start, no '..'.")
        return self

    def root(self, ctx: DatasetContext) -> FileSource:
        return (
            ctx.connected(self.connection, self._fixed(ctx)) if self.connection else ctx.folder(self.folder)
        )

    def place(self) -> str:
        if self.connection:
            return (
                f"connection {self.connection} under {self.path}"
                if self.path
                else f"connection {self.connection}"
            )
        return f"folder {self.folder}"

    def chosen(self) -> Selection:
        return self.selection

    def selecting(self, paths: Sequence[str]) -> Self:
        """The same dataset reading exactly these files, in this order."""
        return self.changed(selection=Selection(mode="explicit", files=tuple(paths)))

    def available(self, ctx: DatasetContext) -> list[SourceFile]:
        found = super().available(ctx)
        pattern = "/".join(self._parts(ctx)[len(self._fixed(ctx).split("/")) if self._fixed(ctx) else 0 :])
        return [f for f in found if not pattern or _fits(f.path, pattern)]

    def depends_on(self) -> tuple[str, ...]:
        """The folder: a recipe that writes it runs before this can be read."""
        return (self.folder,) if self.folder else ()

    def _parts(self, ctx: DatasetContext) -> list[str]:
        return [part for part in ctx.expand(self.path).split("/") if part]

    def _fixed(self, ctx: DatasetContext) -> str:
        """The folder that paths are relative to: the path up to its last part, or up to its first pattern."""
        parts = self._parts(ctx)
        plain = list(itertools.takewhile(lambda part: not set(part) & set("*?["), parts))
        is_file = plain == parts and "." in "".join(parts[-1:])
        return "/".join(plain[:-1] if is_file else plain)


def _fits(path: str, pattern: str) -> bool:
    """Whether a path matches part by part: `2013/*.csv` does not reach into folders below `2013`."""
    parts, wanted = path.split("/"), pattern.split("/")
    if len(parts) != len(wanted):
        return False
    return all(fnmatch.fnmatchcase(part, want) for part, want in zip(parts, wanted, strict=True))
