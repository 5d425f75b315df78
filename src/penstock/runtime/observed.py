"""What a run observed: its checks with limits, how metrics went lately, what went less than well."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from penstock.core import labels, metric
from penstock.core.errors import PenstockError
from penstock.core.metric import DATA_DRIFT, ObjectKey
from penstock.core.outcome import Outcome, Verdict
from penstock.core.report import Checked, Course, Limit, Point, Remark, by_name, limits_of

if TYPE_CHECKING:
    from penstock.core.check import Check, CheckResult
    from penstock.core.evaluation import Evaluation
    from penstock.core.node import Node
    from penstock.core.project import Project
    from penstock.core.scenario import ScenarioRun, StepRun

LATELY = 20
"""Evaluations a course goes back."""
MOST_COURSES = 3
MOST_JOB_WARNINGS = 5
"""Warnings of jobs that are told for each step."""
NOT_GOOD = (Outcome.WARNING, Outcome.FAILED, Outcome.ABORTED)


def checks(node: Node, project: Project, steps: Sequence[StepRun]) -> list[Checked]:
    """Every check that steps of the run made, in order."""
    return [checked for step in steps for checked in _checks_of(node, project, step)]


def remarks(node: Node, steps: Sequence[StepRun], seen: Sequence[Checked]) -> list[Remark]:
    """What went less than well: checks that are not OK, messages of steps, warnings of their jobs."""
    return [remark for step in steps for remark in _remarks_of(node, step, seen)]


def courses(node: Node, project: Project, run: ScenarioRun, steps: Sequence[StepRun]) -> list[Course]:
    """How metrics of the run's evaluation stores went: Data Drift, and others that checks judge there."""
    found = (
        course(node, project, store, metric_id)
        for store in _stores(project, run, steps)
        for metric_id in _judged_metrics(project, store)
    )
    return [c for c in found if c is not None][:MOST_COURSES]


def course(
    node: Node, project: Project, store: str, metric_id: str = DATA_DRIFT, *, up_to: str = ""
) -> Course | None:
    """One metric over the last evaluations of a store; None when none of them has it."""
    newest = node.evaluations.list(project.key, store, limit=0 if up_to else LATELY, newest_first=True)
    ids = [e.id for e in newest]
    newest = newest[ids.index(up_to) :][:LATELY] if up_to in ids else newest[:LATELY]
    points = tuple(_point(e, metric_id) for e in reversed(newest) if metric_id in e.metrics)
    if not points:
        return None
    return Course(
        item=store, metric_id=metric_id, label=metric.label(metric_id), points=by_name(points),
        limits=tuple(_limits(project, store, metric_id)), neutral=0.5 if metric_id == DATA_DRIFT else None,
    )  # fmt: skip


def first_failed_job(node: Node, steps: Sequence[StepRun]) -> str:
    """The id of the first job of the run that failed; empty when none did."""
    for job in (job for step in steps for job in step.jobs):
        try:
            if node.runs.job(job).state == "FAILED":
                return job
        except PenstockError:
            continue
    return ""


def _checks_of(node: Node, project: Project, step: StepRun) -> Iterator[Checked]:
    for key, found in _output(step).items():
        if not isinstance(found, Mapping) or not isinstance(found.get("results"), Sequence):
            continue
        owner, _, item = key.rpartition("_")[0].partition(".")
        results = _kept(node, project, step, item) if owner == project.key else {}
        for one in found["results"]:
            yield _checked(node, project, step, (owner, item), one, results)


def _output(step: StepRun) -> Mapping[str, Any]:
    """The output of a step that ran checks: `PROJECT.item_NP` → results; empty for any other."""
    output = step.output
    if isinstance(output, str):
        try:
            output = json.loads(output)
        except ValueError:
            return {}
    return output if isinstance(output, Mapping) and "check" in step.type else {}


def _kept(node: Node, project: Project, step: StepRun, item: str) -> dict[tuple[str, str], CheckResult]:
    """The results kept while the step ran, by check id and message: they know what was observed."""
    if item not in project.items:
        return {}
    key = ObjectKey(project=project.key, type=project.item_type(item), name=item)
    began, ended = step.started_at, step.ended_at
    return {
        (r.check_id, r.message): r
        for r in node.metrics.results(key)
        if (began is None or r.computed_at >= began) and (ended is None or r.computed_at <= ended)
    }


