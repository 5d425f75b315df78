"""About a number of rows, by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.sampling import Rows, Sampling
from penstock.kinds.samplings._chance import DRAW, ROW, SPAN, drawn

if TYPE_CHECKING:
    import ibis.expr.types as ir


class RandomApproximateNumber(Sampling):
    """Each row with the chance n / all rows, so that about n of them are kept; all when there are fewer.

    Two passes over the data: one counts, one chooses.

    Example:
        type: random_approximate_number
        n: 10000
        seed: 1337
    """

    LABEL: ClassVar[str] = "Random (approx. nb. records)"

    n: Rows = Field(default=10_000, description="About how many rows.")
    seed: int = Field(default=1337, description="Another seed, another sample; the same seed, the same rows.")

    def take(self, table: ir.Table) -> ir.Table:
        rows = drawn(table, self.seed)
        within = rows[DRAW] * table.count().as_scalar() < self.n * SPAN
        return rows.filter(within).drop(ROW, DRAW)
