"""Prepare: the bases of its steps (Processor) and of the functions of formulas (Function)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, RootModel, Tag, field_validator

from penstock.core.errors import ColumnMissing, InvalidExpression
from penstock.core.kind import Definition, Kind
from penstock.core.schema import ColumnType, column_type

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Function(Kind):
    """A function of formulas, once for plain values and once for the columns of a table.

    Its name is the name of its file, in snake_case; people may also write it in camelCase (`isNull` is
    `is_null`), and by any word of `ALIASES`. `call` and `translate` must agree: `EXAMPLES` are formulas without
    columns and their answers, tried both ways by a test.
    """

    FAMILY: ClassVar[str] = "functions"
    ALIASES: ClassVar[tuple[str, ...]] = ()
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = ()
    BINDS: ClassVar[bool] = False
    """Takes an array, a name for one element, and a formula over it, like `filter(array, x, x > 1)`."""
    KEEPS_NULL: ClassVar[bool] = True
    """Null as soon as one argument is null; `call` then never sees one."""

    REPEATS: ClassVar[int] = 1
    """How often `translate` writes an argument out: deep nests of such functions make queries too large to run."""

    def call(self, *values: Any, **unused: Any) -> Any:
        """The answer for plain values: None, bool, int, float, str, datetime, list or dict."""
        raise NotImplementedError

    def translate(self, *values: Any, **unused: Any) -> ir.Value:
        """The answer as an Ibis value; the arguments are Ibis values too."""
        raise InvalidExpression(f"{self.kind_name()} cannot be computed over the columns of a table.")

    def answer(self, *values: Any) -> Any:
        """`call`, with the rule about nulls applied."""
        return None if self.KEEPS_NULL and any(v is None for v in values) else self.call(*values)

    def check(self, *constants: Any) -> None:
        """Refuse constant arguments that can never work; the other arguments are None here.

        Raises InvalidExpression, which names this function's place in the formula.
        """

    @classmethod
    def arity(cls) -> tuple[int, int | None]:
        """How many values it takes, at least and at most (None = any number)."""
        least, most = arity_of(cls.call)
        return least - 1, None if most is None else most - 1


@dataclass(frozen=True, slots=True)
class PrepareContext:
    """What a processor is given beside the table."""

    variables: Mapping[str, Any] = field(default_factory=dict)


class Pattern(Definition):
    """Columns by what they are called or what they hold."""

    pattern: str = Field(default="", description="A regular expression that the whole name matches.")
    types: tuple[ColumnType, ...] = Field(default=(), description="Storage types; none given = any.")

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        return checked_pattern(pattern)


def _shape(value: Any) -> str:
    if isinstance(value, str):
        return "tagged-name"
    return "tagged-pattern" if isinstance(value, Mapping | Pattern) else "tagged-names"


Choice = Annotated[
    Annotated[str, Tag("tagged-name")]
    | Annotated[tuple[str, ...], Tag("tagged-names")]
    | Annotated[Pattern, Tag("tagged-pattern")],
    Discriminator(_shape),
]


class Columns(RootModel[Choice]):
    """Which columns: a name, a list of names, or `{pattern: "amt_.*", types: [double]}`; `{}` is all of them."""

    model_config = {"frozen": True}

    def of(self, table: ir.Table) -> list[str]:
        """The chosen columns that this table has, in its own order for a pattern. Raises ColumnMissing."""
        if isinstance(self.root, Pattern):
            return [name for name in table.columns if self._matches(name, table)]
        wanted = [self.root] if isinstance(self.root, str) else list(self.root)
        for name in wanted:
            needed(table, name)
        return wanted

    def _matches(self, name: str, table: ir.Table) -> bool:
        pattern = self.root
        assert isinstance(pattern, Pattern)
        named = not pattern.pattern or re.fullmatch(pattern.pattern, name) is not None
        return named and (not pattern.types or storage_type(table[name]) in pattern.types)


class Processor(Kind):
    """One step of Prepare: a table in, a table out."""

    FAMILY: ClassVar[str] = "processors"
    LABEL: ClassVar[str] = ""
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "one"
    """What it works on: the whole table, one column, a list, or a list or a pattern."""
    SQL: ClassVar[bool] = True
    """Can be done inside a database; one step that cannot keeps the whole recipe out of it."""

    disabled: bool = Field(default=False, description="Skipped, and kept for later.")
    comment: str = Field(default="", description="Why this step is here, for people.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        raise NotImplementedError

    def translatable(self) -> bool:
        """Can be done inside a database, with these settings."""
        return self.SQL


def needed(table: ir.Table, column: str, *, by: str = "") -> ir.Column:
    """The column of a table. Raises ColumnMissing with the nearest name."""
    if column not in table.columns:
        raise ColumnMissing(column, dataset="the rows at this step", near=table.columns, needed_by=by)
    return table[column]


def placed(table: ir.Table, name: str, value: Any, *, after: str | None = None) -> ir.Table:
    """The table with a column set: in its old place when it exists, else right after another, else last."""
    known = name in table.columns
    result = table.mutate(**{name: value})
    if known or after is None:
        return result
    order = list(table.columns)
    order.insert(order.index(after) + 1, name)
    return result.select(*order)


def storage_type(value: ir.Value) -> ColumnType:
    """The storage type of an Ibis value."""
    return "object" if value.type().is_json() else column_type(str(value.type().to_pyarrow()))


def checked_pattern(pattern: str) -> str:
    """The regular expression itself, or ValueError saying what is wrong with it and where."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"'{pattern}' is not a regular expression: {error}.") from error
    return pattern


def arity_of(verb: object) -> tuple[int, int | None]:
    """How many values a function takes, at least and at most (None = any number)."""
    parameters = inspect.signature(verb).parameters.values()  # type: ignore[arg-type]
    least = sum(p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters)
    endless = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return least, None if endless else len(parameters)
