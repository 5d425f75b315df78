"""Uploaded files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.core.files import LocalFiles
from penstock.kinds.datasets._files import FileDataset

if TYPE_CHECKING:
    from penstock.core.contexts import DatasetContext


class Upload(FileDataset):
    """Rows from files that people uploaded; Penstock keeps the files, in the order of their names.

    Example:
        type: upload
        format: {type: csv, separator: ";"}
    """

    def root(self, ctx: DatasetContext) -> LocalFiles:
        return LocalFiles(ctx.uploads())

    def place(self) -> str:
        return "its uploaded files"

    def is_data(self, path: str) -> bool:
        """Somebody sent every one of them to be read, whatever its name begins with."""
        return path != self.marker_file
