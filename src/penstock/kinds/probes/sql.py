"""SqlProbe: what a query of yours says of a dataset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from penstock.core.metric import Probe, Unavailable

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext


class SqlProbe(Probe):
    """The first row of a query over the dataset: one metric per column, named after its alias.

    In the query the dataset is called `dataset`, or by its own name; `${variables}` are filled in. A single
    aggregate may be given alone; a column without an alias is called `col_0`, `col_1` …

    Example:
        type: sql
        name: amounts
        query: SELECT count(*) AS n, max(purchase_amount) AS largest FROM dataset
    """

    name: str = Field(min_length=1, description="Part of the metric ids: `sql_query:<alias>:<name>`.")
    query: str = Field(default="", description="A whole SELECT.")
    aggregate: str = Field(default="", description="Or only an aggregate, such as `count(DISTINCT card_id)`.")

    @model_validator(mode="after")
    def _one_of_both(self) -> SqlProbe:
        if bool(self.query.strip()) == bool(self.aggregate.strip()):
            raise ValueError("Give either a `query` or an `aggregate`.")
        return self

    def measure(self, ctx: MeasureContext) -> Mapping[str, Any]:
        query = self.query or f"SELECT {self.aggregate} FROM dataset"
        row = ctx.sql(ctx.expand(query))
        if not row:
            return {f"sql_query:col_0:{self.name}": Unavailable("the query gave no row.")}
        return {
            f"sql_query:{_alias(column, position)}:{self.name}": value
            for position, (column, value) in enumerate(row.items())
        }


def _alias(column: str, position: int) -> str:
    """The alias, or `col_<position>` where the engine made a name up from the expression."""
    return column if re.fullmatch(r"[^\W\d][^()]*", column) else f"col_{position}"
