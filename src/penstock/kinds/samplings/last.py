"""The last rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.sampling import Rows, Sampling
from penstock.kinds.samplings._chance import ROW, numbered

if TYPE_CHECKING:
    import ibis.expr.types as ir


class LastRows(Sampling):
    """The last rows, as many as asked, in their order.

    Example:
        type: last
        n: 10000
    """

    LABEL: ClassVar[str] = "Last rows"

    n: Rows = Field(default=10_000, description="How many rows.")

    def take(self, table: ir.Table) -> ir.Table:
        rows = numbered(table)
        last = rows.filter(rows[ROW] >= table.count().as_scalar() - self.n)
        return last.drop(ROW)
