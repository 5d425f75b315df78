"""Chart: a picture of a dataset."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator, Field, SerializeAsAny

from penstock.core.chart import Chart
from penstock.core.filter import Filter
from penstock.core.kind import of
from penstock.core.names import Points, check_readable
from penstock.core.sampling import Sampling
from penstock.core.tile import Content, Tile
from penstock.kinds.tiles import _charting

if TYPE_CHECKING:
    from penstock.core.contexts import TileContext


class ChartTile(Chart, Tile):
    """A chart of a dataset: bars, lines, areas, pie, scatter, histogram, box plot, pivot table or plain numbers. Every
    group is worked out over all rows, exactly; when a sampling is chosen the tile says so.

    Example:
        type: chart
        dataset: flights_joined
        shape: bar
        by: {column: flight_date, part: month}
        split: carrier
        measures: [{aggregation: avg, column: dep_delay}]
        stack: stacked
    """

    LABEL: ClassVar[str] = "Chart"
    SIZE: ClassVar[tuple[int, int]] = (18, 12)
    READS: ClassVar[bool] = True

    dataset: Annotated[str, AfterValidator(check_readable), Points("other", ("dataset",))] = Field(
        description="The dataset."
    )
    filter: Filter = Field(default=Filter(), description="Only rows that pass.")
    sampling: Annotated[SerializeAsAny[Sampling], *of("samplings")] | None = Field(
        default=None, description="Which rows are looked at; all when left out."
    )

    def about(self, ctx: TileContext) -> str:
        measured = ", ".join(m.label for m in self.measures)
        said = f"{measured[:1].upper()}{measured[1:]} of {self.dataset}"
        return f"{said} by {self.by.title or self.by.column}" if self.by else said

    def data(self, ctx: TileContext) -> Content:
        table = ctx.read(self.dataset)
        table = self.filter.keep(self.sampling.take(table) if self.sampling else table)
        found = _charting.drawn(self, table, ctx.rows)
        badges = [f"sample: {type(self.sampling).LABEL.lower()}"] if self.sampling else []
        badges += [found.badge] if found.badge else []
        return replace(found, as_of=ctx.written_at(self.dataset), badge="; ".join(badges))
