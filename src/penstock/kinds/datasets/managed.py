"""Managed datasets: what recipes write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from penstock.core import registry
from penstock.core.dataset import Dataset, SourceFile
from penstock.core.errors import SourceNotReady

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from penstock.core.contexts import DatasetContext


class Managed(Dataset):
    """Rows that a recipe writes. Penstock keeps them as Parquet snapshots: each build writes a new one aside
    and swaps it in whole; the earlier ones stay readable for a while.

    Example:
        type: managed
        short_description: Flights with the weather at their origin
        schema_mode: strict
        columns:
          - {name: distance, type: int}
    """

    MANAGED: ClassVar[bool] = True

    def read(self, ctx: DatasetContext) -> ir.Table:
        self.check_ready(ctx)
        parquet: Any = registry.kind("formats", "parquet")()
        return parquet.scan([str(f) for f in ctx.snapshot_files()], (), ctx)

    def files(self, ctx: DatasetContext) -> list[SourceFile]:
        seen = [(f, f.stat()) for f in ctx.snapshot_files()]
        return [SourceFile(f.name, s.st_size, s.st_mtime_ns // 1_000_000) for f, s in seen]

    def where(self) -> str:
        return "in Penstock's own snapshots"

    def state(self, ctx: DatasetContext) -> str:
        snapshot = ctx.snapshot()
        return snapshot.id if snapshot else ""

    def check_ready(self, ctx: DatasetContext) -> None:
        if ctx.snapshot() is None:
            raise SourceNotReady(
                f"Dataset {ctx.name} has not been built yet.",
                hint=f"Build it first: penstock flow build {ctx.name}",
            )
