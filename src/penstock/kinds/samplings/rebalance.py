"""A random sample with equally frequent values."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, model_validator

from penstock.core.sampling import Ratio, Rows, Sampling
from penstock.kinds.samplings._chance import in_order, ranked, wanted

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Rebalance(Sampling):
    """Rows by chance, so that the values of a column become equally frequent.

    Nothing is ever repeated: a value with too few rows keeps them all and stays rarer. Null counts as a value.

    Example:
        type: rebalance
        column: target
        n: 10000
    """

    LABEL: ClassVar[str] = "Class rebalancing"

    column: str = Field(description="Its values become equally frequent.")
    n: Rows | None = Field(default=None, description="About how many rows; or give a ratio.")
    ratio: Ratio | None = Field(default=None, description="About which part of the rows; or give n.")
    seed: int = Field(default=1337, description="Another seed, another sample; the same seed, the same rows.")

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if (self.n is None) == (self.ratio is None):
            raise ValueError("Give n or ratio, one of them.")
        return self

    def take(self, table: ir.Table) -> ir.Table:
        rows = ranked(table, self.column, self.seed)
        values = rows.filter(rows["__rank"] == 0).count().as_scalar()
        return in_order(rows.filter(rows["__rank"] * values < wanted(table, self.n, self.ratio)))
