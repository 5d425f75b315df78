"""FileSizeInRange: the files of a dataset are as large as they should be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from penstock.core.bounds import Range, nothing
from penstock.core.check import Judgement
from penstock.core.rule import Rule

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext


class FileSizeInRange(Range, Rule):
    """The files of the dataset have, together, a size in a range; in bytes.

    Example:
        type: file_size_in_range
        minimum: 1024
    """

    STABLE_ID: ClassVar[str] = "FileSizeInRangeRule"

    def label(self) -> str:
        return self.name or f"File size is {self.in_words()} bytes"

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        files = ctx.files()
        if not files:
            return nothing("the file size, since there are no files")
        return self.judge_number(sum(file.size for file in files))
