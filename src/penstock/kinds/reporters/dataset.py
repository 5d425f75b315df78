"""Dataset: one row a run, in a dataset of the project."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, field_validator

from penstock.core.names import Points, check_name
from penstock.core.reporter import Flaw, Outlook, Reporter
from penstock.kinds.reporters import _facts

if TYPE_CHECKING:
    from penstock.core.contexts import ReportContext


class Dataset(Reporter):
    """One row for each run is added to a managed dataset that no recipe writes.

    Its columns are run, project, scenario, scenario_name, outcome, trigger, trigger_type, asked_by, run_as,
    started_at, ended_at, duration_seconds, url, summary, and those of yours.

    Example:
        type: dataset
        dataset: scenario_runs
        columns: {month: '${month}'}
    """

    dataset: Annotated[str, Points("other", ("dataset",))] = Field(description="The managed dataset.")
    columns: dict[str, str] = Field(
        default_factory=dict, description="Further columns, as texts: name → text with `${variables}`."
    )

    @field_validator("dataset")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        return check_name(name)

    def flaws(self, outlook: Outlook) -> Iterator[Flaw]:
        yield from super().flaws(outlook)
        there, writer = outlook.project.datasets.get(self.dataset), outlook.project.producer(self.dataset)
        if there is not None and (writer or not there.MANAGED):
            where = f"recipe {writer} writes it" if writer else f"its rows live {there.where()}"
            yield ("dataset",), f"No row can be added to dataset {self.dataset}: {where}."

    def send(self, ctx: ReportContext) -> str:
        ours = dict(_facts.plain_facts(ctx))
        ctx.append(self.dataset, ours | {name: ctx.expand(text) for name, text in self.columns.items()})
        return f"one row added to {self.dataset}"
