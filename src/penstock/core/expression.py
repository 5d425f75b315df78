"""The small safe language of formulas, filters and conditions: a frozen tree, evaluated here or turned into columns.

Truth has three values. A comparison or calculation with null is null; `&&` and `||` answer as soon as one side
decides; a filter keeps a row, and a condition holds, only when the answer is true. `x == null` asks whether x is
null. Text is read as a number beside a number, and as a date beside a date. Not-a-number is null. All instants are UTC.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol, cast

from penstock.core import registry
from penstock.core.errors import InvalidExpression, KindMissing, UndefinedVariable, did_you_mean
from penstock.core.spelling import COMPARISON, POSTFIX, SIGN_OF, UNARY, is_identifier, quoted
from penstock.core.variables import names_in

if TYPE_CHECKING:
    from penstock.core.prepare import Function

MAX_WEIGHT = 20_000
"""How many operations a formula may become in a query."""


class Backend(Protocol):
    """Where a tree is worked out: over plain values, or over the columns of a table."""

    def literal(self, value: Any) -> Any: ...
    def column(self, name: Column) -> Any: ...
    def bound(self, name: str) -> Any: ...
    def variable(self, name: str) -> Any: ...
    def call(self, call: Call, arguments: list[Any]) -> Any: ...
    def binding(self, name: str, value: Any) -> Backend:
        """The same place, where `name` also stands for `value`."""


class Expression:
    """A parsed formula. `str()` is its text in one normal form; parsing that text gives an equal tree."""

    __slots__ = ()

    def parts(self) -> tuple[Expression, ...]:
        return ()

    def answer(self, backend: Backend) -> Any:
        raise NotImplementedError

    def spelled(self, bound: frozenset[str]) -> tuple[str, int]:
        """Its text and how tightly that holds together; `bound` are names that columns must not be confused with."""
        raise NotImplementedError

    def written(self, strength: int = 0, bound: frozenset[str] = frozenset()) -> str:
        """Its text with the fewest brackets that keep the meaning, inside of something that holds so tightly."""
        text, own = self.spelled(bound)
        return f"({text})" if own < strength else text

    def walk(self) -> Iterator[Expression]:
        """Every node, itself first, left to right."""
        waiting: list[Expression] = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.parts()))

    def columns(self) -> tuple[str, ...]:
        """The columns (in a condition: the names) it uses, each once, in order of first use."""
        return tuple(dict.fromkeys(node.name for node in self.walk() if isinstance(node, Column)))

    def variables(self) -> frozenset[str]:
        """The variables it uses, as `variables["x"]` or `${x}`."""
        return frozenset(name for node in self.walk() for name in _variables_of(node))

    def compile(self, table: Any) -> Any:
        """An Ibis value over the columns of an Ibis table. Raises InvalidExpression for a missing column."""
        if _weight(self) > MAX_WEIGHT:
            raise InvalidExpression(
                "This formula is too complicated to compute over a table.",
                hint="Split it into several columns.",
            )
        return self.answer(Columns(table))

    def rebuilt(self, change: Callable[[Expression], Expression]) -> Expression:
        """The same tree with its leaves changed."""
        return change(self)

    def renamed(self, names: Mapping[str, str]) -> Expression:
        """The same tree over columns that changed their names."""
        return self.rebuilt(
            lambda n: replace(n, name=names.get(n.name, n.name)) if isinstance(n, Column) else n
        )

    def __str__(self) -> str:
        return self.written()


@dataclass(frozen=True, slots=True)
class Literal(Expression):
    """A number, a text, true, false or null."""

    value: bool | int | float | str | None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and (type(self.value), self.value) == (
            type(other.value),
            other.value,
        )

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))

    def answer(self, backend: Backend) -> Any:
        return backend.literal(self.value)

    def spelled(self, bound: frozenset[str]) -> tuple[str, int]:
        if isinstance(self.value, str):
            return quoted(self.value), POSTFIX
        if self.value is None or isinstance(self.value, bool):
            return {None: "null", True: "true", False: "false"}[self.value], POSTFIX
        text = repr(self.value)
        return text, UNARY if text.startswith("-") else POSTFIX


@dataclass(frozen=True, slots=True)
class Column(Expression):
    """A column of the table, or a name of the condition."""

    name: str
    position: int = field(default=0, compare=False)

    def answer(self, backend: Backend) -> Any:
        return backend.column(self)

    def spelled(self, bound: frozenset[str]) -> tuple[str, int]:
        plain = is_identifier(self.name) and self.name not in bound
        return (self.name if plain else f"val({quoted(self.name)})"), POSTFIX


@dataclass(frozen=True, slots=True)
class Bound(Expression):
    """The name given to one element inside `filter(array, x, condition)`."""

    name: str

    def answer(self, backend: Backend) -> Any:
        return backend.bound(self.name)

    def spelled(self, bound: frozenset[str]) -> tuple[str, int]:
        return self.name, POSTFIX


@dataclass(frozen=True, slots=True)
class Variable(Expression):
    """`variables["x"]`: the typed value, null when it has none."""

    name: str

    def answer(self, backend: Backend) -> Any:
        return backend.variable(self.name)

    def spelled(self, bound: frozenset[str]) -> tuple[str, int]:
        return f"variables[{quoted(self.name)}]", POSTFIX


@dataclass(frozen=True, slots=True)
class Placeholder(Expression):
    """`${x}` outside quotes: stands for the expression that the variable holds."""

    text: str
    position: int = field(default=0, compare=False)

    def answer(self, backend: Backend) -> Any:
        raise UndefinedVariable(next(iter(self.variables()), self.text), where="a formula")

    def spelled(self, bound: frozenset[str]) -> tuple[str, int]:
        return self.text, POSTFIX


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """A function over its arguments; signs are functions too."""

    function: str
    arguments: tuple[Expression, ...]
    position: int = field(default=0, compare=False)

    def parts(self) -> tuple[Expression, ...]:
        return self.arguments

    def answer(self, backend: Backend) -> Any:
        return backend.call(self, [a.answer(backend) for a in self.arguments])

    def rebuilt(self, change: Callable[[Expression], Expression]) -> Expression:
        return replace(self, arguments=tuple(a.rebuilt(change) for a in self.arguments))

    def spelled(self, bound: frozenset[str]) -> tuple[str, int]:
        name, given = self.function, self.arguments
        if name in SIGN_OF and len(given) == 2 and not (name.endswith("equal") and given[1] == Literal(None)):
            return self._with_sign(bound)
        if name in ("negate", "opposite") and not isinstance(given[0], Literal):
            return ("-" if name == "negate" else "!") + given[0].written(POSTFIX, bound), UNARY
        if name == "array":
            return f"[{', '.join(a.written(0, bound) for a in given)}]", POSTFIX
        if name == "item":
            return f"{given[0].written(POSTFIX, bound)}[{given[1].written(0, bound)}]", POSTFIX
        return f"{name}({', '.join(a.written(0, bound) for a in given)})", POSTFIX

    def _with_sign(self, bound: frozenset[str]) -> tuple[str, int]:
        sign, strength = SIGN_OF[self.function]
        left = strength + 1 if strength == COMPARISON else strength
        first, second = self.arguments
        return f"{first.written(left, bound)} {sign} {second.written(strength + 1, bound)}", strength


@dataclass(frozen=True, slots=True)
class Each(Expression):
    """A function that looks at every element of an array: `filter(array, x, condition)`."""

    function: str
    array: Expression
    bound: str
    body: Expression
    position: int = field(default=0, compare=False)

    def parts(self) -> tuple[Expression, ...]:
        return (self.array, self.body)

    def rebuilt(self, change: Callable[[Expression], Expression]) -> Expression:
        return replace(self, array=self.array.rebuilt(change), body=self.body.rebuilt(change))

    def spelled(self, bound: frozenset[str]) -> tuple[str, int]:
        body = self.body.written(0, bound | {self.bound})
        return f"{self.function}({self.array.written(0, bound)}, {self.bound}, {body})", POSTFIX

    def answer(self, backend: Backend) -> Any:
        def body(element: Any) -> Any:
            return self.body.answer(backend.binding(self.bound, element))

        return backend.call(
            Call(self.function, (self.array,), self.position), [self.array.answer(backend), body]
        )


@dataclass(frozen=True, slots=True)
class Values:
    """Plain values: what conditions and reporters see."""

    names: Mapping[str, Any]
    variables: Mapping[str, Any] = field(default_factory=dict)
    elements: Mapping[str, Any] = field(default_factory=dict)

    def literal(self, value: Any) -> Any:
        return value

    def column(self, column: Column) -> Any:
        if column.name not in self.names:
            raise UndefinedVariable(column.name, among=self.names, where="a formula")
        value = self.names[column.name]
        return None if isinstance(value, float) and math.isnan(value) else value

    def bound(self, name: str) -> Any:
        return self.elements[name]

    def variable(self, name: str) -> Any:
        return self.variables.get(name)

    def call(self, call: Call, arguments: list[Any]) -> Any:
        return function(call.function).answer(*arguments)

    def binding(self, name: str, value: Any) -> Values:
        return replace(self, elements={**self.elements, name: value})


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of an Ibis table, worked out by whatever engine the table lives on."""

    table: Any
    elements: Mapping[str, Any] = field(default_factory=dict)

    def literal(self, value: Any) -> Any:
        return function("constant").translate(value)

    def column(self, column: Column) -> Any:
        if column.name not in self.table.columns:
            near = did_you_mean(column.name, self.table.columns)
            raise InvalidExpression(
                f"There is no column '{column.name}' (character {column.position + 1}).{near}",
                position=column.position,
            )
        value = self.table[column.name]
        return value.isnan().ifelse(None, value) if value.type().is_floating() else value

    def bound(self, name: str) -> Any:
        return self.elements[name]

    def variable(self, name: str) -> Any:
        raise UndefinedVariable(name, where="a formula that was not given its variables")

    def call(self, call: Call, arguments: list[Any]) -> Any:
        return function(call.function).translate(*arguments)

    def binding(self, name: str, value: Any) -> Columns:
        return replace(self, elements={**self.elements, name: value})


