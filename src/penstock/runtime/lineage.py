"""Column lineage: what a column is made of and goes into, over projects; what people know of it; words for columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from penstock.core import lineage
from penstock.core.errors import ColumnMissing, NotAllowed, NotFound, Refused
from penstock.core.lineage import (
    LINEAGE_FILE,
    MOST,
    ColumnLineage,
    ColumnOfDataset,
    Lineage,
    ProposedDescription,
    Relation,
)
from penstock.core.schema import Schema
from penstock.runtime import datasets

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project


def of_column(node: Node, project: str, dataset: str, column: str, *, most: int = MOST) -> ColumnLineage:
    """Where a column comes from and where it goes, also through other projects that share datasets with this one, as
    far as the caller may read them. Raises NotFound, ColumnMissing with the nearest name."""
    loaded = node.projects.load(project)
    check_column(node, loaded, dataset, column)
    found, here = _relations(node, loaded), _whole(project, dataset)
    up, cut_up = lineage.trace(found, here, column, up=True, most=most)
    down, cut_down = lineage.trace(found, here, column, up=False, most=most)
    return ColumnLineage(
        dataset=dataset, column=column, cut=cut_up + cut_down,
        upstream=[_seen_from(project, r) for r in up], downstream=[_seen_from(project, r) for r in down],
    )  # fmt: skip


def of_dataset(node: Node, project: str, dataset: str) -> list[Relation]:
    """What each column of a dataset is made of, one recipe back."""
    loaded = node.projects.load(project)
    loaded.dataset(dataset)
    maker = loaded.producer(dataset)
    found = lineage.of_recipe(loaded, maker, schemas(node, loaded)) if maker else []
    return [relation for relation in found if relation.target == dataset]


def tell(
    node: Node, project: str, dataset: str, column: str, origins: Sequence[Mapping[str, str]] | None, *, author: str
) -> Lineage:  # fmt: skip
    """Write down what a column is made of: `[{"dataset": …, "column": …}]` of the recipe's inputs, in place of what is
    found; None forgets it. Raises Refused for a dataset that no recipe writes, NotFound, ColumnMissing."""
    loaded = node.projects.load(project)
    check_column(node, loaded, dataset, column)
    reads = _reads(loaded, dataset)
    named = [ColumnOfDataset(**origin) for origin in origins or ()]
    for one in named:
        if one.dataset not in reads:
            raise NotFound("input", one.dataset, among=reads, where=f"the recipe that writes {dataset}")
        check_column(node, loaded, one.dataset, one.column)
    known = {**loaded.lineage.known, dataset: {**loaded.lineage.known.get(dataset, {}), column: tuple(named)}}
    if origins is None:
        del known[dataset][column]
        known = {name: columns for name, columns in known.items() if columns}
    return _save(
        node, loaded, loaded.lineage.changed(known=known), f"Tell where {dataset}.{column} comes from", author
    )


def trust(node: Node, project: str, dataset: str, *, guess: bool, author: str) -> Lineage:
    """Whether origins of a dataset's columns are found by Penstock, or only those count that people told."""
    loaded = node.projects.load(project)
    _reads(loaded, dataset)
    only = set(loaded.lineage.only_known) - {dataset} | (set() if guess else {dataset})
    word = "Find" if guess else "Only tell"
    return _save(
        node, loaded, loaded.lineage.changed(only_known=sorted(only)), f"{word} origins in {dataset}", author
    )


def proposals(node: Node, project: str) -> list[ProposedDescription]:
    """Descriptions for columns without one, taken from the column they are a copy of."""
    loaded = node.projects.load(project)
    there = schemas(node, loaded)
    own = [
        p for p in lineage.proposals(lineage.of_project(loaded, there), there) if p.dataset in loaded.datasets
    ]
    return sorted(own, key=lambda p: (p.dataset, p.column))


def accept(
    node: Node, project: str, columns: Sequence[Mapping[str, str]] | None = None, *, author: str
) -> int:
    """Write proposed descriptions into their datasets: of these `{"dataset", "column"}`, or all. How many."""
    wanted = None if columns is None else {(one["dataset"], one["column"]) for one in columns}
    chosen = [p for p in proposals(node, project) if wanted is None or (p.dataset, p.column) in wanted]
    for dataset in dict.fromkeys(p.dataset for p in chosen):
        words = {p.column: p.description for p in chosen if p.dataset == dataset}
        there = datasets.known_columns(node, node.projects.load(project), dataset)
        described = [c.changed(description=words.get(c.name, c.description)) for c in there]
        datasets.describe(
            node,
            project,
            dataset,
            described,
            author=author,
            message=f"Describe columns of {dataset} as upstream",
        )
    return len(chosen)


def schemas(node: Node, project: Project) -> dict[str, Schema]:
    """Every dataset that the project has or reads → its columns, as far as they are known without reading rows."""
    foreign = [name for name in project.foreign if project.item_type(name) == "dataset"]
    return {name: datasets.known_columns(node, project, name) for name in (*project.datasets, *foreign)}


def check_column(node: Node, project: Project, dataset: str, column: str) -> None:
    """Raise NotFound or ColumnMissing, with the nearest name, unless there is such a column."""
    project.dataset(dataset)
    names = [c.name for c in datasets.known_columns(node, project, dataset)]
    if column not in names:
        raise ColumnMissing(column, dataset=dataset, near=names)


def _reads(project: Project, dataset: str) -> tuple[str, ...]:
    project.dataset(dataset)
    maker = project.producer(dataset)
    if maker is None:
        raise Refused(f"No recipe writes {dataset}: its columns come from outside.")
    return project.recipes[maker].reads


def _relations(node: Node, first: Project) -> list[Relation]:
    """The relations of a project and of all it shares with, or reads from; every dataset as KEY.name."""
    found: list[Relation] = []
    waiting, seen = [first], {first.key}
    for project in waiting:
        made = lineage.of_project(project, schemas(node, project))
        found += [
            replace(r, source=_whole(project.key, r.source), target=_whole(project.key, r.target))
            for r in made
        ]
        for key in _neighbours(project) - seen:
            seen.add(key)
            try:
                waiting.append(node.projects.load(key))
            except (NotAllowed, NotFound):  # what one may not see is not followed
                continue
    return found


def _neighbours(project: Project) -> set[str]:
    owners = {name.partition(".")[0] for name in project.foreign}
    return owners | {key for share in project.settings.shared for key in share.projects}


def _whole(project: str, dataset: str) -> str:
    return dataset if "." in dataset else f"{project}.{dataset}"


def _seen_from(project: str, relation: Relation) -> Relation:
    own = f"{project}."
    return replace(
        relation, source=relation.source.removeprefix(own), target=relation.target.removeprefix(own)
    )


def _save(node: Node, project: Project, changed: Lineage, message: str, author: str) -> Lineage:
    if changed != project.lineage:
        node.projects.save(project.key, {LINEAGE_FILE: changed}, author=author, message=message)
    return changed
