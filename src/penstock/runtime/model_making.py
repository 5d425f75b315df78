"""Making models: which columns of a dataset can be predicted, and a model with the recipe that trains it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core.errors import ColumnMissing, Conflict, Invalid, NotReady
from penstock.core.model import SavedModel
from penstock.core.names import check_name
from penstock.runtime import datasets, projects, recipes

if TYPE_CHECKING:
    from penstock.core.node import Node

LOOKED_AT = 10_000
"""Rows that tell what sort of prediction a column asks for."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A column that somebody may want to predict."""

    column: str
    task: str
    """binary, multiclass or regression; empty when nothing can be predicted."""
    why: str = ""
    """Why not."""


def guesses(node: Node, project: str, dataset: str) -> list[Guess]:
    """Every column of a dataset with the task that its first rows ask for. Raises what keeps them from being read."""
    table = datasets.first(node, project, dataset, LOOKED_AT)
    return [_guess(table, name) for name in table.column_names]


def create(
    node: Node, project: str, name: str, *, author: str, target: str = "", dataset: str = ""
) -> SavedModel:  # fmt: skip
    """A new model; with a target one that is designed here, and with a dataset the recipe that trains it from there.

    Raises Conflict when the name is taken, InvalidName for one that is none.
    """
    loaded = node.projects.load(project)
    if name == "new" or check_name(name) in {*loaded.items, *loaded.recipes}:
        raise Conflict(f"There is already something called '{name}'.", hint="Choose another name.")
    values: dict[str, Any] = {"design": {"target": target}} if target else {}
    if target and dataset:
        _check_column(node, project, dataset, target)
    made = projects.define(node, project, "model", name, values, author=author)
    assert isinstance(made, SavedModel)
    if dataset:
        recipe = recipes.free_name(node, project, f"train_{name}")
        recipes.create(
            node, project, recipe, {"type": "train", "input": dataset, "model": name}, author=author
        )
    return made


def _guess(table: Any, name: str) -> Guess:
    from penstock.ml import target

    column = table.column(name)
    if column.null_count == len(column):
        return Guess(name, "", "it has no values")
    try:
        return Guess(name, target.prediction_type_of(column, name=name))
    except Invalid:
        return Guess(name, "", f"no model predicts {column.type}")


def _check_column(node: Node, project: str, dataset: str, target: str) -> None:
    try:
        known = datasets.columns(node, project, dataset)
    except NotReady:
        return
    names = [c.name for c in known]
    if target not in names:
        raise ColumnMissing(target, dataset=dataset, near=names)
