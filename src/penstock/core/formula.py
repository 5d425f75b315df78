"""Formula: a text in the expression language, refused when a definition that holds it is saved broken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from penstock.core.errors import InvalidExpression
from penstock.core.expression import Expression, Literal, Placeholder, Values, Variable, constant
from penstock.core.grammar import parse
from penstock.core.variables import Computed, expand_text, expand_value


class Formula(Computed):
    """The text as it was typed, known to parse. `Formula("amount > ${limit}")`; a field may be of this type."""

    __slots__ = ()

    def __new__(cls, text: str) -> Formula:
        parse(text)
        return super().__new__(cls, text)

    @property
    def expression(self) -> Expression:
        return parse(str(self))

    def columns(self) -> tuple[str, ...]:
        """The columns it uses, in order of first use."""
        return self.expression.columns()

    def variables(self) -> frozenset[str]:
        """The variables it uses."""
        return self.expression.variables()

    def expanded(self, variables: Mapping[str, Any]) -> Formula:
        """The same formula with its variables filled in. Raises UndefinedVariable."""
        return Formula(str(resolved(self.expression, variables))) if self.variables() else self

    def evaluate(self, names: Mapping[str, Any], variables: Mapping[str, Any] | None = None) -> Any:
        """The answer for one set of values."""
        return evaluated(self.expression, names, variables)

    def compile(self, table: Any) -> Any:
        """An Ibis value over the columns of an Ibis table."""
        return self.expression.compile(table)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return core_schema.no_info_after_validator_function(
            _checked,
            core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "format": "formula"}


def resolved(tree: Expression, values: Mapping[str, Any]) -> Expression:
    """The same tree with every variable replaced by its value. Raises UndefinedVariable."""
    return tree.rebuilt(lambda leaf: _resolved(leaf, values))


def evaluated(tree: Expression, names: Mapping[str, Any], variables: Mapping[str, Any] | None = None) -> Any:
    """The answer for one set of values. Raises UndefinedVariable for a name that has none."""
    known = {} if variables is None else variables
    return resolved(tree, known).answer(Values(names, known))


def _resolved(leaf: Expression, values: Mapping[str, Any]) -> Expression:
    if isinstance(leaf, Variable):
        return constant(values.get(leaf.name))
    if isinstance(leaf, Literal) and isinstance(leaf.value, str):
        return Literal(expand_text(leaf.value, values))
    if isinstance(leaf, Placeholder):
        value = expand_value(leaf.text, values)
        return parse(value) if isinstance(value, str) else constant(value)
    return leaf


def _checked(text: str) -> Formula:
    try:
        return Formula(text)
    except InvalidExpression as error:
        raise ValueError(str(error)) from error
