"""The monitoring zone of an endpoint, made in one go: its log, Evaluate, a store with a drift check; labels by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core import registry
from penstock.core.errors import ColumnMissing, Conflict, Refused
from penstock.core.evaluation import EvaluationStore
from penstock.core.project import ZONES_FILE, Zone, file_of
from penstock.core.service import Endpoint
from penstock.runtime import datasets

if TYPE_CHECKING:
    from penstock.core.kind import Definition
    from penstock.core.node import Node
    from penstock.core.project import Project

COLOUR = "#8b5cf6"
SOFT, HARD = 0.7, 0.8
"""Limits of the drift score: 0.5 is none, 1 is another world."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringZone:
    """What the wizard made."""

    zone: str
    log: str
    recipe: str
    store: str
    joined: str = ""
    """The log with labels; empty without."""
    join: str = ""


def create(
    node: Node, project: str, service: str, endpoint: str, *, author: str, labels: str = "", key: str = "",
    label_key: str = "",
) -> MonitoringZone:  # fmt: skip
    """A zone that evaluates what an endpoint answered: the log dataset, an Evaluate recipe, a store with a drift check.

    With a dataset of `labels`, they are joined by `key`: a field of the query's context, or a feature; `label_key` is
    its column there. What has no label yet counts for drift only. Raises Conflict when there is such a zone already.
    """
    loaded = node.projects.load(project)
    asked = loaded.service(service).endpoint(endpoint)
    if not asked.MODEL:
        raise Refused(f"Endpoint {endpoint} answers with no model, so that there is nothing to evaluate.")
    if asked.FORECASTS:
        raise Refused(
            f"Endpoint {endpoint} forecasts: its answers have no row to compare with the train data.",
            hint="Join the forecasts of the log with what came, and check their errors with metrics.",
        )
    names = _names(loaded, service, endpoint, labelled=bool(labels))
    files = {file_of("dataset", names.log): registry.parse("datasets", _log(service, endpoint))}
    if labels:
        _check_label(node, loaded, asked, labels, label_key or key)
        joined = registry.parse(
            "datasets", {"type": "managed", "short_description": "Answers with their labels."}
        )
        files[file_of("dataset", names.joined)] = joined
        files[file_of("recipe", names.join)] = registry.parse(
            "recipes", _join(names, labels, key, label_key or key)
        )
    files[file_of("recipe", names.recipe)] = registry.parse(
        "recipes", _evaluate(names, asked, truth=bool(labels))
    )
    definitions: dict[str, Definition | str | bytes | None] = {**files}
    definitions[file_of("evaluation_store", names.store)] = registry.validate(
        EvaluationStore, _store(endpoint)
    )
    items = tuple(name for name in (names.log, names.joined, names.store) if name)
    zone = Zone(color=COLOUR, items=items)
    zones = {**loaded.zones.zones, names.zone: zone}
    definitions[ZONES_FILE] = loaded.zones.changed(zones=zones)
    node.projects.save(
        project, definitions, author=author, message=f"Monitor endpoint {endpoint} of service {service}"
    )
    return names


def _names(project: Project, service: str, endpoint: str, *, labelled: bool) -> MonitoringZone:
    base = f"{service}_{endpoint}"
    found = MonitoringZone(
        zone=f"monitor_{base}", log=f"{base}_log", recipe=f"evaluate_{base}", store=f"mes_{base}",
        joined=f"{base}_labelled" if labelled else "", join=f"join_{base}" if labelled else "",
    )  # fmt: skip
    taken = {*project.items, *project.recipes, *project.zones.zones}
    clash = next(
        (n for n in (found.zone, found.log, found.recipe, found.store, found.joined) if n in taken), ""
    )
    if clash:
        raise Conflict(
            f"There is '{clash}' already: this endpoint is monitored.", hint="Open its zone in the Flow."
        )
    return found


def _log(service: str, endpoint: str) -> Mapping[str, Any]:
    says = f"What endpoint {endpoint} answered, as API nodes tell."
    return {"type": "api_log", "service": service, "endpoint": endpoint, "short_description": says}


def _evaluate(names: MonitoringZone, endpoint: Endpoint, *, truth: bool) -> Mapping[str, Any]:
    return {
        "type": "evaluate", "input": names.joined or names.log, "model": getattr(endpoint, "model", ""),
        "store": names.store, "api_node_logs": True, "skip_scoring": True, "skip_performance": not truth,
        "short_description": "How the queries of production differ from what the model learned.",
    }  # fmt: skip


def _join(names: MonitoringZone, labels: str, key: str, label_key: str) -> Mapping[str, Any]:
    left = key if "." in key else f"message.context.{key}"
    return {
        "type": "join", "output": names.joined,
        "inputs": [
            {"dataset": names.log},
            {"dataset": labels, "how": "left", "on": [{"left": left, "right": label_key}]},
        ],
    }  # fmt: skip


def _store(endpoint: str) -> Mapping[str, Any]:
    check = {
        "type": "numeric_range",
        "name": "Data Drift",
        "metric": "drift:DATA_DRIFT",
        "soft_maximum": SOFT,
        "maximum": HARD,
    }
    says = f"Evaluations of what endpoint {endpoint} answered."
    return {"short_description": says, "displayed_metrics": ["drift:DATA_DRIFT"], "checks": [check]}


def _check_label(node: Node, project: Project, endpoint: Endpoint, labels: str, key: str) -> None:
    """Raise ColumnMissing unless the labels have the key and the target of the model."""
    columns = [c.name for c in project.dataset(labels).columns or datasets.columns(node, project.key, labels)]
    home, model = project.home_of(str(getattr(endpoint, "model", "")))
    target = node.models.version(home, model).target
    for name in (key, target):
        if name not in columns:
            raise ColumnMissing(name, dataset=labels, near=columns, needed_by="Labels")
