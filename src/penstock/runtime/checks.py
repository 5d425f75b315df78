"""Checks and data-quality rules: judge an object, keep what was said, try a definition without keeping anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from penstock.core import registry
from penstock.core.check import Check, CheckResult, Judgement
from penstock.core.errors import Aborted, NotFound, NotReady, PenstockError
from penstock.core.metric import Origin, id_of
from penstock.core.outcome import Verdict
from penstock.core.rule import Rule
from penstock.runtime.measuring import each
from penstock.runtime.subject import Subject, key_of, opened

if TYPE_CHECKING:
    from penstock.core.contexts import Log
    from penstock.core.dataset import Snapshot
    from penstock.core.node import Node
    from penstock.core.project import Project

T = TypeVar("T")
Demand = Check | Rule
"""What can be demanded of an object: a check of its metrics, or a rule on its rows."""


@dataclass(frozen=True, slots=True)
class Latest:
    """A check or rule as it is defined now, and what it said last; None when it was never run."""

    demand: Demand
    name: str
    last: CheckResult | None


def run(
    node: Node,
    project_key: str,
    item: str,
    *,
    checks: Sequence[str] | None = None,
    origin: Origin = "manual",
    run_id: str = "",
    evaluation_id: str = "",
    variables: Mapping[str, Any] | None = None,
) -> list[CheckResult]:
    """Judge an object by its latest values and keep the results: all enabled checks and rules, or those named.

    A store is judged by its latest evaluation unless an id is given. Raises NotFound for an unknown name.
    """
    node.projects.settle(project_key, author=node.config.user)
    project = node.projects.load(project_key)
    chosen = _chosen(demands(project, item), checks, item)
    with opened(node, project, item, evaluation_id=evaluation_id, variables=variables) as subject:
        return _kept(subject, chosen, origin=origin, run_id=run_id)


def test(
    node: Node,
    project_key: str,
    item: str,
    definition: Demand | Mapping[str, Any],
    *,
    family: str = "checks",  # noqa: PT028 - a use case, not a test
    evaluation_id: str = "",  # noqa: PT028
) -> Judgement:
    """What a check (or, with `family="rules"`, a rule) would say now. Nothing is saved, nothing is kept.

    Raises InvalidDefinition for a definition that does not parse.
    """
    project = node.projects.load(project_key)
    demand = registry.parse(family, definition) if isinstance(definition, Mapping) else definition
    assert isinstance(demand, (Check, Rule))
    with opened(node, project, item, evaluation_id=evaluation_id) as subject:
        return judge(subject, [demand])[0]


def after_build(
    node: Node, project: Project, item: str, *, snapshot: Snapshot | None = None, job: str = "",
    log: Log | None = None,
) -> list[CheckResult]:  # fmt: skip
    """Judge an object that was just built by its on-build checks and auto-run rules."""
    chosen = [d for d in demands(project, item) if d.enabled and runs_on_build(d)]
    if not chosen:
        return []
    with opened(node, project, item, log=log.info if log else None) as subject:
        results = _kept(subject, chosen, origin="build", run_id=job)
    for result in results if log else ():
        log.info(f"{result.check_name}: {result.verdict} {result.message}".rstrip())  # type: ignore[union-attr]
    return results


def latest(node: Node, project_key: str, item: str) -> list[Latest]:
    """Every check and rule of an object with its last result, in the order of the definition."""
    return latest_of(node, node.projects.load(project_key), item)


def latest_of(node: Node, project: Project, item: str) -> list[Latest]:
    """The same, of a project that is loaded."""
    last = node.metrics.last_results(key_of(project, item))
    return [Latest(d, name_of(d), last.get(d.key)) for d in demands(project, item)]


def history(node: Node, project_key: str, item: str, check: str = "", *, limit: int = 0) -> list[CheckResult]:
    """What checks and rules said over time, oldest first; one of them by name or id, or all."""
    project = node.projects.load(project_key)
    wanted = _chosen(demands(project, item), [check], item)[0].key if check else ""
    return node.metrics.results(key_of(project, item), wanted, limit=limit)


def demands(project: Project, item: str) -> tuple[Demand, ...]:
    """The rules, then the checks of an object. Raises NotFound for an unknown one."""
    definition = project.item(item)
    return (*getattr(definition, "rules", ()), *definition.checks)


def name_of(demand: Demand) -> str:
    """The name people see."""
    return demand.label() if isinstance(demand, Rule) else demand.name


def judge(subject: Subject, demands: Sequence[Demand]) -> list[Judgement]:
    """What each says of an open object, in order. All rules of a dataset are measured in one query."""
    rules = [d for d in demands if isinstance(d, Rule)]
    measured = _measured(subject, rules)
    return [_judged(d, measured, subject) for d in demands]


def _measured(subject: Subject, rules: Sequence[Rule]) -> dict[int, Mapping[str, Any] | Judgement]:
    """Per rule (by identity) what it asked for, or why that could not be measured."""
    asked = {id(rule): _guarded(partial(_expressions, rule, subject)) for rule in rules}
    expressions = {
        f"{rule}:{key}": expression
        for rule, given in asked.items()
        if not isinstance(given, Judgement)
        for key, expression in given.items()
    }
    values, failed = each(subject, expressions)
    return {
        rule: given if isinstance(given, Judgement) else _values(rule, given, values, failed)
        for rule, given in asked.items()
    }


def _values(
    rule: int, asked: Mapping[str, Any], values: Mapping[str, Any], failed: Mapping[str, PenstockError]
) -> Mapping[str, Any] | Judgement:
    """The measured values of one rule by its own keys, or what to say when one of them failed."""
    broken = next((failed[f"{rule}:{key}"] for key in asked if f"{rule}:{key}" in failed), None)
    return _told(broken) if broken else {key: values[f"{rule}:{key}"] for key in asked}


def _expressions(rule: Rule, subject: Subject) -> Mapping[str, Any]:
    if type(rule).expressions is Rule.expressions:
        return {}
    return rule.expressions(subject.table, subject)


def _judged(demand: Demand, measured: Mapping[int, Any], subject: Subject) -> Judgement:
    if isinstance(demand, Check):
        return _guarded(lambda: demand.judge(subject))
    values = measured[id(demand)]
    return values if isinstance(values, Judgement) else _guarded(lambda: demand.judge(values, subject))


def _guarded(work: Callable[[], T]) -> T | Judgement:
    """What the work gives, or what to say when it fails; only Aborted passes."""
    try:
        return work()
    except Aborted:
        raise
    except PenstockError as error:
        return _told(error)


def _told(error: PenstockError) -> Judgement:
    """EMPTY when there is nothing to judge yet, ERROR with the reason otherwise."""
    return Judgement(Verdict.EMPTY if isinstance(error, NotReady) else Verdict.ERROR, error.message)


def _kept(subject: Subject, demands: Sequence[Demand], *, origin: Origin, run_id: str) -> list[CheckResult]:
    evaluation = subject.evaluation.id if subject.evaluation else ""
    now = subject.node.clock.now()
    results = [
        CheckResult(
            key=subject.key, check_id=demand.key, check_name=name_of(demand), check_type=demand.kind_name(),
            verdict=judgement.verdict, message=judgement.message, observed=judgement.observed, computed_at=now,
            metric_id=id_of(getattr(demand, "metric", "")), origin=origin, run_id=run_id, evaluation_id=evaluation,
        )
        for demand, judgement in zip(demands, judge(subject, demands), strict=True)
    ]  # fmt: skip
    subject.node.metrics.add_results(results)
    return results


def _chosen(demands: Sequence[Demand], names: Sequence[str] | None, item: str) -> list[Demand]:
    """Those that are enabled, or those named (by name or id), enabled or not."""
    if names is None:
        return [d for d in demands if d.enabled]
    known = {name: d for d in demands for name in (name_of(d), d.key)}
    for name in names:
        if name not in known:
            raise NotFound("check", name, among=known, where=item)
    return [d for d in demands if {name_of(d), d.key} & set(names)]


def runs_on_build(demand: Demand) -> bool:
    """Whether every build of the object judges it by itself."""
    return demand.auto_run if isinstance(demand, Rule) else demand.on_build
