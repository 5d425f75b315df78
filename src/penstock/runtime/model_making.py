"""Making models: which columns of a dataset can be predicted, a model with the recipe that trains it, and what its
design makes of every column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core.errors import ColumnMissing, Conflict, Invalid, NotFound, NotReady, PenstockError
from penstock.core.model import SavedModel
from penstock.core.names import check_name
from penstock.core.schema import column_type
from penstock.runtime import datasets, projects, recipes

if TYPE_CHECKING:
    from penstock.core.design import Design
    from penstock.core.node import Node

MANY = 50
"""More classes than this are remarked on: a classifier refuses them."""
DENIALS = frozenset({"n", "no", "non", "nein", "nee", "nej", "não", "false", "faux", "falsch"})
"""Words for an outcome that did not come; of two classes the other one is what people ask for."""
WORDS = {
    "date": "dates", "datetime": "points in time", "datetime_tz": "points in time", "array": "lists",
    "map": "nested values", "object": "nested values", "string": "values of this kind",
}  # fmt: skip
"""Types that no model predicts, for people."""
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
    remark: str = ""
    """What makes one doubt whether it is worth predicting."""


def guesses(node: Node, project: str, dataset: str) -> list[Guess]:
    """Every column of a dataset with the task that its first rows ask for. Raises what keeps them from being read."""
    table = datasets.first(node, project, dataset, LOOKED_AT)
    return [_guess(table, name) for name in table.column_names]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of what a model learns from, or one that only its design knows."""

    name: str
    usual: str = ""
    """numeric, category or datetime: what it is taken for when the design says nothing."""
    why_not: str = ""
    """Why it is left out when the design says nothing."""
    empty: float = 0.0
    """The share of empty cells."""
    values: int = 0
    """How many different ones there are."""
    is_there: bool = True


def columns(node: Node, project: str, dataset: str, design: Design | None) -> list[Column]:
    """The columns of the rows a design learns from, as its first rows are; then those it names that are not there.

    Raises what keeps the rows from being read.
    """
    table = datasets.first(node, project, dataset, LOOKED_AT)
    found = [_column(table, name) for name in table.column_names]
    named = design.features if design else {}
    return [*found, *(Column(name=n, is_there=False) for n in named if n not in table.column_names)]


def classes(node: Node, project: str, dataset: str, target: str) -> list[str]:
    """The two classes of a column as its first rows have them; none when there are others, or no rows yet."""
    from penstock.ml import target as targets

    try:
        column = datasets.first(node, project, dataset, LOOKED_AT).column(target).drop_null()
        if targets.prediction_type_of(column, name=target) != "binary":
            return []
        return [targets.text_of(one) for one in targets.classes_of(column, name=target)]
    except (PenstockError, KeyError):
        return []


def wanted(classes: Sequence[str]) -> str:
    """The class to ask for when the last in order says no, such as `ja` of ja and nein; empty: the last will do."""
    if len(classes) != 2 or classes[-1].strip().lower() not in DENIALS:
        return ""
    return classes[0]


def check(node: Node, project: str, name: str) -> None:
    """Raise ColumnMissing when the design of a model names a column that its train rows do not have; rows that are
    not there yet are no flaw."""
    from penstock.ml import design as designs

    loaded = node.projects.load(project)
    design = loaded.model(name).design
    source = next((next(iter(r.reads), "") for r in loaded.recipes.values() if name in r.writes), "")
    if design is None or not source:
        return
    try:
        known = datasets.columns(node, project, source)
    except (NotReady, NotFound):
        return
    designs.require(design, [c.name for c in known], source)


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
        positive = wanted(classes(node, project, dataset, target))
        values = {"design": {"target": target, **({"positive": positive} if positive else {})}}
    made = projects.define(node, project, "model", name, values, author=author)
    assert isinstance(made, SavedModel)
    if dataset:
        recipe = recipes.free_name(node, project, f"train_{name}")
        recipes.create(
            node, project, recipe, {"type": "train", "input": dataset, "model": name}, author=author
        )
    return made


def _column(table: Any, name: str) -> Column:
    from penstock.ml import design as designs

    cells = table.column(name)
    handling = designs.default_handling(cells)
    why = (
        "nothing a model can learn from"
        if handling is None
        else _why_not(designs.worth_learning(cells), cells)
    )
    return Column(
        name=name, usual=handling.type if handling else "", why_not=why,
        empty=cells.null_count / len(cells) if len(cells) else 0.0,
        values=len(cells.drop_null().unique()) if handling else 0,
    )  # fmt: skip


def _why_not(is_worth: bool, cells: Any) -> str:
    if is_worth:
        return ""
    from penstock.ml import design as designs

    if designs.numbers_rows(cells):
        return "numbers the rows"
    return "one value only" if len(cells.drop_null().unique()) < 2 else "nearly all different"


def _guess(table: Any, name: str) -> Guess:
    from penstock.ml import target

    column = table.column(name)
    if column.null_count == len(column):
        return Guess(name, "", "it has no values")
    try:
        task = target.prediction_type_of(column, name=name)
    except Invalid:
        kind = column_type(str(column.type))
        return Guess(name, "", f"no model predicts {WORDS.get(kind, kind)}")
    return _doubted(column, name, task)


def _doubted(column: Any, name: str, task: str) -> Guess:
    """The guess, unless a class is on one row only; with a remark on what looks like an id."""
    from penstock.ml import design as designs

    cells = column.drop_null()
    rows, values = len(cells), len(cells.unique())
    if task == "multiclass" and values == rows and rows > 2:
        return Guess(name, "", "an id: each row has a value of its own")
    if task == "multiclass" and values > MANY:
        return Guess(name, task, remark=f"{values:,} classes")
    if task == "regression" and designs.numbers_rows(cells):
        return Guess(name, task, remark="looks like an id: it numbers the rows")
    return Guess(name, task)


def _check_column(node: Node, project: str, dataset: str, target: str) -> None:
    try:
        known = datasets.columns(node, project, dataset)
    except NotReady:
        return
    names = [c.name for c in known]
    if target not in names:
        raise ColumnMissing(target, dataset=dataset, near=names)
