"""No sampling."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.sampling import Sampling

if TYPE_CHECKING:
    import ibis.expr.types as ir


class WholeData(Sampling):
    """Every row: no sampling.

    Example:
        type: none
    """

    LABEL: ClassVar[str] = "No sampling: the whole data"

    def take(self, table: ir.Table) -> ir.Table:
        return table
