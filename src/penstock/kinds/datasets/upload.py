"""Uploaded files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from penstock.kinds.datasets._files import FileDataset

if TYPE_CHECKING:
    from penstock.core.contexts import DatasetContext


class Upload(FileDataset):
    """Rows from files that people uploaded; Penstock keeps the files, in the order of their names.

    Example:
        type: upload
        format: {type: csv, separator: ";"}
    """

    def root(self, ctx: DatasetContext) -> Path:
        return ctx.uploads()

    def place(self) -> str:
        return "its uploaded files"
