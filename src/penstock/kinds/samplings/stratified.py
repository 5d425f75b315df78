"""A random sample that keeps the shares of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, model_validator

from penstock.core.sampling import Ratio, Rows, Sampling
from penstock.kinds.samplings._chance import in_order, ranked, wanted

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Stratified(Sampling):
    """Rows by chance, each value of a column keeping its share: rare values are not lost.

    A share is rounded up, so every value keeps at least one row. Null counts as a value.

    Example:
        type: stratified
        column: carrier
        n: 10000
    """

    LABEL: ClassVar[str] = "Stratified"

    column: str = Field(description="Its values keep their shares.")
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
        total = table.count().as_scalar()
        share = rows["__rank"] * total < rows["__size"] * wanted(table, self.n, self.ratio)
        return in_order(rows.filter(share))
