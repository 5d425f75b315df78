"""Files in a managed folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pydantic import Field

from penstock.core.names import OtherItem
from penstock.kinds.datasets._files import FileDataset, Selection

if TYPE_CHECKING:
    from penstock.core.contexts import DatasetContext


class Files(FileDataset):
    """Rows from files of a managed folder: all of them, those that rules choose, or an ordered list.

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

    folder: OtherItem = Field(description="The managed folder the files lie in.")
    selection: Selection = Field(default_factory=Selection, description="Which of its files are read.")

    def root(self, ctx: DatasetContext) -> Path:
        return ctx.folder(self.folder)

    def place(self) -> str:
        return f"folder {self.folder}"

    def chosen(self) -> Selection:
        return self.selection

    def selecting(self, paths: Sequence[str]) -> Self:
        """The same dataset reading exactly these files, in this order."""
        return self.changed(selection=Selection(mode="explicit", files=tuple(paths)))

    def depends_on(self) -> tuple[str, ...]:
        """The folder: a recipe that writes it runs before this can be read."""
        return (self.folder,)
