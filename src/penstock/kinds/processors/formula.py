"""Computes a column by a formula over the other columns of its row."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.formula import Formula
from penstock.core.prepare import PrepareContext, Processor
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir


class ComputeFormula(Processor):
    """Computes a column by a formula over the other columns of its row.

    Example:
        type: formula
        column: speed
        formula: distance / (air_time / 60)
    """

    LABEL: ClassVar[str] = "Formula"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "one"

    column: str = Field(description="Name of the result; an existing column is replaced.")
    formula: Formula = Field(description="In the expression language.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        return _cells.computed(table, self.column, self.formula.expression)
