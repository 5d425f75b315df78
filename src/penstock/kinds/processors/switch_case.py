"""Looks the value of a cell up in a small table and writes what stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.expression import Column, Expression, call, constant
from penstock.core.filter import Scalar
from penstock.core.kind import Definition
from penstock.core.prepare import PrepareContext, Processor, needed
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Case(Definition):
    """One value and what is written for it."""

    value: Scalar = Field(description="The value of the cell.")
    then: Scalar | None = Field(default=None, description="What is written for it.")


class SwitchCase(Processor):
    """Looks the value of a cell up in a small table and writes what stands there.

    Example:
        type: switch_case
        column: carrier
        cases:
          - {value: UA, then: United}
          - {value: AA, then: American}
        otherwise: other
        output: airline
    """

    LABEL: ClassVar[str] = "Switch case"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "one"

    column: str = Field(description="The column that is looked at.")
    cases: tuple[Case, ...] = Field(min_length=1, description="The table; the first equal value counts.")
    otherwise: Scalar | None = Field(default=None, description="When no value is equal: this; or empty.")
    keep_others: bool = Field(default=False, description="When no value is equal: the cell as it is.")
    output: str = Field(default="", description="Name of the result; empty = in place.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        needed(table, self.column)
        column = Column(self.column)
        result: Expression = column if self.keep_others else constant(self.otherwise)
        for case in reversed(self.cases):
            result = call("if_else", call("equal", column, case.value), case.then, result)
        return _cells.computed(table, self.output or self.column, result, beside=self.column)
