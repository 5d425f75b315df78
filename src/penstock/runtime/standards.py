"""Project standards of the node: which hold, what they find in a project, what they found last."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from penstock.core import registry, standard
from penstock.core.outcome import Outcome
from penstock.core.standard import (
    Finding,
    ProjectFacts,
    StandardResult,
    Standards,
    StandardsReport,
)
from penstock.runtime import audit, lineage, project_wiki, wiki

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project


def settings(node: Node) -> Standards:
    """Which standards hold for which projects: what was chosen, else every kind there is, for all."""
    return node.standards.chosen() or Standards(standards=standard.library())


def choose(node: Node, standards: Mapping[str, Any] | None, *, by: str = "") -> Standards:
    """Choose which standards hold; None: every kind there is again. Raises InvalidDefinition."""
    chosen = registry.validate(Standards, standards) if standards is not None else None
    node.standards.choose(chosen)
    audit.note(node, "standards-change", by=by)
    return settings(node)


def run(node: Node, project: str, *, by: str = "") -> StandardsReport:
    """Judge a project by the standards that hold for it, and keep the report in place of the one before."""
    report = judge(node, project, by=by)
    node.standards.keep(project, {**report.facts(), "by": by})
    return report


def report(node: Node, project: str) -> StandardsReport | None:
    """What the standards found when somebody last asked; None when nobody did."""
    node.projects.path(project)
    kept = node.standards.last(project)
    return _read(project, kept) if kept is not None else None


def judge(node: Node, project: str, *, by: str = "") -> StandardsReport:
    """The same as `run`, but nothing is kept."""
    loaded = node.projects.load(project)
    scope, held = settings(node).of(loaded)
    found = facts(node, loaded)
    saves = node.projects.history(project, limit=1)
    return StandardsReport(
        project=project, scope=scope, at=node.clock.now(), commit=saves[0].id if saves else "", by=by,
        results=tuple(standard.judged(one, found) for one in held),
    )  # fmt: skip


def facts(node: Node, project: Project) -> ProjectFacts:
    """What standards look at, of one project as it is now."""
    texts = node.projects.texts(project.key, wiki.FOLDER)
    return ProjectFacts(
        project=project, role=node.config.role, schemas=lineage.schemas(node, project),
        articles={name: text.decode(errors="replace") for name, text in texts.items()},
        untrue=project_wiki.untrue(node, project.key),
        outcomes=_outcomes(node, project), deployments=_deployments(node, project.key),
        connections=frozenset(node.connections.names()),
    )  # fmt: skip


def _outcomes(node: Node, project: Project) -> dict[str, Outcome]:
    last = {
        name: node.scenario_runs.runs(project.key, name, finished=True, limit=1) for name in project.scenarios
    }
    return {name: runs[0].outcome for name, runs in last.items() if runs and runs[0].outcome is not None}


def _deployments(node: Node, project: str) -> dict[str, Collection[str]]:
    made = {name: node.deployer.get("deployment", name) for name in node.deployer.names("deployment")}
    return {
        name: [] if one.settings.triggers_off else [s for s, is_on in one.settings.scenarios.items() if is_on]
        for name, one in made.items() if one.published == project and one.enabled
    }  # fmt: skip


def _read(project: str, kept: Mapping[str, Any]) -> StandardsReport:
    results = tuple(
        StandardResult(**{**result, "findings": tuple(Finding(**one) for one in result["findings"])})
        for result in kept["results"]
    )
    return StandardsReport(
        project=project, scope=kept["scope"], at=datetime.fromisoformat(kept["at"]), commit=kept["commit"],
        by=kept.get("by", ""), results=results,
    )  # fmt: skip
