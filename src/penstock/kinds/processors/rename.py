"""Gives columns new names; the rest stay where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.errors import Invalid
from penstock.core.prepare import PrepareContext, Processor, needed

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Rename(Processor):
    """Gives columns new names; the rest stay where they are.

    Example:
        type: rename
        columns: {arr_delay: arrival_delay, dest: destination}
    """

    LABEL: ClassVar[str] = "Rename columns"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "list"

    columns: dict[str, str] = Field(min_length=1, description="Old name → new name.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        for name in self.columns:
            needed(table, name)
        names = [self.columns.get(name, name) for name in table.columns]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise Invalid(f"After renaming, two columns would be called '{twice}'.")
        return table.select(**{new: table[old] for old, new in zip(table.columns, names, strict=True)})
