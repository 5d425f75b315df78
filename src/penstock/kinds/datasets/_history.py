"""HistoryDataset: the metric store as rows, live."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from penstock.core.dataset import Dataset
from penstock.core.metric import ObjectKey
from penstock.core.names import OtherItem
from penstock.core.native import IBIS
from penstock.core.schema import Column, ColumnType, Schema

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from penstock.core.contexts import DatasetContext

OBJECT: dict[str, ColumnType] = {
    "project_key": "string", "object_type": "string", "object_id": "string", "object_name": "string",
    "partition": "string",
}  # fmt: skip


class HistoryDataset(Dataset):
    """Rows out of the metric store: a query of what is known now. It is never built, and never cleared."""

    LIVE: ClassVar[bool] = True
    SHAPE: ClassVar[Mapping[str, ColumnType]] = {}

    scope: Literal["object", "project"] = Field(
        default="object", description="One object, or every object of the project."
    )
    item: OtherItem = Field(default="", description="scope object: the dataset, folder, model or store.")
    content: Literal["history", "last"] = Field(
        default="history", description="Everything, or the latest only."
    )

    @model_validator(mode="after")
    def _item_of_scope(self) -> Self:
        if (self.scope == "object") != bool(self.item):
            raise ValueError("scope object needs an item; scope project takes none.")
        return self

    def records(self, ctx: DatasetContext) -> Iterable[Mapping[str, Any]]:
        """Column → value, a row each."""
        raise NotImplementedError

    def read(self, ctx: DatasetContext) -> ir.Table:
        import ibis
        import pyarrow as pa

        schema = ibis.schema({name: IBIS[kind] for name, kind in self.SHAPE.items()}).to_pyarrow()
        return ibis.memtable(pa.Table.from_pylist([dict(r) for r in self.records(ctx)], schema=schema))

    def infer(self, ctx: DatasetContext, *, types: bool = True) -> Schema:
        return tuple(Column(name=name, type=kind) for name, kind in self.SHAPE.items())

    def where(self) -> str:
        return "in the history of metrics and checks, which is never cleared this way"

    def state(self, ctx: DatasetContext) -> str:
        return "live"

    def depends_on(self) -> tuple[str, ...]:
        """The object it tells about: a recipe that writes it runs before this is read."""
        return (self.item,) if self.item else ()


def of_object(key: ObjectKey) -> dict[str, str]:
    """The columns that say which object a row is about."""
    return {
        "project_key": key.project, "object_type": key.type, "object_id": f"{key.project}.{key.name}",
        "object_name": key.name, "partition": key.partition,
    }  # fmt: skip


def oldest_first(found: Sequence[Any], name: str) -> list[Any]:
    """Values or results by time, then by their id."""
    return sorted(found, key=lambda r: (r.computed_at, getattr(r, name)))


def as_date(text: str) -> datetime | None:
    """An ISO date or instant as an instant, or None."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if isinstance(read, date) else None
