"""Basic: columns, files and bytes of an object, without reading its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.metric import Probe

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext


class Basic(Probe):
    """How many columns, files and bytes an object has. Every dataset and folder has this probe by itself.

    Example:
        type: basic
        on_build: false
    """

    SERVES: ClassVar[frozenset[str]] = frozenset({"dataset", "folder"})

    on_build: bool = Field(default=True, description="Compute after every build of the object.")

    def measure(self, ctx: MeasureContext) -> Mapping[str, Any]:
        files = ctx.files()
        counted: dict[str, Any] = {"basic:COUNT_COLUMNS": len(ctx.columns)} if _has_columns(ctx) else {}
        if files or not _has_columns(ctx):
            counted["basic:COUNT_FILES"] = len(files)
            counted["basic:SIZE"] = sum(file.size for file in files)
        return counted

    def metric_ids(self, columns: Sequence[str] = ()) -> Sequence[str]:
        return ("basic:COUNT_COLUMNS", "basic:COUNT_FILES", "basic:SIZE")


def _has_columns(ctx: MeasureContext) -> bool:
    return ctx.key.type == "dataset"
