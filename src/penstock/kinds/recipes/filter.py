"""Filter: keep some rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, SerializeAsAny

from penstock.core import filter as rows
from penstock.core.kind import of
from penstock.core.names import InputDataset, OutputDataset
from penstock.core.sampling import Sampling
from penstock.kinds.recipes._shape import kept
from penstock.kinds.recipes._table import TableRecipe

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Filter(TableRecipe):
    """Keeps the rows that a filter means, or a sample of them, or a sample of all rows.

    Example:
        type: filter
        input: flights
        output: spring
        filter:
          rules:
            - {column: flight_date, operator: ">=", value: "${start_date}"}
            - {column: flight_date, operator: "<", value: "${end_date}"}
        sampling: {type: random_ratio, ratio: 0.1, seed: 1337}
    """

    input: InputDataset = Field(description="The dataset to filter.")
    output: OutputDataset = Field(description="Where the kept rows go.")
    filter: rows.Filter = Field(default_factory=rows.Filter, description="Which rows are kept.")
    sampling: Annotated[SerializeAsAny[Sampling], *of("samplings")] | None = Field(
        default=None, description="Which of the kept rows are taken; none = all."
    )

    def transform(self, *tables: ir.Table) -> ir.Table:
        table = kept(tables[0], self.filter, self.input, "The filter")
        return self.sampling.take(table) if self.sampling is not None else table
