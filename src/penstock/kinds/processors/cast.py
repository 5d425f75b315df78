"""Changes the storage type of columns; cells that cannot be read as it become empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.expression import Column
from penstock.core.prepare import Columns, PrepareContext, Processor
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir

Target = Literal[
    "string",
    "tinyint",
    "smallint",
    "int",
    "bigint",
    "float",
    "double",
    "boolean",
    "date",
    "datetime",
    "datetime_tz",
]


class Cast(Processor):
    """Changes the storage type of columns; cells that cannot be read as it become empty.

    Whole numbers lose their decimals; texts are read as ISO dates; true, false and numbers are read as booleans.

    Example:
        type: cast
        columns: [zip]
        to: string
    """

    LABEL: ClassVar[str] = "Change type"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "pattern"

    columns: Columns = Field(description="The columns to change.")
    to: Target = Field(description="The new storage type.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        return table.mutate(
            **{name: _cells.read_as(Column(name), self.to, table) for name in self.columns.of(table)}
        )
