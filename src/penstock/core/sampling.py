"""Sampling: the base of how some rows are chosen out of many, the same ones every time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from penstock.core.kind import Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

Rows = Annotated[int, Field(ge=1)]
Ratio = Annotated[float, Field(ge=0, le=1)]


class Sampling(Kind):
    """Chooses rows of a table. Rows keep their order; the same rows and seed give the same sample.

    `take(table)` is lazy: it returns an Ibis expression, and chance comes from the number of the row and the
    seed, not from the engine's dice, so threads and runs do not matter.
    """

    FAMILY: ClassVar[str] = "samplings"
    LABEL: ClassVar[str] = ""

    def take(self, table: ir.Table) -> ir.Table:
        raise NotImplementedError
