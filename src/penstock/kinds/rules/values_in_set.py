"""ValuesInSet: a column holds known values only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.bounds import Tolerance
from penstock.core.check import Judgement
from penstock.core.columns import cleaned, existing_column
from penstock.core.outcome import Verdict
from penstock.core.rule import Rule

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext


class ValuesInSet(Tolerance, Rule):
    """Every value of a column is one of those you list. Empty cells do not count.

    Example:
        type: values_in_set
        column: item_category
        values: [A, B, C, D]
        threshold: percentage
        soft_maximum: 0
        maximum: 1
    """

    STABLE_ID: ClassVar[str] = "ValuesInSetRule"

    column: str = Field(description="The column.")
    values: tuple[bool | int | float | str, ...] = Field(min_length=1, description="What cells may hold.")

    def label(self) -> str:
        among = ", ".join(map(str, self.values[:5])) + (" …" if len(self.values) > 5 else "")
        return self.name or f"Values of {self.column} are among {among}{self.tolerance_in_words()}"

    def expressions(self, table: Any, ctx: MeasureContext) -> Mapping[str, Any]:
        cells = cleaned(existing_column(table, self.column, ctx.key.name))
        known = cells if cells.type().is_numeric() or cells.type().is_boolean() else cells.cast("string")
        strange = cells.notnull() & ~known.isin(_cells(self.values, cells))
        return {"values": cells.count(), "strange": strange.sum(), "example": cells.min(where=strange)}

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        found = self.judge_share(measured["strange"] or 0, measured["values"], "not in the set")
        if found.verdict is Verdict.EMPTY or not measured["strange"]:
            return found
        return Judgement(found.verdict, f"{found.message}, such as '{measured['example']}'", found.observed)


def _cells(values: tuple[Any, ...], column: Any) -> list[Any]:
    """The listed values as cells of this column could be them."""
    if column.type().is_numeric():
        return [v if isinstance(v, int) else float(v) for v in values if _numeric(v)]
    if column.type().is_boolean():
        return [str(v).lower() == "true" for v in values]
    return [str(v) for v in values]


def _numeric(value: Any) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
