"""Metric: one metric of an object, its last value or its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.errors import did_you_mean
from penstock.core.metric import DATA_DRIFT, MetricValue, id_of, label
from penstock.core.names import OtherItem
from penstock.core.tile import Content, Figure, Heading, History, Table, Tile, content, notice, number

if TYPE_CHECKING:
    from penstock.core.contexts import TileContext


class MetricTile(Tile):
    """A metric of a dataset, folder, model or evaluation store: the last value with what its checks say, or its
    history with the limits of the checks. Only metrics that were computed can be chosen.

    Example:
        type: metric
        item: mes_for_input_drift
        metric: Data Drift
        show: history
    """

    LABEL: ClassVar[str] = "Metric"
    SIZE: ClassVar[tuple[int, int]] = (9, 6)

    item: OtherItem = Field(description="The object: an evaluation store, dataset, model or folder.")
    metric: str = Field(min_length=1, description="Its name, such as `Data Drift`, or its id.")
    show: Literal["last value", "history"] = Field(
        default="last value", description="One number with a small curve, or the curve with the limits."
    )
    last: int = Field(default=30, ge=2, le=10_000, description="How many values the curve goes back.")

    def about(self, ctx: TileContext) -> str:
        return f"{label(id_of(self.metric))} of {self.item}"

    def data(self, ctx: TileContext) -> Content:
        values = ctx.values(self.item)
        id = id_of(self.metric, values)
        if id not in values:
            return notice(
                f"{self.item} has no value of {label(id)} yet.{did_you_mean(self.metric, map(label, values))}",
                f"Compute its metrics, or build {self.item}.",
            )
        return (
            self._history(ctx, id, values[id]) if self.show == "history" else self._value(ctx, id, values[id])
        )

    def _value(self, ctx: TileContext, id: str, value: MetricValue) -> Content:
        course = ctx.course(self.item, id, self.last)
        judged = ctx.verdict(self.item, id)
        neutral = "0.5 means no drift" if id == DATA_DRIFT else ""
        says = judged.name if judged and judged.verdict else neutral
        figure = Figure(
            label=label(id), value=number(value.get_value()), verdict=judged.verdict if judged else None, says=says,
            course=tuple(p.value for p in course.in_time) if course else (),
        )  # fmt: skip
        return content(figure, as_of=value.computed_at)

    def _history(self, ctx: TileContext, id: str, value: MetricValue) -> Content:
        course = ctx.course(self.item, id, self.last)
        judged = ctx.verdict(self.item, id)
        if course is not None:
            return content(
                History(course=course, verdict=judged.verdict if judged else None), as_of=value.computed_at
            )
        rows = tuple(
            (number(v.computed_at), v.value) for v in reversed(ctx.history(self.item, id)[-self.last :])
        )
        heads = (Heading(name="at", title="when"), Heading(name="value", title=label(id)))
        return content(Table(columns=heads, rows=rows), as_of=value.computed_at)
