"""Run checks: judge objects by their latest metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field

from penstock.core.names import Target
from penstock.core.outcome import Outcome, Verdict
from penstock.core.scenario import Step, StepResult

if TYPE_CHECKING:
    from penstock.core.check import CheckResult
    from penstock.core.contexts import StepContext
    from penstock.core.project import Project

OUTCOMES = {
    Verdict.ERROR: Outcome.FAILED, Verdict.WARNING: Outcome.WARNING, Verdict.EMPTY: Outcome.WARNING,
    Verdict.OK: Outcome.SUCCESS,
}  # fmt: skip
"""EMPTY warns: a demand that could not be judged was not met, and is no reason to fail."""
FEW = 3
"""Checks that are named one by one although they are OK."""


class RunChecks(Step):
    """Judges objects by all their enabled checks and rules, and keeps the results.

    An ERROR makes the step FAILED, a WARNING makes it WARNING, a check without a value (EMPTY) too. A store is judged
    by its latest evaluation. Later steps read `stepOutput_<name>`: per `PROJECT.object_NP` the results.

    Example:
        type: run_checks
        name: Run MES checks
        items: [mes_for_input_drift]
        warnings_as: WARNING
    """

    items: tuple[Target, ...] = Field(min_length=1, description="What to judge.")
    skip_auto_run: bool = Field(default=False, description="Leave out what every build runs by itself.")

    def run(self, ctx: StepContext) -> StepResult:
        output: dict[str, Any] = {}
        found: list[CheckResult] = []
        for item in (ctx.expand(item) for item in self.items):
            started = ctx.clock.now()
            results = ctx.run_checks(item, skip_auto_run=self.skip_auto_run)
            for result in results:
                ctx.log.info(f"{item}: {result.check_name}: {result.verdict} {result.message}".rstrip())
            if not results:
                ctx.log.info(f"{item} has no check to run.")
            found += results
            times = {"startTime": _epoch(started), "endTime": _epoch(ctx.clock.now())}
            output[f"{ctx.project.key}.{item}_NP"] = {**_told(ctx.project, item, results), **times}
        outcome = Outcome.worst(OUTCOMES[r.verdict] for r in found)
        return StepResult(outcome, output=output, message=_message(found))


def _message(found: Sequence[CheckResult]) -> str:
    """What went wrong; when nothing did, what was seen, or how much of it."""
    bad = _bad(found)
    if not bad and len(found) > FEW:
        return f"All {len(found)} checks are OK."
    return "; ".join(map(_sentence, bad or found))


def _bad(results: Sequence[CheckResult]) -> list[CheckResult]:
    order = [Verdict.ERROR, Verdict.WARNING, Verdict.EMPTY]
    return sorted((r for r in results if r.verdict in order), key=lambda r: order.index(r.verdict))


def _sentence(result: CheckResult) -> str:
    return f"{result.key.name}: {result.check_name}: {result.verdict} {result.message}".rstrip()


def _told(project: Project, item: str, results: Sequence[CheckResult]) -> dict[str, Any]:
    definition = project.item(item)
    demands = {d.key: d.to_mapping() for d in (*getattr(definition, "rules", ()), *definition.checks)}
    return {
        "partition": "NP",
        "results": [
            {
                "check": _check(result, demands.get(result.check_id, {})),
                "value": {"outcome": str(result.verdict), "message": result.message, "observed": result.observed},
            }
            for result in results
        ],
        "runs": [],
    }  # fmt: skip


def _check(result: CheckResult, definition: Mapping[str, Any]) -> dict[str, Any]:
    """The check with its limits, and the names people and programs know it by."""
    return {
        **definition, "id": result.check_id, "type": result.check_type, "displayName": result.check_name,
        "meta": {"label": result.check_name}, "metricId": result.metric_id,
    }  # fmt: skip


def _epoch(moment: Any) -> int:
    return round(moment.timestamp() * 1000)
