"""Shared datasets: rows of another project."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.dataset import Dataset, SourceFile
from penstock.core.names import Name, ProjectKey
from penstock.core.schema import Schema

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from penstock.core.contexts import DatasetContext


class Shared(Dataset):
    """A dataset that another project shares with this one: it is read here and changed only there.

    Nobody writes this kind by hand: what project FLIGHTS shares stands in the Flow as `FLIGHTS.flights`, and recipes
    name it so.

    Example:
        type: shared
        project: FLIGHTS
        dataset: flights
    """

    FOREIGN: ClassVar[bool] = True

    project: ProjectKey = Field(description="The project it belongs to.")
    dataset: Name = Field(description="Its name there.")
    on: str = Field(default="", description="The connection to the database its rows live in, if they do.")

    def read(self, ctx: DatasetContext) -> ir.Table:
        dataset, there = ctx.elsewhere(self.project, self.dataset)
        return dataset.read(there)

    def files(self, ctx: DatasetContext) -> list[SourceFile]:
        dataset, there = ctx.elsewhere(self.project, self.dataset)
        return dataset.files(there)

    def doubts(self, ctx: DatasetContext, file: SourceFile) -> list[str]:
        dataset, there = ctx.elsewhere(self.project, self.dataset)
        return dataset.doubts(there, file)

    def infer(self, ctx: DatasetContext, *, types: bool = True) -> Schema:
        dataset, there = ctx.elsewhere(self.project, self.dataset)
        return dataset.infer(there, types=types)

    def state(self, ctx: DatasetContext) -> str:
        dataset, there = ctx.elsewhere(self.project, self.dataset)
        return dataset.state(there)

    def check_ready(self, ctx: DatasetContext) -> None:
        dataset, there = ctx.elsewhere(self.project, self.dataset)
        dataset.check_ready(there)

    def where(self) -> str:
        return f"in project {self.project}"

    def database(self) -> str:
        return self.on
