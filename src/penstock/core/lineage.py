"""Column lineage: which columns a column is made of, and what is made of it: values, not filters and keys. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field

from penstock.core.errors import PenstockError
from penstock.core.kind import Definition
from penstock.core.names import Name
from penstock.core.schema import Schema

if TYPE_CHECKING:
    from penstock.core.project import Project

LINEAGE_FILE = "flow/lineage.yaml"
MOST = 100
"""Datasets that one look follows."""


class ColumnOfDataset(Definition):
    """A column, wherever it is."""

    dataset: Name = Field(description="The dataset; of another project as KEY.name.")
    column: str = Field(description="Its column.")

    def __str__(self) -> str:
        return f"{self.dataset}.{self.column}"


class Lineage(Definition):
    """`flow/lineage.yaml`: what people know of the origin of columns, where the Flow cannot tell.

    Example:
        known:
          routes:
            distance: [{dataset: flights, column: air_time}]
    """

    known: dict[Name, dict[str, tuple[ColumnOfDataset, ...]]] = Field(
        default_factory=dict,
        description="Dataset → column → the columns it is made of, in place of what we find; none = of no column.",
    )
    only_known: tuple[Name, ...] = Field(
        default=(), description="Datasets of which nothing is guessed: only what is told here counts."
    )

    def renamed(self, old: str, new: str) -> Lineage:
        """The same with another name for a dataset."""
        known = {
            new if dataset == old else dataset: {
                column: tuple(o.changed(dataset=new) if o.dataset == old else o for o in origins)
                for column, origins in columns.items()
            }
            for dataset, columns in self.known.items()
        }
        return self.changed(known=known, only_known=[new if n == old else n for n in self.only_known])


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    """One column of an output that is made of one column of an input."""

    source: str
    source_column: str
    target: str
    target_column: str
    recipe: str
    sure: bool = True
    """It follows from the recipe's settings, or a person said so; False: only the names are the same."""
    told: bool = False
    """A person said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnLineage:
    """The way of one column, both ways."""

    dataset: str
    column: str
    upstream: Sequence[Relation] = ()
    """What it is made of, nearest first."""
    downstream: Sequence[Relation] = ()
    """What is made of it, nearest first."""
    cut: int = 0
    """Datasets further on that were left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedDescription:
    """Words for a column that has none: those of the one column it is a copy of."""

    dataset: str
    column: str
    description: str
    of: ColumnOfDataset


def by_name(
    recipe: str,
    reads: Iterable[str],
    writes: Iterable[str],
    schemas: Mapping[str, Schema],
    *,
    sure: bool = False,
) -> list[Relation]:
    """Columns of the outputs that have the name of a column of an input."""
    inputs = [(name, {c.name for c in schemas.get(name, ())}) for name in reads]
    return [
        Relation(source, column.name, target, column.name, recipe, sure)
        for target in writes for column in schemas.get(target, ())
        for source, columns in inputs if column.name in columns
    ]  # fmt: skip


def of_recipe(project: Project, name: str, schemas: Mapping[str, Schema]) -> list[Relation]:
    """What one recipe makes of which column. People's words go over what the recipe says, column by column."""
    recipe, told = project.recipes[name], project.lineage
    try:
        found = recipe.lineage(name, schemas)
    except (KeyError, PenstockError):
        found = by_name(name, recipe.reads, recipe.writes, schemas)
    return [
        *(r for r in found if r.target not in told.only_known and r.target_column not in told.known.get(r.target, ())),
        *(
            Relation(origin.dataset, origin.column, output, column, name, told=True)
            for output in recipe.writes for column, origins in told.known.get(output, {}).items()
            for origin in origins
        ),
    ]  # fmt: skip


def of_project(project: Project, schemas: Mapping[str, Schema]) -> list[Relation]:
    """Every relation of the Flow."""
    return [relation for name in project.recipes for relation in of_recipe(project, name, schemas)]


def trace(
    relations: Iterable[Relation], dataset: str, column: str, *, up: bool, most: int = MOST
) -> tuple[list[Relation], int]:
    """The relations behind a column (or before it), nearest first, each once; and how many datasets were left out
    beyond `most`."""
    steps: dict[tuple[str, str], list[Relation]] = {}
    for relation in relations:
        steps.setdefault(_near(relation, up), []).append(relation)
    found: list[Relation] = []
    seen, datasets, cut = {(dataset, column)}, {dataset}, set[str]()
    waiting = [(dataset, column)]
    for here in waiting:
        for relation in sorted(steps.get(here, ())):
            there = _far(relation, up)
            if there[0] not in datasets and len(datasets) > most:
                cut.add(there[0])
                continue
            datasets.add(there[0])
            found.append(relation)
            if there not in seen:
                seen.add(there)
                waiting.append(there)
    return found, len(cut)


def proposals(relations: Iterable[Relation], schemas: Mapping[str, Schema]) -> list[ProposedDescription]:
    """Descriptions for columns without one that are, for sure, made of a single column under the same name which has
    one. Nothing is written over."""
    words = {(d, c.name): c.description for d, columns in schemas.items() for c in columns}
    made: dict[tuple[str, str], list[Relation]] = {}
    for relation in relations:
        made.setdefault((relation.target, relation.target_column), []).append(relation)
    found: dict[tuple[str, str], ProposedDescription] = {}
    again = True
    while again:
        again = False
        for (dataset, column), origins in made.items():
            only = origins[0]
            said = words.get((only.source, only.source_column), "")
            if len(origins) > 1 or not only.sure or only.source_column != column or not said:
                continue
            if words.get((dataset, column)) == "":
                words[dataset, column] = said
                of = ColumnOfDataset(dataset=only.source, column=only.source_column)
                found[dataset, column] = ProposedDescription(
                    dataset=dataset, column=column, description=said, of=of
                )
                again = True
    return list(found.values())


def _near(relation: Relation, up: bool) -> tuple[str, str]:
    return (relation.target, relation.target_column) if up else (relation.source, relation.source_column)


def _far(relation: Relation, up: bool) -> tuple[str, str]:
    return _near(relation, not up)
