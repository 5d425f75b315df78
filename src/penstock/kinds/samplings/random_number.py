"""A fixed number of random rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.sampling import Rows, Sampling
from penstock.kinds.samplings._chance import DRAW, ROW, drawn

if TYPE_CHECKING:
    import ibis.expr.types as ir


class RandomNumber(Sampling):
    """Rows chosen by chance, exactly as many as asked, or all when there are fewer. Two passes over the data.

    Example:
        type: random_number
        n: 10000
        seed: 1337
    """

    LABEL: ClassVar[str] = "Random (fixed number of rows)"

    n: Rows = Field(default=10_000, description="How many rows.")
    seed: int = Field(default=1337, description="Another seed, another sample; the same seed, the same rows.")

    def take(self, table: ir.Table) -> ir.Table:
        rows = drawn(table, self.seed)
        highest = rows.select(DRAW).order_by(DRAW).limit(self.n)[DRAW].max()
        return rows.filter(rows[DRAW] <= highest.as_scalar()).drop(ROW, DRAW)
