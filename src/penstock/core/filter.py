"""Filter: which rows are meant, by rules that know the type of their column, by groups of rules, or by a formula."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from penstock.core.expression import Call, Expression, call
from penstock.core.expression import Column as Named
from penstock.core.expression import Literal as Constant
from penstock.core.formula import Formula
from penstock.core.kind import Definition

if TYPE_CHECKING:
    import ibis.expr.types as ir


def _without_dates(value: Any) -> Any:
    """YAML reads a bare 2013-04-01 as a date; it is kept as the text it was."""
    return value.isoformat() if isinstance(value, date) else value


Scalar = Annotated[bool | int | float | str, BeforeValidator(_without_dates)]
Operator = Literal[
    "==", "!=", "<", "<=", ">", ">=", "between", "in", "not in", "contains", "does not contain",
    "starts with", "ends with", "matches", "is empty", "is not empty", "is true", "is false",
]  # fmt: skip

_COMPARED = {
    "==": "equal", "!=": "not_equal", "<": "less", "<=": "less_or_equal", ">": "greater",
    ">=": "greater_or_equal", "contains": "contains", "does not contain": "contains",
    "starts with": "starts_with", "ends with": "ends_with", "matches": "matches",
}  # fmt: skip
_ALONE = frozenset({"is empty", "is not empty", "is true", "is false"})
_LISTED = frozenset({"in", "not in"})


class Rule(Definition):
    """One condition on one column. The value is a constant, `${variable}`, or another column.

    A constant is read as the type of the column: a number beside numbers, `2013-04-01` beside dates. Empty means
    null or a text of no characters. A comparison with null is not true.
    """

    column: str = Field(description="The column that is looked at.")
    operator: Operator = Field(description="How it is compared; `between` includes both ends.")
    value: Scalar | None = Field(default=None, description="What with: a constant or `${variable}`.")
    values: tuple[Scalar, ...] = Field(default=(), description="For `in`, `not in` and `between`.")
    other_column: str = Field(default="", description="Compare with this column instead of a constant.")
    ignore_case: bool = Field(default=False, description="Capital and small letters count as the same.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        given = [self.value is not None, bool(self.values), bool(self.other_column)]
        if self.operator in _ALONE and any(given):
            raise ValueError(f"'{self.operator}' takes no value.")
        if self.operator in _LISTED and not self.values:
            raise ValueError(f"'{self.operator}' needs values: a list.")
        if self.operator == "between" and len(self.values) != 2:
            raise ValueError("'between' needs values: the lowest and the highest.")
        if self.operator in _COMPARED and (sum(given) != 1 or self.values):
            raise ValueError(f"'{self.operator}' needs a value or an other_column.")
        return self

    def expression(self) -> Expression:
        """The rule in the expression language."""
        column = self._read(Named(self.column))
        if self.operator in _ALONE:
            return self._alone(Named(self.column))
        if self.operator == "between":
            low, high = (self._read(Constant(v)) for v in self.values)
            return call("both", call("greater_or_equal", column, low), call("less_or_equal", column, high))
        if self.operator in _LISTED:
            listed = call("is_in", column, *(self._read(Constant(v)) for v in self.values))
            return listed if self.operator == "in" else call("opposite", listed)
        found = call(_COMPARED[self.operator], column, self._right())
        return call("opposite", found) if self.operator == "does not contain" else found

    def _right(self) -> Expression:
        if self.operator == "matches":
            assert self.value is not None
            return Constant(f"(?i){self.value}" if self.ignore_case else str(self.value))
        return self._read(Named(self.other_column) if self.other_column else Constant(self.value))

    def _read(self, value: Expression) -> Expression:
        folds = self.ignore_case and self.operator != "matches"
        return call("lower", value) if folds else value

    def _alone(self, column: Expression) -> Expression:
        if self.operator in ("is empty", "is not empty"):
            empty = call("is_empty", column)
            return empty if self.operator == "is empty" else call("opposite", empty)
        return call("equal", column, Constant(self.operator == "is true"))


def _shape(value: Any) -> str:
    nested = "rules" in value if isinstance(value, Mapping) else isinstance(value, Group)
    return "tagged-group" if nested else "tagged-rule"


RuleOrGroup = Annotated[
    Annotated[Rule, Tag("tagged-rule")] | Annotated["Group", Tag("tagged-group")], Discriminator(_shape)
]


class Group(Definition):
    """Rules and further groups, joined by all (AND) or any (OR)."""

    match: Literal["all", "any"] = Field(default="all", description="all = AND, any = OR.")
    rules: tuple[RuleOrGroup, ...] = Field(min_length=1, description="Conditions, and groups of them.")

    def expression(self) -> Expression:
        return joined("both" if self.match == "all" else "either", [r.expression() for r in self.rules])


class Filter(Definition):
    """Which rows are meant: rules (in nestable groups), or a formula. With neither, every row.

    Example:
        match: all
        rules:
          - {column: flight_date, operator: ">=", value: "${start_date}"}
          - match: any
            rules:
              - {column: carrier, operator: in, values: [UA, AA]}
              - {column: distance, operator: ">", value: 1000}
    """

    match: Literal["all", "any"] = Field(default="all", description="all = AND, any = OR.")
    rules: tuple[RuleOrGroup, ...] = Field(default=(), description="Conditions, and groups of them.")
    formula: Formula | None = Field(default=None, description="Instead of rules: true for the rows meant.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.rules and self.formula is not None:
            raise ValueError("Give rules or a formula, not both.")
        return self

    @property
    def is_empty(self) -> bool:
        return not self.rules and self.formula is None

    def expression(self) -> Expression:
        """The whole filter in the expression language; `true` when it is empty."""
        if self.formula is not None:
            return self.formula.expression
        if not self.rules:
            return Constant(True)
        return joined("both" if self.match == "all" else "either", [r.expression() for r in self.rules])

    def compile(self, table: ir.Table) -> ir.BooleanValue:
        """True for the rows meant, false for all others; never null."""
        return call("coalesce", call("truth", self.expression()), False).compile(table)

    def keep(self, table: ir.Table) -> ir.Table:
        """Only the rows meant."""
        return table if self.is_empty else table.filter(call("truth", self.expression()).compile(table))


def joined(function: str, parts: list[Expression]) -> Expression:
    """Several conditions as one, halved again and again so that the tree stays flat."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return Call(function, (joined(function, parts[:middle]), joined(function, parts[middle:])))


Group.model_rebuild()
