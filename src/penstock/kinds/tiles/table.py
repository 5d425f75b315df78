"""Table: rows of a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, SerializeAsAny

from penstock.core.errors import ColumnMissing
from penstock.core.filter import Filter
from penstock.core.kind import Definition, of
from penstock.core.names import Points, check_readable
from penstock.core.sampling import Sampling
from penstock.core.tile import Content, Heading, Table, Tile, content, notice, number

if TYPE_CHECKING:
    from penstock.core.contexts import TileContext


class SortBy(Definition):
    """A column that rows are sorted by."""

    column: str = Field(min_length=1, description="The column.")
    descending: bool = Field(default=False, description="Largest first.")


class TableTile(Tile):
    """Rows of a dataset: chosen columns, sorted, filtered. It reads all rows unless a sampling says otherwise, and then
    it says so.

    Example:
        type: table
        dataset: flights_joined
        columns: [flight_date, carrier, dest, dep_delay]
        sort: [{column: dep_delay, descending: true}]
        rows: 20
    """

    LABEL: ClassVar[str] = "Dataset table"
    SIZE: ClassVar[tuple[int, int]] = (18, 12)
    READS: ClassVar[bool] = True

    dataset: Annotated[str, AfterValidator(check_readable), Points("other", ("dataset",))] = Field(
        description="The dataset."
    )
    columns: tuple[str, ...] = Field(
        default=(), description="Columns shown, in this order; all when left out."
    )
    sort: tuple[SortBy, ...] = Field(default=(), description="Sorted by these, the first one first.")
    filter: Filter = Field(default=Filter(), description="Only rows that pass.")
    sampling: Annotated[SerializeAsAny[Sampling], *of("samplings")] | None = Field(
        default=None, description="Which rows are looked at; all when left out."
    )
    rows: int = Field(default=50, ge=1, le=1000, description="Rows shown at most.")

    def about(self, ctx: TileContext) -> str:
        return self.dataset

    def data(self, ctx: TileContext) -> Content:
        table = ctx.read(self.dataset)
        table = self.filter.keep(self.sampling.take(table) if self.sampling else table)
        names = self.columns or tuple(table.columns)
        for name in (*names, *(s.column for s in self.sort)):
            if name not in table.columns:
                raise ColumnMissing(name, dataset=self.dataset, near=table.columns)
        total = int(ctx.rows(table.aggregate(n=table.count()))[0]["n"])
        if not total:
            return notice("No row passes the filters.", "Loosen them, or build the dataset.")
        found = ctx.rows(self._sorted(table).limit(self.rows).select(*names))
        heads = tuple(Heading(name=n, title=n, align=_align(table[n].type())) for n in names)
        rows = tuple(tuple(_cell(row[n]) for n in names) for row in found)
        badge = f"sample: {type(self.sampling).LABEL.lower()}" if self.sampling else ""
        return content(
            Table(columns=heads, rows=rows, total=total), as_of=ctx.written_at(self.dataset), badge=badge
        )

    def _sorted(self, table: Any) -> Any:
        keys = [table[s.column].desc() if s.descending else table[s.column].asc() for s in self.sort]
        return table.order_by(keys) if keys else table


def _align(kind: Any) -> Any:
    return "right" if kind.is_numeric() and not kind.is_boolean() else "left"


def _cell(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # identifiers and years are numbers too: no separators
    return None if value is None else number(value)
