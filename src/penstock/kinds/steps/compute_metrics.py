"""Compute metrics: measure objects now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from penstock.core.metric import NOT_PARTITIONED, label
from penstock.core.names import Target
from penstock.core.outcome import Outcome
from penstock.core.scenario import Step, StepResult

if TYPE_CHECKING:
    from penstock.core.contexts import Measured, StepContext
    from penstock.core.metric import MetricValue


class ComputeMetrics(Step):
    """Computes all enabled probes of objects and keeps the values.

    A metric that gets no value makes the step WARNING. Later steps read `stepOutput_<name>`: per
    `PROJECT.object_NP` what was computed and what was skipped.

    Example:
        type: compute_metrics
        name: the_metrics
        items: [transactions]
    """

    items: tuple[Target, ...] = Field(min_length=1, description="What to measure.")

    def run(self, ctx: StepContext) -> StepResult:
        output: dict[str, Any] = {}
        missing: list[str] = []
        for item in (ctx.expand(item) for item in self.items):
            run = ctx.compute_metrics(item)
            for skipped in run.skipped:
                ctx.log.warning(f"{item}: {skipped.metric_id}: {skipped.reason}")
            ctx.log.info(f"{item}: {len(run.computed)} values computed.")
            missing += [f"{item}: {skipped.metric_id}: {skipped.reason}" for skipped in run.skipped]
            output[f"{ctx.project.key}.{item}_{NOT_PARTITIONED}"] = _told(run)
        outcome = Outcome.WARNING if missing else Outcome.SUCCESS
        return StepResult(outcome, output=output, message="; ".join(missing))


def _told(run: Measured) -> dict[str, Any]:
    return {
        "partition": NOT_PARTITIONED,
        "computed": [_value(value) for value in run.computed],
        "skipped": [{"metricId": s.metric_id, "reason": s.reason} for s in run.skipped],
        "runs": [{"engine": "duckdb"}],
        "startTime": round(run.started_at.timestamp() * 1000),
        "endTime": round(run.ended_at.timestamp() * 1000),
    }


def _value(value: MetricValue) -> dict[str, Any]:
    return {
        "metricId": value.metric_id, "dataType": value.data_type, "value": value.value,
        "metric": {"id": value.metric_id, "label": label(value.metric_id)},
    }  # fmt: skip
