"""Sets a column case by case: the first condition that is true decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from penstock.core.expression import Expression, call, constant
from penstock.core.filter import Filter, Scalar
from penstock.core.formula import Formula
from penstock.core.kind import Definition
from penstock.core.prepare import PrepareContext, Processor
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Case(Definition):
    """A condition, and the value where it is true."""

    when: Filter = Field(description="Which rows: rules or a formula.")
    then: Scalar | None = Field(default=None, description="Their value: this constant; or empty.")
    then_formula: Formula | None = Field(default=None, description="Their value: this formula.")


class IfThenElse(Processor):
    """Sets a column case by case: the first condition that is true decides.

    Example:
        type: if_then_else
        column: delay
        cases:
          - when: {rules: [{column: arr_delay, operator: ">", value: 60}]}
            then: long
          - when: {formula: arr_delay > 15}
            then: short
        otherwise: none
    """

    LABEL: ClassVar[str] = "If, then, else"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "one"

    column: str = Field(description="Name of the result; an existing column is replaced.")
    cases: tuple[Case, ...] = Field(min_length=1, description="Tried in this order.")
    otherwise: Scalar | None = Field(
        default=None, description="When no case is true: this constant; or empty."
    )
    otherwise_formula: Formula | None = Field(default=None, description="When no case is true: this formula.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        result = _chosen(self.otherwise, self.otherwise_formula)
        for case in reversed(self.cases):
            result = call("if_else", case.when.expression(), _chosen(case.then, case.then_formula), result)
        return _cells.computed(table, self.column, result)


def _chosen(value: Any, formula: Formula | None) -> Expression:
    return constant(value) if formula is None else formula.expression
