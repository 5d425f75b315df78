"""Statuses: of a dataset, of a project's data, of a project's models. Always the worst of what counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.core.check import CheckResult
from penstock.core.outcome import Verdict
from penstock.runtime.checks import demands
from penstock.runtime.subject import key_of

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project


@dataclass(frozen=True, slots=True)
class Status:
    """The worst of some results. `verdict` is None when nothing was computed yet."""

    verdict: Verdict | None
    results: tuple[CheckResult, ...]
    """The latest result of every check and rule that counts."""

    @property
    def unhealthy(self) -> tuple[CheckResult, ...]:
        """What is not OK, the errors first."""
        worst_first = sorted(self.results, key=lambda r: r.verdict is not Verdict.ERROR)
        return tuple(r for r in worst_first if r.verdict in (Verdict.ERROR, Verdict.WARNING))


def of_item(node: Node, project_key: str, item: str) -> Status:
    """The worst latest result of the enabled checks and rules of an object."""
    return _worst(_latest(node, node.projects.load(project_key), item))


def of_data(node: Node, project_key: str) -> Status:
    """The data status of a project: the worst of its monitored datasets."""
    project = node.projects.load(project_key)
    return _worst(r for name in monitored(project) for r in _latest(node, project, name))


def of_models(node: Node, project_key: str, model: str = "") -> Status:
    """The model status of a project, or of one of its models: the worst latest check of every evaluation store
    that an evaluation of a saved model feeds. A store without a model, or never checked, contributes nothing."""
    project = node.projects.load(project_key)
    return _worst(r for name in fed_stores(project, model) for r in _latest(node, project, name))


def monitored(project: Project) -> list[str]:
    """The datasets whose status counts for the project: those that say so, else those with a rule or check."""
    return [
        name
        for name, dataset in project.datasets.items()
        if (bool(demands(project, name)) if dataset.monitored is None else dataset.monitored)
    ]


def fed_stores(project: Project, model: str = "") -> list[str]:
    """Evaluation stores written by a recipe that reads a saved model (this one, or any)."""
    models = {model} if model else set(project.models)
    feeding = [recipe for recipe in project.recipes.values() if models & set(recipe.reads)]
    written = {name for recipe in feeding for name in recipe.writes}
    return [store for store in project.evaluation_stores if store in written]


def _latest(node: Node, project: Project, item: str) -> Iterable[CheckResult]:
    last = node.metrics.last_results(key_of(project, item))
    return [last[d.key] for d in demands(project, item) if d.enabled and d.key in last]


def _worst(results: Iterable[CheckResult]) -> Status:
    found = tuple(results)
    return Status(Verdict.worst(r.verdict for r in found) if found else None, found)
