"""SchemaEquals: a dataset has exactly the columns it should."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.check import Judgement
from penstock.core.outcome import Verdict
from penstock.core.rule import Rule, misfits
from penstock.core.schema import Schema

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext


class SchemaEquals(Rule):
    """The columns are exactly these: names, types and order; meanings and lengths where you give them.

    Example:
        type: schema_equals
        columns:
          - {name: transaction_id, type: bigint}
          - {name: card_age, type: double}
    """

    STABLE_ID: ClassVar[str] = "DatasetSchemaEqualsRule"

    columns: Schema = Field(
        default=(), description="The columns; those of the dataset's definition if empty."
    )

    def label(self) -> str:
        return self.name or "Schema is as expected"

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        expected = self.columns or ctx.expected
        problems = misfits(expected, ctx.columns)
        known = {column.name for column in expected}
        problems += [f"column '{c.name}' is not expected" for c in ctx.columns if c.name not in known]
        if not problems and [c.name for c in expected] != [c.name for c in ctx.columns]:
            problems = [f"the order is {', '.join(c.name for c in ctx.columns)}"]
        observed = f"{len(ctx.columns)} columns"
        return Judgement(Verdict.ERROR if problems else Verdict.OK, "; ".join(problems), observed)