def _checked(
    node: Node, project: Project, step: StepRun, where: tuple[str, str], one: Mapping[str, Any],
    kept: Mapping[tuple[str, str], CheckResult],
) -> Checked:  # fmt: skip
    check, value = one.get("check") or {}, one.get("value") or {}
    owner, item = where
    id = str(check.get("id") or _name(check))
    message = str(value.get("message") or "")
    seen = kept.get((id, message))
    return Checked(
        step=step.label, item=item if owner == project.key else f"{owner}.{item}", name=_name(check) or id,
        verdict=Verdict(value.get("outcome") or "EMPTY"), message=message,
        observed=str(value.get("observed") or (seen.observed if seen else "")),
        limits=_limits_in_words(_demand(project, item, id)) if owner == project.key else "",
        evaluation=_evaluation_name(node, seen) if seen else "",
    )  # fmt: skip


def _evaluation_name(node: Node, result: CheckResult) -> str:
    """What the evaluation is called that a result is about; empty when it is about none, or gone."""
    if not result.evaluation_id:
        return ""
    try:
        return node.evaluations.get(result.key.project, result.key.name, result.evaluation_id).name
    except PenstockError:
        return ""


def _name(check: Mapping[str, Any]) -> str:
    meta = check.get("meta")
    label = meta.get("label") if isinstance(meta, Mapping) else ""
    return str(check.get("displayName") or check.get("name") or label or "")


def _demand(project: Project, item: str, id: str) -> Any:
    """The check or rule behind an id, as it is defined now."""
    definition = project.items.get(item)
    demands = (*getattr(definition, "rules", ()), *getattr(definition, "checks", ()))
    return next((d for d in demands if id in (d.key, d.name)), None)


def _limits_in_words(demand: Any) -> str:
    """`warns above 0.6, fails above 0.7`, or nothing for a demand without bounds."""
    return ", ".join(map(str, limits_of(demand)))


def _limits(project: Project, store: str, metric_id: str) -> list[Limit]:
    """The lines that the store's checks of a metric draw, each once."""
    drawn = (
        limits_of(c) for c in _judging(project, store) if metric.id_of(getattr(c, "metric", "")) == metric_id
    )
    return list(dict.fromkeys(limit for lines in drawn for limit in lines))


def _judging(project: Project, store: str) -> list[Check]:
    return [c for c in project.evaluation_store(store).checks if c.enabled]


def _judged_metrics(project: Project, store: str) -> list[str]:
    """Data Drift first, then what else the store's checks judge."""
    judged = (metric.id_of(getattr(c, "metric", "")) for c in _judging(project, store))
    return list(dict.fromkeys([DATA_DRIFT, *(m for m in judged if m)]))


def _stores(project: Project, run: ScenarioRun, steps: Sequence[StepRun]) -> list[str]:
    """The evaluation stores that steps of the run name, those that were checked first."""
    checked = (key.rpartition("_")[0].partition(".")[2] for step in steps for key in _output(step))
    named = (item for step in run.definition.get("steps") or () for item in _items(step.get("items") or ()))
    return list(dict.fromkeys(i for i in (*checked, *named) if i in project.evaluation_stores))


def _items(items: Any) -> Iterable[str]:
    listed = [items] if isinstance(items, str) else items
    return (str(i.get("item") or i.get("name") or "") if isinstance(i, Mapping) else str(i) for i in listed)


def _point(evaluation: Evaluation, metric_id: str) -> Point:
    lower, upper = (evaluation.metrics.get(end) for end in metric.bounds(metric_id))
    return Point(
        at=evaluation.created_at, value=evaluation.metrics[metric_id], name=evaluation.name, lower=lower, upper=upper,
        version=labels.version_of(evaluation.labels, evaluation.version),
    )  # fmt: skip


def _remarks_of(node: Node, step: StepRun, seen: Sequence[Checked]) -> Iterator[Remark]:
    bad = [c for c in seen if c.step == step.label and c.verdict is not Verdict.OK]
    for check in bad:
        outcome = Outcome.FAILED if check.verdict is Verdict.ERROR else Outcome.WARNING
        said = check.message or check.verdict
        yield Remark(outcome=outcome, step=step.label, text=f"{check.name} on {check.item}: {said}")
    if not bad and step.outcome in NOT_GOOD and step.outcome is not None:
        said = step.message or f"ended {step.outcome}"
        yield Remark(outcome=step.outcome, step=step.label, text=said)
    for warning in _job_warnings(node, step)[:MOST_JOB_WARNINGS]:
        yield Remark(outcome=Outcome.WARNING, step=step.label, text=warning)


def _job_warnings(node: Node, step: StepRun) -> list[str]:
    found: list[str] = []
    for job in step.jobs:
        for activity in node.runs.activities(job):
            found += [f"recipe {activity.recipe}: {warning}" for warning in activity.warnings]
    return list(dict.fromkeys(found))
