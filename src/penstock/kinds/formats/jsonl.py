"""JSON lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.dataset import Format
from penstock.core.native import columns_of
from penstock.core.schema import Schema
from penstock.kinds.formats._scan import paths, typed, view
from penstock.kinds.formats._text import unpacked

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Jsonl(Format):
    """Text files with one JSON object a line, or one array of objects; nested values stay objects and arrays.

    Example:
        type: jsonl
        max_depth: 3
    """

    SUFFIXES: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson", ".json")

    max_depth: int = Field(
        default=-1, ge=-1, description="Levels of nesting taken apart; deeper ones stay JSON text. -1 = all."
    )
    max_object: int = Field(default=16_777_216, ge=1024, description="Most bytes of one object.")

    def scan(self, files: list[str], columns: Schema, ctx: Any) -> ir.Table:
        plain = [path for file in files for path in unpacked(file, ctx)]
        options = (
            f"maximum_depth = {self.max_depth}, maximum_object_size = {self.max_object}, "
            "union_by_name = true, sample_size = -1, format = 'auto', convert_strings_to_integers = false"
        )
        return typed(view(ctx, f"SELECT * FROM read_json({paths(plain)}, {options})"), columns, ctx)

    def infer(self, files: list[str], ctx: Any, *, types: bool = False) -> Schema:
        return columns_of(self.scan(files, (), ctx).schema().to_pyarrow())
