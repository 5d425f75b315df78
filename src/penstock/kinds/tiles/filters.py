"""Filters: a panel that chooses which rows the page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from penstock.core.errors import ColumnMissing
from penstock.core.kind import Definition
from penstock.core.names import Points, check_readable
from penstock.core.page_filters import Chosen
from penstock.core.tile import Choice, Content, Panel, Tile, content, number

if TYPE_CHECKING:
    from penstock.core.contexts import TileContext


class PanelColumn(Definition):
    """One column that can be filtered, and what is chosen before anybody chooses."""

    column: str = Field(min_length=1, description="The column.")
    title: str = Field(default="", description="Instead of the column's name.")
    show: Literal["auto", "values", "range", "text"] = Field(
        default="auto", description="Values to tick, a lowest and a highest, or a text to find."
    )
    values: tuple[str, ...] = Field(default=(), description="Ticked at the start; none = all rows.")
    exclude: bool = Field(default=False, description="The ticked ones are left out instead of kept.")
    low: str = Field(default="", description="Lowest at the start.")
    high: str = Field(default="", description="Highest at the start.")
    all_values: bool = Field(
        default=False, description="Offer every value, not only those the other filters leave."
    )


def _column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


class FiltersTile(Tile):
    """A panel of filters for the charts and tables of its page that show the same dataset. What people choose is theirs
    alone and stands in the address, so that it can be sent to others.

    Example:
        type: filters
        dataset: flights_joined
        columns: [carrier, {column: distance, show: range, high: "1000"}]
    """

    LABEL: ClassVar[str] = "Filters"
    SIZE: ClassVar[tuple[int, int]] = (9, 12)
    READS: ClassVar[bool] = True
    OFFERED: ClassVar[int] = 50

    dataset: Annotated[str, AfterValidator(check_readable), Points("other", ("dataset",))] = Field(
        description="The dataset whose rows are chosen."
    )
    columns: tuple[Annotated[PanelColumn, BeforeValidator(_column)], ...] = Field(
        min_length=1, description="Columns that can be filtered."
    )

    def about(self, ctx: TileContext) -> str:
        return "Filters"

    def defaults(self) -> list[Chosen]:
        """What is chosen before anybody chooses."""
        found = []
        for c in self.columns:
            if c.values:
                values = tuple(v or None for v in c.values)
                found.append(Chosen(c.column, "not_in" if c.exclude else "in", values))
            elif c.low or c.high:
                found.append(Chosen(c.column, "between", (c.low or None, c.high or None)))
        return found

    def data(self, ctx: TileContext) -> Content:
        choices = tuple(self._choice(c, ctx) for c in self.columns)
        return content(Panel(dataset=self.dataset, choices=choices), as_of=ctx.written_at(self.dataset))

    def _choice(self, asked: PanelColumn, ctx: TileContext) -> Choice:
        table = ctx.read(self.dataset, filtered=False)
        if asked.column not in table.columns:
            raise ColumnMissing(asked.column, dataset=self.dataset, near=table.columns)
        if not asked.all_values:
            table = ctx.choices(self.dataset).without(asked.column).keep(table)
        chosen = ctx.choices(self.dataset).of(asked.column)
        sort = asked.show if asked.show != "auto" else _sort(table[asked.column].type())
        shown: dict[str, Any] = {"column": asked.column, "title": asked.title or asked.column, "sort": sort}
        if sort == "range":
            return Choice(**shown, **_range(table, asked.column, chosen, ctx))
        if sort == "text":
            return Choice(**shown, chosen=_texts(chosen))
        return Choice(**shown, **_values(table, asked.column, chosen, ctx))


def _sort(kind: Any) -> str:
    scale = (kind.is_numeric() and not kind.is_boolean()) or kind.is_temporal()
    return "range" if scale else "values"


def _range(table: Any, column: str, chosen: Chosen | None, ctx: TileContext) -> Mapping[str, Any]:
    ends = (chosen.values if chosen and chosen.operator == "between" else (None, None))[:2]
    found = ctx.rows(table.aggregate(low=table[column].min(), high=table[column].max()))[0]
    least, most = (number(found[end]).replace(",", "") for end in ("low", "high"))
    low, high = ("" if end is None else str(end) for end in ends)
    return {"low": low, "high": high, "values": (least, most)}


def _values(table: Any, column: str, chosen: Chosen | None, ctx: TileContext) -> Mapping[str, Any]:
    import ibis

    text = table.select(v=table[column].cast("string"))
    counted = text.group_by("v").aggregate(n=text.count())
    found = ctx.rows(counted.order_by([ibis.desc("n"), "v"]).limit(FiltersTile.OFFERED))
    kinds = int(ctx.rows(text.aggregate(n=text.v.nunique()))[0]["n"])
    ticked = _texts(chosen)
    offered = dict.fromkeys([*("" if r["v"] is None else str(r["v"]) for r in found), *ticked])
    return {
        "values": tuple(offered), "chosen": ticked, "more": max(0, kinds - len(found)),
        "excluded": chosen is not None and chosen.operator == "not_in",
    }  # fmt: skip


def _texts(chosen: Chosen | None) -> tuple[str, ...]:
    values: Sequence[Any] = (
        chosen.values if chosen and chosen.operator in ("in", "not_in", "contains") else ()
    )
    return tuple("" if v is None else str(v) for v in values)