def constant(value: Any) -> Expression:
    """Any JSON value, or a date, as an expression."""
    if isinstance(value, list | tuple):
        return Call("array", tuple(constant(item) for item in value))
    if isinstance(value, Mapping):
        return Call("parse_json", (Literal(json.dumps(value, ensure_ascii=False)),))
    if isinstance(value, date):
        return Call("as_date", (Literal(value.isoformat()),))
    return Literal(value)


def call(name: str, *arguments: Any) -> Call:
    """A function over expressions and constants: `call("lower", Column("city"))`."""
    return Call(name, tuple(a if isinstance(a, Expression) else constant(a) for a in arguments))


@registry.remembered
def function(name: str) -> Function:
    """The function of that canonical name."""
    return cast("Function", registry.kind("functions", name)())


@registry.remembered
def function_name(word: str) -> str:
    """What people write → the canonical name: `isNull`, `is_null` and `isBlank` all lead somewhere.

    Canonical names are snake_case, the name of the file. camelCase is always understood; further words are a
    function's `ALIASES`. Raises KindMissing with the nearest.
    """
    known = registry.names("functions")
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word).lower()
    if word in known or snake in known:
        return word if word in known else snake
    aliases = {alias: name for name in known for alias in function(name).ALIASES}
    if word in aliases or snake in aliases:
        return aliases.get(word) or aliases[snake]
    raise KindMissing("function", word, among={*known, *aliases})


def _variables_of(node: Expression) -> tuple[str, ...]:
    if isinstance(node, Variable):
        return (node.name,)
    if isinstance(node, Placeholder):
        return names_in(node.text)
    return names_in(node.value) if isinstance(node, Literal) and isinstance(node.value, str) else ()


def _weight(node: Expression) -> int:
    inner = sum(_weight(part) for part in node.parts())
    return 1 + inner * (function(node.function).REPEATS if isinstance(node, Call) else 1)
