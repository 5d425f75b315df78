"""About a part of the rows, by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.sampling import Ratio, Sampling
from penstock.kinds.samplings._chance import DRAW, ROW, SPAN, drawn

if TYPE_CHECKING:
    import ibis.expr.types as ir


class RandomRatio(Sampling):
    """Each row with the same chance, so that about this part of them is kept. One pass over the data.

    Example:
        type: random_ratio
        ratio: 0.1
        seed: 1337
    """

    LABEL: ClassVar[str] = "Random (approximate ratio)"

    ratio: Ratio = Field(default=0.1, description="The part of the rows to keep, 0 to 1.")
    seed: int = Field(default=1337, description="Another seed, another sample; the same seed, the same rows.")

    def take(self, table: ir.Table) -> ir.Table:
        rows = drawn(table, self.seed)
        return rows.filter(rows[DRAW] < int(self.ratio * SPAN)).drop(ROW, DRAW)
