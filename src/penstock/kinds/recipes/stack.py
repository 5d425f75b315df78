"""Stack: rows of several datasets below each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from penstock.core.errors import Invalid
from penstock.core.kind import Definition
from penstock.core.names import InputDataset, OutputDataset
from penstock.kinds.recipes._shape import After, distinct_names
from penstock.kinds.recipes._table import need

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Mapped(Definition):
    """One column of the result, and which column of each input it comes from."""

    name: str = Field(min_length=1, description="Its name in the result.")
    sources: dict[str, str] = Field(
        default_factory=dict, description="input → its column; the same name for inputs that are not listed."
    )


class Stack(After):
    """Puts the rows of several datasets below each other, in the order of the inputs, repetitions kept.

    Example:
        type: stack
        inputs: [flights_april, flights_may]
        output: flights_spring
        mode: union
        origin_column: month_of
    """

    MAIN: ClassVar[tuple[str, ...]] = ("inputs", "output", "mode", "like", "origin_column")

    inputs: tuple[InputDataset, ...] = Field(min_length=1, description="The datasets, in order.")
    output: OutputDataset = Field(description="Where all rows go.")
    mode: Literal["union", "intersection", "like", "manual"] = Field(
        default="union",
        description="Columns of the result. union: of all inputs. intersection: those that every input has. "
        "like: those of one input. manual: listed.",
    )
    like: str = Field(default="", description="mode like: the input whose columns count.")
    columns: tuple[Mapped, ...] = Field(default=(), description="mode manual: the columns.")
    origin_column: str = Field(
        default="", description="Name of a column that says which input a row is from."
    )
    origin_labels: dict[str, str] = Field(
        default_factory=dict, description="input → what that column says instead of the input's name."
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if len(set(self.inputs)) < len(self.inputs):
            raise ValueError("Each input may be named once.")
        if self.mode == "like" and self.like not in self.inputs:
            raise ValueError("like must be one of the inputs.")
        if (self.mode == "manual") != bool(self.columns):
            raise ValueError("mode manual needs columns, and no other mode takes them.")
        return self

    def transform(self, *tables: ir.Table) -> ir.Table:
        import ibis

        by_name = dict(zip(self.inputs, tables, strict=True))
        wanted = self._columns(by_name)
        distinct_names([*(c.name for c in wanted), *filter(None, [self.origin_column])], "The result")
        if not wanted:
            raise Invalid("The inputs have no column in common.", hint="Use mode union, or map the columns.")
        kinds = {c.name: self._type(c, by_name) for c in wanted}
        parts = [self._part(name, table, wanted, kinds) for name, table in by_name.items()]
        return self.finished(ibis.union(*parts) if len(parts) > 1 else parts[0])

    def _columns(self, tables: dict[str, ir.Table]) -> list[Mapped]:
        if self.mode == "manual":
            for mapped in self.columns:
                for name, column in mapped.sources.items():
                    need(tables[name], [column], dataset=name, by=f"Column {mapped.name} of the result")
            return list(self.columns)
        if self.mode == "like":
            return [Mapped(name=c) for c in tables[self.like].columns]
        seen = dict.fromkeys(c for table in tables.values() for c in table.columns)
        everywhere = self.mode == "intersection"
        return [
            Mapped(name=c) for c in seen if not everywhere or all(c in t.columns for t in tables.values())
        ]

    def _type(self, column: Mapped, tables: dict[str, ir.Table]) -> Any:
        """The type that holds every input's: the widest of numbers, text for a mixture."""
        import ibis.expr.datatypes as dt

        names = {name: column.sources.get(name, column.name) for name in tables}
        kinds = [tables[n][c].type() for n, c in names.items() if c in tables[n].columns]
        kinds = [kind.copy(nullable=True) for kind in kinds if not kind.is_null()] or [dt.string]
        same = len(set(kinds)) == 1
        if same or all(k.is_numeric() for k in kinds) or all(k.is_date() or k.is_timestamp() for k in kinds):
            return kinds[0] if same else dt.highest_precedence(kinds)
        return dt.string

    def _part(self, name: str, table: ir.Table, wanted: list[Mapped], kinds: dict[str, Any]) -> ir.Table:
        import ibis

        found: dict[str, Any] = {}
        for column in wanted:
            source = column.sources.get(name, column.name)
            kind = kinds[column.name]
            found[column.name] = table[source].cast(kind) if source in table.columns else ibis.null(kind)
        if self.origin_column:
            found[self.origin_column] = ibis.literal(self.origin_labels.get(name, name))
        return table.select(**found)
