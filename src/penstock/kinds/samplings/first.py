"""The first rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.sampling import Rows, Sampling

if TYPE_CHECKING:
    import ibis.expr.types as ir


class FirstRows(Sampling):
    """The first rows, as many as asked: the quickest sample, and the most biased.

    Example:
        type: first
        n: 10000
    """

    LABEL: ClassVar[str] = "First rows"

    n: Rows = Field(default=10_000, description="How many rows.")

    def take(self, table: ir.Table) -> ir.Table:
        return table.limit(self.n)
