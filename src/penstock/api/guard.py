"""What is asked before a use case: who, may they, is it still as they saw it; and what they may see of its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from penstock.api import answers
from penstock.api.cases import case
from penstock.api.route import Route
from penstock.core.access import Identity
from penstock.core.errors import NotFound
from penstock.core.node import Node
from penstock.http import etags, who
from penstock.runtime import people

BY_PROJECT: Mapping[str, Callable[[Any], str]] = {
    "projects.keys": lambda key: str(key), "projects.summaries": lambda project: str(project.key),
}  # fmt: skip
"""Lists over all projects → whose each line is; people see the lines of projects they may know of."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and the words of the path."""

    who: Identity
    words: Mapping[str, str]


def check(node: Node, request: Request, route: Route, words: Mapping[str, str]) -> Identity:
    """Who asks, once they may. Raises NotSignedIn, NotAllowed, or NotFound for what they may not know of."""
    project = words.get("project", "") or _project_of(node, request, words)
    try:
        asks = who.require(request, node, route.permission, project)
    except NotFound as hidden:
        thing = next(((w, words[w]) for w in ("job", "run") if w in words), None)
        raise (NotFound(*thing) if thing else hidden) from None
    who.check_form(request, asks)
    return asks


def check_unchanged(node: Node, request: Request, route: Route, settings: Mapping[str, Any]) -> None:
    """Raise ChangedMeanwhile when what is written is not what the caller saw (`If-Match`, `If-None-Match: *`)."""
    if not (route.writes and etags.has_condition(request)):
        return
    twin = answers.twin(route)
    if twin is None:
        etags.refuse(request)
        return
    etags.check(request, _now(node, twin, settings), sent=settings.get(route.whole))


def visible(node: Node, asked: Asked, route: Route, found: Any) -> Any:
    """What somebody may see of an answer."""
    if route.verb in BY_PROJECT:
        mine = set(people.visible(node, asked.who))
        return [line for line in found if BY_PROJECT[route.verb](line) in mine]
    return found


def _project_of(node: Node, request: Request, words: Mapping[str, str]) -> str:
    """The project of a job or run that is named alone. Nobody learns whether it exists before saying who they are."""
    if not {"job", "run"} & set(words) or not who.identify(request, node).is_known:
        return ""
    if "job" in words:
        return node.runs.job(words["job"]).project
    return node.scenario_runs.run(words["run"]).project if "run" in words else ""


def _now(node: Node, twin: Route, settings: Mapping[str, Any]) -> bytes | None:
    """What a reader would get now; None when there is nothing."""
    reader = case(twin.verb)
    names = {a.name for a in reader.arguments}
    try:
        found = reader.function(node, **{name: value for name, value in settings.items() if name in names})
    except NotFound:
        return None
    return answers.encoded(reader, found)
