"""SchemaContains: a dataset has at least the columns it should."""

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


class SchemaContains(Rule):
    """These columns are there, with their types, in any order; others may be there too.

    Example:
        type: schema_contains
        columns:
          - {name: card_age, type: double}
    """

    STABLE_ID: ClassVar[str] = "DatasetSchemaContainsRule"

    columns: Schema = Field(min_length=1, description="The columns that must be there.")

    def label(self) -> str:
        return self.name or f"Schema contains {', '.join(c.name for c in self.columns[:5])}"

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        problems = misfits(self.columns, ctx.columns)
        observed = f"{len(ctx.columns)} columns"
        return Judgement(Verdict.ERROR if problems else Verdict.OK, "; ".join(problems), observed)
