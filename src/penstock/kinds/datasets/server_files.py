"""Files of the server."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pydantic import Field

from penstock.core.dataset import SourceFile
from penstock.core.files import LocalFiles
from penstock.kinds.datasets._files import FileDataset, Selection

if TYPE_CHECKING:
    from penstock.core.contexts import DatasetContext


class ServerFiles(FileDataset):
    """Rows from a file, a folder or a pattern of paths on the server, under one of the node's allowed roots.

    Example:
        type: server_files
        path: /data/flights/2013-*.csv
        format: csv
        not_ready_if_empty: true
    """

    path: str = Field(
        min_length=1, description="A file, a folder, or a path with * and ?; may use `${variables}`."
    )
    selection: Selection = Field(default_factory=Selection, description="Which files of a folder are read.")

    def root(self, ctx: DatasetContext) -> LocalFiles:
        fixed = self._parts(ctx)[0]
        found = ctx.server_path(str(fixed))
        return LocalFiles(found.parent if found.is_file() else found)

    def place(self) -> str:
        return f"the server's {self.path}"

    def chosen(self) -> Selection:
        return self.selection

    def selecting(self, paths: Sequence[str]) -> Self:
        """The same dataset reading exactly these files, in this order."""
        return self.changed(selection=Selection(mode="explicit", files=tuple(paths)))

    def available(self, ctx: DatasetContext) -> list[SourceFile]:
        fixed, pattern = self._parts(ctx)
        single = ctx.server_path(str(fixed))
        found = super().available(ctx)
        if single.is_file():
            found = [f for f in found if f.path == single.name]
        elif pattern:
            fitting = {p.relative_to(single).as_posix() for p in single.glob(pattern)}
            found = [f for f in found if f.path in fitting]
        for file in found:  # a link may lead out of the allowed roots: server_path refuses it
            ctx.server_path(str(self.root(ctx).root / file.path))
        return found

    def _parts(self, ctx: DatasetContext) -> tuple[Path, str]:
        """The path up to its first pattern, and the pattern: `/data`, `2013-*.csv`."""
        parts = Path(ctx.expand(self.path)).parts
        fixed = list(itertools.takewhile(lambda part: not set(part) & set("*?["), parts))
        return Path(*fixed), "/".join(parts[len(fixed) :])
