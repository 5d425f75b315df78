"""Pivot: values of a column become columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from penstock.core.errors import Invalid, NotReady
from penstock.core.kind import Definition
from penstock.core.names import InputDataset, OutputDataset
from penstock.kinds.recipes._aggregate import Function, aggregate
from penstock.kinds.recipes._shape import ROW, Before, Order, distinct_names, numbered
from penstock.kinds.recipes._table import need

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from penstock.core.contexts import RecipeContext

MOST_COLUMNS = 5_000
STEM = "__stem"


class Cell(Definition):
    """What stands in the cells (or beside them): an aggregate of a column, or a count of rows."""

    function: Function = Field(default="count", description="How many rows become one cell.")
    column: str = Field(default="", description="Of which column; none = count of rows.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.column and self.function != "count":
            raise ValueError(f"{self.function} needs a column.")
        return self

    @property
    def suffix(self) -> str:
        return f"{self.column}_{self.function}" if self.column else "count"

    def of(self, rows: ir.Table, where: Any = None) -> Any:
        if not self.column:
            return rows.count(where=where)
        return aggregate(self.function, rows[self.column], where=where, order=rows[ROW], name=self.column)


class Modalities(Definition):
    """Which values become columns."""

    keep: Literal["top", "min_occurrences", "explicit", "all"] = Field(
        default="top", description="The most frequent, the frequent enough, a list, or all of them."
    )
    top: int = Field(
        default=20, ge=1, description="keep top: how many; of equally frequent ones the first by name."
    )
    min_occurrences: int = Field(
        default=1, ge=1, description="keep min_occurrences: rows that a value needs."
    )
    values: tuple[str, ...] = Field(
        default=(), description="keep explicit: the values, as text, in this order."
    )

    @model_validator(mode="after")
    def _listed(self) -> Self:
        if (self.keep == "explicit") != bool(self.values):
            raise ValueError("keep explicit needs values, and nothing else takes them.")
        return self


class Pivot(Before):
    """Turns the values of a column into columns, one row per combination of the row columns.

    Which values become columns is found out at the first run and then kept, so that recipes downstream do not
    break: a new value adds no column unless `recompute_schema` is on. Columns are called
    `<value>_<column>_<function>`; null makes no column. Rows come sorted, nulls first.

    Example:
        type: pivot
        input: flights
        output: flights_by_origin
        rows: [month]
        column: origin
        cells:
          - {function: count}
          - {function: avg, column: arr_delay}
        modalities: {keep: top, top: 10}
        totals: [{function: count}]
    """

    MAIN: ClassVar[tuple[str, ...]] = ("input", "output", "column", "rows", "cells", "modalities")

    input: InputDataset = Field(description="The dataset to pivot.")
    output: OutputDataset = Field(description="Where the pivoted rows go.")
    column: str = Field(description="The column whose values become columns.")
    rows: tuple[str, ...] | None = Field(
        default=None, description="Columns that identify a row; left out = all that are not used otherwise."
    )
    cells: tuple[Cell, ...] = Field(default=(Cell(),), min_length=1, description="What stands in the cells.")
    totals: tuple[Cell, ...] = Field(
        default=(), description="Aggregates of the whole row, whatever the value."
    )
    modalities: Modalities = Field(default_factory=Modalities, description="Which values become columns.")
    names: Literal["exact", "slug"] = Field(
        default="exact", description="exact: values as they are. slug: small letters, digits and _ only."
    )
    recompute_schema: bool = Field(default=False, description="Find the columns out again at each run.")

    def run(self, ctx: RecipeContext) -> None:
        recipe = self.ready(ctx)
        table = recipe.checked(ctx.read(recipe.input))
        previous = [] if recipe.recompute_schema else _names_of(ctx.previous(recipe.output))
        stems = recipe.frozen([name for name in previous if name not in recipe._identifiers(table)])
        if not stems:
            stems = recipe.found(ctx.arrow(recipe.frequencies(table)).to_pylist())
        ctx.write(recipe.output, recipe.pivoted(table, stems))

    def transform(self, *tables: ir.Table) -> ir.Table:
        if self.modalities.keep != "explicit":
            raise NotReady(
                "Which columns a pivot has is known once it has run.", hint="Or list its modalities."
            )
        return self.pivoted(self.checked(tables[0]), self.found([]))

    def checked(self, table: ir.Table) -> ir.Table:
        """The input as it is pivoted, with the stem of each row's column. Raises ColumnMissing."""
        table = self.prepared(table, self.input)
        wanted = [
            self.column,
            *(self.rows or ()),
            *(c.column for c in (*self.cells, *self.totals) if c.column),
        ]
        need(table, wanted, dataset=self.input, by="Pivot")
        return numbered(table).mutate(**{STEM: self._stem(table[self.column])})

    def frequencies(self, table: ir.Table) -> ir.Table:
        """How often each stem occurs; an Ibis table of stem and rows."""
        seen = table.filter(table[STEM].notnull())
        return seen.group_by(STEM).aggregate(occurrences=seen.count()).order_by(STEM)

    def found(self, frequencies: Iterable[dict[str, Any]]) -> list[str]:
        """The stems that become columns: most frequent first for top, in the order of their names otherwise."""
        if self.modalities.keep == "explicit":
            return list(
                dict.fromkeys(_slug(v) if self.names == "slug" else v for v in self.modalities.values)
            )
        seen = [(row[STEM], row["occurrences"]) for row in frequencies]
        if self.modalities.keep == "top":
            return [s for s, _ in sorted(seen, key=lambda s: (-s[1], s[0]))[: self.modalities.top]]
        least = self.modalities.min_occurrences if self.modalities.keep == "min_occurrences" else 1
        return [stem for stem, times in seen if times >= least]

    def frozen(self, previous: Sequence[str]) -> list[str]:
        """The stems behind the columns of an earlier run of these very cells."""
        first, there = f"_{self.cells[0].suffix}", set(previous)
        stems = [name.removesuffix(first) for name in previous if name.endswith(first) and name != first[1:]]
        return [s for s in stems if all(f"{s}_{c.suffix}" in there for c in self.cells)]

    def pivoted(self, table: ir.Table, stems: Sequence[str]) -> ir.Table:
        """The result, with the columns of these stems."""
        identifiers = self._identifiers(table)
        found: dict[str, Any] = {cell.suffix: cell.of(table) for cell in self.totals}
        for stem in stems:
            for cell in self.cells:
                found[f"{stem}_{cell.suffix}"] = cell.of(table, table[STEM] == stem)
        distinct_names([*identifiers, *found], "The result")
        if len(found) > MOST_COLUMNS:
            raise Invalid(
                f"The result would have {len(found):,} columns.", hint="Keep the top modalities only."
            )
        if not identifiers:
            return table.aggregate(**found)
        groups = (
            table.group_by(identifiers).aggregate(**found) if found else table.select(*identifiers).distinct()
        )
        return groups.order_by([Order(column=c).key(groups) for c in identifiers])

    def _identifiers(self, table: ir.Table) -> list[str]:
        if self.rows is not None:
            return list(self.rows)
        used = {self.column, ROW, STEM, *(c.column for c in (*self.cells, *self.totals))}
        return [c for c in table.columns if c not in used]

    def _stem(self, column: Any) -> Any:
        text = column if column.type().is_string() else column.cast("string")
        return (
            text.lower().re_replace("[^a-z0-9]+", "_").re_replace("^_|_$", "")
            if self.names == "slug"
            else text
        )


def _slug(text: str) -> str:
    import re

    return re.sub("[^a-z0-9]+", "_", text.lower()).strip("_")


def _names_of(snapshot: Any) -> list[str]:
    return [c.name for c in snapshot.columns] if snapshot is not None else []
