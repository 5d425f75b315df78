"""Reports of data: the list of datasets and folders; and datasets made from settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from penstock.core import registry, zone
from penstock.core.dataset import Dataset
from penstock.core.errors import Conflict
from penstock.core.flow import Flow
from penstock.core.names import check_name
from penstock.core.picture import State
from penstock.core.project import file_of
from penstock.runtime import flow, keeping, views

if TYPE_CHECKING:
    from penstock.core.node import Node

SOURCE = flow.Standing("source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A dataset or folder in the list of data."""

    name: str
    type: str
    kind: str
    title: str
    short_description: str
    tags: tuple[str, ...]
    zone: str
    rows: int | None
    """Of a managed dataset; others are not counted to show a list."""
    bytes: int | None
    columns: int
    built_at: datetime | None
    state: State
    why: str
    verdict: str


def listing(node: Node, project: str) -> list[Listed]:
    """Every dataset and folder of the project, by name. Reads no data."""
    loaded = node.projects.load(project)
    whole = Flow.of(loaded)
    standings = flow.standings(node, project)
    verdicts = views.view(node, project, "checks")
    found = []
    for name in sorted([*loaded.datasets, *loaded.folders]):
        dataset = loaded.datasets.get(name)
        snapshot = keeping.seen(node, loaded, name) if dataset is not None and dataset.MANAGED else None
        item = dataset or loaded.folders[name]
        standing = standings.get(name, SOURCE)
        found.append(Listed(
            name=name, type=loaded.item_type(name), kind=dataset.kind_name() if dataset else "folder",
            title=item.title, short_description=item.short_description, tags=item.tags,
            zone=zone.zone_of(whole, name), rows=snapshot.rows if snapshot else None,
            bytes=snapshot.bytes if snapshot else None, columns=len(dataset.columns) if dataset else 0,
            built_at=snapshot.written_at if snapshot else None, state=standing.state, why=standing.why,
            verdict=verdicts.get(name, ""),
        ))  # fmt: skip
    return found


def create(node: Node, project: str, name: str, values: Mapping[str, Any], *, author: str) -> Dataset:
    """A new dataset from settings. Raises Conflict when the name is taken, InvalidDefinition naming the field."""
    loaded = node.projects.load(project)
    if check_name(name) in {*loaded.items, *loaded.recipes}:
        raise Conflict(f"There is already something called '{name}'.", hint="Choose another name.")
    made = registry.parse("datasets", values)
    assert isinstance(made, Dataset)
    node.projects.save(
        project, {file_of("dataset", name): made}, author=author, message=f"Create dataset {name}"
    )
    return made
