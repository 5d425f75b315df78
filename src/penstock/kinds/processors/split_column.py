"""Cuts a text at a separator into numbered columns: <prefix>0, <prefix>1 …"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from penstock.core.expression import Column, call
from penstock.core.prepare import PrepareContext, Processor, needed, placed
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir


class SplitColumn(Processor):
    """Cuts a text at a separator into numbered columns: <prefix>0, <prefix>1 …

    The number of columns is fixed, so that the schema is; the last one takes the rest when asked to.

    Example:
        type: split_column
        column: route
        separator: "-"
        parts: 2
        prefix: airport_
    """

    LABEL: ClassVar[str] = "Split column"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "one"

    column: str = Field(description="The column to cut.")
    separator: str = Field(min_length=1, description="The text between the parts.")
    parts: int = Field(default=2, ge=1, le=100, description="How many columns.")
    prefix: str = Field(default="", description="What the new names begin with; unless said, <column>_.")
    rest: Literal["drop", "keep"] = Field(
        default="drop", description="Further parts: dropped, or kept in the last."
    )
    from_end: bool = Field(default=False, description="Number the parts from the end.")
    keep_original: bool = Field(default=True, description="Keep the column that was cut.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        needed(table, self.column)
        text: Any = call("to_string", Column(self.column)).compile(table)
        pieces, beside = text.split(self.separator), self.column
        for number in range(self.parts):
            name = _cells.free_name(table, f"{self.prefix or f'{self.column}_'}{number}")
            table = placed(table, name, self._part(pieces, number), after=beside)
            beside = name
        return table if self.keep_original else table.drop(self.column)

    def _part(self, pieces: Any, number: int) -> ir.Value:
        count = pieces.length()
        index = count - 1 - number if self.from_end else number
        part = (count > number).ifelse(pieces[index], None)
        if self.rest == "drop" or number < self.parts - 1:
            return part
        others = pieces[: index + 1] if self.from_end else pieces[number:]
        return (count > number).ifelse(others.join(self.separator), None)
