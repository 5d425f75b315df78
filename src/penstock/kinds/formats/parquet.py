"""Parquet files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from penstock.core.dataset import Format
from penstock.core.native import columns_of
from penstock.core.schema import Schema
from penstock.kinds.formats._scan import paths, typed, view

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Parquet(Format):
    """Parquet files; types come from the files. Columns are matched by name, missing ones are empty.

    Example:
        type: parquet
    """

    SUFFIXES: ClassVar[tuple[str, ...]] = (".parquet", ".pq")

    def scan(self, files: list[str], columns: Schema, ctx: Any) -> ir.Table:
        by_name = ", union_by_name = true" if len(files) > 1 else ""
        table = view(ctx, f"SELECT * FROM read_parquet({paths(files)}{by_name})")
        return typed(table, columns, ctx)

    def infer(self, files: list[str], ctx: Any, *, types: bool = False) -> Schema:
        return columns_of(self.scan(files, (), ctx).schema().to_pyarrow())
