"""What several table recipes share: orders, computed columns, filters before and after, names that fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from penstock.core.errors import Invalid
from penstock.core.filter import Filter
from penstock.core.formula import Formula
from penstock.core.kind import Definition
from penstock.kinds.recipes._table import TableRecipe, need

if TYPE_CHECKING:
    import ibis.expr.types as ir

ROW = "__row"


class Order(Definition):
    """A column to sort by. A name alone is ascending, with a minus before it descending."""

    column: str = Field(description="The column to sort by.")
    direction: Literal["asc", "desc"] = Field(
        default="asc", description="asc: nulls first. desc: nulls last."
    )

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {
                "column": given.removeprefix("-"),
                "direction": "desc" if given.startswith("-") else "asc",
            }
        return given

    def key(self, table: ir.Table) -> Any:
        column = table[self.column]
        return column.asc(nulls_first=True) if self.direction == "asc" else column.desc(nulls_first=False)


class ComputedColumn(Definition):
    """A column made by a formula."""

    name: str = Field(min_length=1, description="Its name; a column of that name is replaced.")
    formula: Formula = Field(description="How it is computed, such as `distance / air_time * 60`.")


class Before(TableRecipe):
    """A recipe with one input, whose rows may be filtered and completed before the work."""

    pre_filter: Filter = Field(default_factory=Filter, description="Only these rows are used.")
    pre_columns: tuple[ComputedColumn, ...] = Field(
        default=(), description="Columns computed first, after the filter."
    )

    def prepared(self, table: ir.Table, dataset: str) -> ir.Table:
        """The input as the recipe works on it."""
        return computed(kept(table, self.pre_filter, dataset, "The filter before"), self.pre_columns, dataset)


class After(TableRecipe):
    """A recipe with one output, whose rows may be completed and filtered after the work."""

    post_columns: tuple[ComputedColumn, ...] = Field(
        default=(), description="Columns computed from the result."
    )
    post_filter: Filter = Field(default_factory=Filter, description="Only these rows of the result are kept.")

    def finished(self, table: ir.Table) -> ir.Table:
        """The result as it is written."""
        done = computed(table, self.post_columns, "in the result")
        return kept(done, self.post_filter, "in the result", "The filter after")


def kept(table: ir.Table, rows: Filter, dataset: str, by: str) -> ir.Table:
    """The rows a filter means. Raises ColumnMissing before anything runs."""
    need(table, rows.expression().columns(), dataset=dataset, by=by)
    return rows.keep(table)


def computed(table: ir.Table, columns: Sequence[ComputedColumn], dataset: str) -> ir.Table:
    """The table with columns added one after the other: a later formula may use an earlier one."""
    for column in columns:
        need(table, column.formula.columns(), dataset=dataset, by=f"The formula of {column.name}")
        table = table.mutate(**{column.name: column.formula.compile(table)})
    return table


def numbered(table: ir.Table, name: str = ROW) -> ir.Table:
    """With `__row`: 0, 1, 2 … in the order of the rows."""
    import ibis

    return table.mutate(**{name: ibis.row_number().cast("int64")})


def in_order(table: ir.Table) -> ir.Table:
    """The rows in their first order again, without the number."""
    return table.order_by(ROW).drop(ROW)


def keys(table: ir.Table, order: Iterable[Order]) -> list[Any]:
    """What to sort by. The number of the row decides between equals, if there is one."""
    wanted = [o.key(table) for o in order]
    return [*wanted, table[ROW]] if ROW in table.columns else wanted


def distinct_names(names: Iterable[str], what: str) -> None:
    """Raise Invalid when two results would have one name."""
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise Invalid(f"{what} has two columns called '{name}'.", hint="Give one of them another name.")
        seen.add(name.lower())
