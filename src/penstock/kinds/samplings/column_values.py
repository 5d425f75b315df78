"""All rows of some values of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, model_validator

from penstock.core.chance import mixed
from penstock.core.sampling import Ratio, Rows, Sampling
from penstock.kinds.samplings._chance import DRAW, ROW, in_order, numbered, wanted

if TYPE_CHECKING:
    import ibis.expr.types as ir


class ColumnValues(Sampling):
    """Some values of a column by chance, with all rows that have them: whole customers, days or machines.

    Values are added until there are at least n rows (or that part of them). Null counts as a value.

    Example:
        type: column_values
        column: customer
        n: 10000
    """

    LABEL: ClassVar[str] = "Random values of a column"

    column: str = Field(description="Rows with the same value in it stay together.")
    n: Rows | None = Field(default=None, description="About how many rows; or give a ratio.")
    ratio: Ratio | None = Field(default=None, description="About which part of the rows; or give n.")
    seed: int = Field(default=1337, description="Another seed, another sample; the same seed, the same rows.")

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if (self.n is None) == (self.ratio is None):
            raise ValueError("Give n or ratio, one of them.")
        return self

    def take(self, table: ir.Table) -> ir.Table:
        import ibis

        rows = numbered(table)
        values = rows.group_by(rows[self.column]).agg(__first=rows[ROW].min(), __size=rows.count())
        values = values.mutate(**{DRAW: mixed(values["__first"], self.seed)})
        before = values["__size"].sum().over(ibis.cumulative_window(order_by=values[DRAW])) - values["__size"]
        values = values.mutate(__before=before)
        chosen = values.filter(values["__before"] < wanted(table, self.n, self.ratio))
        first = rows[ROW].min().over(group_by=rows[self.column])
        marked = rows.mutate(__first=first)
        return in_order(marked.filter(marked["__first"].isin(chosen["__first"])))
