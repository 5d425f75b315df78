"""Views: the nodes of a Flow grouped by one thing, so that a picture can colour them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.core.errors import NotFound
from penstock.core.outcome import Verdict
from penstock.runtime.checks import demands

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project

VIEWS: dict[str, str] = {
    "tags": "Tags", "connection": "Where data lives", "build": "Last build", "checks": "Checks",
}  # fmt: skip
"""What the nodes of a Flow can be coloured by."""


def view(node: Node, project: str, name: str) -> dict[str, str]:
    """One way to look at a Flow: id → the word it is grouped under; what has none is left out. Raises NotFound."""
    ways: dict[str, Any] = {
        "tags": _by_tag,
        "connection": _by_place,
        "build": _by_build,
        "checks": _by_verdict,
    }
    if name not in ways:
        raise NotFound("view", name, among=VIEWS)
    found: dict[str, str] = ways[name](node, node.projects.load(project))
    return found


def _by_tag(node: Node, project: Project) -> dict[str, str]:
    """The first tag: a node has room for one colour."""
    found = {name: item.tags[0] for name, item in project.items.items() if item.tags}
    return found | {f"recipe:{name}": r.tags[0] for name, r in project.recipes.items() if r.tags}


def _by_place(node: Node, project: Project) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, dataset in project.datasets.items():
        connection = str(getattr(dataset, "connection", ""))
        found[name] = connection or ("managed by Penstock" if dataset.MANAGED else dataset.kind_name())
    return found | dict.fromkeys(project.folders, "managed folder")


def _by_build(node: Node, project: Project) -> dict[str, str]:
    now = node.clock.now()
    found: dict[str, str] = {}
    for name, record in node.runs.build_records(project.key).items():
        days = (now - record.built_at).days
        age = "today" if days < 1 else "this week" if days < 7 else "this month" if days < 31 else "earlier"
        found[name] = age if record.success else "failed"
    return {name: word for name, word in found.items() if name in project.items}


def _by_verdict(node: Node, project: Project) -> dict[str, str]:
    wanted = {
        (name, demand.key) for name in project.items for demand in demands(project, name) if demand.enabled
    }
    verdicts: dict[str, list[Verdict]] = {}
    for result in node.metrics.project_results(project.key, last_only=True) if wanted else ():
        if (result.key.name, result.check_id) in wanted:
            verdicts.setdefault(result.key.name, []).append(result.verdict)
    judged = {name: Verdict.worst(given).value for name, given in verdicts.items()}
    return {name: "EMPTY" for name, _ in wanted} | judged
