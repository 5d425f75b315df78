"""Reports of data: the list of datasets and folders; and datasets made from settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from penstock.core import registry, zone
from penstock.core.dataset import Dataset
from penstock.core.errors import Conflict
from penstock.core.files import LocalFiles
from penstock.core.flow import Flow
from penstock.core.names import check_name
from penstock.core.picture import State
from penstock.core.project import file_of
from penstock.runtime import datasets, flow, grids, keeping, views

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project

SOURCE = flow.Standing("source")
COUNTED = grids.Kept(500_000)
"""How many rows there are, as digits."""


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
    is_counted: bool
    """Its rows lie near, so that `rows` can count them when somebody looks."""
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
        sent = LocalFiles(node.data.uploads(project, name)).listed() if _is_sent(dataset) else []
        size = sum(f.size for f in sent) if sent else None
        newest = max((datetime.fromtimestamp(f.modified / 1000, UTC) for f in sent), default=None)
        found.append(Listed(
            name=name, type=loaded.item_type(name), kind=dataset.kind_name() if dataset else "folder",
            title=item.title, short_description=item.short_description, tags=item.tags,
            zone=zone.zone_of(whole, name), rows=snapshot.rows if snapshot else None,
            is_counted=_is_near(loaded, dataset), bytes=snapshot.bytes if snapshot else size,
            columns=len(dataset.columns) if dataset else 0,
            built_at=snapshot.written_at if snapshot else newest, state=standing.state, why=standing.why,
            verdict=verdicts.get(name, ""),
        ))  # fmt: skip
    return found


def rows(node: Node, project: str, name: str) -> int:
    """How many rows a dataset has; counted once for as long as data and settings stay as they are."""
    loaded = node.projects.load(project)
    key = grids.state(node, loaded, name)
    if not key:
        return datasets.count(node, project, name)
    place = (str(node.config.home), project, name, key)
    told, _ = COUNTED.find(place, lambda: str(datasets.count(node, project, name)).encode())
    return int(told)


def _is_sent(dataset: Dataset | None) -> bool:
    return dataset is not None and dataset.kind_name() == "upload"


def _is_near(project: Project, dataset: Dataset | None) -> bool:
    """Whether its rows lie in files of this node."""
    folder = project.folders.get(getattr(dataset, "folder", ""))
    is_local = folder is not None and not folder.connection
    return dataset is not None and (dataset.kind_name() in ("upload", "inline") or is_local)


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
